import { afterEach, describe, expect, it } from 'vitest'
import { RetryableError } from '../../src/core/errors.ts'
import { mayShip, type NormalizedOrder } from '../../src/core/model/order.ts'
import {
  DAY,
  type EbayWorld,
  failureOf,
  HOUR,
  heard,
  MINUTE,
  NOW,
  openEbay,
  orderOf,
  pages,
  pull,
  signal,
  spoil,
  TRADING,
} from './ebay-world.ts'

const ID = '11-00001-00001'
const APIS = ['trading', 'fulfillment'] as const

let world: EbayWorld
afterEach(() => world.close())

const open = async (order: object, ordersApi: (typeof APIS)[number] = 'trading') => {
  world = await openEbay({ orders: [{ order_id: ID, ...order }] }, { ordersApi })
}

/** An order without what the two APIs name differently. */
function alike({ raw: _raw, lines, shipBy: _shipBy, deliverBy: _deliverBy, ...order }: NormalizedOrder): object {
  return { ...order, buyerAccount: undefined, lines: lines.map(({ externalLineId: _id, ...line }) => line) }
}

describe.each(APIS)('an order read by the %s API', (ordersApi) => {
  it('that is paid may ship', async () => {
    await open({}, ordersApi)

    const order = await orderOf(world, ID)

    expect(order).toMatchObject({ status: 'open', fulfilledBy: 'seller', marketplaceId: 'EBAY_US', flags: [] })
    expect(mayShip(order)).toBe(true)
  })

  it.each<[string, object, string, readonly string[]]>([
    ['a buyer who wants to cancel', { cancel: 'CancelRequested' }, 'on_hold', ['cancel_requested']],
    ['a cancellation under way', { cancel: 'CancelPending' }, 'on_hold', ['cancel_requested']],
    ['a cancellation that is through', { cancel: 'CancelComplete' }, 'cancelled', []],
    ['a cancellation with the money back', { cancel: 'CancelClosedWithRefund' }, 'cancelled', []],
    ['a cancellation that was refused', { cancel: 'CancelRejected' }, 'open', []],
    ['a payment under review', { payment: 'REVIEW' }, 'on_hold', ['incident']],
    ['all its money given back', { refund: 'full' }, 'on_hold', ['incident']],
    ['some of its money given back', { refund: 'part' }, 'open', []],
    ['everything shipped', { packages: [{ tracking: '1Z1' }] }, 'shipped', []],
  ])('with %s is as it should be', async (_, order, status, flags) => {
    await open(order, ordersApi)

    expect(await orderOf(world, ID)).toMatchObject({ status, flags })
  })

  it('tells what went back to the buyer, and nothing where nothing did', async () => {
    await open({}, ordersApi)
    expect((await orderOf(world, ID)).refunded).toBeUndefined()

    world.sandbox.act('ebay', 'refund', { order_id: ID, part: true })
    world.sandbox.clock.set(NOW + 5 * MINUTE)

    // The stand-in's Fulfillment API gives back what the seller got, its Trading API one unit of money.
    expect((await orderOf(world, ID)).refunded).toBe(ordersApi === 'trading' ? 100 : 900)
  })

  it.each(['UNPAID', 'PENDING'])('that is %s is not there, and comes under another id when it is paid', async (payment) => {
    await open({ payment, unpaid_id: '256000000001-0', updated_at: NOW - HOUR }, ordersApi)
    expect(await pull(world.connector)).toEqual([])

    world.sandbox.act('ebay', 'pay', { order_id: ID })
    world.sandbox.clock.set(NOW + 5 * MINUTE)

    expect((await pull(world.connector)).map(({ externalOrderId, status }) => [externalOrderId, status])).toEqual([[ID, 'open']])
  })

  it('that the buyer collects is never shipped', async () => {
    await open({ pickup: 'InStorePickup' }, ordersApi)

    const order = await orderOf(world, ID)

    expect(order.flags).toContain('no_label')
    expect(mayShip(order)).toBe(false)
  })

  it('goes to the hub with its reference, and its total is what the seller sees', async () => {
    await open(
      {
        hub: { program: 'GSP', reference: 'GSP00000042', import_charge: '3.10' },
        ship_to: { name: 'Anna Muster', street1: 'Beispielweg 1', city: 'Berlin', country: 'DE' },
        shipping_cost: '19.00',
        lines: [{ sku: 'LENS', price: '80.00' }],
      },
      ordersApi,
    )

    const order = await orderOf(world, ID)

    expect(order.shipTo).toMatchObject({
      address1: '1 Hub Drive',
      city: 'Glendale Heights',
      country: 'US',
      company: 'Reference #GSP00000042',
    })
    expect(order.shippingMethodRequested).toBe('USPSGroundAdvantage')
    expect(order.totals.items).toBe(8000)
    expect(JSON.stringify(order.shipTo)).not.toContain('Beispielweg')
  })

  it('to the international hub has its reference once, where eBay wrote it', async () => {
    await open({ hub: { program: 'EIS' } }, ordersApi)

    const { shipTo } = await orderOf(world, ID)

    expect(shipTo?.address2).toMatch(/^eBay:EX\d+$/)
    expect(shipTo?.company).toBeUndefined()
  })

  it('keeps every text as it is', async () => {
    await open(
      {
        lines: [
          { sku: '1E5', title: 'true & <b>0x1F</b> "quoted"', price: '10.50' },
          { sku: '00123', title: '007', price: '0.10' },
        ],
        ship_to: { postal: '02134', name: "Jane O'Example" },
        updated_at: NOW - HOUR,
      },
      ordersApi,
    )

    const order = await orderOf(world, ID)

    expect(order.lines.map(({ sku, name, price }) => [sku, name, price])).toEqual([
      ['1E5', 'true & <b>0x1F</b> "quoted"', 1050],
      ['00123', '007', 10],
    ])
    expect(order.shipTo).toMatchObject({ postal: '02134', name: "Jane O'Example" })
  })

  it("has a variation's own SKU and name", async () => {
    await open({ lines: [{ sku: 'TS-BLU-M', title: 'T-Shirt', variation: { Color: 'Blue', Size: 'M' } }] }, ordersApi)

    expect((await orderOf(world, ID)).lines[0]).toMatchObject({ sku: 'TS-BLU-M', name: 'T-Shirt[Blue,M]' })
  })

  it('without a SKU goes by the number of the listing', async () => {
    await open({ lines: [{ sku: null, item_id: '256000000777' }] }, ordersApi)

    expect((await orderOf(world, ID)).lines[0]?.sku).toBe('256000000777')
  })

  it('is partly shipped when one of its lines is', async () => {
    await open(
      { lines: [{ sku: 'A' }, { sku: 'B', quantity: 2 }], packages: [{ tracking: '1Z1', lines: { '1': 1 } }] },
      ordersApi,
    )

    const { status, lines } = await orderOf(world, ID)

    expect(status).toBe('partially_shipped')
    expect(lines.map(({ qtyToShip, qtyShipped }) => [qtyToShip, qtyShipped])).toEqual([
      [0, 1],
      [2, undefined],
    ])
  })

  it('that hides its address is kept aside with the reason, and the page goes on', async () => {
    await open({ vault: true, updated_at: NOW - HOUR }, ordersApi)
    world.sandbox.seed('ebay', { orders: [{ order_id: '11-00001-00002' }] })

    const [page] = await pages(world.connector)

    if (ordersApi === 'trading')
      expect(page?.poison.map(({ externalOrderId, reason }) => [externalOrderId, reason])).toEqual([
        [ID, expect.stringMatching(/no street/)],
      ])
    expect(page?.orders.map(({ externalOrderId }) => externalOrderId)).toContain('11-00001-00002')
  })

  it('counts the tax once and the total with it', async () => {
    await open({ lines: [{ price: '10.00', quantity: 2, ebay_tax: '2.03' }], shipping_cost: '5.50' }, ordersApi)

    const { totals, lines } = await orderOf(world, ID)

    expect(totals).toEqual({ items: 2000, shipping: 550, tax: 203, discount: 0, total: 2753 })
    expect(lines[0]).toMatchObject({ price: 1000, tax: 203 })
  })

  it('shows what was taken off it as a whole', async () => {
    await open({ lines: [{ price: '10.00', quantity: 2 }], shipping_cost: '5.50', discount: '2.00' }, ordersApi)

    expect((await orderOf(world, ID)).totals).toEqual({ items: 2000, shipping: 550, tax: 0, discount: 200, total: 2350 })
  })

  it('of another currency has its own small coins', async () => {
    await open({ currency: 'JPY', lines: [{ price: '1200', quantity: 1 }] }, ordersApi)

    expect(await orderOf(world, ID)).toMatchObject({ currency: 'JPY', totals: { items: 1200 } })
  })
})

