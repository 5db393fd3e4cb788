/** Whose rules can fire here: the records that move stock, and items. */
export const MODULES = ['items', 'inventory_adjustments', 'sales_orders', 'invoices', 'shipments'] as const
export type Module = (typeof MODULES)[number]

export const FORMS = ['default', 'raw', 'form'] as const
export const METHODS = ['POST', 'PUT', 'DELETE'] as const

/** One webhook with the workflow rules that fire it (contract section 9). */
export interface Hook {
  readonly url: string
  /** Undefined: unsigned. */
  readonly secret: string | undefined
  readonly encoding: 'hex' | 'base64'
  readonly method: (typeof METHODS)[number]
  readonly headers: Readonly<Record<string, string>>
  readonly form: (typeof FORMS)[number]
  /** Further fields of a form. */
  readonly fields: Readonly<Record<string, string>>
  readonly modules: readonly Module[]
}
