import type { ChannelCode } from '../model/channel.ts'
import type { OrderStatus } from '../model/order.ts'
import { type Db, marks } from './db.ts'

/** none: not sent. pushed, held, cancelled: what ShipStation holds. locked: it shipped or was cancelled there. failed: see push_error. */
export type PushState = 'none' | 'pushed' | 'held' | 'cancelled' | 'locked' | 'failed'

/** A row of `orders`. Sealed: buyer, ship_to, messages. */
export interface OrderRow {
  readonly id: string
  readonly channel: ChannelCode
  readonly external_order_id: string
  readonly seller_order_id: string | null
  readonly marketplace_id: string | null
  readonly sold_on_site: string | null
  readonly sold_on_order: string | null
  readonly status: OrderStatus
  readonly fulfilled_by: 'seller' | 'marketplace'
  readonly order_created_at: number
  readonly updated_at: number
  readonly ship_by: number | null
  readonly deliver_by: number | null
  readonly buyer: string | null
  readonly ship_to: string | null
  readonly messages: string | null
  readonly is_gift: number
  readonly currency: string | null
  readonly items_minor: number
  readonly shipping_minor: number
  readonly tax_minor: number
  readonly discount_minor: number
  readonly total_minor: number
  /** What the buyer has got back so far, as far as the channel's order tells. */
  readonly refunded_minor: number
  readonly shipping_method: string | null
  readonly flags: string
  readonly content_hash: string
  readonly version: number
  readonly push_state: PushState
  readonly shipstation_order_id: number | null
  readonly shipstation_store_id: number | null
  readonly order_key: string | null
  readonly pushed_hash: string | null
  readonly push_error: string | null
  readonly pushed_at: number | null
  readonly poison_reason: string | null
  /** `<channel>/<order id>` of the order that this one repeats; '' when a person said that it repeats none. */
  readonly twin_of: string | null
  readonly first_seen_at: number
  readonly changed_at: number
  readonly shipped_at: number | null
  /** Since when nothing of it is to be shipped any more: shipped as a whole, or cancelled. */
  readonly closed_at: number | null
  /** When its personal data was erased: buyer, ship_to and messages are null from then on, whatever the channel says. */
  readonly erased_at: number | null
  /** Since when its personal data is to go as soon as it is over: the buyer's account was deleted at the marketplace. */
  readonly erase_asked_at: number | null
  /** 1: nobody has looked yet by which account its buyer is known. */
  readonly buyer_unread: number
}

export interface LineRow {
  readonly order_id: string
  readonly external_line_id: string
  readonly position: number
  readonly sku: string
  readonly name: string
  readonly qty: number
  readonly qty_to_ship: number
  readonly qty_shipped: number
  /** Units that ShipStation was told to ship when it was told last; null for a line that it was never told of. */
  readonly qty_pushed: number | null
  /** Units that the channel counted as shipped when ShipStation was first told of the line. */
  readonly qty_shipped_before: number
  readonly price_minor: number
  readonly tax_minor: number
  readonly discount_minor: number
}

export async function ordersByExternalIds(db: Db, channel: ChannelCode, externalIds: readonly string[]): Promise<OrderRow[]> {
  return inChunks(externalIds, (chunk) =>
    db.rows<OrderRow>(`select * from orders where channel = ? and external_order_id in (${marks(chunk.length)})`, [
      channel,
      ...chunk,
    ]),
  )
}

export async function ordersByOrderKeys(db: Db, keys: readonly string[]): Promise<OrderRow[]> {
  return inChunks(keys, (chunk) => db.rows<OrderRow>(`select * from orders where order_key in (${marks(chunk.length)})`, chunk))
}

/** Which of these numbers any of these channels has shown us, those that could not be understood among them. */
export async function knownOrders(
  db: Db,
  channels: readonly ChannelCode[],
  externalIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (channels.length === 0 || externalIds.length === 0) return new Set()
  const narrow = `where channel in (${marks(channels.length)}) and external_order_id in (${marks(externalIds.length)})`
  const rows = await db.rows<{ external_order_id: string }>(
    `select external_order_id from orders ${narrow} union select external_order_id from order_payloads ${narrow}`,
    [...channels, ...externalIds, ...channels, ...externalIds],
  )
  return new Set(rows.map(({ external_order_id: id }) => id))
}

