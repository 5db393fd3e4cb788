import { type Order, settleOrder } from './order.ts'
import { orderDocument } from './order-wire.ts'
import { show } from './seen.ts'
import type { Book, State } from './state.ts'

/** Reasons of the model's OrderEventTypes, as far as they happen here. */
export type Reason =
  | 'create'
  | 'add_shipment'
  | 'remove_shipment'
  | 'update_order_info'
  | 'update_shipping_info'
  | 'update_status_lifecycle'
  | 'update_supplier_order_number'

/** The order was changed at this time: readers and streams learn of it as it spreads. Its date of change is when it happened. */
export function changed(state: State, book: Book, order: Order, reasons: readonly Reason[], at: number): void {
  const before = `${order.lifecycle} ${order.status}`
  settleOrder(order)
  const isMoved = `${order.lifecycle} ${order.status}` !== before
  order.updatedAt = Math.max(order.updatedAt, at)
  const all = isMoved && !reasons.includes('update_status_lifecycle') ? [...reasons, 'update_status_lifecycle'] : reasons
  spread(state, book, order, all, at + state.settings.propagationMs)
}

/** Shows the order as it is from this time on. */
export function spread(state: State, book: Book, order: Order, reasons: readonly string[], from: number): void {
  const document = orderDocument(order, state.settings)
  const at = show(order.seen, document, from)
  book.changes.push({ at, orderId: order.id, document, reasons })
}
