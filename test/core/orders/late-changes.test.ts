import { describe, expect, it } from 'vitest'
import { RetryableError } from '../../../src/core/errors.ts'
import type { NormalizedOrder } from '../../../src/core/model/order.ts'
import { pushOrders } from '../../../src/core/orders/push-orders.ts'
import { storePage } from '../../../src/core/orders/store-order.ts'
import { MINUTE } from '../../world/a-clock.ts'
import { amazonUs, aRun, type TestRun } from '../../world/a-run.ts'
import { aFoundOrder, aShipping, type TestShipping } from '../../world/a-shipping.ts'
import { anOrder } from '../../world/an-order.ts'
import { alertRules, orderRow, tasksOf } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'

const lost = new RetryableError('timed out', { account: 'shipstation', operation: 'createorders', outcomeUnknown: true })

describe.each(databases)('a change that comes late, on $name', (database) => {
  let run: TestRun
  let shipping: TestShipping

  async function given(...orders: readonly NormalizedOrder[]): Promise<void> {
    run = await aRun(database)
    shipping = aShipping()
    await store(...orders)
  }

  function store(...orders: readonly NormalizedOrder[]) {
    const channel = { ...amazonUs, acknowledges: 'before-push' as const }
    return run.db.transaction((tx) => storePage(tx, run, channel, { orders, poison: [], skipped: 0 }))
  }

  function later(order: NormalizedOrder, change: Partial<NormalizedOrder>): NormalizedOrder {
    return { ...order, updatedAt: order.updatedAt + 1, ...change }
  }

  it('an order that may not ship any more is looked up where an earlier push was never answered, and held where it is there', async () => {
    const order = anOrder('A-1')
    await given(order)
    shipping.answer = () => ({ status: 'failed', error: lost })
    await pushOrders(run, shipping)
    await store(later(order, { status: 'pending', shipTo: null }))
    shipping.holds(aFoundOrder(4711, { orderKey: 'isync:amazon-us:A-1', orderNumber: 'A-1' }))
    run.clock.advance(10 * MINUTE)

    expect(await pushOrders(run, shipping)).toMatchObject({ done: 1 })

    expect(await orderRow(run.db, 'A-1')).toMatchObject({ push_state: 'held', pushed_hash: null, shipstation_order_id: 4711 })
    expect(shipping.calls).toContain('holdOrder 4711')
  })

  it('a cancellation of an order that has shipped at ShipStation is told to a person', async () => {
    const order = anOrder('A-1')
    await given(order)
    shipping.answer = () => ({ status: 'locked', shipStationOrderId: 7, orderStatus: 'shipped' })
    await pushOrders(run, shipping)

    await store(later(order, { status: 'cancelled' }))

    expect(await alertRules(run.db)).toEqual(['changed-after-shipping'])
  })

  it('an order that was shipped by other hands must not be shipped again', async () => {
    const order = anOrder('A-1')
    await given(order)
    await pushOrders(run, shipping)

    await store(later(order, { status: 'shipped' }))

    expect(await alertRules(run.db)).toEqual(['shipped-elsewhere'])
  })

  it('an order that still waits for acceptance after our yes gets another', async () => {
    const order = anOrder('A-1', { status: 'awaiting_acceptance', shipTo: null })
    await given(order)
    await run.db.run(`update tasks set state = 'done' where kind = 'acknowledge'`)

    await store(later(order, { notes: 'still waiting' }))

    expect(await tasksOf(run.db)).toMatchObject([{ kind: 'acknowledge', state: 'pending' }])
  })
})
