import { spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Knex } from 'knex'
import { describe, expect, inject, it } from 'vitest'
import { migrations } from '../../../migrations/index.ts'
import { connectKnex } from '../../../src/core/db/knex.ts'
import { assertMigrated, migrateUp, migrationStatus } from '../../../src/core/db/migrate.ts'
import { openDb } from '../../../src/core/db/open.ts'
import { databases } from '../../world/databases.ts'
import { fingerprint } from '../../world/dump.ts'

const names = migrations.map(({ name }) => name)
const program = resolve(import.meta.dirname, '../../../bin/isync')

describe.each(databases)('migrations, with $name', ({ url: fresh, migrated }) => {
  it('are all applied once, and a second time there is nothing to do', async () => {
    const url = await fresh()

    expect((await migrateUp(url)).applied).toEqual(names)
    expect((await migrateUp(url)).applied).toEqual([])
    expect(await statusOf(url)).toEqual({ applied: names, pending: [], unknown: [] })
  })

  it('are applied once when four start at the same time', async () => {
    const url = await fresh()

    const applied = await Promise.all([1, 2, 3, 4].map(() => migrateUp(url)))

    expect(applied.flatMap((one) => one.applied)).toEqual(names)
    expect(await statusOf(url)).toEqual({ applied: names, pending: [], unknown: [] })
  })

  it('are applied once when four processes start at the same time', async () => {
    const folder = await folderFor(await fresh())

    const ends = await Promise.all([1, 2, 3, 4].map(() => start(folder).ended))

    expect(
      ends.map(({ code }) => code),
      ends.map(({ stderr }) => stderr).join(''),
    ).toEqual([0, 0, 0, 0])
    expect(ends.flatMap(({ stdout }) => JSON.parse(stdout).applied)).toEqual(names)
  })

  it('killed at any moment are finished by the next start, to the same schema', async () => {
    const whole = await schemaOf(await migrated())
    const took = await timeOf(async () => start(await folderFor(await fresh())).ended)
    let killedHalfWay = 0
    for (const kill of inject('thorough') ? [1, 2, 3, 4, 5] : [2, 4]) {
      const url = await fresh()
      const folder = await folderFor(url)
      const run = start(folder)
      // Early enough that the process is still there, late enough that it has begun.
      await wait((took * kill) / 8)
      run.kill()
      const first = await run.ended
      if (first.code === null) killedHalfWay += 1

      const next = await start(folder).ended
      expect(next.code, next.stdout + next.stderr).toBe(0)
      expect(await statusOf(url)).toEqual({ applied: names, pending: [], unknown: [] })
      expect(await schemaOf(url)).toEqual(whole)
    }
    expect(killedHalfWay).toBeGreaterThan(0)
  })

  it('killed with the lock of the migrator in its table do not stop the next start', async () => {
    const url = await fresh()
    await migrateUp(url)
    await withDb(url, async (db) => {
      await db.run('delete from knex_migrations where name = ?', [names.at(-1) ?? ''])
      await db.run('update knex_migrations_lock set is_locked = 1')
    })
    // As if the kill had come before the last migration made anything.
    await withKnex(url, (knex) => migrations.at(-1)?.migration.down?.(knex))

    expect((await migrateUp(url)).applied).toEqual([names.at(-1)])
  })

  it('undone one by one leave an empty database behind, and can be applied again', async () => {
    const url = await fresh()
    await migrateUp(url)
    const whole = await schemaOf(url)
    await withKnex(url, async (knex) => {
      for (const { migration } of migrations.toReversed()) await migration.down?.(knex)
    })
    await withDb(url, (db) => db.run('delete from knex_migrations'))

    expect((await migrateUp(url)).applied).toEqual(names)
    expect(await schemaOf(url)).toEqual(whole)
  })

  it('of a newer program are refused, by name, and nothing is touched', async () => {
    const url = await migrated()
    await withDb(url, (db) => db.run(`insert into knex_migrations (name, batch, migration_time) values ('9999_future', 9, null)`))
    const before = await fingerprint(url)

    const refusal = {
      what: expect.stringMatching(/newer than this program/),
      why: expect.stringMatching(/9999_future/),
      exitCode: 2,
    }
    await expect(migrateUp(url)).rejects.toMatchObject(refusal)
    await withDb(url, (db) => expect(assertMigrated(url, db)).rejects.toMatchObject(refusal))
    expect(await fingerprint(url)).toBe(before)
  })
})

async function withKnex(url: string, work: (knex: Knex) => PromiseLike<unknown> | undefined): Promise<void> {
  const knex = connectKnex(url)
  try {
    await work(knex)
  } finally {
    await knex.destroy()
  }
}

async function statusOf(url: string): Promise<unknown> {
  return withDb(url, migrationStatus)
}

async function withDb<T>(url: string, work: (db: Awaited<ReturnType<typeof openDb>>) => Promise<T>): Promise<T> {
  const db = await openDb(url)
  try {
    return await work(db)
  } finally {
    await db.close()
  }
}

/** Every table and index of ours, in words of the database. */
async function schemaOf(url: string): Promise<unknown> {
  return withDb(url, (db) =>
    db.rows(
      db.dialect.name === 'sqlite'
        ? `select type, name, sql from sqlite_master where name not like 'sqlite_%' order by 1, 2`
        : `select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns where table_schema = 'public'
           union all select tablename, indexname, indexdef, '', '' from pg_indexes where schemaname = 'public' order by 1, 2`,
    ),
  )
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

async function folderFor(url: string): Promise<string> {
  const folder = mkdtempSync(join(inject('runDir'), 'migrate-'))
  const key = Buffer.alloc(32, 7).toString('base64')
  writeFileSync(join(folder, '.env'), `KEYS=k1:${key}\nSECRET=sandbox-secret\n`, { mode: 0o600 })
  writeFileSync(
    join(folder, 'isync.config.yaml'),
    `database: ${url}
encryption_keys: \${KEYS}
channels: { mirakl-x: { type: mirakl, base_url: 'http://127.0.0.1:9', shipstation_store_id: 1, credentials: { api_key: '\${SECRET}' } } }
shipstation: { api_key: '\${SECRET}', api_secret: '\${SECRET}', endpoint: 'http://127.0.0.1:9' }
`,
  )
  return folder
}

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function start(cwd: string): { readonly ended: Promise<Ended>; kill(): void } {
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' }
  const child = spawn(program, ['db:migrate', '--json'], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const text = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => (text.stdout += String(chunk)))
  child.stderr.on('data', (chunk) => (text.stderr += String(chunk)))
  const ended = new Promise<Ended>((settle) => child.on('close', (code) => settle({ code, ...text })))
  return { ended, kill: () => void child.kill('SIGKILL') }
}
