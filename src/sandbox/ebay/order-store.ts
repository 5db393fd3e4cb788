import { idOf, isPaid, lineIdOf, type Order } from './order.ts'

export interface OrderStore {
  /** By the id of now, or by the one from before the payment; the one of after it means nothing before. */
  get(user: string, id: string): Order | undefined
  /** For actions: whoever's it is, by any id it has or will have. */
  find(id: string): Order | undefined
  byLine(user: string, orderLineItemId: string): Order | undefined
  all(): readonly Order[]
  of(user: string): readonly Order[]
  put(order: Order): void
  /** Every change moves the time of the last one, always forward. */
  touch(order: Order, now: number): void
  /** Who has this tracking number. */
  withTracking(tracking: string): readonly Order[]
}

export function createOrderStore(): OrderStore {
  const orders = new Set<Order>()
  const byId = new Map<string, Order>()
  const byLineId = new Map<string, Order>()
  const byTracking = new Map<string, Set<Order>>()
  /** What the index of tracking numbers holds of an order. */
  const indexed = new Map<Order, readonly string[]>()

  function indexTracking(order: Order): void {
    for (const tracking of indexed.get(order) ?? []) byTracking.get(tracking)?.delete(order)
    const numbers = order.packages.flatMap(({ tracking }) => (tracking === undefined ? [] : [tracking.toUpperCase()]))
    for (const tracking of numbers) byTracking.set(tracking, (byTracking.get(tracking) ?? new Set()).add(order))
    indexed.set(order, numbers)
  }

  return {
    get(user, id) {
      const order = byId.get(id)
      if (order === undefined || order.user !== user) return undefined
      return isPaid(order) || id === idOf(order) ? order : undefined
    },
    find: (id) => byId.get(id),
    byLine(user, orderLineItemId) {
      const order = byLineId.get(orderLineItemId)
      return order?.user === user ? order : undefined
    },
    all: () => [...orders],
    of: (user) => [...orders].filter((order) => order.user === user),
    put(order) {
      for (const id of [order.paidId, order.unpaidId]) {
        if (byId.has(id)) throw new Error(`orders: there is an order ${id} already`)
      }
      orders.add(order)
      byId.set(order.paidId, order)
      byId.set(order.unpaidId, order)
      // Lines that went into another order are that one's from then on.
      for (const line of order.lines) byLineId.set(lineIdOf(line), order)
      indexTracking(order)
    },
    touch(order, now) {
      order.updatedAt = Math.max(now, order.updatedAt + 1)
      indexTracking(order)
    },
    withTracking: (tracking) => [...(byTracking.get(tracking.toUpperCase()) ?? [])],
  }
}
