import { describe, expect, test } from 'vitest'
import { RetryableError, StoppedError } from '../../src/core/errors.ts'
import type { OrderPage } from '../../src/core/ports/marketplace.ts'
import {
  aPackage,
  calls,
  confirm,
  connect,
  errorOf,
  HOUR,
  ids,
  KEY,
  manyOrders,
  mirakl,
  now,
  OR11,
  order,
  pages,
  pull,
  ST12,
  sandbox,
  seed,
  signal,
  since,
  world,
} from './mirakl-world.ts'

describe('pulling orders', () => {
  test('an order of the wire becomes a normalized order', async () => {
    seed([
      {
        order_id: 'A-1-A',
        created_at: now() - HOUR,
        lines: [
          {
            offer_sku: 'MUG',
            title: 'Mug &amp; lid',
            quantity: 2,
            price_unit: '12.34',
            shipping_price: '4.90',
            taxes: [{ amount: '1.23' }],
          },
        ],
        references: { order_reference_for_seller: 'S-1' },
      },
    ])
    const [found] = await pull()
    expect(found).toMatchObject({
      channel: 'mirakl-test',
      externalOrderId: 'A-1-A',
      sellerOrderId: 'S-1',
      status: 'open',
      lines: [{ externalLineId: 'A-1-A-1', sku: 'MUG', name: 'Mug & lid', qty: 2, qtyToShip: 2, price: 1234, tax: 123 }],
      totals: { items: 2468, shipping: 490, tax: 123, total: 3081 },
      shipTo: { country: 'US', city: 'Testville' },
    })
  })

  test('every state comes in one pass; fraud checks and other warehouses do not', async () => {
    const states = ['STAGING', 'WAITING_ACCEPTANCE', 'WAITING_DEBIT_PAYMENT', 'SHIPPING', 'SHIPPED', 'REFUSED', 'CANCELED']
    seed(states.map((state) => ({ order_id: `${state}-A`, state, created_at: now() - HOUR })))
    seed([{ order_id: 'OTHER-A', created_at: now() - HOUR, fulfillment_center_code: 'OPERATOR-1' }])
    const [page] = await pages()
    expect(page?.orders.map((each) => [each.externalOrderId, each.status])).toEqual(
      expect.arrayContaining([
        ['WAITING_ACCEPTANCE-A', 'awaiting_acceptance'],
        ['WAITING_DEBIT_PAYMENT-A', 'pending'],
        ['SHIPPING-A', 'open'],
        ['SHIPPED-A', 'shipped'],
        ['REFUSED-A', 'cancelled'],
        ['CANCELED-A', 'cancelled'],
      ]),
    )
    expect(page?.orders).toHaveLength(6)
    expect(page?.skipped).toBe(1)
    expect(page?.orders.find((each) => each.status === 'awaiting_acceptance')?.shipTo).toBeNull()
  })

  test('the window stays frozen over all pages and the cursor moves with the last', async () => {
    manyOrders(250)
    const start = since()
    const before = now()
    const found = await pages(start)
    expect(new Set(found.flatMap((page) => ids(page.orders))).size).toBe(250)
    const last = found.at(-1)?.next
    expect(found.slice(0, -1).every((page) => page.next.at === start.at)).toBe(true)
    expect(last?.at).toBeGreaterThanOrEqual(before - 1000)
    expect(last?.at).toBeLessThanOrEqual(now())
    const queries = calls(OR11).map((entry) => new URLSearchParams(entry.query))
    expect(new Set(queries.map((query) => query.get('end_update_date'))).size).toBe(1)
    expect(new Set(queries.map((query) => query.get('start_update_date'))).size).toBe(1)
    expect(queries.every((query) => query.get('max') === '100' && query.get('sort') === 'dateCreated')).toBe(true)
  })

  test('an empty window moves the cursor', async () => {
    const start = since()
    const found = await pages(start)
    expect(found).toHaveLength(1)
    expect(found[0]?.next.at).toBeGreaterThan(start.at)
  })

  test('orders that leave the window between two pages hide nobody', async () => {
    manyOrders(250)
    const seen: string[] = []
    let next = since()
    for await (const page of mirakl.listOrders(next, signal)) {
      if (seen.length === 0) {
        // The clock has to leave the frozen window for these changes.
        sandbox.clock.advance(60_000)
        for (let i = 0; i < 130; i += 1) sandbox.act('mirakl', 'cancel', { order_id: `M-${String(i).padStart(4, '0')}-A` })
      }
      seen.push(...ids(page.orders))
      next = page.next
    }
    // 30 of the 130 had not been read yet; they stand in the next window.
    expect(new Set(seen).size).toBe(220)
    const changed = await pull(next)
    expect(ids(changed)).toHaveLength(130)
    expect(new Set([...seen, ...ids(changed)]).size).toBe(250)
  })

  test('orders that never stop moving are all stored, and the cursor waits', async () => {
    manyOrders(150)
    sandbox.addFault({
      vendor: 'mirakl',
      kind: 'status-after',
      match: { path: 'offset=99' },
      times: 50,
      status: 200,
      body: { orders: [{ order_id: 'STRANGER-A' }], total_count: 101 },
    })
    const start = since()
    const found = await pages(start)
    expect(found.at(-1)?.next.at).toBe(start.at)
    expect(world.logged.some((line) => line.level === 'warn' && line.message.includes('keep moving'))).toBe(true)
  })

  test('a page that comes twice neither loses nor repeats an order', async () => {
    manyOrders(250)
    sandbox.addFault({ vendor: 'mirakl', kind: 'repeat-page', match: { path: 'offset=99' } })
    const found = ids(await pull())
    expect(found).toHaveLength(250)
    expect(new Set(found).size).toBe(250)
  })

  test('a pull that breaks off starts its window again', async () => {
    manyOrders(150)
    sandbox.addFault({ vendor: 'mirakl', kind: 'cut', match: { path: 'offset=99' } })
    const start = since()
    const first: OrderPage[] = []
    const error = await errorOf(
      (async () => {
        for await (const page of mirakl.listOrders(start, signal)) first.push(page)
      })(),
    )
    expect(error).toBeInstanceOf(RetryableError)
    expect(first.map((page) => page.next.at)).toEqual([start.at])
    expect(await pull(first[0]?.next)).toHaveLength(150)
  })

  test('a vendor clock behind ours holds the cursor back', async () => {
    const start = since()
    connect({}, { clock: { now: () => now() + HOUR, sleep: async () => undefined } })
    const found = await pages(start)
    expect(found.at(-1)?.next.at).toBeLessThanOrEqual(now())
  })

  test('one strange order is poison and its page goes on', async () => {
    seed([
      { order_id: 'BAD-A', created_at: now() - HOUR, wire: { order_lines: [{ quantity: 'two' }] } },
      { order_id: 'LAND-A', created_at: now() - HOUR, ship_to: { country_iso_code: null, country: 'Atlantis' } },
      { order_id: 'GOOD-A', created_at: now() - HOUR },
    ])
    const [page] = await pages()
    expect(ids(page?.orders ?? [])).toEqual(['GOOD-A'])
    expect(page?.poison.map((each) => each.externalOrderId).sort()).toEqual(['BAD-A', 'LAND-A'])
    connect({ countryNames: { Atlantis: 'GR' } })
    expect((await order('LAND-A')).shipTo?.country).toBe('GR')
  })

  test('only the shop that is asked for is seen', async () => {
    sandbox.seed('mirakl', { accounts: [{ api_key: KEY, shop_id: 2001, shops: [2001, 2002] }] })
    seed([
      { order_id: 'ONE-A', shop: 2001, created_at: now() - HOUR },
      { order_id: 'TWO-A', shop: 2002, created_at: now() - HOUR },
    ])
    expect(ids(await pull())).toEqual(['ONE-A'])
    connect({ shopId: 2002 })
    expect(ids(await pull())).toEqual(['TWO-A'])
  })

  test('orders are read by id, a hundred at a time, and unknown ones are absent', async () => {
    manyOrders(150)
    const wanted = Array.from({ length: 150 }, (_, i) => `M-${String(i).padStart(4, '0')}-A`)
    const found = await mirakl.getOrders([...wanted, 'NOBODY-A'], signal)
    expect(found.orders).toHaveLength(150)
    expect(calls(OR11)).toHaveLength(2)
  })

  test('a told stop ends the pull', async () => {
    const stopped = AbortSignal.abort()
    const error = await errorOf(mirakl.getOrders(['A-A'], stopped))
    expect(error).toBeInstanceOf(StoppedError)
  })
})

