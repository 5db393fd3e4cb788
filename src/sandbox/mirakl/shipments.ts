import type { SandboxReply } from '../stand-in.ts'
import { type Call, pageNumber } from './call.ts'
import { readTracking } from './carriers.ts'
import type { Account, Order, Shipment } from './model.ts'
import { deadlineOf } from './order-wire.ts'
import { countShipped } from './shipment-create.ts'
import { shipmentWire } from './shipment-wire.ts'
import { addressVisible, centerOf, remaining, touch } from './transitions.ts'
import { decodeToken, encodeToken, fail, invalid, isRecord, isReply, jsonBody, millis, parseTime, text } from './wire.ts'

const DEFAULT_LIMIT = 10
const CEILING = 100
const MOST = 1000
const OPEN_SHIPMENT: ReadonlySet<string> = new Set(['SHIPPING', 'READY_FOR_PICK_UP', 'SHIPMENT_PREPARED'])

interface Seek {
  /** The query of the first page: a page_token replaces every other parameter. */
  readonly query: URLSearchParams
  readonly at: readonly (number | string)[] | undefined
  readonly limit: number
}

function seekOf(query: URLSearchParams, dates: readonly string[]): Seek | SandboxReply {
  const token = query.get('page_token')
  const decoded = token === null ? undefined : decodeToken(token)
  if (token !== null && decoded === undefined) return fail(400, 'The page token is invalid.')
  const effective = decoded?.query ?? query
  const limit = pageNumber(effective, 'limit', DEFAULT_LIMIT, 1, CEILING)
  if (isReply(limit)) return limit
  for (const name of dates) {
    const value = effective.get(name)
    if (value !== null && Number.isNaN(parseTime(value))) return fail(400, `The parameter '${name}' is not a date: '${value}'.`)
  }
  return { query: effective, at: decoded?.at, limit }
}

function pageReply<T>(
  seek: Seek,
  found: readonly T[],
  placeOf: (item: T) => readonly (number | string)[],
  render: (item: T) => unknown,
): SandboxReply {
  const page = found.slice(0, seek.limit)
  const last = page.at(-1)
  const more = last !== undefined && found.length > page.length
  const next = more ? { next_page_token: encodeToken({ query: seek.query.toString(), at: placeOf(last) }) } : {}
  return { status: 200, body: { data: page.map(render), ...next } }
}

/** ST11 (section 5): seek paging by creation. */
export function listShipments(call: Call): SandboxReply {
  const seek = seekOf(call.request.query, ['last_updated_from', 'last_updated_to'])
  if (isReply(seek)) return seek
  const sort = /^dateCreated(?:,(ASC|DESC))?$/i.exec(seek.query.get('sort') ?? 'dateCreated')
  if (sort === null) return fail(400, `Cannot sort by '${seek.query.get('sort')}'.`)
  const descending = sort[1]?.toUpperCase() === 'DESC'
  const states = new Set(seek.query.getAll('shipment_state_code'))
  const from = parseTime(seek.query.get('last_updated_from') ?? '')
  const to = parseTime(seek.query.get('last_updated_to') ?? '')
  const at = seek.at?.[0]
  const found = shipmentsOf(call.account, seek.query.getAll('order_id')).filter((shipment) => {
    const updated = shipment.updated ?? shipment.created
    if (shipment.order.shopId !== call.shopId) return false
    if (states.size > 0 && !states.has(shipment.status)) return false
    if (updated < from || updated > to) return false
    if (typeof at !== 'number') return true
    return descending ? shipment.position < at : shipment.position > at
  })
  if (descending) found.reverse()
  return pageReply(seek, found, (shipment) => [shipment.position], shipmentWire)
}

function shipmentsOf(account: Account, orderIds: readonly string[]): readonly Shipment[] {
  if (orderIds.length === 0) return account.shipments
  const named = [...new Set(orderIds)].flatMap((id) => account.orders.get(id)?.shipments ?? [])
  return named.sort((a, b) => a.position - b.position)
}

