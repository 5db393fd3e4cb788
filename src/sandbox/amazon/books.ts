import type { Accounts } from './accounts.ts'
import { type Feed, statusOf } from './feed.ts'
import { isDoubled, type Listing, merchantRecord } from './listing.ts'
import type { Order } from './order.ts'
import { type Report, reportStatusOf } from './report.ts'
import type { Stock } from './stock.ts'
import type { OrderStore } from './store.ts'
import { isoMs } from './wire.ts'

export interface Tally {
  readonly calls: Map<string, number>
  throttled: number
}

/** What the books are written from. */
export interface Ledgers {
  readonly store: OrderStore
  readonly accounts: Accounts
  readonly stock: Stock
  readonly feeds: readonly Feed[]
  readonly reports: readonly Report[]
  readonly tally: Tally
}

/** The truth for auditors: what Amazon knows, and how often it was asked. */
export function writeBooks({ store, accounts, stock, feeds, reports, tally }: Ledgers): unknown {
  const all = accounts.all()
  return {
    orders: store.all().map(bookOrder),
    tokens_issued: all.reduce((total, account) => total + account.tokensIssued, 0),
    tokens_issued_by_account: Object.fromEntries(all.map((account) => [account.sellerId, account.tokensIssued])),
    calls: Object.fromEntries(tally.calls),
    throttled: tally.throttled,
    listings: Array.from(stock.store.all(), bookListing),
    written_without_listing: [...stock.ghosts],
    feeds: feeds.map((feed) => bookFeed(feed, stock.clock.now())),
    reports: reports.map((report) => bookReport(report, stock.clock.now())),
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

/** `quantity`: the merchant's, that a buyer can have now; null where there is no merchant's record. History: `[at, quantity, by]`. */
function bookListing(listing: Listing): unknown {
  const merchant = merchantRecord(listing)
  return {
    sku: listing.sku,
    seller_id: listing.sellerId,
    channel: listing.channel,
    listed: listing.listed,
    quantity: merchant?.quantity ?? null,
    lead_time: merchant?.leadTime ?? null,
    restock_date: merchant?.restockDate ?? null,
    doubled: isDoubled(listing),
    records: listing.records.map(({ code, quantity }) => ({ code, quantity: quantity ?? null })),
    history: listing.history,
    bought: listing.bought,
    oversold: listing.oversold,
    also_written: listing.alsoWritten,
  }
}

function bookFeed(feed: Feed, now: number): unknown {
  return {
    feed_id: feed.id,
    seller_id: feed.sellerId,
    feed_type: feed.type,
    status: statusOf(feed, now),
    accepted: feed.end?.accepted ?? null,
    invalid: feed.end?.invalid ?? null,
  }
}

function bookReport(report: Report, now: number): unknown {
  return {
    report_id: report.id,
    seller_id: report.sellerId,
    report_type: report.type,
    status: reportStatusOf(report, now),
    orders: report.orders,
  }
}
