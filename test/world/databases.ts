import { randomBytes } from 'node:crypto'
import { copyFileSync, existsSync, mkdtempSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, inject } from 'vitest'

export interface TestDatabase {
  readonly name: 'sqlite' | 'postgres'
  /** A fresh, empty database with each call. It is gone when the test file ends. */
  url(): Promise<string>
}

const sqlite: TestDatabase = {
  name: 'sqlite',
  url: async () => sqliteUrl(join(mkdtempSync(join(inject('runDir'), 'db-')), 'isync.db')),
}

const postgres: TestDatabase = {
  name: 'postgres',
  url: () => createDatabase('template0'),
}

/** Both databases the product runs on: `describe.each(databases)('a lease on $name', ({ url }) => ...)`. */
export const databases: readonly TestDatabase[] = [sqlite, postgres]

function sqliteUrl(file: string): string {
  return `sqlite:${file}`
}

const created: string[] = []
let connection: Promise<Client> | undefined
let previous: Promise<unknown> = Promise.resolve()

async function createDatabase(template: string): Promise<string> {
  const name = `isync_test_${randomBytes(6).toString('hex')}`
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
