import type { NormalizedOrder, OrderFlag, OrderLine, OrderStatus } from '../../core/model/order.ts'
import { addressOf } from './address.ts'
import { buyerAccountOf } from './buyer-account.ts'
import type { Reading } from './trading-orders.ts'
import { earliest, given, issuesOf, type Money, minor, parseTime, poisonOf, requiredTime, sumOf } from './values.ts'
import { type WireLineItem, type WireRestOrder, wireRestOrder, wireRestOrderId } from './wire-rest.ts'

/** Units that packages of an order hold, by line; known only for orders that were asked for. */
export type ShippedUnits = ReadonlyMap<string, number>

/** The order's id where its lines' units have to be asked for: it says that a line of several units is shipped in part, not how far. */
export function askAbout(raw: unknown): string | undefined {
  const order = wireRestOrder.safeParse(raw).data
  const isPart = order?.lineItems.some((line) => line.lineItemFulfillmentStatus === 'IN_PROGRESS' && line.quantity > 1)
  return isPart === true ? order?.orderId : undefined
}

/** One order of the Fulfillment API by sections 3 and 9 of the contract. Never throws: what cannot be read is poison. */
export function readRestOrder(channel: string, raw: unknown, shipped: ShippedUnits | undefined): Reading {
  const poison = (reason: string): Reading => {
    const id = wireRestOrderId.safeParse(raw).data?.orderId
    return { kind: 'poison', poison: poisonOf(channel, id, reason, raw) }
  }
  const parsed = wireRestOrder.safeParse(raw)
  if (!parsed.success) return poison(issuesOf(parsed.error))
  if (parsed.data.fulfillmentStartInstructions.some((one) => one.fulfillmentInstructionsType === 'FULFILLED_BY_EBAY'))
    return { kind: 'skipped' }
  const state = stateOf(parsed.data)
  if (state === 'unpaid') return { kind: 'unpaid' }
  try {
    return { kind: 'order', order: compose(channel, parsed.data, state, shipped, raw) }
  } catch (error) {
    if (error instanceof RangeError) return poison(error.message)
    throw error
  }
}

interface State {
  readonly status: OrderStatus
  readonly flags: readonly OrderFlag[]
}

const progress: Readonly<Record<string, OrderStatus>> = {
  NOT_STARTED: 'open',
  IN_PROGRESS: 'partially_shipped',
}
const noParcel: Readonly<Record<string, readonly OrderFlag[]>> = {
  DIGITAL: ['no_label'],
  PREPARE_FOR_PICKUP: ['pickup_point', 'no_label'],
}

/** What the table does not know is held: a person decides. */
function stateOf(order: WireRestOrder): State | 'unpaid' {
  const cancel = order.cancelStatus?.cancelState ?? 'NONE_REQUESTED'
  const held = (flag: OrderFlag): State => ({ status: 'on_hold', flags: [flag] })
  if (cancel === 'CANCELED' || cancel === 'CANCELLED') return { status: 'cancelled', flags: [] }
  if (order.orderFulfillmentStatus === 'FULFILLED') return { status: 'shipped', flags: [] }
  // There is no filter for it; the id changes when it is paid.
  if (order.orderPaymentStatus === 'PENDING' || order.orderPaymentStatus === 'FAILED') return 'unpaid'
  if (cancel === 'IN_PROGRESS') return held('cancel_requested')
  if (cancel !== 'NONE_REQUESTED') return held('incident')
  if (order.orderPaymentStatus !== 'PAID' && order.orderPaymentStatus !== 'PARTIALLY_REFUNDED') return held('incident')
  if (isUnderReview(order)) return held('incident')
  const status = progress[order.orderFulfillmentStatus ?? '']
  if (status === undefined) return held('incident')
  return { status, flags: noParcel[order.fulfillmentStartInstructions[0]?.fulfillmentInstructionsType ?? ''] ?? [] }
}

/** Money that is kept back from the seller for other reasons, as from every new one, does not keep the goods back. */
function isUnderReview({ paymentSummary }: WireRestOrder): boolean {
  const holds = paymentSummary?.payments.flatMap(({ paymentHolds }) => paymentHolds) ?? []
  return holds.some(({ holdReason = '', holdState = '' }) => /^HELD/i.test(holdState) && /payment[_ ]?review/i.test(holdReason))
}

/** What went back so far, without what eBay collected as tax. A refund of a line may stand at the line, or with the order's own as well. */
function refundedOf({ paymentSummary, lineItems, pricingSummary }: WireRestOrder): number {
  const { currency } = pricingSummary.total
  const sum = (amounts: readonly (Money | undefined)[]) =>
    sumOf(amounts.filter((one) => one?.currency === currency).map((one) => Math.abs(minor(one, currency, 'refunds'))))
  const whole = paymentSummary?.refunds.filter(({ refundStatus }) => refundStatus !== 'FAILED') ?? []
  return Math.max(
    sum(whole.map(({ amount }) => amount)),
    sum(lineItems.flatMap(({ refunds }) => refunds.map(({ amount }) => amount))),
  )
}

