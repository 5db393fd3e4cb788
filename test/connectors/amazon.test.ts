import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PermanentError, RetryableError, ThrottledError } from '../../src/core/errors.ts'
import type { Cursor, OrderPage } from '../../src/core/ports/marketplace.ts'
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
  UK,
  US,
} from './amazon-world.ts'

const SEARCH = /^\/orders\/2026-01-01\/orders$/
const idsOf = (pages: readonly OrderPage[]) => pages.flatMap((page) => page.orders.map((order) => order.externalOrderId))
const many = (count: number, base = {}) =>
  Array.from({ length: count }, (_, n) => ({ ...base, created_at: NOW - 60 * MINUTE + n }))

let world: AmazonWorld

beforeEach(async () => {
  world = await openAmazon()
})
afterEach(() => world.sandbox.close())

describe('a pull from Amazon', () => {
  it('is one search over all marketplaces, statuses that matter and own orders only', async () => {
    const { connector } = world.again({ marketplaceIds: [US, UK] })
    world.sandbox.seed('amazon', { orders: [{}, { marketplace_id: UK }, { status: 'SHIPPED' }, { fulfilled_by: 'AMAZON' }] })

    const pages = await pull(connector, { at: NOW - DAY })

    expect(pages).toHaveLength(1)
    expect(pages[0]?.orders.map((order) => order.marketplaceId)).toEqual([US, UK])
    expect(calls(world.sandbox, SEARCH).map(queryOf)).toEqual([
      {
        lastUpdatedAfter: '2026-11-20T15:00:00.000Z',
        fulfillmentStatuses: 'PENDING_AVAILABILITY,PENDING,UNSHIPPED,PARTIALLY_SHIPPED,CANCELLED',
        fulfilledBy: 'MERCHANT',
        marketplaceIds: `${US},${UK}`,
        includedData: 'BUYER,RECIPIENT,PROCEEDS,FULFILLMENT,CANCELLATION',
        maxResultsPerPage: '100',
      },
    ])
  })

  it('brings open, pending and cancelled orders with what they need', async () => {
    world.sandbox.seed('amazon', {
      orders: [
        { items: [{ order_item_id: 'A', sku: 'LAMP', quantity: 2, unit_price: '12.50', gift: { message: 'Grüße ✿' } }] },
        { status: 'PENDING' },
        { status: 'CANCELLED' },
        { programs: ['FBM_SHIP_PLUS'] },
        { items: [{ cancel_requested: true }] },
      ],
    })

    const [page] = await pull(world.connector)

    expect(page?.orders.map((order) => [order.status, order.flags])).toEqual([
      ['open', []],
      ['pending', []],
      ['cancelled', []],
      ['open', ['no_label']],
      ['on_hold', ['cancel_requested']],
    ])
    expect(page?.orders[0]).toMatchObject({ currency: 'USD', gift: { isGift: true, message: 'Grüße ✿' } })
    expect(page?.orders[0]?.lines).toMatchObject([{ externalLineId: 'A', sku: 'LAMP', qty: 2, qtyToShip: 2, price: 1250 }])
    expect(page?.next).toEqual({ at: NOW - 2 * MINUTE })
  })

  it('goes on past an order that cannot be read and counts those of Amazon', async () => {
    world.sandbox.seed('amazon', {
      orders: [
        { order_id: ID, wire: { orderItems: 'none' } },
        { wire: { fulfillment: { fulfilledBy: 'AMAZON' } } },
        { items: [{}] },
      ],
    })

    const [page] = await pull(world.connector)

    expect(page?.orders).toHaveLength(1)
    expect(page?.skipped).toBe(1)
    expect(page?.poison).toMatchObject([{ channel: 'amazon-us', externalOrderId: ID, reason: 'orderItems: invalid_type' }])
  })

  it('poisons open orders, and only these, when the role for addresses is missing', async () => {
    world.sandbox.seed('amazon', { roles: { pii: false }, orders: [{}, { status: 'PENDING' }, { status: 'CANCELLED' }] })

    const [page] = await pull(world.connector)

    expect(page?.orders.map((order) => order.status)).toEqual(['pending', 'cancelled'])
    expect(page?.poison.map((one) => one.reason)).toEqual([expect.stringContaining('"Direct-to-Consumer Shipping"')])
  })

  it('never asks for a window that is shorter than Amazon allows', async () => {
    await pull(world.connector, { at: NOW + 5 * MINUTE })

    expect(calls(world.sandbox, SEARCH).map(queryOf)[0]?.['lastUpdatedAfter']).toBe('2026-11-21T14:57:00.000Z')
  })

  it('keeps letters whole where the answer arrives in pieces', async () => {
    const name = 'Jörg Übermäßig-Łukasz 🦄 '.repeat(30).trim()
    world.sandbox.seed('amazon', { orders: [{ buyer: { name } }] })
    world.sandbox.addFault({ vendor: 'amazon', kind: 'slow', delayMs: 30, match: { path: SEARCH.source } })

    const [page] = await pull(world.connector)

    expect(page?.orders[0]?.buyer.name).toBe(name)
  })
})

