import type { TaskKind } from '../model/task.ts'
import type { Db } from './db.ts'
import type { Stretch } from './latencies.ts'

/** Orders that were first seen in a stretch of time, by what they are now. */
export interface SeenRow {
  readonly channel: string
  readonly fulfilled_by: 'seller' | 'marketplace'
  readonly status: string
  /** 1: ShipStation has it, had it, or is not to have it: a second copy, a label of the marketplace's own, nothing left to ship. */
  readonly in_shipstation: 0 | 1
  readonly count: number
}

export async function countSeen(db: Db, { from, to }: Stretch): Promise<SeenRow[]> {
  const rows = await db.rows<SeenRow>(
    `select channel, fulfilled_by, status, in_shipstation, count(*) as count from (
       select channel, fulfilled_by, status,
         case when push_state in ('none', 'failed') and coalesce(twin_of, '') = '' and flags not like '%"no_label"%'
           and exists (select 1 from order_lines l where l.order_id = o.id and l.qty_to_ship > 0) then 0 else 1 end as in_shipstation
       from orders o where first_seen_at >= ? and first_seen_at < ?) seen
     group by channel, fulfilled_by, status, in_shipstation`,
    [from, to],
  )
  return rows.map((row) => ({ ...row, count: Number(row.count) }))
}

/** The seller's orders first seen in each hour since the stretch began; hours without any are left out. */
export async function seenByHour(db: Db, { from, to }: Stretch): Promise<{ hour: number; count: number }[]> {
  const rows = await db.rows<{ hour: number; count: number }>(
    `select hour, count(*) as count from (
       select (first_seen_at - cast(? as bigint)) / 3600000 as hour from orders where first_seen_at >= ? and first_seen_at < ? and fulfilled_by = 'seller') seen
     group by hour order by hour`,
    [from, from, to],
  )
  return rows.map(({ hour, count }) => ({ hour: Number(hour), count: Number(count) }))
}

/** Failed tries of one kind of work. */
export interface FailureRow {
  readonly channel: string
  readonly tries: number
  /** How many orders, packages or SKUs they were about. */
  readonly items: number
  /** Of the items, those that were given up in the stretch. */
  readonly given_up: number
}

/** Failed tries of tasks of one kind, by channel. */
export async function failedTries(db: Db, kind: TaskKind, { from, to }: Stretch): Promise<FailureRow[]> {
  const rows = await db.rows<FailureRow>(
    `select t.channel, count(*) as tries, count(distinct e.entity_id) as items, count(distinct case when e.what = ? then e.entity_id end) as given_up
     from events e join tasks t on t.kind = ? and t.key = e.entity_id
     where e.entity = 'task' and e.at >= ? and e.at < ? and e.what in (?, ?) group by t.channel order by t.channel`,
    [`${kind} dead`, kind, from, to, `${kind} failed`, `${kind} dead`],
  )
  return rows.map(numbersOf)
}

/** Quantities that channels did not take, by channel. */
export async function failedQuantities(db: Db, { from, to }: Stretch): Promise<FailureRow[]> {
  const rows = await db.rows<FailureRow>(
    `select channel, count(*) as tries, count(distinct sku) as items, count(distinct case when outcome = 'refused' then sku end) as given_up
     from publication_log where at >= ? and at < ? and outcome in ('failed', 'refused') group by channel order by channel`,
    [from, to],
  )
  return rows.map(numbersOf)
}

function numbersOf({ channel, tries, items, given_up: givenUp }: FailureRow): FailureRow {
  return { channel, tries: Number(tries), items: Number(items), given_up: Number(givenUp) }
}

/** Quantities that channels took, by channel. */
export async function countPublished(db: Db, { from, to }: Stretch): Promise<{ channel: string; count: number }[]> {
  const rows = await db.rows<{ channel: string; count: number }>(
    `select channel, count(*) as count from publication_log where at >= ? and at < ? and outcome = 'accepted' group by channel`,
    [from, to],
  )
  return rows.map(({ channel, count }) => ({ channel, count: Number(count) }))
}

/** Alerts that were opened in the stretch, and those that were resolved. */
export async function countAlerts(db: Db, { from, to }: Stretch): Promise<{ opened: number; resolved: number }> {
  const [row] = await db.rows<{ opened: number; resolved: number }>(
    `select coalesce(sum(case when opened_at >= ? and opened_at < ? then 1 else 0 end), 0) as opened,
       coalesce(sum(case when resolved_at >= ? and resolved_at < ? then 1 else 0 end), 0) as resolved
     from alerts where resolved_at is null or resolved_at >= ?`,
    [from, to, from, to, from],
  )
  return { opened: Number(row?.opened ?? 0), resolved: Number(row?.resolved ?? 0) }
}

/** One run as far as its day is concerned. */
export interface DayRun {
  readonly id: string
  readonly command: string
  readonly started_at: number
  readonly ended_at: number | null
  readonly verdict: string | null
  /** JSON: calls by operation by account. */
  readonly calls: string | null
  /** 1: its calls were written down by the time at which it made them. */
  readonly by_time: number
}

/** Runs that began in the stretch, in the order in which they did, `limit` after `after`. */
export async function runsBetween(
  db: Db,
  { from, to }: Stretch,
  after: Pick<DayRun, 'started_at' | 'id'> | undefined,
  limit: number,
): Promise<DayRun[]> {
  const behind = after === undefined ? '' : 'and (started_at, id) > (?, ?)'
  return db.rows<DayRun>(
    `select id, command, started_at, ended_at, verdict, calls,
       case when exists (select 1 from run_calls c where c.run_id = runs.id) then 1 else 0 end as by_time
     from runs where started_at >= ? and started_at < ? ${behind} order by started_at, id limit ?`,
    [after?.started_at ?? from, to, ...(after === undefined ? [] : [after.started_at, after.id]), limit],
  )
}

/** The rates that vendors have told for their calls: one call each `interval_ms`, and `burst` at once. */
export async function toldRates(
  db: Db,
): Promise<{ account: string; bucket: string; interval_ms: number; burst: number | null }[]> {
  return db.rows(
    'select account, bucket, interval_ms, burst from rate_buckets where interval_ms is not null order by account, bucket',
  )
}

/** Day quotas that vendors have told, as connectors noted them. */
export async function toldQuotas(db: Db, now: number): Promise<{ account: string; value: string }[]> {
  return db.rows(`select account, value from account_notes where name = 'day_quota' and expires_at > ?`, [now])
}

/** When the report of a day was given to the mail last, and when it left. Undefined: never. Epoch ms. */
export async function mailedReport(
  db: Db,
  date: string,
): Promise<{ readonly created_at: number; readonly sent_at: number | null } | undefined> {
  const [row] = await db.rows<{ created_at: number; sent_at: number | null }>(
    `select created_at, sent_at from notices where kind = 'report' and medium = 'email' and subject like ? order by created_at desc limit 1`,
    [`[isync] ${date}:%`],
  )
  return row
}
