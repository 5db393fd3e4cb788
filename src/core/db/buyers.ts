import type { ChannelCode } from '../model/channel.ts'
import { type Db, insertMany, marks } from './db.ts'
import { inChunks } from './orders.ts'

/** An order and one of the digests that its buyer's account goes by. */
export interface AccountRow {
  readonly digest: string
  readonly order_id: string
}

/** Any number will do, as long as it is always the same one. */
const DELETIONS_LOCK = 7_153_002

/**
 * Until this transaction ends no deletion of an account is noted; others may do the same at the same time. Without it an order could be stored
 * beside a deletion, each of them too early to see the other. On SQLite transactions that write are alone anyway.
 */
export async function holdDeletionsBack(tx: Db): Promise<void> {
  if (tx.dialect.name === 'postgres') await tx.rows('select pg_advisory_xact_lock_shared(?::bigint)', [DELETIONS_LOCK])
}

/** Stores whose orders these are. What is there already stays. */
export async function insertAccounts(tx: Db, rows: readonly AccountRow[]): Promise<void> {
  await insertMany(tx, 'buyer_accounts', rows, 'on conflict (digest, order_id) do nothing')
}

/** When the accounts behind these digests were deleted, epoch ms; of accounts that were not there is none. */
export async function deletionsOf(db: Db, digests: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await inChunks(digests, (chunk) =>
    db.rows<{ digest: string; deleted_at: number }>(
      `select digest, deleted_at from deleted_accounts where digest in (${marks(chunk.length)})`,
      chunk,
    ),
  )
  return new Map(rows.map(({ digest, deleted_at }) => [digest, deleted_at]))
}

/**
 * Remembers that these accounts are gone, once every transaction that stores orders just now has ended. Told twice, the first time counts:
 * what was bought since is somebody else's.
 */
export async function insertDeletions(tx: Db, digests: readonly string[], now: number): Promise<void> {
  if (tx.dialect.name === 'postgres') await tx.rows('select pg_advisory_xact_lock(?::bigint)', [DELETIONS_LOCK])
  const rows = digests.map((digest) => ({ digest, deleted_at: now }))
  await insertMany(tx, 'deleted_accounts', rows, 'on conflict (digest) do nothing')
}

/** An order whose buyer's data is to go. */
export interface AccountOrder {
  readonly id: string
  readonly channel: ChannelCode
  readonly external_order_id: string
}

/** Orders of these channels that are known by any of these digests and still say who bought them; the next ones behind `after`, by id. */
export async function ordersOfAccount(
  db: Db,
  channels: readonly ChannelCode[],
  digests: readonly string[],
  after: string,
  limit: number,
): Promise<AccountOrder[]> {
  if (channels.length === 0 || digests.length === 0) return []
  return db.rows<AccountOrder>(
    `select distinct o.id, o.channel, o.external_order_id from buyer_accounts b join orders o on o.id = b.order_id
     where b.digest in (${marks(digests.length)}) and o.channel in (${marks(channels.length)}) and o.erased_at is null and o.id > ?
     order by o.id limit ?`,
    [...digests, ...channels, after, limit],
  )
}

/** Marks orders whose buyer's data is to go once they are over. Returns those that were not marked before. */
export async function askErasure(tx: Db, orderIds: readonly string[], now: number): Promise<string[]> {
  if (orderIds.length === 0) return []
  const rows = await tx.rows<{ id: string }>(
    `update orders set erase_asked_at = ? where erase_asked_at is null and erased_at is null and id in (${marks(orderIds.length)}) returning id`,
    [now, ...orderIds],
  )
  return rows.map(({ id }) => id)
}

/** Takes away by what accounts these orders are known. */
export async function deleteAccounts(tx: Db, orderIds: readonly string[]): Promise<void> {
  if (orderIds.length === 0) return
  await tx.run(`delete from buyer_accounts where order_id in (${marks(orderIds.length)})`, orderIds)
}

/** An order of which nobody has looked whose it is, with its latest document, sealed; null: it has none any more. */
export interface UnreadBuyer {
  readonly id: string
  readonly external_order_id: string
  readonly order_created_at: number
  readonly version: number | null
  readonly payload: string | null
}

/** The next such orders of a channel. */
export async function unreadBuyers(db: Db, channel: ChannelCode, limit: number): Promise<UnreadBuyer[]> {
  return db.rows<UnreadBuyer>(
    `select o.id, o.external_order_id, o.order_created_at, p.version, p.payload from orders o
     left join order_payloads p on p.channel = o.channel and p.external_order_id = o.external_order_id and p.version =
       (select max(q.version) from order_payloads q where q.channel = o.channel and q.external_order_id = o.external_order_id)
     where o.channel = ? and o.erased_at is null and o.buyer_unread = 1 order by o.id limit ?`,
    [channel, limit],
  )
}

/** Has these orders looked at for their buyers. */
export async function setBuyersUnread(tx: Db, orderIds: readonly string[]): Promise<void> {
  if (orderIds.length === 0) return
  await tx.run(`update orders set buyer_unread = 1 where id in (${marks(orderIds.length)})`, orderIds)
}

/** These orders were looked at. Returns those that still say who bought them, which nobody else erases until this transaction ends. */
export async function setBuyersRead(tx: Db, orderIds: readonly string[]): Promise<string[]> {
  const rows = await tx.rows<{ id: string }>(
    `update orders set buyer_unread = 0 where erased_at is null and id in (${marks(orderIds.length)}) returning id`,
    orderIds,
  )
  return rows.map(({ id }) => id)
}
