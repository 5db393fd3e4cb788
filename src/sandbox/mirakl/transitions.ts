import type { Account, Line, Order } from './model.ts'

const ENDED: ReadonlySet<string> = new Set(['REFUSED', 'CANCELED'])
const GONE: ReadonlySet<string> = new Set(['SHIPPED', 'TO_COLLECT', 'RECEIVED', 'CLOSED'])

export function isEnded(state: string): boolean {
  return ENDED.has(state)
}

/** The addresses are null before SHIPPING and stay visible afterwards (section 4). */
export function addressVisible(order: Order): boolean {
  return order.shippingSince !== undefined
}

/** Units of a line that may still go into a shipment (section 4, ST12). */
export function remaining(order: Order, line: Line): number {
  if (order.state !== 'SHIPPING' || line.state !== 'SHIPPING') return 0
  return Math.max(0, line.quantity - line.canceled - line.allocated)
}

export function centerOf(order: Order): string {
  const ofLine = order.source.lines?.find((line) => line.fulfillment_center_code !== undefined)
  return order.source.fulfillment_center_code ?? ofLine?.fulfillment_center_code ?? 'DEFAULT'
}

export function touch(order: Order, at: number, lines: readonly Line[] = []): void {
  order.updated = Math.max(order.updated, at)
  for (const line of lines) line.updated = Math.max(line.updated, at)
}

/** Moves the order and all lines that have not ended. */
export function moveOrder(account: Account, order: Order, state: string, at: number): void {
  order.state = state
  for (const line of order.lines) {
    if (isEnded(line.state) && !isEnded(state)) continue
    line.state = state
    if (GONE.has(state) && line.shipped < line.quantity - line.canceled) markLineShipped(line, at)
  }
  if (state === 'SHIPPING' || GONE.has(state)) enterShipping(account, order, at)
  touch(order, at, order.lines)
}

export function markLineShipped(line: Line, at: number): void {
  const units = line.quantity - line.canceled
  line.allocated = units
  line.shipped = units
  line.shippedAt = at
}

function enterShipping(account: Account, order: Order, at: number): void {
  if (order.shippingSince !== undefined) return
  order.shippingSince = at
  order.debitedAt ??= at
  account.byShipping = undefined
}

/** After shipments or cancelations: a line is done when all its units are, an order when all its lines are. */
export function settleOrder(order: Order, at: number): void {
  for (const line of order.lines) {
    if (isEnded(line.state) || GONE.has(line.state)) continue
    const units = line.quantity - line.canceled
    if (units <= 0) line.state = 'CANCELED'
    else if (line.state === 'SHIPPING' && line.shipped >= units) {
      line.state = 'SHIPPED'
      line.shippedAt = at
    }
  }
  const alive = order.lines.filter((line) => !isEnded(line.state))
  if (alive.length === 0) order.state = order.lines.every((line) => line.state === 'REFUSED') ? 'REFUSED' : 'CANCELED'
  else if (order.state === 'SHIPPING' && alive.every((line) => GONE.has(line.state))) order.state = 'SHIPPED'
}
