import { isZero, negate, sum, times } from '../money.ts'
import type { Order, OrderItem } from './order.ts'

/** The charges of one line, by type. The vendor does not document the sign of a discount; here the tree adds up. */
export function charges(item: OrderItem): readonly (readonly [string, string])[] {
  const all: readonly (readonly [string, string])[] = [
    ['ITEM', times(item.unitPrice, item.quantity)],
    ['SHIPPING', item.shipping],
    ['GIFT_WRAP', item.gift?.price ?? '0'],
    ['TAX', item.tax],
    ['DISCOUNT', negate(item.discount)],
  ]
  return all.filter(([type, amount]) => type === 'ITEM' || !isZero(amount))
}

export function lineTotal(item: OrderItem): string {
  return sum(charges(item).map(([, amount]) => amount))
}

export function grandTotal(order: Order): string {
  return sum([...order.items.map(lineTotal), order.tip])
}
