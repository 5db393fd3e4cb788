import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrateUp } from '../../src/core/db/migrate.ts'
import { type Cluster, startCluster } from '../world/cluster.ts'
import type { TestDatabase } from '../world/databases.ts'
import { type Figures, tellLoad } from './load-story.ts'

/** As in production: what was committed is on a disk. The other tests' databases lie in memory, or do not wait for the disk. */
let folder: string
let cluster: Cluster
let made = 0
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'isync-load-'))
  cluster = await startCluster({ durable: true })
})
afterAll(async () => {
  await cluster.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function fresh(name: TestDatabase['name']): Promise<string> {
  made += 1
  if (name === 'sqlite') return `sqlite:${join(folder, `${made}.db`)}`
  const client = new Client({ connectionString: cluster.url })
  await client.connect()
  await client.query(`create database load_${made}`)
  await client.end()
  const url = new URL(cluster.url)
  url.pathname = `/load_${made}`
  return url.href
}

const onDisk = (['sqlite', 'postgres'] as const).map(
  (name): TestDatabase => ({
    name,
    url: () => fresh(name),
    async migrated() {
      const url = await fresh(name)
      await migrateUp(url)
      return url
    },
  }),
)

function tell(what: string, figures: Figures): void {
  process.stdout.write(`${what}: ${JSON.stringify(figures)}\n`)
}

describe.each(onDisk)('isync serve on $name, sent 200 webhooks a second for a minute,', (database) => {
  it('keeps every one within 100 ms (p99) and works them all', async () => {
    const figures = await tellLoad(database, { rate: 200, seconds: 60 })
    tell(`load, ${database.name}`, figures)
    expect(figures.sent).toBeGreaterThan(12_000)
    expect(figures.p99).toBeLessThan(100)
  })

  it('does so while cron pulls orders and reads packages on the same database', async () => {
    const figures = await tellLoad(database, { rate: 200, seconds: 60, cron: ['orders:pull', 'tracking:sync'] })
    tell(`load beside cron, ${database.name}`, figures)
    expect(figures.commands).toBeGreaterThan(2)
    expect(figures.p99).toBeLessThan(100)
  })
})

/** Five moments between the first second and the last, by a generator whose seed is told: a failure can be told again. */
function killsOf(seed: number, seconds: number): readonly number[] {
  let state = seed
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  return Array.from({ length: 5 }, (_, n) => Math.round(((n + next()) * seconds * 1000) / 5))
}

describe.each(onDisk)('isync serve on $name, killed five times under 200 webhooks a second,', (database) => {
  it.each([1, 2])('has done in the end whatever it answered, once (seed %i)', async (seed) => {
    const kills = killsOf(seed, 30)
    const figures = await tellLoad(database, { rate: 200, seconds: 30, kills })
    tell(`kill -9 at ${kills.join(', ')} ms, ${database.name}`, figures)
    expect(figures.again).toBeGreaterThan(0)
  })
})
