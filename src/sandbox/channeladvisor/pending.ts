import type { Center } from './center.ts'
import { isCancelled, isCheckedOut, isWaiting, type Order } from './order.ts'
import type { Pending, Product } from './product.ts'
import type { State } from './state.ts'

/** What the account's own orders hold of a product, in one distribution center or in all; the platform knows what it has imported. */
export function pendingOf(state: State, product: Product, center?: Center): Pending {
  const sums = { checkout: 0, payment: 0, shipment: 0 }
  for (const order of state.orders.withSku(product.sku)) {
    if (order.profileId !== product.profileId || order.importedAt > state.clock.now() || isCancelled(order)) continue
    sums[stageOf(order)] += waitingFor(order, product.sku, center)
  }
  return sums
}

function stageOf(order: Order): keyof Pending {
  if (!isCheckedOut(order)) return 'checkout'
  return order.payment === 'Cleared' || order.payment === 'Deposited' ? 'shipment' : 'payment'
}

function waitingFor(order: Order, sku: string, center: Center | undefined): number {
  let units = 0
  for (const fulfillment of order.fulfillments) {
    if (!isWaiting(fulfillment) || (center !== undefined && fulfillment.center !== center)) continue
    for (const [line, { quantity }] of fulfillment.items) if (line.sku === sku) units += quantity
  }
  return units
}
