import { createRequire } from 'node:module'
import type Database from 'better-sqlite3'
import type { Boundary } from '../ports/system.ts'
import type { Db, SqlValue } from './db.ts'
import { sqlite } from './dialect.ts'

/**
 * Another writer is waited for by SQLite itself for this long, which stops the whole process: a server would not even say that it lives. So it is
 * asked again and again, with a pause for everything else between; about half a minute in all. The waiting is unfair: short transactions matter
 * more than these numbers.
 */
const BUSY_TIMEOUT_MS = 5
const BUSY_PAUSE_MS = 10
const BUSY_TRIES = 2_000

/** What has no pauses, at the opening of a file, waits as long. */
const OPENING_TIMEOUT_MS = BUSY_TRIES * (BUSY_TIMEOUT_MS + BUSY_PAUSE_MS)

/** Statements kept per connection. Texts with lists of varying length would otherwise pile up. */
const MAX_STATEMENTS = 300

interface Connection {
  readonly raw: Database.Database
  readonly statements: Map<string, Database.Statement>
}

/** Opens a SQLite file with better-sqlite3 and raw cached statements. */
export function openSqlite(file: string, boundary: Boundary, options: { readonly readonly?: boolean } = {}): Db {
  const connection = connect(file, options.readonly ?? false)
  let tail: Promise<unknown> = Promise.resolve()

  /** One connection has one transaction: the next waits for the one before. */
  function alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = tail.then(work, work)
    tail = turn.catch(() => undefined)
    return turn
  }

  const inside: Db = {
    ...handle(connection, boundary, true),
    rowsLightly: (sql, values) => inside.rows(sql, values),
    transaction: (work) => work(inside),
    close: () => Promise.resolve(),
  }

  return {
    // Outside statements queue behind a running transaction: they must not slip into it.
    rows: (sql, values) => alone(() => patiently(() => inside.rows(sql, values))),
    rowsLightly: (sql, values) => alone(() => patiently(() => unsynced(connection, () => inside.rows(sql, values)))),
    run: (sql, values) =>
      alone(async () => {
        boundary.reach('db:before-write')
        const changed = await patiently(() => inside.run(sql, values))
        boundary.reach('db:after-write')
        return changed
      }),
    dialect: sqlite,
    boundary,
    inTransaction: false,
    transaction: (work) => alone(() => immediate(connection, boundary, () => work(inside))),
    async close() {
      await tail
      connection.raw.close()
    },
  }
}

/** For what begins with nothing in hand: of a statement that found the file locked, nothing was done. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      const isBusy = error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')
      if (!isBusy || tries >= BUSY_TRIES) throw error
      await new Promise((resolve) => setTimeout(resolve, BUSY_PAUSE_MS))
    }
  }
}

/** BEGIN IMMEDIATE: a read-then-write begun with a plain BEGIN fails at once when another process wrote in between, whatever the busy timeout. */
async function immediate<T>({ raw }: Connection, boundary: Boundary, work: () => Promise<T>): Promise<T> {
  // A turn of the event loop of its own: what the transaction before gave results to goes on first, and not between the statements of this one,
  // where a process that is frozen or slow would keep the lock. better-sqlite3 13, too, frees dropped statements only when the loop turns.
  await new Promise((resolve) => setImmediate(resolve))
  await patiently(async () => raw.exec('begin immediate'))
  try {
    const result = await work()
    boundary.reach('db:before-commit')
    raw.exec('commit')
    boundary.reach('db:after-commit')
    return result
  } catch (error) {
    if (raw.inTransaction) raw.exec('rollback')
    throw error
  }
}

/** In the write-ahead log, which every process reads, and not yet on the disk: the next commit that is takes it along. */
async function unsynced<T>({ raw }: Connection, work: () => Promise<T>): Promise<T> {
  if (raw.readonly) return work()
  raw.pragma('synchronous = NORMAL')
  try {
    return await work()
  } finally {
    raw.pragma('synchronous = FULL')
  }
}

function handle(
  connection: Connection,
  boundary: Boundary,
  inTransaction: boolean,
): Pick<Db, 'rows' | 'run' | 'dialect' | 'boundary' | 'inTransaction'> {
  return {
    dialect: sqlite,
    boundary,
    inTransaction,
    async rows<T extends object>(sql: string, values: readonly SqlValue[] = []): Promise<T[]> {
      return statementOf(connection, sql).all(...values) as T[]
    },
    async run(sql: string, values: readonly SqlValue[] = []): Promise<number> {
      return statementOf(connection, sql).run(...values).changes
    },
  }
}

function statementOf({ raw, statements }: Connection, sql: string): Database.Statement {
  const known = statements.get(sql)
  if (known !== undefined) return known
  if (statements.size >= MAX_STATEMENTS) statements.clear()
  const statement = raw.prepare(sql)
  statements.set(sql, statement)
  return statement
}

function connect(file: string, readonly: boolean): Connection {
  const BetterSqlite = createRequire(import.meta.url)('better-sqlite3') as typeof Database
  const raw = new BetterSqlite(file, { readonly, timeout: OPENING_TIMEOUT_MS })
  if (!readonly) {
    raw.pragma('journal_mode = WAL')
    // FULL: an acknowledged intent must survive a power cut, else a label could be bought twice.
    raw.pragma('synchronous = FULL')
    // What is deleted or replaced is overwritten by zeros: else erased personal data would stay in the file until its room is used again.
    raw.pragma('secure_delete = ON')
  }
  raw.pragma('foreign_keys = ON')
  raw.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`)
  return { raw, statements: new Map() }
}
