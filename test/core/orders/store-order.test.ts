import { describe, expect, it } from 'vitest'
import { linesOf, recordPush, recordPushedQuantities } from '../../../src/core/db/orders.ts'
import { claimTasks, markSent, settleTask } from '../../../src/core/db/tasks.ts'
import type { NormalizedOrder } from '../../../src/core/model/order.ts'
import { pushHash } from '../../../src/core/orders/content.ts'
import { type StorablePage, storePage } from '../../../src/core/orders/store-order.ts'
import { MINUTE } from '../../world/a-clock.ts'
import { amazonUs, aRun, macys, type TestRun } from '../../world/a-run.ts'
import { aLine, anAddress, anOrder, aPoisonOrder } from '../../world/an-order.ts'
import { alertRules, everything, historyOf, orderRow, taskList } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'

describe.each(databases)('storing a page of orders on $name', (database) => {
  let run: TestRun

  async function given(...orders: readonly NormalizedOrder[]): Promise<void> {
    run = await aRun(database)
    await store(...orders)
  }

  function store(...orders: readonly NormalizedOrder[]): ReturnType<typeof storePage> {
    return storeAs({ orders })
  }

  function storeAs(page: Partial<StorablePage>, channel = amazonUs): ReturnType<typeof storePage> {
    return run.db.transaction((tx) => storePage(tx, run, channel, { orders: [], poison: [], skipped: 0, ...page }))
  }

  /** As a finished push leaves an order. */
  async function pushed(order: NormalizedOrder): Promise<void> {
    const { id } = await orderRow(run.db, order.externalOrderId)
    const [task] = await claim()
    const mapping = { shipStationOrderId: 5001, storeId: 20002, orderKey: 'key', error: null, at: run.clock.now() }
    await recordPush(run.db, { orderId: id, state: 'pushed', pushedHash: pushHash(order), ...mapping })
    await recordPushedQuantities(run.db, id)
    await settleTask(run.db, task!, 'pusher', { state: 'done' }, run.clock.now())
  }

  function claim() {
    const now = run.clock.now()
    return claimTasks(run.db, { kind: 'push', limit: 9 }, { owner: 'pusher', until: now + MINUTE }, now)
  }

  it('makes a push task for each order that may ship', async () => {
    await given()
    const counts = await store(anOrder('A-1'), anOrder('A-2'))

    expect(counts).toMatchObject({ seen: 2, new: 2, to_push: 2, unchanged: 0 })
    expect(await taskList(run.db)).toEqual(['push amazon-us:A-1 pending', 'push amazon-us:A-2 pending'])
    expect(await historyOf(run.db, 'A-1')).toEqual(['pulled'])
  })

  it.each([
    ['is pending', { status: 'pending', shipTo: null }],
    ['is on hold', { status: 'on_hold' }],
    ['is cancelled', { status: 'cancelled' }],
    ['has been shipped', { status: 'shipped' }],
    ['is shipped by the marketplace', { fulfilledBy: 'marketplace' }],
    ['gets its label from the marketplace', { flags: ['no_label'] }],
    ['has no address yet', { shipTo: null }],
    ['has nothing left to ship', { lines: [aLine('L1', { qtyToShip: 0, qtyShipped: 1 })] }],
  ] as const)('keeps an order that %s without a push task', async (_, change) => {
    await given(anOrder('A-1', change))
    expect(await taskList(run.db)).toEqual([])
    expect((await orderRow(run.db, 'A-1')).push_state).toBe('none')
  })

  it('writes nothing when the same page comes again', async () => {
    const page = { orders: [anOrder('A-1'), anOrder('A-2', { status: 'pending' })], poison: [aPoisonOrder('A-3')], skipped: 1 }
    await given()
    await storeAs(page)
    const before = await everything(run.db)
    await run.clock.advance(MINUTE)

    expect(await storeAs(page)).toMatchObject({ seen: 4, new: 0, unchanged: 3, skipped: 1, to_push: 0 })
    expect(await everything(run.db)).toBe(before)
  })

  it('stores an order once that a page holds twice, as it is now', async () => {
    await given()
    const older = anOrder('A-1', { lines: [aLine('L1', { qty: 1 })] })
    const newer = anOrder('A-1', { updatedAt: older.updatedAt + 1, lines: [aLine('L1', { qty: 2 })] })

    expect(await store(newer, older)).toMatchObject({ seen: 2, new: 1, to_push: 1 })
    expect((await linesOf(run.db, [(await orderRow(run.db, 'A-1')).id])).map(({ qty }) => qty)).toEqual([2])
  })

  it('does not let an older document overwrite a newer one', async () => {
    const order = anOrder('A-1')
    await given({ ...order, status: 'cancelled' })
    const before = await everything(run.db)

    expect(await store({ ...order, updatedAt: order.updatedAt - 1 })).toMatchObject({ changed: 0, unchanged: 1, to_push: 0 })
    expect(await everything(run.db)).toBe(before)
  })

  it('promotes a pending order when it may ship', async () => {
    const order = anOrder('A-1')
    await given({ ...order, status: 'pending', shipTo: null })

    expect(await store({ ...order, updatedAt: order.updatedAt + 1 })).toMatchObject({ changed: 1, to_push: 1 })
    expect(await taskList(run.db)).toEqual(['push amazon-us:A-1 pending'])
  })

  it('seals names and addresses, and reads them back', async () => {
    await given(anOrder('A-1', { notes: 'ring twice', raw: { secret: 'Ada Lovelace' } }))
    const text = await everything(run.db)
    for (const personal of ['Ada', 'Analytical', 'ada@example.org', '97201', 'ring twice']) expect(text).not.toContain(personal)
  })

  describe('that was cancelled', () => {
    it('before its push needs none any more', async () => {
      const order = anOrder('A-1')
      await given(order)

      expect(await store(cancelled(order))).toMatchObject({ changed: 1, cancelled: 1 })
      expect(await taskList(run.db)).toEqual(['push amazon-us:A-1 done'])
      expect(await alertRules(run.db)).toEqual([])
    })

    it('while a push may have been sent is looked at again', async () => {
      const order = anOrder('A-1')
      await given(order)
      const [task] = await claim()
      await markSent(run.db, [task!.id], 'pusher', run.clock.now())
      const lost = { state: 'waiting', attempts: 1, errorKind: 'retryable', error: 'lost', keepSent: true } as const
      await settleTask(run.db, task!, 'pusher', { ...lost, nextAttemptAt: run.clock.now() + MINUTE }, run.clock.now())

      await store(cancelled(order))

      expect(await claim()).toMatchObject([{ key: 'amazon-us:A-1', generation: 2, sentAt: run.clock.now() }])
    })

    it('while its push runs is looked at again after it', async () => {
      const order = anOrder('A-1')
      await given(order)
      const [task] = await claim()

      await store(cancelled(order))
      await settleTask(run.db, task!, 'pusher', { state: 'done' }, run.clock.now())

      expect(await taskList(run.db)).toEqual(['push amazon-us:A-1 pending'])
    })

    it.each([
      ['cancelled', 'cancelled-after-push'],
      ['on_hold', 'on_hold-after-push'],
    ] as const)('or held (%s) after its push alerts, and its push task comes back', async (status, rule) => {
      const order = anOrder('A-1')
      await given(order)
      await pushed(order)

      expect(await store({ ...order, updatedAt: order.updatedAt + 1, status })).toMatchObject({ changed: 1, to_push: 1 })
      expect(await taskList(run.db)).toEqual(['push amazon-us:A-1 pending'])
      expect(await alertRules(run.db)).toEqual([rule])
    })
  })

  describe('that changed after its push', () => {
    it('goes to ShipStation again with its new address', async () => {
      const order = anOrder('A-1')
      await given(order)
      await pushed(order)

      const moved = { ...order, updatedAt: order.updatedAt + 1, shipTo: { ...anAddress, address1: '1 New Street' } }
      expect(await store(moved)).toMatchObject({ changed: 1, to_push: 1 })
      expect(await taskList(run.db)).toEqual(['push amazon-us:A-1 pending'])
      expect(await historyOf(run.db, 'A-1')).toEqual(['pulled', 'changed', 'to be changed at ShipStation'])
    })

    it('does not go again for what ShipStation is not told', async () => {
      const order = anOrder('A-1')
      await given(order)
      await pushed(order)

      const change = { updatedAt: order.updatedAt + 1, deliverBy: order.updatedAt, buyer: { name: 'A. Lovelace' } }
      expect(await store({ ...order, ...change })).toMatchObject({ changed: 1, to_push: 0 })
      expect(await taskList(run.db)).toEqual(['push amazon-us:A-1 done'])
    })

    it('does not go again for a part that has been shipped', async () => {
      const order = anOrder('A-1', { lines: [aLine('L1', { qty: 3 })] })
      await given(order)
      await pushed(order)

      const lines = [aLine('L1', { qty: 3, qtyToShip: 2, qtyShipped: 1 })]
      const part = { ...order, updatedAt: order.updatedAt + 1, status: 'partially_shipped' as const, lines }
      expect(await store(part)).toMatchObject({ changed: 1, to_push: 0 })
      expect(
        await store({ ...part, updatedAt: order.updatedAt + 2, lines: [aLine('L1', { qty: 2, qtyToShip: 1, qtyShipped: 1 })] }),
      ).toMatchObject({ changed: 1, to_push: 1 })
    })

    it('goes again with a line that was held back the first time', async () => {
      const order = anOrder('A-1', { lines: [aLine('L1'), aLine('L2', { qtyToShip: 0 })] })
      await given(order)
      await pushed(order)

      const released = { ...order, updatedAt: order.updatedAt + 1, lines: [aLine('L1'), aLine('L2')] }
      expect(await store(released)).toMatchObject({ changed: 1, to_push: 1 })
    })

    it('comes back from its hold', async () => {
      const order = anOrder('A-1')
      await given(order)
      await pushed(order)
      await run.db.run(`update orders set push_state = 'held'`)

      expect(await store({ ...order, updatedAt: order.updatedAt + 1, deliverBy: 1 })).toMatchObject({ to_push: 1 })
    })

    it('is left alone when ShipStation has locked it', async () => {
      const order = anOrder('A-1')
      await given(order)
      await pushed(order)
      await run.db.run(`update orders set push_state = 'locked'`)

      const moved = { ...order, updatedAt: order.updatedAt + 1, shipTo: { ...anAddress, city: 'Salem' } }
      expect(await store(moved)).toMatchObject({ changed: 1, to_push: 0 })
    })
  })

  describe('that cannot be read', () => {
    it('is kept raw with its reason, and the page goes on', async () => {
      await given()
      const counts = await storeAs({ orders: [anOrder('A-1')], poison: [aPoisonOrder('A-2', { reason: 'price: not a number' })] })

      expect(counts).toMatchObject({ seen: 2, new: 2, poison: 1, to_push: 1 })
      expect(await orderRow(run.db, 'A-2')).toMatchObject({ status: 'poison', poison_reason: 'price: not a number' })
      expect(await taskList(run.db)).toEqual(['push amazon-us:A-1 pending'])
    })

    it('is pushed once it can be read', async () => {
      await given()
      await storeAs({ poison: [aPoisonOrder('A-1')] })

      expect(await store(anOrder('A-1'))).toMatchObject({ changed: 1, to_push: 1 })
      expect(await orderRow(run.db, 'A-1')).toMatchObject({ status: 'open', poison_reason: null })
    })

    it('does not overwrite what is known of a good order, and says so once', async () => {
      await given(anOrder('A-1'))
      const poison = [aPoisonOrder('A-1')]

      expect(await storeAs({ poison })).toMatchObject({ poison: 1, changed: 0 })
      await storeAs({ poison })

      expect((await orderRow(run.db, 'A-1')).status).toBe('open')
      expect(await taskList(run.db)).toEqual(['push amazon-us:A-1 pending'])
      expect(await historyOf(run.db, 'A-1')).toEqual(['pulled', 'poison'])
    })

    it('stands back behind a good document of the same order on the same page', async () => {
      await given()
      await storeAs({ orders: [anOrder('A-1')], poison: [aPoisonOrder('A-1')] })

      expect(await orderRow(run.db, 'A-1')).toMatchObject({ status: 'open', poison_reason: null })
      expect(await taskList(run.db)).toEqual(['push amazon-us:A-1 pending'])
    })
  })

  describe('that waits for a yes', () => {
    const waiting = anOrder('M-1', { channel: 'mirakl-macys', status: 'awaiting_acceptance', shipTo: null })

    it('gets it where the channel is set so', async () => {
      await given()
      expect(await storeAs({ orders: [waiting] }, macys)).toMatchObject({ new: 1, to_acknowledge: 1, to_push: 0 })
      expect(await taskList(run.db)).toEqual(['acknowledge mirakl-macys:M-1 pending'])
    })

    it('is left to a person where it is not', async () => {
      await given()
      expect(await storeAs({ orders: [waiting] }, { ...macys, acknowledges: 'never' })).toMatchObject({ to_acknowledge: 0 })
      expect(await taskList(run.db)).toEqual([])
    })

    it('needs none any more when it was cancelled or accepted elsewhere', async () => {
      await given()
      await storeAs({ orders: [waiting] }, macys)
      const open = { ...waiting, updatedAt: waiting.updatedAt + 1, status: 'open' as const, shipTo: anAddress }

      await storeAs({ orders: [open] }, macys)

      expect((await taskList(run.db)).sort()).toEqual(['acknowledge mirakl-macys:M-1 done', 'push mirakl-macys:M-1 pending'])
    })
  })
})

function cancelled(order: NormalizedOrder): NormalizedOrder {
  return { ...order, updatedAt: order.updatedAt + 1, status: 'cancelled' }
}
