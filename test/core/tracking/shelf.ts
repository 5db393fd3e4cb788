import type { Stream } from '../../../src/core/db/cursors.ts'
import { recordPush, recordPushedQuantities } from '../../../src/core/db/orders.ts'
import { claimTasks, settleTask } from '../../../src/core/db/tasks.ts'
import type { NormalizedOrder } from '../../../src/core/model/order.ts'
import type { Shipment } from '../../../src/core/model/shipment.ts'
import { pushHash } from '../../../src/core/orders/content.ts'
import { orderKeyOf } from '../../../src/core/orders/order-key.ts'
import { storePage } from '../../../src/core/orders/store-order.ts'
import { type IntakeCounts, intakeStream } from '../../../src/core/tracking/intake.ts'
import { MINUTE } from '../../world/a-clock.ts'
import { aHeldLease, aRun, type RunOptions, type TestRun } from '../../world/a-run.ts'
import { aShipping, type TestShipping } from '../../world/a-shipping.ts'
import { orderRow } from '../../world/books.ts'
import type { TestDatabase } from '../../world/databases.ts'

/** Orders that ShipStation has, and the desk where its packages are taken in. */
export interface Shelf {
  readonly run: TestRun
  readonly shipping: TestShipping
  /** Orders that were pulled and pushed, as ShipStation orders 5001, 5002 ... */
  place(...orders: readonly NormalizedOrder[]): Promise<void>
  take(...shipments: readonly Shipment[]): Promise<IntakeCounts>
  takeFrom(stream: Exclude<Stream, 'orders'>, ...shipments: readonly Shipment[]): Promise<IntakeCounts>
  /** `shipment:1 L1 x2` for each line of each package. */
  packed(): Promise<string[]>
  /** Packages with their state and why. */
  states(): Promise<string[]>
  /** Ends every confirmation that is due, as if the channel had accepted it. */
  confirmAll(): Promise<void>
}

export async function aShelf(database: TestDatabase, options: RunOptions = {}): Promise<Shelf> {
  const run = await aRun(database, options)
  const shipping = aShipping()
  const lease = await aHeldLease(run)
  let next = 5001

  async function takeFrom(stream: Exclude<Stream, 'orders'>, ...shipments: readonly Shipment[]): Promise<IntakeCounts> {
    shipping.lists(stream, shipments)
    return intakeStream(run, shipping, stream, lease)
  }

  async function settleDue(kind: 'push' | 'confirm'): Promise<void> {
    const now = run.clock.now()
    const owner = run.ids.next()
    for (const task of await claimTasks(run.db, { kind, limit: 100 }, { owner, until: now + MINUTE }, now)) {
      await settleTask(run.db, task, owner, { state: 'done' }, now)
    }
  }

  return {
    run,
    shipping,
    async place(...orders) {
      for (const order of orders) {
        const channel = run.settings.channels.get(order.channel)
        if (channel === undefined) throw new Error(`no settings for ${order.channel}`)
        await run.db.transaction((tx) => storePage(tx, run, channel, { orders: [order], poison: [], skipped: 0 }))
        const { id } = await orderRow(run.db, order.externalOrderId)
        await recordPush(run.db, {
          orderId: id,
          state: 'pushed',
          shipStationOrderId: next++,
          storeId: channel.storeId ?? null,
          orderKey: orderKeyOf(order.channel, order.externalOrderId),
          pushedHash: pushHash(order),
          error: null,
          at: run.clock.now(),
        })
        await recordPushedQuantities(run.db, id)
      }
      await settleDue('push')
    },
    take: (...shipments) => takeFrom('shipments', ...shipments),
    takeFrom,
    async packed() {
      const rows = await run.db.rows<{ text: string }>(
        `select l.shipment_id || ' ' || o.external_order_id || '/' || l.external_line_id || ' x' || l.quantity as text
         from shipment_lines l join orders o on o.id = l.order_id order by 1`,
      )
      return rows.map(({ text }) => text)
    },
    async states() {
      const rows = await run.db.rows<{ text: string }>(
        `select id || ' ' || state || coalesce(': ' || reason, '') as text from shipments order by 1`,
      )
      return rows.map(({ text }) => text)
    },
    confirmAll: () => settleDue('confirm'),
  }
}
