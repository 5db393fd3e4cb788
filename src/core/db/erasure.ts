import type { ChannelCode } from '../model/channel.ts'
import { deleteAccounts } from './buyers.ts'
import { type Db, marks, type SqlValue } from './db.ts'
import { PLAIN_HASH_CHARS } from './order-writes.ts'
import type { OrderRow } from './orders.ts'

/**
 * Whose personal data is to go. `closed`: shipped or cancelled before `before`. `given-up`: neither, but nothing about it has changed and
 * nothing was promised since then, and no work on it is under way. `asked`: its erasure was asked for before then; it is shipped or cancelled,
 * and no work on it is under way.
 */
export interface DueOrders {
  readonly why: 'closed' | 'given-up' | 'asked'
  readonly channel: ChannelCode
  /** Epoch ms. */
  readonly before: number
}

export type ErasedOrder = Pick<OrderRow, 'id' | 'external_order_id' | 'status'>

/** How many rows are older than they may be, and when the oldest of them dates from (epoch ms). */
export interface DueCount {
  readonly count: number
  readonly oldest: number | null
}

/** Codes of all channels that ever had an order, also of those that the configuration lost since. */
export async function channelsWithOrders(db: Db): Promise<ChannelCode[]> {
  const found: ChannelCode[] = []
  // From one code to the next by the index, instead of through all orders.
  for (let last = ''; ; ) {
    const [row] = await db.rows<{ channel: ChannelCode | null }>('select min(channel) as channel from orders where channel > ?', [
      last,
    ])
    if (row === undefined || row.channel === null) return found
    found.push(row.channel)
    last = row.channel
  }
}

/** An order whose personal data is to go, and since when it is as it is (epoch ms). */
export interface DueOrder {
  readonly id: string
  readonly since: number
}

/** The next orders whose personal data is to go, the longest waiting first, behind `after`. */
export async function dueOrders(db: Db, due: DueOrders, after: DueOrder | undefined, limit: number): Promise<DueOrder[]> {
  const { where, values } = conditionOf(due)
  const since = sinceOf(due)
  const behind = after === undefined ? '' : `and (${since}, o.id) > (?, ?)`
  return db.rows<DueOrder>(
    `select o.id, ${since} as since from orders o where ${where} ${behind} order by ${since}, o.id limit ?`,
    [...values, ...(after === undefined ? [] : [after.since, after.id]), limit],
  )
}

export async function countDueOrders(db: Db, due: DueOrders): Promise<DueCount> {
  const { where, values } = conditionOf(due)
  const [row] = await db.rows<DueCount>(
    `select count(*) as count, min(${sinceOf(due)}) as oldest from orders o where ${where}`,
    values,
  )
  return { count: Number(row?.count ?? 0), oldest: row?.oldest ?? null }
}

/**
 * Erases what these orders say about people, as far as they are still due: buyer, address, messages, every digest of them and of the buyer's
 * account, and the vendors' words about them. What keeps an order from being done twice stays. In the caller's transaction.
 */
export async function eraseOrders(tx: Db, due: DueOrders, ids: readonly string[], now: number): Promise<ErasedOrder[]> {
  if (ids.length === 0) return []
  const { where, values } = conditionOf(due)
  const erased = await tx.rows<ErasedOrder>(
    `update orders as o set buyer = null, ship_to = null, messages = null, content_hash = substr(o.content_hash, 1, ${PLAIN_HASH_CHARS}),
       pushed_hash = null, push_error = null, erased_at = ?
     where o.id in (${marks(ids.length)}) and ${where} returning id, external_order_id, status`,
    [now, ...ids, ...values],
  )
  if (erased.length === 0) return []
  const erasedIds = erased.map(({ id }) => id)
  await tx.run(
    `update tasks set last_error = null where last_error is not null and order_id in (${marks(erased.length)})`,
    erasedIds,
  )
  await deleteAccounts(tx, erasedIds)
  return erased
}

/** Deletes every document of these orders. Returns how many. */
export async function deletePayloadsOf(tx: Db, channel: ChannelCode, orders: readonly ErasedOrder[]): Promise<number> {
  if (orders.length === 0) return 0
  return tx.run(`delete from order_payloads where channel = ? and external_order_id in (${marks(orders.length)})`, [
    channel,
    ...orders.map(({ external_order_id }) => external_order_id),
  ])
}

/** Deletes at most `limit` documents of a channel that came before this instant. Returns how many. */
export async function deleteOldPayloads(db: Db, channel: ChannelCode, before: number, limit: number): Promise<number> {
  const rows = 'select channel, external_order_id, version from order_payloads where channel = ? and received_at < ?'
  return db.run(
    `delete from order_payloads where (channel, external_order_id, version) in (${rows} order by received_at limit ?)`,
    [channel, before, limit],
  )
}

