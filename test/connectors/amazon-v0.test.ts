import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AuthError, PermanentError, RetryableError, ThrottledError } from '../../src/core/errors.ts'
import type { OrderPage } from '../../src/core/ports/marketplace.ts'
import type { FaultKind } from '../../src/sandbox/stand-in.ts'
import { followingClock, limitedAccount } from '../world/gate.ts'
import {
  type AmazonWorld,
  calls,
  DAY,
  failureOf,
  ID,
  MINUTE,
  NOW,
  openAmazon,
  pull,
  queryOf,
  signal,
  US,
} from './amazon-world.ts'

const LIST = /^\/orders\/v0\/orders$/
const ITEMS = /\/orderItems$/
const RESTRICTED = /restrictedDataToken$/

const order = {
  order_id: ID,
  seller_order_id: 'SHOP-77',
  created_at: NOW - 60 * MINUTE,
  service_level: 'EXPEDITED',
  programs: ['PRIME', 'AMAZON_BUSINESS'],
  replaces: '111-0000000-0000000',
  tip: '1.00',
  buyer: { name: 'Ada Buyer', email: 'relay@marketplace.example.com', purchase_order: 'PO-9' },
  ship_to: {
    name: 'Bob Recipient',
    company: 'Recipient Ltd',
    line1: '1 First Street',
    line2: 'Floor 2',
    line3: 'Door 3',
    city: 'Springfield',
    state: 'IL',
    postal: '62701',
    country: 'US',
    phone: '555-0100',
    type: 'RESIDENTIAL',
  },
  items: [
    {
      order_item_id: 'A',
      sku: 'LAMP',
      title: 'A lamp',
      quantity: 3,
      shipped: 1,
      unit_price: '10.00',
      tax: '3.00',
      discount: '2.00',
      shipping: '4.99',
    },
    {
      order_item_id: 'B',
      sku: 'MUG',
      title: 'A mug',
      quantity: 1,
      unit_price: '5.00',
      gift: { message: 'Enjoy', wrap: 'CLASSIC' },
    },
  ],
  status: 'PARTIALLY_SHIPPED',
}

const OTHER = '111-2222222-4444444'

let world: AmazonWorld

beforeEach(async () => {
  world = await openAmazon({ orders: [order] }, { ordersApi: 'v0' })
})
afterEach(() => world.sandbox.close())

async function readOther() {
  const [page] = await pull(world.connector)
  return page!.orders.find((one) => one.externalOrderId === OTHER)!
}

describe('an order of Orders v0', () => {
  it('brings what one of v2026-01-01 brings', async () => {
    const [v0] = (await world.connector.getOrders([ID], signal)).orders
    const [v2026] = (await world.again({ ordersApi: '2026-01-01' }).connector.getOrders([ID], signal)).orders

    expect({ ...v0, raw: 0 }).toEqual({ ...v2026, shippingMethodRequested: 'Expedited', raw: 0 })
    expect(v0).toMatchObject({
      sellerOrderId: 'SHOP-77',
      marketplaceId: US,
      status: 'partially_shipped',
      shipTo: { address1: '1 First Street', address2: 'Floor 2, Door 3', residential: true },
      lines: [
        { externalLineId: 'A', qty: 3, qtyToShip: 2, price: 1000, tax: 300, discount: 200 },
        { externalLineId: 'B', qty: 1, qtyToShip: 1, price: 500 },
      ],
      totals: { items: 3500, shipping: 499, tax: 300, discount: 200, total: 4199 },
      gift: { isGift: true, message: 'Enjoy' },
      flags: ['prime', 'business', 'replacement'],
    })
    expect(v0?.raw).toMatchObject({ order: { AmazonOrderId: ID }, items: [{ OrderItemId: 'A' }, { OrderItemId: 'B' }] })
  })

  it.each([
    ['PENDING', 'pending'],
    ['PENDING_AVAILABILITY', 'pending'],
    ['UNSHIPPED', 'open'],
    ['CANCELLED', 'cancelled'],
  ])('that is %s counts as %s', async (status, expected) => {
    world.sandbox.seed('amazon', { orders: [{ order_id: OTHER, status }] })

    expect((await readOther()).status).toBe(expected)
  })

  it.each([
    ['IN_STORE_PICK_UP', 'no_label'],
    ['PREMIUM', 'premium'],
    ['PREORDER', 'preorder'],
  ])('of the program %s is flagged %s', async (program, flag) => {
    world.sandbox.seed('amazon', { orders: [{ order_id: OTHER, programs: [program] }] })

    expect((await readOther()).flags).toEqual([flag])
  })

  it('holds what the buyer wants cancelled', async () => {
    world.sandbox.seed('amazon', { orders: [{ order_id: OTHER, items: [{ cancel_requested: true }] }] })

    expect(await readOther()).toMatchObject({ status: 'on_hold', flags: ['cancel_requested'] })
  })

  it('that cannot be read is poison with its own field names', async () => {
    world.sandbox.addFault({
      vendor: 'amazon',
      kind: 'status',
      status: 200,
      match: { path: LIST.source },
      body: { payload: { Orders: [{ AmazonOrderId: ID, PurchaseDate: 7, LastUpdateDate: '2026-11-21T00:00:00Z' }] } },
    })

    const [page] = await pull(world.connector)

    expect(page?.poison).toMatchObject([{ externalOrderId: ID, reason: 'PurchaseDate: invalid_type' }])
  })
})

