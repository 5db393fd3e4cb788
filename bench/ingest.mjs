import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createIds } from '../src/commands/shell/ids.ts'
import { createAmazonConnector } from '../src/connectors/amazon/connector.ts'
import { takeLease } from '../src/core/db/leases.ts'
import { openDb } from '../src/core/db/open.ts'
import { pullOrders } from '../src/core/orders/pull-orders.ts'
import { newKey } from '../src/core/privacy/keys.ts'
import { createVault } from '../src/core/privacy/vault.ts'
import { testGate } from '../test/world/gate.ts'
import { migratedDatabase, stopServer } from './support/databases.mjs'
import { interleaved } from './support/measure.mjs'
import { seedOrders } from './support/orders.mjs'
import { rowsByPage, writeWithPostgres, writeWithSqlite } from './support/raw.mjs'
import { startWorld } from './support/world.mjs'

export const name = 'ingest'

const ORDERS = 10_000
const keys = newKey()

/**
 * Orders a second into the database, pages of 100, one transaction each: the product (normalized order in; digest, encryption, tasks,
 * events, movements of stock, cursor, fence) against the bare driver writing the very same rows.
 */
export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'isync-bench-'))
  try {
    const pages = await pagesOfAmazon()
    const rows = []
    for (const kind of ['sqlite', 'postgres']) rows.push(await ingest(kind, folder, pages))
    return rows
  } finally {
    await stopServer()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function ingest(kind, folder, pages) {
  const sample = await migratedDatabase(kind, folder)
  await pull(sample.url, pages)
  const writes = await rowsByPage(sample.url, 100)
  await sample.drop()
  const raw = kind === 'sqlite' ? writeWithSqlite : writeWithPostgres
  const fresh = async (work) => {
    const { url, drop } = await migratedDatabase(kind, folder)
    const tookMs = await work(url)
    await drop()
    return ORDERS / (tookMs / 1000)
  }
  const perSecond = await interleaved(
    { raw: () => fresh((url) => raw(url, writes)), product: () => fresh((url) => pull(url, pages)) },
    3,
  )
  return { what: `${ORDERS} orders, ${kind}`, measured: perSecond.product, baseline: perSecond.raw, unit: 'orders/s', least: 0.5 }
}

/** What the connector makes of the stand-in's pages: the vendor's own documents are in it. */
async function pagesOfAmazon() {
  const world = await startWorld({ channels: ['amazon'] })
  try {
    await seedOrders(world, 'amazon', ORDERS)
    await world.seed('amazon', { rate_limits: 'off' })
    const { gate } = testGate('amazon-us')
    const connector = createAmazonConnector(gate, {
      channel: 'amazon-us',
      region: 'na',
      marketplaceIds: ['ATVPDKIKX0DER'],
      sellerId: 'A1SANDBOX',
      ordersApi: '2026-01-01',
      endpoint: world.origins.amazon,
      authEndpoint: world.origins.amazon,
      sandbox: false,
      credentials: { clientId: 'sandbox-client', clientSecret: 'sandbox-secret', refreshToken: 'sandbox-refresh' },
      carriers: {},
      timeoutMs: 30_000,
    })
    const pages = []
    const since = { at: Date.now() - 7 * 86_400_000 }
    for await (const page of connector.listOrders(since, new AbortController().signal)) pages.push(page)
    return pages
  } finally {
    await world.close()
  }
}

async function pull(url, pages) {
  const db = await openDb(url)
  try {
    const run = runOn(db)
    const channel = run.settings.channels.get('amazon-us')
    await stockTheShelves(db)
    const lease = { name: 'orders:pull amazon-us', owner: run.ids.next() }
    await takeLease(db, { ...lease, host: 'bench', pid: process.pid, until: Date.now() + 600_000 }, Date.now())
    const connector = {
      channel: 'amazon-us',
      async *listOrders() {
        yield* pages
      },
    }
    const begin = performance.now()
    const counts = await pullOrders(run, { channel, connector, signal: run.signal, lease })
    const tookMs = performance.now() - begin
    if (counts.new !== ORDERS) throw new Error(`${counts.new} orders were new, not ${ORDERS}`)
    return tookMs
  } finally {
    await db.close()
  }
}

/** Every SKU that the orders take from, and more of it than they take. */
async function stockTheShelves(db) {
  const skus = Array.from({ length: 1000 }, (_, n) => `SKU-${n >> 1}-${n % 2}`)
  const columns = '(sku, sku_key, item_id, state, available, fields, read_at, reading_id, changed_at)'
  const values = skus.map((sku) => `('${sku}', '${sku.toLowerCase()}', '${sku}', 'tracked', 100000, '{}', 1, 'bench', 1)`)
  await db.run(`insert into stock ${columns} values ${values.join(', ')}`)
}

function runOn(db) {
  const silent = { debug() {}, info() {}, warn() {}, error() {} }
  const clock = { now: () => Date.now(), sleep: () => Promise.reject(new Error('nothing sleeps here')) }
  return {
    id: 'bench',
    command: 'orders:pull',
    actor: 'bench',
    host: 'bench',
    pid: process.pid,
    db,
    clock,
    ids: createIds(() => Date.now()),
    random: Math.random,
    log: silent,
    vault: createVault(keys),
    settings: {
      leaseMs: 120_000,
      payloadDays: 90,
      onCancel: 'hold',
      carriers: {},
      inventory: { defaults: {}, channels: new Map(), lowStockThreshold: 1, reservePending: true, carry: 'since_sync' },
      channels: new Map([
        [
          'amazon-us',
          { code: 'amazon-us', storeId: 1, overlapMs: 600_000, firstPullMs: 604_800_000, carriers: [], acknowledges: 'never' },
        ],
      ]),
    },
    signal: new AbortController().signal,
  }
}
