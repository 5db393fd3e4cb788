import type { SandboxReply } from '../stand-in.ts'
import type { Caller } from './access.ts'
import { V0_STATUS, v0Channel, v0PaymentMethod } from './form-v0.ts'
import { marketplaceOf } from './marketplaces.ts'
import type { Order } from './order.ts'
import { readWindow } from './search-window.ts'
import type { TimeKey } from './store.ts'
import { denied, invalidInput, isOrderId, listOf, parseTime } from './wire.ts'

const MAX_LIST = 50
const MAX_PAGE = 100
/** What SellerOrderId cannot be combined with (v0 model). */
const NOT_WITH_SELLER_ORDER_ID = [
  'FulfillmentChannels',
  'OrderStatuses',
  'PaymentMethods',
  'LastUpdatedAfter',
  'LastUpdatedBefore',
  'BuyerEmail',
]
/** Filters on things that no order of the sandbox has. */
const MATCHES_NOTHING = [
  'EasyShipShipmentStatuses',
  'ElectronicInvoiceStatuses',
  'ActualFulfillmentSupplySourceId',
  'StoreChainStoreId',
]
const DELIVERY_FILTERS = [
  'EarliestDeliveryDateBefore',
  'EarliestDeliveryDateAfter',
  'LatestDeliveryDateBefore',
  'LatestDeliveryDateAfter',
] as const
// biome-ignore format: a word list
const PARAMETERS = [
  'CreatedAfter', 'CreatedBefore', 'LastUpdatedAfter', 'LastUpdatedBefore', 'OrderStatuses', 'MarketplaceIds', 'FulfillmentChannels',
  'PaymentMethods', 'BuyerEmail', 'SellerOrderId', 'MaxResultsPerPage', 'NextToken', 'AmazonOrderIds', 'IsISPU',
  ...MATCHES_NOTHING, ...DELIVERY_FILTERS,
]

export interface QueryV0 {
  readonly key: TimeKey
  readonly from: number
  readonly to: number
  readonly limit: number
  readonly ids: readonly string[]
  readonly marketplaceIds: readonly string[]
  readonly statuses: readonly string[]
  readonly channels: readonly string[]
  readonly paymentMethods: readonly string[]
  readonly buyerEmail: string | null
  readonly sellerOrderId: string | null
  readonly inStore: boolean | undefined
  readonly nothing: boolean
  readonly delivery: Readonly<Partial<Record<(typeof DELIVERY_FILTERS)[number], number>>>
}

