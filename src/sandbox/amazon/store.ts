import type { Order } from './order.ts'

export type TimeKey = 'createdAt' | 'updatedAt'

export interface Position {
  readonly at: number
  readonly id: string
}

export interface Selection {
  readonly key: TimeKey
  readonly from: number
  readonly to: number
  /** Starts behind this order: the keyset of a page token. */
  readonly after: Position | undefined
  readonly limit: number
  matches(order: Order): boolean
}

export interface OrderStore {
  get(id: string): Order | undefined
  all(): readonly Order[]
  put(order: Order): void
  /** Every change moves lastUpdatedTime (contract section 2, rule 11), always forward. */
  touch(order: Order, now: number): void
  /** One page in time order; `next` is set when more follow. */
  select(selection: Selection): { readonly orders: readonly Order[]; readonly next: Position | undefined }
  reset(): void
}

/** `changed` hears of every order that is new or was touched. */
export function createOrderStore(changed: (order: Order) => void): OrderStore {
  const orders = new Map<string, Order>()
  const sorted = new Map<TimeKey, readonly Order[]>()

  function inOrder(key: TimeKey): readonly Order[] {
    const known = sorted.get(key)
    if (known !== undefined) return known
    const list = [...orders.values()].sort((a, b) => a[key] - b[key] || compare(a.id, b.id))
    sorted.set(key, list)
    return list
  }

  return {
    get: (id) => orders.get(id),
    all: () => [...orders.values()],
    put(order) {
      orders.set(order.id, order)
      sorted.clear()
      changed(order)
    },
    touch(order, now) {
      order.updatedAt = Math.max(now, order.updatedAt + 1)
      sorted.delete('updatedAt')
      changed(order)
    },
    select({ key, from, to, after, limit, matches }) {
      const found: Order[] = []
      for (const order of inOrder(key)) {
        if (order[key] < from || (after !== undefined && !isBehind(order[key], order.id, after))) continue
        if (order[key] > to) break
        if (!matches(order)) continue
        const last = found.at(-1)
        if (found.length === limit && last !== undefined) return { orders: found, next: { at: last[key], id: last.id } }
        found.push(order)
      }
      return { orders: found, next: undefined }
    },
    reset() {
      orders.clear()
      sorted.clear()
    },
  }
}

function isBehind(at: number, id: string, after: Position): boolean {
  return at > after.at || (at === after.at && compare(id, after.id) > 0)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
