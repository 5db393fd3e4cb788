import { bookItem } from './inventory.ts'
import { type Order, shippedUnits } from './order.ts'
import { workOff } from './requests.ts'
import type { Book, State } from './state.ts'
import { iso, type Json, textOf } from './wire.ts'

/** The truth for auditors: what Dsco knows, whether or not readers see it yet, and how often it was asked. */
export function booksOf(state: State): unknown {
  const books = [...state.books.values()]
  for (const book of books) workOff(state, book)
  return {
    orders: books.flatMap((book) => Array.from(book.orders.values(), (order) => bookOrder(order, book.accountId))),
    items: books.flatMap((book) => Array.from(book.items.values(), (item) => bookItem(item, book.accountId))),
    requests: books.flatMap(bookRequests),
    streams: books.flatMap((book) =>
      Array.from(book.streams.values(), ({ id, partitions }) => ({
        stream_id: id,
        account: book.accountId,
        partitions: partitions.map(({ id: partition, position, positionUpdates, events }) => ({
          partition,
          position,
          position_updates: positionUpdates,
          events: events.length,
        })),
      })),
    ),
    pending: books.flatMap(({ requests }) => [...requests.values()].flatMap(({ entries }) => entries)).filter(isPending).length,
    tokens_issued: Object.fromEntries(state.access.accounts().map(({ id, tokensIssued }) => [id, tokensIssued])),
    calls: Object.fromEntries(state.calls),
    throttled: state.throttled,
    misdeeds: [...state.misdeeds],
  }
}

function isPending({ outcome }: { readonly outcome: unknown }): boolean {
  return outcome === undefined
}

function bookOrder(order: Order, accountId: string): Json {
  return {
    order_id: order.id,
    account: accountId,
    po_number: order.poNumber,
    retailer: textOf(order.base['dscoTradingPartnerName']) ?? null,
    type: order.type ?? null,
    test: order.test,
    status: order.status,
    lifecycle: order.lifecycle,
    created_at: iso(order.createdAt),
    updated_at: iso(order.updatedAt),
    supplier_order_number: order.supplierOrderNumber ?? null,
    cancel_requested: order.cancelRequested !== undefined,
    acknowledgements: order.acknowledgements.map(({ at, supplierOrderNumber }) => ({
      at: iso(at),
      supplier_order_number: supplierOrderNumber ?? null,
    })),
    lines: order.lines.map((line, i) => ({
      line: i + 1,
      line_number: line.number ?? null,
      sku: textOf(line.base['sku']) ?? null,
      quantity: line.quantity,
      cancelled: line.cancelled,
      rejected: line.rejected,
      shipped: shippedUnits(order, line),
      cancel_requested: line.cancelRequested !== undefined,
    })),
    packages: order.packages.map(({ tracking, base, contents, by, requestId, addedAt }) => ({
      tracking,
      carrier: textOf(base['shipCarrier']) ?? null,
      method: textOf(base['shipMethod']) ?? null,
      service_level: textOf(base['shippingServiceLevelCode']) ?? null,
      ship_date: textOf(base['shipDate']) ?? null,
      added_at: iso(addedAt),
      lines: contents.map(({ line, quantity }) => ({
        line: order.lines.indexOf(line) + 1,
        line_number: line.number ?? null,
        sku: textOf(line.base['sku']) ?? null,
        quantity,
      })),
      by,
      request_id: requestId ?? null,
    })),
  }
}

function bookRequests({ requests, accountId }: Book): readonly Json[] {
  return Array.from(requests.values(), ({ id, operation, receivedAt, entries }) => ({
    request_id: id,
    account: accountId,
    operation,
    received_at: iso(receivedAt),
    succeeded: entries.filter(({ outcome }) => outcome?.status === 'success').length,
    failures: entries.flatMap(({ outcome }, i) =>
      outcome?.status === 'failure' ? outcome.results.map(({ code, description }) => ({ entry: i, code, description })) : [],
    ),
    pending: entries.filter(isPending).length,
  }))
}
