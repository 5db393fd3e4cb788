import { describe, expect, it } from 'vitest'
import { aFulfillment, anItem, anOrder, type Json, orderOf, readOne } from './channeladvisor-wire.ts'

const poisonOf = async (over: Json) => (await readOne(anOrder(over))).poison[0]?.reason
const skippedOf = async (over: Json) => (await readOne(anOrder(over))).skipped
const units = (orderItemId: number, quantity: number, productId = 9001) => [
  { OrderItemID: orderItemId, ProductID: productId, Quantity: quantity },
]

describe('an order', () => {
  it('is read with everything that a label and the books need', async () => {
    const document = anOrder()
    const order = await orderOf(document)

    expect(order).toEqual({
      channel: 'ca-test',
      externalOrderId: '100',
      soldOn: { site: 'Walmart', orderId: 'W-100' },
      status: 'open',
      fulfilledBy: 'seller',
      createdAt: Date.parse('2026-11-20T10:00:00.123Z'),
      updatedAt: Date.parse('2026-11-20T10:08:00Z'),
      shipBy: Date.parse('2026-11-23T00:00:00Z'),
      deliverBy: Date.parse('2026-11-27T00:00:00Z'),
      buyer: { name: 'Ada Sample', email: 'alias@marketplace.example', phone: '555-0100' },
      shipTo: {
        name: 'Ada Sample',
        address1: '1 Invented Street',
        city: 'Testville',
        state: 'NY',
        postal: '00001',
        country: 'US',
        phone: '555-0100',
      },
      lines: [{ externalLineId: '501', sku: 'SKU-1', name: 'A mug', qty: 2, qtyToShip: 2, price: 1234, tax: 204, discount: 0 }],
      currency: 'USD',
      totals: { items: 2468, shipping: 490, tax: 204, discount: 0, total: 3162 },
      shippingMethodRequested: 'UPS Ground',
      gift: { isGift: false },
      specialInstructions: 'Leave at the door',
      flags: [],
      raw: document,
    })
  })

  it.each<[string, Json, string, readonly string[]]>([
    ['unpaid', { PaymentStatus: 'NotYetSubmitted' }, 'pending', []],
    ['with a payment on its way', { PaymentStatus: 'Submitted' }, 'pending', []],
    ['with a deposit only', { PaymentStatus: 'Deposited' }, 'pending', []],
    ['with a payment that failed', { PaymentStatus: 'Failed' }, 'on_hold', ['incident']],
    ['still in the checkout', { CheckoutStatus: 'Visited' }, 'pending', []],
    ['checked out offline', { CheckoutStatus: 'CompletedOffline' }, 'open', []],
    ['held at the checkout', { CheckoutStatus: 'OnHold' }, 'on_hold', ['incident']],
    ['whose checkout was switched off', { CheckoutStatus: 'Disabled' }, 'on_hold', ['incident']],
    ['that somebody else is shipping', { ShippingStatus: 'PendingShipment' }, 'on_hold', ['incident']],
    ['in a status that nobody knows', { ShippingStatus: 'Teleported' }, 'on_hold', ['incident']],
    ['cancelled', { ShippingStatus: 'Canceled' }, 'cancelled', []],
    ['cancelled before it was paid', { ShippingStatus: 'Canceled', PaymentStatus: 'Failed' }, 'cancelled', []],
    ['shipped', { ShippingStatus: 'Shipped' }, 'shipped', []],
    ['without its personal data', { UserDataPresent: 0, ShippingAddressLine1: null }, 'on_hold', ['incident']],
    [
      'without its personal data, said in a word',
      { UserDataPresent: false, ShippingAddressLine1: null },
      'on_hold',
      ['incident'],
    ],
    ['with its personal data, said in a word', { UserDataPresent: true }, 'open', []],
    ['with its numbers of other places told as numbers', { SiteOrderID: 123456, SellerOrderID: 77 }, 'open', []],
    ['said to be shipped in part, nobody knows which', { ShippingStatus: 'PartiallyShipped' }, 'on_hold', ['incident']],
  ])('%s', async (_, over, status, flags) => {
    const order = await orderOf(anOrder(over))

    expect(order).toMatchObject({ status, flags })
    expect(order.lines.map(({ qtyToShip }) => qtyToShip)).toEqual([status === 'open' ? 2 : 0])
  })

  it('shipped in part has the rest to ship', async () => {
    const gone = aFulfillment({ DeliveryStatus: 'Complete', TrackingNumber: '1Z', Items: units(501, 1) })
    const rest = aFulfillment({ ID: 72, Items: units(501, 1) })
    const order = await orderOf(anOrder({ ShippingStatus: 'PartiallyShipped', Fulfillments: [gone, rest] }))

    expect(order.status).toBe('partially_shipped')
    expect(order.lines[0]).toMatchObject({ qty: 2, qtyToShip: 1, qtyShipped: 1 })
  })

  it.each<[string, Json]>([
    [
      'in an adjustment',
      {
        Items: [
          anItem({ Quantity: 3, Adjustments: [{ Type: 'Cancellation', Quantity: 1, RequestStatus: 'PostProcessingComplete' }] }),
        ],
      },
    ],
    [
      'in a fulfillment',
      {
        Items: [anItem({ Quantity: 3 })],
        Fulfillments: [aFulfillment(), aFulfillment({ ID: 72, DeliveryStatus: 'Canceled', Items: units(501, 1) })],
      },
    ],
    [
      'in both',
      {
        Items: [
          anItem({ Quantity: 3, Adjustments: [{ Type: 'Cancellation', Quantity: 1, RequestStatus: 'PostProcessingComplete' }] }),
        ],
        Fulfillments: [aFulfillment(), aFulfillment({ ID: 72, DeliveryStatus: 'Canceled', Items: units(501, 1) })],
      },
    ],
  ])('with a unit cancelled, told %s, ships the others', async (_, over) => {
    expect((await orderOf(anOrder(over))).lines[0]).toMatchObject({ qty: 2, qtyToShip: 2 })
  })

  it.each([
    ['a cancellation that was refused', { Type: 'Cancellation', Quantity: 2, RequestStatus: 'RejectionCompleted' }],
    ['a cancellation that failed', { Type: 'Cancellation', Quantity: 2, RequestStatus: 'Error' }],
    ['money given back', { Type: 'Refund', Quantity: 2, RequestStatus: 'PostProcessingComplete' }],
  ])('with %s ships everything', async (_, adjustment) => {
    const order = await orderOf(anOrder({ Items: [anItem({ Adjustments: [adjustment] })] }))

    expect(order).toMatchObject({ status: 'open', lines: [{ qty: 2, qtyToShip: 2 }] })
  })

  it('of which every unit is cancelled is cancelled', async () => {
    const order = await orderOf(
      anOrder({ Items: [anItem({ Adjustments: [{ Type: 'Cancellation', Quantity: 2, RequestStatus: null }] })] }),
    )

    expect(order).toMatchObject({ status: 'cancelled', lines: [{ qty: 0, qtyToShip: 0 }] })
  })

  it('that the buyer wants to cancel is held, until that is settled', async () => {
    const disputed = (RequestStatus: string) =>
      orderOf(anOrder({ Items: [anItem({ Adjustments: [{ Type: 'Dispute', Quantity: 1, RequestStatus }] })] }))

    expect(await disputed('SubmittedNotProcessed')).toMatchObject({ status: 'on_hold', flags: ['cancel_requested'] })
    expect(await disputed('RejectionCompleted')).toMatchObject({ status: 'open', flags: [] })
  })

  it('of a bundle ships the bundle, whose parts lie in the fulfillments', async () => {
    const bundle = anItem({ IsBundle: true, Quantity: 1 })
    const parts = [...units(501, 2, 9002), ...units(501, 4, 9003)]
    const waiting = anOrder({ Items: [bundle], Fulfillments: [aFulfillment({ Items: parts })] })
    const halfGone = anOrder({
      Items: [bundle],
      ShippingStatus: 'PartiallyShipped',
      Fulfillments: [
        aFulfillment({ Items: units(501, 2, 9002) }),
        aFulfillment({ ID: 72, DeliveryStatus: 'Complete', Items: units(501, 4, 9003) }),
      ],
    })

    expect((await orderOf(waiting)).lines[0]).toMatchObject({ qty: 1, qtyToShip: 1 })
    expect(await orderOf(halfGone)).toMatchObject({ status: 'on_hold', flags: ['incident'] })
  })

  it.each<[string, string, readonly string[]]>([
    ['collects in a shop', 'Pickup', ['pickup_point', 'no_label']],
    ['has it brought by a courier', 'Courier', ['pickup_point', 'no_label']],
    ['has it sent to a shop', 'ShipToStore', ['pickup_point']],
  ])('whose buyer %s', async (_, Type, flags) => {
    expect(await orderOf(anOrder({ Fulfillments: [aFulfillment({ Type })] }))).toMatchObject({ status: 'open', flags })
  })

  it('of which only a part is collected is held', async () => {
    const order = await orderOf(
      anOrder({
        Fulfillments: [aFulfillment({ Items: units(501, 1) }), aFulfillment({ ID: 72, Type: 'Pickup', Items: units(501, 1) })],
      }),
    )
    expect(order).toMatchObject({ status: 'on_hold', flags: ['incident'] })
  })

  it('as a gift says so, with its message once', async () => {
    const order = await orderOf(
      anOrder({
        Items: [anItem({ GiftMessage: 'Happy day' }), anItem({ ID: 502, GiftMessage: 'Happy day', GiftNotes: 'Blue' })],
      }),
    )
    expect(order.gift).toEqual({ isGift: true, message: 'Happy day' })
  })
})

