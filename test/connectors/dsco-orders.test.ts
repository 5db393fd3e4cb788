import { describe, expect, it } from 'vitest'
import { exactJsonOf } from '../../src/connectors/http/json.ts'
import { readOrder } from '../../src/connectors/rithum/dsco/orders.ts'
import { mayShip, type NormalizedOrder } from '../../src/core/model/order.ts'
import { openDsco, orderOf } from './dsco-world.ts'

type Json = Record<string, unknown>

const settings = { channel: 'rithum', defaultCurrency: 'USD' }

const aLine = (over: Json = {}): Json => ({
  lineNumber: 1,
  dscoItemId: '55',
  sku: 'MUG',
  quantity: 3,
  title: 'Mug',
  expectedCost: 8.1,
  consumerPrice: 10,
  ...over,
})

const anOrder = (over: Json = {}): Json => ({
  dscoOrderId: '9007199254740993',
  poNumber: 'PO-7',
  consumerOrderNumber: 'C-9',
  orderType: 'Dropship',
  dscoStatus: 'created',
  dscoLifecycle: 'created',
  dscoCreateDate: '2026-11-20T10:00:00.000Z',
  retailerCreateDate: '2026-11-20T11:00:00+02:00',
  dscoLastUpdate: '2026-11-20T12:00:00Z',
  dscoTradingPartnerName: 'Sample Stores',
  currencyCode: 'USD',
  shipping: {
    name: 'Ada Sample',
    address: ['1 Invented Street', 'Floor 3', 'Door 4'],
    city: 'Testville',
    region: 'NY',
    postal: '00001',
    country: 'USA',
    addressType: 'Residential',
  },
  lineItems: [aLine()],
  ...over,
})

/** As it comes over the wire. */
function readingOf(document: unknown, more: object = {}) {
  const raw = exactJsonOf({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(document)) })
  return readOrder(raw, { ...settings, ...more })
}

function read(document: Json, more: object = {}): NormalizedOrder {
  const reading = readingOf(document, more)
  if (!('order' in reading)) throw new Error(JSON.stringify(reading))
  return reading.order
}

function reasonOf(document: unknown, more: object = {}): string {
  const reading = readingOf(document, more)
  if (!('poison' in reading)) throw new Error('not poison')
  return reading.poison.reason
}

const inBox = (quantity: number, over: Json = {}) => ({
  trackingNumber: `1Z${quantity}`,
  items: [{ lineNumber: 1, sku: 'MUG', quantity, ...over }],
})

describe('an order', () => {
  it('has its number digit by digit, its dates, its address on two lines and its retailer', () => {
    expect(
      read(anOrder({ shipByDate: '2026-11-24T00:00:00Z', lineItems: [aLine({ shipByDate: '2026-11-23T00:00:00Z' })] })),
    ).toMatchObject({
      externalOrderId: '9007199254740993',
      status: 'open',
      soldOn: { site: 'Sample Stores', orderId: 'PO-7' },
      createdAt: Date.parse('2026-11-20T09:00:00Z'),
      updatedAt: Date.parse('2026-11-20T12:00:00Z'),
      shipBy: Date.parse('2026-11-23T00:00:00Z'),
      shipTo: {
        name: 'Ada Sample',
        address1: '1 Invented Street',
        address2: 'Floor 3, Door 4',
        state: 'NY',
        country: 'US',
        residential: true,
      },
      notes: 'PO PO-7, customer order C-9',
      flags: [],
    })
  })

  it.each<[string, Json, string | undefined]>([
    ['the partner name', { dscoTradingPartnerName: 'Sample Stores' }, 'Sample Stores'],
    [
      'the channel, where the partner name is our own',
      { dscoTradingPartnerName: 'Our Brand', dscoSupplierName: 'Our Brand', channel: 'samplestores.example' },
      'samplestores.example',
    ],
    ['its id, where nothing else is told', { dscoTradingPartnerName: null, dscoRetailerId: '500' }, 'retailer 500'],
    ['nobody', { dscoTradingPartnerName: null }, undefined],
  ])('was sold by %s', (_, over, site) => {
    expect(read(anOrder(over)).soldOn?.site).toBe(site)
  })

  it('of a whole account, floats, strange attributes and an older address, is read all the same', async () => {
    const world = await openDsco({
      settings: { float_noise: true },
      orders: [
        {
          id: '1',
          ship_to: { style: 'old', name: 'Ada Sample', address: ['1 Old Road', 'Unit 2'], country: 'USA' },
          lines: [{ cost: '10.10', quantity: 2, tax: '0.35' }],
          total: '20.55',
        },
      ],
    })
    expect(await orderOf(world, '1')).toMatchObject({
      shipTo: { name: 'Ada Sample', address1: '1 Old Road', address2: 'Unit 2', country: 'US' },
      lines: [{ price: 1010, tax: 35 }],
      totals: { items: 2020, tax: 35, total: 2055 },
    })
    await world.close()
  })
})

