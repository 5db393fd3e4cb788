import { miraklOffers } from '../../../sandbox/scenario/mirakl-offers.ts'
import { miraklCast, miraklOrders } from '../../../sandbox/scenario/mirakl-orders.ts'
import type { Sandbox } from '../../../sandbox/server.ts'
import { type Change, type ChannelOrder, type DemoChannel, shelfSkus, sum } from './channel.ts'

interface Order {
  readonly order_id: string
  readonly state: string
  readonly has_incident: boolean
  readonly lines: readonly {
    readonly offer_sku: string
    readonly quantity: number
    readonly shipped: number
    readonly canceled: number
  }[]
  readonly shipments: readonly {
    readonly tracking: string | null
    readonly lines: readonly { readonly quantity: number }[]
  }[]
}

interface Stock {
  readonly offers: readonly {
    readonly sku: string
    readonly quantity: number
    readonly listed: boolean
    readonly warehouses?: object
    readonly history: readonly Change[]
  }[]
  readonly stock_imports: readonly { readonly ended_at: string | number | null }[]
}

const code = 'mirakl-macys'

export const miraklChannel: DemoChannel = {
  code,
  name: 'Mirakl',
  storeId: 20003,
  cast: {
    ...miraklCast,
    paidLater: [...miraklCast.paidLater, ...miraklCast.toAccept],
    notOurs: miraklCast.shippedByOperator,
  },
  seedOrders(sandbox, now) {
    sandbox.seed('mirakl', { settings: { after_accept: 'WAITING_DEBIT_PAYMENT' } })
    sandbox.seed('mirakl', { orders: miraklOrders(now) })
  },
  seedStock(sandbox, shelf) {
    const { title, quantity } = shelf
    sandbox.seed('mirakl', { offers: [...miraklOffers(), ...shelfSkus(shelf).map((sku) => ({ sku, title, quantity }))] })
  },
  readOrders: (sandbox) => booksOf<{ readonly orders: readonly Order[] }>(sandbox).orders.map(readOrder),
  readStock(sandbox) {
    const { offers, stock_imports: imports } = booksOf<Stock>(sandbox)
    return {
      channel: code,
      offered: offers
        .filter(({ listed }) => listed)
        .map(({ sku, quantity, warehouses, history }) => ({
          sku,
          isOurs: warehouses === undefined,
          shown: quantity,
          history,
          alsoWritten: [],
        })),
      underWay: imports.filter(({ ended_at }) => ended_at === null).length,
    }
  },
  pay: (sandbox, id) => void sandbox.act('mirakl', 'pay', { order_id: id }),
  cancel: (sandbox, id) => void sandbox.act('mirakl', 'cancel', { order_id: id }),
  changeStreet: (sandbox, id, street) =>
    void sandbox.act('mirakl', 'change-address', { order_id: id, ship_to: { street_1: street } }),
  buy: (sandbox, sku, quantity) => void sandbox.act('mirakl', 'buy', { sku, quantity }),
}

function readOrder({ order_id: id, state, has_incident, lines, shipments }: Order): ChannelOrder {
  const isOurs = !miraklCast.shippedByOperator.some((one) => one === id)
  const isPaid = ['SHIPPING', 'SHIPPED', 'TO_COLLECT', 'RECEIVED', 'CLOSED'].includes(state)
  return {
    id,
    mayShip: isOurs && isPaid && !has_incident,
    holdsStock: !['CANCELED', 'REFUSED'].includes(state),
    lines: lines.map(({ offer_sku, quantity, canceled, shipped }) => ({
      sku: offer_sku,
      ordered: quantity - canceled,
      shipped,
    })),
    packedUnits: sum(shipments.flatMap((one) => one.lines.map(({ quantity }) => quantity))),
    tracking: shipments.map(({ tracking }) => tracking ?? ''),
    isToldAgain: false,
  }
}

function booksOf<T>(sandbox: Sandbox): T {
  return structuredClone(sandbox.books('mirakl')) as T
}
