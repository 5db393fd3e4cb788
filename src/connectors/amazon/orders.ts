import { createHash } from 'node:crypto'
import type { Gift, NormalizedOrder, OrderFlag, OrderStatus, PoisonOrder } from '../../core/model/order.ts'
import type { OrderPage } from '../../core/ports/marketplace.ts'
import { safeText } from '../http/classify.ts'
import { addressOf } from './address.ts'
import { heldWhole, lineOf, type ReadLine } from './lines.ts'
import { currencyOf, lineMoney, totalsOf } from './proceeds.ts'
import { given, issuesOf, joined, parseTime, requiredTime } from './values.ts'
import { type WireItem, type WireOrder, wireOrder } from './wire.ts'

/** One order as received (`raw`), and in the shape of v2026-01-01 (`wire`, still unread; the same where that is the version). */
export interface FoundOrder {
  readonly raw: unknown
  readonly wire: unknown
  /** Why it cannot be brought into that shape; names fields and no values. */
  readonly fault?: string
}

export type Reading =
  | { readonly kind: 'order'; readonly order: NormalizedOrder }
  | { readonly kind: 'poison'; readonly poison: PoisonOrder }
  /** Amazon ships it (AFN). */
  | { readonly kind: 'skipped' }

const statuses: Readonly<Record<string, OrderStatus>> = {
  PENDING_AVAILABILITY: 'pending',
  PENDING: 'pending',
  UNSHIPPED: 'open',
  PARTIALLY_SHIPPED: 'partially_shipped',
  SHIPPED: 'shipped',
  CANCELLED: 'cancelled',
  CANCELED: 'cancelled',
}

const programFlags: Readonly<Record<string, OrderFlag>> = {
  PRIME: 'prime',
  PREMIUM: 'premium',
  AMAZON_BUSINESS: 'business',
  PREORDER: 'preorder',
  // Amazon brings the label, or the buyer comes (contract section 2, rule 7).
  FBM_SHIP_PLUS: 'no_label',
  AMAZON_EASY_SHIP: 'no_label',
  DELIVERY_BY_AMAZON: 'no_label',
  IN_STORE_PICK_UP: 'no_label',
}

/** A page of found orders, sorted into what can be stored, what cannot, and what is Amazon's own business. */
export function normalizeAll(channel: string, found: readonly FoundOrder[]): Pick<OrderPage, 'orders' | 'poison' | 'skipped'> {
  const orders: NormalizedOrder[] = []
  const poison: PoisonOrder[] = []
  let skipped = 0
  for (const one of found) {
    const reading = normalizeOrder(channel, one)
    if (reading.kind === 'order') orders.push(reading.order)
    if (reading.kind === 'poison') poison.push(reading.poison)
    if (reading.kind === 'skipped') skipped += 1
  }
  return { orders, poison, skipped }
}

/**
 * One order by the mapping of contract section 8 and the rules of section 2. Never throws: what cannot be read, or cannot be told
 * to be the seller's to ship, or may ship but shows no address (where addresses were asked for), is poison with a reason that names fields and
 * no values.
 */
export function normalizeOrder(channel: string, { raw, wire, fault }: FoundOrder, showsAddress = true): Reading {
  const poison = (reason: string): Reading => ({ kind: 'poison', poison: { channel, externalOrderId: idOf(wire), reason, raw } })
  if (fault !== undefined) return poison(fault)
  const parsed = wireOrder.safeParse(wire)
  if (!parsed.success) return poison(issuesOf(parsed.error))
  const by = parsed.data.fulfillment?.fulfilledBy
  if (by === 'AMAZON') return { kind: 'skipped' }
  if (by !== 'MERCHANT') return poison(`fulfillment.fulfilledBy: ${safeText(by ?? 'absent')}, so nobody can tell who ships it`)
  try {
    return { kind: 'order', order: compose(channel, parsed.data, raw, showsAddress) }
  } catch (error) {
    if (error instanceof RangeError) return poison(error.message)
    throw error
  }
}

