import type { Shipment } from '../../src/core/model/shipment.ts'
import { noon } from './a-clock.ts'

/** A label of ShipStation order 5001 that holds one unit of line L1. */
export function aShipment(number: number, change: Partial<Shipment> = {}): Shipment {
  const source = change.source ?? 'shipment'
  return {
    id: `${source}:${number}`,
    number,
    source,
    shipStationOrderId: 5001,
    trackingNumber: `1Z${number}`,
    carrierCode: 'ups',
    createdAt: noon - 60_000,
    shippedAt: noon - 60_000,
    isReturn: false,
    items: [{ externalLineId: 'L1', sku: 'SKU-L1', quantity: 1 }],
    ...change,
  }
}

/** A label that a clerk made by hand, for no order. */
export function aLabelWithoutOrder(number: number): Shipment {
  const { shipStationOrderId: _order, items: _items, ...label } = aShipment(number)
  return { ...label, items: null }
}
