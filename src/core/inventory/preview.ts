import type { InventorySettings, Run } from '../context.ts'
import { publicationsBetween, publicationsOf } from '../db/publications.ts'
import { type CountedStockRow, countedStockAfter, countedStockOf, stockOf } from '../db/stock.ts'
import type { StockStory } from './explain.ts'
import { isChanged, type PreviewRow, previewRows } from './preview-rows.ts'
import { loadRuleBook, type RuleBook } from './rules.ts'

const CHUNK = 1_000

export interface PreviewFilter {
  /** Only these SKUs; undefined: all. */
  readonly skus?: readonly string[]
  readonly channels?: readonly string[]
  /** Only what differs from what the channel last took. */
  readonly changed: boolean
}

/** What every channel would be told of the stock at hand, SKU by SKU, with the reasons. Reads only; leaves out SKUs without a number. */
export async function* previewStock(
  run: Pick<Run, 'db' | 'settings' | 'clock' | 'log'>,
  filter: PreviewFilter,
): AsyncIterable<readonly PreviewRow[]> {
  const book = await loadRuleBook(run)
  const { carry } = book.effective
  if (filter.skus !== undefined) {
    const rows = await countedStockOf(run.db, carry, filter.skus)
    yield rowsOf(book, filter, rows, await publicationsOf(run.db, filter.skus))
    return
  }
  for (let after = ''; ; ) {
    const rows = await countedStockAfter(run.db, carry, after, CHUNK)
    const to = rows.at(-1)?.sku
    if (to === undefined) return
    yield rowsOf(book, filter, rows, await publicationsBetween(run.db, after, to))
    after = to
  }
}

/** SKUs of these that no reading of the stock has shown. */
export async function unknownSkus(run: Pick<Run, 'db'>, skus: readonly string[]): Promise<readonly string[]> {
  const known = new Set((await stockOf(run.db, 'since_sync', skus)).map(({ sku }) => sku))
  return skus.filter((sku) => !known.has(sku))
}

/** How a row's stock came about, for the explanation. Undefined: no number may be made of it. */
export function storyOf(
  row: CountedStockRow,
  { inactiveItems, source }: Pick<InventorySettings, 'inactiveItems' | 'source'>,
): StockStory | undefined {
  if (row.state === 'duplicate' || (row.state === 'inactive' && inactiveItems === 'keep')) return undefined
  if (row.state === 'inactive')
    return { told: 0, source: `${source}: inactive, ${row.available} in stock`, deducted: 0, orders: 0 }
  const doubt =
    row.state === 'unknown'
      ? ', last known: no number came since'
      : row.state === 'missing'
        ? ', last known: not shown since'
        : ''
  return { told: row.available, source: `${source}${doubt}`, deducted: 0 - row.moved, orders: row.orders }
}

function rowsOf(
  book: RuleBook,
  { channels, changed }: PreviewFilter,
  rows: readonly CountedStockRow[],
  publications: readonly { readonly channel: string; readonly sku: string; readonly accepted: number | null }[],
): PreviewRow[] {
  const accepted = new Map(publications.map((row) => [`${row.channel} ${row.sku}`, row.accepted ?? undefined]))
  return rows.flatMap((row) => {
    const story = storyOf(row, book.effective)
    if (story === undefined) return []
    const rules = book.rulesFor(row.sku, row.brand, row.category)
    return previewRows(row.sku, story, rules, (channel) => accepted.get(`${channel} ${row.sku}`)).filter(
      (one) => (channels === undefined || channels.includes(one.channel)) && (!changed || isChanged(one)),
    )
  })
}
