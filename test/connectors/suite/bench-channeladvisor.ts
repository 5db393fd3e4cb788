import { createChannelAdvisorConnector } from '../../../src/connectors/rithum/channeladvisor/connector.ts'
import type { Channel, ChannelBench, PlacedOrder } from './bench.ts'
import type { Sentence } from './sentences.ts'
import { openStage } from './stand-in-stage.ts'

interface Books {
  readonly orders: readonly {
    readonly order_id: number
    readonly exported_by: readonly unknown[]
    readonly fulfillments: readonly {
      readonly shipped: boolean
      readonly tracking: string | null
      readonly lines: Readonly<Record<string, number>>
    }[]
  }[]
  readonly products: readonly { readonly sku: string; readonly live: number | null; readonly product_id: number }[]
}

const EXTERNAL_CENTER = 7

const states = {
  open: {},
  pending: { payment: 'Submitted' },
  awaiting_acceptance: {},
  cancelled: { shipping: 'Canceled' },
  unreadable: { currency: 'NOPE' },
  marketplace: {},
} as const

const cannot: Partial<Record<Sentence, string>> = {
  'orders: awaiting acceptance': 'ChannelAdvisor asks no seller for a yes: the export mark says that the order is taken',
  'quantity: report': 'ChannelAdvisor answers every quantity at once',
  'quantity: report lost': 'ChannelAdvisor answers every quantity at once',
  'quantity: not ours': 'whose stock it is says the distribution center, and the channel names the one that is written',
  'quantity: left alone': 'whose stock it is says the distribution center, and the channel names the one that is written',
  'ids: long': 'ChannelAdvisor numbers orders and lines within 32 bits',
}

/** The ChannelAdvisor platform of Rithum. */
export const channelAdvisorBench: ChannelBench = { name: 'Rithum, ChannelAdvisor', cannot, open: openChannelAdvisor }

async function openChannelAdvisor(): Promise<Channel> {
  const stage = await openStage({
    vendor: 'channeladvisor',
    code: 'ca-test',
    tokenPath: /\/oauth2\/token$/,
    telling: { method: 'POST', path: '/Ship$' },
    seed: {
      distribution_centers: [
        { id: 0, name: 'Main' },
        { id: EXTERNAL_CENTER, name: 'FBA', type: 'ExternallyManaged' },
      ],
    },
    errorBody: (words) => ({ Message: words }),
    make: (gate, origin, timeoutMs) =>
      createChannelAdvisorConnector(gate, {
        channel: 'ca-test',
        endpoint: origin,
        authEndpoint: origin,
        credentials: { applicationId: 'sandbox-app', sharedSecret: 'sandbox-shared', refreshToken: 'sandbox-refresh' },
        distributionCenterId: 0,
        updateType: 'UnShipped',
        excludeSites: [],
        carriers: {},
        timeoutMs,
      }),
  })
  let placed = 0
  const orderOf = (id: string) => stage.books<Books>().orders.find(({ order_id }) => String(order_id) === id)
  const productOf = (sku: string) => stage.books<Books>().products.find((product) => product.sku === sku)

  function compact({ state, at, currency, tax, person, lines }: PlacedOrder) {
    placed += 1
    return {
      order_id: 21_000_000 + placed,
      ...{ created_at: at, imported_at: at, updated_at: at, ...(currency === undefined ? {} : { currency }) },
      ...(tax === undefined ? {} : { tax_type: tax === 'included' ? 'InclusiveVat' : 'ExclusiveVat' }),
      buyer: { email: person.email },
      ship_to: {
        first: person.first,
        last: person.last,
        line1: person.street,
        city: person.city,
        postal: person.postal,
        phone: person.phone,
      },
      ...states[state],
      lines: lines.map(({ sku, title, quantity, price, tax: amount }) => ({
        ...{ sku, title, quantity, price, tax: amount },
        ...(state === 'marketplace' ? { dc: EXTERNAL_CENTER } : {}),
      })),
    }
  }

  return {
    ...stage,
    healthCalls: 6,
    pageSize: 100,
    unknownId: '99000000',
    place(orders) {
      const documents = orders.map(compact)
      stage.seed({ orders: documents })
      return documents.map(({ order_id }) => String(order_id))
    },
    cancel: (id) => stage.act('cancel', { order_id: Number(id) }),
    omit: (id) => stage.act('omit', { order_id: Number(id) }),
    changeStreet: (id, line1) => stage.act('change-address', { order_id: Number(id), ship_to: { line1 } }),
    packagesOf: (id) =>
      (orderOf(id)?.fulfillments ?? [])
        .filter(({ shipped }) => shipped)
        .map(({ tracking, lines }) => ({ tracking: tracking ?? '', units: lines })),
    acknowledgedTimes: (id) => orderOf(id)?.exported_by.length ?? 0,
    list: (items) => stage.seed({ products: items.map((item) => ({ ...item, price: '12.50' })) }),
    quantityOf: (sku) => productOf(sku)?.live ?? undefined,
    restOf: (sku) => JSON.stringify({ ...productOf(sku), live: null, dcs: null, history: null, told: null }),
    refuse: (sku) => stage.act('fail-sku', { sku }),
  }
}
