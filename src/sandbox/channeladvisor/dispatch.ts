import { type Center, isExternal } from './center.ts'
import { usualCenter } from './centers.ts'
import { type Delivery, type Fulfillment, type FulfillmentType, isGone, isWaiting, type Line, type Order } from './order.ts'
import { next, type State } from './state.ts'

/** What is said of one package. */
export interface Parcel {
  readonly tracking: string | null
  readonly trackingUrl: string | null
  readonly carrier: string | null
  readonly shippingClass: string | null
  readonly center: Center | undefined
  readonly shippedAt: number | null
  readonly sellerId: string | null
  readonly delivery: Delivery
  readonly type: FulfillmentType
  /** The marketplace is not told. */
  readonly isPrevented: boolean
}

type Hand = NonNullable<Fulfillment['by']>

/**
 * A package leaves. A fulfillment that waits with just these units becomes the package; else the units come out of those that wait and go
 * into a new one. Units that do not wait any more are added all the same: what is sent twice stands there twice (contract section 10).
 * Without contents it is everything that waits, or everything again.
 */
export function dispatch(
  state: State,
  order: Order,
  parcel: Parcel,
  contents: ReadonlyMap<Line, number> | undefined,
  by: Hand,
): void {
  const now = state.clock.now()
  const waiting = order.fulfillments.filter((each) => isWaiting(each) && each.items.size > 0)
  if (contents === undefined && waiting.length > 0) {
    for (const fulfillment of waiting) hand(state, order, fulfillment, parcel, by)
  } else {
    const units = contents ?? new Map(order.lines.map((line) => [line, line.quantity]))
    const fitting = waiting.find((each) => isAtHand(each, parcel) && holdsExactly(each, units))
    hand(state, order, fitting ?? split(state, order, waiting, parcel, units), parcel, by)
  }
  state.orders.touch(order, now)
}

function isAtHand(fulfillment: Fulfillment, { center }: Parcel): boolean {
  return center === undefined || fulfillment.center === center
}

function holdsExactly({ items }: Fulfillment, units: ReadonlyMap<Line, number>): boolean {
  return items.size === units.size && [...units].every(([line, quantity]) => items.get(line)?.quantity === quantity)
}

/** Takes the units out of those that wait, the named distribution center's and the seller's own first, into a new one. */
function split(
  state: State,
  order: Order,
  waiting: readonly Fulfillment[],
  parcel: Parcel,
  units: ReadonlyMap<Line, number>,
): Fulfillment {
  const rank = (each: Fulfillment) =>
    parcel.center !== undefined && each.center === parcel.center ? 0 : isExternal(each.center) ? 2 : 1
  const sources = [...waiting].sort((a, b) => rank(a) - rank(b))
  let from: Center | undefined
  for (const [line, quantity] of units) {
    let left = quantity
    for (const source of sources) {
      const entry = source.items.get(line)
      const taken = Math.min(entry?.quantity ?? 0, left)
      if (entry === undefined || taken === 0) continue
      left -= taken
      entry.quantity -= taken
      from ??= source.center
      if (isExternal(source.center)) noteExternal(state, order, line)
      if (entry.quantity === 0) source.items.delete(line)
    }
  }
  order.fulfillments = order.fulfillments.filter((each) => !isWaiting(each) || each.items.size > 0)
  const now = state.clock.now()
  const made: Fulfillment = {
    id: 11_000_000 + next(state),
    createdAt: now,
    updatedAt: now,
    type: parcel.type,
    delivery: 'NoChange',
    tracking: null,
    trackingUrl: null,
    carrier: null,
    shippingClass: null,
    center: parcel.center ?? from ?? usualCenter(state),
    shippedAt: null,
    sellerId: null,
    items: new Map([...units].map(([line, quantity]) => [line, { id: 41_000_000 + next(state), quantity }])),
    by: undefined,
    marketplace: 'not yet',
  }
  order.fulfillments.push(made)
  return made
}

/** Writes the package into the fulfillment, and tells the marketplace when it is on its way. */
export function hand(state: State, order: Order, fulfillment: Fulfillment, parcel: Parcel, by: Hand): void {
  const now = state.clock.now()
  const wasGone = isGone(fulfillment)
  if (!wasGone && by !== 'seed' && isExternal(fulfillment.center)) {
    for (const line of fulfillment.items.keys()) noteExternal(state, order, line)
  }
  fulfillment.type = parcel.type
  fulfillment.delivery = parcel.delivery
  fulfillment.tracking = parcel.tracking
  fulfillment.trackingUrl = parcel.trackingUrl
  fulfillment.carrier = parcel.carrier
  fulfillment.shippingClass = parcel.shippingClass
  fulfillment.center = parcel.center ?? fulfillment.center
  fulfillment.sellerId = parcel.sellerId
  fulfillment.updatedAt = now
  if (!isGone(fulfillment)) return
  fulfillment.shippedAt = parcel.shippedAt ?? now
  fulfillment.by = by
  fulfillment.marketplace = parcel.isPrevented ? 'prevented' : isRejected(order, parcel) ? 'rejected' : 'sent'
}

/** Amazon takes whole numbers only as the seller's own key; the platform learns of it later than the answer (contract, the vendor's model). */
function isRejected(order: Order, { sellerId }: Parcel): boolean {
  return order.siteName.startsWith('Amazon') && sellerId !== null && !/^\d+$/.test(sellerId)
}

/** Once for each item, however it came about. */
function noteExternal({ misdeeds }: State, order: Order, line: Line): void {
  const note = `order ${order.id}: units of item ${line.id} shipped that an externally managed distribution center has`
  if (!misdeeds.includes(note)) misdeeds.push(note)
}
