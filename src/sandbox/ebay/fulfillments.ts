import type { SandboxReply } from '../stand-in.ts'
import { isCancelled, lineIdOf, type Order, type Package, shippedUnits } from './order.ts'
import { everythingIn } from './order-seed-packages.ts'
import type { RestCall } from './rest-call.ts'
import { orderError } from './rest-filter.ts'
import { fulfillmentHref } from './rest-form.ts'
import { orderOf, originOf } from './rest-orders.ts'
import { isCarrier, isTakenTracking, isTrackingNumber } from './tracking.ts'
import { isoMs, isRecord, isReply, type Json, jsonBody, parseTime } from './wire.ts'

const AHEAD_MS = 3 * 86_400_000
/** The id of a package without tracking. */
const FILLER = '999'

/** GET /order/{orderId}/shipping_fulfillment */
export function getShippingFulfillments(call: RestCall): SandboxReply {
  const order = orderOf(call, call.ids[0] ?? '')
  if (order === undefined) return noSuchOrder(call)
  const fulfillments = order.packages.map((parcel) => fulfillmentForm(order, parcel))
  return { status: 200, body: { fulfillments, total: fulfillments.length } }
}

/** GET /order/{orderId}/shipping_fulfillment/{fulfillmentId} */
export function getShippingFulfillment(call: RestCall): SandboxReply {
  const order = orderOf(call, call.ids[0] ?? '')
  if (order === undefined) return noSuchOrder(call)
  const parcel = order.packages.find(({ id }) => id === call.ids[1])
  return parcel === undefined
    ? orderError(404, 32600, `Invalid fulfillment ID: ${call.ids[1]}`)
    : { status: 200, body: fulfillmentForm(order, parcel) }
}

/** POST /order/{orderId}/shipping_fulfillment (contract section 4.2): adds a package; the same one sent twice stands there twice. */
export function createShippingFulfillment(call: RestCall): SandboxReply {
  const read = jsonBody(call.request)
  if ('refused' in read) return read.refused
  const order = orderOf(call, call.ids[0] ?? '')
  if (order === undefined) return noSuchOrder(call)
  if (isCancelled(order)) return orderError(400, 32600, 'Invalid input data')
  const contents = readContents(order, read.body['lineItems'])
  if (isReply(contents)) return contents
  const parcel = readPackage(call, order, read.body, contents)
  if (isReply(parcel)) return parcel
  const isRepeated = order.packages.some(({ tracking }) => tracking !== undefined && tracking === parcel.tracking)
  if (isRepeated && call.state.settings.repeatFulfillment === 'conflict') {
    return orderError(409, 34500, 'Please use PUT operation for updating shipping fulfillment')
  }
  order.packages.push(parcel)
  if (parcel.tracking === undefined) markWhole(order, contents, parcel.shippedAt)
  call.state.orders.touch(order, call.now)
  return { status: 201, headers: { location: fulfillmentHref(order, parcel.id, originOf(call)) } }
}

function markWhole(order: Order, contents: ReadonlyMap<string, number>, at: number): void {
  for (const line of order.lines) {
    if (contents.has(lineIdOf(line)) && shippedUnits(order, line) >= line.quantity) line.markedAt ??= at
  }
}

/** Without lines it is the whole order; a line without a quantity is all of it. Lines of the Global Shipping Program go one by one. */
function readContents(order: Order, lineItems: unknown): ReadonlyMap<string, number> | SandboxReply {
  const contents = lineItems === undefined ? everythingIn(order) : namedContents(order, lineItems)
  if (!isReply(contents) && order.hub?.program === 'GSP' && contents.size > 1)
    return orderError(400, 34300, 'Mark As Shipped for multiple Global Shipping Program line items is not supported')
  return contents
}

function namedContents(order: Order, lineItems: unknown): ReadonlyMap<string, number> | SandboxReply {
  if (!Array.isArray(lineItems) || lineItems.length === 0) return orderError(400, 32600, 'Invalid input data')
  const contents = new Map<string, number>()
  for (const each of lineItems as readonly unknown[]) {
    const given: Json = isRecord(each) ? each : {}
    const line = order.lines.find(({ restId }) => restId === given['lineItemId'])
    if (line === undefined) return orderError(400, 32200, `Invalid line item id: ${String(given['lineItemId'])}`)
    if (contents.has(lineIdOf(line))) return orderError(400, 32210, 'Duplicate line item in the request')
    const { quantity = line.quantity } = given
    const isPossible = typeof quantity === 'number' && Number.isInteger(quantity) && quantity >= 1 && quantity <= line.quantity
    if (!isPossible) return orderError(400, 32600, 'Invalid input data')
    contents.set(lineIdOf(line), quantity)
  }
  return contents
}

/** Carrier and number: both or neither. */
function readPackage(call: RestCall, order: Order, body: Json, contents: ReadonlyMap<string, number>): Package | SandboxReply {
  const { trackingNumber: tracking, shippingCarrierCode: carrier, shippedDate } = body
  const shippedAt = shippedDate === undefined ? call.now : typeof shippedDate === 'string' ? parseTime(shippedDate) : undefined
  // Not before the sale either.
  if (shippedAt === undefined || shippedAt > call.now + AHEAD_MS || shippedAt < order.createdAt)
    return orderError(400, 32500, 'Invalid shipped date')
  const shared = { shippedAt, contents, by: 'createShippingFulfillment' } as const
  if (tracking === undefined && carrier === undefined) return { ...shared, id: FILLER, tracking: undefined, carrier: undefined }
  const isGood = typeof tracking === 'string' && isTrackingNumber(tracking) && typeof carrier === 'string' && isCarrier(carrier)
  if (!isGood || isTakenTracking(call.state, order, tracking))
    return orderError(400, 32300, 'Invalid shipment tracking number or carrier')
  return { ...shared, id: tracking, tracking, carrier }
}

function fulfillmentForm(order: Order, { id, tracking, carrier, shippedAt, contents }: Package): Json {
  const lines = order.lines.filter((line) => contents.has(lineIdOf(line)))
  return {
    fulfillmentId: id,
    ...(tracking === undefined ? {} : { shipmentTrackingNumber: tracking, shippingCarrierCode: carrier }),
    shippedDate: isoMs(shippedAt),
    lineItems: lines.map((line) => ({ lineItemId: line.restId, quantity: contents.get(lineIdOf(line)) ?? 0 })),
  }
}

function noSuchOrder(call: RestCall): SandboxReply {
  return orderError(400, 32100, `Invalid order ID: ${call.ids[0]}`)
}
