import type { Books, ShipStationBooks, ShipStationOrder } from './books.ts'
import { type ChannelOrder, type DemoChannel, sum } from './channels/channel.ts'

/** One channel's orders, counted in the vendors' own books. */
export interface ChannelReckoning {
  readonly channel: string
  readonly seeded: number
  /** Paid, the seller's to ship, not cancelled, nobody's question open. */
  readonly shippable: number
  /** Shippable orders that ShipStation has exactly once. */
  readonly in_shipstation: number
  /** Shippable orders whose packages the channel knows, all of them, each once, and no other. */
  readonly confirmed: number
  /** Shippable orders that are missing in ShipStation or not confirmed. */
  readonly lost: number
  /** Orders that are twice in ShipStation, or of which a package was told twice. */
  readonly duplicated: number
  /** Orders that ShipStation would ship though they must not ship. */
  readonly unwanted: number
}

/** What has become of one order in this story. */
interface ToldOrder {
  readonly id: string
  readonly isShippable: boolean
  /** Units that were the seller's to ship in this story. */
  readonly dueUnits: number
  readonly toldUnits: number
  readonly toldTracking: readonly string[]
  readonly isToldAgain: boolean
}

/** Compares the channels' books with ShipStation's. `before` is how the channels stood when the story began. isync's database is not asked. */
export function reckon(
  channels: readonly Pick<DemoChannel, 'code' | 'storeId'>[],
  before: Books,
  after: Books,
): readonly ChannelReckoning[] {
  return channels.map(({ code, storeId }) => {
    const known = new Map((before.channels.get(code) ?? []).map((order) => [order.id, order]))
    const orders = (after.channels.get(code) ?? []).map((order) => toldOf(order, known.get(order.id)))
    return reckonChannel(code, orders, after.shipstation, storeId)
  })
}

export function isEven({ shippable, in_shipstation, confirmed, lost, duplicated, unwanted }: ChannelReckoning): boolean {
  return shippable > 0 && in_shipstation === shippable && confirmed === shippable && lost + duplicated + unwanted === 0
}

function toldOf(order: ChannelOrder, before: ChannelOrder | undefined): ToldOrder {
  const shippedBefore = sum((before?.lines ?? []).map(({ shipped }) => shipped))
  const dueUnits = sum(order.lines.map(({ ordered }) => ordered)) - shippedBefore
  return {
    id: order.id,
    isShippable: order.mayShip && dueUnits > 0,
    dueUnits,
    toldUnits: order.packedUnits - (before?.packedUnits ?? 0),
    toldTracking: without(order.tracking, before?.tracking ?? []),
    isToldAgain: order.isToldAgain,
  }
}

/** Each of `some` takes one of its like away. */
function without(all: readonly string[], some: readonly string[]): readonly string[] {
  const left = [...all]
  for (const one of some) {
    const at = left.indexOf(one)
    if (at >= 0) left.splice(at, 1)
  }
  return left
}

function reckonChannel(channel: string, orders: readonly ToldOrder[], books: ShipStationBooks, store: number): ChannelReckoning {
  const mine = books.orders.filter(({ store_id, deleted }) => store_id === store && !deleted)
  const shippable = orders.filter(({ isShippable }) => isShippable)
  const there = new Set(shippable.filter(({ id }) => liveOrders(mine, id).length === 1).map(({ id }) => id))
  const confirmed = new Set(shippable.filter((order) => isConfirmed(order, mine, books)).map(({ id }) => id))
  const doubled = orders.filter(({ id, isToldAgain, toldTracking, toldUnits, dueUnits }) => {
    const toldTwice = isToldAgain || new Set(toldTracking).size < toldTracking.length || toldUnits > dueUnits
    return toldTwice || mine.filter((order) => isMain(order, id)).length > 1
  })
  const wanted = new Set(shippable.map(({ id }) => id))
  const unwanted = mine.filter(
    (order) => order.parent_id === null && isLive(order) && order.merged_into === null && !wanted.has(order.order_number),
  )
  return {
    channel,
    seeded: orders.length,
    shippable: shippable.length,
    in_shipstation: there.size,
    confirmed: confirmed.size,
    lost: shippable.filter(({ id }) => !there.has(id) || !confirmed.has(id)).length,
    duplicated: doubled.length,
    unwanted: unwanted.length,
  }
}

function isMain(order: ShipStationOrder, id: string): boolean {
  return order.order_number === id && order.parent_id === null
}

function isLive({ status }: ShipStationOrder): boolean {
  return status === 'awaiting_shipment' || status === 'shipped'
}

function liveOrders(orders: readonly ShipStationOrder[], id: string): readonly ShipStationOrder[] {
  return orders.filter((order) => isMain(order, id) && isLive(order))
}

/** The channel knows the packages that left, by tracking number: no more, no fewer, none twice; and every unit is in one. */
function isConfirmed(told: ToldOrder, orders: readonly ShipStationOrder[], books: ShipStationBooks): boolean {
  const [main] = liveOrders(orders, told.id)
  if (main === undefined || told.toldUnits !== told.dueUnits) return false
  const ids = new Set([
    main.order_id,
    ...orders.filter(({ parent_id }) => parent_id === main.order_id).map(({ order_id }) => order_id),
  ])
  const labels = books.shipments.filter((label) => ids.has(label.order_id ?? -1) && !label.voided && !label.is_return)
  const left = [...labels, ...books.fulfillments.filter(({ order_id }) => ids.has(order_id))].map(({ tracking }) => tracking)
  return left.length > 0 && left.toSorted().join() === told.toldTracking.toSorted().join()
}
