import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import { checkOrderId, checkShipments } from './body-check.ts'
import { isOver } from './order.ts'
import { changed, type Reason } from './order-change.ts'
import type { Outcome } from './request.ts'
import { accept, DONE, failed, type Job } from './requests.ts'
import type { Call } from './rest-call.ts'
import { addShipments, findOrder, scripted } from './shipments.ts'
import { type Book, next, type State } from './state.ts'
import { iso, isReply, type Json, jsonBody, type Message, problem, refused, textOf, uuid } from './wire.ts'

const ORDER_KEY = { DSCO_ORDER_ID: 'dscoOrderId', PO_NUMBER: 'poNumber', SUPPLIER_ORDER_NUMBER: 'supplierOrderNumber' } as const

/** POST /order/acknowledge (contract section 3). */
export function acknowledgeOrders(call: Call): SandboxReply {
  const objects = batchOf(call, checkOrderId)
  if (isReply(objects)) return objects
  const { state, book } = call
  const jobs = objects.map((object): Job => {
    // The log has the id as a text, whatever was sent.
    const payload = { ...object, id: String(object['id']) }
    return { payload, work: (at, requestId) => acknowledge(state, book, payload, requestId, at) }
  })
  const request = accept(state, book, 'acknowledge', 'acknowledgeOrders', jobs)
  return pending(request.id, request.receivedAt)
}

function acknowledge(state: State, book: Book, object: Json, requestId: string, at: number): Outcome {
  const key = ORDER_KEY[object['type'] as keyof typeof ORDER_KEY]
  const [order] = findOrder(book, key, String(object['id']))
  if (order === undefined) return failed('order_not_found', 'No order has this identifier.')
  const refusal = scripted(order)
  if (refusal !== undefined) return refusal
  const supplierOrderNumber = textOf(object['supplierOrderNumber'])
  const isTaken = order.lifecycle === 'acknowledged' || isOver(order)
  if (isTaken && (isOver(order) || state.settings.repeatAcknowledge === 'failure')) {
    return failed(isOver(order) ? 'order_completed' : 'order_already_acknowledged', 'The order cannot be acknowledged any more.')
  }
  order.acknowledgements.push({ at, supplierOrderNumber, requestId })
  order.lifecycle = 'acknowledged'
  order.supplierOrderNumber = supplierOrderNumber ?? order.supplierOrderNumber
  const reasons: readonly Reason[] = supplierOrderNumber === undefined ? [] : ['update_supplier_order_number']
  changed(state, book, order, ['update_status_lifecycle', ...reasons], at)
  return DONE
}

/** POST /order/shipment/batch/small (contract section 4). */
export function createShipmentSmallBatch(call: Call): SandboxReply {
  const objects = batchOf(call, checkShipments)
  if (isReply(objects)) return objects
  const { state, book } = call
  const jobs = objects.map(
    (payload): Job => ({ payload, work: (at, requestId) => addShipments(state, book, payload, 'batch', requestId, at) }),
  )
  const request = accept(state, book, 'shipment', 'createShipmentSmallBatch', jobs)
  return pending(request.id, request.receivedAt)
}

/** POST /order/singleShipment: done when it answers; what is wrong with it is in the answer. */
export function singleShipment(call: Call): SandboxReply {
  const { state, book, now } = call
  const object = objectOf(call, checkShipments)
  if (isReply(object)) return object
  const requestId = uuid(next(state))
  return done(addShipments(state, book, object.json, 'single', requestId, now), requestId, now)
}

/** SyncUpdateResponse with 201, or the refusal. */
export function done({ status, results }: Outcome, requestId: string, now: number): SandboxReply {
  if (status === 'failure') return { status: 400, body: { status, requestId, eventDate: iso(now), messages: results } }
  return { status: 201, body: { status, requestId, eventDate: iso(now) } }
}

export function pending(requestId: string, now: number): SandboxReply {
  return { status: 202, body: { status: 'pending', requestId, eventDate: iso(now), messages: [] } }
}

type Check = (value: unknown, where: string) => readonly Message[]

/** The objects of a batch; one that is malformed, and all are refused (contract section 6). */
export function batchOf({ request, now }: Call, check: Check): readonly Json[] | SandboxReply {
  const json = bodyOf(request)
  if (!Array.isArray(json)) return refused(400, [problem('validation_error', 'The body must be a JSON list.')], now)
  const messages = json.flatMap((value: unknown, i) => check(value, `[${i}]`))
  return messages.length > 0 ? refused(400, messages, now) : (json as readonly Json[])
}

/** Wrapped, since an object may itself look like a reply. */
export function objectOf({ request, now }: Call, check: Check): { readonly json: Json } | SandboxReply {
  const json = bodyOf(request)
  const messages = check(json, 'body')
  return messages.length > 0 ? refused(400, messages, now) : { json: json as Json }
}

function bodyOf(request: SandboxRequest): unknown {
  return jsonBody(request)?.json
}
