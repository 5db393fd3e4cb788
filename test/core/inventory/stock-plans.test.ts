import { beforeAll, describe, expect, it } from 'vitest'
import type { Db, SqlValue } from '../../../src/core/db/db.ts'
import { absentSkus, uncheckedSkus } from '../../../src/core/db/listings.ts'
import { reservedBy, stockSpellings } from '../../../src/core/db/movements.ts'
import {
  awaitedReports,
  claimQuantities,
  releaseExpired,
  releaseQuantities,
  renewQuantities,
  sentUnder,
  settleQuantities,
} from '../../../src/core/db/publication-claims.ts'
import { publicationLogOf } from '../../../src/core/db/publication-log.ts'
import { countDue, holdRaises, publicationsBetween, publicationsOf, unsettledSkus } from '../../../src/core/db/publications.ts'
import { chunkEnd, lastWholeReading } from '../../../src/core/db/readings.ts'
import { settingsChangedSince } from '../../../src/core/db/settings.ts'
import { clearMarks, countedStockAfter, countedStockOf, markSkus, stockAfter, stockOf } from '../../../src/core/db/stock.ts'
import { storePage } from '../../../src/core/orders/store-order.ts'
import { noon } from '../../world/a-clock.ts'
import { aDb, amazonUs, aRunOn } from '../../world/a-run.ts'
import { anOrder } from '../../world/an-order.ts'
import { databases } from '../../world/databases.ts'

const MANY = 100_000
const SKUS = MANY / 2
/** Rows of tables in which plans do not change any more. */
const SOME = 10_000

const numbers = (last: number) => `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${last})`

/** Fifty thousand SKUs on two channels, two sales of each, nearly everything settled. */
async function fill(db: Db): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.run(`insert into stock (sku, sku_key, item_id, state, available, fields, read_at, reading_id, changed_at)
      ${numbers(SKUS)} select 'S-' || i, 's-' || i, 'id-' || i, 'tracked', 10, '{}', ${noon}, 'r', ${noon} from n`)
    await tx.run(`insert into publications (channel, sku, wanted, why, wanted_at, wanted_run, accepted, accepted_at, state, sent, sent_at, next_attempt_at)
      ${numbers(MANY)} select case when i % 2 = 0 then 'amazon-us' else 'mirakl-macys' end, 'S-' || ((i + 1) / 2), 9, '{}', ${noon}, 'w',
        9, ${noon}, case when i % 1000 < 2 then 'due' else 'settled' end, 9, ${noon}, ${noon} from n`)
    await tx.run(`insert into stock_movements (id, sku, delta, reason, ref, channel, external_order_id, external_line_id, at, sold_at)
      ${numbers(MANY)} select 'm' || i, 'S-' || ((i + 1) / 2), -1, 'sold', 'r' || i, 'amazon-us', 'O-' || i, 'L1', ${noon} + i, ${noon} + i from n`)
    await tx.run(`insert into listings (channel, sku, listed, fulfilment, checked_at)
      ${numbers(SKUS)} select 'amazon-us', 'S-' || i, 1, 'seller', ${noon} from n`)
    await tx.run(`insert into publication_log (id, at, channel, sku, quantity, outcome, why, run_id)
      ${numbers(SOME)} select 'p' || i, ${noon} + i, 'amazon-us', 'S-' || ((i + 1) / 2), 9, 'accepted', '{}', 'w' from n`)
    await tx.run(`insert into stock_staged (reading_id, item_id, sku, sku_key, kind, available, fields, read_at)
      ${numbers(SOME)} select 'r', 'id-' || i, 'S-' || i, 's-' || i, 'tracked', 10, '{}', ${noon} from n`)
    await tx.run(`insert into events (id, at, actor, entity, entity_id, what)
      ${numbers(SOME)} select 'e' || i, ${noon} - i, 'cron', 'order', 'O-' || i, 'pulled' from n`)
    await tx.run(`insert into stock_readings (id, kind, began_at, verdict, run_id)
      ${numbers(2000)} select 'r' || i, 'full', ${noon} - i, 'counted', 'w' from n`)
  })
  await fillOrders(db)
  await db.run('analyze')
}

