import { dateTime7, dateTimeShort } from './los-angeles.ts'
import type { StoredItem, StoredOrder } from './state.ts'

const USER = '00000000-0000-4000-8000-000000000001'

/** One item as in orders and, with another quantity, in shipmentItems. */
export function itemReply(item: StoredItem, quantity: number): Record<string, unknown> {
  const { createdAt, document, orderItemId } = item
  return {
    orderItemId,
    ...document,
    quantity,
    options: document['options'] ?? [],
    adjustment: document.adjustment ?? false,
    createDate: dateTimeShort(createdAt),
    modifyDate: dateTimeShort(createdAt),
  }
}

export function addressReply(order: StoredOrder): Record<string, unknown> {
  return { ...order.document.shipTo, addressVerified: 'Address not yet validated' }
}

/** An order as GET /orders shows it: contract section 5. */
export function orderReply(order: StoredOrder): Record<string, unknown> {
  const { document } = order
  const { orderId: _orderId, orderNumber: _orderNumber, orderKey: _orderKey, ...fields } = document
  return {
    orderId: order.orderId,
    orderNumber: order.orderNumber,
    orderKey: order.orderKey,
    ...fields,
    createDate: dateTime7(order.createdAt),
    modifyDate: dateTime7(order.modifiedAt),
    orderStatus: order.status,
    customerId: order.customerId,
    billTo: { ...document.billTo, addressVerified: null },
    shipTo: addressReply(order),
    items: order.items.map((item) => itemReply(item, item.quantity)),
    orderTotal: orderTotal(order),
    amountPaid: document.amountPaid ?? 0,
    taxAmount: document.taxAmount ?? 0,
    shippingAmount: document.shippingAmount ?? 0,
    gift: document['gift'] ?? false,
    holdUntilDate: order.holdUntil,
    advancedOptions: {
      nonMachinable: false,
      saturdayDelivery: false,
      containsAlcohol: false,
      ...withoutNulls(document.advancedOptions ?? {}),
      storeId: order.storeId,
      mergedOrSplit: order.mergedOrSplit,
      mergedIds: order.mergedIds,
      parentId: order.parentId,
    },
    tagIds: order.tagIds.length === 0 ? null : order.tagIds,
    userId: order.externallyFulfilled ? USER : null,
    externallyFulfilled: order.externallyFulfilled,
    externallyFulfilledBy: null,
    externallyFulfilledById: null,
    externallyFulfilledByName: null,
    labelMessages: null,
  }
}

// Cents, because a sum of decimal fractions would show digits that no vendor prints.
export function orderTotal(order: StoredOrder): number {
  const lines = order.items.reduce((sum, { document, quantity }) => sum + cents(document.unitPrice) * quantity, 0)
  return (lines + cents(order.document.taxAmount) + cents(order.document.shippingAmount)) / 100
}

function cents(amount: number | null): number {
  return Math.round((amount ?? 0) * 100)
}

function withoutNulls(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    // The three flags have a default; the texts are null when they are not set.
    if (value !== null || name.startsWith('customField')) kept[name] = value
  }
  return kept
}
