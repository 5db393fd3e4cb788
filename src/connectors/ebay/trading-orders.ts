import type { NormalizedOrder, OrderFlag, OrderLine, OrderStatus, PoisonOrder } from '../../core/model/order.ts'
import { addressOf, type FoundAddress } from './address.ts'
import { buyerAccountOf } from './buyer-account.ts'
import { siteNamed } from './settings.ts'
import { earliest, given, issuesOf, minor, parseTime, poisonOf, requiredTime, sumOf } from './values.ts'
import { type WireAddress, type WireOrder, type WireTransaction, wireOrder, wireOrderId } from './wire.ts'

export type Reading =
  | { readonly kind: 'order'; readonly order: NormalizedOrder }
  | { readonly kind: 'poison'; readonly poison: PoisonOrder }
  /** Not paid: when it is, it comes back under another id (contract section 2.3). */
  | { readonly kind: 'unpaid' }
  /** eBay ships it. */
  | { readonly kind: 'skipped' }

/** One order of GetOrders by sections 2 and 9 of the contract. Never throws: what cannot be read is poison. */
export function readTradingOrder(channel: string, raw: unknown): Reading {
  const poison = (reason: string): Reading => {
    const id = wireOrderId.safeParse(raw).data?.OrderID
    return { kind: 'poison', poison: poisonOf(channel, id, reason, raw) }
  }
  const parsed = wireOrder.safeParse(raw)
  if (!parsed.success) return poison(issuesOf(parsed.error))
  try {
    const state = stateOf(parsed.data)
    if (state === 'unpaid') return { kind: 'unpaid' }
    return { kind: 'order', order: compose(channel, parsed.data, state, raw) }
  } catch (error) {
    if (error instanceof RangeError) return poison(error.message)
    throw error
  }
}

interface State {
  readonly status: OrderStatus
  readonly flags: readonly OrderFlag[]
}

const calm = new Set(['NotApplicable', 'Invalid', 'CancelRejected', 'CancelFailed'])
const cancelled = new Set(['CancelComplete', 'CancelClosedWithRefund', 'CancelClosedForCommitment'])
const cancelling = new Set(['CancelRequested', 'CancelPending'])

/** Contract section 2.3. What the table does not know is held: a person decides. */
function stateOf(order: WireOrder): State | 'unpaid' {
  const { OrderStatus: stated = '', CancelStatus: cancel = 'NotApplicable', CheckoutStatus: checkout } = order
  const held = (flag: OrderFlag): State => ({ status: 'on_hold', flags: [flag] })
  if (stated === 'Cancelled' || cancelled.has(cancel)) return { status: 'cancelled', flags: [] }
  if (order.ShippedTime !== undefined) return { status: 'shipped', flags: [] }
  // An order that was put together with another is Inactive and never paid.
  if (stated === 'Active' || stated === 'Inactive') return 'unpaid'
  if (checkout?.Status === 'Incomplete' || checkout?.Status === 'Pending') return 'unpaid'
  if (stated === 'CancelPending' || cancelling.has(cancel)) return held('cancel_requested')
  // A cancellation that was closed without a word of the money, or a word that eBay has added since.
  if (!calm.has(cancel)) return held('incident')
  if (stated !== 'Completed' || checkout?.Status !== 'Complete') return held('incident')
  // Paid outside eBay, or refunded since: nobody can tell whether it is to be shipped.
  if (checkout.eBayPaymentStatus !== 'NoPaymentFailure' || order.PaidTime === undefined) return held('incident')
  if (order.PaymentHoldStatus === 'PaymentReview' || isRefunded(order)) return held('incident')
  const all = order.TransactionArray?.Transaction ?? []
  const goods = all.filter((line) => !isDigital(line))
  // Goods without a parcel have no part in what is shipped of the others.
  const lines = goods.length === 0 ? all : goods
  if (lines.some(isShippedInPart)) return held('incident')
  const left = lines.filter((line) => !isShipped(line)).length
  const status = left === lines.length ? 'open' : left === 0 ? 'shipped' : 'partially_shipped'
  return { status, flags: isCollected(order) ? ['pickup_point', 'no_label'] : hasNoGoods(order) ? ['no_label'] : [] }
}

function isCollected(order: WireOrder): boolean {
  return order.PickupMethodSelected !== undefined || plansOf(order).includes('PickUpDropOff')
}

function hasNoGoods(order: WireOrder): boolean {
  return order.LogisticsPlanType === 'DigitalDelivery' || (order.TransactionArray?.Transaction ?? []).every(isDigital)
}

