import type { Fulfillment, Order } from './order.ts'

export interface OrderStore {
  byId(id: number): Order | undefined
  /** What may be seen now: of these profiles, and imported. Oldest ID first. */
  visible(profiles: ReadonlySet<number>, now: number): readonly Order[]
  fulfillment(id: number): { readonly order: Order; readonly fulfillment: Fulfillment } | undefined
  /** Orders that have units of this SKU, whatever became of them. */
  withSku(sku: string): Iterable<Order>
  all(): Iterable<Order>
  put(order: Order): void
  /** Every change moves the time of the last one, always forward. */
  touch(order: Order, now: number): void
}

export function createOrderStore(): OrderStore {
  const orders = new Map<number, Order>()
  const owners = new Map<number, Order>()
  const bySku = new Map<string, Set<Order>>()
  let sorted: readonly Order[] | undefined

  function index(order: Order): void {
    for (const { id } of order.fulfillments) owners.set(id, order)
  }

  return {
    byId: (id) => orders.get(id),
    visible(profiles, now) {
      sorted ??= [...orders.values()].sort((a, b) => a.id - b.id)
      return sorted.filter((order) => profiles.has(order.profileId) && order.importedAt <= now)
    },
    fulfillment(id) {
      const order = owners.get(id)
      const fulfillment = order?.fulfillments.find((each) => each.id === id)
      return order === undefined || fulfillment === undefined ? undefined : { order, fulfillment }
    },
    withSku: (sku) => bySku.get(sku) ?? [],
    all: () => orders.values(),
    put(order) {
      if (orders.has(order.id)) throw new Error(`orders: there is an order ${order.id} already`)
      orders.set(order.id, order)
      sorted = undefined
      index(order)
      for (const { sku } of order.lines) {
        if (sku !== null) bySku.set(sku, (bySku.get(sku) ?? new Set()).add(order))
      }
    },
    touch(order, now) {
      order.updatedAt = Math.max(now, order.updatedAt + 1)
      index(order)
    },
  }
}
