import { articleAt } from './goods.ts'
import { personAt } from './people.ts'

const MINUTE_MS = 60_000
/** How many orders have nothing special about them. */
const PLAIN = 16

/** Orders that the story plays with, by what happens to them. Ids of 19 digits, as the platform makes them. */
export const dscoCast = {
  /** The retailer has not let them go at the first pull. */
  releasedLater: ['1900000000000071001', '1900000000000071002'],
  neverReleased: ['1900000000000072001'],
  cancelledBeforePush: '1900000000000073001',
  cancelledAfterPush: '1900000000000074001',
  addressChanged: '1900000000000075001',
  /** A wish to cancel, a parcel for the retailer's own cross dock or on its carrier account: a person decides. */
  waitForPerson: ['1900000000000076001', '1900000000000076002', '1900000000000076003'],
  twoPackages: '1900000000000077001',
  inTwoParts: '1900000000000077002',
  split: '1900000000000078001',
  voided: '1900000000000079001',
  markedAsShipped: '1900000000000080001',
  /** Picked up in a shop: no label. */
  withoutLabel: ['1900000000000081001'],
} as const

/** The ways to ship that the retailers have agreed on with this supplier. */
export const dscoCarriers: Readonly<Record<string, readonly string[]>> = {
  UPS: ['Ground', 'Next Day Air', '2nd Day Air'],
  FedEx: ['Ground', '2Day'],
  USPS: ['Ground Advantage', 'Priority'],
  OnTrac: ['Ground'],
  DHL: ['Express Worldwide', 'Standard'],
}

type Order = Readonly<Record<string, unknown>>

interface Line {
  readonly quantity?: number
  readonly more?: Order
}

/** About 40 orders of three retailers with one supplier. Compact form of the stand-in. */
export function dscoOrders(now: number): readonly Order[] {
  let count = 0

  function order(id: string | undefined, lines: readonly Line[], more: Order = {}): Order {
    count += 1
    const n = count
    const person = personAt(n + 7, 2)
    const retailer = ['Acme Home', 'Example & Daughters', 'Kaufhaus Müller'][n % 3]
    return {
      id: id ?? `19000000000000${String(60_000 + n * 17)}`,
      po: `PO-${String(88_000 + n * 3)}`,
      retailer,
      retailer_id: `100000050${n % 3}`,
      created_at: now - 30 * MINUTE_MS - ((n * 27) % 2700) * MINUTE_MS,
      ship_to: {
        name: `${person.first} ${person.last}`,
        address: [person.street, ...(person.more === undefined ? [] : [person.more])],
        city: person.city,
        region: person.state,
        postal: person.postal,
        style: (['both', 'new', 'old'] as const)[n % 3],
      },
      lines: lines.map(({ quantity, more: extra }, i) => {
        const { sku, title, price } = articleAt(n + i)
        return { sku, title, price, cost: price, quantity: quantity ?? 1, ...extra }
      }),
      ...more,
    }
  }

  return [
    ...Array.from({ length: PLAIN }, (_, i) => order(undefined, [{ quantity: i % 5 === 0 ? 3 : 1 }])),
    ...[1, 2, 3].map((quantity) => order(undefined, [{}, { quantity }])),
    ...[1, 2].map(() => order(undefined, [{}], { type: 'Marketplace', channel: 'Acme Marketplace' })),
    // Lines without numbers are told apart by their article.
    order(undefined, [{ more: { line_number: null } }, { quantity: 2, more: { line_number: null } }]),
    order(undefined, [{}], { wire: { giftFlag: true, giftMessage: 'Alles Gute! 🎁 次はあなたの番', giftToName: 'Zoë' } }),
    order(undefined, [{}], { service_level: 'UPCG' }),
    order(undefined, [{}], { wire: { shipping: { storeNumber: '0042' } } }),
    // One of three units was cancelled before anybody looked.
    order(undefined, [{ quantity: 3, more: { cancelled: 1 } }]),
    // Another tool has shipped one unit of three; two are left.
    order(undefined, [{ quantity: 3 }], { packages: [{ tracking: 'EARLIER1', lines: { 1: 1 } }] }),
    order(undefined, [{}], { currency: 'CAD', ship_to: addressInCanada }),
    ...dscoCast.releasedLater.map((id) => order(id, [{}], { lifecycle: 'received' })),
    ...dscoCast.neverReleased.map((id) => order(id, [{}], { lifecycle: 'received' })),
    order(dscoCast.cancelledBeforePush, [{}]),
    order(dscoCast.cancelledAfterPush, [{}, {}]),
    order(dscoCast.addressChanged, [{}]),
    order(dscoCast.waitForPerson[0], [{}], { cancel_requested: 'CR02' }),
    order(dscoCast.waitForPerson[1], [{}], { wire: { crossDockFlag: true } }),
    order(dscoCast.waitForPerson[2], [{}], { wire: { shippingAccountNumber: 'X12Y34' } }),
    order(dscoCast.twoPackages, [{}, {}]),
    order(dscoCast.inTwoParts, [{ quantity: 3 }]),
    order(dscoCast.split, [{}, { quantity: 2 }]),
    order(dscoCast.voided, [{}]),
    order(dscoCast.markedAsShipped, [{}]),
    order(dscoCast.withoutLabel[0], [{}], { wire: { deliveryMethod: 'in_store_pickup' } }),
    order(undefined, [{}], { test: true }),
    order(undefined, [{ more: { cancelled: 1 } }]),
    order(undefined, [{}], { packages: [{ tracking: 'HISTORY1' }] }),
  ]
}

const addressInCanada: Order = {
  name: 'Geneviève Tremblay-Côté',
  address: ['1200 rue de l’Invention'],
  city: 'Montréal',
  region: 'QC',
  postal: 'H3B 1A7',
  country: 'CA',
}
