import { describe, expect, it } from 'vitest'
import { mayShip } from '../../src/core/model/order.ts'
import { changed, full, read, reasonOf, usd } from './amazon-wire.ts'

describe('an Amazon order', () => {
  it('brings every field of the mapping', () => {
    expect(read(full)).toEqual({
      channel: 'amazon-us',
      externalOrderId: '111-1111111-1111111',
      sellerOrderId: 'SHOP-77',
      marketplaceId: 'ATVPDKIKX0DER',
      status: 'open',
      fulfilledBy: 'seller',
      createdAt: Date.parse('2026-11-20T09:15:00Z'),
      updatedAt: Date.parse('2026-11-20T16:30:00.123Z'),
      shipBy: Date.parse('2026-11-22T07:59:59Z'),
      deliverBy: Date.parse('2026-11-25T07:59:59Z'),
      buyer: { name: 'Ada Buyer', email: 'relay@marketplace.example.com', phone: '555-0100' },
      shipTo: {
        name: 'Bob Recipient',
        company: 'Recipient Ltd',
        address1: '1 First Street',
        address2: 'Floor 2, Door 3',
        city: 'Springfield',
        state: 'IL',
        postal: '62701',
        country: 'US',
        phone: '555-0100',
        residential: true,
      },
      lines: [
        {
          externalLineId: 'LINE-1',
          sku: 'LAMP',
          name: 'A lamp',
          qty: 3,
          qtyToShip: 2,
          qtyShipped: 1,
          price: 1000,
          tax: 300,
          discount: 200,
        },
        { externalLineId: 'LINE-2', sku: 'MUG', name: 'A mug', qty: 1, qtyToShip: 1, price: 500, tax: 0, discount: 0 },
      ],
      currency: 'USD',
      totals: { items: 3500, shipping: 499, tax: 351, discount: 200, total: 4150 },
      shippingMethodRequested: 'SECOND_DAY',
      gift: { isGift: true, message: 'Enjoy' },
      notes:
        'Delivery: Ring twice\nDrop-off: Porch\nPurchase order: PO-9\nNo label before: 2026-11-21T00:00:00Z\n' +
        'Customization of MUG: https://example.com/c.zip',
      flags: [],
      raw: full,
    })
  })

  it('falls back to the second choice of the mapping', () => {
    const order = read(
      changed((wire) => {
        wire['buyer'] = {}
        wire['recipient'].deliveryAddress.city = ''
        wire['recipient'].deliveryAddress.municipality = 'Shelbyville'
        wire['recipient'].deliveryAddress.stateOrRegion = null
        wire['recipient'].deliveryAddress.addressLine2 = undefined
      }),
    )

    expect(order.buyer.name).toBe('Bob Recipient')
    expect(order.shipTo).toMatchObject({ city: 'Shelbyville', state: 'Sangamon', address2: 'Door 3' })
  })

  it('may lack everything that the model leaves open', () => {
    const order = read({
      orderId: '111-1111111-1111111',
      createdTime: '2026-11-20T09:15:00',
      lastUpdatedTime: '2026-11-20T09:15:00+01:00',
      salesChannel: { channelName: 'AMAZON' },
      fulfillment: { fulfillmentStatus: 'PENDING', fulfilledBy: 'MERCHANT' },
      orderItems: [{ orderItemId: 'LINE-1', quantityOrdered: 2, product: {} }],
    })

    expect(order).toMatchObject({ status: 'pending', shipTo: null, currency: 'XXX', buyer: {}, gift: { isGift: false } })
    expect(order.totals).toEqual({ items: 0, shipping: 0, tax: 0, discount: 0, total: 0 })
    expect(order.createdAt).toBe(Date.parse('2026-11-20T09:15:00Z'))
    expect(order.updatedAt).toBe(Date.parse('2026-11-20T08:15:00Z'))
    expect(order.lines).toEqual([
      { externalLineId: 'LINE-1', sku: '', name: '', qty: 2, qtyToShip: 2, price: 0, tax: 0, discount: 0 },
    ])
  })

  it.each([
    ['RESIDENTIAL', true, []],
    ['COMMERCIAL', false, []],
    ['PICKUP_POINT', undefined, ['pickup_point']],
    ['SPACE_STATION', undefined, []],
  ])('to an address of type %s is residential: %s', (addressType, residential, flags) => {
    const order = read(changed((wire) => Object.assign(wire['recipient'].deliveryAddress, { addressType })))

    expect(order.shipTo?.residential).toBe(residential)
    expect(order.flags).toEqual(flags)
  })

  it.each([
    ['PENDING_AVAILABILITY', 'pending'],
    ['PENDING', 'pending'],
    ['UNSHIPPED', 'open'],
    ['PARTIALLY_SHIPPED', 'partially_shipped'],
    ['SHIPPED', 'shipped'],
    ['CANCELLED', 'cancelled'],
  ])('that is %s counts as %s', (fulfillmentStatus, status) => {
    const order = read(changed((wire) => Object.assign(wire['fulfillment'], { fulfillmentStatus })))

    expect(order.status).toBe(status)
    expect(mayShip(order)).toBe(status === 'open' || status === 'partially_shipped')
  })

  it.each(['UNFULFILLABLE', 'TELEPORTED'])('in the status %s waits for a person', (fulfillmentStatus) => {
    const order = read(changed((wire) => Object.assign(wire['fulfillment'], { fulfillmentStatus })))

    expect(order).toMatchObject({ status: 'on_hold', flags: ['incident'] })
  })

  it.each([
    ['PRIME', 'prime', true],
    ['PREMIUM', 'premium', true],
    ['AMAZON_BUSINESS', 'business', true],
    ['PREORDER', 'preorder', true],
    ['FBM_SHIP_PLUS', 'no_label', false],
    ['AMAZON_EASY_SHIP', 'no_label', false],
    ['DELIVERY_BY_AMAZON', 'no_label', false],
    ['IN_STORE_PICK_UP', 'no_label', false],
  ])('of the program %s is flagged %s; may ship: %s', (program, flag, ships) => {
    const order = read(changed((wire) => wire['programs'].push(program, 'AMAZON_BAZAAR', 'INVENTED')))

    expect(order.flags).toEqual([flag])
    expect(mayShip(order)).toBe(ships)
  })

  it.each(['REPLACEMENT_ORIGINAL_ID', 'EXCHANGE_ORIGINAL_ID'])('with a %s is a replacement and ships for nothing', (type) => {
    const order = read(
      changed((wire) => {
        wire['associatedOrders'] = [{ orderId: '111-0000000-0000000', associationType: type }]
        wire['proceeds'] = { grandTotal: usd('0.00') }
      }),
    )

    expect(order.flags).toEqual(['replacement'])
    expect(order.totals.total).toBe(0)
    expect(mayShip(order)).toBe(true)
  })
})

