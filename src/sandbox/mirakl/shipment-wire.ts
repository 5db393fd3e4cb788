import type { Shipment } from './model.ts'
import { millis } from './wire.ts'

/** A shipment as ST01 and ST11 give it (section 5); last_updated_date is null on a fresh one. */
export function shipmentWire(shipment: Shipment): unknown {
  const { tracking } = shipment
  return {
    created_date: millis(shipment.created),
    id: shipment.id,
    invoice_reference: shipment.invoiceReference ?? null,
    last_updated_date: shipment.updated === undefined ? null : millis(shipment.updated),
    order_id: shipment.order.id,
    payment_details: null,
    shipment_additional_information: [],
    shipment_lines: shipment.lines.map(({ line, quantity, package_reference }) => ({
      offer_sku: line.sku,
      order_line_id: line.id,
      package_reference: package_reference ?? null,
      quantity,
    })),
    shipped_date: shipment.shippedAt === undefined ? null : millis(shipment.shippedAt),
    shipping_from: shipment.warehouse === undefined ? null : { address: null, warehouse: { code: shipment.warehouse } },
    status: shipment.status,
    status_customer_debit: 'NO_DEBIT',
    tracking: tracking === undefined ? null : { ...tracking, last_known_location: null, milestones: [] },
  }
}
