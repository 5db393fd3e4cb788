import { afterEach, describe, expect, it } from 'vitest'
import { type Client, iso, type Json, NOW, openChannelAdvisor } from './channeladvisor-client.ts'

let ca: Client

afterEach(() => ca.sandbox.close())

const UPS = { ShippingCarrier: 'UPS', ShippingClass: 'Ground' }
const TWO_LINES = {
  order_id: 1,
  lines: [
    { line_id: 11, sku: 'A', quantity: 2 },
    { line_id: 12, sku: 'B' },
  ],
}

function ship(value: object, order = 1) {
  return ca.post(`Orders(${order})/Ship`, { Value: value })
}

/** Tracking, status and units by line of each fulfillment, as the books have them. */
function packages(order = 1): readonly (readonly unknown[])[] {
  return ca.bookOf(order).fulfillments.map(({ tracking, delivery, lines }: Json) => [tracking, delivery, lines])
}

describe('channeladvisor: Ship', () => {
  it('without items turns what waits into the package', async () => {
    ca = await openChannelAdvisor({ orders: [TWO_LINES] })
    const [{ fulfillment_id: waiting }] = ca.bookOf(1).fulfillments
    const value = {
      ...UPS,
      TrackingNumber: '1Z1',
      ShippedDateUtc: iso(NOW),
      SellerFulfillmentID: 'P-1',
      DeliveryStatus: 'Complete',
    }
    const { status, text } = await ship(value)
    expect([status, text]).toEqual([204, ''])
    expect(ca.bookOf(1)).toMatchObject({
      shipping: 'Shipped',
      fulfillments: [
        {
          fulfillment_id: waiting,
          tracking: '1Z1',
          carrier: 'UPS',
          class: 'Ground',
          seller_id: 'P-1',
          shipped_at: NOW,
          by: 'Ship',
          marketplace: 'sent',
          lines: { 11: 2, 12: 1 },
        },
      ],
    })
    const [seen] = (await ca.get('Orders(1)/Fulfillments')).body.value
    expect([seen.SellerFulfillmentID, seen.ShippedDateUtc]).toEqual(['P-1', '2026-11-21T15:00:00Z'])
  })

  it('with items takes them out of what waits, package by package', async () => {
    ca = await openChannelAdvisor({ orders: [TWO_LINES] })
    expect((await ship({ TrackingNumber: 'P1', Items: [{ Sku: 'A', Quantity: 1 }] })).status).toBe(204)
    expect(ca.bookOf(1).shipping).toBe('PartiallyShipped')
    expect(packages()).toEqual([
      [null, 'NoChange', { 11: 1, 12: 1 }],
      ['P1', 'Complete', { 11: 1 }],
    ])
    await ship({ TrackingNumber: 'P2', Items: [{ OrderItemID: 11, Quantity: 1 }, { OrderItemID: 12 }] })
    expect(packages()).toEqual([
      ['P2', 'Complete', { 11: 1, 12: 1 }],
      ['P1', 'Complete', { 11: 1 }],
    ])
    expect(ca.bookOf(1).shipping).toBe('Shipped')
  })

  it('that is sent twice stands there twice, whole orders and parts alike', async () => {
    ca = await openChannelAdvisor({ orders: [TWO_LINES, { ...TWO_LINES, order_id: 2 }] })
    for (const each of [1, 2]) expect((await ship({ TrackingNumber: `T${each}`, SellerFulfillmentID: 'S' })).status).toBe(204)
    expect(packages()).toEqual([
      ['T1', 'Complete', { 11: 2, 12: 1 }],
      ['T2', 'Complete', { 11: 2, 12: 1 }],
    ])
    expect(ca.bookOf(1).lines.map(({ shipped }: Json) => shipped)).toEqual([4, 2])
    for (const _ of [1, 2]) await ship({ TrackingNumber: 'T', Items: [{ Sku: 'B', Quantity: 1 }] }, 2)
    expect(packages(2).filter(([tracking]) => tracking === 'T')).toHaveLength(2)
  })

  it('goes over the lines of one SKU in their order', async () => {
    const line = { sku: 'A', quantity: 2 }
    ca = await openChannelAdvisor({
      orders: [
        {
          order_id: 1,
          lines: [
            { ...line, line_id: 11 },
            { ...line, line_id: 12 },
          ],
        },
      ],
    })
    await ship({ TrackingNumber: 'P1', Items: [{ Sku: 'A', Quantity: 3 }] })
    expect(packages()).toContainEqual(['P1', 'Complete', { 11: 2, 12: 1 }])
    expect((await ship({ Items: [{ Sku: 'A', Quantity: 5 }] })).status).toBe(400)
  })

  it.each([
    ['a carrier that is not in the list', { ShippingCarrier: 'Pigeon', ShippingClass: 'Ground' }],
    ['a class that is not the carrier’s', { ShippingCarrier: 'USPS', ShippingClass: '2nd Day Air' }],
    ['a class in other letters', { ShippingCarrier: 'UPS', ShippingClass: 'GROUND' }],
    ['a carrier without its class', { ShippingCarrier: 'UPS' }],
    ['a class without its carrier', { ShippingClass: 'Ground' }],
    ['an item that the order does not have', { Items: [{ Sku: 'C', Quantity: 1 }] }],
    ['an item that says not which', { Items: [{ Quantity: 1 }] }],
    ['more than was ordered', { Items: [{ Sku: 'A', Quantity: 3 }] }],
    ['none of an item', { Items: [{ Sku: 'A', Quantity: 0 }] }],
    ['a time that is none', { ShippedDateUtc: 'yesterday' }],
    ['a status that there is not', { DeliveryStatus: 'Gone' }],
    ['a property that there is not', { Tracking: 'x' }],
    ['a distribution center that there is not', { DistributionCenterID: 99 }],
    ['a number where a text belongs', { TrackingNumber: 12 }],
  ])('refuses %s', async (_what, value) => {
    ca = await openChannelAdvisor({ orders: [TWO_LINES] })
    const { status, body } = await ship(value)
    expect(status).toBe(400)
    expect(body.error.message).not.toBe('')
    expect(packages()).toEqual([[null, 'NoChange', { 11: 2, 12: 1 }]])
  })

  it('needs a value, JSON, and an order that is not cancelled', async () => {
    ca = await openChannelAdvisor({ orders: [TWO_LINES, { order_id: 2, shipping: 'Canceled' }] })
    expect((await ca.post('Orders(1)/Ship', { TrackingNumber: 'x' })).status).toBe(400)
    expect((await ca.call('POST', 'Orders(1)/Ship', '{}', { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await ca.post('Orders(1)/Ship', '{')).status).toBe(400)
    expect((await ship({}, 2)).status).toBe(400)
    expect((await ship({}, 3)).status).toBe(404)
  })

  it('of a mixed order without items, or with the wrong ones, ships what is not the seller’s, and the books tell', async () => {
    ca = await openChannelAdvisor({
      distribution_centers: [{ id: 1 }, { id: 2, type: 'ExternallyManaged' }],
      orders: [1, 2].map((order_id) => ({
        order_id,
        lines: [
          { line_id: 11, dc: 1 },
          { line_id: 12, dc: 2 },
        ],
      })),
    })
    await ship({ TrackingNumber: 'P1', Items: [{ OrderItemID: 11, Quantity: 1 }] })
    expect(ca.books().misdeeds).toEqual([])
    await ship({ TrackingNumber: 'P2', DistributionCenterID: 1, Items: [{ OrderItemID: 12, Quantity: 1 }] })
    expect(ca.books().misdeeds).toHaveLength(1)
    await ship({ TrackingNumber: 'P3' }, 2)
    expect(ca.books().misdeeds).toEqual([
      expect.stringMatching(/order 1: units of item 12 .* externally managed/),
      expect.stringMatching(/order 2: units of item 12 .* externally managed/),
    ])
  })

  it('tells the marketplace, unless it must not, or the marketplace does not take the key', async () => {
    const order = { site_name: 'Amazon Seller Central US' }
    ca = await openChannelAdvisor({ orders: [1, 2, 3].map((order_id) => ({ ...order, order_id })) })
    await ship({ SellerFulfillmentID: 'P-1' }, 1)
    await ship({ SellerFulfillmentID: '4711' }, 2)
    await ship({ PreventMarketplaceCommunication: true }, 3)
    expect([1, 2, 3].map((id) => ca.bookOf(id).fulfillments[0].marketplace)).toEqual(['rejected', 'sent', 'prevented'])
  })

  it('says yes with a body where it is set so', async () => {
    ca = await openChannelAdvisor({ settings: { ship_status: 200 }, orders: [TWO_LINES] })
    expect(await ship({})).toMatchObject({ status: 200, body: { value: true } })
  })

  it('can be another tool’s', async () => {
    ca = await openChannelAdvisor({ orders: [TWO_LINES] })
    ca.act('ship-elsewhere', { order_id: 1, fulfillments: [{ tracking: 'BY-HAND', lines: { 2: 1 } }] })
    expect(ca.bookOf(1).fulfillments.map(({ by, tracking }: Json) => [by, tracking])).toEqual([
      [null, null],
      ['person', 'BY-HAND'],
    ])
    expect(ca.bookOf(1).shipping).toBe('PartiallyShipped')
  })
})

describe('channeladvisor: a fulfillment', () => {
  async function waiting(): Promise<number> {
    ca = await openChannelAdvisor({ orders: [TWO_LINES] })
    return ca.bookOf(1).fulfillments[0].fulfillment_id
  }

  it('that is changed without a word of its delivery is shipped', async () => {
    const id = await waiting()
    const { status } = await ca.call('PATCH', `Fulfillments(${id})`, { TrackingNumber: 'T1' })
    expect(status).toBe(204)
    expect(ca.bookOf(1)).toMatchObject({ shipping: 'Shipped', fulfillments: [{ tracking: 'T1', by: 'PATCH' }] })
  })

  it('stays where it is with NoChange, and can be put right afterwards', async () => {
    const id = await waiting()
    await ca.call('PATCH', `Fulfillments(${id})`, { ...UPS, DeliveryStatus: 'NoChange' })
    expect(ca.bookOf(1)).toMatchObject({ shipping: 'Unshipped', fulfillments: [{ carrier: 'UPS', class: 'Ground' }] })
    await ship({ TrackingNumber: 'WRONG' })
    await ca.call('PUT', `Fulfillments(${id})`, { TrackingNumber: 'RIGHT', DeliveryStatus: 'NoChange' })
    expect(packages()).toEqual([['RIGHT', 'Complete', { 11: 2, 12: 1 }]])
    expect((await ca.get(`Fulfillments(${id})?$expand=Items`)).body).toMatchObject({ TrackingNumber: 'RIGHT', OrderID: 1 })
  })

  it('is found by what the seller calls it', async () => {
    await waiting()
    await ship({ TrackingNumber: 'T1', SellerFulfillmentID: 'P-1' })
    const found = await ca.get(`Fulfillments?$filter=${encodeURIComponent("SellerFulfillmentID eq 'P-1'")}&$expand=Items`)
    expect(found.body.value).toMatchObject([{ OrderID: 1, TrackingNumber: 'T1', Items: [{ Sku: 'A' }, { Sku: 'B' }] }])
  })

  it('refuses what Ship refuses', async () => {
    const id = await waiting()
    const patch = async (body: object, of = id) => (await ca.call('PATCH', `Fulfillments(${of})`, body)).status
    expect(await patch({ ShippingCarrier: 'Pigeon', ShippingClass: 'Ground' })).toBe(400)
    expect(await patch({ Colour: 'red' })).toBe(400)
    expect(await patch({}, 1)).toBe(404)
    ca.act('cancel', { order_id: 1 })
    expect(await patch({ TrackingNumber: 'T1' })).toBe(400)
  })
})
