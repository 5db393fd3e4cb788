import type { ValidateFunction } from 'ajv'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { amazonDefinitions, MODELS_FOUND, titleWithModels } from '../contract/models.ts'
import { ALL_DATA, type Answer, type Client, openAmazon, parcel, US, YEAR } from './amazon-client.ts'

const FULL = '111-0000000-0000001'
const V2026 = '/orders/2026-01-01/orders'
const V0 = '/orders/v0/orders'

function holds(validate: ValidateFunction, answer: Answer, status: number): void {
  expect(answer.status).toBe(status)
  validate(answer.body)
  expect(validate.errors ?? []).toEqual([])
}

const RICH = {
  order_id: FULL,
  seller_order_id: 'S-1',
  programs: ['PRIME', 'AMAZON_BUSINESS'],
  replaces: '111-0000000-0000009',
  notes: { instruction: 'Ring twice', drop_off: 'Front desk' },
  tip: '2.00',
  buyer: { company: 'Sample Company', purchase_order: 'PO-1' },
  ship_to: { company: 'Sample Company', line2: 'Floor 2', line3: 'Door 3', type: 'PICKUP_POINT' },
  items: [
    {
      order_item_id: 'A',
      quantity: 3,
      unit_price: '10.00',
      tax: '1.00',
      discount: '2.00',
      shipping: '3.00',
      gift: { message: 'Enjoy', wrap: 'CLASSIC', price: '4.00' },
      cancel_requested: true,
      programs: ['TRANSPARENCY'],
      promotion_id: 'PROMO-1',
      customized_url: 'https://custom.example.com/1',
    },
    { order_item_id: 'B', cancelled: 1 },
  ],
}

const STATES = ['PENDING_AVAILABILITY', 'PENDING', 'UNSHIPPED', 'PARTIALLY_SHIPPED', 'SHIPPED', 'CANCELLED', 'UNFULFILLABLE']

describe.skipIf(!MODELS_FOUND)(titleWithModels('amazon: replies hold against the published models'), () => {
  let client: Client
  let v2026: (name: string) => ValidateFunction
  let v0: (name: string) => ValidateFunction

  beforeAll(async () => {
    v2026 = amazonDefinitions('orders_2026-01-01.json')
    v0 = amazonDefinitions('ordersV0.json')
    const bare = { ship_to: null, items: [{ sku: null, title: null }], order_breakdowns: false }
    const each = STATES.flatMap((status) => [{ status }, { status, fulfilled_by: 'AMAZON' }, { status, ...bare }])
    client = await openAmazon({ rate_limits: 'off', orders: [RICH, ...each] })
    expect(
      (await client.confirm(FULL, parcel({ orderItems: [{ orderItemId: 'A', quantity: 1, transparencyCodes: ['T1'] }] }))).status,
    ).toBe(204)
    client.sandbox.clock.advance(180_000)
  })

  afterAll(async () => {
    await client.sandbox.close()
  })

  it.each(['', ALL_DATA, ...ALL_DATA.split(',')])('searchOrders with includedData %j', async (includedData) => {
    const answer = await client.search({ lastUpdatedAfter: YEAR, includedData })
    holds(v2026('SearchOrdersResponse'), answer, 200)
    expect(answer.body.orders).toHaveLength(1 + 3 * STATES.length)
  })

  it('searchOrders with a further page', async () => {
    holds(v2026('SearchOrdersResponse'), await client.search({ createdAfter: YEAR, maxResultsPerPage: '2' }), 200)
  })

  it('getOrder of an order that has everything', async () => {
    const answer = await client.get(`${V2026}/${FULL}`, { includedData: ALL_DATA })
    holds(v2026('GetOrderResponse'), answer, 200)
    expect(Object.keys(answer.body.order)).toEqual(
      expect.arrayContaining(['associatedOrders', 'packages', 'payment', 'recipient', 'proceeds']),
    )
  })

  it('errors of v2026', async () => {
    holds(v2026('ErrorList'), await client.search({}), 400)
    holds(v2026('ErrorList'), await client.search({ createdAfter: YEAR }, 'nonsense'), 403)
    holds(v2026('ErrorList'), await client.get(`${V2026}/999-9999999-9999999`), 404)
  })

  it('getOrders, its pages, and its errors', async () => {
    const query = { MarketplaceIds: US, CreatedAfter: YEAR, MaxResultsPerPage: '10' }
    const answer = await client.get(V0, query)
    holds(v0('GetOrdersResponse'), answer, 200)
    holds(v0('GetOrdersResponse'), await client.get(V0, { MarketplaceIds: US, NextToken: answer.body.payload.NextToken }), 200)
    holds(v0('GetOrdersResponse'), await client.get(V0, {}), 400)
    holds(v0('GetOrdersResponse'), await client.get(V0, query, 'nonsense'), 403)
  })

  it.each([
    ['GetOrderResponse', '', ['buyerInfo', 'shippingAddress']],
    ['GetOrderItemsResponse', '/orderItems', ['buyerInfo']],
    ['GetOrderAddressResponse', '/address', undefined],
    ['GetOrderBuyerInfoResponse', '/buyerInfo', undefined],
    ['GetOrderItemsBuyerInfoResponse', '/orderItems/buyerInfo', undefined],
  ])('%s with and without a restricted data token', async (name, suffix, dataElements) => {
    const path = `${V0}/${FULL}${suffix}`
    holds(v0(name), await client.get(path), 200)
    const made = await client.post('/tokens/2021-03-01/restrictedDataToken', {
      restrictedResources: [{ method: 'GET', path, dataElements }],
    })
    holds(amazonDefinitions('tokens_2021-03-01.json')('CreateRestrictedDataTokenResponse'), made, 200)
    holds(v0(name), await client.get(path, {}, made.body.restrictedDataToken), 200)
    holds(v0(name), await client.get(`${V0}/999-9999999-9999999${suffix}`), 404)
  })

  it('refusals of confirmShipment', async () => {
    holds(v0('ConfirmShipmentErrorResponse'), await client.confirm(FULL, parcel({ packageReferenceId: 7 })), 400)
  })

  it('a confirmation that the sandbox takes is one that the model takes', () => {
    const body = { marketplaceId: US, packageDetail: parcel() }
    const validate = v0('ConfirmShipmentRequest')
    validate(body)
    expect(validate.errors ?? []).toEqual([])
  })

  it('marketplaceParticipations', async () => {
    holds(
      amazonDefinitions('sellers.json')('GetMarketplaceParticipationsResponse'),
      await client.get('/sellers/v1/marketplaceParticipations'),
      200,
    )
  })

  it('429', async () => {
    client.sandbox.seed('amazon', { rate_limits: { searchOrders: { rate: 0.001, burst: 1 } } })
    await client.search({ createdAfter: YEAR })
    holds(v2026('ErrorList'), await client.search({ createdAfter: YEAR }), 429)
  })
})