describe('the state', () => {
  const cancelledLine = aLine({ status: 'cancelled', cancelledQuantity: 3 })
  it.each<[string, Json, NormalizedOrder['status'], boolean]>([
    ['created', {}, 'open', true],
    ['acknowledged', { dscoLifecycle: 'acknowledged', dscoStatus: 'shipment_pending' }, 'open', true],
    ['received', { dscoLifecycle: 'received' }, 'pending', false],
    ['of before there were lifecycles', { dscoLifecycle: null, dscoStatus: 'shipment_pending' }, 'open', true],
    ['that nobody knows', { dscoLifecycle: 'teleported' }, 'on_hold', false],
    ['completed with parcels', { dscoLifecycle: 'completed', dscoStatus: 'shipped', packages: [inBox(3)] }, 'shipped', false],
    ['completed without any', { dscoLifecycle: 'completed', dscoStatus: 'shipped' }, 'shipped', false],
    ['cancelled', { dscoLifecycle: 'completed', dscoStatus: 'cancelled', lineItems: [cancelledLine] }, 'cancelled', false],
    ['cancelled, the lifecycle not yet', { dscoStatus: 'cancelled', lineItems: [cancelledLine] }, 'cancelled', false],
    ['shipped in part', { packages: [inBox(1)] }, 'partially_shipped', true],
    ['shipped in full, the lifecycle not yet', { packages: [inBox(1), inBox(2)] }, 'shipped', false],
    ['asked to be cancelled', { cancelRequested: true }, 'on_hold', false],
    ['with a line asked to be cancelled', { lineItems: [aLine({ cancelRequested: true })] }, 'on_hold', false],
    ['asked to be cancelled when all is shipped', { cancelRequested: true, packages: [inBox(3)] }, 'shipped', false],
    ['through a cross dock', { crossDockFlag: true }, 'on_hold', false],
    ["on the retailer's carrier account", { shippingAccountNumber: 'A1' }, 'on_hold', false],
    ['fetched in the store', { deliveryMethod: 'in_store_pickup' }, 'open', false],
    ['with a parcel of something else', { packages: [inBox(1, { lineNumber: 9 })] }, 'on_hold', false],
  ])('%s is %s', (_, over, status, ships) => {
    const order = read(anOrder(over))
    expect([order.status, mayShip(order)]).toEqual([status, ships])
  })

  it.each<[string, Json, readonly string[], string | undefined]>([
    ['a wish to cancel', { cancelRequested: true }, ['cancel_requested'], undefined],
    [
      'a store',
      { shipping: { ...(anOrder()['shipping'] as Json), storeNumber: '0815' } },
      ['pickup_point'],
      'Ship to store 0815',
    ],
    [
      'an access point',
      { shipping: { ...(anOrder()['shipping'] as Json), shipSiteType: 'access-point' } },
      ['pickup_point'],
      undefined,
    ],
    ['a pick-up', { deliveryMethod: 'in_store_pickup' }, ['pickup_point', 'no_label'], undefined],
    [
      'a cross dock',
      { crossDockFlag: true },
      ['incident'],
      "Goes to the retailer's cross dock first: not to the address of the order",
    ],
    ['a signature', { signatureRequiredFlag: true, shipInstructions: 'Ring' }, [], 'Signature required\nRing'],
  ])('shows %s', (_, over, flags, words) => {
    const order = read(anOrder(over))
    expect(order.flags).toEqual(flags)
    expect(order.specialInstructions).toBe(words)
  })

  it("on the retailer's carrier account ships where the operator has said so, and tells whom to bill", () => {
    const raw = anOrder({ shippingAccountNumber: 'A1B2', shipInstructions: 'Ring' })
    const words = "Bill the label to the retailer's carrier account A1B2\nRing"

    expect(read(raw, { thirdPartyBilling: 'mark' })).toMatchObject({ status: 'open', flags: [], specialInstructions: words })
    expect(read(raw)).toMatchObject({ status: 'on_hold', flags: ['incident'], specialInstructions: words })
    expect(read({ ...raw, crossDockFlag: true }, { thirdPartyBilling: 'mark' }).status).toBe('on_hold')
  })

  it('of a test is no order', () => {
    expect(readingOf(anOrder({ testFlag: true }))).toEqual({ skipped: true })
  })
})

