import type { Db } from '../db/db.ts'
import { type LineRow, linesOf, type OrderRow, ordersByNumber, ordersByOrderKeys, ordersByShipStationIds } from '../db/orders.ts'
import type { Shipment, ShipmentItem } from '../model/shipment.ts'
import { isOwnKey } from '../orders/order-key.ts'
import type { FoundOrder, ShippingConnector } from '../ports/shipping.ts'

/** An order of ours with its lines. */
export interface MatchedOrder {
  readonly row: OrderRow
  readonly lines: readonly LineRow[]
}

/** Orders by shipment id: none (unknown), one, or several (ShipStation merged them). */
export type Matches = ReadonlyMap<string, readonly MatchedOrder[]>

/** Above this many questions one listing is cheaper than a call per order. */
const ASK_ONE_BY_ONE = 2
const LISTING_MARGIN_MS = 7 * 86_400_000

/**
 * Finds the orders a page of shipments belongs to, in the contract's order of trust (ShipStation contract section 8): our mapping, our order
 * key, parent or merged ids, customField1, and the order number only where customField1 agrees. ShipStation is asked only where our own
 * books do not answer.
 */
export async function matchOrders(
  db: Db,
  shipping: ShippingConnector,
  shipments: readonly Shipment[],
  signal: AbortSignal,
): Promise<Matches> {
  const byId = await byShipStationIds(
    db,
    shipments.flatMap(({ shipStationOrderId: id }) => (id === undefined ? [] : [id])),
  )
  const byKey = await byOrderKeys(
    db,
    shipments.flatMap(({ orderKey }) => (orderKey === undefined ? [] : [orderKey])),
  )
  const found = new Map<string, OrderRow[]>()
  for (const shipment of shipments) {
    const row = byId.get(shipment.shipStationOrderId ?? -1) ?? byKey.get(shipment.orderKey ?? '')
    found.set(shipment.id, row === undefined ? [] : [row])
  }
  const lines = await linesFor(db, found)
  const unsure = shipments.filter((shipment) => mustAsk(shipment, found.get(shipment.id) ?? [], lines))
  const answers = await ask(shipping, unsure, signal)
  for (const shipment of unsure) {
    const answer = answers.get(shipment.shipStationOrderId ?? -1)
    if (answer !== undefined) found.set(shipment.id, await byAnswer(db, found.get(shipment.id) ?? [], answer))
  }
  return withLines(await linesFor(db, found), found)
}

/** Unknown orders, packages that hold what is no line of the order, and packages that say nothing of what they hold (they may be merged orders). */
function mustAsk(shipment: Shipment, rows: readonly OrderRow[], lines: ReadonlyMap<string, readonly LineRow[]>): boolean {
  if (shipment.shipStationOrderId === undefined || shipment.isReturn) return false
  const [row] = rows
  if (row === undefined) return true
  if (shipment.items === null) return shipment.source === 'shipment'
  const own = new Map((lines.get(row.id) ?? []).map((line) => [line.external_line_id, line]))
  const byLine = Map.groupBy(
    shipment.items.filter(({ externalLineId }) => externalLineId !== undefined),
    ({ externalLineId }) => externalLineId ?? '',
  )
  return [...byLine].some(([id, items]) => isAnothers(items, own.get(id)))
}

/** Where a channel numbers the lines of each order from 1, only goods and units tell that a line of that name is another order's. */
function isAnothers(items: readonly ShipmentItem[], line: LineRow | undefined): boolean {
  if (line === undefined) return true
  const units = items.reduce((sum, { quantity }) => sum + quantity, 0)
  return units > line.qty || items.some(({ sku }) => sku !== undefined && sku !== line.sku)
}

async function ask(
  shipping: ShippingConnector,
  unsure: readonly Shipment[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, FoundOrder>> {
  const ids = new Set(unsure.flatMap(({ shipStationOrderId: id }) => (id === undefined ? [] : [id])))
  const answers = new Map<number, FoundOrder>()
  if (ids.size > ASK_ONE_BY_ONE) {
    const since = Math.min(...unsure.map(({ createdAt }) => createdAt)) - LISTING_MARGIN_MS
    for (const order of await shipping.findOrdersChangedSince(since, signal)) {
      if (ids.has(order.shipStationOrderId)) answers.set(order.shipStationOrderId, order)
    }
    return answers
  }
  for (const id of ids) {
    const order = await shipping.getOrder(id, signal)
    if (order !== undefined) answers.set(id, order)
  }
  return answers
}

async function byAnswer(db: Db, known: readonly OrderRow[], answer: FoundOrder): Promise<OrderRow[]> {
  const related = await byShipStationIds(db, [...(answer.parentId === undefined ? [] : [answer.parentId]), ...answer.mergedIds])
  const rows = new Map([...known, ...related.values()].map((row) => [row.id, row]))
  if (rows.size > 0) return [...rows.values()]
  const byKey = await byOrderKeys(db, [answer.orderKey])
  if (byKey.size > 0) return [...byKey.values()]
  // A number alone is only a label that a clerk may have typed: it counts where customField1 says the same.
  const number = answer.customField1
  if (number === undefined || number !== answer.orderNumber.replace(/-\d+$/, '')) {
    if (number === undefined || number !== answer.orderNumber) return []
  }
  const candidates = await ordersByNumber(db, number)
  const sameStore = candidates.filter((row) => row.shipstation_store_id === null || row.shipstation_store_id === answer.storeId)
  return sameStore.length === 1 ? sameStore : []
}

async function byShipStationIds(db: Db, ids: readonly number[]): Promise<Map<number, OrderRow>> {
  const wanted = [...new Set(ids)]
  if (wanted.length === 0) return new Map()
  const rows = await ordersByShipStationIds(db, wanted)
  return new Map(rows.map((row) => [row.shipstation_order_id ?? -1, row]))
}

async function byOrderKeys(db: Db, keys: readonly string[]): Promise<Map<string, OrderRow>> {
  const own = [...new Set(keys)].filter(isOwnKey)
  return new Map((await ordersByOrderKeys(db, own)).map((row) => [row.order_key ?? '', row]))
}

async function linesFor(db: Db, found: ReadonlyMap<string, readonly OrderRow[]>): Promise<Map<string, LineRow[]>> {
  const ids = new Set([...found.values()].flat().map(({ id }) => id))
  const grouped = new Map<string, LineRow[]>()
  for (const line of await linesOf(db, [...ids])) grouped.set(line.order_id, [...(grouped.get(line.order_id) ?? []), line])
  return grouped
}

function withLines(lines: ReadonlyMap<string, readonly LineRow[]>, found: ReadonlyMap<string, readonly OrderRow[]>): Matches {
  return new Map([...found].map(([id, rows]) => [id, rows.map((row) => ({ row, lines: lines.get(row.id) ?? [] }))]))
}
