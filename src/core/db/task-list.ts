import type { ErrorKind } from '../errors.ts'
import type { ChannelCode } from '../model/channel.ts'
import type { TaskKind, TaskState } from '../model/task.ts'
import { type Db, marks, type SqlValue } from './db.ts'

export interface TaskFilter {
  readonly kinds?: readonly TaskKind[]
  readonly channels?: readonly ChannelCode[]
  readonly states?: readonly TaskState[]
  readonly ids?: readonly string[]
  /** Of what kind the last error was. */
  readonly errorKinds?: readonly ErrorKind[]
  readonly externalOrderId?: string
  readonly shipmentId?: string
  /** Only what could be claimed at this instant. */
  readonly dueAt?: number
}

export interface TaskRow {
  readonly id: string
  readonly kind: TaskKind
  readonly key: string
  readonly channel: ChannelCode
  readonly state: TaskState
  readonly attempts: number
  readonly next_attempt_at: number
  readonly lease_until: number | null
  readonly last_error_kind: string | null
  readonly last_error: string | null
  readonly external_order_id: string | null
  readonly updated_at: number
}

/** Tasks as an operator sees them, oldest due first. */
export async function listTasks(db: Db, filter: TaskFilter, limit: number): Promise<TaskRow[]> {
  const { where, values } = conditions(filter)
  return db.rows<TaskRow>(
    `select t.id, t.kind, t.key, t.channel, t.state, t.attempts, t.next_attempt_at, t.lease_until, t.last_error_kind, t.last_error, t.updated_at, o.external_order_id
     from tasks t left join orders o on o.id = t.order_id where ${where} order by t.next_attempt_at, t.id limit ?`,
    [...values, limit],
  )
}

export interface TaskCount {
  readonly kind: TaskKind
  readonly channel: ChannelCode
  readonly state: TaskState
  readonly count: number
  readonly oldest: number
}

/** How much of what is in which state; done tasks left out. */
export async function countTasks(db: Db): Promise<TaskCount[]> {
  const rows = await db.rows<TaskCount>(
    `select kind, channel, state, count(*) as count, min(created_at) as oldest from tasks where state <> 'done' group by kind, channel, state order by kind, channel, state`,
  )
  return rows.map((row) => ({ ...row, count: Number(row.count) }))
}

function conditions(filter: TaskFilter): { where: string; values: SqlValue[] } {
  const parts: string[] = ['1 = 1']
  const values: SqlValue[] = []
  function among(column: string, list: readonly string[] | undefined): void {
    if (list === undefined) return
    parts.push(list.length === 0 ? '1 = 0' : `${column} in (${marks(list.length)})`)
    values.push(...list)
  }
  among('t.kind', filter.kinds)
  among('t.channel', filter.channels)
  among('t.state', filter.states)
  among('t.id', filter.ids)
  among('t.last_error_kind', filter.errorKinds)
  if (filter.externalOrderId !== undefined) {
    parts.push('o.external_order_id = ?')
    values.push(filter.externalOrderId)
  }
  if (filter.shipmentId !== undefined) {
    parts.push('t.shipment_id = ?')
    values.push(filter.shipmentId)
  }
  if (filter.dueAt !== undefined) {
    parts.push(`((t.state in ('pending', 'waiting') and t.next_attempt_at <= ?) or (t.state = 'running' and t.lease_until < ?))`)
    values.push(filter.dueAt, filter.dueAt)
  }
  return { where: parts.join(' and '), values }
}
