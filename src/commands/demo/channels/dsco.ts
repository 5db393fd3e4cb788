import { dscoItems } from '../../../sandbox/scenario/dsco-items.ts'
import { dscoCarriers, dscoCast, dscoOrders } from '../../../sandbox/scenario/dsco-orders.ts'
import type { Sandbox } from '../../../sandbox/server.ts'
import { type Change, type ChannelOrder, type DemoChannel, shelfSkus, sum } from './channel.ts'

interface Order {
  readonly order_id: string
  readonly test: boolean
  readonly status: string
  readonly lifecycle: string
  readonly acknowledgements: readonly unknown[]
  readonly lines: readonly {
    readonly sku: string | null
    readonly quantity: number
    readonly cancelled: number
    readonly rejected: number
    readonly shipped: number
  }[]
  readonly packages: readonly {
    readonly tracking: string
    readonly lines: readonly { readonly quantity: number }[]
  }[]
}

interface Stock {
  readonly items: readonly {
    readonly sku: string
    readonly quantity: number
    readonly cost_writes: number
    readonly history: readonly Change[]
  }[]
  readonly pending: number
}

const code = 'rithum-acme'

export const dscoChannel: DemoChannel = {
  code,
  name: 'Rithum Dsco',
  storeId: 20005,
  cast: {
    ...dscoCast,
    paidLater: dscoCast.releasedLater,
    neverPaid: dscoCast.neverReleased,
    notOurs: dscoCast.withoutLabel,
  },
  seedOrders: (sandbox, now) => sandbox.seed('dsco', { carriers: dscoCarriers, orders: dscoOrders(now) }),
  seedStock(sandbox, shelf) {
    const { title, quantity } = shelf
    sandbox.seed('dsco', { items: [...dscoItems(), ...shelfSkus(shelf).map((sku) => ({ sku, title, quantity }))] })
  },
  readOrders: (sandbox) => booksOf<{ readonly orders: readonly Order[] }>(sandbox).orders.map(readOrder),
  readStock(sandbox) {
    const { items, pending } = booksOf<Stock>(sandbox)
    return {
      channel: code,
      offered: items.map(({ sku, quantity, history, cost_writes }) => ({
        sku,
        isOurs: true,
        shown: quantity,
        history,
        alsoWritten: cost_writes > 0 ? ['cost'] : [],
      })),
      underWay: pending,
    }
  },
  pay: (sandbox, id) => void sandbox.act('dsco', 'release', { order_id: id }),
  cancel: (sandbox, id) => void sandbox.act('dsco', 'cancel', { order_id: id }),
  changeStreet: (sandbox, id, street) =>
    void sandbox.act('dsco', 'change-address', { order_id: id, ship_to: { address: [street] } }),
  buy: (sandbox, sku, quantity) => void sandbox.act('dsco', 'buy', { sku, quantity }),
}

function readOrder({ order_id: id, test, status, lifecycle, acknowledgements, lines, packages }: Order): ChannelOrder {
  const isHeld = [...dscoCast.waitForPerson, ...dscoCast.withoutLabel].some((one) => one === id)
  return {
    id,
    mayShip: !test && lifecycle !== 'received' && status !== 'cancelled' && !isHeld,
    holdsStock: !test && status !== 'cancelled',
    lines: lines.map(({ sku, quantity, cancelled, rejected, shipped }) => ({
      sku: sku ?? '',
      ordered: quantity - cancelled - rejected,
      shipped,
    })),
    packedUnits: sum(packages.flatMap((one) => one.lines.map(({ quantity }) => quantity))),
    tracking: packages.map(({ tracking }) => tracking),
    isToldAgain: acknowledgements.length > 1,
    isTaken: acknowledgements.length > 0,
  }
}

function booksOf<T>(sandbox: Sandbox): T {
  return structuredClone(sandbox.books('dsco')) as T
}
