import * as z from 'zod'

/** What ShipStation sends. Unknown members are ignored, null is as good as absent, and only ids are insisted on. */

const text = z.string().nullish()
const number = z.number().nullish()
const flag = z.boolean().nullish()
const id = z.number().int().positive()

/**
 * Members by their names in lower case without underscores: of webhooks the vendor writes `WebhookID` in one place, `target_url` in another
 * (contract section 9).
 */
const anySpelling = z
  .record(z.string(), z.unknown())
  .transform((members) =>
    Object.fromEntries(Object.entries(members).map(([name, value]) => [name.toLowerCase().replaceAll('_', ''), value])),
  )

/** Rows stay unread here: one odd row must not take its page with it. */
export const orderPage = z.object({ orders: z.array(z.unknown()), total: number })
export const shipmentPage = z.object({ shipments: z.array(z.unknown()), total: number })
export const fulfillmentPage = z.object({ fulfillments: z.array(z.unknown()), total: number })
export type OrderPage = z.infer<typeof orderPage>
export type ShipmentPage = z.infer<typeof shipmentPage>
export type FulfillmentPage = z.infer<typeof fulfillmentPage>

export const orderRow = z.object({
  orderId: id,
  orderNumber: text,
  orderKey: text,
  orderStatus: text,
  advancedOptions: z
    .object({ storeId: number, customField1: text, parentId: number, mergedIds: z.array(z.number()).nullish() })
    .nullish(),
})
export type OrderRow = z.infer<typeof orderRow>

const itemRow = z.object({ lineItemKey: text, sku: text, quantity: number, adjustment: flag })

export const shipmentRow = z.object({
  shipmentId: id,
  orderId: number,
  orderKey: text,
  orderNumber: text,
  createDate: text,
  shipDate: text,
  trackingNumber: text,
  isReturnLabel: flag,
  carrierCode: text,
  serviceCode: text,
  voided: flag,
  voidDate: text,
  shipmentItems: z.array(itemRow).nullish(),
})
export type ShipmentRow = z.infer<typeof shipmentRow>
export type ItemRow = z.infer<typeof itemRow>

export const fulfillmentRow = z.object({
  fulfillmentId: id,
  orderId: number,
  orderNumber: text,
  createDate: text,
  shipDate: text,
  trackingNumber: text,
  carrierCode: text,
  fulfillmentServiceCode: text,
  voided: flag,
  voidDate: text,
})
export type FulfillmentRow = z.infer<typeof fulfillmentRow>

export const storeList = z.array(
  z.object({ storeId: id, storeName: text, marketplaceId: number, active: flag, autoRefresh: flag }),
)
export type StoreRow = z.infer<typeof storeList>[number]

export const createOrdersReply = z.object({ results: z.array(z.unknown()) })
export const resultRow = z.object({
  orderId: number,
  orderNumber: text,
  orderKey: text,
  success: z.boolean(),
  errorMessage: text,
})
export type ResultRow = z.infer<typeof resultRow>

export const simpleReply = z.object({ success: flag, message: text })

/** Rows stay unread, as in the pages above. */
export const webhookList = anySpelling.pipe(z.object({ webhooks: z.array(z.unknown()) }))
export const webhookRow = anySpelling.pipe(z.object({ webhookid: id, hooktype: text, url: text, storeid: number, active: flag }))
export type WebhookRow = z.infer<typeof webhookRow>
export const subscribed = anySpelling.pipe(z.object({ id }))

/** The members of an error body, in either spelling. */
export const errorBody = z.object({
  Message: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  ExceptionMessage: z.string().optional().catch(undefined),
  ModelState: z.record(z.string(), z.array(z.string())).optional().catch(undefined),
})

/** What we send: one order, whole (contract section 5). Instants are Los Angeles wall time, amounts decimal numbers; undefined is not sent. */
export interface WireOrder {
  readonly orderId?: number | undefined
  readonly orderNumber: string
  readonly orderKey: string
  readonly orderDate: string
  readonly shipByDate?: string | undefined
  readonly orderStatus: 'awaiting_shipment' | 'cancelled'
  readonly customerUsername?: string | undefined
  readonly customerEmail?: string | undefined
  readonly billTo: WireAddress
  readonly shipTo: WireAddress
  readonly items: readonly WireItem[]
  readonly amountPaid: number
  readonly taxAmount: number
  readonly shippingAmount: number
  readonly customerNotes?: string | undefined
  readonly internalNotes?: string | undefined
  readonly gift: boolean
  readonly giftMessage?: string | undefined
  readonly requestedShippingService?: string | undefined
  readonly advancedOptions: {
    readonly storeId: number
    readonly source: string
    readonly customField1: string
    readonly customField2?: string | undefined
    readonly customField3?: string | undefined
  }
  readonly tagIds?: readonly number[] | undefined
}

export interface WireAddress {
  readonly name: string
  readonly company?: string | undefined
  readonly street1?: string | undefined
  readonly street2?: string | undefined
  readonly city?: string | undefined
  readonly state?: string | undefined
  readonly postalCode?: string | undefined
  readonly country?: string | undefined
  readonly phone?: string | undefined
  readonly residential?: boolean | undefined
}

export interface WireItem {
  readonly lineItemKey: string
  readonly sku?: string | undefined
  readonly name: string
  readonly quantity: number
  readonly unitPrice: number
  readonly taxAmount?: number | undefined
  readonly adjustment?: boolean | undefined
}
