import { raiseAlert } from '../db/alerts.ts'
import type { Db } from '../db/db.ts'
import type { OrderRow } from '../db/orders.ts'
import { packedQuantities } from '../db/shipments.ts'
import { dropTask, rearmTask } from '../db/tasks.ts'
import { mayShip, type NormalizedOrder } from '../model/order.ts'
import { pushHash, withPushedQuantities } from './content.ts'
import { addTask, type Batch, note, taskKey, wantsYes } from './page-batch.ts'

/** What a change means for the work: push, push again, hold, cancel, or nothing more to do. */
export async function followChange(
  tx: Db,
  batch: Batch,
  row: OrderRow,
  order: NormalizedOrder,
  pushed: ReadonlyMap<string, number>,
): Promise<void> {
  const { now, counts } = batch
  const key = taskKey(order)
  const atShipStation = row.push_state === 'pushed' || row.push_state === 'held'
  if (wantsYes(batch, order)) {
    // An earlier yes that did not take: the order still waits for one.
    if (!(await rearmTask(tx, 'acknowledge', key, now))) addTask(batch, 'acknowledge', order, row.id)
  } else if (row.status === 'awaiting_acceptance') await dropTask(tx, 'acknowledge', key, now)

  if (order.status === 'cancelled' || order.status === 'on_hold') {
    if (order.status === 'cancelled') counts.cancelled += 1
    if (atShipStation) await askAgain(tx, batch, order, row.id, order.status)
    // Shipped there already: nothing can be changed any more, and a person must know.
    else if (row.push_state === 'locked') await alertAfterPush(tx, batch, order, order.status)
    // Running, or possibly sent: whoever holds it must look again before it ends.
    else if (!(await dropTask(tx, 'push', key, now))) await rearmTask(tx, 'push', key, now)
    return
  }
  if (atShipStation && order.status === 'shipped') {
    await warnOfSecondShipping(tx, batch, row, order)
    return
  }
  if (atShipStation) {
    const wanted = mayShip(order) && pushHash(withPushedQuantities(order, pushed)) !== row.pushed_hash
    if (wanted || (row.push_state === 'held' && mayShip(order))) await askAgain(tx, batch, order, row.id, 'changed')
    return
  }
  if (!mayShip(order)) {
    await dropTask(tx, 'push', key, now)
    return
  }
  if (row.push_state === 'none' || row.push_state === 'failed') {
    counts.to_push += 1
    if (!(await rearmTask(tx, 'push', key, now))) addTask(batch, 'push', order, row.id, false)
  }
}

/** Shipped at the channel, and not one package of it is known here: somebody else did it, and ShipStation would ship it once more. */
async function warnOfSecondShipping(tx: Db, { run, now, channel }: Batch, row: OrderRow, order: NormalizedOrder): Promise<void> {
  if ((await packedQuantities(tx, [row.id])).length > 0) return
  await raiseAlert(
    tx,
    {
      id: run.ids.next(),
      rule: 'shipped-elsewhere',
      channel: channel.code,
      severity: 'critical',
      message: `${order.externalOrderId} is shipped at the channel, though ShipStation has not shipped it: it must not be shipped again`,
      next: `isync orders:show ${order.externalOrderId}`,
    },
    now,
  )
}

/** The channel wants an order shipped whose address was erased, and ShipStation does not have it: only a person can ship it now. */
export async function alertErased(tx: Db, batch: Batch, row: OrderRow, told: NormalizedOrder): Promise<void> {
  const { run, now, channel } = batch
  if ((row.push_state !== 'none' && row.push_state !== 'failed') || !(mayShip(told) || wantsYes(batch, told))) return
  await raiseAlert(
    tx,
    {
      id: run.ids.next(),
      rule: 'open-after-erasure',
      channel: channel.code,
      severity: 'critical',
      message: `${told.externalOrderId} is to be shipped again, but its buyer's data was erased here: isync cannot send it to ShipStation`,
      next: `ship it from the channel's back office; isync orders:show ${told.externalOrderId}`,
    },
    now,
  )
}

async function askAgain(tx: Db, batch: Batch, order: NormalizedOrder, orderId: string, why: string): Promise<void> {
  const { now, counts } = batch
  counts.to_push += 1
  if (!(await rearmTask(tx, 'push', taskKey(order), now))) addTask(batch, 'push', order, orderId, false)
  note(batch, order, 'to be changed at ShipStation', { why })
  if (why === 'cancelled' || why === 'on_hold') await alertAfterPush(tx, batch, order, why)
}

async function alertAfterPush(
  tx: Db,
  { run, now, channel }: Batch,
  order: NormalizedOrder,
  why: 'cancelled' | 'on_hold',
): Promise<void> {
  await raiseAlert(
    tx,
    {
      id: run.ids.next(),
      rule: `${why}-after-push`,
      channel: channel.code,
      severity: 'warning',
      message: `${order.externalOrderId} was ${why === 'cancelled' ? 'cancelled' : 'put on hold'} at the channel after it went to ShipStation`,
      next: `isync orders:show ${order.externalOrderId}`,
    },
    now,
  )
}
