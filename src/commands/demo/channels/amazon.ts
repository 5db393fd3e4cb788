import { amazonListings } from '../../../sandbox/scenario/amazon-listings.ts'
import { amazonCast, amazonOrders } from '../../../sandbox/scenario/amazon-orders.ts'
import type { Sandbox } from '../../../sandbox/server.ts'
import { type Change, type ChannelOrder, type DemoChannel, shelfSkus, sum } from './channel.ts'

interface Order {
  readonly order_id: string
  readonly status: string
  readonly fulfilled_by: 'MERCHANT' | 'AMAZON'
  readonly items: readonly {
    readonly sku: string | null
    readonly quantity: number
    readonly shipped: number
    readonly cancelled: number
  }[]
  readonly packages: readonly {
    readonly tracking: string
    readonly items: readonly { readonly quantity: number }[]
    readonly confirm_calls: number
  }[]
}

interface Stock {
  readonly listings: readonly {
    readonly sku: string
    readonly channel: string
    readonly listed: boolean
    readonly quantity: number | null
    readonly history: readonly Change[]
    readonly also_written: readonly string[]
  }[]
  readonly feeds: readonly { readonly status: string }[]
}

const code = 'amazon-us'

export const amazonChannel: DemoChannel = {
  code,
  name: 'Amazon',
  storeId: 20002,
  cast: { ...amazonCast, notOurs: amazonCast.shippedByAmazon },
  seedOrders: (sandbox, now) => sandbox.seed('amazon', { orders: amazonOrders(now) }),
  seedStock(sandbox, shelf) {
    const { title, quantity } = shelf
    sandbox.seed('amazon', { listings: [...amazonListings(), ...shelfSkus(shelf).map((sku) => ({ sku, title, quantity }))] })
  },
  readOrders: (sandbox) => booksOf<{ readonly orders: readonly Order[] }>(sandbox).orders.map(readOrder),
  readStock(sandbox) {
    const { listings, feeds } = booksOf<Stock>(sandbox)
    return {
      channel: code,
      offered: listings
        .filter(({ listed }) => listed)
        .map(({ sku, channel, quantity, history, also_written }) => ({
          sku,
          isOurs: channel === 'MFN',
          shown: quantity ?? 0,
          history,
          alsoWritten: also_written,
        })),
      underWay: feeds.filter(({ status }) => status === 'IN_QUEUE' || status === 'IN_PROGRESS').length,
    }
  },
  pay: (sandbox, id) => void sandbox.act('amazon', 'set-status', { order_id: id, status: 'UNSHIPPED' }),
  cancel: (sandbox, id) => void sandbox.act('amazon', 'cancel', { order_id: id }),
  changeStreet: (sandbox, id, street) =>
    void sandbox.act('amazon', 'change-address', { order_id: id, ship_to: { line1: street } }),
  buy: (sandbox, sku, quantity) => void sandbox.act('amazon', 'buy', { sku, quantity }),
}

function readOrder({ order_id: id, status, fulfilled_by, items, packages }: Order): ChannelOrder {
  const isOurs = fulfilled_by === 'MERCHANT'
  const isWaiting = amazonCast.waitForPerson.some((one) => one === id)
  return {
    id,
    mayShip: isOurs && ['UNSHIPPED', 'PARTIALLY_SHIPPED', 'SHIPPED'].includes(status) && !isWaiting,
    holdsStock: isOurs && status !== 'CANCELLED',
    lines: items.map(({ sku, quantity, cancelled, shipped }) => ({ sku: sku ?? '', ordered: quantity - cancelled, shipped })),
    packedUnits: sum(packages.flatMap((one) => one.items.map(({ quantity }) => quantity))),
    tracking: packages.map(({ tracking }) => tracking),
    isToldAgain: packages.some(({ confirm_calls }) => confirm_calls > 1),
  }
}

function booksOf<T>(sandbox: Sandbox): T {
  return structuredClone(sandbox.books('amazon')) as T
}