/** ST12 (section 4): what is still to ship, per order. */
export function itemsToShip(call: Call): SandboxReply {
  const seek = seekOf(call.request.query, ['shipping_date_from', 'shipping_date_to'])
  if (isReply(seek)) return seek
  const centers = new Set(seek.query.getAll('fulfillment_center_code'))
  const from = parseTime(seek.query.get('shipping_date_from') ?? '')
  const to = parseTime(seek.query.get('shipping_date_to') ?? '')
  const found = shippingOrders(call.account, seek.query.getAll('order_id')).filter((order) => {
    const since = order.shippingSince ?? 0
    if (order.shopId !== call.shopId || order.state !== 'SHIPPING' || !isAfter(order, seek.at)) return false
    if (since < from || since > to) return false
    if (centers.size > 0 && !centers.has(centerOf(order))) return false
    return order.lines.some((line) => remaining(order, line) > 0)
  })
  return pageReply(seek, found, (order) => [order.shippingSince ?? 0, order.id], toShipWire)
}

function isAfter(order: Order, at: Seek['at']): boolean {
  if (at === undefined) return true
  const since = order.shippingSince ?? 0
  return since > Number(at[0]) || (since === Number(at[0]) && order.id > String(at[1]))
}

function shippingOrders(account: Account, orderIds: readonly string[]): readonly Order[] {
  if (orderIds.length > 0) return [...new Set(orderIds)].flatMap((id) => account.orders.get(id) ?? []).sort(bySince)
  account.byShipping ??= [...account.orders.values()].filter(addressVisible).sort(bySince)
  return account.byShipping
}

function bySince(a: Order, b: Order): number {
  return (a.shippingSince ?? 0) - (b.shippingSince ?? 0) || (a.id < b.id ? -1 : 1)
}

function toShipWire(order: Order): unknown {
  const { references, shipping_type_code: type, shipping_type_standard_code: standard } = order.source
  const deadline = deadlineOf(order)
  return {
    fulfillment: { center: { code: centerOf(order) } },
    order_id: order.id,
    ...(references === undefined ? {} : { references }),
    shipment_lines: order.lines
      .filter((line) => remaining(order, line) > 0)
      .map((line) => ({
        offer_sku: line.sku,
        order_line_id: line.id,
        product_title: line.source.title ?? `Sandbox article ${line.sku}`,
        quantity: remaining(order, line),
      })),
    shipping_address: order.shipTo,
    shipping_date: millis(order.shippingSince ?? 0),
    ...(deadline === undefined ? {} : { shipping_deadline: millis(deadline) }),
    shipping_type_code: type ?? 'STD',
    ...(standard === undefined ? {} : { shipping_type_standard_code: standard }),
  }
}

/** ST23 (section 5): corrects the tracking of existing shipments. */
export function trackShipments(call: Call): SandboxReply {
  return eachShipment(call, (shipment, item) => {
    if (shipment.status === 'CANCELED' || shipment.status === 'CLOSED')
      return `The shipment status must not be '${shipment.status}'.`
    const result = readTracking(call.account, item['tracking'], 'tracking_url')
    if ('refusal' in result) return result.refusal
    shipment.tracking = result.tracking
    return undefined
  })
}

/** ST24 (section 5): declares existing shipments shipped. */
export function shipShipments(call: Call): SandboxReply {
  return eachShipment(call, (shipment) => {
    if (!OPEN_SHIPMENT.has(shipment.status)) return `The shipment status must be 'SHIPPING' but it is '${shipment.status}'.`
    shipment.status = 'SHIPPED'
    shipment.shippedAt = call.now
    countShipped(shipment, call.now)
    return undefined
  })
}

function eachShipment(
  call: Call,
  change: (shipment: Shipment, item: Record<string, unknown>) => string | undefined,
): SandboxReply {
  const read = jsonBody(call.request)
  if ('refusal' in read) return read.refusal
  const { shipments } = read.body
  if (!Array.isArray(shipments) || shipments.length < 1 || shipments.length > MOST)
    return invalid('shipments', `size must be between 1 and ${MOST}`)
  const errors: unknown[] = []
  const done: unknown[] = []
  for (const [i, item] of (shipments as readonly unknown[]).entries()) {
    const id = isRecord(item) ? text(item['id']) : undefined
    if (!isRecord(item) || id === undefined) return invalid(`shipments[${i}].id`, 'must not be null')
    const shipment = call.account.shipmentsById.get(id)
    const visible = shipment !== undefined && shipment.order.shopId === call.shopId ? shipment : undefined
    const refusal = visible === undefined ? `No shipment with id '${id}'.` : change(visible, item)
    if (visible === undefined || refusal !== undefined) {
      errors.push({ id, message: refusal })
      continue
    }
    visible.updated = call.now
    touch(visible.order, call.now)
    done.push({ id })
  }
  return { status: 200, body: { shipment_errors: errors, shipment_success: done } }
}
