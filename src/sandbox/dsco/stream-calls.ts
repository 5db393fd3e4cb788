import type { SandboxReply } from '../stand-in.ts'
import { LIFECYCLES, STATUSES } from './order.ts'
import type { Call } from './rest-call.ts'
import { seenAt } from './seen.ts'
import { next } from './state.ts'
import { DEFAULT_MAX, type MaxEvents, matches, newPartition, push, type Stream } from './stream.ts'
import { streamDocument } from './stream-feed.ts'
import { isRecord, isReply, isWhole, type Json, jsonBody, listOf, problem, refused, textOf, uuid } from './wire.ts'

const MOST_PARTITIONS = 20
const TYPES = ['dropship', 'wholesale', 'marketplace']
const RANGES = { objectCount: [1, 10_000], numBytes: [1_024, 4_718_592], durationSec: [1, 22] } as const

/** POST /stream: from now on it collects changes of orders. */
export function createStream(call: Call): SandboxReply {
  const { state, book, now } = call
  const given = readStream(call, DEFAULT_MAX)
  if (isReply(given)) return given
  const stream: Stream = {
    id: uuid(next(state)),
    createdAt: now,
    description: given.description,
    query: given.query,
    maxEvents: given.maxEvents,
    version: 1,
    partitions: Array.from({ length: given.count ?? 1 }, (_, i) => newPartition(i, now)),
  }
  book.streams.set(stream.id, stream)
  return { status: 201, body: streamDocument(state, stream) }
}

/** GET /stream */
export function listStreams({ state, book, request }: Call): SandboxReply {
  const id = request.query.get('id')
  const partition = request.query.get('partitionId')
  const found = [...book.streams.values()].filter((stream) => id === null || stream.id === id)
  const only = id === null || partition === null ? undefined : Number(partition)
  return { status: 200, body: found.map((stream) => streamDocument(state, stream, only)) }
}

/** PUT /stream/{id} */
export function updateStream(call: Call): SandboxReply {
  const { state, book, request, ids, now } = call
  const stream = book.streams.get(ids[0] ?? '')
  if (stream === undefined) return unknownStream(now)
  const given = readStream(call, stream.maxEvents)
  if (isReply(given)) return given
  stream.description = given.description ?? stream.description
  stream.query = given.query
  stream.maxEvents = given.maxEvents
  if (given.count !== undefined) repartition(stream, given.count, now)
  if (request.query.get('incrementVersionNumber') !== 'false') stream.version += 1
  return { status: 200, body: streamDocument(state, stream) }
}

/** DELETE /stream/{id} */
export function deleteStream({ state, book, ids, now }: Call): SandboxReply {
  const stream = book.streams.get(ids[0] ?? '')
  if (stream === undefined) return unknownStream(now)
  book.streams.delete(stream.id)
  return { status: 200, body: streamDocument(state, stream) }
}

/** POST /stream/{id}: an operation on it. */
export function createStreamOperation(call: Call): SandboxReply {
  const { state, book, request, ids, now } = call
  const stream = book.streams.get(ids[0] ?? '')
  if (stream === undefined) return unknownStream(now)
  const body = jsonBody(request)?.json
  const operation = isRecord(body) ? textOf(body['operationType']) : undefined
  if (operation === 'setpartitionowner' && isRecord(body)) {
    const partition = stream.partitions.find(({ id }) => id === body['partitionId'])
    if (partition === undefined) return bad('There is no such partition.', now)
    partition.ownerId = textOf(body['ownerId'])
    partition.lastUpdate = now
  } else if (operation === 'sync') {
    if (state.settings.orderSync === 'refused') return bad('A sync is for streams of inventory and catalog only.', now)
    for (const order of book.orders.values()) {
      const document = seenAt(order.seen, now)
      if (document !== undefined && matches(stream.query, document)) {
        push(stream, { at: now, orderId: order.id, document, reasons: [] }, 'sync')
      }
    }
  } else if (operation !== 'repartition') return bad('The operation is not known.', now)
  return { status: 202, body: { operationType: operation, operationUuid: uuid(next(state)) } }
}

function repartition(stream: Stream, count: number, now: number): void {
  while (stream.partitions.length < count) stream.partitions.push(newPartition(stream.partitions.length, now))
  for (const [i, partition] of stream.partitions.entries()) {
    const active = i < count
    if (active === partition.active) continue
    partition.active = active
    partition.lastUpdate = now
    if (active) partition.activatedAt = now
    else partition.deactivatedAt = now
  }
}

interface Given {
  readonly description: string | undefined
  readonly query: Json
  readonly maxEvents: MaxEvents
  readonly count: number | undefined
}

function readStream({ request, now }: Call, before: MaxEvents): Given | SandboxReply {
  const body = jsonBody(request)?.json
  if (!isRecord(body)) return bad('The body must be a JSON object.', now)
  const { query, objectType, numPartitions } = body
  if (objectType !== 'order') return bad('In the sandbox there are streams of orders only.', now)
  if (!isRecord(query) || query['queryType'] !== objectType) return bad('query.queryType must be that of objectType.', now)
  const isOdd = [
    ['orderTypes', TYPES],
    ['dscoLifecycle', LIFECYCLES],
    ['statuses', STATUSES],
  ].some(([key, known]) => listOf(query[String(key)]).some((value) => !listOf(known).includes(value)))
  if (isOdd) return bad('query: orderTypes, dscoLifecycle or statuses has a value that is not known.', now)
  if (numPartitions !== undefined && (!isWhole(numPartitions) || numPartitions < 1 || numPartitions > MOST_PARTITIONS)) {
    return bad(`numPartitions must be 1 to ${MOST_PARTITIONS}.`, now)
  }
  const maxEvents = readMax(body['maxEvents'], before)
  if (maxEvents === undefined) return bad('maxEvents is out of range.', now)
  return { description: textOf(body['description']), query, maxEvents, count: isWhole(numPartitions) ? numPartitions : undefined }
}

function readMax(value: unknown, before: MaxEvents): MaxEvents | undefined {
  if (value === undefined) return before
  if (!isRecord(value)) return undefined
  const isOut = Object.entries(RANGES).some(([key, [least, most]]) => {
    const given = value[key]
    return given !== undefined && (!isWhole(given) || given < least || given > most)
  })
  if (isOut) return undefined
  const pick = (key: keyof MaxEvents) => (isWhole(value[key]) ? value[key] : before[key])
  return { objectCount: pick('objectCount'), numBytes: pick('numBytes'), durationSec: pick('durationSec') }
}

function bad(description: string, now: number): SandboxReply {
  return refused(400, [problem('validation_error', description)], now)
}

export function unknownStream(now: number): SandboxReply {
  return refused(404, [problem('stream_not_found', 'There is no such stream or partition.')], now)
}
