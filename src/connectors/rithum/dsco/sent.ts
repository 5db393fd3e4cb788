import type { Confirmation } from '../../../core/model/shipment.ts'
import type { DscoClient } from './client.ts'
import { type LogReading, readLog, verdictOf } from './log.ts'
import { trackingKey } from './values.ts'
import type { WireLogEntry } from './wire.ts'

const HOUR_MS = 3600_000
/** The log itself is kept for two weeks (contract section 4). */
const KEEP_MS = 14 * 24 * HOUR_MS
/** Around the moment of sending: clocks differ, and a request may lie in a queue. */
const BEFORE_MS = 5 * 60_000
const AFTER_MS = 2 * HOUR_MS

/** What became of a parcel that was handed over before. */
export type Trace =
  /** Never handed over, as far as we know. */
  | { readonly state: 'none' }
  | { readonly state: 'pending' }
  /** Worked on, and nothing was found of it. */
  | { readonly state: 'lost' }
  | { readonly state: 'judged'; readonly entry: WireLogEntry }

/**
 * Which request told which parcel, for all processes: the platform takes a parcel twice if it is told twice, and keeps what it has taken
 * out of the order for minutes (contract section 4). No personal data: an order's number and a request's.
 */
export interface SentParcels {
  /** Right before a request leaves: should its answer be lost, the log of that time is asked. */
  begin(items: readonly Confirmation[]): Promise<void>
  taken(items: readonly Confirmation[], requestId: string): Promise<void>
  /** It never left, or its end is known. */
  forget(items: readonly Confirmation[]): Promise<void>
  /** Asks the log about those that were handed over. */
  trace(items: readonly Confirmation[], signal: AbortSignal): Promise<readonly Trace[]>
}

export function createSentParcels(client: DscoClient): SentParcels {
  const { shared, clock } = client.gate
  const note = async (items: readonly Confirmation[], value: string, keepMs = KEEP_MS): Promise<void> => {
    const until = clock.now() + keepMs
    for (const item of items) await shared.remember(nameOf(item), value, until)
  }
  return {
    begin: (items) => note(items, `at ${clock.now()}`),
    taken: (items, requestId) => note(items, `request ${requestId}`),
    forget: (items) => note(items, '', 0),
    async trace(items, signal) {
      const readings = new Map<string, LogReading>()
      const traces: Trace[] = []
      for (const item of items) {
        const told = (await shared.recall(nameOf(item))) ?? ''
        if (told === '') {
          traces.push({ state: 'none' })
          continue
        }
        const reading = readings.get(told) ?? (await readLog(client, 'order/log', questionOf(told, clock.now()), signal))
        readings.set(told, reading)
        traces.push(traceOf(item, reading))
      }
      return traces
    },
  }
}

function nameOf({ externalOrderId, reference }: Confirmation): string {
  return `parcel ${externalOrderId} ${reference}`
}

function questionOf(note: string, now: number) {
  const requestId = /^request (.+)$/.exec(note)?.[1]
  if (requestId !== undefined) return { requestId }
  const at = Number(note.slice('at '.length))
  return { from: at - BEFORE_MS, to: Math.min(at + AFTER_MS, now) }
}

/** What a reading of the log says of one parcel. */
export function traceOf(item: Confirmation, { isComplete, entries }: LogReading): Trace {
  const entry = verdictOf(entries.filter((one) => isAbout(one, item)))
  if (entry === undefined) return { state: isComplete ? 'lost' : 'pending' }
  return entry.status === 'success' || entry.status === 'failure' ? { state: 'judged', entry } : { state: 'pending' }
}

function isAbout({ payload }: WireLogEntry, { externalOrderId, trackingNumber }: Confirmation): boolean {
  const wanted = trackingKey(trackingNumber)
  const names = (payload?.shipments ?? []).some((shipment) => trackingKey(shipment.trackingNumber ?? '') === wanted)
  return names && (payload?.dscoOrderId ?? externalOrderId) === externalOrderId
}
