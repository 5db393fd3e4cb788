import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { migrationStatus } from '../../src/core/db/migrate.ts'
import { openDb } from '../../src/core/db/open.ts'
import { startCluster } from './cluster.ts'
import { databases } from './databases.ts'

describe.each(databases)('a test database on $name', ({ url, migrated }) => {
  it('is another one with each call', async () => {
    const urls = await Promise.all([url(), url(), url()])
    expect(new Set(urls).size).toBe(3)
  })

  it('can come with every migration applied', async () => {
    const db = await openDb(await migrated())
    const other = await openDb(await migrated())
    try {
      expect((await migrationStatus(db)).pending).toEqual([])
      await db.run('create table mine (id integer)')
      await expect(other.rows('select id from mine')).rejects.toThrow('mine')
    } finally {
      await db.close()
      await other.close()
    }
  })
})

describe('PostgreSQL in tests', () => {
  it('is a real server, 14 or newer', async () => {
    const postgres = databases.find(({ name }) => name === 'postgres')
    expect(
      await ask((await postgres?.url()) ?? '', "select current_setting('server_version_num')::int >= 140000 as answer"),
    ).toBe(true)
  })

  it('keeps fsync for tests that ask for durability', async () => {
    const cluster = await startCluster({ durable: true })
    try {
      expect(await ask(cluster.url, "select current_setting('fsync') as answer")).toBe('on')
    } finally {
      await cluster.stop()
    }
    await expect(ask(cluster.url, 'select 1 as answer')).rejects.toThrow('ECONNREFUSED')
  })
})

async function ask(connectionString: string, question: string): Promise<unknown> {
  const client = new Client({ connectionString })
  await client.connect()
  try {
    return (await client.query(question)).rows[0].answer
  } finally {
    await client.end()
  }
}