describe('pages of a search', () => {
  beforeEach(() => world.sandbox.seed('amazon', { orders: many(250) }))

  it('freeze the query, and move the cursor with the last one only', async () => {
    const since = { at: NOW - DAY }

    const pages = await pull(world.connector, since)

    expect(pages.map((page) => page.orders.length)).toEqual([100, 100, 50])
    expect(new Set(idsOf(pages)).size).toBe(250)
    expect(pages.map((page) => page.next.at)).toEqual([since.at, since.at, NOW - 2 * MINUTE])
    expect(pages.map((page) => page.next.resume !== undefined)).toEqual([true, true, false])
    const queries = calls(world.sandbox, SEARCH).map(queryOf)
    expect(queries[1]?.['paginationToken']).toBeDefined()
    for (const query of queries)
      expect({ ...query, paginationToken: undefined }).toEqual({ ...queries[0], paginationToken: undefined })
  })

  it('are not fetched before they are wanted', async () => {
    await pull(world.connector, undefined, 1)

    expect(calls(world.sandbox, SEARCH)).toHaveLength(1)
  })

  it('go on after a crash where they stopped', async () => {
    const before = await pull(world.connector, undefined, 1)
    world.sandbox.clock.advance(60 * MINUTE)

    const after = await pull(world.again().connector, before[0]!.next)

    expect(after.map((page) => page.orders.length)).toEqual([100, 50])
    expect(new Set(idsOf([...before, ...after])).size).toBe(250)
    // The window ends where its first page said.
    expect(after.at(-1)?.next).toEqual({ at: NOW - 2 * MINUTE })
  })

  it.each<[string, (cursor: Cursor) => Cursor]>([
    [
      'is a day old',
      (cursor) => {
        world.sandbox.clock.advance(DAY)
        return cursor
      },
    ],
    ['is not ours', ({ at }) => ({ at, resume: '{"query":1}' })],
    ['is no JSON', ({ at }) => ({ at, resume: '{"query":' })],
    ['began later than the pull wants', ({ resume }) => ({ at: NOW - 2 * DAY, resume: resume! })],
  ])('start over when the note %s', async (_, spoil) => {
    const before = await pull(world.connector, undefined, 1)

    const after = await pull(world.again().connector, spoil(before[0]!.next))

    expect(after).toHaveLength(3)
    expect(new Set(idsOf(after)).size).toBe(250)
  })

  it('start over when the marketplaces have changed', async () => {
    const before = await pull(world.connector, undefined, 1)
    world.sandbox.seed('amazon', { orders: [{ marketplace_id: UK }] })

    const after = await pull(world.again({ marketplaceIds: [US, UK] }).connector, before[0]!.next)

    expect(new Set(idsOf(after)).size).toBe(251)
  })

  it('start over once when Amazon does not know the token', async () => {
    const [first] = await pull(world.connector, undefined, 1)
    const place = JSON.parse(first!.next.resume!)

    const after = await pull(world.connector, { at: first!.next.at, resume: JSON.stringify({ ...place, token: 'stale' }) })

    expect(new Set(idsOf(after)).size).toBe(250)
  })

  it('start over only once', async () => {
    const body = { errors: [{ code: 'InvalidInput', message: 'The paginationToken is not valid.' }] }
    world.sandbox.addFault({ vendor: 'amazon', kind: 'status', status: 400, times: 9, match: { path: 'paginationToken' }, body })

    const error = await failureOf(pull(world.connector))

    expect(error).toBeInstanceOf(PermanentError)
    expect(calls(world.sandbox, SEARCH)).toHaveLength(4)
  })

  it('end with an error, not a loop, when one comes twice', async () => {
    world.sandbox.addFault({ vendor: 'amazon', kind: 'repeat-page', match: { path: 'paginationToken' } })
    const pages: OrderPage[] = []

    const error = await failureOf(
      (async () => {
        for await (const page of world.connector.listOrders({ at: NOW - DAY }, signal)) pages.push(page)
      })(),
    )

    expect(error).toBeInstanceOf(RetryableError)
    expect(pages).toHaveLength(1)
    const after = await pull(world.connector, pages[0]!.next)
    expect(new Set(idsOf([...pages, ...after])).size).toBe(250)
  })

  it('stop at our share of the limit, so that Amazon never has to refuse', async () => {
    // A report on what is unshipped would be another way; without the restricted role there is none.
    world.sandbox.seed('amazon', { rate_limits: 'on', orders: many(2050), roles: { pii: false } })
    const clock = followingClock(world.sandbox.clock.now)
    const { connector } = world.again({}, { clock, shared: limitedAccount(clock), maxWaitMs: 1000 })
    let last: OrderPage | undefined

    const error = await failureOf(
      (async () => {
        for await (const page of connector.listOrders({ at: NOW - DAY }, signal)) last = page
      })(),
    )

    expect(error).toBeInstanceOf(ThrottledError)
    expect(calls(world.sandbox, SEARCH).map((entry) => entry.status)).toEqual(Array(20).fill(200))
    expect(last?.next.resume).toBeDefined()
  })
})

describe('orders by id', () => {
  it('come one by one, without those that Amazon does not know', async () => {
    world.sandbox.seed('amazon', { orders: [{ order_id: ID }, { order_id: '111-0000000-9999999', fulfilled_by: 'AMAZON' }] })

    const found = await world.connector.getOrders([ID, '111-0000000-0000404', '111-0000000-9999999'], signal)

    expect(found.orders.map((order) => order.externalOrderId)).toEqual([ID])
    expect(found).toMatchObject({ poison: [], skipped: 1 })
  })
})
