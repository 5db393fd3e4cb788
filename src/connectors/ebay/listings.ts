import { PermanentError } from '../../core/errors.ts'
import type { Listing } from '../../core/model/stock.ts'
import { chunksOf, inLanes } from '../http/lanes.ts'
import type { EbayClient, TradingCall } from './client.ts'
import { encodeRoute, type Route, type TradingItem } from './route.ts'
import { given } from './values.ts'
import { type WireActiveList, wireActiveList } from './wire.ts'
import { type WireBulkItem, type WireOffer, wireBulkItems, wireOffers } from './wire-rest.ts'

/** Most SKUs in one question (contract section 5.1). */
const BULK = 25
/** Longest SKU of the Inventory API. */
const LONGEST_SKU = 50
const PER_PAGE = 200
/** How long the list of active listings is believed, in this process. */
const BELIEVED_MS = 15 * 60_000
/** More pages than any seller has listings for: a list that does not end is a fault. */
const MOST_PAGES = 2000

/** What the seller has under a SKU. */
export interface Found {
  readonly route: Route
  readonly quantity: number | undefined
  /** Stock by warehouse: one number would wipe it out. */
  readonly byLocation: boolean
}

export interface Listings {
  describe(skus: readonly string[], signal: AbortSignal): Promise<readonly Listing[]>
  /** SKUs that are not on sale are absent. `anew`: nothing remembered is used. */
  find(skus: readonly string[], signal: AbortSignal, anew?: boolean): Promise<ReadonlyMap<string, Found>>
}

type ActiveList = ReadonlyMap<string, { readonly items: readonly TradingItem[]; readonly quantity: number | undefined }>

/** First whether the Inventory API knows a SKU, then whether an active listing of the other model has it (contract section 5). */
export function createListings(client: EbayClient): Listings {
  let active: { readonly list: Promise<ActiveList>; readonly until: number } | undefined

  async function activeList(signal: AbortSignal, anew: boolean): Promise<ActiveList> {
    const now = client.gate.clock.now()
    if (!anew && active !== undefined && now < active.until) return active.list
    const list = readActiveList(client, signal)
    active = { list, until: now + BELIEVED_MS }
    // What failed once is asked again.
    list.catch(() => {
      active = undefined
    })
    return list
  }

  async function find(skus: readonly string[], signal: AbortSignal, anew = false): Promise<ReadonlyMap<string, Found>> {
    const { inventoryApi } = client.settings
    const wanted = [...new Set(skus)]
    const found = new Map(inventoryApi === 'trading' ? [] : await findInInventory(client, wanted, signal))
    const others = wanted.filter((sku) => sku !== '' && !found.has(sku))
    if (inventoryApi === 'inventory' || others.length === 0) return found
    const list = await activeList(signal, anew)
    for (const sku of others) {
      const listed = list.get(sku)
      if (listed === undefined) continue
      found.set(sku, { route: { model: 'trading', items: listed.items }, quantity: listed.quantity, byLocation: false })
    }
    return found
  }

  return {
    find,
    async describe(skus, signal) {
      const found = await find(skus, signal)
      return skus.map((sku): Listing => {
        const one = found.get(sku)
        if (one === undefined) return { sku, listed: false }
        const fulfilment = one.byLocation ? 'locations' : 'seller'
        return {
          sku,
          listed: true,
          fulfilment,
          ...given('quantity', one.quantity),
          ...given('productType', encodeRoute(one.route)),
        }
      })
    },
  }
}

/** SKUs of the inventory model that are on sale: a record without a published offer shows nothing to anybody. */
async function findInInventory(
  client: EbayClient,
  skus: readonly string[],
  signal: AbortSignal,
): Promise<readonly (readonly [string, Found])[]> {
  const askable = skus.filter((sku) => sku !== '' && sku.length <= LONGEST_SKU)
  const items = (await inLanes(chunksOf(askable, BULK), (chunk) => readItems(client, chunk, signal))).flat()
  const known = items.filter(({ statusCode, sku }) => statusCode < 300 && sku !== undefined)
  const found = await inLanes(known, async (item) => {
    const sku = item.sku ?? ''
    const offers = (await readOffers(client, sku, signal)).filter(isOnSale)
    if (offers.length === 0) return undefined
    const stock = item.inventoryItem?.availability?.shipToLocationAvailability
    const own = offers.filter(({ availableQuantity }) => availableQuantity !== undefined)
    const shown = [stock?.quantity, ...own.map(({ availableQuantity }) => availableQuantity)].filter((one) => one !== undefined)
    return [
      sku,
      {
        route: { model: 'inventory', offerIds: own.map(({ offerId }) => offerId) },
        quantity: shown.length === 0 ? undefined : Math.min(...shown),
        byLocation: (stock?.availabilityDistributions.length ?? 0) > 0,
      },
    ] as const
  })
  return found.filter((one) => one !== undefined)
}

