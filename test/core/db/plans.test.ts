import { beforeAll, describe, expect, it } from 'vitest'
import { deletionsOf, ordersOfAccount, unreadBuyers } from '../../../src/core/db/buyers.ts'
import { readCursor } from '../../../src/core/db/cursors.ts'
import type { Db, SqlValue } from '../../../src/core/db/db.ts'
import { insertMany } from '../../../src/core/db/db.ts'
import {
  channelsWithOrders,
  countOfAccount,
  countRemains,
  deleteOldPayloads,
  dueOrders,
  eraseOrders,
} from '../../../src/core/db/erasure.ts'
import {
  ordersByExternalIds,
  ordersByIds,
  ordersByNumber,
  ordersByOrderKeys,
  ordersByShipStationIds,
} from '../../../src/core/db/orders.ts'
import { listTasks } from '../../../src/core/db/task-list.ts'
import { addTasks, claimTasks, markSent, releaseTasks, renewTasks } from '../../../src/core/db/tasks.ts'
import { storePage } from '../../../src/core/orders/store-order.ts'
import { DAY, noon } from '../../world/a-clock.ts'
import { amazonUs, aRun } from '../../world/a-run.ts'
import { anOrder } from '../../world/an-order.ts'
import { databases } from '../../world/databases.ts'

const MANY = 3000

/** A database as it looks after a while: nearly all work is done. */
async function aFullDatabase(database: (typeof databases)[number]): Promise<Db> {
  const run = await aRun(database)
  const { db } = run
  await db.transaction(async (tx) => {
    const orders = Array.from({ length: MANY }, (_, n) =>
      anOrder(`A-${n}`, { status: 'shipped', buyerAccount: { username: `buyer-${n}`, userId: `id-${n}` } }),
    )
    await storePage(tx, run, amazonUs, { orders, poison: [], skipped: 0 })
    const ids = await tx.rows<{ id: string }>('select id from orders')
    const tasks = orders.map((_, n) => ({
      id: `t${n}`,
      kind: 'push' as const,
      key: `k${n}`,
      channel: 'amazon-us',
      orderId: ids[n]?.id ?? null,
      shipmentId: null,
    }))
    await addTasks(tx, tasks, noon)
    await tx.run(`update tasks set state = 'done' where id not in ('t1', 't2', 't3')`)
    const cursors = Array.from({ length: 500 }, (_, n) => ({ channel: `c${n}`, stream: 'orders', at: n, updated_at: noon }))
    await insertMany(tx, 'cursors', cursors)
    const deletions = Array.from({ length: MANY }, (_, n) => ({ digest: `d${n}`, deleted_at: noon }))
    await insertMany(tx, 'deleted_accounts', deletions)
  })
  await db.run('analyze')
  return db
}

/** The statements that some work sends, and how the database means to run each. */
async function plansOf(db: Db, work: (db: Db) => Promise<unknown>): Promise<string[]> {
  const heard: { readonly sql: string; readonly values: readonly SqlValue[] }[] = []
  function listening(own: Db): Db {
    return {
      ...own,
      rows: (sql, values = []) => {
        heard.push({ sql, values })
        return own.rows(sql, values)
      },
      run: (sql, values = []) => {
        heard.push({ sql, values })
        return own.run(sql, values)
      },
      transaction: (inner) => own.transaction((tx) => inner(listening(tx))),
    }
  }
  await work(listening(db))
  const plans: string[] = []
  for (const { sql, values } of heard) {
    const rows = await db.rows<Record<string, string>>(
      `${db.dialect.name === 'sqlite' ? 'explain query plan' : 'explain'} ${sql}`,
      values,
    )
    plans.push(rows.map((row) => row['detail'] ?? row['QUERY PLAN'] ?? '').join('\n'))
  }
  expect(plans.length).toBeGreaterThan(0)
  return plans
}