function isDigital({ LogisticsPlanType: plan }: WireTransaction): boolean {
  return plan === 'DigitalDelivery'
}

/** What was paid for the goods has gone back, though nobody cancelled the order. */
function isRefunded(order: WireOrder): boolean {
  const { currency } = order.Total
  const refunded = refundedOf(order)
  const lines = order.TransactionArray?.Transaction ?? []
  const paid = sumOf(
    lines.map((line) => minor(line.TransactionPrice, currency, 'TransactionPrice') * Number(line.QuantityPurchased)),
  )
  return refunded > 0 && refunded >= paid
}

/** What went back so far, without what eBay collected as tax. */
function refundedOf(order: WireOrder): number {
  const { currency } = order.Total
  const refunds = (order.MonetaryDetails?.Refunds?.Refund ?? []).filter(
    ({ RefundStatus: status, RefundAmount: amount }) => status !== 'Failed' && amount?.currency === currency,
  )
  return sumOf(refunds.map((one) => Math.abs(minor(one.RefundAmount, currency, 'RefundAmount'))))
}

function isAuthenticated({ Program }: WireTransaction): boolean {
  return Program !== undefined
}

function plansOf(order: WireOrder): readonly (string | undefined)[] {
  return [order.LogisticsPlanType, ...(order.TransactionArray?.Transaction ?? []).map((line) => line.LogisticsPlanType)]
}

function isShipped(line: WireTransaction): boolean {
  return line.ShippedTime !== undefined || (hasPackage(line) && line.QuantityPurchased === '1')
}

/** A package of several units' line, told by another tool: how many units are in it is not said here. */
function isShippedInPart(line: WireTransaction): boolean {
  return hasPackage(line) && !isShipped(line)
}

function hasPackage(line: WireTransaction): boolean {
  return (line.ShippingDetails?.ShipmentTrackingDetails.length ?? 0) > 0
}

function compose(channel: string, order: WireOrder, { status, flags }: State, raw: unknown): NormalizedOrder {
  const transactions = order.TransactionArray?.Transaction ?? []
  const mayShip = status === 'open' || status === 'partially_shipped'
  if (mayShip && transactions.length === 0) throw new RangeError('TransactionArray: empty')
  const currency = order.Total.currency
  const lines = transactions.map((line, at) => lineOf(line, status, currency, `TransactionArray.Transaction.${at}`))
  const hub = order.IsMultiLegShipping ? order.MultiLegShippingDetails?.SellerShipmentToLogisticsProvider : undefined
  // The authenticator stands in the order's own address (contract section 2.6).
  const isDirect = !order.IsMultiLegShipping || (hub?.ShipToAddress === undefined && transactions.some(isAuthenticated))
  if (mayShip && !isDirect && hub?.ShipToAddress === undefined)
    throw new RangeError('MultiLegShippingDetails.SellerShipmentToLogisticsProvider.ShipToAddress: absent, so the hub is unknown')
  const shipTo = isDirect ? order.ShippingAddress : hub?.ShipToAddress
  const where = isDirect ? 'ShippingAddress' : 'ShipToAddress of the hub'
  const [first] = transactions
  const service = hub === undefined ? order.ShippingServiceSelected?.ShippingService : hub.ShippingServiceDetails?.ShippingService
  const packages = order.ShippingServiceSelected?.ShippingPackageInfo ?? []
  const createdAt = requiredTime(order.CreatedTime, 'CreatedTime')
  const buyer = buyerOf(order, first)
  return {
    channel,
    externalOrderId: order.OrderID,
    ...given('marketplaceId', siteNamed(first?.Item.Site)),
    status,
    fulfilledBy: 'seller',
    createdAt,
    updatedAt: parseTime(order.CheckoutStatus?.LastModifiedTime) ?? createdAt,
    ...given('shipBy', earliest(packages.map((one) => one.HandleByTime))),
    ...given('deliverBy', earliest(packages.map((one) => one.EstimatedDeliveryTimeMax))),
    buyer,
    ...given('buyerAccount', buyerAccountOf(order.BuyerUserID, order.EIASToken)),
    shipTo: addressOf(
      shipTo === undefined ? undefined : found(shipTo, buyer.name),
      where,
      mayShip && !flags.includes('no_label'),
    ),
    lines,
    currency,
    totals: totalsOf(order, lines, hub?.ShippingServiceDetails?.TotalShippingCost, currency),
    ...given('refunded', refundedOf(order) || undefined),
    ...given('shippingMethodRequested', service),
    // eBay's gifts are gift cards without a parcel.
    gift: { isGift: false },
    ...given('notes', notesOf(order)),
    flags,
    raw,
  }
}

