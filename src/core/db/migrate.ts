import { createRequire } from 'node:module'
import { setTimeout as wait } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import type { Knex } from 'knex'
import { migrations } from '../../../migrations/index.ts'
import { OperatorError } from '../errors.ts'
import type { Db } from './db.ts'
import { displayUrl, openDb } from './open.ts'

export interface MigrationStatus {
  readonly applied: readonly string[]
  readonly pending: readonly string[]
  /** Applied by a newer version of the program and unknown to this one. */
  readonly unknown: readonly string[]
}

const source: Knex.MigrationSource<(typeof migrations)[number]> = {
  getMigrations: () => Promise.resolve([...migrations]),
  getMigrationName: ({ name }) => name,
  getMigration: ({ migration }) => Promise.resolve(migration),
}

/**
 * Applies every pending migration, each in its own transaction. Two starters at once are safe: the second waits and finds nothing to do.
 * A killed migration leaves nothing half-done: its transaction rolls back, and our own lock dies with the process.
 */
export async function migrateUp(url: string): Promise<{ readonly applied: readonly string[] }> {
  const db = await openDb(url, { create: true })
  try {
    return await locked(url, db, async () => {
      const { unknown } = await migrationStatus(db)
      if (unknown.length > 0) throw newerSchema(url, unknown)
      return { applied: await applyPending(url) }
    })
  } finally {
    await db.close()
  }
}

/** Which migrations are applied, pending, or from a newer program. Reads only. */
export async function migrationStatus(db: Db): Promise<MigrationStatus> {
  const known = migrations.map(({ name }) => name)
  const done = await appliedNames(db)
  return {
    applied: known.filter((name) => done.includes(name)),
    pending: known.filter((name) => !done.includes(name)),
    unknown: done.filter((name) => !known.includes(name)),
  }
}

/** Throws OperatorError unless the schema is exactly the one this program knows. */
export async function assertMigrated(url: string, db: Db): Promise<void> {
  const { pending, unknown } = await migrationStatus(db)
  if (unknown.length > 0) throw newerSchema(url, unknown)
  if (pending.length === 0) return
  throw new OperatorError({
    what: 'the database schema is behind this program',
    where: displayUrl(url),
    why: `${pending.length} migration(s) pending: ${pending.join(', ')}`,
    next: 'isync db:migrate',
  })
}

function newerSchema(url: string, unknown: readonly string[]): OperatorError {
  return new OperatorError({
    what: 'the database schema is newer than this program',
    where: displayUrl(url),
    why: `it holds ${unknown.join(', ')}, which this version does not know`,
    next: 'run the newer version of isync on this host too',
  })
}

async function appliedNames(db: Db): Promise<string[]> {
  const exists =
    db.dialect.name === 'sqlite'
      ? await db.rows(`select name from sqlite_master where type = 'table' and name = 'knex_migrations'`)
      : await db.rows(`select 1 as one where to_regclass('knex_migrations') is not null`)
  if (exists.length === 0) return []
  const rows = await db.rows<{ name: string }>('select name from knex_migrations order by id')
  return rows.map(({ name }) => name)
}

async function applyPending(url: string): Promise<string[]> {
  const { connectKnex } = await import('./knex.ts')
  const knex = connectKnex(url)
  try {
    // We hold the real lock, so a flag in knex's lock table can only be that of a process that died.
    await knex.migrate.forceFreeMigrationsLock({ migrationSource: source })
    const [, applied] = (await knex.migrate.latest({ migrationSource: source })) as [number, string[]]
    return applied
  } finally {
    await knex.destroy()
  }
}

/** A minute: no migration of ours takes longer. */
const LOCK_TRIES = 1200
const LOCK_PAUSE_MS = 50

/** Any number will do, as long as it is always the same one. */
const ADVISORY_LOCK = 7_153_001

/** A lock that the operating system or the server takes back when its holder dies. */
async function locked<T>(url: string, db: Db, work: () => Promise<T>): Promise<T> {
  if (db.dialect.name === 'postgres') {
    return db.transaction(async (tx) => {
      await tx.run('set local lock_timeout = 0')
      await tx.rows('select pg_advisory_xact_lock(?::bigint)', [ADVISORY_LOCK])
      await tx.run('set local idle_in_transaction_session_timeout = 0')
      return work()
    })
  }
  const BetterSqlite = createRequire(import.meta.url)('better-sqlite3') as typeof Database
  const file = url.slice('sqlite:'.length)
  const lock = new BetterSqlite(`${file}-migrating`, { timeout: 0 })
  try {
    await takeExclusive(lock)
    return await work()
  } finally {
    lock.close()
  }
}

/** SQLite's own waiting would stop the whole process, and with it a holder that lives in the same one. */
async function takeExclusive(lock: Database.Database): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      lock.exec('begin exclusive')
      return
    } catch (error) {
      const busy = (error as { code?: string }).code === 'SQLITE_BUSY'
      if (!busy || tries >= LOCK_TRIES) throw error
      await wait(LOCK_PAUSE_MS)
    }
  }
}

/** For `db:status`: opens, looks, closes. `shown` is the database without its password. */
export async function readMigrationStatus(url: string): Promise<{ readonly shown: string; readonly status: MigrationStatus }> {
  const db = await openDb(url, { readonly: true })
  try {
    return { shown: displayUrl(url), status: await migrationStatus(db) }
  } finally {
    await db.close()
  }
}
