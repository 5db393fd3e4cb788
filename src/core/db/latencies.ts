import type { Db, SqlValue } from './db.ts'

/** A stretch of time: `from` belongs to it, `to` does not. Epoch ms. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** How long a step took. Milliseconds; the p-th percentile is the smallest wait that p % of them did not exceed. */
export interface LatencyRow {
  /** Channel code; '' for all of them. */
  readonly channel: string
  readonly count: number
  readonly p50: number
  readonly p95: number
  readonly longest: number
}

/** The waits of a step: a select of `channel` and `ms`. */
interface Waits {
  /** A table that it is made from, in so many words. */
  readonly first?: string
  readonly sql: string
  readonly values: readonly SqlValue[]
}

/** Order placed at the channel -> first seen here; of the seller's orders that were first seen in the stretch. */
export function placedToSeen(db: Db, { from, to }: Stretch): Promise<LatencyRow[]> {
  const wait = db.dialect.greatest('first_seen_at - order_created_at', '0')
  return latencies(db, {
    sql: `select channel, ${wait} as ms from orders where first_seen_at >= ? and first_seen_at < ? and fulfilled_by = 'seller' and status <> 'poison'`,
    values: [from, to],
  })
}

/** By these words of its history an order is in ShipStation. */
const arrived = `('pushed', 'found at ShipStation', 'locked at ShipStation')`

/**
 * Ready to ship here -> in ShipStation; of the orders that came there first in the stretch. `pushed_at` is of the last time, so the first one
 * is looked up in the history. A push task is made when an order is ready and is never due before anything that has happened to it.
 */
export function readyToShipStation(db: Db, { from, to }: Stretch): Promise<LatencyRow[]> {
  const first = `(select min(e.at) from events e where e.entity = 'order' and e.entity_id = o.channel || '/' || o.external_order_id and e.what in ${arrived})`
  return latencies(db, {
    first: `pushes as materialized (
      select o.channel, t.created_at as ready_at, ${first} as arrived_at from tasks t join orders o on o.id = t.order_id
      where t.kind = 'push' and t.state in ('pending', 'running', 'waiting', 'done', 'dead') and t.next_attempt_at >= ? and t.created_at < ?)`,
    sql: `select channel, ${db.dialect.greatest('arrived_at - ready_at', '0')} as ms from pushes where arrived_at >= ? and arrived_at < ?`,
    values: [from, to, from, to],
  })
}

/**
 * Label made or order marked as shipped at ShipStation -> the channel took the confirmation, in the stretch. A task that was done was last due
 * when it was done; one that was dropped, because its label was voided, was not.
 */
export function shippedToConfirmed(db: Db, { from, to }: Stretch): Promise<LatencyRow[]> {
  return latencies(db, {
    sql: `select t.channel, ${db.dialect.greatest('t.updated_at - s.created_at', '0')} as ms from tasks t join shipments s on s.id = t.shipment_id
      where t.kind = 'confirm' and t.state = 'done' and t.next_attempt_at >= ? and t.next_attempt_at < ? and t.updated_at = t.next_attempt_at
        and (s.voided_at is null or s.voided_at > t.updated_at)`,
    values: [from, to],
  })
}

/**
 * A SKU's number was read to be another, or orders took of it -> the channel took the new quantity, in the stretch. Measured from the newest
 * such change; what a channel was told again without one, because a ratio was changed or a run forced it, does not count.
 */
export function changedToPublished(db: Db, { from, to }: Stretch): Promise<LatencyRow[]> {
  const read = `coalesce((select max(h.read_at) from stock_history h where h.sku = l.sku and h.read_at <= l.at), 0)`
  const sold = `coalesce((select max(m.sold_at) from stock_movements m where m.sku = l.sku and m.sold_at <= l.at), 0)`
  // As a value, not as "not exists": PostgreSQL would hold the whole log against the day's part of it instead of looking into its index.
  const before = `(select 1 from publication_log b where b.sku = told.sku and b.channel = told.channel and b.outcome = 'accepted'
    and b.at >= told.changed_at and b.at <= told.at and (b.at, b.id) < (told.at, told.id) limit 1)`
  return latencies(db, {
    first: `told as materialized (select l.channel, l.sku, l.at, l.id, ${db.dialect.greatest(read, sold)} as changed_at from publication_log l
      where l.at >= ? and l.at < ? and l.outcome = 'accepted')`,
    sql: `select channel, at - changed_at as ms from told where changed_at > 0 and ${before} is null`,
    values: [from, to],
  })
}

/** Ranked in the database, once by channel and once over all: nothing is kept in memory however many there are. */
async function latencies(db: Db, { first, sql, values }: Waits): Promise<LatencyRow[]> {
  const ranked = (channel: string, over: string) =>
    `select ${channel} as channel, ms, row_number() over (${over} order by ms) as place, count(*) over (${over}) as n from waits`
  const at = (percent: number) => `max(case when place = (n * ${percent} + 99) / 100 then ms end)`
  const rows = await db.rows<LatencyRow>(
    `with ${first === undefined ? '' : `${first}, `}waits as materialized (${sql}), ranked as (${ranked('channel', 'partition by channel')} union all ${ranked("''", 'partition by 1')})
     select channel, n as count, ${at(50)} as p50, ${at(95)} as p95, max(ms) as longest from ranked group by channel, n order by channel`,
    values,
  )
  return rows.map(({ channel, count, p50, p95, longest }) => ({
    channel,
    count: Number(count),
    p50: Number(p50),
    p95: Number(p95),
    longest: Number(longest),
  }))
}
