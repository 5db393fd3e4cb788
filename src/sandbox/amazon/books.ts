import type { Accounts } from './accounts.ts'
import type { Order } from './order.ts'
import type { OrderStore } from './store.ts'
import { isoMs } from './wire.ts'

export interface Tally {
  readonly calls: Map<string, number>
  throttled: number
}

/** The truth for auditors: what Amazon knows, and how often it was asked. */
export function writeBooks(store: OrderStore, accounts: Accounts, tally: Tally): unknown {
  const all = accounts.all()
  return {
    orders: store.all().map(bookOrder),
    tokens_issued: all.reduce((total, account) => total + account.tokensIssued, 0),
    tokens_issued_by_account: Object.fromEntries(all.map((account) => [account.sellerId, account.tokensIssued])),
    calls: Object.fromEntries(tally.calls),
    throttled: tally.throttled,
  }
}

function bookOrder(order: Order): unknown {
  return {
    order_id: order.id,
    seller_id: order.sellerId,
    status: order.status,
    fulfilled_by: order.fulfilledBy,
    updated_at: isoMs(order.updatedAt),
    items: order.items.map((item) => ({
      order_item_id: item.id,
      sku: item.sku ?? null,
      quantity: item.quantity,
      shipped: item.shipped,
      cancelled: item.cancelled,
    })),
    packages: order.packages.map((parcel) => ({
      reference_id: parcel.referenceId,
      tracking: parcel.tracking,
      carrier: parcel.carrier,
      carrier_name: parcel.carrierName ?? null,
      method: parcel.method ?? null,
      shipped_at: isoMs(parcel.shippedAt),
      items: parcel.items.map(({ itemId, quantity }) => ({ order_item_id: itemId, quantity })),
      confirm_calls: parcel.confirmCalls,
    })),
  }
}
