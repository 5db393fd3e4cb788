import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import type { TestProject } from 'vitest/node'
import { type Cluster, startCluster } from './cluster.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** True in the long suite: what the fast one tells on one database, or by turns, is told on both. */
    thorough: boolean
    /** The maintenance database of this run's server. */
    postgresUrl: string
    /** What the names of this run's databases begin with. */
    databasePrefix: string
    /** Where this run's files go; removed at its end. */
    runDir: string
  }
}

const databasePrefix = `isync_test_${randomBytes(4).toString('hex')}`

let cluster: Cluster | undefined
let runDir: string | undefined

/** One PostgreSQL and one folder per run. Vitest calls it once, before any test. */
export async function setup(project: TestProject): Promise<void> {
  const given = givenUrl()
  if (given) await expectUsable(given)
  else cluster = await startCluster()

  removeLeftovers()
  runDir = mkdtempSync(join(quickFolder(), `isync-test-${process.pid}-`))
  project.provide('runDir', runDir)
  project.provide('databasePrefix', databasePrefix)
  project.provide('postgresUrl', given ?? cluster?.url ?? '')
}

export async function teardown(): Promise<void> {
  const given = givenUrl()
  if (given && runDir) await withClient(given, dropDatabases)
  await cluster?.stop()
  if (runDir) rmSync(runDir, { recursive: true, force: true })
}

function givenUrl(): string | undefined {
  return process.env['ISYNC_TEST_POSTGRES_URL'] || undefined
}

async function expectUsable(url: string): Promise<void> {
  try {
    await withClient(url, async (client) => {
      const { rows } = await client.query("select current_setting('server_version_num')::int as version")
      if (rows[0].version < 140000) throw new Error(`PostgreSQL 14 or newer is needed, this is ${rows[0].version}`)
    })
  } catch (cause) {
    throw new Error('ISYNC_TEST_POSTGRES_URL cannot be used. Correct it, or unset it to run a throwaway server.', { cause })
  }
}

async function dropDatabases(client: Client): Promise<void> {
  const { rows } = await client.query('select datname from pg_database where starts_with(datname, $1)', [databasePrefix])
  for (const { datname } of rows) await client.query(`drop database if exists ${datname} with (force)`)
}

async function withClient(connectionString: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

/** Linux keeps it in memory. */
const IN_MEMORY = '/dev/shm'
const ROOM_BYTES = 4 * 1024 ** 3

/**
 * Where a file that is synced to the disk costs nothing: the program does so with every commit on SQLite, which is half of what its stories
 * take. A container may have no room there.
 */
function quickFolder(): string {
  try {
    const { bavail, bsize } = statfsSync(IN_MEMORY)
    return bavail * bsize > ROOM_BYTES ? IN_MEMORY : tmpdir()
  } catch {
    return tmpdir()
  }
}

/** A killed run cannot remove its folder, so the next one does. The folder's name says whose it is. */
function removeLeftovers(): void {
  for (const folder of new Set([tmpdir(), quickFolder()])) {
    for (const name of readdirSync(folder)) {
      const pid = Number(/^isync-test-(\d+)-/.exec(name)?.[1])
      if (pid && !isAlive(pid)) rmSync(join(folder, name), { recursive: true, force: true })
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
