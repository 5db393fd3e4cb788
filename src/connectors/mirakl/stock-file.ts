import { createHash } from 'node:crypto'
import { stringify } from 'csv-stringify/sync'
import type { QuantityUpdate } from '../../core/model/stock.ts'

/** What a stock file says, without its text (contract section 6). */
export interface StockFile {
  /** In the order of the file's lines; the first stands under the header. */
  readonly rows: readonly QuantityUpdate[]
  /** Short digest of all rows: tells whether the same file would be made again. */
  readonly digest: string
}

/** A hand-over as it is remembered: which import, and by what to know its file again. */
export interface ImportKey {
  readonly importId: string
  readonly lines: number
  readonly digest: string
}

const COLUMNS = ['offer-sku', 'quantity', 'warehouse-code', 'update-delete']
const BOUNDARY = 'isync-stock-file'
/** Rows made into text at a time: the writer needs many times the room of what it writes. */
const CHUNK = 1000
const DIGEST_LENGTH = 16
const MOST_SKU_CHARACTERS = 40
const LARGEST_QUANTITY = 2 ** 31 - 1

/** Sorted by SKU, so that the file can be made again from its items alone, whatever order they come back in. */
export function stockFileOf(items: readonly QuantityUpdate[]): StockFile {
  const rows = items.toSorted((a, b) => compare(a.sku, b.sku) || a.quantity - b.quantity)
  const hash = createHash('sha256')
  // No SKU has a line break in it.
  for (const { sku, quantity } of rows) hash.update(`${sku}\n${quantity}\n`)
  return { rows, digest: hash.digest('hex').slice(0, DIGEST_LENGTH) }
}

/** Why this quantity cannot stand in a stock file; undefined when it can. The platform's rules for SKUs: contract section 6. */
export function skuFlawOf({ sku }: QuantityUpdate): string | undefined {
  if (sku === '') return 'the SKU is empty'
  if ([...sku].length > MOST_SKU_CHARACTERS) return `Mirakl takes SKUs of at most ${MOST_SKU_CHARACTERS} characters`
  if (sku.includes('/')) return "Mirakl takes no SKU with a '/' in it"
  if (/[\p{Cc}\u2028\u2029]/u.test(sku)) return 'the SKU has a line break or another control character in it'
  return undefined
}

/** Why this quantity cannot stand in a stock file; undefined: it can. */
export function quantityFlawOf({ quantity }: QuantityUpdate): string | undefined {
  if (!Number.isInteger(quantity) || quantity < 0 || quantity > LARGEST_QUANTITY)
    return `${quantity} is not a whole number of units from 0 to ${LARGEST_QUANTITY}`
  return undefined
}

/**
 * The file as the form field `file`. No warehouse: the quantity is that of the whole offer. No update-delete: blank means update. No line of
 * it can be taken for the boundary: each begins with a quotation mark.
 */
export function formOf({ rows }: StockFile): { readonly contentType: string; readonly bytes: Buffer } {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="stock.csv"\r\nContent-Type: text/csv\r\n\r\n`
  const parts = [Buffer.from(head), csvOf([COLUMNS])]
  for (let i = 0; i < rows.length; i += CHUNK)
    parts.push(csvOf(rows.slice(i, i + CHUNK).map(({ sku, quantity }) => [sku, String(quantity), '', ''])))
  parts.push(Buffer.from(`\r\n--${BOUNDARY}--\r\n`))
  return { contentType: `multipart/form-data; boundary=${BOUNDARY}`, bytes: Buffer.concat(parts) }
}

function csvOf(records: readonly (readonly string[])[]): Buffer {
  return Buffer.from(stringify([...records], { delimiter: ';', quoted: true, quoted_empty: true }), 'utf8')
}

/** `2:0f1e2d3c4b5a6978:4711`. */
export function keyText({ importId, lines, digest }: ImportKey): string {
  return `${lines}:${digest}:${importId}`
}

export function parseKey(text: string): ImportKey | undefined {
  const [, lines, digest, importId] = /^(\d+):([0-9a-f]+):(.+)$/s.exec(text) ?? []
  if (lines === undefined || digest === undefined || importId === undefined) return undefined
  return { importId, lines: Number(lines), digest }
}

/** By code units: the same on every machine. */
function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
