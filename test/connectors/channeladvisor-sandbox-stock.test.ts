import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { QuantityUpdate } from '../../src/core/model/stock.ts'
import { signal } from './channeladvisor-wire.ts'
import { CENTERS, type ChannelAdvisorWorld, openChannelAdvisor } from './channeladvisor-world.ts'

let world: ChannelAdvisorWorld
beforeEach(async () => {
  world = await openChannelAdvisor({ distribution_centers: CENTERS })
})
afterEach(async () => {
  expect(world.books().misdeeds).toEqual([])
  await world.close()
})

const seed = (document: object) => world.sandbox.seed('channeladvisor', document)
const update = (sku: string, quantity: number): QuantityUpdate => ({ channel: 'ca-test', sku, quantity })

describe('quantities', () => {
  const tell = (batch: readonly QuantityUpdate[], connector = world.connector) =>
    connector.updateQuantities(batch, 'batch', signal)

  it('of a hundred SKUs go in one batch, and stand there as told', async () => {
    seed({ products: [{ sku: 'SKU-{n:3}', count: 100, quantity: 1 }] })
    const batch = Array.from({ length: 100 }, (_, at) => update(`SKU-${String(at + 1).padStart(3, '0')}`, at))

    expect((await tell(batch)).every(({ status }) => status === 'accepted')).toBe(true)

    expect(world.books().calls['batch']).toBe(1)
    for (const { sku, quantity } of batch) expect(world.productOf(sku).dcs[0]).toBe(quantity)
    expect(world.productOf('SKU-007').told).toMatchObject([{ by: 'UnShipped', dc: 0, quantity: 6 }])
  })

  it('mean what is on hand, or what may still be sold', async () => {
    seed({
      products: [
        { sku: 'A', quantity: 9 },
        { sku: 'B', quantity: 9 },
      ],
    })
    world.act('buy', { sku: 'A', quantity: 2 })
    world.act('buy', { sku: 'B', quantity: 2 })
    await tell([update('A', 7)])
    await tell([update('B', 7)], world.again({ updateType: 'Available' }).connector)
    expect([world.productOf('A').live, world.productOf('B').live]).toEqual([5, 7])
  })

  it('of odd SKUs, unknown ones, and one that is refused', async () => {
    const odd = ['Tom\'s / 5% #1, é & "x"', '00042', "''"]
    seed({ products: [...odd.map((sku) => ({ sku })), { sku: 'BAD' }] })
    world.act('fail-sku', { sku: 'BAD', message: 'The product is locked.' })

    expect(await tell([...odd.map((sku, at) => update(sku, at + 1)), update('NONE', 5), update('BAD', 6)])).toMatchObject([
      { status: 'accepted' },
      { status: 'accepted' },
      { status: 'accepted' },
      { status: 'unlisted' },
      { status: 'failed', error: { kind: 'permanent', message: /The product is locked/ } },
    ])
    expect(odd.map((sku) => world.productOf(sku).dcs[0])).toEqual([1, 2, 3])
  })

  it('go on after the passing troubles of a batch', async () => {
    seed({ products: [{ sku: 'A' }, { sku: 'B' }] })
    world.act('batch-trouble', { times: 1 })
    const outcomes = await tell([update('A', 1), update('B', 2)])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['accepted', 'failed'])
    expect(outcomes.find(({ status }) => status === 'failed')).toMatchObject({ error: { kind: 'retryable' } })
    expect((await tell([update('A', 1), update('B', 2)])).map(({ status }) => status)).toEqual(['accepted', 'accepted'])
  })

  it('of a product that was deleted are unlisted, and go again when it is back', async () => {
    seed({ products: [{ sku: 'A' }, { sku: 'B' }] })
    await tell([update('A', 1), update('B', 1)])
    world.act('delist', { sku: 'A' })
    expect((await tell([update('A', 2), update('B', 2)])).map(({ status }) => status)).toEqual(['unlisted', 'accepted'])
    expect(await world.connector.describeListings?.(['A', 'B'], signal)).toMatchObject([{ listed: false }, { listed: true }])
    world.act('list', { sku: 'A' })
    expect((await tell([update('A', 3)])).map(({ status }) => status)).toEqual(['accepted'])
  })

  it("never touch a center that is somebody else's", async () => {
    seed({ products: [{ sku: 'A', dcs: { 0: 3, '-2': 4 } }] })
    await tell([update('A', 1)])
    expect(await tell([update('A', 9)], world.again({ distributionCenterId: -2 }).connector)).toMatchObject([
      { status: 'not-ours' },
    ])
    expect(world.productOf('A').dcs).toEqual({ 0: 1, '-2': 4 })
  })

  it('of a product that lies with Amazon or the like alone are not sent: it would be sold as if the seller shipped it', async () => {
    seed({ products: [{ sku: 'FBA', dcs: { '-2': 4 } }, { sku: 'BOTH', dcs: { 0: 0, '-2': 4 } }, { sku: 'OURS' }] })

    expect(await tell([update('FBA', 9), update('BOTH', 8), update('OURS', 7)])).toMatchObject([
      { status: 'not-ours' },
      { status: 'accepted' },
      { status: 'accepted' },
    ])
    expect(['FBA', 'BOTH', 'OURS'].map((sku) => world.productOf(sku).dcs)).toEqual([{ '-2': 4 }, { 0: 8, '-2': 4 }, { 0: 7 }])
    expect(await world.connector.describeListings?.(['FBA', 'BOTH'], signal)).toMatchObject([
      { listed: true, fulfilment: 'marketplace' },
      { listed: true, fulfilment: 'seller' },
    ])
  })

  it('of such a product go as soon as the seller keeps it too', async () => {
    seed({ products: [{ sku: 'FBA', dcs: { '-2': 4 } }] })
    await tell([update('FBA', 9)])
    world.act('set-quantity', { sku: 'FBA', dc: 0, quantity: 0 })

    expect(await world.connector.describeListings?.(['FBA'], signal)).toMatchObject([{ fulfilment: 'seller' }])
    expect(await tell([update('FBA', 9)])).toMatchObject([{ status: 'accepted' }])
  })
})

describe('health', () => {
  it('of an account with orders is good', async () => {
    seed({
      orders: [
        { site_name: 'Walmart', site_id: 900 },
        { site_name: 'Amazon Seller Central - US', site_id: 640 },
      ],
    })
    const { ok, checks } = await world.connector.health(signal)
    expect(ok).toBe(true)
    expect(checks.find(({ check }) => check === 'sites')?.detail).toMatch(
      /Walmart \(900\).*Watch out.*Amazon Seller Central - US \(640\)/,
    )
  })

  it('of an application that may read orders only names the scope that lacks', async () => {
    seed({ applications: [{ app_id: 'sandbox-app', scopes: ['orders'] }] })
    const { ok, checks } = await world.connector.health(signal)
    expect(ok).toBe(false)
    expect(checks.find((check) => !check.ok)).toMatchObject({ check: 'distribution center', detail: /lacks the scope inventory/ })
  })
})
