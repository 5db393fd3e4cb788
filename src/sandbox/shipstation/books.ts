import { orderTotal } from './order-wire.ts'
import type { State, StoredOrder } from './state.ts'

/** The truth for auditors. Instants are ISO texts in UTC; addresses are in wire names. */
export function booksOf(state: State, throttled: number): unknown {
  const orders = [...state.orders.values()]
  const live = orders.filter((order) => !order.deleted && !isSplitChild(state, order))
  return {
    orders: orders.map((order) => orderEntry(order)),
    shipments: state.labels.map((label) => ({
      shipment_id: label.shipmentId,
      order_id: label.order?.orderId ?? null,
      order_number: label.order?.orderNumber ?? null,
      order_key: label.order?.orderKey ?? null,
      store_id: label.order?.storeId ?? null,
      tracking: label.tracking,
      carrier_code: label.carrierCode,
      service_code: label.serviceCode,
      ship_date: label.shipDate,
      created_at: iso(label.createdAt),
      is_return: label.isReturn,
      voided: label.voidedAt !== null,
      voided_at: label.voidedAt === null ? null : iso(label.voidedAt),
      items:
        label.items?.map(({ item, quantity }) => ({
          line_item_key: item.document.lineItemKey,
          sku: item.document.sku,
          quantity,
        })) ?? null,
    })),
    fulfillments: state.fulfillments.map((one) => ({
      fulfillment_id: one.fulfillmentId,
      order_id: one.order.orderId,
      order_number: one.order.orderNumber,
      order_key: one.order.orderKey,
      tracking: one.tracking,
      carrier_name: one.carrierName,
      ship_date: one.shipDate.slice(0, 10),
      created_at: iso(one.createdAt),
    })),
    webhooks: state.webhooks,
    notifications: state.notifications,
    calls: Object.fromEntries(state.calls),
    throttled,
    pending_writes: state.pending.length,
    duplicates: twice(live.map((order) => order.orderNumber)),
    duplicates_in_store: twice(live.map((order) => `${order.storeId}:${order.orderNumber}`)),
  }
}

function orderEntry(order: StoredOrder): unknown {
  const { document } = order
  return {
    order_id: order.orderId,
    order_number: order.orderNumber,
    order_key: order.orderKey,
    store_id: order.storeId,
    status: order.status,
    created_count_calls: order.createCalls,
    created_at: iso(order.createdAt),
    modified_at: iso(order.modifiedAt),
    order_date: document.orderDate,
    customField1: document.advancedOptions?.['customField1'] ?? null,
    customField2: document.advancedOptions?.['customField2'] ?? null,
    customField3: document.advancedOptions?.['customField3'] ?? null,
    source: document.advancedOptions?.['source'] ?? null,
    ship_to: document.shipTo,
    bill_to: document.billTo,
    customer_email: document['customerEmail'] ?? null,
    customer_notes: document['customerNotes'] ?? null,
    internal_notes: document['internalNotes'] ?? null,
    requested_shipping_service: document['requestedShippingService'] ?? null,
    amount_paid: document.amountPaid,
    tax_amount: document.taxAmount,
    shipping_amount: document.shippingAmount,
    order_total: orderTotal(order),
    items: order.items.map((item) => ({
      line_item_key: item.document.lineItemKey,
      sku: item.document.sku,
      name: item.document.name,
      quantity: item.quantity,
      unit_price: item.document.unitPrice,
      adjustment: item.document.adjustment ?? false,
    })),
    tag_ids: order.tagIds,
    hold_until: order.holdUntil,
    parent_id: order.parentId,
    merged_ids: order.mergedIds,
    merged_into: order.mergedInto,
    deleted: order.deleted,
  }
}

// A child of a split carries its parent's number with a suffix; an order merged away was one of its own.
function isSplitChild(state: State, order: StoredOrder): boolean {
  return order.parentId !== null && order.mergedInto === null && state.orders.has(order.parentId)
}

function twice(names: readonly string[]): string[] {
  const seen = new Set<string>()
  const again = new Set<string>()
  for (const name of names) {
    if (seen.has(name)) again.add(name)
    seen.add(name)
  }
  return [...again]
}

function iso(instant: number): string {
  return new Date(instant).toISOString()
}
