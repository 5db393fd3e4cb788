import { amazonCast } from '../../sandbox/scenario/amazon-orders.ts'
import { miraklCast } from '../../sandbox/scenario/mirakl-orders.ts'
import type { Books, ShipStationOrder } from './books.ts'
import type { StockBooks } from './stock-books.ts'
import { isNothingElseTouched } from './stock-reckoning.ts'

/** Something that must be true at the end besides the counts. */
export interface Check {
  readonly check: string
  readonly ok: boolean
}

export const newStreet = '500 Corrected Avenue'

/** Read from the stand-ins' books, like the counts. */
export function checkStory({ amazon, shipstation }: Books): readonly Check[] {
  const byNumber = new Map(shipstation.orders.map((order) => [order.order_number, order]))
  const found = (ids: readonly string[]) => ids.map((id) => byNumber.get(id))
  const absent = (ids: readonly string[]) => found(ids).every((order) => order === undefined)
  const all = (ids: readonly string[], is: (order: ShipStationOrder) => boolean) =>
    found(ids).every((order) => order !== undefined && is(order))
  const byAmazon = amazon.filter(({ fulfilled_by }) => fulfilled_by === 'AMAZON').map(({ order_id }) => order_id)
  return [
    {
      check: 'cancelled before the push: never reached ShipStation',
      ok: absent([amazonCast.cancelledBeforePush, miraklCast.cancelledBeforePush]),
    },
    {
      check: 'cancelled after the push: held at ShipStation, nothing shipped',
      ok: all([amazonCast.cancelledAfterPush, miraklCast.cancelledAfterPush], ({ status }) => status === 'on_hold'),
    },
    {
      check: 'address changed after the push: ShipStation has the new one',
      ok: all([amazonCast.addressChanged, miraklCast.addressChanged], ({ ship_to }) => ship_to?.['street1'] === newStreet),
    },
    {
      check: 'paid or accepted later: pushed then; never paid: never pushed',
      ok:
        all([...amazonCast.paidLater, ...miraklCast.paidLater, ...miraklCast.toAccept], ({ status }) => status === 'shipped') &&
        absent([...amazonCast.neverPaid, ...miraklCast.neverPaid]),
    },
    {
      check: "buyer's wish to cancel, open incident: left to a person",
      ok: absent([...amazonCast.waitForPerson, ...miraklCast.waitForPerson]),
    },
    {
      check: 'shipped by Amazon or from the operator’s warehouse: left alone',
      ok: byAmazon.length > 0 && absent([...byAmazon, ...miraklCast.shippedByOperator]),
    },
    {
      check: 'names in every script arrive unharmed (Zoë Müller-Lüdenscheidt, 花子 山田, Łukasz Żółć)',
      ok: ['Zoë Müller-Lüdenscheidt', '花子 山田', 'Łukasz Żółć'].every((name) =>
        shipstation.orders.some(({ ship_to }) => ship_to?.['name'] === name),
      ),
    },
  ]
}

/** The same for stock. */
export function checkStock(books: StockBooks): readonly Check[] {
  return [
    {
      check:
        'no quantity was written to what the marketplace ships, keeps by location, or Zoho does not know; and nothing but quantities',
      ok: isNothingElseTouched(books),
    },
  ]
}
