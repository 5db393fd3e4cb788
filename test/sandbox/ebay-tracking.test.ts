import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Client, DAY, iso, type Json, NOW, ORDERS, openEbay } from './ebay-client.ts'

const A = '11-00001-00001'
const B = '11-00001-00002'
const LINES = [
  { item_id: '256000000001', transaction_id: '1', line_item_id: '101', quantity: 2 },
  { item_id: '256000000002', transaction_id: '2', line_item_id: '102' },
]

function shipment(...numbers: readonly string[]): string {
  const details = numbers.map(
    (number) =>
      `<ShipmentTrackingDetails><ShippingCarrierUsed>UPS</ShippingCarrierUsed><ShipmentTrackingNumber>${number}</ShipmentTrackingNumber></ShipmentTrackingDetails>`,
  )
  return `<Shipment>${details.join('')}</Shipment>`
}

const ORDER = `<OrderID>${A}</OrderID>`
const line = (id: string) => `<OrderLineItemID>${id}</OrderLineItemID>`

describe('ebay: tracking', () => {
  let ebay: Client

  beforeEach(async () => {
    ebay = await openEbay({ orders: [{ order_id: A, lines: LINES }, { order_id: B }] })
  })

  afterEach(() => ebay.sandbox.close())

  const complete = async (inside: string) => (await ebay.trading('CompleteSale', inside)).body
  const trackings = () => ebay.bookOf(A).packages.map((parcel: Json) => parcel.tracking)
  const shippedOf = () => ebay.bookOf(A).lines.map((each: Json) => each.shipped)
  const orderNow = async () => (await ebay.orders(`<OrderIDArray><OrderID>${A}</OrderID></OrderIDArray>`)).OrderArray.Order[0]

  describe('CompleteSale', () => {
    it('ships the whole order with both packages of one call, and says nothing but its Ack', async () => {
      const answer = await complete(`<MessageID>isync-1</MessageID>${ORDER}${shipment('9400111899223197428490', '0042')}`)
      expect(answer).toMatchObject({ Ack: 'Success', CorrelationID: 'isync-1' })
      expect(Object.keys(answer).toSorted()).toEqual(['Ack', 'Build', 'CorrelationID', 'Timestamp', 'Version'])
      const order = await orderNow()
      expect(order.ShippedTime).toBe(iso(NOW))
      const [first] = order.TransactionArray.Transaction
      expect(first.ShippingDetails.ShipmentTrackingDetails.map((each: Json) => each.ShipmentTrackingNumber)).toEqual([
        '9400111899223197428490',
        '0042',
      ])
    })

    it('replaces what was there: a second package sent alone takes the place of the first', async () => {
      await complete(`${ORDER}${shipment('FIRST')}`)
      await complete(`${ORDER}${shipment('SECOND')}`)
      expect(trackings()).toEqual(['SECOND'])
      await complete(`${ORDER}${shipment('SECOND')}`)
      expect(trackings(), 'the same call again changes nothing').toEqual(['SECOND'])
      await complete(`${ORDER}<Shipment/>`)
      expect([trackings(), shippedOf()]).toEqual([[], [0, 0]])
    })

    it('by line it leaves the other lines alone, and the order is shipped with its last line', async () => {
      await complete(`${line('256000000001-1')}${shipment('ONE')}`)
      expect(shippedOf()).toEqual([2, 0])
      const partly = await orderNow()
      expect([partly.ShippedTime, partly.TransactionArray.Transaction[0].ShippedTime]).toEqual([undefined, iso(NOW)])
      await complete(`<ItemID>256000000002</ItemID><TransactionID>2</TransactionID>${shipment('TWO')}`)
      expect([trackings(), shippedOf()]).toEqual([
        ['ONE', 'TWO'],
        [2, 1],
      ])
      await complete(`${line('256000000001-1')}${shipment('OTHER')}`)
      expect(trackings()).toEqual(['TWO', 'OTHER'])
      expect((await orderNow()).ShippedTime).toBe(iso(NOW))
    })

    it('the order wins over the line that is named beside it, and the books know', async () => {
      await complete(`${ORDER}${line('256000000001-1')}${shipment('ALL')}`)
      expect(shippedOf()).toEqual([2, 1])
      expect(ebay.books().misdeeds).toEqual([expect.stringContaining('the order won')])
    })

    it('marks as shipped without a number, and takes it back when told so', async () => {
      await complete(`${ORDER}<Shipped>true</Shipped>`)
      expect([shippedOf(), trackings()]).toEqual([[2, 1], []])
      await complete(`${ORDER}<Shipped>false</Shipped><Paid>true</Paid>`)
      expect(shippedOf()).toEqual([0, 0])
      expect(ebay.books().misdeeds).toEqual([expect.stringContaining('Paid was sent'), expect.stringContaining('taken back')])
    })

    it.each([
      ['a number with a blank', shipment('1Z 999'), '37'],
      ['a number with a hyphen', shipment('1Z-999'), '37'],
      ['a number without a carrier', shipment('1Z').replace(/<ShippingCarrierUsed>.*<\/ShippingCarrierUsed>/, ''), '37'],
      ['a carrier with an ampersand', shipment('1Z').replace('UPS', 'A&amp;B'), '37'],
      ['four days ahead', `<Shipment><ShippedTime>${iso(NOW + 4 * DAY)}</ShippedTime></Shipment>`, '37'],
    ])('refuses %s, and changes nothing', async (_what, inside, code) => {
      expect(await complete(`${ORDER}${inside}`)).toMatchObject({ Ack: 'Failure', Errors: [{ ErrorCode: code }] })
      expect(trackings()).toEqual([])
    })

    it('refuses orders that are none, are cancelled, or are not named so yet', async () => {
      expect((await complete(`<OrderID>11-00001-99999</OrderID>${shipment('X')}`)).Errors[0].ErrorCode).toBe('20500')
      ebay.act('cancel', { order_id: A })
      expect((await complete(`${ORDER}${shipment('X')}`)).Ack).toBe('Failure')
      ebay.act('add-orders', [{ order_id: '11-00001-00009', payment: 'UNPAID' }])
      expect((await complete(`<OrderID>11-00001-00009</OrderID>${shipment('X')}`)).Ack).toBe('Failure')
    })

    it("refuses a number that another buyer's order has", async () => {
      await complete(`<OrderID>${B}</OrderID>${shipment('TAKEN')}`)
      expect((await complete(`${ORDER}${shipment('taken')}`)).Errors[0].ShortMessage).toMatch(/already exists/)
      ebay.act('add-orders', [
        { order_id: '11-00001-00003', buyer: { user_id: 'same' } },
        { order_id: '11-00001-00004', buyer: { user_id: 'same' } },
      ])
      await complete(`<OrderID>11-00001-00003</OrderID>${shipment('SHARED')}`)
      expect((await complete(`<OrderID>11-00001-00004</OrderID>${shipment('SHARED')}`)).Ack, 'one buyer, one parcel').toBe(
        'Success',
      )
    })
  })

  describe('createShippingFulfillment', () => {
    const path = `${ORDERS}/${A}/shipping_fulfillment`
    const parcel = (trackingNumber: string, lineItems?: object) => ({ trackingNumber, shippingCarrierCode: 'USPS', lineItems })

    it('answers with nothing but a Location, which ends in the number with its leading zeros', async () => {
      const answer = await ebay.rest('POST', path, parcel('0012300', [{ lineItemId: '101', quantity: 1 }]))
      expect([answer.status, answer.text]).toEqual([201, ''])
      expect(answer.headers.get('location')).toMatch(new RegExp(`/order/${A}/shipping_fulfillment/0012300$`))
      const { orderFulfillmentStatus, lineItems, fulfillmentHrefs } = (await ebay.rest('GET', `${ORDERS}/${A}`)).body
      expect([orderFulfillmentStatus, lineItems.map((each: Json) => each.lineItemFulfillmentStatus)]).toEqual([
        'IN_PROGRESS',
        ['IN_PROGRESS', 'NOT_STARTED'],
      ])
      expect(fulfillmentHrefs).toEqual([answer.headers.get('location')])
    })

    it('adds: the same call sent twice stands there twice, or is a conflict', async () => {
      await ebay.rest('POST', path, parcel('ONE'))
      await ebay.rest('POST', path, parcel('ONE'))
      const { body } = await ebay.rest('GET', path)
      expect([body.total, body.fulfillments.map((each: Json) => each.shipmentTrackingNumber)]).toEqual([2, ['ONE', 'ONE']])
      ebay.seed({ settings: { repeat_fulfillment: 'conflict' } })
      expect((await ebay.rest('POST', path, parcel('ONE'))).status).toBe(409)
      expect(trackings()).toEqual(['ONE', 'ONE'])
    })

    it('without a number it has a filler for an id, and ships all the same', async () => {
      const answer = await ebay.rest('POST', path, {})
      expect(answer.headers.get('location')).toMatch(/\/999$/)
      expect(shippedOf()).toEqual([2, 1])
    })

    it('without a number a line is shipped in part only, as far as it says', async () => {
      await ebay.rest('POST', path, { lineItems: [{ lineItemId: '101', quantity: 1 }] })
      expect(shippedOf()).toEqual([1, 0])
      await ebay.rest('POST', path, { lineItems: [{ lineItemId: '101', quantity: 1 }] })
      expect(shippedOf()).toEqual([2, 0])
    })

    it.each([
      ['an unknown line', parcel('X', [{ lineItemId: '999' }]), 32200],
      ['a line twice', parcel('X', [{ lineItemId: '101' }, { lineItemId: '101' }]), 32210],
      ['more than was bought', parcel('X', [{ lineItemId: '101', quantity: 3 }]), 32600],
      ['a number without a carrier', { trackingNumber: 'X' }, 32300],
      ['a number with a blank', parcel('1Z 9'), 32300],
      ['no date', { ...parcel('X'), shippedDate: 'today' }, 32500],
      ['a date far ahead', { ...parcel('X'), shippedDate: iso(NOW + 4 * DAY) }, 32500],
    ])('refuses %s, and changes nothing', async (_what, body, errorId) => {
      const answer = await ebay.rest('POST', path, body)
      expect([answer.status, answer.body.errors[0].errorId]).toEqual([400, errorId])
      expect(trackings()).toEqual([])
    })

    it('refuses orders that are none, and several lines of the Global Shipping Program at once', async () => {
      expect((await ebay.rest('POST', `${ORDERS}/none/shipping_fulfillment`, {})).body.errors[0].errorId).toBe(32100)
      ebay.act('add-orders', [{ order_id: '11-00001-00005', hub: { program: 'GSP' }, lines: [{}, {}] }])
      const answer = await ebay.rest('POST', `${ORDERS}/11-00001-00005/shipping_fulfillment`, parcel('X'))
      expect(answer.body.errors[0].errorId).toBe(34300)
    })

    it('and CompleteSale see the same packages', async () => {
      await ebay.rest('POST', path, parcel('ONE', [{ lineItemId: '101', quantity: 2 }]))
      await complete(`${line('256000000002-2')}${shipment('TWO')}`)
      expect((await ebay.rest('GET', path)).body.fulfillments.map((each: Json) => each.fulfillmentId)).toEqual(['ONE', 'TWO'])
      await complete(`${ORDER}${shipment('LAST')}`)
      expect((await ebay.rest('GET', path)).body.total).toBe(1)
    })

    it('the seller may ship by hand as well', async () => {
      ebay.act('ship-elsewhere', { order_id: A, packages: [{ tracking: 'HAND', lines: { '1': 2 } }] })
      expect([trackings(), shippedOf()]).toEqual([['HAND'], [2, 0]])
    })
  })
})
