import type { NormalizedOrder } from '../../src/core/model/order.ts'
import type { Confirmation } from '../../src/core/model/shipment.ts'
import type { Listing, QuantityUpdate } from '../../src/core/model/stock.ts'
import type {
  Cursor,
  ItemOutcome,
  LookUp,
  MarketplaceConnector,
  OpenOrder,
  OrderPage,
  OrderWindow,
  QuantityOutcome,
  QuantityReport,
} from '../../src/core/ports/marketplace.ts'

/** A marketplace that says what a test tells it to say, and notes what it was told. */
export interface TestChannel extends MarketplaceConnector {
  readonly confirmed: Confirmation[]
  readonly lookedUp: Confirmation[]
  readonly acknowledged: string[]
  /** Where each listing began. */
  readonly listedFrom: Cursor[]
  /** How confirmations are answered; by default each is accepted. */
  answer: (confirmation: Confirmation) => ItemOutcome
  knows: (confirmation: Confirmation) => LookUp
  /** Every hand-over of quantities, as handed over. */
  readonly told: { readonly way: string; readonly batch: readonly QuantityUpdate[] }[]
  /** How quantities are answered; by default each is accepted. */
  takes: (update: QuantityUpdate) => QuantityOutcome
  /** What a report says of a quantity that was to be reported later. */
  reports: (report: string, sent: readonly QuantityUpdate[]) => QuantityReport
  /** What the channel has under a SKU; by default a listing of the seller's. */
  lists: (sku: string) => Listing
  /** What the next listing gives; an Error ends it there. */
  pages: readonly (OrderPage | Error)[]
  /** Its list of open orders, in pages; an Error ends it there. */
  open: readonly (readonly OpenOrder[] | Error)[]
  /** The windows that the list of open orders was asked for. */
  readonly windows: OrderWindow[]
  /** Thrown by the next call that is not a listing, once. */
  fail: Error | undefined
}

export function aPage(orders: readonly NormalizedOrder[], next: Cursor): OrderPage {
  return { orders, poison: [], skipped: 0, next }
}

export function aChannel(
  change: Partial<Pick<MarketplaceConnector, 'channel' | 'settleMs' | 'batchSize' | 'checksListings' | 'quantityPlan'>> = {},
): TestChannel {
  function failing(): void {
    const { fail } = channel
    channel.fail = undefined
    if (fail !== undefined) throw fail
  }
  const channel: TestChannel = {
    channel: 'amazon-us',
    batchSize: { confirm: 20 },
    settleMs: 2 * 60_000,
    confirmed: [],
    lookedUp: [],
    acknowledged: [],
    listedFrom: [],
    answer: () => ({ status: 'accepted' }),
    knows: () => 'absent',
    told: [],
    takes: () => ({ status: 'accepted' }),
    reports: (_report, sent) => ({ state: 'done', outcomes: sent.map(() => ({ status: 'accepted' })) }),
    lists: (sku) => ({ sku, listed: true, fulfilment: 'seller' }),
    checksListings: true,
    pages: [],
    open: [],
    windows: [],
    fail: undefined,
    async *listOrders(since) {
      channel.listedFrom.push(since)
      for (const page of channel.pages) {
        if (page instanceof Error) throw page
        yield page
      }
    },
    async *listOpenOrders(window) {
      channel.windows.push(window)
      for (const page of channel.open) {
        if (page instanceof Error) throw page
        yield page
      }
    },
    async getOrders(ids) {
      const all = channel.pages.flatMap((page) => (page instanceof Error ? [] : page.orders))
      return { orders: all.filter(({ externalOrderId }) => ids.includes(externalOrderId)), poison: [], skipped: 0 }
    },
    async confirmShipments(batch) {
      channel.confirmed.push(...batch)
      failing()
      return batch.map((one) => channel.answer(one))
    },
    async lookUpConfirmations(batch) {
      channel.lookedUp.push(...batch)
      failing()
      return batch.map((one) => channel.knows(one))
    },
    async acknowledgeOrders(orders) {
      channel.acknowledged.push(...orders.map(({ externalOrderId }) => externalOrderId))
      failing()
      return orders.map(() => ({ status: 'accepted' as const }))
    },
    quantityPlan: () => ({ way: 'patch', batch: 20 }),
    async updateQuantities(batch, way) {
      channel.told.push({ way, batch })
      failing()
      return batch.map((update) => channel.takes(update))
    },
    readQuantityReport: async (report, sent) => channel.reports(report, sent),
    describeListings: async (skus) => skus.map((sku) => channel.lists(sku)),
    health: async () => ({ ok: true, checks: [] }),
    ...change,
  }
  return channel
}
