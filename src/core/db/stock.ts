import type { Db } from './db.ts'
import { insertMany, marks, recordsOf, skuRecords } from './db.ts'

/**
 * - `tracked`, `inactive`: has a number that may be believed
 * - `unknown`, `missing`: its last reading gave none, or did not show it: the last known number stands
 * - `duplicate`: two items share the SKU: no number may be made of it
 */
export type StockState = 'tracked' | 'inactive' | 'unknown' | 'missing' | 'duplicate'

/** Which orders lower a number: those seen since it was read, or also every open one. */
export type Carry = 'since_sync' | 'open_orders'

export interface StockRow {
  readonly sku: string
  readonly item_id: string
  readonly name: string | null
  readonly brand: string | null
  readonly category: string | null
  readonly state: StockState
  /** As the source told it, whole units; may be negative. */
  readonly available: number
  readonly read_at: number
  /** Sum of the movements that count: 0 or less, as a rule. */
  readonly moved: number
}

export interface CountedStockRow extends StockRow {
  /** How many orders the movements are of. */
  readonly orders: number
}

export type Shadow = Pick<StockRow, 'sku' | 'available' | 'moved'>

const columns = 's.sku, s.item_id, s.name, s.brand, s.category, s.state, s.available, s.read_at'

/** Movements of `s` that its number does not know of. */
function movementsSince(carry: Carry): string {
  const open = `m.sold_at >= s.read_at or exists (select 1 from orders o where o.channel = m.channel and o.external_order_id = m.external_order_id
      and (o.status in ('pending', 'awaiting_acceptance', 'open', 'partially_shipped', 'on_hold') or o.changed_at >= s.read_at))`
  const counted = carry === 'since_sync' ? 'm.sold_at >= s.read_at' : `(${open})`
  return `from stock_movements m where m.sku = s.sku and ${counted}`
}

function moved(carry: Carry): string {
  return `cast(coalesce((select sum(m.delta) ${movementsSince(carry)}), 0) as bigint) as moved`
}

/** Stock by the source's own item ids, without its shadow. */
export async function stockByItemIds(db: Db, itemIds: readonly string[]): Promise<Omit<StockRow, 'moved'>[]> {
  if (itemIds.length === 0) return []
  return db.rows(`select ${columns} from stock s where s.item_id in (${marks(itemIds.length)})`, itemIds)
}

/** Their sum, and how many orders they are of: twice the work, for those who tell a person. */
function counted(carry: Carry): string {
  return `${moved(carry)}, (select count(distinct m.channel || '/' || m.external_order_id) ${movementsSince(carry)}) as orders`
}

/** Stock with its shadow, in the order of SKUs, `limit` rows after `after`. */
export async function stockAfter(db: Db, carry: Carry, after: string, limit: number): Promise<StockRow[]> {
  return rowsAfter<StockRow>(db, moved(carry), after, limit)
}

/** {@link stockAfter} with the number of orders that lower it. */
export async function countedStockAfter(db: Db, carry: Carry, after: string, limit: number): Promise<CountedStockRow[]> {
  return rowsAfter<CountedStockRow>(db, counted(carry), after, limit)
}

/** Stock with its shadow of these SKUs, as far as there is any, in the order of SKUs. */
export async function stockOf(db: Db, carry: Carry, skus: readonly string[]): Promise<StockRow[]> {
  return rowsOf<StockRow>(db, moved(carry), skus)
}

/** {@link stockOf} with the number of orders that lower it. */
export async function countedStockOf(db: Db, carry: Carry, skus: readonly string[]): Promise<CountedStockRow[]> {
  return rowsOf<CountedStockRow>(db, counted(carry), skus)
}

async function rowsAfter<T extends StockRow>(db: Db, movements: string, after: string, limit: number): Promise<T[]> {
  return db.rows<T>(`select ${columns}, ${movements} from stock s where s.sku > ? order by s.sku limit ?`, [after, limit])
}

async function rowsOf<T extends StockRow>(db: Db, movements: string, skus: readonly string[]): Promise<T[]> {
  if (skus.length === 0) return []
  return db.rows<T>(
    `select ${columns}, ${movements} from stock s
     where s.sku in (select x.sku from ${db.dialect.recordset({ sku: 'text' })}) order by s.sku`,
    [skuRecords(db, skus)],
  )
}

/** What is left of these SKUs, as far as there is any: what every order that takes one of them has to know. */
export async function shadowsOf(db: Db, carry: Carry, skus: readonly string[]): Promise<Shadow[]> {
  return db.rows<Shadow>(
    `select s.sku, s.available, ${moved(carry)} from stock s
     where s.sku in (select x.sku from ${db.dialect.recordset({ sku: 'text' })}) order by s.sku`,
    [skuRecords(db, skus)],
  )
}

/** Keeps other transactions from changing or selling these SKUs until this one ends. SQLite: a BEGIN IMMEDIATE transaction is alone anyway. */
export async function lockStock(tx: Db, skus: readonly string[]): Promise<void> {
  if (tx.dialect.name === 'sqlite') return
  await tx.rows(
    `select sku from stock where sku in (select x.sku from ${tx.dialect.recordset({ sku: 'text' })}) order by sku for update`,
    [skuRecords(tx, skus)],
  )
}

export async function hasStock(db: Db): Promise<boolean> {
  return (await db.rows('select 1 as one from stock limit 1')).length > 0
}

/** Every stock field as the last reading of a SKU showed it: JSON, texts by name. Undefined: no reading has shown it. */
export async function stockFields(db: Db, sku: string): Promise<string | undefined> {
  const [row] = await db.rows<{ fields: string }>('select fields from stock where sku = ?', [sku])
  return row?.fields
}

export interface Mark {
  readonly sku: string
  readonly why: string
  readonly at: number
}

/** Asks for these SKUs to be recomputed and published before everything else is. */
export async function markSkus(db: Db, marks: readonly Mark[]): Promise<void> {
  const sorted = [...marks].sort((a, b) => (a.sku < b.sku ? -1 : 1))
  await insertMany(db, 'stock_marks', sorted, 'on conflict (sku) do update set at = excluded.at, why = excluded.why')
}

export async function markedSkus(db: Db, limit: number): Promise<Mark[]> {
  return db.rows<Mark>('select sku, why, at from stock_marks order by at, sku limit ?', [limit])
}

/** Takes marks away, unless a later one has come meanwhile. */
export async function clearMarks(db: Db, marks: readonly Mark[]): Promise<void> {
  if (marks.length === 0) return
  await db.run(
    `delete from stock_marks where (sku, at) in (select x.sku, x.at from ${db.dialect.recordset({ sku: 'text', at: 'bigint' })})`,
    [recordsOf(db, marks)],
  )
}

export interface HistoryRow {
  readonly read_at: number
  readonly reading_id: string
  readonly previous: number | null
  readonly available: number | null
  readonly state: string
  readonly fields: string
}

/** Every change of a SKU's number at its source, oldest first. */
export async function stockHistory(db: Db, sku: string): Promise<HistoryRow[]> {
  return db.rows<HistoryRow>(
    'select read_at, reading_id, previous, available, state, fields from stock_history where sku = ? order by read_at',
    [sku],
  )
}