describe('money', () => {
  const inCurrency = (currency: string, unit: string, tax: string) =>
    changed((wire) => {
      const money = (amount: string) => ({ amount, currencyCode: currency })
      wire['proceeds'] = undefined
      wire['orderItems'] = [
        {
          ...wire['orderItems'][0],
          product: { sellerSku: 'LAMP', price: { unitPrice: money(unit) } },
          proceeds: { breakdowns: [{ type: 'TAX', subtotal: money(tax) }] },
        },
      ]
    })

  it.each([
    ['JPY', '19940', '1994', 19_940, 1994],
    ['KWD', '1.234', '0.062', 1234, 62],
    ['USD', '19.9', '1', 1990, 100],
  ])('in %s keeps every digit', (currency, unit, tax, price, minorTax) => {
    const order = read(inCurrency(currency, unit, tax))

    expect(order.currency).toBe(currency)
    expect(order.lines[0]).toMatchObject({ price, tax: minorTax })
    expect(order.totals).toEqual({ items: price * 3, shipping: 0, tax: minorTax, discount: 0, total: price * 3 + minorTax })
  })

  it('of one unit is the line shared over its units where Amazon gives no unit price', () => {
    const order = read(changed((wire) => Object.assign(wire['orderItems'][1], { quantityOrdered: 3 })))

    expect(order.lines[1]?.price).toBe(167)
  })

  it('of taxes is summed from their parts where there is no subtotal', () => {
    const order = read(
      changed((wire) => {
        wire['orderItems'][1].proceeds.breakdowns.push({
          type: 'TAX',
          detailedBreakdowns: [
            { subtype: 'ITEM', value: usd('0.40') },
            { subtype: 'SHIPPING', value: usd('0.11') },
          ],
        })
      }),
    )

    expect(order.lines[1]?.tax).toBe(51)
  })

  it('of a discount is positive whatever its sign', () => {
    const order = read(
      changed((wire) => Object.assign(wire['orderItems'][0].proceeds.breakdowns[2].subtotal, { amount: '2.00' })),
    )

    expect(order.lines[0]?.discount).toBe(200)
  })

  it('of an order is the sum of its lines where Amazon breaks nothing down', () => {
    const order = read(changed((wire) => Object.assign(wire['proceeds'], { breakdowns: null })))

    expect(order.totals).toEqual({ items: 3500, shipping: 0, tax: 300, discount: 200, total: 4150 })
  })

  it.each([
    ['twelve', 'USD', 'orderItems.0.product.price.unitPrice: not an amount of USD'],
    ['1.00', 'EUR', 'orderItems.0.product.price.unitPrice: EUR in an order of USD'],
  ])('of %s %s poisons the order', (amount, currencyCode, reason) => {
    expect(
      reasonOf(changed((wire) => Object.assign(wire['orderItems'][0].product.price.unitPrice, { amount, currencyCode }))),
    ).toBe(reason)
  })
})
