import type { SandboxReply } from '../stand-in.ts'
import { dateOnly, parseDate } from './los-angeles.ts'
import { STATUSES } from './order-fields.ts'
import { orderReply } from './order-wire.ts'
import { type ListQuery, listQuery, pageOf, pageReply, sorted } from './paging.ts'
import { modelState, noSuchOrder, ok, refused, success } from './replies.ts'
import { isListed, isOpen, type State, type StoredOrder } from './state.ts'

/** GET /orders: contract section 6. */
export function listOrders(state: State, parameters: URLSearchParams): SandboxReply {
  const query = listQuery(parameters)
  const keep = orderFilter(query)
  const sortBy = query.oneOf('sortBy', ['OrderDate', 'ModifyDate', 'CreateDate'])
  const sortDir = query.oneOf('sortDir', ['ASC', 'DESC'])
  const found = [...state.orders.values()].filter(keep)
  const by = (order: StoredOrder) => sortKey(order, sortBy)
  const rows = sorted(found, { by, descending: sortDir === 'DESC' }, (order) => order.orderId)
  const page = pageOf(query, rows)
  if (Object.keys(query.problems).length > 0) return modelState(query.problems)
  return pageReply('orders', page.rows.map(orderReply), page, state.pagesZero)
}

/** GET /orders/listbytag */
export function listByTag(state: State, parameters: URLSearchParams): SandboxReply {
  const query = listQuery(parameters)
  const status = query.oneOf('orderStatus', STATUSES)
  const tagId = query.number('tagId')
  if (status === undefined || tagId === undefined) return refused('orderStatus and tagId are required.')
  const tagged = [...state.orders.values()].filter(
    (order) => isListed(order) && order.status === status && order.tagIds.includes(tagId),
  )
  const page = pageOf(query, tagged)
  return pageReply('orders', page.rows.map(orderReply), page, state.pagesZero)
}

function sortKey(order: StoredOrder, sortBy: string | undefined): number {
  if (sortBy === 'OrderDate') return instant(order.document.orderDate) ?? 0
  if (sortBy === 'ModifyDate') return order.modifiedAt
  if (sortBy === 'CreateDate') return order.createdAt
  return 0
}

function orderFilter(query: ListQuery): (order: StoredOrder) => boolean {
  const number = query.text('orderNumber')?.toLowerCase()
  const status = query.oneOf('orderStatus', STATUSES)
  const storeId = query.number('storeId')
  const customer = query.text('customerName')?.toLowerCase()
  const keyword = query.text('itemKeyword')?.toLowerCase()
  const created = query.range('createDate')
  const modified = query.range('modifyDate')
  const ordered = query.range('orderDate')
  const paid = query.range('paymentDate')
  return (order) =>
    isListed(order) &&
    // Contract section 6: a prefix is enough.
    (number === undefined || order.orderNumber.toLowerCase().startsWith(number)) &&
    (status === undefined || order.status === status) &&
    (storeId === undefined || order.storeId === storeId) &&
    (created === undefined || created(order.createdAt)) &&
    (modified === undefined || modified(order.modifiedAt)) &&
    (ordered === undefined || ordered(instant(order.document.orderDate))) &&
    (paid === undefined || paid(instant(order.document.paymentDate))) &&
    (customer === undefined ||
      String(order.document.shipTo?.['name'] ?? '')
        .toLowerCase()
        .includes(customer)) &&
    (keyword === undefined ||
      order.items.some(({ document }) => `${document.sku} ${document.name}`.toLowerCase().includes(keyword)))
}

function instant(text: string | null): number | undefined {
  return text === null ? undefined : parseDate(text)
}

/** GET /orders/{id} */
export function getOrder(state: State, id: number): SandboxReply {
  const order = state.orders.get(id)
  return order === undefined || order.deleted ? noSuchOrder() : ok(orderReply(order))
}

/** DELETE /orders/{id}: the order becomes inactive. */
export function deleteOrder(state: State, id: number, now: number): SandboxReply {
  const order = state.orders.get(id)
  if (order === undefined || order.deleted) return noSuchOrder()
  order.deleted = true
  order.modifiedAt = now
  return success('The requested order has been deleted.')
}

/** POST /orders/holduntil */
export function holdUntil(state: State, body: Readonly<Record<string, unknown>>, now: number): SandboxReply {
  const order = liveOrder(state, body['orderId'])
  if (order === undefined) return noSuchOrder()
  const until = typeof body['holdUntilDate'] === 'string' ? parseDate(body['holdUntilDate']) : undefined
  if (until === undefined) return refused('holdUntilDate must be a date.')
  if (!isOpen(order)) return refused(`Order ${order.orderNumber} cannot be held because it is ${order.status}.`)
  order.status = 'on_hold'
  order.holdUntil = dateOnly(until)
  order.modifiedAt = now
  return success(`The requested order has been placed on hold until ${order.holdUntil}.`)
}

/** POST /orders/restorefromhold */
export function restoreFromHold(state: State, body: Readonly<Record<string, unknown>>, now: number): SandboxReply {
  const order = liveOrder(state, body['orderId'])
  if (order === undefined) return noSuchOrder()
  if (order.status !== 'on_hold') return refused(`Order ${order.orderNumber} is not on hold.`)
  order.status = 'awaiting_shipment'
  order.holdUntil = null
  order.modifiedAt = now
  return success('The requested order has been restored')
}

/** POST /orders/addtag and /orders/removetag */
export function changeTag(state: State, body: Readonly<Record<string, unknown>>, add: boolean, now: number): SandboxReply {
  const order = liveOrder(state, body['orderId'])
  if (order === undefined) return noSuchOrder()
  const tag = state.tags.find(({ tagId }) => tagId === Number(body['tagId']))
  if (tag === undefined) return refused('The requested tag could not be found.')
  const others = order.tagIds.filter((id) => id !== tag.tagId)
  order.tagIds = add ? [...others, tag.tagId] : others
  order.modifiedAt = now
  return success(add ? 'Tag added successfully.' : 'Tag removed successfully.')
}

function liveOrder(state: State, id: unknown): StoredOrder | undefined {
  const order = state.orders.get(Number(id))
  return order?.deleted === true ? undefined : order
}
