import type { ChannelCode } from '../model/channel.ts'
import type { ClaimedTask, Lease, Settlement, TaskKind } from '../model/task.ts'
import { type Db, insertMany, marks, type SqlValue } from './db.ts'

export interface NewTask {
  readonly id: string
  readonly kind: TaskKind
  readonly key: string
  readonly channel: ChannelCode
  readonly orderId: string | null
  readonly shipmentId: string | null
}

/** The number of this lock among those of the program. */
const CLAIMS_OF_CONFIRMATIONS = 1

const claimedColumns = `id, kind, key, channel, order_id as "orderId", shipment_id as "shipmentId", attempts, generation, sent_at as "sentAt"`

/** Adds tasks that are not there yet. A key that exists keeps its row, whatever its state. */
export async function addTasks(db: Db, tasks: readonly NewTask[], now: number): Promise<void> {
  const rows = tasks.map((task) => ({
    id: task.id,
    kind: task.kind,
    key: task.key,
    channel: task.channel,
    order_id: task.orderId,
    shipment_id: task.shipmentId,
    state: 'pending',
    next_attempt_at: now,
    created_at: now,
    updated_at: now,
  }))
  await insertMany(db, 'tasks', rows, 'on conflict (kind, key) do nothing')
}

/**
 * Asks for the work anew. A running task keeps its worker; the raised generation makes that worker's result
 * insufficient, so the task comes back. `sent_at` stays: what may have been sent must still be looked up.
 */
export function rearmTask(db: Db, kind: TaskKind, key: string, now: number): Promise<boolean> {
  return rearm(db, kind, key, now, '')
}

/** The same, unless the work is over: nobody asks for more of it. */
export function rearmUnfinished(db: Db, kind: TaskKind, key: string, now: number): Promise<boolean> {
  return rearm(db, kind, key, now, `and state <> 'done'`)
}

async function rearm(db: Db, kind: TaskKind, key: string, now: number, narrow: string): Promise<boolean> {
  const changed = await db.run(
    `update tasks set generation = generation + 1, attempts = 0, next_attempt_at = ?, updated_at = ?, last_error = null, last_error_kind = null,
       state = case when state = 'running' then 'running' else 'pending' end
     where kind = ? and key = ? ${narrow}`,
    [now, now, kind, key],
  )
  return changed > 0
}

/** Leases up to `limit` due tasks. An expired lease is due again: so the work of a killed process comes back. */
export async function claimTasks(
  db: Db,
  want: {
    readonly kind: TaskKind
    readonly channel?: ChannelCode
    /** None of these channels. */
    readonly except?: readonly ChannelCode[]
    readonly ids?: readonly string[]
    readonly limit: number
  },
  lease: Lease,
  now: number,
): Promise<ClaimedTask[]> {
  const narrow: string[] = []
  const values: SqlValue[] = [want.kind]
  if (want.channel !== undefined) {
    narrow.push('and channel = ?')
    values.push(want.channel)
  }
  if (want.except !== undefined && want.except.length > 0) {
    narrow.push(`and channel not in (${marks(want.except.length)})`)
    values.push(...want.except)
  }
  if (want.ids !== undefined) {
    narrow.push(`and id in (${marks(want.ids.length)})`)
    values.push(...want.ids)
  }
  // Some marketplaces replace an order's packages by what they are told: two workers who tell of one order at once would undo each other's.
  if (want.kind === 'confirm') {
    narrow.push(`and not exists (select 1 from tasks r where r.order_id = tasks.order_id and r.id <> tasks.id
      and r.kind = 'confirm' and r.state = 'running' and r.lease_until >= ?)`)
    values.push(now)
  }
  values.push(now, now, want.limit, lease.owner, lease.until, now)
  // A CTE that locks is evaluated once, so the limit holds; a plain subselect may be run again by the planner.
  const rows = await db.transaction(async (tx) => {
    // One claims at a time, so that nobody overlooks what another is just claiming.
    const { oneAtATime } = tx.dialect
    if (want.kind === 'confirm' && oneAtATime !== undefined) await tx.rows(oneAtATime, [CLAIMS_OF_CONFIRMATIONS])
    return tx.rows<ClaimedTask>(
      `with due as (
         select id from tasks where kind = ? ${narrow.join(' ')}
           and ((state in ('pending', 'waiting') and next_attempt_at <= ?) or (state = 'running' and lease_until < ?))
         order by next_attempt_at, id limit ? ${db.dialect.lockRows})
       update tasks set state = 'running', lease_owner = ?, lease_until = ?, updated_at = ?
       where id in (select id from due)
       returning ${claimedColumns}`,
      values,
    )
  })
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1))
}

