import { idOf, type Order } from './order.ts'
import type { State } from './state.ts'

/** Letters and digits only (contract section 4.1). */
export function isTrackingNumber(text: string): boolean {
  return /^[A-Za-z0-9]{1,50}$/.test(text)
}

/** Letters, digits, blank and dash (contract section 4.1). */
export function isCarrier(text: string): boolean {
  return /^[A-Za-z0-9 -]{1,50}$/.test(text)
}

/** The number is another buyer's or another seller's: permanent, a person has to look (contract section 4.1). */
export function isTakenTracking(state: State, order: Order, tracking: string): boolean {
  return state.orders
    .withTracking(tracking)
    .some((other) => idOf(other) !== idOf(order) && (other.user !== order.user || other.buyer.userId !== order.buyer.userId))
}
