import { isZero, negate, sumInCents, times } from '../money.ts'
import { overlay } from '../overlay.ts'
import {
  type Address,
  idOf,
  isCancelled,
  isPaid,
  type Line,
  lineIdOf,
  type Order,
  orderStatus,
  shippedUnits,
  visibleLines,
} from './order.ts'
import { NOT_AVAILABLE } from './order-xml.ts'
import { progressOf } from './rest-filter.ts'
import { isoMs, type Json } from './wire.ts'

const DAY_MS = 86_400_000
const EMAIL_MS = 14 * DAY_MS
const PERSON_MS = 90 * DAY_MS
/** Taken off what the seller is paid, as the seller's fee. */
const FEE = '1.00'

interface View {
  readonly now: number
  /** fieldGroups=TAX_BREAKDOWN */
  readonly withTaxes: boolean
  /** Lists leave out what only one order's own page tells. */
  readonly isList: boolean
  readonly origin: string
}

/** An order of the Fulfillment API (contract sections 3 and 9). */
export function orderForm(order: Order, view: View): unknown {
  const lines = visibleLines(order, view.now)
  const money = (value: string): Json => ({ value, currency: order.currency })
  const subtotal = sumInCents(lines.map((line) => times(line.price, line.quantity)))
  const ebayTax = sumInCents(lines.map((line) => line.ebayTax))
  const sellerTax = sumInCents(lines.map((line) => line.sellerTax))
  const total = sumInCents([subtotal, order.shippingCost, negate(order.discount), sellerTax, view.withTaxes ? ebayTax : '0'])
  const form = {
    orderId: idOf(order),
    creationDate: isoMs(order.createdAt),
    lastModifiedDate: isoMs(order.updatedAt),
    orderFulfillmentStatus: progressOf(order),
    orderPaymentStatus: paymentStatus(order),
    sellerId: order.user,
    buyer: {
      username: order.buyer.userId,
      ...(view.isList
        ? {}
        : { taxIdentifier: { taxpayerId: 'EXAMPLE-TAX-ID', taxIdentifierType: 'VATIN', issuingCountry: 'US' } }),
      buyerRegistrationAddress: contact(order, order.shipTo, view.now),
    },
    buyerCheckoutNotes: order.buyer.message,
    pricingSummary: {
      priceSubtotal: money(subtotal),
      ...(isZero(order.discount) ? {} : { priceDiscount: money(negate(order.discount)) }),
      deliveryCost: money(order.shippingCost),
      ...(isZero(sellerTax) ? {} : { tax: money(sellerTax) }),
      total: money(total),
    },
    cancelStatus: cancelForm(order, view.isList),
    paymentSummary: paymentForm(
      order,
      sumInCents([subtotal, order.shippingCost, sellerTax, negate(order.discount), negate(FEE)]),
    ),
    fulfillmentStartInstructions: [instructionForm(order, view.now)],
    fulfillmentHrefs: order.packages.map((parcel) => fulfillmentHref(order, parcel.id, view.origin)),
    lineItems: lines.map((line) => lineForm(order, line, view)),
    ebayCollectAndRemitTax: !isZero(ebayTax),
    salesRecordReference: String(1000 + Number(order.paidId.replaceAll('-', '').slice(-4))),
    totalFeeBasisAmount: money(total),
    totalMarketplaceFee: money(FEE),
    ...programForm(order),
  }
  return order.wire === undefined ? form : overlay(form, order.wire)
}

/** Ends in the fulfilment's id, leading zeros and all. */
export function fulfillmentHref(order: Order, id: string, origin: string): string {
  return `${origin}/sell/fulfillment/v1/order/${idOf(order)}/shipping_fulfillment/${id}`
}

function paymentStatus(order: Order): string {
  if (order.refund !== 'none') return order.refund === 'full' ? 'FULLY_REFUNDED' : 'PARTIALLY_REFUNDED'
  if (order.payment === 'FAILED') return 'FAILED'
  return order.payment === 'PAID' || order.payment === 'REVIEW' ? 'PAID' : 'PENDING'
}

/** Requests are empty in lists whatever was asked (contract section 3). */
function cancelForm(order: Order, isList: boolean): Json {
  const state = isCancelled(order) ? 'CANCELED' : orderStatus(order) === 'CancelPending' ? 'IN_PROGRESS' : 'NONE_REQUESTED'
  const request = {
    cancelInitiator: 'BUYER',
    cancelReason: 'ORDER_PLACED_BY_MISTAKE',
    cancelRequestedDate: isoMs(order.updatedAt),
  }
  return {
    cancelState: state,
    ...(state === 'CANCELED' ? { cancelledDate: isoMs(order.updatedAt) } : {}),
    cancelRequests: isList || state === 'NONE_REQUESTED' ? [] : [request],
  }
}

