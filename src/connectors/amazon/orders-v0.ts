import type { ItemV0, OrderV0 } from './wire-v0.ts'

const statuses: Readonly<Record<string, string>> = {
  PendingAvailability: 'PENDING_AVAILABILITY',
  Pending: 'PENDING',
  Unshipped: 'UNSHIPPED',
  PartiallyShipped: 'PARTIALLY_SHIPPED',
  Shipped: 'SHIPPED',
  // Everything has left; only the invoice is open.
  InvoiceUnconfirmed: 'SHIPPED',
  Canceled: 'CANCELLED',
  Unfulfillable: 'UNFULFILLABLE',
}

const channels: Readonly<Record<string, string>> = { MFN: 'MERCHANT', AFN: 'AMAZON' }

/** A v0 order with its items in the shape of v2026-01-01: so there is one mapping and one set of rules (contract section 8). */
export function toOrder2026(order: OrderV0, items: readonly ItemV0[]) {
  return {
    orderId: order.AmazonOrderId,
    orderAliases: order.SellerOrderId === undefined ? [] : [{ aliasId: order.SellerOrderId, aliasType: 'SELLER_ORDER_ID' }],
    createdTime: order.PurchaseDate,
    lastUpdatedTime: order.LastUpdateDate,
    programs: programsOf(order, items),
    associatedOrders: order.IsReplacementOrder ? [{ associationType: 'REPLACEMENT_ORIGINAL_ID' }] : [],
    salesChannel: { marketplaceId: order.MarketplaceId },
    buyer: {
      buyerName: order.BuyerInfo?.BuyerName,
      buyerEmail: order.BuyerInfo?.BuyerEmail,
      buyerPurchaseOrderNumber: order.BuyerInfo?.PurchaseOrderNumber,
    },
    recipient: { deliveryAddress: addressOf(order) },
    proceeds: { grandTotal: order.OrderTotal },
    fulfillment: {
      fulfillmentStatus: statuses[order.OrderStatus ?? ''] ?? order.OrderStatus,
      fulfilledBy: channels[order.FulfillmentChannel ?? ''] ?? order.FulfillmentChannel,
      fulfillmentServiceLevel: order.ShipServiceLevel ?? order.ShipmentServiceLevelCategory,
      shipByWindow: { latestDateTime: order.LatestShipDate },
      deliverByWindow: { latestDateTime: order.LatestDeliveryDate },
    },
    orderItems: items.map(itemOf),
  }
}

function itemOf(item: ItemV0) {
  const shipped = item.QuantityShipped ?? 0
  const gift = item.BuyerInfo
  return {
    orderItemId: item.OrderItemId,
    quantityOrdered: item.QuantityOrdered,
    product: {
      asin: item.ASIN,
      title: item.Title,
      sellerSku: item.SellerSKU,
      customization: { customizedUrl: gift?.BuyerCustomizedInfo?.CustomizedURL },
    },
    proceeds: {
      breakdowns: [
        // The price of the whole line, not of one unit.
        { type: 'ITEM', subtotal: item.ItemPrice },
        { type: 'SHIPPING', subtotal: item.ShippingPrice },
        {
          type: 'TAX',
          detailedBreakdowns: [
            { subtype: 'ITEM', value: item.ItemTax },
            { subtype: 'SHIPPING', value: item.ShippingTax },
          ],
        },
        { type: 'DISCOUNT', subtotal: item.PromotionDiscount },
      ],
    },
    cancellation:
      item.BuyerRequestedCancel?.IsBuyerRequestedCancel === true ? { cancellationRequest: { requester: 'BUYER' } } : undefined,
    fulfillment: {
      quantityFulfilled: shipped,
      quantityUnfulfilled: Math.max(item.QuantityOrdered - shipped, 0),
      packing: item.IsGift
        ? { giftOption: { giftMessage: gift?.GiftMessageText, giftWrapLevel: gift?.GiftWrapLevel ?? 'gift' } }
        : undefined,
    },
  }
}

function programsOf(order: OrderV0, items: readonly ItemV0[]): readonly string[] {
  const programs = new Set(items.flatMap((item) => item.AmazonPrograms?.Programs ?? []))
  if (order.IsPrime) programs.add('PRIME')
  if (order.IsPremiumOrder) programs.add('PREMIUM')
  if (order.IsBusinessOrder) programs.add('AMAZON_BUSINESS')
  if (order.IsISPU) programs.add('IN_STORE_PICK_UP')
  if (order.EasyShipShipmentStatus !== undefined) programs.add('AMAZON_EASY_SHIP')
  if (order.OrderType === 'Preorder') programs.add('PREORDER')
  return [...programs]
}

function addressOf(order: OrderV0) {
  const address = order.ShippingAddress
  if (address === undefined) return undefined
  return {
    name: address.Name,
    companyName: address.CompanyName,
    addressLine1: address.AddressLine1,
    addressLine2: address.AddressLine2,
    addressLine3: address.AddressLine3,
    city: address.City,
    municipality: address.Municipality,
    districtOrCounty: address.District ?? address.County,
    stateOrRegion: address.StateOrRegion,
    postalCode: address.PostalCode,
    countryCode: address.CountryCode,
    phone: address.Phone,
    addressType: order.IsAccessPointOrder ? 'PICKUP_POINT' : address.AddressType?.toUpperCase(),
  }
}
