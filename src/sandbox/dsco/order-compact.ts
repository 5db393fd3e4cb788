import { overlay } from '../overlay.ts'
import { type Reader, reader } from './compact.ts'
import { LIFECYCLES, STATUSES } from './order.ts'
import { iso, isRecord, type Json } from './wire.ts'

const TYPES = ['Dropship', 'Marketplace', 'Wholesale', 'Mixed'] as const
// biome-ignore format: a word list
const ORDER_KEYS = [
  'id', 'po', 'account', 'retailer', 'retailer_id', 'channel', 'type', 'lifecycle', 'status', 'created_at', 'updated_at', 'retailer_created_at',
  'test', 'currency', 'ship_to', 'carrier', 'method', 'service_level', 'requested_service_level', 'ship_by', 'acknowledge_by', 'consumer_order_number',
  'supplier_order_number', 'cancel_requested', 'total', 'order_stream', 'lines', 'packages', 'wire',
]
// biome-ignore format: a word list
const LINE_KEYS = [
  'sku', 'line_number', 'quantity', 'cancelled', 'rejected', 'item_id', 'partner_sku', 'upc', 'ean', 'title', 'cost', 'price', 'retail_price',
  'tax', 'wire',
]
const ADDRESS_KEYS = ['name', 'company', 'address', 'city', 'region', 'postal', 'country', 'phone', 'email', 'type', 'style']
const PACKAGE_KEYS = ['tracking', 'carrier', 'method', 'service_level', 'shipped_at', 'lines', 'spans']

/** What the stand-in itself has to know of a compact order; all else is in the document. */
export interface Compact {
  readonly account: string | undefined
  readonly orderStream: boolean
  readonly document: Json
}

/** Digits that do not fit into a double: whoever reads them as a number has another order. */
export function orderId(n: number): string {
  return String(9_007_199_254_740_993n + BigInt(n) * 2n)
}

/**
 * `{id?, po?, type? ('Dropship'), lifecycle? ('created'), retailer?, channel?, created_at?, lines?: [{sku?, line_number? (null: none), quantity?,
 * price? (what the shopper paid), cost? (what the retailer pays), cancelled?, rejected?, ...}], ship_to?: {name?, address?: [lines], country?
 * ('US'; null: none), style?: 'new' | 'old' | 'both', ...}, packages?: [{tracking, carrier?, method?, lines?: {position from 1: units}}],
 * cancel_requested? (true, or the retailer's code), order_stream?, wire?, ...}` as the vendor's document; what is left out is invented.
 */
export function readCompact(value: unknown, n: number, defaultCreatedAt: number, amountOf: (amount: number) => number): Compact {
  const where = `orders ${isRecord(value) && typeof value['id'] === 'string' ? value['id'] : n}`
  const given = reader(where, value, ORDER_KEYS)
  const createdAt = given.time('created_at') ?? defaultCreatedAt
  const lines = (given.list('lines') ?? [{}]).map((line, i) => readLine(`${where}.lines[${i}]`, line, n, i, amountOf))
  const isMapped = ['carrier', 'method', 'service_level'].some((key) => given.has(key))
  const total = given.amount('total')
  const document: Json = {
    dscoOrderId: given.text('id') ?? orderId(n),
    poNumber: given.text('po') ?? `PO-${String(n).padStart(6, '0')}`,
    ...optional('consumerOrderNumber', given.textOr('consumer_order_number', `C-${n}`)),
    ...optional('supplierOrderNumber', given.text('supplier_order_number')),
    ...optional('channel', given.text('channel')),
    dscoRetailerId: given.text('retailer_id') ?? '1000000500',
    dscoSupplierId: given.text('account') ?? '1000000001',
    ...optional('dscoTradingPartnerName', given.textOr('retailer', 'Sample Retailer')),
    ...optional('orderType', given.raw('type') === null ? undefined : (given.oneOf('type', TYPES) ?? 'Dropship')),
    ...optional('dscoLifecycle', given.oneOf('lifecycle', LIFECYCLES)),
    ...optional('dscoStatus', given.oneOf('status', STATUSES)),
    dscoCreateDate: iso(createdAt),
    dscoLastUpdate: iso(given.time('updated_at') ?? createdAt),
    retailerCreateDate: iso(given.time('retailer_created_at') ?? createdAt - 60_000),
    ...(given.flag('test') === true ? { testFlag: true } : {}),
    ...optional('currencyCode', given.textOr('currency', 'USD')),
    ...timeField('shipByDate', given.time('ship_by')),
    ...timeField('acknowledgeByDate', given.time('acknowledge_by')),
    ...(isMapped ? {} : { shipCarrier: 'UPS', shipMethod: 'Ground' }),
    ...optional('shipCarrier', given.text('carrier')),
    ...optional('shipMethod', given.text('method')),
    ...optional('shippingServiceLevelCode', given.text('service_level')),
    ...optional('requestedShippingServiceLevelCode', given.text('requested_service_level')),
    ...(total === undefined ? {} : { orderTotalAmount: amountOf(total) }),
    ...cancelField(given),
    shipping: readShipTo(`${where}.ship_to`, given.raw('ship_to') ?? {}, n),
    lineItems: lines,
    ...(given.has('packages')
      ? { packages: (given.list('packages') ?? []).map((parcel) => readPackage(where, parcel, lines, createdAt)) }
      : {}),
  }
  const whole = given.has('wire') ? overlay(document, given.raw('wire')) : document
  if (!isRecord(whole)) throw new Error(`${where}.wire: must be an object`)
  return { account: given.text('account'), orderStream: given.flag('order_stream') ?? false, document: whole }
}

