import { afterEach, describe, expect, it } from 'vitest'
import { type Client, ID, LINES, OTHER, openAmazon, US, YEAR } from './amazon-client.ts'

let open: Client | undefined

async function start(seed: unknown = {}): Promise<Client> {
  open = await openAmazon(seed)
  return open
}

afterEach(async () => {
  await open?.sandbox.close()
  open = undefined
})

describe('Orders v0', () => {
  const rdt = async (client: Client, path: string, dataElements?: string[]) =>
    client.post('/tokens/2021-03-01/restrictedDataToken', { restrictedResources: [{ method: 'GET', path, dataElements }] })

  it('wraps its answers in payload, writes seconds, and spells Canceled with one L', async () => {
    const { get } = await start({
      orders: [{ order_id: ID, items: LINES, status: 'CANCELLED', created_at: '2026-11-01T08:00:00.123Z' }],
    })
    const { payload } = (await get('/orders/v0/orders', { MarketplaceIds: US, CreatedAfter: YEAR })).body
    expect(payload).toMatchObject({
      CreatedBefore: '2026-11-21T14:58:00Z',
      Orders: [{ AmazonOrderId: ID, OrderStatus: 'Canceled', FulfillmentChannel: 'MFN', PurchaseDate: '2026-11-01T08:00:00Z' }],
    })
    expect(payload.Orders[0].OrderTotal).toEqual({ CurrencyCode: 'USD', Amount: '32.84' })
  })

  it.each([
    ['no marketplace', { CreatedAfter: YEAR }],
    ['no After', { MarketplaceIds: US }],
    ['both Afters', { MarketplaceIds: US, CreatedAfter: YEAR, LastUpdatedAfter: YEAR }],
    ['a Before less than two minutes old', { MarketplaceIds: US, CreatedAfter: YEAR, CreatedBefore: '2026-11-21T14:59:00Z' }],
    ['51 order ids', { MarketplaceIds: US, AmazonOrderIds: Array(51).fill(ID).join(',') }],
    ['a v2026 status', { MarketplaceIds: US, CreatedAfter: YEAR, OrderStatuses: 'UNSHIPPED' }],
    ['a broken token', { MarketplaceIds: US, NextToken: 'abc' }],
  ])('answers 400 to getOrders with %s', async (_what, query) => {
    const { get } = await start()
    expect(await get('/orders/v0/orders', query)).toMatchObject({ status: 400, body: { errors: [{ code: 'InvalidInput' }] } })
  })

  it('reads up to 50 orders by id without a time', async () => {
    const { get } = await start({ orders: [{ order_id: ID }, { order_id: OTHER }, {}] })
    const { payload } = (await get('/orders/v0/orders', { MarketplaceIds: US, AmazonOrderIds: `${ID},${OTHER}` })).body
    expect(payload.Orders).toHaveLength(2)
  })

  it('pages by NextToken and MarketplaceIds alone', async () => {
    const { get } = await start({ orders: [{}, {}, {}, { fulfilled_by: 'AMAZON' }] })
    const first = await get('/orders/v0/orders', {
      MarketplaceIds: US,
      LastUpdatedAfter: YEAR,
      FulfillmentChannels: 'MFN',
      MaxResultsPerPage: '2',
    })
    expect(first.body.payload.Orders).toHaveLength(2)
    const second = await get('/orders/v0/orders', { MarketplaceIds: US, NextToken: first.body.payload.NextToken })
    expect(second.body.payload.Orders).toHaveLength(1)
    expect(second.body.payload).not.toHaveProperty('NextToken')
  })

  it('shows names and street lines only to a restricted data token of that very path', async () => {
    const client = await start({ orders: [{ order_id: ID, items: LINES }, { order_id: OTHER }] })
    const path = `/orders/v0/orders/${ID}`
    const plain = (await client.get(path)).body.payload
    expect(plain.ShippingAddress).toEqual({ City: 'Sampleville', StateOrRegion: 'IL', PostalCode: '60601', CountryCode: 'US' })
    expect(plain.BuyerInfo).not.toHaveProperty('BuyerName')
    const made = await rdt(client, path, ['buyerInfo', 'shippingAddress'])
    expect(made).toMatchObject({ status: 200, body: { expiresIn: 3600 } })
    const token = made.body.restrictedDataToken
    expect((await client.get(path, {}, token)).body.payload).toMatchObject({
      ShippingAddress: { Name: expect.any(String), AddressLine1: expect.any(String), AddressType: 'Residential' },
      BuyerInfo: { BuyerName: expect.any(String) },
    })
    expect((await client.get(`/orders/v0/orders/${OTHER}`, {}, token)).status).toBe(403)
  })

  it('opens addresses and gift texts with a token for any order', async () => {
    const client = await start({ orders: [{ order_id: ID, items: LINES }] })
    const address = (await rdt(client, '/orders/v0/orders/{orderId}/address')).body.restrictedDataToken
    expect((await client.get(`/orders/v0/orders/${ID}/address`, {}, address)).body.payload.ShippingAddress).toHaveProperty(
      'AddressLine1',
    )
    expect((await client.get(`/orders/v0/orders/${ID}/address`)).body.payload.ShippingAddress).not.toHaveProperty('AddressLine1')
    const gifts = (await rdt(client, `/orders/v0/orders/${ID}/orderItems/buyerInfo`)).body.restrictedDataToken
    const answer = await client.get(`/orders/v0/orders/${ID}/orderItems/buyerInfo`, {}, gifts)
    expect(answer.body.payload.OrderItems[1]).toMatchObject({ OrderItemId: 'B', GiftMessageText: 'Enjoy' })
  })

  it('refuses restricted data tokens without the role, without data elements, or for 51 resources', async () => {
    const client = await start({ orders: [{ order_id: ID }] })
    expect((await rdt(client, '/orders/v0/orders')).status).toBe(400)
    const many = Array(51).fill({ method: 'GET', path: `/orders/v0/orders/${ID}/address` })
    expect((await client.post('/tokens/2021-03-01/restrictedDataToken', { restrictedResources: many })).status).toBe(400)
    client.sandbox.seed('amazon', { roles: { pii: false } })
    const answer = await rdt(client, '/orders/v0/orders', ['buyerInfo'])
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ message: expect.stringContaining('[buyerInfo]') }] } })
    expect(await client.get(`/orders/v0/orders/${ID}/address`)).toMatchObject({
      status: 400,
      body: { errors: [{ code: 'InvalidInput' }] },
    })
  })

  it('prices the whole line, and says a cancel request as text', async () => {
    const client = await start({ orders: [{ order_id: ID, items: LINES }] })
    client.sandbox.act('amazon', 'request-cancel', { order_id: ID, order_item_id: 'B', reason: 'Too slow' })
    const { OrderItems } = (await client.get(`/orders/v0/orders/${ID}/orderItems`)).body.payload
    expect(OrderItems[0]).toMatchObject({
      ItemPrice: { Amount: '25.00' },
      QuantityOrdered: 2,
      QuantityShipped: 0,
      IsGift: 'false',
    })
    expect(OrderItems[1].BuyerRequestedCancel).toEqual({ IsBuyerRequestedCancel: 'true', BuyerCancelReason: 'Too slow' })
  })
})