describe('units', () => {
  it.each<[string, Json, Json[], number, number, number]>([
    ['untouched', {}, [], 3, 3, 0],
    ['cancelled in part', { cancelledQuantity: 1 }, [], 2, 2, 0],
    ['rejected in part', { rejectedQuantity: 2 }, [], 1, 1, 0],
    ['cancelled by status alone', { status: 'cancelled' }, [], 0, 0, 0],
    ['rejected but for one', { status: 'rejected', acceptedQuantity: 1 }, [], 1, 1, 0],
    ['accepted by status', { status: 'accepted' }, [], 3, 3, 0],
    ['shipped in part', { cancelledQuantity: 1 }, [inBox(1)], 2, 1, 1],
    ['shipped, named by item id', {}, [inBox(2, { lineNumber: null, sku: null, dscoItemId: '55' })], 3, 1, 2],
    ['shipped more often than ordered', {}, [inBox(3), inBox(3)], 3, 0, 3],
    ['counted lower by the platform', { remainingQuantity: 1, shippedQuantity: 2 }, [], 3, 1, 0],
    ['not counted by the platform', { remainingQuantity: 0, shippedQuantity: 0 }, [], 3, 3, 0],
  ])('of a line %s', (_, line, packages, qty, left, shipped) => {
    const order = read(anOrder({ lineItems: [aLine(line), aLine({ lineNumber: 2, sku: 'HAT', dscoItemId: '56' })], packages }))
    expect(order.lines[0]).toMatchObject({ qty, qtyToShip: left })
    expect(order.lines[0]?.qtyShipped ?? 0).toBe(shipped)
  })

  it('spread over parcels that nobody can count are held, and the rest of the order ships', () => {
    const packages = [inBox(1, { packageSpanFlag: true }), inBox(1, { packageSpanFlag: true })]
    const order = read(anOrder({ lineItems: [aLine(), aLine({ lineNumber: 2, sku: 'HAT', dscoItemId: '56' })], packages }))

    expect(order.lines.map(({ qtyToShip }) => qtyToShip)).toEqual([0, 3])
    expect(order).toMatchObject({ status: 'partially_shipped', flags: ['incident'] })
    expect(read(anOrder({ packages }))).toMatchObject({ status: 'on_hold', flags: ['incident'] })
  })

  it('of one article over two parcels are shipped when there is no other', () => {
    const packages = [inBox(1, { packageSpanFlag: true }), inBox(1, { packageSpanFlag: true })]
    expect(read(anOrder({ lineItems: [aLine({ quantity: 1 })], packages })).status).toBe('shipped')
  })

  it('of one article on two lines fill one line after the other where the parcel names no line', () => {
    const order = read(
      anOrder({
        lineItems: [aLine({ quantity: 2 }), aLine({ lineNumber: 2, quantity: 2 })],
        packages: [inBox(3, { lineNumber: null })],
      }),
    )
    expect(order.lines.map(({ qtyToShip }) => qtyToShip)).toEqual([0, 1])
  })

  it('of a line belong to an id that stays: its number, else its article, counted where it stands twice', () => {
    const ids = (...lines: Json[]) => read(anOrder({ lineItems: lines })).lines.map(({ externalLineId }) => externalLineId)
    expect(ids(aLine({ lineNumber: 7 }), aLine({ lineNumber: 3 }))).toEqual(['7', '3'])
    expect(ids(aLine({ lineNumber: null }), aLine({ lineNumber: 2 }), aLine({ lineNumber: null, dscoItemId: null }))).toEqual([
      'item-55',
      'item-55-2',
      'item-MUG',
    ])
    expect(ids(aLine(), aLine())).toEqual(['item-55', 'item-55-2'])
  })
})

