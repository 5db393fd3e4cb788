import { afterEach, describe, expect, it } from 'vitest'
import { ALL_DATA, type Client, GRANT, ID, LINES, MINUTE, OTHER, openAmazon, US, YEAR } from './amazon-client.ts'

let open: Client | undefined

async function start(seed: unknown = {}): Promise<Client> {
  open = await openAmazon(seed)
  return open
}

afterEach(async () => {
  await open?.sandbox.close()
  open = undefined
})

describe('searchOrders', () => {
  it.each([
    ['no After', {}],
    ['both Afters', { createdAfter: YEAR, lastUpdatedAfter: YEAR }],
    ['a Before of the other kind', { createdAfter: YEAR, lastUpdatedBefore: '2026-02-01T00:00:00Z' }],
    ['a Before earlier than the After', { createdAfter: '2026-02-01T00:00:00Z', createdBefore: YEAR }],
    ['a Before less than two minutes old', { lastUpdatedAfter: YEAR, lastUpdatedBefore: '2026-11-21T14:58:01Z' }],
    ['a time that is none', { createdAfter: 'TEST_CASE_400' }],
    ['an unknown status', { createdAfter: YEAR, fulfillmentStatuses: 'UNSHIPPED,CANCELED' }],
    ['an unknown fulfiller', { createdAfter: YEAR, fulfilledBy: 'MFN' }],
    ['an unknown data set', { createdAfter: YEAR, includedData: 'BUYERS' }],
    ['a page of 101', { createdAfter: YEAR, maxResultsPerPage: '101' }],
    ['a page of 0', { createdAfter: YEAR, maxResultsPerPage: '0' }],
    ['51 marketplaces', { createdAfter: YEAR, marketplaceIds: Array(51).fill(US).join(',') }],
    ['a misspelt parameter', { createdAfter: YEAR, fulfilmentStatuses: 'UNSHIPPED' }],
  ])('answers 400 InvalidInput to %s', async (_what, query) => {
    const { search } = await start()
    const answer = await search(query)
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ code: 'InvalidInput' }] } })
    expect(answer.headers.get('x-amzn-ratelimit-limit')).toBe('0.0056')
  })

  it('takes a Before of exactly two minutes ago', async () => {
    const { search } = await start()
    expect((await search({ lastUpdatedAfter: YEAR, lastUpdatedBefore: '2026-11-21T14:58:00Z' })).status).toBe(200)
  })

  it('says where its window ended: two minutes ago, under the name of the kind that was asked', async () => {
    const { search } = await start()
    const updated = await search({ lastUpdatedAfter: YEAR })
    expect(updated.body).toEqual({ orders: [], lastUpdatedBefore: '2026-11-21T14:58:00.000Z' })
    expect((await search({ createdAfter: YEAR })).body).toEqual({ orders: [], createdBefore: '2026-11-21T14:58:00.000Z' })
  })

  it('shows a new order, and a change of it, two minutes late', async () => {
    const { search, get, sandbox } = await start()
    sandbox.act('amazon', 'add-orders', [{ order_id: ID }])
    sandbox.clock.advance(2 * MINUTE - 1)
    expect((await search({ lastUpdatedAfter: YEAR })).body.orders).toHaveLength(0)
    expect((await get(`/orders/2026-01-01/orders/${ID}`)).status).toBe(404)
    sandbox.clock.advance(1)
    expect((await search({ lastUpdatedAfter: YEAR })).body.orders).toHaveLength(1)
    expect((await get(`/orders/2026-01-01/orders/${ID}`)).status).toBe(200)
    sandbox.act('amazon', 'set-status', { order_id: ID, status: 'PENDING' })
    expect((await search({ lastUpdatedAfter: YEAR })).body.orders).toHaveLength(0)
    sandbox.clock.advance(2 * MINUTE)
    const answer = await search({ lastUpdatedAfter: YEAR, includedData: 'FULFILLMENT' })
    expect(answer.body.orders[0]).toMatchObject({
      lastUpdatedTime: '2026-11-21T15:02:00.000Z',
      fulfillment: { fulfillmentStatus: 'PENDING' },
    })
  })

  it('filters by status, fulfiller and marketplace', async () => {
    const { search } = await start({
      orders: [
        { order_id: '111-0000001-0000001', status: 'UNSHIPPED' },
        { order_id: '111-0000001-0000002', status: 'CANCELLED' },
        { order_id: '111-0000001-0000003', fulfilled_by: 'AMAZON' },
        { order_id: '111-0000001-0000004', marketplace_id: 'A2EUQ1WTGCTBG2' },
      ],
    })
    const ids = async (query: object) => {
      const { body } = await search({ createdAfter: YEAR, ...query })
      return body.orders.map((order: { orderId: string }) => order.orderId.slice(-1)).join('')
    }
    expect(await ids({})).toBe('1234')
    expect(await ids({ fulfillmentStatuses: 'UNSHIPPED,PARTIALLY_SHIPPED' })).toBe('134')
    expect(await ids({ fulfilledBy: 'MERCHANT' })).toBe('124')
    expect(await ids({ fulfilledBy: 'MERCHANT', fulfillmentStatuses: 'UNSHIPPED,CANCELLED', marketplaceIds: US })).toBe('12')
  })

  it('pages without loss or repetition, and ends without a pagination field', async () => {
    const orders = Array.from({ length: 250 }, () => ({}))
    const { search, sandbox } = await start({ rate_limits: 'off', orders })
    const query = { lastUpdatedAfter: YEAR, fulfilledBy: 'MERCHANT' }
    const seen: string[] = []
    let token = ''
    for (let page = 0; page < 3; page += 1) {
      const { body } = await search({ ...query, ...(token === '' ? {} : { paginationToken: token }) })
      seen.push(...body.orders.map((order: { orderId: string }) => order.orderId))
      expect(body.lastUpdatedBefore).toBe('2026-11-21T14:58:00.000Z')
      token = body.pagination?.nextToken ?? ''
      expect(token === '').toBe(page === 2)
      sandbox.clock.advance(MINUTE)
    }
    expect(new Set(seen).size).toBe(250)
    expect(seen).toHaveLength(250)
  })

  it('binds a token to its parameters, all but page size and data sets, for 24 hours', async () => {
    const { search, sandbox, exchange } = await start({ orders: [{}, {}, {}] })
    const query = { createdAfter: YEAR, fulfilledBy: 'MERCHANT', maxResultsPerPage: '1' }
    const paginationToken = (await search(query)).body.pagination.nextToken
    const again = { ...query, paginationToken }
    expect((await search({ ...again, maxResultsPerPage: '2', includedData: 'BUYER' })).body.orders).toHaveLength(2)
    const refusal = {
      status: 400,
      body: { errors: [{ code: 'InvalidInput', message: expect.stringContaining('paginationToken') }] },
    }
    expect(await search({ ...again, fulfilledBy: 'MERCHANT,AMAZON' })).toMatchObject(refusal)
    expect(await search({ ...again, createdAfter: '2026-01-01T00:00:00.000Z' })).toMatchObject(refusal)
    expect(await search({ ...again, paginationToken: 'bm9uc2Vuc2U=' })).toMatchObject(refusal)
    sandbox.clock.advance(24 * 60 * MINUTE)
    const token = (await exchange(GRANT)).body.access_token
    expect((await search(again, token)).status).toBe(200)
    sandbox.clock.advance(1)
    expect(await search(again, token)).toMatchObject(refusal)
  })

  it('serves 20 pages of a full bucket, then one every 179 seconds', async () => {
    const { search, sandbox } = await start()
    for (let call = 0; call < 20; call += 1) expect((await search({ createdAfter: YEAR })).status).toBe(200)
    const answer = await search({ createdAfter: YEAR })
    expect(answer).toMatchObject({ status: 429, body: { errors: [{ code: 'QuotaExceeded', details: '' }] } })
    expect(answer.headers.get('x-amzn-requestid')).toBeTruthy()
    sandbox.clock.advance(178_000)
    expect((await search({ createdAfter: YEAR })).status).toBe(429)
    sandbox.clock.advance(1_000)
    expect((await search({ createdAfter: YEAR })).status).toBe(200)
    expect(sandbox.books('amazon')).toMatchObject({ throttled: 2, calls: { searchOrders: 23 } })
  })

  it('finds its page among 10,000 orders quickly', async () => {
    const { search } = await start({ rate_limits: 'off', orders: Array.from({ length: 10_000 }, () => ({})) })
    const query = { lastUpdatedAfter: YEAR, includedData: ALL_DATA }
    let token: string | undefined
    let seen = 0
    const begun = performance.now()
    do {
      const { body }: Awaited<ReturnType<typeof search>> = await search({
        ...query,
        ...(token === undefined ? {} : { paginationToken: token }),
      })
      seen += body.orders.length
      token = body.pagination?.nextToken
    } while (token !== undefined)
    expect(seen).toBe(10_000)
    expect(performance.now() - begun).toBeLessThan(15_000)
  })
})

