import type { InventorySettings, Run } from '../context.ts'
import { raiseAlert, resolveAlert } from '../db/alerts.ts'
import { writeCursor } from '../db/cursors.ts'
import {
  applyChunk,
  beginReading,
  chunkEnd,
  dropAbandoned,
  endReading,
  factsOf,
  isOpenReading,
  kindsOf,
  markMissing,
  markRenamed,
  markUnbelievable,
  type ReadingKind,
  type StagedRow,
  stagedSkus,
  stageItems,
} from '../db/readings.ts'
import { StoppedError } from '../errors.ts'
import { type StockItem, skuKeyOf } from '../model/stock.ts'
import type { StockPage } from '../ports/stock-source.ts'
import { type HeldBrake, readingBrake } from './brakes.ts'

/** SKUs that become the present stock in one transaction. */
const CHUNK = 5_000

export interface ReadingCounts {
  /** Items read. */
  readonly items: number
  /** SKUs whose number changed. */
  readonly changed: number
  /** Items without a number to publish, by kind, and SKUs that two items share. */
  readonly left_out: Readonly<Record<string, number>>
  /** Known SKUs that a complete reading did not show. */
  readonly missing: number
}

export interface Reading {
  readonly counts: ReadingCounts
  /** Epoch ms: when it was begun. */
  readonly beganAt: number
  /** Set: nothing of it counts. */
  readonly brake?: HeldBrake
  /** SKUs it showed; only for readings that are not full. */
  readonly skus: readonly string[]
}

export interface ReadingRequest {
  readonly kind: ReadingKind
  readonly pages: AsyncIterable<StockPage>
  readonly inventory: Pick<InventorySettings, 'brakes'>
  /** Let this reading pass though a brake would hold it. */
  readonly overrideBrake: boolean
  readonly onPage?: (items: number) => void
}

/**
 * Reads stock page by page into a place apart, judges the reading as a whole, and only then makes it the present stock. A reading that ends
 * short, shows nothing, or loses too much changes nothing: its brake says why. A page that cannot be read throws and changes nothing either.
 */
export async function readStock(run: Run, request: ReadingRequest): Promise<Reading> {
  const { kind, pages } = request
  const id = run.ids.next()
  const beganAt = run.clock.now()
  await beginReading(run.db, id, kind, run.id, beganAt)
  await dropAbandoned(run.db, id, kind, beganAt)
  let items = 0
  let short: string | undefined
  let ended = false
  for await (const page of pages) {
    await run.db.transaction((tx) =>
      stageItems(
        tx,
        page.items.map((item) => stagedRow(id, item, page.readAt)),
      ),
    )
    items += page.items.length
    request.onPage?.(items)
    if (page.end === 'short') short = page.reason ?? 'the answer ended before its end'
    ended = page.end !== undefined
  }
  if (!ended) short ??= 'the answer ended without an end'

  const facts = await factsOf(run.db, id)
  const brake = readingBrake(facts, { kind, short, brakes: request.inventory.brakes })
  const leftOut = withoutUsable(await kindsOf(run.db, id))
  const now = run.clock.now()
  if (brake !== undefined && !request.overrideBrake) {
    await run.db.transaction(async (tx) => {
      if (!(await endReading(tx, id, { verdict: 'held', reason: brake.why, items, changed: 0 }, now))) throw takenOver()
      await raiseAlert(
        tx,
        {
          id: run.ids.next(),
          rule: 'stock-brake',
          channel: 'zoho',
          severity: 'critical',
          message: `${brake.what}: ${brake.why}. Nothing of this reading counts and nothing was published`,
          next: 'isync inventory:full --dry-run shows it again; --override-brake lets one run pass',
        },
        now,
      )
    })
    return { counts: { items, changed: 0, left_out: leftOut, missing: facts.missing }, beganAt, brake, skus: [] }
  }
  const applied = await apply(run, { id, kind })
  const shown = kind === 'full' ? [] : await stagedSkus(run.db, id)
  const renamed = await run.db.transaction(async (tx) => {
    if (!(await isOpenReading(tx, id))) throw takenOver()
    const at = run.clock.now()
    await markUnbelievable(tx, id)
    const old = await markRenamed(tx, id, at)
    // A short answer that was let pass still proves nothing about what it does not show.
    if (kind === 'full' && short === undefined) await markMissing(tx, id, beganAt)
    const verdict = short === undefined ? 'counted' : 'partial'
    const reason = brake === undefined ? {} : { reason: `let pass: ${brake.why}` }
    await endReading(tx, id, { verdict, ...reason, items, changed: applied + old.length }, at)
    if (kind !== 'items' && short === undefined) await writeCursor(tx, 'zoho', 'stock', { at: beganAt }, at)
    if (kind === 'full') await resolveAlert(tx, 'stock-brake', 'zoho', at)
    if (kind === 'full' && short === undefined) await resolveAlert(tx, 'stock-stale', 'zoho', at)
    return old
  })
  const changed = applied + renamed.length
  const skus = kind === 'full' ? [] : [...shown, ...renamed]
  return { counts: { items, changed, left_out: leftOut, missing: kind === 'full' ? facts.missing : 0 }, beganAt, skus }
}

async function apply(run: Run, reading: { readonly id: string; readonly kind: ReadingKind }): Promise<number> {
  let changed = 0
  for (let after = ''; ; ) {
    const to = await chunkEnd(run.db, reading.id, after, CHUNK)
    if (to === undefined) return changed
    const from = after
    changed += await run.db.transaction(async (tx) => {
      if (!(await isOpenReading(tx, reading.id))) throw takenOver()
      return applyChunk(tx, reading, from, to, run.clock.now())
    })
    after = to
  }
}

/** A process that slept while another read must not lay its old numbers over the new ones. */
function takenOver(): StoppedError {
  return new StoppedError('a later reading of the stock has taken the place of this one')
}

function stagedRow(readingId: string, item: StockItem, readAt: number): StagedRow {
  return {
    reading_id: readingId,
    item_id: item.itemId,
    sku: item.sku,
    sku_key: skuKeyOf(item.sku),
    name: item.name.slice(0, 300),
    brand: item.brand?.slice(0, 200) ?? null,
    category: item.category?.slice(0, 200) ?? null,
    kind: item.kind,
    available: item.available ?? null,
    fields: JSON.stringify(item.fields),
    read_at: readAt,
  }
}

function withoutUsable(kinds: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(kinds).filter(([kind, n]) => n > 0 && kind !== 'tracked' && kind !== 'bundle'))
}
