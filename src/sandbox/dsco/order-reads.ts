import type { SandboxReply } from '../stand-in.ts'
import { STATUSES } from './order.ts'
import { stranger } from './order-wire.ts'
import type { Call } from './rest-call.ts'
import { nextPage, openScroll, type Page } from './scroll.ts'
import { allSeen, seenAt } from './seen.ts'
import { isReply, type Json, listOf, parseTime, problem, refused } from './wire.ts'

const ORDER_KEYS = ['dscoOrderId', 'poNumber', 'supplierOrderNumber'] as const
const MOST_PER_PAGE = 1000
const LEAST_PER_PAGE = 10
/** An until that is younger is refused (contract section 2). */
const UNTIL_AGE_MS = 5_000

/** GET /order/ : one order as it is seen by now. */
export function getOrderById({ book, request, now }: Call): SandboxReply {
  const key = ORDER_KEYS.find((one) => one === request.query.get('orderKey'))
  const value = request.query.get('value') ?? ''
  if (key === undefined || value === '') return bad('orderKey and value must be given.', now)
  const known = key === 'dscoOrderId' ? [book.orders.get(value)].filter((order) => order !== undefined) : book.orders.values()
  const fitting = allSeen(known, now).filter((document) => document[key] === value)
  if (request.query.get('returnMultiple') === 'true') return { status: 200, body: fitting }
  const [first] = fitting
  return first === undefined
    ? refused(404, [problem('order_not_found', 'There is no such order.')], now)
    : { status: 200, body: first }
}

/** GET /order/page (contract section 2): a new search, or the next page of one. */
export function getOrders(call: Call): SandboxReply {
  const { state, book, request, now } = call
  const scrollId = request.query.get('scrollId')
  if (scrollId !== null && scrollId !== '') {
    const page = nextPage(state, book, 'orders', scrollId)
    return page === undefined
      ? refused(404, [problem('scroll_not_found', 'The page does not exist.')], now)
      : pageReply(call, page)
  }
  const size = pageSize(request.query)
  if (size === undefined) return bad(`ordersPerPage must be ${LEAST_PER_PAGE} to ${MOST_PER_PAGE}.`, now)
  const found = search(call)
  if (isReply(found)) return found
  return pageReply(call, openScroll(state, book, 'orders', found, Math.max(1, size - state.settings.pageCut)))
}

function pageReply({ state }: Call, { items, scrollId }: Page): SandboxReply {
  return { status: 200, body: { orders: items, ...(scrollId === undefined ? {} : { scrollId }), ...stranger(state.settings) } }
}

function pageSize(query: URLSearchParams): number | undefined {
  const text = query.get('ordersPerPage')
  if (text === null) return MOST_PER_PAGE
  const size = /^\d+$/.test(text) ? Number(text) : 0
  return size >= LEAST_PER_PAGE && size <= MOST_PER_PAGE ? size : undefined
}

function search({ state, book, request, now }: Call): readonly Json[] | SandboxReply {
  const { query } = request
  const statuses = query.getAll('status')
  if (statuses.some((status) => !STATUSES.some((one) => one === status))) return bad('status is not known.', now)
  const inTime = timeFilter(query, state.settings.until, now)
  if (isReply(inTime)) return inTime
  const withTests = query.get('includeTestOrders') === 'true'
  const returned = query.get('returnedOnly')
  const found: Json[] = []
  for (const order of book.orders.values()) {
    const document = seenAt(order.seen, now)
    if (document === undefined || !inTime.fits(document)) continue
    if (order.test && !withTests) continue
    if (order.omitted === true && inTime.sortBy === 'dscoLastUpdate') continue
    if (statuses.length > 0 && !statuses.includes(String(document['dscoStatus']))) continue
    if (returned !== null && isReturned(document) !== (returned === 'true')) continue
    found.push(document)
  }
  const { sortBy } = inTime
  return found.sort((a, b) => compare(String(a[sortBy]), String(b[sortBy])))
}

interface TimeFilter {
  readonly fits: (document: Json) => boolean
  readonly sortBy: 'dscoCreateDate' | 'dscoLastUpdate'
}

/** By the shopper's number, or by a window: created since (inclusive), or updated since (exclusive). */
function timeFilter(query: URLSearchParams, end: 'exclusive' | 'inclusive', now: number): TimeFilter | SandboxReply {
  const consumer = query.get('consumerOrderNumber')
  if (consumer !== null) return { fits: (document) => document['consumerOrderNumber'] === consumer, sortBy: 'dscoCreateDate' }
  const [created, updated] = [query.get('ordersCreatedSince'), query.get('ordersUpdatedSince')]
  if ((created === null) === (updated === null)) return bad('Either ordersCreatedSince or ordersUpdatedSince is required.', now)
  const since = parseTime(created ?? updated)
  const until = parseTime(query.get('until'))
  if (since === undefined || until === undefined) return bad('The dates, and until, must be given in ISO 8601.', now)
  if (until > now - UNTIL_AGE_MS) return bad('until must be at least 5 seconds in the past.', now)
  const sortBy = created === null ? 'dscoLastUpdate' : 'dscoCreateDate'
  return {
    fits(document) {
      const at = Date.parse(String(document[sortBy]))
      const isLate = end === 'exclusive' ? at >= until : at > until
      return !isLate && (created === null ? at > since : at >= since)
    },
    sortBy,
  }
}

function isReturned(document: Json): boolean {
  return listOf(document['packages']).some((parcel) => (parcel as Json)['returnedFlag'] === true)
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function bad(description: string, now: number): SandboxReply {
  return refused(400, [problem('validation_error', description)], now)
}