describe('notes', () => {
  it('of the seller that nobody else may read are for the packer, not for the packing slip', async () => {
    const order = await orderOf(anOrder({ PublicNotes: 'Thank you', PrivateNotes: 'Difficult buyer' }))
    expect(order.notes).toBe('Thank you')
    expect(order.specialInstructions).toBe('Leave at the door\nDifficult buyer')
  })
})

describe("an order that is not the seller's to ship", () => {
  it.each<[string, Json]>([
    ['lies with the marketplace', { DistributionCenterTypeRollup: 'ExternallyManaged' }],
    ['is a third party', { ShippingStatus: 'ThirdPartyManaged' }],
    [
      'is called mixed and lies elsewhere altogether',
      { DistributionCenterTypeRollup: 'Mixed', Fulfillments: [aFulfillment({ DistributionCenterID: 7 })] },
    ],
    [
      'does not say, and lies elsewhere',
      { DistributionCenterTypeRollup: null, Fulfillments: [aFulfillment({ DistributionCenterID: 7 })] },
    ],
  ])('because it %s is left out', async (_, over) => {
    expect(await readOne(anOrder(over))).toMatchObject({ orders: [], poison: [], skipped: 1 })
  })

  it('in part ships the other part only', async () => {
    const order = await orderOf(
      anOrder({
        DistributionCenterTypeRollup: 'Mixed',
        Items: [anItem(), anItem({ ID: 502, Sku: 'FBA-1' }), anItem({ ID: 503, Sku: 'BOTH', Quantity: 5 })],
        Fulfillments: [
          aFulfillment({ Items: [...units(501, 2), ...units(503, 2)] }),
          aFulfillment({ ID: 72, DistributionCenterID: 7, Items: [...units(502, 2), ...units(503, 3)] }),
        ],
      }),
    )
    expect(order.status).toBe('open')
    expect(order.lines.map(({ sku, qty, qtyToShip }) => [sku, qty, qtyToShip])).toEqual([
      ['SKU-1', 2, 2],
      ['BOTH', 2, 2],
    ])
  })

  it('in part is held where nobody can tell which part', async () => {
    const strange = { DistributionCenterTypeRollup: 'Mixed', Fulfillments: [aFulfillment({ DistributionCenterID: 99 })] }
    expect(await orderOf(anOrder(strange))).toMatchObject({ status: 'on_hold', flags: ['incident'] })
    expect(await orderOf(anOrder({ DistributionCenterTypeRollup: 'Mixed', Fulfillments: [] }))).toMatchObject({
      status: 'on_hold',
    })
  })

  it('in part is held where units of a line lie in no fulfillment, but not for those that are cancelled', async () => {
    const half = (line: Json) =>
      anOrder({
        DistributionCenterTypeRollup: 'Mixed',
        Items: [anItem(line), anItem({ ID: 502, Sku: 'FBA-1' })],
        Fulfillments: [
          aFulfillment({ Items: units(501, 1) }),
          aFulfillment({ ID: 72, DistributionCenterID: 7, Items: units(502, 2) }),
        ],
      })
    expect(await orderOf(half({}))).toMatchObject({ status: 'on_hold', flags: ['incident'] })
    const cancelled = { Adjustments: [{ Type: 'Cancellation', Quantity: 1, RequestStatus: 'PostProcessingComplete' }] }
    expect(await orderOf(half(cancelled))).toMatchObject({ status: 'open', lines: [{ qty: 1, qtyToShip: 1 }] })
  })

  it.each(['walmart', ' Walmart ', '576'])('because its site is left out as "%s", whatever else is in it', async (site) => {
    const page = await readOne({ ID: 5, SiteID: 576, SiteName: 'Walmart', nonsense: true }, { excludeSites: [site] })
    expect(page).toMatchObject({ orders: [], poison: [], skipped: 1 })
  })

  it.each([
    ['eBay', 'eBay'],
    ['eBay', 'eBay Fixed Price US'],
    ['ebay', 'eBay Motors'],
    ['Amazon', 'Amazon Seller Central - US'],
    ['Amazon Seller Central', 'Amazon Seller Central - CA'],
  ])('because "%s" in exclude_sites means every site whose name begins so, such as %s', async (entry, SiteName) => {
    expect(await readOne(anOrder({ SiteID: 1, SiteName }), { excludeSites: [entry] })).toMatchObject({ orders: [], skipped: 1 })
  })

  it.each([
    ['Wal', 'Walmart'],
    ['57', 'Walmart'],
    ['Shop', 'Shopify'],
    ['eBay Motors', 'eBay'],
    ['Seller Central', 'Amazon Seller Central - US'],
  ])('but "%s" does not mean %s', async (entry, SiteName) => {
    expect((await readOne(anOrder({ SiteName }), { excludeSites: [entry] })).orders).toHaveLength(1)
  })
})

