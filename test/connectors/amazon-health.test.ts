import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FaultKind } from '../../src/sandbox/stand-in.ts'
import { followingClock } from '../world/gate.ts'
import { type AmazonWorld, calls, MINUTE, NOW, openAmazon, pull, signal, UK, US } from './amazon-world.ts'

let world: AmazonWorld

beforeEach(async () => {
  world = await openAmazon()
})
afterEach(() => world.sandbox.close())

const checkOf = async (name: string, connector = world.connector) =>
  (await connector.health(signal)).checks.find(({ check }) => check === name)
const spoil = (path: string, kind: FaultKind, more: object = {}) =>
  world.sandbox.addFault({ vendor: 'amazon', kind, match: { path }, ...more })
const denied = { errors: [{ code: 'Unauthorized', message: 'Access to requested resource is denied.', details: '' }] }

describe('the health of an Amazon account', () => {
  it('is proven by cheap reads, none of which is a search that a pull needs', async () => {
    const health = await world.connector.health(signal)

    expect(health.checks.filter(({ ok }) => !ok)).toEqual([])
    expect(health.checks.map(({ check }) => check)).toEqual([
      'reachable',
      'authenticated',
      'marketplaces',
      'clock',
      'role Inventory and Order Tracking',
      'role Direct-to-Consumer Shipping (Restricted)',
      'role Product Listing',
      'limits',
      'orders_api',
    ])
    expect(world.gate.counts()).toEqual({
      token: 1,
      getMarketplaceParticipations: 1,
      getOrder: 1,
      createRestrictedDataToken: 1,
      getListingsItem: 1,
    })
  })

  it('is asked for without a write, also in a dry run', async () => {
    const dry = world.again({}, { dryRun: true })

    expect((await dry.connector.health(signal)).ok).toBe(true)
    expect(dry.planned).toEqual([])
  })

  it('names marketplaces in which the seller does not sell', async () => {
    const check = await checkOf('marketplaces', world.again({ marketplaceIds: [US, UK] }).connector)

    expect(check).toMatchObject({ ok: false, detail: expect.stringContaining(UK), fix: expect.stringContaining(US) })
  })

  it('tells when the clocks differ', async () => {
    const { connector } = world.again({}, { clock: followingClock(() => NOW - 10 * MINUTE) })

    expect(await checkOf('clock', connector)).toMatchObject({ ok: false, detail: '600 s behind Amazon', fix: /./ })
  })

  it('warns of the end of Orders v0, and fails when it has come', async () => {
    const { connector } = world.again({ ordersApi: 'v0' })
    expect(await checkOf('orders_api', connector)).toMatchObject({ ok: true, detail: 'v0, which ends on 2027-03-27' })

    world.sandbox.clock.set(Date.parse('2027-03-27T00:00:00Z'))
    expect(await checkOf('orders_api', connector)).toMatchObject({ ok: false, fix: 'set orders_api: 2026-01-01' })
  })

  it.each<[string, string, () => void, string]>([
    ['revoked', 'authenticated', () => void world.sandbox.act('amazon', 'revoke'), 'refresh token'],
    ['down', 'reachable', () => spoil('^/sellers', 'status', { status: 503 }), '503'],
    ['cut off', 'reachable', () => spoil('^/sellers', 'cut'), 'connection failed'],
    ['throttled', 'limits', () => spoil('^/sellers', 'throttle'), '429'],
    ['confused', 'marketplaces', () => spoil('^/sellers', 'html'), 'not JSON'],
  ])('is bad, not broken, when the account is %s', async (_, name, hurt, detail) => {
    hurt()

    const health = await world.connector.health(signal)

    expect(health.ok).toBe(false)
    expect(health.checks.find(({ check }) => check === name)).toMatchObject({
      ok: false,
      detail: expect.stringContaining(detail),
      fix: expect.any(String),
    })
  })
})

describe('a role that is missing', () => {
  it('for addresses is named, though orders come as if all were well', async () => {
    world.sandbox.seed('amazon', { roles: { pii: false } })

    const health = await world.connector.health(signal)

    expect(health.checks.filter(({ ok }) => !ok)).toEqual([
      {
        check: 'role Direct-to-Consumer Shipping (Restricted)',
        ok: false,
        detail: expect.stringContaining('does not have access to one or more requested data elements'),
        fix: 'give the app the role "Direct-to-Consumer Shipping (Restricted)" and authorise it again',
      },
    ])
  })

  it.each([
    ['Inventory and Order Tracking', '/orders/2026-01-01/orders/', 'give the app the role "Inventory and Order Tracking"'],
    ['Product Listing', '^/listings/', 'check seller_id'],
    ['Direct-to-Consumer Shipping (Restricted)', 'restrictedDataToken', 'authorise it again'],
  ])('is told by a 403 of its call alone: %s', async (role, path, fix) => {
    spoil(path, 'status', { status: 403, body: denied })

    const health = await world.connector.health(signal)

    expect(health.checks.filter(({ ok }) => !ok)).toEqual([
      { check: `role ${role}`, ok: false, detail: expect.stringContaining('403'), fix: expect.stringContaining(fix) },
    ])
    // The doctor asks; it does not take the account out of service.
    expect(world.account.opened).toEqual([])
    expect(await pull(world.connector)).toHaveLength(1)
  })

  it('is not what a failing server says', async () => {
    spoil('^/listings/', 'status', { status: 500 })

    expect(await checkOf('role Product Listing')).toMatchObject({ ok: false, fix: expect.stringContaining('network') })
  })

  it('is looked for by the calls of Orders v0 where these are used', async () => {
    const { connector } = world.again({ ordersApi: 'v0' })

    expect(await checkOf('role Inventory and Order Tracking', connector)).toMatchObject({
      ok: true,
      detail: 'getOrderItems is allowed',
    })
    expect(calls(world.sandbox, /^\/orders\/v0\/orders\/000-0000000-0000000\/orderItems$/)).toHaveLength(1)
  })
})

describe('the limits', () => {
  it('are those that Amazon has stated to any process, else its defaults', async () => {
    const first = await checkOf('limits')
    expect(first?.detail).toContain('searchOrders 0.0056/s (default), getOrder 1000/s, confirmShipment 2/s (default)')

    world.sandbox.seed('amazon', { rate_limits: { searchOrders: { rate: 0.0167, burst: 20 } } })
    const process = world.again({}, { shared: world.account })
    await pull(process.connector)

    expect((await checkOf('limits', world.again({}, { shared: world.account }).connector))?.detail).toMatch(
      /^searchOrders 0\.017\/s, getOrder 0\.5\/s, confirmShipment 2\/s \(default\), patchListingsItem 5\/s \(default\), createFeed/,
    )
  })
})
