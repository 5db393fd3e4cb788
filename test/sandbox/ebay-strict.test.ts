import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Client, iso, MINUTE, NOW, ORDERS, openEbay, STOCK } from './ebay-client.ts'

const ID = '11-00001-00001'
const SHIPMENT =
  '<Shipment><ShipmentTrackingDetails><ShippingCarrierUsed>UPS</ShippingCarrierUsed><ShipmentTrackingNumber>1Z1</ShipmentTrackingNumber></ShipmentTrackingDetails>'

/** What eBay is strict about, or slow with, though its documents hardly say so. */
describe('ebay: traps', () => {
  let ebay: Client

  beforeEach(async () => {
    ebay = await openEbay({
      settings: { tracking_lag_ms: 5 * MINUTE },
      orders: [{ order_id: ID, created_at: NOW - MINUTE, lines: [{ price: '20.00', line_item_id: '101' }] }],
      listings: [{ sku: 'A', quantity: 3 }],
    })
  })

  afterEach(() => ebay.sandbox.close())

  const orderNow = async () => (await ebay.orders(`<OrderIDArray><OrderID>${ID}</OrderID></OrderIDArray>`)).OrderArray.Order[0]

  it.each([{ 'accept-language': '*' }, { 'accept-language': 'en' }])('Inventory takes no %j', async (headers) => {
    const access = (await ebay.token()).body.access_token
    const url = `${ebay.sandbox.origins.ebay}${STOCK}/inventory_item`

    const answer = await fetch(url, { headers: { authorization: `Bearer ${access}`, ...headers } })

    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({
      errors: [{ errorId: 25709, message: expect.stringContaining('Accept-Language') }],
    })
    expect((await ebay.rest('GET', `${STOCK}/inventory_item`)).status).toBe(200)
  })

  it('no parcel left before the sale', async () => {
    const early = iso(NOW - 2 * MINUTE)
    const { body } = await ebay.trading(
      'CompleteSale',
      `<OrderID>${ID}</OrderID>${SHIPMENT}<ShippedTime>${early}</ShippedTime></Shipment>`,
    )
    expect(body).toMatchObject({ Ack: 'Failure', Errors: [{ ErrorCode: '37' }] })

    const answer = await ebay.rest('POST', `${ORDERS}/${ID}/shipping_fulfillment`, {
      lineItems: [{ lineItemId: '101', quantity: 1 }],
      shippedDate: early,
    })
    expect([answer.status, answer.body.errors[0].errorId]).toEqual([400, 32500])
  })

  it('what CompleteSale said shows later, where a lag is set', async () => {
    await ebay.trading('CompleteSale', `<OrderID>${ID}</OrderID>${SHIPMENT}</Shipment>`)
    expect((await orderNow()).ShippedTime).toBeUndefined()

    ebay.sandbox.clock.set(NOW + 5 * MINUTE)

    expect((await orderNow()).ShippedTime).toBe(iso(NOW))
  })

  it('money that went back stands beside an order that is still complete', async () => {
    ebay.act('refund', { order_id: ID })

    const { OrderStatus, PaidTime, MonetaryDetails } = await orderNow()

    expect([OrderStatus, PaidTime === undefined]).toEqual(['Completed', false])
    expect(MonetaryDetails.Refunds.Refund.RefundAmount).toBe(MonetaryDetails.Payments.Payment.PaymentAmount)
  })

  it('a bulk read may fail for one SKU, or leave it out', async () => {
    const read = async () => (await ebay.rest('POST', `${STOCK}/bulk_get_inventory_item`, { requests: [{ sku: 'A' }] })).body
    ebay.act('fail-read', { sku: 'A', code: 25001 })
    expect(await read()).toMatchObject({ responses: [{ statusCode: 500, sku: 'A', errors: [{ errorId: 25001 }] }] })
    ebay.act('fail-read', { sku: 'A' })
    expect(await read()).toEqual({ responses: [] })
    expect(await read()).toMatchObject({ responses: [{ statusCode: 200 }] })
  })
})
