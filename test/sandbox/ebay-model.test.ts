import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Exchange, judge } from '../contract/check.ts'
import { ebayOperations, MODELS_FOUND, type Operation, titleWithModels } from '../contract/models.ts'
import { type Client, ORDERS, openEbay, STOCK } from './ebay-client.ts'

const PLAIN = '11-00001-00001'
const UPDATE = `${STOCK}/bulk_update_price_quantity`
const FOUND = { amazon: [], mirakl: [], shipstation: [], zoho: [] }

const RICH = [
  {
    order_id: PLAIN,
    lines: [
      { quantity: 2, ebay_tax: '2.03', variation: { Color: 'Blue' } },
      { seller_tax: '1.00', sku: null },
    ],
  },
  { payment: 'UNPAID' },
  { payment: 'REVIEW', discount: '2.00', buyer: { message: 'Ring twice' } },
  { payment: 'FAILED' },
  { hub: { program: 'GSP' } },
  { hub: { program: 'EIS', import_charge: '3.10' } },
  { pickup: 'PickUpDropOff', site: 'EBAY_GB' },
  { authenticated: true },
  { vault: true },
  { cancel: 'CancelComplete' },
  { cancel: 'CancelRequested' },
  { refund: 'part' },
  { lines: [{ digital: true }] },
  { order_id: '11-00001-00002', packages: [{ tracking: '0012300' }] },
]
const SHELF = [
  { sku: '00123', quantity: 7 },
  { sku: 'OFFER', quantity: 7, offer_quantity: 3, offer_id: '5900000001' },
  { sku: 'BLUE', item_id: '256999', variation: { Color: 'Blue' }, distributions: { EAST: 3 }, quantity: 3 },
  { sku: 'DRAFT', quantity: 1, published: false },
  { sku: 'OLD', model: 'trading', quantity: 1 },
]

