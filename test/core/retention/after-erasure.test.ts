import { beforeEach, describe, expect, it } from 'vitest'
import { updateOrder } from '../../../src/core/db/order-writes.ts'
import { recordPush, recordPushedQuantities } from '../../../src/core/db/orders.ts'
import { claimTasks, settleTask } from '../../../src/core/db/tasks.ts'
import type { NormalizedOrder } from '../../../src/core/model/order.ts'
import { pushHash } from '../../../src/core/orders/content.ts'
import { personalMask } from '../../../src/core/orders/personal.ts'
import { pushOrders } from '../../../src/core/orders/push-orders.ts'
import { toColumns } from '../../../src/core/orders/rows.ts'
import { orderReports } from '../../../src/core/reports/order.ts'
import { DAY, HOUR, MINUTE, noon } from '../../world/a-clock.ts'
import type { TestRun } from '../../world/a-run.ts'
import { aShipping } from '../../world/a-shipping.ts'
import { aLine } from '../../world/an-order.ts'
import { alertRules, everything, historyOf, orderRow, taskList } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'
import { aHouse, documented, purged, remembered, soldTo, store } from './a-house.ts'

describe.each(databases)('an order whose personal data was erased, on $name,', (database) => {
  let run: TestRun
  const sold = soldTo('ada', 'A-1', 0)
  const shipped: NormalizedOrder = {
    ...sold,
    status: 'shipped',
    updatedAt: noon + HOUR,
    lines: [aLine('L1', { qtyToShip: 0, qtyShipped: 1 })],
  }

  /** Pushed, shipped, and erased 31 days later. */
  beforeEach(async () => {
    run = await aHouse(database)
    await store(run, sold)
    const { id } = await orderRow(run.db, 'A-1')
    const [task] = await claimTasks(run.db, { kind: 'push', limit: 1 }, { owner: 'pusher', until: noon + MINUTE }, noon)
    const mapping = { shipStationOrderId: 5001, storeId: 20002, orderKey: 'isync:amazon-us:A-1', error: null, at: noon }
    await recordPush(run.db, { orderId: id, state: 'pushed', pushedHash: pushHash(sold), ...mapping })
    await recordPushedQuantities(run.db, id)
    await settleTask(run.db, task!, 'pusher', { state: 'done' }, noon)
    await run.clock.advance(2 * HOUR)
    await store(run, shipped)
    await run.clock.advance(31 * DAY)
    await purged(run)
  })

  /** Nothing anywhere that says who bought it. */
  async function says(word: string): Promise<boolean> {
    const [report] = await orderReports(run.db, run.vault, 'A-1', { raw: true })
    return JSON.stringify(report).includes(word) || (await everything(run.db)).includes(word)
  }

  it('comes again as it was and changes nothing', async () => {
    const before = await everything(run.db)
    await store(run, shipped)
    expect(await everything(run.db)).toBe(before)
    expect([await remembered(run), await documented(run)]).toEqual([[], []])
  })

  it('comes again changed and is changed, but for what it says of a person', async () => {
    await store(run, {
      ...shipped,
      updatedAt: noon + 33 * DAY,
      totals: { ...shipped.totals, total: 1 },
      buyer: { name: 'ada eve' },
    })

    expect(await orderRow(run.db, 'A-1')).toMatchObject({
      total_minor: 1,
      buyer: null,
      ship_to: null,
      messages: null,
      pushed_hash: null,
    })
    expect([await remembered(run), await documented(run)]).toEqual([[], []])
    expect(await says('ada')).toBe(false)
    expect((await historyOf(run.db, 'A-1')).at(-1)).toBe('changed')
    // Once taken over, the same again is no change.
    const before = await everything(run.db)
    await store(run, {
      ...shipped,
      updatedAt: noon + 33 * DAY,
      totals: { ...shipped.totals, total: 1 },
      buyer: { name: 'somebody else' },
    })
    expect(await everything(run.db)).toBe(before)
  })

  it('is not sent to ShipStation again, whatever the channel says', async () => {
    await store(run, { ...sold, updatedAt: noon + 33 * DAY, notes: 'another one' })
    await run.db.run(`update tasks set state = 'dead' where kind = 'push'`)
    await run.db.run(`update tasks set state = 'pending', generation = 9`)
    const shipping = aShipping()
    await pushOrders(run, shipping)

    expect(shipping.sent).toEqual([])
    expect(await taskList(run.db)).toEqual(['push amazon-us:A-1 done'])
  })

  it('is held at ShipStation when the channel cancels it now, which needs no address; cancelling it there would', async () => {
    const settings = { ...run.settings, onCancel: 'cancel' } as const
    await store(run, { ...shipped, status: 'cancelled', updatedAt: noon + 33 * DAY })
    const shipping = aShipping()
    await pushOrders({ ...run, settings }, shipping)

    expect(shipping.sent).toEqual([])
    expect(shipping.calls).toEqual([expect.stringMatching(/^holdOrder 5001/)])
    expect(await alertRules(run.db)).toContain('cancelled-after-push')
  })

  it('calls for a person when the channel wants it shipped and ShipStation never had it', async () => {
    await run.db.run(`update orders set push_state = 'none', shipstation_order_id = null`)
    await store(run, { ...sold, updatedAt: noon + 33 * DAY, notes: 'open after all' })

    expect(await alertRules(run.db)).toContain('open-after-erasure')
    expect(await taskList(run.db)).toEqual(['push amazon-us:A-1 done'])
    expect(await remembered(run)).toEqual([])
  })

  it('gets nothing back from a pull that had read it before the erasure and writes after it', async () => {
    const row = await orderRow(run.db, 'A-1')
    const late = toColumns({ ...shipped, updatedAt: noon + 40 * DAY }, row.id, 9, run.vault, run.clock.now())
    expect(await updateOrder(run.db, late)).toBe('erased')
    expect(await orderRow(run.db, 'A-1')).toMatchObject({ version: 9, buyer: null, ship_to: null, messages: null })
    expect((await orderRow(run.db, 'A-1')).content_hash).toHaveLength(30)
  })

  it("keeps the vendor's words about it out of the books: nobody knows any more which of them are personal", async () => {
    const { id } = await orderRow(run.db, 'A-1')
    const mask = await personalMask(run, [id])
    const masked = mask('amazon-us confirmShipment: answered 400: no parcel for ada at 12 Analytical Way')
    expect(masked).toMatch(/^amazon-us confirmShipment: answered 400 \[/)
    expect(masked).not.toMatch(/ada|Analytical/)
  })

  it('says in its report when it was erased', async () => {
    const [report] = await orderReports(run.db, run.vault, 'A-1', { raw: true })
    expect(report?.document).toMatchObject({
      erased_at: new Date(noon + 31 * DAY + 2 * HOUR).toISOString(),
      buyer_name: null,
      ship_to: null,
      raw_payload: null,
      status: 'shipped',
    })
  })
})
