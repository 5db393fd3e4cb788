import { type Listing, liveQuantity } from './listing.ts'
import { invalidField, type TradingCall, type TradingResult } from './trading-reply.ts'
import { wholeNumber } from './wire.ts'
import { child, textOf, type Xml } from './xml.ts'

const MOST_PER_PAGE = 200
const DEFAULT_PER_PAGE = 25

/**
 * GetMyeBaySelling, its ActiveList only: the one way from a SKU to an ItemID (contract section 5.2). Listings of both models are on it, and
 * every Quantity is what was ever put up: what was sold of it is still in there.
 */
export function getMyeBaySelling(call: TradingCall): TradingResult {
  const asked = child(call.root, 'ActiveList') ?? {}
  if (textOf(asked, 'Include') === 'false') return {}
  const pagination = child(asked, 'Pagination') ?? {}
  const perPage = wholeNumber(textOf(pagination, 'EntriesPerPage') ?? String(DEFAULT_PER_PAGE)) ?? 0
  const page = wholeNumber(textOf(pagination, 'PageNumber') ?? '1') ?? 0
  if (perPage < 1 || perPage > MOST_PER_PAGE) return { faults: [invalidField('EntriesPerPage')] }
  if (page < 1) return { faults: [invalidField('PageNumber')] }
  const items = new Map<string, Listing[]>()
  for (const row of call.state.listings.of(call.account.user).filter(isForSale)) {
    const rows = items.get(row.itemId)
    if (rows === undefined) items.set(row.itemId, [row])
    else rows.push(row)
  }
  const shown = [...items.values()].slice((page - 1) * perPage, page * perPage)
  return {
    content: {
      ActiveList: {
        ItemArray: shown.length === 0 ? undefined : { Item: shown.map(itemXml) },
        PaginationResult: {
          TotalNumberOfPages: String(Math.ceil(items.size / perPage)),
          TotalNumberOfEntries: String(items.size),
        },
      },
    },
  }
}

function isForSale(listing: Listing): boolean {
  return liveQuantity(listing) !== undefined
}

/** A listing with variations has no SKU of its own. */
function itemXml(rows: readonly Listing[]): Xml {
  const [first] = rows
  if (first === undefined) return undefined
  const available = rows.reduce((units, row) => units + (liveQuantity(row) ?? 0), 0)
  const sold = rows.reduce((units, row) => units + row.bought, 0)
  return {
    BuyItNowPrice: { '@currencyID': first.currency, '#': first.price },
    ItemID: first.itemId,
    ListingType: 'FixedPriceItem',
    Quantity: String(available + sold),
    Title: first.title,
    SKU: first.variation === undefined ? first.sku : undefined,
    QuantityAvailable: String(available),
    Variations: first.variation === undefined ? undefined : { Variation: rows.map(variationXml) },
  }
}

function variationXml(row: Listing): Xml {
  return {
    SKU: row.sku,
    StartPrice: { '@currencyID': row.currency, '#': row.price },
    Quantity: String((liveQuantity(row) ?? 0) + row.bought),
    VariationSpecifics: { NameValueList: Object.entries(row.variation ?? {}).map(([Name, Value]) => ({ Name, Value })) },
    SellingStatus: { QuantitySold: String(row.bought) },
  }
}
