import { describe, expect, it } from 'vitest'
import {
  linesOf,
  ordersByExternalIds,
  ordersByIds,
  ordersByShipStationIds,
  recordPush,
  recordPushedQuantities,
  setOrderShipped,
} from '../../../src/core/db/orders.ts'
import type { NormalizedOrder } from '../../../src/core/model/order.ts'
import { storePage } from '../../../src/core/orders/store-order.ts'
import { noon } from '../../world/a-clock.ts'
import { amazonUs, aRun, macys, type TestRun } from '../../world/a-run.ts'
import { aLine, anOrder } from '../../world/an-order.ts'
import { orderRow } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'

describe.each(databases)('orders on $name', (database) => {
  async function given(...orders: readonly NormalizedOrder[]): Promise<TestRun> {
    const run = await aRun(database)
    for (const channel of [amazonUs, macys]) {
      const own = orders.filter((order) => order.channel === channel.code)
      await run.db.transaction((tx) => storePage(tx, run, channel, { orders: own, poison: [], skipped: 0 }))
    }
    return run
  }

  it('are told apart by channel, and found in lists of any length, each once', async () => {
    const orders = Array.from({ length: 230 }, (_, n) => anOrder(`A-${n}`))
    const { db } = await given(...orders, anOrder('A-1', { channel: 'mirakl-macys' }))
    const ids = orders.map(({ externalOrderId }) => externalOrderId)

    for (const count of [0, 1, 2, 20, 21, 100, 101, 230]) {
      const rows = await ordersByExternalIds(db, 'amazon-us', ids.slice(0, count))
      expect(rows.map((row) => row.external_order_id).sort()).toEqual(ids.slice(0, count).sort())
      expect(rows.every(({ channel }) => channel === 'amazon-us')).toBe(true)
      expect(
        await ordersByIds(
          db,
          rows.map(({ id }) => id),
        ),
      ).toHaveLength(count)
    }
  })

  it('keep their lines in the channel’s order', async () => {
    const { db } = await given(anOrder('A-1', { lines: ['L9', 'L1', 'L5'].map((id) => aLine(id)) }))
    const { id } = await orderRow(db, 'A-1')
    expect((await linesOf(db, [id])).map((line) => line.external_line_id)).toEqual(['L9', 'L1', 'L5'])
  })

  it('keep what is known of them at ShipStation when a later answer says less', async () => {
    const { db } = await given(anOrder('A-1'))
    const { id } = await orderRow(db, 'A-1')
    const push = { orderId: id, orderKey: 'key', error: null, at: noon }
    await recordPush(db, { ...push, state: 'pushed', shipStationOrderId: 5001, storeId: 7, pushedHash: 'hash' })
    await recordPush(db, { ...push, state: 'held', shipStationOrderId: null, storeId: null, pushedHash: null, at: noon + 1 })

    const kept = { push_state: 'held', shipstation_order_id: 5001, shipstation_store_id: 7, pushed_hash: 'hash', pushed_at: noon }
    expect(await orderRow(db, 'A-1')).toMatchObject(kept)
    expect(await ordersByShipStationIds(db, [5001, 9])).toHaveLength(1)
  })

  it('remember how much of a line ShipStation was told last, and nothing of a line it was not told of', async () => {
    const { db } = await given(anOrder('A-1', { lines: [aLine('L1', { qty: 3 }), aLine('L2', { qtyToShip: 0 })] }))
    const { id } = await orderRow(db, 'A-1')
    const pushed = async () => (await linesOf(db, [id])).map((line) => line.qty_pushed)

    await recordPushedQuantities(db, id)
    expect(await pushed()).toEqual([3, null])

    await db.run('update order_lines set qty_to_ship = 1')
    await recordPushedQuantities(db, id)
    expect(await pushed()).toEqual([1, 1])
  })

  it('keep the day they were first shipped', async () => {
    const { db } = await given(anOrder('A-1'))
    const { id } = await orderRow(db, 'A-1')
    await setOrderShipped(db, id, 'partially_shipped', noon)
    await setOrderShipped(db, id, 'shipped', noon + 5)
    expect(await orderRow(db, 'A-1')).toMatchObject({ status: 'shipped', shipped_at: noon, changed_at: noon + 5 })
  })
})
