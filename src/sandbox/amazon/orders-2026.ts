import type { SandboxClock, SandboxReply, SandboxRequest } from '../stand-in.ts'
import type { Caller } from './access.ts'
import { order2026, PARTS, type Part } from './form-2026.ts'
import { historyStart, marketplaceOf } from './marketplaces.ts'
import { type Order, STATUSES } from './order.ts'
import { decodeToken, encodeToken } from './page-token.ts'
import { readWindow } from './search-window.ts'
import type { OrderStore, Position, TimeKey } from './store.ts'
import { denied, invalidInput, isOrderId, isoMs, listOf, notFound } from './wire.ts'

const TOKEN_LIFE_MS = 24 * 3_600_000
const MAX_PAGE = 100
const MAX_MARKETPLACES = 50
const SEARCH_PARAMETERS = [
  'createdAfter',
  'createdBefore',
  'lastUpdatedAfter',
  'lastUpdatedBefore',
  'fulfillmentStatuses',
  'marketplaceIds',
  'fulfilledBy',
  'maxResultsPerPage',
  'paginationToken',
  'includedData',
]
/** May change from page to page (contract section 2); everything else is bound to the token. */
const UNBOUND = ['maxResultsPerPage', 'includedData', 'paginationToken']
const BAD_TOKEN =
  'The paginationToken you have submitted is not valid. All parameters must match the original request except maxResultsPerPage and includedData.'

export interface OrdersContext {
  readonly clock: SandboxClock
  readonly store: OrderStore
  /** How much later than they happen data appear. */
  readonly lagMs: number
}

interface Search {
  readonly key: TimeKey
  readonly from: number
  readonly to: number
  readonly limit: number
  readonly statuses: readonly string[]
  readonly fulfilledBy: readonly string[]
  readonly marketplaceIds: readonly string[]
  readonly parts: ReadonlySet<Part>
}

/** GET /orders/2026-01-01/orders (contract section 2). */
export function searchOrders(context: OrdersContext, caller: Caller, request: SandboxRequest): SandboxReply {
  const now = context.clock.now()
  const { query } = request
  const refused = refuseParameters(query, SEARCH_PARAMETERS)
  if (refused !== undefined) return refused
  const search = readSearch(query, now, context.lagMs)
  if ('status' in search) return search
  const foreign = search.marketplaceIds.find((id) => !caller.account.marketplaces.has(id))
  // Refusals by marketplace are seen in the wild; their body is not documented.
  if (foreign !== undefined)
    return marketplaceOf(foreign) === undefined ? invalidInput(`marketplaceIds: unknown '${foreign}'.`) : denied()

  const bound = fingerprint(query, caller)
  const text = query.get('paginationToken')
  const page = text === null ? undefined : decodeToken(text, 'search')
  if (text !== null) {
    const good = page !== undefined && page.bound === bound && now - page.issuedAt <= TOKEN_LIFE_MS
    if (!good) return invalidInput('', BAD_TOKEN)
  }
  // The window is closed once, by the first page; later pages must not grow a tail.
  const to = page?.to ?? search.to
  const { orders, next } = context.store.select({
    key: search.key,
    from: search.from,
    to,
    after: page?.after,
    limit: search.limit,
    matches: (order) => isShown(order, caller, now) && !isLost(order, search.key) && matches(order, search),
  })
  return {
    status: 200,
    body: {
      orders: orders.map((order) => order2026(order, search.parts, { now, pii: caller.role })),
      ...pagination(next, bound, to, now),
      [search.key === 'updatedAt' ? 'lastUpdatedBefore' : 'createdBefore']: isoMs(to),
    },
  }
}

/** GET /orders/2026-01-01/orders/{orderId}. */
export function getOrder2026(context: OrdersContext, caller: Caller, request: SandboxRequest, orderId: string): SandboxReply {
  const now = context.clock.now()
  const refused = refuseParameters(request.query, ['includedData'])
  if (refused !== undefined) return refused
  if (!isOrderId(orderId)) return invalidInput('orderId must have the form 123-1234567-1234567.')
  const parts = readParts(request.query)
  if (!(parts instanceof Set)) return parts
  const order = context.store.get(orderId)
  if (order === undefined || !isShown(order, caller, now)) return notFound(`Order ${orderId}`)
  return { status: 200, body: { order: order2026(order, parts, { now, pii: caller.role }) } }
}

