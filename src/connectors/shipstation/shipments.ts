import type { Shipment, ShipmentItem } from '../../core/model/shipment.ts'
import { DISCOUNT_KEY } from './orders.ts'
import { parseLosAngeles } from './time.ts'
import type { FulfillmentRow, ItemRow, ShipmentRow } from './wire.ts'

/**
 * A label bought in ShipStation (contract section 7). Rows without an order, without a number, returns and voids are mapped like
 * any other; what becomes of them is not decided here. `now` (epoch ms) stands in for a creation date that cannot be read.
 */
export function fromShipmentRow(row: ShipmentRow, now: number): Shipment {
  const createdAt = parseLosAngeles(row.createDate) ?? parseLosAngeles(row.shipDate) ?? now
  const voidedAt = voidedAtOf(row, createdAt)
  return {
    id: `shipment:${row.shipmentId}`,
    number: row.shipmentId,
    source: 'shipment',
    ...orderOf(row),
    ...(row.orderKey ? { orderKey: row.orderKey } : {}),
    trackingNumber: row.trackingNumber?.trim() ?? '',
    carrierCode: row.carrierCode?.trim() ?? '',
    ...(row.serviceCode ? { serviceCode: row.serviceCode } : {}),
    createdAt,
    shippedAt: parseLosAngeles(row.shipDate) ?? createdAt,
    ...(voidedAt === undefined ? {} : { voidedAt }),
    isReturn: row.isReturnLabel === true,
    items: itemsOf(row.shipmentItems ?? []),
  }
}

/** An order marked as shipped, or sent by an outside provider: the carrier is display text, there is no orderKey and no item list. */
export function fromFulfillmentRow(row: FulfillmentRow, now: number): Shipment {
  const createdAt = parseLosAngeles(row.createDate) ?? parseLosAngeles(row.shipDate) ?? now
  const voidedAt = voidedAtOf(row, createdAt)
  return {
    id: `fulfillment:${row.fulfillmentId}`,
    number: row.fulfillmentId,
    source: 'fulfillment',
    ...orderOf(row),
    trackingNumber: row.trackingNumber?.trim() ?? '',
    carrierCode: row.carrierCode?.trim() ?? '',
    ...(row.fulfillmentServiceCode ? { serviceCode: row.fulfillmentServiceCode } : {}),
    createdAt,
    shippedAt: parseLosAngeles(row.shipDate) ?? createdAt,
    ...(voidedAt === undefined ? {} : { voidedAt }),
    isReturn: false,
    items: null,
  }
}

function orderOf(row: Pick<ShipmentRow, 'orderId' | 'orderNumber'>): Pick<Shipment, 'shipStationOrderId' | 'orderNumber'> {
  return {
    ...(typeof row.orderId === 'number' && row.orderId > 0 ? { shipStationOrderId: row.orderId } : {}),
    ...(row.orderNumber ? { orderNumber: row.orderNumber } : {}),
  }
}

function voidedAtOf(row: Pick<ShipmentRow, 'voided' | 'voidDate'>, createdAt: number): number | undefined {
  if (row.voided === false) return undefined
  const at = parseLosAngeles(row.voidDate)
  return row.voided === true ? (at ?? createdAt) : at
}

/** Null (everything the order had left) when the vendor lists nothing; the discount line is no goods. */
function itemsOf(rows: readonly ItemRow[]): readonly ShipmentItem[] | null {
  const goods = rows.filter((row) => row.adjustment !== true && row.lineItemKey !== DISCOUNT_KEY && (row.quantity ?? 1) > 0)
  if (goods.length === 0) return null
  return goods.map((row) => ({
    ...(row.lineItemKey ? { externalLineId: row.lineItemKey } : {}),
    ...(row.sku ? { sku: row.sku } : {}),
    quantity: row.quantity ?? 1,
  }))
}
