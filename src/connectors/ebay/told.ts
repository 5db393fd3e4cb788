import * as z from 'zod'
import type { Gate } from '../http/gate.ts'
import { trackingKey } from './carriers.ts'

export interface Parcel {
  readonly carrier: string
  readonly number: string
}

/** Packages of one order that were told lately, by line. */
export interface Told {
  of(lineId: string): readonly Parcel[]
  /** Writes down at once what stands on these lines now: another process may be the next to tell of this order. */
  add(lineIds: readonly string[], parcels: readonly Parcel[]): Promise<void>
}

/** Longer than eBay's reads lag behind its writes. */
const KEPT_MS = 30 * 60_000

const note = z.record(z.string(), z.array(z.object({ carrier: z.string(), number: z.string() })))

/**
 * A read right after CompleteSale may not show its package yet. Since the call replaces what is there, the next package of the order would
 * delete that one; so what was told is remembered until every read shows it. Each order has a note of its own: processes that tell of different
 * orders at once do not write over each other's.
 */
export async function recallTold({ shared, clock }: Gate, orderId: string): Promise<Told> {
  const name = `told ${orderId}`
  const text = await shared.recall(name)
  const known = new Map(Object.entries(text === undefined ? {} : (note.safeParse(JSON.parse(text)).data ?? {})))
  return {
    of: (lineId) => known.get(lineId) ?? [],
    async add(lineIds, parcels) {
      for (const lineId of lineIds) known.set(lineId, [...parcels])
      await shared.remember(name, JSON.stringify(Object.fromEntries(known)), clock.now() + KEPT_MS)
    },
  }
}

/** Each number once. */
export function together(parcels: readonly Parcel[], more: readonly Parcel[]): readonly Parcel[] {
  const keys = new Set(parcels.map(({ number }) => trackingKey(number)))
  return [...parcels, ...more.filter(({ number }) => !keys.has(trackingKey(number)))]
}
