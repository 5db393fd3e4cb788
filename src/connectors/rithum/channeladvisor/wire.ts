import * as z from 'zod'

/**
 * What the REST API sends (contract sections 8 to 11), read leniently: unknown keys pass, enumerations are plain text, null means absent. Only
 * what an order cannot do without is required.
 */

const text = z
  .union([z.string(), z.number().int().transform(String)])
  .nullish()
  .transform((value) => value?.trim() || undefined)
/** Told as true or false, or as a byte: the model has both, UserDataPresent among the latter. */
const flag = z.union([z.boolean(), z.number().transform((byte) => byte !== 0)]).nullish()
const count = z.number().int().min(0)
/**
 * Amounts are JSON numbers. A number's shortest decimal text is the text it was read from as long as that has at most 15 digits, so
 * that no digit of the vendor's is lost; they are only ever added as whole minor units.
 */
const amount = z.union([z.number(), z.string()]).nullish()

/** 32 bits by the vendor's model; anything beyond a safe integer is refused rather than rounded. */
const id = z.union([z.number().int(), z.string().regex(/^\d+$/)]).transform(String)

function list<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => value ?? [], z.array(schema))
}

/** The answer of the token endpoint, good or bad. */
export const tokenReply = z.object({
  access_token: z.string().min(1).optional().catch(undefined),
  expires_in: z.number().optional().catch(undefined),
  error: z.string().optional().catch(undefined),
})

/** Both shapes of an error, which may come with any status (contract section 11). */
export const wireProblem = z.object({
  Message: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  error: z
    .union([
      z.string().transform((message) => ({ code: undefined, message })),
      z.object({ code: z.string().nullish().catch(undefined), message: z.string().nullish().catch(undefined) }),
    ])
    .optional()
    .catch(undefined),
  value: z.unknown().optional(),
})

/** A page of any collection; its entries are read one by one, so that a strange one fails alone. */
export const wirePage = z.object({
  value: z.array(z.unknown()),
  '@odata.nextLink': text,
  '@odata.count': z.number().int().nullish().catch(undefined),
})
export type WirePage = z.infer<typeof wirePage>

const adjustment = z.object({ Type: text, Quantity: z.number().int().nullish(), RequestStatus: text })

const orderItem = z.object({
  ID: id,
  ProductID: id.nullish(),
  Sku: text,
  Title: text,
  Quantity: count,
  UnitPrice: amount,
  TaxPrice: amount,
  RecyclingFee: amount,
  GiftMessage: text,
  GiftNotes: text,
  IsBundle: flag,
  Promotions: list(z.object({ Amount: amount, ShippingAmount: amount })),
  Adjustments: list(adjustment),
})
export type WireItem = z.infer<typeof orderItem>

const fulfillment = z.object({
  ID: id,
  Type: text,
  DeliveryStatus: text,
  TrackingNumber: text,
  ShippingCarrier: text,
  ShippingClass: text,
  DistributionCenterID: z.number().int().nullish(),
  SellerFulfillmentID: text,
  Items: list(z.object({ OrderItemID: id.nullish(), ProductID: id.nullish(), Quantity: count })),
})
export type WireFulfillment = z.infer<typeof fulfillment>

export const wireOrder = z.object({
  ID: id,
  SiteID: z.number().int().nullish(),
  SiteName: text,
  SiteOrderID: text,
  SecondarySiteOrderID: text,
  SellerOrderID: text,
  Currency: text,
  CreatedDateUtc: z.string(),
  ImportDateUtc: text,
  UpdatedDateUtc: text,
  PublicNotes: text,
  PrivateNotes: text,
  SpecialInstructions: text,
  TotalPrice: amount,
  TotalTaxPrice: amount,
  TotalShippingPrice: amount,
  TotalInsurancePrice: amount,
  TotalGiftOptionPrice: amount,
  AdditionalCostOrDiscount: amount,
  PromotionAmount: amount,
  EstimatedShipDateUtc: text,
  DeliverByDateUtc: text,
  RequestedShippingCarrier: text,
  RequestedShippingClass: text,
  CheckoutStatus: z.string(),
  PaymentStatus: z.string(),
  ShippingStatus: z.string(),
  DistributionCenterTypeRollup: text,
  OrderTaxType: text,
  BuyerEmailAddress: text,
  ShippingFirstName: text,
  ShippingLastName: text,
  ShippingCompanyName: text,
  ShippingDaytimePhone: text,
  ShippingEveningPhone: text,
  ShippingAddressLine1: text,
  ShippingAddressLine2: text,
  ShippingCity: text,
  ShippingStateOrProvince: text,
  ShippingPostalCode: text,
  ShippingCountry: text,
  UserDataPresent: flag,
  Items: list(orderItem),
  Fulfillments: list(fulfillment),
})
export type WireOrder = z.infer<typeof wireOrder>

/** As much of an order as a page, a look-up or a left-out site needs: it must not fail over a field that it does not use. */
export const wireOrderHead = z.object({ ID: id, SiteID: z.number().int().nullish(), SiteName: text })

/** A document that is at least an order. */
export const wireAnyOrder = z.looseObject({ ID: id })

/** As much of an order as tells where it lies. */
export const wirePlaces = z.object({
  DistributionCenterTypeRollup: text,
  Fulfillments: list(z.object({ DistributionCenterID: z.number().int().nullish() })),
})

/** As much of an order as a package needs. */
export const wirePackedOrder = z.object({
  ID: id,
  ShippingStatus: text,
  RequestedShippingCarrier: text,
  RequestedShippingClass: text,
  Items: list(z.object({ ID: id, Sku: text })),
  Fulfillments: list(fulfillment),
})
export type WirePackedOrder = z.infer<typeof wirePackedOrder>

export const wireProduct = z.object({
  ID: id,
  Sku: text,
  /** Where it lies, as far as the list tells; nothing follows from what cannot be read. */
  DCQuantities: list(z.object({ DistributionCenterID: z.number().int(), AvailableQuantity: z.number().int().nullish() })).catch(
    [],
  ),
})

export const wireCenter = z.object({
  ID: z.number().int(),
  Code: text,
  Name: text,
  Type: text,
  IsExternallyManaged: flag,
  IsDeleted: flag,
})

/** A list of distribution centers as we keep it. */
export const keptCenters = z.array(
  z.object({ id: z.number().int(), name: z.string(), isExternal: z.boolean(), isDeleted: z.boolean() }),
)
export type Center = z.infer<typeof keptCenters>[number]

/** The answer of a $batch: the order of its parts means nothing, and each has a status of its own (contract section 10). */
export const wireBatch = z.object({
  responses: z.array(
    z.object({ id: z.union([z.string(), z.number()]).transform(String), status: z.number().int(), body: z.unknown().optional() }),
  ),
})

/** The note by which a search goes on. */
export const keptPlace = z.object({
  from: z.number(),
  startedAt: z.number(),
  end: z.number(),
  path: z.string().startsWith('/v1/Orders?'),
  firstId: z.string().optional(),
})

/** The order's id out of a document that may be anything. */
export function orderIdOf(raw: unknown): string | undefined {
  return z.object({ ID: id }).safeParse(raw).data?.ID
}

/** When the marketplace took an order, out of a document that may be anything. */
export function createdDateOf(raw: unknown): string | undefined {
  return z.object({ CreatedDateUtc: z.string() }).safeParse(raw).data?.CreatedDateUtc
}
