import { sum } from '../money.ts'
import { DEFAULT_PROFILE } from './accounts.ts'
import type { Center } from './center.ts'
import { usualCenter } from './centers.ts'
import { type Reader, reader } from './compact.ts'
import { dispatch } from './dispatch.ts'
import {
  type Address,
  CHECKOUTS,
  DELIVERIES,
  type Fulfillment,
  type Line,
  type Order,
  PAYMENTS,
  type Promotion,
  SHIPPINGS,
  TAX_TYPES,
} from './order.ts'
import { reduction } from './order-kinds.ts'
import { next, type State } from './state.ts'

// biome-ignore format: a word list
export const ORDER_KEYS = [
  'order_id', 'profile_id', 'site_id', 'site_name', 'site_account_id', 'site_order_id', 'secondary_site_order_id',
  'seller_order_id', 'currency', 'created_at', 'imported_at', 'updated_at', 'buyer', 'ship_to', 'checkout', 'payment', 'shipping', 'notes', 'shipping_price', 'shipping_tax', 'tax_type',
  'promotion', 'carrier', 'class', 'estimated_ship_at', 'deliver_by_at', 'custom_fields', 'lines', 'fulfillments', 'wire',
]
// biome-ignore format: a word list
const LINE_KEYS = [
  'line_id', 'sku', 'title', 'quantity', 'price', 'tax', 'shipping', 'gift_message', 'gift_notes', 'bundle', 'promotions', 'dc', 'site_item_id',
]
const ADDRESS_KEYS = ['first', 'last', 'company', 'phone', 'line1', 'line2', 'city', 'state', 'state_name', 'postal', 'country']
const DAY_MS = 86_400_000

interface When {
  readonly createdAt: number
  readonly importedAt: number
}

/** Adds compact orders; what they leave out is invented. Gives their IDs. */
export function addOrders(state: State, documents: readonly unknown[], usual: When): readonly number[] {
  return documents.map((document) => {
    const given = reader('orders', document, ORDER_KEYS)
    const { order, centers } = readOrder(state, given, usual)
    order.fulfillments.push(...usualFulfillments(state, order, centers))
    state.orders.put(order)
    for (const [i, each] of (given.list('fulfillments') ?? []).entries()) shipFromSeed(state, order, i, each)
    return order.id
  })
}

/**
 * `{order_id?: number, payment? ('Cleared'), checkout? ('Completed'), shipping?, created_at?, imported_at?, lines?: [{sku?: text | null, quantity?,
 * price?, dc?: distribution center, ...}], ship_to?, buyer?: {user_id, email}, notes?: {public, private, special}, fulfillments?: [{tracking,
 * carrier, class, lines?}], wire?, ...}`. The fulfillments are shipped ones; what they leave over waits in one for each distribution center.
 */
function readOrder(state: State, given: Reader, usual: When): { readonly order: Order; readonly centers: Map<Line, Center> } {
  const n = next(state)
  const id = given.count('order_id') ?? 19_000_000 + n
  const where = `orders ${id}`
  const importedAt = given.time('imported_at') ?? usual.importedAt
  const createdAt = given.time('created_at') ?? Math.min(usual.createdAt, importedAt)
  const profileId = given.count('profile_id') ?? DEFAULT_PROFILE
  const centers = new Map<Line, Center>()
  const lines = (given.list('lines') ?? [{}]).map((document, i) => {
    const { line, center } = readLine(state, `${where}.lines[${i}]`, document, profileId)
    centers.set(line, center)
    return line
  })
  const buyer = given.inner('buyer', ['user_id', 'email'])
  const notes = given.inner('notes', ['public', 'private', 'special'])
  const fields = given.object('custom_fields') ?? {}
  const order: Order = {
    id,
    profileId,
    siteId: given.count('site_id') ?? 576,
    siteName: given.text('site_name') ?? 'eBay Fixed Price US',
    siteAccountId: given.count('site_account_id') ?? 4001,
    siteOrderId: given.text('site_order_id') ?? `M-${id}`,
    secondarySiteOrderId: given.textOr('secondary_site_order_id', null),
    sellerOrderId: given.textOr('seller_order_id', null),
    currency: given.text('currency') ?? 'USD',
    createdAt,
    importedAt,
    buyerId: buyer.text('user_id') ?? `buyer${n}`,
    email: buyer.textOr('email', `buyer${n}@members.example.com`),
    publicNotes: notes.textOr('public', null),
    privateNotes: notes.textOr('private', null),
    instructions: notes.textOr('special', null),
    shippingPrice: given.amount('shipping_price') ?? sum(['0.00', ...lines.map(({ shipping }) => shipping)]),
    shippingTax: given.amount('shipping_tax') ?? '0.00',
    taxType: given.oneOf('tax_type', TAX_TYPES) ?? 'Standard',
    promotion: given.has('promotion') ? readPromotion(`${where}.promotion`, given.raw('promotion')) : undefined,
    carrier: given.textOr('carrier', 'USPS'),
    shippingClass: given.textOr('class', 'Ground Advantage'),
    estimatedShipAt: given.time('estimated_ship_at') ?? createdAt + 2 * DAY_MS,
    deliverByAt: given.time('deliver_by_at') ?? null,
    customFields: Object.entries(fields).map(([key, value]) => ({ id: Number(key), value: String(value) })),
    lines,
    wire: given.raw('wire'),
    updatedAt: given.time('updated_at') ?? importedAt,
    checkout: given.oneOf('checkout', CHECKOUTS) ?? 'Completed',
    payment: given.oneOf('payment', PAYMENTS) ?? 'Cleared',
    shipping: given.oneOf('shipping', SHIPPINGS),
    shipTo: readAddress(given.inner('ship_to', ADDRESS_KEYS), inventedAddress(n)),
    userDataEndsAt: importedAt + state.settings.userDataDays * DAY_MS,
    fulfillments: [],
  }
  return { order, centers }
}

