import { idOf, isPaid, type Order } from './order.ts'

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
  reset(): void
}

export function createOrderStore(): OrderStore {
  const orders = new Set<Order>()
  const byId = new Map<string, Order>()

  return {
    get(user, id) {
      const order = byId.get(id)
      if (order === undefined || order.user !== user) return undefined
      return isPaid(order) || id === idOf(order) ? order : undefined
    },
    find: (id) => byId.get(id),
    byLine(user, orderLineItemId) {
      for (const order of orders) {
        if (order.user !== user || order.mergedInto !== undefined) continue
        if (order.lines.some((line) => `${line.itemId}-${line.transactionId}` === orderLineItemId)) return order
      }
      return undefined
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
    },
    touch(order, now) {
      order.updatedAt = Math.max(now, order.updatedAt + 1)
    },
    withTracking: (tracking) =>
      [...orders].filter((order) => order.packages.some((parcel) => parcel.tracking?.toUpperCase() === tracking.toUpperCase())),
    reset() {
      orders.clear()
      byId.clear()
    },
  }
}
