import { type Db, insertMany } from './db.ts'

/** `full`: every item. `delta`: what changed. `items`: named ones. */
export type ReadingKind = 'full' | 'delta' | 'items'

export interface StagedRow {
  readonly reading_id: string
  readonly item_id: string
  readonly sku: string
  readonly sku_key: string
  readonly name: string | null
  readonly brand: string | null
  readonly category: string | null
  readonly kind: string
  readonly available: number | null
  readonly fields: string
  readonly read_at: number
}

export async function beginReading(db: Db, id: string, kind: ReadingKind, runId: string, now: number): Promise<void> {
  await db.run('insert into stock_readings (id, kind, began_at, run_id) values (?, ?, ?, ?)', [id, kind, now, runId])
}

/** Keeps one page apart until the reading is judged. The later of two pages that show the same item wins. */
export async function stageItems(db: Db, rows: readonly StagedRow[]): Promise<void> {
  const latest = new Map(rows.map((row) => [row.item_id, row]))
  await insertMany(
    db,
    'stock_staged',
    [...latest.values()],
    `on conflict (reading_id, item_id) do update set sku = excluded.sku, sku_key = excluded.sku_key, name = excluded.name, brand = excluded.brand,
       category = excluded.category, kind = excluded.kind, available = excluded.available, fields = excluded.fields, read_at = excluded.read_at`,
  )
}

/** Ends a reading and drops its pages. False: a later one has put an end to it before. */
export async function endReading(
  db: Db,
  id: string,
  end: { readonly verdict: string; readonly reason?: string; readonly items: number; readonly changed: number },
  now: number,
): Promise<boolean> {
  const ended = await db.run(
    'update stock_readings set ended_at = ?, verdict = ?, reason = ?, items = ?, changed = ? where id = ? and ended_at is null',
    [now, end.verdict, end.reason ?? null, end.items, end.changed, id],
  )
  await db.run('delete from stock_staged where reading_id = ?', [id])
  return ended === 1
}

/** Whether this reading still counts, asked inside the transaction whose writes depend on it. False: a later one has put an end to it. */
export async function isOpenReading(tx: Db, id: string): Promise<boolean> {
  const lock = tx.dialect.name === 'postgres' ? 'for share' : ''
  return (await tx.rows(`select 1 as one from stock_readings where id = ? and ended_at is null ${lock}`, [id])).length === 1
}

/** Readings of single items come at any time, side by side; one that has not ended by then never will. Milliseconds. */
const ITEMS_AT_MOST = 3_600_000

/** Puts an end to readings that were killed, or whose place this one has taken, and drops what they left behind. */
export async function dropAbandoned(db: Db, id: string, kind: ReadingKind, now: number): Promise<void> {
  await db.run(
    `update stock_readings set ended_at = ?, verdict = 'dropped', reason = ?
     where ended_at is null and id <> ? and (began_at < ? ${kind === 'items' ? '' : `or kind <> 'items'`})`,
    [now, `it had not ended when ${id} began`, id, now - ITEMS_AT_MOST],
  )
  await db.run(
    'delete from stock_staged where not exists (select 1 from stock_readings r where r.id = stock_staged.reading_id and r.ended_at is null)',
  )
}

/** When the last whole reading that counts was begun (epoch ms). */
export async function lastWholeReading(db: Db): Promise<number | undefined> {
  const [row] = await db.rows<{ at: number | null }>(
    `select max(began_at) as at from stock_readings where kind = 'full' and verdict = 'counted'`,
  )
  return row?.at ?? undefined
}

/** Items with a number that may be believed: a SKU that two items share has none. */
const usable = `t.reading_id = ? and t.kind in ('tracked', 'bundle', 'inactive') and t.available is not null
  and not exists (select 1 from stock_staged d where d.reading_id = t.reading_id and d.sku = t.sku and d.item_id <> t.item_id and d.kind in ('tracked', 'bundle', 'inactive', 'unknown'))`

/** What the brakes look at, before anything of a reading counts. Units are clamped at zero. */
export interface ReadingFacts {
  readonly staged: number
  /** Items with a believable number. */
  readonly usable: number
  /** SKUs known so far, without those that the readings before lacked already. */
  readonly known: number
  /** ... of which this reading shows nothing. */
  readonly missing: number
  /** SKUs known with stock, and those of them that this reading sets to zero. */
  readonly stocked: number
  readonly zeroed: number
  /** SKUs whose number goes down. */
  readonly dropped: number
  /** Units over all known SKUs, before and after. */
  readonly totalBefore: number
  readonly totalAfter: number
}