function cancelField(given: Reader): Json {
  const asked = given.raw('cancel_requested')
  if (asked === true) return { cancelRequested: true }
  return typeof asked === 'string' ? { cancelRequested: true, cancelRequestedCode: asked } : {}
}

function optional(key: string, value: string | undefined): Json {
  return value === undefined ? {} : { [key]: value }
}

function timeField(key: string, at: number | undefined): Json {
  return at === undefined ? {} : { [key]: iso(at) }
}

function readLine(where: string, value: unknown, n: number, i: number, amountOf: (amount: number) => number): Json {
  const given = reader(where, value, LINE_KEYS)
  const tax = given.amount('tax')
  const retail = given.amount('retail_price')
  const number = given.raw('line_number') === null ? undefined : (given.count('line_number') ?? i + 1)
  const cost = given.raw('cost') === null ? undefined : (given.amount('cost') ?? 8)
  const price = given.raw('price') === null ? undefined : (given.amount('price') ?? 10)
  const line: Json = {
    ...(number === undefined ? {} : { lineNumber: number }),
    quantity: given.count('quantity') ?? 1,
    ...optional('sku', given.textOr('sku', `SKU-${n}-${i + 1}`)),
    dscoItemId: given.text('item_id') ?? String(7_000_000 + n * 100 + i),
    ...optional('partnerSku', given.text('partner_sku')),
    ...optional('upc', given.text('upc')),
    ...optional('ean', given.text('ean')),
    title: given.text('title') ?? `Sample product ${n}-${i + 1}`,
    ...(cost === undefined ? {} : { expectedCost: amountOf(cost) }),
    ...(price === undefined ? {} : { consumerPrice: amountOf(price) }),
    ...(retail === undefined ? {} : { retailPrice: amountOf(retail) }),
    ...(tax === undefined
      ? {}
      : { taxes: [{ typeCode: 'SALES', amount: amountOf(tax) }], amountOfSalesTaxCollected: amountOf(tax) }),
    ...countField('cancelledQuantity', given.count('cancelled')),
    ...countField('rejectedQuantity', given.count('rejected')),
  }
  const whole = given.has('wire') ? overlay(line, given.raw('wire')) : line
  if (!isRecord(whole)) throw new Error(`${where}.wire: must be an object`)
  return whole
}

function countField(key: string, value: number | undefined): Json {
  return value === undefined || value === 0 ? {} : { [key]: value }
}

/** The recipient as older and newer attributes write it (contract section 7); `before` is kept where nothing is given. */
export function readShipTo(where: string, value: unknown, n: number, before?: Json): Json {
  const given = reader(where, value, ADDRESS_KEYS)
  const name = given.textOr('name', String(before?.['name'] ?? `Sample Recipient ${n}`))
  const [first = '', ...rest] = (name ?? '').split(' ')
  const address = given.texts('address') ?? [`${n} Invented Street`]
  const region = given.textOr('region', 'IL')
  const style = given.oneOf('style', ['new', 'old', 'both']) ?? 'both'
  const older: Json = {
    ...(name === undefined ? {} : { firstName: first, lastName: rest.join(' ') }),
    address1: address[0] ?? '',
    ...optional('address2', address[1]),
    ...optional('state', region),
  }
  return {
    ...(style === 'new' ? {} : older),
    ...(style === 'old' ? {} : { ...optional('name', name), address }),
    ...optional('company', given.text('company')),
    city: given.text('city') ?? 'Sampleville',
    region: region ?? null,
    postal: given.text('postal') ?? '60601',
    ...optional('country', given.textOr('country', 'US')),
    ...optional('phone', given.textOr('phone', '555-0100')),
    ...optional('email', given.text('email')),
    ...optional('addressType', given.oneOf('type', ['Residential', 'Commercial'])),
  }
}

/** Without lines everything is in it. */
export function readPackage(where: string, value: unknown, lines: readonly Json[], defaultShippedAt: number): Json {
  const given = reader(`${where}.packages`, value, PACKAGE_KEYS)
  const units = given.counts('lines') ?? Object.fromEntries(lines.map((line, i) => [String(i + 1), Number(line['quantity'])]))
  const items = Object.entries(units).map(([position, quantity]) => {
    const line = lines[Number(position) - 1]
    if (line === undefined) throw new Error(`${where}.packages: no line at position ${position}`)
    const { lineNumber, sku, dscoItemId } = line
    return { lineNumber, sku, dscoItemId, quantity, ...(given.flag('spans') === true ? { packageSpanFlag: true } : {}) }
  })
  return {
    trackingNumber: given.text('tracking') ?? 'BYHAND1',
    shipCarrier: given.text('carrier') ?? 'UPS',
    shipMethod: given.text('method') ?? 'Ground',
    ...optional('shippingServiceLevelCode', given.text('service_level')),
    shipDate: iso(given.time('shipped_at') ?? defaultShippedAt),
    items,
  }
}
