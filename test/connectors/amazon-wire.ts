import { expect } from 'vitest'
import { normalizeOrder } from '../../src/connectors/amazon/orders.ts'
import type { NormalizedOrder } from '../../src/core/model/order.ts'

export const usd = (amount: string) => ({ amount, currencyCode: 'USD' })

/** Every field of the mapping, each with a value of its own. */
export const full = {
  orderId: '111-1111111-1111111',
  orderAliases: [{ aliasId: 'SHOP-77', aliasType: 'SELLER_ORDER_ID' }],
  createdTime: '2026-11-20T09:15:00Z',
  lastUpdatedTime: '2026-11-20T16:30:00.123Z',
  programs: [] as string[],
  salesChannel: { channelName: 'AMAZON', marketplaceId: 'ATVPDKIKX0DER' },
  buyer: { buyerName: 'Ada Buyer', buyerEmail: 'relay@marketplace.example.com', buyerPurchaseOrderNumber: 'PO-9' },
  recipient: {
    deliveryAddress: {
      name: 'Bob Recipient',
      companyName: 'Recipient Ltd',
      addressLine1: '1 First Street',
      addressLine2: 'Floor 2',
      addressLine3: 'Door 3',
      city: 'Springfield',
      districtOrCounty: 'Sangamon',
      stateOrRegion: 'IL',
      municipality: '',
      postalCode: '62701',
      countryCode: 'US',
      phone: '555-0100',
      addressType: 'RESIDENTIAL',
    },
    deliveryPreference: { addressInstruction: 'Ring twice', dropOffLocation: 'Porch' },
  },
  proceeds: {
    grandTotal: usd('41.50'),
    breakdowns: [
      { type: 'ITEM', subtotal: usd('35.00') },
      { type: 'SHIPPING', subtotal: usd('4.99') },
      { type: 'TAX', subtotal: usd('3.51') },
      { type: 'DISCOUNT', subtotal: usd('-2.00') },
    ],
  },
  fulfillment: {
    fulfillmentStatus: 'UNSHIPPED',
    fulfilledBy: 'MERCHANT',
    fulfillmentServiceLevel: 'SECOND_DAY',
    shipByWindow: { earliestDateTime: '2026-11-20T00:00:00Z', latestDateTime: '2026-11-22T07:59:59Z' },
    deliverByWindow: { latestDateTime: '2026-11-25T07:59:59Z' },
    labelPrintingWindow: { earliestDateTime: '2026-11-21T00:00:00Z' },
  },
  orderItems: [
    {
      orderItemId: 'LINE-1',
      quantityOrdered: 3,
      product: { asin: 'B01', title: 'A lamp', sellerSku: 'LAMP', price: { unitPrice: usd('10.00') } },
      proceeds: {
        breakdowns: [
          { type: 'ITEM', subtotal: usd('30.00') },
          { type: 'TAX', subtotal: usd('3.00') },
          { type: 'DISCOUNT', subtotal: usd('-2.00') },
        ],
      },
      fulfillment: {
        quantityFulfilled: 1,
        quantityUnfulfilled: 2,
        packing: { giftOption: { giftMessage: 'Enjoy', giftWrapLevel: 'CLASSIC' } },
      },
    },
    {
      orderItemId: 'LINE-2',
      quantityOrdered: 1,
      product: { asin: 'B02', title: 'A mug', sellerSku: 'MUG', customization: { customizedUrl: 'https://example.com/c.zip' } },
      proceeds: { breakdowns: [{ type: 'ITEM', subtotal: usd('5.00') }] },
      fulfillment: { quantityFulfilled: 0, quantityUnfulfilled: 1 },
    },
  ],
}

export type Wire = typeof full

// biome-ignore lint/suspicious/noExplicitAny: a test bends the wire at will
export type Bent = Record<string, any>

/** A copy of `full` that has been changed. */
export function changed(change: (wire: Bent) => void): Wire {
  const wire = structuredClone(full)
  change(wire)
  return wire
}

export function read(wire: unknown): NormalizedOrder {
  const reading = normalizeOrder('amazon-us', { raw: wire, wire })
  if (reading.kind !== 'order') throw new Error(`no order: ${JSON.stringify(reading)}`)
  return reading.order
}

export function reasonOf(wire: unknown): string {
  const reading = normalizeOrder('amazon-us', { raw: wire, wire })
  if (reading.kind !== 'poison') throw new Error(`no poison: ${reading.kind}`)
  expect(reading.poison.raw).toBe(wire)
  return reading.poison.reason
}
