import type { SandboxReply } from '../stand-in.ts'
import { stranger } from './order-wire.ts'
import type { Call } from './rest-call.ts'
import { eventId, type Partition, type Stream, type StreamEvent } from './stream.ts'
import { unknownStream } from './stream-calls.ts'
import { parseTime, problem, refused } from './wire.ts'

const POSITION = /^z\/\d{4}(\/\d\d){4}\/\d{1,16}-\d{7}$/

/** GET /stream/{id}/{partitionId}/{position}: the events after it. The stored position stays where it is. */
export function getStreamEventsFromPosition(call: Call): SandboxReply {
  const found = partitionOf(call)
  if (found === undefined) return unknownStream(call.now)
  const position = positionOf(call.ids[2] ?? '')
  if (position === undefined) return badPosition(call.now)
  return answer(call, found, (id) => id > position)
}

/** GET /stream/{id}/{partitionId}/{startPosition}/{endPosition}: from the first, without the last. */
export function getStreamEventsInRange(call: Call): SandboxReply {
  const found = partitionOf(call)
  if (found === undefined) return unknownStream(call.now)
  const [start, end] = [positionOf(call.ids[2] ?? ''), positionOf(call.ids[3] ?? '')]
  if (start === undefined || end === undefined) return badPosition(call.now)
  return answer(call, found, (id) => id >= start && id < end)
}

/** PUT /stream/{id}/{partitionId}/{position} */
export function updateStreamPosition(call: Call): SandboxReply {
  const found = partitionOf(call)
  if (found === undefined) return unknownStream(call.now)
  const position = positionOf(call.ids[2] ?? '')
  if (position === undefined) return badPosition(call.now)
  found.partition.position = position
  found.partition.lastUpdate = call.now
  found.partition.positionUpdates += 1
  return { status: 200, body: { status: 'success' } }
}

interface Found {
  readonly stream: Stream
  readonly partition: Partition
}

function partitionOf({ book, ids }: Call): Found | undefined {
  const stream = book.streams.get(ids[0] ?? '')
  const partition = stream?.partitions.find(({ id }) => String(id) === ids[1])
  return stream === undefined || partition === undefined ? undefined : { stream, partition }
}

/** An event's id, or a time. */
function positionOf(text: string): string | undefined {
  if (POSITION.test(text)) return text
  const at = parseTime(text)
  return at === undefined ? undefined : eventId(at, 0)
}

function answer({ state }: Call, { stream, partition }: Found, fits: (id: string) => boolean): SandboxReply {
  const events = oneRead(
    stream,
    partition.events.filter(({ id }) => fits(id)),
  )
  return {
    status: 200,
    body: {
      partitionId: partition.id,
      ...(partition.ownerId === undefined ? {} : { ownerId: partition.ownerId }),
      events: events.map(({ id, payload, source, reasons, version }) => ({
        id,
        payload,
        source,
        ...(reasons.length === 0 ? {} : { eventReasons: reasons }),
        partitionId: partition.id,
        streamVersion: version,
      })),
      ...stranger(state.settings),
    },
  }
}

/** As much as one read gives: so many events, so many bytes, so many seconds' worth. A short read is not the end (contract section 2). */
function oneRead({ maxEvents }: Stream, events: readonly StreamEvent[]): readonly StreamEvent[] {
  const { objectCount, numBytes, durationSec } = maxEvents
  const first = events[0]
  if (first === undefined) return []
  const read: StreamEvent[] = []
  let bytes = 0
  for (const event of events) {
    bytes += Buffer.byteLength(JSON.stringify(event.payload))
    const isFull = read.length >= objectCount || bytes > numBytes || event.at > first.at + durationSec * 1000
    if (isFull && read.length > 0) break
    read.push(event)
  }
  return read
}

function badPosition(now: number): SandboxReply {
  return refused(400, [problem('invalid_position', 'The position is neither the id of an event nor a time.')], now)
}
