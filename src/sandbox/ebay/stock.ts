import { type Listing, liveQuantity, remember, type Writer } from './listing.ts'
import type { State } from './state.ts'

const DAY_MS = 86_400_000
/** Of one listing and calendar day; all its variations share them (contract section 5.1). */
const REVISIONS = 250

/** Counts one revision; false when the listing has had its share of the day. */
export function takeRevision(state: State, listing: Listing): boolean {
  const key = `${listing.itemId} ${Math.floor(state.clock.now() / DAY_MS)}`
  const used = state.revisions.get(key) ?? 0
  if (used >= REVISIONS) return false
  state.revisions.set(key, used + 1)
  return true
}

export interface Levels {
  /** Of the SKU, or of a listing outside the inventory model. */
  readonly quantity?: number
  readonly offerQuantity?: number
}

/** Sets what is given. Without out-of-stock control a listing with nothing left ends (contract section 5.1). */
export function setLevels(state: State, listing: Listing, levels: Levels, by: Writer): void {
  listing.quantity = levels.quantity ?? listing.quantity
  if (levels.offerQuantity !== undefined) listing.offer = { ...listing.offer, quantity: levels.offerQuantity }
  const rows = state.listings.byItem(listing.itemId)
  const isEmpty = rows.every((row) => (liveQuantity(row) ?? 0) === 0)
  const wasForSale = liveQuantity(listing) !== undefined
  if (isEmpty && wasForSale && state.accounts.byUser(listing.user)?.outOfStockControl === false) {
    for (const row of rows) row.ended = true
  }
  remember(listing, state.clock.now(), by)
}
