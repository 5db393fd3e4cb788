import { createHash } from 'node:crypto'
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import type { FileSettings } from './settings.ts'

/** A row by the names of our columns; cells are trimmed, absent ones are absent. Columns that we do not know keep the partner's names. */
export type Row = Readonly<Record<string, string>>

/** The rows of one order, in the order of the file. */
export interface RowGroup {
  /** '' where the file names none. */
  readonly orderId: string
  readonly rows: readonly Row[]
  /** What is wrong with one of the rows as a row; names columns and numbers, never values. */
  readonly flaw?: string
}

/** What a file holds, or why none of it can be believed. */
export type Table = { readonly groups: readonly RowGroup[] } | { readonly flaw: string }

/** What a spreadsheet is told by, in the first line: `sep=;`. */
const SEPARATOR_LINE = /^\uFEFF?sep=.\r?\n/i
/** A file without these is not one of ours. */
const NEEDED = ['order_id', 'sku', 'quantity']

/** A file with orders (RFC 4180; a byte order mark, LF or CRLF, and quotes inside an unquoted cell are fine). */
export function readTable(bytes: Buffer, settings: FileSettings): Table {
  const text = decoded(bytes, settings.encoding)
  if (text === undefined) return { flaw: `the text is not ${settings.encoding}; file.encoding says how it is read` }
  const records = recordsOf(text.replace(SEPARATOR_LINE, ''), settings.delimiter)
  if (typeof records === 'string') return { flaw: records }
  const [header, ...rows] = records
  if (header === undefined) return { flaw: 'the file has no header' }
  const names = namesOf(header, settings.columns)
  const missing = NEEDED.filter((name) => !names.includes(name))
  if (missing.length > 0) return { flaw: `columns are missing: ${missing.join(', ')}; see file.delimiter and file.columns` }
  const twice = names.find((name, i) => name !== '' && names.indexOf(name) !== i)
  if (twice !== undefined) return { flaw: 'two columns have the same name' }
  // Cut by its writer or on the way: nobody knows which rows of its orders are gone.
  if ((rows.at(-1)?.length ?? names.length) < names.length) return { flaw: 'the file ends in the middle of a row' }
  return { groups: grouped(rows, names) }
}

function grouped(rows: readonly (readonly string[])[], names: readonly string[]): readonly RowGroup[] {
  const groups = new Map<string, { rows: Row[]; flaw?: string }>()
  for (const [i, cells] of rows.entries()) {
    const row = rowOf(cells, names)
    const orderId = row['order_id'] ?? ''
    // Rows without an order have nothing to do with each other.
    const key = orderId === '' ? `\n${i}` : orderId
    const group = groups.get(key) ?? { rows: [] }
    group.rows.push(row)
    if (cells.length !== names.length) group.flaw ??= `row ${i + 2} has ${cells.length} cells, the header ${names.length}`
    groups.set(key, group)
  }
  return [...groups].map(([key, group]) => ({ orderId: key.startsWith('\n') ? '' : key, ...group }))
}

function rowOf(cells: readonly string[], names: readonly string[]): Row {
  const row: Record<string, string> = Object.create(null)
  for (const [i, cell] of cells.entries()) {
    const value = cell.trim()
    if (value !== '') row[names[i] ?? `cell_${i + 1}`] = value
  }
  return row
}

/** `Order No` -> order_id by the table, `Ship City` -> ship_city by itself. */
function namesOf(header: readonly string[], columns: FileSettings['columns']): readonly string[] {
  const own = new Map(Object.entries(columns).map(([ours, theirs]) => [theirs.trim().toLowerCase(), ours]))
  return header.map((cell) => {
    const plain = cell.trim().toLowerCase()
    return own.get(plain) ?? plain.replace(/[\s-]+/g, '_')
  })
}

function recordsOf(text: string, delimiter: string): readonly (readonly string[])[] | string {
  try {
    return parse(text, {
      delimiter,
      bom: true,
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
    })
  } catch (error) {
    // The reader's own words quote the row.
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    return `the file cannot be read to its end as CSV (${code}); none of it is used`
  }
}

/** Excel's "Unicode text" is UTF-16; everything else is as the channel's settings say. Undefined: it is not. */
function decoded(bytes: Buffer, encoding: FileSettings['encoding']): string | undefined {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe
  try {
    return new TextDecoder(isUtf16 ? 'utf-16le' : encoding, { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** What goes out: UTF-8, CRLF, quotes where they are needed, a header. */
export function writeTable(columns: readonly string[], rows: readonly (readonly string[])[], delimiter: string): Buffer {
  return Buffer.from(stringify([columns, ...rows.map((row) => [...row])], { delimiter, record_delimiter: '\r\n' }), 'utf8')
}

/** Rows of a file that {@link writeTable} has written, without the header. */
export function readOwnTable(bytes: Buffer, delimiter: string): readonly (readonly string[])[] {
  const records = recordsOf(bytes.toString('utf8'), delimiter)
  return typeof records === 'string' ? [] : records.slice(1)
}

/** The first `length` hex digits of the SHA-256. */
export function digestOf(content: string | Buffer, length: number): string {
  return createHash('sha256').update(content).digest('hex').slice(0, length)
}