describe('where an order was sold', () => {
  it.each<[string, Json, object | undefined]>([
    ['is told with its number there', {}, { site: 'Walmart', orderId: 'W-100' }],
    [
      "is told with the second number where the first is the account's own",
      { SiteName: 'eBay Fixed Price US', SiteOrderID: '100', SecondarySiteOrderID: '12-34567-89012' },
      { site: 'eBay Fixed Price US', orderId: '12-34567-89012' },
    ],
    [
      'is told with the second number where there is no first',
      { SiteOrderID: null, SecondarySiteOrderID: '12-34567-89012' },
      { site: 'Walmart', orderId: '12-34567-89012' },
    ],
    ['is told with the first of two', { SecondarySiteOrderID: 'other' }, { site: 'Walmart', orderId: 'W-100' }],
    ['is told by the number of a site without a name', { SiteName: null }, { site: 'site 576', orderId: 'W-100' }],
    ["is not told where nothing but the account's own number stands there", { SiteOrderID: '100' }, undefined],
  ])('%s', async (_, over, soldOn) => {
    expect((await orderOf(anOrder(over))).soldOn).toEqual(soldOn)
  })
})

describe('money', () => {
  it.each<[string, Json, object]>([
    ['with tax on top', {}, { items: 2468, shipping: 490, tax: 204, discount: 0, total: 3162 }],
    ['with tax on top, and a total without it', { TotalPrice: 29.58 }, { tax: 204, total: 3162 }],
    ['with tax inside', { OrderTaxType: 'InclusiveVat', TotalPrice: 29.58 }, { tax: 204, total: 2958 }],
    [
      'with promotions, told as negative amounts',
      { Items: [anItem({ Promotions: [{ Amount: -1.5, ShippingAmount: -4.9 }] })], TotalPrice: 25.22 },
      { discount: 640, total: 2522 },
    ],
    [
      'with a coupon on the whole',
      { PromotionAmount: -5, AdditionalCostOrDiscount: -0.62, TotalPrice: 26 },
      { discount: 562, total: 2600 },
    ],
    [
      'with fees',
      { AdditionalCostOrDiscount: 1, TotalInsurancePrice: 2, TotalGiftOptionPrice: 3, TotalPrice: 37.62 },
      { shipping: 1090, total: 3762 },
    ],
    ['without a total', { TotalPrice: null }, { total: 3162 }],
  ])('%s', async (_, over, totals) => {
    expect((await orderOf(anOrder(over))).totals).toMatchObject(totals)
  })

  it.each([
    ['JPY', 1999, 4000, 1999, 4000],
    ['KWD', 1.234, 2.5, 1234, 2500],
    ['USD', 0.1, 0.3, 10, 30],
  ])('%s is exact to its last digit', async (Currency, UnitPrice, TotalPrice, price, total) => {
    const order = await orderOf(
      anOrder({ Currency, TotalPrice, TotalTaxPrice: 0, TotalShippingPrice: 0, Items: [anItem({ UnitPrice, TaxPrice: 0 })] }),
    )
    expect(order).toMatchObject({ currency: Currency, lines: [{ price }], totals: { total } })
  })
})

