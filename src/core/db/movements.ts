import type { ChannelCode } from '../model/channel.ts'
import { type Db, insertMany, recordsOf } from './db.ts'

/** `sold`: an order line takes units. `given-back`: the order was cancelled, in part or whole, before it shipped. */
export type MovementReason = 'sold' | 'given-back'

export interface MovementRow {
  readonly id: string
  readonly sku: string
  /** Units: negative for what an order takes. */
  readonly delta: number
  readonly reason: MovementReason
  /** With the reason, unique: what happened once is written once. */
  readonly ref: string
  readonly channel: ChannelCode
  readonly external_order_id: string
  readonly external_line_id: string
  /** Epoch ms. */
  readonly at: number
  /** When the line was first deducted: what is given back counts only where its sale does. */
  readonly sold_at: number
  readonly run_id: string
}

/** Adds movements; one that is there already stays as it is. */
export async function addMovements(db: Db, rows: readonly MovementRow[]): Promise<void> {
  await insertMany(db, 'stock_movements', rows, 'on conflict (reason, ref) do nothing')
}

export interface ReservedRow {
  readonly external_line_id: string
  readonly sku: string
  /** Units that this line holds of the SKU now. */
  readonly units: number
  readonly sold_at: number
}

/** What each line of an order holds, by when it was taken. */
export async function reservedBy(db: Db, channel: ChannelCode, externalOrderId: string): Promise<ReservedRow[]> {
  return db.rows(
    `select external_line_id, sku, cast(-sum(delta) as bigint) as units, sold_at from stock_movements
     where channel = ? and external_order_id = ? group by external_line_id, sku, sold_at having sum(delta) <> 0`,
    [channel, externalOrderId],
  )
}

/** How the stock source spells these SKUs: exactly so, or with other blanks and case where only one item could be meant. */
export async function stockSpellings(
  db: Db,
  skus: readonly { readonly sku: string; readonly key: string }[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await db.rows<{ wanted: string; sku: string; key_matches: number }>(
    `select x.sku as wanted, s.sku as sku, (select count(*) from stock o where o.sku_key = x.key) as key_matches
     from ${db.dialect.recordset({ sku: 'text', key: 'text' })} join stock s on s.sku_key = x.key`,
    [recordsOf(db, skus)],
  )
  const found = new Map<string, string>()
  for (const { wanted, sku, key_matches } of rows) {
    if (wanted === sku || (key_matches === 1 && !found.has(wanted))) found.set(wanted, sku)
  }
  return found
}

export interface MovementLine extends Pick<MovementRow, 'delta' | 'reason' | 'channel' | 'external_order_id' | 'at' | 'sold_at'> {
  readonly run_id: string | null
}

/** Every movement of one SKU, oldest first. */
export async function movementsOf(db: Db, sku: string): Promise<MovementLine[]> {
  return db.rows(
    'select delta, reason, channel, external_order_id, at, sold_at, run_id from stock_movements where sku = ? order by at, id',
    [sku],
  )
}
