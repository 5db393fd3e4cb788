import type { PermanentError } from '../../core/errors.ts'
import type { Address, NormalizedOrder, OrderLine } from '../../core/model/order.ts'
import type { FoundOrder, PushOrder } from '../../core/ports/shipping.ts'
import { amountsOf, lineShare, wireAmount } from './amounts.ts'
import { permanent } from './client.ts'
import { formatLosAngeles } from './time.ts'
import type { OrderRow, WireAddress, WireItem, WireOrder } from './wire.ts'

/** Marks the line that carries the discount, so that it is known again in a shipment's items. */
export const DISCOUNT_KEY = 'isync:discount'

/** Characters as the vendor counts them (contract section 5); the vendor does not say what it does beyond. */
const LONGEST = {
  orderNumber: 50,
  orderKey: 50,
  sku: 100,
  itemName: 200,
  name: 100,
  email: 254,
  street: 200,
  note: 1000,
  customField: 100,
  source: 50,
}
const MOST_UNITS = 99_999

export type Draft = { readonly ok: true; readonly wire: WireOrder } | { readonly ok: false; readonly error: PermanentError }

/**
 * One order as createorders takes it (contract section 5), always whole: what is left out would be emptied. Texts that are too long
 * are cut; an identifier is never cut, the order is refused instead. Also refused: no store, no name or country to ship to, nothing to ship.
 */
export function toWire(push: PushOrder, tags: Readonly<Record<string, number>>): Draft {
  const reason = reasonToRefuse(push)
  if (reason !== undefined) return { ok: false, error: permanent('createorders', `order not sent: ${reason}`) }
  return { ok: true, wire: wireOrder(push, tags[push.order.channel]) }
}

/** A row of GET /orders (contract sections 6 and 8). */
export function toFoundOrder(row: OrderRow): FoundOrder {
  const options = row.advancedOptions
  return {
    shipStationOrderId: row.orderId,
    orderKey: row.orderKey ?? '',
    orderNumber: row.orderNumber ?? '',
    orderStatus: row.orderStatus ?? '',
    mergedIds: options?.mergedIds ?? [],
    ...(typeof options?.storeId === 'number' ? { storeId: options.storeId } : {}),
    ...(typeof options?.customField1 === 'string' ? { customField1: options.customField1 } : {}),
    ...(typeof options?.parentId === 'number' ? { parentId: options.parentId } : {}),
  }
}

function reasonToRefuse({ order, orderKey, storeId, action }: PushOrder): string | undefined {
  const { externalOrderId, shipTo } = order
  if (!Number.isSafeInteger(storeId) || storeId <= 0) return 'no ShipStation store for its channel'
  if (externalOrderId.trim() === '') return 'orderNumber is empty'
  if (externalOrderId.length > LONGEST.orderNumber) return `orderNumber is longer than ${LONGEST.orderNumber} characters`
  if (orderKey === '' || orderKey.length > LONGEST.orderKey)
    return `orderKey must have 1 to ${LONGEST.orderKey} characters, has ${orderKey.length}`
  const lines = linesToSend(order, action)
  for (const [i, line] of lines.entries()) {
    if (line.sku.length > LONGEST.sku) return `items.${i}.sku is longer than ${LONGEST.sku} characters`
    if (!Number.isInteger(line.qtyToShip) || line.qtyToShip > MOST_UNITS)
      return `items.${i}.quantity must be a whole number from 1 to ${MOST_UNITS}`
  }
  if (action === 'cancel') return undefined
  if (lines.length === 0) return 'nothing left to ship'
  if (shipTo === null) return 'shipTo is missing'
  if (recipientOf(shipTo) === '') return 'shipTo.name is empty'
  return /^[A-Za-z]{2}$/.test(shipTo.country) ? undefined : 'shipTo.country is not a code of two letters'
}

