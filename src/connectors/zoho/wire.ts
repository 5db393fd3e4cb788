import * as z from 'zod'

// Every number of a body is read as the text it was written in: ids have more digits than a double holds, and so may stock.

const text = z.string().nullish().catch(undefined)
/** `true` in JSON, or as text. */
const flag = z
  .union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')])
  .nullish()
  .catch(undefined)
const placeList = z.array(z.record(z.string(), z.unknown())).nullish().catch(undefined)

/** One item of the list or of the details (contract sections 3, 4 and 6). Only the id is indispensable. */
export const itemRow = z.object({
  item_id: z.string().regex(/^\d{1,40}$/),
  sku: text,
  name: text,
  status: text,
  item_type: text,
  product_type: text,
  track_inventory: flag,
  is_combo_product: flag,
  brand: text,
  category_name: text,
  stock_on_hand: z.unknown().optional(),
  available_stock: z.unknown().optional(),
  actual_available_stock: z.unknown().optional(),
  committed_stock: z.unknown().optional(),
  actual_committed_stock: z.unknown().optional(),
  available_for_sale_stock: z.unknown().optional(),
  actual_available_for_sale_stock: z.unknown().optional(),
  locations: placeList,
  warehouses: placeList,
})
export type ItemRow = z.infer<typeof itemRow>

/** Item-level stock fields (contract section 4). */
export const stockFields = [
  'stock_on_hand',
  'available_stock',
  'actual_available_stock',
  'committed_stock',
  'actual_committed_stock',
  'available_for_sale_stock',
  'actual_available_for_sale_stock',
] as const

/** Items by SKU or by id. */
export const itemsReply = z.object({ items: z.array(z.unknown()) })

/** Without its context a page could be taken for the last one, so that must be there (contract section 3). */
export const itemsPage = z.object({
  items: z.array(z.unknown()),
  page_context: z.object({
    page: text,
    per_page: text,
    has_more_page: z.union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')]),
    total: text,
  }),
})
export type ItemsPage = z.infer<typeof itemsPage>

export const organizationsReply = z.object({
  organizations: z.array(z.object({ organization_id: z.string(), time_zone: text, plan_name: text, is_org_active: flag })),
})

/** What Zoho says about a call: 0 is success (contract section 8). */
export const verdictBody = z.object({ code: z.union([z.number(), z.string()]).nullish().catch(undefined), message: text })

/** The answer of the token endpoint, good or bad (contract section 2). */
export const tokenReply = z.object({
  access_token: z.string().min(1).optional().catch(undefined),
  expires_in: text,
  api_domain: text,
  error: text,
  error_description: text,
})
