import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migratedDatabase, stopServer } from './support/databases.mjs'
import { rowsOfTables, writeWithPostgres, writeWithSqlite } from './support/raw.mjs'
import { changeStock, seedStock } from './support/stock.mjs'
import { startWorld } from './support/world.mjs'

export const name = 'inventory'

const CHANNELS = ['amazon', 'mirakl']
const FEW = 10_000
const MANY = 100_000
/** What a first run leaves behind. */
const TABLES = ['stock', 'stock_history', 'publications', 'listings', 'publication_log']
const HOUR_MS = 3_600_000

/**
 * `inventory:full` as a whole process, Zoho to an Amazon (feeds) and a Mirakl channel: everything new, nothing changed, 1 % changed. Time
 * against the bare driver that only writes what the first run leaves behind; time and memory of many SKUs against few.
 */
export async function run() {
  try {
    const rows = []
    for (const database of ['sqlite', 'postgres']) {
      const few = await runs(database, FEW)
      const many = await runs(database, MANY)
      rows.push(...(await compared(database, few, many)))
    }
    return rows
  } finally {
    await stopServer()
  }
}

function compared(database, few, many) {
  return Object.keys(many.runs).flatMap((kind) => {
    const [small, big] = [few.runs[kind], many.runs[kind]]
    const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`
    const detail = `own CPU ${seconds(big.cpuMs)}, idle ${seconds(big.idleMs)}, stand-ins ${seconds(big.sandboxMs)}; ${big.reads} reads, ${big.writes} writes`
    const what = `${MANY} SKUs, ${kind}, ${database}`
    return [
      { what: `${what}: against the bare rows`, measured: big.tookMs, baseline: many.bareMs, unit: 'ms', extra: detail },
      { what: `${what}: against ten times ${FEW}`, measured: big.tookMs, baseline: 10 * small.tookMs, unit: 'ms', most: 1.3 },
      { what: `${what}: peak against ${FEW}`, measured: big.peakMb, baseline: small.peakMb, unit: 'MB', most: 1.5 },
      { what: `${what}: peak against 300 MB`, measured: big.peakMb, baseline: 300, unit: 'MB', most: 1 },
    ]
  })
}

async function runs(database, skus) {
  const world = await startWorld({ database, channels: CHANNELS, stock: true })
  try {
    await seedStock(world, skus, CHANNELS)
    await world.seed('amazon', { rate_limits: 'off' })
    await world.seed('mirakl', { rate_limits: false })
    // Amazon's five listings calls a second are the program's own limit: a virtual minute a real second lets nobody wait for it.
    await world.clock({ scale: 60 })
    const seen = {}
    seen['everything new'] = await full(world, { sent: skus })
    const bareMs = await bare(database, world)
    seen['nothing changed'] = await full(world, { sent: 0 })
    await changeStock(world, skus, skus / 100, 60)
    seen['1 % changed'] = await full(world, { sent: skus / 100 })
    return { runs: seen, bareMs }
  } finally {
    await world.close()
  }
}

/** One run, which must have told every channel exactly so many quantities, and what it cost. */
async function full(world, { sent }) {
  const ran = await world.isync(['inventory:full'])
  await world.clock({ advance_ms: HOUR_MS })
  for (const { channel, counts } of ran.document.channels) {
    if (counts.accepted !== sent) throw new Error(`${channel} took ${counts.accepted} quantities, not ${sent}`)
  }
  return { ...ran, ...callsOf(ran.document) }
}

const WRITES = new Set(['patchListingsItem', 'createFeedDocument', 'uploadFeedDocument', 'createFeed', 'STO01'])

function callsOf({ channels, stock_calls }) {
  const calls = [...channels.map((channel) => channel.calls), stock_calls].flatMap((one) => Object.entries(one))
  const sum = (some) => some.reduce((total, [, count]) => total + count, 0)
  const writes = sum(calls.filter(([operation]) => WRITES.has(operation)))
  return { writes, reads: sum(calls) - writes }
}

/** The fastest of three: it is no program with anything else to do. */
async function bare(database, world) {
  const pages = await rowsOfTables(world.databaseUrl, TABLES, 1000)
  const write = database === 'sqlite' ? writeWithSqlite : writeWithPostgres
  const folder = mkdtempSync(join(tmpdir(), 'isync-bench-'))
  try {
    const took = []
    for (let round = 0; round < 3; round += 1) {
      const { url, drop } = await migratedDatabase(database, folder)
      took.push(await write(url, pages))
      await drop()
    }
    return Math.min(...took)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
