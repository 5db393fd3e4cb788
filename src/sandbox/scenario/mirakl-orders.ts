import { articleAt } from './goods.ts'
import { personAt } from './people.ts'

const MINUTE_MS = 60_000
/** How many orders have nothing special about them. */
const PLAIN = 46

/** Orders that the story plays with, by what happens to them. */
export const miraklCast = {
  /** Wait for the seller's yes, then for the buyer's payment. */
  toAccept: ['MKP-71001-A', 'MKP-71002-A', 'MKP-71003-A'],
  paidLater: ['MKP-72001-A', 'MKP-72002-A'],
  neverPaid: ['MKP-72003-A'],
  cancelledBeforePush: 'MKP-73001-A',
  cancelledAfterPush: 'MKP-74001-A',
  addressChanged: 'MKP-75001-A',
  /** An incident is open: a person decides. */
  waitForPerson: ['MKP-76001-A'],
  twoPackages: 'MKP-77001-A',
  inTwoParts: 'MKP-77002-A',
  split: 'MKP-78001-A',
  voided: 'MKP-79001-A',
  markedAsShipped: 'MKP-80001-A',
  /** Lie in the operator's warehouse and are shipped from there. */
  shippedByOperator: ['MKP-81001-A', 'MKP-81002-A', 'MKP-81003-A'],
} as const

type Order = Readonly<Record<string, unknown>>

interface Line {
  readonly quantity?: number
  readonly more?: Order
}

/** About 80 orders of one operator, in two currencies. Compact form of the stand-in. */
export function miraklOrders(now: number): readonly Order[] {
  let count = 0

  function order(id: string | undefined, lines: readonly Line[], more: Order = {}): Order {
    count += 1
    const n = count
    const person = personAt(n + 5, 3)
    return {
      order_id: id ?? `MKP-${String(60_000 + n * 13)}-A`,
      state: 'SHIPPING',
      created_at: now - 30 * MINUTE_MS - ((n * 29) % 2700) * MINUTE_MS,
      ship_to: {
        firstname: person.first,
        lastname: person.last,
        street_1: person.street,
        ...(person.more === undefined ? {} : { street_2: person.more }),
        city: person.city,
        state: person.state,
        zip_code: person.postal,
      },
      lines: lines.map(({ quantity, more: extra }, i) => {
        const { sku, title, price } = articleAt(n + i)
        return { offer_sku: sku, title, price_unit: price, quantity: quantity ?? 1, ...extra }
      }),
      ...more,
    }
  }

  const toCanada: Order = {
    currency: 'CAD',
    ship_to: {
      firstname: 'Geneviève',
      lastname: 'Tremblay-Côté',
      street_1: '1200 rue de l’Invention',
      city: 'Montréal',
      state: 'QC',
      zip_code: 'H3B 1A7',
      country: 'Canada',
      country_iso_code: 'CAN',
    },
  }
  return [
    ...Array.from({ length: PLAIN }, (_, i) => order(undefined, [{ quantity: i % 7 === 0 ? 3 : 1 }])),
    ...Array.from({ length: 8 }, (_, i) => order(undefined, [{}, { quantity: 1 + (i % 2) }])),
    ...[1, 2, 3, 4, 5].map(() => order(undefined, [{ more: { taxes: [{ code: 'TVQ', amount: '1.25' }] } }], toCanada)),
    ...[1, 2].map((n) =>
      order(undefined, [{}], {
        pudo_id: `PUDO-${4400 + n}`,
        shipping_type_standard_code: 'PICKUP_POINT',
        shipping_type_code: 'PUP',
      }),
    ),
    order(undefined, [{}], { tax_mode: 'TAX_INCLUDED' }),
    order(undefined, [{}], { ship_to: { ...addressOf(3), additional_info: 'Ask for Ms. Fiction at the desk' } }),
    // One of three units was cancelled before anybody looked.
    order(undefined, [{ quantity: 3, more: { canceled_quantity: 1 } }]),
    ...miraklCast.toAccept.map((id) => order(id, [{}, {}], { state: 'WAITING_ACCEPTANCE' })),
    ...miraklCast.paidLater.map((id) => order(id, [{}], { state: 'WAITING_DEBIT_PAYMENT' })),
    ...miraklCast.neverPaid.map((id) => order(id, [{}], { state: 'WAITING_DEBIT_PAYMENT' })),
    order(miraklCast.cancelledBeforePush, [{}]),
    order(miraklCast.cancelledAfterPush, [{}]),
    order(miraklCast.addressChanged, [{}]),
    order(miraklCast.twoPackages, [{ quantity: 1 }, { quantity: 1 }]),
    order(miraklCast.inTwoParts, [{ quantity: 3 }]),
    order(miraklCast.split, [{ quantity: 2 }, { quantity: 1 }]),
    order(miraklCast.voided, [{}]),
    order(miraklCast.markedAsShipped, [{}]),
    ...miraklCast.waitForPerson.map((id) => order(id, [{ more: { state: 'INCIDENT_OPEN' } }], { has_incident: true })),
    ...miraklCast.shippedByOperator.map((id) => order(id, [{}], { fulfillment_center_code: 'OPERATOR-DC' })),
    ...[1, 2].map(() => order(undefined, [{}], { state: 'CANCELED' })),
    order(undefined, [{}], { state: 'REFUSED' }),
    order(undefined, [{}], { state: 'STAGING' }),
    order(undefined, [{}], { state: 'SHIPPED' }),
  ]
}

function addressOf(n: number): Order {
  const { first, last, street, city, state, postal } = personAt(n, 3)
  return { firstname: first, lastname: last, street_1: street, city, state, zip_code: postal }
}
