import { overlay } from '../overlay.ts'
import { type Reader, reader } from './compact.ts'
import { type Line, type Order, shippedUnits } from './order.ts'
import { changed, type Reason } from './order-change.ts'
import { readPackage, readShipTo } from './order-compact.ts'
import { addCompact, addDocuments, arriving, readPackages } from './order-seed.ts'
import { lineDocument } from './order-wire.ts'
import type { Book, State } from './state.ts'
import { isRecord } from './wire.ts'

type Action = (state: State, argument: unknown) => unknown

interface Changing {
  readonly order: Order
  readonly given: Reader
  readonly now: number
  readonly state: State
}

/** What happens to orders, named by `order_id`: dscoOrderId or poNumber. */
export const ORDER_ACTIONS: Readonly<Record<string, Action>> = {
  'add-orders': addMore,
  cancel: change('cancel', [], ['update_status_lifecycle'], ({ order }) => {
    for (const line of order.lines) cancelUnits(order, line, line.quantity, 'cancelled')
  }),
  'cancel-line': change('cancel-line', ['line', 'quantity', 'by'], ['update_order_info'], ({ order, given }) => {
    const line = lineOf(order, given)
    cancelUnits(
      order,
      line,
      given.count('quantity') ?? line.quantity,
      given.oneOf('by', ['supplier', 'retailer']) === 'retailer' ? 'rejected' : 'cancelled',
    )
  }),
  'request-cancel': change('request-cancel', ['line', 'code'], ['update_order_info'], ({ order, given }) => {
    const code = given.text('code') ?? null
    if (given.has('line')) lineOf(order, given).cancelRequested = code
    else order.cancelRequested = code
  }),
  'withdraw-cancel': change('withdraw-cancel', [], ['update_order_info'], ({ order }) => {
    order.cancelRequested = undefined
    for (const line of order.lines) line.cancelRequested = undefined
  }),
  'change-address': change('change-address', ['ship_to'], ['update_shipping_info'], ({ order, given }) => {
    order.shipping = readShipTo('change-address.ship_to', given.raw('ship_to') ?? {}, 1, order.shipping)
  }),
  'ship-elsewhere': change('ship-elsewhere', ['packages'], ['add_shipment'], shipElsewhere),
  'remove-package': change('remove-package', ['tracking'], ['remove_shipment'], ({ order, given }) => {
    const at = order.packages.findIndex(({ tracking }) => tracking === given.text('tracking'))
    if (at < 0) throw new Error(`remove-package: no package '${given.text('tracking') ?? ''}'`)
    order.packages.splice(at, 1)
  }),
  acknowledge: change('acknowledge', [], [], ({ order, now }) => {
    order.lifecycle = 'acknowledged'
    order.acknowledgements.push({ at: now, supplierOrderNumber: undefined, requestId: undefined })
  }),
  /** Searches by change do not show it any more. */
  omit: change('omit', [], [], ({ order }) => {
    order.omitted = true
  }),
  release: change('release', [], [], ({ order }) => {
    if (order.lifecycle === 'received') order.lifecycle = 'created'
  }),
  rewrite: change('rewrite', ['wire'], ['update_order_info'], ({ order, given }) => {
    const wire = overlay(order.base, given.raw('wire'))
    if (!isRecord(wire)) throw new Error('rewrite.wire: must be an object')
    order.base = wire
  }),
  touch: change('touch', [], ['update_order_info'], () => undefined),
  'fail-order': failOrder,
}

/** A list of compact orders, or `{orders?: [...], order_documents?: [...]}`; they are placed now and seen a little later. */
function addMore(state: State, argument: unknown): unknown {
  if (Array.isArray(argument)) return { order_ids: addCompact(state, argument as readonly unknown[], arriving(state)) }
  const given = reader('add-orders', argument, ['orders', 'order_documents'])
  return {
    order_ids: [
      ...addCompact(state, given.list('orders') ?? [], arriving(state)),
      ...addDocuments(state, given.list('order_documents') ?? [], arriving(state)),
    ],
  }
}

/** What is shipped cannot be cancelled any more. */
function cancelUnits(order: Order, line: Line, units: number, field: 'cancelled' | 'rejected'): void {
  const other = field === 'cancelled' ? line.rejected : line.cancelled
  line[field] = Math.max(line[field], Math.min(units, line.quantity - other - shippedUnits(order, line)))
}

/** `{order_id, packages?: [{tracking, carrier?, method?, lines?: {position from 1: units}}]}`: somebody does it in the vendor's portal. */
function shipElsewhere({ order, given, now, state }: Changing): void {
  const lines = order.lines.map((line) => lineDocument(order, line, state.settings))
  const documents = given.list('packages') ?? [{ tracking: `BYHAND${order.id}` }]
  const parcels = documents.map((document) => readPackage('ship-elsewhere', document, lines, now))
  order.packages.push(...readPackages('ship-elsewhere', parcels, order, 'person', now))
}

/** `{order_id, code?, description?, times? (1)}`: what is sent for this order fails in the log. */
function failOrder(state: State, argument: unknown): unknown {
  const given = reader('fail-order', argument, ['order_id', 'code', 'description', 'times'])
  const { order } = orderOf(state, 'fail-order', given)
  order.refusal = {
    code: given.text('code') ?? 'internal_error',
    description: given.text('description') ?? 'The change failed on purpose.',
    left: given.count('times') ?? 1,
  }
  return { order_id: order.id }
}

function change(action: string, keys: readonly string[], reasons: readonly Reason[], edit: (changing: Changing) => void): Action {
  return (state, argument) => {
    const given = reader(action, argument, ['order_id', ...keys])
    const { order, book } = orderOf(state, action, given)
    const now = state.clock.now()
    edit({ order, given, now, state })
    changed(state, book, order, reasons, now)
    return { order_id: order.id, status: order.status, lifecycle: order.lifecycle }
  }
}

function lineOf(order: Order, given: Reader): Line {
  const position = given.count('line') ?? 1
  const line = order.lines[position - 1]
  if (line === undefined) throw new Error(`order ${order.id}: no line at position ${position}`)
  return line
}

function orderOf(state: State, action: string, given: Reader): { readonly order: Order; readonly book: Book } {
  const id = given.text('order_id') ?? ''
  for (const book of state.books.values()) {
    const order = book.orders.get(id) ?? [...book.orders.values()].find(({ poNumber }) => poNumber === id)
    if (order !== undefined) return { order, book }
  }
  throw new Error(`${action}: no order '${id}'`)
}
