import { toMinor } from '../../core/model/money.ts'
import type { FileSettings } from './settings.ts'
import type { Row } from './tables.ts'

/** Cells of one order, and how they are to be read. Every reader throws RangeError that names the column and never the value. */
export interface Cells {
  readonly row: Row
  readonly settings: Pick<FileSettings, 'decimal' | 'spreadsheetGuard'>
}

/** `9.00719E+18`: what a spreadsheet shows, and saves, of a number with more than eleven digits. */
const SHORTENED = /^\d(?:[.,]\d+)?e\+?\d+$/i
/** A spreadsheet keeps fifteen digits of a number and writes zeros for the rest. */
const ZEROED = /^\d{15}0{4,}$/

/** A cell that must be there. */
export function needed({ row }: Cells, column: string): string {
  const value = row[column]
  if (value === undefined) throw new RangeError(`${column}: empty`)
  return value
}

/** An id, as text: no digit is touched. */
export function idOf(cells: Cells, column: string): string | undefined {
  const value = cells.row[column]
  if (value === undefined || !cells.settings.spreadsheetGuard) return value
  if (SHORTENED.test(value)) throw new RangeError(`${column}: a spreadsheet has shortened a long number (it reads like 9.00E+18)`)
  if (ZEROED.test(value))
    throw new RangeError(
      `${column}: a spreadsheet may have replaced the digits after the fifteenth by zeros; file.spreadsheet_guard: false where such ids are real`,
    )
  return value
}

/** Whole units, 0 or more. */
export function unitsOf(cells: Cells, column: string): number {
  const value = needed(cells, column)
  if (!/^\d{1,9}$/.test(value)) throw new RangeError(`${column}: not a whole number of units`)
  return Number(value)
}

/** Minor units; an empty cell is nothing. A thousands separator is not guessed at. */
export function amountOf({ row, settings }: Cells, column: string, currency: string): number {
  const value = row[column]
  if (value === undefined) return 0
  const pattern = settings.decimal === ',' ? /^\d+(?:,\d+)?$/ : /^\d+(?:\.\d+)?$/
  if (!pattern.test(value))
    throw new RangeError(`${column}: not an amount with a decimal ${settings.decimal === ',' ? 'comma' : 'point'}`)
  try {
    return toMinor(value.replace(',', '.'), currency)
  } catch {
    throw new RangeError(`${column}: not an amount of this currency`)
  }
}

/** ISO 4217, known to this machine. */
export function currencyOf({ row }: Cells, fallback: string): string {
  const currency = (row['currency'] ?? fallback).toUpperCase()
  // A code that nobody has still gets two decimals from the platform.
  if (!Intl.supportedValuesOf('currency').includes(currency)) throw new RangeError('currency: not a currency code')
  return currency
}

/** `2026-11-22T06:50:00Z`, with an offset, or without one and then UTC; a bare date is its first moment. Epoch ms. */
export function instantOf({ row }: Cells, column: string): number | undefined {
  const value = row[column]
  if (value === undefined) return undefined
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)\s?(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(value)
  const [, day, time = '00:00', zone = 'Z'] = match ?? []
  const offset = zone.toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, '$1:$2')
  const at = Date.parse(`${day}T${time}${offset}`)
  if (match === null || Number.isNaN(at) || !new Date(`${day}T00:00Z`).toISOString().startsWith(`${day}`))
    throw new RangeError(`${column}: not a time such as 2026-11-22T06:50:00Z`)
  return at
}

/** yes, true, 1; no, false, 0; empty is no. */
export function yesOrNo({ row }: Cells, column: string): boolean {
  const value = row[column]?.toLowerCase()
  if (value === undefined || ['no', 'false', '0'].includes(value)) return false
  if (['yes', 'true', '1'].includes(value)) return true
  throw new RangeError(`${column}: neither yes nor no`)
}
