import * as z from 'zod'
import { count, listOf, maybe, text } from './wire.ts'

/** Orders v0 as sent (contract sections 2 and 8). Booleans of v0 come as "true" and "false" here and there. */

const flag = z
  .union([z.boolean(), z.string()])
  .nullish()
  .transform((value) => value === true || value === 'true')

const money = maybe(
  z
    .object({ Amount: z.union([z.string(), z.number()]).nullish(), CurrencyCode: z.string().nullish() })
    .transform(({ Amount, CurrencyCode }) =>
      Amount == null || CurrencyCode == null ? undefined : { amount: Amount, currencyCode: CurrencyCode },
    ),
)

export const orderV0 = z.object({
  AmazonOrderId: z.string().min(1),
  SellerOrderId: text,
  PurchaseDate: z.string(),
  LastUpdateDate: z.string(),
  OrderStatus: text,
  FulfillmentChannel: text,
  ShipServiceLevel: text,
  ShipmentServiceLevelCategory: text,
  OrderTotal: money,
  MarketplaceId: text,
  EasyShipShipmentStatus: text,
  OrderType: text,
  LatestShipDate: text,
  LatestDeliveryDate: text,
  IsBusinessOrder: flag,
  IsPrime: flag,
  IsPremiumOrder: flag,
  IsReplacementOrder: flag,
  IsISPU: flag,
  IsAccessPointOrder: flag,
  ShippingAddress: maybe(
    z.object({
      Name: text,
      CompanyName: text,
      AddressLine1: text,
      AddressLine2: text,
      AddressLine3: text,
      City: text,
      County: text,
      District: text,
      StateOrRegion: text,
      Municipality: text,
      PostalCode: text,
      CountryCode: text,
      Phone: text,
      AddressType: text,
    }),
  ),
  BuyerInfo: maybe(z.object({ BuyerEmail: text, BuyerName: text, PurchaseOrderNumber: text })),
})

export type OrderV0 = z.infer<typeof orderV0>

export const itemV0 = z.object({
  OrderItemId: z.union([z.string().min(1), z.number()]).transform(String),
  ASIN: text,
  SellerSKU: text,
  Title: text,
  QuantityOrdered: count,
  QuantityShipped: maybe(count),
  ItemPrice: money,
  ShippingPrice: money,
  ItemTax: money,
  ShippingTax: money,
  PromotionDiscount: money,
  IsGift: flag,
  BuyerInfo: maybe(
    z.object({
      GiftMessageText: text,
      GiftWrapLevel: text,
      BuyerCustomizedInfo: maybe(z.object({ CustomizedURL: text })),
    }),
  ),
  BuyerRequestedCancel: maybe(z.object({ IsBuyerRequestedCancel: flag })),
  AmazonPrograms: maybe(z.object({ Programs: listOf(z.string()) })),
})

export type ItemV0 = z.infer<typeof itemV0>

export const getOrdersReply = z.object({
  payload: z.object({ Orders: z.array(z.unknown()), NextToken: text, LastUpdatedBefore: text }),
})

export const getOrderItemsReply = z.object({
  payload: z.object({ OrderItems: z.array(z.unknown()), NextToken: text }),
})
