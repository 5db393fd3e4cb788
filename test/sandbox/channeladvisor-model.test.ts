import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Exchange, judge } from '../contract/check.ts'
import { channelAdvisorOperations, MODELS_FOUND, type Operation, titleWithModels } from '../contract/models.ts'
import { type Client, openChannelAdvisor } from './channeladvisor-client.ts'

const EXPAND = '$expand=Items($expand=Promotions,FulfillmentItems),Fulfillments($expand=Items),CustomFields,Adjustments'

const RICH = [
  {
    order_id: 1,
    tax_type: 'InclusiveVat',
    promotion: { code: 'AUTUMN', amount: '1.00' },
    notes: { public: 'p', private: 'q', special: 'Ring twice' },
    deliver_by_at: '2026-11-30T00:00:00Z',
    custom_fields: { 7: 'engraving' },
    lines: [
      { sku: 'A', quantity: 3, tax: '1.23', gift_message: 'Hello', promotions: [{ amount: '0.50' }] },
      { sku: null, title: null, dc: 2 },
    ],
    fulfillments: [{ tracking: '1Z', carrier: 'UPS', class: 'Ground', seller_id: '5', lines: { 1: 1 } }],
  },
  { order_id: 2, lines: Array.from({ length: 25 }, () => ({})) },
  { order_id: 3, shipping: 'Canceled', payment: 'Failed', checkout: 'OnHold' },
  { order_id: 4, imported_at: '2026-01-01T00:00:00Z', carrier: null, class: null, ship_to: { phone: null, state: null } },
  { order_id: 5, lines: [{ dc: 2 }], shipping: 'ThirdPartyManaged' },
]

