import type { Run } from '../context.ts'
import { type StockRow, stockByItemIds } from '../db/stock.ts'
import { namedStockRun, type StockRunReport } from '../inventory/stock-runs.ts'
import type { StockItem } from '../model/stock.ts'
import type { StockHint } from '../model/trigger.ts'
import type { MarketplaceConnector } from '../ports/marketplace.ts'
import type { StockPage, StockSource } from '../ports/stock-source.ts'
import type { DeliveryResult, Read, Results } from './hands.ts'
import { retryOf } from './retry.ts'

/** Items of one request to the source. */
const MOST_ITEMS = 100

/** Reads the items that were spoken of anew, or takes what was told of them where that may be believed, and publishes them. */
export async function takeStock(
  run: Run,
  source: StockSource | undefined,
  connectors: readonly MarketplaceConnector[],
  reads: readonly Read<'stock'>[],
): Promise<Results> {
  const results: Results = new Map()
  if (source === undefined) {
    for (const { delivery } of reads) results.set(delivery.id, { status: 'done', outcome: 'no stock source is configured' })
    return results
  }
  const hints = reads.flatMap(({ trigger }) => trigger.items)
  const pages = pagesOf(run, source, hints)
  const report = await namedStockRun(run, { connectors, overrideBrake: false, pages })
  for (const { delivery } of reads) results.set(delivery.id, resultOf(report, delivery.attempts))
  return results
}

function resultOf({ reading, problems, published, verdict }: StockRunReport, attempts: number): DeliveryResult {
  if (reading === undefined) return retryOf({ channel: 'zoho', errors: problems }, attempts)
  const read = `${reading.counts.items} item(s) read, ${reading.counts.changed} changed`
  if (reading.brake !== undefined) return { status: 'done', outcome: `${read}; a brake holds them: ${reading.brake.what}` }
  if (published === undefined) return { status: 'done', outcome: read }
  // What a channel did not take yet stays due by itself.
  return { status: 'done', outcome: `${read}; published: ${verdict}` }
}

/** What was told counts from when it was told; everything else is read. */
async function* pagesOf(run: Run, source: StockSource, hints: readonly StockHint[]): AsyncIterable<StockPage> {
  const told = await toldItems(run, hints)
  for (const { item, at } of told.values()) yield { items: [item], readAt: at }
  const ids = new Set<string>()
  const skus = new Set<string>()
  for (const { itemId, sku } of hints) {
    if (itemId !== undefined && !told.has(itemId)) ids.add(itemId)
    if (itemId === undefined && sku !== undefined) skus.add(sku)
  }
  for (const chunk of chunks([...ids])) yield withoutEnd(await source.itemsById(chunk, run.signal))
  for (const chunk of chunks([...skus])) yield withoutEnd(await source.itemsBySku(chunk, run.signal, 'by a message'))
  yield { items: [], readAt: run.clock.now(), end: 'whole' }
}

/** By item id: the youngest that was told of an item we know, unless something younger is known already. */
async function toldItems(
  run: Run,
  hints: readonly StockHint[],
): Promise<ReadonlyMap<string, { readonly item: StockItem; readonly at: number }>> {
  const newest = new Map<string, NonNullable<StockHint['told']>>()
  for (const { itemId, told } of hints) {
    if (itemId === undefined || told === undefined) continue
    if ((newest.get(itemId)?.at ?? -1) < told.at) newest.set(itemId, told)
  }
  const items = new Map<string, { readonly item: StockItem; readonly at: number }>()
  for (const chunk of chunks([...newest.keys()])) {
    for (const row of await stockByItemIds(run.db, chunk)) {
      const told = newest.get(row.item_id)
      // A number from the future would keep every true one out.
      if (told === undefined || row.state !== 'tracked' || told.at <= row.read_at || told.at > run.clock.now()) continue
      const item = itemOf(row, told.available)
      if (item !== undefined) items.set(row.item_id, { item, at: told.at })
    }
  }
  return items
}

function itemOf(row: Omit<StockRow, 'moved'>, available: string): StockItem | undefined {
  const units = /^-?\d{1,12}/.exec(available)?.[0]
  if (units === undefined) return undefined
  const fraction = /^-?\d+\.(?=.*[1-9])/.test(available)
  return {
    itemId: row.item_id,
    sku: row.sku,
    name: row.name ?? '',
    kind: 'tracked',
    available: Number(units) - (fraction && available.startsWith('-') ? 1 : 0),
    fields: { told_by_webhook: available },
    ...(row.brand === null ? {} : { brand: row.brand }),
    ...(row.category === null ? {} : { category: row.category }),
  }
}

/** Every page of named items says that it is whole; the reading has one end. A short one ends it. */
function withoutEnd({ items, readAt, end, reason }: StockPage): StockPage {
  return end === 'short' ? { items, readAt, end, ...(reason === undefined ? {} : { reason }) } : { items, readAt }
}

function chunks(values: readonly string[]): readonly (readonly string[])[] {
  const count = Math.ceil(values.length / MOST_ITEMS)
  return Array.from({ length: count }, (_, n) => values.slice(n * MOST_ITEMS, (n + 1) * MOST_ITEMS))
}