describe('money', () => {
  it.each<[string, Json, Json, number]>([
    ['what the retailer pays, of a drop-ship order', {}, {}, 810],
    ['what the shopper paid, of a marketplace order', { orderType: 'Marketplace' }, {}, 1000],
    ['the retail price, where there is no other', { orderType: 'Marketplace' }, { consumerPrice: null, retailPrice: 12.5 }, 1250],
    ['without the noise of floats', {}, { expectedCost: 19.989999771118164 }, 1999],
    ['of a currency without cents', { currencyCode: 'JPY' }, { expectedCost: 1250 }, 1250],
    ['in the default currency where none is told', { currencyCode: null }, {}, 810],
  ])('is %s', (_, order, line, price) => {
    expect(read(anOrder({ ...order, lineItems: [aLine(line)] })).lines[0]?.price).toBe(price)
  })

  it('written with an exponent is read exactly', () => {
    const text = JSON.stringify(anOrder({ lineItems: [aLine({ expectedCost: 'X' })] })).replace('"X"', '1.2345678E7')
    const raw = exactJsonOf({ status: 200, headers: {}, body: Buffer.from(text) })
    expect(readOrder(raw, settings)).toMatchObject({ order: { lines: [{ price: 1_234_567_800 }] } })
  })

  it('adds up, with the total that Dsco tells', () => {
    const told = { shippingSurcharge: 4.9, amountOfSalesTaxCollected: 1.2, orderTotalAmount: 30.4 }
    expect(read(anOrder(told)).totals).toEqual({ items: 2430, shipping: 490, tax: 120, discount: 0, total: 3040 })
    expect(read(anOrder({ taxes: [{ amount: 0.1 }, { amount: 0.2 }] })).totals).toMatchObject({ tax: 30, total: 2460 })
  })
})

describe('an address', () => {
  const shipping = anOrder()['shipping'] as Json
  const countryOf = (country: unknown, more = {}) => read(anOrder({ shipping: { ...shipping, country } }), more).shipTo?.country

  it.each([
    ['US', 'US'],
    ['usa', 'US'],
    ['United States', 'US'],
    ['Canada', 'CA'],
    ['UK', 'GB'],
  ])('in %s is in %s', (told, country) => {
    expect(countryOf(told)).toBe(country)
  })

  it('without a country is in the configured one, and never in a guessed one', () => {
    expect(countryOf(null, { defaultCountry: 'CA' })).toBe('CA')
    expect(reasonOf(anOrder({ shipping: { ...shipping, country: null } }))).toBe(
      'shipping.country: absent, and default_country is not set',
    )
    expect(reasonOf(anOrder({ shipping: { ...shipping, country: 'Atlantis' } }))).not.toContain('Atlantis')
  })

  it('that is of no use holds up no order that ships nothing', () => {
    expect(read(anOrder({ shipping: { city: null }, cancelRequested: true })).shipTo).toBeNull()
  })

  it('takes whom it can name', () => {
    const nameFrom = (over: Json) => read(anOrder({ shipping: { ...shipping, name: null, ...over } })).shipTo?.name
    expect(nameFrom({ firstName: 'Ada', lastName: 'Sample' })).toBe('Ada Sample')
    expect(nameFrom({ attention: 'Receiving' })).toBe('Receiving')
    expect(nameFrom({ company: 'Sample Works' })).toBe('Sample Works')
  })
})

describe('gifts and words', () => {
  it('reach the packer', () => {
    const order = read(
      anOrder({
        giftFlag: true,
        giftToName: 'Bo',
        giftFromName: 'Ada',
        giftMessage: 'Happy day',
        lineItems: [aLine({ giftMessage: 'Happy day', personalization: 'ADA' })],
      }),
    )
    expect(order.gift).toEqual({ isGift: true, message: 'To: Bo\nFrom: Ada\nHappy day' })
    expect(order.specialInstructions).toBe('MUG: ADA')
  })
})

describe('an order that makes no sense', () => {
  it.each<[string, unknown, string, string]>([
    ['has no lines', anOrder({ lineItems: [] }), '9007199254740993', 'lineItems: empty'],
    [
      'has half a unit',
      anOrder({ lineItems: [aLine({ quantity: 1.5 })] }),
      '9007199254740993',
      'lineItems.0.quantity: invalid_format',
    ],
    ['has no id', { ...anOrder(), dscoOrderId: null }, 'unreadable', 'dscoOrderId: invalid_type'],
    [
      'has a line of nothing',
      anOrder({ lineItems: [{ quantity: 1, lineNumber: 1 }] }),
      '9007199254740993',
      'lineItems.0: no sku, upc, ean, partnerSku or dscoItemId',
    ],
    [
      'has no date',
      anOrder({ retailerCreateDate: 'soon', dscoCreateDate: null }),
      '9007199254740993',
      'retailerCreateDate: neither it nor dscoCreateDate is an instant',
    ],
    [
      'has a price in words',
      anOrder({ lineItems: [aLine({ expectedCost: 'cheap' })] }),
      '9007199254740993',
      "lineItems.0.price: not an amount of 'USD'",
    ],
  ])('because it %s is kept with the reason, and no value of it', (_, document, id, reason) => {
    const reading = readingOf(document)
    expect(reading).toMatchObject({ poison: { reason } })
    expect('poison' in reading && reading.poison.externalOrderId).toContain(id)
  })
})
