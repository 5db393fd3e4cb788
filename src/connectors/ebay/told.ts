import * as z from 'zod'
import type { Gate } from '../http/gate.ts'
import { trackingKey } from './carriers.ts'

export interface Parcel {
  readonly carrier: string
  readonly number: string
}

/** Packages that were told lately, by order and line. */
export interface Told {
  of(orderId: string, lineId: string): readonly Parcel[]
  add(orderId: string, lineIds: readonly string[], parcels: readonly Parcel[]): void
  /** Writes down what was added, for the next run too. */
  keep(): Promise<void>
}

const NOTE = 'told_packages'
/** Longer than eBay's reads lag behind its writes. */
const KEPT_MS = 30 * 60_000
/** Lines. What is older than these has long been on show. */
const MOST = 1000

const note = z.record(
  z.string(),
  z.object({ at: z.number(), parcels: z.array(z.object({ carrier: z.string(), number: z.string() })) }),
)

/**
 * A read right after CompleteSale may not show its package yet. Since the call replaces what is there, the next package of the order would
 * delete that one; so what was told is remembered until every read shows it.
 */
export async function recallTold({ shared, clock }: Gate): Promise<Told> {
  const text = await shared.recall(NOTE)
  const before = Object.entries(text === undefined ? {} : (note.safeParse(JSON.parse(text)).data ?? {}))
  const known = new Map(before.filter(([, { at }]) => at > clock.now() - KEPT_MS))
  let isNew = false
  return {
    of: (orderId, lineId) => known.get(`${orderId} ${lineId}`)?.parcels ?? [],
    add(orderId, lineIds, parcels) {
      isNew = true
      for (const lineId of lineIds) {
        const key = `${orderId} ${lineId}`
        // Again at the end: the oldest go first.
        known.delete(key)
        known.set(key, { at: clock.now(), parcels: [...parcels] })
      }
    },
    async keep() {
      if (!isNew) return
      const latest = [...known].slice(-MOST)
      await shared.remember(NOTE, JSON.stringify(Object.fromEntries(latest)), clock.now() + KEPT_MS)
    },
  }
}

/** Each number once. */
export function together(parcels: readonly Parcel[], more: readonly Parcel[]): readonly Parcel[] {
  const keys = new Set(parcels.map(({ number }) => trackingKey(number)))
  return [...parcels, ...more.filter(({ number }) => !keys.has(trackingKey(number)))]
}
