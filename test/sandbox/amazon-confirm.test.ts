import { afterEach, describe, expect, it } from 'vitest'
import { ask, type Client, ID, LINES, MINUTE, openAmazon, parcel } from './amazon-client.ts'

let open: Client | undefined

async function start(seed: unknown = {}): Promise<Client> {
  open = await openAmazon(seed)
  return open
}

afterEach(async () => {
  await open?.sandbox.close()
  open = undefined
})

describe('confirmShipment', () => {
  const read = async (client: Client, id = ID) =>
    (await client.get(`/orders/2026-01-01/orders/${id}`, { includedData: 'FULFILLMENT,PACKAGES' })).body.order

  it('answers 204 without a body, ships the units and shows the package', async () => {
    const client = await start({ orders: [{ order_id: ID, items: LINES }] })
    client.sandbox.clock.advance(MINUTE)
    const answer = await client.confirm(ID, parcel())
    expect(answer).toMatchObject({ status: 204, body: undefined })
    expect(answer.headers.get('x-amzn-ratelimit-limit')).toBe('2.0')
    const order = await read(client)
    expect(order).toMatchObject({
      lastUpdatedTime: '2026-11-21T15:01:00.000Z',
      fulfillment: { fulfillmentStatus: 'PARTIALLY_SHIPPED' },
    })
    expect(order.orderItems[0].fulfillment).toMatchObject({ quantityFulfilled: 1, quantityUnfulfilled: 1 })
    expect(order.packages).toMatchObject([
      {
        packageReferenceId: '101',
        carrier: 'UPS',
        shippingService: 'UPS Ground',
        trackingNumber: '1Z0000000000000001',
        packageItems: [{ orderItemId: 'A', quantity: 1 }],
      },
    ])
  })

  it('adds a package for a new reference and edits it for a known one', async () => {
    const client = await start({ orders: [{ order_id: ID, items: LINES }] })
    const { confirm, sandbox } = client
    await confirm(ID, parcel())
    const before = (await read(client)).lastUpdatedTime
    expect((await confirm(ID, parcel())).status).toBe(204)
    expect((await read(client)).lastUpdatedTime).toBe(before)
    const rest = [
      { orderItemId: 'A', quantity: 1 },
      { orderItemId: 'B', quantity: 1 },
    ]
    expect((await confirm(ID, parcel({ packageReferenceId: '102', trackingNumber: 'T2', orderItems: rest }))).status).toBe(204)
    expect((await read(client)).fulfillment.fulfillmentStatus).toBe('SHIPPED')
    expect((await confirm(ID, parcel({ packageReferenceId: '102', trackingNumber: 'T3', orderItems: rest }))).status).toBe(204)
    expect(sandbox.books('amazon')).toMatchObject({
      orders: [
        {
          status: 'SHIPPED',
          items: [
            { order_item_id: 'A', sku: 'SKU-A', quantity: 2, shipped: 2 },
            { order_item_id: 'B', sku: 'SKU-B', quantity: 1, shipped: 1 },
          ],
          packages: [
            { reference_id: '101', tracking: '1Z0000000000000001', carrier: 'UPS', confirm_calls: 2 },
            { reference_id: '102', tracking: 'T3', confirm_calls: 2 },
          ],
        },
      ],
    })
    const twice = await confirm(ID, parcel({ packageReferenceId: '103' }))
    expect(twice.status).toBe(400)
    expect(twice.body.errors[0].message).toMatch(/PackageToUpdateNotFound/)
  })

  it('knows an order that another tool has confirmed', async () => {
    const client = await start({ orders: [{ order_id: ID, items: LINES }] })
    client.sandbox.act('amazon', 'confirm-elsewhere', { order_id: ID, tracking: 'T-ELSE' })
    expect((await client.confirm(ID, parcel())).body.errors[0].message).toMatch(/PackageToUpdateNotFound/)
    const order = await read(client)
    expect(order.packages[0]).toMatchObject({ trackingNumber: 'T-ELSE', packageReferenceId: expect.stringMatching(/\D/) })
    expect(order.fulfillment.fulfillmentStatus).toBe('SHIPPED')
  })

  it.each([
    ['a reference that is a number', { packageReferenceId: 101 }, /invalid type \[packageDetail\.packageReferenceId\]/],
    ['a reference that is no number', { packageReferenceId: 'abc' }, /positive numeric/],
    ['a reference of zero', { packageReferenceId: '0' }, /positive numeric/],
    ['no reference', { packageReferenceId: undefined }, /not valid/],
    ['no carrier', { carrierCode: undefined }, /not valid/],
    ['a carrier in the wrong spelling', { carrierCode: 'Fedex' }, /not valid/],
    ['Other without a carrier name', { carrierCode: 'Other' }, /not valid/],
    ['no tracking number', { trackingNumber: '' }, /not valid/],
    ['a date in the American form', { shipDate: '02/21/2022' }, /not valid/],
    ['a date without a time', { shipDate: '2026-11-21' }, /not valid/],
    ['one object for the list of lines', { orderItems: { orderItemId: 'A', quantity: 1 } }, /OrderItemId is invalid/],
    ['no lines', { orderItems: [] }, /OrderItemId is invalid/],
    ['an unknown line', { orderItems: [{ orderItemId: 'Z', quantity: 1 }] }, /OrderItemId is invalid/],
    ['more than was ordered', { orderItems: [{ orderItemId: 'A', quantity: 3 }] }, /not valid/],
    ['a quantity of zero', { orderItems: [{ orderItemId: 'A', quantity: 0 }] }, /not valid/],
    ['a quantity that is text', { orderItems: [{ orderItemId: 'A', quantity: '1' }] }, /not valid/],
  ])('answers 400 to %s, and nothing changes', async (_what, change, message) => {
    const { confirm, sandbox } = await start({ orders: [{ order_id: ID, items: LINES }] })
    const answer = await confirm(ID, parcel(change))
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: [{ code: 'InvalidInput', message: expect.stringMatching(message) }] },
    })
    expect(sandbox.books('amazon')).toMatchObject({ orders: [{ status: 'UNSHIPPED', packages: [] }] })
  })

  it.each([
    ['fulfilled by Amazon', { fulfilled_by: 'AMAZON' }],
    ['cancelled', { status: 'CANCELLED' }],
    ['pending', { status: 'PENDING' }],
    ['of the programme FBM_SHIP_PLUS', { programs: ['FBM_SHIP_PLUS'] }],
    ['of another marketplace', { marketplace_id: 'A2EUQ1WTGCTBG2' }],
  ])('answers 400 for an order %s', async (_what, change) => {
    const { confirm } = await start({ orders: [{ order_id: ID, items: LINES, ...change }] })
    expect(await confirm(ID, parcel())).toMatchObject({ status: 400, body: { errors: [{ code: 'InvalidInput' }] } })
  })

  it('takes Other with a carrier name and shows that name', async () => {
    const client = await start({ orders: [{ order_id: ID, items: LINES }] })
    expect((await client.confirm(ID, parcel({ carrierCode: 'Other', carrierName: 'Pigeon Post' }))).status).toBe(204)
    expect((await read(client)).packages[0].carrier).toBe('Pigeon Post')
  })

  it('refuses ids without dashes, unknown orders, and bodies that are not JSON', async () => {
    const { confirm, origin, token } = await start()
    expect((await confirm('11122222223333333', parcel())).body.errors[0].message).toBe('OrderItemId is invalid')
    expect((await confirm(ID, parcel())).status).toBe(404)
    const answer = await ask(`${origin}/orders/v0/orders/${ID}/shipmentConfirmation`, {
      method: 'POST',
      headers: { 'x-amz-access-token': token },
      body: 'x=1',
    })
    expect(answer.status).toBe(415)
  })
})
