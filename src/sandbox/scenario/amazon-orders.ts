import { articleAt } from './goods.ts'
import { personAt } from './people.ts'

const MINUTE_MS = 60_000
/** How many orders have nothing special about them. */
const PLAIN = 76

/** Orders that the story plays with, by what happens to them. */
export const amazonCast = {
  /** Paid only after the first pull. */
  paidLater: ['114-7000001-0000001', '114-7000001-0000002'],
  /** Never paid in this story. */
  neverPaid: ['114-7000002-0000001', '114-7000002-0000002'],
  cancelledBeforePush: '114-7000003-0000001',
  cancelledAfterPush: '114-7000004-0000001',
  addressChanged: '114-7000005-0000001',
  /** The buyer asked to cancel: a person decides, nothing ships on its own. */
  waitForPerson: ['114-7000006-0000001'],
  /** Two lines in two packages, made together. */
  twoPackages: '114-7000007-0000001',
  /** One line of three units: two today, one tomorrow. */
  inTwoParts: '114-7000007-0000002',
  /** Split in two orders at ShipStation. */
  split: '114-7000008-0000001',
  /** The first label is voided, a second one made. */
  voided: '114-7000009-0000001',
  /** Shipped outside ShipStation and marked as shipped there. */
  markedAsShipped: '114-7000010-0000001',
  /** Lie in Amazon's warehouse and are shipped from there. */
  shippedByAmazon: [1, 2, 3, 4, 5, 6].map((n) => `114-7000011-000000${n}`),
} as const

interface Line {
  readonly article?: number
  readonly quantity?: number
  readonly more?: Readonly<Record<string, unknown>>
}

type Order = Readonly<Record<string, unknown>>

/** About 120 orders of the last two days, as a seller of some size has them. Compact form of the stand-in. */
export function amazonOrders(now: number): readonly Order[] {
  let count = 0

  function order(id: string | undefined, lines: readonly Line[], more: Order = {}): Order {
    count += 1
    const n = count
    const person = personAt(n, 1)
    return {
      order_id: id ?? `113-${String(4_000_000 + n * 37)}-${String(1_000_000 + n * 7919)}`,
      created_at: now - 30 * MINUTE_MS - ((n * 23) % 2700) * MINUTE_MS,
      buyer: { name: `${person.first} ${person.last}`, email: `buyer-${n}@marketplace.example.com` },
      ship_to: {
        name: `${person.first} ${person.last}`,
        line1: person.street,
        ...(person.more === undefined ? {} : { line2: person.more }),
        city: person.city,
        state: person.state,
        postal: person.postal,
      },
      items: lines.map((line, i) => itemOf(`${n}${i}`, line, n + i)),
      ...more,
    }
  }

  const plain = Array.from({ length: PLAIN }, (_, i) => order(undefined, [{ quantity: i % 9 === 0 ? 2 : 1 }]))
  const multiLine = Array.from({ length: 12 }, (_, i) =>
    order(undefined, [{}, { quantity: 1 + (i % 3) }, ...(i % 2 === 0 ? [{ quantity: 2 }] : [])]),
  )
  const gift = { gift: { message: 'Alles Gute! 🎁 次はあなたの番', wrap: 'Classic', price: '3.99' } }
  return [
    ...plain,
    ...multiLine,
    ...[1, 2, 3].map(() => order(undefined, [{ more: gift }, {}])),
    ...[1, 2, 3, 4].map(() => order(undefined, [{}], { programs: ['PRIME'], service_level: 'EXPEDITED' })),
    order(undefined, [{ quantity: 6 }], {
      programs: ['AMAZON_BUSINESS'],
      buyer: { name: 'Grace Fiction', company: 'Fiction & Sons LLC', purchase_order: 'PO-2210' },
    }),
    order(undefined, [{ more: { discount: '2.00', tax: '1.12', shipping: '4.99' } }, { more: { tax: '0.80' } }]),
    order(undefined, [{}], { ship_to: { name: 'Ada Sample', company: 'Parcel Locker 11', type: 'PICKUP_POINT' } }),
    order(undefined, [{}], { notes: { instruction: 'Ring twice, mind the dog', drop_off: 'Porch' } }),
    // Another tool has shipped one unit of three; two are left.
    ...[1, 2].map((n) =>
      order(undefined, [{ quantity: 3, more: { order_item_id: `9900000000${n}` } }], {
        status: 'PARTIALLY_SHIPPED',
        packages: [{ tracking: `EARLIER-${n}`, items: [{ order_item_id: `9900000000${n}`, quantity: 1 }] }],
      }),
    ),
    // One of two lines was cancelled before anybody looked.
    order(undefined, [{}, { more: { cancelled: 1 } }]),
    order(amazonCast.cancelledBeforePush, [{}]),
    order(amazonCast.cancelledAfterPush, [{ quantity: 2 }]),
    order(amazonCast.addressChanged, [{}]),
    order(amazonCast.twoPackages, [{ quantity: 1 }, { quantity: 2 }]),
    order(amazonCast.inTwoParts, [{ quantity: 3 }]),
    order(amazonCast.split, [{ quantity: 1 }, { quantity: 2 }]),
    order(amazonCast.voided, [{}]),
    order(amazonCast.markedAsShipped, [{}]),
    ...amazonCast.waitForPerson.map((id) => order(id, [{ more: { cancel_requested: 'Ordered by mistake' } }])),
    ...amazonCast.paidLater.map((id) => order(id, [{}], { status: 'PENDING' })),
    ...amazonCast.neverPaid.map((id) => order(id, [{}], { status: 'PENDING' })),
    ...amazonCast.shippedByAmazon.map((id) => order(id, [{}], { fulfilled_by: 'AMAZON' })),
    ...[1, 2, 3].map(() => order(undefined, [{}], { status: 'CANCELLED' })),
    ...[1, 2].map((n) => order(undefined, [{}], { status: 'SHIPPED', packages: [{ tracking: `HISTORY-${n}` }] })),
  ]
}

function itemOf(id: string, { article, quantity, more }: Line, n: number): Order {
  const { sku, title, price } = articleAt(article ?? n)
  return { order_item_id: `5500${id.padStart(8, '0')}`, sku, title, unit_price: price, quantity: quantity ?? 1, ...more }
}
