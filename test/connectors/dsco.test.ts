import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RefusedByDryRun } from '../../src/core/errors.ts'
import { mayShip } from '../../src/core/model/order.ts'
import {
  aPackage,
  bookOf,
  books,
  DAY,
  type DscoWorld,
  failureOf,
  HOUR,
  heard,
  itemOf,
  later,
  MINUTE,
  NOW,
  ORDER_LOG,
  openDsco,
  orderOf,
  PAGE,
  pages,
  pull,
  SECOND,
  SHIP,
  signal,
  spoil,
  told,
} from './dsco-world.ts'

let world: DscoWorld
afterEach(() => world.close())

describe('an order from the retailer to the door', () => {
  it('comes in, is acknowledged, is told shipped, and comes in as shipped', async () => {
    world = await openDsco({
      orders: [{ id: '1001', po: 'PO-7', retailer: 'Sample Stores', lines: [{ sku: 'MUG', quantity: 2 }] }],
    })
    const { connector } = world

    const [order] = await pull(connector)
    expect(order).toMatchObject({ externalOrderId: '1001', status: 'open', soldOn: { site: 'Sample Stores', orderId: 'PO-7' } })
    expect(order && mayShip(order)).toBe(true)

    const yes = { externalOrderId: '1001', externalLineIds: ['1'], reference: 'isync:rithum:1001' }
    expect(await connector.acknowledgeOrders?.([yes], signal)).toEqual([{ status: 'accepted' }])
    expect(bookOf(world, '1001')).toMatchObject({ lifecycle: 'acknowledged', supplier_order_number: 'isync:rithum:1001' })

    const parcel = aPackage('1001', { lines: [{ externalLineId: '1', quantity: 2 }] })
    expect(await connector.confirmShipments([parcel], signal)).toEqual([{ status: 'accepted' }])
    expect(bookOf(world, '1001').packages).toMatchObject([
      { tracking: parcel.trackingNumber, carrier: 'UPS', method: 'Ground', lines: [{ line: 1, sku: 'MUG', quantity: 2 }] },
    ])

    later(world, MINUTE)
    expect(await orderOf(world, '1001')).toMatchObject({ status: 'shipped', lines: [{ qty: 2, qtyShipped: 2, qtyToShip: 0 }] })
    expect(books(world).misdeeds).toEqual([])
  })
})

describe('a search', () => {
  beforeEach(async () => {
    world = await openDsco({ settings: { page_cut: 998 }, orders: ['1', '2', '3', '4', '5'].map((id) => ({ id })) })
  })

  it('brings every page although each is short, and moves the cursor with the last one only', async () => {
    const found = await pages(world.connector)

    expect(found.map(({ orders }) => orders.map(({ externalOrderId }) => externalOrderId))).toEqual([
      ['1', '2'],
      ['3', '4'],
      ['5'],
      [],
    ])
    expect(found.map(({ next }) => next.resume !== undefined)).toEqual([true, true, true, false])
    expect(found.at(-1)?.next.at).toBeGreaterThan(NOW - MINUTE)
    expect(found.at(-1)?.next.at).toBeLessThanOrEqual(NOW - 5 * SECOND)
  })

  it('asks for the next page only when the consumer has taken this one', async () => {
    for await (const page of world.connector.listOrders({ at: NOW - DAY }, signal)) {
      expect(page.orders).toHaveLength(2)
      break
    }
    expect(heard(world, PAGE)).toHaveLength(1)
  })

  it('that lost a page begins its window again and skips nothing', async () => {
    spoil(world, PAGE, 'cut-after', { after: 1 })
    const first: string[] = []
    const failure = await failureOf(
      (async () => {
        for await (const { orders } of world.connector.listOrders({ at: NOW - DAY }, signal))
          first.push(...orders.map(({ externalOrderId }) => externalOrderId))
      })(),
    )
    expect(failure).toMatchObject({ kind: 'retryable' })
    expect(first).toEqual(['1', '2'])

    // Its answer is gone, and the vendor gives a page once only.
    const again = await pages(world.connector, { at: NOW - DAY, resume: `window ${new Date(NOW - DAY).toISOString()}` })
    expect(again.flatMap(({ orders }) => orders)).toHaveLength(5)
  })

  it('whose scroll died while a page was stored begins again', async () => {
    const seen = new Set<string>()
    let waited = false
    for await (const { orders } of world.connector.listOrders({ at: NOW - DAY }, signal)) {
      for (const { externalOrderId } of orders) seen.add(externalOrderId)
      if (!waited) later(world, 6 * MINUTE)
      waited = true
    }
    expect([...seen].sort()).toEqual(['1', '2', '3', '4', '5'])
    expect(heard(world, PAGE).filter(({ status }) => status === 404)).toHaveLength(1)
  })

  it('of a month goes by weeks, and goes on with the week it was in', async () => {
    const all = await pages(world.connector, { at: NOW - 30 * DAY })
    expect(heard(world, PAGE).filter(({ query }) => 'until' in Object.fromEntries(new URLSearchParams(query)))).toHaveLength(5)
    expect(all.filter(({ next }) => next.resume === undefined)).toHaveLength(1)

    const before = heard(world, PAGE).length
    await pages(world.connector, { at: NOW - 30 * DAY, resume: `window ${new Date(NOW - 3 * DAY).toISOString()}` })
    expect(
      heard(world, PAGE)
        .slice(before)
        .filter(({ query }) => query.includes('until')),
    ).toHaveLength(1)
  })

  it('brings what was cancelled, and leaves test orders out', async () => {
    world.sandbox.seed('dsco', { orders: [{ id: 'T', test: true }] })
    world.sandbox.act('dsco', 'cancel', { order_id: '3' })
    later(world, MINUTE)

    const found = await pull(world.connector)

    expect(found.find(({ externalOrderId }) => externalOrderId === '3')).toMatchObject({ status: 'cancelled' })
    expect(found.map(({ externalOrderId }) => externalOrderId)).not.toContain('T')
  })

  it('brings a change of the very millisecond it begins with', async () => {
    const at = NOW - 2 * HOUR
    world.sandbox.seed('dsco', { orders: [{ id: 'edge', created_at: new Date(at).toISOString() }] })

    expect((await pull(world.connector, { at })).map(({ externalOrderId }) => externalOrderId)).toContain('edge')
  })
})

