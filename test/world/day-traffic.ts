import { type Fate, type Market, markets, streets, trackingOf } from './all-channels.ts'
import { stores } from './auditor.ts'
import { type DayTown, daySku, SKUS } from './day-town.ts'
import { seeded } from './oversell-schedule.ts'

/** What becomes of an order in the course of the day. */
export const dayFates = [
  'packed whole',
  'in two packages',
  'a package for each line',
  'split',
  'merged',
  'marked as shipped',
  'its label voided before',
  'its label voided after',
  'cancelled before the push',
  'cancelled after the push',
  'moved after the push',
  'not paid yet',
  'unreadable',
] as const

export type DayFate = (typeof dayFates)[number]

/** Of a hundred orders; the rest is packed whole. */
const shares: Readonly<Partial<Record<DayFate, number>>> = {
  'in two packages': 5,
  'a package for each line': 5,
  split: 3,
  merged: 4,
  'marked as shipped': 4,
  'its label voided before': 3,
  'its label voided after': 0.4,
  'cancelled before the push': 3,
  'cancelled after the push': 2,
  'moved after the push': 4,
  'not paid yet': 4,
  unreadable: 0.2,
}

export interface DayOrder {
  readonly market: Market
  readonly id: string
  readonly fate: DayFate
  /** The minute of the day at which it is placed. */
  readonly minute: number
  readonly units: readonly { readonly sku: string; readonly quantity: number }[]
  /** What comes next, and from which minute on. */
  next: 'place' | 'pay' | 'cancel' | 'move' | 'pack' | 'void' | 'done'
  due: number
}

/** The people of the day: buyers, a clerk who packs, a bookkeeper at Zoho. */
export interface Traffic {
  readonly orders: readonly DayOrder[]
  /** Everything that people do in this minute of the day. */
  minute(minute: number): void
  /** Orders that are not through yet. */
  open(): readonly DayOrder[]
}

/** In every personal value of every order. */
export const CANARY = 'Canarius'
export const MOVED = '9 Canarius Moved Street'

const LAST_PACKED_AFTER = 60

