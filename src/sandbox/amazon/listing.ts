import { marketplaceOf } from './marketplaces.ts'

/** The merchant's own stock; every other code is Amazon's or a location's (contract section 3). */
export const DEFAULT_CODE = 'DEFAULT'
/** The product type that any listing takes for an offer-only patch, unless it is strict. */
export const GENERIC_TYPE = 'PRODUCT'

/** How the listing was made: by the merchant, by Amazon (FBA), or with stock per location of the merchant. */
export type ListingChannel = 'MFN' | 'FBA' | 'LOCATIONS'

/** One record of fulfillment_availability; its code is what tells it from the others. */
export interface Availability {
  readonly code: string
  /** Undefined where Amazon keeps the number. */
  readonly quantity: number | undefined
  readonly leadTime: number | undefined
  readonly restockDate: string | undefined
}

/** Who changed a quantity. */
export type Writer = 'seed' | 'patch' | 'feed' | 'buyer' | 'person'

/** Epoch milliseconds, the merchant's quantity from then on (null: no merchant record), and whose doing it was. */
export type HistoryEntry = readonly [at: number, quantity: number | null, by: Writer]

export interface Issue {
  readonly code: string
  readonly message: string
  readonly attribute: string | undefined
  readonly category: string
}

export interface Listing {
  /** Counts listings; the ASIN is made of it. */
  readonly n: number
  readonly sku: string
  readonly sellerId: string
  readonly channel: ListingChannel
  readonly marketplaces: readonly string[]
  readonly createdAt: number
  readonly title: string | undefined
  readonly price: string | undefined
  /** Takes its own product type only, not the generic one. */
  readonly strictType: boolean
  productType: string
  updatedAt: number
  listed: boolean
  records: readonly Availability[]
  history: HistoryEntry[]
  /** What was found out after a submission was accepted. */
  issues: readonly Issue[]
  bought: number
  /** Orders for more than there was, let through on purpose. */
  oversold: string[]
  /** Attributes besides the availability that somebody wrote. */
  alsoWritten: string[]
}

export function merchantRecord(listing: Listing): Availability | undefined {
  return listing.records.find(({ code }) => code === DEFAULT_CODE)
}

/**
 * A merchant record beside another that counts too: what comes of writing DEFAULT to an FBA SKU, or more than zero of it to a SKU with
 * stock per location (contract section 3).
 */
export function isDoubled(listing: Listing): boolean {
  const merchant = merchantRecord(listing)
  if (merchant === undefined || listing.records.length === 1) return false
  return listing.records.some(({ code }) => isAmazonCode(code)) || (merchant.quantity ?? 0) > 0
}

export function isAmazonCode(code: string): boolean {
  return /^AMAZON_[A-Z]+$/.test(code)
}

/** Amazon's own channel where the marketplace lies: AMAZON_NA, AMAZON_EU, AMAZON_JP. */
export function amazonCode(marketplaceId: string): string {
  const country = marketplaceOf(marketplaceId)?.country ?? 'US'
  if (['US', 'CA', 'MX', 'BR'].includes(country)) return 'AMAZON_NA'
  return ['JP', 'AU', 'SG'].includes(country) ? `AMAZON_${country}` : 'AMAZON_EU'
}

/** Buyable: Amazon has it, or somebody has at least one. */
export function isBuyable(listing: Listing): boolean {
  return listing.records.some(({ code, quantity }) => isAmazonCode(code) || (quantity ?? 0) > 0)
}

/** Sets the records and keeps the merchant's quantity in the history. */
export function setRecords(listing: Listing, records: readonly Availability[], at: number, by: Writer): void {
  listing.records = records
  listing.updatedAt = Math.max(at, listing.updatedAt)
  listing.history.push([at, merchantRecord(listing)?.quantity ?? null, by])
}

/** Gives the merchant's record another quantity; handing time and restock date stay. */
export function setQuantity(listing: Listing, quantity: number, at: number, by: Writer): void {
  const records = listing.records.map((record) => (record.code === DEFAULT_CODE ? { ...record, quantity } : record))
  setRecords(listing, records, at, by)
}
