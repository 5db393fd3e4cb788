import type { SandboxReply } from '../stand-in.ts'
import { type Call, linkHeader, pageNumber } from './call.ts'
import { type Account, ORDER_STATES, type Order } from './model.ts'
import { orderWire, taxMode, workflowOf } from './order-wire.ts'
import { centerOf } from './transitions.ts'
import { comma, fail, isReply, parseTime } from './wire.ts'

const DEFAULT_MAX = 10
const CEILING = 100
const LIST_LIMIT = 100
const LIMITED_LISTS = ['order_ids', 'order_references_for_customer', 'order_references_for_seller', 'channel_codes']
const DATES = ['start_date', 'end_date', 'start_update_date', 'end_update_date'] as const
const BOOLEANS = ['customer_debited', 'has_incident', 'only_null_channel'] as const

type Test = (order: Order) => boolean

/** OR11 (section 3): offset paging over the creation date, total_count and a Link header. */
export function listOrders(call: Call): SandboxReply {
  const { account, request } = call
  const { query } = request
  const max = pageNumber(query, 'max', DEFAULT_MAX, 1, CEILING)
  if (isReply(max)) return max
  const offset = pageNumber(query, 'offset', 0, 0, Number.MAX_SAFE_INTEGER)
  if (isReply(offset)) return offset
  const refusal = checkQuery(query)
  if (refusal !== undefined) return refusal

  const found = selectOrders(account, call.shopId, query)
  if (query.get('order') === 'desc') found.reverse()
  const page = found.slice(offset, offset + max)
  const link = linkHeader(request, offset, max, found.length)
  return {
    status: 200,
    headers: link === '' ? {} : { link },
    body: { orders: page.map((order) => orderWire(account, order)), total_count: found.length },
  }
}

/** The orders of a shop that a list or an export is about, in the order of creation, then of the identifier. */
export function selectOrders(account: Account, shopId: number | undefined, query: URLSearchParams): Order[] {
  const tests = testsOf(account, shopId, query)
  return candidates(account, query).filter((order) => tests.every((test) => test(order)))
}

function checkQuery(query: URLSearchParams): SandboxReply | undefined {
  for (const name of LIMITED_LISTS) {
    if (comma(query.get(name)).length > LIST_LIMIT)
      return fail(400, `The limit of ${LIST_LIMIT} is exceeded for the parameter : ${name}`)
  }
  for (const name of DATES) {
    const value = query.get(name)
    if (value !== null && value !== '' && Number.isNaN(parseTime(value)))
      return fail(400, `The parameter '${name}' is not a date: '${value}'.`)
  }
  for (const name of BOOLEANS) {
    const value = query.get(name)
    if (value !== null && value !== 'true' && value !== 'false')
      return fail(400, `The parameter '${name}' must be true or false.`)
  }
  const unknown = comma(query.get('order_state_codes')).find((state) => !ORDER_STATES.includes(state))
  if (unknown !== undefined) return fail(400, `Unknown value '${unknown}' for the parameter 'order_state_codes'.`)
  const sort = query.get('sort')
  if (sort !== null && sort !== 'dateCreated') return fail(400, `Cannot sort by '${sort}'.`)
  const order = query.get('order')
  if (order !== null && order !== 'asc' && order !== 'desc') return fail(400, `Unknown sort order '${order}'.`)
  return undefined
}

/** In the order of creation, then of the identifier. A list of ids is looked up, not searched. */
function candidates(account: Account, query: URLSearchParams): Order[] {
  const ids = comma(query.get('order_ids'))
  if (ids.length > 0) {
    const named = [...new Set(ids)].flatMap((id) => account.orders.get(id) ?? [])
    return named.sort(byCreation)
  }
  account.byCreated ??= [...account.orders.values()].sort(byCreation)
  return [...account.byCreated]
}

function byCreation(a: Order, b: Order): number {
  return a.created - b.created || (a.id < b.id ? -1 : 1)
}

function testsOf(account: Account, shopId: number | undefined, query: URLSearchParams): readonly Test[] {
  const tests: Test[] = [(order) => order.shopId === shopId]
  const states = new Set(comma(query.get('order_state_codes')))
  if (states.size > 0) tests.push((order) => states.has(order.state))
  tests.push(...dateTests(query, account.settings.start_update_delta_ms))
  const centers = new Set(query.getAll('fulfillment_center_code').flatMap(comma))
  if (centers.size > 0) tests.push((order) => centers.has(centerOf(order)))
  tests.push(...channelTests(account, query))
  const incident = query.get('has_incident')
  if (incident !== null) tests.push((order) => String(order.hasIncident) === incident)
  const debited = query.get('customer_debited')
  if (debited !== null) tests.push((order) => String(order.debitedAt !== undefined) === debited)
  const mode = query.get('order_tax_mode')
  if (mode !== null) tests.push((order) => taxMode(order) === mode)
  const workflow = query.get('payment_workflow')
  if (workflow !== null) tests.push((order) => workflowOf(order) === workflow)
  for (const side of ['customer', 'seller'] as const) {
    const wanted = new Set(comma(query.get(`order_references_for_${side}`)))
    if (wanted.size > 0) tests.push((order) => wanted.has(order.source.references?.[`order_reference_for_${side}`] ?? ''))
  }
  return tests
}

/** The server reaches back a little before start_update_date (section 3), so repeats are normal. */
function dateTests(query: URLSearchParams, delta: number): readonly Test[] {
  const at = (name: (typeof DATES)[number]) => parseTime(query.get(name) ?? '')
  const from = at('start_date')
  const to = at('end_date')
  const updatedFrom = at('start_update_date') - delta
  const updatedTo = at('end_update_date')
  const tests: Test[] = []
  if (!Number.isNaN(from)) tests.push((order) => order.created >= from)
  if (!Number.isNaN(to)) tests.push((order) => order.created <= to)
  if (!Number.isNaN(updatedFrom)) tests.push((order) => order.updated >= updatedFrom)
  if (!Number.isNaN(updatedTo)) tests.push((order) => order.updated <= updatedTo)
  if (!Number.isNaN(updatedFrom) || !Number.isNaN(updatedTo)) tests.push((order) => !order.omitted)
  return tests
}

function channelTests(account: Account, query: URLSearchParams): readonly Test[] {
  const channelOf = (order: Order) => order.source.channel ?? account.channel
  if (query.get('only_null_channel') === 'true') return [(order) => channelOf(order) === undefined]
  const codes = new Set(comma(query.get('channel_codes')))
  return codes.size === 0 ? [] : [(order) => codes.has(channelOf(order) ?? '')]
}