describe('a pull by Orders v0', () => {
  it('asks for lists and items with restricted tokens, the items of fifty orders with one', async () => {
    world.sandbox.seed('amazon', { orders: Array.from({ length: 119 }, () => ({})) })

    const pages = await pull(world.connector)

    expect(pages.map((page) => page.orders.length)).toEqual([100, 20])
    const [first, second] = calls(world.sandbox, LIST).map(queryOf)
    expect(first).toEqual({
      LastUpdatedAfter: '2026-11-20T15:00:00.000Z',
      OrderStatuses: 'PendingAvailability,Pending,Unshipped,PartiallyShipped,Canceled',
      FulfillmentChannels: 'MFN',
      MarketplaceIds: US,
      MaxResultsPerPage: '100',
    })
    expect(second).toEqual({ MarketplaceIds: US, NextToken: expect.any(String) })
    expect(calls(world.sandbox, RESTRICTED)).toHaveLength(4)
    expect(calls(world.sandbox, ITEMS)).toHaveLength(120)
    expect(pages.at(-1)?.next).toEqual({ at: NOW - 2 * MINUTE })
  })

  it('goes on after a crash where it stopped', async () => {
    world.sandbox.seed('amazon', { orders: Array.from({ length: 119 }, () => ({})) })
    const [first] = await pull(world.connector, undefined, 1)

    const after = await pull(world.again().connector, first!.next)

    expect(after.map((page) => page.orders.length)).toEqual([20])
  })

  it('does not go on with a search of the other version', async () => {
    world.sandbox.seed('amazon', { orders: Array.from({ length: 119 }, () => ({})) })
    const [first] = await pull(world.connector, undefined, 1)

    const after = await pull(world.again({ ordersApi: '2026-01-01' }).connector, first!.next)

    expect(after.map((page) => page.orders.length)).toEqual([100, 20])
  })

  it('warns of its end once', async () => {
    await pull(world.connector)
    await pull(world.connector)

    expect(world.logged.filter((line) => line.level === 'warn').map((line) => line.fields['ends'])).toEqual(['2027-03-27'])
  })

  it('closes the account when the role for addresses is missing', async () => {
    world.sandbox.seed('amazon', { roles: { pii: false } })

    const error = await failureOf(pull(world.connector))

    expect(error).toBeInstanceOf(AuthError)
    expect(String(error)).toContain('"Direct-to-Consumer Shipping"')
    expect(world.account.opened).toHaveLength(1)
  })

  it('replaces a restricted token that Amazon refuses', async () => {
    await pull(world.connector)
    world.sandbox.addFault({ vendor: 'amazon', kind: 'token-revoked', match: { path: LIST.source } })

    expect(await pull(world.connector)).toHaveLength(1)
  })

  it('leaves out what Amazon does not know, and asks for fifty orders at once', async () => {
    const ids = Array.from({ length: 60 }, (_, n) => `111-0000000-90000${10 + n}`)
    world.sandbox.seed('amazon', { orders: ids.slice(0, 55).map((order_id) => ({ order_id })) })

    const found = await world.connector.getOrders([...ids, ID], signal)

    expect(found.orders).toHaveLength(56)
    expect(calls(world.sandbox, LIST).map((entry) => queryOf(entry)['AmazonOrderIds']?.split(',').length)).toEqual([50, 11])
  })
})

