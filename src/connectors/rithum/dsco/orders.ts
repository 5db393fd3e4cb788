import type { NormalizedOrder, OrderFlag, OrderLine, OrderStatus, PoisonOrder } from '../../../core/model/order.ts'
import { nameOf, shipToOf } from './address.ts'
import type { DscoSettings } from './settings.ts'
import { type LineUnits, lineIdsOf, type OrderUnits, shippedUnits, unitsOf } from './units.ts'
import { earliest, filled, given, issuesOf, minor, parseTime, poisonOf, sumOf } from './values.ts'
import { orderIdOf, type WireLine, type WireOrder, wireOrder } from './wire.ts'

const NOTES_LENGTH = 1000

export type Reading =
  | { readonly order: NormalizedOrder }
  | { readonly poison: PoisonOrder }
  /** A test order of the platform. */
  | { readonly skipped: true }

type Defaults = Pick<DscoSettings, 'channel' | 'defaultCountry' | 'defaultCurrency' | 'thirdPartyBilling'>

/** One document as an order in our shape (contract section 7), with every number in it as text. */
export function readOrder(raw: unknown, settings: Defaults): Reading {
  const parsed = wireOrder.safeParse(raw)
  if (!parsed.success) return { poison: poisonOf(settings.channel, orderIdOf(raw), issuesOf(parsed.error), raw) }
  if (parsed.data.testFlag === true) return { skipped: true }
  try {
    return { order: normalize(parsed.data, raw, settings) }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return { poison: poisonOf(settings.channel, parsed.data.dscoOrderId, error.message, raw) }
  }
}

interface State {
  readonly status: OrderStatus
  readonly flags: readonly OrderFlag[]
  /** Why a person is asked, or what the packer must know. */
  readonly remarks: readonly string[]
}

function normalize(order: WireOrder, raw: unknown, settings: Defaults): NormalizedOrder {
  if (order.lineItems.length === 0) throw new RangeError('lineItems: empty')
  const currency = filled(order.currencyCode)?.toUpperCase() ?? settings.defaultCurrency
  const units = unitsOf(order)
  const state = stateOf(order, units, settings)
  const mayShip = state.status === 'open' || state.status === 'partially_shipped'
  const createdAt = parseTime(order.retailerCreateDate) ?? parseTime(order.dscoCreateDate)
  if (createdAt === undefined) throw new RangeError('retailerCreateDate: neither it nor dscoCreateDate is an instant')
  const ids = lineIdsOf(order.lineItems)
  const lines = order.lineItems.map((line, i) => lineOf(line, i, ids[i] ?? '', units.lines[i], order, state.status, currency))
  const site = siteOf(order)
  const { shipping } = order
  return {
    channel: settings.channel,
    externalOrderId: order.dscoOrderId,
    ...given('soldOn', site === undefined ? undefined : { site, orderId: filled(order.poNumber) ?? order.dscoOrderId }),
    status: state.status,
    fulfilledBy: 'seller',
    createdAt,
    updatedAt: parseTime(order.dscoLastUpdate) ?? createdAt,
    // The line's own date wins over the order's (contract section 2).
    ...given('shipBy', earliest(order.lineItems.map((line) => filled(line.shipByDate) ?? order.shipByDate))),
    ...given('deliverBy', parseTime(order.requiredDeliveryDate) ?? parseTime(order.expectedDeliveryDate)),
    buyer: {
      ...given('name', nameOf(shipping)),
      ...given('email', filled(shipping?.email)),
      ...given('phone', filled(shipping?.phone)),
    },
    shipTo: shipToOf(shipping, settings.defaultCountry, mayShip && !state.flags.includes('no_label')),
    lines,
    currency,
    totals: totalsOf(order, lines, currency),
    ...given('shippingMethodRequested', methodOf(order)),
    gift: giftOf(order),
    ...given('notes', notesOf(order)),
    ...given('specialInstructions', filled([...state.remarks, ...instructionsOf(order)].join('\n').slice(0, NOTES_LENGTH))),
    flags: state.flags,
    raw,
  }
}