export async function factsOf(db: Db, readingId: string): Promise<ReadingFacts> {
  const clamp = (value: string) => `case when ${value} > 0 then ${value} else 0 end`
  const [counted] = await db.rows<{ staged: number }>('select count(*) as staged from stock_staged where reading_id = ?', [
    readingId,
  ])
  const [known] = await db.rows<{ known: number; missing: number; stocked: number; total: number }>(
    `select coalesce(sum(case when s.state = 'missing' then 0 else 1 end), 0) as known,
       coalesce(sum(case when s.state = 'missing' or exists (select 1 from stock_staged t where t.reading_id = ? and t.sku = s.sku) then 0 else 1 end), 0) as missing,
       coalesce(sum(case when s.available > 0 then 1 else 0 end), 0) as stocked, cast(coalesce(sum(${clamp('s.available')}), 0) as bigint) as total from stock s`,
    [readingId],
  )
  const [moved] = await db.rows<{ usable: number; zeroed: number; dropped: number; change: number }>(
    `select count(*) as usable, coalesce(sum(case when s.available > 0 and t.available <= 0 then 1 else 0 end), 0) as zeroed,
       coalesce(sum(case when s.available > t.available then 1 else 0 end), 0) as dropped,
       cast(coalesce(sum(case when s.sku is null then 0 else ${clamp('t.available')} - ${clamp('s.available')} end), 0) as bigint) as change
     from stock_staged t left join stock s on s.sku = t.sku where ${usable}`,
    [readingId],
  )
  const totalBefore = known?.total ?? 0
  return {
    staged: counted?.staged ?? 0,
    usable: moved?.usable ?? 0,
    known: known?.known ?? 0,
    missing: known?.missing ?? 0,
    stocked: known?.stocked ?? 0,
    zeroed: moved?.zeroed ?? 0,
    dropped: moved?.dropped ?? 0,
    totalBefore,
    totalAfter: totalBefore + (moved?.change ?? 0),
  }
}

/** The SKU that ends the next chunk of a reading, for keyset steps; undefined when nothing is left. */
export async function chunkEnd(db: Db, readingId: string, after: string, size: number): Promise<string | undefined> {
  const [row] = await db.rows<{ sku: string | null }>(
    `select max(sku) as sku from (select sku from stock_staged where reading_id = ? and sku > ? order by sku limit ?) as chunk`,
    [readingId, after, size],
  )
  return row?.sku ?? undefined
}

/**
 * Makes one chunk of a reading (`after` < SKU <= `to`) the present stock, in the caller's transaction, and writes each change down. A number
 * that was read later than this one stays; a SKU that two items share is believed again only by a full reading. Returns how many SKUs changed.
 */
export async function applyChunk(
  tx: Db,
  reading: { readonly id: string; readonly kind: ReadingKind },
  after: string,
  to: string,
  now: number,
): Promise<number> {
  const range = 't.sku > ? and t.sku <= ?'
  const trusted = (stock: string) => (reading.kind === 'full' ? '1 = 1' : `${stock}.state <> 'duplicate'`)
  const state = `case when t.kind = 'inactive' then 'inactive' else 'tracked' end`
  const changed = await tx.run(
    `insert into stock_history (sku, read_at, reading_id, previous, available, state, fields)
     select t.sku, t.read_at, t.reading_id, s.available, t.available, ${state}, t.fields
     from stock_staged t left join stock s on s.sku = t.sku
     where ${usable} and ${range} and (s.sku is null or ((s.available <> t.available or s.state <> ${state}) and s.read_at <= t.read_at and ${trusted('s')}))
     on conflict do nothing`,
    [reading.id, after, to],
  )
  await tx.run(
    `insert into stock (sku, sku_key, item_id, name, brand, category, state, available, fields, read_at, reading_id, changed_at)
     select t.sku, t.sku_key, t.item_id, t.name, t.brand, t.category, ${state}, t.available, t.fields, t.read_at, t.reading_id, cast(? as bigint)
     from stock_staged t where ${usable} and ${range} order by t.sku
     on conflict (sku) do update set sku_key = excluded.sku_key, item_id = excluded.item_id, name = excluded.name, brand = excluded.brand, category = excluded.category,
       state = excluded.state, fields = excluded.fields, read_at = excluded.read_at, reading_id = excluded.reading_id,
       changed_at = case when stock.available <> excluded.available or stock.state <> excluded.state then excluded.changed_at else stock.changed_at end,
       available = excluded.available
     where stock.read_at <= excluded.read_at and ${trusted('stock')}`,
    [now, reading.id, after, to],
  )
  return changed
}

