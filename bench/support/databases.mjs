import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import { migrateUp } from '../../src/core/db/migrate.ts'
import { startCluster } from '../../test/world/cluster.ts'

let server

/** The server in ISYNC_TEST_POSTGRES_URL, else a throwaway one as production would set it up: with fsync. */
async function serverUrl() {
  server ??= process.env.ISYNC_TEST_POSTGRES_URL
    ? { url: process.env.ISYNC_TEST_POSTGRES_URL }
    : await startCluster({ durable: true })
  return server.url
}

/** A fresh database with the schema of this program. */
export async function migratedDatabase(kind, folder) {
  if (kind === 'sqlite') {
    const url = `sqlite:${join(folder, `isync-${randomBytes(4).toString('hex')}.db`)}`
    await migrateUp(url)
    return { url, drop: async () => {} }
  }
  const name = `isync_bench_${randomBytes(4).toString('hex')}`
  await administer(`create database ${name}`)
  const url = new URL(await serverUrl())
  url.pathname = `/${name}`
  await migrateUp(url.href)
  return { url: url.href, drop: () => administer(`drop database if exists ${name} with (force)`) }
}

async function administer(statement) {
  const client = new pg.Client({ connectionString: await serverUrl() })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/** Ends the throwaway server, if one was started. */
export async function stopServer() {
  await server?.stop?.()
  server = undefined
}
