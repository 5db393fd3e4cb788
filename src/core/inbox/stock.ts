import type { Run } from '../context.ts'
import { type StockRow, stockByItemIds, stockOf } from '../db/stock.ts'
import { ThrottledError } from '../errors.ts'
import { namedStockRun, type StockRunReport } from '../inventory/stock-runs.ts'
import { type StockItem, skuKeyOf } from '../model/stock.ts'
import type { StockHint } from '../model/trigger.ts'
import type { StockPage, StockSource } from '../ports/stock-source.ts'
import type { DeliveryResult, Read, Results } from './hands.ts'
import { retryOf } from './retry.ts'

/** Items of one request to the source. */
const MOST_ITEMS = 100
/** When the source has no call to spare until tomorrow, that may change before. */
const LONGEST_WAIT_MS = 15 * 60_000

/**
 * Reads the items that were spoken of anew, or takes what was told of them where that may be believed, and works out what every channel is to
 * show. To tell each of them is due then, and each one's own job: one that keeps us waiting must not keep the next message.
 */
export async function takeStock(run: Run, source: StockSource | undefined, reads: readonly Read<'stock'>[]): Promise<Results> {
  const results: Results = new Map()
  if (source === undefined) {
    for (const { delivery } of reads) results.set(delivery.id, { status: 'done', outcome: 'no stock source is configured' })
    return results
  }
  const told = await toldItems(
    run,
    reads.flatMap(({ trigger }) => trigger.items),
  )
  const [inHand, toRead] = parted(reads, ({ trigger }) => trigger.items.every(({ itemId }) => told.has(itemId ?? '')))
  // What was told waits for no call; and a reading that the calls to spare do not suffice for would be in vain.
  for (const own of [inHand, ...batchesOf(toRead)]) {
    if (run.signal.aborted || own.length === 0) continue
    const wait = { ms: 0 }
    const hints = own.flatMap(({ trigger }) => trigger.items)
    const pages = noting(pagesOf(run, source, hints, told), wait)
    const report = await namedStockRun(run, { connectors: [], overrideBrake: false, pages })
    for (const { delivery } of own) results.set(delivery.id, resultOf(report, delivery.attempts, wait.ms))
  }
  return results
}

function parted<T>(all: readonly T[], isOfFirst: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(isOfFirst), all.filter((one) => !isOfFirst(one))]
}

/** So many at once as one request takes. */
function batchesOf(reads: readonly Read<'stock'>[]): readonly (readonly Read<'stock'>[])[] {
  const batches: Read<'stock'>[][] = []
  let seen = new Set<string>()
  for (const read of reads) {
    const names = read.trigger.items.map(({ itemId, sku }) => itemId ?? sku ?? '')
    const both = new Set([...seen, ...names])
    const last = batches.at(-1)
    if (last !== undefined && both.size <= MOST_ITEMS) last.push(read)
    else batches.push([read])
    seen = last !== undefined && both.size <= MOST_ITEMS ? both : new Set(names)
  }
  return batches
}

/** Remembers for how long the source has no call to spare. */
async function* noting(pages: AsyncIterable<StockPage>, wait: { ms: number }): AsyncIterable<StockPage> {
  try {
    yield* pages
  } catch (error) {
    if (error instanceof ThrottledError) wait.ms = error.waitMs
    throw error
  }
}

function resultOf({ reading, problems, published }: StockRunReport, attempts: number, waitMs: number): DeliveryResult {
  if (reading === undefined && waitMs > 0) {
    const why = problems[0]?.why ?? 'the stock source has no call to spare'
    return { status: 'later', inMs: Math.min(waitMs, LONGEST_WAIT_MS), why, kind: 'throttled', spends: false }
  }
  if (reading === undefined) return retryOf({ channel: 'zoho', errors: problems }, attempts)
  const read = `${reading.counts.items} item(s) read, ${reading.counts.changed} changed`
  if (reading.brake !== undefined) return { status: 'done', outcome: `${read}; a brake holds them: ${reading.brake.what}` }
  const [brake] = published?.brakes ?? []
  return { status: 'done', outcome: brake === undefined ? read : `${read}; a brake holds them: ${brake.what}` }
}

/** What was told counts from when it was told; everything else is read, by id where one is known: a hundred of these are one call, and a SKU is one. */
async function* pagesOf(
  run: Run,
  source: StockSource,
  hints: readonly StockHint[],
  told: Awaited<ReturnType<typeof toldItems>>,
): AsyncIterable<StockPage> {
  for (const [itemId, { item, at }] of told) if (hints.some((hint) => hint.itemId === itemId)) yield { items: [item], readAt: at }
  const named = hints.flatMap(({ itemId, sku }) => (itemId === undefined && sku !== undefined ? [sku] : []))
  const known = await itemIdsOf(run, named)
  const skus = new Set(named.filter((sku) => !known.has(sku)))
  const ids = new Set([
    ...hints.flatMap(({ itemId }) => (itemId === undefined || told.has(itemId) ? [] : [itemId])),
    ...known.values(),
  ])
  for (const chunk of chunks([...ids])) {
    const page = await source.itemsById(chunk, run.signal)
    yield withoutEnd(page)
    const now = new Map(page.items.map(({ itemId, sku }) => [itemId, skuKeyOf(sku)]))
    // Another item may bear the SKU by now.
    for (const [sku, itemId] of known) if (chunk.includes(itemId) && now.get(itemId) !== skuKeyOf(sku)) skus.add(sku)
  }
  for (const chunk of chunks([...skus])) yield withoutEnd(await source.itemsBySku(chunk, run.signal, 'by a message'))
  yield { items: [], readAt: run.clock.now(), end: 'whole' }
}

/** SKU -> the id of the one item that bore it when stock was read last. */
async function itemIdsOf(run: Run, skus: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>()
  for (const chunk of chunks([...new Set(skus)])) {
    for (const { sku, item_id: itemId, state } of await stockOf(run.db, run.settings.inventory.carry, chunk))
      if (state === 'tracked' || state === 'inactive') ids.set(sku, itemId)
  }
  return ids
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