/** `count` orders of all channels over `minutes`, by a seed: the same every time. */
export function planTraffic(town: DayTown, count: number, minutes: number, seed: number): Traffic {
  const random = seeded(seed)
  const whole = (most: number) => Math.floor(random() * most)
  const packedAfter = Math.max(1, Math.min(LAST_PACKED_AFTER, Math.floor(minutes / 4)))
  const orders = Array.from({ length: count }, (_, n) => planOrder(n))
  const bookings: { readonly due: number; readonly sku: string; readonly quantity: number }[] = []
  const committed = new Map<string, number>()

  function planOrder(n: number): DayOrder {
    const market = markets[n % markets.length] ?? 'amazon'
    const fate = fateOf(random() * 100)
    const first = { sku: daySku(whole(SKUS)), quantity: fate === 'in two packages' || fate === 'split' ? 4 : 1 + whole(2) }
    const other = daySku(whole(SKUS))
    const needsTwo = fate === 'a package for each line' || (fate === 'packed whole' && whole(5) === 0)
    const units = needsTwo && other !== first.sku ? [first, { sku: other, quantity: 1 }] : [first]
    const minute = Math.floor((n * minutes) / count)
    return { market, id: streets[market].id(1, n + 1), fate, minute, units, next: 'place', due: minute }
  }

  function place(order: DayOrder): void {
    const { market, id, fate, units } = order
    const street = streets[market]
    const known: Fate = fate === 'not paid yet' || fate === 'in two packages' ? fate : 'moved after the push'
    const document = {
      ...street.order(id, units, known),
      ...personOf(market),
      ...(fate === 'unreadable' ? { currency: 'NOPE' } : {}),
    }
    town.sandbox.act(market, 'add-orders', [document])
    if (market === 'mirakl') town.pushOrder(id)
    if (fate === 'unreadable') after(order, 'done', 0)
    else if (fate === 'not paid yet') after(order, 'pay', Math.min(20, packedAfter))
    else if (fate === 'cancelled before the push') {
      town.sandbox.act(market, ...street.cancel(id))
      after(order, 'done', 0)
    } else if (fate === 'cancelled after the push') after(order, 'cancel', Math.min(5, packedAfter))
    else if (fate === 'moved after the push') after(order, 'move', Math.min(5, packedAfter))
    else after(order, 'pack', 1 + whole(packedAfter))
    if (!fate.startsWith('cancelled') && fate !== 'unreadable')
      for (const { sku, quantity } of units) bookings.push({ due: order.minute + 1 + whole(10), sku, quantity })
  }

  function after(order: DayOrder, next: DayOrder['next'], minutesLater: number): void {
    order.next = next
    order.due += minutesLater
  }

  /** The bookkeeper enters what was sold, and now and then goods arrive. */
  function book(minute: number): void {
    for (let i = bookings.length - 1; i >= 0; i -= 1) {
      const booking = bookings[i]
      if (booking === undefined || booking.due > minute) continue
      bookings.splice(i, 1)
      committed.set(booking.sku, (committed.get(booking.sku) ?? 0) + booking.quantity)
      town.sandbox.act('zoho', 'sales-order', { sku: booking.sku, quantity: booking.quantity })
    }
    if (minute % 20 !== 10 || minute >= minutes) return
    const sku = daySku(whole(SKUS))
    town.sandbox.act('zoho', 'set-stock', { sku, stock: (committed.get(sku) ?? 0) + whole(300) })
  }

  function act(order: DayOrder, minute: number, packed: ReadonlyMap<string, PackedOrder>): void {
    const { market, id, fate } = order
    const there = packed.get(`${stores[market]} ${id}`)
    const street = streets[market]
    switch (order.next) {
      case 'place':
        place(order)
        return
      case 'pay':
        town.sandbox.act(market, ...street.pay(id))
        after(order, 'pack', 1 + whole(packedAfter))
        return
      case 'cancel':
        if (there === undefined) return
        town.sandbox.act(market, ...street.cancel(id))
        after(order, 'done', 0)
        return
      case 'move':
        if (there === undefined) return
        town.sandbox.act(market, ...street.move(id, MOVED))
        after(order, 'pack', minute - order.due + 1 + whole(packedAfter))
        return
      case 'pack':
        if (there?.status !== 'awaiting_shipment') return
        // Whoever has moved is packed when the label says so.
        if (fate === 'moved after the push' && there.ship_to.street1 !== MOVED) return
        pack(order, there, minute)
        return
      case 'void':
        town.sandbox.act('shipstation', 'void', { tracking: trackingOf(market, id, 1) })
        after(order, 'done', 0)
        return
    }
  }

  function pack(order: DayOrder, there: PackedOrder, minute: number): void {
    const { market, id, fate } = order
    const goods = there.items.filter(({ adjustment }) => !adjustment)
    const label = (n: number, units?: readonly number[]) => ({
      tracking: trackingOf(market, id, n),
      carrier_code: 'ups_walleted',
      service_code: 'ups_ground',
      ...(units === undefined
        ? {}
        : { items: goods.flatMap(({ line_item_key }, i) => (units[i] ? [{ line_item_key, quantity: units[i] }] : [])) }),
    })
    const ship = (orderId: number, packages: readonly object[]) =>
      town.sandbox.act('shipstation', 'ship', { order_id: orderId, packages })
    const { order_id } = there
    order.due = minute
    order.next = 'done'
    if (fate === 'in two packages') ship(order_id, [label(1, [1]), label(2, [3])])
    else if (fate === 'a package for each line' && goods.length === 2)
      ship(order_id, [label(1, [goods[0]?.quantity ?? 1, 0]), label(2, [0, 1])])
    else if (fate === 'split') {
      const [first] = goods
      const child = town.sandbox.act('shipstation', 'split', {
        order_id,
        items: [{ line_item_key: first?.line_item_key, quantity: 2 }],
      }) as { readonly order_id: number }
      ship(order_id, [label(1)])
      ship(child.order_id, [label(2)])
    } else if (fate === 'merged') mergeOrPack(order, there, () => ship(order_id, [label(1)]))
    else if (fate === 'marked as shipped')
      town.sandbox.act('shipstation', 'mark-as-shipped', { order_id, carrier_name: 'UPS', tracking: trackingOf(market, id, 1) })
    else if (fate === 'its label voided before') {
      ship(order_id, [label(1)])
      town.sandbox.act('shipstation', 'void', { tracking: trackingOf(market, id, 1) })
      ship(order_id, [label(2)])
    } else ship(order_id, [label(1)])
    if (fate === 'its label voided after') after(order, 'void', packedAfter)
  }

  /** Two orders of one channel that are to be merged go in one package; the last one without a mate goes alone. */
  function mergeOrPack(order: DayOrder, { order_key }: PackedOrder, alone: () => void): void {
    const mate = mates.get(order.market)
    const isLast = !orders.some(
      (one) => one !== order && one.market === order.market && one.fate === 'merged' && one.next !== 'done',
    )
    if (mate !== undefined && mate.order !== order) {
      town.sandbox.act('shipstation', 'merge', { into_order_key: order_key, order_keys: [mate.key] })
      mates.delete(order.market)
      mate.order.next = 'done'
      alone()
    } else if (isLast) alone()
    else {
      mates.set(order.market, { order, key: order_key })
      order.next = 'pack'
      order.due += 1
    }
  }
  const mates = new Map<Market, { readonly order: DayOrder; readonly key: string }>()

  return {
    orders,
    open: () => orders.filter(({ next }) => next !== 'done'),
    minute(minute) {
      const due = orders.filter((order) => order.next !== 'done' && order.due <= minute)
      const packed = due.some(({ next }) => next !== 'place') ? packedOrders(town) : new Map<string, PackedOrder>()
      for (const order of due) if (order.next !== 'done') act(order, minute, packed)
      book(minute)
    },
  }
}

