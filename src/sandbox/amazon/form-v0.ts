import { times } from '../money.ts'
import type { Caller } from './access.ts'
import { grandTotal } from './charges.ts'
import { buyerEmail, nonEmpty, phone } from './form-2026.ts'
import { marketplaceOf } from './marketplaces.ts'
import { type FulfillmentStatus, isPending, type Order, type OrderItem, unfulfilled } from './order.ts'
import { isoSeconds, type Json } from './wire.ts'

/** v0 spellings of the states; note Canceled with one L (contract section 2). */
export const V0_STATUS: Readonly<Record<FulfillmentStatus, string>> = {
  PENDING_AVAILABILITY: 'PendingAvailability',
  PENDING: 'Pending',
  UNSHIPPED: 'Unshipped',
  PARTIALLY_SHIPPED: 'PartiallyShipped',
  SHIPPED: 'Shipped',
  CANCELLED: 'Canceled',
  UNFULFILLABLE: 'Unfulfillable',
}

export function v0Channel(order: Order): 'MFN' | 'AFN' {
  return order.fulfilledBy === 'MERCHANT' ? 'MFN' : 'AFN'
}

export function v0PaymentMethod(order: Order): string {
  return ['COD', 'CVS'].includes(order.paymentMethod) ? order.paymentMethod : 'Other'
}

/** An order of getOrders and getOrder; personal parts need an RDT (contract section 1). */
export function orderV0(order: Order, caller: Caller, now: number): Json {
  const pending = isPending(order)
  const level = camel(order.serviceLevel)
  return {
    AmazonOrderId: order.id,
    SellerOrderId: order.sellerOrderId ?? order.id,
    PurchaseDate: isoSeconds(order.createdAt),
    LastUpdateDate: isoSeconds(order.updatedAt),
    OrderStatus: V0_STATUS[order.status],
    FulfillmentChannel: v0Channel(order),
    SalesChannel: marketplaceOf(order.marketplaceId)?.site,
    ShipServiceLevel: level,
    OrderTotal: pending ? undefined : money(order, grandTotal(order)),
    NumberOfItemsShipped: total(order, (item) => item.shipped),
    NumberOfItemsUnshipped: total(order, unfulfilled),
    PaymentMethod: v0PaymentMethod(order),
    PaymentMethodDetails: ['Standard'],
    MarketplaceId: order.marketplaceId,
    ShipmentServiceLevelCategory: level,
    OrderType: order.programs.includes('PREORDER') ? 'Preorder' : 'StandardOrder',
    EarliestShipDate: isoSeconds(order.shipBy.earliest),
    LatestShipDate: isoSeconds(order.shipBy.latest),
    EarliestDeliveryDate: isoSeconds(order.deliverBy.earliest),
    LatestDeliveryDate: isoSeconds(order.deliverBy.latest),
    IsBusinessOrder: order.programs.includes('AMAZON_BUSINESS'),
    IsPrime: order.programs.includes('PRIME'),
    IsPremiumOrder: order.programs.includes('PREMIUM'),
    IsGlobalExpressEnabled: false,
    IsReplacementOrder: order.replaces !== undefined,
    ReplacedOrderId: order.replaces,
    IsSoldByAB: false,
    IsISPU: order.programs.includes('IN_STORE_PICK_UP'),
    IsAccessPointOrder: order.shipTo?.type === 'PICKUP_POINT',
    ShippingAddress: addressV0(order, caller, now),
    BuyerInfo: buyerV0(order, caller),
  }
}

/** Name, lines, phone and type are restricted; place and postcode are not (v0 model). Only from Unshipped on. */
export function addressV0(order: Order, caller: Caller, now: number): Json | undefined {
  const address = order.shipTo
  if (address === undefined || isPending(order) || order.status === 'CANCELLED') return undefined
  const open = caller.role && caller.elements?.has('shippingAddress') === true
  const restricted = open
    ? {
        Name: address.name,
        CompanyName: address.company,
        AddressLine1: address.line1,
        AddressLine2: address.line2,
        AddressLine3: address.line3,
        Phone: phone(order, address, now),
        AddressType: address.type === 'RESIDENTIAL' ? 'Residential' : 'Commercial',
      }
    : {}
  return nonEmpty({
    ...restricted,
    City: address.city,
    StateOrRegion: address.state,
    PostalCode: address.postal,
    CountryCode: address.country,
  })
}

/** BuyerName and the purchase order number need an RDT, the relay address does not (contract section 8). */
export function buyerV0(order: Order, caller: Caller): Json | undefined {
  const open = caller.role && caller.elements?.has('buyerInfo') === true && !isPending(order)
  return nonEmpty({
    BuyerEmail: caller.role ? buyerEmail(order) : undefined,
    BuyerName: open ? order.buyer.name : undefined,
    PurchaseOrderNumber: open ? order.buyer.purchaseOrder : undefined,
  })
}

/** ItemPrice is the total of the line (contract section 8). Nothing of money or gift while pending. */
export function itemV0(order: Order, item: OrderItem, caller: Caller): Json {
  const open = caller.role && caller.elements?.has('buyerInfo') === true
  return {
    ASIN: item.asin,
    SellerSKU: item.sku,
    OrderItemId: item.id,
    Title: item.title,
    QuantityOrdered: item.quantity,
    QuantityShipped: item.shipped,
    ProductInfo: { NumberOfItems: '1' },
    ...(isPending(order) ? {} : pricesV0(order, item)),
    ConditionId: 'New',
    ConditionSubtypeId: 'New',
    BuyerInfo: open && !isPending(order) ? giftV0(order, item) : undefined,
    BuyerRequestedCancel: {
      IsBuyerRequestedCancel: String(item.cancelRequest !== undefined),
      BuyerCancelReason: item.cancelRequest ?? '',
    },
  }
}

function pricesV0(order: Order, item: OrderItem): Json {
  return {
    ItemPrice: money(order, times(item.unitPrice, item.quantity)),
    ShippingPrice: money(order, item.shipping),
    ItemTax: money(order, item.tax),
    PromotionDiscount: money(order, item.discount),
    PromotionIds: item.promotionId === undefined ? undefined : [item.promotionId],
    IsGift: String(item.gift !== undefined),
  }
}

export function giftV0(order: Order, item: OrderItem): Json | undefined {
  return nonEmpty({
    GiftMessageText: item.gift?.message,
    GiftWrapLevel: item.gift?.wrap,
    GiftWrapPrice: item.gift === undefined ? undefined : money(order, item.gift.price),
    BuyerCustomizedInfo: item.customizedUrl === undefined ? undefined : { CustomizedURL: item.customizedUrl },
  })
}

function money(order: Order, amount: string): Json {
  return { CurrencyCode: order.currency, Amount: amount }
}

function total(order: Order, count: (item: OrderItem) => number): number {
  return order.items.reduce((sum, item) => sum + count(item), 0)
}

// SECOND_DAY is SecondDay in v0.
function camel(text: string): string {
  return text
    .toLowerCase()
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
}
