import { describe, expect, test } from 'vitest'
import { chooseCarrier } from '../../src/connectors/mirakl/carriers.ts'
import { instantOf, needsCrossCheck } from '../../src/connectors/mirakl/lines.ts'
import { decodeEntities, readOrder } from '../../src/connectors/mirakl/orders.ts'
import { toAlpha2 } from '../../src/core/model/countries.ts'
import type { Carrier } from '../../src/core/model/shipment.ts'
import { address, aLine, anOrder, inState, type Json, read, reasonOf, wireOf } from './mirakl-wire.ts'

describe('what is left to ship', () => {
  const cancelled = aLine({ quantity: 4, cancelations: [{ quantity: 1, amount: 12.34 }] })

  test('without ST12 the cancelled units are taken off', () => {
    expect(read(anOrder({ order_lines: [cancelled] })).lines[0]).toMatchObject({ qty: 3, qtyToShip: 3 })
  })

  test('ST12 decides, whichever way the platform counts', () => {
    expect(read(anOrder({ order_lines: [cancelled] }), new Map([['B-1-A-1', 3]])).lines[0]).toMatchObject({
      qty: 3,
      qtyToShip: 3,
    })
    expect(read(anOrder({ order_lines: [cancelled] }), new Map([['B-1-A-1', 4]])).lines[0]).toMatchObject({
      qty: 4,
      qtyToShip: 4,
    })
  })

  test('ST12 shows units of a line that have left', () => {
    const order = read(anOrder({ order_lines: [aLine({ quantity: 4 })] }), new Map([['B-1-A-1', 1]]))
    expect(order).toMatchObject({ status: 'partially_shipped', lines: [{ qty: 4, qtyToShip: 1, qtyShipped: 3 }] })
  })

  test('a refund is money and ships all the same', () => {
    expect(
      read(anOrder({ order_lines: [aLine({ quantity: 4, refunds: [{ amount: 1, quantity: 1 }] })] })).lines[0],
    ).toMatchObject({ qtyToShip: 4 })
  })

  test('what went back to the buyer is told, with its taxes where prices are without them', () => {
    const refund = { amount: 10.5, shipping_amount: 1.25, taxes: [{ amount: 0.8 }], shipping_taxes: [{ amount: 0.1 }] }
    const lines = [aLine({ refunds: [refund, { amount: 2 }] })]
    expect(read(anOrder({ order_tax_mode: 'TAX_INCLUDED', order_lines: lines })).refunded).toBe(1375)
    expect(read(anOrder({ order_tax_mode: 'TAX_EXCLUDED', order_lines: lines })).refunded).toBe(1465)
    expect(read(anOrder()).refunded).toBeUndefined()
  })

  test('an order that ST12 does not know is held while its lines still say SHIPPING', () => {
    expect(read(anOrder(), new Map())).toMatchObject({ status: 'on_hold', lines: [{ qtyToShip: 0 }] })
  })

  test('only orders whose lines may say too much cost the extra call', () => {
    const asks = (over: Json) => needsCrossCheck(wireOf(anOrder(over)))
    expect(asks({})).toBe(false)
    expect(asks({ order_lines: [cancelled] })).toBe(true)
    expect(asks({ order_lines: [aLine(), aLine({ order_line_id: 'L2', order_line_state: 'SHIPPED' })] })).toBe(true)
    expect(asks({ last_updated_date: '2026-11-01T12:00:00Z' })).toBe(true)
    expect(asks({ last_updated_date: '2026-11-01T12:00:00Z', order_lines: [aLine({ quantity: 1 })] })).toBe(false)
    expect(asks({ order_state: 'SHIPPED', order_lines: [cancelled] })).toBe(false)
  })
})

describe('countries', () => {
  test('alpha-3 becomes alpha-2 for all of ISO 3166', () => {
    expect(['USA', 'FRA', 'GBR', 'DEU', 'ALA', 'SSD', 'XKX', 'us'].map(toAlpha2)).toEqual([
      'US',
      'FR',
      'GB',
      'DE',
      'AX',
      'SS',
      'XK',
      'US',
    ])
    expect(toAlpha2('ZZZ')).toBeUndefined()
    expect(toAlpha2('')).toBeUndefined()
  })

  const inCountry = (over: Json) => anOrder({ customer: { lastname: 'Buyer', shipping_address: { ...address, ...over } } })

  test('a label without a code is used only when the configuration maps it', () => {
    expect(read(inCountry({ country_iso_code: null, country: 'FRANCE MÉTROPOLITAINE' })).shipTo?.country).toBe('FR')
    expect(reasonOf(inCountry({ country_iso_code: null, country: 'Frankreich' }))).toBe(
      "customer.shipping_address.country_iso_code: absent, and the country's name is not in country_names",
    )
    expect(reasonOf(inCountry({ country_iso_code: 'ZZZ' }))).toContain("'ZZZ' is not an ISO 3166 code")
  })
})

