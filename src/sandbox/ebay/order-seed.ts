import type { Account } from './accounts.ts'
import { type Reader, reader } from './compact.ts'
import { confirmOrder } from './notifications.ts'
import {
  type Address,
  type Buyer,
  CANCEL_STATUSES,
  type Hub,
  isPaid,
  type Line,
  lineIdOf,
  type Order,
  PAYMENTS,
} from './order.ts'
import { readPackages } from './order-seed-packages.ts'
import { siteOf } from './sites.ts'
import { next, type State } from './state.ts'
import { isRecord } from './wire.ts'

// biome-ignore format: a word list
const ORDER_KEYS = [
  'order_id', 'unpaid_id', 'user', 'site', 'created_at', 'paid_at', 'updated_at', 'payment', 'currency', 'buyer', 'ship_to', 'service',
  'shipping_cost', 'discount', 'hub', 'authenticated', 'vault', 'pickup', 'cancel', 'cancel_reason', 'refund', 'broken', 'lines', 'packages',
  'wire',
]
// biome-ignore format: a word list
const LINE_KEYS = [
  'item_id', 'transaction_id', 'line_item_id', 'sku', 'title', 'variation', 'quantity', 'price', 'ebay_tax', 'seller_tax', 'digital', 'gift',
]
/** From the order to its payment; never into the future. */
const PAYING_MS = 4_000
const BUYER_KEYS = ['user_id', 'first', 'last', 'email', 'message']
const ADDRESS_KEYS = ['name', 'street1', 'street2', 'city', 'state', 'postal', 'country', 'country_name', 'phone']
const NO_ADDRESS: Address = {
  name: undefined,
  street1: undefined,
  street2: undefined,
  city: undefined,
  state: undefined,
  postal: undefined,
  country: undefined,
  countryName: undefined,
  phone: undefined,
}

/** Adds compact orders; what they leave out is invented. Gives the ids they are found by from the payment on. */
export function addOrders(state: State, documents: readonly unknown[], createdAt: number): readonly string[] {
  return documents.map((document) => {
    const order = readOrder(state, document, createdAt)
    state.orders.put(order)
    confirmOrder(state, order)
    return order.paidId
  })
}

/**
 * `{order_id?, unpaid_id?, user?, payment? ('PAID'), created_at?, paid_at?, lines?: [{item_id?, transaction_id?, sku?: text | null,
 * variation?: {aspect: value}, quantity?, price?, ebay_tax?, seller_tax?, ...}], ship_to?, buyer?, hub?: {program: 'GSP' | 'EIS', ...},
 * pickup?, cancel?, packages?: [{tracking, carrier, lines?}], wire?, ...}`.
 */
function readOrder(state: State, document: unknown, defaultCreatedAt: number): Order {
  const n = next(state)
  const id = isRecord(document) && typeof document['order_id'] === 'string' ? document['order_id'] : paidId(n)
  const where = `orders ${id}`
  const given = reader(where, document, ORDER_KEYS)
  const account = ownerOf(state, where, given)
  const siteName = given.text('site') ?? account.site
  const site = siteOf(siteName)
  const createdAt = given.time('created_at') ?? defaultCreatedAt
  const payment = given.oneOf('payment', PAYMENTS) ?? 'PAID'
  const lines = (given.list('lines') ?? [{}]).map((line, i) => readLine(state, `${where}.lines[${i}]`, line))
  const cancel = given.oneOf('cancel', CANCEL_STATUSES) ?? 'NotApplicable'
  const isDated = payment === 'PAID' || payment === 'REVIEW'
  const paidAt = isDated
    ? (given.time('paid_at') ?? Math.max(createdAt, Math.min(createdAt + PAYING_MS, state.clock.now())))
    : undefined
  const order: Order = {
    user: account.user,
    site: siteName,
    paidId: id,
    unpaidId: given.text('unpaid_id') ?? unpaidId(lines, n),
    createdAt,
    currency: given.text('currency') ?? site.currency,
    buyer: readBuyer(where, given.raw('buyer') ?? {}, n),
    service: given.text('service') ?? 'USPSGroundAdvantage',
    shippingCost: given.amount('shipping_cost') ?? '0.00',
    discount: given.amount('discount') ?? '0.00',
    hub: given.has('hub') ? readHub(`${where}.hub`, given.raw('hub'), n) : undefined,
    authenticated: given.flag('authenticated') ?? false,
    vault: given.flag('vault') ?? false,
    pickup: given.text('pickup'),
    broken: given.flag('broken') ?? false,
    wire: given.raw('wire'),
    lines,
    wholeAt: lines.length > 1 ? createdAt + state.settings.consolidationMs : createdAt,
    payment,
    paidAt,
    updatedAt: given.time('updated_at') ?? Math.max(createdAt, paidAt ?? createdAt),
    shipTo: readAddress(`${where}.ship_to`, given.raw('ship_to') ?? {}, inventedAddress(n, site.country, site.countryName)),
    cancel,
    cancelReason: given.text('cancel_reason') ?? (cancel === 'NotApplicable' ? undefined : 'OrderPlacedByMistake'),
    mergedInto: undefined,
    refund: given.oneOf('refund', ['none', 'part', 'full']) ?? 'none',
    packages: [],
    completeSaleCalls: 0,
  }
  if (given.has('packages')) order.packages.push(...readPackages(where, given.list('packages') ?? [], order))
  if (isPaid(order) && order.paidId === order.unpaidId) throw new Error(`${where}: unpaid_id must be another id`)
  return order
}

