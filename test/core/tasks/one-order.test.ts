import { describe, expect, it } from 'vitest'
import type { Db } from '../../../src/core/db/db.ts'
import { addTasks, claimTasks, settleTask } from '../../../src/core/db/tasks.ts'
import type { ClaimedTask } from '../../../src/core/model/task.ts'
import { storePage } from '../../../src/core/orders/store-order.ts'
import { MINUTE, noon } from '../../world/a-clock.ts'
import { aDb, amazonUs, aRunOn, severalConnections } from '../../world/a-run.ts'
import { anOrder } from '../../world/an-order.ts'
import { orderRow } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'

/** `order/package` each: the confirmations of these packages. */
async function add(db: Db, ...packages: readonly string[]): Promise<void> {
  const run = aRunOn(db)
  const orders = [...new Set(packages.map(orderIn))].map((id) => anOrder(id))
  await db.transaction((tx) => storePage(tx, run, amazonUs, { orders, poison: [], skipped: 0 }))
  const ids = new Map<string, string>()
  for (const { externalOrderId } of orders) ids.set(externalOrderId, (await orderRow(db, externalOrderId)).id)
  const task = { kind: 'confirm', channel: 'amazon-us' } as const
  await addTasks(
    db,
    packages.map((key) => ({ ...task, id: `id-${key}`, key, orderId: ids.get(orderIn(key)) ?? null, shipmentId: null })),
    noon,
  )
}

const orderIn = (key: string) => key.split('/')[0] ?? ''

function claim(db: Db, owner: string, limit = 10, at = noon): Promise<ClaimedTask[]> {
  return claimTasks(db, { kind: 'confirm', channel: 'amazon-us', limit }, { owner, until: at + 5 * MINUTE }, at)
}

const keys = (tasks: readonly ClaimedTask[]) => tasks.map(({ key }) => key).sort()

describe.each(databases)('two packages of one order, on $name,', (database) => {
  it('are told by one worker at a time: a marketplace that replaces what it has would forget one of them', async () => {
    const db = await aDb(database)
    await add(db, 'o1/a', 'o1/b', 'o2/a')
    const [first] = await claim(db, 'cron', 1)
    expect(first?.key).toBe('o1/a')

    expect(keys(await claim(db, 'serve'))).toEqual(['o2/a'])

    if (first !== undefined) await settleTask(db, first, 'cron', { state: 'done' }, noon)
    expect(keys(await claim(db, 'serve'))).toEqual(['o1/b'])
  })

  it('go together where one worker has room for both, and to another when that one died', async () => {
    const db = await aDb(database)
    await add(db, 'o1/a', 'o1/b')
    expect(keys(await claim(db, 'cron', 1))).toEqual(['o1/a'])
    expect(keys(await claim(db, 'serve', 10, noon + 6 * MINUTE))).toEqual(['o1/a', 'o1/b'])
  })

  it('never have two workers, however many claim at the same moment', async () => {
    const connections = await severalConnections(database, 6)
    const [db] = connections
    if (db === undefined) throw new Error('no connection')
    const orders = Array.from({ length: 40 }, (_, n) => `o${n}`)
    await add(db, ...orders.flatMap((order) => ['a', 'b', 'c'].map((name) => `${order}/${name}`)))

    const owners = new Map<string, Set<string>>()
    async function work(own: Db, owner: string): Promise<void> {
      // An odd number, so that a claim ends in the middle of an order.
      for (let round = 0; round < 4; round += 1)
        for (const { key } of await claim(own, owner, 4)) {
          const order = orderIn(key)
          owners.set(order, (owners.get(order) ?? new Set()).add(owner))
        }
    }
    await Promise.all(connections.map((own, n) => work(own, `worker-${n}`)))

    expect(owners.size).toBeGreaterThan(20)
    expect([...owners].filter(([, those]) => those.size > 1)).toEqual([])
  })
})
