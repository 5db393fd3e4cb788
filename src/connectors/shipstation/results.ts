import { type ConnectorError, RetryableError, ThrottledError } from '../../core/errors.ts'
import type { FoundOrder, PushOutcome } from '../../core/ports/shipping.ts'
import { ACCOUNT, permanent, speaksOfThrottling, speaksOfTimeout, vendorText } from './client.ts'
import { type ResultRow, resultRow, type WireOrder } from './wire.ts'

const OPERATION = 'createorders'
const ONE_WINDOW_MS = 60_000
/** Anything else can no longer be changed (contract section 4). */
const UPDATABLE = ['awaiting_payment', 'awaiting_shipment', 'on_hold']

/** What a reply says about one order. `refused` without a known reason may mean that it is locked: look it up. */
export type Verdict =
  | { readonly kind: 'settled'; readonly outcome: PushOutcome }
  | { readonly kind: 'refused'; readonly reason: string }

/**
 * The reply's row of each order, in the orders' order. Rows stand in no promised order: the orderKey decides, and the order number only
 * where the row has no key and one order alone has that number. Undefined: no row, or rows that contradict each other.
 */
export function matchRows(orders: readonly WireOrder[], rows: readonly unknown[]): readonly (ResultRow | undefined)[] {
  const read = rows.map((row) => resultRow.safeParse(row)).flatMap((row) => (row.success ? [row.data] : []))
  const byKey = groupBy(read, (row) => row.orderKey ?? '')
  const byNumber = groupBy(byKey.get('') ?? [], (row) => row.orderNumber ?? '')
  const numbers = groupBy(orders, (order) => order.orderNumber)
  return orders.map((order) => {
    const alone = numbers.get(order.orderNumber)?.length === 1
    const [first, ...others] = byKey.get(order.orderKey) ?? (alone ? byNumber.get(order.orderNumber) : undefined) ?? []
    return others.every((row) => row.success === first?.success && row.orderId === first.orderId) ? first : undefined
  })
}

/** Contract sections 4 and 11: per-order success, the texts that may work next time, the texts that never will, and all the others. */
export function judge(order: WireOrder, row: ResultRow | undefined): Verdict {
  if (row === undefined) return failed(unknownOutcome('the reply says nothing about this order'))
  if (row.success) return stored(order, row)
  const reason = vendorText(row.errorMessage ?? '') || 'no reason given'
  if (speaksOfThrottling(reason))
    return failed(new ThrottledError(reason, { account: ACCOUNT, operation: OPERATION, waitMs: ONE_WINDOW_MS }))
  if (speaksOfTimeout(reason)) return failed(unknownOutcome(reason))
  if (speaksOfData(reason)) return failed(permanent(OPERATION, `order refused: ${reason}`))
  return { kind: 'refused', reason }
}

/** The order as the vendor holds it, after a refusal whose reason is not known: locked, or refused for good. */
export function judgeFound(order: WireOrder, reason: string, found: readonly FoundOrder[]): PushOutcome {
  const ours = found.filter((one) => one.orderKey === order.orderKey).sort((a, b) => a.shipStationOrderId - b.shipStationOrderId)
  // The children of a split order share its key; the mapping belongs to the order we made.
  const one =
    ours.find((each) => each.shipStationOrderId === order.orderId) ?? ours.find((each) => each.parentId === undefined) ?? ours[0]
  if (one === undefined || UPDATABLE.includes(one.orderStatus)) {
    return { status: 'failed', error: permanent(OPERATION, `order refused: ${reason}`) }
  }
  return { status: 'locked', shipStationOrderId: one.shipStationOrderId, orderStatus: one.orderStatus }
}

/** May or may not have been stored. */
export function unknownOutcome(what: string): RetryableError {
  return new RetryableError(what, { account: ACCOUNT, operation: OPERATION, outcomeUnknown: true })
}

function stored(order: WireOrder, row: ResultRow): Verdict {
  const id = row.orderId
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id <= 0)
    return failed(unknownOutcome('stored, but the reply names no order id'))
  if (order.orderId !== undefined && order.orderId !== id) {
    return failed(unknownOutcome(`stored under order id ${id}, while ${order.orderId} was to be updated`))
  }
  return { kind: 'settled', outcome: { status: 'stored', shipStationOrderId: id } }
}

function failed(error: ConnectorError): Verdict {
  return { kind: 'settled', outcome: { status: 'failed', error } }
}

/** Seen texts of validation (contract section 4), which need no look-up to be believed. */
function speaksOfData(reason: string): boolean {
  return /must not be empty|is required|character country code|invalid servicecode/i.test(reason)
}

function groupBy<T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) {
    const group = groups.get(keyOf(one))
    if (group === undefined) groups.set(keyOf(one), [one])
    else group.push(one)
  }
  return groups
}
