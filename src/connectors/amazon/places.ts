import { PermanentError } from '../../core/errors.ts'
import type { Listing, QuantityUpdate } from '../../core/model/stock.ts'
import type { QuantityOutcome } from '../../core/ports/marketplace.ts'
import type { AmazonClient } from './client.ts'
import { fulfilmentIn, isAskable, listingOf, type PlacedListing, readListings } from './listings.ts'

/** What offer-only changes may name where the listing's own type is not known (contract section 3). */
const ANY_PRODUCT_TYPE = 'PRODUCT'
/** How long an answer about a SKU's marketplaces is believed. */
const BELIEVED_MS = 60 * 60_000

/** Where one quantity is written, or why nowhere. */
export type Placement = Placed | { readonly outcome: QuantityOutcome }

/** A quantity with the marketplaces that it is written in. */
export interface Placed {
  readonly update: QuantityUpdate
  readonly marketplaceIds: readonly string[]
  readonly productType: string
}

/** Which marketplaces of the account list a SKU. */
export interface Places {
  describe(skus: readonly string[], signal: AbortSignal): Promise<readonly Listing[]>
  /**
   * One per update, in order. An account in one marketplace writes there. One in several writes where the SKU is listed, which is read
   * first: Amazon accepts a quantity for a SKU that a marketplace does not list, and keeps half a listing of it.
   */
  placementsOf(batch: readonly QuantityUpdate[], signal: AbortSignal): Promise<readonly Placement[]>
}

export function createPlaces(client: AmazonClient): Places {
  const known = new Map<string, { readonly places: readonly PlacedListing[]; readonly until: number }>()
  const { marketplaceIds } = client.settings

  async function read(skus: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, readonly PlacedListing[]>> {
    const until = client.gate.clock.now() + BELIEVED_MS
    const found = await readListings(client, skus, signal)
    if (marketplaceIds.length > 1) for (const [sku, places] of found) known.set(sku, { places, until })
    return found
  }

  async function placesOf(skus: readonly string[], signal: AbortSignal): Promise<(sku: string) => readonly PlacedListing[]> {
    const now = client.gate.clock.now()
    const stale = skus.filter((sku) => (known.get(sku)?.until ?? 0) <= now)
    if (stale.length > 0) await read(stale, signal)
    return (sku) => known.get(sku)?.places ?? []
  }

  return {
    async describe(skus, signal) {
      const found = await read(skus, signal)
      return skus.map((sku) => listingOf(sku, found.get(sku) ?? []))
    },
    async placementsOf(batch, signal) {
      const sendable = batch.filter(({ sku }) => isAskable(sku)).map(({ sku }) => sku)
      const places = marketplaceIds.length > 1 ? await placesOf(sendable, signal) : undefined
      return batch.map((update) => {
        if (!isAskable(update.sku)) return { outcome: unsendable(client) }
        if (places === undefined) return { update, marketplaceIds, productType: update.productType ?? ANY_PRODUCT_TYPE }
        return placementIn(update, places(update.sku))
      })
    },
  }
}

function placementIn(update: QuantityUpdate, places: readonly PlacedListing[]): Placement {
  const [first] = places
  if (first === undefined) return { outcome: { status: 'unlisted', detail: 'listed in none of the marketplaces' } }
  const fulfilment = fulfilmentIn(places)
  if (fulfilment === 'marketplace') return { outcome: { status: 'not-ours', detail: 'Amazon ships this SKU itself' } }
  if (fulfilment === 'locations') return { outcome: { status: 'not-ours', detail: 'its stock is kept by location' } }
  return {
    update,
    marketplaceIds: places.map((place) => place.marketplaceId),
    productType: update.productType ?? first.productType ?? ANY_PRODUCT_TYPE,
  }
}

function unsendable(client: AmazonClient): QuantityOutcome {
  const facts = { account: client.gate.account, operation: 'patchListingsItem' }
  return { status: 'failed', error: new PermanentError('not sent: no address can name this SKU', facts) }
}
