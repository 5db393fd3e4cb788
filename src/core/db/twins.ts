import type { ChannelCode } from '../model/channel.ts'
import { type Db, marks, recordsOf } from './db.ts'
import type { LineRow } from './orders.ts'

/** An order as far as its place of sale goes. */
export interface SaleRow {
  readonly id: string
  readonly channel: ChannelCode
  readonly external_order_id: string
  readonly sold_on_order: string | null
}

/** Another channel's order that goes by the same number. */
export interface SameSale {
  /** The order that was asked about. */
  readonly id: string
  readonly other_id: string
  readonly other_channel: ChannelCode
  readonly other_order: string
  /** ShipStation has it, or may have it. */
  readonly is_pushed: boolean
  readonly first_seen_at: number
}

/** Whether any order at all was sold elsewhere than on its channel: without one there is nothing to compare. */
export async function anySoldElsewhere(db: Db): Promise<boolean> {
  return (await db.rows('select 1 as found from orders where sold_on_order is not null limit 1')).length > 0
}

/**
 * Orders of other channels under the number that these were sold under, or that were sold under theirs. Cancelled ones do not count, nor
 * those that are themselves second copies or were told apart by a person.
 */
export async function sameSales(db: Db, rows: readonly SaleRow[]): Promise<SameSale[]> {
  const asked = db.dialect.recordset({ id: 'text', channel: 'text', external_order_id: 'text', sold_on_order: 'text' })
  const ways = [
    'o.external_order_id = x.sold_on_order',
    'o.sold_on_order = x.external_order_id',
    'o.sold_on_order = x.sold_on_order',
  ]
  // A union, not an "or": each way has its index.
  const found = await db.rows<Omit<SameSale, 'is_pushed'> & { readonly is_pushed: number }>(
    ways
      .map(
        (
          way,
        ) => `select x.id as id, o.id as other_id, o.channel as other_channel, o.external_order_id as other_order, o.first_seen_at as first_seen_at,
           case when o.push_state = 'none' or o.push_state = 'failed' then 0 else 1 end as is_pushed
         from ${asked} join orders o on ${way}
         where o.channel <> x.channel and o.twin_of is null and o.status not in ('cancelled', 'poison')`,
      )
      .join(' union '),
    ways.map(() => recordsOf(db, rows)),
  )
  return found.map((row) => ({ ...row, is_pushed: row.is_pushed === 1 }))
}

/** Marks an order as the second copy of another; '' says that it is none. */
export async function setTwin(tx: Db, orderId: string, twinOf: string): Promise<void> {
  await tx.run('update orders set twin_of = ? where id = ?', [twinOf, orderId])
}

/** The SKUs of these orders' lines. */
export async function goodsOf(db: Db, orderIds: readonly string[]): Promise<Pick<LineRow, 'order_id' | 'sku'>[]> {
  if (orderIds.length === 0) return []
  return db.rows(`select order_id, sku from order_lines where order_id in (${marks(orderIds.length)})`, orderIds)
}

/** Closes the channel's alert about orders that came twice once none of them waits for a person. */
export async function resolveTwinAlert(db: Db, channel: string, now: number): Promise<void> {
  await db.run(
    `update alerts set resolved_at = ? where rule = 'double-path' and channel = ? and resolved_at is null
       and not exists (select 1 from orders where channel = ? and twin_of <> '')`,
    [now, channel, channel],
  )
}