it.each<[string, object]>([
  ['a plain one', {}],
  [
    'one of several lines with tax and a message',
    { lines: [{ quantity: 3, price: '3.33', seller_tax: '0.70' }, { sku: 'B' }], buyer: { message: 'Ring twice' } },
  ],
  ['a cancelled one', { cancel: 'CancelComplete' }],
  ['a shipped one', { packages: [{ tracking: '1Z1' }] }],
])('both APIs give the same order: %s', async (_, order) => {
  await open({ ...order, updated_at: NOW - HOUR })

  const [trading, fulfillment] = [await orderOf(world, ID), await orderOf(world.again({ ordersApi: 'fulfillment' }), ID)]

  expect(alike(fulfillment)).toEqual(alike(trading))
})

describe('what only the Trading API says', () => {
  it.each<[string, object]>([
    ['was paid elsewhere', { payment: 'OFFLINE' }],
    ['was cancelled without a word of the money', { cancel: 'CancelClosedNoRefund' }],
    ['was cancelled and nobody knows about the money', { cancel: 'CancelClosedUnknownRefund' }],
  ])('an order that %s waits for a person', async (_, order) => {
    await open(order)

    expect(await orderOf(world, ID)).toMatchObject({ status: 'on_hold', flags: ['incident'] })
  })

  it('an order that lost its time of payment with a refund is held, not taken for unpaid', async () => {
    await open({})
    world.sandbox.seed('ebay', { settings: { refund_drops_paid_time: true } })
    world.sandbox.act('ebay', 'refund', { order_id: ID })

    expect(await orderOf(world, ID)).toMatchObject({ status: 'on_hold' })
  })

  it('an order that goes through the authenticator is addressed to it, also where no hub is named', async () => {
    await open({ authenticated: true })
    const { connector } = world
    await connector.getOrders([ID], signal)
    const body = heard(world, TRADING)[0]?.replyBody.replace('<IsMultiLegShipping>false<', '<IsMultiLegShipping>true<')
    expect(body).toContain('<IsMultiLegShipping>true<')
    spoil(world, TRADING, 'status', { status: 200, body })

    expect(await orderOf(world, ID)).toMatchObject({ status: 'open', shipTo: { address1: expect.any(String) } })

    // Any other order whose hub is not named has no address that a parcel may go to.
    spoil(world, TRADING, 'status', { status: 200, body: body?.replace(/<Program>.*<\/Program>/, '') })
    const { orders, poison } = await connector.getOrders([ID], signal)
    expect([orders, poison.map(({ reason }) => reason)]).toEqual([[], [expect.stringContaining('the hub is unknown')]])
  })

  it('several units in one package of another tool: how many is not said, so a person looks', async () => {
    await open({ lines: [{ quantity: 3 }], packages: [{ tracking: '1Z1', lines: { '1': 1 } }] })

    expect(await orderOf(world, ID)).toMatchObject({ status: 'on_hold', flags: ['incident'] })
    expect(await orderOf(world.again({ ordersApi: 'fulfillment' }), ID)).toMatchObject({
      status: 'partially_shipped',
      lines: [{ qtyToShip: 2, qtyShipped: 1 }],
    })
  })
})

