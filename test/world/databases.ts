import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, mkdtempSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, inject } from 'vitest'

export interface TestDatabase {
  readonly name: 'sqlite' | 'postgres'
  /** A fresh, empty database with each call. It is gone when the test file ends. */
  url(): Promise<string>
  /** A fresh database with each call, with every migration applied. */
  migrated(): Promise<string>
}

const sqlite: TestDatabase = {
  name: 'sqlite',
  url: async () => `sqlite:${freshFile()}`,
  async migrated() {
    const file = freshFile()
    copyFileSync(await migratedFile(), file)
    return `sqlite:${file}`
  },
}

const postgres: TestDatabase = {
  name: 'postgres',
  url: () => createDatabase('template0'),
  migrated: async () => createDatabase(await migratedTemplate()),
}

/** Both databases the product runs on: `describe.each(databases)('a lease on $name', ({ migrated }) => ...)`. */
export const databases: readonly TestDatabase[] = [sqlite, postgres]

/** Where a story is told that costs much: on this database in the fast suite, on both in the long one. */
export function toldOn(name: TestDatabase['name']): readonly TestDatabase[] {
  return inject('thorough') ? databases : databases.filter((database) => database.name === name)
}

/** Of many stories those that this database tells: every other one in the fast suite, all of them in the long one. */
export function turnsOf<T>(stories: readonly T[], database: TestDatabase): readonly T[] {
  return inject('thorough') ? stories : stories.filter((_, row) => row % databases.length === databases.indexOf(database))
}

function freshFile(): string {
  return join(mkdtempSync(join(inject('runDir'), 'db-')), 'isync.db')
}

/** Made once per run. Two test files may both make it: the later rename wins and is the same. */
async function migratedFile(): Promise<string> {
  const template = join(inject('runDir'), 'migrated.db')
  if (existsSync(template)) return template
  const draft = freshFile()
  await migrate(`sqlite:${draft}`)
  renameSync(draft, template)
  return template
}

/** Made once per run, by whichever test file comes first. */
async function migratedTemplate(): Promise<string> {
  const template = `${inject('databasePrefix')}_migrated`
  await inTurn(async () => {
    const client = await admin()
    await client.query('select pg_advisory_lock(hashtext($1))', [template])
    try {
      const { rowCount } = await client.query('select from pg_database where datname = $1', [template])
      if (rowCount !== 0) return
      const draft = `${template}_draft`
      await client.query(`drop database if exists ${draft} with (force)`)
      await client.query(`create database ${draft} template template0`)
      await migrate(databaseUrl(draft))
      await client.query(`alter database ${draft} rename to ${template}`)
    } finally {
      await client.query('select pg_advisory_unlock(hashtext($1))', [template])
    }
  })
  return template
}

async function migrate(url: string): Promise<void> {
  const { migrateUp } = await import('../../src/core/db/migrate.ts')
  await migrateUp(url)
}

const created: string[] = []
let connection: Promise<Client> | undefined
let previous: Promise<unknown> = Promise.resolve()

async function createDatabase(template: string): Promise<string> {
  const name = `${inject('databasePrefix')}_${randomBytes(6).toString('hex')}`
  await inTurn(async () => (await admin()).query(`create database ${name} template ${template}`))
  created.push(name)
  return databaseUrl(name)
}

/** pg wants one question at a time on a connection. */
function inTurn<T>(ask: () => Promise<T>): Promise<T> {
  const answer = previous.then(ask)
  previous = answer.catch(() => {})
  return answer
}

function databaseUrl(name: string): string {
  const url = new URL(inject('postgresUrl'))
  url.pathname = `/${name}`
  return url.href
}

function admin(): Promise<Client> {
  connection ??= connect(inject('postgresUrl'))
  return connection
}

async function connect(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString })
  await client.connect()
  return client
}

// Registered while the test file is still importing, hence run after all of its own hooks.
afterAll(async () => {
  if (!connection) return
  const client = await connection
  for (const name of created.splice(0)) await client.query(`drop database if exists ${name} with (force)`)
  await client.end()
  connection = undefined
})
