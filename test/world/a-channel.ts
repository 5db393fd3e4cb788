import type { NormalizedOrder } from '../../src/core/model/order.ts'
import type { Confirmation } from '../../src/core/model/shipment.ts'
import type { Cursor, ItemOutcome, LookUp, MarketplaceConnector, OrderPage } from '../../src/core/ports/marketplace.ts'

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
  /** What the next listing gives; an Error ends it there. */
  pages: readonly (OrderPage | Error)[]
  /** Thrown by the next call that is not a listing, once. */
  fail: Error | undefined
}

export function aPage(orders: readonly NormalizedOrder[], next: Cursor): OrderPage {
  return { orders, poison: [], skipped: 0, next }
}

export function aChannel(change: Partial<Pick<MarketplaceConnector, 'channel' | 'settleMs' | 'batchSize'>> = {}): TestChannel {
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
    pages: [],
    fail: undefined,
    async *listOrders(since) {
      channel.listedFrom.push(since)
      for (const page of channel.pages) {
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
    health: async () => ({ ok: true, checks: [] }),
    ...change,
  }
  return channel
}
