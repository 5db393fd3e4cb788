import { type Db, insertMany } from './db.ts'
import type { LineRow, OrderRow } from './orders.ts'

/** `content_hash` is two digests of this many characters with a dot between: of what is not personal, and of what is. */
export const PLAIN_HASH_CHARS = 30

/** What the channel told, as columns; the mapping to ShipStation is written elsewhere and must not be touched by a pull. */
export type ChannelColumns = Omit<
  OrderRow,
  | 'push_state'
  | 'shipstation_order_id'
  | 'shipstation_store_id'
  | 'order_key'
  | 'pushed_hash'
  | 'push_error'
  | 'pushed_at'
  | 'twin_of'
  | 'first_seen_at'
  | 'shipped_at'
  | 'erased_at'
  | 'erase_asked_at'
  | 'buyer_unread'
>

export async function insertOrders(
  tx: Db,
  rows: readonly (ChannelColumns & Pick<OrderRow, 'twin_of' | 'first_seen_at'> & { readonly order_key: string })[],
): Promise<void> {
  await insertMany(tx, 'orders', rows)
}

export async function insertLines(tx: Db, rows: readonly LineRow[]): Promise<void> {
  await insertMany(tx, 'order_lines', rows)
}

/** An order's lines are replaced whole; what was pushed of a line that stays is kept by the caller. */
export async function deleteLines(tx: Db, orderId: string): Promise<void> {
  await tx.run('delete from order_lines where order_id = ?', [orderId])
}

const channelColumns: readonly (keyof ChannelColumns)[] = [
  'seller_order_id',
  'marketplace_id',
  'sold_on_site',
  'sold_on_order',
  'status',
  'fulfilled_by',
  'order_created_at',
  'updated_at',
  'ship_by',
  'deliver_by',
  'is_gift',
  'currency',
  'items_minor',
  'shipping_minor',
  'tax_minor',
  'discount_minor',
  'total_minor',
  'refunded_minor',
  'shipping_method',
  'flags',
  'version',
  'poison_reason',
  'changed_at',
]

/** Columns that stay empty once the order is erased. */
const personalColumns = ['buyer', 'ship_to', 'messages'] as const

/**
 * The newer answer wins: a document older than what is stored changes nothing. `erased`: the personal data is gone, perhaps since a moment
 * ago, and what this row brings of it was left out. The statement itself decides, since an erasure may come between reading and writing.
 */
export async function updateOrder(tx: Db, row: ChannelColumns): Promise<'updated' | 'older' | 'erased'> {
  const set = [
    ...channelColumns.map((column) => `${column} = ?`),
    ...personalColumns.map((column) => `${column} = case when erased_at is null then ? else null end`),
    'content_hash = case when erased_at is null then ? else ? end',
    'closed_at = case when cast(? as bigint) is null then null else coalesce(closed_at, cast(? as bigint)) end',
  ]
  const values = [
    ...channelColumns.map((column) => row[column]),
    ...personalColumns.map((column) => row[column]),
    row.content_hash,
    row.content_hash.slice(0, PLAIN_HASH_CHARS),
    row.closed_at,
    row.closed_at,
  ]
  const [updated] = await tx.rows<Pick<OrderRow, 'erased_at'>>(
    `update orders set ${set.join(', ')} where id = ? and updated_at <= ? returning erased_at`,
    [...values, row.id, row.updated_at],
  )
  if (updated === undefined) return 'older'
  return updated.erased_at === null ? 'updated' : 'erased'
}

/** Notes that a channel touched an order without changing anything we keep. */
export async function touchOrder(tx: Db, id: string, updatedAt: number): Promise<void> {
  await tx.run('update orders set updated_at = ? where id = ? and updated_at < ?', [updatedAt, id, updatedAt])
}

/** Why the channel's latest document of an order could not be read; null once one can be again. */
export async function setPoisonReason(tx: Db, id: string, reason: string | null): Promise<void> {
  await tx.run('update orders set poison_reason = ? where id = ?', [reason, id])
}