async function fillOrders(db: Db): Promise<void> {
  const run = aRunOn(db)
  await db.transaction((tx) => storePage(tx, run, amazonUs, { orders: [anOrder('O-0')], poison: [], skipped: 0 }))
  const [order] = await db.rows<Record<string, unknown>>('select * from orders')
  const names = Object.keys(order ?? {})
  const own = new Map([
    ['id', `'o' || i`],
    ['external_order_id', `'O-' || i`],
    ['order_key', `'k' || i`],
  ])
  const values = names.map((name) => own.get(name) ?? name).join(', ')
  await db.run(`insert into orders (${names.join(', ')}) ${numbers(SOME)} select ${values} from orders, n`)
}

/** How the database means to run each statement that some work sends. */
async function plansOf(db: Db, work: (db: Db) => Promise<unknown>): Promise<readonly string[]> {
  const plans: string[] = []
  async function explain(own: Db, sql: string, values: readonly SqlValue[]): Promise<void> {
    const how = db.dialect.name === 'sqlite' ? 'explain query plan' : 'explain'
    const rows = await own.rows<Record<string, string>>(`${how} ${sql}`, values)
    plans.push(rows.map((row) => row['detail'] ?? row['QUERY PLAN'] ?? '').join('\n'))
  }
  function listening(own: Db): Db {
    return {
      ...own,
      async rows<T extends object>(sql: string, values: readonly SqlValue[] = []) {
        await explain(own, sql, values)
        return own.rows<T>(sql, values)
      },
      async run(sql, values = []) {
        await explain(own, sql, values)
        return own.run(sql, values)
      },
      transaction: (inner) => own.transaction((tx) => inner(listening(tx))),
    }
  }
  await work(listening(db))
  return plans
}

/** Tables that are read from one end to the other. */
function readWhole(plan: string): string[] {
  const found = [...plan.matchAll(/\bSeq Scan on (\w+)|\bSCAN (?!CONSTANT)(\w+)\b(?! VIRTUAL)/g)]
  return found
    .map(([, postgres, sqlite]) => postgres ?? sqlite ?? '')
    .filter((name) => !['mine', 'chunk', 'x', 'n'].includes(name))
}

