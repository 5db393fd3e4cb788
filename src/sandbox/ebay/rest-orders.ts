import type { SandboxReply } from '../stand-in.ts'
import type { Order } from './order.ts'
import type { RestCall } from './rest-call.ts'
import { orderError, readFilter } from './rest-filter.ts'
import { orderForm } from './rest-form.ts'
import { isReply, wholeNumber } from './wire.ts'

const MOST_PER_PAGE = 200
const DEFAULT_PER_PAGE = 50
const MOST_IDS = 50
const YEARS_MS = 2 * 365 * 86_400_000

/** GET /order (contract section 3): the newest first; ids win over everything. */
export function listOrders(call: RestCall): SandboxReply {
  const { state, account, request, now } = call
  const { query } = request
  const withTaxes = readFieldGroups(call)
  if (isReply(withTaxes)) return withTaxes
  const ids = query.get('orderIds')
  if (ids !== null && ids !== '') return ordersById(call, ids.split(','), withTaxes)
  const limit = wholeNumber(query.get('limit') ?? String(DEFAULT_PER_PAGE)) ?? 0
  if (limit < 1 || limit > MOST_PER_PAGE) return orderError(400, 31100, `Invalid limit: ${query.get('limit')}`)
  const offset = wholeNumber(query.get('offset') ?? '0')
  if (offset === undefined) return orderError(400, 31000, `Invalid offset: ${query.get('offset')}`)
  const choice = readFilter(query.get('filter') ?? '', now)
  if (isReply(choice)) return choice
  const found = state.orders
    .of(account.user)
    .filter((order) => order.mergedInto === undefined && choice(order))
    .toSorted((a, b) => b.createdAt - a.createdAt || (a.paidId < b.paidId ? 1 : -1))
  const page = (at: number): string => {
    const next = new URLSearchParams(query)
    next.set('limit', String(limit))
    next.set('offset', String(at))
    return `http://${request.headers['host'] ?? 'localhost'}${request.path}?${next}`
  }
  return {
    status: 200,
    body: {
      href: page(offset),
      total: found.length,
      limit,
      offset,
      ...(offset + limit < found.length ? { next: page(offset + limit) } : {}),
      ...(offset > 0 ? { prev: page(Math.max(0, offset - limit)) } : {}),
      orders: found
        .slice(offset, offset + limit)
        .map((order) => orderForm(order, { now, withTaxes, isList: true, origin: originOf(call) })),
    },
  }
}

function ordersById(call: RestCall, ids: readonly string[], withTaxes: boolean): SandboxReply {
  const { request, now } = call
  if (ids.length > MOST_IDS)
    return orderError(400, 30900, `Exceeded maximum number of order IDs (the current limit is ${MOST_IDS})`)
  const found = [...new Set(ids.map((id) => orderOf(call, id)))].filter((order) => order !== undefined)
  const orders = found.map((order) => orderForm(order, { now, withTaxes, isList: true, origin: originOf(call) }))
  const href = `http://${request.headers['host'] ?? 'localhost'}${request.path}?${request.query}`
  return { status: 200, body: { href, total: orders.length, limit: MOST_IDS, offset: 0, orders } }
}

/** GET /order/{orderId}: has what the list leaves out. */
export function getOrder(call: RestCall): SandboxReply {
  const withTaxes = readFieldGroups(call)
  if (isReply(withTaxes)) return withTaxes
  const order = orderOf(call, call.ids[0] ?? '')
  if (order === undefined) return orderError(404, 32100, `Invalid order ID: ${call.ids[0]}`)
  return { status: 200, body: orderForm(order, { now: call.now, withTaxes, isList: false, origin: originOf(call) }) }
}

/** The seller's own, up to two years back; one whose lines moved on is none. */
export function orderOf({ state, account, now }: RestCall, id: string): Order | undefined {
  const order = state.orders.get(account.user, id)
  return order === undefined || order.mergedInto !== undefined || order.createdAt < now - YEARS_MS ? undefined : order
}

export function originOf({ request }: RestCall): string {
  return `http://${request.headers['host'] ?? 'localhost'}`
}

function readFieldGroups({ request }: RestCall): boolean | SandboxReply {
  const groups = request.query.get('fieldGroups')
  if (groups === null || groups === '') return false
  return groups === 'TAX_BREAKDOWN' ? true : orderError(400, 32800, `Invalid field group: ${groups}`)
}