const many = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    order_id: `11-00002-${String(n).padStart(5, '0')}`,
    updated_at: NOW - 20 * HOUR + n * 1000,
  }))
const idsOf = (found: readonly NormalizedOrder[]) => found.map(({ externalOrderId }) => externalOrderId).sort()

describe.each(APIS)('a search by the %s API', (ordersApi) => {
  const size = ordersApi === 'trading' ? 100 : 200

  it('gives every order, and the cursor moves with the last page to two minutes before now', async () => {
    world = await openEbay({ orders: many(size + 5) }, { ordersApi })

    const found = await pages(world.connector)

    expect(found.map(({ orders }) => orders.length)).toEqual([size, 5])
    expect(found.map(({ next }) => next.at)).toEqual([NOW - DAY, NOW - 2 * MINUTE])
  })

  it('misses nobody when an order changes between two pages', async () => {
    const orders = many(size + 5)
    world = await openEbay({ orders }, { ordersApi })
    const found: NormalizedOrder[] = []

    for await (const page of world.connector.listOrders({ at: NOW - DAY }, signal)) {
      if (found.length === 0) world.sandbox.act('ebay', 'touch', { order_id: orders[0]?.order_id })
      found.push(...page.orders)
    }

    const others = orders.slice(1).map(({ order_id }) => order_id)
    expect(new Set(idsOf(found))).toEqual(new Set([...idsOf(found), ...others]))
    // The one that changed belongs to the next search.
    world.sandbox.clock.set(NOW + 5 * MINUTE)
    expect(idsOf(await pull(world.connector, { at: NOW - 2 * MINUTE }))).toEqual([orders[0]?.order_id])
  })

  it('leaves out the last two minutes, in which an order may be half put together', async () => {
    world = await openEbay({}, { ordersApi })
    world.sandbox.act('ebay', 'add-orders', [{ order_id: ID, lines: [{ sku: 'A' }, { sku: 'B' }] }])
    expect(await pull(world.connector)).toEqual([])

    world.sandbox.clock.set(NOW + 3 * MINUTE)

    expect((await pull(world.connector))[0]?.lines.map(({ sku }) => sku)).toEqual(['A', 'B'])
  })

  it('of months is cut into windows that eBay takes', async () => {
    world = await openEbay(
      { orders: [{ order_id: ID, created_at: NOW - 70 * DAY }, { order_id: '11-00001-00002' }] },
      { ordersApi },
    )

    const found = await pages(world.connector, { at: NOW - 80 * DAY })

    expect(idsOf(found.flatMap(({ orders }) => orders))).toEqual([ID, '11-00001-00002'])
    expect(found.map(({ next }) => next.at)).toEqual([NOW - 50 * DAY, NOW - 20 * DAY, NOW - 2 * MINUTE])
  })
})

