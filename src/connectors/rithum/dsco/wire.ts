import * as z from 'zod'

/**
 * What Dsco sends, read with every number as the text it was written in. Attributes may be added at any time and null means the same as
 * absent (contract section 6), so only what an order cannot do without is required.
 */

const text = z.string().nullish()

/** A whole number, as text: `2`, or `2.0` as some of the vendor's own clients write it. */
const units = z
  .string()
  .regex(/^\d{1,9}(?:\.0+)?$/)
  .transform((written) => Number.parseInt(written, 10))

const flag = z.boolean().nullish()

/** An id that is told as text or as a number. */
const id = z.string().trim().min(1)

const tax = z.object({ amount: text })

const identity = { dscoItemId: text, sku: text, partnerSku: text, upc: text, ean: text, lineNumber: text }

export const wireLine = z.object({
  ...identity,
  quantity: units,
  title: text,
  expectedCost: text,
  consumerPrice: text,
  retailPrice: text,
  status: text,
  cancelledQuantity: units.nullish(),
  acceptedQuantity: units.nullish(),
  rejectedQuantity: units.nullish(),
  remainingQuantity: units.nullish().catch(undefined),
  shippedQuantity: units.nullish().catch(undefined),
  cancelRequested: flag,
  shipByDate: text,
  giftFlag: flag,
  giftMessage: text,
  personalization: text,
  message: text,
  shipInstructions: text,
  packingInstructions: text,
  amountOfSalesTaxCollected: text,
  taxes: z.array(tax).nullish(),
})

export type WireLine = z.infer<typeof wireLine>

export const wireShipping = z.object({
  attention: text,
  firstName: text,
  lastName: text,
  name: text,
  company: text,
  address: z.array(z.string().nullable()).nullish(),
  address1: text,
  address2: text,
  city: text,
  region: text,
  state: text,
  postal: text,
  country: text,
  phone: text,
  email: text,
  addressType: text,
  storeNumber: text,
  shipSiteType: text,
})

export type WireShipping = z.infer<typeof wireShipping>

const wirePackage = z.object({
  trackingNumber: text,
  items: z.array(z.object({ ...identity, quantity: units, packageSpanFlag: flag })).nullish(),
})

export const wireOrder = z.object({
  dscoOrderId: id,
  poNumber: text,
  consumerOrderNumber: text,
  orderType: text,
  dscoStatus: text,
  dscoLifecycle: text,
  dscoCreateDate: text,
  dscoLastUpdate: text,
  retailerCreateDate: text,
  dscoRetailerId: text,
  dscoSupplierName: text,
  dscoTradingPartnerName: text,
  channel: text,
  currencyCode: text,
  testFlag: flag,
  cancelRequested: flag,
  shipByDate: text,
  requiredDeliveryDate: text,
  expectedDeliveryDate: text,
  shipInstructions: text,
  packingInstructions: text,
  message: text,
  giftFlag: flag,
  giftMessage: text,
  giftToName: text,
  giftFromName: text,
  giftWrapFlag: flag,
  giftWrapMessage: text,
  shippingSurcharge: text,
  amountOfSalesTaxCollected: text,
  taxes: z.array(tax).nullish(),
  orderTotalAmount: text,
  shipCarrier: text,
  shipMethod: text,
  shippingServiceLevelCode: text,
  requestedShipCarrier: text,
  requestedShipMethod: text,
  requestedShippingServiceLevelCode: text,
  shippingAccountNumber: text,
  shipToStoreNumber: text,
  crossDockFlag: flag,
  deliveryMethod: text,
  signatureRequiredFlag: flag,
  shipping: wireShipping.nullish(),
  packages: z.array(wirePackage).nullish(),
  lineItems: z.array(wireLine),
})

export type WireOrder = z.infer<typeof wireOrder>

/** The order's id out of a document that may be anything. */
export function orderIdOf(raw: unknown): string | undefined {
  return z.object({ dscoOrderId: id }).safeParse(raw).data?.dscoOrderId
}

/** As much of an order as tells whether it is over. */
export const wireProgress = z.object({ dscoLifecycle: text, dscoStatus: text, dscoCreateDate: text })

/** The orders are read one by one, so that a strange one fails alone. */
export const wireOrderPage = z.object({ orders: z.array(z.unknown()), scrollId: text })

export const wireMessages = z
  .array(z.object({ code: text, severity: text, description: z.unknown().optional() }))
  .nullish()
  .catch(undefined)

export type WireMessages = z.infer<typeof wireMessages>

/** The answer to a batch: taken, and judged later in the log. */
export const wireTaken = z.object({ status: text, requestId: id, messages: wireMessages })

/** Where a large batch is to be sent. */
export const wireLargeBatch = wireTaken.extend({ dataUrl: z.string().min(1) })

/** Refusals come in several shapes. */
export const wireProblem = z.object({
  error: z.unknown().optional(),
  error_description: text.catch(undefined),
  message: text.catch(undefined),
  messages: wireMessages,
})

const payload = z
  .object({
    id: text.catch(undefined),
    dscoOrderId: text.catch(undefined),
    sku: text.catch(undefined),
    shipments: z
      .array(z.object({ trackingNumber: text }))
      .nullish()
      .catch(undefined),
  })
  .nullish()
  .catch(undefined)

export const wireLogEntry = z.object({ status: text, payload, results: wireMessages, requestId: text.catch(undefined) })

export type WireLogEntry = z.infer<typeof wireLogEntry>

/** GET /order/log and /inventory/log. */
export const wireLog = z.object({ status: text, scrollId: text, logs: z.array(wireLogEntry) })

export const tokenReply = z.object({
  access_token: z.string().min(1).optional(),
  expires_in: z.string().optional().catch(undefined),
  error: z.string().optional().catch(undefined),
})

export const wireHello = z.object({ hello: z.string() })

export const wireWarehouses = z.object({ scrollId: text, warehouses: z.array(z.object({ code: id, status: text })) })

export const wireItem = z.object({ sku: text, quantityAvailable: units.nullish().catch(undefined) })

const names = z.array(z.string()).nullish().catch(undefined)

/** GET /stream answers with a list, also for one id. */
export const wireStreams = z.array(
  z.object({
    id: text,
    objectType: text,
    partitions: z.array(z.object({ partitionId: z.string(), status: text, position: text })).nullish(),
    query: z.object({ orderTypes: names, dscoLifecycle: names, statuses: names }).nullish().catch(undefined),
  }),
)

export type WireStream = z.infer<typeof wireStreams>[number]

export const wireEvents = z.object({ events: z.array(z.object({ id: z.string().min(1), payload: z.unknown().optional() })) })

/** Anything that is a document at all. */
export const wireDocument = z.looseObject({})
