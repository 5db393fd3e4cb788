import type { ShipmentLineRow } from '../db/shipments.ts'
import type { Shipment, ShipmentItem } from '../model/shipment.ts'
import type { MatchedOrder } from './match-order.ts'

/** Units already in packages, by `<order id> <line id>`. */
export type Packed = ReadonlyMap<string, number>

export function packedKey(orderId: string, lineId: string): string {
  return `${orderId} ${lineId}`
}

/**
 * Which lines of which orders a package holds. Never more than is left of a line: ShipStation repeats the whole order on every label of a
 * multi-package shipment, and a marketplace refuses more units than were ordered. A package that says nothing holds all that is left.
 */
export function linesInPackage(
  shipment: Pick<Shipment, 'id' | 'items'>,
  orders: readonly MatchedOrder[],
  packed: Packed,
): ShipmentLineRow[] {
  const left = remaining(orders, packed)
  if (shipment.items === null) {
    return left
      .filter(({ quantity }) => quantity > 0)
      .map(({ orderId, lineId, quantity }) => row(shipment, orderId, lineId, quantity))
  }
  const taken = new Map<Remaining, number>()
  for (const item of shipment.items) {
    let units = item.quantity
    const fitting = left.filter((candidate) => belongs(item, candidate))
    // Merged orders of a channel that numbers the lines of each order from 1 have a line of that name each.
    const same = fitting.filter(({ sku }) => sku === item.sku)
    for (const line of same.length > 0 ? same : fitting) {
      const already = taken.get(line) ?? 0
      const take = Math.min(units, line.quantity - already)
      if (take <= 0) continue
      taken.set(line, already + take)
      units -= take
    }
  }
  return [...taken].map(([{ orderId, lineId }, quantity]) => row(shipment, orderId, lineId, quantity))
}

interface Remaining {
  readonly orderId: string
  readonly lineId: string
  readonly sku: string
  readonly quantity: number
}

function remaining(orders: readonly MatchedOrder[], packed: Packed): Remaining[] {
  return orders.flatMap(({ row: order, lines }) =>
    lines.map((line) => ({
      orderId: order.id,
      lineId: line.external_line_id,
      sku: line.sku,
      quantity: Math.max(
        0,
        (line.qty_pushed ?? line.qty_to_ship) - (packed.get(packedKey(order.id, line.external_line_id)) ?? 0),
      ),
    })),
  )
}

/** By the line id we gave ShipStation; by SKU only where it gives none back. */
function belongs(item: ShipmentItem, line: Remaining): boolean {
  if (item.externalLineId !== undefined) return item.externalLineId === line.lineId
  return item.sku !== undefined && item.sku === line.sku
}

function row(shipment: Pick<Shipment, 'id'>, orderId: string, lineId: string, quantity: number): ShipmentLineRow {
  return { shipment_id: shipment.id, order_id: orderId, external_line_id: lineId, quantity }
}
