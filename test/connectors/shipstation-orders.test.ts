import { describe, expect, it } from 'vitest'
import { toFoundOrder, toWire } from '../../src/connectors/shipstation/orders.ts'
import type { WireOrder } from '../../src/connectors/shipstation/wire.ts'
import type { NormalizedOrder } from '../../src/core/model/order.ts'
import type { PushOrder } from '../../src/core/ports/shipping.ts'
import { aLine, anOrder, aPush } from './shipstation-world.ts'

function wired(order: Partial<NormalizedOrder> = {}, push: Partial<PushOrder> = {}): WireOrder {
  const draft = toWire(aPush(order, push), { 'amazon-us': 7 })
  if (!draft.ok) throw draft.error
  return draft.wire
}

function refusal(order: Partial<NormalizedOrder>, push: Partial<PushOrder> = {}): string {
  const draft = toWire(aPush(order, push), {})
  if (draft.ok) throw new Error('was not refused')
  expect(draft.error.kind).toBe('permanent')
  return draft.error.message
}

const shipTo = anOrder().shipTo!
/** What ShipStation shows as the order's total, in cents. */
const totalOf = ({ items, taxAmount, shippingAmount }: WireOrder): number => {
  let cents = Math.round(taxAmount * 100) + Math.round(shippingAmount * 100)
  for (const item of items) cents += Math.round(item.unitPrice * 100) * item.quantity
  return cents
}

describe('an order for ShipStation', () => {
  it('carries every field', () => {
    const order: Partial<NormalizedOrder> = {
      createdAt: Date.UTC(2026, 6, 1, 15, 30),
      shipBy: Date.UTC(2026, 6, 3, 7),
      buyer: { name: 'Ann Sample', email: 'ann@example.com', phone: '+1 555 0100' },
      shipTo: { ...shipTo, company: 'Sample Ltd', address2: 'Apt 4', phone: '555 0101', residential: true },
      shippingMethodRequested: 'Expedited',
      gift: { isGift: true, message: 'Happy birthday' },
      notes: 'leave at the door',
      specialInstructions: 'no plastic',
      currency: 'EUR',
      flags: ['prime', 'pickup_point'],
    }
    expect(JSON.parse(JSON.stringify(wired(order, { shipStationOrderId: 900 })))).toEqual({
      orderId: 900,
      orderNumber: '111-0000001-0000001',
      orderKey: 'isync:amazon-us:111-0000001-0000001',
      orderDate: '2026-07-01 08:30:00',
      shipByDate: '2026-07-03 00:00:00',
      orderStatus: 'awaiting_shipment',
      customerUsername: 'ann@example.com',
      customerEmail: 'ann@example.com',
      billTo: { name: 'Ann Sample', phone: '+1 555 0100' },
      shipTo: {
        name: 'Bob Sample',
        company: 'Sample Ltd',
        street1: '1 Main St',
        street2: 'Apt 4',
        city: 'Austin',
        state: 'TX',
        postalCode: '78701',
        country: 'US',
        phone: '555 0101',
        residential: true,
      },
      items: [{ lineItemKey: 'L1', sku: 'MUG-BLUE', name: 'Blue mug', quantity: 2, unitPrice: 12.5, taxAmount: 2 }],
      amountPaid: 31.99,
      taxAmount: 2,
      shippingAmount: 4.99,
      customerNotes: 'leave at the door',
      internalNotes: 'no plastic',
      gift: true,
      giftMessage: 'Happy birthday',
      requestedShippingService: 'Expedited',
      advancedOptions: {
        storeId: 101,
        source: 'amazon-us',
        customField1: '111-0000001-0000001',
        customField2: 'EUR',
        customField3: 'prime pickup_point',
      },
      tagIds: [7],
    })
  })

  it('leaves out what is not known, and the currency when it is USD', () => {
    const sent = JSON.parse(JSON.stringify(wired({ channel: 'mirakl-x', buyer: {} })))
    for (const name of ['orderId', 'shipByDate', 'customerEmail', 'customerNotes', 'giftMessage', 'tagIds', 'carrierCode']) {
      expect(sent).not.toHaveProperty(name)
    }
    expect(sent.billTo).toEqual({ name: 'Bob Sample' })
    expect(sent.advancedOptions).toEqual({ storeId: 101, source: 'mirakl-x', customField1: '111-0000001-0000001' })
  })

  it('holds only what may ship now, with its share of the sums', () => {
    const lines = [
      aLine({ qty: 3, qtyToShip: 1, price: 1000, tax: 300, discount: 90 }),
      aLine({ externalLineId: 'L2', qty: 1, qtyToShip: 0, price: 500, tax: 50, discount: 0 }),
    ]
    const totals = { items: 3500, shipping: 400, tax: 390, discount: 90, total: 4200 }
    const sent = wired({ lines, totals })
    expect(sent.items.map(({ lineItemKey, quantity }) => [lineItemKey, quantity])).toEqual([
      ['L1', 1],
      ['isync:discount', 1],
    ])
    expect(sent).toMatchObject({ taxAmount: 1.4, shippingAmount: 4, amountPaid: 15.1 })
    expect(totalOf(sent)).toBe(1510)
  })

  it('names the line by its SKU when it has no name, and itself by the company when it has no recipient', () => {
    const sent = wired({ lines: [aLine({ name: ' ' })], shipTo: { ...shipTo, name: '', company: 'Sample Ltd' } })
    expect(sent.items[0]?.name).toBe('MUG-BLUE')
    expect(sent.shipTo.name).toBe('Sample Ltd')
  })

  it('is cancelled whole, even when the marketplace shows neither address nor open lines any more', () => {
    const sent = wired({ status: 'cancelled', shipTo: null, buyer: {}, lines: [aLine({ qtyToShip: 0 })] }, { action: 'cancel' })
    expect(sent).toMatchObject({ orderStatus: 'cancelled', shipTo: { name: 'Cancelled order' }, items: [{ quantity: 2 }] })
  })
})

