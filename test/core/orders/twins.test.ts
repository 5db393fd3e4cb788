import { describe, expect, it } from 'vitest'
import type { ChannelSettings } from '../../../src/core/context.ts'
import { openAlerts } from '../../../src/core/db/alerts.ts'
import type { NormalizedOrder } from '../../../src/core/model/order.ts'
import { pushAll } from '../../../src/core/orders/push-channels.ts'
import { pushOrders } from '../../../src/core/orders/push-orders.ts'
import { releaseOrder } from '../../../src/core/orders/release.ts'
import { storePage } from '../../../src/core/orders/store-order.ts'
import { aChannel } from '../../world/a-channel.ts'
import { SECOND } from '../../world/a-clock.ts'
import { amazonUs, aRun, settings, type TestRun } from '../../world/a-run.ts'
import { aShipping, type TestShipping } from '../../world/a-shipping.ts'
import { aLine, anOrder } from '../../world/an-order.ts'
import { alertRules, historyOf, orderRow, taskList } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'

const rithum: ChannelSettings = { ...amazonUs, code: 'rithum-ca', storeId: 20005, acknowledges: 'after-push' }

/** The order as Amazon tells it, and as the account that carries Amazon's orders tells it. */
const direct = anOrder('114-7')
const carried = anOrder('900001', { channel: 'rithum-ca', soldOn: { site: 'Amazon Seller Central - US', orderId: '114-7' } })

