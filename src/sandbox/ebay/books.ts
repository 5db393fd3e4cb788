import { type Listing, liveQuantity } from './listing.ts'
import { idOf, lineIdOf, type Order, orderShippedAt, orderStatus, shippedUnits } from './order.ts'
import type { State } from './state.ts'
import { isoMs } from './wire.ts'

/** The truth for auditors: what eBay knows, and how often it was asked. */
export function booksOf(state: State): unknown {
  return {
    orders: state.orders.all().map(bookOrder),
    listings: Array.from(state.listings.all(), bookListing),
    tokens_issued: Object.fromEntries(state.accounts.all().map(({ user, tokensIssued }) => [user, tokensIssued])),
    destinations: state.notifications.destinations.map(({ url, user, topics, status, why }) => ({
      url,
      user: user ?? null,
      topics: topics ?? null,
      status,
      why: why ?? null,
    })),
    calls: Object.fromEntries(state.calls),
    throttled: state.throttled,
    misdeeds: [...state.misdeeds],
  }
}

function bookOrder(order: Order): unknown {
  const shippedAt = orderShippedAt(order)
  return {
    order_id: idOf(order),
    paid_id: order.paidId,
    unpaid_id: order.unpaidId,
    user: order.user,
    status: orderStatus(order),
    payment: order.payment,
    cancel: order.cancel,
    merged_into: order.mergedInto ?? null,
    updated_at: isoMs(order.updatedAt),
    shipped_at: shippedAt === undefined ? null : isoMs(shippedAt),
    lines: order.lines.map((line) => ({
      order_line_item_id: lineIdOf(line),
      line_item_id: line.restId,
      sku: line.sku ?? null,
      quantity: line.quantity,
      shipped: shippedUnits(order, line),
    })),
    packages: order.packages.map(({ tracking, carrier, shippedAt: at, contents, by }) => ({
      tracking: tracking ?? null,
      carrier: carrier ?? null,
      shipped_at: isoMs(at),
      lines: Object.fromEntries(contents),
      by,
    })),
    complete_sale_calls: order.completeSaleCalls,
  }
}

/** `live`: what a buyer can have now; null where nothing is for sale. History: `[at, live, by]`. */
function bookListing(listing: Listing): unknown {
  const { sku, itemId, user, model, quantity, offer, ended, distributionsLost, history, bought, oversold } = listing
  return {
    sku: sku ?? null,
    item_id: itemId,
    user,
    model,
    live: liveQuantity(listing) ?? null,
    quantity,
    offer: { offer_id: offer.id, published: offer.published, quantity: offer.quantity ?? null },
    ended,
    distributions_lost: distributionsLost,
    history,
    bought,
    oversold,
  }
}