function readLine(
  state: State,
  where: string,
  document: unknown,
  profileId: number,
): { readonly line: Line; readonly center: Center } {
  const n = next(state)
  const given = reader(where, document, LINE_KEYS)
  const quantity = given.count('quantity') ?? 1
  if (quantity === 0) throw new Error(`${where}.quantity: must be 1 or more`)
  const sku = given.textOr('sku', `SKU-${n}`)
  const center = given.has('dc') ? state.centers.get(given.whole('dc') ?? Number.NaN) : usualCenter(state)
  if (center === undefined) throw new Error(`${where}.dc: there is no distribution center ${String(given.raw('dc'))}`)
  const promotions = given.list('promotions') ?? []
  const line: Line = {
    id: given.count('line_id') ?? 29_000_000 + n,
    productId: (sku === null ? undefined : state.products.bySku(profileId, sku))?.id ?? null,
    sku,
    title: given.textOr('title', `Sample product ${n}`),
    quantity,
    price: given.amount('price') ?? '10.00',
    tax: given.amount('tax') ?? '0.00',
    shipping: given.amount('shipping') ?? '0.00',
    giftMessage: given.textOr('gift_message', null),
    giftNotes: given.textOr('gift_notes', null),
    isBundle: given.flag('bundle') ?? false,
    promotions: promotions.map((each, i) => readPromotion(`${where}.promotions[${i}]`, each)),
    siteItemId: given.text('site_item_id') ?? String(500_000_000 + n),
  }
  return { line, center }
}

function readPromotion(where: string, document: unknown): Promotion {
  const given = reader(where, document, ['code', 'amount'])
  return { code: given.text('code') ?? 'PROMOTION', amount: reduction(given.amount('amount') ?? '0.00') }
}

/** One that waits for each distribution center, with the carrier and class that were asked for, as the platform makes them by itself. */
function usualFulfillments(state: State, order: Order, centers: ReadonlyMap<Line, Center>): readonly Fulfillment[] {
  return [...new Set(centers.values())].map((center) => ({
    id: 11_000_000 + next(state),
    createdAt: order.importedAt,
    updatedAt: order.importedAt,
    type: 'Ship',
    delivery: 'NoChange',
    tracking: null,
    trackingUrl: null,
    carrier: order.carrier,
    shippingClass: order.shippingClass,
    center,
    shippedAt: null,
    sellerId: null,
    items: new Map(
      order.lines
        .filter((line) => centers.get(line) === center)
        .map((line) => [line, { id: 41_000_000 + next(state), quantity: line.quantity }]),
    ),
    by: undefined,
    marketplace: 'not yet',
  }))
}

function shipFromSeed(state: State, order: Order, i: number, document: unknown): void {
  shipByHand(state, order, `orders ${order.id}.fulfillments[${i}]`, document, 'seed')
}

/** `{tracking?, carrier?, class?, shipped_at?, dc?, seller_id?, delivery?, lines?: {position from 1: units}}`; without lines it is all that is left. */
export function shipByHand(state: State, order: Order, where: string, document: unknown, by: 'seed' | 'person'): void {
  const keys = ['tracking', 'carrier', 'class', 'shipped_at', 'dc', 'seller_id', 'delivery', 'lines']
  const given = reader(where, document, keys)
  const center = given.has('dc') ? state.centers.get(given.whole('dc') ?? Number.NaN) : undefined
  const lines = given.object('lines')
  const contents =
    lines === undefined
      ? undefined
      : new Map(
          Object.entries(lines).map(([position, units]) => {
            const line = order.lines[Number(position) - 1]
            if (line === undefined || typeof units !== 'number') throw new Error(`${where}.lines: no line '${position}'`)
            return [line, units] as const
          }),
        )
  const shippedAt = given.time('shipped_at') ?? (by === 'seed' ? order.updatedAt : state.clock.now())
  const parcel = {
    tracking: given.textOr('tracking', `BYHAND${order.id}`),
    trackingUrl: null,
    carrier: given.textOr('carrier', 'USPS'),
    shippingClass: given.textOr('class', 'Ground Advantage'),
    center,
    shippedAt,
    sellerId: given.textOr('seller_id', null),
    delivery: given.oneOf('delivery', DELIVERIES) ?? 'Complete',
    type: 'Ship',
    isPrevented: false,
  } as const
  dispatch(state, order, parcel, contents, by)
}

/** Absent keys come from `base`, null takes one away. */
export function readAddress(given: Reader, base: Address): Address {
  const pick = (key: string, fallback: string | null) => given.textOr(key, fallback)
  return {
    first: pick('first', base.first),
    last: pick('last', base.last),
    company: pick('company', base.company),
    phone: pick('phone', base.phone),
    line1: pick('line1', base.line1),
    line2: pick('line2', base.line2),
    city: pick('city', base.city),
    state: pick('state', base.state),
    stateName: pick('state_name', base.stateName),
    postal: pick('postal', base.postal),
    country: pick('country', base.country),
  }
}

export function addressReader(given: Reader): Reader {
  return given.inner('ship_to', ADDRESS_KEYS)
}

function inventedAddress(n: number): Address {
  return {
    first: 'Sample',
    last: `Buyer ${n}`,
    company: null,
    phone: `+1 555-01${String(n % 100).padStart(2, '0')}`,
    line1: `${n} Invented Street`,
    line2: null,
    city: 'Sampleville',
    state: 'IL',
    stateName: 'Illinois',
    postal: '60601',
    country: 'US',
  }
}