/** Amounts in minor units. eBay's own collected tax and the seller's stand for the same money: one of them counts. */
function lineOf(line: WireTransaction, status: OrderStatus, currency: string, where: string): OrderLine {
  const qty = Number(line.QuantityPurchased)
  const done = status === 'shipped' || isShipped(line)
  const open = (status === 'open' || status === 'partially_shipped') && !done && !isDigital(line)
  const paid = minor(line.TransactionPrice, currency, `${where}.TransactionPrice`)
  const original = line.SellerDiscounts?.OriginalItemPrice
  const price =
    original === undefined ? paid : Math.max(paid, minor(original, currency, `${where}.SellerDiscounts.OriginalItemPrice`))
  const tax = line.eBayCollectAndRemitTaxes?.TotalTaxAmount ?? line.Taxes?.TotalTaxAmount
  const { ItemID: itemId } = line.Item
  return {
    externalLineId: line.OrderLineItemID ?? `${itemId}-${line.TransactionID ?? '0'}`,
    // The item's own SKU is the whole listing's, not the variation's.
    sku: (line.Variation === undefined ? line.Item.SKU : line.Variation.SKU) ?? itemId,
    name: line.Variation?.VariationTitle ?? line.Item.Title ?? itemId,
    qty: status === 'cancelled' ? 0 : qty,
    qtyToShip: open ? qty : 0,
    ...(done && status !== 'cancelled' ? { qtyShipped: qty } : {}),
    price,
    tax: minor(tax, currency, `${where}.TotalTaxAmount`),
    discount: (price - paid) * qty,
  }
}

/** On the way to a hub the buyer's total has carriage and duties in it that the seller never sees (contract section 2.7). */
function totalsOf(
  order: WireOrder,
  lines: readonly OrderLine[],
  domesticLeg: WireOrder['Total'] | undefined,
  currency: string,
): NormalizedOrder['totals'] {
  const transactions = order.TransactionArray?.Transaction ?? []
  const items = sumOf(lines.map((line, at) => line.price * Number(transactions[at]?.QuantityPurchased)))
  const saved = order.AmountSaved?.currency === currency ? Math.abs(minor(order.AmountSaved, currency, 'AmountSaved')) : 0
  const discount = Math.max(sumOf(lines.map((line) => line.discount)), saved)
  const perLine = sumOf(lines.map((line) => line.tax))
  const tax = perLine > 0 ? perLine : minor(order.ShippingDetails?.SalesTax?.SalesTaxAmount, currency, 'SalesTaxAmount')
  if (order.IsMultiLegShipping) {
    const shipping = minor(domesticLeg, currency, 'TotalShippingCost')
    return { items, shipping, tax, discount, total: items - discount + shipping + tax }
  }
  const shipping = minor(order.ShippingServiceSelected?.ShippingServiceCost, currency, 'ShippingServiceCost')
  return { items, shipping, tax, discount, total: minor(order.Total, currency, 'Total') }
}

function buyerOf(order: WireOrder, first: WireTransaction | undefined): NormalizedOrder['buyer'] {
  const { UserFirstName: given1, UserLastName: family, Email: email } = first?.Buyer ?? {}
  const registered = [given1, family].filter((part) => part !== undefined).join(' ')
  const name = order.ShippingAddress?.Name ?? (registered === '' ? undefined : registered)
  return { ...given('name', name), ...given('email', email), ...given('phone', order.ShippingAddress?.Phone) }
}

function notesOf(order: WireOrder): string | undefined {
  if (order.BuyerCheckoutMessage !== undefined) return order.BuyerCheckoutMessage
  const perLine = (order.TransactionArray?.Transaction ?? []).flatMap((line) => line.BuyerCheckoutMessage ?? [])
  return perLine.length === 0 ? undefined : [...new Set(perLine)].join('\n')
}

function found(address: WireAddress, buyerName: string | undefined): FoundAddress {
  return {
    name: address.Name ?? buyerName,
    company: address.CompanyName,
    address1: address.Street1,
    address2: address.Street2,
    city: address.CityName,
    state: address.StateOrProvince,
    postal: address.PostalCode,
    country: address.Country,
    countryName: address.CountryName,
    phone: address.Phone,
    reference: address.ReferenceID,
  }
}
