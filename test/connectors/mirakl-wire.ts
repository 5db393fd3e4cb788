import { readOrder, toOrder } from '../../src/connectors/mirakl/orders.ts'
import type { NormalizedOrder } from '../../src/core/model/order.ts'

export type Json = Record<string, unknown>

export const settings = { channel: 'mirakl-test', countryNames: { 'France Métropolitaine': 'FR' } }

export const address: Json = {
  civility: 'M',
  firstname: 'Ada',
  lastname: 'Sample',
  company: 'Sample Works',
  company_2: 'Dock 2',
  street_1: '1 Invented Street',
  street_2: 'Floor 3',
  zip_code: '00001',
  city: 'Testville',
  state: 'NY',
  country: 'United States',
  country_iso_code: 'USA',
  phone: null,
  phone_secondary: '555-0100',
  additional_info: 'Ring twice &amp; wait',
}

export function aLine(over: Json = {}): Json {
  return {
    order_line_id: 'B-1-A-1',
    order_line_state: 'SHIPPING',
    offer_sku: 'SKU-1',
    product_sku: 'MKP-9',
    product_shop_sku: 'PS-9',
    product_title: 'Tom &amp; Co&#39;s mug',
    quantity: 2,
    price: 24.68,
    price_unit: 12.34,
    taxes: [
      { amount: 1.1, code: 'A' },
      { amount: 0.2, code: 'B' },
    ],
    shipping_taxes: [{ amount: 0.3, code: 'A' }],
    cancelations: [],
    refunds: [],
    ...over,
  }
}

export function anOrder(over: Json = {}): Json {
  return {
    order_id: 'B-1-A',
    commercial_id: 'B-1',
    order_state: 'SHIPPING',
    created_date: '2026-11-01T10:00:00Z',
    last_updated_date: '2026-11-01T10:05:00.123Z',
    acceptance_decision_date: '2026-11-01T10:01:00Z',
    customer_debited_date: '2026-11-01T10:04:00.5Z',
    shipping_deadline: '2026-11-03T23:59:59.999Z',
    delivery_date: { earliest: '2026-11-05T00:00:00Z', latest: '2026-11-07T00:00:00Z' },
    can_shop_ship: true,
    has_incident: false,
    currency_iso_code: 'USD',
    price: 24.68,
    shipping_price: 4.9,
    total_price: 29.58,
    order_tax_mode: 'TAX_EXCLUDED',
    shipping_type_code: 'STD',
    shipping_type_label: 'Standard',
    customer_notification_email: 'alias@notification.example.com',
    customer: { customer_id: 'x@y.example.com', firstname: 'Ada', lastname: 'Buyer', shipping_address: address },
    references: { order_reference_for_customer: 'RC', order_reference_for_seller: 'SELLER-7' },
    fulfillment: { center: { code: 'DEFAULT' } },
    order_additional_fields: [
      { code: 'gift-text', type: 'STRING', value: 'Happy day' },
      { code: 'tags', type: 'MULTIPLE_VALUES_LIST', value: ['a', 'b'] },
      { code: 'empty', type: 'STRING', value: '' },
    ],
    order_lines: [aLine()],
    ...over,
  }
}

export function read(raw: Json, remaining?: ReadonlyMap<string, number>): NormalizedOrder {
  const wire = readOrder(raw, settings.channel)
  if ('poison' in wire) throw new Error(wire.poison.reason)
  const result = toOrder(wire.wire, raw, remaining, settings)
  if ('poison' in result) throw new Error(result.poison.reason)
  return result.order
}

export function reasonOf(raw: unknown): string {
  const wire = readOrder(raw, settings.channel)
  if ('poison' in wire) return wire.poison.reason
  const result = toOrder(wire.wire, raw, undefined, settings)
  if (!('poison' in result)) throw new Error('not poison')
  return result.poison.reason
}

export function wireOf(raw: Json) {
  const result = readOrder(raw, settings.channel)
  if ('poison' in result) throw new Error(result.poison.reason)
  return result.wire
}

export const inState = (state: string, over: Json = {}) =>
  read(anOrder({ order_state: state, order_lines: [aLine({ order_line_state: state })], ...over }))
