import { afterEach, describe, expect, it } from 'vitest'
import { type Client, DAY, iso, type Json, MINUTE, NOW, openEbay } from './ebay-client.ts'

const A = '11-00001-00001'
const B = '11-00001-00002'
const HOUR = 3_600_000

function window(from: number, to?: number, more = ''): string {
  return `<ModTimeFrom>${iso(from)}</ModTimeFrom>${to === undefined ? '' : `<ModTimeTo>${iso(to)}</ModTimeTo>`}${more}`
}

function page(number: number, size: number): string {
  return `<Pagination><EntriesPerPage>${size}</EntriesPerPage><PageNumber>${number}</PageNumber></Pagination>`
}

function byId(...ids: readonly string[]): string {
  return `<OrderIDArray>${ids.map((id) => `<OrderID>${id}</OrderID>`).join('')}</OrderIDArray>`
}

describe('ebay: GetOrders', () => {
  let ebay: Client

  afterEach(() => ebay.sandbox.close())

  async function idsOf(inside: string): Promise<readonly string[]> {
    const { OrderArray } = await ebay.orders(inside)
    return OrderArray === '' ? [] : OrderArray.Order.map((order: Json) => order.OrderID)
  }

  async function only(inside = byId(A), headers = {}): Promise<Json> {
    const { body } = await ebay.trading('GetOrders', inside, headers)
    expect(body.OrderArray.Order).toHaveLength(1)
    return body.OrderArray.Order[0]
  }

  const codeOf = async (inside: string) => (await ebay.orders(inside)).Errors?.[0].ErrorCode ?? 'taken'

  it('tells a paid order in texts: nothing of it was ever a number', async () => {
    const lines = [
      {
        item_id: '256000000001',
        transaction_id: '2900000000001',
        sku: '00123',
        title: "Tom & Jerry's <set>",
        quantity: 2,
        ebay_tax: '2.03',
      },
      { sku: '1E5', price: '10.50', seller_tax: '0.50' },
    ]
    const buyer = { first: 'Siobhán', last: "O'Brien", message: 'Ring "twice"' }
    const ship_to = { postal: '02134', street2: null, phone: null }
    ebay = await openEbay({ orders: [{ order_id: A, created_at: NOW - HOUR, lines, buyer, ship_to, shipping_cost: '5.50' }] })
    const order = await only()
    expect(order).toMatchObject({
      OrderID: A,
      ExtendedOrderID: A,
      OrderStatus: 'Completed',
      CheckoutStatus: { Status: 'Complete', eBayPaymentStatus: 'NoPaymentFailure', PaymentMethod: 'CustomCode' },
      CreatedTime: iso(NOW - HOUR),
      PaidTime: iso(NOW - HOUR + 4000),
      ShippingAddress: { PostalCode: '02134', Street2: '', Phone: 'Invalid Request' },
      Subtotal: '30.50',
      Total: '38.53',
      eBayCollectAndRemitTax: 'true',
      BuyerCheckoutMessage: 'Ring "twice"',
      CancelStatus: 'NotApplicable',
      IsMultiLegShipping: 'false',
    })
    const [first, second] = order.TransactionArray.Transaction
    expect(first).toMatchObject({
      OrderLineItemID: '256000000001-2900000000001',
      QuantityPurchased: '2',
      Item: { SKU: '00123', Title: "Tom & Jerry's <set>", Site: 'US' },
      eBayCollectAndRemitTaxes: { TotalTaxAmount: '2.03' },
      Buyer: { UserFirstName: 'Siobhán', UserLastName: "O'Brien" },
    })
    expect(second).toMatchObject({ Item: { SKU: '1E5' }, TransactionPrice: '10.50', Taxes: { TotalTaxAmount: '0.50' } })
    expect(order.ShippedTime).toBeUndefined()
  })

  it('leaves sales tax out of totals for callers of an old level', async () => {
    ebay = await openEbay({ orders: [{ order_id: A, lines: [{ price: '20.00', ebay_tax: '2.03' }] }] })
    expect((await only()).Total).toBe('22.03')
    expect(await only(byId(A), { 'x-ebay-api-compatibility-level': '967' })).toMatchObject({
      Total: '20.00',
      AmountPaid: '20.00',
    })
  })

  it('writes apostrophes as numeric references', async () => {
    ebay = await openEbay({ orders: [{ order_id: A, lines: [{ title: "O'Brien & Co" }] }] })
    expect((await ebay.trading('GetOrders', byId(A))).text).toContain('<Title>O&#39;Brien &amp; Co</Title>')
  })

  it('puts the SKU of a variation into its own node; a line may have none', async () => {
    const lines = [{ sku: 'TS-BLU-M', title: 'T-Shirt', variation: { Color: 'Blue', Size: 'M' } }, { sku: null }]
    ebay = await openEbay({ orders: [{ order_id: A, lines }] })
    const [shirt, bare] = (await only()).TransactionArray.Transaction
    expect(shirt.Item.SKU).toBeUndefined()
    expect(shirt.Variation).toMatchObject({ SKU: 'TS-BLU-M', VariationTitle: 'T-Shirt[Blue,M]' })
    expect([bare.Item.SKU, bare.Variation]).toEqual([undefined, undefined])
  })

  it('wants ids or a range of time: 30 days of changes, 90 of creation, nothing older than 90', async () => {
    ebay = await openEbay({ orders: [{ order_id: A, created_at: NOW - 40 * DAY }] })
    const created = (from: number, to: number) =>
      `<CreateTimeFrom>${iso(from)}</CreateTimeFrom><CreateTimeTo>${iso(to)}</CreateTimeTo>`
    expect(await codeOf('')).toBe('10009')
    expect(await codeOf(`<ModTimeTo>${iso(NOW)}</ModTimeTo>`)).toBe('10009')
    expect(await codeOf(window(NOW - 30 * DAY, NOW))).toBe('taken')
    expect(await codeOf(window(NOW - 30 * DAY - 1, NOW))).toBe('37')
    expect(await codeOf(window(NOW - 91 * DAY, NOW - 80 * DAY))).toBe('37')
    expect(await codeOf(window(NOW, NOW - 1))).toBe('37')
    expect(await codeOf('<ModTimeFrom>yesterday</ModTimeFrom>')).toBe('37')
    expect(await idsOf(created(NOW - 90 * DAY, NOW))).toEqual([A])
    expect(await codeOf(created(NOW - 91 * DAY, NOW - 80 * DAY))).toBe('37')
    expect(await codeOf('<NumberOfDays>31</NumberOfDays>')).toBe('37')
    expect(await codeOf(window(NOW - DAY, NOW, page(1, 101)))).toBe('37')
    expect(await codeOf(window(NOW - DAY, NOW, '<OrderStatus>Shipped</OrderStatus>'))).toBe('37')
  })

  it('obeys ids before days, days before creation, creation before modification', async () => {
    ebay = await openEbay({
      orders: [
        { order_id: A, created_at: NOW - 40 * DAY, updated_at: NOW - HOUR },
        // Half past midnight, yesterday.
        { order_id: B, created_at: NOW - DAY - 14.5 * HOUR, updated_at: NOW - 2 * HOUR },
        { order_id: '11-00001-00003', created_at: NOW - DAY - 15 * HOUR - MINUTE, updated_at: NOW - 2 * HOUR },
      ],
    })
    const changed = window(NOW - 90 * MINUTE)
    const created = `<CreateTimeFrom>${iso(NOW - 41 * DAY)}</CreateTimeFrom><CreateTimeTo>${iso(NOW - 39 * DAY)}</CreateTimeTo>`
    expect(await idsOf(changed)).toEqual([A])
    expect(await idsOf(`${window(NOW - 3 * HOUR, NOW - 100 * MINUTE)}${created}`)).toEqual([A])
    // One day back is from midnight on: longer than 24 hours.
    expect(await idsOf(`${created}<NumberOfDays>1</NumberOfDays>`)).toEqual([B])
    expect(await idsOf(`${byId(A, 'none')}<NumberOfDays>1</NumberOfDays>`)).toEqual([A])
  })

  it('cuts each page from what there is by then: an order that changes meanwhile leaves a gap', async () => {
    const orders = Array.from({ length: 5 }, (_, i) => ({
      order_id: `11-00001-0000${i + 1}`,
      updated_at: NOW - HOUR + i * MINUTE,
    }))
    ebay = await openEbay({ orders })
    const range = (number: number) => window(NOW - 2 * HOUR, NOW, page(number, 2))
    const first = await ebay.orders(range(1))
    expect(first).toMatchObject({
      HasMoreOrders: 'true',
      PaginationResult: { TotalNumberOfEntries: '5', TotalNumberOfPages: '3' },
      ReturnedOrderCountActual: '2',
    })
    ebay.sandbox.clock.advance(MINUTE)
    ebay.act('touch', { order_id: '11-00001-00001' })
    const second = await ebay.orders(range(2))
    expect(second.PaginationResult.TotalNumberOfEntries, 'the sign of it').toBe('4')
    expect(second.OrderArray.Order.map((order: Json) => order.OrderID)).toEqual(['11-00001-00004', '11-00001-00005'])
    expect(second.HasMoreOrders).toBe('false')
    expect((await ebay.orders(range(9))).OrderArray).toBe('')
    const [newest] = await idsOf(`${window(NOW - 2 * HOUR)}<SortingOrder>Descending</SortingOrder>`)
    expect(newest).toBe('11-00001-00001')
  })

  it('shows a fresh order of two lines with one of them first', async () => {
    ebay = await openEbay()
    ebay.act('add-orders', [{ order_id: A, lines: [{}, {}] }])
    const countNow = async () => (await only()).TransactionArray.Transaction.length
    expect(await countNow()).toBe(1)
    ebay.sandbox.clock.advance(2 * MINUTE)
    expect(await countNow()).toBe(2)
  })

  it('gives an unpaid order another id when it is paid; the old one stays good', async () => {
    ebay = await openEbay({ orders: [{ order_id: A, payment: 'UNPAID', lines: [{ item_id: '256', transaction_id: '29' }] }] })
    expect(await idsOf(byId(A)), 'not its name yet').toEqual([])
    expect(await only(byId('256-29'))).toMatchObject({
      OrderID: '256-29',
      OrderStatus: 'Active',
      CheckoutStatus: { Status: 'Incomplete' },
    })
    expect((await only(byId('256-29'))).PaidTime).toBeUndefined()
    expect(ebay.act('pay', { order_id: A })).toEqual({ order_id: A, id_before: '256-29' })
    for (const id of [A, '256-29']) expect((await only(byId(id))).OrderID).toBe(A)
    expect(await idsOf(window(NOW - MINUTE))).toEqual([A])
  })

  it('combines unpaid orders of one buyer: one takes all lines, the others are inactive', async () => {
    const buyer = { user_id: 'same' }
    ebay = await openEbay({
      orders: [
        { order_id: A, payment: 'UNPAID', buyer, lines: [{ sku: 'ONE' }] },
        { order_id: B, payment: 'UNPAID', buyer, lines: [{ sku: 'TWO' }] },
        { order_id: '11-00001-00003', payment: 'UNPAID' },
      ],
    })
    expect(() => ebay.act('combine', { order_ids: [A, '11-00001-00003'] })).toThrow(/one buyer/)
    const { order_id: id, paid_id: paidId } = ebay.act('combine', { order_ids: [A, B] })
    expect(id).toMatch(/^\d{12}$/)
    expect(() => ebay.act('pay', { order_id: A })).toThrow(/went into/)
    expect(await idsOf(window(NOW - DAY, NOW + 1, '<OrderStatus>Inactive</OrderStatus>'))).toHaveLength(2)
    ebay.act('pay', { order_id: paidId })
    const whole = await only(byId(id))
    expect([whole.OrderID, whole.TransactionArray.Transaction.map((line: Json) => line.Item.SKU)]).toEqual([
      paidId,
      ['ONE', 'TWO'],
    ])
  })

  it.each([
    ['PENDING', 'Active', 'Pending', 'PaymentInProcess', false],
    ['IN_PROCESS', 'InProcess', 'Pending', 'PaymentInProcess', false],
    ['FAILED', 'Active', 'Incomplete', 'BuyerFailedPaymentReportedBySeller', false],
    ['OFFLINE', 'Completed', 'Complete', 'NoPaymentFailure', false],
    ['REVIEW', 'Completed', 'Complete', 'NoPaymentFailure', true],
  ])('a payment that is %s', async (payment, status, checkout, state, hasPaidTime) => {
    ebay = await openEbay({ orders: [{ order_id: A, unpaid_id: '1-1', payment }] })
    const order = await only(byId(A, '1-1'))
    expect(order).toMatchObject({ OrderStatus: status, CheckoutStatus: { Status: checkout, eBayPaymentStatus: state } })
    expect(order.PaidTime !== undefined).toBe(hasPaidTime)
    expect(order.PaymentHoldStatus).toBe(payment === 'REVIEW' ? 'PaymentReview' : 'None')
  })

  it('tells what became of a wish to cancel', async () => {
    ebay = await openEbay({ orders: [{ order_id: A }] })
    const state = async () => {
      const { OrderStatus, CancelStatus } = await only()
      return [OrderStatus, CancelStatus]
    }
    ebay.act('request-cancel', { order_id: A })
    expect(await state()).toEqual(['CancelPending', 'CancelRequested'])
    expect(await idsOf(window(NOW - DAY, NOW + 1, '<OrderStatus>Completed</OrderStatus>'))).toEqual([])
    ebay.act('cancel', { order_id: A, status: 'CancelRejected' })
    expect(await state()).toEqual(['Completed', 'CancelRejected'])
    ebay.act('cancel', { order_id: A, status: 'CancelClosedNoRefund' })
    expect(await state()).toEqual(['Completed', 'CancelClosedNoRefund'])
    ebay.act('cancel', { order_id: A })
    expect(await state()).toEqual(['Cancelled', 'CancelComplete'])
  })

  it('names the hub, and the reference that must be on the label, where the parcel does not go to the buyer', async () => {
    ebay = await openEbay({
      orders: [
        { order_id: A, hub: { program: 'GSP', reference: 'Reference #AB12' }, ship_to: { country: 'DE' } },
        { order_id: B, hub: { program: 'EIS', import_charge: '3.10' }, lines: [{ price: '80.00' }], shipping_cost: '19.00' },
      ],
    })
    const gsp = await only(byId(A))
    expect(gsp).toMatchObject({ IsMultiLegShipping: 'true', ShippingAddress: { Country: 'DE' } })
    expect(gsp.MultiLegShippingDetails.SellerShipmentToLogisticsProvider.ShipToAddress).toMatchObject({
      Country: 'US',
      ReferenceID: 'Reference #AB12',
    })
    const eis = await only(byId(B))
    const { ShipToAddress } = eis.MultiLegShippingDetails.SellerShipmentToLogisticsProvider
    expect([ShipToAddress.ReferenceID, ShipToAddress.Street2]).toEqual([undefined, expect.stringMatching(/^eBay:EX/)])
    expect(eis).toMatchObject({ Total: '102.10', ShippingServiceSelected: { ImportCharge: '3.10' } })
  })

  it('marks what is no parcel, and hides what is not given out', async () => {
    ebay = await openEbay({
      orders: [
        { order_id: A, pickup: 'PickUpDropOff', lines: [{}, { digital: true }] },
        { order_id: B, vault: true, authenticated: true },
        { order_id: '11-00001-00003', created_at: NOW - 15 * DAY },
      ],
    })
    const store = await only(byId(A))
    expect(store.PickupMethodSelected.PickupMethod).toBe('PickUpDropOff')
    expect(store.TransactionArray.Transaction.map((line: Json) => line.LogisticsPlanType)).toEqual([
      'PickUpDropOff',
      'DigitalDelivery',
    ])
    const vault = await only(byId(B))
    expect(new Set(Object.values(vault.ShippingAddress))).toEqual(new Set(['Invalid Request']))
    expect(vault.TransactionArray.Transaction[0].Program).toBeDefined()
    const old = await only(byId('11-00001-00003'))
    expect(old.TransactionArray.Transaction[0].Buyer.Email, 'older than 14 days').toBe('Invalid Request')
  })

  it('sends what is selected, and no more', async () => {
    ebay = await openEbay({ orders: [{ order_id: A, lines: [{ sku: 'MUG' }] }] })
    const select = (...names: readonly string[]) =>
      byId(A) + names.map((name) => `<OutputSelector>${name}</OutputSelector>`).join('')
    const answer = await ebay.orders(select('OrderID', 'HasMoreOrders', 'Transaction.Item.SKU'))
    expect(answer).toMatchObject({ Ack: 'Success', HasMoreOrders: 'false' })
    expect(answer.PaginationResult).toBeUndefined()
    expect(answer.OrderArray.Order).toEqual([{ OrderID: A, TransactionArray: { Transaction: [{ Item: { SKU: 'MUG' } }] } }])
    expect((await ebay.orders(select('OrderArray'))).OrderArray.Order[0].Total).toBe('10.00')
  })

  it('a broken order is an error beside the others, and other sellers see none of it', async () => {
    ebay = await openEbay({ accounts: [{ user: 'other' }], orders: [{ order_id: A, broken: true }, { order_id: B }] })
    const { Ack, OrderArray } = await ebay.orders()
    expect([Ack, OrderArray.Errors.length, OrderArray.Order.length]).toEqual(['Success', 1, 1])
    const other = (await ebay.token({ refresh_token: 'sandbox-refresh-other' })).body.access_token
    const answer = await ebay.trading('GetOrders', byId(A, B), { 'x-ebay-api-iaf-token': other })
    expect(answer.body.OrderArray).toBe('')
    expect(await idsOf(`${window(NOW - DAY)}<OrderRole>Buyer</OrderRole>`)).toEqual([])
  })

  it('a refund may take the time of payment away, as the old documents say', async () => {
    ebay = await openEbay({ orders: [{ order_id: A }, { order_id: B }] })
    ebay.act('refund', { order_id: A })
    expect((await only()).PaidTime).toBeDefined()
    ebay.seed({ settings: { refund_drops_paid_time: true } })
    ebay.act('refund', { order_id: B })
    expect(await only(byId(B))).toMatchObject({ OrderStatus: 'Completed' })
    expect((await only(byId(B))).PaidTime).toBeUndefined()
  })
})
