import { readCsv } from './csv.ts'
import type { LineError, StockImport } from './imports.ts'
import type { Account } from './model.ts'
import { isOfferSku } from './offer-seed.ts'
import { type Offer, setQuantity } from './offers.ts'

const REQUIRED = ['offer-sku', 'quantity']
const COLUMNS = [...REQUIRED, 'warehouse-code', 'update-delete']
const LARGEST = 2 ** 31 - 1

interface Line {
  readonly sku: string
  readonly quantity: string
  readonly warehouse: string
  readonly action: string
}

/**
 * Puts a stock file into effect, line by line: a bad line fails alone (section 6). Undefined when the file as a whole cannot be read: not
 * UTF-8, not this format, columns missing or strange. The vendor does not publish the words of its reasons; these are ours.
 */
export function takeStockFile(
  account: Account,
  { file, shopId }: StockImport,
  at: number,
): { readonly lines: number; readonly errors: readonly LineError[] } | undefined {
  const text = decode(file)
  const [header, ...rows] = (text === undefined ? undefined : readCsv(text)) ?? []
  if (header === undefined || REQUIRED.some((name) => !header.includes(name))) return undefined
  if (header.some((name) => !COLUMNS.includes(name))) return undefined

  const errors: LineError[] = []
  const seen = new Set<string>()
  let previous: string | undefined
  for (const [i, cells] of rows.entries()) {
    const line = lineOf(header, cells)
    const isApart = line.sku !== previous && seen.has(line.sku)
    const reason =
      cells.length === header.length
        ? judge(account, shopId, line, isApart, at)
        : `The line has ${cells.length} columns instead of ${header.length}`
    if (reason !== undefined) errors.push({ line: i + 1, reason, cells })
    previous = line.sku
    seen.add(line.sku)
  }
  return { lines: rows.length, errors }
}

function decode(file: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(file)
  } catch {
    return undefined
  }
}

function lineOf(header: readonly string[], cells: readonly string[]): Line {
  const cell = (name: string) => (header.includes(name) ? (cells[header.indexOf(name)] ?? '') : '')
  return { sku: cell('offer-sku'), quantity: cell('quantity'), warehouse: cell('warehouse-code'), action: cell('update-delete') }
}

/** Applies the line, or says why not. */
function judge(account: Account, shopId: number, line: Line, isApart: boolean, at: number): string | undefined {
  const { sku, quantity, warehouse, action } = line
  if (sku === '') return 'The offer SKU is mandatory'
  if (!isOfferSku(sku)) return 'The offer SKU is invalid'
  if (isApart) return 'The lines of an offer must follow each other'
  const offer = account.offers.find(shopId, sku)
  if (offer === undefined || !offer.listed) return `The offer with SKU '${sku}' does not exist`
  if (offer.refusal !== undefined) return offer.refusal
  if (!['', 'update', 'delete'].includes(action.toLowerCase())) return `Unknown action '${action}'`
  if (warehouse !== '' && !account.settings.warehouses.includes(warehouse)) return `The warehouse '${warehouse}' does not exist`
  const isDelete = action.toLowerCase() === 'delete'
  // A decimal comma, a sign and a fraction are no whole number.
  if (!isDelete && (!/^\d+$/.test(quantity) || Number(quantity) > LARGEST)) return `The quantity '${quantity}' is invalid`
  apply(offer, warehouse, isDelete ? undefined : Number(quantity), at)
  return undefined
}

/** Without a warehouse the quantity is that of the whole offer; with one, the offer's is the sum. Deleted stock is none. */
function apply(offer: Offer, warehouse: string, quantity: number | undefined, at: number): void {
  if (warehouse === '') {
    offer.warehouses = undefined
    setQuantity(offer, quantity ?? 0, at, 'import')
    return
  }
  const parts = new Map(offer.warehouses)
  if (quantity === undefined) parts.delete(warehouse)
  else parts.set(warehouse, quantity)
  offer.warehouses = parts
  const sum = [...parts.values()].reduce((total, part) => total + part, 0)
  setQuantity(offer, sum, at, 'import')
}
