import { parse } from 'csv-parse/sync'

/** One line of an import that the platform did not take. */
export interface RefusedLine {
  /** As the report spells it, without blanks around it. */
  readonly sku: string | undefined
  /** The report's own number; whether the header counts is not documented. */
  readonly line: number | undefined
  /** In the marketplace's words and language, as they are. */
  readonly reason: string
}

const SKU_NAMES = ['offer sku', 'shop sku', 'sku']
const LINE_NAMES = ['error line', 'line number', 'line']
const REASON_NAMES = ['error message', 'error reason', 'error', 'message', 'reason']

interface Columns {
  readonly sku: number | undefined
  readonly line: number | undefined
  readonly reason: number | undefined
}

/**
 * STO03. Its columns are not in the vendor's model, so they are found by their names; a report without names has the line number first and
 * the reason second, as the vendor's prose says (contract section 6). Undefined when the text is no table at all.
 */
export function readErrorReport(text: string): readonly RefusedLine[] | undefined {
  const records = recordsOf(text)
  const [first] = records ?? []
  if (records === undefined || (first !== undefined && first.length < 2)) return undefined
  const names = columnsOf(first ?? [])
  const rows = names === undefined ? records : records.slice(1)
  const columns = names ?? { sku: undefined, line: 0, reason: 1 }
  return rows.map((cells) => ({
    sku: cellOf(cells, columns.sku),
    line: lineOf(cellOf(cells, columns.line)),
    reason: cellOf(cells, columns.reason) ?? 'no reason given',
  }))
}

function recordsOf(text: string): string[][] | undefined {
  const header = text.slice(0, text.search(/[\r\n]|$/))
  // A page of something between us and the marketplace.
  if (/^\uFEFF?\s*</.test(header)) return undefined
  const delimiter = [';', ',', '\t'].toSorted((a, b) => header.split(b).length - header.split(a).length)[0]
  try {
    return parse(text, {
      bom: true,
      ...(delimiter === undefined ? {} : { delimiter }),
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      trim: true,
    })
  } catch {
    return undefined
  }
}

/** Undefined when the first record is no header: it begins with a number. */
function columnsOf(first: readonly string[]): Columns | undefined {
  if (/^\d+$/.test(first[0] ?? '')) return undefined
  const names = first.map((name) =>
    name
      .toLowerCase()
      .replace(/[^a-z]+/g, ' ')
      .trim(),
  )
  const at = (wanted: readonly string[]) => wanted.map((name) => names.indexOf(name)).find((i) => i >= 0)
  const columns = { sku: at(SKU_NAMES), line: at(LINE_NAMES), reason: at(REASON_NAMES) }
  if (columns.line !== undefined || columns.sku !== undefined) return { ...columns, reason: columns.reason ?? 1 }
  return { sku: undefined, line: 0, reason: columns.reason ?? 1 }
}

function cellOf(cells: readonly string[], column: number | undefined): string | undefined {
  const text = column === undefined ? undefined : cells[column]?.trim()
  return text === '' ? undefined : text
}

function lineOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

/** Whether the reason is that the shop has no such offer. Words within SKUs must have been taken out. */
export function saysUnlisted(reason: string): boolean {
  return OFFER.test(reason) && MISSING.test(reason) && !WAREHOUSE.test(reason)
}

const OFFER = /\b(offers?|offres?|ofertas?|offert[ae]|angebote?|aanbieding|sku)\b/i
const WAREHOUSE = /warehouse|entrep[oô]t|lager|almac[eé]n|magazzino|magazijn/i
const MISSING = new RegExp(
  [
    /\b(not found|no such|no offers?|(does|do) ?n[o'’]t exist|(can ?not|could not) be found|is unknown|unknown (shop )?(offer|sku))\b/,
    /\b(introuvables?|offres? inconnues?|n['’]existe pas)\b/,
    /\b(existiert nicht|nicht gefunden|nicht vorhanden|unbekanntes angebot|bestaat niet|niet gevonden)\b/,
    /\b(no existe|no encontrad[ao]|non esiste|non trovat[ao])\b/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'i',
)
