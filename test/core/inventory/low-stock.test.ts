import { describe, expect, it } from 'vitest'
import type { Db } from '../../../src/core/db/db.ts'
import { markedSkus } from '../../../src/core/db/stock.ts'
import type { NormalizedOrder, OrderLine } from '../../../src/core/model/order.ts'
import { storePage } from '../../../src/core/orders/store-order.ts'
import { MINUTE, noon } from '../../world/a-clock.ts'
import { amazonUs, aRunOn, severalConnections, type TestRun } from '../../world/a-run.ts'
import { aLine, anOrder } from '../../world/an-order.ts'
import { databases } from '../../world/databases.ts'
import { aHouse, alerts, type House, type HouseOptions, told } from './a-house.ts'

/** One order with one line of MUG. Each version is a little younger than the one before. */
function mugs(qty: number, change: Partial<NormalizedOrder> & { readonly line?: Partial<OrderLine> } = {}): NormalizedOrder {
  const { line, ...order } = change
  return anOrder('111-1', { lines: [aLine('L1', { sku: 'MUG', qty, ...line })], ...order })
}

describe.each(databases)('a SKU of which little is left, on $name', (database) => {
  /** A stock of ten mugs, read and published a minute ago. */
  async function tenMugs(options: HouseOptions = {}): Promise<House> {
    const house = await aHouse(database, { MUG: 10 }, options)
    await house.full()
    await house.run.clock.advance(MINUTE)
    return house
  }

  it('is marked at the threshold and below, not above; the operators own threshold counts', async () => {
    const house = await aHouse(database, { MUG: 5, LAMP: 5, SOAP: 5 })
    await house.full()
    await house.run.clock.advance(MINUTE)
    const lines = [
      aLine('L1', { sku: 'MUG', qty: 3 }),
      aLine('L2', { sku: 'LAMP', qty: 4 }),
      aLine('L3', { sku: 'SOAP', qty: 5 }),
    ]
    const store = (id: string, threshold?: number) =>
      house.run.db.transaction((tx) =>
        storePage(tx, house.run, amazonUs, {
          orders: [anOrder(id, { lines })],
          poison: [],
          skipped: 0,
          ...(threshold === undefined ? {} : { lowStockThreshold: threshold }),
        }),
      )
    await store('111-1')
    expect((await markedSkus(house.run.db, 10)).map(({ sku, why }) => `${sku} ${why}`)).toEqual([
      'LAMP low stock',
      'SOAP sold out',
    ])

    await house.run.db.run('insert into settings (key, value, changed_by, changed_at) values (?, ?, ?, ?)', [
      'inventory.low_stock_threshold',
      '9',
      'ann',
      house.run.clock.now(),
    ])
    house.stock.shelf.set('MUG', 20)
    await house.run.clock.advance(MINUTE)
    await house.full()
    told(house.amazon)
    await house.run.clock.advance(MINUTE)
    await house.pull([anOrder('111-3', { lines: [aLine('L1', { sku: 'MUG', qty: 11 })] })])
    expect(told(house.amazon)).toEqual(['MUG 19 -> 8'])
  })

  it('the last unit raises an alert once, and the next reading without such a SKU ends it', async () => {
    const house = await tenMugs()
    await house.pull([mugs(9)])
    expect(await alerts(house.run)).toEqual([])
    await house.pull([mugs(10, { updatedAt: noon })])
    await house.pull([mugs(12, { updatedAt: noon + 1 })])
    expect(await alerts(house.run)).toEqual(['sold-out inventory warning'])
    const [alert] = await house.run.db.rows<{ count: number; message: string }>('select count, message from alerts')
    expect(alert).toMatchObject({ count: 1, message: expect.stringContaining('MUG') })
    await house.run.clock.advance(MINUTE)
    house.stock.shelf.set('MUG', 30)
    await house.full()
    expect(await alerts(house.run)).toEqual([])
  })

  it('is seen by whoever commits last when two channels sell it in the same moment', async () => {
    const [one, two] = await severalConnections(database, 2)
    if (one === undefined || two === undefined) throw new Error('two were asked for')
    const [first, second] = [aRunOn(one, { name: 'one' }), aRunOn(two, { name: 'two' })] as const
    const now = first.clock.now()
    await one.run(
      `insert into stock (sku, sku_key, item_id, state, available, fields, read_at, reading_id, changed_at) values ('MUG', 'mug', '1', 'tracked', 7, '{}', ?, 'r', ?)`,
      [now, now],
    )
    let stored = false
    const store = (tx: Db, run: TestRun, id: string) =>
      storePage(tx, run, amazonUs, { orders: [{ ...mugs(3), externalOrderId: id }], poison: [], skipped: 0 })
    let selling: Promise<unknown> = Promise.resolve()
    await one.transaction(async (tx) => {
      await store(tx, first, '111-1')
      selling = two
        .transaction((other) => store(other, second, '111-2'))
        .then(() => {
          stored = true
        })
      while (!stored && tx.dialect.name === 'postgres') {
        const waiting = await tx.rows(
          `select 1 as one from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )
        if (waiting.length > 0) break
      }
    })
    await selling
    expect((await markedSkus(one, 10)).map(({ sku }) => sku)).toEqual(['MUG'])
  })
})
