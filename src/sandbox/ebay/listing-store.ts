import type { Listing } from './listing.ts'

export interface ListingStore {
  /** All that say this SKU, ended ones too. */
  bySku(user: string, sku: string): readonly Listing[]
  /** The rows of one ItemID: one, or one for each variation. */
  byItem(itemId: string): readonly Listing[]
  byOffer(offerId: string): Listing | undefined
  of(user: string): readonly Listing[]
  all(): Iterable<Listing>
  put(listing: Listing): void
}

/** A hundred thousand rows cost three map entries each. */
export function createListingStore(): ListingStore {
  const users = new Map<string, Map<string, Listing[]>>()
  const items = new Map<string, Listing[]>()
  const offers = new Map<string, Listing>()
  const lists = new Map<string, readonly Listing[]>()
  const rows: Listing[] = []

  return {
    bySku: (user, sku) => users.get(user)?.get(sku) ?? [],
    byItem: (itemId) => items.get(itemId) ?? [],
    byOffer: (offerId) => offers.get(offerId),
    of(user) {
      const known = lists.get(user)
      if (known !== undefined) return known
      const own = rows.filter((row) => row.user === user)
      lists.set(user, own)
      return own
    },
    all: () => rows,
    put(listing) {
      rows.push(listing)
      lists.delete(listing.user)
      const own = users.get(listing.user) ?? new Map<string, Listing[]>()
      users.set(listing.user, own)
      const key = listing.sku ?? ''
      own.set(key, [...(own.get(key) ?? []), listing])
      items.set(listing.itemId, [...(items.get(listing.itemId) ?? []), listing])
      offers.set(listing.offer.id, listing)
    },
  }
}
