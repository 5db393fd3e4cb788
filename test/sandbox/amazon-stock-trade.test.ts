import { afterEach, describe, expect, it } from 'vitest'
import { amazonListingCast, amazonListings } from '../../src/sandbox/scenario/amazon-listings.ts'
import { MINUTE, NOW, YEAR } from './amazon-client.ts'
import { merge, message, openStock, SECOND, type StockClient } from './amazon-stock-client.ts'

let open: StockClient | undefined

async function start(seed: unknown = {}): Promise<StockClient> {
  open = await openStock(seed)
  return open
}

afterEach(async () => {
  await open?.sandbox.close()
  open = undefined
})

const MUG = { sku: 'MUG-1', quantity: 3, title: 'Mug', price: '14.50' }

describe('a buyer', () => {
  it('takes the units off the listing at once, and the order is seen two minutes later', async () => {
    const { sandbox, search, listing } = await start({ listings: [MUG] })
    const bought = sandbox.act('amazon', 'buy', { sku: 'MUG-1', quantity: 2 })
    expect(bought).toEqual({ order_id: expect.stringMatching(/^\d{3}-\d{7}-\d{7}$/), left: 1 })
    expect(listing('MUG-1')).toMatchObject({
      quantity: 1,
      bought: 2,
      oversold: [],
      history: [
        [NOW, 3, 'seed'],
        [NOW, 1, 'buyer'],
      ],
    })
    const found = async () => (await search({ lastUpdatedAfter: YEAR, includedData: 'FULFILLMENT,PROCEEDS' })).body.orders
    sandbox.clock.advance(2 * MINUTE - 1)
    expect(await found()).toEqual([])
    sandbox.clock.advance(1)
    expect(await found()).toMatchObject([
      {
        fulfillment: { fulfillmentStatus: 'UNSHIPPED', fulfilledBy: 'MERCHANT' },
        orderItems: [
          { quantityOrdered: 2, product: { sellerSku: 'MUG-1', title: 'Mug', price: { unitPrice: { amount: '14.50' } } } },
        ],
      },
    ])
  })

  it('shows at once where the lag is set to nothing, in both versions', async () => {
    const { sandbox, search, get } = await start({ order_lag_ms: 0, listings: [MUG] })
    sandbox.act('amazon', 'buy', { sku: 'MUG-1' })
    expect((await search({ lastUpdatedAfter: YEAR })).body).toMatchObject({
      orders: [{}],
      lastUpdatedBefore: new Date(NOW).toISOString(),
    })
    const v0 = await get('/orders/v0/orders', { MarketplaceIds: 'ATVPDKIKX0DER', LastUpdatedAfter: YEAR })
    expect(v0.body.payload.Orders).toHaveLength(1)
  })

  it('is turned away where too little is left, or nothing is the merchant’s to ship', async () => {
    const { sandbox, listing } = await start({ listings: [MUG, { sku: 'FBA', channel: 'FBA' }] })
    const buy = (argument: unknown) => () => sandbox.act('amazon', 'buy', argument)
    expect(buy({ sku: 'MUG-1', quantity: 4 })).toThrow('buy: 4 of MUG-1 wanted, 3 left')
    expect(buy({ sku: 'MUG-1', quantity: 0 })).toThrow(/1 or more/)
    expect(buy({ sku: 'FBA' })).toThrow(/not the merchant's/)
    expect(buy({ sku: 'NOBODY' })).toThrow(/no listing 'NOBODY'/)
    expect(listing('MUG-1')).toMatchObject({ quantity: 3, bought: 0 })
    expect(sandbox.books('amazon')).toMatchObject({ orders: [] })
  })

  it('may be one too many when two are served at the same moment, and the books say so', async () => {
    const { sandbox, listing } = await start({ listings: [MUG] })
    const bought = sandbox.act('amazon', 'buy', { sku: 'MUG-1', quantity: 5, even_if_short: true }) as {
      readonly order_id: string
    }
    expect(listing('MUG-1')).toMatchObject({ quantity: 0, bought: 5, oversold: [bought.order_id] })
  })

  it('may leave the order unpaid, or live elsewhere', async () => {
    const { sandbox } = await start({ listings: [MUG] })
    sandbox.act('amazon', 'buy', { sku: 'MUG-1', order: { status: 'PENDING', programs: ['PRIME'] } })
    expect(sandbox.books('amazon')).toMatchObject({ orders: [{ status: 'PENDING', items: [{ sku: 'MUG-1', quantity: 1 }] }] })
  })

  it('is overwritten by a quantity that was on its way: the race that oversells', async () => {
    const { patch, sandbox, listing } = await start({ listings: [MUG] })
    await patch('MUG-1', merge(3))
    sandbox.clock.advance(SECOND)
    sandbox.act('amazon', 'buy', { sku: 'MUG-1', quantity: 3 })
    expect(listing('MUG-1').quantity).toBe(0)
    sandbox.clock.advance(4 * SECOND)
    expect(listing('MUG-1').quantity).toBe(3)
  })
})

describe('people', () => {
  it('take a SKU off and put it back, and change its number by hand', async () => {
    const { patch, sandbox, listing } = await start({ listings: [MUG] })
    const act = (action: string, more = {}) => sandbox.act('amazon', action, { sku: 'MUG-1', ...more })
    act('delist')
    expect(listing('MUG-1')).toMatchObject({ listed: false })
    expect((await patch('MUG-1', merge(1))).body).toMatchObject({ status: 'INVALID', issues: [{ code: '13013' }] })
    expect(() => act('buy')).toThrow(/no listing/)
    act('list')
    expect(listing('MUG-1')).toMatchObject({ listed: true, quantity: 3 })
    act('set-quantity', { quantity: 12 })
    expect(listing('MUG-1').history.map(([, quantity, by]) => [quantity, by])).toEqual([
      [3, 'seed'],
      [null, 'person'],
      [3, 'person'],
      [12, 'person'],
    ])
    sandbox.act('amazon', 'list', { sku: 'NEW', quantity: 4 })
    expect(listing('NEW').quantity).toBe(4)
    expect(() => sandbox.act('amazon', 'set-quantity', { sku: 'NEW' })).toThrow(/quantity is missing/)
  })

  it('lose a quantity that was accepted before they took the SKU off', async () => {
    const { patch, sandbox, listing } = await start({ listings: [MUG] })
    await patch('MUG-1', merge(9))
    sandbox.act('amazon', 'delist', { sku: 'MUG-1' })
    sandbox.clock.advance(MINUTE)
    expect(listing('MUG-1').history.at(-1)).toEqual([NOW, null, 'person'])
  })
})

describe('a SKU that fails', () => {
  it('is refused by call and by feed until told otherwise', async () => {
    const { patch, feed, report, sandbox, listing } = await start({ listings: [MUG, { sku: 'MUG-2' }] })
    sandbox.act('amazon', 'fail-sku', { sku: 'MUG-1', code: '8572', message: 'Not like this.' })
    expect((await patch('MUG-1', merge(1))).body).toMatchObject({
      status: 'INVALID',
      issues: [{ code: '8572', message: 'Not like this.' }],
    })
    const id = await feed([message(1, 'MUG-1', 1), message(2, 'MUG-2', 1)])
    sandbox.clock.advance(2 * MINUTE)
    expect((await report(id)).issues).toEqual([
      { messageId: 1, sku: 'MUG-1', code: '8572', severity: 'ERROR', message: 'Not like this.' },
    ])
    expect([listing('MUG-1').quantity, listing('MUG-2').quantity]).toEqual([3, 1])
    sandbox.act('amazon', 'fail-sku', { sku: 'MUG-1', on: false })
    expect((await patch('MUG-1', merge(1))).body.status).toBe('ACCEPTED')
  })

  it('may be accepted and fail afterwards: the issue stands at the listing, the quantity never changes', async () => {
    const { patch, item, sandbox, listing } = await start({ listings: [MUG] })
    sandbox.act('amazon', 'fail-sku', { sku: 'MUG-1', late: true })
    expect((await patch('MUG-1', merge(1))).body.status).toBe('ACCEPTED')
    sandbox.clock.advance(MINUTE)
    expect(listing('MUG-1').quantity).toBe(3)
    expect((await item('MUG-1', 'issues')).body.issues).toMatchObject([{ code: '8541', severity: 'ERROR' }])
  })
})

describe('seeded listings', () => {
  it('stand for a hundred thousand in one line, and are found, sold and counted at once', async () => {
    const { item, sandbox, listing } = await start({
      listings: [{ sku: 'SKU-{n:6}', count: 100_000, quantity: 3, lead_time: 2 }],
    })
    const before = process.cpuUsage()
    expect((await item('SKU-100000')).body.fulfillmentAvailability).toEqual([{ fulfillmentChannelCode: 'DEFAULT', quantity: 3 }])
    for (let n = 1; n <= 500; n += 1) sandbox.act('amazon', 'buy', { sku: `SKU-${String(n).padStart(6, '0')}` })
    expect(listing('SKU-000500')).toMatchObject({ quantity: 2, lead_time: 2 })
    // One of them bears its own history, and no other.
    expect(listing('SKU-000501').history).toHaveLength(1)
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000).toBeLessThan(1500)
  })

  it.each([
    ['an unknown key', { sku: 'A', stock: 3 }, /unknown stock/],
    ['no SKU', { quantity: 3 }, /sku must be/],
    ['half a piece', { sku: 'A', quantity: 1.5 }, /whole number/],
    ['an unknown channel', { sku: 'A', channel: 'AFN' }, /must be one of MFN, FBA, LOCATIONS/],
    ['a count without a place for the number', { sku: 'A', count: 3 }, /must hold \{n\}/],
    ['a seller that is not there', { sku: 'A', seller_id: 'A9' }, /no account/],
  ])('throw for %s, so that a mistaken scenario fails', async (_what, entry, complaint) => {
    const { sandbox } = await start()
    expect(() => sandbox.seed('amazon', { listings: [entry] })).toThrow(complaint)
  })

  it('are gone after a reset, with everything that was on its way', async () => {
    const { patch, feed, sandbox } = await start({ listings: [MUG], stock: { unknown_skus: 'accepted' }, order_lag_ms: 0 })
    await patch('MUG-1', merge(1))
    await feed([message(1, 'MUG-1', 1)])
    sandbox.act('amazon', 'fail-sku', { sku: 'MUG-2' })
    sandbox.reset()
    sandbox.clock.advance(2 * MINUTE)
    expect(sandbox.books('amazon')).toMatchObject({ listings: [], feeds: [], written_without_listing: [] })
  })

  it('of the invented assortment hold one of every kind', async () => {
    const { item, listing } = await start({ listings: amazonListings() })
    const codes = async (sku: string) =>
      (await item(sku)).body.fulfillmentAvailability.map((one: { fulfillmentChannelCode: string }) => one.fulfillmentChannelCode)
    expect(await codes(amazonListingCast.shippedByAmazon)).toEqual(['AMAZON_NA'])
    expect(await codes(amazonListingCast.byLocation)).toEqual(['DEFAULT', 'SUPPLY-SOURCE-1'])
    expect(listing(amazonListingCast.staleStock).quantity).toBeGreaterThan(0)
    expect(listing(amazonListingCast.unknownToBooks).restock_date).toBe('2027-02-01')
  })
})