/** The parameters of getOrders (contract section 2, v0 model), or the 400 that refuses them. */
export function readQueryV0(query: URLSearchParams, caller: Caller, now: number, lagMs: number): QueryV0 | SandboxReply {
  for (const name of query.keys()) {
    if (!PARAMETERS.includes(name)) return invalidInput(`Unknown parameter ${name}.`)
    if (query.getAll(name).length > 1) return invalidInput(`${name} is given more than once; join its values by commas.`)
  }
  const marketplaceIds = listOf(query, 'MarketplaceIds')
  if (marketplaceIds.length === 0) return invalidInput('MarketplaceIds is required.')
  const ids = listOf(query, 'AmazonOrderIds')
  if (marketplaceIds.length > MAX_LIST || ids.length > MAX_LIST) return invalidInput(`A list holds more than ${MAX_LIST} values.`)
  if (!ids.every(isOrderId)) return invalidInput('AmazonOrderIds holds an id that has not the form 123-1234567-1234567.')
  const foreign = marketplaceIds.find((id) => !caller.account.marketplaces.has(id))
  if (foreign !== undefined)
    return marketplaceOf(foreign) === undefined ? invalidInput(`MarketplaceIds: unknown '${foreign}'.`) : denied()
  if (query.has('SellerOrderId')) {
    const clash = NOT_WITH_SELLER_ORDER_ID.find((name) => query.has(name))
    if (clash !== undefined) return invalidInput(`${clash} cannot be used together with SellerOrderId.`)
  }
  const span = readSpan(query, now, lagMs, ids.length > 0)
  if ('status' in span) return span
  const limitText = query.get('MaxResultsPerPage') ?? String(MAX_PAGE)
  const limit = Number(limitText)
  if (!/^\d+$/.test(limitText) || limit < 1 || limit > MAX_PAGE) return invalidInput('MaxResultsPerPage must be 1 to 100.')
  const delivery: Partial<Record<(typeof DELIVERY_FILTERS)[number], number>> = {}
  for (const name of DELIVERY_FILTERS) {
    if (!query.has(name)) continue
    const at = parseTime(query.get(name) ?? '')
    if (at === undefined) return invalidInput(`Invalid date/time field [${name}].`)
    delivery[name] = at
  }
  const statuses = listOf(query, 'OrderStatuses')
  const known = [...Object.values(V0_STATUS), 'InvoiceUnconfirmed']
  if (!statuses.every((status) => known.includes(status))) return invalidInput('OrderStatuses holds an unknown value.')
  const channels = listOf(query, 'FulfillmentChannels')
  if (!channels.every((channel) => channel === 'MFN' || channel === 'AFN'))
    return invalidInput('FulfillmentChannels holds an unknown value.')
  const paymentMethods = listOf(query, 'PaymentMethods')
  if (!paymentMethods.every((method) => ['COD', 'CVS', 'Other'].includes(method)))
    return invalidInput('PaymentMethods holds an unknown value.')
  return {
    ...span,
    limit,
    ids,
    marketplaceIds,
    statuses,
    channels,
    paymentMethods,
    buyerEmail: query.get('BuyerEmail'),
    sellerOrderId: query.get('SellerOrderId'),
    inStore: query.has('IsISPU') ? query.get('IsISPU') === 'true' : undefined,
    nothing: MATCHES_NOTHING.some((name) => query.has(name)),
    delivery,
  }
}

export function matchesV0(order: Order, query: QueryV0): boolean {
  if (query.nothing || !query.marketplaceIds.includes(order.marketplaceId)) return false
  if (query.ids.length > 0 && !query.ids.includes(order.id)) return false
  if (query.statuses.length > 0 && !query.statuses.includes(V0_STATUS[order.status])) return false
  if (query.channels.length > 0 && !query.channels.includes(v0Channel(order))) return false
  if (query.paymentMethods.length > 0 && !query.paymentMethods.includes(v0PaymentMethod(order))) return false
  if (query.buyerEmail !== null && query.buyerEmail !== order.buyer.email) return false
  if (query.sellerOrderId !== null && query.sellerOrderId !== (order.sellerOrderId ?? order.id)) return false
  if (query.inStore !== undefined && query.inStore !== order.programs.includes('IN_STORE_PICK_UP')) return false
  const { earliest, latest } = order.deliverBy
  const { delivery } = query
  return (
    earliest <= (delivery.EarliestDeliveryDateBefore ?? earliest) &&
    earliest >= (delivery.EarliestDeliveryDateAfter ?? earliest) &&
    latest <= (delivery.LatestDeliveryDateBefore ?? latest) &&
    latest >= (delivery.LatestDeliveryDateAfter ?? latest)
  )
}

/** CreatedAfter or LastUpdatedAfter, never both; a list of ids needs neither. */
function readSpan(
  query: URLSearchParams,
  now: number,
  lagMs: number,
  byIds: boolean,
): Pick<QueryV0, 'key' | 'from' | 'to'> | SandboxReply {
  const created = query.has('CreatedAfter')
  const updated = query.has('LastUpdatedAfter')
  if (created && updated) return invalidInput('CreatedAfter and LastUpdatedAfter cannot be used together.')
  if (!created && !updated) {
    return byIds ? { key: 'createdAt', from: 0, to: now } : invalidInput('Either CreatedAfter or LastUpdatedAfter is required.')
  }
  const [after, before, otherBefore] = created
    ? ['CreatedAfter', 'CreatedBefore', 'LastUpdatedBefore']
    : ['LastUpdatedAfter', 'LastUpdatedBefore', 'CreatedBefore']
  return readWindow(query, { after, before, otherBefore, key: created ? 'createdAt' : 'updatedAt' }, now, lagMs)
}
