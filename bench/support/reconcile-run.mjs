// One reconciliation in a process of its own, so that its memory is its own: `node reconcile-run.mjs` with BENCH_RECONCILE as made by ../reconcile.mjs.
// Prints `{ tookMs, peakMb, calls, missing, repaired, findings }`.
import { createIds } from '../../src/commands/shell/ids.ts'
import { openDb } from '../../src/core/db/open.ts'
import { StoppedError } from '../../src/core/errors.ts'
import { createVault } from '../../src/core/privacy/vault.ts'
import { reconcile } from '../../src/core/reconcile/reconcile.ts'
import { benchOrder, benchSettings, codes, DAY_MS, slippedIds } from './reconcile-town.mjs'

const { url, keys, count, slipped, now } = JSON.parse(process.env.BENCH_RECONCILE)
const PAGE = 100
const calls = {}
const counted = (name) => {
  calls[name] = (calls[name] ?? 0) + 1
}

/** No heartbeat is due in so short a time. */
function untilStopped(_ms, signal) {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new StoppedError('stopped'))))
}

const db = await openDb(url)
const silent = { debug() {}, info() {}, warn() {}, error() {} }
const run = {
  id: 'bench',
  command: 'reconcile',
  actor: 'bench',
  host: 'bench',
  pid: process.pid,
  db,
  clock: { now: () => now, sleep: untilStopped },
  ids: createIds(() => Date.now()),
  random: Math.random,
  log: silent,
  vault: createVault(keys),
  settings: benchSettings,
  signal: new AbortController().signal,
}

const pushed = []
let nextId = 10_000_000
const shipping = {
  account: 'shipstation',
  batchSize: { upsert: 100 },
  settleMs: 60_000,
  async findOrdersChangedSince() {
    const rows = []
    for (let n = 0; n < count; n++) {
      if (n % 500 === 0) counted('shipstation listorders')
      rows.push({
        shipStationOrderId: n + 1,
        orderKey: `isync:${codes[n % 2]}:${benchOrder(n, now).externalOrderId}`,
        orderNumber: benchOrder(n, now).externalOrderId,
        orderStatus: 'awaiting_shipment',
        storeId: 1 + (n % 2),
        mergedIds: [],
      })
    }
    return [...rows, ...pushed]
  },
  async findOrders() {
    return []
  },
  async getOrder(id) {
    counted('shipstation getorder')
    return { shipStationOrderId: id }
  },
  async upsertOrders(batch) {
    counted('shipstation createorders')
    return batch.map(({ order, orderKey }) => {
      const id = nextId++
      pushed.push({
        shipStationOrderId: id,
        orderKey,
        orderNumber: order.externalOrderId,
        orderStatus: 'awaiting_shipment',
        mergedIds: [],
      })
      return { status: 'stored', shipStationOrderId: id }
    })
  },
}

function connector(code, place) {
  return {
    channel: code,
    batchSize: { confirm: 20 },
    settleMs: 60_000,
    async *listOpenOrders() {
      let page = []
      for (const n of numbers()) {
        const { externalOrderId, createdAt, totals, currency } = benchOrder(n, now)
        page.push({ externalOrderId, createdAt, unitsToShip: 1, total: { minor: totals.total, currency } })
        if (page.length < PAGE) continue
        counted(`${code} list`)
        yield page
        page = []
      }
      counted(`${code} list`)
      yield page
    },
    async getOrders(ids) {
      counted(`${code} get`)
      return { orders: ids.map((id) => benchOrder(Number(id.split('-').at(-1)), now)), poison: [], skipped: 0 }
    },
  }
  function* numbers() {
    for (let n = place; n < count; n += 2) yield n
    for (const n of slippedIds(count, slipped)) if (n % 2 === place) yield n
  }
}

const begin = performance.now()
const report = await reconcile(run, {
  connectors: codes.map(connector),
  shipping,
  windowMs: 7 * DAY_MS,
  remedy: true,
})
const tookMs = performance.now() - begin
await db.close()
const missing = report.summary.reduce((sum, one) => sum + one.missing, 0)
const repaired = report.summary.reduce((sum, one) => sum + one.repaired.length, 0)
const peakMb = process.resourceUsage().maxRSS / 1024
process.stdout.write(
  JSON.stringify({
    tookMs,
    peakMb,
    calls,
    missing,
    repaired,
    findings: report.findings.length,
    problems: report.channels.flatMap(({ errors }) => errors),
  }),
)
