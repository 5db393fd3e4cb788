import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import pg from 'pg'
import { createIds } from '../src/commands/shell/ids.ts'
import { openDb } from '../src/core/db/open.ts'
import { storePage } from '../src/core/orders/store-order.ts'
import { newKey } from '../src/core/privacy/keys.ts'
import { createVault } from '../src/core/privacy/vault.ts'
import { migratedDatabase, stopServer } from './support/databases.mjs'
import { benchOrder, benchSettings, codes } from './support/reconcile-town.mjs'

export const name = 'reconcile'

const FEW = Number(process.env.BENCH_ORDERS ?? 100_000)
const MANY = 3 * FEW
const SLIPPED = 100

/**
 * A reconciliation of 100,000 open orders in seven days, of which a hundred are missing here, against reading the rows of these orders and
 * their lines by the bare driver; vendors that answer at once. Memory of three times as many against that.
 */
export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'isync-bench-'))
  try {
    const rows = []
    for (const kind of ['sqlite', 'postgres']) {
      const few = await reconciled(kind, folder, FEW)
      const calls = Object.values(few.calls).reduce((sum, count) => sum + count, 0)
      const extra = `${calls} calls, ${Math.round(few.peakMb)} MB`
      rows.push({ what: `${FEW} open orders, ${kind}`, measured: few.tookMs, baseline: few.rawMs, unit: 'ms', extra })
      rows.push({ what: `its memory against 300 MB, ${kind}`, measured: few.peakMb, baseline: 300, unit: 'MB', most: 1 })
      if (kind !== 'sqlite') continue
      const many = await reconciled(kind, folder, MANY)
      const what = `peak memory, ${MANY} against ${FEW}, ${kind}`
      rows.push({ what, measured: many.peakMb, baseline: few.peakMb, unit: 'MB', most: 1.25 })
    }
    return rows
  } finally {
    await stopServer()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function reconciled(kind, folder, count) {
  const { url, drop } = await migratedDatabase(kind, folder)
  try {
    const now = Date.now()
    const keys = newKey()
    await fill(url, keys, count, now)
    const rawMs = await (kind === 'sqlite' ? readWithSqlite : readWithPostgres)(url)
    const env = { ...process.env, BENCH_RECONCILE: JSON.stringify({ url, keys, count, slipped: SLIPPED, now }) }
    const script = join(import.meta.dirname, 'support/reconcile-run.mjs')
    const { stdout } = await promisify(execFile)(process.execPath, [script], { env, maxBuffer: 1e9 })
    const told = JSON.parse(stdout)
    if (told.missing !== SLIPPED || told.repaired !== SLIPPED || told.problems.length > 0)
      throw new Error(`not what was to be found: ${stdout.slice(0, 2000)}`)
    return { ...told, rawMs }
  } finally {
    await drop()
  }
}

/** Orders as the product stores them, and as they are once ShipStation has them. */
async function fill(url, keys, count, now) {
  const db = await openDb(url)
  try {
    const run = {
      id: 'fill',
      command: 'orders:pull',
      actor: 'bench',
      db,
      clock: { now: () => now },
      ids: createIds(() => Date.now()),
      log: { debug() {}, info() {}, warn() {}, error() {} },
      vault: createVault(keys),
      settings: benchSettings,
    }
    for (const [place, code] of codes.entries()) {
      const channel = benchSettings.channels.get(code)
      for (let start = place; start < count; start += 1000) {
        const orders = []
        for (let n = start; n < Math.min(start + 1000, count); n += 2) orders.push(benchOrder(n, now))
        await db.transaction((tx) => storePage(tx, run, channel, { orders, poison: [], skipped: 0 }))
      }
    }
    await db.run(
      `update orders set shipstation_order_id = cast(substr(external_order_id, 3) as bigint) + 1, push_state = 'pushed', pushed_at = ?`,
      [now - 1_800_000],
    )
    await db.run(`update tasks set state = 'done'`)
    if (db.dialect.name === 'postgres') await db.run('analyze')
  } finally {
    await db.close()
  }
}

const ROWS = 'select * from orders where id > $ order by id limit 500'
const LINES = 'select * from order_lines where order_id > $ and order_id <= $ order by order_id'

/** Milliseconds that better-sqlite3 takes to read the orders and their lines, 500 orders at a time. */
async function readWithSqlite(url) {
  const db = new Database(url.slice('sqlite:'.length), { readonly: true })
  const [orders, lines] = [ROWS, LINES].map((sql) => db.prepare(sql.replaceAll('$', '?')))
  const begin = performance.now()
  for (let after = ''; ; ) {
    const rows = orders.all(after)
    const to = rows.at(-1)?.id
    if (to === undefined) break
    lines.all(after, to)
    after = to
  }
  const tookMs = performance.now() - begin
  db.close()
  return tookMs
}

/** The same by pg. */
async function readWithPostgres(url) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const begin = performance.now()
  for (let after = ''; ; ) {
    const { rows } = await client.query({ name: 'orders', text: ROWS.replace('$', '$1'), values: [after] })
    const to = rows.at(-1)?.id
    if (to === undefined) break
    await client.query({ name: 'lines', text: LINES.replace('$', '$1').replace('<= $ ', '<= $2 '), values: [after, to] })
    after = to
  }
  const tookMs = performance.now() - begin
  await client.end()
  return tookMs
}
