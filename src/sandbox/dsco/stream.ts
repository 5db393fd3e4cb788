import { iso, type Json, listOf, textOf } from './wire.ts'

/** A change of an order on its way to the streams. */
export interface Change {
  readonly at: number
  readonly orderId: string
  readonly document: Json
  readonly reasons: readonly string[]
}

export interface StreamEvent {
  /** Sorts as the events happened. */
  readonly id: string
  readonly at: number
  readonly payload: Json
  readonly source: 'stream' | 'sync'
  readonly reasons: readonly string[]
  readonly version: number
}

export interface Partition {
  readonly id: number
  readonly events: StreamEvent[]
  active: boolean
  position: string
  ownerId: string | undefined
  lastUpdate: number
  activatedAt: number
  deactivatedAt: number | undefined
  positionUpdates: number
}

export interface MaxEvents {
  readonly objectCount: number
  readonly numBytes: number
  readonly durationSec: number
}

export interface Stream {
  readonly id: string
  readonly createdAt: number
  readonly partitions: Partition[]
  description: string | undefined
  query: Json
  maxEvents: MaxEvents
  version: number
}

export const DEFAULT_MAX: MaxEvents = { objectCount: 1_000, numBytes: 4_194_304, durationSec: 22 }

/** `z/2025/11/21/07/30/1763710215897-0000000`: with slashes, and sorted as text it is sorted by time (contract section 2). */
export function eventId(at: number, n: number): string {
  const [date = '', time = ''] = iso(at).split('T')
  const [hour, minute] = time.split(':')
  return `z/${date.replaceAll('-', '/')}/${hour}/${minute}/${at}-${String(n).padStart(7, '0')}`
}

export function newPartition(id: number, now: number): Partition {
  return {
    id,
    events: [],
    active: true,
    position: eventId(now - 1, 0),
    ownerId: undefined,
    lastUpdate: now,
    activatedAt: now,
    deactivatedAt: undefined,
    positionUpdates: 0,
  }
}

/** Puts an order into the partition that its id leads to. */
export function push(stream: Stream, { at, orderId, document, reasons }: Change, source: StreamEvent['source']): void {
  const active = stream.partitions.filter((partition) => partition.active)
  const partition = active[Number(BigInt(/^\d+$/.test(orderId) ? orderId : orderId.length) % BigInt(active.length))]
  if (partition === undefined) return
  const last = partition.events.at(-1)
  const id = eventId(at, last?.at === at ? Number(last.id.slice(-7)) + 1 : 0)
  partition.events.push({ id, at, payload: document, source, reasons, version: stream.version })
}

/** OrderQuery of the model. Without orderTypes it is dropship alone; an order of a mixed type cannot be asked for (contract section 2). */
export function matches(query: Json, document: Json): boolean {
  const types = query['orderTypes'] === undefined ? ['dropship'] : listOf(query['orderTypes'])
  const type = (textOf(document['orderType']) ?? 'Dropship').toLowerCase()
  if (!types.includes(type)) return false
  const isIn = (key: string, value: unknown) => query[key] === undefined || listOf(query[key]).includes(value)
  return isIn('dscoLifecycle', document['dscoLifecycle']) && isIn('statuses', document['dscoStatus'])
}