describe.skipIf(!MODELS_FOUND)(titleWithModels('ebay: replies hold against the published models'), () => {
  let ebay: Client
  let operations: readonly Operation[]

  beforeAll(async () => {
    operations = ebayOperations()
    ebay = await openEbay({ orders: RICH, listings: SHELF })
  })

  afterAll(() => ebay?.sandbox.close())

  /** What the models have to say of the latest exchange, with its body changed where a test wants that. */
  function judged(change: Partial<Exchange> = {}) {
    const last = ebay.sandbox.journal().at(-1)
    if (last === undefined) throw new Error('nothing was asked')
    return judge({ ...FOUND, ebay: operations }, { ...last, ...change })
  }

  async function holds(method: string, path: string, status: number, body?: unknown): Promise<void> {
    const answer = await ebay.rest(method, path, body)
    expect(answer.status, answer.text).toBe(status)
    expect(judged().problems, `${method} ${path}`).toEqual([])
  }

  it.each(['', '?fieldGroups=TAX_BREAKDOWN'])('orders of every kind, in the list and alone%s', async (query) => {
    await holds('GET', `${ORDERS}${query}`, 200)
    const { body } = await ebay.rest('GET', ORDERS)
    expect(body.orders).toHaveLength(RICH.length)
    for (const { orderId } of body.orders) await holds('GET', `${ORDERS}/${orderId}${query}`, 200)
  })

  it('pages, ids and filters', async () => {
    await holds('GET', `${ORDERS}?limit=1&offset=1`, 200)
    await holds('GET', `${ORDERS}?orderIds=${PLAIN}`, 200)
    await holds('GET', `${ORDERS}?filter=${encodeURIComponent('orderfulfillmentstatus:{NOT_STARTED|IN_PROGRESS}')}`, 200)
    await holds('GET', `${ORDERS}?limit=201`, 400)
    await holds('GET', `${ORDERS}/none`, 404)
  })

  it('shipping fulfillments', async () => {
    const path = `${ORDERS}/${PLAIN}/shipping_fulfillment`
    await holds('POST', path, 201, {
      trackingNumber: '9400',
      shippingCarrierCode: 'USPS',
      shippedDate: '2026-11-21T15:00:00.000Z',
    })
    await holds('POST', path, 201, {})
    await holds('GET', path, 200)
    await holds('GET', `${path}/9400`, 200)
    await holds('POST', path, 400, { trackingNumber: 'only' })
    ebay.seed({ settings: { repeat_fulfillment: 'conflict' } })
    await holds('POST', path, 409, { trackingNumber: '9400', shippingCarrierCode: 'USPS' })
  })

  it('stock, read and written', async () => {
    await holds('GET', `${STOCK}/inventory_item?limit=2`, 200)
    for (const sku of ['00123', 'OFFER', 'BLUE', 'DRAFT']) {
      await holds('GET', `${STOCK}/inventory_item/${sku}`, 200)
      await holds('GET', `${STOCK}/offer?sku=${sku}`, 200)
    }
    await holds('GET', `${STOCK}/inventory_item/OLD`, 404)
    await holds('GET', `${STOCK}/offer`, 400)
    await holds('POST', `${STOCK}/bulk_get_inventory_item`, 200, { requests: [{ sku: 'BLUE' }] })
    await holds('POST', `${STOCK}/bulk_get_inventory_item`, 207, { requests: [{ sku: 'BLUE' }, { sku: 'OLD' }] })
    const one = { sku: '00123', shipToLocationAvailability: { quantity: 4 } }
    await holds('POST', UPDATE, 200, { requests: [one] })
    const mixed = [
      one,
      { sku: 'OLD', shipToLocationAvailability: { quantity: 4 } },
      { offers: [{ offerId: '5900000001', availableQuantity: 2 }] },
    ]
    await holds('POST', UPDATE, 207, { requests: mixed })
    await holds('POST', UPDATE, 400, { requests: [] })
  })

  it('quotas, read and used up', async () => {
    await holds('GET', '/developer/analytics/v1_beta/rate_limit/?api_context=tradingapi', 200)
    await holds('GET', '/developer/analytics/v1_beta/user_rate_limit/', 200)
    await holds('GET', '/developer/analytics/v1_beta/rate_limit/?api_context=none', 204)
    ebay.seed({ quotas: { inventory: 0 } })
    await holds('GET', `${STOCK}/inventory_item`, 429)
    ebay.seed({ quotas: 'on' })
  })

  it('tokens, given and refused, and calls with none', async () => {
    const tokens = operations.find(({ template }) => template === '/identity/v1/oauth2/token')
    // Bodies with credentials are not in the journal.
    async function complaintsAbout(fields: Record<string, string>, status: number, basic?: string): Promise<unknown> {
      const answer = await ebay.token(fields, basic)
      expect(answer.status).toBe(status)
      const validate = tokens?.replies.get(String(status))
      validate?.(answer.body)
      return validate?.errors
    }
    expect(await complaintsAbout({}, 200)).toBeNull()
    expect(await complaintsAbout({ refresh_token: 'wrong' }, 400)).toBeNull()
    expect(await complaintsAbout({}, 401, 'wrong:wrong')).toBeNull()
    await ebay.rest('GET', ORDERS, undefined, 'nonsense')
    expect(judged()).toEqual({ operation: 'GET /sell/fulfillment/v1/order', problems: [] })
    const narrow = (await ebay.token({ scope: 'https://api.ebay.com/oauth/api_scope' })).body.access_token
    await ebay.rest('GET', `${STOCK}/inventory_item`, undefined, narrow)
    expect(judged()).toEqual({ operation: 'GET /sell/inventory/v1/inventory_item', problems: [] })
  })

  it('and a reply that is off does not hold', async () => {
    const { body } = await ebay.rest('GET', `${ORDERS}/${PLAIN}`)
    const problems = (change: object) => judged({ replyBody: JSON.stringify({ ...body, ...change }) }).problems
    expect(problems({})).toEqual([])
    expect(problems({ legacyOrderId: PLAIN })).toHaveLength(1)
    expect(problems({ orderId: 1100001 })).toHaveLength(1)
    expect(problems({ lineItems: [{ ...body.lineItems[0], quantity: '2' }] })).toHaveLength(1)
    expect(problems({ pricingSummary: { total: 23.03 } })).toHaveLength(1)
  })
})