describe.each(databases)('the same order over two channels, on $name', (database) => {
  let run: TestRun
  let shipping: TestShipping

  async function given(...orders: readonly NormalizedOrder[]): Promise<void> {
    run = await aRun(database, {
      settings: { channels: new Map([amazonUs, rithum].map((channel) => [channel.code, channel])) },
    })
    shipping = aShipping()
    for (const order of orders) await store(order)
  }

  async function store(order: NormalizedOrder): Promise<void> {
    const channel = order.channel === 'rithum-ca' ? rithum : amazonUs
    await run.clock.advance(SECOND)
    await run.db.transaction((tx) => storePage(tx, run, channel, { orders: [order], poison: [], skipped: 0 }))
  }

  const units = async () =>
    Number((await run.db.rows<{ units: number }>('select coalesce(sum(delta), 0) as units from stock_movements'))[0]?.units)

  it.each([
    ['the direct channel brings it first', direct, carried],
    ['the other one brings it first', carried, direct],
  ])('goes to ShipStation once: %s', async (_, first, second) => {
    await given(first, second)
    await pushOrders(run, shipping)

    expect(shipping.sent.map(({ order }) => order.externalOrderId)).toEqual([first.externalOrderId])
    expect(await orderRow(run.db, second.externalOrderId)).toMatchObject({
      twin_of: `${first.channel}/${first.externalOrderId}`,
      push_state: 'none',
    })
    expect(await units()).toBe(-1)
    const [alert] = await openAlerts(run.db)
    expect(alert).toMatchObject({ rule: 'double-path', channel: second.channel, severity: 'critical' })
    expect(alert?.message).toContain(first.externalOrderId)
    expect(alert?.next).toContain(`isync orders:release ${second.externalOrderId} --channel ${second.channel}`)
  })

  it('stays held when its channel tells it again, changed', async () => {
    await given(direct, carried)
    await store({ ...carried, updatedAt: carried.updatedAt + 1, lines: [aLine('L1', { name: 'Another name' })] })
    await pushOrders(run, shipping)

    expect(shipping.sent).toHaveLength(1)
    expect(await units()).toBe(-1)
  })

  it('goes once too when two pulls stored it at the same time, neither seeing the other', async () => {
    await given(direct, carried)
    // As two transactions side by side leave it.
    await run.db.run('update orders set twin_of = null')
    await run.db.run(`delete from alerts`)
    const { id } = await orderRow(run.db, '900001')
    await run.db.run(
      `insert into tasks (id, kind, key, channel, order_id, state, next_attempt_at, created_at, updated_at)
       values ('t-2', 'push', 'rithum-ca:900001', 'rithum-ca', ?, 'pending', 0, 0, 0)`,
      [id],
    )
    await pushOrders(run, shipping)

    expect(shipping.sent.map(({ order }) => order.externalOrderId)).toEqual(['114-7'])
    expect(await alertRules(run.db)).toEqual(['double-path'])
    expect(await taskList(run.db)).toEqual(expect.arrayContaining(['push rithum-ca:900001 done']))
  })

  /** As two pulls at the same time leave it: each took its units, and neither saw the other's order. */
  async function givenUnseenTwins(): Promise<void> {
    await given(direct, { ...carried, soldOn: { site: 'Amazon Seller Central - US', orderId: 'not told yet' } })
    await run.db.run(`update orders set sold_on_order = '114-7' where external_order_id = '900001'`)
  }

  it('gives back the units of a copy that is found at the push, and takes them again when a person lets it go', async () => {
    await givenUnseenTwins()
    expect(await units()).toBe(-2)
    await pushOrders(run, shipping)
    expect(shipping.sent.map(({ order }) => order.externalOrderId)).toEqual(['114-7'])
    expect(await units()).toBe(-1)

    await releaseOrder(run, '900001', undefined)
    await pushOrders(run, shipping)
    expect(shipping.sent).toHaveLength(2)
    expect(await units()).toBe(-2)
  })

  it('is one order too where a part of it was cancelled between the two sights of it', async () => {
    await given({ ...direct, lines: [aLine('L1', { qty: 2 })] }, carried)
    await pushOrders(run, shipping)

    expect(shipping.sent.map(({ order }) => order.externalOrderId)).toEqual(['114-7'])
    expect(await alertRules(run.db)).toEqual(['double-path'])
  })

  it.each([
    ['goods', { lines: [aLine('L1', { sku: 'OTHER' })] }],
    ['number', { soldOn: { site: 'Amazon Seller Central - US', orderId: '114-8' } }],
  ])('is two orders where the %s differ', async (_, change) => {
    await given(direct, { ...carried, ...change })
    await pushOrders(run, shipping)

    expect(shipping.sent).toHaveLength(2)
    expect(await alertRules(run.db)).toEqual([])
  })

  it('is two orders when a person says so: it ships, takes its units, and is never held again', async () => {
    await given(direct, carried)
    expect(await releaseOrder(run, '900001', undefined)).toMatchObject({ channel: 'rithum-ca', toPush: true })
    await store({ ...carried, updatedAt: carried.updatedAt + 1, notes: 'please ring twice' })
    await pushOrders(run, shipping)

    expect(shipping.sent.map(({ order }) => order.externalOrderId)).toEqual(['114-7', '900001'])
    expect(await units()).toBe(-2)
    expect(await alertRules(run.db)).toEqual([])
    expect(await historyOf(run.db, '900001')).toEqual(expect.arrayContaining(['held as a copy', 'released', 'pushed']))
  })

  it.each([
    ['that nobody has', '114-0', /no pull has stored it/],
    ['that is not held', '114-7', /nothing keeps it/],
  ])('cannot release an order %s', async (_, id, why) => {
    await given(direct)
    await expect(releaseOrder(run, id, undefined)).rejects.toMatchObject({ why: expect.stringMatching(why), exitCode: 2 })
  })

  describe('the channel that wants to hear that an order is taken', () => {
    const alone = anOrder('900002', { channel: 'rithum-ca', soldOn: { site: 'A retailer', orderId: 'PO-2' } })

    it('hears it after the push, once, under our own key', async () => {
      await given(alone)
      const channel = aChannel({ channel: 'rithum-ca' })
      await pushAll(run, shipping, [channel])
      await pushAll(run, shipping, [channel])

      expect(channel.acknowledged).toEqual(['900002'])
      expect(await historyOf(run.db, '900002')).toEqual(['pulled', 'pushed', 'acknowledged'])
      expect(await taskList(run.db)).toEqual(
        expect.arrayContaining(['push rithum-ca:900002 done', 'acknowledge rithum-ca:900002 done']),
      )
    })

    it('hears of an order that ShipStation turns out to have shipped already, too', async () => {
      await given(alone)
      const channel = aChannel({ channel: 'rithum-ca' })
      shipping.answer = () => ({ status: 'locked', shipStationOrderId: 77, orderStatus: 'shipped' })
      await pushAll(run, shipping, [channel])

      expect(channel.acknowledged).toEqual(['900002'])
    })

    it('hears nothing of an order that was cancelled before it could be told', async () => {
      await given(alone)
      await pushOrders(run, shipping)
      await store({ ...alone, status: 'cancelled', updatedAt: alone.updatedAt + 1 })
      const channel = aChannel({ channel: 'rithum-ca' })
      await pushAll(run, shipping, [channel])

      expect(channel.acknowledged).toEqual([])
      expect(await taskList(run.db)).toContain('acknowledge rithum-ca:900002 done')
    })

    it('hears nothing of an order that ShipStation refused', async () => {
      await given({ ...alone, lines: [aLine('L1')] })
      const channel = aChannel({ channel: 'rithum-ca' })
      const what = { account: 'shipstation', operation: 'createorders' }
      const { PermanentError } = await import('../../../src/core/errors.ts')
      shipping.answer = () => ({ status: 'failed', error: new PermanentError('no such store', what) })
      await pushAll(run, shipping, [channel])

      expect(channel.acknowledged).toEqual([])
    })
  })

  it('leaves channels alone that want to hear nothing', async () => {
    await given(direct)
    const channel = aChannel()
    await pushAll(run, shipping, [channel])
    expect(channel.acknowledged).toEqual([])
    expect(settings.channels.get('amazon-us')?.acknowledges).toBe('never')
  })
})
