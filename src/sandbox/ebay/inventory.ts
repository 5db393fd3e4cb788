import type { SandboxReply } from '../stand-in.ts'
import { type Listing, refusalOf } from './listing.ts'
import type { RestCall } from './rest-call.ts'
import { type Levels, setLevels, takeRevision } from './stock.ts'
import { errorNode, isRecord, type Json, jsonBody, restError } from './wire.ts'

const MOST_OFFERS = 25

interface Failure {
  readonly status: number
  readonly errorId: number
  readonly message: string
}

/** One element of `requests`, its form tested. */
interface Wish {
  readonly sku: string | undefined
  readonly quantity: number | undefined
  readonly keepsDistributions: boolean
  readonly offers: readonly { readonly id: string; readonly quantity: number | undefined }[]
}

export function stockError(status: number, errorId: number, message: string): SandboxReply {
  return restError(status, { errorId, domain: 'API_INVENTORY', category: status >= 500 ? 'APPLICATION' : 'REQUEST', message })
}

/**
 * POST /bulk_update_price_quantity (contract section 5.1): an entry for each SKU and each offer, each judged by itself. A request whose form
 * is wrong changes nothing.
 */
export function bulkUpdatePriceQuantity(call: RestCall): SandboxReply {
  const read = jsonBody(call.request)
  if ('refused' in read) return read.refused
  const { requests } = read.body
  if (!Array.isArray(requests) || requests.length === 0) return stockError(400, 25709, 'Invalid value for requests.')
  const batch = call.state.settings.inventoryBatch
  if (requests.length > batch) return stockError(400, 25709, `Invalid value for requests. At most ${batch} per call.`)
  const wishes: Wish[] = []
  for (const request of requests as readonly unknown[]) {
    const wish = readWish(request)
    if (typeof wish === 'string') return stockError(400, 25709, `Invalid value for ${wish}.`)
    wishes.push(wish)
  }
  const seen = new Set<string>()
  const entries = wishes.flatMap((wish) => grant(call, wish, seen))
  const responses = entries.filter(({ sku }) => !isSilent(call, sku))
  const isMixed = entries.some(({ statusCode }) => statusCode !== 200)
  return { status: isMixed ? 207 : 200, body: { responses } }
}

interface Entry extends Json {
  readonly statusCode: number
  readonly sku?: string
}

/** A missing entry says nothing of what happened. */
function isSilent({ state }: RestCall, sku: string | undefined): boolean {
  return sku !== undefined && state.silent.delete(sku)
}

function readWish(request: unknown): Wish | string {
  if (!isRecord(request)) return 'requests'
  const { sku, shipToLocationAvailability: shipTo, offers = [] } = request
  if (sku !== undefined && (typeof sku !== 'string' || sku === '' || sku.length > 50)) return 'sku'
  if (shipTo !== undefined && !isRecord(shipTo)) return 'shipToLocationAvailability'
  if (!Array.isArray(offers) || offers.length > MOST_OFFERS) return 'offers'
  if (shipTo !== undefined && sku === undefined) return 'sku'
  if (shipTo === undefined && offers.length === 0) return 'requests'
  const quantity = shipTo?.['quantity']
  if (quantity !== undefined && !isQuantity(quantity)) return 'quantity'
  const read: { id: string; quantity: number | undefined }[] = []
  for (const offer of offers as readonly unknown[]) {
    if (!isRecord(offer) || typeof offer['offerId'] !== 'string') return 'offerId'
    const own = offer['availableQuantity']
    if (own !== undefined && !isQuantity(own)) return 'availableQuantity'
    read.push({ id: offer['offerId'], quantity: own })
  }
  return { sku, quantity, keepsDistributions: shipTo?.['availabilityDistributions'] !== undefined, offers: read }
}

function isQuantity(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
}

function grant(call: RestCall, wish: Wish, seen: Set<string>): readonly Entry[] {
  const { sku } = wish
  const entries: Entry[] = []
  if (sku !== undefined && seen.has(sku)) {
    return [
      entry({ sku }, { status: 500, errorId: 25025, message: 'Concurrent access of the same Inventory Item is not allowed.' }),
    ]
  }
  if (sku !== undefined) seen.add(sku)
  if (sku !== undefined && wish.quantity !== undefined)
    entries.push(entry({ sku }, setSkuQuantity(call, sku, wish, wish.quantity)))
  for (const offer of wish.offers) {
    const listing = call.state.listings.byOffer(offer.id)
    const named = { ...(listing?.sku === undefined ? {} : { sku: listing.sku }), offerId: offer.id }
    entries.push(entry(named, setOfferQuantity(call, listing, sku, offer.quantity)))
  }
  return entries
}

function entry(named: { readonly sku?: string; readonly offerId?: string }, failure: Failure | undefined): Entry {
  if (failure === undefined) return { statusCode: 200, ...named }
  const { status, errorId, message } = failure
  const category = status >= 500 ? 'APPLICATION' : 'REQUEST'
  return { statusCode: status, ...named, errors: [errorNode({ errorId, domain: 'API_INVENTORY', category, message })] }
}

function setSkuQuantity(call: RestCall, sku: string, wish: Wish, quantity: number): Failure | undefined {
  const listing = inventoryRow(call, sku)
  if (listing === undefined) return { status: 400, errorId: 25702, message: `SKU ${sku} is not available in the system` }
  if (quantity < listing.auction) {
    return { status: 400, errorId: 25759, message: 'shipToLocationAvailability quantity is below the auction allocation.' }
  }
  if (listing.distributions !== undefined && !wish.keepsDistributions) {
    listing.distributions = undefined
    listing.distributionsLost = true
  }
  return write(call, listing, { quantity })
}

/** Offers that are not published are not reached by this call. */
function setOfferQuantity(
  call: RestCall,
  listing: Listing | undefined,
  sku: string | undefined,
  offerQuantity: number | undefined,
): Failure | undefined {
  const isOwn = listing !== undefined && listing.user === call.account.user && listing.model === 'inventory'
  if (!isOwn || (sku !== undefined && listing.sku !== sku))
    return { status: 400, errorId: 25713, message: 'This Offer is not available.' }
  if (!listing.offer.published) return { status: 400, errorId: 25002, message: 'Any User error. The offer is not published.' }
  return offerQuantity === undefined ? undefined : write(call, listing, { offerQuantity })
}

function write({ state }: RestCall, listing: Listing, levels: Levels): Failure | undefined {
  const refusal = refusalOf(listing)
  if (refusal !== undefined)
    return {
      status: refusal.code === 25001 || refusal.code === 25025 ? 500 : 400,
      errorId: refusal.code,
      message: refusal.message,
    }
  if (!takeRevision(state, listing))
    return { status: 400, errorId: 25002, message: 'Any User error. The listing was revised 250 times today.' }
  setLevels(state, listing, levels, 'bulkUpdatePriceQuantity')
  return undefined
}

/** A listing of the other model is no inventory item, whatever its SKU. */
export function inventoryRow({ state, account }: RestCall, sku: string): Listing | undefined {
  return state.listings.bySku(account.user, sku).find(({ model }) => model === 'inventory')
}
