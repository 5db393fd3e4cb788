import type { Db } from './db.ts'

/** A statement of ours was cancelled: it took too long, or somebody else held the table. */
const PUT_OFF = new Set(['57014', '55P03'])

/**
 * Makes sure that deleted and replaced values are not merely out of reach. SQLite: they were overwritten when they were deleted, but older
 * pages may stand in the write-ahead log, which is emptied. PostgreSQL: dead rows of these tables are removed. Returns what stood in the
 * way, in words; undefined when it is done.
 */
export async function giveRoomBack(db: Db, tables: readonly string[]): Promise<string | undefined> {
  if (db.dialect.name === 'sqlite') {
    const [log] = await db.rows<{ busy: number }>('pragma wal_checkpoint(truncate)')
    return log?.busy === 0 ? undefined : 'another process was reading: older pages are still in the write-ahead log'
  }
  const late: string[] = []
  for (const table of tables) {
    try {
      await db.run(`vacuum ${table}`)
    } catch (error) {
      if (!PUT_OFF.has((error as { code?: string }).code ?? '')) throw error
      late.push(table)
    }
  }
  return late.length === 0 ? undefined : `vacuum of ${late.join(', ')} did not end in time`
}
