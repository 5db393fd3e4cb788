import {
  channelAdvisorCast,
  channelAdvisorOrders,
  directSites,
  distributionCenters,
} from '../../../sandbox/scenario/channeladvisor-orders.ts'
import { channelAdvisorProducts } from '../../../sandbox/scenario/channeladvisor-products.ts'
import type { Sandbox } from '../../../sandbox/server.ts'
import { type Change, type ChannelOrder, type DemoChannel, shelfSkus, sum } from './channel.ts'

interface Order {
  readonly order_id: number
  readonly site_name: string
  readonly checkout: string
  readonly payment: string
  readonly shipping: string
  readonly rollup: string
  readonly exported_by: readonly unknown[]
  readonly lines: readonly { readonly sku: string | null; readonly quantity: number; readonly shipped: number }[]
  readonly fulfillments: readonly {
    readonly shipped: boolean
    readonly tracking: string | null
    readonly lines: Readonly<Record<string, number>>
  }[]
}

interface Stock {
  readonly products: readonly { readonly sku: string; readonly live: number | null; readonly history: readonly Change[] }[]
  readonly uploads: readonly { readonly done_at: number | null }[]
}

const code = 'rithum-ca'
const cast = channelAdvisorCast
const direct: readonly string[] = Object.values(directSites)

export const channelAdvisorChannel: DemoChannel = {
  code,
  name: 'Rithum ChannelAdvisor',
  storeId: 20006,
  cast: {
    paidLater: cast.paidLater.map(String),
    neverPaid: cast.neverPaid.map(String),
    cancelledBeforePush: String(cast.cancelledBeforePush),
    cancelledAfterPush: String(cast.cancelledAfterPush),
    addressChanged: String(cast.addressChanged),
    waitForPerson: cast.waitForPerson.map(String),
    notOurs: [...cast.shippedByMarketplace, ...cast.ofOtherChannels].map(String),
    twoPackages: String(cast.twoPackages),
    inTwoParts: String(cast.inTwoParts),
    split: String(cast.split),
    voided: String(cast.voided),
    markedAsShipped: String(cast.markedAsShipped),
  },
  seedOrders: (sandbox, now) =>
    sandbox.seed('channeladvisor', { distribution_centers: distributionCenters, orders: channelAdvisorOrders(now) }),
  seedStock(sandbox, shelf) {
    const { title, quantity } = shelf
    const products = shelfSkus(shelf).map((sku) => ({ sku, title, quantity }))
    sandbox.seed('channeladvisor', { products: [...channelAdvisorProducts(), ...products] })
  },
  readOrders: (sandbox) => booksOf<{ readonly orders: readonly Order[] }>(sandbox).orders.map(readOrder),
  readStock(sandbox) {
    const { products, uploads } = booksOf<Stock>(sandbox)
    return {
      channel: code,
      offered: products.map(({ sku, live, history }) => ({ sku, isOurs: true, shown: live ?? 0, history, alsoWritten: [] })),
      underWay: uploads.filter(({ done_at }) => done_at === null).length,
    }
  },
  pay: (sandbox, id) => void sandbox.act('channeladvisor', 'pay', { order_id: Number(id) }),
  cancel: (sandbox, id) => void sandbox.act('channeladvisor', 'cancel', { order_id: Number(id) }),
  changeStreet: (sandbox, id, street) =>
    void sandbox.act('channeladvisor', 'change-address', { order_id: Number(id), ship_to: { line1: street } }),
  // The site is named: a plain order of the stand-in is one of eBay's, which a direct channel reads.
  buy: (sandbox, sku, quantity) =>
    void sandbox.act('channeladvisor', 'buy', { sku, quantity, order: { site_id: 900, site_name: 'Walmart US' } }),
}

function readOrder({
  order_id,
  site_name,
  checkout,
  payment,
  shipping,
  rollup,
  exported_by,
  lines,
  fulfillments,
}: Order): ChannelOrder {
  const isOurs = rollup === 'SellerManaged' && !direct.includes(site_name)
  const isCheckedOut = checkout === 'Completed' && payment === 'Cleared'
  const packages = fulfillments.filter(({ shipped }) => shipped)
  return {
    id: String(order_id),
    mayShip: isOurs && isCheckedOut && ['Unshipped', 'PartiallyShipped', 'Shipped'].includes(shipping),
    holdsStock: isOurs && shipping !== 'Canceled',
    lines: lines.map(({ sku, quantity, shipped }) => ({ sku: sku ?? '', ordered: quantity, shipped })),
    packedUnits: sum(packages.flatMap((one) => Object.values(one.lines))),
    tracking: packages.map(({ tracking }) => tracking ?? ''),
    isToldAgain: false,
    isTaken: exported_by.length > 0,
  }
}

function booksOf<T>(sandbox: Sandbox): T {
  return structuredClone(sandbox.books('channeladvisor')) as T
}