function isOnSale({ status, format }: WireOffer): boolean {
  return status === 'PUBLISHED' && format !== 'AUCTION'
}

async function readItems(client: EbayClient, skus: readonly string[], signal: AbortSignal): Promise<readonly WireBulkItem[]> {
  const body = { requests: skus.map((sku) => ({ sku })) }
  try {
    const call = { api: 'inventory', method: 'post', path: '/bulk_get_inventory_item', body } as const
    return (await client.rest(call, wireBulkItems, signal)).responses
  } catch (error) {
    if (!(error instanceof PermanentError) || error.status !== 400) throw error
    // One SKU that eBay does not take for one must not hide the others. Alone, it cannot be one of its listings.
    if (skus.length === 1) return []
    const alone: WireBulkItem[] = []
    for (const sku of skus) alone.push(...(await readItems(client, [sku], signal)))
    return alone
  }
}

async function readOffers(client: EbayClient, sku: string, signal: AbortSignal): Promise<readonly WireOffer[]> {
  try {
    const call = { api: 'inventory', method: 'get', path: '/offer', query: { sku, limit: '100' } } as const
    return (await client.rest(call, wireOffers, signal)).offers
  } catch (error) {
    if (error instanceof PermanentError && error.status === 404) return []
    throw error
  }
}

/** Every active listing by its SKU, or by those of its variations: the only way from a SKU to an ItemID. */
async function readActiveList(client: EbayClient, signal: AbortSignal): Promise<ActiveList> {
  const found = new Map<string, { items: TradingItem[]; quantity: number | undefined }>()
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const call: TradingCall = {
      api: 'trading',
      call: 'GetMyeBaySelling',
      fields: {
        DetailLevel: 'ReturnAll',
        ActiveList: { Include: 'true', Pagination: { EntriesPerPage: String(PER_PAGE), PageNumber: String(page) } },
      },
      purse: 'stock',
    }
    const { body } = await client.trading(call, signal)
    const { ActiveList: list } = client.parse(call, body, wireActiveList)
    for (const { sku, item, quantity } of skusIn(list)) {
      const one = found.get(sku) ?? { items: [], quantity }
      one.items.push(item)
      // Several listings of one SKU: the smallest number says what may be missing.
      if (quantity !== undefined) one.quantity = Math.min(one.quantity ?? quantity, quantity)
      found.set(sku, one)
    }
    if (page >= Number(list?.PaginationResult?.TotalNumberOfPages ?? 1)) break
  }
  return found
}

interface ListedSku {
  readonly sku: string
  readonly item: TradingItem
  readonly quantity: number | undefined
}

function skusIn(list: WireActiveList['ActiveList']): readonly ListedSku[] {
  return (list?.ItemArray?.Item ?? []).flatMap((item): readonly ListedSku[] => {
    const { ItemID: itemId, SKU: own, QuantityAvailable: quantity } = item
    // Its one unit is the auction's: no call of ours may change it.
    if (item.ListingType === 'Chinese') return []
    const variations = item.Variations?.Variation ?? []
    if (variations.length === 0) return own === undefined ? [] : [{ sku: own, item: { itemId, isVariation: false }, quantity }]
    return variations.flatMap(({ SKU: sku, Quantity: all, SellingStatus: sold }) => {
      if (sku === undefined) return []
      const left = all === undefined ? undefined : Math.max(0, all - (sold?.QuantitySold ?? 0))
      return [{ sku, item: { itemId, isVariation: true }, quantity: left }]
    })
  })
}