function wireOrder(push: PushOrder, tag: number | undefined): WireOrder {
  const { order, action } = push
  const lines = linesToSend(order, action)
  const amounts = amountsOf(order, lines)
  const money = (minor: number): number => wireAmount(minor, order.currency)
  const items = lines.map((line) => wireItem(line, money))
  return {
    orderId: push.shipStationOrderId,
    orderNumber: order.externalOrderId,
    orderKey: push.orderKey,
    orderDate: formatLosAngeles(order.createdAt),
    shipByDate: order.shipBy === undefined ? undefined : formatLosAngeles(order.shipBy),
    orderStatus: action === 'cancel' ? 'cancelled' : 'awaiting_shipment',
    customerUsername: textOf(order.buyer.email, LONGEST.email),
    customerEmail: textOf(order.buyer.email, LONGEST.email),
    billTo: billTo(order),
    shipTo: order.shipTo === null ? { name: personOf(order) } : wireAddress(order.shipTo, personOf(order)),
    items: amounts.discount > 0 ? [...items, discountItem(money(amounts.discount))] : items,
    amountPaid: money(amounts.paid),
    taxAmount: money(amounts.tax),
    shippingAmount: money(amounts.shipping),
    customerNotes: textOf(order.notes, LONGEST.note),
    internalNotes: textOf(order.specialInstructions, LONGEST.note),
    gift: order.gift.isGift,
    giftMessage: textOf(order.gift.message, LONGEST.note),
    requestedShippingService: textOf(order.shippingMethodRequested, LONGEST.street),
    advancedOptions: advancedOptions(push),
    tagIds: tag === undefined ? undefined : [tag],
  }
}

/** V1 has no currency: customField2 names it when it is not USD. customField3 shows the packer the number that the buyer knows, and what is special. */
function advancedOptions({ order, storeId }: PushOrder): WireOrder['advancedOptions'] {
  return {
    storeId,
    source: cut(order.channel, LONGEST.source),
    customField1: order.externalOrderId,
    customField2: order.currency === 'USD' ? undefined : order.currency,
    customField3: textOf([...soldOn(order), ...order.flags].join(' '), LONGEST.customField),
  }
}

function soldOn({ soldOn: sale }: NormalizedOrder): readonly string[] {
  return sale === undefined ? [] : [`${sale.site} ${sale.orderId}`]
}

/** What may ship; of an order that is being cancelled, where nothing may, whatever it still names. */
function linesToSend(order: NormalizedOrder, action: PushOrder['action']): readonly OrderLine[] {
  if (action === 'ship') return order.lines.filter((line) => line.qtyToShip > 0)
  return order.lines.filter((line) => line.qty > 0).map((line) => (line.qtyToShip > 0 ? line : { ...line, qtyToShip: line.qty }))
}

function wireItem(line: OrderLine, money: (minor: number) => number): WireItem {
  return {
    lineItemKey: line.externalLineId,
    sku: line.sku === '' ? undefined : line.sku,
    name: textOf(line.name, LONGEST.itemName) ?? textOf(line.sku, LONGEST.itemName) ?? line.externalLineId,
    quantity: line.qtyToShip,
    unitPrice: money(line.price),
    taxAmount: money(lineShare(line.tax, line)),
  }
}

function discountItem(amount: number): WireItem {
  return { lineItemKey: DISCOUNT_KEY, name: 'Discount', quantity: 1, unitPrice: -amount, adjustment: true }
}

/** The marketplaces show no billing address; the name is required. */
function billTo(order: NormalizedOrder): WireAddress {
  const phone = textOf(order.buyer.phone, LONGEST.name)
  return { name: textOf(order.buyer.name, LONGEST.name) ?? personOf(order), phone: phone }
}

function wireAddress(address: Address, name: string): WireAddress {
  return {
    name,
    company: textOf(address.company, LONGEST.name),
    street1: cut(address.address1, LONGEST.street),
    street2: textOf(address.address2, LONGEST.street),
    city: cut(address.city, LONGEST.street),
    state: textOf(address.state, LONGEST.name),
    postalCode: cut(address.postal, LONGEST.name),
    country: address.country.toUpperCase(),
    phone: textOf(address.phone, LONGEST.name),
    residential: address.residential,
  }
}

/** Who receives it. A cancelled order may have lost its address at the marketplace, and the vendor insists on a name. */
function personOf(order: NormalizedOrder): string {
  const recipient = order.shipTo === null ? undefined : textOf(recipientOf(order.shipTo), LONGEST.name)
  return recipient ?? textOf(order.buyer.name, LONGEST.name) ?? 'Cancelled order'
}

function recipientOf(address: Address): string {
  return address.name.trim() === '' ? (address.company?.trim() ?? '') : address.name
}

/** Cut to what the vendor takes; undefined when there is nothing to say. */
function textOf(text: string | undefined, longest: number): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : cut(text, longest)
}

/** Never through the middle of a character outside the basic plane; a lone half of one would make the JSON unreadable to some. */
function cut(text: string, longest: number): string {
  const whole = text.replace(/\p{Surrogate}/gu, '\uFFFD')
  if (whole.length <= longest) return whole
  return whole.slice(0, longest).replace(/\p{Surrogate}$/u, '')
}
