import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { NormalizedOrder } from '../../src/core/model/order.ts'
import type { Cursor } from '../../src/core/ports/marketplace.ts'
import { failureOf, HOUR, MINUTE, NOW, pages, signal } from './channeladvisor-wire.ts'
import { aParcel, CENTERS, type ChannelAdvisorWorld, openChannelAdvisor } from './channeladvisor-world.ts'

const DAY = 24 * HOUR
let world: ChannelAdvisorWorld
beforeEach(async () => {
  world = await openChannelAdvisor({ distribution_centers: CENTERS })
})
afterEach(async () => {
  expect(world.books().misdeeds).toEqual([])
  await world.close()
})

const seed = (document: object) => world.sandbox.seed('channeladvisor', document)
const pull = async (since: Cursor = { at: NOW - DAY }, connector = world.connector): Promise<readonly NormalizedOrder[]> =>
  (await pages(connector, since)).flatMap(({ orders }) => orders)
const orderOf = async (id: number) => {
  const { orders } = await world.connector.getOrders([String(id)], signal)
  if (orders[0] === undefined) throw new Error(`no order ${id}`)
  return orders[0]
}

describe('orders', () => {
  it('of every page come once each, with the odd ones sorted out', async () => {
    seed({
      settings: { page_size: 20 },
      orders: [
        ...Array.from({ length: 45 }, (_, at) => ({ order_id: 1000 + at })),
        { order_id: 2001, payment: 'NotYetSubmitted' },
        { order_id: 2002, shipping: 'Canceled' },
        { order_id: 2003, lines: [{ sku: 'FBA-1', dc: -2 }] },
        { order_id: 2004, lines: [{ sku: null }] },
        { order_id: 2005, currency: 'JPY', shipping_price: '500', lines: [{ price: '1999', quantity: 2 }] },
      ],
    })

    const found = await pages(world.connector, { at: NOW - DAY })

    const orders = found.flatMap((page) => page.orders)
    expect(found).toHaveLength(3)
    expect(orders).toHaveLength(48)
    expect(new Set(orders.map(({ externalOrderId }) => externalOrderId)).size).toBe(48)
    expect(found.flatMap(({ poison }) => poison.map(({ externalOrderId }) => externalOrderId))).toEqual(['2004'])
    expect(found.reduce((sum, { skipped }) => sum + skipped, 0)).toBe(1)
    expect(orders.find(({ externalOrderId }) => externalOrderId === '2001')?.status).toBe('pending')
    expect(orders.find(({ externalOrderId }) => externalOrderId === '2002')?.status).toBe('cancelled')
    expect(orders.find(({ externalOrderId }) => externalOrderId === '2005')).toMatchObject({
      currency: 'JPY',
      lines: [{ price: 1999 }],
      totals: { items: 3998, shipping: 500, total: 4498 },
    })
    expect(orders[0]).toMatchObject({ status: 'open', soldOn: { site: 'eBay Fixed Price US', orderId: 'M-1000' } })
  })

  it("are known by the marketplace's number, in whichever of the two places it stands", async () => {
    seed({ orders: [{ order_id: 1, site_order_id: '1', secondary_site_order_id: '12-34567-89012' }] })
    const [order] = await pull({ at: NOW - DAY })

    expect(order?.soldOn).toEqual({ site: 'eBay Fixed Price US', orderId: '12-34567-89012' })
  })

  it.each<[string, object, object]>([
    ['paid', { payment: 'NotYetSubmitted' }, { status: 'open' }],
    ['cancelled', {}, { status: 'cancelled' }],
    ['sent to another address', {}, { shipTo: { city: 'Newtown' } }],
    ['shipped by another tool', {}, { status: 'shipped' }],
  ])(
    'that were %s since the last search are told, however old they are and though they are marked as exported',
    async (what, order, expected) => {
      seed({ orders: [{ order_id: 1, imported_at: '2026-11-01T00:00:00Z', updated_at: '2026-11-01T00:00:00Z', ...order }] })
      const since = { at: NOW - 10 * MINUTE }
      expect(await pull(since)).toEqual([])
      await world.connector.acknowledgeOrders?.([{ externalOrderId: '1', externalLineIds: [] }], signal)

      if (what === 'paid') world.act('pay', { order_id: 1 })
      if (what === 'cancelled') world.act('cancel', { order_id: 1 })
      if (what === 'sent to another address') world.act('change-address', { order_id: 1, ship_to: { city: 'Newtown' } })
      if (what === 'shipped by another tool') world.act('ship-elsewhere', { order_id: 1 })

      expect(await pull(since)).toMatchObject([{ externalOrderId: '1', ...expected }])
    },
  )

  it('of exactly the moment asked for are among them', async () => {
    seed({
      orders: [{ order_id: 1, imported_at: new Date(NOW - HOUR).toISOString(), updated_at: new Date(NOW - HOUR).toISOString() }],
    })
    expect(await pull({ at: NOW - HOUR })).toHaveLength(1)
    expect(await pull({ at: NOW - HOUR + MINUTE })).toHaveLength(0)
  })

  it('are not stepped over when others change while they are read', async () => {
    seed({
      settings: { page_size: 20 },
      orders: Array.from({ length: 60 }, (_, at) => ({
        order_id: 100 + at,
        ...(at < 5 ? { imported_at: '2026-10-01T00:00:00Z', updated_at: '2026-10-01T00:00:00Z' } : {}),
      })),
    })
    const seen = new Set<string>()
    let read = 0
    for await (const { orders } of world.connector.listOrders({ at: NOW - DAY }, signal)) {
      for (const { externalOrderId } of orders) seen.add(externalOrderId)
      // Old orders come into the search before the place where we are.
      if (read < 5) world.act('touch', { order_id: 100 + read })
      read += 1
    }
    expect(Array.from({ length: 55 }, (_, at) => String(105 + at)).filter((id) => !seen.has(id))).toEqual([])
  })

  it('end where the vendor gives the first page once more', async () => {
    seed({
      settings: { page_size: 20, trailing_link: true },
      orders: Array.from({ length: 40 }, (_, at) => ({ order_id: 100 + at })),
    })
    expect(await pull()).toHaveLength(40)
  })

  it('of more than twenty lines come whole', async () => {
    seed({ orders: [{ order_id: 1, lines: Array.from({ length: 33 }, (_, at) => ({ sku: `S-${at}` })) }] })
    const [order] = await pull()
    expect(order?.lines).toHaveLength(33)
    expect(order?.lines.every(({ qtyToShip }) => qtyToShip === 1)).toBe(true)
  })

  it('that lie in two places show the part that is ours', async () => {
    seed({
      orders: [
        {
          order_id: 1,
          lines: [
            { sku: 'OURS', dc: 5 },
            { sku: 'THEIRS', dc: -2 },
          ],
        },
      ],
    })
    expect((await orderOf(1)).lines.map(({ sku }) => sku)).toEqual(['OURS'])
  })

  it('whose personal data is gone are held, not poison', async () => {
    seed({ orders: [{ order_id: 1 }] })
    world.act('remove-user-data', { order_id: 1 })
    expect(await orderOf(1)).toMatchObject({ status: 'on_hold', shipTo: null })
  })

  it('with tax inside and outside say what the buyer pays', async () => {
    const line = { price: '10.00', quantity: 2, tax: '3.20' }
    seed({
      orders: [
        { order_id: 1, lines: [line] },
        { order_id: 2, tax_type: 'InclusiveVat', lines: [line] },
      ],
    })
    expect((await orderOf(1)).totals).toMatchObject({ items: 2000, tax: 320, total: 2320 })
    expect((await orderOf(2)).totals).toMatchObject({ items: 2000, tax: 320, total: 2000 })
  })

  it('are read again with a fresh token when a 200 says that the old one is not good', async () => {
    seed({ orders: [{ order_id: 1 }] })
    world.act('deny-in-200', { times: 1 })
    expect(await pull()).toHaveLength(1)
    expect(world.account.minted).toHaveLength(2)
  })

  it('wait a minute when five calls are under way already', async () => {
    world.act('crowd', { times: 1 })
    expect(await failureOf(pull())).toMatchObject({ kind: 'throttled', waitMs: MINUTE })
  })

  it('are closed to us once the authorization is withdrawn', async () => {
    await pull()
    world.act('revoke')
    expect(await failureOf(pull())).toMatchObject({ kind: 'auth', operation: 'token' })
    expect(world.account.opened).toHaveLength(1)
  })
})