describe('an order that cannot be read is poison, by its own id, and says where', () => {
  it.each<[string, Json, RegExp]>([
    ['no currency', { Currency: null }, /^Currency: absent$/],
    ['a currency that is none', { Currency: 'dollar' }, /not an amount of money/],
    ['no items', { Items: [] }, /^Items: empty$/],
    ['an item without a SKU', { Items: [anItem({ Sku: ' ' })] }, /^Items\.0\.Sku: absent$/],
    ['a quantity of a half', { Items: [anItem({ Quantity: 0.5 })] }, /^Items\.0\.Quantity/],
    ['no date', { CreatedDateUtc: 'yesterday' }, /^CreatedDateUtc: not an instant$/],
    ['no street', { ShippingAddressLine1: '' }, /^ShippingAddressLine1: absent, in an order that may ship$/],
    ['no city', { ShippingCity: null }, /^ShippingCity: absent/],
    ['a country of three letters', { ShippingCountry: 'USA' }, /^ShippingCountry: not a two-letter code/],
    ['a status of another kind', { ShippingStatus: 4 }, /^ShippingStatus/],
  ])('%s', async (_, over, reason) => {
    expect(await poisonOf(over)).toMatch(reason)
    expect(await readOne(anOrder(over))).toMatchObject({ poison: [{ channel: 'ca-test', externalOrderId: '100' }], orders: [] })
  })

  it('a shipped order needs no address', async () => {
    expect(await orderOf(anOrder({ ShippingStatus: 'Shipped', ShippingAddressLine1: null }))).toMatchObject({ shipTo: null })
  })

  it('a document without an id keeps one name for ever', async () => {
    const [one, two] = [await readOne({ Currency: 'USD' }), await readOne({ Currency: 'USD' })]
    expect(one?.poison[0]?.externalOrderId).toMatch(/^unreadable-/)
    expect(two?.poison[0]?.externalOrderId).toBe(one?.poison[0]?.externalOrderId)
  })

  it('an id beyond what a number holds is refused, not rounded', async () => {
    expect((await readOne(anOrder({ ID: 2 ** 60 }))).poison[0]?.reason).toMatch(/^ID/)
  })

  it('none of them counts as skipped', async () => {
    expect(await skippedOf({ Currency: null })).toBe(0)
  })
})
