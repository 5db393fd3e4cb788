import { RetryableError } from '../../core/errors.ts'
import type { Listing } from '../../core/model/stock.ts'
import { readAnswer } from '../http/json.ts'
import type { MiraklClient, MiraklRequest } from './client.ts'
import { type WireOffer, wireOffer, wireOfferPage } from './wire.ts'

const PAGE = 100
/** Offers not found on any page that are asked for one by one, since offsets step over an offer when another one goes. */
const MOST_ASKED_AGAIN = 20

interface OfferPage {
  readonly offers: readonly WireOffer[]
  readonly received: number
  readonly total: number | undefined
}

/**
 * OF21, whose filter takes one SKU (contract section 6): either one call per SKU or one per 100 offers of the shop, whichever is fewer.
 * An offer that is not on sale just now is listed all the same.
 */
export async function describeListings(
  client: MiraklClient,
  skus: readonly string[],
  signal: AbortSignal,
): Promise<readonly Listing[]> {
  const wanted = [...new Set(skus)]
  const found = new Map<string, Listing>()
  if (wanted.length > 0) await find(client, wanted, found, signal)
  return skus.map((sku) => found.get(sku) ?? { sku, listed: false })
}

async function find(
  client: MiraklClient,
  wanted: readonly string[],
  found: Map<string, Listing>,
  signal: AbortSignal,
): Promise<void> {
  const first = wanted.length === 1 ? undefined : await readPage(client, 0, signal)
  const pages = first?.total === undefined ? Number.POSITIVE_INFINITY : Math.ceil(first.total / PAGE)
  const asked = new Set(wanted)
  if (first !== undefined) keep(first, asked, found)
  const unseen = wanted.filter((sku) => !found.has(sku))
  if (first === undefined || unseen.length < pages - 1) return askOneByOne(client, unseen, found, signal)

  const isUnmoved = await readAll(client, first, asked, found, signal)
  const missing = wanted.filter((sku) => !found.has(sku))
  if (missing.length <= MOST_ASKED_AGAIN) return askOneByOne(client, missing, found, signal)
  if (isUnmoved) return
  const facts = { account: client.gate.account, operation: 'OF21' }
  throw new RetryableError(`offers came or went while they were read; ${missing.length} were not seen`, facts)
}

/** False when offers came or went meanwhile, so that one may have been stepped over. */
async function readAll(
  client: MiraklClient,
  first: OfferPage,
  asked: ReadonlySet<string>,
  found: Map<string, Listing>,
  signal: AbortSignal,
): Promise<boolean> {
  let page = first
  let offset = 0
  for (;;) {
    keep(page, asked, found)
    offset += page.received
    if (page.received === 0 || offset >= (page.total ?? offset)) return page.total === first.total && offset === page.total
    page = await readPage(client, offset, signal)
  }
}

async function askOneByOne(
  client: MiraklClient,
  skus: readonly string[],
  found: Map<string, Listing>,
  signal: AbortSignal,
): Promise<void> {
  for (const sku of skus) keep(await readPage(client, 0, signal, sku), new Set([sku]), found)
}

function keep(page: OfferPage, asked: ReadonlySet<string>, found: Map<string, Listing>): void {
  for (const offer of page.offers) if (asked.has(offer.shop_sku)) found.set(offer.shop_sku, listingOf(offer))
}

function listingOf(offer: WireOffer): Listing {
  const quantity = offer.quantity ?? undefined
  return {
    sku: offer.shop_sku,
    listed: true,
    fulfilment: fulfilmentOf(offer),
    ...(quantity === undefined ? {} : { quantity }),
  }
}

/** Someone else's warehouse is as in orders (contract section 3); a quantity without a warehouse would stand for all of several. */
function fulfilmentOf({ fulfillment, warehouses }: WireOffer): 'seller' | 'marketplace' | 'locations' {
  if ((fulfillment?.center?.code ?? 'DEFAULT') !== 'DEFAULT') return 'marketplace'
  return (warehouses?.length ?? 0) > 1 ? 'locations' : 'seller'
}

async function readPage(client: MiraklClient, offset: number, signal: AbortSignal, sku?: string): Promise<OfferPage> {
  const query: readonly (readonly [string, string])[] =
    sku === undefined
      ? [
          ['max', String(PAGE)],
          ['offset', String(offset)],
        ]
      : [
          ['sku', sku],
          ['max', String(PAGE)],
        ]
  const request: MiraklRequest = { operation: 'OF21', method: 'GET', path: '/api/offers', query }
  const answer = await client.send(request, signal)
  const page = readAnswer(client.gate.account, client.callOf(request), answer, wireOfferPage)
  const offers = page.offers.flatMap((raw) => wireOffer.safeParse(raw).data ?? [])
  return { offers, received: page.offers.length, total: page.total_count ?? undefined }
}