/** SKUs that this reading shows twice, or without a number: their last number stands and their state says why. */
export async function markUnbelievable(tx: Db, readingId: string): Promise<void> {
  const shown = `select 1 from stock_staged t where t.reading_id = ? and t.sku = stock.sku and t.read_at >= stock.read_at`
  await tx.run(
    `update stock set state = 'duplicate' where state <> 'duplicate' and exists (${shown}) and sku in (
       select t.sku from stock_staged t where t.reading_id = ? and t.sku <> '' and t.kind in ('tracked', 'bundle', 'inactive', 'unknown') group by t.sku having count(*) > 1)`,
    [readingId, readingId],
  )
  await tx.run(
    `update stock set state = 'unknown' where state not in ('duplicate', 'unknown') and exists (${shown}
       and t.sku <> '' and (t.kind not in ('tracked', 'bundle', 'inactive') or t.available is null))`,
    [readingId],
  )
}

/**
 * SKUs whose item bears another SKU by now: that there is nothing left under the old one is no guess. Returns them.
 */
export async function markRenamed(tx: Db, readingId: string, now: number): Promise<readonly string[]> {
  const renamed = `t.reading_id = ? and t.item_id = s.item_id and t.sku <> '' and t.sku <> s.sku and t.read_at >= s.read_at
    and s.available <> 0 and not exists (select 1 from stock_staged o where o.reading_id = t.reading_id and o.sku = s.sku)`
  const changed = await tx.run(
    `insert into stock_history (sku, read_at, reading_id, previous, available, state, fields)
     select s.sku, t.read_at, t.reading_id, s.available, 0, 'missing', t.fields from stock s join stock_staged t on ${renamed} on conflict do nothing`,
    [readingId],
  )
  if (changed === 0) return []
  const rows = await tx.rows<{ sku: string }>(
    `update stock set available = 0, state = 'missing', changed_at = ?, reading_id = ?
     where sku in (select s.sku from stock s join stock_staged t on ${renamed}) returning sku`,
    [now, readingId, readingId],
  )
  return rows.map(({ sku }) => sku)
}

/** SKUs that a whole reading did not show. One reading proves nothing: their last number stands. */
export async function markMissing(tx: Db, readingId: string, beganAt: number): Promise<number> {
  return tx.run(
    `update stock set state = 'missing' where state <> 'missing' and read_at < ?
       and not exists (select 1 from stock_staged t where t.reading_id = ? and t.sku = stock.sku)`,
    [beganAt, readingId],
  )
}

/** What a reading was made of that is not published: how many items of each kind, and SKUs that stand twice. */
export async function kindsOf(db: Db, readingId: string): Promise<Readonly<Record<string, number>>> {
  const rows = await db.rows<{ kind: string; n: number }>(
    'select kind, count(*) as n from stock_staged where reading_id = ? group by kind',
    [readingId],
  )
  const [twice] = await db.rows<{ n: number }>(
    `select count(*) as n from (select sku from stock_staged where reading_id = ? and sku <> '' and kind in ('tracked', 'bundle', 'inactive', 'unknown') group by sku having count(*) > 1) as d`,
    [readingId],
  )
  return { ...Object.fromEntries(rows.map(({ kind, n }) => [kind, n])), duplicate: twice?.n ?? 0 }
}

/** SKUs that a reading shows. */
export async function stagedSkus(db: Db, readingId: string): Promise<string[]> {
  const rows = await db.rows<{ sku: string }>(`select distinct sku from stock_staged where reading_id = ? and sku <> ''`, [
    readingId,
  ])
  return rows.map(({ sku }) => sku)
}
