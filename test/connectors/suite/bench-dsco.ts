import { createDscoConnector } from '../../../src/connectors/rithum/dsco/connector.ts'
import { settingsFor } from '../dsco-world.ts'
import type { Channel, ChannelBench, PlacedOrder } from './bench.ts'
import type { Sentence } from './sentences.ts'
import { openStage } from './stand-in-stage.ts'

interface Books {
  readonly orders: readonly {
    readonly order_id: string
    readonly acknowledgements: readonly unknown[]
    readonly packages: readonly {
      readonly tracking: string
      readonly lines: readonly { readonly line_number: number | null; readonly quantity: number }[]
    }[]
  }[]
  readonly items: readonly { readonly sku: string; readonly quantity: number }[]
}

const states = {
  open: {},
  pending: { lifecycle: 'received' },
  awaiting_acceptance: {},
  cancelled: { lifecycle: 'completed', status: 'cancelled' },
  unreadable: { currency: 'NOPE' },
  marketplace: {},
} as const

const cannot: Partial<Record<Sentence, string>> = {
  'orders: awaiting acceptance': 'Dsco asks no supplier for a yes: an acknowledgement says that the order is taken',
  'orders: skipped': 'Dsco and its retailers ship nothing by themselves',
  'quantity: not ours': "every item at Dsco is the supplier's own, and its stock too",
  'quantity: left alone': "every item at Dsco is the supplier's own, and its stock too",
  'money: tax included': 'Dsco tells no tax that lies in a price',
}

/** Longer than a change takes to be seen by reads. */
const SPREAD_MS = 5_000

/** The Dsco platform of Rithum, read by pages. */
export const dscoBench: ChannelBench = { name: 'Rithum, Dsco', cannot, open: openDsco }

async function openDsco(): Promise<Channel> {
  const stage = await openStage({
    vendor: 'dsco',
    code: 'rithum',
    tokenPath: /\/oauth2\/token$/,
    telling: { method: 'POST', path: '/order/shipment/batch/small$' },
    seed: { settings: { page_cut: 900 } },
    errorBody: (words) => ({ status: 'failure', messages: [{ code: 'internal_error', severity: 'error', description: words }] }),
    make: (gate, origin, timeoutMs) => createDscoConnector(gate, { ...settingsFor(origin), timeoutMs }),
  })
  let placed = 0
  const orderOf = (id: string) => stage.books<Books>().orders.find(({ order_id }) => order_id === id)
  const itemOf = (sku: string) => stage.books<Books>().items.find((item) => item.sku === sku)

  function compact({ state, at, currency, person, lines }: PlacedOrder) {
    placed += 1
    return {
      // Its lines are numbered from 1: the longest id is the order's own.
      id: lines[0]?.id ?? String(9_007_199_254_740_993n + BigInt(placed) * 2n),
      ...{ created_at: at, updated_at: at, ...(currency === undefined ? {} : { currency }), type: 'Marketplace' },
      ship_to: {
        name: `${person.first} ${person.last}`,
        address: [person.street],
        city: person.city,
        postal: person.postal,
        phone: person.phone,
        email: person.email,
      },
      ...states[state],
      lines: lines.map(({ sku, title, quantity, price, tax }) => ({
        ...{ sku, title, quantity, price, tax },
        ...(state === 'cancelled' ? { cancelled: quantity } : {}),
      })),
    }
  }

  function act(action: string, argument: object): void {
    stage.act(action, argument)
    stage.clock.advance(SPREAD_MS)
  }

  return {
    ...stage,
    healthCalls: 6,
    pageSize: 100,
    unknownId: '9007199254999999999',
    place(orders) {
      const documents = orders.map(compact)
      stage.seed({ orders: documents })
      return documents.map(({ id }) => id)
    },
    cancel: (order_id) => act('cancel', { order_id }),
    omit: (order_id) => stage.act('omit', { order_id }),
    changeStreet: (order_id, street) => act('change-address', { order_id, ship_to: { address: [street] } }),
    packagesOf: (id) =>
      (orderOf(id)?.packages ?? []).map(({ tracking, lines }) => ({
        tracking,
        units: Object.fromEntries(lines.map(({ line_number, quantity }) => [String(line_number), quantity])),
      })),
    acknowledgedTimes: (id) => orderOf(id)?.acknowledgements.length ?? 0,
    list: (items) => stage.seed({ items: items.map((item) => ({ ...item, cost: '8.00' })) }),
    quantityOf: (sku) => itemOf(sku)?.quantity,
    restOf: (sku) => JSON.stringify({ ...itemOf(sku), quantity: null, warehouses: null, history: null, status: null }),
    refuse: (sku) => stage.act('fail-sku', { sku, times: 99 }),
    stickReport: () => stage.act('hold-log', {}),
    reportDeadlineMs: 86_400_000,
  }
}
