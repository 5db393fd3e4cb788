import type { SandboxReply } from '../stand-in.ts'
import { inventoryRow, stockError } from './inventory.ts'
import type { Listing } from './listing.ts'
import type { RestCall } from './rest-call.ts'
import { errorNode, isRecord, type Json, jsonBody, wholeNumber } from './wire.ts'

const MOST_PER_PAGE = 200
const DEFAULT_PER_PAGE = 25
const OFFERS_PER_PAGE = 100
const MOST_SKUS = 25
const MOST_SKU_CHARACTERS = 50
const SYSTEM_FAULT = { domain: 'API_INVENTORY', category: 'APPLICATION', message: 'A system error has occurred.' } as const
const NOT_FOUND = "We didn't find the resource/entity you are requesting. Please verify the request"

/** GET /inventory_item/{sku} */
export function getInventoryItem(call: RestCall): SandboxReply {
  const sku = call.ids[0] ?? ''
  const listing = inventoryRow(call, sku)
  if (listing === undefined) return stockError(404, 25710, NOT_FOUND)
  return { status: 200, body: { ...itemForm(listing), ...groupsOf(listing) } }
}

/** GET /inventory_item: `offset` counts pages (contract section 5.1). */
export function getInventoryItems(call: RestCall): SandboxReply {
  const page = readPage(call, DEFAULT_PER_PAGE, MOST_PER_PAGE)
  if ('refused' in page) return page.refused
  const { limit, offset } = page
  const own = call.state.listings.of(call.account.user).filter(({ model }) => model === 'inventory')
  const shown = own.slice(offset * limit, (offset + 1) * limit)
  const items = shown.map((listing) => ({ ...itemForm(listing), ...groupsOf(listing) }))
  return { status: 200, body: { ...paging(call, page, own.length, shown.length), inventoryItems: items } }
}

/** POST /bulk_get_inventory_item: 25 SKUs, each found or not. */
export function bulkGetInventoryItem(call: RestCall): SandboxReply {
  const read = jsonBody(call.request)
  if ('refused' in read) return read.refused
  const requests: readonly unknown[] = Array.isArray(read.body['requests']) ? read.body['requests'] : []
  const skus = requests.map((each) => (isRecord(each) && typeof each['sku'] === 'string' ? each['sku'] : ''))
  if (skus.length === 0 || skus.includes('')) return stockError(400, 25708, 'Invalid SKU.')
  if (skus.length > MOST_SKUS)
    return stockError(400, 25727, `The number of InventoryItems in the request cannot exceed ${MOST_SKUS}.`)
  if (new Set(skus).size < skus.length) return stockError(400, 25734, 'SKU should be unique in the request.')
  const responses = skus.flatMap((sku) => entryOf(call, sku))
  return { status: responses.some(({ statusCode }) => statusCode !== 200) ? 207 : 200, body: { responses } }
}

interface ReadEntry extends Json {
  readonly statusCode: number
}

function entryOf(call: RestCall, sku: string): readonly ReadEntry[] {
  const trouble = call.state.unread.get(sku)
  if (trouble !== undefined && trouble.left > 0) {
    trouble.left -= 1
    if (trouble.code === undefined) return []
    return [{ statusCode: 500, sku, errors: [errorNode({ ...SYSTEM_FAULT, errorId: trouble.code })] }]
  }
  const listing = inventoryRow(call, sku)
  if (listing !== undefined) return [{ statusCode: 200, sku, inventoryItem: { ...itemForm(listing), ...keysOf(listing) } }]
  const fault = { errorId: 25702, domain: 'API_INVENTORY', message: `SKU ${sku} is not available in the system` }
  return [{ statusCode: 404, sku, errors: [errorNode(fault)] }]
}

/** GET /offer: of one SKU, which must be given (contract sections 5.1 and 10). */
export function getOffers(call: RestCall): SandboxReply {
  const sku = call.request.query.get('sku') ?? ''
  if (sku === '' || sku.length > MOST_SKU_CHARACTERS)
    return stockError(400, 25707, 'Invalid SKU. It must be alphanumeric, at most 50 characters.')
  const page = readPage(call, OFFERS_PER_PAGE, OFFERS_PER_PAGE)
  if ('refused' in page) return page.refused
  const listing = inventoryRow(call, sku)
  if (listing === undefined) return stockError(404, 25713, 'This Offer is not available.')
  const shown = page.offset === 0 ? [offerForm(listing)] : []
  return { status: 200, body: { ...paging(call, page, 1, shown.length), offers: shown } }
}

interface Page {
  readonly limit: number
  readonly offset: number
}

function readPage({ request }: RestCall, fallback: number, most: number): Page | { readonly refused: SandboxReply } {
  const limit = wholeNumber(request.query.get('limit') ?? String(fallback)) ?? 0
  const offset = wholeNumber(request.query.get('offset') ?? '0')
  if (limit < 1 || limit > most || offset === undefined)
    return { refused: stockError(400, 25706, 'You have provided invalid pagination values.') }
  return { limit, offset }
}

function paging({ request }: RestCall, { limit, offset }: Page, total: number, size: number): Json {
  const pageAt = (page: number): string => {
    const query = new URLSearchParams(request.query)
    query.set('limit', String(limit))
    query.set('offset', String(page))
    return `${request.path}?${query}`
  }
  return {
    href: pageAt(offset),
    limit,
    ...((offset + 1) * limit < total ? { next: pageAt(offset + 1) } : {}),
    ...(offset > 0 ? { prev: pageAt(offset - 1) } : {}),
    size,
    total,
  }
}

function itemForm({ sku, title, quantity, auction, offer, distributions, ended }: Listing): Json {
  const fixedPrice = ended || !offer.published ? 0 : Math.min(quantity - auction, offer.quantity ?? quantity)
  const places = Object.entries(distributions ?? {}).map(([merchantLocationKey, units]) => ({
    merchantLocationKey,
    quantity: units,
  }))
  return {
    sku,
    locale: 'en_US',
    product: { title },
    condition: 'NEW',
    availability: {
      shipToLocationAvailability: {
        quantity,
        allocationByFormat: { auction, fixedPrice: Math.max(0, fixedPrice) },
        ...(places.length === 0 ? {} : { availabilityDistributions: places }),
      },
    },
  }
}

function keysOf({ variation, itemId }: Listing): Json {
  return variation === undefined ? {} : { inventoryItemGroupKeys: [`GROUP-${itemId}`] }
}

function groupsOf(listing: Listing): Json {
  return listing.variation === undefined ? {} : { groupIds: [`GROUP-${listing.itemId}`], ...keysOf(listing) }
}

function offerForm({ sku, site, offer, price, currency, itemId, quantity, ended, bought }: Listing): Json {
  const isPublished = offer.published && !ended
  return {
    offerId: offer.id,
    sku,
    marketplaceId: site,
    format: 'FIXED_PRICE',
    // What the offer shows, whether the number is its own or the SKU's.
    availableQuantity: Math.min(quantity, offer.quantity ?? quantity),
    pricingSummary: { price: { currency, value: price } },
    listingDuration: 'GTC',
    status: isPublished ? 'PUBLISHED' : 'UNPUBLISHED',
    ...(isPublished ? { listing: { listingId: itemId, listingStatus: 'ACTIVE', soldQuantity: bought } } : {}),
  }
}
