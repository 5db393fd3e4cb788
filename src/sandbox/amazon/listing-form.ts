import { type Issue, isBuyable, type Listing } from './listing.ts'
import { marketplaceOf } from './marketplaces.ts'
import { isoMs, type Json } from './wire.ts'

// biome-ignore format: a word list
export const DATA_SETS = [
  'summaries', 'attributes', 'issues', 'offers', 'fulfillmentAvailability', 'procurement', 'relationships', 'productTypes',
] as const
export type DataSet = (typeof DATA_SETS)[number]

/** A listings item with the data sets asked for, as the marketplaces asked for show it. `procurement` is for vendors: a seller gets none. */
export function listingsItem(listing: Listing, sets: ReadonlySet<DataSet>, marketplaceIds: readonly string[]): Json {
  const shown = listing.marketplaces.filter((id) => marketplaceIds.includes(id))
  const each = (make: (marketplaceId: string) => Json) =>
    shown.map((marketplaceId) => ({ marketplaceId, ...make(marketplaceId) }))
  const has = (set: DataSet, make: () => Json) => (sets.has(set) ? make() : {})
  return {
    sku: listing.sku,
    ...has('summaries', () => ({ summaries: each(() => summary(listing)) })),
    ...has('attributes', () => ({ attributes: { fulfillment_availability: attributes(listing, shown) } })),
    ...has('issues', () => ({ issues: listing.issues.map((issue) => ({ ...issueForm(issue), marketplaceIds: shown })) })),
    ...has('offers', () => ({ offers: each((id) => ({ offerType: 'B2C', price: price(listing, id) })) })),
    ...has('fulfillmentAvailability', () => ({ fulfillmentAvailability: availability(listing) })),
    ...has('relationships', () => ({ relationships: each(() => ({ relationships: [] })) })),
    ...has('productTypes', () => ({ productTypes: each(() => ({ productType: listing.productType })) })),
  }
}

export function asinOf(listing: Listing): string {
  return `B0${String(listing.n).padStart(8, '0')}`
}

export function issueForm({ code, message, attribute, category }: Issue): Json {
  return {
    code,
    message,
    severity: 'ERROR',
    ...(attribute === undefined ? {} : { attributeNames: [attribute] }),
    categories: [category],
  }
}

function summary(listing: Listing): Json {
  return {
    asin: asinOf(listing),
    productType: listing.productType,
    conditionType: 'new_new',
    status: isBuyable(listing) ? ['BUYABLE', 'DISCOVERABLE'] : ['DISCOVERABLE'],
    itemName: listing.title ?? `Sample product ${listing.sku}`,
    createdDate: isoMs(listing.createdAt),
    lastUpdatedDate: isoMs(listing.updatedAt),
  }
}

function attributes(listing: Listing, marketplaceIds: readonly string[]): readonly Json[] {
  return marketplaceIds.flatMap((id) =>
    listing.records.map(({ code, quantity, leadTime, restockDate }) => ({
      fulfillment_channel_code: code,
      ...(quantity === undefined ? {} : { quantity }),
      ...(leadTime === undefined ? {} : { lead_time_to_ship_max_days: leadTime }),
      ...(restockDate === undefined ? {} : { restock_date: restockDate }),
      marketplace_id: id,
    })),
  )
}

function availability(listing: Listing): readonly Json[] {
  return listing.records.map(({ code, quantity }) => ({
    fulfillmentChannelCode: code,
    ...(quantity === undefined ? {} : { quantity }),
  }))
}

function price(listing: Listing, marketplaceId: string): Json {
  return { currencyCode: marketplaceOf(marketplaceId)?.currency ?? 'USD', amount: listing.price ?? '10.00' }
}
