import { describe, expect, test } from 'vitest'
import { isShippedByOthers } from '../../src/connectors/mirakl/orders.ts'
import { mayShip } from '../../src/core/model/order.ts'
import { address, aLine, anOrder, inState, read, wireOf } from './mirakl-wire.ts'

describe('the mapping table of a Mirakl order', () => {
  test('every field of a shippable order lands where it belongs', () => {
    const raw = anOrder()
    expect(read(raw)).toEqual({
      channel: 'mirakl-test',
      externalOrderId: 'B-1-A',
      sellerOrderId: 'SELLER-7',
      status: 'open',
      fulfilledBy: 'seller',
      createdAt: Date.UTC(2026, 10, 1, 10),
      updatedAt: Date.UTC(2026, 10, 1, 10, 5, 0, 123),
      shipBy: Date.UTC(2026, 10, 3, 23, 59, 59, 999),
      deliverBy: Date.UTC(2026, 10, 7),
      buyer: { name: 'Ada Buyer', email: 'alias@notification.example.com', phone: '555-0100' },
      shipTo: {
        name: 'Ada Sample',
        company: 'Sample Works, Dock 2',
        address1: '1 Invented Street',
        address2: 'Floor 3',
        city: 'Testville',
        state: 'NY',
        postal: '00001',
        country: 'US',
        phone: '555-0100',
      },
      lines: [
        {
          externalLineId: 'B-1-A-1',
          sku: 'SKU-1',
          name: "Tom & Co's mug",
          qty: 2,
          qtyToShip: 2,
          qtyShipped: 0,
          price: 1234,
          tax: 130,
          discount: 0,
        },
      ],
      currency: 'USD',
      totals: { items: 2468, shipping: 490, tax: 160, discount: 0, total: 3118 },
      shippingMethodRequested: 'STD',
      gift: { isGift: false },
      notes: 'Ring twice & wait\ngift-text: Happy day\ntags: a, b',
      flags: [],
      raw,
    })
  })

  test('null and absent mean the same', () => {
    const bare = anOrder({
      customer_notification_email: '',
      references: null,
      fulfillment: null,
      delivery_date: null,
      shipping_deadline: null,
      order_additional_fields: null,
      can_shop_ship: null,
      customer: {
        firstname: null,
        lastname: 'Buyer',
        shipping_address: { ...address, company: null, company_2: null, state: null, additional_info: null },
      },
    })
    const order = read(bare)
    expect(order.status).toBe('open')
    expect(order.buyer).toEqual({ name: 'Buyer', phone: '555-0100' })
    for (const key of ['sellerOrderId', 'shipBy', 'deliverBy', 'notes']) expect(order).not.toHaveProperty(key)
    expect(order.shipTo).not.toHaveProperty('company')
    const { references: _r, fulfillment: _f, can_shop_ship: _c, ...absent } = bare
    expect({ ...read(absent), raw: 0 }).toEqual({ ...order, raw: 0 })
  })

  test('unknown keys and enum values are tolerated', () => {
    expect(read(anOrder({ brand_new: { deep: [1] }, order_tax_mode: 'TAX_WHATEVER', payment_workflow: 'NEW' })).status).toBe(
      'open',
    )
  })

  test('a customer id that looks like an e-mail address is not used as one', () => {
    expect(JSON.stringify({ ...read(anOrder({ customer_notification_email: null })), raw: 0 })).not.toContain('x@y.example.com')
  })

  test('a pick-up point is flagged and its id reaches the packer', () => {
    const order = read(anOrder({ shipping_pudo_id: 'PUDO-77' }))
    expect(order.flags).toEqual(['pickup_point'])
    expect(order.specialInstructions).toBe('Pick-up point PUDO-77')
    expect(read(anOrder({ shipping_type_standard_code: 'PICK_UP_POINT-STD' })).flags).toEqual(['pickup_point'])
    expect(read(anOrder({ shipping_type_standard_code: 'CLC_OPERATOR-STD' })).flags).toEqual(['pickup_point'])
    expect(read(anOrder({ shipping_type_standard_code: 'CU_ADD-EXP' })).flags).toEqual([])
  })

  test('an order of another warehouse is recognised', () => {
    expect(isShippedByOthers(wireOf(anOrder({ fulfillment: { center: { code: 'OPERATOR-WH' } } })))).toBe(true)
    expect(isShippedByOthers(wireOf(anOrder()))).toBe(false)
    expect(isShippedByOthers(wireOf(anOrder({ fulfillment: { center: null } })))).toBe(false)
  })
})

