import { stranger } from './order-wire.ts'
import type { Book, State } from './state.ts'
import { matches, type Partition, push, type Stream } from './stream.ts'
import { iso, type Json } from './wire.ts'

/** Tells the streams what has spread by now, in the order in which it did. */
export function feedStreams(state: State, book: Book): void {
  const now = state.clock.now()
  if (!book.changes.some(({ at }) => at <= now)) return
  const due = book.changes.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at)
  const waiting = book.changes.filter(({ at }) => at > now)
  book.changes.splice(0, book.changes.length, ...waiting)
  for (const change of due) {
    for (const stream of book.streams.values()) {
      if (change.at >= stream.createdAt && matches(stream.query, change.document)) push(stream, change, 'stream')
    }
  }
}

export function streamDocument({ settings }: State, stream: Stream, onlyPartition?: number): Json {
  const partitions = stream.partitions.filter(({ id }) => onlyPartition === undefined || id === onlyPartition)
  return {
    id: stream.id,
    ...(stream.description === undefined ? {} : { description: stream.description }),
    objectType: 'order',
    partitions: partitions.map(partitionDocument),
    numPartitions: stream.partitions.filter(({ active }) => active).length,
    maxEvents: stream.maxEvents,
    streamVersion: stream.version,
    query: stream.query,
    ...stranger(settings),
  }
}

function partitionDocument(partition: Partition): Json {
  const { id, active, ownerId, position, events, lastUpdate, activatedAt, deactivatedAt } = partition
  return {
    partitionId: id,
    status: active ? 'active' : 'inactive',
    ...(ownerId === undefined ? {} : { ownerId }),
    position,
    maxPosition: events.at(-1)?.id ?? position,
    lastUpdate: iso(lastUpdate),
    lastActivatedDate: iso(activatedAt),
    ...(deactivatedAt === undefined ? {} : { lastDeactivatedDate: iso(deactivatedAt) }),
  }
}