describe('quantities', () => {
  it('reach the only warehouse, are judged by the log, and touch nothing else', async () => {
    world = await openDsco({
      items: [
        { sku: 'MUG', quantity: 3, cost: '4.50' },
        { sku: 'HAT', quantity: 3 },
      ],
    })
    const { connector } = world
    const batch = [told('MUG', 7), told('HAT', 0), told('GONE', 1), told('x'.repeat(91), 1)]

    const outcomes = await connector.updateQuantities(batch, connector.quantityPlan(4).way, signal)
    const [first] = outcomes
    if (first?.status !== 'reported-later') throw new Error('not handed over')
    expect(outcomes.map(({ status }) => status)).toEqual(['reported-later', 'reported-later', 'reported-later', 'unlisted'])
    expect(await connector.readQuantityReport?.(first.report, batch.slice(0, 3), NOW, signal)).toMatchObject({ state: 'running' })
    later(world, 10 * SECOND)

    const report = await connector.readQuantityReport?.(first.report, batch.slice(0, 3), NOW, signal)
    expect(report).toMatchObject({
      state: 'done',
      outcomes: [{ status: 'accepted' }, { status: 'accepted' }, { status: 'unlisted' }],
    })
    expect(itemOf(world, 'MUG')).toMatchObject({ quantity: 7, cost: 4.5 })
    expect(itemOf(world, 'HAT')).toMatchObject({ quantity: 0 })
    expect(books(world).misdeeds).toEqual([])
  })
})

describe('a dry run', () => {
  it('reads, plans every parcel in a line of its own, and sends nothing', async () => {
    world = await openDsco({ orders: [{ id: '1' }, { id: '2' }] })
    const { connector, planned } = world.again({}, { dryRun: true })

    expect(await pull(connector)).toHaveLength(2)
    const failure = await failureOf(connector.confirmShipments([aPackage('1'), aPackage('2')], signal))

    expect(failure).toBeInstanceOf(RefusedByDryRun)
    expect(planned.map(({ target, detail }) => [target, detail])).toEqual([
      ['1', expect.stringMatching(/^UPS Ground 1Z\d+, 1 x 1$/)],
      ['2', expect.stringMatching(/^UPS Ground 1Z\d+, 1 x 1$/)],
    ])
    expect(heard(world, SHIP)).toEqual([])
    expect(heard(world, ORDER_LOG)).toEqual([])
  })
})
