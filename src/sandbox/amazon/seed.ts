import type { Account, Accounts } from './accounts.ts'
import { type Reader, reader, readTime } from './compact.ts'
import { marketplaceOf } from './marketplaces.ts'
import { type Address, type Buyer, type FulfillmentStatus, type Order, type OrderItem, STATUSES, type Window } from './order.ts'
import { readPackages } from './seed-packages.ts'
import { isOrderId, isRecord } from './wire.ts'

const DAY_MS = 86_400_000

// biome-ignore format: a word list
const ORDER_KEYS = [
  'order_id', 'seller_id', 'status', 'fulfilled_by', 'created_at', 'updated_at', 'visible_at', 'marketplace_id', 'currency',
  'items', 'buyer', 'ship_to', 'programs', 'service_level', 'seller_order_id', 'ship_by', 'deliver_by', 'notes', 'replaces',
  'tip', 'payment_method', 'order_breakdowns', 'packages', 'wire',
]
// biome-ignore format: a word list
const ITEM_KEYS = [
  'order_item_id', 'asin', 'sku', 'title', 'quantity', 'unit_price', 'tax', 'discount', 'shipping', 'gift', 'programs',
  'promotion_id', 'customized_url', 'cancel_requested', 'shipped', 'cancelled', 'cancelled_by',
]
const ADDRESS_KEYS = ['name', 'company', 'line1', 'line2', 'line3', 'city', 'state', 'postal', 'country', 'phone', 'type']

/** What a compact order may leave out. */
export interface Defaults {
  /** For orders that give no time. */
  readonly createdAt: number
  readonly accounts: Accounts
  readonly account: Account
  /** From its creation to the first search that finds it. */
  readonly lagMs: number
  /** Numbers ids, so that the same seeds give the same ids. */
  next(): number
}

/** A compact order of the seed document, completed with synthetic defaults. */
export function readOrder(document: unknown, defaults: Defaults): Order {
  const n = defaults.next()
  const id = isRecord(document) && typeof document['order_id'] === 'string' ? document['order_id'] : defaultOrderId(n)
  if (!isOrderId(id)) throw new Error(`orders: order_id must have the form 123-1234567-1234567, got '${id}'`)
  const order = reader(`orders ${id}`, document, ORDER_KEYS)
  const sellerId = order.text('seller_id') ?? defaults.account.sellerId
  const account = defaults.accounts.bySeller(sellerId)
  if (account === undefined) throw new Error(`orders ${id}: no account of seller '${sellerId}'`)
  const marketplaceId = order.text('marketplace_id') ?? [...account.marketplaces][0] ?? 'ATVPDKIKX0DER'
  // An order can only exist where the seller takes part.
  account.marketplaces.add(marketplaceId)
  const createdAt = order.time('created_at') ?? Math.min(order.time('updated_at') ?? defaults.createdAt, defaults.createdAt)
  const status = readStatus(id, order.text('status') ?? 'UNSHIPPED')
  const items = readItems(id, order, status, defaults)
  const packages = readPackages(id, order.raw('packages'), items, createdAt)
  if (status === 'PARTIALLY_SHIPPED') shipSome(items)
  const country = marketplaceOf(marketplaceId)?.country ?? 'US'
  return {
    id,
    sellerId,
    marketplaceId,
    currency: order.text('currency') ?? marketplaceOf(marketplaceId)?.currency ?? 'USD',
    fulfilledBy: readFulfilledBy(id, order.text('fulfilled_by') ?? 'MERCHANT'),
    createdAt,
    visibleAt: order.time('visible_at') ?? createdAt + defaults.lagMs,
    items,
    buyer: readBuyer(id, order.raw('buyer') ?? {}, n),
    programs: order.texts('programs'),
    serviceLevel: order.text('service_level') ?? 'STANDARD',
    sellerOrderId: order.text('seller_order_id'),
    shipBy: readWindow(id, order.raw('ship_by'), { earliest: createdAt, latest: createdAt + 2 * DAY_MS }),
    deliverBy: readWindow(id, order.raw('deliver_by'), { earliest: createdAt + 3 * DAY_MS, latest: createdAt + 6 * DAY_MS }),
    ...readNotes(id, order.raw('notes')),
    replaces: order.text('replaces'),
    tip: order.amount('tip'),
    paymentMethod: order.text('payment_method') ?? 'CreditCard',
    orderBreakdowns: order.flag('order_breakdowns') ?? true,
    wire: readWire(id, order.raw('wire')),
    status,
    updatedAt: order.time('updated_at') ?? createdAt,
    shipTo:
      order.raw('ship_to') === null
        ? undefined
        : readAddress(`orders ${id}.ship_to`, order.raw('ship_to') ?? {}, defaultAddress(n, country)),
    packages,
  }
}

function defaultOrderId(n: number): string {
  const digits = String(n).padStart(14, '0')
  return `111-${digits.slice(0, 7)}-${digits.slice(7)}`
}

export function readStatus(id: string, text: string): FulfillmentStatus {
  const status = STATUSES.find((known) => known === text)
  if (status === undefined) throw new Error(`orders ${id}.status: must be one of ${STATUSES.join(', ')}, got '${text}'`)
  return status
}