/** The caller's own, not older than the history, and at least two minutes old. */
export function isShown(order: Order, caller: Caller, now: number): boolean {
  if (order.sellerId !== caller.account.sellerId || order.visibleAt > now) return false
  return order.createdAt >= historyStart(order.marketplaceId, now)
}

/** Searches may forget an order that others find. Both versions. */
export function isLost(order: Order, key: TimeKey): boolean {
  return order.omitted === 'searches' || (order.omitted === 'changes' && key === 'updatedAt')
}

function matches(order: Order, search: Search): boolean {
  if (search.statuses.length > 0 && !search.statuses.includes(order.status)) return false
  if (search.fulfilledBy.length > 0 && !search.fulfilledBy.includes(order.fulfilledBy)) return false
  return search.marketplaceIds.length === 0 || search.marketplaceIds.includes(order.marketplaceId)
}

function pagination(next: Position | undefined, bound: string, to: number, now: number): object {
  if (next === undefined) return {}
  return { pagination: { nextToken: encodeToken({ kind: 'search', bound, to, after: next, issuedAt: now }) } }
}

function fingerprint(query: URLSearchParams, caller: Caller): string {
  const bound = [...query].filter(([name]) => !UNBOUND.includes(name)).map(([name, value]) => `${name}=${value}`)
  return [caller.account.sellerId, ...bound.sort()].join('&')
}

/** Stricter than the vendor is known to be about unknown names: a misspelt filter must not pass for no filter. */
function refuseParameters(query: URLSearchParams, known: readonly string[]): SandboxReply | undefined {
  for (const name of query.keys()) {
    if (!known.includes(name)) return invalidInput(`Unknown parameter ${name}.`)
    if (query.getAll(name).length > 1) return invalidInput(`${name} is given more than once; join its values by commas.`)
  }
  return undefined
}

function readSearch(query: URLSearchParams, now: number, lagMs: number): Search | SandboxReply {
  const span = readSpan(query, now, lagMs)
  if ('status' in span) return span
  const limitText = query.get('maxResultsPerPage') ?? String(MAX_PAGE)
  const limit = Number(limitText)
  if (!/^\d+$/.test(limitText) || limit < 1 || limit > MAX_PAGE) return invalidInput('maxResultsPerPage must be 1 to 100.')
  const statuses = listOf(query, 'fulfillmentStatuses')
  if (statuses.some((status) => !STATUSES.some((known) => known === status)))
    return invalidInput('fulfillmentStatuses holds an unknown value.')
  const fulfilledBy = listOf(query, 'fulfilledBy')
  if (fulfilledBy.some((by) => by !== 'MERCHANT' && by !== 'AMAZON')) return invalidInput('fulfilledBy holds an unknown value.')
  const marketplaceIds = listOf(query, 'marketplaceIds')
  if (marketplaceIds.length > MAX_MARKETPLACES) return invalidInput(`marketplaceIds holds more than ${MAX_MARKETPLACES} values.`)
  const parts = readParts(query)
  if (!(parts instanceof Set)) return parts
  return { ...span, limit, statuses, fulfilledBy, marketplaceIds, parts }
}

function readParts(query: URLSearchParams): Set<Part> | SandboxReply {
  const parts = new Set<Part>()
  for (const name of listOf(query, 'includedData')) {
    const part = PARTS.find((known) => known === name)
    if (part === undefined) return invalidInput(`includedData holds an unknown value: ${name}.`)
    parts.add(part)
  }
  return parts
}

/** Exactly one ...After; its ...Before not earlier and two minutes old (contract section 2). */
function readSpan(query: URLSearchParams, now: number, lagMs: number): Pick<Search, 'key' | 'from' | 'to'> | SandboxReply {
  const created = query.has('createdAfter')
  if (created === query.has('lastUpdatedAfter'))
    return invalidInput('Exactly one of createdAfter and lastUpdatedAfter must be given.')
  const [after, before, otherBefore] = created
    ? ['createdAfter', 'createdBefore', 'lastUpdatedBefore']
    : ['lastUpdatedAfter', 'lastUpdatedBefore', 'createdBefore']
  return readWindow(query, { after, before, otherBefore, key: created ? 'createdAt' : 'updatedAt' }, now, lagMs)
}
