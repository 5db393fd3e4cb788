import { PermanentError } from '../../core/errors.ts'
import type { Fulfilment, Listing } from '../../core/model/stock.ts'
import { inLanes } from '../http/lanes.ts'
import type { AmazonClient } from './client.ts'
import { isError, wordsOf } from './issues.ts'
import { given } from './values.ts'
import { searchListingsReply, type WireListing, wireListing } from './wire-stock.ts'

/** Most SKUs that one search takes, and most that one page of it holds (contract section 3). */
export const SEARCH_SIZE = 20
const INCLUDED = 'fulfillmentAvailability,productTypes,issues'
/** The attribute that we write. */
const WRITTEN = 'fulfillment_availability'

/** A SKU's listing in one marketplace. */
export interface PlacedListing {
  readonly marketplaceId: string
  readonly fulfilment: Fulfilment
  readonly quantity?: number
  readonly productType?: string
}

/**
 * What the account has under these SKUs, per SKU and marketplace (contract section 3). One marketplace is asked at a time: an answer
 * about several does not say which of them its quantities belong to. Empty for a SKU that is listed nowhere, or has no offer.
 */
export async function readListings(
  client: AmazonClient,
  skus: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly PlacedListing[]>> {
  const found = new Map<string, PlacedListing[]>([...new Set(skus)].map((sku) => [sku, []]))
  const asked = client.settings.marketplaceIds.flatMap((marketplaceId) =>
    groupsOf([...found.keys()].filter(isAskable)).map((group) => ({ marketplaceId, group })),
  )
  const answers = await inLanes(asked, ({ marketplaceId, group }) => readGroup(client, marketplaceId, group, signal))
  for (const [n, listings] of answers.entries()) {
    const marketplaceId = asked[n]?.marketplaceId ?? ''
    for (const listing of listings) {
      tellFaults(client, marketplaceId, listing)
      const places = found.get(listing.sku)
      const placed = placedOf(listing, marketplaceId)
      if (placed === undefined || places?.some((place) => place.marketplaceId === marketplaceId) !== false) continue
      places.push(placed)
    }
  }
  return found
}

/**
 * What Amazon has found wrong with a quantity after it had accepted it, or with the listing as a whole: that stands with the listing alone
 * (contract section 3). Faults of pictures and texts are the seller's to find in Seller Central.
 */
function tellFaults({ gate }: AmazonClient, marketplaceId: string, { sku, issues }: WireListing): void {
  const concernsUs = (names: readonly string[]) => names.length === 0 || names.includes(WRITTEN)
  const faults = issues.filter((issue) => isError(issue) && concernsUs(issue.attributeNames))
  if (faults.length === 0) return
  const fields = { channel: gate.account, step: 'inventory', sku, marketplace: marketplaceId, error: wordsOf(faults) }
  gate.log.warn(fields, 'Amazon holds an error against this listing: a quantity that it accepted may not be live')
}

/**
 * A SKU's listing over all marketplaces. One that Amazon ships itself in any of them, or keeps by location in any, is not the seller's
 * to write: a write would make a second record of it (contract section 3).
 */
export function listingOf(sku: string, places: readonly PlacedListing[]): Listing {
  const [first] = places
  if (first === undefined) return { sku, listed: false }
  return {
    sku,
    listed: true,
    fulfilment: fulfilmentIn(places),
    ...given('quantity', first.quantity),
    ...given('productType', first.productType),
  }
}

/** The most that speaks against a write, of all marketplaces. */
export function fulfilmentIn(places: readonly PlacedListing[]): Fulfilment {
  const seen = new Set(places.map((place) => place.fulfilment))
  if (seen.has('marketplace')) return 'marketplace'
  return seen.has('locations') ? 'locations' : 'seller'
}

/** Whether the SKU can stand in the path of a call: the path of an address swallows `.` and `..`, and half a character cannot be sent. */
export function isAskable(sku: string): boolean {
  return sku !== '' && sku !== '.' && sku !== '..' && sku.isWellFormed()
}

/** A comma separates SKUs, so that one with a comma is asked for alone, in another call. */
function groupsOf(skus: readonly string[]): readonly (readonly string[])[] {
  const plain = skus.filter((sku) => !sku.includes(','))
  const groups: (readonly string[])[] = skus.filter((sku) => sku.includes(',')).map((sku) => [sku])
  for (let at = 0; at < plain.length; at += SEARCH_SIZE) groups.push(plain.slice(at, at + SEARCH_SIZE))
  return groups
}

async function readGroup(
  client: AmazonClient,
  marketplaceId: string,
  group: readonly string[],
  signal: AbortSignal,
): Promise<readonly WireListing[]> {
  if (group.some((sku) => sku.includes(','))) return readEach(client, marketplaceId, group, signal)
  try {
    return await searchGroup(client, marketplaceId, group, signal)
  } catch (error) {
    // One SKU that Amazon does not take for one must not hide the others.
    if (error instanceof PermanentError && error.status === 400) return readEach(client, marketplaceId, group, signal)
    throw error
  }
}

async function searchGroup(
  client: AmazonClient,
  marketplaceId: string,
  group: readonly string[],
  signal: AbortSignal,
): Promise<readonly WireListing[]> {
  const listings: WireListing[] = []
  const tokens = new Set<string>()
  let pageToken: string | undefined
  do {
    const request = {
      operation: 'searchListingsItems',
      path: { sellerId: client.settings.sellerId },
      query: {
        marketplaceIds: marketplaceId,
        identifiers: group.join(','),
        identifiersType: 'SKU',
        includedData: INCLUDED,
        pageSize: String(SEARCH_SIZE),
        ...given('pageToken', pageToken),
      },
    } as const
    const page = await client.read(request, searchListingsReply, signal)
    listings.push(...page.items)
    pageToken = page.pagination?.nextToken
    if (pageToken === undefined || tokens.has(pageToken)) return listings
    tokens.add(pageToken)
  } while (listings.length < group.length)
  return listings
}

async function readEach(
  client: AmazonClient,
  marketplaceId: string,
  group: readonly string[],
  signal: AbortSignal,
): Promise<readonly WireListing[]> {
  const listings: WireListing[] = []
  for (const sku of group) {
    const listing = await readOne(client, marketplaceId, sku, signal)
    if (listing !== undefined) listings.push(listing)
  }
  return listings
}

async function readOne(
  client: AmazonClient,
  marketplaceId: string,
  sku: string,
  signal: AbortSignal,
): Promise<WireListing | undefined> {
  const request = {
    operation: 'getListingsItem',
    path: { sellerId: client.settings.sellerId, sku },
    query: { marketplaceIds: marketplaceId, includedData: INCLUDED },
  } as const
  try {
    const listing = await client.find(request, wireListing, signal)
    return listing === undefined ? undefined : { ...listing, sku }
  } catch (error) {
    // What Amazon refuses as a SKU cannot be one of its listings. A refusal of anything else concerns the whole account.
    if (error instanceof PermanentError && error.status === 400 && /\bsku\b/i.test(error.message)) return undefined
    throw error
  }
}

/** Undefined where there is a listing without an offer: nothing there takes a quantity. */
function placedOf(listing: WireListing, marketplaceId: string): PlacedListing | undefined {
  const { fulfillmentAvailability: records, productTypes } = listing
  const codes = records.map((record) => record.fulfillmentChannelCode)
  if (codes.length === 0) return undefined
  const type = productTypes.find((one) => one.marketplaceId === marketplaceId) ?? productTypes[0]
  return {
    marketplaceId,
    fulfilment: fulfilmentOf(codes),
    ...given('quantity', records.find((record) => record.fulfillmentChannelCode === 'DEFAULT')?.quantity),
    ...given('productType', type?.productType),
  }
}

/** DEFAULT is the seller; AMAZON_NA and its kind are Amazon; any other code names a location of the seller's (contract section 3). */
function fulfilmentOf(codes: readonly string[]): Fulfilment {
  if (codes.some((code) => code.startsWith('AMAZON'))) return 'marketplace'
  return codes.every((code) => code === 'DEFAULT') ? 'seller' : 'locations'
}
