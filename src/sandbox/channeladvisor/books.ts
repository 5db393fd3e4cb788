import { isGone, type Order, rollup, shippedUnits, shippingStatus } from './order.ts'
import { liveQuantity, type Product } from './product.ts'
import type { State } from './state.ts'

/** The truth for auditors: what the platform knows, and how often it was asked. Times are epoch milliseconds. */
export function booksOf(state: State): unknown {
  return {
    orders: Array.from(state.orders.all(), (order) => orderBook(state, order)),
    products: Array.from(state.products.all(), productBook),
    export_log: state.flagLog.map(({ at, app, orderId, on }) => ({ at, app_id: app, order_id: orderId, on })),
    uploads: state.uploads.map(({ token, app, importType, startedAt, doneAt, rows, errors }) => ({
      token,
      app_id: app,
      import_type: importType,
      started_at: startedAt,
      done_at: doneAt ?? null,
      rows: rows.length,
      errors: [...errors],
    })),
    tokens_issued: Object.fromEntries(state.accounts.all().map(({ appId, tokensIssued }) => [appId, tokensIssued])),
    calls: Object.fromEntries(state.calls),
    throttled: state.throttled,
    misdeeds: [...state.misdeeds],
  }
}

function orderBook(state: State, order: Order): unknown {
  return {
    order_id: order.id,
    site_order_id: order.siteOrderId,
    profile_id: order.profileId,
    site_name: order.siteName,
    checkout: order.checkout,
    payment: order.payment,
    shipping: shippingStatus(order),
    rollup: rollup(order),
    imported_at: order.importedAt,
    updated_at: order.updatedAt,
    exported_by: Array.from(state.flags).flatMap(([app, flags]) => {
      const flag = flags.get(order)
      return flag === undefined ? [] : [{ app_id: app, at: flag.at }]
    }),
    lines: order.lines.map((line) => ({
      line_id: line.id,
      sku: line.sku,
      quantity: line.quantity,
      shipped: shippedUnits(order, line),
    })),
    fulfillments: order.fulfillments.map((each) => ({
      fulfillment_id: each.id,
      delivery: each.delivery,
      shipped: isGone(each),
      tracking: each.tracking,
      carrier: each.carrier,
      class: each.shippingClass,
      dc: each.center.id,
      dc_type: each.center.type,
      seller_id: each.sellerId,
      shipped_at: each.shippedAt,
      by: each.by ?? null,
      marketplace: each.marketplace,
      lines: Object.fromEntries(Array.from(each.items, ([line, { quantity }]) => [line.id, quantity])),
    })),
  }
}

/** `live`: what a buyer can have now; null where nothing is for sale. History: `[at, live, by]`; `told`: each number that came in. */
function productBook(product: Product): unknown {
  const { id, sku, profileId, stock, history, told, bought, oversold } = product
  return {
    product_id: id,
    sku,
    profile_id: profileId,
    live: liveQuantity(product) ?? null,
    dcs: Object.fromEntries(Array.from(stock, ([center, units]) => [center.id, units])),
    history: [...history],
    told: told.map(({ at, by, app, centerId, quantity, left }) => ({ at, by, app_id: app, dc: centerId, quantity, left })),
    bought,
    oversold: [...oversold],
  }
}