function readFulfilledBy(id: string, text: string): 'MERCHANT' | 'AMAZON' {
  if (text !== 'MERCHANT' && text !== 'AMAZON')
    throw new Error(`orders ${id}.fulfilled_by: must be MERCHANT or AMAZON, got '${text}'`)
  return text
}

function readItems(id: string, order: Reader, status: FulfillmentStatus, defaults: Defaults): OrderItem[] {
  const documents = order.raw('items') ?? [{}]
  if (!Array.isArray(documents)) throw new Error(`orders ${id}.items: must be a list`)
  return (documents as readonly unknown[]).map((item, i) => readItem(`orders ${id}.items[${i}]`, item, status, defaults.next()))
}

// A partly shipped order must have something shipped and something left, whatever the seed forgets to say.
export function shipSome(items: readonly OrderItem[]): void {
  const [first] = items
  if (first === undefined || items.some((item) => item.shipped > 0)) return
  first.shipped = items.length > 1 ? first.quantity : Math.max(first.quantity - 1, 0)
}

function readItem(where: string, document: unknown, status: FulfillmentStatus, n: number): OrderItem {
  const item = reader(where, document, ITEM_KEYS)
  const quantity = item.count('quantity') ?? 1
  const cancelled = item.count('cancelled') ?? (status === 'CANCELLED' ? quantity : 0)
  const asked = item.raw('cancel_requested')
  return {
    id: item.text('order_item_id') ?? String(10_000_000_000_000 + n),
    asin: item.text('asin') ?? `B0${String(n).padStart(8, '0')}`,
    sku: item.raw('sku') === null ? undefined : (item.text('sku') ?? `SKU-${n}`),
    title: item.raw('title') === null ? undefined : (item.text('title') ?? `Sample product ${n}`),
    quantity,
    unitPrice: item.has('unit_price') ? item.amount('unit_price') : '10.00',
    tax: item.amount('tax'),
    discount: item.amount('discount'),
    shipping: item.amount('shipping'),
    gift: readGift(where, item.raw('gift')),
    programs: item.texts('programs'),
    promotionId: item.text('promotion_id'),
    customizedUrl: item.text('customized_url'),
    shipped: item.count('shipped') ?? (status === 'SHIPPED' ? quantity - cancelled : 0),
    cancelled,
    cancelRequest: asked === true ? 'Ordered by mistake' : typeof asked === 'string' ? asked : undefined,
    cancelledBy: item.text('cancelled_by') ?? (cancelled > 0 ? 'BUYER' : undefined),
  }
}

function readGift(where: string, document: unknown): OrderItem['gift'] {
  if (document === undefined || document === null) return undefined
  const gift = reader(`${where}.gift`, document, ['message', 'wrap', 'price'])
  return { message: gift.text('message'), wrap: gift.text('wrap'), price: gift.amount('price') }
}

function readBuyer(id: string, document: unknown, n: number): Buyer {
  const buyer = reader(`orders ${id}.buyer`, document, ['name', 'email', 'company', 'purchase_order'])
  return {
    name: buyer.text('name') ?? `Sample Buyer ${n}`,
    email: buyer.text('email') ?? `buyer-${n}@marketplace.example.com`,
    company: buyer.text('company'),
    purchaseOrder: buyer.text('purchase_order'),
  }
}

/** Reads an address; absent keys come from `base`, null removes one. */
export function readAddress(where: string, document: unknown, base: Address): Address {
  const address = reader(where, document, ADDRESS_KEYS)
  const pick = (key: keyof Address) => (address.raw(key) === null ? undefined : (address.text(key) ?? base[key]))
  return {
    name: pick('name'),
    company: pick('company'),
    line1: pick('line1'),
    line2: pick('line2'),
    line3: pick('line3'),
    city: pick('city'),
    state: pick('state'),
    postal: pick('postal'),
    country: pick('country'),
    phone: pick('phone'),
    type: pick('type'),
  }
}

function defaultAddress(n: number, country: string): Address {
  return {
    name: `Sample Buyer ${n}`,
    company: undefined,
    line1: `${n} Invented Street`,
    line2: undefined,
    line3: undefined,
    city: 'Sampleville',
    state: country === 'US' ? 'IL' : undefined,
    postal: '60601',
    country,
    phone: `555-01${String(n % 100).padStart(2, '0')}`,
    type: 'RESIDENTIAL',
  }
}

function readWindow(id: string, value: unknown, fallback: Window): Window {
  if (value === undefined || value === null) return fallback
  const given = isRecord(value) ? value : { latest: value }
  const latest = readTime(given['latest']) ?? fallback.latest
  const earliest = readTime(given['earliest']) ?? Math.min(fallback.earliest, latest)
  if (!isRecord(value) && readTime(value) === undefined) throw new Error(`orders ${id}: '${String(value)}' is not a time`)
  return { earliest, latest }
}

function readNotes(id: string, value: unknown): Pick<Order, 'instruction' | 'dropOff'> {
  if (value === undefined || value === null || typeof value === 'string')
    return { instruction: value ?? undefined, dropOff: undefined }
  const notes = reader(`orders ${id}.notes`, value, ['instruction', 'drop_off'])
  return { instruction: notes.text('instruction'), dropOff: notes.text('drop_off') }
}

function readWire(id: string, value: unknown): Order['wire'] {
  if (value === undefined || value === null) return undefined
  if (!isRecord(value)) throw new Error(`orders ${id}.wire: must be an object`)
  return value
}