function compose(channel: string, wire: WireOrder, raw: unknown, showsAddress: boolean): NormalizedOrder {
  const stated = wire.fulfillment?.fulfillmentStatus
  const mapped = statuses[stated ?? '']
  const lines = wire.orderItems.map((item, index) => lineOf(wire, item, `orderItems.${index}`, mapped))
  const status = heldWhole(mapped ?? 'on_hold', lines)
  if (status === 'open' && lines.length === 0) throw new RangeError('orderItems: empty')
  const currency = currencyOf(wire)
  const address = wire.recipient?.deliveryAddress
  const flags = flagsOf(wire, lines, mapped === undefined)
  const needsAddress = showsAddress && (status === 'open' || status === 'partially_shipped') && !flags.includes('no_label')
  const buyerName = wire.buyer?.buyerName ?? address?.name
  const money = wire.orderItems.map((item, index) => lineMoney(item, currency, `orderItems.${index}`))
  return {
    channel,
    externalOrderId: wire.orderId,
    ...given('sellerOrderId', wire.orderAliases.find((alias) => alias.aliasType === 'SELLER_ORDER_ID')?.aliasId),
    ...given('marketplaceId', wire.salesChannel?.marketplaceId),
    status,
    fulfilledBy: 'seller',
    createdAt: requiredTime(wire.createdTime, 'createdTime'),
    updatedAt: requiredTime(wire.lastUpdatedTime, 'lastUpdatedTime'),
    ...given('shipBy', parseTime(wire.fulfillment?.shipByWindow?.latestDateTime)),
    ...given('deliverBy', parseTime(wire.fulfillment?.deliverByWindow?.latestDateTime)),
    buyer: { ...given('name', buyerName), ...given('email', wire.buyer?.buyerEmail), ...given('phone', address?.phone) },
    shipTo: addressOf(address, buyerName, needsAddress),
    lines: lines.map(({ line }, index) => {
      const { price, tax, discount } = money[index] ?? { price: 0, tax: 0, discount: 0 }
      return { ...line, price, tax, discount }
    }),
    currency,
    totals: totalsOf(wire, money, currency),
    ...given('shippingMethodRequested', wire.fulfillment?.fulfillmentServiceLevel),
    gift: giftOf(wire.orderItems),
    ...given('notes', notesOf(wire)),
    flags,
    raw,
  }
}

/** Whether an order of which no lines are shown is open, as far as that can be told. */
export function isOpenWhole({ fulfillment, programs }: Pick<WireOrder, 'fulfillment' | 'programs'>): boolean {
  const status = statuses[fulfillment?.fulfillmentStatus ?? '']
  if (fulfillment?.fulfilledBy !== 'MERCHANT' || (status !== 'open' && status !== 'partially_shipped')) return false
  return programs.every((program) => programFlags[program] !== 'no_label')
}

function flagsOf(wire: WireOrder, lines: readonly ReadLine[], unknownStatus: boolean): readonly OrderFlag[] {
  const flags = new Set<OrderFlag>()
  for (const program of wire.programs) {
    const flag = programFlags[program]
    if (flag !== undefined) flags.add(flag)
  }
  if (wire.associatedOrders.some((one) => /^(REPLACEMENT|EXCHANGE)_ORIGINAL_ID$/.test(one.associationType ?? '')))
    flags.add('replacement')
  if (wire.recipient?.deliveryAddress?.addressType === 'PICKUP_POINT') flags.add('pickup_point')
  if (lines.some((one) => one.held)) flags.add('cancel_requested')
  if (unknownStatus) flags.add('incident')
  return [...flags]
}

function giftOf(items: readonly WireItem[]): Gift {
  const packing = items.map((item) => item.fulfillment?.packing)
  const messages = packing.map((one) => one?.giftOption?.giftMessage ?? one?.giftMessage)
  const isGift =
    messages.some((message) => message !== undefined) || packing.some((one) => one?.giftOption?.giftWrapLevel !== undefined)
  return { isGift, ...given('message', joined([...new Set(messages)], '\n')) }
}

function notesOf(wire: WireOrder): string | undefined {
  const preference = wire.recipient?.deliveryPreference
  const label = wire.fulfillment?.labelPrintingWindow?.earliestDateTime
  const notes: readonly (readonly [string, string | undefined])[] = [
    ['Delivery', preference?.addressInstruction],
    ['Drop-off', preference?.dropOffLocation],
    ['Purchase order', wire.buyer?.buyerPurchaseOrderNumber],
    ['No label before', label],
    ...wire.orderItems.map(
      (item) =>
        [`Customization of ${item.product?.sellerSku ?? item.orderItemId}`, item.product?.customization?.customizedUrl] as const,
    ),
  ]
  return joined(
    notes.map(([name, note]) => (note === undefined ? undefined : `${name}: ${note}`)),
    '\n',
  )
}

/** The order's id where one can be read, else a digest that stays the same for the same document. */
export function idOf(wire: unknown): string {
  if (typeof wire === 'object' && wire !== null && 'orderId' in wire && typeof wire.orderId === 'string' && wire.orderId !== '')
    return wire.orderId
  return `unreadable-${createHash('sha256')
    .update(JSON.stringify(wire) ?? '')
    .digest('hex')
    .slice(0, 16)}`
}
