/** Orders as a seed writes them: everything is optional and has a synthetic default. */

export interface Tracking {
  readonly carrier_code?: string
  readonly carrier_name?: string
  readonly carrier_standard_code?: string
  readonly tracking_number?: string
  readonly tracking_url?: string
}

export interface Address {
  readonly [field: string]: unknown
}

export interface CompactTax {
  readonly code?: string
  readonly amount: string | number
  readonly rate?: string | number
}

export interface CompactLine {
  readonly order_line_id?: string
  readonly offer_sku?: string
  readonly title?: string
  readonly quantity?: number
  readonly price_unit?: string
  readonly shipping_price?: string
  readonly taxes?: readonly CompactTax[]
  readonly shipping_taxes?: readonly CompactTax[]
  readonly state?: string
  readonly canceled_quantity?: number
  readonly refunds?: readonly { readonly amount: string | number; readonly quantity?: number; readonly state?: string }[]
  readonly fulfillment_center_code?: string
  readonly additional_fields?: readonly unknown[]
}

export interface CompactOrder {
  readonly order_id?: string
  readonly state?: string
  readonly created_at?: number | string
  readonly updated_at?: number | string
  readonly shipping_since?: number | string
  readonly api_key?: string
  /** Shop id; default the account's default shop. */
  readonly shop?: number
  readonly currency?: string
  readonly tax_mode?: 'TAX_INCLUDED' | 'TAX_EXCLUDED'
  readonly lines?: readonly CompactLine[]
  readonly customer?: { readonly firstname?: string | null; readonly lastname?: string | null; readonly email?: string | null }
  readonly ship_to?: Address
  readonly shipping_type_code?: string
  readonly shipping_type_label?: string
  readonly shipping_type_standard_code?: string
  readonly shipping_deadline?: number | string | null
  readonly fulfillment_center_code?: string
  readonly channel?: string
  readonly payment_workflow?: string
  readonly additional_fields?: readonly unknown[]
  readonly references?: { readonly order_reference_for_customer?: string; readonly order_reference_for_seller?: string }
  readonly has_incident?: boolean
  readonly pudo_id?: string
  readonly tracking?: Tracking
  readonly wire?: unknown
}