/**
 * Acknowledgements of orders whose packages are due to be told now, and which wait after a failure, become due as well. Not those that wait because
 * the vendor said for how long. Returns how many.
 */
export async function hastenAcknowledgements(db: Db, channel: ChannelCode, now: number): Promise<number> {
  return db.run(
    `update tasks set next_attempt_at = ?, updated_at = ?
     where kind = 'acknowledge' and channel = ? and state = 'waiting' and next_attempt_at > ? and last_error_kind = 'retryable'
       and order_id in (select c.order_id from tasks c
         where c.kind = 'confirm' and c.channel = ? and c.state in ('pending', 'waiting') and c.next_attempt_at <= ?)`,
    [now, now, channel, now, channel, now],
  )
}

/** Writes down that these requests are about to leave. Returns the ids still ours: the others belong to somebody else by now. */
export async function markSent(db: Db, ids: readonly string[], owner: string, now: number): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set()
  const rows = await db.transaction((tx) =>
    tx.rows<{ id: string }>(
      `update tasks set sent_at = ?, updated_at = ? where id in (${marks(ids.length)}) and state = 'running' and lease_owner = ? and lease_until >= ? returning id`,
      [now, now, ...ids, owner, now],
    ),
  )
  return new Set(rows.map(({ id }) => id))
}

/** Lengthens the lease of everything this claim still holds. Returns how many rows that is. */
export async function renewTasks(db: Db, lease: Lease, now: number): Promise<number> {
  return db.run(`update tasks set lease_until = ? where lease_owner = ? and state = 'running' and lease_until >= ?`, [
    lease.until,
    lease.owner,
    now,
  ])
}

/**
 * Only the present holder may settle. False: the lease was lost, drop the result. A task asked for anew meanwhile goes back to pending
 * instead of done or dead.
 */
export async function settleTask(
  db: Db,
  task: ClaimedTask,
  owner: string,
  settlement: Settlement,
  now: number,
): Promise<boolean> {
  const settled = settlement.state
  const failed = settlement.state === 'done' ? null : settlement
  const keepSent = settlement.state !== 'done' && settlement.keepSent
  const changed = await db.run(
    `update tasks set state = case when generation = ? then ? else 'pending' end,
       attempts = case when generation = ? then ? else 0 end,
       next_attempt_at = case when generation = ? then cast(? as bigint) else ? end,
       lease_owner = null, lease_until = null, sent_at = case when ? = 1 then sent_at else null end,
       last_error_kind = ?, last_error = ?, updated_at = ?
     where id = ? and state = 'running' and lease_owner = ?`,
    [
      task.generation,
      settled,
      task.generation,
      failed?.attempts ?? task.attempts,
      task.generation,
      settlement.state === 'waiting' ? settlement.nextAttemptAt : now,
      now,
      keepSent ? 1 : 0,
      failed?.errorKind ?? null,
      failed?.error ?? null,
      now,
      task.id,
      owner,
    ],
  )
  return changed === 1
}

/** Gives claimed tasks back untouched: the run was told to stop before it began them. */
export async function releaseTasks(db: Db, owner: string, now: number): Promise<void> {
  await db.run(
    `update tasks set state = 'waiting', lease_owner = null, lease_until = null, next_attempt_at = ?, updated_at = ? where lease_owner = ? and state = 'running'`,
    [now, now, owner],
  )
}

/** Puts back, untouched, tasks whose unknown outcome is too fresh to be looked up. */
export async function postponeTasks(db: Db, ids: readonly string[], owner: string, until: number): Promise<void> {
  if (ids.length === 0) return
  await db.run(
    `update tasks set state = 'waiting', lease_owner = null, lease_until = null, next_attempt_at = ?
     where id in (${marks(ids.length)}) and state = 'running' and lease_owner = ?`,
    [until, ...ids, owner],
  )
}

/** A task that nobody needs any more: the order was cancelled before it was pushed. Running or possibly sent tasks are left alone. */
export async function dropTask(db: Db, kind: TaskKind, key: string, now: number): Promise<boolean> {
  const changed = await db.run(
    `update tasks set state = 'done', updated_at = ?, last_error = null, last_error_kind = null
     where kind = ? and key = ? and state in ('pending', 'waiting', 'dead') and sent_at is null`,
    [now, kind, key],
  )
  return changed === 1
}

/** Makes dead or waiting tasks due now with a full set of retries. Returns how many. */
export async function rearmTasks(db: Db, ids: readonly string[], now: number): Promise<number> {
  if (ids.length === 0) return 0
  return db.run(
    `update tasks set state = 'pending', attempts = 0, next_attempt_at = ?, updated_at = ? where id in (${marks(ids.length)}) and state in ('dead', 'waiting', 'pending')`,
    [now, now, ...ids],
  )
}
