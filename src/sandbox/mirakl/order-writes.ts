import type { SandboxReply } from '../stand-in.ts'
import { type Call, orderNotFound, orderOf } from './call.ts'
import { readTracking, TRACKING_MANDATORY, trackingMandatory } from './carriers.ts'
import type { Line, Order } from './model.ts'
import { centerOf, markLineShipped, moveOrder, remaining, settleOrder, touch } from './transitions.ts'
import { fail, invalid, isRecord, jsonBody, text } from './wire.ts'

const DONE: SandboxReply = { status: 204 }
/** OR23 can still correct the tracking of an order that has left. */
const TRACKABLE: ReadonlySet<string> = new Set(['SHIPPING', 'SHIPPED', 'TO_COLLECT', 'RECEIVED'])

/** OR21 (section 4): every line decided in one call, 204. */
export function acceptOrder(call: Call): SandboxReply {
  const order = orderOf(call)
  if (order === undefined) return orderNotFound(call)
  order.acceptRequests += 1
  const read = jsonBody(call.request)
  if ('refusal' in read) return read.refusal
  const decisions = readDecisions(read.body['order_lines'])
  if ('refusal' in decisions) return decisions.refusal
  const refusal = checkDecisions(call, order, decisions.byLine)
  if (refusal !== undefined) return refusal

  // A line that was canceled while it waited needs no decision and keeps its state.
  const open = order.lines.filter((line) => line.state === 'WAITING_ACCEPTANCE')
  const accepted = open.filter((line) => decisions.byLine.get(line.id) === true)
  for (const line of open) if (!accepted.includes(line)) line.state = 'REFUSED'
  order.decidedAt = call.now
  order.acceptedCalls += 1
  if (accepted.length > 0) moveOrder(call.account, order, call.account.settings.after_accept, call.now)
  else settleOrder(order, call.now)
  touch(order, call.now, order.lines)
  return DONE
}

function readDecisions(sent: unknown): { readonly byLine: ReadonlyMap<string, boolean> } | { readonly refusal: SandboxReply } {
  if (!Array.isArray(sent) || sent.length === 0) return { refusal: invalid('order_lines', 'must not be empty') }
  const byLine = new Map<string, boolean>()
  for (const [i, item] of (sent as readonly unknown[]).entries()) {
    if (item === null) return { refusal: fail(400, 'The order lines list contains a null element', 'ORDER_LINE_NULL_ELEMENT') }
    if (!isRecord(item)) return { refusal: invalid(`order_lines[${i}]`, 'must be an object') }
    const id = text(item['id'])
    const { accepted } = item
    if (id === undefined) return { refusal: invalid(`order_lines[${i}].id`, 'must not be null') }
    if (typeof accepted !== 'boolean') return { refusal: invalid(`order_lines[${i}].accepted`, 'must not be null') }
    if (byLine.has(id)) return { refusal: fail(400, `Order line '${id}' is listed more than once`, 'ORDER_LINE_DUPLICATE_ID') }
    byLine.set(id, accepted)
  }
  return { byLine }
}

function checkDecisions(call: Call, order: Order, byLine: ReadonlyMap<string, boolean>): SandboxReply | undefined {
  if (centerOf(order) !== 'DEFAULT')
    return fail(400, `Order '${order.id}' is fulfilled by the operator`, 'ORDER_FULFILLED_UNAUTHORIZED')
  if (order.state !== 'WAITING_ACCEPTANCE') return fail(400, stateMessage(order), 'ORDER_INVALID_STATE')
  const known = new Set(order.lines.map((line) => line.id))
  const stranger = [...byLine.keys()].find((id) => !known.has(id))
  if (stranger !== undefined)
    return fail(400, `Order line '${stranger}' does not belong to order '${order.id}'`, 'ORDER_LINE_NOT_FOUND')
  const open = order.lines.filter((line) => line.state === 'WAITING_ACCEPTANCE')
  const missing = open.find((line) => !byLine.has(line.id))
  if (missing !== undefined)
    return fail(400, `No decision for order line '${missing.id}'`, 'ORDER_LINE_ACCEPTANCE_DECISION_MISSING')
  const mixed = new Set(open.map((line) => byLine.get(line.id))).size > 1
  if (mixed && !call.account.settings.partial_acceptance)
    return fail(400, 'Partial acceptance is disabled for this shop', 'ORDER_PARTIAL_ACCEPTANCE_DISABLED')
  return undefined
}

function stateMessage(order: Order): string {
  return `Order '${order.id}' is in the state '${order.state}', expected 'WAITING_ACCEPTANCE'`
}

/** OR23 (section 5): tracking of the whole order. The link is `carrier_url` here; other fields are ignored. */
export function trackOrder(call: Call): SandboxReply {
  const order = orderOf(call)
  if (order === undefined) return orderNotFound(call)
  const read = jsonBody(call.request)
  if ('refusal' in read) return read.refusal
  if (!TRACKABLE.has(order.state)) return fail(400, wrongState(order))
  const result = readTracking(call.account, read.body, 'carrier_url')
  if ('refusal' in result) return fail(400, result.refusal)
  order.tracking = result.tracking
  touch(order, call.now)
  return DONE
}

/** OR24 (section 5): the whole order is shipped; only from SHIPPING. */
export function shipOrder(call: Call): SandboxReply {
  const order = orderOf(call)
  if (order === undefined) return orderNotFound(call)
  if (order.state !== 'SHIPPING') return fail(400, wrongState(order))
  if (order.tracking === undefined && trackingMandatory(call.account, order)) return fail(400, TRACKING_MANDATORY)
  const open: readonly Line[] = order.lines.filter((line) => line.state === 'SHIPPING' && remaining(order, line) > 0)
  for (const line of open) markLineShipped(line, call.now)
  order.shippedByOr24 = true
  settleOrder(order, call.now)
  touch(order, call.now, open)
  return DONE
}

/** The sentence of the vendor's own example for ST01. */
export function wrongState(order: Order): string {
  return `The order status must be 'SHIPPING' but it is '${order.state}'.`
}
