import { setTimeout as pause } from 'node:timers/promises'
import type { Db } from './db.ts'

/** Readers are waited for that long; whoever reads longer is told of. */
const PATIENCE_MS = 30_000
const PAUSE_MS = 50

/** A statement of ours was cancelled: it took too long, or somebody else held the table. */
const PUT_OFF = new Set(['57014', '55P03'])

/**
 * Makes sure that deleted and replaced values are not merely out of reach. SQLite: they were overwritten when they were deleted, but older
 * pages may stand in the write-ahead log, which is emptied. PostgreSQL: dead rows of these tables are removed. Returns what stood in the
 * way, in words; undefined when it is done.
 */
export async function giveRoomBack(db: Db, tables: readonly string[], patienceMs = PATIENCE_MS): Promise<string | undefined> {
  if (db.dialect.name === 'sqlite') {
    const emptied = await emptyLog(db, patienceMs / PAUSE_MS)
    return emptied ? undefined : 'another process was reading: older pages are still in the write-ahead log'
  }
  const late: string[] = []
  const others: string[] = []
  for (const table of tables) {
    if (!(await mayVacuum(db, table))) {
      others.push(table)
      continue
    }
    try {
      await db.run(`vacuum ${table}`)
    } catch (error) {
      if (!PUT_OFF.has((error as { code?: string }).code ?? '')) throw error
      late.push(table)
    }
  }
  const hindered = [
    ...(late.length === 0 ? [] : [`vacuum of ${late.join(', ')} did not end in time`]),
    ...(others.length === 0 ? [] : [`this database user may not vacuum ${others.join(', ')}: run it as their owner`]),
  ]
  return hindered.length === 0 ? undefined : hindered.join('; ')
}

/** Asks again while others read, with a pause for them and for everything else in this process. */
async function emptyLog(db: Db, tries: number): Promise<boolean> {
  for (let tried = 1; ; tried += 1) {
    const [log] = await db.rows<{ busy: number }>('pragma wal_checkpoint(truncate)')
    if (log?.busy === 0) return true
    if (tried >= tries) return false
    await pause(PAUSE_MS)
  }
}

/** PostgreSQL passes over the tables of others with no more than a notice, as if it had done them. */
async function mayVacuum(db: Db, table: string): Promise<boolean> {
  // The right to maintain tables is younger than the oldest version that we serve, which knows no such word.
  const [row] = await db.rows<{ may: boolean }>(
    `select pg_has_role(c.relowner, 'USAGE')
       or pg_has_role((select datdba from pg_database where datname = current_database()), 'USAGE')
       or case when current_setting('server_version_num')::int >= 170000 then has_table_privilege(c.oid, 'MAINTAIN') else false end as may
     from pg_class c where c.oid = to_regclass(?)`,
    [table],
  )
  // Without such a table vacuum itself says so.
  return row?.may ?? true
}
