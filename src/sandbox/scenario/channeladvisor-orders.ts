import { amazonCast } from './amazon-orders.ts'
import { ebayCast } from './ebay-orders.ts'
import { articleAt } from './goods.ts'
import { personAt } from './people.ts'

const MINUTE_MS = 60_000
/** How many orders have nothing special about them. */
const PLAIN = 11

/** Orders that the story plays with, by what happens to them. */
export const channelAdvisorCast = {
  paidLater: [19_710_001, 19_710_002],
  neverPaid: [19_720_001],
  cancelledBeforePush: 19_730_001,
  cancelledAfterPush: 19_740_001,
  addressChanged: 19_750_001,
  /** Somebody has taken them already, or the checkout stands still: a person decides. */
  waitForPerson: [19_760_001, 19_760_002],
  twoPackages: 19_770_001,
  inTwoParts: 19_770_002,
  split: 19_780_001,
  voided: 19_790_001,
  markedAsShipped: 19_800_001,
  /** Lie in a distribution center of a marketplace and are shipped from there. */
  shippedByMarketplace: [19_810_001, 19_810_002],
  /** Of marketplaces that have a channel of their own: the same orders come that way too, and ship once. */
  ofOtherChannels: [19_820_001, 19_820_002],
} as const

/** The account's own distribution center, and one that nobody but its marketplace may write to. */
export const distributionCenters = [
  { id: 0, code: 'MAIN', name: 'Main warehouse' },
  { id: -2, code: 'WFS', name: 'Fulfilled by the marketplace', type: 'ExternallyManaged' },
] as const

/** Sites of the account whose orders a direct channel reads, by the names that the platform gives them. */
export const directSites = { amazon: 'Amazon Seller Central - US', ebay: 'eBay Fixed Price US' } as const

type Order = Readonly<Record<string, unknown>>

interface Line {
  readonly quantity?: number
  readonly more?: Order
}

/** About 30 orders of four marketplaces in one account, in two currencies. Compact form of the stand-in. */
export function channelAdvisorOrders(now: number): readonly Order[] {
  let count = 0

  function order(id: number | undefined, lines: readonly Line[], more: Order = {}): Order {
    count += 1
    const n = count
    const person = personAt(n + 9, 4)
    const createdAt = now - 45 * MINUTE_MS - ((n * 37) % 2700) * MINUTE_MS
    return {
      order_id: id ?? 19_600_000 + n * 11,
      site_id: 900 + (n % 2),
      site_name: ['Walmart US', 'Target Plus'][n % 2],
      site_order_id: `W${String(20_088_000 + n * 7)}`,
      created_at: createdAt,
      imported_at: createdAt + 15 * MINUTE_MS,
      buyer: { user_id: `buyer-${n}`, email: `buyer-${n}@marketplace.example.com` },
      ship_to: {
        first: person.first,
        last: person.last,
        line1: person.street,
        line2: person.more ?? null,
        city: person.city,
        state: person.state,
        state_name: null,
        postal: person.postal,
      },
      lines: lines.map(({ quantity, more: extra }, i) => {
        const { sku, title, price } = articleAt(n + i)
        return { sku, title, price, quantity: quantity ?? 1, ...extra }
      }),
      ...more,
    }
  }

  const cast = channelAdvisorCast
  return [
    ...Array.from({ length: PLAIN }, (_, i) => order(undefined, [{ quantity: i % 4 === 0 ? 2 : 1 }])),
    ...[1, 2].map((quantity) => order(undefined, [{}, { quantity, more: { tax: '1.10' } }])),
    order(undefined, [{ more: { gift_message: 'Alles Gute! 🎁 次はあなたの番' } }, {}]),
    order(undefined, [{ more: { promotions: [{ code: 'SAVE2', amount: '2.00' }] } }], { shipping_price: '4.99' }),
    order(undefined, [{ quantity: 2, more: { price: '1999' } }], {
      currency: 'JPY',
      site_name: 'Rakuten Ichiba',
      site_id: 950,
      shipping_price: '500',
      ship_to: addressInJapan,
    }),
    // Another tool has shipped one unit of three; two are left.
    order(undefined, [{ quantity: 3 }], { fulfillments: [{ tracking: 'EARLIER2', lines: { 1: 1 } }] }),
    ...cast.paidLater.map((id) => order(id, [{}], { payment: 'NotYetSubmitted' })),
    ...cast.neverPaid.map((id) => order(id, [{}], { checkout: 'Visited', payment: 'NotYetSubmitted' })),
    order(cast.cancelledBeforePush, [{}]),
    order(cast.cancelledAfterPush, [{}]),
    order(cast.addressChanged, [{}]),
    order(cast.waitForPerson[0], [{}], { shipping: 'PendingShipment' }),
    order(cast.waitForPerson[1], [{}], { checkout: 'OnHold' }),
    order(cast.twoPackages, [{}, {}]),
    order(cast.inTwoParts, [{ quantity: 3 }]),
    order(cast.split, [{}, { quantity: 2 }]),
    order(cast.voided, [{}]),
    order(cast.markedAsShipped, [{}]),
    ...cast.shippedByMarketplace.map((id) => order(id, [{ more: { dc: -2 } }])),
    order(cast.ofOtherChannels[0], [{}, {}], {
      site_id: 640,
      site_name: directSites.amazon,
      site_order_id: amazonCast.twoPackages,
    }),
    order(cast.ofOtherChannels[1], [{}], { site_id: 576, site_name: directSites.ebay, site_order_id: ebayCast.voided }),
    order(undefined, [{}], { shipping: 'Canceled' }),
    order(undefined, [{}], { fulfillments: [{ tracking: 'HISTORY2' }] }),
  ]
}

const addressInJapan: Order = {
  first: '花子',
  last: '山田',
  line1: '架空町1-2-3',
  line2: null,
  city: '千代田区',
  state: '東京都',
  state_name: null,
  postal: '100-0001',
  country: 'JP',
}
