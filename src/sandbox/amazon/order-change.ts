import { V0_STATUS, v0Channel } from './form-v0.ts'
import { isPending, type Order, type OrderItem, unfulfilled } from './order.ts'
import { isoMs, type Json } from './wire.ts'

export type ChangeType = 'OrderStatusChange' | 'BuyerRequestedChange'

/** What happened to an order, and by which id the message is known. */
export interface OrderChange {
  readonly id: string
  readonly type: ChangeType
  readonly order: Order
  readonly at: number
}

const ORDER_PROGRAMS: Readonly<Record<string, string>> = { AMAZON_BUSINESS: 'Business', PRIME: 'Prime', PREMIUM: 'Premium' }
/** What the schema demands of whoever subscribed. */
const SUBSCRIBER = {
  ApplicationId: 'amzn1.sellerapps.app.00000000-0000-4000-8000-000000000001',
  SubscriptionId: '00000000-0000-4000-8000-000000000002',
}

/** A notification ORDER_CHANGE, as the order is now (contract section 5). No address but the postcode, no price, and null where there is nothing. */
export function orderChange({ id, type, order, at }: OrderChange): Json {
  return {
    NotificationVersion: '1.0',
    NotificationType: 'ORDER_CHANGE',
    PayloadVersion: '1.0',
    EventTime: isoMs(at),
    Payload: {
      OrderChangeNotification: {
        NotificationLevel: 'OrderLevel',
        SellerId: order.sellerId,
        AmazonOrderId: order.id,
        OrderChangeType: type,
        OrderChangeTrigger:
          type === 'OrderStatusChange'
            ? { TimeOfOrderChange: isoMs(at), ChangeReason: 'Other' }
            : { TimeOfOrderChange: null, ChangeReason: 'BuyerRequestedChange' },
        Summary: summary(order),
      },
    },
    NotificationMetadata: { ...SUBSCRIBER, PublishTime: isoMs(at), NotificationId: id },
  }
}

function summary(order: Order): Json {
  const { earliest, latest } = order.deliverBy
  const deliveryWindow = { EarliestDeliveryDate: isoMs(earliest), LatestDeliveryDate: isoMs(latest) }
  return {
    MarketplaceId: order.marketplaceId,
    OrderStatus: V0_STATUS[order.status],
    PurchaseDate: isoMs(order.createdAt),
    DestinationPostalCode: isPending(order) ? null : (order.shipTo?.postal ?? null),
    FulfillmentType: v0Channel(order),
    OrderType: order.status === 'PENDING_AVAILABILITY' ? 'Preorder' : 'StandardOrder',
    NumberOfItemsShipped: sum(order, ({ shipped }) => shipped),
    NumberOfItemsUnshipped: sum(order, unfulfilled),
    ...deliveryWindow,
    EarliestShipDate: isoMs(order.shipBy.earliest),
    LatestShipDate: isoMs(order.shipBy.latest),
    OrderPrograms: [
      ...order.programs.flatMap((program) => ORDER_PROGRAMS[program] ?? []),
      ...(order.replaces === undefined ? [] : ['Replacement']),
    ],
    ShippingPrograms: [
      ...(order.programs.includes('IN_STORE_PICK_UP') ? ['ISPU'] : []),
      ...(order.shipTo?.type === 'PICKUP_POINT' ? ['AccessPoint'] : []),
    ],
    OrderItems: order.items.map((item) => line(item, deliveryWindow)),
  }
}

function line(item: OrderItem, window: { readonly EarliestDeliveryDate: string; readonly LatestDeliveryDate: string }): Json {
  return {
    OrderItemId: item.id,
    SellerSKU: item.sku ?? '',
    SupplySourceId: null,
    OrderItemStatus: item.shipped > 0 && unfulfilled(item) <= 0 ? 'Shipped' : 'Unshipped',
    Quantity: item.quantity,
    QuantityShipped: item.shipped,
    IsBuyerRequestedCancel: item.cancelRequest !== undefined,
    ItemEarliestDeliveryDate: window.EarliestDeliveryDate,
    ItemLatestDeliveryDate: window.LatestDeliveryDate,
  }
}

function sum(order: Order, count: (item: OrderItem) => number): number {
  return order.items.reduce((total, item) => total + count(item), 0)
}