describe('pages of Orders v0', () => {
  beforeEach(() => world.sandbox.seed('amazon', { orders: Array.from({ length: 249 }, () => ({})) }))
  const spoil = (path: string, kind: FaultKind, more: object = {}) =>
    world.sandbox.addFault({ vendor: 'amazon', kind, match: { path }, ...more })
  const idsOf = (pages: readonly OrderPage[]) => new Set(pages.flatMap((page) => page.orders.map((one) => one.externalOrderId)))

  it('start over once when Amazon cannot decode the token any more', async () => {
    const [first] = await pull(world.connector, undefined, 1)
    const place = JSON.parse(first!.next.resume!)

    const after = await pull(world.connector, { at: first!.next.at, resume: JSON.stringify({ ...place, token: 'stale' }) })

    expect(idsOf(after).size).toBe(250)
  })

  it('start over when the note is a day old', async () => {
    const [first] = await pull(world.connector, undefined, 1)
    world.sandbox.clock.advance(DAY)

    expect(idsOf(await pull(world.again().connector, first!.next)).size).toBe(250)
  })

  it('end where the token is empty', async () => {
    spoil(LIST.source, 'status', { status: 200, body: { payload: { Orders: [], NextToken: '' } } })

    expect(await pull(world.connector)).toMatchObject([{ orders: [], next: { at: NOW - 2 * MINUTE } }])
  })

  it('end with an error, not a loop, when one comes twice', async () => {
    spoil('NextToken', 'repeat-page')

    expect(await failureOf(pull(world.connector))).toBeInstanceOf(RetryableError)
  })

  it('wait for nothing when a limit is spent: what was read is kept, and the rest goes with the next run', async () => {
    spoil('NextToken', 'throttle')
    const pages: OrderPage[] = []

    const error = await failureOf(
      (async () => {
        for await (const page of world.connector.listOrders({ at: NOW - DAY }, signal)) pages.push(page)
      })(),
    )

    expect(error).toBeInstanceOf(ThrottledError)
    expect(error).toMatchObject({ waitMs: 59_881 })
    expect(idsOf([...pages, ...(await pull(world.again().connector, pages[0]!.next))]).size).toBe(250)
  })

  it('are not asked for faster than Amazon allows, neither lists nor items nor tokens', async () => {
    world.sandbox.seed('amazon', { rate_limits: 'on' })
    const clock = followingClock(world.sandbox.clock.now)
    const { connector } = world.again({}, { clock, shared: limitedAccount(clock), maxWaitMs: 1000 })

    expect(await failureOf(pull(connector))).toBeInstanceOf(ThrottledError)

    // One of Amazon's thirty stays unused.
    expect(calls(world.sandbox, ITEMS).map(({ status }) => status)).toEqual(Array(29).fill(200))
  })
})

describe('items of Orders v0', () => {
  const inputFault = { errors: [{ code: 'InvalidInput', message: 'No items for ada@buyer.example.' }] }
  const refuse = (path: string, times: number) =>
    world.sandbox.addFault({ vendor: 'amazon', kind: 'status', status: 400, times, match: { path }, body: inputFault })

  it('come page by page', async () => {
    const item = (OrderItemId: string) => ({ OrderItemId, ASIN: 'B0', SellerSKU: OrderItemId, Title: 'x', QuantityOrdered: 1 })
    const say = (path: string, payload: object) =>
      world.sandbox.addFault({ vendor: 'amazon', kind: 'status', status: 200, match: { path }, body: { payload } })
    say('orderItems\\?NextToken=more', { AmazonOrderId: ID, OrderItems: [item('B')] })
    say('orderItems$|orderItems\\?$', { AmazonOrderId: ID, OrderItems: [item('A')], NextToken: 'more' })

    const [found] = (await world.connector.getOrders([ID], signal)).orders

    expect(found?.lines.map((line) => line.externalLineId)).toEqual(['A', 'B'])
  })

  it('that are refused for one order make that one poison, and the page goes on', async () => {
    world.sandbox.seed('amazon', { orders: [{ order_id: OTHER }] })
    refuse(`${ID}/orderItems`, 1)

    const [page] = await pull(world.connector)

    expect(page?.orders.map((one) => one.externalOrderId)).toEqual([OTHER])
    expect(page?.poison).toMatchObject([{ externalOrderId: ID, reason: expect.stringMatching(/^OrderItems: .*<e-mail>/) }])
  })

  it('that are refused for every order end the pull', async () => {
    world.sandbox.seed('amazon', { orders: [{ order_id: OTHER }] })
    refuse('/orderItems', 2)

    expect(await failureOf(pull(world.connector))).toBeInstanceOf(PermanentError)
  })

  it.each<[string, FaultKind, object, unknown]>([
    ['fail', 'status', { status: 500 }, RetryableError],
    ['are cut off', 'truncate', {}, RetryableError],
    ['are throttled', 'throttle', {}, ThrottledError],
    ['are denied', 'status', { status: 403 }, AuthError],
  ])('that %s end the page, which is read again', async (_, kind, more, expected) => {
    world.sandbox.addFault({ vendor: 'amazon', kind, match: { path: ITEMS.source }, ...more })

    expect(await failureOf(pull(world.connector))).toBeInstanceOf(expected)

    expect((await pull(world.again().connector)).flatMap((page) => page.orders)).toHaveLength(1)
  })
})