describe('what is left to ship', () => {
  test.each([false, true])(
    'cancelled units are taken off once, whether the platform counts them (lowered: %s)',
    async (lowered) => {
      seed([{ order_id: 'C-1-A', created_at: now() - HOUR, lines: [{ quantity: 5, canceled_quantity: 2 }] }], {
        cancelation_lowers_quantity: lowered,
      })
      expect((await order('C-1-A')).lines[0]).toMatchObject({ qty: 3, qtyToShip: 3 })
      expect(calls(ST12)).toHaveLength(1)
    },
  )

  test('units that left in an earlier package are not shipped again', async () => {
    seed([{ order_id: 'P-1-A', created_at: now() - HOUR, lines: [{ quantity: 4 }] }])
    await confirm([aPackage('P-1-A', { wholeOrder: false })])
    expect(await order('P-1-A')).toMatchObject({ status: 'partially_shipped', lines: [{ qty: 4, qtyToShip: 3, qtyShipped: 1 }] })
  })

  test('plain orders cost no extra call', async () => {
    manyOrders(20)
    await pull()
    expect(calls(ST12)).toHaveLength(0)
  })

  test('with multi-shipment off the lines have to do, and the question is not asked twice', async () => {
    seed([{ order_id: 'C-1-A', created_at: now() - HOUR, lines: [{ quantity: 5, canceled_quantity: 2 }] }], {
      multi_shipment: false,
    })
    expect((await order('C-1-A')).lines[0]).toMatchObject({ qty: 3, qtyToShip: 3 })
    await order('C-1-A')
    expect(calls(ST12)).toHaveLength(1)
  })

  test('an open incident holds the order', async () => {
    seed([{ order_id: 'I-1-A', created_at: now() - HOUR }])
    sandbox.act('mirakl', 'incident', { order_id: 'I-1-A' })
    expect(await order('I-1-A')).toMatchObject({ status: 'on_hold', flags: ['incident'] })
  })
})