describe.each(databases)('with a hundred thousand quantities on $name', (database) => {
  const lease = { owner: 'me', until: noon + 60_000 }
  const settlement = {
    state: 'settled',
    took: 1,
    report: null,
    attempts: 0,
    next_attempt_at: noon,
    error_kind: null,
    error: null,
  } as const
  const some = ['S-1', 'S-2', 'S-3']
  let db: Db

  beforeAll(async () => {
    db = await aDb(database)
    await fill(db)
  })

  it.each<[string, (db: Db) => Promise<unknown>]>([
    ['claiming what is due', (own) => claimQuantities(own, 'amazon-us', 20, lease, noon, false)],
    ['claiming what is due and was looked at', (own) => claimQuantities(own, 'amazon-us', 20, lease, noon, true)],
    ['keeping a claim alive', (own) => renewQuantities(own, lease, noon)],
    ['settling a claim', (own) => settleQuantities(own, 'amazon-us', { owner: 'me' }, [{ ...settlement, sku: 'S-1' }])],
    ['settling a report', (own) => settleQuantities(own, 'amazon-us', { report: 'f' }, [{ ...settlement, sku: 'S-1' }])],
    ['giving a claim back', (own) => releaseQuantities(own, 'me')],
    ['taking back what a killed run held', (own) => releaseExpired(own, 'amazon-us', noon)],
    ['reports that are awaited', (own) => awaitedReports(own, 'amazon-us')],
    ['what was sent under a report', (own) => sentUnder(own, 'amazon-us', 'f')],
    ['the raise guard', (own) => holdRaises(own, 'amazon-us', noon - 1, 'why')],
    ['counting what is due', (own) => countDue(own, 'amazon-us', noon)],
    ['what has not reached every channel', (own) => unsettledSkus(own, ['amazon-us', 'mirakl-macys'])],
    ['listings nobody has looked at', (own) => uncheckedSkus(own, 'amazon-us', '', 200)],
    ['listings that were not there', (own) => absentSkus(own, 'amazon-us', noon, '', 200)],
    ['the shadow of some SKUs', (own) => stockOf(own, 'since_sync', some)],
    ['the shadow of some SKUs with open orders', (own) => stockOf(own, 'open_orders', some)],
    ['a stretch of the shadow', (own) => stockAfter(own, 'since_sync', 'S-4', 100)],
    ['the orders in the shadow of some SKUs', (own) => countedStockOf(own, 'since_sync', some)],
    ['the open orders in the shadow of some SKUs', (own) => countedStockOf(own, 'open_orders', some)],
    ['the orders in a stretch of the shadow', (own) => countedStockAfter(own, 'since_sync', 'S-4', 100)],
    ['what channels show of some SKUs', (own) => publicationsOf(own, some)],
    ['what channels show of a stretch of SKUs', (own) => publicationsBetween(own, 'S-4', 'S-40')],
    ['what an order holds', (own) => reservedBy(own, 'amazon-us', 'O-7')],
    ['how the stock spells SKUs', (own) => stockSpellings(own, [{ sku: 's-1', key: 's-1' }])],
    ['what channels were told of a SKU', (own) => publicationLogOf(own, 'S-7')],
    ['the next stretch of a reading', (own) => chunkEnd(own, 'r', 'S-4', 100)],
    ['the last whole reading', (own) => lastWholeReading(own)],
    ['whether a setting was changed', (own) => settingsChangedSince(own, noon)],
  ])('%s reads no whole table', async (_, work) => {
    const plans = await plansOf(db, work)
    expect(plans.length).toBeGreaterThan(0)
    // A handful of settings is read as it lies.
    for (const plan of plans)
      expect(
        readWhole(plan).filter((name) => name !== 'settings'),
        plan,
      ).toEqual([])
  })

  it('a plan that reads a whole table is told apart', async () => {
    const [plan] = await plansOf(db, (own) => own.rows('select * from publications where last_error = ?', ['x']))
    expect(readWhole(plan ?? '')).toEqual(['publications'])
  })

  it('the shadow of a SKU with a long history looks at what was sold since its number was read', async () => {
    const [plan] = await plansOf(db, (own) => stockOf(own, 'since_sync', some))
    expect(plan).toMatch(/stock_movements_sku_sold_at_index[^\n]*\(sku=\? AND sold_at>\?\)|sold_at >= s\.read_at/)
  })

  it('settling and clearing thousands reads their document once, not once for every row', async () => {
    const many = Array.from({ length: 5000 }, (_, n) => ({ ...settlement, sku: `S-${n + 1}` }))
    await db.run(
      `update publications set state = 'sending', lease_owner = 'many' where channel = 'amazon-us' and cast(substr(sku, 3) as integer) <= 5000`,
    )
    const marks = many.map(({ sku }) => ({ sku, why: 'low stock', at: noon }))
    await db.transaction((tx) => markSkus(tx, marks))
    // Of the processor, not of the clock on the wall: other tests run beside this one.
    const began = process.cpuUsage()
    expect((await settleQuantities(db, 'amazon-us', { owner: 'many' }, many)).size).toBe(5000)
    await clearMarks(db, marks)
    expect(process.cpuUsage(began).user / 1000, 'milliseconds of work').toBeLessThan(4000)
    expect(await db.rows('select sku from stock_marks')).toEqual([])
  })

  it('a mark that was set again meanwhile stays', async () => {
    await markSkus(db, [{ sku: 'S-1', why: 'sold out', at: noon + 1 }])
    await clearMarks(db, [{ sku: 'S-1', why: 'low stock', at: noon }])
    expect(await db.rows('select sku from stock_marks')).toEqual([{ sku: 'S-1' }])
  })
})
