import type { Run } from '../context.ts'
import { deletionsOf, holdDeletionsBack } from '../db/buyers.ts'
import type { Db } from '../db/db.ts'
import type { AuditEvent } from '../db/events.ts'
import type { OrderRow } from '../db/orders.ts'
import type { NormalizedOrder } from '../model/order.ts'
import { accountDigests } from '../privacy/account-digests.ts'
import { orderEvent } from './order-event.ts'
import type { Batch, KnownBuyer } from './page-batch.ts'

/** Why personal data goes before its time, as an order's history says it. */
export const ACCOUNT_DELETED = 'account deleted at the marketplace'

/**
 * The buyers of these orders, by external order id; of orders that do not tell their buyer's account, nothing. From here to the end of the
 * transaction no deletion of an account comes in between.
 */
export async function knownBuyers(
  tx: Db,
  run: Run,
  orders: readonly NormalizedOrder[],
): Promise<ReadonlyMap<string, KnownBuyer>> {
  const named = orders.flatMap((order) => (order.buyerAccount === undefined ? [] : [{ order, account: order.buyerAccount }]))
  if (named.length === 0) return new Map()
  await holdDeletionsBack(tx)
  const digestsOf = await accountDigests(tx, run.vault, run.clock.now())
  const found = named.map(({ order, account }) => ({ order, digests: digestsOf(account) }))
  const deletions = await deletionsOf(tx, [...new Set(found.flatMap(({ digests }) => digests))])
  return new Map(
    found.map(({ order, digests }) => {
      const gone = digests.some((digest) => (deletions.get(digest) ?? 0) >= order.createdAt)
      return [order.externalOrderId, { digests, gone }]
    }),
  )
}

/** Has the page write down whose order this is, and mark it when that buyer is gone. `stored`: the order as it was. */
export function noteBuyer(batch: Batch, order: NormalizedOrder, id: string, stored?: Pick<OrderRow, 'erase_asked_at'>): void {
  const buyer = batch.buyers.get(order.externalOrderId)
  if (buyer === undefined) return
  batch.accounts.push(...buyer.digests.map((digest) => ({ digest, order_id: id })))
  if (!buyer.gone || (stored?.erase_asked_at ?? null) !== null) return
  batch.toErase.push(id)
  batch.events.push(erasureAsked(batch.run, order.channel, order.externalOrderId))
}

/** A line of an order's history: its buyer's data goes as soon as the order is over. */
export function erasureAsked(run: Run, channel: string, externalOrderId: string): AuditEvent {
  const detail = { because: ACCOUNT_DELETED, when: 'shipped or cancelled' }
  return orderEvent(run, channel, externalOrderId, 'personal data to be erased', detail)
}