function ownerOf(state: State, where: string, given: Reader): Account {
  const user = given.text('user')
  const account = user === undefined ? state.accounts.all()[0] : state.accounts.byUser(user)
  if (account === undefined) throw new Error(`${where}: no account of user '${user ?? ''}'`)
  return account
}

export function paidId(n: number): string {
  const digits = String(n).padStart(10, '0')
  return `10-${digits.slice(0, 5)}-${digits.slice(5)}`
}

/** Before the payment: the line's own id, or a plain number where several lines wait together (contract section 2.4). */
export function unpaidId(lines: readonly Line[], n: number): string {
  const [first] = lines
  return lines.length === 1 && first !== undefined ? lineIdOf(first) : String(300_000_000_000 + n)
}

function readLine(state: State, where: string, document: unknown): Line {
  const n = next(state)
  const given = reader(where, document, LINE_KEYS)
  const variation = given.object('variation')
  const quantity = given.count('quantity') ?? 1
  if (quantity === 0) throw new Error(`${where}.quantity: must be 1 or more`)
  return {
    itemId: given.text('item_id') ?? String(256_000_000_000 + n),
    transactionId: given.text('transaction_id') ?? String(2_900_000_000_000 + n),
    restId: given.text('line_item_id') ?? String(10_000_000_000_000 + n),
    sku: given.textOr('sku', `SKU-${n}`),
    title: given.text('title') ?? `Sample product ${n}`,
    variation:
      variation === undefined ? undefined : Object.fromEntries(Object.entries(variation).map(([k, value]) => [k, String(value)])),
    quantity,
    price: given.amount('price') ?? '10.00',
    ebayTax: given.amount('ebay_tax') ?? '0.00',
    sellerTax: given.amount('seller_tax') ?? '0.00',
    digital: given.flag('digital') ?? false,
    gift: given.flag('gift') ?? false,
    markedAt: undefined,
  }
}

function readBuyer(where: string, document: unknown, n: number): Buyer {
  const given = reader(`${where}.buyer`, document, BUYER_KEYS)
  return {
    userId: given.text('user_id') ?? `buyer${String(n).padStart(6, '0')}`,
    first: given.text('first') ?? 'Sample',
    last: given.text('last') ?? `Buyer ${n}`,
    email: given.text('email') ?? `buyer${n}@members.example.com`,
    message: given.text('message'),
  }
}

/** Absent keys come from `base`, null takes one away. */
export function readAddress(where: string, document: unknown, base: Address): Address {
  const given = reader(where, document, ADDRESS_KEYS)
  const pick = (key: string, fallback: string | undefined) =>
    given.raw(key) === null ? undefined : (given.text(key) ?? fallback)
  return {
    name: pick('name', base.name),
    street1: pick('street1', base.street1),
    street2: pick('street2', base.street2),
    city: pick('city', base.city),
    state: pick('state', base.state),
    postal: pick('postal', base.postal),
    country: pick('country', base.country),
    countryName: pick('country_name', base.countryName),
    phone: pick('phone', base.phone),
  }
}

function inventedAddress(n: number, country: string, countryName: string): Address {
  return {
    ...NO_ADDRESS,
    name: `Sample Buyer ${n}`,
    street1: `${n} Invented Street`,
    city: 'Sampleville',
    state: country === 'US' ? 'IL' : undefined,
    postal: country === 'US' ? '60601' : '10000',
    country,
    countryName,
    phone: `+1 555-01${String(n % 100).padStart(2, '0')}`,
  }
}

function readHub(where: string, document: unknown, n: number): Hub {
  const given = reader(where, document, ['program', 'reference', 'ship_to', 'service', 'import_charge'])
  const program = given.oneOf('program', ['GSP', 'EIS']) ?? 'EIS'
  const reference = given.text('reference') ?? (program === 'GSP' ? `GSP${String(n).padStart(8, '0')}` : undefined)
  const address: Address = {
    ...NO_ADDRESS,
    name: `Sample Buyer ${n}`,
    street1: '1 Hub Drive',
    street2: program === 'EIS' ? `eBay:EX${String(n).padStart(8, '0')}` : undefined,
    city: 'Glendale Heights',
    state: 'IL',
    postal: '60139',
    country: 'US',
    countryName: 'United States',
  }
  return {
    program,
    address: readAddress(`${where}.ship_to`, given.raw('ship_to') ?? {}, address),
    reference,
    service: given.text('service') ?? 'USPSGroundAdvantage',
    importCharge: given.amount('import_charge') ?? '0.00',
  }
}
