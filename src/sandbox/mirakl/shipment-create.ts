import type { SandboxReply } from '../stand-in.ts'
import type { Call } from './call.ts'
import { readTracking, TRACKING_MANDATORY, trackingMandatory } from './carriers.ts'
import type { Tracking } from './compact.ts'
import type { Account, Line, Order, Shipment, ShipmentLine, State } from './model.ts'
import { wrongState } from './order-writes.ts'
import { shipmentWire } from './shipment-wire.ts'
import { remaining, settleOrder, touch } from './transitions.ts'
import { invalid, isRecord, jsonBody, text } from './wire.ts'

const MOST = 1000
const QUANTITY_INVALID = 'Shipment quantity is invalid.'
const INVOICE_REFERENCE = /^[0-9a-zA-Z_-]{0,255}$/

/** A shipment that passed every check. */
export interface Draft {
  readonly order: Order
  readonly lines: readonly ShipmentLine[]
  readonly tracking: Tracking | undefined
  readonly shipped: boolean
  readonly invoiceReference: string | undefined
  readonly warehouse: string | undefined
}

/**
 * ST01 (section 5): 201 even when all of them failed. There is no idempotency key: the same shipment sent again makes
 * another one as long as units remain.
 */
export function createShipments(call: Call): SandboxReply {
  const read = jsonBody(call.request)
  if ('refusal' in read) return read.refusal
  const { shipments } = read.body
  if (!Array.isArray(shipments) || shipments.length < 1 || shipments.length > MOST)
    return invalid('shipments', `size must be between 1 and ${MOST}`)
  const list: readonly unknown[] = shipments
  for (const [i, item] of list.entries()) {
    const refusal = checkShape(item, `shipments[${i}]`)
    if (refusal !== undefined) return refusal
  }
  const late = call.account.settings.late_commit_ms
  const errors: unknown[] = []
  const made: unknown[] = []
  for (const item of list as readonly Record<string, unknown>[]) {
    const draft = draftOf(call, item)
    if (typeof draft === 'string') {
      errors.push({ order_id: item['order_id'], message: draft })
      continue
    }
    const id = nextId(call.state)
    if (late > 0) {
      made.push(shipmentWire(makeShipment(call.account, draft, id, call.now)))
      call.state.pending.push({ due: call.now + late, apply: (at) => commitIfPossible(call.account, draft, id, at) })
    } else made.push(shipmentWire(commit(call.account, draft, id, call.now)))
  }
  return { status: 201, body: { shipment_errors: errors, shipment_success: made } }
}

/** What a schema would refuse: the whole call fails, nothing is made. */
function checkShape(item: unknown, at: string): SandboxReply | undefined {
  if (!isRecord(item)) return invalid(at, 'must not be null')
  if (text(item['order_id']) === undefined) return invalid(`${at}.order_id`, 'must not be null')
  const { shipment_lines: lines, shipped, invoice_reference: invoice } = item
  if (!Array.isArray(lines) || lines.length === 0) return invalid(`${at}.shipment_lines`, 'must not be empty')
  if (shipped !== undefined && shipped !== null && typeof shipped !== 'boolean')
    return invalid(`${at}.shipped`, 'must be a boolean')
  if (typeof invoice === 'string' && !INVOICE_REFERENCE.test(invoice))
    return invalid(`${at}.invoice_reference`, 'has an invalid format')
  for (const [i, line] of (lines as readonly unknown[]).entries()) {
    if (!isRecord(line) || !Number.isInteger(line['quantity']))
      return invalid(`${at}.shipment_lines[${i}].quantity`, 'must be an integer')
  }
  return undefined
}

function draftOf(call: Call, item: Record<string, unknown>): Draft | string {
  const id = String(item['order_id'])
  const order = call.account.orders.get(id)
  if (order === undefined || order.shopId !== call.shopId) return `No order with id '${id}'.`
  if (order.state !== 'SHIPPING') return wrongState(order)
  const lines = shipmentLines(order, item['shipment_lines'] as readonly Record<string, unknown>[])
  if (typeof lines === 'string') return lines
  const sent = item['tracking'] ?? undefined
  if (sent === undefined && trackingMandatory(call.account, order)) return `${TRACKING_MANDATORY}.`
  const tracking = sent === undefined ? undefined : readTracking(call.account, sent, 'tracking_url')
  if (tracking !== undefined && 'refusal' in tracking) return tracking.refusal
  const from = item['shipping_from']
  const warehouse = isRecord(from) && isRecord(from['warehouse']) ? text(from['warehouse']['code']) : undefined
  return {
    order,
    lines,
    tracking: tracking?.tracking,
    shipped: item['shipped'] === true,
    invoiceReference: text(item['invoice_reference']),
    warehouse,
  }
}

/** By order_line_id, or by the deprecated offer_sku. Quantities of one line add up. */
function shipmentLines(order: Order, sent: readonly Record<string, unknown>[]): readonly ShipmentLine[] | string {
  const lines: ShipmentLine[] = []
  for (const item of sent) {
    const id = text(item['order_line_id'])
    const sku = text(item['offer_sku'])
    const line = id === undefined ? order.lines.find((each) => each.sku === sku) : order.lines.find((each) => each.id === id)
    if (line === undefined)
      return id === undefined ? `No order line with offer sku '${sku ?? ''}'.` : `No order line with id '${id}'.`
    const quantity = Number(item['quantity'])
    if (quantity < 1) return QUANTITY_INVALID
    lines.push({ line, quantity, package_reference: text(item['package_reference']) })
  }
  return fits(order, lines) ? lines : QUANTITY_INVALID
}

function fits(order: Order, lines: readonly ShipmentLine[]): boolean {
  const wanted = new Map<Line, number>()
  for (const { line, quantity } of lines) wanted.set(line, (wanted.get(line) ?? 0) + quantity)
  return [...wanted].every(([line, quantity]) => quantity <= remaining(order, line))
}

function commitIfPossible(account: Account, draft: Draft, id: string, at: number): void {
  // Another shipment may have taken the units in the meantime.
  if (draft.order.state === 'SHIPPING' && fits(draft.order, draft.lines)) commit(account, draft, id, at)
}

export function nextId(state: State): string {
  state.shipmentCount += 1
  return `00000000-0000-4000-8000-${String(state.shipmentCount).padStart(12, '0')}`
}

function makeShipment(account: Account, draft: Draft, id: string, at: number): Shipment {
  return {
    id,
    position: account.shipments.length + 1,
    order: draft.order,
    created: at,
    lines: draft.lines,
    invoiceReference: draft.invoiceReference,
    warehouse: draft.warehouse,
    updated: undefined,
    shippedAt: draft.shipped ? at : undefined,
    status: draft.shipped ? 'SHIPPED' : 'SHIPPING',
    tracking: draft.tracking,
  }
}

export function commit(account: Account, draft: Draft, id: string, at: number): Shipment {
  const shipment = makeShipment(account, draft, id, at)
  account.shipments.push(shipment)
  account.shipmentsById.set(id, shipment)
  draft.order.shipments.push(shipment)
  for (const { line, quantity } of draft.lines) line.allocated += quantity
  if (draft.shipped) countShipped(shipment, at)
  touch(
    draft.order,
    at,
    draft.lines.map(({ line }) => line),
  )
  return shipment
}

export function countShipped(shipment: Shipment, at: number): void {
  for (const { line, quantity } of shipment.lines) line.shipped += quantity
  settleOrder(shipment.order, at)
}