/** Reading a table from one end to the other; what a CTE has found already is no table. */
function readsWholeTable(plan: string): boolean {
  return /\bSeq Scan on (?!due)|\bSCAN (?!due|CONSTANT|\(|SUBQUERY)\w+(?! USING (COVERING )?INDEX)/.test(plan)
}

const due = { channel: 'amazon-us', before: noon - 30 * DAY }

describe.each(databases)('with much done work on $name', (database) => {
  const lease = { owner: 'me', until: noon + 60_000 }
  let db: Db

  beforeAll(async () => {
    db = await aFullDatabase(database)
  })

  it.each<[string, (db: Db) => Promise<unknown>]>([
    ['claiming due work', (db) => claimTasks(db, { kind: 'push', limit: 100 }, lease, noon)],
    ['claiming due work of a channel', (db) => claimTasks(db, { kind: 'push', channel: 'amazon-us', limit: 100 }, lease, noon)],
    [
      'claiming confirmations of a channel',
      (db) => claimTasks(db, { kind: 'confirm', channel: 'amazon-us', limit: 100 }, lease, noon),
    ],
    ['claiming named work', (db) => claimTasks(db, { kind: 'push', ids: ['t1', 't2'], limit: 100 }, lease, noon)],
    ['keeping a lease alive', (db) => renewTasks(db, lease, noon)],
    ['noting that a request leaves', (db) => markSent(db, ['t1', 't2'], 'me', noon)],
    ['giving work back', (db) => releaseTasks(db, 'me', noon)],
    ['the confirmations of a package', (db) => listTasks(db, { kinds: ['confirm'], shipmentId: 'shipment:1' }, 50)],
    ['a place in a stream', (db) => readCursor(db, 'c7', 'orders')],
    ['orders by their natural key', (db) => ordersByExternalIds(db, 'amazon-us', ['A-1', 'A-2'])],
    ['orders by id', (db) => ordersByIds(db, ['x', 'y'])],
    ['orders by number', (db) => ordersByNumber(db, 'A-1')],
    ['orders by ShipStation id', (db) => ordersByShipStationIds(db, [1, 2])],
    ['orders by order key', (db) => ordersByOrderKeys(db, ['isync:amazon-us:A-1'])],
    ['the channels that have orders', (db) => channelsWithOrders(db)],
    ['closed orders to be erased', (db) => dueOrders(db, { ...due, why: 'closed' }, { id: 'x', since: 7 }, 500)],
    ['orders to be erased as was asked for', (db) => dueOrders(db, { ...due, why: 'asked' }, { id: 'x', since: 7 }, 500)],
    ['the orders of a buyer', (db) => ordersOfAccount(db, ['amazon-us', 'ebay-us'], ['d1', 'd2', 'd3'], '', 200)],
    ['how many orders of a buyer are left', (db) => countOfAccount(db, { ...due, why: 'asked' }, ['d1', 'd2', 'd3'])],
    ['what is left of erased orders', (db) => countRemains(db, ['x', 'y'])],
    ['deletions of accounts', (db) => deletionsOf(db, ['d1'])],
    ['orders whose buyers nobody looked for', (db) => unreadBuyers(db, 'amazon-us', 200)],
    ['erasing orders', (db) => eraseOrders(db, { ...due, why: 'closed' }, ['x', 'y'], noon)],
    ['deleting old documents', (db) => deleteOldPayloads(db, 'amazon-us', due.before, 500)],
  ])('%s reads no whole table', async (_, work) => {
    for (const plan of await plansOf(db, work)) expect(readsWholeTable(plan), plan).toBe(false)
  })

  it('a plan that reads a whole table is told apart', async () => {
    const [plan] = await plansOf(db, (own) => own.rows('select * from tasks where last_error = ?', ['x']))
    expect(readsWholeTable(plan ?? '')).toBe(true)
  })

  it('claiming looks only at work that is not done', async () => {
    const [plan] = await plansOf(db, (own) => claimTasks(own, { kind: 'push', limit: 100 }, lease, noon))
    expect(plan).toMatch(/state_next_attempt_at/)
  })
})
