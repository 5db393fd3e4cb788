import * as z from 'zod'
import { restError } from './wire-errors.ts'

/** REST answers as sent (contract sections 3, 4.2 and 5.1). */

const text = z
  .string()
  .transform((value) => (value.trim() === '' || value === 'Invalid Request' ? undefined : value.trim()))
  .nullish()
  .transform((value) => value ?? undefined)
  .catch(undefined)
const count = z.number().int().min(0)

function maybe<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => value ?? undefined, schema.optional())
}

function list<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => value ?? [], z.array(schema))
}

const money = z.object({ value: z.string(), currency: z.string() })
const amount = maybe(money)

/** The answer of the token endpoint, good or bad (contract section 1). */
export const tokenReply = z.object({
  access_token: z.string().min(1).optional().catch(undefined),
  expires_in: z.number().optional().catch(undefined),
  error: z.string().optional().catch(undefined),
})

const shipTo = z.object({
  fullName: text,
  companyName: text,
  email: text,
  primaryPhone: maybe(z.object({ phoneNumber: text })),
  contactAddress: maybe(
    z.object({
      addressLine1: text,
      addressLine2: text,
      city: text,
      stateOrProvince: text,
      county: text,
      postalCode: text,
      countryCode: text,
    }),
  ),
})

const lineItem = z.object({
  lineItemId: z.string().min(1),
  legacyItemId: text,
  sku: text,
  title: text,
  quantity: z.number().int().min(1),
  lineItemCost: money,
  discountedLineItemCost: amount,
  lineItemFulfillmentStatus: text,
  purchaseMarketplaceId: text,
  variationAspects: list(z.object({ name: text, value: text })),
  taxes: list(z.object({ amount })),
  ebayCollectAndRemitTaxes: list(z.object({ amount })),
  refunds: list(z.object({ amount })).catch([]),
  deliveryCost: maybe(z.object({ shippingCost: amount, importCharges: amount, shippingIntermediationFee: amount })),
  lineItemFulfillmentInstructions: maybe(z.object({ shipByDate: text, maxEstimatedDeliveryDate: text })),
})
export type WireLineItem = z.infer<typeof lineItem>

export const wireRestOrder = z.object({
  orderId: z.string().min(1),
  creationDate: text,
  lastModifiedDate: text,
  orderFulfillmentStatus: text,
  orderPaymentStatus: text,
  paymentSummary: maybe(
    z.object({
      payments: list(z.object({ paymentHolds: list(z.object({ holdReason: text, holdState: text })) })),
      refunds: list(z.object({ amount, refundStatus: text })).catch([]),
    }),
  ).catch(undefined),
  cancelStatus: maybe(z.object({ cancelState: text })),
  buyer: maybe(z.object({ username: text, buyerRegistrationAddress: maybe(z.object({ fullName: text, email: text })) })),
  buyerCheckoutNotes: text,
  pricingSummary: z.object({ total: money, priceDiscount: amount, deliveryCost: amount, deliveryDiscount: amount }),
  fulfillmentStartInstructions: list(
    z.object({
      fulfillmentInstructionsType: text,
      ebaySupportedFulfillment: z.boolean().nullish().catch(undefined),
      shippingStep: maybe(z.object({ shippingServiceCode: text, shipToReferenceId: text, shipTo: maybe(shipTo) })),
    }),
  ),
  lineItems: list(lineItem),
})
export type WireRestOrder = z.infer<typeof wireRestOrder>

export const wireRestOrderPage = z.object({ total: count, orders: list(z.unknown()) })

export const wireRestOrderId = z.object({ orderId: text })

export const wireRestBuyer = z.object({ buyer: maybe(z.object({ username: text })).catch(undefined) })

/** An order that does not say whether it has packages is not one without. */
export const wirePackedOrder = z.object({ orderId: z.string().min(1), fulfillmentHrefs: z.array(z.unknown()) })

export const wireFulfillments = z.object({
  fulfillments: list(
    z.object({
      fulfillmentId: text,
      shipmentTrackingNumber: text,
      lineItems: list(z.object({ lineItemId: text, quantity: maybe(count).catch(undefined) })),
    }),
  ),
})
export type WireFulfillments = z.infer<typeof wireFulfillments>

const errors = list(restError)

/** One entry per SKU and per offer: `statusCode` alone tells how it went (contract section 5.1). */
export const wireBulkUpdate = z.object({
  responses: list(z.object({ statusCode: count, sku: text, offerId: text, errors, warnings: errors })),
})
export type WireBulkUpdate = z.infer<typeof wireBulkUpdate>

export const wireBulkItems = z.object({
  responses: list(
    z.object({
      statusCode: count,
      sku: text,
      errors,
      inventoryItem: maybe(
        z.object({
          availability: maybe(
            z.object({
              shipToLocationAvailability: maybe(
                z.object({ quantity: maybe(count).catch(undefined), availabilityDistributions: list(z.unknown()) }),
              ),
            }),
          ),
        }),
      ),
    }),
  ),
})
export type WireBulkItem = z.infer<typeof wireBulkItems>['responses'][number]

export const wireOffers = z.object({
  offers: list(
    z.object({
      offerId: z.string().min(1),
      status: text,
      format: text,
      availableQuantity: maybe(count).catch(undefined),
      listing: maybe(z.object({ listingStatus: text })),
    }),
  ),
})
export type WireOffer = z.infer<typeof wireOffers>['offers'][number]

/** The limits of one API (contract section 7). */
export const wireRateLimits = z.object({
  rateLimits: list(
    z.object({
      resources: list(
        z.object({
          name: text,
          rates: list(z.object({ limit: maybe(count), remaining: maybe(count), reset: text, timeWindow: maybe(count) })),
        }),
      ),
    }),
  ),
})

export const wireRestCreated = z.object({ creationDate: text })
