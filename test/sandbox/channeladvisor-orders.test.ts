import { afterEach, describe, expect, it } from 'vitest'
import { type Client, DAY, iso, type Json, MINUTE, NOW, openChannelAdvisor } from './channeladvisor-client.ts'

let ca: Client

afterEach(() => ca.sandbox.close())

const READY = "ShippingStatus eq 'Unshipped' and PaymentStatus eq 'Cleared' and CheckoutStatus eq 'Completed'"

function filtered(filter: string): string {
  return `Orders?$filter=${encodeURIComponent(filter)}`
}

function range(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => first + i)
}

function orders(first: number, count: number, more: object = {}): readonly object[] {
  return range(first, count).map((order_id) => ({ order_id, ...more }))
}

async function idsOf(path: string): Promise<readonly number[]> {
  const { status, body, text } = await ca.get(path)
  expect(status, text).toBe(200)
  return body.value.map(({ ID }: Json) => ID)
}

describe('channeladvisor: orders by page', () => {
  it('are read by following the links, and the page after the last one is the first again', async () => {
    ca = await openChannelAdvisor({ settings: { page_size: 20 }, orders: orders(100, 45) })
    expect(await ca.pages('Orders?exported=false')).toEqual([range(100, 20), range(120, 20), range(140, 5)])
    expect(await idsOf('Orders?exported=false&$skip=60')).toEqual(range(100, 20))
  })

  it('skip orders that nobody has read when flags are set between two pages', async () => {
    ca = await openChannelAdvisor({ settings: { page_size: 20 }, orders: orders(100, 45) })
    const { body } = await ca.get('Orders?exported=false')
    for (const { ID } of body.value) expect((await ca.post(`Orders(${ID})/Export`)).status).toBe(204)
    expect(await idsOf(body['@odata.nextLink'])).toEqual(range(140, 5))
  })

  it('end with a link to the first page where a full last page has a link too', async () => {
    ca = await openChannelAdvisor({ settings: { page_size: 20, trailing_link: true }, orders: orders(100, 20) })
    const { body } = await ca.get('Orders')
    expect(body['@odata.nextLink']).toMatch(/\$skip=20$/)
    expect(await idsOf(body['@odata.nextLink'])).toEqual(range(100, 20))
  })

  it('are counted, cut off at the top and sorted', async () => {
    ca = await openChannelAdvisor({ settings: { page_size: 20 }, orders: orders(100, 45) })
    expect((await ca.get('Orders?$count=true')).body['@odata.count']).toBe(45)
    expect(await ca.pages('Orders?$orderby=ID desc&$top=30')).toEqual([range(125, 20).toReversed(), range(115, 10).toReversed()])
  })

  it('keep what was asked for in the link, an access token in the address too', async () => {
    ca = await openChannelAdvisor({ settings: { page_size: 1 }, orders: orders(100, 2) })
    const { access_token: token } = (await ca.token()).body
    const query = `access_token=${token}&exported=false&$filter=${encodeURIComponent("ProfileID gt 5 and SiteName ne 'x&y'")}`
    const reply = await fetch(`${ca.origin}/v1/Orders?${query}`)
    const next: string = ((await reply.json()) as Json)['@odata.nextLink']
    expect(next).toBe(`${ca.origin}/v1/Orders?${query}&$skip=1`)
    expect(((await (await fetch(next)).json()) as Json).value[0].ID).toBe(101)
  })

  it('show up when the platform has them, however old they are at the marketplace', async () => {
    const late = { order_id: 7, created_at: iso(NOW - 2 * DAY), imported_at: iso(NOW + 10 * MINUTE) }
    ca = await openChannelAdvisor({ orders: [...orders(100, 1), late] })
    expect(await idsOf('Orders')).toEqual([100])
    expect((await ca.get('Orders(7)')).status).toBe(404)
    ca.sandbox.clock.advance(10 * MINUTE)
    expect(await idsOf(filtered(`ImportDateUtc ge ${iso(NOW)}`))).toEqual([7])
    expect(await idsOf(filtered(`CreatedDateUtc ge ${iso(NOW)}`))).toEqual([])
  })
})

