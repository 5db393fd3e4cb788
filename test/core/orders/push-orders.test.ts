import { describe, expect, it } from 'vitest'
import { linesOf } from '../../../src/core/db/orders.ts'
import { AuthError, PermanentError, RetryableError, StoppedError } from '../../../src/core/errors.ts'
import type { NormalizedOrder } from '../../../src/core/model/order.ts'
import { pushOrders } from '../../../src/core/orders/push-orders.ts'
import { storePage } from '../../../src/core/orders/store-order.ts'
import { MINUTE, noon } from '../../world/a-clock.ts'
import { amazonUs, aRun, type RunOptions, type TestRun } from '../../world/a-run.ts'
import { aFoundOrder, aShipping, type TestShipping } from '../../world/a-shipping.ts'
import { aLine, anAddress, anOrder } from '../../world/an-order.ts'
import { alertRules, historyOf, orderRow, taskList, tasksOf } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'

const facts = { account: 'shipstation', operation: 'createorders' }
const lost = new RetryableError('timed out', { ...facts, outcomeUnknown: true })

describe.each(databases)('pushing orders on $name', (database) => {
  let run: TestRun
  let shipping: TestShipping

  async function given(orders: readonly NormalizedOrder[], options: RunOptions = {}): Promise<void> {
    run = await aRun(database, options)
    shipping = aShipping()
    await store(...orders)
  }

  function store(...orders: readonly NormalizedOrder[]) {
    return run.db.transaction((tx) => storePage(tx, run, amazonUs, { orders, poison: [], skipped: 0 }))
  }

  function push() {
    return pushOrders(run, shipping)
  }

  function later(order: NormalizedOrder, change: Partial<NormalizedOrder>): NormalizedOrder {
    return { ...order, updatedAt: order.updatedAt + 1, ...change }
  }

  it('puts each order into its channel’s store under its own key, and keeps where it is', async () => {
    await given([anOrder('A-1'), anOrder('A-2')])

    expect(await push()).toMatchObject({ done: 2, waiting: 0, dead: 0, problems: [] })

    expect(shipping.sent).toMatchObject([
      { orderKey: 'isync:amazon-us:A-1', storeId: 20002, action: 'ship' },
      { orderKey: 'isync:amazon-us:A-2', storeId: 20002, action: 'ship' },
    ])
    expect(await orderRow(run.db, 'A-1')).toMatchObject({
      push_state: 'pushed',
      shipstation_order_id: 5001,
      shipstation_store_id: 20002,
      order_key: 'isync:amazon-us:A-1',
      pushed_at: noon,
      push_error: null,
    })
    expect((await linesOf(run.db, [(await orderRow(run.db, 'A-1')).id])).map((line) => line.qty_pushed)).toEqual([1])
    expect(await historyOf(run.db, 'A-1')).toEqual(['pulled', 'pushed'])
  })

  it('sends each order once', async () => {
    await given([anOrder('A-1')])
    await push()
    await push()
    expect(shipping.sent).toHaveLength(1)
  })

  it('sends orders in batches as large as ShipStation takes', async () => {
    await given(Array.from({ length: 230 }, (_, n) => anOrder(`A-${n}`)))
    expect(await push()).toMatchObject({ done: 230 })
    expect(shipping.calls).toEqual(['upsertOrders 100', 'upsertOrders 100', 'upsertOrders 30'])
  })

  it('shows the order as it is now, not as it was when the task was made', async () => {
    const order = anOrder('A-1')
    await given([order])
    await store(later(order, { shipTo: { ...anAddress, city: 'Salem' } }))
    await push()
    expect(shipping.sent.map(({ order: sent }) => sent.shipTo?.city)).toEqual(['Salem'])
    expect(shipping.sent[0]?.order.buyer.name).toBe('Ada Lovelace')
  })

  it('lets one bad order fail alone', async () => {
    await given([anOrder('A-1'), anOrder('A-2')])
    const error = new PermanentError('country: unknown', facts)
    shipping.answer = ({ orderKey }) =>
      orderKey.endsWith('A-1') ? { status: 'failed', error } : { status: 'stored', shipStationOrderId: 7 }

    expect(await push()).toMatchObject({ done: 1, dead: 1 })

    expect(await orderRow(run.db, 'A-1')).toMatchObject({ push_state: 'failed', shipstation_order_id: null })
    expect((await orderRow(run.db, 'A-1')).push_error).toContain('country: unknown')
    expect(await orderRow(run.db, 'A-2')).toMatchObject({ push_state: 'pushed', shipstation_order_id: 7 })
    expect(await alertRules(run.db)).toEqual(['dead-push'])
  })

  it('sends nothing for a channel without a store: ShipStation would take its first one', async () => {
    const channels = new Map([[amazonUs.code, { ...amazonUs, storeId: undefined }]])
    await given([anOrder('A-1')], { settings: { channels } })
    expect(await push()).toMatchObject({ done: 0, dead: 1 })
    expect(shipping.calls).toEqual([])
  })

  it('stops when the credentials are refused, and spends no retry', async () => {
    await given([anOrder('A-1')])
    shipping.fail = new AuthError('401', facts)
    expect(await push()).toMatchObject({ waiting: 1, stoppedBy: { kind: 'auth' } })
    expect(await tasksOf(run.db)).toMatchObject([{ attempts: 0, next_attempt_at: noon + 5 * MINUTE }])
  })

  it('sends nothing more once it is told to stop', async () => {
    await given(Array.from({ length: 150 }, (_, n) => anOrder(`A-${n}`)))
    shipping.answer = () => {
      run.stop()
      return { status: 'stored', shipStationOrderId: 1 }
    }
    expect(await push()).toMatchObject({ done: 100 })
    expect(shipping.calls).toEqual(['upsertOrders 100'])
  })

  it('throws what is no vendor’s error: that is a bug', async () => {
    await given([anOrder('A-1')])
    shipping.fail = new TypeError('a bug')
    await expect(push()).rejects.toThrow('a bug')
  })

  describe('after an answer that was lost', () => {
    async function lose(...orders: readonly NormalizedOrder[]): Promise<void> {
      await given(orders)
      shipping.fail = lost
      expect(await push()).toMatchObject({ done: 0, waiting: orders.length })
      shipping.calls.length = 0
    }

    it('does nothing before a look-up can be trusted', async () => {
      await lose(anOrder('A-1'))
      await run.clock.advance(MINUTE / 2)
      expect(await push()).toMatchObject({ done: 0 })
      expect(shipping.calls).toEqual([])
    })

    it('does not send again what is there', async () => {
      await lose(anOrder('A-1'))
      shipping.holds(aFoundOrder(42, { orderKey: 'isync:amazon-us:A-1', orderNumber: 'A-1' }))
      await run.clock.advance(MINUTE)

      expect(await push()).toMatchObject({ done: 1 })
      expect(shipping.calls).toEqual(['findOrders A-1'])
      expect(await orderRow(run.db, 'A-1')).toMatchObject({ push_state: 'pushed', shipstation_order_id: 42 })
      expect(await historyOf(run.db, 'A-1')).toContain('found at ShipStation')
    })

    it('sends again what is not there, and asks for many by one listing', async () => {
      await lose(anOrder('A-1'), anOrder('A-2'), anOrder('A-3'))
      shipping.holds(aFoundOrder(42, { orderKey: 'isync:amazon-us:A-1', orderNumber: 'A-1' }))
      shipping.sent.length = 0
      await run.clock.advance(MINUTE)

      expect(await push()).toMatchObject({ done: 3 })
      expect(shipping.calls).toEqual(['findOrdersChangedSince', 'upsertOrders 2'])
      expect(shipping.sent.map(({ orderKey }) => orderKey.slice(-3))).toEqual(['A-2', 'A-3'])
    })

    it('changes what is there when the order has changed since', async () => {
      const order = anOrder('A-1')
      await lose(order)
      shipping.holds(aFoundOrder(42, { orderKey: 'isync:amazon-us:A-1', orderNumber: 'A-1' }))
      await store(later(order, { shipTo: { ...anAddress, city: 'Salem' } }))
      shipping.sent.length = 0
      await run.clock.advance(MINUTE)

      expect(await push()).toMatchObject({ done: 1 })
      expect(shipping.sent).toMatchObject([{ shipStationOrderId: 42, order: { shipTo: { city: 'Salem' } } }])
    })

    it('need not send what was cancelled meanwhile, but ends it where it did arrive', async () => {
      const [first, second] = [anOrder('A-1'), anOrder('A-2')]
      await lose(first, second)
      shipping.holds(aFoundOrder(42, { orderKey: 'isync:amazon-us:A-1', orderNumber: 'A-1' }))
      await store(later(first, { status: 'cancelled' }), later(second, { status: 'cancelled' }))
      await run.clock.advance(MINUTE)

      expect(await push()).toMatchObject({ done: 2 })
      expect(shipping.calls).toEqual(['findOrders A-1', 'findOrders A-2', 'holdOrder 42'])
    })

    it('still looks first when the look-up itself failed', async () => {
      await lose(anOrder('A-1'))
      await run.clock.advance(MINUTE)
      shipping.fail = new RetryableError('503', facts)
      await push()
      await run.clock.advance(5 * MINUTE)
      shipping.holds(aFoundOrder(42, { orderKey: 'isync:amazon-us:A-1', orderNumber: 'A-1' }))

      expect(await push()).toMatchObject({ done: 1 })
      expect(shipping.calls).toEqual(['findOrders A-1', 'findOrders A-1'])
    })
  })

  describe('that changed after they were pushed', () => {
    async function pushed(order: NormalizedOrder, options: RunOptions = {}): Promise<void> {
      await given([order], options)
      await push()
      shipping.calls.length = 0
      shipping.sent.length = 0
    }

    it('updates them by their ShipStation id, in the store they are in', async () => {
      const order = anOrder('A-1')
      await pushed(order)
      await run.db.run('update orders set shipstation_store_id = 777')
      await store(later(order, { shipTo: { ...anAddress, city: 'Salem' } }))
      await push()
      expect(shipping.sent).toMatchObject([{ shipStationOrderId: 5001, storeId: 777, action: 'ship' }])
    })

    it('keeps the units that have been shipped since in the order there', async () => {
      const order = anOrder('A-1', { lines: [aLine('L1', { qty: 3 }), aLine('L2')] })
      await pushed(order)
      const lines = [aLine('L1', { qty: 3, qtyToShip: 2, qtyShipped: 1 }), aLine('L2', { qty: 0, qtyToShip: 0 })]
      await store(later(order, { status: 'partially_shipped', lines }))
      await push()
      expect(shipping.sent[0]?.order.lines.map(({ qtyToShip }) => qtyToShip)).toEqual([3, 0])
    })

    it.each([
      ['hold', 'cancelled', ['holdOrder 5001'], 'held'],
      ['cancel', 'cancelled', ['upsertOrders 1'], 'cancelled'],
      ['none', 'cancelled', [], 'pushed'],
      ['cancel', 'on_hold', ['holdOrder 5001'], 'held'],
    ] as const)('does as the setting says (%s) when they are %s', async (onCancel, status, calls, state) => {
      const order = anOrder('A-1')
      await pushed(order, { settings: { onCancel } })
      await store(later(order, { status }))

      expect(await push()).toMatchObject({ done: 1 })
      expect(shipping.calls).toEqual(calls)
      expect((await orderRow(run.db, 'A-1')).push_state).toBe(state)
    })

    it('goes on with them when their hold is over', async () => {
      const order = anOrder('A-1')
      await pushed(order)
      await store(later(order, { status: 'on_hold' }))
      await push()
      await store({ ...order, updatedAt: order.updatedAt + 2 })

      expect(await push()).toMatchObject({ done: 1 })
      expect(shipping.sent).toMatchObject([{ action: 'ship', shipStationOrderId: 5001 }])
      expect((await orderRow(run.db, 'A-1')).push_state).toBe('pushed')
    })

    it('says so when ShipStation has shipped them already', async () => {
      const order = anOrder('A-1')
      await pushed(order)
      shipping.answer = () => ({ status: 'locked', shipStationOrderId: 5001, orderStatus: 'shipped' })
      await store(later(order, { shipTo: { ...anAddress, city: 'Salem' } }))

      expect(await push()).toMatchObject({ done: 1 })
      expect(await alertRules(run.db)).toEqual(['changed-after-shipping'])
      expect((await orderRow(run.db, 'A-1')).push_state).toBe('locked')
    })

    it('keeps what is known of them when the change fails', async () => {
      const order = anOrder('A-1')
      await pushed(order)
      shipping.answer = () => ({ status: 'failed', error: new PermanentError('no', facts) })
      await store(later(order, { shipTo: { ...anAddress, city: 'Salem' } }))

      expect(await push()).toMatchObject({ dead: 1 })
      expect(await orderRow(run.db, 'A-1')).toMatchObject({ push_state: 'pushed', shipstation_order_id: 5001 })
    })

    it('pushes once more when a change came in while the push was under way', async () => {
      const order = anOrder('A-1')
      await given([order])
      const plain = shipping.upsertOrders
      shipping.upsertOrders = async (batch, signal) => {
        if (shipping.sent.length === 0) await store(later(order, { shipTo: { ...anAddress, city: 'Salem' } }))
        return plain(batch, signal)
      }

      await push()

      expect(shipping.sent.map(({ order: sent }) => sent.shipTo?.city)).toEqual(['Portland', 'Salem'])
      expect(await taskList(run.db)).toEqual(['push amazon-us:A-1 done'])
    })
  })

  it('gives up nothing that a stop interrupts between two requests', async () => {
    await given([anOrder('A-1')])
    shipping.fail = new StoppedError('SIGTERM')
    await push()
    expect(await tasksOf(run.db)).toMatchObject([{ state: 'waiting', attempts: 0, next_attempt_at: noon }])
  })
})
