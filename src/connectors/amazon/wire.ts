import * as z from 'zod'

/** What Amazon sends, Orders v0 apart. Unknown keys and enum values pass; null and blank text count as absent. */

export const text = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => {
    const trimmed = String(value ?? '').trim()
    return trimmed === '' ? undefined : trimmed
  })

export const count = z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).pipe(z.number().int().nonnegative())

/** Null is absent. */
export function maybe<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? undefined)
}

export function listOf<T extends z.ZodType>(schema: T) {
  return z
    .array(schema)
    .nullish()
    .transform((value) => value ?? [])
}

/** SP-API's error list; 5xx also come as {"message"} (contract section 6). */
export const errorBody = z.object({
  errors: z
    .array(z.object({ code: z.string().nullish(), message: z.string().nullish(), details: z.string().nullish() }))
    .nullish()
    .transform((value) => value ?? undefined),
  message: z
    .string()
    .nullish()
    .transform((value) => value ?? undefined),
})

const money = z.object({ amount: z.union([z.string(), z.number()]), currencyCode: z.string() })

export type WireMoney = z.infer<typeof money>

const window = maybe(z.object({ latestDateTime: text, earliestDateTime: text }))

const orderBreakdown = z.object({ type: text, subtotal: maybe(money) })

const itemBreakdown = z.object({
  type: text,
  subtotal: maybe(money),
  detailedBreakdowns: listOf(z.object({ subtype: text, value: maybe(money) })),
})

export type WireBreakdown = z.infer<typeof itemBreakdown>

const giftOption = maybe(z.object({ giftMessage: text, giftWrapLevel: text }))

const item = z.object({
  orderItemId: z.union([z.string().min(1), z.number()]).transform(String),
  quantityOrdered: count,
  product: maybe(
    z.object({
      asin: text,
      title: text,
      sellerSku: text,
      price: maybe(z.object({ unitPrice: maybe(money) })),
      customization: maybe(z.object({ customizedUrl: text })),
    }),
  ),
  proceeds: maybe(z.object({ breakdowns: listOf(itemBreakdown) })),
  // The model keeps the requester and the gift message one level deeper than the vendor's migration table; both are read.
  cancellation: maybe(
    z.object({
      requester: text,
      cancellationRequest: maybe(z.object({ requester: text, cancelReason: text })),
      cancellationExecution: maybe(z.object({ cancelledBy: text })),
    }),
  ),
  fulfillment: maybe(
    z.object({
      quantityFulfilled: maybe(count),
      quantityUnfulfilled: maybe(count),
      packing: maybe(z.object({ giftMessage: text, giftOption })),
    }),
  ),
})

export type WireItem = z.infer<typeof item>

const address = z.object({
  name: text,
  companyName: text,
  addressLine1: text,
  addressLine2: text,
  addressLine3: text,
  city: text,
  municipality: text,
  districtOrCounty: text,
  stateOrRegion: text,
  postalCode: text,
  countryCode: text,
  phone: text,
  addressType: text,
})

export type WireAddress = z.infer<typeof address>

/** One order with everything that isync asks for (contract sections 2 and 8). */
export const wireOrder = z.object({
  orderId: z.string().min(1),
  orderAliases: listOf(z.object({ aliasId: text, aliasType: text })),
  createdTime: z.string(),
  lastUpdatedTime: z.string(),
  programs: listOf(z.string()),
  associatedOrders: listOf(z.object({ associationType: text })),
  salesChannel: maybe(z.object({ marketplaceId: text })),
  buyer: maybe(z.object({ buyerName: text, buyerEmail: text, buyerPurchaseOrderNumber: text })),
  recipient: maybe(
    z.object({
      deliveryAddress: maybe(address),
      deliveryPreference: maybe(z.object({ addressInstruction: text, dropOffLocation: text })),
    }),
  ),
  proceeds: maybe(z.object({ grandTotal: maybe(money), breakdowns: listOf(orderBreakdown) })),
  fulfillment: maybe(
    z.object({
      fulfillmentStatus: text,
      fulfilledBy: text,
      fulfillmentServiceLevel: text,
      shipByWindow: window,
      deliverByWindow: window,
      labelPrintingWindow: window,
    }),
  ),
  orderItems: z.array(item),
})

export type WireOrder = z.infer<typeof wireOrder>

/** Orders stay unread here: one that cannot be read must not cost the page. */
export const searchReply = z.object({
  orders: z.array(z.unknown()),
  pagination: maybe(z.object({ nextToken: text })),
  lastUpdatedBefore: text,
})

export const orderReply = z.object({ order: z.unknown() })

export const packagesReply = z.object({
  order: z.object({
    fulfillment: maybe(z.object({ fulfillmentStatus: text })),
    packages: listOf(z.object({ packageReferenceId: text, trackingNumber: text })),
  }),
})

export const participationsReply = z.object({
  payload: z.array(
    z.object({
      marketplace: z.object({ id: z.string() }),
      participation: z.object({ isParticipating: z.boolean() }),
    }),
  ),
})

export const restrictedTokenReply = z.object({ restrictedDataToken: z.string().min(1), expiresIn: z.number().positive() })

/** Reports 2021-06-30 (contract section 2, bulk backlog). */
export const createReportReply = z.object({ reportId: z.string().min(1) })

export const reportReply = z.object({ processingStatus: text, reportDocumentId: text })

export const reportDocumentReply = z.object({ url: z.string().min(1) })
