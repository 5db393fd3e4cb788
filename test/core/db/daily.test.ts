import { describe, expect, it } from 'vitest'
import { countSeen } from '../../../src/core/db/daily.ts'
import { storePage } from '../../../src/core/orders/store-order.ts'
import { DAY } from '../../world/a-clock.ts'
import { amazonUs, aRun } from '../../world/a-run.ts'
import { aLine, anOrder } from '../../world/an-order.ts'
import { databases } from '../../world/databases.ts'

describe.each(databases)('the orders of a day, on $name,', (database) => {
  it('lack in ShipStation only what belongs there', async () => {
    const run = await aRun(database)
    const orders = [
      anOrder('A-1'),
      anOrder('A-2', { flags: ['pickup_point', 'no_label'] }),
      anOrder('A-3', { lines: [aLine('L1', { qtyToShip: 0 })] }),
      anOrder('A-4'),
    ]
    await run.db.transaction((tx) => storePage(tx, run, amazonUs, { orders, poison: [], skipped: 0 }))
    await run.db.run(`update orders set twin_of = 'rithum/1' where external_order_id = 'A-4'`)

    const now = run.clock.now()
    const seen = await countSeen(run.db, { from: now - DAY, to: now + 1 })
    expect(seen.map(({ in_shipstation, count }) => [Number(in_shipstation), count]).sort()).toEqual([
      [0, 1],
      [1, 3],
    ])
  })
})
