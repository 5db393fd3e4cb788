import type { Run } from '../context.ts'
import type { Db } from '../db/db.ts'
import { addEvents } from '../db/events.ts'
import { type OrderRow, recordPush, recordPushedQuantities } from '../db/orders.ts'
import { addTasks } from '../db/tasks.ts'
import { PermanentError } from '../errors.ts'
import type { NormalizedOrder } from '../model/order.ts'
import type { ClaimedTask } from '../model/task.ts'
import type { PushOutcome } from '../ports/shipping.ts'
import type { TaskResult } from '../tasks/work.ts'
import { alertTooLate } from './change-alerts.ts'
import { pushHash } from './content.ts'
import { orderEvent } from './order-event.ts'
import { orderKeyOf } from './order-key.ts'
import { taskKey } from './page-batch.ts'

/** One task with its order as it is now, and what is to be done about it at ShipStation. */
export interface Job {
  readonly task: ClaimedTask
  readonly row: OrderRow
  readonly order: NormalizedOrder
  /** look: nothing is wanted any more, but an earlier try may have left it there. */
  readonly action: 'ship' | 'cancel' | 'hold' | 'look'
}

/** The store an order was created in can never change, so a later change of the configuration does not move it. */
export function storeOf(run: Run, { row }: Job): number | undefined {
  return row.shipstation_store_id ?? run.settings.channels.get(row.channel)?.storeId
}

export function keyOf({ row }: Job): string {
  return row.order_key ?? orderKeyOf(row.channel, row.external_order_id)
}

/** Without a store ShipStation would silently take its first manual one. */
export function withoutStore({ row }: Job): TaskResult {
  const what = `no ShipStation store for channel ${row.channel}: set channels.${row.channel}.shipstation_store_id, then isync retry --dead --channel ${row.channel}`
  const error = new PermanentError(what, { account: 'shipstation', operation: 'createorders' })
  return { status: 'failed', error, record: (tx) => recordFailure(tx, row, error.message) }
}

export function resultOf(run: Run, job: Job, outcome: PushOutcome): TaskResult {
  if (outcome.status === 'stored') return stored(run, job, outcome, wordFor(job))
  if (outcome.status === 'failed') {
    const { error } = outcome
    return { status: 'failed', error, record: (tx) => recordFailure(tx, job.row, error.message) }
  }
  return locked(run, job, outcome)
}

function wordFor({ action, row }: Job): string {
  if (action === 'cancel') return 'cancelled at ShipStation'
  return row.push_state === 'pushed' || row.push_state === 'held' ? 'changed at ShipStation' : 'pushed'
}

/** It can no longer be changed there: done, and told to a person where a change did not reach it. */
export function locked(run: Run, job: Job, outcome: Extract<PushOutcome, { status: 'locked' }>): TaskResult {
  return {
    status: 'done',
    record: async (tx) => {
      await recordPush(tx, {
        ...mapping(run, job),
        state: 'locked',
        shipStationOrderId: outcome.shipStationOrderId,
        pushedHash: pushHash(job.order),
      })
      await note(tx, run, job, 'locked at ShipStation', {
        shipstation_order_id: outcome.shipStationOrderId,
        order_status: outcome.orderStatus,
      })
      const isKnown = job.row.push_state !== 'none' && job.row.push_state !== 'failed'
      if (!isKnown) await recordPushedQuantities(tx, job.row.id)
      // Cancelled on both sides: that is what was wanted.
      else if (outcome.orderStatus !== 'cancelled' || job.order.status !== 'cancelled') await alertTooLate(tx, run, job.order)
      if (outcome.orderStatus !== 'cancelled') await askForAcknowledgement(tx, run, job)
    },
  }
}

export function stored(run: Run, job: Job, outcome: Extract<PushOutcome, { status: 'stored' }>, what: string): TaskResult {
  return {
    status: 'done',
    record: async (tx) => {
      await recordPush(tx, {
        ...mapping(run, job),
        state: job.action === 'cancel' ? 'cancelled' : 'pushed',
        shipStationOrderId: outcome.shipStationOrderId,
        // What was sent then may not be what the order says now, so the next change is sent whatever it is.
        pushedHash: job.action === 'look' ? null : pushHash(job.order),
      })
      if (job.action === 'ship') await recordPushedQuantities(tx, job.row.id)
      await note(tx, run, job, what, { shipstation_order_id: outcome.shipStationOrderId, store_id: storeOf(run, job) ?? null })
      await askForAcknowledgement(tx, run, job)
    },
  }
}

/** Once per order: the key of the task is the order's. Nobody takes an order that is cancelled. */
async function askForAcknowledgement(tx: Db, run: Run, { row, order, action }: Job): Promise<void> {
  if (action === 'cancel') return
  if (run.settings.channels.get(row.channel)?.acknowledges !== 'after-push') return
  const task = { id: run.ids.next(), kind: 'acknowledge', key: taskKey(order), channel: row.channel } as const
  await addTasks(tx, [{ ...task, orderId: row.id, shipmentId: null }], run.clock.now())
}

export function mapping(run: Run, job: Job): Omit<Parameters<typeof recordPush>[1], 'state' | 'pushedHash'> {
  return {
    orderId: job.row.id,
    shipStationOrderId: job.row.shipstation_order_id,
    storeId: storeOf(run, job) ?? null,
    orderKey: keyOf(job),
    error: null,
    at: run.clock.now(),
  }
}

async function recordFailure(tx: Db, row: OrderRow, error: string): Promise<void> {
  await recordPush(tx, {
    orderId: row.id,
    state: row.push_state === 'none' ? 'failed' : row.push_state,
    shipStationOrderId: null,
    storeId: null,
    orderKey: row.order_key ?? orderKeyOf(row.channel, row.external_order_id),
    pushedHash: null,
    error,
    at: 0,
  })
}

/** Adds a line to the order's history. */
export function note(tx: Db, run: Run, { row }: Job, what: string, detail: Readonly<Record<string, unknown>>): Promise<void> {
  return addEvents(tx, [orderEvent(run, row.channel, row.external_order_id, what, detail)])
}