describe('money', () => {
  const priced = (currency: string, unit: unknown, total: unknown) =>
    read(
      anOrder({
        currency_iso_code: currency,
        price: total,
        shipping_price: 0,
        total_price: total,
        order_lines: [aLine({ price_unit: unit, taxes: [], shipping_taxes: [] })],
      }),
    )

  test('yen have no minor unit and dinars have three digits', () => {
    expect(priced('JPY', 1994, 3988)).toMatchObject({ lines: [{ price: 1994 }], totals: { items: 3988, total: 3988 } })
    expect(priced('KWD', 1.234, 2.468)).toMatchObject({ lines: [{ price: 1234 }], totals: { items: 2468, total: 2468 } })
  })

  test('amounts that no binary float holds exactly come out exact', () => {
    expect(priced('USD', 1.005, 0.1).lines[0]?.price).toBe(101)
    expect(priced('USD', 8.15, 1234567890123.45)).toMatchObject({ lines: [{ price: 815 }], totals: { items: 123456789012345 } })
    expect(priced('USD', '19.99', '39.98')).toMatchObject({ lines: [{ price: 1999 }], totals: { items: 3998 } })
  })

  test('ten taxes of 0.1 are 1.00', () => {
    const taxes = Array.from({ length: 10 }, () => ({ amount: 0.1, code: 'T' }))
    expect(read(anOrder({ order_lines: [aLine({ taxes, shipping_taxes: [] })] })).totals.tax).toBe(100)
  })

  test('with TAX_INCLUDED the total already holds the taxes', () => {
    expect(read(anOrder({ order_tax_mode: 'TAX_INCLUDED' })).totals).toMatchObject({ tax: 160, total: 2958 })
    expect(read(anOrder({ order_tax_mode: null })).totals).toMatchObject({ tax: 160, total: 2958 })
  })

  test('refused and cancelled lines owe no tax', () => {
    const lines = [
      aLine(),
      aLine({ order_line_id: 'B-1-A-2', order_line_state: 'CANCELED' }),
      aLine({ order_line_id: 'B-1-A-3', order_line_state: 'REFUSED' }),
    ]
    expect(read(anOrder({ order_lines: lines })).totals.tax).toBe(160)
  })

  test('taxes per order replace those of the lines', () => {
    const order = read(
      anOrder({
        order_taxes: [
          { code: 'A', rate: 7, total_amount: 2.5 },
          { code: 'B', total_amount: 0.07 },
        ],
      }),
    )
    expect(order.totals).toMatchObject({ tax: 257, total: 2958 + 257 })
  })
})

describe('states', () => {
  test.each([
    ['WAITING_ACCEPTANCE', 'awaiting_acceptance'],
    ['WAITING_DEBIT', 'pending'],
    ['WAITING_DEBIT_PAYMENT', 'pending'],
    ['SHIPPING', 'open'],
    ['SHIPPED', 'shipped'],
    ['TO_COLLECT', 'shipped'],
    ['RECEIVED', 'shipped'],
    ['CLOSED', 'shipped'],
    ['WAITING_REFUND', 'shipped'],
    ['WAITING_REFUND_PAYMENT', 'shipped'],
    ['REFUSED', 'cancelled'],
    ['CANCELED', 'cancelled'],
    ['INVENTED_LATER', 'on_hold'],
  ])('%s is %s', (state, status) => {
    const order = inState(state)
    expect(order.status).toBe(status)
    expect(mayShip(order)).toBe(state === 'SHIPPING')
    expect(order.lines[0]?.qtyToShip).toBe(state === 'SHIPPING' ? 2 : 0)
  })

  test('addresses are null before SHIPPING and that breaks nothing', () => {
    const hidden = { customer: { firstname: null, lastname: 'Buyer', shipping_address: null } }
    expect(inState('WAITING_ACCEPTANCE', hidden).shipTo).toBeNull()
    expect(inState('WAITING_ACCEPTANCE').shipTo).toBeNull()
  })

  test('SHIPPING without an address, or without leave to ship, waits', () => {
    const order = inState('SHIPPING', { customer: { lastname: 'Buyer', shipping_address: null } })
    expect([order.status, order.lines[0]?.qtyToShip]).toEqual(['pending', 0])
    expect(inState('SHIPPING', { can_shop_ship: false }).status).toBe('pending')
  })

  test('an incident holds an order that has not left, and only marks one that has', () => {
    expect(inState('SHIPPING', { has_incident: true })).toMatchObject({
      status: 'on_hold',
      flags: ['incident'],
      lines: [{ qtyToShip: 0 }],
    })
    const line = read(anOrder({ order_lines: [aLine(), aLine({ order_line_id: 'L2', order_line_state: 'INCIDENT_OPEN' })] }))
    expect(line).toMatchObject({ status: 'on_hold', flags: ['incident'] })
    expect(inState('RECEIVED', { has_incident: true })).toMatchObject({ status: 'shipped', flags: ['incident'] })
  })

  test('lines that have left or ended make a partial order', () => {
    const order = read(
      anOrder({
        order_lines: [
          aLine(),
          aLine({ order_line_id: 'L2', order_line_state: 'SHIPPED' }),
          aLine({ order_line_id: 'L3', order_line_state: 'CANCELED' }),
        ],
      }),
    )
    expect(order.status).toBe('partially_shipped')
    expect(order.lines.map((line) => [line.qty, line.qtyToShip, line.qtyShipped])).toEqual([
      [2, 2, 0],
      [2, 0, 2],
      [0, 0, 0],
    ])
    const refused = read(anOrder({ order_lines: [aLine(), aLine({ order_line_id: 'L2', order_line_state: 'REFUSED' })] }))
    expect(refused.status).toBe('open')
  })
})
