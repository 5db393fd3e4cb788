import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import type { Boundary } from '../ports/system.ts'
import { type Db, insertMany, type SqlValue } from './db.ts'
import { assertMigrated, migrateUp } from './migrate.ts'
import { openDb } from './open.ts'

/**
 * Tables a dry run starts from. Payloads and events are only ever appended to, runs and leases belong to real runs: a dry run neither waits
 * for them nor blocks them. Parents before children.
 */
const copied = [
  'orders',
  'order_lines',
  'shipments',
  'shipment_lines',
  'tasks',
  'cursors',
  'rate_buckets',
  'access_tokens',
  'circuits',
  'account_notes',
  'alerts',
  'notices',
  'inbox',
  'settings',
  'stock',
  'stock_movements',
  'stock_marks',
  'publications',
  'listings',
]

const ROWS_PER_READ = 2_000

/**
 * A private copy of the database for a dry run. The real one is only read: whatever the use cases write goes to the copy and is thrown away,
 * so that they need not know that the run is dry.
 */
export async function openScratch(url: string, boundary: Boundary): Promise<Db> {
  const folder = mkdtempSync(join(tmpdir(), 'isync-dry-run-'))
  const file = join(folder, 'scratch.db')
  try {
    const source = await openDb(url, { readonly: true })
    try {
      await assertMigrated(url, source)
      if (url.startsWith('sqlite:')) vacuumInto(url.slice('sqlite:'.length), file)
      else await copyTables(source, file)
    } finally {
      await source.close()
    }
    const scratch = await openDb(`sqlite:${file}`, { boundary })
    await scratch.run('delete from leases')
    // Whoever was fetching a token when the copy was made will never say so here.
    await scratch.run('update access_tokens set lease_owner = null, lease_until = 0')
    return {
      dialect: scratch.dialect,
      boundary: scratch.boundary,
      inTransaction: false,
      rows: (sql, values) => scratch.rows(sql, values),
      rowsLightly: (sql, values) => scratch.rowsLightly(sql, values),
      run: (sql, values) => scratch.run(sql, values),
      transaction: (work) => scratch.transaction(work),
      async close() {
        await scratch.close()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

function vacuumInto(from: string, to: string): void {
  const BetterSqlite = createRequire(import.meta.url)('better-sqlite3') as typeof Database
  const source = new BetterSqlite(from, { readonly: true, timeout: 30_000 })
  try {
    source.prepare('vacuum into ?').run(to)
  } finally {
    source.close()
  }
}

async function copyTables(source: Db, file: string): Promise<void> {
  const url = `sqlite:${file}`
  await migrateUp(url)
  const target = await openDb(url)
  try {
    await source.transaction(async (snapshot) => {
      await snapshot.run('set transaction isolation level repeatable read')
      for (const table of copied) await copyTable(snapshot, target, table)
    })
  } finally {
    await target.close()
  }
}

async function copyTable(source: Db, target: Db, table: string): Promise<void> {
  for (let offset = 0; ; offset += ROWS_PER_READ) {
    const rows = await source.rows<Record<string, SqlValue>>(`select * from ${table} order by 1, 2 limit ? offset ?`, [
      ROWS_PER_READ,
      offset,
    ])
    await target.transaction((tx) => insertMany(tx, table, rows))
    if (rows.length < ROWS_PER_READ) return
  }
}