describe.skipIf(!MODELS_FOUND)(titleWithModels('channeladvisor: replies hold against the published models'), () => {
  let ca: Client
  let operations: readonly Operation[]

  beforeAll(async () => {
    operations = channelAdvisorOperations()
    ca = await openChannelAdvisor({
      distribution_centers: [
        { id: 1, code: 'MAIN' },
        { id: 2, type: 'ExternallyManaged', code: 'FBA' },
      ],
      products: [{ product_id: 1, sku: 'A', dcs: { 1: 5, 2: 3 } }, { sku: 'B' }],
      orders: RICH,
    })
  })

  afterAll(() => ca?.sandbox.close())

  /** What the models have to say of the latest exchange, with its body changed where a test wants that. */
  function judged(change: Partial<Exchange> = {}) {
    const last = ca.sandbox.journal().at(-1)
    if (last === undefined) throw new Error('nothing was asked')
    return judge({ channeladvisor: operations }, { ...last, ...change })
  }

  async function holds(method: string, path: string, status: number, body?: unknown): Promise<string> {
    const answer = await ca.call(method, path, body)
    expect(answer.status, answer.text).toBe(status)
    expect(judged().problems, `${method} ${path}`).toEqual([])
    return answer.text
  }

  it('orders of every kind, in lists, alone and by page', async () => {
    expect(await holds('GET', `Orders?exported=false&${EXPAND}`, 200)).toContain('"Items@odata.nextLink"')
    for (const { order_id } of RICH) {
      await holds('GET', `Orders(${order_id})?${EXPAND}`, 200)
      await holds('GET', `Orders(${order_id})/Fulfillments`, 200)
      await holds('GET', `Orders(${order_id})/Items`, 200)
    }
    ca.seed({ settings: { page_size: 2 } })
    expect(await holds('GET', 'Orders?$count=true&$orderby=ID desc&$skip=2', 200)).toContain('"@odata.nextLink"')
    ca.seed({ settings: { page_size: 100 } })
  })

  it('flags, packages and fulfillments', async () => {
    await holds('POST', 'Orders(1)/Export', 204)
    await holds('DELETE', 'Orders(1)/Export', 204)
    await holds('POST', 'Orders(4)/Ship', 204, {
      Value: {
        ShippedDateUtc: '2026-11-20T15:00:00Z',
        TrackingNumber: '1Z2',
        ShippingCarrier: 'UPS',
        ShippingClass: 'Ground',
        DistributionCenterID: 1,
        SellerFulfillmentID: 'P-1',
        DeliveryStatus: 'Complete',
        Items: [{ OrderItemID: ca.bookOf(4).lines[0].line_id, Quantity: 1 }],
      },
    })
    ca.seed({ settings: { ship_status: 200 } })
    await holds('POST', 'Orders(4)/Ship', 200, { Value: {} })
    await holds('GET', 'Fulfillments?$expand=Items', 200)
    await holds('GET', `Fulfillments(${ca.bookOf(4).fulfillments[0].fulfillment_id})`, 200)
  })

  it('products, distribution centers, quantities and batches', async () => {
    await holds('GET', 'DistributionCenters', 200)
    await holds('GET', 'Products?$select=ID,Sku', 200)
    await holds('GET', 'Products?$expand=DCQuantities', 200)
    await holds('GET', 'Products(1)', 200)
    const body = { Value: { UpdateType: 'UnShipped', Updates: [{ DistributionCenterID: 1, Quantity: 7 }] } }
    const part = (id: string, product: number) => ({ id, method: 'POST', url: `Products(${product})/UpdateQuantity`, body })
    await holds('POST', 'Products(1)/UpdateQuantity', 204, body)
    const headers = { 'Content-Type': 'application/json' }
    await holds('POST', '$batch', 200, { requests: [{ ...part('1', 1), headers }, part('2', 9)] })
    const upload = operations.find(({ method, template }) => method === 'POST' && template === '/v1/ProductUpload')
    const sent = await ca.call('POST', 'ProductUpload', 'Inventory Number,Quantity\nA,1\n', { 'content-type': 'text/csv' })
    upload?.replies.get('200')?.(sent.body)
    expect([sent.status, upload?.replies.get('200')?.errors]).toEqual([200, null])
  })

  it('refusals of both shapes', async () => {
    // The request is what the model refuses; the reply must hold.
    const senseless = await ca.call('GET', 'Orders?$filter=Nonsense')
    expect(senseless.status).toBe(400)
    expect(judged().problems.map((problem) => problem.replace(/ must match .*/s, ''))).toEqual([
      expect.stringMatching(/: \$filter$/),
    ])
    await holds('GET', 'Orders(99)', 404)
    await holds('POST', 'Orders(99)/Export', 404)
    await holds('POST', 'Orders(1)/Ship', 400, { Value: { ShippingCarrier: 'Pigeon', ShippingClass: 'Fast' } })
    ca.act('fail-call', { call: 'Orders' })
    await holds('GET', 'Orders', 500)
    ca.act('crowd')
    await holds('GET', 'Products', 429)
    await ca.call('GET', 'Orders', undefined, { authorization: 'Bearer nonsense' })
    expect(judged()).toEqual({ operation: 'GET /v1/Orders', problems: [] })
    expect(ca.sandbox.journal().at(-1)?.status).toBe(401)
  })

  it('tokens, given and refused', async () => {
    const tokens = operations.find(({ template }) => template === '/oauth2/token')
    // Bodies with credentials are not in the journal.
    async function complaintsAbout(fields: Record<string, string>, status: number, basic?: string): Promise<unknown> {
      const answer = await ca.token(fields, basic)
      expect(answer.status).toBe(status)
      const validate = tokens?.replies.get(String(status))
      validate?.(answer.body)
      return validate?.errors
    }
    expect(await complaintsAbout({}, 200)).toBeNull()
    expect(await complaintsAbout({ refresh_token: 'wrong' }, 400)).toBeNull()
    expect(await complaintsAbout({}, 400, 'wrong:wrong')).toBeNull()
  })

  it('and a reply that is off does not hold', async () => {
    const { body } = await ca.get(`Orders(1)?${EXPAND}`)
    const problems = (change: object) => judged({ replyBody: JSON.stringify({ ...body, ...change }) }).problems
    expect(problems({})).toEqual([])
    expect(problems({ ShippingState: 'Unshipped' })).toHaveLength(1)
    expect(problems({ ShippingStatus: 'Sent' })).toHaveLength(1)
    expect(problems({ TotalPrice: '10.00' })).toHaveLength(1)
    expect(problems({ CreatedDateUtc: '2026-11-21 15:00' })).toHaveLength(1)
    expect(problems({ Items: [{ ...body.Items[0], Quantity: 1.5 }] })).toHaveLength(1)
    expect(problems({ Fulfillments: [{ ...body.Fulfillments[0], Tracking: 'x' }] })).toHaveLength(1)
  })
})
