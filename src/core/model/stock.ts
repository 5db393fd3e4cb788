import type { ChannelCode } from './channel.ts'

/**
 * - `tracked`: has a stock number; `bundle` too, of assembled units
 * - `inactive`: taken off sale by its owner
 * - `untracked`, `service`: no stock is kept of it; `no-sku`: cannot be matched with anything
 * - `unknown`: should have a stock number and came without one, or with one that cannot be read. Never the same as zero
 */
export type StockKind = 'tracked' | 'bundle' | 'inactive' | 'untracked' | 'service' | 'no-sku' | 'unknown'

/** One item as the stock source told it. Units are whole pieces; nothing is clamped but fractions, which are rounded down. */
export interface StockItem {
  /** The source's own id, as text: it has more digits than a number can hold. */
  readonly itemId: string
  /** As the source spells it, without blanks around it. '' for `no-sku`. */
  readonly sku: string
  readonly name: string
  readonly kind: StockKind
  /** The configured field, rounded down; may be negative (sold before received). Undefined where the source told none: never zero. */
  readonly available: number | undefined
  /** Every stock field as read, for explanations: `{ available_stock: '12.00' }`. */
  readonly fields: Readonly<Record<string, string>>
  readonly brand?: string
  readonly category?: string
}

/** Why a SKU's quantity may or may not be written on a channel. */
export type Fulfilment =
  /** The seller ships: may be written. */
  | 'seller'
  /** The marketplace ships (FBA): a write would make a second record. */
  | 'marketplace'
  /** Stock is kept per location: one number would be wrong. */
  | 'locations'

/** A channel's listing of one SKU. */
export type Listing =
  | { readonly sku: string; readonly listed: false }
  | {
      readonly sku: string
      readonly listed: true
      readonly fulfilment: Fulfilment
      /** What the channel shows now, where it says so. */
      readonly quantity?: number
      /** Amazon's product type, which a write may have to name. */
      readonly productType?: string
    }

/** One quantity to be told to a channel: absolute, so that a repeat is harmless. */
export interface QuantityUpdate {
  readonly channel: ChannelCode
  readonly sku: string
  /** Whole units, 0 or more. */
  readonly quantity: number
  /** The last accepted quantity, for the dry run's `old -> new`. */
  readonly previous?: number
  readonly productType?: string
}

/** The one spelling under which SKUs that differ in blanks and case only are found. */
export function skuKeyOf(sku: string): string {
  return sku.trim().toLowerCase()
}