describe('channeladvisor: the export flag', () => {
  it('is set and taken away, by each application for itself', async () => {
    ca = await openChannelAdvisor({ applications: [{ app_id: 'other' }], orders: orders(100, 2) })
    expect((await ca.post('Orders(100)/Export')).status).toBe(204)
    expect((await ca.post('Orders(100)/Export')).status).toBe(204)
    expect(await idsOf('Orders?exported=false')).toEqual([101])
    expect(await idsOf('Orders?exported=true')).toEqual([100])
    expect(await idsOf('Orders')).toEqual([100, 101])
    expect((await ca.get('Orders(100)')).body.ID).toBe(100)
    const other = (await ca.token({ refresh_token: 'sandbox-refresh-other' }, 'other:sandbox-shared')).body.access_token
    const seen = await ca.call('GET', 'Orders?exported=false', undefined, { authorization: `Bearer ${other}` })
    expect(seen.body.value).toHaveLength(2)
    expect(ca.bookOf(100).exported_by).toEqual([{ app_id: 'sandbox-app', at: NOW }])
    expect((await ca.call('DELETE', 'Orders(100)/Export')).status).toBe(204)
    expect(await idsOf('Orders?exported=false')).toEqual([100, 101])
    expect(ca.books().export_log.map(({ order_id, on }: Json) => [order_id, on])).toEqual([
      [100, true],
      [100, true],
      [100, false],
    ])
  })

  it('needs an order, a good word and no dollar sign', async () => {
    ca = await openChannelAdvisor()
    expect((await ca.post('Orders(1)/Export')).status).toBe(404)
    expect((await ca.get('Orders?exported=maybe')).status).toBe(400)
    expect((await ca.get('Orders?$exported=false')).body.error.message).toMatch(/'\$exported' is not supported/)
  })
})

describe('channeladvisor: $filter', () => {
  const MIXED = [
    { order_id: 1 },
    { order_id: 2, payment: 'Submitted', site_name: "Joe's Shop", shipping_price: '10.10' },
    { order_id: 3, checkout: 'OnHold', seller_order_id: 'S-3', created_at: '2026-11-01T00:00:00Z' },
    { order_id: 4, fulfillments: [{ tracking: 'T4' }] },
    { order_id: 5, lines: [{ quantity: 2 }], fulfillments: [{ tracking: 'T5', lines: { 1: 1 } }] },
    { order_id: 6, shipping: 'Canceled' },
  ]

  it.each([
    [READY, [1]],
    ["ShippingStatus eq 'Unshipped' or ShippingStatus eq 'PartiallyShipped'", [1, 2, 3, 5]],
    ["PaymentStatus eq 'Cleared' and (ID eq 1 or ID eq 2)", [1]],
    ["PaymentStatus eq 'Cleared' and ID eq 1 or ID eq 2", [1, 2]],
    ["not (ShippingStatus eq 'Unshipped')", [4, 5, 6]],
    ["ShippingStatus ne 'Unshipped'", [4, 5, 6]],
    ["ShippingStatus eq ChannelAdvisor.ShippingStatus'Canceled'", [6]],
    ["SiteName eq 'Joe''s Shop'", [2]],
    ["startswith(SiteName,'Joe') or contains(SiteOrderID,'-3')", [2, 3]],
    ['SellerOrderID ne null', [3]],
    ['TotalShippingPrice gt 10.1', []],
    ['TotalShippingPrice ge 10.1', [2]],
    ['CreatedDateUtc lt 2026-11-02', [3]],
    ['CreatedDateUtc le 2026-11-01T00:00:00.0003756Z', []],
    ['CreatedDateUtc le 2026-11-01T01:00:00.0003757+01:00', [3]],
    ['ID gt 1 and ID lt 4', [2, 3]],
    ['ID ge 5', [5, 6]],
    ['UserDataPresent eq 1 and ID le 2', [1, 2]],
    ["DistributionCenterTypeRollup eq 'SellerManaged' and 2 gt ID", [1]],
  ])('%s', async (filter, expected) => {
    ca = await openChannelAdvisor({ orders: MIXED })
    expect(await idsOf(filtered(filter))).toEqual(expected)
  })

  it.each([
    ["Nonsense eq 'x'", /Could not find a property named 'Nonsense'/],
    ["ShippingStatus eq 'Sent'", /'Sent' is not a valid enumeration type constant/],
    ["ID eq '1'", /incompatible types/],
    ['SiteName eq 1', /incompatible types/],
    ["CreatedDateUtc ge '2026-11-01T00:00:00Z'", /incompatible types/],
    ["not SiteName eq 'x'", /not a boolean/],
    ["(ID eq 1 and SiteName eq 'x'", /expected/],
    ["SiteName eq 'Joe's Shop'", /expected|Syntax/],
    ['ID eq 1 and', /Expression expected/],
    ['ID', /single boolean/],
    ['ID in (1,2)', /Syntax error/],
    ["concat(SiteName,'x') eq 'x'", /unknown function/],
    ['CreatedDateUtc ge 2026-11-01T00:00:00', /not a time/],
  ])('refuses %s', async (filter, complaint) => {
    ca = await openChannelAdvisor({ orders: MIXED })
    const { status, body } = await ca.get(filtered(filter))
    expect(status).toBe(400)
    expect(body.error.message).toMatch(complaint)
  })

  it('that is too long is a 414', async () => {
    ca = await openChannelAdvisor()
    const many = range(1, 400).map((id) => `ID eq ${id}`)
    const { status, body } = await ca.get(filtered(many.join(' or ')))
    expect([status, body.Message]).toEqual([414, 'The request URI is too long.'])
  })
})

