import { type Listing, refusalOf } from './listing.ts'
import { setLevels, takeRevision } from './stock.ts'
import { invalidField, type TradingCall, type TradingFault, type TradingResult } from './trading-reply.ts'
import { isRecord, type Json, wholeNumber } from './wire.ts'
import { children, textOf } from './xml.ts'

const MOST = 4

/** ReviseInventoryStatus (contract section 5.2): up to four rows, each by itself; the answer names the ones that took it. */
export function reviseInventoryStatus(call: TradingCall): TradingResult {
  const rows = children(call.root, 'InventoryStatus').map((row): Json => (isRecord(row) ? row : {}))
  if (rows.length === 0 || rows.length > MOST) return { faults: [invalidField('InventoryStatus', String(rows.length))] }
  const faults: TradingFault[] = []
  const taken: Listing[] = []
  for (const row of rows) {
    const listing = revise(call, row)
    if ('code' in listing) faults.push(named(listing, row))
    else taken.push(listing)
  }
  return {
    ...(faults.length === 0 ? {} : { faults }),
    partly: taken.length > 0,
    // Neither quantity nor price is echoed any more.
    content: { InventoryStatus: taken.map(({ itemId, sku }) => ({ ItemID: itemId, SKU: sku })) },
  }
}

/** Which row an error is about. */
function named(fault: TradingFault, row: Json): TradingFault {
  return { ...fault, parameters: [textOf(row, 'ItemID') ?? '', textOf(row, 'SKU') ?? ''] }
}

function revise(call: TradingCall, row: Json): Listing | TradingFault {
  const listing = rowOf(call, row)
  if ('code' in listing) return listing
  const text = textOf(row, 'Quantity') ?? ''
  const quantity = wholeNumber(text)
  if (quantity === undefined) return invalidField('Quantity', text)
  if (listing.model === 'inventory') {
    return {
      code: 21919474,
      short: 'Inventory-based listing management is not currently supported by this tool.',
      long: 'The listing is managed by the Inventory API and cannot be revised here.',
    }
  }
  const refusal = refusalOf(listing)
  if (refusal !== undefined) return { code: refusal.code, short: refusal.message }
  // Only German sellers are counted here.
  if (listing.site === 'EBAY_DE' && !takeRevision(call.state, listing))
    return { code: 21919165, short: 'Revisions of the day are used up.', long: 'The listing was revised 250 times today.' }
  setLevels(call.state, listing, { quantity }, 'ReviseInventoryStatus')
  return listing
}

/** A variation needs both ids; a SKU alone is enough where the seller tracks by SKU. */
function rowOf({ state, account }: TradingCall, row: Json): Listing | TradingFault {
  const itemId = textOf(row, 'ItemID')
  const sku = textOf(row, 'SKU')
  if (itemId === undefined) {
    const bySku = state.listings.bySku(account.user, sku ?? '').filter(({ tracking, ended }) => tracking === 'SKU' && !ended)
    return bySku[0] ?? noSuchItem()
  }
  const rows = state.listings.byItem(itemId).filter(({ user }) => user === account.user)
  const [first] = rows
  if (first === undefined) return noSuchItem()
  if (first.ended) return { code: 21916750, short: 'FixedPrice item ended.', long: 'The listing has ended.' }
  if (sku === undefined) return first.variation === undefined ? first : invalidField('SKU')
  return rows.find((each) => each.sku === sku) ?? invalidField('SKU', sku)
}

function noSuchItem(): TradingFault {
  return { code: 17, short: 'Item cannot be accessed.', long: 'The listing was deleted, or you are not its seller.' }
}
