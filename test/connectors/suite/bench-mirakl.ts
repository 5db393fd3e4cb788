import { createMiraklConnector } from '../../../src/connectors/mirakl/connector.ts'
import type { Channel, ChannelBench, PlacedOrder } from './bench.ts'
import type { Sentence } from './sentences.ts'
import { openStage } from './stand-in-stage.ts'

interface Books {
  readonly orders: readonly {
    readonly order_id: string
    readonly state: string
    readonly accepted_calls: number
    readonly shipments: readonly {
      readonly tracking: string | null
      readonly lines: readonly { readonly order_line_id: string; readonly quantity: number }[]
    }[]
    readonly tracking?: { readonly tracking_number?: string }
    readonly shipped_by_or24?: boolean
  }[]
  readonly offers: readonly {
    readonly sku: string
    readonly quantity: number
    readonly listed: boolean
    readonly history: unknown
  }[]
}

const states = {
  open: { state: 'SHIPPING' },
  pending: { state: 'WAITING_DEBIT_PAYMENT' },
  awaiting_acceptance: { state: 'WAITING_ACCEPTANCE' },
  cancelled: { state: 'CANCELED' },
  unreadable: { currency: 'NOPE' },
  marketplace: { fulfillment_center_code: 'OPERATOR' },
} as const

const always: Partial<Record<Sentence, string>> = {
  'quantity: left alone': "a stock file has no line for an offer in the operator's warehouse, and refuses one",
  'quantity: not ours': "a stock file has no line for an offer in the operator's warehouse, and refuses one",
  'sku: slash': 'Mirakl refuses offers with a slash in their SKU',
}

const withoutShipments: Partial<Record<Sentence, string>> = {
  ...always,
  'confirm: part': 'without multi-shipment an order goes as a whole',
  'open: part': 'without multi-shipment an order goes as a whole',
  'confirm: two packages': 'without multi-shipment an order has one number',
}

/** A Mirakl marketplace, with its shipments (ST01) or the old calls for whole orders (OR23, OR24). */
export function miraklBench(way: 'ST01' | 'OR24'): ChannelBench {
  return { name: `Mirakl, packages by ${way}`, cannot: way === 'ST01' ? always : withoutShipments, open: () => openMirakl(way) }
}

async function openMirakl(way: 'ST01' | 'OR24'): Promise<Channel> {
  const stage = await openStage({
    vendor: 'mirakl',
    code: 'mirakl-test',
    telling: way === 'ST01' ? { method: 'POST', path: '^/api/shipments$' } : { method: 'PUT', path: '/ship$' },
    seed: { settings: { multi_shipment: way === 'ST01' } },
    errorBody: (words) => ({ status: 500, message: words }),
    make: (gate, origin, timeoutMs) =>
      createMiraklConnector(gate, {
        channel: 'mirakl-test',
        baseUrl: 'https://unreachable.invalid',
        endpoint: origin,
        credentials: { apiKey: 'sandbox-key' },
        carriers: {},
        countryNames: {},
        timeoutMs,
      }),
  })
  let placed = 0
  const orderOf = (id: string) => stage.books<Books>().orders.find(({ order_id }) => order_id === id)
  const offerOf = (sku: string) => stage.books<Books>().offers.find((offer) => offer.sku === sku)

  function compact({ state, at, currency, tax, person, lines }: PlacedOrder) {
    placed += 1
    return {
      order_id: `C-${String(placed).padStart(5, '0')}-A`,
      ...{ created_at: at, updated_at: at, ...(currency === undefined ? {} : { currency }) },
      ...(tax === undefined ? {} : { tax_mode: tax === 'included' ? 'TAX_INCLUDED' : 'TAX_EXCLUDED' }),
      customer: { firstname: person.first, lastname: person.last, email: person.email },
      ship_to: {
        firstname: person.first,
        lastname: person.last,
        street_1: person.street,
        city: person.city,
        zip_code: person.postal,
        phone: person.phone,
      },
      ...states[state],
      lines: lines.map(({ id, sku, title, quantity, price, tax: amount }) => ({
        ...(id === undefined ? {} : { order_line_id: id }),
        offer_sku: sku,
        title,
        quantity,
        price_unit: price,
        taxes: [{ code: 'TAX', amount }],
      })),
    }
  }

  return {
    ...stage,
    healthCalls: 6,
    pageSize: 100,
    unknownId: 'NOBODY-A',
    place(orders) {
      const documents = orders.map(compact)
      stage.seed({ orders: documents })
      return documents.map(({ order_id }) => order_id)
    },
    cancel: (order_id) => stage.act('cancel', { order_id }),
    omit: (order_id) => stage.act('omit', { order_id }),
    changeStreet: (order_id, street_1) => stage.act('change-address', { order_id, ship_to: { street_1 } }),
    packagesOf(id) {
      const order = orderOf(id)
      if (way === 'OR24')
        return order?.state === 'SHIPPED' ? [{ tracking: order.tracking?.tracking_number ?? '', units: undefined }] : []
      return (order?.shipments ?? []).map(({ tracking, lines }) => ({
        tracking: tracking ?? '',
        units: Object.fromEntries(lines.map(({ order_line_id, quantity }) => [order_line_id, quantity])),
      }))
    },
    acknowledgedTimes: (id) => orderOf(id)?.accepted_calls ?? 0,
    list: (items) => stage.seed({ offers: items.map((item) => ({ ...item, price: '12.50', description: 'As it was' })) }),
    quantityOf(sku) {
      const offer = offerOf(sku)
      return offer?.listed === true ? offer.quantity : undefined
    },
    restOf: (sku) => JSON.stringify({ ...offerOf(sku), quantity: null, history: null }),
    refuse: (sku) => stage.act('fail-sku', { sku }),
    stickReport: () => stage.act('stick-import', { next: true }),
    reportDeadlineMs: 3 * 86_400_000,
  }
}
