import * as z from 'zod'

/**
 * What Mirakl sends, as leniently as the vendor asks for (contract sections 1 and 3): unknown keys pass, enumerations are plain text, and
 * null means the same as absent. Only what an order cannot do without is required.
 */

const text = z.string().nullish()

/** Amounts are JSON numbers; older platforms are said to send text. Both are read by their decimal text, see orders.ts. */
const amount = z.union([z.number(), z.string()])

const count = z.number().int()

const tax = z.object({ amount: amount.nullish() })

const customField = z.object({ code: text, type: text, value: z.unknown() })

export const wireAddress = z.object({
  firstname: text,
  lastname: text,
  company: text,
  company_2: text,
  street_1: text,
  street_2: text,
  zip_code: text,
  city: text,
  state: text,
  country: text,
  country_iso_code: text,
  phone: text,
  phone_secondary: text,
  additional_info: text,
})

export type WireAddress = z.infer<typeof wireAddress>

export const wireLine = z.object({
  order_line_id: z.string().min(1),
  order_line_state: z.string(),
  offer_sku: z.string().min(1),
  product_title: text,
  quantity: count.nonnegative(),
  price_unit: amount,
  shipped_date: text,
  taxes: z.array(tax).nullish(),
  shipping_taxes: z.array(tax).nullish(),
  cancelations: z.array(z.object({ quantity: count.nullish() })).nullish(),
  refunds: z
    .array(
      z.object({
        amount: amount.nullish(),
        shipping_amount: amount.nullish(),
        taxes: z.array(tax).nullish(),
        shipping_taxes: z.array(tax).nullish(),
      }),
    )
    .nullish()
    .catch(undefined),
})

export type WireLine = z.infer<typeof wireLine>

export const wireOrder = z.object({
  order_id: z.string().min(1),
  order_state: z.string(),
  created_date: z.string(),
  last_updated_date: text,
  acceptance_decision_date: text,
  customer_debited_date: text,
  shipping_deadline: text,
  delivery_date: z.object({ latest: text }).nullish(),
  can_shop_ship: z.boolean().nullish(),
  has_incident: z.boolean().nullish(),
  currency_iso_code: z.string(),
  price: amount,
  shipping_price: amount,
  total_price: amount,
  order_tax_mode: text,
  order_taxes: z.array(z.object({ total_amount: amount.nullish() })).nullish(),
  shipping_type_code: text,
  shipping_type_label: text,
  shipping_type_standard_code: text,
  shipping_pudo_id: text,
  shipping_tracking: text,
  customer_notification_email: text,
  customer: z.object({ firstname: text, lastname: text, shipping_address: wireAddress.nullish() }).nullish(),
  references: z.object({ order_reference_for_seller: text }).nullish(),
  fulfillment: z.object({ center: z.object({ code: text }).nullish() }).nullish(),
  order_additional_fields: z.array(customField).nullish(),
  order_lines: z.array(wireLine),
})

export type WireOrder = z.infer<typeof wireOrder>

/** As much of an order as a read-back needs: it must not fail over a field it does not use. */
export const wireOrderProgress = z.object({ order_id: z.string(), order_state: z.string(), shipping_tracking: text })

export type WireOrderProgress = z.infer<typeof wireOrderProgress>

/** The orders are read one by one, so that a strange one fails alone. */
export const wireOrderPage = z.object({ orders: z.array(z.unknown()), total_count: count.nullish() })

export const wireSeekPage = z.object({ data: z.array(z.unknown()), next_page_token: text })

/** OR13. */
export const wireExportBegun = z.object({ tracking_id: z.string().min(1) })

/** OR14. */
export const wireExportStatus = z.object({ status: z.string(), urls: z.array(z.string()).nullish() })

/** OR15. The orders are read one by one, so that a strange one fails alone. */
export const wireExportFile = z.object({ orders: z.array(z.unknown()) })

/** ST12. */
export const wireItemsToShip = z.object({
  order_id: z.string(),
  shipment_lines: z.array(z.object({ order_line_id: z.string(), package_reference: text, quantity: count.nonnegative() })),
})

/** ST11. */
export const wireShipment = z.object({
  order_id: z.string(),
  status: z.string(),
  tracking: z.object({ tracking_number: text }).nullish(),
  shipment_lines: z.array(z.object({ order_line_id: text, quantity: count.nullish() })).nullish(),
})

/** ST01. */
export const wireCreatedShipments = z.object({
  shipment_errors: z.array(z.object({ order_id: text, message: text })).nullish(),
  shipment_success: z.array(z.object({ order_id: text })).nullish(),
})

export const wireCarrier = z.object({ code: z.string().min(1), label: text, standard_code: text })

export type WireCarrier = z.infer<typeof wireCarrier>

/** SH21. */
export const wireCarriers = z.object({ carriers: z.array(wireCarrier) })

/** A01. */
export const wireShop = z.object({
  shop_id: count,
  shop_state: text,
  model: text,
  currency_iso_code: text,
  shippings: z.array(z.object({ shipping_type_code: text })).nullish(),
})

/** PC01, as much of it as concerns us. */
export const wirePlatform = z.object({
  features: z.object({
    disable_seller_alternative_carrier: z.boolean().nullish(),
    order_tax_mode: text,
    order_workflows: z
      .object({ order_acceptance: z.enum(['AUTOMATIC', 'NOT_AUTOMATIC', 'BOTH']).nullish().catch(undefined) })
      .nullish(),
    shipment: z.object({ multi_shipment: z.boolean().nullish() }).nullish(),
  }),
})

export const wireProblem = z.object({
  code: text,
  message: text,
  errors: z
    .array(z.object({ field: text, message: text }))
    .nullish()
    .catch(undefined),
})

export type WireProblem = z.infer<typeof wireProblem> | { code?: undefined; message?: undefined; errors?: undefined }

/** The order's id out of a document that may be anything. */
export function orderIdOf(raw: unknown): string | undefined {
  return z.object({ order_id: z.string().min(1) }).safeParse(raw).data?.order_id
}

/** When an order was created, out of a document that may be anything. */
export function createdDateOf(raw: unknown): string | undefined {
  return z.object({ created_date: z.string() }).safeParse(raw).data?.created_date
}

/** STO01. A number on old platforms, as OF01 still has it. */
export const wireImport = z.object({ import_id: z.union([z.string().min(1), z.number()]) })

/** STO02. */
export const wireImportStatus = z.object({
  status: z.string(),
  has_error_report: z.boolean().nullish(),
  lines_in_error: count.nullish(),
  lines_in_success: count.nullish(),
})

export type WireImportStatus = z.infer<typeof wireImportStatus>

/** OF21. */
export const wireOffer = z.object({
  shop_sku: z.string(),
  quantity: count.nullish(),
  fulfillment: z.object({ center: z.object({ code: text }).nullish() }).nullish(),
  warehouses: z.array(z.unknown()).nullish(),
})

export type WireOffer = z.infer<typeof wireOffer>

/** The offers are read one by one, so that a strange one hides no other. */
export const wireOfferPage = z.object({ offers: z.array(z.unknown()), total_count: count.nullish() })
