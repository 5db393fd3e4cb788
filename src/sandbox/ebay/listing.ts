/** Which API may write to it: each refuses the other's listings (contract section 5). */
export type ListingModel = 'inventory' | 'trading'

/** Who changed a quantity. */
export type Writer = 'seed' | 'bulkUpdatePriceQuantity' | 'ReviseInventoryStatus' | 'buyer' | 'person'

/** Epoch milliseconds, what could be bought from then on (null: nothing is for sale), and whose doing it was. */
export type HistoryEntry = readonly [at: number, live: number | null, by: Writer]

export interface Refusal {
  readonly code: number
  readonly message: string
  left: number
}

/** One row that can be bought: a listing, or one variation of it. */
export interface Listing {
  readonly user: string
  readonly itemId: string
  readonly sku: string | undefined
  readonly title: string
  readonly price: string
  readonly currency: string
  readonly site: string
  /** Aspects; undefined: the listing has no variations. */
  readonly variation: Readonly<Record<string, string>> | undefined
  /** InventoryTrackingMethod: by SKU, it can be written to without its ItemID. */
  readonly tracking: 'ItemID' | 'SKU'
  /** Reserved for an auction. */
  readonly auction: number
  model: ListingModel
  /** Of the SKU in the inventory model, of the listing in the other. */
  quantity: number
  /** In the inventory model: how much of the SKU's quantity this offer shows; undefined: all. */
  offer: { readonly id: string; readonly published: boolean; readonly quantity: number | undefined }
  /** Stock by warehouse. */
  distributions: Readonly<Record<string, number>> | undefined
  distributionsLost: boolean
  ended: boolean
  refusal: Refusal | undefined
  history: HistoryEntry[]
  /** Ever, what was sold before the seed included. */
  bought: number
  /** Orders for more than there was, let through on purpose. */
  oversold: string[]
}

/** What a buyer can have now; undefined where nothing is for sale. */
export function liveQuantity(listing: Listing): number | undefined {
  if (listing.ended) return undefined
  if (listing.model === 'trading') return listing.quantity
  if (!listing.offer.published) return undefined
  return Math.min(listing.quantity, listing.offer.quantity ?? listing.quantity)
}

export function remember(listing: Listing, at: number, by: Writer): void {
  listing.history.push([at, liveQuantity(listing) ?? null, by])
}

/** The failure that is meant for this row, counted as used. */
export function refusalOf(listing: Listing): Refusal | undefined {
  const { refusal } = listing
  if (refusal === undefined || refusal.left <= 0) return undefined
  refusal.left -= 1
  return refusal
}
