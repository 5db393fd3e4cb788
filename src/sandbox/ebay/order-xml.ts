import { isZero, negate, sumInCents, times } from '../money.ts'
import {
  type Address,
  idOf,
  isPaid,
  type Line,
  lineIdOf,
  lineShippedAt,
  type Order,
  orderShippedAt,
  orderStatus,
  type Package,
  packagesOf,
  visibleLines,
} from './order.ts'
import { siteOf } from './sites.ts'
import { isoMs } from './wire.ts'
import type { Xml } from './xml.ts'

/** From this level on, totals include sales tax (contract section 2.7). */
const TOTALS_WITH_TAX = 1307
const EMAIL_MS = 14 * 86_400_000
/** In the place of what is not given out. */
export const NOT_AVAILABLE = 'Invalid Request'

/** One Order of GetOrders, in the vendor's order of elements (contract sections 2.3 to 2.7). */
export function orderXml(whole: Order, level: number, now: number): Xml {
  const order = { ...whole, packages: whole.packages.filter(({ shownFrom = 0 }) => shownFrom <= now) }
  const lines = visibleLines(order, now)
  const money = (amount: string): Xml => ({ '@currencyID': order.currency, '#': amount })
  const tax = sumInCents(lines.flatMap((line) => [line.ebayTax, line.sellerTax]))
  const subtotal = sumInCents(lines.map((line) => times(line.price, line.quantity)))
  const importCharge = order.hub?.importCharge ?? '0.00'
  const total = sumInCents([
    subtotal,
    order.shippingCost,
    importCharge,
    negate(order.discount),
    level >= TOTALS_WITH_TAX ? tax : '0',
  ])
  const shippedAt = orderShippedAt(order)
  return {
    OrderID: idOf(order),
    OrderStatus: orderStatus(order),
    AdjustmentAmount: money('0.0'),
    AmountPaid: money(isPaid(order) ? total : '0.0'),
    AmountSaved: money(order.discount),
    CheckoutStatus: checkoutXml(order),
    ShippingDetails: { SalesTax: { SalesTaxAmount: money(tax) } },
    CreatedTime: isoMs(order.createdAt),
    ShippingAddress: shippingAddressXml(order),
    ShippingServiceSelected: {
      ShippingService: order.hub?.program === 'EIS' ? 'US_eBayInternationalShipping' : order.service,
      ShippingServiceCost: money(order.shippingCost),
      ImportCharge: isZero(importCharge) ? undefined : money(importCharge),
    },
    Subtotal: money(subtotal),
    Total: money(total),
    eBayCollectAndRemitTax: String(lines.some((line) => !isZero(line.ebayTax))),
    TransactionArray: { Transaction: lines.map((line) => transactionXml(order, line, now)) },
    BuyerUserID: order.buyer.userId,
    PaidTime: order.paidAt === undefined ? undefined : isoMs(order.paidAt),
    ShippedTime: shippedAt === undefined ? undefined : isoMs(shippedAt),
    BuyerCheckoutMessage: order.buyer.message,
    PaymentHoldStatus: order.payment === 'REVIEW' ? 'PaymentReview' : 'None',
    MonetaryDetails: monetaryXml(order, total),
    PickupMethodSelected: order.pickup === undefined ? undefined : pickupXml(order.pickup),
    IsMultiLegShipping: String(order.hub !== undefined),
    MultiLegShippingDetails: hubXml(order),
    CancelReason: order.cancelReason,
    CancelStatus: order.cancel,
    LogisticsPlanType: order.pickup === 'PickUpDropOff' ? 'PickUpDropOff' : undefined,
    ExtendedOrderID: idOf(order),
  }
}

const PAYMENT_STATUS: Readonly<Record<Order['payment'], readonly [status: string, payment: string]>> = {
  PAID: ['Complete', 'NoPaymentFailure'],
  REVIEW: ['Complete', 'NoPaymentFailure'],
  OFFLINE: ['Complete', 'NoPaymentFailure'],
  UNPAID: ['Incomplete', 'NoPaymentFailure'],
  PENDING: ['Pending', 'PaymentInProcess'],
  IN_PROCESS: ['Pending', 'PaymentInProcess'],
  FAILED: ['Incomplete', 'BuyerFailedPaymentReportedBySeller'],
}

function checkoutXml(order: Order): Xml {
  const [status, payment] = PAYMENT_STATUS[order.payment]
  return {
    eBayPaymentStatus: payment,
    LastModifiedTime: isoMs(order.updatedAt),
    PaymentMethod: order.payment === 'OFFLINE' ? 'CashOnPickup' : 'CustomCode',
    Status: status,
  }
}

