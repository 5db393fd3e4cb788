import { RetryableError } from '../../core/errors.ts'
import type { EbayClient, TradingCall } from './client.ts'
import type { TradingItem } from './route.ts'
import { type WireActiveList, wireActiveList } from './wire.ts'

/** Listings of one page. */
export const LIST_SIZE = 200
/** More pages than any seller has listings for: a list that does not end is a fault. */
const MOST_PAGES = 2000
/** Starts of one reading. */
const MOST_STARTS = 5

/** The active listings of the Trading API by SKU. */
export type ActiveList = ReadonlyMap<string, { readonly items: readonly TradingItem[]; readonly quantity: number | undefined }>

/**
 * Every active listing by its SKU, or by those of its variations: the only way from a SKU to an ItemID. A listing that ends, or begins,
 * while the pages are read moves those behind it by one place, so that one may be stepped over. Then the list is read again.
 */
export async function readActiveList(client: EbayClient, signal: AbortSignal): Promise<ActiveList> {
  for (let start = 1; start <= MOST_STARTS; start += 1) {
    const found = await readAll(client, signal)
    if (found !== 'moved') return found
  }
  const facts = { account: client.gate.account, operation: 'GetMyeBaySelling' }
  throw new RetryableError('listings kept leaving the pages while they were read', facts)
}

async function readAll(client: EbayClient, signal: AbortSignal): Promise<ActiveList | 'moved'> {
  const found = new Map<string, { items: TradingItem[]; quantity: number | undefined }>()
  let total: string | undefined
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const call: TradingCall = {
      api: 'trading',
      call: 'GetMyeBaySelling',
      fields: {
        DetailLevel: 'ReturnAll',
        ActiveList: { Include: 'true', Pagination: { EntriesPerPage: String(LIST_SIZE), PageNumber: String(page) } },
      },
      purse: 'stock',
    }
    const { body } = await client.trading(call, signal)
    const { ActiveList: list } = client.parse(call, body, wireActiveList)
    const counted = list?.PaginationResult?.TotalNumberOfEntries
    if (page > 1 && counted !== total) return 'moved'
    total = counted
    for (const { sku, item, quantity } of skusIn(list)) {
      const one = found.get(sku) ?? { items: [], quantity }
      // One row of a call may name a listing once.
      if (!one.items.some(({ itemId }) => itemId === item.itemId)) one.items.push(item)
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
