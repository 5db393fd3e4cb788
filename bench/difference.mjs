import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDb } from '../src/core/db/open.ts'
import { recompute } from '../src/core/inventory/recompute.ts'
import { ruleBook } from '../src/core/inventory/rules.ts'
import { parseRatio } from '../src/core/model/decimal.ts'
import { migratedDatabase, stopServer } from './support/databases.mjs'
import { interleaved } from './support/measure.mjs'
import { readWithPostgres, readWithSqlite } from './support/raw.mjs'

export const name = 'difference'

const SKUS = 250_000
const CHANNELS = ['amazon-us', 'amazon-ca', 'mirakl-macys', 'mirakl-kohls']
const AVAILABLE = '(i * 79) % 500'

/** What of a million publications has changed, when nothing has: recompute against the driver that only reads stock and publications joined. */
export async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'isync-bench-'))
  try {
    const rows = []
    for (const kind of ['sqlite', 'postgres']) rows.push(await difference(kind, folder))
    return rows
  } finally {
    await stopServer()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function difference(kind, folder) {
  const { url, drop } = await migratedDatabase(kind, folder)
  const db = await openDb(url)
  try {
    await fill(db)
    const joined = [
      'select p.channel, p.sku, p.wanted, p.accepted, p.state, s.available from stock s join publications p on p.sku = s.sku order by s.sku',
    ]
    const bare = kind === 'sqlite' ? readWithSqlite : readWithPostgres
    const took = await interleaved({ bare: () => bare(url, joined), product: () => timed(db) }, 3)
    const extra = `${((took.product * 1e6) / (SKUS * CHANNELS.length)).toFixed(0)} ns a publication`
    const what = `${SKUS * CHANNELS.length} publications, nothing changed, ${kind}`
    return { what, measured: took.product, baseline: took.bare, unit: 'ms', most: 2, extra }
  } finally {
    await db.close()
    await drop()
  }
}

async function fill(db) {
  const numbers = `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${SKUS})`
  const sku = db.dialect.name === 'sqlite' ? `printf('SKU-%06d', i)` : `'SKU-' || lpad(i::text, 6, '0')`
  await db.transaction(async (tx) => {
    await tx.run(`insert into stock (sku, sku_key, item_id, state, available, fields, read_at, reading_id, changed_at)
      ${numbers} select ${sku}, lower(${sku}), 'id-' || i, 'tracked', ${AVAILABLE}, '{}', 1, 'r', 1 from n`)
    for (const channel of CHANNELS) {
      const wanted = `case when ${AVAILABLE} > 1 then ${AVAILABLE} - 1 else 0 end`
      await tx.run(`insert into publications (channel, sku, wanted, why, wanted_at, wanted_run, accepted, accepted_at, state, sent, sent_at, next_attempt_at)
        ${numbers} select '${channel}', ${sku}, ${wanted}, '{"available":100,"base":99,"final":99}', 1, 'w', ${wanted}, 1, 'settled', ${wanted}, 1, 1 from n`)
    }
  })
  // PostgreSQL would do this by itself, some time later.
  if (db.dialect.name === 'postgres') await db.run('analyze')
}

async function timed(db) {
  const brakes = { zeroPct: 20, zeroMin: 20, dropPct: 40, dropMin: 20, missingPct: 10, missingMin: 20 }
  const defaults = {
    ratio: parseRatio('1'),
    safetyStock: 1,
    maxOversellPct: 150,
    maxOversellAbs: undefined,
    minPublishQty: 0,
    rounding: 'floor',
  }
  const inventory = {
    source: 'Zoho',
    defaults,
    channels: new Map(CHANNELS.map((code) => [code, {}])),
    capScope: 'channel',
    carry: 'since_sync',
    inactiveItems: 'zero',
    smallStockThreshold: 0,
    brakes,
  }
  const run = { id: 'bench', db, clock: { now: () => Date.now() } }
  const begin = performance.now()
  const { skus, changed } = await recompute(run, { book: ruleBook(inventory, [], Date.now()), overrideBrake: false })
  const tookMs = performance.now() - begin
  if (skus !== SKUS || changed !== 0) throw new Error(`${skus} SKUs, ${changed} changed`)
  return tookMs
}
