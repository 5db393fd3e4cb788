/** Between two columns. */
const GAP = 2
/** A column is not made narrower than this for the sake of words that are longer: they are ids, places and times. */
const LEAST_OF_TEXT = 24

/**
 * Widths of the columns so that a row fits into `most` characters: the widest columns are narrowed, as far as their words allow, and
 * their cells take several lines. Undefined where nothing has to be narrowed, or nothing can be.
 */
export function fittingWidths(rows: readonly (readonly (string | number)[])[], most: number): readonly number[] | undefined {
  const cells = rows.map((row) => row.map(String))
  const count = Math.max(0, ...cells.map((row) => row.length))
  const widest = (measure: (cell: string) => number) =>
    Array.from({ length: count }, (_, column) => Math.max(1, ...cells.map((row) => measure(row[column] ?? ''))))
  const widths = widest((cell) => cell.length)
  const least = widest((cell) => Math.max(...cell.split(' ').map((word) => word.length))).map((word, column) =>
    Math.min(widths[column] ?? word, Math.max(word, Math.min(LEAST_OF_TEXT, widths[column] ?? word))),
  )
  let over = widths.reduce((sum, width) => sum + width + GAP, -GAP) - most
  if (over <= 0) return undefined
  const before = [...widths]
  while (over > 0) {
    const column = widestAbove(widths, least)
    if (column === undefined) break
    widths[column] = (widths[column] ?? 0) - 1
    over -= 1
  }
  return widths.some((width, column) => width !== before[column]) ? widths : undefined
}

function widestAbove(widths: readonly number[], least: readonly number[]): number | undefined {
  let found: number | undefined
  for (const [column, width] of widths.entries()) {
    if (width <= (least[column] ?? width)) continue
    if (found === undefined || width > (widths[found] ?? 0)) found = column
  }
  return found
}
