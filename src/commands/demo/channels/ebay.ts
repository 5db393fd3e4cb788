import { ebayListingCast, ebayListings } from '../../../sandbox/scenario/ebay-listings.ts'
import { ebayCast, ebayOrders } from '../../../sandbox/scenario/ebay-orders.ts'
import type { Sandbox } from '../../../sandbox/server.ts'
import { type Change, type ChannelOrder, type DemoChannel, shelfSkus, sum } from './channel.ts'

interface Order {
  readonly paid_id: string
  readonly status: string
  readonly payment: string
  readonly cancel: string
  readonly lines: readonly { readonly sku: string | null; readonly quantity: number; readonly shipped: number }[]
  readonly packages: readonly { readonly tracking: string | null; readonly lines: Readonly<Record<string, number>> }[]
  readonly complete_sale_calls: number
}

interface Stock {
  readonly listings: readonly {
    readonly sku: string | null
    readonly live: number | null
    readonly distributions_lost: boolean
    readonly ended: boolean
    readonly history: readonly Change[]
  }[]
}

const code = 'ebay-us'

export const ebayChannel: DemoChannel = {
  code,
  name: 'eBay',
  storeId: 20004,
  cast: { ...ebayCast, notOurs: ebayCast.withoutLabel },
  seedOrders: (sandbox, now) => sandbox.seed('ebay', { orders: ebayOrders(now) }),
  seedStock(sandbox, shelf) {
    const { title, quantity } = shelf
    const listings = shelfSkus(shelf).map((sku) => ({ sku, title, quantity, model: 'trading' }))
    sandbox.seed('ebay', { listings: [...ebayListings(), ...listings] })
  },
  readOrders: (sandbox) => booksOf<{ readonly orders: readonly Order[] }>(sandbox).orders.map(readOrder),
  readStock(sandbox) {
    const { listings } = booksOf<Stock>(sandbox)
    return {
      channel: code,
      offered: listings
        .filter(({ ended }) => !ended)
        .map(({ sku, live, history, distributions_lost }) => ({
          sku: sku ?? '',
          isOurs: sku !== ebayListingCast.byWarehouse,
          shown: live ?? 0,
          history,
          alsoWritten: distributions_lost ? ['availabilityDistributions'] : [],
        })),
      underWay: 0,
    }
  },
  pay: (sandbox, id) => void sandbox.act('ebay', 'pay', { order_id: id }),
  cancel: (sandbox, id) => void sandbox.act('ebay', 'cancel', { order_id: id }),
  changeStreet: (sandbox, id, street) =>
    void sandbox.act('ebay', 'change-address', { order_id: id, ship_to: { street1: street } }),
  buy: (sandbox, sku, quantity) => void sandbox.act('ebay', 'buy', { sku, quantity }),
}

/** eBay keeps packages by line and counts a line as shipped with its first one, so a number may stand on each line once. */
function readOrder({ paid_id: id, status, payment, cancel, lines, packages, complete_sale_calls: calls }: Order): ChannelOrder {
  const named = packages.flatMap((one) => Object.keys(one.lines).map((line) => `${line} ${one.tracking}`))
  const isHeld = [...ebayCast.waitForPerson, ...ebayCast.withoutLabel].some((one) => one === id)
  return {
    id,
    mayShip: status === 'Completed' && payment === 'PAID' && cancel === 'NotApplicable' && !isHeld,
    holdsStock: status !== 'Cancelled' && status !== 'Inactive',
    lines: lines.map(({ sku, quantity, shipped }) => ({ sku: sku ?? '', ordered: quantity, shipped })),
    packedUnits: sum(lines.map(({ shipped }) => shipped)),
    tracking: [...new Set(packages.map(({ tracking }) => tracking ?? ''))],
    isToldAgain: new Set(named).size < named.length || calls > named.length,
  }
}

function booksOf<T>(sandbox: Sandbox): T {
  return structuredClone(sandbox.books('ebay')) as T
}