export async function ordersByIds(db: Db, ids: readonly string[]): Promise<OrderRow[]> {
  return inChunks(ids, (chunk) => db.rows<OrderRow>(`select * from orders where id in (${marks(chunk.length)})`, chunk))
}

/** Orders of any channel under this number. */
export async function ordersByNumber(db: Db, externalOrderId: string): Promise<OrderRow[]> {
  return db.rows<OrderRow>('select * from orders where external_order_id = ? order by channel', [externalOrderId])
}

export async function ordersByShipStationIds(db: Db, ids: readonly number[]): Promise<OrderRow[]> {
  return db.rows<OrderRow>(`select * from orders where shipstation_order_id in (${marks(ids.length)})`, ids)
}

export async function linesOf(db: Db, orderIds: readonly string[]): Promise<LineRow[]> {
  return inChunks(orderIds, (chunk) =>
    db.rows<LineRow>(`select * from order_lines where order_id in (${marks(chunk.length)}) order by order_id, position`, chunk),
  )
}

export interface PushRecord {
  readonly orderId: string
  readonly state: PushState
  readonly shipStationOrderId: number | null
  readonly storeId: number | null
  readonly orderKey: string
  readonly pushedHash: string | null
  readonly error: string | null
  readonly at: number
}

/** The mapping: what ShipStation holds for an order. Ids once known are kept; of an erased order no digest of its address is. */
export async function recordPush(tx: Db, record: PushRecord): Promise<void> {
  await tx.run(
    `update orders set push_state = ?, shipstation_order_id = coalesce(?, shipstation_order_id), shipstation_store_id = coalesce(?, shipstation_store_id),
       order_key = ?, pushed_hash = case when erased_at is null then coalesce(?, pushed_hash) else null end, push_error = ?, pushed_at = coalesce(?, pushed_at) where id = ?`,
    [
      record.state,
      record.shipStationOrderId,
      record.storeId,
      record.orderKey,
      record.pushedHash,
      record.error,
      record.pushedHash === null ? null : record.at,
      record.orderId,
    ],
  )
}

/**
 * How many units of each line ShipStation holds now that it was told of the order: what may ship, and what it has shipped itself. A line held
 * back is still to come.
 */
export async function recordPushedQuantities(tx: Db, orderId: string): Promise<void> {
  await tx.run(
    `update order_lines set
       qty_shipped_before = case when qty_pushed is null then qty_shipped else qty_shipped_before end,
       qty_pushed = case when qty_pushed is null then qty_to_ship
         when qty_to_ship + qty_shipped > qty_shipped_before then qty_to_ship + qty_shipped - qty_shipped_before else 0 end
     where order_id = ? and (qty_pushed is not null or qty_to_ship > 0)`,
    [orderId],
  )
}

export async function setOrderShipped(tx: Db, orderId: string, status: OrderStatus, at: number): Promise<void> {
  await tx.run(
    `update orders set status = ?, shipped_at = coalesce(shipped_at, ?), changed_at = ?,
       closed_at = case when cast(? as bigint) is null then closed_at else coalesce(closed_at, cast(? as bigint)) end where id = ?`,
    [status, at, at, ...(status === 'shipped' ? [at, at] : [null, null]), orderId],
  )
}

export interface OrderCount {
  readonly channel: ChannelCode
  readonly status: OrderStatus
  readonly push_state: PushState
  readonly count: number
}

export async function countOrders(db: Db): Promise<OrderCount[]> {
  const rows = await db.rows<OrderCount>(
    'select channel, status, push_state, count(*) as count from orders group by channel, status, push_state',
  )
  return rows.map((row) => ({ ...row, count: Number(row.count) }))
}

/** Lists of varying length are asked for in few sizes, so that statements can be kept. */
export async function inChunks<T>(values: readonly string[], ask: (chunk: readonly string[]) => Promise<T[]>): Promise<T[]> {
  const found: T[] = []
  for (let start = 0; start < values.length; start += 100) {
    const chunk = values.slice(start, start + 100)
    const last = chunk[chunk.length - 1]
    const size = chunk.length > 20 ? 100 : chunk.length > 1 ? 20 : 1
    const padded = last === undefined ? chunk : [...chunk, ...Array.from({ length: size - chunk.length }, () => last)]
    found.push(...(await ask(padded)))
  }
  return found
}
