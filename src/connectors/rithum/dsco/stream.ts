import { AuthError, isConnectorError, PermanentError, RefusedByDryRun } from '../../../core/errors.ts'
import type { Cursor, OrderPage } from '../../../core/ports/marketplace.ts'
import type { DscoClient, DscoRequest } from './client.ts'
import { readAll, searchPages } from './pages.ts'
import { filled } from './values.ts'
import { orderIdOf, type WireStream, wireEvents, wireStreams } from './wire.ts'

/** So often a position may be moved (contract section 2). */
const BETWEEN_MOVES_MS = 5000
/** What the stream has handed out although it is not in our books: it is read again by pages. */
const GAP_MS = 3600_000
const LATENCY_MS = 30_000

interface Partition {
  readonly id: string
  readonly position: string
}

/**
 * Every event after the stream's own position, partition by partition (contract section 2). The position is moved only when the consumer
 * comes back for more, hence has stored the page; a crash in between repeats events. Where the position lies well past what our books
 * have reached (an operator's `--since`, a first pull, another reader of the same stream) the time in between is read by pages first.
 */
export async function* followStream(client: DscoClient, since: Cursor, signal: AbortSignal): AsyncGenerator<OrderPage> {
  const { clock } = client.gate
  const beganAt = clock.now()
  const stream = await readStream(client, signal)
  const partitions = partitionsOf(client, stream)
  if (partitions.some(({ position }) => (timeIn(position) ?? 0) - since.at > GAP_MS)) {
    for await (const page of searchPages(client, since, signal))
      yield { ...page, next: { at: since.at, resume: page.next.resume ?? 'stream' } }
  }
  for (const partition of partitions) yield* readPartition(client, stream, partition, since, signal)
  yield { orders: [], poison: [], skipped: 0, next: { at: Math.max(since.at, beganAt - LATENCY_MS) } }
}

async function* readPartition(
  client: DscoClient,
  stream: WireStream,
  partition: Partition,
  since: Cursor,
  signal: AbortSignal,
): AsyncGenerator<OrderPage> {
  const { clock } = client.gate
  let { position } = partition
  let movedTo = position
  let movedAt = Number.NEGATIVE_INFINITY
  for (;;) {
    const request = eventsRequest(stream, partition.id, position)
    const { events } = await client.read(request, wireEvents, signal)
    const last = events.at(-1)
    // How much one read brings is a setting of the stream: only an empty one is the end.
    if (last === undefined) break
    if (last.id === position) break
    position = last.id
    yield { ...readAll(client, newestOf(events)), next: { at: since.at, resume: 'stream' } }
    if (clock.now() - movedAt < BETWEEN_MOVES_MS) continue
    if (await movePosition(client, stream, partition.id, position, signal)) movedTo = position
    movedAt = clock.now()
  }
  if (movedTo !== position) await movePosition(client, stream, partition.id, position, signal)
}

/** Oldest first: of several states of one order in one read the last is the true one. */
function newestOf(events: readonly { readonly payload?: unknown }[]): readonly unknown[] {
  const newest = new Map<unknown, unknown>()
  for (const { payload } of events) newest.set(orderIdOf(payload) ?? payload, payload)
  return [...newest.values()]
}

function eventsRequest(stream: WireStream, partitionId: string, position: string): DscoRequest {
  return { operation: 'stream/events', method: 'GET', path: pathOf(stream, partitionId, position) }
}

/** Event ids have slashes in them (contract section 2). */
function pathOf({ id }: WireStream, partitionId: string, position: string): string {
  return `/stream/${[id ?? '', partitionId, position].map(encodeURIComponent).join('/')}`
}

/**
 * False when the position stays where it was, which costs no more than reading the same events again. A dry run moves nothing and reads
 * on.
 */
async function movePosition(
  client: DscoClient,
  stream: WireStream,
  partitionId: string,
  position: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { gate } = client
  const target = `${stream.id} ${partitionId}`
  const plan = [{ account: gate.account, operation: 'stream/position', target, detail: `read up to ${position}` }]
  const request: DscoRequest = { operation: 'stream/position', method: 'PUT', path: pathOf(stream, partitionId, position), plan }
  try {
    await client.send(request, signal)
    return true
  } catch (error) {
    if (error instanceof RefusedByDryRun) return false
    if (!isConnectorError(error) || error instanceof AuthError) throw error
    gate.log.warn({ channel: gate.account, error: error.message }, 'the position of the stream stays: its events come again')
    return false
  }
}

/** The stream of the settings, which the seller has made. Throws PermanentError where there is none, or none of orders. */
export async function readStream(client: DscoClient, signal: AbortSignal): Promise<WireStream> {
  const wanted = client.settings.streamId ?? ''
  const request: DscoRequest = { operation: 'stream', method: 'GET', path: '/stream', query: [['id', wanted]], expect: [404] }
  const answer = await client.send(request, signal)
  const streams = answer.status === 404 ? [] : client.parse(request, answer, wireStreams)
  const stream = streams.find(({ id }) => id === wanted)
  if (stream === undefined)
    throw new PermanentError(
      `the account has no stream '${wanted}': set stream_id, or mode: pages`,
      client.factsOf(request, answer),
    )
  if (stream.objectType === 'order') return stream
  const what = `stream '${wanted}' is one of ${filled(stream.objectType) ?? 'unknown objects'}, not of orders: set another stream_id`
  throw new PermanentError(what, client.factsOf(request, answer))
}

/** An inactive partition gets no more events, and may still hold some that nobody has read. */
function partitionsOf(client: DscoClient, stream: WireStream): readonly Partition[] {
  const partitions = (stream.partitions ?? []).flatMap(({ partitionId, position }) => {
    const at = filled(position)
    return at === undefined ? [] : [{ id: partitionId, position: at }]
  })
  if (partitions.length > 0) return partitions
  throw new PermanentError(`stream '${stream.id}' tells no position to read from`, client.factsOf({ operation: 'stream' }))
}

/** `z/2025/11/21/07/30/1763710215897-0000000` -> 1763710215897. Undefined for a position of another form. */
function timeIn(position: string): number | undefined {
  const digits = /(?:^|\/)(\d{13})(?:-|$)/.exec(position)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
