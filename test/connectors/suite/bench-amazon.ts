import { createAmazonConnector } from '../../../src/connectors/amazon/connector.ts'
import type { AmazonSettings } from '../../../src/connectors/amazon/settings.ts'
import type { Channel, ChannelBench, ListedItem, PlacedOrder } from './bench.ts'
import type { Sentence } from './sentences.ts'
import { openStage } from './stand-in-stage.ts'

const US = 'ATVPDKIKX0DER'

interface Books {
  readonly orders: readonly {
    readonly order_id: string
    readonly packages: readonly {
      readonly tracking: string
      readonly items: readonly { readonly order_item_id: string; readonly quantity: number }[]
    }[]
  }[]
  readonly listings: readonly {
    readonly sku: string
    readonly listed: boolean
    readonly quantity: number | null
    readonly records: unknown
    readonly history: unknown
  }[]
}

const states = {
  open: { status: 'UNSHIPPED' },
  pending: { status: 'PENDING' },
  cancelled: { status: 'CANCELLED' },
  unreadable: { currency: 'NOPE' },
  marketplace: { fulfilled_by: 'AMAZON' },
  awaiting_acceptance: {},
} as const

const cannot: Partial<Record<Sentence, string>> = {
  'orders: awaiting acceptance': 'Amazon asks no seller for a yes',
  'acknowledge: outcomes': 'Amazon has no acknowledgement that orders need',
  'acknowledge: repeat': 'Amazon has no acknowledgement that orders need',
  'quantity: left alone': 'in its one marketplace a listing is written without a look: whoever hands quantities over has looked',
  'money: tax included': 'Amazon breaks the tax out of every price by itself',
}

const v0: Partial<Record<Sentence, string>> = {
  ...cannot,
  'confirm: answer lost': 'Orders v0 shows no packages; a repeat has the same reference, and Amazon keeps one',
  'look up: order': 'Orders v0 shows no packages',
}

/** Amazon by either version of its Orders API. */
export function amazonBench(ordersApi: AmazonSettings['ordersApi']): ChannelBench {
  return { name: `Amazon, orders ${ordersApi}`, cannot: ordersApi === 'v0' ? v0 : cannot, open: () => openAmazon(ordersApi) }
}

async function openAmazon(ordersApi: AmazonSettings['ordersApi']): Promise<Channel> {
  const stage = await openStage({
    vendor: 'amazon',
    code: 'amazon-us',
    tokenPath: /^\/auth\/o2\/token|^\/tokens\//,
    telling: { path: 'shipmentConfirmation' },
    seed: { stock: { live_after_ms: 0 } },
    errorBody: (words) => ({ errors: [{ code: 'InternalFailure', message: words }] }),
    make: (gate, origin, timeoutMs) =>
      createAmazonConnector(gate, {
        channel: 'amazon-us',
        region: 'na',
        marketplaceIds: [US],
        sellerId: 'A1SANDBOX',
        ordersApi,
        endpoint: origin,
        authEndpoint: origin,
        sandbox: false,
        credentials: { clientId: 'sandbox-client', clientSecret: 'sandbox-secret', refreshToken: 'sandbox-refresh' },
        carriers: {},
        timeoutMs,
      }),
  })
  let placed = 0
  const listingOf = (sku: string) => stage.books<Books>().listings.find((listing) => listing.sku === sku)

  function compact({ state, at, currency, person, lines }: PlacedOrder): object {
    placed += 1
    return {
      order_id: `222-0000000-${String(placed).padStart(7, '0')}`,
      created_at: at,
      updated_at: at,
      ...(currency === undefined ? {} : { currency }),
      buyer: { name: `${person.first} ${person.last}`, email: person.email },
      ship_to: {
        name: `${person.first} ${person.last}`,
        line1: person.street,
        city: person.city,
        postal: person.postal,
        phone: person.phone,
      },
      ...states[state],
      items: lines.map(({ id, sku, title, quantity, price, tax }) => ({
        ...(id === undefined ? {} : { order_item_id: id }),
        sku,
        title,
        quantity,
        unit_price: price,
        tax,
      })),
    }
  }

  return {
    ...stage,
    healthCalls: 4,
    pageSize: 100,
    // By v0 each order costs calls of its own.
    ...(ordersApi === 'v0' ? { many: 110 } : {}),
    unknownId: '999-9999999-9999999',
    place(orders) {
      const documents = orders.map(compact)
      stage.seed({ orders: documents })
      return documents.map((document) => ('order_id' in document ? String(document.order_id) : ''))
    },
    cancel: (order_id) => stage.act('cancel', { order_id }),
    omit: (order_id) => stage.act('omit', { order_id }),
    changeStreet: (order_id, line1) => stage.act('change-address', { order_id, ship_to: { line1 } }),
    packagesOf: (id) =>
      (stage.books<Books>().orders.find(({ order_id }) => order_id === id)?.packages ?? []).map(({ tracking, items }) => ({
        tracking,
        units: Object.fromEntries(items.map(({ order_item_id, quantity }) => [order_item_id, quantity])),
      })),
    list: (items: readonly ListedItem[]) =>
      stage.seed({ listings: items.map((item) => ({ ...item, product_type: 'LAMP', lead_time: 3, price: '12.50' })) }),
    quantityOf(sku) {
      const listing = listingOf(sku)
      return listing?.listed === true ? (listing.quantity ?? undefined) : undefined
    },
    restOf: (sku) => JSON.stringify({ ...listingOf(sku), quantity: null, records: null, history: null }),
    refuse: (sku) => stage.act('fail-sku', { sku }),
    listForeign: (sku) => stage.seed({ listings: [{ sku, channel: 'FBA' }] }),
    stickReport: () => stage.act('stick-feed', {}),
    reportDeadlineMs: 3 * 86_400_000,
  }
}
