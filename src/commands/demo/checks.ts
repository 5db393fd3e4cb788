import type { Books, ShipStationOrder } from './books.ts'
import { demoChannels } from './channels/all.ts'
import type { Cast, ChannelOrder } from './channels/channel.ts'
import type { StockBooks } from './stock-books.ts'
import { isNothingElseTouched } from './stock-reckoning.ts'

/** Something that must be true at the end besides the counts. */
export interface Check {
  readonly check: string
  readonly ok: boolean
}

export const newStreet = '500 Corrected Avenue'

/** Read from the stand-ins' books, like the counts. */
export function checkStory({ channels, shipstation }: Books): readonly Check[] {
  const byNumber = new Map(shipstation.orders.map((order) => [order.order_number, order]))
  const ids = (pick: (cast: Cast) => string | readonly string[]) => demoChannels.flatMap(({ cast }) => pick(cast))
  const absent = (numbers: readonly string[]) => numbers.length > 0 && numbers.every((number) => !byNumber.has(number))
  const all = (numbers: readonly string[], is: (order: ShipStationOrder) => boolean) =>
    numbers.map((number) => byNumber.get(number)).every((order) => order !== undefined && is(order))
  return [
    {
      check: 'cancelled before the push: never reached ShipStation',
      ok: absent(ids((cast) => cast.cancelledBeforePush)),
    },
    {
      check: 'cancelled after the push: held at ShipStation, nothing shipped',
      ok: all(
        ids((cast) => cast.cancelledAfterPush),
        ({ status }) => status === 'on_hold',
      ),
    },
    {
      check: 'address changed after the push: ShipStation has the new one',
      ok: all(
        ids((cast) => cast.addressChanged),
        ({ ship_to }) => ship_to?.['street1'] === newStreet,
      ),
    },
    {
      check: 'paid, accepted or let go later: pushed then; never paid: never pushed',
      ok:
        all(
          ids((cast) => cast.paidLater),
          ({ status }) => status === 'shipped',
        ) && absent(ids((cast) => cast.neverPaid)),
    },
    {
      check: "buyer's wish to cancel, open incident, odd way to ship: left to a person",
      ok: absent(ids((cast) => cast.waitForPerson)),
    },
    {
      check: 'shipped by the marketplace, collected by the buyer, or another channel’s order too: left alone',
      ok: demoChannels.every(({ cast }) => absent(cast.notOurs)),
    },
    {
      check: 'orders of Rithum are acknowledged or marked as exported: all that ShipStation has, and no other',
      ok: isTakenRightly([...channels.values()].flat(), new Set(byNumber.keys())),
    },
    {
      check: 'names in every script arrive unharmed (Zoë Müller-Lüdenscheidt, 花子 山田, Łukasz Żółć)',
      ok: demoChannels.every(({ storeId }) => {
        const names = shipstation.orders.filter(({ store_id }) => store_id === storeId).map(({ ship_to }) => ship_to?.['name'])
        return ['Zoë Müller-Lüdenscheidt', '花子 山田', 'Łukasz Żółć'].every((name) => names.includes(name))
      }),
    },
  ]
}

function isTakenRightly(orders: readonly ChannelOrder[], there: ReadonlySet<string>): boolean {
  const told = orders.filter(({ isTaken }) => isTaken !== undefined)
  return told.some(({ isTaken }) => isTaken) && told.every(({ id, isTaken }) => isTaken === there.has(id))
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