describe('channeladvisor: what an order shows', () => {
  it('is what is selected and expanded', async () => {
    ca = await openChannelAdvisor({
      orders: [
        {
          order_id: 1,
          lines: [{ line_id: 11, sku: "O'Neil", quantity: 2, promotions: [{ code: 'P', amount: '1.50' }] }],
          custom_fields: { 7: 'engraving' },
        },
      ],
    })
    expect((await ca.get('Orders(1)')).body.Items).toBeUndefined()
    const expand = '$expand=Items($expand=Promotions;$select=ID,Sku),Fulfillments($expand=Items),CustomFields'
    const { body } = await ca.get(`Orders?$select=ID,TotalPrice&${expand}`)
    expect(body.value).toEqual([
      {
        ID: 1,
        TotalPrice: 18.5,
        Items: [
          {
            ID: 11,
            Sku: "O'Neil",
            Promotions: [{ OrderID: 1, OrderItemID: 11, Code: 'P', Amount: -1.5, ShippingAmount: 0 }],
          },
        ],
        Fulfillments: [
          expect.objectContaining({
            DeliveryStatus: 'NoChange',
            ShippingCarrier: 'USPS',
            TrackingNumber: null,
            Items: [expect.objectContaining({ OrderItemID: 11, Quantity: 2 })],
          }),
        ],
        CustomFields: [expect.objectContaining({ FieldID: 7, Value: 'engraving' })],
      },
    ])
    expect((await ca.get('Orders?$expand=Nothing')).status).toBe(400)
    expect((await ca.get('Orders?$expand=Items($expand=Promotions')).status).toBe(400)
    expect((await ca.get('Orders?$select=Nothing')).status).toBe(400)
    expect((await ca.get('Orders?$search=x')).status).toBe(400)
  })

  it('is cut at 20 members of a collection in a list, and whole by its ID', async () => {
    ca = await openChannelAdvisor({ orders: [{ order_id: 1, lines: range(1, 45).map((line_id) => ({ line_id })) }] })
    const [listed] = (await ca.get('Orders?$expand=Items($expand=Promotions),Fulfillments($expand=Items)')).body.value
    expect(listed.Items.map(({ ID }: Json) => ID)).toEqual(range(1, 20))
    expect(listed.Fulfillments[0].Items).toHaveLength(20)
    const rest = (await ca.get(listed['Items@odata.nextLink'])).body
    expect(rest.value.map(({ ID }: Json) => ID)).toEqual(range(21, 25))
    expect(rest.value[0].Promotions).toEqual([])
    expect((await ca.get(listed.Fulfillments[0]['Items@odata.nextLink'])).body.value).toHaveLength(25)
    const whole = (await ca.get('Orders(1)?$expand=Items,Fulfillments($expand=Items)')).body
    expect(whole.Items).toHaveLength(45)
    expect(whole.Fulfillments[0].Items).toHaveLength(45)
    expect(whole['Items@odata.nextLink']).toBeUndefined()
  })

  it('has times of up to seven digits and amounts as they were written', async () => {
    ca = await openChannelAdvisor({ orders: [{ order_id: 3, created_at: iso(NOW - DAY), lines: [{ price: '19.9900' }] }] })
    const { body, text } = await ca.get('Orders(3)?$expand=Items')
    expect(body.CreatedDateUtc).toBe('2026-11-20T15:00:00.0003757Z')
    expect(text).toContain('"UnitPrice":19.9900')
  })

  it('loses buyer and address after its time', async () => {
    ca = await openChannelAdvisor({ settings: { user_data_days: 30 }, orders: orders(1, 1) })
    const before = (await ca.get('Orders(1)')).body
    expect([before.UserDataPresent, before.ShippingCity]).toEqual([1, 'Sampleville'])
    ca.sandbox.clock.advance(30 * DAY)
    const after = (await ca.get('Orders(1)')).body
    expect([after.UserDataPresent, after.ShippingCity, after.BuyerEmailAddress]).toEqual([0, null, null])
    expect(after.UserDataRemovalDateUTC).toBe(before.UserDataRemovalDateUTC)
  })

  it('says whose distribution centers it waits in', async () => {
    ca = await openChannelAdvisor({
      distribution_centers: [{ id: 1 }, { id: 2, type: 'ExternallyManaged', code: 'FBA' }, { id: 3, deleted: true }],
      orders: [
        { order_id: 1, lines: [{ dc: 2 }], shipping: 'ThirdPartyManaged' },
        { order_id: 2, lines: [{ dc: 1 }, { dc: 2 }] },
        { order_id: 3 },
      ],
    })
    const rollups = (await ca.get('Orders')).body.value.map((order: Json) => order.DistributionCenterTypeRollup)
    expect(rollups).toEqual(['ExternallyManaged', 'Mixed', 'SellerManaged'])
    const waiting = (await ca.get('Orders(2)/Fulfillments?$expand=Items')).body.value
    expect(waiting.map((each: Json) => [each.DistributionCenterID, each.ExternalFulfillmentCenterCode])).toEqual([
      [1, null],
      [2, 'FBA'],
    ])
    const centers = (await ca.get('DistributionCenters')).body.value
    expect(centers.map(({ ID, IsExternallyManaged, IsDeleted }: Json) => [ID, IsExternallyManaged, IsDeleted])).toEqual([
      [1, false, false],
      [2, true, false],
      [3, false, true],
    ])
  })

  it('changes when a buyer, the seller or the platform does something', async () => {
    ca = await openChannelAdvisor({ orders: [{ order_id: 1, payment: 'NotYetSubmitted', checkout: 'Visited' }, { order_id: 2 }] })
    expect(await idsOf(filtered(READY))).toEqual([2])
    ca.sandbox.clock.advance(MINUTE)
    ca.act('pay', { order_id: 1 })
    ca.act('change-address', { order_id: 2, ship_to: { line1: '9 New Street', line2: null } })
    expect(await idsOf(filtered(READY))).toEqual([1, 2])
    expect((await ca.get('Orders(2)')).body.ShippingAddressLine1).toBe('9 New Street')
    expect(await idsOf(filtered(`UpdatedDateUtc ge ${iso(NOW + MINUTE)}`))).toEqual([1, 2])
    ca.act('touch', { order_id: 1 })
    ca.act('set-payment', { order_id: 1, payment: 'Failed' })
    expect(await idsOf(filtered(READY))).toEqual([2])
    ca.act('set-payment', { order_id: 1, payment: 'Cleared' })
    expect(await idsOf(filtered(READY))).toEqual([1, 2])
    ca.act('cancel', { order_id: 1 })
    expect(await idsOf(filtered(READY))).toEqual([2])
    ca.act('set-checkout', { order_id: 2, checkout: 'OnHold' })
    ca.act('add-orders', [{ order_id: 3 }])
    expect(await idsOf(filtered(READY))).toEqual([3])
    expect((await ca.get('Orders(1)?$expand=Fulfillments')).body).toMatchObject({
      ShippingStatus: 'Canceled',
      Fulfillments: [{ DeliveryStatus: 'Canceled' }],
    })
    expect(() => ca.act('cancel', { order_id: 9 })).toThrow('no order 9')
    expect(() => ca.act('vanish', {})).toThrow("no action 'vanish'")
  })

  it('is nobody else’s', async () => {
    ca = await openChannelAdvisor({ orders: [{ order_id: 1, profile_id: 5 }] })
    expect(await idsOf('Orders')).toEqual([])
    expect((await ca.get('Orders(1)')).status).toBe(404)
    expect((await ca.post('Orders(1)/Export')).status).toBe(404)
  })
})