describe('packages', () => {
  const LINES = [
    { line_id: 11, sku: 'A', quantity: 2 },
    { line_id: 12, sku: 'B' },
  ]
  const confirm = (...batch: Parameters<typeof world.connector.confirmShipments>[0]) =>
    world.connector.confirmShipments(batch, signal)
  const gone = (id: number) => world.bookOf(id).fulfillments.filter(({ shipped }) => shipped)

  it('stand in the books once, with their lines, carrier and number', async () => {
    seed({ orders: [{ order_id: 1, lines: LINES }] })
    expect(await confirm(aParcel(1, { 11: 2, 12: 1 }))).toEqual([{ status: 'accepted' }])
    expect(await confirm(aParcel(1, { 11: 2, 12: 1 }))).toEqual([{ status: 'accepted', note: 'already confirmed' }])

    expect(gone(1)).toMatchObject([
      {
        tracking: '1Z1',
        carrier: 'UPS',
        class: 'Ground',
        seller_id: '9001',
        dc: 0,
        marketplace: 'sent',
        lines: { 11: 2, 12: 1 },
      },
    ])
    expect(await orderOf(1)).toMatchObject({ status: 'shipped' })
  })

  it('two of an order, in one hand-over, hold their own units', async () => {
    seed({ orders: [{ order_id: 1, lines: LINES }] })
    const [one, two] = [
      aParcel(1, { 11: 1 }, { trackingNumber: 'T1', wholeOrder: false }),
      aParcel(1, { 11: 1, 12: 1 }, { trackingNumber: 'T2', reference: 2, wholeOrder: false }),
    ]

    expect(await confirm(one)).toEqual([{ status: 'accepted' }])
    expect(await orderOf(1)).toMatchObject({
      status: 'partially_shipped',
      lines: [{ qtyToShip: 1, qtyShipped: 1 }, { qtyToShip: 1 }],
    })
    expect(await confirm(one, two)).toMatchObject([{ status: 'accepted' }, { status: 'accepted' }])

    expect(Object.fromEntries(gone(1).map(({ tracking, lines }) => [tracking, lines]))).toEqual({
      T1: { 11: 1 },
      T2: { 11: 1, 12: 1 },
    })
    expect(world.bookOf(1).lines.map(({ shipped }) => shipped)).toEqual([2, 1])
  })

  it('of a mixed order leave the units that lie elsewhere alone', async () => {
    seed({
      orders: [
        {
          order_id: 1,
          lines: [
            { line_id: 11, sku: 'OURS', dc: 5 },
            { line_id: 12, sku: 'THEIRS', dc: -2 },
          ],
        },
      ],
    })
    expect(await confirm(aParcel(1, { 11: 1 }))).toEqual([{ status: 'accepted' }])
    expect(gone(1)).toMatchObject([{ dc: 5, lines: { 11: 1 } }])
    expect(await pull()).toMatchObject([{ status: 'shipped', lines: [{ sku: 'OURS', qtyToShip: 0 }] }])
  })

  it('whose answer is lost are found by the look-up, and never told twice', async () => {
    seed({ orders: [{ order_id: 1, lines: LINES }] })
    world.act('fail-call', { call: 'Ship', applied: true })
    const parcel = aParcel(1, { 11: 2, 12: 1 })

    expect(await confirm(parcel)).toMatchObject([{ status: 'failed', error: { kind: 'retryable', outcomeUnknown: true } }])
    expect(await world.connector.lookUpConfirmations([parcel], signal)).toEqual(['confirmed'])
    expect(await confirm(parcel)).toMatchObject([{ status: 'accepted' }])
    expect(gone(1)).toHaveLength(1)
  })

  it('that never arrived are absent, and go the next time', async () => {
    seed({ orders: [{ order_id: 1, lines: LINES }] })
    world.act('fail-call', { call: 'Ship' })
    const parcel = aParcel(1, { 11: 2, 12: 1 })
    await confirm(parcel)
    expect(await world.connector.lookUpConfirmations([parcel], signal)).toEqual(['absent'])
    expect(await confirm(parcel)).toEqual([{ status: 'accepted' }])
    expect(gone(1)).toHaveLength(1)
  })

  it("by a carrier that the account's list does not have are refused, with the way out; then they go", async () => {
    seed({ orders: [{ order_id: 1, lines: LINES }] })
    const parcel = aParcel(1, { 11: 2, 12: 1 }, { carrier: { code: 'courier_x', name: 'Courier X', family: 'other' } })

    const [outcome] = await confirm(parcel)
    expect(outcome?.status === 'failed' && outcome.error.message).toMatch(/add to carriers of ca-test: courier_x: Carrier\/Class/)
    expect(outcome).toMatchObject({ error: { kind: 'permanent' } })
    const { connector } = world.again({ carriers: { courier_x: 'Other/Standard' } })
    expect(await connector.confirmShipments([parcel], signal)).toEqual([{ status: 'accepted' }])
    expect(gone(1)).toMatchObject([{ carrier: 'Other', class: 'Standard' }])
  })

  it('of a cancelled order, and of one that somebody else shipped, are not told', async () => {
    seed({
      orders: [
        { order_id: 1, lines: [{ line_id: 11 }] },
        { order_id: 2, lines: [{ line_id: 21 }] },
      ],
    })
    world.act('cancel', { order_id: 1 })
    world.act('ship-elsewhere', { order_id: 2 })
    expect(await confirm(aParcel(1, { 11: 1 }), aParcel(2, { 21: 1 }))).toMatchObject([
      { status: 'failed', error: { kind: 'permanent' } },
      { status: 'failed', error: { kind: 'permanent' } },
    ])
    expect([gone(1).length, gone(2).length]).toEqual([0, 1])
  })
})

describe('the export mark', () => {
  it('stands in the books of this application, once however often it is set', async () => {
    seed({ orders: [{ order_id: 1 }, { order_id: 2 }] })
    const orders = ['1', '2', '3'].map((externalOrderId) => ({ externalOrderId, externalLineIds: [] }))
    expect(await world.connector.acknowledgeOrders?.(orders, signal)).toMatchObject([
      { status: 'accepted' },
      { status: 'accepted' },
      { status: 'failed' },
    ])
    expect(await world.connector.acknowledgeOrders?.(orders.slice(0, 1), signal)).toEqual([{ status: 'accepted' }])
    expect(world.bookOf(1).exported_by).toMatchObject([{ app_id: 'sandbox-app' }])
  })
})
