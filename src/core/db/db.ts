import type { Boundary } from '../ports/system.ts'
import type { Dialect } from './dialect.ts'

export type SqlValue = string | number | null

/** An open database, or a transaction on it. */
export interface Db {
  readonly dialect: Dialect
  readonly boundary: Boundary
  /** Rows of one statement with `?` placeholders, valid on both databases. */
  rows<T extends object>(sql: string, values?: readonly SqlValue[]): Promise<T[]>
  /**
   * As {@link rows}, for a write that may be forgotten by a power cut, never by the end of a process: the pace of calls, how long a lease lasts.
   * It does not wait for the disk.
   */
  rowsLightly<T extends object>(sql: string, values?: readonly SqlValue[]): Promise<T[]>
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

/** Inserts many rows with as few statements as the database likes best. `columns` are the keys of every row, in any order. */
export async function insertMany<T extends object>(db: Db, table: string, rows: readonly T[], onConflict = ''): Promise<void> {
  const first = rows[0]
  if (first === undefined) return
  const columns = Object.keys(first)
  const names = columns.join(', ')
  if (db.dialect.name === 'sqlite') {
    // One cached statement run per row beats long statements.
    const insert = `insert into ${table} (${names}) values (${marks(columns.length)}) ${onConflict}`
    for (const row of rows as readonly Readonly<Record<string, SqlValue>>[]) {
      await db.run(
        insert,
        columns.map((column) => row[column] ?? null),
      )
    }
    return
  }
  // One document instead of thousands of parameters; the table itself says what types they are.
  const insert = `insert into ${table} (${names}) select ${names} from json_populate_recordset(null::${table}, ?::json) ${onConflict}`
  const storable = (_key: string, value: unknown) => (typeof value === 'string' ? db.dialect.storable(value) : value)
  for (let start = 0; start < rows.length; start += ROWS_PER_DOCUMENT) {
    await db.run(insert, [JSON.stringify(rows.slice(start, start + ROWS_PER_DOCUMENT), storable)])
  }
}

const ROWS_PER_DOCUMENT = 1_000

/** Rows as the one JSON parameter of {@link Dialect.recordset}. */
export function recordsOf(db: Db, rows: readonly object[]): string {
  return JSON.stringify(rows, (_key, value: unknown) => (typeof value === 'string' ? db.dialect.storable(value) : value))
}

/** SKUs as the one JSON parameter of `recordset({ sku: 'text' })`. */
export function skuRecords(db: Db, skus: readonly string[]): string {
  return recordsOf(
    db,
    skus.map((sku) => ({ sku })),
  )
}
