import * as z from 'zod'
import type { Money } from './values.ts'

/** Trading answers as sent, every value text (contract sections 2 and 5). Only what an order cannot do without is demanded. */

/** An element with attributes keeps its text under `#text`. */
export const text = z
  .union([z.string(), z.object({ '#text': z.string() }).transform((node) => node['#text'])])
  .transform((value) => (value.trim() === '' ? undefined : value.trim()))
  .optional()
  .catch(undefined)

/** A contact's field: eBay writes `Invalid Request` for what it does not show. */
const contact = text.transform((value) => (value === 'Invalid Request' ? undefined : value))

/** One element or several; an empty one is none. */
export function list<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => {
    if (value === undefined || value === null || value === '') return []
    return Array.isArray(value) ? value : [value]
  }, z.array(schema))
}

/** An element that may be absent, or empty. */
function maybe<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => (value === '' || value === null ? undefined : value), schema.optional())
}

const flag = text.transform((value) => value?.toLowerCase() === 'true')

const money = z
  .object({ '#text': z.string(), '@_currencyID': z.string() })
  .transform((node): Money => ({ value: node['#text'], currency: node['@_currencyID'] }))

const amount = maybe(money)

const address = z.object({
  Name: contact,
  CompanyName: contact,
  Street1: contact,
  Street2: contact,
  CityName: contact,
  StateOrProvince: contact,
  Country: contact,
  CountryName: contact,
  PostalCode: contact,
  Phone: contact,
  ReferenceID: contact,
})
export type WireAddress = z.infer<typeof address>

const tracking = z.object({ ShipmentTrackingNumber: text, ShippingCarrierUsed: text })

const transaction = z.object({
  OrderLineItemID: text,
  TransactionID: text,
  QuantityPurchased: z.string().regex(/^\d{1,9}$/),
  TransactionPrice: money,
  Item: z.object({ ItemID: z.string().min(1), Site: text, Title: text, SKU: text }),
  Variation: maybe(z.object({ SKU: text, VariationTitle: text })),
  Buyer: maybe(z.object({ Email: contact, UserFirstName: contact, UserLastName: contact })),
  Taxes: maybe(z.object({ TotalTaxAmount: amount })),
  eBayCollectAndRemitTaxes: maybe(z.object({ TotalTaxAmount: amount })),
  SellerDiscounts: maybe(z.object({ OriginalItemPrice: amount })),
  ShippedTime: text,
  ShippingDetails: maybe(z.object({ ShipmentTrackingDetails: list(tracking) })),
  LogisticsPlanType: text,
  /** Present where the goods go through the authenticator. */
  Program: maybe(z.unknown()),
  BuyerCheckoutMessage: text,
})
export type WireTransaction = z.infer<typeof transaction>

export const wireOrder = z.object({
  OrderID: z.string().min(1),
  AmountSaved: amount.catch(undefined),
  OrderStatus: text,
  CancelStatus: text,
  CheckoutStatus: maybe(z.object({ eBayPaymentStatus: text, LastModifiedTime: text, Status: text })),
  CreatedTime: text,
  PaidTime: text,
  ShippedTime: text,
  PaymentHoldStatus: text,
  LogisticsPlanType: text,
  PickupMethodSelected: maybe(z.unknown()),
  ShippingAddress: maybe(address),
  IsMultiLegShipping: flag,
  MultiLegShippingDetails: maybe(
    z.object({
      SellerShipmentToLogisticsProvider: maybe(
        z.object({
          ShipToAddress: maybe(address),
          ShippingServiceDetails: maybe(z.object({ ShippingService: text, TotalShippingCost: amount })),
        }),
      ),
    }),
  ),
  ShippingServiceSelected: maybe(
    z.object({
      ShippingService: text,
      ShippingServiceCost: amount,
      ShippingPackageInfo: list(z.object({ HandleByTime: text, EstimatedDeliveryTimeMax: text })),
    }),
  ),
  ShippingDetails: maybe(z.object({ SalesTax: maybe(z.object({ SalesTaxAmount: amount })) })),
  MonetaryDetails: maybe(
    z.object({ Refunds: maybe(z.object({ Refund: list(z.object({ RefundAmount: amount, RefundStatus: text })) })) }),
  ).catch(undefined),
  Total: money,
  TransactionArray: maybe(z.object({ Transaction: list(transaction) })),
  BuyerCheckoutMessage: text,
  BuyerUserID: contact,
  EIASToken: contact,
})
export type WireOrder = z.infer<typeof wireOrder>

/** One page of orders; each is read by itself, so that one that cannot be read spoils no other. */
export const wireOrderPage = z.object({
  Timestamp: text,
  HasMoreOrders: flag,
  PaginationResult: maybe(z.object({ TotalNumberOfEntries: text })),
  OrderArray: maybe(z.object({ Errors: z.unknown().optional(), Order: list(z.unknown()) })),
})

/** What can be said about an order without reading all of it. */
export const wireOrderId = z.object({ OrderID: text })

export const wireBuyer = z.object({ BuyerUserID: contact, EIASToken: contact })

export const wireOrderTimes = z.object({ CreatedTime: text, ShippedTime: text })

/** An order as far as its packages go. */
export const wireShippedOrder = z.object({
  OrderID: z.string().min(1),
  TransactionArray: maybe(
    z.object({
      Transaction: list(
        transaction.pick({
          OrderLineItemID: true,
          TransactionID: true,
          QuantityPurchased: true,
          ShippedTime: true,
          ShippingDetails: true,
          Item: true,
        }),
      ),
    }),
  ),
})
export type WireShippedOrder = z.infer<typeof wireShippedOrder>

/** The answer of ReviseInventoryStatus names what was changed (contract section 5.2). */
export const wireRevised = z.object({ InventoryStatus: list(z.object({ ItemID: text, SKU: text })) })

const count = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number)

/** A page of the seller's active listings. */
export const wireActiveList = z.object({
  ActiveList: maybe(
    z.object({
      PaginationResult: maybe(z.object({ TotalNumberOfPages: text, TotalNumberOfEntries: text })),
      ItemArray: maybe(
        z.object({
          Item: list(
            z.object({
              ItemID: z.string().min(1),
              ListingType: text,
              SKU: text,
              QuantityAvailable: maybe(count).catch(undefined),
              Variations: maybe(
                z.object({
                  Variation: list(
                    z.object({
                      SKU: text,
                      Quantity: maybe(count).catch(undefined),
                      SellingStatus: maybe(z.object({ QuantitySold: maybe(count).catch(undefined) })),
                    }),
                  ),
                }),
              ),
            }),
          ),
        }),
      ),
    }),
  ),
})
export type WireActiveList = z.infer<typeof wireActiveList>
