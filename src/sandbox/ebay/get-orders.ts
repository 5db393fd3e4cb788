import { changedAt, idOf, type Order, orderStatus } from './order.ts'
import { orderXml } from './order-xml.ts'
import { selected } from './output-selector.ts'
import { errorsXml, invalidField, type TradingCall, type TradingFault, type TradingResult } from './trading-reply.ts'
import { parseTime, wholeNumber } from './wire.ts'
import { child, children, textOf, type Xml } from './xml.ts'

const DAY_MS = 86_400_000
const OLDEST_MS = 90 * DAY_MS
const CREATED_WINDOW_MS = 90 * DAY_MS
const CHANGED_WINDOW_MS = 30 * DAY_MS
const MOST_DAYS = 30
const MOST_PER_PAGE = 100
const DEFAULT_PER_PAGE = 25
const FILTERS = ['Active', 'Inactive', 'Completed', 'Cancelled', 'All']

type Choice = (order: Order) => boolean
type Asked = { readonly choice: Choice } | { readonly fault: TradingFault }

/** GetOrders (contract sections 2.1 and 2.2). Every page is cut from what there is now: an order that changes meanwhile moves. */
export function getOrders(call: TradingCall): TradingResult {
  const asked = readChoice(call)
  if ('fault' in asked) return { faults: [asked.fault] }
  const pagination = child(call.root, 'Pagination') ?? {}
  const perPage = wholeNumber(textOf(pagination, 'EntriesPerPage') ?? String(DEFAULT_PER_PAGE)) ?? 0
  if (perPage < 1 || perPage > MOST_PER_PAGE) return { faults: [invalidField('EntriesPerPage')] }
  const page = wholeNumber(textOf(pagination, 'PageNumber') ?? '1') ?? 0
  if (page < 1) return { faults: [invalidField('PageNumber')] }

  const isDescending = textOf(call.root, 'SortingOrder') === 'Descending'
  const isBuying = textOf(call.root, 'OrderRole') === 'Buyer'
  const own = isBuying ? [] : call.state.orders.of(call.account.user).filter(asked.choice)
  const sorted = own.toSorted((a, b) => (isDescending ? -1 : 1) * (a.updatedAt - b.updatedAt || compare(a.paidId, b.paidId)))
  const shown = sorted.slice((page - 1) * perPage, page * perPage)
  const pages = Math.ceil(sorted.length / perPage)
  const selectors = children(call.root, 'OutputSelector').filter((name): name is string => typeof name === 'string')
  const content = {
    PaginationResult: { TotalNumberOfPages: String(pages), TotalNumberOfEntries: String(sorted.length) },
    HasMoreOrders: String(page < pages),
    OrderArray: orderArray(call, shown),
    OrdersPerPage: String(perPage),
    PageNumber: String(page),
    ReturnedOrderCountActual: String(shown.length),
  }
  return { content: selected(content, selectors) }
}

/** An order that cannot be shown is an error beside the others. */
function orderArray({ level, now }: TradingCall, orders: readonly Order[]): Xml {
  if (orders.length === 0) return ''
  return {
    Errors: orders.filter(({ broken }) => broken).map((order) => errorsXml(unreadable(order))),
    Order: orders.filter(({ broken }) => !broken).map((order) => orderXml(order, level, now)),
  }
}

function unreadable(order: Order): TradingFault {
  return { code: 10007, short: 'Internal error to the application.', classification: 'SystemError', parameters: [idOf(order)] }
}

/** Ids win over everything, days over creation, creation over modification. */
function readChoice(call: TradingCall): Asked {
  const { root, state, account } = call
  const ids = children(child(root, 'OrderIDArray') ?? {}, 'OrderID').filter(
    (id): id is string => typeof id === 'string' && id !== '',
  )
  if (ids.length > 0) {
    const found = new Set(ids.map((id) => state.orders.get(account.user, id)))
    return { choice: (order) => found.has(order) }
  }
  const status = textOf(root, 'OrderStatus') ?? 'All'
  if (!FILTERS.includes(status)) return { fault: invalidField('OrderStatus', status) }
  const timed = readTimes(call)
  if ('fault' in timed) return timed
  return { choice: (order) => timed.choice(order) && (status === 'All' || orderStatus(order) === status) }
}

function readTimes(call: TradingCall): Asked {
  const { root, now } = call
  const days = textOf(root, 'NumberOfDays')
  if (days !== undefined) {
    const count = wholeNumber(days) ?? 0
    if (count < 1 || count > MOST_DAYS) return { fault: invalidField('NumberOfDays', days) }
    // Whole days: more than so many times 24 hours (contract section 10).
    const from = Math.floor((now - count * DAY_MS) / DAY_MS) * DAY_MS
    return { choice: (order) => order.createdAt >= from }
  }
  if (textOf(root, 'CreateTimeFrom') !== undefined || textOf(root, 'CreateTimeTo') !== undefined)
    return readWindow(call, 'CreateTime', CREATED_WINDOW_MS, (order) => order.createdAt)
  if (textOf(root, 'ModTimeFrom') !== undefined || textOf(root, 'ModTimeTo') !== undefined)
    return readWindow(call, 'ModTime', CHANGED_WINDOW_MS, changedAt)
  return { fault: noWindow() }
}

function noWindow(): TradingFault {
  return { code: 10009, short: 'No date range.', long: 'The request names neither orders nor a date range.' }
}

function readWindow({ root, now }: TradingCall, name: string, mostMs: number, timeOf: (order: Order) => number): Asked {
  const fromText = textOf(root, `${name}From`)
  const toText = textOf(root, `${name}To`)
  if (fromText === undefined) return { fault: noWindow() }
  const from = parseTime(fromText)
  const to = toText === undefined ? now : parseTime(toText)
  if (from === undefined || from < now - OLDEST_MS) return { fault: invalidField(`${name}From`, fromText) }
  if (to === undefined || to < from || to - from > mostMs) return { fault: invalidField(`${name}To`, toText) }
  return { choice: (order) => timeOf(order) >= from && timeOf(order) <= to }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
