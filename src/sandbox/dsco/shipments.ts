import { type Content, findLine, ITEM_KEYS, type Order, type Package, unitsLeft, wanted } from './order.ts'
import { changed } from './order-change.ts'
import type { Outcome } from './request.ts'
import { DONE, failed } from './requests.ts'
import type { Book, State } from './state.ts'
import { isRecord, type Json, listOf, textOf } from './wire.ts'

/** The order that an update means. A poNumber is unique per retailer only: of several the first is taken (contract section 4). */
export function findOrder(book: Book, key: 'dscoOrderId' | 'poNumber' | 'supplierOrderNumber', value: string): readonly Order[] {
  if (key === 'dscoOrderId') {
    const order = book.orders.get(value)
    return order === undefined ? [] : [order]
  }
  return [...book.orders.values()].filter((order) => order[key] === value)
}

export function namedOrder(book: Book, object: Json): Order | undefined {
  for (const key of ['dscoOrderId', 'poNumber', 'supplierOrderNumber'] as const) {
    const value = textOf(object[key])
    if (value !== undefined) return findOrder(book, key, value)[0]
  }
  return undefined
}

/** Adds the packages of one ShipmentsForUpdate, all or none. */
export function addShipments(state: State, book: Book, object: Json, by: Package['by'], requestId: string, at: number): Outcome {
  const order = namedOrder(book, object)
  if (order === undefined) return failed('order_not_found', 'No order has this identifier.')
  const refusal = scripted(order)
  if (refusal !== undefined) return refusal
  const shipments = listOf(object['shipments']).filter(isRecord)
  if (shipments.length === 0) return failed('no_shipments', 'There is nothing to add.')
  const before = order.packages.length
  for (const shipment of shipments) {
    const added = readShipment(state, order, shipment, by, requestId, at)
    if (isPackage(added)) {
      order.packages.push(added)
      continue
    }
    order.packages.length = before
    return added
  }
  changed(state, book, order, ['add_shipment'], at)
  return DONE
}

function isPackage(value: Package | Outcome): value is Package {
  return 'tracking' in value
}

/** A change that fails on purpose. */
export function scripted(order: Order): Outcome | undefined {
  const { refusal } = order
  if (refusal === undefined || refusal.left === 0) return undefined
  refusal.left -= 1
  return failed(refusal.code, refusal.description)
}

function readShipment(
  state: State,
  order: Order,
  shipment: Json,
  by: Package['by'],
  requestId: string,
  at: number,
): Package | Outcome {
  const tracking = String(shipment['trackingNumber'] ?? '')
  if (tracking.trim() === '') return failed('invalid_tracking_number', 'The tracking number is empty.')
  const isRepeat = order.packages.some((known) => known.tracking === tracking)
  if (isRepeat) state.misdeeds.push(`order ${order.id}: package ${tracking} was sent again`)
  if (isRepeat && state.settings.repeatPackage === 'fails')
    return failed('duplicate_shipment', 'The order has this tracking number.')
  const carriage = judgeCarriage(state, shipment)
  if (carriage !== undefined) return carriage
  if (order.status === 'cancelled') return failed('order_cancelled', 'The order is cancelled.')
  const contents = readContents(order, shipment)
  if (!Array.isArray(contents)) return contents as Outcome
  if (!isRepeat && state.settings.overship === 'fails') {
    const over = firstOver(order, contents)
    if (over !== undefined) return over
  }
  const {
    lineItems: _,
    trackingNumber: __,
    packageDetails: ___,
    shipFrom: ____,
    shipTo: _____,
    transaction: ______,
    ...base
  } = shipment
  return { base: { ...base, ...mapped(shipment) }, tracking, contents, by, requestId, addedAt: at }
}

/** Either a service level, or carrier and method; all of the account's ship map (contract section 4). */
function judgeCarriage(state: State, shipment: Json): Outcome | undefined {
  const level = textOf(shipment['shippingServiceLevelCode'])
  const carrier = textOf(shipment['shipCarrier'])
  const method = textOf(shipment['shipMethod'])
  if (level === undefined && (carrier === undefined || method === undefined)) {
    return failed('missing_ship_method', 'shippingServiceLevelCode, or shipCarrier and shipMethod, must be given.')
  }
  if (level !== undefined && !state.serviceLevels.has(level)) {
    return failed('invalid_ship_method', 'The shipping service level code is not known.')
  }
  if (carrier === undefined) return undefined
  const methods = state.carriers.get(carrier)
  if (methods === undefined) return failed('invalid_carrier', 'The carrier is not known.')
  if (method !== undefined && !methods.has(method)) return failed('invalid_ship_method', 'The carrier has no such method.')
  return undefined
}

function mapped(shipment: Json): Json {
  const { shipCarrier, shipMethod } = shipment
  return typeof shipCarrier === 'string' ? { dscoActualShipCarrier: shipCarrier, dscoActualShipMethod: shipMethod ?? null } : {}
}

function readContents(order: Order, shipment: Json): readonly Content[] | Outcome {
  const contents: Content[] = []
  const lines = listOf(shipment['lineItems']).filter(isRecord)
  if (lines.length === 0) return failed('no_line_items', 'A package must have something in it.')
  for (const named of lines) {
    if (!ITEM_KEYS.some((key) => textOf(named[key]) !== undefined)) {
      return failed('missing_item', 'One of sku, dscoItemId, partnerSku, upc, ean must be given.')
    }
    const line = findLine(order, named)
    const quantity = Number(named['quantity'])
    if (line === undefined) return failed('item_not_found', 'The order has no such line item.')
    if (quantity < 1) return failed('invalid_quantity', 'The quantity must be 1 or more.')
    contents.push({ line, quantity, spans: named['packageSpanFlag'] === true })
  }
  return contents
}

function firstOver(order: Order, contents: readonly Content[]): Outcome | undefined {
  for (const { line, spans } of contents) {
    const own = contents.filter((content) => content.line === line)
    const units = own.reduce((sum, { quantity }) => sum + quantity, 0)
    const room = spans ? wanted(line) : unitsLeft(order, line)
    if (units > room)
      return failed('quantity_too_large', `There are ${room} units of the line item left to ship, and ${units} were sent.`)
  }
  return undefined
}
