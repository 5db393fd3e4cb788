import { afterEach, describe, expect, it } from 'vitest'
import { type Client, DAY, iso, type Json, MINUTE, NOW, ORDERS, openEbay } from './ebay-client.ts'

const A = '11-00001-00001'
const B = '11-00001-00002'
const HOUR = 3_600_000

describe('ebay: orders by Sell Fulfillment', () => {
  let ebay: Client

  afterEach(() => ebay.sandbox.close())

  const find = (filter: string, more = '') => ebay.rest('GET', `${ORDERS}?filter=${encodeURIComponent(filter)}${more}`)
  const idsOf = ({ body }: { readonly body: Json }) => body.orders.map((order: Json) => order.orderId)
  const one = async (id = A, query = '?fieldGroups=TAX_BREAKDOWN') => (await ebay.rest('GET', `${ORDERS}/${id}${query}`)).body
  const since = (name: string, from: number, to?: number) => `${name}:[${iso(from)}..${to === undefined ? '' : iso(to)}]`

  it('is the same order under the same id as the Trading API has, with other ids of its lines', async () => {
    const lines = [{ quantity: 2, price: '10.00', ebay_tax: '2.03' }]
    ebay = await openEbay({ orders: [{ order_id: A, lines, shipping_cost: '5.50' }] })
    const [trading] = (await ebay.orders()).OrderArray.Order
    const rest = await one()
    expect([rest.orderId, rest.pricingSummary.total.value]).toEqual([trading.OrderID, trading.Total])
    const [line] = rest.lineItems
    expect([line.lineItemCost.value, line.quantity], 'the whole line').toEqual(['20.00', 2])
    expect(line.legacyItemId).toBe(trading.TransactionArray.Transaction[0].Item.ItemID)
    expect(line.lineItemId).not.toBe(trading.TransactionArray.Transaction[0].OrderLineItemID)
  })

  it('has the tax that eBay keeps in its totals only when asked for the breakdown; what is paid out is after fees', async () => {
    ebay = await openEbay({ orders: [{ order_id: A, lines: [{ price: '20.00', ebay_tax: '2.03' }] }] })
    const bare = await one(A, '')
    expect([bare.pricingSummary.total.value, bare.lineItems[0].total.value]).toEqual(['20.00', '20.00'])
    const full = await one()
    expect([full.pricingSummary.total.value, full.lineItems[0].total.value]).toEqual(['22.03', '22.03'])
    expect(full.paymentSummary.totalDueSeller.value).toBe('19.00')
    expect((await ebay.rest('GET', `${ORDERS}?fieldGroups=ALL`)).body.errors[0].errorId).toBe(32800)
  })

  it('pages by orders, the newest first, and refuses what is too long instead of cutting it', async () => {
    const orders = Array.from({ length: 5 }, (_, i) => ({
      order_id: `11-00001-0000${i + 1}`,
      created_at: NOW - HOUR + i * MINUTE,
    }))
    ebay = await openEbay({ orders })
    const first = await ebay.rest('GET', `${ORDERS}?limit=2`)
    expect(idsOf(first)).toEqual(['11-00001-00005', '11-00001-00004'])
    expect(first.body).toMatchObject({ total: 5, limit: 2, offset: 0 })
    const { pathname, search } = new URL(first.body.next)
    ebay.act('add-orders', [{ order_id: '11-00001-00006' }])
    const second = await ebay.rest('GET', `${pathname}${search}`)
    expect(idsOf(second), 'a new order moves all others').toEqual(['11-00001-00004', '11-00001-00003'])
    expect(second.body.total, 'the sign of it').toBe(6)
    for (const [query, errorId] of [
      ['limit=201', 31100],
      ['limit=0', 31100],
      ['offset=-1', 31000],
    ])
      expect((await ebay.rest('GET', `${ORDERS}?${query}`)).body.errors[0].errorId).toBe(errorId)
  })

  it('filters by one kind of time and two kinds of progress', async () => {
    ebay = await openEbay({
      orders: [
        { order_id: A, created_at: NOW - 100 * DAY, updated_at: NOW - HOUR },
        { order_id: B, created_at: NOW - DAY, packages: [{ tracking: 'X' }] },
      ],
    })
    expect(idsOf(await ebay.rest('GET', ORDERS)), 'without a filter 90 days').toEqual([B])
    expect(idsOf(await find(since('lastmodifieddate', NOW - 2 * HOUR)))).toEqual([A])
    const both = `${since('lastmodifieddate', NOW - 2 * HOUR)},${since('creationdate', NOW - 2 * DAY)}`
    expect(idsOf(await find(both)), 'creation counts').toEqual([B])
    const anyTime = since('creationdate', NOW - 200 * DAY)
    expect(idsOf(await find(`${anyTime},orderfulfillmentstatus:{NOT_STARTED|IN_PROGRESS}`))).toEqual([A])
    expect(idsOf(await find(`${anyTime},orderfulfillmentstatus:{FULFILLED|IN_PROGRESS}`))).toEqual([B])
  })

  it.each([
    ['orderfulfillmentstatus:{NOT_STARTED}', 30800],
    ['orderfulfillmentstatus:{IN_PROGRESS|NOT_STARTED}', 30800],
    ['paymentstatus:{PAID}', 30700],
    ['creationdate:yesterday', 30810],
    ['creationdate:[..2026-11-01T00:00:00.000Z]', 30820],
    ['creationdate:[2026-11-02T00:00:00.000Z..2026-11-01T00:00:00.000Z]', 30840],
    ['creationdate:[2026-11-01T00:00:00.000Z..2026-12-01T00:00:00.000Z]', 30850],
    ['creationdate:[2024-01-01T00:00:00.000Z..]', 30830],
    [encodeURIComponent('creationdate:[2026-11-01T00:00:00.000Z..]'), 30700],
  ])('refuses the filter %s', async (filter, errorId) => {
    ebay = await openEbay()
    const answer = await find(filter)
    expect([answer.status, answer.body.errors[0].errorId]).toEqual([400, errorId])
  })

  it('takes up to fifty ids, whatever else is asked', async () => {
    ebay = await openEbay({ orders: [{ order_id: A, created_at: NOW - 100 * DAY }, { order_id: B }] })
    expect(idsOf(await ebay.rest('GET', `${ORDERS}?orderIds=${A},${B},none&limit=1&filter=nonsense`))).toEqual([A, B])
    const many = Array.from({ length: 51 }, (_, i) => `11-00001-${10_000 + i}`).join()
    expect((await ebay.rest('GET', `${ORDERS}?orderIds=${many}`)).body.errors[0].errorId).toBe(30900)
  })

  it('lists orders that are not paid, so the payment must be looked at', async () => {
    const payments = ['PAID', 'UNPAID', 'PENDING', 'FAILED', 'REVIEW', 'OFFLINE']
    ebay = await openEbay({
      orders: payments.map((payment, i) => ({ order_id: `11-00001-0000${i + 1}`, unpaid_id: `${i}-1`, payment })),
    })
    const { orders } = (await ebay.rest('GET', ORDERS)).body
    const states = orders.map((order: Json) => [order.orderId, order.orderPaymentStatus]).toSorted()
    expect(states).toEqual([
      ['1-1', 'PENDING'],
      ['11-00001-00001', 'PAID'],
      ['11-00001-00005', 'PAID'],
      ['11-00001-00006', 'PENDING'],
      ['2-1', 'PENDING'],
      ['3-1', 'FAILED'],
    ])
    ebay.act('refund', { order_id: '11-00001-00001', part: true })
    expect((await one()).orderPaymentStatus).toBe('PARTIALLY_REFUNDED')
  })

  it('keeps requests to cancel out of lists', async () => {
    ebay = await openEbay({ orders: [{ order_id: A }] })
    ebay.act('request-cancel', { order_id: A })
    const [listed] = (await ebay.rest('GET', ORDERS)).body.orders
    expect(listed.cancelStatus).toEqual({ cancelState: 'IN_PROGRESS', cancelRequests: [] })
    expect((await one()).cancelStatus.cancelRequests).toHaveLength(1)
    ebay.act('cancel', { order_id: A })
    expect((await one()).cancelStatus.cancelState).toBe('CANCELED')
  })

  it('ships to the hub, with the reference of the Global Shipping Program', async () => {
    const hub = { program: 'GSP', reference: 'AB12' }
    ebay = await openEbay({
      orders: [
        { order_id: A, hub, ship_to: { country: 'DE' } },
        { order_id: B, pickup: 'InStorePickup' },
      ],
    })
    const [instruction] = (await one()).fulfillmentStartInstructions
    expect(instruction).toMatchObject({
      ebaySupportedFulfillment: true,
      finalDestinationAddress: { countryCode: 'DE' },
      shippingStep: { shipToReferenceId: 'AB12', shipTo: { contactAddress: { countryCode: 'US' } } },
    })
    expect((await one(B)).fulfillmentStartInstructions[0]).toMatchObject({
      ebaySupportedFulfillment: false,
      fulfillmentInstructionsType: 'PREPARE_FOR_PICKUP',
    })
  })

  it('forgets the e-mail address after 14 days, the person after 90, the order after two years', async () => {
    const ages = [13, 15, 91, 731]
    ebay = await openEbay({
      orders: ages.map((days, i) => ({ order_id: `11-00001-0000${i + 1}`, created_at: NOW - days * DAY })),
    })
    const shipTo = async (n: number) => (await one(`11-00001-0000${n}`)).fulfillmentStartInstructions[0].shippingStep.shipTo
    expect(await shipTo(1)).toMatchObject({
      fullName: expect.anything(),
      email: expect.anything(),
      primaryPhone: expect.anything(),
    })
    const older = await shipTo(2)
    expect([older.fullName !== undefined, older.email]).toEqual([true, undefined])
    const oldest = await shipTo(3)
    expect([oldest.fullName, oldest.contactAddress.addressLine1, oldest.contactAddress.city !== undefined]).toEqual([
      undefined,
      undefined,
      true,
    ])
    const gone = await ebay.rest('GET', `${ORDERS}/11-00001-00004`)
    expect([gone.status, gone.body.errors[0].errorId]).toEqual([404, 32100])
  })

  it('a test may lay its own oddities over the form', async () => {
    ebay = await openEbay({ orders: [{ order_id: A, wire: { buyer: '$absent', lineItems: [{ quantity: 0 }] } }] })
    const order = await one()
    expect([order.buyer, order.lineItems[0].quantity]).toEqual([undefined, 0])
  })
})