/** Contract section 2. What the table does not know is held: a person decides. */
function stateOf(order: WireOrder, units: OrderUnits, settings: Defaults): State {
  const where = placeOf(order, settings)
  const status = progressOf(order, units)
  if (status !== 'open' && status !== 'partially_shipped') {
    const flags: readonly OrderFlag[] = status === 'on_hold' ? ['incident'] : []
    return { ...where, status, flags: [...where.flags, ...flags] }
  }
  if (order.cancelRequested === true || order.lineItems.some((line) => line.cancelRequested === true))
    return { ...where, status: 'on_hold', flags: [...where.flags, 'cancel_requested'] }
  if (where.isHeld || units.hasStrangers) return { ...where, status: 'on_hold', flags: [...where.flags, 'incident'] }
  const isUnclear = units.lines.some((line) => line.isUnclear)
  return { ...where, status, flags: isUnclear ? [...where.flags, 'incident'] : where.flags }
}

function progressOf(order: WireOrder, { lines }: OrderUnits): OrderStatus {
  const gone = shippedUnits(lines) > 0
  const isOver = lines.every(({ owed }) => owed === 0)
  switch (filled(order.dscoLifecycle)?.toLowerCase() ?? lifecycleOf(order.dscoStatus)) {
    case 'received':
      return 'pending'
    case 'created':
    case 'acknowledged':
      break
    case 'completed':
      return (isOver || order.dscoStatus === 'cancelled') && !gone ? 'cancelled' : 'shipped'
    default:
      return 'on_hold'
  }
  if (order.dscoStatus === 'cancelled' || isOver) return gone ? 'shipped' : 'cancelled'
  if (lines.some(({ left }) => left > 0)) return gone ? 'partially_shipped' : 'open'
  return lines.some(({ isUnclear }) => isUnclear) ? 'on_hold' : 'shipped'
}

/** The older attribute, on orders that came before there was the newer one. */
function lifecycleOf(dscoStatus: string | null | undefined): string {
  if (dscoStatus === 'created') return 'created'
  if (dscoStatus === 'shipment_pending') return 'acknowledged'
  return dscoStatus === 'shipped' || dscoStatus === 'cancelled' ? 'completed' : 'unknown'
}

/** Parcels that do not simply go to a customer at the seller's cost are never shipped silently (contract section 7). */
function placeOf(
  order: WireOrder,
  { thirdPartyBilling }: Defaults,
): Pick<State, 'flags' | 'remarks'> & { readonly isHeld: boolean } {
  const store = filled(order.shipping?.storeNumber) ?? filled(order.shipToStoreNumber)
  const type = filled(order.shipping?.shipSiteType)?.toLowerCase()
  const flags: OrderFlag[] = []
  const remarks: string[] = []
  let isHeld = false
  if (order.deliveryMethod === 'in_store_pickup') flags.push('pickup_point', 'no_label')
  else if (store !== undefined || type === 'store' || type === 'access-point') flags.push('pickup_point')
  if (store !== undefined) remarks.push(`Ship to store ${store}`)
  if (order.crossDockFlag === true) {
    isHeld = true
    remarks.push("Goes to the retailer's cross dock first: not to the address of the order")
  }
  const account = filled(order.shippingAccountNumber)
  if (account !== undefined) {
    isHeld ||= thirdPartyBilling !== 'mark'
    remarks.push(`Bill the label to the retailer's carrier account ${account}`)
  }
  if (order.signatureRequiredFlag === true) remarks.push('Signature required')
  return { flags, remarks, isHeld }
}

function lineOf(
  line: WireLine,
  i: number,
  externalLineId: string,
  units: LineUnits | undefined,
  order: WireOrder,
  status: OrderStatus,
  currency: string,
): OrderLine {
  const { owed = 0, shipped = 0, left = 0 } = units ?? {}
  const sku = [line.sku, line.upc, line.ean, line.partnerSku, line.dscoItemId].map(filled).find((one) => one !== undefined)
  if (sku === undefined) throw new RangeError(`lineItems.${i}: no sku, upc, ean, partnerSku or dscoItemId`)
  const where = `lineItems.${i}`
  const qty = status === 'cancelled' ? 0 : owed
  const done = status === 'shipped' ? owed : shipped
  return {
    externalLineId,
    sku,
    name: filled(line.title) ?? sku,
    qty,
    qtyToShip: status === 'open' || status === 'partially_shipped' ? left : 0,
    ...(done > 0 && status !== 'cancelled' ? { qtyShipped: done } : {}),
    price: minor(priceOf(line, order), currency, `${where}.price`),
    tax: taxOf(line, currency, where),
    discount: 0,
  }
}

