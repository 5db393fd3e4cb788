import { amazonCast } from '../../sandbox/scenario/amazon-orders.ts'
import { miraklCast } from '../../sandbox/scenario/mirakl-orders.ts'
import type { AmazonOrder, Books, MiraklOrder, ShipStationBooks, ShipStationOrder } from './books.ts'

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

/** What the channel says of one order, whatever the vendor. */
interface ToldOrder {
  readonly id: string
  readonly isShippable: boolean
  /** Units that were the seller's to ship in this story. */
  readonly dueUnits: number
  readonly toldUnits: number
  readonly toldTracking: readonly string[]
  readonly isToldAgain: boolean
}

export const stores = { amazon: 20002, mirakl: 20003 } as const

/** Compares the channels' books with ShipStation's. `before` is how the channels stood when the story began. isync's database is not asked. */
export function reckon(before: Books, after: Books): readonly ChannelReckoning[] {
  const amazonBefore = new Map(before.amazon.map((order) => [order.order_id, order]))
  const miraklBefore = new Map(before.mirakl.map((order) => [order.order_id, order]))
  const amazon = after.amazon.map((order) => toldAmazon(order, amazonBefore.get(order.order_id)))
  const mirakl = after.mirakl.map((order) => toldMirakl(order, miraklBefore.get(order.order_id)))
  return [
    reckonChannel('amazon-us', amazon, after.shipstation, stores.amazon),
    reckonChannel('mirakl-shop', mirakl, after.shipstation, stores.mirakl),
  ]
}

export function isEven({ shippable, in_shipstation, confirmed, lost, duplicated, unwanted }: ChannelReckoning): boolean {
  return shippable > 0 && in_shipstation === shippable && confirmed === shippable && lost + duplicated + unwanted === 0
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

function toldAmazon(order: AmazonOrder, before: AmazonOrder | undefined): ToldOrder {
  const shippedBefore = sum(before?.items.map(({ shipped }) => shipped))
  const dueUnits = sum(order.items.map(({ quantity, cancelled }) => quantity - cancelled)) - shippedBefore
  const packages = order.packages.slice(before?.packages.length ?? 0)
  const mayShip = ['UNSHIPPED', 'PARTIALLY_SHIPPED', 'SHIPPED'].includes(order.status)
  return {
    id: order.order_id,
    isShippable:
      order.fulfilled_by === 'MERCHANT' && mayShip && dueUnits > 0 && !isNamed(amazonCast.waitForPerson, order.order_id),
    dueUnits,
    toldUnits: sum(packages.flatMap(({ items }) => items.map(({ quantity }) => quantity))),
    toldTracking: packages.map(({ tracking }) => tracking),
    isToldAgain: packages.some(({ confirm_calls }) => confirm_calls > 1),
  }
}

function toldMirakl(order: MiraklOrder, before: MiraklOrder | undefined): ToldOrder {
  const shippedBefore = sum(before?.lines.map(({ shipped }) => shipped))
  const dueUnits = sum(order.lines.map(({ quantity, canceled }) => quantity - canceled)) - shippedBefore
  const mayShip = ['SHIPPING', 'SHIPPED', 'TO_COLLECT', 'RECEIVED', 'CLOSED'].includes(order.state)
  const isOurs = !isNamed(miraklCast.shippedByOperator, order.order_id)
  return {
    id: order.order_id,
    isShippable: isOurs && mayShip && dueUnits > 0 && !order.has_incident,
    dueUnits,
    toldUnits: sum(order.shipments.flatMap(({ lines }) => lines.map(({ quantity }) => quantity))),
    toldTracking: order.shipments.map(({ tracking }) => tracking ?? ''),
    isToldAgain: false,
  }
}

function isNamed(ids: readonly string[], id: string): boolean {
  return ids.includes(id)
}

function sum(numbers: readonly number[] = []): number {
  return numbers.reduce((total, number) => total + number, 0)
}
