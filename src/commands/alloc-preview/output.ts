import type { PreviewRow } from '../../core/inventory/preview-rows.ts'
import { printable } from '../../core/privacy/printable.ts'
import type { Output } from '../shell/print.ts'

/** Rows as a table. */
export function printRows(output: Output, rows: readonly PreviewRow[]): void {
  output.table(
    ['sku', 'channel', 'available', 'safety', 'base', 'ratio', 'raw', 'cap', 'final', 'published', 'difference', 'why'],
    rows.map((row) => [
      row.sku ?? '-',
      row.channel,
      row.available,
      row.safety_stock,
      row.base,
      row.ratio,
      row.raw,
      row.cap,
      row.final,
      row.published ?? '-',
      row.difference ?? '-',
      row.by.join(', '),
    ]),
  )
}

/** How each number came about, step by step. */
export function printReasons(output: Output, rows: readonly PreviewRow[]): void {
  for (const { sku, channel, final, why } of rows) {
    output.line()
    output.line(`${sku === null ? '' : `${printable(sku)} on `}${channel} is told ${final}:`)
    for (const line of why) output.line(`  ${printable(line)}`)
  }
}

const columns = [
  'sku',
  'channel',
  'available',
  'safety_stock',
  'base',
  'ratio',
  'raw',
  'cap',
  'final',
  'published',
  'difference',
  'why',
]

/** Writes rows as CSV, chunk by chunk, the head before the first. */
export async function createCsv(output: Output): Promise<(rows: readonly PreviewRow[]) => void> {
  const { stringify } = await import('csv-stringify/sync')
  output.line(columns.join(','))
  return (rows) => {
    const cells = rows.map((row) => ({
      ...row,
      sku: asText(row.sku ?? ''),
      channel: asText(row.channel),
      why: asText(row.why.join('; ')),
    }))
    if (cells.length > 0) output.line(stringify(cells, { columns }).trimEnd())
  }
}

/** A spreadsheet runs what begins like a formula; an apostrophe makes text of it. */
function asText(cell: string): string {
  return /^[=+\-@\t\r\0]/.test(cell) ? `'${cell}` : cell
}
