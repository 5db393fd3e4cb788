import type { Boundary } from '../ports/system.ts'
import type { Dialect } from './dialect.ts'

export type SqlValue = string | number | null

/** An open database, or a transaction on it. */
export interface Db {
  readonly dialect: Dialect
  readonly boundary: Boundary
  /** Rows of one statement with `?` placeholders, valid on both databases. */
  rows<T extends object>(sql: string, values?: readonly SqlValue[]): Promise<T[]>
  /** Number of rows a statement changed. */
  run(sql: string, values?: readonly SqlValue[]): Promise<number>
  /** Runs `work` in one transaction: all of it or nothing. On SQLite it is begun with the write lock in hand. */
  transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>
  /** True inside a transaction. */
  readonly inTransaction: boolean
  close(): Promise<void>
}

/** `?, ?, ?` for a list of that length. */
export function marks(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ')
}

/** Inserts many rows with as few statements as the driver takes. `columns` are the keys of every row, in any order. */
export async function insertMany<T extends object>(db: Db, table: string, rows: readonly T[], onConflict = ''): Promise<void> {
  const first = rows[0]
  if (first === undefined) return
  const columns = Object.keys(first)
  const head = `insert into ${table} (${columns.join(', ')}) values`
  // SQLite: one cached statement run per row beats long statements; PostgreSQL: round trips are what costs.
  const perStatement = db.dialect.name === 'sqlite' ? 1 : Math.max(1, Math.floor(30_000 / columns.length))
  for (let start = 0; start < rows.length; start += perStatement) {
    const chunk = rows.slice(start, start + perStatement)
    const tuples = chunk.map(() => `(${marks(columns.length)})`).join(', ')
    const values = chunk.flatMap((row) => columns.map((column) => (row as Record<string, SqlValue>)[column] ?? null))
    await db.run(`${head} ${tuples} ${onConflict}`, values)
  }
}
