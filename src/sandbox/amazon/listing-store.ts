import type { Listing } from './listing.ts'

export type ListingOrder = 'sku' | 'createdDate' | 'lastUpdatedDate'

export interface ListingStore {
  /** A listing that exists; one that was taken off is none. */
  get(sellerId: string, sku: string): Listing | undefined
  /** Also one that was taken off. */
  known(sellerId: string, sku: string): Listing | undefined
  put(listing: Listing): void
  /** Listed or not, in the order in which they came. */
  all(): Iterable<Listing>
  /** The seller's, as one search walks through them. */
  sorted(sellerId: string, by: ListingOrder): readonly Listing[]
  /** Something about a listing has changed that lists are sorted by. */
  touched(): void
  reset(): void
}

/** Listings by seller and SKU: a hundred thousand cost a map entry each, and a sort when one is asked for. */
export function createListingStore(): ListingStore {
  const sellers = new Map<string, Map<string, Listing>>()
  const lists = new Map<string, readonly Listing[]>()
  /** Those of the lists that a change of quantity puts out of order. */
  const byUpdate = new Map<string, readonly Listing[]>()

  function known(sellerId: string, sku: string): Listing | undefined {
    return sellers.get(sellerId)?.get(sku)
  }

  return {
    get(sellerId, sku) {
      const listing = known(sellerId, sku)
      return listing?.listed === true ? listing : undefined
    },
    known,
    put(listing) {
      let own = sellers.get(listing.sellerId)
      if (own === undefined) {
        own = new Map()
        sellers.set(listing.sellerId, own)
      }
      own.set(listing.sku, listing)
      if (lists.size > 0) lists.clear()
      if (byUpdate.size > 0) byUpdate.clear()
    },
    *all() {
      for (const own of sellers.values()) yield* own.values()
    },
    sorted(sellerId, by) {
      const key = `${by} ${sellerId}`
      const kept = by === 'lastUpdatedDate' ? byUpdate : lists
      const before = kept.get(key)
      if (before !== undefined) return before
      const list = [...(sellers.get(sellerId)?.values() ?? [])].sort((a, b) => compare(a, b, by))
      kept.set(key, list)
      return list
    },
    touched() {
      if (byUpdate.size > 0) byUpdate.clear()
    },
    reset() {
      sellers.clear()
      lists.clear()
      byUpdate.clear()
    },
  }
}

function compare(a: Listing, b: Listing, by: ListingOrder): number {
  if (by === 'createdDate' && a.createdAt !== b.createdAt) return a.createdAt - b.createdAt
  if (by === 'lastUpdatedDate' && a.updatedAt !== b.updatedAt) return a.updatedAt - b.updatedAt
  return a.sku < b.sku ? -1 : a.sku > b.sku ? 1 : 0
}