it('an order that eBay does not know is simply absent', async () => {
  await open({})

  for (const ordersApi of APIS) {
    const { connector } = world.again({ ordersApi })
    expect((await connector.getOrders([ID, '99-99999-99999'], signal)).orders).toHaveLength(1)
  }
})

it.each(APIS)('orders that eBay counts and does not show are told by the %s API, and the search goes on', async (ordersApi) => {
  world = await openEbay({ orders: many(3) }, { ordersApi })
  const [path, all, one] =
    ordersApi === 'trading'
      ? [TRADING, '<TotalNumberOfEntries>3<', '<TotalNumberOfEntries>4<']
      : [/v1\/order$/, '"total":3', '"total":4']
  await pull(world.connector)
  expect(world.logged).not.toContainEqual(expect.objectContaining({ level: 'warn' }))
  const body = heard(world, path)[0]?.replyBody.replace(all, one)
  expect(body).toContain(one)
  spoil(world, path, 'status', { status: 200, body })
  if (ordersApi === 'fulfillment') spoil(world, path, 'status', { status: 200, body: { total: 4, orders: [] } })

  const found = await pages(world.connector)

  expect(found.flatMap(({ orders }) => orders)).toHaveLength(3)
  expect(found.at(-1)?.next.at).toBe(NOW - 2 * MINUTE)
  expect(world.logged).toContainEqual(
    expect.objectContaining({
      level: 'warn',
      message: 'eBay counts more orders than it shows',
      fields: expect.objectContaining({ counted: 4, shown: 3 }),
    }),
  )
})

it('a search that reaches back further than eBay tells begins where it begins, and says so', async () => {
  await open({ created_at: NOW - 89 * DAY })

  expect(await pull(world.connector, { at: NOW - 200 * DAY })).toHaveLength(1)
  expect(world.logged.map(({ message }) => message)).toContain('eBay tells no changes that old: the search begins later')
})

it('a page that takes eBay too long is asked for with fewer orders', async () => {
  world = await openEbay({ orders: many(60) })
  world.sandbox.act('ebay', 'fail-call', { call: 'GetOrders', code: 219255, times: 1 })

  expect(await pull(world.connector)).toHaveLength(60)
  expect(heard(world, TRADING).map(({ requestBody }) => /<EntriesPerPage>(\d+)</.exec(requestBody)?.[1])).toEqual([
    '100',
    '50',
    '50',
  ])
})

it('a page that takes too long however short it is ends the search; the cursor stays', async () => {
  world = await openEbay({ orders: many(3) })
  world.sandbox.act('ebay', 'fail-call', { call: 'GetOrders', code: 219255, times: 3 })

  expect(await failureOf(pull(world.connector))).toBeInstanceOf(RetryableError)
})

it('a clock of ours that runs ahead does not move the cursor past what eBay has yet to change', async () => {
  await open({})
  const ahead = { now: () => NOW + 10 * MINUTE, sleep: async () => undefined }

  const found = await pages(world.again({}, { clock: ahead }).connector)

  expect(found.at(-1)?.next.at).toBe(NOW - 2 * MINUTE)
})