describe('the total that ShipStation computes is what the buyer paid', () => {
  const line = aLine({ tax: 200, discount: 300 })
  it.each([
    ['tax on top, discount taken off', { items: 2500, shipping: 499, tax: 200, discount: 300, total: 2899 }, 2],
    ['tax in the prices, discount taken off', { items: 2500, shipping: 499, tax: 200, discount: 300, total: 2699 }, 0],
    ['tax on top, prices net of the discount', { items: 2500, shipping: 499, tax: 200, discount: 300, total: 3199 }, 2],
    ['tax in the prices, prices net of the discount', { items: 2500, shipping: 499, tax: 200, discount: 300, total: 2999 }, 0],
  ])('%s', (_mode, totals, taxAmount) => {
    const sent = wired({ lines: [line], totals })
    expect(totalOf(sent)).toBe(totals.total)
    expect(sent.taxAmount).toBe(taxAmount)
    expect(sent.amountPaid).toBe(totals.total / 100)
  })

  it('and no discount line is made where the sums do not add up', () => {
    const sent = wired({ lines: [line], totals: { items: 2500, shipping: 499, tax: 200, discount: 300, total: 1 } })
    expect(sent.items).toHaveLength(1)
    expect(sent).toMatchObject({ taxAmount: 2, amountPaid: 0.01 })
  })

  it.each([
    ['JPY', 19940, 19940],
    ['KWD', 12345, 12.35],
    ['USD', 1, 0.01],
    ['USD', 999_999_999_99, 999_999_999.99],
  ])('%s %i minor units are sent as %f', (currency, price, unitPrice) => {
    const totals = { items: price, shipping: 0, tax: 0, discount: 0, total: price }
    const sent = wired({ currency, lines: [aLine({ qty: 1, qtyToShip: 1, price, tax: 0 })], totals })
    expect(sent.items[0]?.unitPrice).toBe(unitPrice)
    expect(sent.amountPaid).toBe(unitPrice)
  })
})

describe('texts that are too long', () => {
  it('are cut, never through the middle of a character', () => {
    const sent = wired({
      notes: `${'n'.repeat(999)}😀`,
      gift: { isGift: true, message: 'g'.repeat(1001) },
      lines: [aLine({ name: `${'x'.repeat(198)}😀😀` })],
      shipTo: { ...shipTo, name: 'b'.repeat(120), address1: 's'.repeat(201) },
    })
    expect(sent.customerNotes).toBe('n'.repeat(999))
    expect(sent.giftMessage).toHaveLength(1000)
    expect(sent.items[0]?.name).toBe(`${'x'.repeat(198)}😀`)
    expect(sent.shipTo.name).toHaveLength(100)
    expect(sent.shipTo.street1).toHaveLength(200)
  })

  it('lose the half of a character that came alone', () => {
    expect(wired({ notes: 'a\uD83Db' }).customerNotes).toBe('a\uFFFDb')
  })
})

describe('an order is refused before the call', () => {
  it.each([
    ['its number has more than 50 characters', { externalOrderId: 'x'.repeat(51) }, {}, 'orderNumber is longer than 50'],
    ['its number is empty', { externalOrderId: ' ' }, {}, 'orderNumber is empty'],
    [
      'its key has more than 50 characters',
      {},
      { orderKey: `isync:amazon-us:${'x'.repeat(40)}` },
      'orderKey must have 1 to 50 characters, has 56',
    ],
    ['its channel has no store', {}, { storeId: 0 }, 'no ShipStation store'],
    ['a SKU has more than 100 characters', { lines: [aLine({ sku: 's'.repeat(101) })] }, {}, 'items.0.sku is longer than 100'],
    ['a quantity is beyond 99999', { lines: [aLine({ qty: 1e5, qtyToShip: 1e5 })] }, {}, 'items.0.quantity'],
    ['a quantity is not whole', { lines: [aLine({ qtyToShip: 1.5 })] }, {}, 'items.0.quantity'],
    ['nothing is left to ship', { lines: [aLine({ qtyToShip: 0 })] }, {}, 'nothing left to ship'],
    ['it has no address', { shipTo: null }, {}, 'shipTo is missing'],
    ['nobody receives it', { shipTo: { ...shipTo, name: ' ' } }, {}, 'shipTo.name is empty'],
    ['its country is not a code', { shipTo: { ...shipTo, country: 'USA' } }, {}, 'shipTo.country'],
  ])('when %s', (_why, order, push, reason) => {
    expect(refusal(order, push)).toContain(reason)
  })
})

describe('an order found at ShipStation', () => {
  it('is known by its ids, key, number, store and custom field', () => {
    const advancedOptions = { storeId: 101, customField1: 'A', parentId: 5, mergedIds: [6, 7] }
    const row = { orderId: 9, orderKey: 'k', orderNumber: 'A', orderStatus: 'shipped', advancedOptions }
    expect(toFoundOrder(row)).toEqual({
      shipStationOrderId: 9,
      orderKey: 'k',
      orderNumber: 'A',
      orderStatus: 'shipped',
      storeId: 101,
      customField1: 'A',
      parentId: 5,
      mergedIds: [6, 7],
    })
  })

  it('may have nulls wherever the vendor likes them', () => {
    const row = { orderId: 9, orderKey: null, orderNumber: null, orderStatus: null, advancedOptions: null }
    expect(toFoundOrder(row)).toEqual({ shipStationOrderId: 9, orderKey: '', orderNumber: '', orderStatus: '', mergedIds: [] })
  })
})
