import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import { getInventoryById, singleItem, takeUpload, updateInventoryLargeBatch, updateInventorySmallBatch } from './inventory.ts'
import { type Limit, takeCall } from './limits.ts'
import { getInventoryChangeLog, getOrderChangeLog } from './log.ts'
import { getOrderById, getOrders } from './order-reads.ts'
import { workOff } from './requests.ts'
import type { Call } from './rest-call.ts'
import { bookOf, type State } from './state.ts'
import { createStream, createStreamOperation, deleteStream, listStreams, updateStream } from './stream-calls.ts'
import { feedStreams } from './stream-feed.ts'
import { getStreamEventsFromPosition, getStreamEventsInRange, updateStreamPosition } from './stream-reads.ts'
import { getWarehouses } from './warehouses.ts'
import { isReply, turnedAway } from './wire.ts'
import { acknowledgeOrders, createShipmentSmallBatch, singleShipment } from './writes.ts'

interface Operation {
  /** The vendor's name of it. */
  readonly name: string
  readonly method: string
  /** `*` is one segment. The slash at the end of `/order/` belongs to it. */
  readonly path: string
  readonly run: (call: Call) => SandboxReply
  readonly limit?: Limit
}

const BASE = '/api/v3'
const ONE_BATCH_BYTES = 5 * 1024 * 1024

// biome-ignore format: a table
const OPERATIONS: readonly Operation[] = [
  { name: 'helloWorld', method: 'GET', path: `${BASE}/hello`, run: () => ({ status: 200, body: { hello: 'World!' } }) },
  { name: 'getOrderById', method: 'GET', path: `${BASE}/order/`, run: getOrderById, limit: { perSecond: 10, perMinute: 500 } },
  { name: 'getOrders', method: 'GET', path: `${BASE}/order/page`, run: getOrders, limit: { perSecond: 10, perMinute: 500 } },
  { name: 'getOrderChangeLog', method: 'GET', path: `${BASE}/order/log`, run: getOrderChangeLog },
  { name: 'acknowledgeOrders', method: 'POST', path: `${BASE}/order/acknowledge`, run: acknowledgeOrders, limit: { perSecond: 15, perMinute: 1000 } },
  { name: 'createShipmentSmallBatch', method: 'POST', path: `${BASE}/order/shipment/batch/small`, run: createShipmentSmallBatch },
  { name: 'singleShipment', method: 'POST', path: `${BASE}/order/singleShipment`, run: singleShipment, limit: { perSecond: 15, perMinute: 300 } },
  { name: 'getInventoryById', method: 'GET', path: `${BASE}/inventory`, run: getInventoryById, limit: { perSecond: 15, perMinute: 300 } },
  { name: 'getInventoryChangeLog', method: 'GET', path: `${BASE}/inventory/log`, run: getInventoryChangeLog },
  { name: 'singleItem', method: 'POST', path: `${BASE}/inventory/singleItem`, run: singleItem, limit: { perSecond: 5, perMinute: 300 } },
  { name: 'updateInventorySmallBatch', method: 'POST', path: `${BASE}/inventory/batch/small`, run: updateInventorySmallBatch },
  { name: 'updateInventoryLargeBatch', method: 'POST', path: `${BASE}/inventory/batch/large`, run: updateInventoryLargeBatch },
  { name: 'upload', method: 'PUT', path: '/upload/*', run: takeUpload },
  { name: 'createStream', method: 'POST', path: `${BASE}/stream`, run: createStream },
  { name: 'listStreams', method: 'GET', path: `${BASE}/stream`, run: listStreams },
  { name: 'updateStream', method: 'PUT', path: `${BASE}/stream/*`, run: updateStream },
  { name: 'createStreamOperation', method: 'POST', path: `${BASE}/stream/*`, run: createStreamOperation },
  { name: 'deleteStream', method: 'DELETE', path: `${BASE}/stream/*`, run: deleteStream },
  { name: 'updateStreamPosition', method: 'PUT', path: `${BASE}/stream/*/*/*`, run: updateStreamPosition },
  { name: 'getStreamEventsFromPosition', method: 'GET', path: `${BASE}/stream/*/*/*`, run: getStreamEventsFromPosition },
  { name: 'getStreamEventsInRange', method: 'GET', path: `${BASE}/stream/*/*/*/*`, run: getStreamEventsInRange },
  { name: 'getWarehouses', method: 'GET', path: `${BASE}/warehouse/page`, run: getWarehouses },
]

/** Every call but that for a token: who asks, how often, how much, and then what. */
export function serveRest(state: State, request: SandboxRequest): SandboxReply {
  const matching = OPERATIONS.filter(({ path }) => segmentsOf(path, request.path) !== undefined)
  const operation = matching.find(({ method }) => method === request.method)
  if (operation === undefined)
    return turnedAway(matching.length > 0 ? 405 : 404, `Not in the sandbox: ${request.method} ${request.path}`)
  state.calls.set(operation.name, (state.calls.get(operation.name) ?? 0) + 1)
  const account = state.access.bearer(request)
  if (isReply(account)) return account
  const book = bookOf(state, account.id)
  const now = state.clock.now()
  if (state.limited && operation.limit !== undefined && !takeCall(book, operation.name, operation.limit, now)) {
    state.throttled += 1
    // Retry-After is not mentioned by the vendor (contract section 6).
    return turnedAway(429, 'Too Many Requests')
  }
  if (operation.name !== 'upload' && request.body.length > ONE_BATCH_BYTES)
    return turnedAway(state.settings.tooBig, 'Request Too Long')
  const ids = segmentsOf(operation.path, request.path)?.map(decoded)
  if (ids?.every((id) => id !== undefined) !== true) return turnedAway(400, 'Bad Request')
  workOff(state, book)
  feedStreams(state, book)
  const reply = operation.run({ state, book, request, ids, now })
  // Where the settings give the work no time it is done before the answer arrives.
  workOff(state, book)
  return reply
}

/** The segments in the places of the stars; undefined when the path is another. Ids with slashes are one segment only when encoded. */
function segmentsOf(pattern: string, path: string): readonly string[] | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')]
  if (wanted.length !== given.length) return undefined
  const found: string[] = []
  for (const [i, segment] of wanted.entries()) {
    const actual = given[i] ?? ''
    if (segment === '*' && actual !== '') found.push(actual)
    else if (segment !== actual) return undefined
  }
  return found
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}
