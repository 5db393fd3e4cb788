import type { OrderLine, OrderStatus } from '../../core/model/order.ts'
import type { WireItem, WireOrder } from './wire.ts'

export interface ReadLine {
  readonly line: Omit<OrderLine, 'price' | 'tax' | 'discount'>
  /** The buyer wishes to cancel it (contract section 2, rule 6). */
  readonly held: boolean
}

/** One line, its amounts apart. Throws RangeError naming the field without which a line must not ship. */
export function lineOf(order: WireOrder, item: WireItem, where: string, status: OrderStatus | undefined): ReadLine {
  const mayShip = status === 'open' || status === 'partially_shipped'
  const sku = item.product?.sellerSku
  if (sku === undefined && mayShip) throw new RangeError(`${where}.product.sellerSku: absent`)
  if (status === 'partially_shipped' && item.fulfillment?.quantityUnfulfilled === undefined) {
    throw new RangeError(`${where}.fulfillment.quantityUnfulfilled: absent in an order that is shipped in part`)
  }
  const { qty, left, shipped } = unitsOf(item)
  const held = left > 0 && wishedCancelled(item)
  const gone = order.fulfillment?.fulfillmentStatus === 'SHIPPED' || status === 'cancelled'
  return {
    held,
    line: {
      externalLineId: item.orderItemId,
      sku: sku ?? '',
      name: item.product?.title ?? sku ?? item.product?.asin ?? '',
      qty,
      qtyToShip: held || gone ? 0 : left,
      ...(shipped > 0 ? { qtyShipped: shipped } : {}),
    },
  }
}

/** Units ordered without those cancelled, units left and units gone. An executed cancellation ends the line, unless some units were kept. */
function unitsOf(item: WireItem): { readonly qty: number; readonly left: number; readonly shipped: number } {
  const ordered = item.quantityOrdered
  const shipped = Math.min(item.fulfillment?.quantityFulfilled ?? 0, ordered)
  const open = Math.max(ordered - shipped, 0)
  const left = Math.min(item.fulfillment?.quantityUnfulfilled ?? open, ordered)
  if (item.cancellation?.cancellationExecution?.cancelledBy === undefined) return { qty: ordered, left, shipped }
  const kept = left < open ? left : 0
  return { qty: Math.min(shipped + kept, ordered), left: kept, shipped }
}

function wishedCancelled({ cancellation }: WireItem): boolean {
  if (cancellation === undefined || cancellation.cancellationExecution?.cancelledBy !== undefined) return false
  return cancellation.cancellationRequest !== undefined || cancellation.requester !== undefined
}

/** An order of which nothing is left but what the buyer wants cancelled waits for a person. */
export function heldWhole(status: OrderStatus, lines: readonly ReadLine[]): OrderStatus {
  if (status !== 'open' && status !== 'partially_shipped') return status
  const nothingElse = lines.some((one) => one.held) && lines.every((one) => one.line.qtyToShip === 0)
  return nothingElse ? 'on_hold' : status
}
