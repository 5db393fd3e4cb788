import type { SandboxReply } from '../stand-in.ts'
import type { Call } from './call.ts'
import { answerEntity, answerList } from './odata-answer.ts'
import type { Order } from './order.ts'
import { ITEMS, linesOf, ORDERS } from './order-kinds.ts'
import { orderOf } from './ship.ts'
import type { ExportFlag } from './state.ts'
import { NO_CONTENT, noSuchEntity, odataError } from './wire.ts'

/** GET Orders: `exported` has no dollar sign, and is about this application's own flags (contract section 9). */
export function listOrders(call: Call): SandboxReply {
  const { state, application, request, now } = call
  const wanted = request.query.get('exported')
  if (wanted !== null && !/^(true|false)$/i.test(wanted))
    return odataError(400, `'${wanted}' is not a valid value of 'exported'.`)
  const flags = flagsOf(call)
  const byChange = /UpdatedDateUtc/.test(request.query.get('$filter') ?? '')
  const isWanted = (order: Order) =>
    (wanted === null || flags.has(order) === /^true$/i.test(wanted)) && !(byChange && order.omitted === true)
  const entities = state.orders.visible(application.profiles, now).filter(isWanted)
  return answerList(call, { kind: ORDERS, entities, pageSize: state.settings.pageSize })
}

/** GET Orders({ID}): whatever its flag, and nothing cut. */
export function getOrder(call: Call): SandboxReply {
  const order = orderOf(call)
  return order === undefined ? noSuchEntity() : answerEntity(call, ORDERS, order)
}

/** GET Orders({ID})/Items */
export function listItems(call: Call): SandboxReply {
  const order = orderOf(call)
  if (order === undefined) return noSuchEntity()
  return answerList(call, { kind: ITEMS, entities: linesOf(order), pageSize: call.state.settings.pageSize })
}

/** POST Orders({ID})/Export */
export function exportOrder(call: Call): SandboxReply {
  return flag(call, true)
}

/** DELETE Orders({ID})/Export */
export function unexportOrder(call: Call): SandboxReply {
  return flag(call, false)
}

function flag(call: Call, on: boolean): SandboxReply {
  const order = orderOf(call)
  // The vendor names this one as not to be used in a batch.
  if (order === undefined || call.inBatch) return noSuchEntity()
  const flags = flagsOf(call)
  if (on) flags.set(order, flags.get(order) ?? { at: call.now })
  else flags.delete(order)
  call.state.flagLog.push({ at: call.now, app: call.application.appId, orderId: order.id, on })
  return NO_CONTENT
}

function flagsOf({ state, application }: Call): Map<Order, ExportFlag> {
  const flags = state.flags.get(application.appId) ?? new Map<Order, ExportFlag>()
  state.flags.set(application.appId, flags)
  return flags
}