/** What was paid, and what went back: everything, or one unit of money. */
function monetaryXml(order: Order, total: string): Xml {
  if (order.paidAt === undefined && order.refund === 'none') return undefined
  const money = (amount: string): Xml => ({ '@currencyID': order.currency, '#': amount })
  const payment = { PaymentStatus: 'Succeeded', PaymentAmount: money(total) }
  const refund = {
    RefundStatus: 'Succeeded',
    RefundType: 'PaymentRefund',
    RefundAmount: money(order.refund === 'full' ? total : '1'),
  }
  return {
    Payments: { Payment: payment },
    Refunds: order.refund === 'none' ? undefined : { Refund: refund },
  }
}

/** Vault orders say in every field that there is none; with Click and Collect it is the store's. */
function shippingAddressXml(order: Order): Xml {
  const xml = addressXml(order.shipTo)
  if (order.vault) return Object.fromEntries(Object.keys(xml).map((name) => [name, NOT_AVAILABLE]))
  if (order.pickup === undefined) return xml
  return { ...xml, AddressAttribute: { '@type': 'ReferenceNumber', '#': `CC-${order.paidId}` } }
}

function addressXml(address: Address): { readonly [name: string]: Xml } {
  return {
    Name: address.name,
    Street1: address.street1,
    // An empty element, where there is none.
    Street2: address.street2 ?? '',
    CityName: address.city,
    StateOrProvince: address.state,
    Country: address.country,
    CountryName: address.countryName,
    Phone: address.phone ?? NOT_AVAILABLE,
    PostalCode: address.postal,
  }
}

function hubXml(order: Order): Xml {
  if (order.hub === undefined) return undefined
  const { address, reference, service, program } = order.hub
  return {
    SellerShipmentToLogisticsProvider: {
      ShippingServiceDetails: { ShippingService: service, TotalShippingCost: { '@currencyID': order.currency, '#': '0.0' } },
      ShipToAddress: { ...addressXml(address), ReferenceID: program === 'GSP' ? reference : undefined },
    },
  }
}

function pickupXml(method: string): Xml {
  return { PickupMethod: method, PickupStoreID: 'STORE-1', PickupStatus: 'PendingMerchantConfirmation' }
}

function transactionXml(order: Order, line: Line, now: number): Xml {
  const money = (amount: string): Xml => ({ '@currencyID': order.currency, '#': amount })
  const shippedAt = lineShippedAt(order, line)
  const isKnown = isPaid(order) && now - order.createdAt < EMAIL_MS
  return {
    Buyer: {
      Email: isKnown && !order.vault ? order.buyer.email : NOT_AVAILABLE,
      UserFirstName: order.buyer.first,
      UserLastName: order.buyer.last,
    },
    ShippingDetails: { ShipmentTrackingDetails: packagesOf(order, line).flatMap(trackingXml) },
    CreatedDate: isoMs(order.createdAt),
    Item: {
      ItemID: line.itemId,
      Site: siteOf(order.site).name,
      Title: line.title,
      // Variations say their SKU in a node of their own.
      SKU: line.variation === undefined ? line.sku : undefined,
      ConditionID: '1000',
    },
    QuantityPurchased: String(line.quantity),
    TransactionID: line.transactionId,
    TransactionPrice: money(line.price),
    Variation: variationXml(line),
    Taxes: isZero(line.sellerTax) ? undefined : { TotalTaxAmount: money(line.sellerTax) },
    eBayCollectAndRemitTaxes: isZero(line.ebayTax) ? undefined : ebayTaxXml(line.ebayTax, money),
    ActualShippingCost: money('0.0'),
    ShippedTime: shippedAt === undefined ? undefined : isoMs(shippedAt),
    OrderLineItemID: lineIdOf(line),
    Gift: line.gift ? 'true' : undefined,
    LogisticsPlanType: line.digital ? 'DigitalDelivery' : order.pickup === 'PickUpDropOff' ? 'PickUpDropOff' : undefined,
    Program: order.authenticated ? { AuthenticityVerification: { Status: 'Pending' } } : undefined,
  }
}

function ebayTaxXml(amount: string, money: (amount: string) => Xml): Xml {
  return {
    TotalTaxAmount: money(amount),
    TaxDetails: { Imposition: 'SalesTax', TaxDescription: 'SalesTax', TaxAmount: money(amount), CollectionMethod: 'NET' },
  }
}

function variationXml({ variation, sku, title }: Line): Xml {
  if (variation === undefined) return undefined
  return {
    SKU: sku,
    VariationSpecifics: { NameValueList: Object.entries(variation).map(([Name, Value]) => ({ Name, Value })) },
    VariationTitle: `${title}[${Object.values(variation).join(',')}]`,
  }
}

function trackingXml({ tracking, carrier }: Package): readonly Xml[] {
  return tracking === undefined ? [] : [{ ShippingCarrierUsed: carrier, ShipmentTrackingNumber: tracking }]
}
