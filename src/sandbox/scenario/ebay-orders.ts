import { articleAt } from './goods.ts'
import { personAt } from './people.ts'

const MINUTE_MS = 60_000
/** How many orders have nothing special about them. */
const PLAIN = 16

/** Orders that the story plays with, by what happens to them. Each by the id that it has from its payment on. */
export const ebayCast = {
  /** Paid only after the first pull, and under another id from then on. */
  paidLater: ['21-07001-00001', '21-07001-00002'],
  neverPaid: ['21-07002-00001', '21-07002-00002'],
  cancelledBeforePush: '21-07003-00001',
  cancelledAfterPush: '21-07004-00001',
  addressChanged: '21-07005-00001',
  /** The buyer asks to cancel, or the payment is reviewed: a person decides. */
  waitForPerson: ['21-07006-00001', '21-07006-00002'],
  twoPackages: '21-07007-00001',
  inTwoParts: '21-07007-00002',
  split: '21-07008-00001',
  voided: '21-07009-00001',
  markedAsShipped: '21-07010-00001',
  /** The buyer fetches it, or there is nothing to send: no label. */
  withoutLabel: ['21-07011-00001', '21-07011-00002'],
} as const

type Order = Readonly<Record<string, unknown>>

interface Line {
  readonly quantity?: number
  readonly more?: Order
}

/** About 40 orders of one seller, on two sites. Compact form of the stand-in. */
export function ebayOrders(now: number): readonly Order[] {
  let count = 0

  function order(id: string | undefined, lines: readonly Line[], more: Order = {}): Order {
    count += 1
    const n = count
    const person = personAt(n + 2, 5)
    return {
      order_id: id ?? `21-${String(6000 + n).padStart(5, '0')}-${String(40_000 + n * 61)}`,
      created_at: now - 30 * MINUTE_MS - ((n * 31) % 2700) * MINUTE_MS,
      buyer: { user_id: `buyer_${n}`, first: person.first, last: person.last, email: `buyer-${n}@marketplace.example.com` },
      ship_to: {
        name: `${person.first} ${person.last}`,
        street1: person.street,
        ...(person.more === undefined ? {} : { street2: person.more }),
        city: person.city,
        state: person.state,
        postal: person.postal,
      },
      shipping_cost: n % 4 === 0 ? '4.95' : '0.00',
      lines: lines.map(({ quantity, more: extra }, i) => {
        const { sku, title, price } = articleAt(n + i)
        return { sku, title, price, quantity: quantity ?? 1, ...extra }
      }),
      ...more,
    }
  }

  const inBritain: Order = {
    site: 'EBAY_GB',
    service: 'UK_RoyalMailSecondClassStandard',
    ship_to: {
      name: 'Gwen Example',
      street1: '221 Imaginary Mews',
      city: 'London',
      state: null,
      postal: 'N1 9GU',
      country: 'GB',
      country_name: 'United Kingdom',
    },
  }
  return [
    ...Array.from({ length: PLAIN }, (_, i) => order(undefined, [{ quantity: i % 6 === 0 ? 2 : 1 }])),
    ...[1, 2, 3].map((quantity) => order(undefined, [{}, { quantity }])),
    // Sales tax that eBay collects and keeps.
    order(undefined, [{ more: { ebay_tax: '1.12' } }, { more: { ebay_tax: '3.90' } }]),
    order(undefined, [{ more: { gift: true } }], { buyer: { message: 'Alles Gute! 🎁 次はあなたの番' } }),
    order(undefined, [{ more: { sku: 'SOCKS-L', title: 'Socks', price: '6.50', variation: { Size: 'L', Colour: 'Grün' } } }]),
    // A listing without a SKU is known by its item id.
    order(undefined, [{ more: { sku: null, item_id: '256999000001', title: 'Clearance box' } }]),
    // Goes to a hub of eBay's first, whose reference must be on the label.
    order(undefined, [{}], { hub: { program: 'EIS' } }),
    order(undefined, [{}], { hub: { program: 'GSP', import_charge: '12.40' } }),
    order(undefined, [{}, {}], inBritain),
    ...ebayCast.paidLater.map((id) => order(id, [{}], { payment: 'UNPAID' })),
    ...ebayCast.neverPaid.map((id, i) => order(id, [{}], { payment: i === 0 ? 'UNPAID' : 'PENDING' })),
    order(ebayCast.cancelledBeforePush, [{}]),
    order(ebayCast.cancelledAfterPush, [{}]),
    order(ebayCast.addressChanged, [{}]),
    order(ebayCast.waitForPerson[0], [{}], { cancel: 'CancelRequested', cancel_reason: 'OrderPlacedByMistake' }),
    order(ebayCast.waitForPerson[1], [{}], { payment: 'REVIEW' }),
    order(ebayCast.twoPackages, [{}, {}]),
    order(ebayCast.inTwoParts, [{ quantity: 3 }]),
    order(ebayCast.split, [{}, { quantity: 2 }]),
    order(ebayCast.voided, [{}]),
    order(ebayCast.markedAsShipped, [{}]),
    order(ebayCast.withoutLabel[0], [{}], { pickup: 'InStorePickup' }),
    order(ebayCast.withoutLabel[1], [{ more: { digital: true } }]),
    order(undefined, [{}], { cancel: 'CancelComplete' }),
    order(undefined, [{}], { packages: [{ tracking: 'HISTORY1', carrier: 'USPS' }] }),
  ]
}
