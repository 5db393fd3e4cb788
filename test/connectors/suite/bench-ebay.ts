import { createEbayConnector } from '../../../src/connectors/ebay/connector.ts'
import type { EbaySettings } from '../../../src/connectors/ebay/settings.ts'
import { settingsFor } from '../ebay-world.ts'
import type { Channel, ChannelBench, PlacedOrder } from './bench.ts'
import type { Sentence } from './sentences.ts'
import { openStage } from './stand-in-stage.ts'

interface Books {
  readonly orders: readonly {
    readonly paid_id: string
    readonly unpaid_id: string
    readonly packages: readonly { readonly tracking: string | null; readonly lines: Readonly<Record<string, number>> }[]
    readonly lines: readonly { readonly order_line_item_id: string; readonly line_item_id: string }[]
  }[]
  readonly listings: readonly {
    readonly sku: string | null
    readonly live: number | null
    readonly quantity: number
    readonly offer: { readonly quantity: number | null }
    readonly history: unknown
  }[]
}

const states = {
  open: { payment: 'PAID' },
  pending: { payment: 'UNPAID' },
  cancelled: { cancel: 'CancelComplete' },
  unreadable: { currency: 'NOPE' },
  marketplace: {},
  awaiting_acceptance: {},
} as const

const always: Partial<Record<Sentence, string>> = {
  'orders: pending': 'an eBay order goes by another id until it is paid, and is nothing before',
  'orders: awaiting acceptance': 'eBay asks no seller for a yes',
  'orders: skipped': 'eBay ships nothing by itself',
  'acknowledge: outcomes': 'eBay has no acknowledgement of orders',
  'acknowledge: repeat': 'eBay has no acknowledgement of orders',
  'money: tax included': 'eBay tells no tax that lies in a price',
  'quantity: report': 'eBay answers every quantity at once',
  'quantity: report lost': 'eBay answers every quantity at once',
}

const byLine: Partial<Record<Sentence, string>> = {
  ...always,
  'confirm: part': 'CompleteSale marks whole lines',
}

/** eBay by either API for orders, each with the listings of its age. */
export function ebayBench(ordersApi: EbaySettings['ordersApi']): ChannelBench {
  return {
    name: `eBay, orders by ${ordersApi}`,
    cannot: ordersApi === 'trading' ? byLine : always,
    open: () => openEbay(ordersApi),
  }
}

async function openEbay(ordersApi: EbaySettings['ordersApi']): Promise<Channel> {
  const model = ordersApi === 'trading' ? 'trading' : 'inventory'
  const stage = await openStage({
    vendor: 'ebay',
    code: 'ebay-us',
    tokenPath: /^\/identity\/v1\/oauth2\/token$/,
    telling: ordersApi === 'trading' ? { body: 'CompleteSaleRequest' } : { method: 'POST', path: 'shipping_fulfillment$' },
    unlimited: /^day /,
    errorBody: (words, status) => ({
      errors: [
        {
          errorId: status < 500 ? 1100 : 2003,
          domain: 'ACCESS',
          category: status < 500 ? 'REQUEST' : 'APPLICATION',
          message: words,
        },
      ],
    }),
    make: (gate, origin, timeoutMs) => createEbayConnector(gate, { ...settingsFor(origin), ordersApi, timeoutMs }),
  })
  let placed = 0
  const orderOf = (id: string) => stage.books<Books>().orders.find(({ paid_id, unpaid_id }) => paid_id === id || unpaid_id === id)
  const listingOf = (sku: string) => stage.books<Books>().listings.find((listing) => listing.sku === sku)

  function compact({ state, at, currency, person, lines }: PlacedOrder) {
    placed += 1
    return {
      order_id: `20-00000-${String(placed).padStart(5, '0')}`,
      ...{ created_at: at, updated_at: at, ...(state === 'pending' ? {} : { paid_at: at }) },
      ...(currency === undefined ? {} : { currency }),
      buyer: { first: person.first, last: person.last, email: person.email },
      ship_to: {
        name: `${person.first} ${person.last}`,
        street1: person.street,
        city: person.city,
        postal: person.postal,
        phone: person.phone,
      },
      ...states[state],
      lines: lines.map(({ id, sku, title, quantity, price, tax }) => ({
        ...(id === undefined ? {} : { item_id: id, transaction_id: id, line_item_id: id }),
        ...{ sku, title, quantity, price, ebay_tax: tax },
      })),
    }
  }

  return {
    ...stage,
    healthCalls: 4,
    pageSize: ordersApi === 'trading' ? 100 : 200,
    unknownId: '99-99999-99999',
    place(orders) {
      const documents = orders.map(compact)
      stage.seed({ orders: documents })
      return documents.map(({ order_id }, i) =>
        orders[i]?.state === 'pending' && ordersApi === 'trading' ? (orderOf(order_id)?.unpaid_id ?? order_id) : order_id,
      )
    },
    cancel: (order_id) => stage.act('cancel', { order_id }),
    omit: (order_id) => stage.act('omit', { order_id }),
    changeStreet: (order_id, street1) => stage.act('change-address', { order_id, ship_to: { street1 } }),
    packagesOf(id) {
      const order = orderOf(id)
      const nameOf = (line: string) =>
        ordersApi === 'trading'
          ? line
          : (order?.lines.find(({ order_line_item_id }) => order_line_item_id === line)?.line_item_id ?? line)
      return (order?.packages ?? []).map(({ tracking, lines }) => ({
        tracking: tracking ?? '',
        units: Object.fromEntries(Object.entries(lines).map(([line, units]) => [nameOf(line), units])),
      }))
    },
    list: (items) => stage.seed({ listings: items.map((item) => ({ ...item, model, price: '12.50' })) }),
    quantityOf: (sku) => listingOf(sku)?.live ?? undefined,
    restOf(sku) {
      const listing = listingOf(sku)
      return JSON.stringify({
        ...listing,
        offer: { ...listing?.offer, quantity: null },
        live: null,
        quantity: null,
        history: null,
      })
    },
    refuse: (sku) => stage.act('fail-sku', { sku }),
    listForeign: (sku) => stage.seed({ listings: [{ sku, quantity: 3, distributions: { WEST: 3 } }] }),
  }
}
