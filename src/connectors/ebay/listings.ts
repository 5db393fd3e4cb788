import { type ConnectorError, PermanentError, RetryableError } from '../../core/errors.ts'
import type { Listing } from '../../core/model/stock.ts'
import { chunksOf, inLanes } from '../http/lanes.ts'
import { type ActiveList, readActiveList } from './active-list.ts'
import type { EbayClient } from './client.ts'
import { encodeRoute, type Route } from './route.ts'
import { given } from './values.ts'
import { isPassingCode, Refusal } from './verdict.ts'
import { type WireBulkItem, type WireOffer, wireBulkItems, wireOffers } from './wire-rest.ts'

/** Most SKUs in one question (contract section 5.1). */
const BULK = 25
/** Longest SKU of the Inventory API. */
const LONGEST_SKU = 50
/** eBay's ways to refuse a question for its SKU. */
const noSku: ReadonlySet<string> = new Set(['25702', '25707', '25708', '25709', '25710'])
/** How long the list of active listings is believed, in this process. */
const BELIEVED_MS = 15 * 60_000

/** What the seller has under a SKU. */
export interface Found {
  readonly route: Route
  readonly quantity: number | undefined
  /** Stock by warehouse: one number would wipe it out. */
  readonly byLocation: boolean
}

export interface Listings {
  describe(skus: readonly string[], signal: AbortSignal): Promise<readonly Listing[]>
  /** SKUs that are not on sale are absent; an error stands for what eBay did not say. `anew`: nothing remembered is used. */
  find(skus: readonly string[], signal: AbortSignal, anew?: boolean): Promise<ReadonlyMap<string, Found | ConnectorError>>
}

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

  async function find(
    skus: readonly string[],
    signal: AbortSignal,
    anew = false,
  ): Promise<ReadonlyMap<string, Found | ConnectorError>> {
    const { inventoryApi } = client.settings
    const wanted = [...new Set(skus)]
    const found = new Map<string, Found | ConnectorError>(
      inventoryApi === 'trading' ? [] : await findInInventory(client, wanted, signal),
    )
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
        // Not to be taken for one that is not on sale, which is left alone for long: the write asks again.
        if (one instanceof Error) return { sku, listed: true, fulfilment: 'seller' }
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
): Promise<readonly (readonly [string, Found | ConnectorError])[]> {
  const askable = skus.filter((sku) => sku !== '' && sku.length <= LONGEST_SKU)
  const items = (await inLanes(chunksOf(askable, BULK), (chunk) => readItems(client, chunk, signal))).flat()
  const found = await inLanes(items, async ([sku, item]): Promise<Found | ConnectorError | undefined> => {
    if (item instanceof Error) return item
    const read = await readOffers(client, sku, signal)
    if (read instanceof Error) return read
    const offers = read.filter(isOnSale)
    if (offers.length === 0) return undefined
    const stock = item.inventoryItem?.availability?.shipToLocationAvailability
    const own = offers.filter(({ availableQuantity }) => availableQuantity !== undefined)
    const shown = [stock?.quantity, ...own.map(({ availableQuantity }) => availableQuantity)].filter((one) => one !== undefined)
    return {
      route: { model: 'inventory', offerIds: own.map(({ offerId }) => offerId) },
      quantity: shown.length === 0 ? undefined : Math.min(...shown),
      byLocation: (stock?.availabilityDistributions.length ?? 0) > 0,
    }
  })
  return items.flatMap(([sku], at) => {
    const one = found[at]
    return one === undefined ? [] : [[sku, one] as const]
  })
}

function isOnSale({ status, format }: WireOffer): boolean {
  return status === 'PUBLISHED' && format !== 'AUCTION'
}

type ReadItem = readonly [sku: string, item: WireBulkItem | ConnectorError]

/** What the inventory model has of these SKUs; those that it does not have are absent, what it did not say is an error. */
async function readItems(client: EbayClient, skus: readonly string[], signal: AbortSignal): Promise<readonly ReadItem[]> {
  const body = { requests: skus.map((sku) => ({ sku })) }
  const read: ReadItem[] = []
  try {
    const call = { api: 'inventory', method: 'post', path: '/bulk_get_inventory_item', body } as const
    const { responses } = await client.rest(call, wireBulkItems, signal)
    const entries = new Map(responses.map((entry) => [entry.sku, entry]))
    for (const sku of skus) {
      const entry = entries.get(sku)
      // It says nothing of the SKU: neither that it is there, nor that it is not.
      const isUnclear = entry === undefined || isFault(entry)
      if (entry !== undefined && entry.statusCode < 300) read.push([sku, entry])
      else if (isUnclear && skus.length > 1) read.push(...(await readItems(client, [sku], signal)))
      else if (isUnclear && entry !== undefined) read.push([sku, notSaid(client, sku, entry)])
    }
  } catch (error) {
    if (!(error instanceof PermanentError) || error.status !== 400) throw error
    // One SKU that eBay does not take for one must not hide the others. Alone, it cannot be one of its listings.
    if (skus.length === 1 && !isNoSku(error)) throw error
    if (skus.length > 1) for (const sku of skus) read.push(...(await readItems(client, [sku], signal)))
  }
  return read
}

function isFault({ statusCode, errors }: WireBulkItem): boolean {
  return statusCode >= 500 || errors.some(({ errorId }) => isPassingCode(String(errorId)))
}

function notSaid({ gate }: EbayClient, sku: string, { statusCode }: WireBulkItem): ConnectorError {
  const what = `answered ${statusCode}: not known whether the inventory model has the SKU ${sku}`
  return new RetryableError(what, { account: gate.account, operation: 'inventory/bulk_get_inventory_item' })
}

/** Of a wrong header eBay says 25709 too, which would be true of every SKU. */
function isNoSku(error: PermanentError): boolean {
  return error instanceof Refusal && error.codes.some((code) => noSku.has(code)) && !/\bheader\b/i.test(error.message)
}

/** The offers of a SKU, or why eBay does not tell them. */
async function readOffers(client: EbayClient, sku: string, signal: AbortSignal): Promise<readonly WireOffer[] | PermanentError> {
  try {
    const call = { api: 'inventory', method: 'get', path: '/offer', query: { sku, limit: '100' } } as const
    return (await client.rest(call, wireOffers, signal)).offers
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error
    return error.status === 404 ? [] : error
  }
}