function fateOf(draw: number): DayFate {
  let left = draw
  for (const fate of dayFates) {
    left -= shares[fate] ?? 0
    if (left < 0) return fate
  }
  return 'packed whole'
}

interface PackedOrder {
  readonly order_id: number
  readonly order_key: string
  readonly order_number: string
  readonly store_id: number
  readonly status: string
  readonly deleted: boolean
  readonly ship_to: { readonly street1?: string | null }
  readonly items: readonly { readonly line_item_key: string; readonly quantity: number; readonly adjustment: boolean }[]
}

/** By store and number, as the clerk sees them. */
export function packedOrders({ sandbox }: DayTown): ReadonlyMap<string, PackedOrder> {
  const { orders } = sandbox.books('shipstation') as { readonly orders: readonly PackedOrder[] }
  return new Map(orders.filter(({ deleted }) => !deleted).map((order) => [`${order.store_id} ${order.order_number}`, order]))
}

/** A buyer whom no log may know. */
function personOf(market: Market): object {
  const [first, last, line, city] = ['Canarina', CANARY, `1 ${CANARY} Wharf`, `${CANARY}ville`]
  const name = `${first} ${last}`
  const email = `canarina@${CANARY.toLowerCase()}.example`
  const phone = '+1 555 0199 0199'
  switch (market) {
    case 'amazon':
      return { buyer: { name, email }, ship_to: { name, line1: line, city, phone } }
    case 'mirakl':
      return {
        customer: { firstname: first, lastname: last, email },
        ship_to: { firstname: first, lastname: last, street_1: line, city, phone },
      }
    case 'ebay':
      return { buyer: { user_id: 'canarius_user', first, last, email }, ship_to: { name, street1: line, city, phone } }
    case 'dsco':
      return { ship_to: { name, address: [line], city, phone, email } }
    case 'channeladvisor':
      return { buyer: { user_id: 'canarius-user', email }, ship_to: { first, last, line1: line, city, phone } }
  }
}
