import type { StockImport } from './imports.ts'
import type { Account, Order, State } from './model.ts'
import type { Offer } from './offers.ts'

/** The truth for auditors. */
export function booksOf(state: State): unknown {
  const orders: unknown[] = []
  const offers: unknown[] = []
  const imports: unknown[] = []
  const exports: unknown[] = []
  for (const account of state.accounts.values()) {
    for (const order of account.orders.values()) orders.push(orderBook(account, order))
    for (const offer of account.offers.all()) offers.push(offerBook(account, offer))
    for (const each of account.imports) imports.push(importBook(account, each))
    for (const { id, status, shopId, created, updated, downloads } of account.exports)
      exports.push({ id, status, shop_id: shopId, api_key: account.apiKey, created_at: created, updated_at: updated, downloads })
  }
  return {
    orders,
    offers,
    stock_imports: imports,
    order_exports: exports,
    calls: { ...state.calls },
    throttled: state.throttled,
    pending_shipments: state.pending.length,
  }
}

function orderBook(account: Account, order: Order): unknown {
  return {
    order_id: order.id,
    state: order.state,
    shop_id: order.shopId,
    api_key: account.apiKey,
    marketplace: account.marketplace,
    updated_at: order.updated,
    accepted_calls: order.acceptedCalls,
    accept_requests: order.acceptRequests,
    has_incident: order.hasIncident,
    lines: order.lines.map((line) => ({
      order_line_id: line.id,
      offer_sku: line.sku,
      state: line.state,
      quantity: line.quantity,
      shipped: line.shipped,
      canceled: line.canceled,
    })),
    shipments: order.shipments.map((shipment) => ({
      id: shipment.id,
      tracking: shipment.tracking?.tracking_number ?? null,
      carrier_code: shipment.tracking?.carrier_code ?? null,
      carrier_name: shipment.tracking?.carrier_name ?? null,
      tracking_url: shipment.tracking?.tracking_url ?? null,
      lines: shipment.lines.map(({ line, quantity }) => ({ order_line_id: line.id, quantity })),
      shipped: shipment.status !== 'SHIPPING',
    })),
    ...(order.tracking === undefined ? {} : { tracking: order.tracking, shipped_by_or24: order.shippedByOr24 }),
  }
}

function offerBook(account: Account, offer: Offer): unknown {
  return {
    sku: offer.sku,
    quantity: offer.quantity,
    price: offer.price,
    description: offer.description ?? null,
    listed: offer.listed,
    shop_id: offer.shopId,
    api_key: account.apiKey,
    marketplace: account.marketplace,
    ...(offer.warehouses === undefined ? {} : { warehouses: Object.fromEntries(offer.warehouses) }),
    history: offer.history,
  }
}

function importBook(account: Account, each: StockImport): unknown {
  return {
    import_id: each.id,
    status: each.status,
    created_at: each.created,
    ended_at: each.ended ?? null,
    lines: each.lines,
    repeats: each.repeats,
    errors: each.errors.map(({ line, reason }) => ({ line, reason })),
    shop_id: each.shopId,
    api_key: account.apiKey,
  }
}