describe('poison', () => {
  test.each<[string, unknown, string]>([
    ['no document', null, 'order: invalid_type'],
    [
      'lines of another shape',
      anOrder({ order_lines: [{ ...aLine(), offer_sku: undefined }] }),
      'order_lines.0.offer_sku: invalid_type',
    ],
    ['a quantity that is no whole number', anOrder({ order_lines: [aLine({ quantity: 1.5 })] }), 'order_lines.0.quantity'],
    ['an unknown currency', anOrder({ currency_iso_code: 'dollars' }), "not an amount of 'dol'"],
    [
      'a price that is no number',
      anOrder({ order_lines: [aLine({ price_unit: 'twelve' })] }),
      "order_lines.0.price_unit: not an amount of 'USD'",
    ],
    ['a time that is none', anOrder({ created_date: 'yesterday' }), 'created_date: not a time'],
    [
      'an address without street',
      anOrder({ customer: { lastname: 'B', shipping_address: { ...address, street_1: ' ', street_2: null } } }),
      'customer.shipping_address: no street',
    ],
    [
      'an address without city',
      anOrder({ customer: { lastname: 'B', shipping_address: { ...address, city: '' } } }),
      'customer.shipping_address: no city',
    ],
    [
      'an address without any name',
      anOrder({ customer: { shipping_address: { ...address, firstname: '', lastname: null, company: null, company_2: null } } }),
      'customer.shipping_address: no name',
    ],
  ])('%s', (_title, raw, reason) => {
    expect(reasonOf(raw)).toContain(reason)
  })

  test('the reason holds no personal value, and the order keeps its name', () => {
    const raw = anOrder({
      customer: { lastname: 'Secretname', shipping_address: { ...address, city: null, street_1: '7 Hidden Lane' } },
    })
    expect(reasonOf(raw)).not.toMatch(/Secretname|Hidden/)
    const nameless = readOrder({ order_state: 'SHIPPING' }, 'c')
    expect('poison' in nameless && nameless.poison.externalOrderId).toMatch(/^digest-[0-9a-f]{24}$/)
  })

  test('an order that has left is not poison over its address', () => {
    expect(
      inState('RECEIVED', { customer: { lastname: 'B', shipping_address: { ...address, country_iso_code: 'ZZZ' } } }),
    ).toMatchObject({ status: 'shipped', shipTo: null })
  })
})

test('times are read with and without fraction, with any offset, and as UTC', () => {
  const at = Date.UTC(2026, 10, 1, 10)
  for (const text of [
    '2026-11-01T10:00:00Z',
    '2026-11-01T10:00:00.000Z',
    '2026-11-01T11:00:00+01:00',
    '2026-11-01T11:00:00+0100',
    '2026-11-01T10:00:00',
  ]) {
    expect(instantOf(text)).toBe(at)
  }
  expect(instantOf(null)).toBeUndefined()
  expect(instantOf('01/11/2026')).toBeNaN()
})

test('entities are decoded once and unknown ones stay', () => {
  expect(decodeEntities('&lt;b&gt; &amp;lt; &#xe9;&eacute; &#0; &quot;&nbsp;AT&T')).toBe('<b> &lt; é&eacute; &#0; " AT&T')
})

describe('carriers', () => {
  const registered = [
    { code: 'ups-01', label: 'UPS', standard_code: null },
    { code: 'X', label: 'Parcel Force', standard_code: 'FEDEX' },
    { code: 'RM48', label: 'royal mail', standard_code: '' },
    { code: 'DHLX', label: 'DHL', standard_code: 'DHL' },
  ]
  const carrier = (code: string, family: Carrier['family'], name = code): Carrier => ({ code, name, family })
  const choose = (of: Carrier, overrides: Record<string, string> = {}) => chooseCarrier(of, '1Z 9', overrides, registered)

  test('the configuration wins, then standard code, then label', () => {
    expect(choose(carrier('ups', 'ups'), { UPS: 'UPS-BIG' })).toEqual({ kind: 'registered', code: 'UPS-BIG' })
    expect(choose(carrier('fedex', 'fedex'))).toEqual({ kind: 'registered', code: 'X' })
    expect(choose(carrier('ups_walleted', 'ups'))).toEqual({ kind: 'registered', code: 'ups-01' })
    expect(choose(carrier('royal_mail', 'royal_mail'))).toEqual({ kind: 'registered', code: 'RM48' })
    expect(choose(carrier('dhl_express', 'dhl_express'))).toEqual({ kind: 'registered', code: 'DHLX' })
    expect(choose(carrier('pf', 'other', 'Parcel Force'))).toEqual({ kind: 'registered', code: 'X' })
  })

  test('a carrier the operator does not list goes by name, with its link where one is known', () => {
    expect(choose(carrier('stamps_com', 'usps', 'USPS'))).toEqual({
      kind: 'named',
      name: 'USPS',
      trackingUrl: 'https://tools.usps.com/go/TrackConfirmAction?tLabels=1Z%209',
    })
    expect(choose(carrier('dhl_ecommerce', 'dhl_ecommerce', 'DHL eCommerce'))).toEqual({ kind: 'named', name: 'DHL eCommerce' })
    expect(choose(carrier('', 'other', ''))).toEqual({ kind: 'named', name: 'Other' })
  })
})
