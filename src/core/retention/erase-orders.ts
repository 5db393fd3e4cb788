import type { Run } from '../context.ts'
import type { Db } from '../db/db.ts'
import { type DueOrders, deletePayloadsOf, type ErasedOrder, eraseOrders } from '../db/erasure.ts'
import { addEvents } from '../db/events.ts'
import { ACCOUNT_DELETED } from '../orders/buyer-accounts.ts'
import { orderEvent } from '../orders/order-event.ts'

/** What went: orders, and documents with them. */
export interface ErasedBatch {
  readonly orders: readonly ErasedOrder[]
  readonly documents: number
}

/**
 * Erases these orders' personal data and documents as far as they are due, and says in their history that it happened and why, so that nobody
 * looks for an address that was never lost. In the caller's transaction.
 */
export async function eraseBatch(tx: Db, run: Run, due: DueOrders, ids: readonly string[]): Promise<ErasedBatch> {
  const orders = await eraseOrders(tx, due, ids, run.clock.now())
  const documents = await deletePayloadsOf(tx, due.channel, orders)
  await addEvents(
    tx,
    orders.map((order) =>
      orderEvent(run, due.channel, order.external_order_id, 'personal data erased', { because: reasonOf(due, order) }),
    ),
  )
  return { orders, documents }
}

function reasonOf({ why }: DueOrders, { status }: ErasedOrder): string {
  if (why === 'asked') return ACCOUNT_DELETED
  return why === 'closed' ? status : 'given up'
}
