import type { Settlement } from '../model/task.ts'
import { type Db, marks } from './db.ts'

/** A delivery in the hands of one worker. `body` is sealed. */
export interface ClaimedDelivery {
  readonly id: string
  readonly provider: string
  readonly key: string
  readonly channel: string
  readonly topic: string
  readonly body: string
  readonly attempts: number
  readonly generation: number
  readonly receivedAt: number
}

/** Leases up to `limit` due deliveries of one sender and channel, the oldest first. An expired lease is due again. */
export async function claimDeliveries(
  db: Db,
  want: { readonly provider: string; readonly channel: string; readonly limit: number },
  lease: { readonly owner: string; readonly until: number },
  now: number,
): Promise<ClaimedDelivery[]> {
  const rows = await db.rowsLightly<ClaimedDelivery>(
    `with due as (
       select id from inbox where provider = ? and channel = ? and state in ('pending', 'waiting', 'running')
         and ((state <> 'running' and next_attempt_at <= ?) or (state = 'running' and lease_until < ?))
       order by next_attempt_at, id limit ? ${db.dialect.lockRows})
     update inbox set state = 'running', lease_owner = ?, lease_until = ?, began_at = ?
     where id in (select id from due)
     returning id, provider, delivery_key as "key", channel, topic, body, attempts, generation, received_at as "receivedAt"`,
    [want.provider, want.channel, now, now, want.limit, lease.owner, lease.until, now],
  )
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Lengthens the lease of everything this worker still holds. Returns how many rows that is. */
export async function renewDeliveries(db: Db, owner: string, until: number, now: number): Promise<number> {
  const renewed = await db.rowsLightly(
    `update inbox set lease_until = ? where lease_owner = ? and state = 'running' and lease_until >= ? returning id`,
    [until, owner, now],
  )
  return renewed.length
}

/** How a delivery leaves the hands of its worker. `outcome` without personal data; `body`: what is kept of it from now on, sealed. `key`:
 * by which it is known from now on, so that whatever comes with its old one is new. */
export type DeliverySettlement = Settlement & { readonly outcome?: string; readonly body?: string; readonly key?: string }

/** Only the present holder may settle; false: the lease was lost. What was said anew meanwhile goes back to pending. */
export async function settleDelivery(
  tx: Db,
  delivery: Pick<ClaimedDelivery, 'id' | 'generation' | 'attempts'>,
  owner: string,
  settlement: DeliverySettlement,
  now: number,
): Promise<boolean> {
  const { state, outcome = null, body = null, key = null } = settlement
  const failed = settlement.state === 'done' ? undefined : settlement
  const over = state === 'waiting' ? null : now
  const changed = await tx.run(
    `update inbox set lease_owner = null, lease_until = null,
       state = case when generation = ? then ? else 'pending' end,
       attempts = case when generation = ? then ? else 0 end,
       next_attempt_at = case when generation = ? then cast(? as bigint) else ? end,
       done_at = case when generation = ? then cast(? as bigint) else null end,
       body = case when generation = ? then coalesce(?, body) else body end,
       delivery_key = case when generation = ? then coalesce(?, delivery_key) else delivery_key end,
       outcome = ?, last_error_kind = ?, last_error = ?
     where id = ? and state = 'running' and lease_owner = ?`,
    [
      delivery.generation,
      state,
      delivery.generation,
      failed?.attempts ?? delivery.attempts,
      delivery.generation,
      settlement.state === 'waiting' ? settlement.nextAttemptAt : now,
      now,
      delivery.generation,
      over,
      delivery.generation,
      body,
      delivery.generation,
      key,
      outcome,
      failed?.errorKind ?? null,
      failed?.error ?? null,
      delivery.id,
      owner,
    ],
  )
  return changed === 1
}

/** Gives back untouched what a stopped worker had not finished. */
export async function releaseDeliveries(db: Db, owner: string, now: number): Promise<void> {
  await db.rowsLightly(
    `update inbox set state = 'waiting', lease_owner = null, lease_until = null, next_attempt_at = ?
     where lease_owner = ? and state = 'running' returning id`,
    [now, owner],
  )
}

/** A sender and channel with deliveries that are not over. Times epoch ms. */
export interface Backlog {
  readonly provider: string
  readonly channel: string
  readonly count: number
  /** How many of them may be worked on now. */
  readonly due: number
  readonly oldest: number
}

/** What waits, per sender and channel. */
export async function inboxBacklog(db: Db, now: number): Promise<Backlog[]> {
  const rows = await db.rows<Backlog>(
    `select provider, channel, count(*) as count, min(received_at) as oldest,
       sum(case when (state <> 'running' and next_attempt_at <= ?) or (state = 'running' and lease_until < ?) then 1 else 0 end) as due
     from inbox where state in ('pending', 'waiting', 'running') group by provider, channel order by provider, channel`,
    [now, now],
  )
  return rows.map((row) => ({ ...row, count: Number(row.count), due: Number(row.due) }))
}

/** A delivery as lists show it. Without its body. */
export interface DeliveryRow {
  readonly id: string
  readonly provider: string
  readonly delivery_key: string
  readonly channel: string
  readonly topic: string
  readonly bytes: number
  readonly state: string
  readonly attempts: number
  readonly times: number
  readonly received_at: number
  readonly next_attempt_at: number
  readonly done_at: number | null
  readonly outcome: string | null
  readonly last_error: string | null
}

const listed =
  'id, provider, delivery_key, channel, topic, bytes, state, attempts, times, received_at, next_attempt_at, done_at, outcome, last_error'

export interface DeliveryFilter {
  readonly ids?: readonly string[]
  readonly providers?: readonly string[]
  readonly states?: readonly string[]
}

/** Deliveries, the newest first. */
export async function listDeliveries(db: Db, { ids, providers, states }: DeliveryFilter, limit: number): Promise<DeliveryRow[]> {
  const narrow = (column: string, values: readonly string[] | undefined) =>
    values === undefined ? [] : [`${column} in (${marks(values.length)})`]
  const where = [...narrow('id', ids), ...narrow('provider', providers), ...narrow('state', states)]
  return db.rows(
    `select ${listed} from inbox ${where.length === 0 ? '' : `where ${where.join(' and ')}`} order by received_at desc, id desc limit ?`,
    [...(ids ?? []), ...(providers ?? []), ...(states ?? []), limit],
  )
}

/** Has deliveries worked on once more, with a full set of tries. Those in the hands of a worker come back after it. Returns how many. */
export function replayDeliveries(db: Db, ids: readonly string[], now: number): Promise<number> {
  return db.run(
    `update inbox set generation = generation + 1, attempts = 0, next_attempt_at = ?, done_at = null, outcome = null,
       state = case when state = 'running' then 'running' else 'pending' end where id in (${marks(ids.length)})`,
    [now, ...ids],
  )
}

/** How many deliveries are not over and since when (epoch ms), and how many were given up. */
export async function countDeliveries(
  db: Db,
): Promise<{ readonly waiting: number; readonly oldest: number | null; readonly dead: number }> {
  const [waiting] = await db.rows<{ count: number; oldest: number | null }>(
    `select count(*) as count, min(received_at) as oldest from inbox where state in ('pending', 'waiting', 'running')`,
  )
  const [dead] = await db.rows<{ count: number }>(`select count(*) as count from inbox where state = 'dead'`)
  return { waiting: Number(waiting?.count ?? 0), oldest: waiting?.oldest ?? null, dead: Number(dead?.count ?? 0) }
}

/** How many deliveries of a sender were given up. */
export async function countDead(db: Db, provider: string): Promise<number> {
  const [row] = await db.rows<{ count: number }>(`select count(*) as count from inbox where provider = ? and state = 'dead'`, [
    provider,
  ])
  return Number(row?.count ?? 0)
}
