import type { Db, SqlValue } from './db.ts'
import type { DueCount } from './erasure.ts'

/** A table that only ever grows, and by which of its columns it ages. */
export interface Journal {
  readonly table:
    | 'events'
    | 'runs'
    | 'run_calls'
    | 'alerts'
    | 'publication_log'
    | 'stock_history'
    | 'stock_readings'
    | 'findings'
    | 'notices'
    | 'inbox'
    | 'refusals'
    | 'deleted_accounts'
  /** As an operator calls it. */
  readonly name: string
}

interface Walk extends Journal {
  /** Epoch ms: the age of a row `t`. */
  readonly at: string
  /** A key in whose order the table is walked through. */
  readonly order: readonly string[]
  /** What else must hold for a row `t` to go; each `?` is the same limit. */
  readonly onlyIf?: string
}

/** What was last said stays however old it is: it is what still holds. */
const walks: readonly Walk[] = [
  { table: 'events', name: 'events', at: 'at', order: ['at', 'id'] },
  { table: 'runs', name: 'runs', at: 'started_at', order: ['started_at', 'id'] },
  { table: 'run_calls', name: 'calls of servers', at: 'from_at', order: ['from_at', 'run_id'] },
  { table: 'alerts', name: 'closed alerts', at: 'resolved_at', order: ['resolved_at', 'id'] },
  { table: 'findings', name: 'closed findings', at: 'closed_at', order: ['closed_at', 'id'] },
  { table: 'notices', name: 'messages about alerts', at: 'created_at', order: ['created_at', 'id'] },
  // What waits stays, however old it is.
  { table: 'inbox', name: 'webhook deliveries', at: 'done_at', order: ['done_at', 'id'] },
  { table: 'refusals', name: 'counts of refused webhooks', at: 'hour', order: ['hour', 'provider', 'reason'] },
  { table: 'deleted_accounts', name: 'digests of deleted accounts', at: 'deleted_at', order: ['deleted_at', 'digest'] },
  {
    table: 'publication_log',
    name: 'told quantities',
    at: 'at',
    order: ['at', 'id'],
    onlyIf:
      'exists (select 1 from publication_log n where n.sku = t.sku and n.channel = t.channel and n.at < ? and (n.at, n.id) > (t.at, t.id))',
  },
  {
    table: 'stock_history',
    name: 'stock history',
    at: 'read_at',
    order: ['sku', 'read_at', 'reading_id'],
    onlyIf:
      'exists (select 1 from stock_history n where n.sku = t.sku and n.read_at < ? and (n.read_at, n.reading_id) > (t.read_at, t.reading_id))',
  },
  {
    table: 'stock_readings',
    name: 'stock readings',
    at: 'began_at',
    order: ['began_at', 'id'],
    onlyIf:
      't.ended_at is not null and exists (select 1 from stock_readings n where n.kind = t.kind and n.verdict = t.verdict and n.began_at > t.began_at and n.began_at < ?)',
  },
]

/** Every journal that grows old. */
export const journals: readonly Journal[] = walks

/** How many rows of a journal may go, given that everything before this instant may. */
export async function countOldRows(db: Db, { table }: Journal, before: number): Promise<DueCount> {
  const walk = walkOf(table)
  const [row] = await db.rows<DueCount>(
    `select count(*) as count, min(t.${walk.at}) as oldest from ${table} t where ${conditionOf(walk)}`,
    limitsOf(walk, before),
  )
  return { count: Number(row?.count ?? 0), oldest: row?.oldest ?? null }
}

/** Where the next step through a journal begins, and how many rows the last one deleted. `next` undefined: the end was reached. */
export interface JournalStep {
  readonly deleted: number
  readonly next: readonly SqlValue[] | undefined
}

/** Deletes the old ones among the next `size` rows behind `after`. */
export async function deleteOldRows(
  db: Db,
  { table }: Journal,
  before: number,
  after: readonly SqlValue[] | undefined,
  size: number,
): Promise<JournalStep> {
  const walk = walkOf(table)
  const key = (name: string) => `(${walk.order.map((column) => `${name}.${column}`).join(', ')})`
  const place = `(${walk.order.map(() => '?').join(', ')})`
  const behind = after === undefined ? '' : `and ${key('t')} > ${place}`
  // A table that is ordered by age ends where the young ones begin.
  const young = walk.order[0] === walk.at ? `t.${walk.at} < ?` : '1 = 1'
  const rows = await db.rows<Record<string, SqlValue>>(
    `select ${walk.order.map((column) => `t.${column}`).join(', ')} from ${table} t where ${young} ${behind}
     order by ${walk.order.map((column) => `t.${column}`).join(', ')} limit ?`,
    [...(young === '1 = 1' ? [] : [before]), ...(after ?? []), size],
  )
  const last = rows.at(-1)
  if (last === undefined) return { deleted: 0, next: undefined }
  const next = walk.order.map((column) => last[column] ?? null)
  const deleted = await db.run(`delete from ${table} as t where ${conditionOf(walk)} ${behind} and ${key('t')} <= ${place}`, [
    ...limitsOf(walk, before),
    ...(after ?? []),
    ...next,
  ])
  return { deleted, next: rows.length < size ? undefined : next }
}

function walkOf(table: Journal['table']): Walk {
  const walk = walks.find((candidate) => candidate.table === table)
  if (walk === undefined) throw new Error(`no journal ${table}`)
  return walk
}

function conditionOf({ at, onlyIf }: Walk): string {
  return `t.${at} < ?${onlyIf === undefined ? '' : ` and ${onlyIf}`}`
}

function limitsOf({ onlyIf }: Walk, before: number): SqlValue[] {
  return onlyIf === undefined ? [before] : [before, before]
}
