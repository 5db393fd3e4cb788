import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { startCluster } from './cluster.ts'
import { databases } from './databases.ts'

describe.each(databases)('a test database on $name', ({ url }) => {
  it('is another one with each call', async () => {
    const urls = await Promise.all([url(), url(), url()])
    expect(new Set(urls).size).toBe(3)
  })
})

describe('PostgreSQL in tests', () => {
  it('is a real server, 14 or newer', async () => {
    const postgres = databases.find(({ name }) => name === 'postgres')
    expect(await ask((await postgres?.url()) ?? '', "select current_setting('server_version_num')::int >= 140000 as answer")).toBe(true)
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