/** After fees: never the order's total (contract section 3). */
function paymentForm(order: Order, amount: string): Json {
  const money = { value: amount, currency: order.currency }
  const payment = {
    paymentMethod: 'EBAY',
    paymentReferenceId: `PAY-${order.paidId}`,
    ...(order.paidAt === undefined ? {} : { paymentDate: isoMs(order.paidAt) }),
    amount: money,
    paymentStatus: isPaid(order) ? 'PAID' : order.payment === 'FAILED' ? 'FAILED' : 'PENDING',
    ...(order.payment === 'REVIEW' ? { paymentHolds: [{ holdReason: 'PAYMENT_REVIEW', holdState: 'HELD' }] } : {}),
  }
  const refund = { amount: money, refundDate: isoMs(order.updatedAt), refundId: `R-${order.paidId}`, refundStatus: 'REFUNDED' }
  return { totalDueSeller: money, payments: [payment], refunds: order.refund === 'none' ? [] : [refund] }
}

/** The hub is the ship-to already, and the buyer the final destination (contract section 3). */
function instructionForm(order: Order, now: number): Json {
  const type = order.lines.every(({ digital }) => digital)
    ? 'DIGITAL'
    : order.pickup === undefined
      ? 'SHIP_TO'
      : 'PREPARE_FOR_PICKUP'
  const base = {
    fulfillmentInstructionsType: type,
    minEstimatedDeliveryDate: isoMs(order.createdAt + 3 * DAY_MS),
    maxEstimatedDeliveryDate: isoMs(order.createdAt + 6 * DAY_MS),
    ebaySupportedFulfillment: order.hub !== undefined,
  }
  if (type === 'PREPARE_FOR_PICKUP') return { ...base, pickupStep: { merchantLocationKey: 'STORE-1' } }
  const { hub } = order
  if (hub === undefined)
    return { ...base, shippingStep: { shippingServiceCode: order.service, shipTo: contact(order, order.shipTo, now) } }
  return {
    ...base,
    finalDestinationAddress: addressForm(order, order.shipTo, now),
    shippingStep: {
      shippingServiceCode: hub.service,
      shipTo: contact(order, hub.address, now),
      ...(hub.program === 'GSP' ? { shipToReferenceId: hub.reference } : {}),
    },
  }
}

/** Name, street and phone vanish after 90 days, the e-mail address after 14. */
function contact(order: Order, address: Address, now: number): Json {
  const age = now - order.createdAt
  const hidden = (value: string | undefined): string | undefined => (order.vault ? NOT_AVAILABLE : value)
  return {
    ...(age < PERSON_MS ? { fullName: hidden(address.name) } : {}),
    contactAddress: addressForm(order, address, now),
    ...(age < PERSON_MS && address.phone !== undefined ? { primaryPhone: { phoneNumber: hidden(address.phone) } } : {}),
    ...(age < EMAIL_MS ? { email: hidden(order.buyer.email) } : {}),
  }
}

function addressForm(order: Order, address: Address, now: number): Json {
  const hidden = (value: string | undefined): string | undefined => (order.vault && value !== undefined ? NOT_AVAILABLE : value)
  const street =
    now - order.createdAt < PERSON_MS ? { addressLine1: hidden(address.street1), addressLine2: hidden(address.street2) } : {}
  return {
    ...street,
    city: hidden(address.city),
    stateOrProvince: hidden(address.state),
    postalCode: hidden(address.postal),
    countryCode: address.country,
  }
}

function lineForm(order: Order, line: Line, view: View): Json {
  const money = (value: string): Json => ({ value, currency: order.currency })
  const cost = times(line.price, line.quantity)
  const shipped = shippedUnits(order, line)
  const taxes = view.withTaxes ? line.ebayTax : '0'
  return {
    lineItemId: line.restId,
    legacyItemId: line.itemId,
    ...(line.variation === undefined
      ? {}
      : {
          legacyVariationId: `4${line.restId.slice(-11)}`,
          variationAspects: Object.entries(line.variation).map(([name, value]) => ({ name, value })),
        }),
    ...(line.sku === undefined ? {} : { sku: line.sku }),
    title: line.title,
    lineItemCost: money(cost),
    quantity: line.quantity,
    soldFormat: 'FIXED_PRICE',
    listingMarketplaceId: order.site,
    purchaseMarketplaceId: order.site,
    lineItemFulfillmentStatus: shipped === 0 ? 'NOT_STARTED' : shipped < line.quantity ? 'IN_PROGRESS' : 'FULFILLED',
    total: money(sumInCents([cost, line.sellerTax, taxes])),
    deliveryCost: { shippingCost: money(lineIdOf(line) === lineIdOf(order.lines[0] ?? line) ? order.shippingCost : '0.00') },
    taxes: isZero(line.sellerTax) ? [] : [{ amount: money(line.sellerTax), taxType: 'STATE_SALES_TAX' }],
    ...(isZero(line.ebayTax)
      ? {}
      : {
          ebayCollectAndRemitTaxes: [{ taxType: 'STATE_SALES_TAX', amount: money(line.ebayTax), collectionMethod: 'NET' }],
        }),
    properties: { buyerProtection: true },
    lineItemFulfillmentInstructions: { shipByDate: isoMs(order.createdAt + 2 * DAY_MS), guaranteedDelivery: false },
  }
}

function programForm(order: Order): Json {
  if (order.authenticated) return { program: { authenticityVerification: { status: 'PENDING' } } }
  if (order.vault) return { program: { ebayVault: { fulfillmentType: 'SELLER_FULFILLED' } } }
  return order.hub?.program === 'EIS' ? { program: { ebayInternationalShipping: { returnsManagedBy: 'EBAY' } } } : {}
}
