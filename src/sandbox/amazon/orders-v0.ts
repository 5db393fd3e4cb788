import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import type { Caller } from './access.ts'
import { addressV0, buyerV0, giftV0, itemV0, orderV0 } from './form-v0.ts'
import { isPending, type Order } from './order.ts'
import { isLost, isShown, type OrdersContext } from './orders-2026.ts'
import { decodeToken, encodeToken } from './page-token.ts'
import { matchesV0, type QueryV0, readQueryV0 } from './query-v0.ts'
import { invalidInput, isOrderId, isoSeconds, type Json, notFound, tryJson } from './wire.ts'

/** GET /orders/v0/orders (contract section 2, v0 column). */
export function getOrders(context: OrdersContext, caller: Caller, request: SandboxRequest): SandboxReply {
  const now = context.clock.now()
  const text = request.query.get('NextToken')
  const page = text === null ? undefined : decodeToken(text, 'v0')
  if (text !== null && page === undefined) return invalidInput('', 'We could not decode your NextToken.')
  // The token stands for the first call's parameters; only MarketplaceIds is still demanded beside it.
  if (page !== undefined && !request.query.get('MarketplaceIds')) return invalidInput('MarketplaceIds is required.')
  const bound = page?.bound ?? JSON.stringify([...request.query])
  const query = readQueryV0(new URLSearchParams(pairs(bound)), caller, now, context.lagMs)
  if ('status' in query) return query
  const to = page?.to ?? query.to
  const { orders, next } = context.store.select({
    key: query.key,
    from: query.from,
    to,
    after: page?.after,
    limit: query.limit,
    matches: (order) => isShown(order, caller, now) && !isLost(order, query.key) && matchesV0(order, query),
  })
  const payload = {
    Orders: orders.map((order) => orderV0(order, caller, now)),
    NextToken: next === undefined ? undefined : encodeToken({ kind: 'v0', bound, to, after: next, issuedAt: now }),
    ...windowEnd(query, to),
  }
  return { status: 200, body: { payload } }
}

function windowEnd(query: QueryV0, to: number): Json {
  if (query.ids.length > 0) return {}
  return { [query.key === 'updatedAt' ? 'LastUpdatedBefore' : 'CreatedBefore']: isoSeconds(to) }
}

function pairs(text: string): [string, string][] {
  const list = tryJson(text)
  if (!Array.isArray(list)) return []
  return (list as readonly unknown[]).filter((pair): pair is [string, string] => Array.isArray(pair) && pair.length === 2)
}

export function getOrderV0(context: OrdersContext, caller: Caller, orderId: string): SandboxReply {
  return withOrder(context, caller, orderId, (order) => orderV0(order, caller, context.clock.now()))
}

export function getOrderItems(context: OrdersContext, caller: Caller, orderId: string, request: SandboxRequest): SandboxReply {
  // All lines fit one page here, so no token can be a good one.
  if (request.query.has('NextToken')) return invalidInput('', 'We could not decode your NextToken.')
  return withOrder(context, caller, orderId, (order) => ({
    AmazonOrderId: order.id,
    OrderItems: order.items.map((item) => itemV0(order, item, caller)),
  }))
}

/** Without the role the answer is 400 InvalidInput, not silence (contract section 1). */
export function getOrderAddress(context: OrdersContext, caller: Caller, orderId: string): SandboxReply {
  if (!caller.role) return invalidInput()
  const wide = opened(caller)
  return withOrder(context, caller, orderId, (order) => ({
    AmazonOrderId: order.id,
    ShippingAddress: addressV0(order, wide, context.clock.now()),
    DeliveryPreferences: wide.elements === undefined ? undefined : preferences(order),
  }))
}

export function getOrderBuyerInfo(context: OrdersContext, caller: Caller, orderId: string): SandboxReply {
  if (!caller.role) return invalidInput()
  return withOrder(context, caller, orderId, (order) => ({ AmazonOrderId: order.id, ...buyerV0(order, opened(caller)) }))
}

export function getOrderItemsBuyerInfo(context: OrdersContext, caller: Caller, orderId: string): SandboxReply {
  if (!caller.role) return invalidInput()
  return withOrder(context, caller, orderId, (order) => ({
    AmazonOrderId: order.id,
    OrderItems: order.items.map((item) => ({
      OrderItemId: item.id,
      ...(caller.elements === undefined || isPending(order) ? {} : giftV0(order, item)),
    })),
  }))
}

/** An RDT for a wholly restricted path names no data elements: the path itself opens them. */
function opened(caller: Caller): Caller {
  if (caller.elements === undefined) return caller
  return { ...caller, elements: new Set(['buyerInfo', 'shippingAddress']) }
}

function preferences(order: Order): Json | undefined {
  if (order.dropOff === undefined && order.instruction === undefined) return undefined
  return { DropOffLocation: order.dropOff, AddressInstructions: order.instruction }
}

function withOrder(context: OrdersContext, caller: Caller, orderId: string, show: (order: Order) => Json): SandboxReply {
  if (!isOrderId(orderId)) return invalidInput('orderId must have the form 123-1234567-1234567.')
  const order = context.store.get(orderId)
  if (order === undefined || !isShown(order, caller, context.clock.now())) return notFound(`Order ${orderId}`)
  return { status: 200, body: { payload: show(order) } }
}
