import type { WireLine, WireOrder } from './wire.ts'

/** Units still to ship by order line (ST12). A line that is not in it has none left. */
export type Remaining = ReadonlyMap<string, number>

export interface Quantities {
  /** Ordered, without those cancelled. */
  readonly qty: number
  readonly qtyToShip: number
  readonly qtyShipped: number
}

/** States of an order or a line that has left the seller, or needs nothing more (contract section 4). */
export const DONE: ReadonlySet<string> = new Set([
  'SHIPPED',
  'TO_COLLECT',
  'RECEIVED',
  'CLOSED',
  'WAITING_REFUND',
  'WAITING_REFUND_PAYMENT',
])

export const ENDED: ReadonlySet<string> = new Set(['REFUSED', 'CANCELED'])

/** Longer than the platform takes from payment to SHIPPING; a later change of a line may be a shipment of a part of it. */
const SETTLED_MS = 10 * 60_000

/**
 * Whether the order's own lines may say too much: OR11 tells neither how many units of a line have left, nor whether `quantity` has the
 * cancelled ones taken off. ST12 knows (contract section 4). Only such orders cost the extra call.
 */
export function needsCrossCheck(order: WireOrder): boolean {
  if (order.order_state !== 'SHIPPING' || order.can_shop_ship === false) return false
  const open = order.order_lines.filter((line) => line.order_line_state === 'SHIPPING')
  if (open.length === 0) return false
  if (open.length < order.order_lines.length) return true
  if (order.order_lines.some((line) => (line.cancelations ?? []).length > 0 || line.shipped_date)) return true
  return open.some((line) => line.quantity > 1) && changedSincePaid(order)
}

function changedSincePaid(order: WireOrder): boolean {
  const milestones = [order.created_date, order.acceptance_decision_date, order.customer_debited_date]
  const ready = Math.max(...milestones.map((date) => instantOf(date) ?? 0))
  // Dates that cannot be read compare as false here and turn the order into poison later.
  return (instantOf(order.last_updated_date) ?? 0) - ready > SETTLED_MS
}

/**
 * Units of a line, how many of them may ship now, and how many have left. `remaining` is what ST12 said about this order; without it the
 * line's own state and its cancelations count. `open` is false while nothing of the order may ship.
 */
export function quantitiesOf(line: WireLine, open: boolean, remaining: Remaining | undefined): Quantities {
  if (ENDED.has(line.order_line_state)) return { qty: 0, qtyToShip: 0, qtyShipped: 0 }
  const cancelled = (line.cancelations ?? []).reduce((sum, each) => sum + (each.quantity ?? 0), 0)
  const lowered = Math.max(0, line.quantity - cancelled)
  // A line with every unit cancelled would have ended: then `quantity` is what is left of it.
  const known = lowered === 0 ? line.quantity : lowered
  if (line.order_line_state !== 'SHIPPING') {
    // An incident or a refund may come before or after the parcel; the date tells.
    const hasLeft = DONE.has(line.order_line_state) || Boolean(line.shipped_date)
    return { qty: known, qtyToShip: 0, qtyShipped: hasLeft ? known : 0 }
  }
  if (remaining === undefined) return { qty: known, qtyToShip: open ? known : 0, qtyShipped: 0 }
  const left = Math.min(remaining.get(line.order_line_id) ?? 0, line.quantity)
  // More left than that: the vendor's `quantity` has the cancelled units already taken off.
  const qty = left > lowered ? line.quantity : known
  return { qty, qtyToShip: open ? left : 0, qtyShipped: qty - left }
}

/**
 * ISO 8601 with or without fraction, with any offset -> epoch ms; a time without offset is UTC (contract section 3).
 * Undefined when absent, NaN when it is no time.
 */
export function instantOf(date: string | null | undefined): number | undefined {
  const text = date?.trim() ?? ''
  if (text === '') return undefined
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?$/i.exec(text)
  const zone = (match?.[2] ?? 'Z').replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')
  return match === null ? Number.NaN : Date.parse(`${match[1]}${zone}`)
}