export async function countOldPayloads(db: Db, channel: ChannelCode, before: number): Promise<DueCount> {
  const [row] = await db.rows<DueCount>(
    'select count(*) as count, min(received_at) as oldest from order_payloads where channel = ? and received_at < ?',
    [channel, before],
  )
  return { count: Number(row?.count ?? 0), oldest: row?.oldest ?? null }
}

/**
 * How many orders of a channel that are known by any of these digests still say who bought them. `left`: those of them that are due, or whose
 * erasure was not even asked for.
 */
export async function countOfAccount(
  db: Db,
  due: DueOrders,
  digests: readonly string[],
): Promise<{ readonly all: number; readonly left: number }> {
  if (digests.length === 0) return { all: 0, left: 0 }
  const { where, values } = conditionOf(due)
  const [row] = await db.rows<{ total: number; due: number }>(
    `select count(*) as total, coalesce(sum(case when o.erase_asked_at is null or (${where}) then 1 else 0 end), 0) as due from orders o
     where o.id in (select order_id from buyer_accounts where digest in (${marks(digests.length)})) and o.channel = ? and o.erased_at is null`,
    [...values, ...digests, due.channel],
  )
  return { all: Number(row?.total ?? 0), left: Number(row?.due ?? 0) }
}

/** How many of these orders, which were erased, still hold anything of what was to go. */
export async function countRemains(db: Db, ids: readonly string[]): Promise<number> {
  let count = 0
  for (let start = 0; start < ids.length; start += IDS_PER_COUNT) {
    const some = ids.slice(start, start + IDS_PER_COUNT)
    const [row] = await db.rows<{ count: number }>(
      `select count(*) as count from orders o where o.id in (${marks(some.length)}) and (${remains}
         or exists (select 1 from order_payloads p where p.channel = o.channel and p.external_order_id = o.external_order_id)
         or exists (select 1 from buyer_accounts b where b.order_id = o.id))`,
      some,
    )
    count += Number(row?.count ?? 0)
  }
  return count
}

const IDS_PER_COUNT = 200

const remains =
  'o.erased_at is null or o.buyer is not null or o.ship_to is not null or o.messages is not null or o.pushed_hash is not null'

/** What is left of orders that count as erased: there must be nothing. */
export async function countUnerased(db: Db, channel: ChannelCode): Promise<number> {
  const [orders] = await db.rows<{ count: number }>(
    `select count(*) as count from orders where channel = ? and erased_at is not null
       and (buyer is not null or ship_to is not null or messages is not null or pushed_hash is not null)`,
    [channel],
  )
  const [documents] = await db.rows<{ count: number }>(
    `select count(*) as count from order_payloads p join orders o on o.channel = p.channel and o.external_order_id = p.external_order_id
     where p.channel = ? and o.erased_at is not null`,
    [channel],
  )
  const [accounts] = await db.rows<{ count: number }>(
    'select count(*) as count from buyer_accounts b join orders o on o.id = b.order_id where o.channel = ? and o.erased_at is not null',
    [channel],
  )
  return Number(orders?.count ?? 0) + Number(documents?.count ?? 0) + Number(accounts?.count ?? 0)
}

function sinceOf({ why }: DueOrders): string {
  const since = { closed: 'o.closed_at', 'given-up': 'o.changed_at', asked: 'o.erase_asked_at' }
  return since[why]
}

/** No task of the order is to be done. */
const atRest = `not exists (select 1 from tasks t where t.order_id = o.id and t.state in ('pending', 'waiting', 'running'))`

const beforeItEnds = "('pending', 'awaiting_acceptance', 'open', 'partially_shipped', 'on_hold', 'poison')"

function conditionOf({ why, channel, before }: DueOrders): { readonly where: string; readonly values: readonly SqlValue[] } {
  if (why === 'closed') return { where: 'o.channel = ? and o.erased_at is null and o.closed_at < ?', values: [channel, before] }
  if (why === 'asked') {
    const where = `o.channel = ? and o.erased_at is null and o.erase_asked_at <= ? and o.closed_at is not null and ${atRest}`
    return { where, values: [channel, before] }
  }
  const last = ['o.changed_at', 'o.updated_at', 'coalesce(o.ship_by, 0)', 'coalesce(o.deliver_by, 0)']
  return {
    where: `o.channel = ? and o.status in ${beforeItEnds} and o.erased_at is null and o.closed_at is null
      and ${last.map((at) => `${at} < ?`).join(' and ')}
      and ${atRest}`,
    values: [channel, ...last.map(() => before)],
  }
}
