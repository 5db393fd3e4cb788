import type { Run } from '../context.ts'
import { raiseAlert, type Severity } from '../db/alerts.ts'
import type { Db } from '../db/db.ts'
import type { ShipmentRow, ShipmentState } from '../db/shipments.ts'
import type { Shipment } from '../model/shipment.ts'

/** A shipment as a row. */
export function toRow(run: Run, shipment: Shipment, state: ShipmentState, reason: string | null): ShipmentRow {
  return {
    id: shipment.id,
    number: shipment.number,
    source: shipment.source,
    shipstation_order_id: shipment.shipStationOrderId ?? null,
    order_key: shipment.orderKey ?? null,
    order_number: shipment.orderNumber ?? null,
    tracking_number: shipment.trackingNumber,
    carrier_code: shipment.carrierCode,
    service_code: shipment.serviceCode ?? null,
    created_at: shipment.createdAt,
    shipped_at: shipment.shippedAt,
    voided_at: shipment.voidedAt ?? null,
    is_return: shipment.isReturn ? 1 : 0,
    items: shipment.items === null ? null : JSON.stringify(shipment.items),
    state,
    reason,
    seen_at: run.clock.now(),
  }
}

/** What a stored package holds, as ShipStation told it. */
export function itemsOf({ items }: Pick<ShipmentRow, 'items'>): Shipment['items'] {
  return items === null ? null : (JSON.parse(items) as Shipment['items'])
}

export async function alert(
  tx: Db,
  run: Run,
  rule: string,
  channel: string,
  severity: Severity,
  message: string,
  next: string,
): Promise<void> {
  await raiseAlert(tx, { id: run.ids.next(), rule, channel, severity, message, next }, run.clock.now())
}