function compose(
  channel: string,
  order: WireRestOrder,
  { status, flags }: State,
  shipped: ShippedUnits | undefined,
  raw: unknown,
): NormalizedOrder {
  const mayShip = status === 'open' || status === 'partially_shipped'
  if (mayShip && order.lineItems.length === 0) throw new RangeError('lineItems: empty')
  const { currency } = order.pricingSummary.total
  const lines = order.lineItems.map((line, at) => lineOf(line, status, currency, shipped, `lineItems.${at}`))
  const [start] = order.fulfillmentStartInstructions
  const isHub = start?.ebaySupportedFulfillment === true
  const { shipTo } = start?.shippingStep ?? {}
  const buyer = order.buyer?.buyerRegistrationAddress
  const createdAt = requiredTime(order.creationDate, 'creationDate')
  const promises = order.lineItems.map((line) => line.lineItemFulfillmentInstructions)
  return {
    channel,
    externalOrderId: order.orderId,
    ...given('marketplaceId', order.lineItems[0]?.purchaseMarketplaceId),
    status,
    fulfilledBy: 'seller',
    createdAt,
    updatedAt: parseTime(order.lastModifiedDate) ?? createdAt,
    ...given('shipBy', earliest(promises.map((one) => one?.shipByDate))),
    ...given('deliverBy', earliest(promises.map((one) => one?.maxEstimatedDeliveryDate))),
    buyer: {
      ...given('name', isHub ? (buyer?.fullName ?? shipTo?.fullName) : (shipTo?.fullName ?? buyer?.fullName)),
      ...given('email', shipTo?.email ?? buyer?.email),
      ...given('phone', isHub ? undefined : shipTo?.primaryPhone?.phoneNumber),
    },
    ...given('buyerAccount', buyerAccountOf(order.buyer?.username)),
    shipTo: addressOf(
      shipTo === undefined
        ? undefined
        : {
            name: shipTo.fullName ?? buyer?.fullName,
            company: shipTo.companyName,
            address1: shipTo.contactAddress?.addressLine1,
            address2: shipTo.contactAddress?.addressLine2,
            city: shipTo.contactAddress?.city,
            state: shipTo.contactAddress?.stateOrProvince,
            postal: shipTo.contactAddress?.postalCode,
            country: shipTo.contactAddress?.countryCode,
            phone: shipTo.primaryPhone?.phoneNumber,
            reference: start?.shippingStep?.shipToReferenceId,
          },
      'fulfillmentStartInstructions.0.shippingStep.shipTo',
      mayShip && !flags.includes('no_label'),
    ),
    lines,
    currency,
    totals: totalsOf(order, lines, isHub, currency),
    ...given('refunded', refundedOf(order) || undefined),
    ...given('shippingMethodRequested', start?.shippingStep?.shippingServiceCode),
    gift: { isGift: false },
    ...given('notes', order.buyerCheckoutNotes),
    flags,
    raw,
  }
}

function lineOf(
  line: WireLineItem,
  status: OrderStatus,
  currency: string,
  shipped: ShippedUnits | undefined,
  where: string,
): OrderLine {
  const qty = line.quantity
  const done = status === 'shipped' ? qty : Math.min(qty, unitsShipped(line, shipped))
  const cost = minor(line.lineItemCost, currency, `${where}.lineItemCost`)
  const paid =
    line.discountedLineItemCost === undefined
      ? cost
      : minor(line.discountedLineItemCost, currency, `${where}.discountedLineItemCost`)
  const sku = line.sku ?? line.legacyItemId
  if (sku === undefined) throw new RangeError(`${where}: neither sku nor legacyItemId`)
  const aspects = line.variationAspects.flatMap(({ value }) => value ?? [])
  const name = line.title ?? sku
  const taxes = line.ebayCollectAndRemitTaxes.length > 0 ? line.ebayCollectAndRemitTaxes : line.taxes
  return {
    externalLineId: line.lineItemId,
    sku,
    name: aspects.length === 0 ? name : `${name}[${aspects.join(',')}]`,
    qty: status === 'cancelled' ? 0 : qty,
    qtyToShip: status === 'open' || status === 'partially_shipped' ? qty - done : 0,
    ...(done > 0 && status !== 'cancelled' ? { qtyShipped: done } : {}),
    // Of all units together; the half of a smallest coin is rounded up.
    price: Math.floor((2 * cost + qty) / (2 * qty)),
    tax: sumOf(taxes.map((tax) => minor(tax.amount, currency, `${where}.taxes`))),
    discount: Math.max(0, cost - paid),
  }
}

function unitsShipped(line: WireLineItem, shipped: ShippedUnits | undefined): number {
  if (line.lineItemFulfillmentStatus === 'FULFILLED') return line.quantity
  return line.lineItemFulfillmentStatus === 'IN_PROGRESS' ? (shipped?.get(line.lineItemId) ?? 0) : 0
}

/** On the way to a hub the buyer's total has carriage and duties in it that the seller never sees (contract section 2.7). */
function totalsOf(
  order: WireRestOrder,
  lines: readonly OrderLine[],
  isHub: boolean,
  currency: string,
): NormalizedOrder['totals'] {
  const { total, priceDiscount, deliveryCost, deliveryDiscount } = order.pricingSummary
  const items = sumOf(order.lineItems.map((line) => minor(line.lineItemCost, currency, 'lineItemCost')))
  // What is taken off the order as a whole stands at no line; what is taken off a line may stand in both.
  const discount = Math.max(sumOf(lines.map((line) => line.discount)), Math.abs(minor(priceDiscount, currency, 'priceDiscount')))
  const tax = sumOf(lines.map((line) => line.tax))
  if (isHub) {
    const shipping = sumOf(order.lineItems.map((line) => domesticLeg(line, currency)))
    return { items, shipping, tax, discount, total: items - discount + shipping + tax }
  }
  const shipping = minor(deliveryCost, currency, 'deliveryCost') + minor(deliveryDiscount, currency, 'deliveryDiscount')
  return { items, shipping, tax, discount, total: minor(total, currency, 'total') }
}

function domesticLeg({ deliveryCost }: WireLineItem, currency: string): number {
  const part = (amount: Money | undefined) => minor(amount, currency, 'deliveryCost')
  const others = part(deliveryCost?.importCharges) + part(deliveryCost?.shippingIntermediationFee)
  return Math.max(0, part(deliveryCost?.shippingCost) - others)
}