/** A retailer that sells as its own merchant pays the expected cost; in a marketplace the shopper pays the seller (contract section 7). */
function priceOf(line: WireLine, { orderType }: WireOrder): string | null | undefined {
  const { consumerPrice, retailPrice, expectedCost } = line
  return orderType?.toLowerCase() === 'marketplace'
    ? (consumerPrice ?? retailPrice ?? expectedCost)
    : (expectedCost ?? consumerPrice ?? retailPrice)
}

function taxOf(taxed: Pick<WireLine, 'amountOfSalesTaxCollected' | 'taxes'>, currency: string, where: string): number {
  if (taxed.amountOfSalesTaxCollected != null)
    return minor(taxed.amountOfSalesTaxCollected, currency, `${where}.amountOfSalesTaxCollected`)
  return sumOf((taxed.taxes ?? []).map(({ amount }) => minor(amount, currency, `${where}.taxes`)))
}

function totalsOf(order: WireOrder, lines: readonly OrderLine[], currency: string): NormalizedOrder['totals'] {
  const items = sumOf(lines.map(({ price, qty }) => price * qty))
  const shipping = minor(order.shippingSurcharge, currency, 'shippingSurcharge')
  const ofLines = sumOf(lines.map((line) => line.tax))
  const ofOrder = taxOf(order, currency, 'order')
  const tax = ofOrder === 0 ? ofLines : ofOrder
  const told = order.orderTotalAmount
  return {
    items,
    shipping,
    tax,
    discount: 0,
    total: told == null ? items + shipping + tax : minor(told, currency, 'orderTotalAmount'),
  }
}

/** One of the names is the seller's own at some retailers. */
function siteOf(order: WireOrder): string | undefined {
  const partner = filled(order.dscoTradingPartnerName)
  const isOurs = partner?.toLowerCase() === filled(order.dscoSupplierName)?.toLowerCase()
  const id = filled(order.dscoRetailerId)
  return (isOurs ? undefined : partner) ?? filled(order.channel) ?? (id === undefined ? undefined : `retailer ${id}`)
}

function methodOf(order: WireOrder): string | undefined {
  const pair = [filled(order.shipCarrier), filled(order.shipMethod)].filter((part) => part !== undefined).join(' ')
  const asked = [filled(order.requestedShipCarrier), filled(order.requestedShipMethod)]
    .filter((part) => part !== undefined)
    .join(' ')
  return (
    filled(order.requestedShippingServiceLevelCode) ?? filled(order.shippingServiceLevelCode) ?? filled(pair) ?? filled(asked)
  )
}

function giftOf(order: WireOrder): NormalizedOrder['gift'] {
  const isGift = order.giftFlag === true || order.giftWrapFlag === true || order.lineItems.some((line) => line.giftFlag === true)
  const [to, from] = [filled(order.giftToName), filled(order.giftFromName)]
  const messages = [order.giftMessage, order.giftWrapMessage, ...order.lineItems.map((line) => line.giftMessage)].map(filled)
  const parts = [
    ...(to === undefined ? [] : [`To: ${to}`]),
    ...(from === undefined ? [] : [`From: ${from}`]),
    ...new Set(messages.filter((message) => message !== undefined)),
  ]
  return { isGift, ...given('message', isGift ? filled(parts.join('\n').slice(0, NOTES_LENGTH)) : undefined) }
}

/** The retailer's own number stands on its packing slip; the other one is the shopper's. */
function notesOf(order: WireOrder): string | undefined {
  const [po, consumer] = [filled(order.poNumber), filled(order.consumerOrderNumber)]
  const numbers = [po === undefined ? undefined : `PO ${po}`, consumer === undefined ? undefined : `customer order ${consumer}`]
  const first = numbers.filter((number) => number !== undefined).join(', ')
  return filled([first, filled(order.message)].filter(Boolean).join('\n').slice(0, NOTES_LENGTH))
}

function instructionsOf(order: WireOrder): readonly string[] {
  const ofOrder = [order.shipInstructions, order.packingInstructions]
  const ofLines = order.lineItems.flatMap((line) => {
    const texts = [line.personalization, line.shipInstructions, line.packingInstructions, line.message].map(filled)
    const named = filled(line.sku) ?? filled(line.title) ?? 'line'
    return texts.flatMap((text) => (text === undefined ? [] : [`${named}: ${text}`]))
  })
  return [...new Set([...ofOrder.map(filled).filter((text) => text !== undefined), ...ofLines])]
}
