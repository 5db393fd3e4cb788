import { mayShip, type NormalizedOrder } from '../model/order.ts'
import { type PushedLines, withPushedQuantities } from './content.ts'

/**
 * What a channel's order asks of an order that ShipStation holds:
 * - `ship`: it is to be there as {@link withPushedQuantities} tells
 * - `hold`: nothing of it, or nothing more of it, may leave for now
 * - `cancel`: nothing of it is to leave any more
 * - `nothing`: it is well as it is
 */
export type Wanted = 'ship' | 'hold' | 'cancel' | 'nothing'

/** `pushed`: what ShipStation was told per line. `isErased`: the address is gone, and with it what could be sent. */
export function wantedThere(order: NormalizedOrder, pushed: PushedLines, isErased: boolean): Wanted {
  if (order.status === 'cancelled') return 'cancel'
  if (order.status === 'poison') return 'nothing'
  if (order.status === 'shipped') return isRestCancelled(order, pushed) ? 'hold' : 'nothing'
  if (mayShip(withPushedQuantities(order, pushed))) return 'ship'
  // Back to unpaid or unaccepted, without an address, or with nothing left to ship: it would be shipped all the same.
  return isErased && order.status !== 'on_hold' ? 'nothing' : 'hold'
}

/** ShipStation was told of more units than the order has by now. */
function isRestCancelled({ lines }: NormalizedOrder, pushed: PushedLines): boolean {
  const ordered = new Map(lines.map(({ externalLineId, qty }) => [externalLineId, qty]))
  return [...pushed].some(([id, { units, shippedBefore }]) => units > Math.max(0, (ordered.get(id) ?? 0) - shippedBefore))
}

/** Units per line that are in some package of the order. */
export type PackedLines = ReadonlyMap<string, number>

/** How much of what ShipStation was told has left the house, by the packages that are known. */
export function departed(pushed: PushedLines, packed: PackedLines): 'nothing' | 'part' | 'all' {
  if (packed.size === 0) return 'nothing'
  return [...pushed].every(([id, { units }]) => (packed.get(id) ?? 0) >= units) ? 'all' : 'part'
}

/** Units that the channel counts as shipped, and that are in no package known here. */
export function shippedByOthers({ lines }: NormalizedOrder, pushed: PushedLines, packed: PackedLines): number {
  let units = 0
  for (const { externalLineId: id, qtyShipped = 0 } of lines)
    units += Math.max(0, qtyShipped - (pushed.get(id)?.shippedBefore ?? 0) - (packed.get(id) ?? 0))
  return units
}