describe('the v2026 order', () => {
  it('shows ids, times, programs, channel and products when no data set is asked', async () => {
    const { get } = await start({ orders: [{ order_id: ID, items: LINES, seller_order_id: 'S-1', programs: ['PRIME'] }] })
    const { order } = (await get(`/orders/2026-01-01/orders/${ID}`)).body
    expect(Object.keys(order).sort()).toEqual(
      ['createdTime', 'lastUpdatedTime', 'orderAliases', 'orderId', 'orderItems', 'programs', 'salesChannel'].sort(),
    )
    expect(Object.keys(order.orderItems[0]).sort()).toEqual(['orderItemId', 'product', 'quantityOrdered'])
  })

  it('adds each data set that is asked', async () => {
    const { get } = await start({ orders: [{ order_id: ID, items: LINES, notes: 'Ring twice', tip: '5.00' }] })
    const { order } = (await get(`/orders/2026-01-01/orders/${ID}`, { includedData: ALL_DATA })).body
    expect(order.recipient.deliveryPreference).toEqual({ addressInstruction: 'Ring twice' })
    expect(order.recipient.deliveryAddress).toMatchObject({
      countryCode: 'US',
      addressType: 'RESIDENTIAL',
      addressLine1: expect.any(String),
    })
    expect(order.buyer).toEqual({ buyerName: expect.any(String), buyerEmail: expect.stringMatching(/example\.com$/) })
    expect(order.proceeds.grandTotal).toEqual({ amount: '37.84', currencyCode: 'USD' })
    expect(order.proceeds.breakdowns).toContainEqual({ type: 'ITEM', subtotal: { amount: '28.10', currencyCode: 'USD' } })
    expect(order.orderItems[0]).toMatchObject({
      product: { price: { unitPrice: { amount: '12.50' } } },
      proceeds: { proceedsTotal: { amount: '29.74' } },
      fulfillment: { quantityFulfilled: 0, quantityUnfulfilled: 2 },
    })
    expect(order.orderItems[1].fulfillment.packing.giftOption).toEqual({ giftMessage: 'Enjoy', giftWrapLevel: 'CLASSIC' })
  })

  it('has no price, gift or address while it is pending', async () => {
    const { get } = await start({ orders: [{ order_id: ID, status: 'PENDING', items: LINES }] })
    const { order } = (await get(`/orders/2026-01-01/orders/${ID}`, { includedData: ALL_DATA })).body
    for (const part of ['recipient', 'proceeds', 'buyer', 'payment']) expect(order).not.toHaveProperty(part)
    expect(order.orderItems[0].product).not.toHaveProperty('price')
    expect(order.orderItems[1].fulfillment).not.toHaveProperty('packing')
  })

  it('silently lacks personal data without the role', async () => {
    const { get } = await start({ roles: { pii: false }, orders: [{ order_id: ID, items: LINES }] })
    const answer = await get(`/orders/2026-01-01/orders/${ID}`, { includedData: ALL_DATA })
    expect(answer.status).toBe(200)
    expect(answer.body.order.recipient.deliveryAddress).toEqual({
      city: 'Sampleville',
      stateOrRegion: 'IL',
      countryCode: 'US',
      addressType: 'RESIDENTIAL',
    })
    expect(answer.body.order).not.toHaveProperty('buyer')
    expect(answer.body.order.orderItems[1].fulfillment.packing.giftOption).toEqual({ giftWrapLevel: 'CLASSIC' })
  })

  it('hides e-mail and phone of orders that Amazon fulfils, and the phone once delivery is past', async () => {
    const { get } = await start({
      orders: [
        { order_id: ID, fulfilled_by: 'AMAZON', status: 'SHIPPED' },
        { order_id: OTHER, status: 'SHIPPED', deliver_by: '2026-11-20T00:00:00Z' },
      ],
    })
    const afn = (await get(`/orders/2026-01-01/orders/${ID}`, { includedData: ALL_DATA })).body.order
    expect(afn.buyer).not.toHaveProperty('buyerEmail')
    expect(afn.recipient.deliveryAddress).not.toHaveProperty('phone')
    const late = (await get(`/orders/2026-01-01/orders/${OTHER}`, { includedData: ALL_DATA })).body.order
    expect(late.buyer).toHaveProperty('buyerEmail')
    expect(late.recipient.deliveryAddress).not.toHaveProperty('phone')
  })

  it('can be bent by the seed for odd cases', async () => {
    const wire = {
      orderItems: { 0: { quantityOrdered: 'two' } },
      proceeds: { grandTotal: { currencyCode: '???' } },
      salesChannel: null,
      novelty: 1,
    }
    const { get } = await start({
      orders: [
        { order_id: ID, items: LINES, wire },
        { order_id: OTHER, wire: { orderItems: null } },
      ],
    })
    const { order } = (await get(`/orders/2026-01-01/orders/${ID}`, { includedData: 'PROCEEDS' })).body
    expect(order).toMatchObject({ novelty: 1, proceeds: { grandTotal: { amount: '32.84', currencyCode: '???' } } })
    expect(order.orderItems[0]).toMatchObject({ orderItemId: 'A', quantityOrdered: 'two' })
    expect(order).not.toHaveProperty('salesChannel')
    expect((await get(`/orders/2026-01-01/orders/${OTHER}`)).body.order).not.toHaveProperty('orderItems')
  })

  it('is 404 when unknown and 400 when the id has not the form 3-7-7', async () => {
    const { get } = await start()
    expect(await get(`/orders/2026-01-01/orders/${ID}`)).toMatchObject({ status: 404, body: { errors: [{ code: 'NotFound' }] } })
    expect((await get('/orders/2026-01-01/orders/1112222222333')).status).toBe(400)
  })
})
