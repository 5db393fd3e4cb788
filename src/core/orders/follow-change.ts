import type { Db } from '../db/db.ts'
import type { OrderRow } from '../db/orders.ts'
import { dropTask, rearmTask, rearmUnfinished } from '../db/tasks.ts'
import { mayShip, type NormalizedOrder } from '../model/order.ts'
import { alertChange, alertStopped, alertTooLate, isElsewhere } from './change-alerts.ts'
import { type PushedLines, pushHash, withPushedQuantities } from './content.ts'
import { addTask, type Batch, note, taskKey, wantsYes } from './page-batch.ts'
import { departed, type PackedLines, shippedByOthers, wantedThere } from './wanted.ts'

/** An order that its channel tells anew. */
export interface Change {
  /** As it was stored. */
  readonly row: OrderRow
  readonly before: NormalizedOrder
  /** As it is stored now. */
  readonly order: NormalizedOrder
  /** What ShipStation was told per line. */
  readonly pushed: PushedLines
  readonly packed: PackedLines
}

/** What a change means for the work: push, push again, hold, cancel, nothing more to do, or a word to a person. */
export async function followChange(tx: Db, batch: Batch, change: Change): Promise<void> {
  const { row, order } = change
  const { now, counts } = batch
  const key = taskKey(order)
  if (order.status === 'cancelled') counts.cancelled += 1
  if (wantsYes(batch, order)) {
    // An earlier yes that did not take: the order still waits for one.
    if (!(await rearmTask(tx, 'acknowledge', key, now))) addTask(batch, 'acknowledge', order, row.id)
  } else if (row.status === 'awaiting_acceptance') await dropTask(tx, 'acknowledge', key, now)

  if (row.push_state === 'pushed' || row.push_state === 'held') await followThere(tx, batch, change)
  else if (row.push_state === 'locked' || row.push_state === 'cancelled') await followLocked(tx, batch, change)
  else if (mayShip(order)) {
    counts.to_push += 1
    if (!(await rearmTask(tx, 'push', key, now))) addTask(batch, 'push', order, row.id, false)
  }
  // Running, or possibly sent: whoever holds it must look again before it ends.
  else if (!(await dropTask(tx, 'push', key, now))) await rearmUnfinished(tx, 'push', key, now)
}

/** ShipStation has the order, and may still change it. */
async function followThere(tx: Db, batch: Batch, { row, before, order, pushed, packed }: Change): Promise<void> {
  const wanted = wantedThere(order, pushed, row.erased_at !== null)
  const left = departed(pushed, packed)
  if (wanted === 'nothing') {
    if (order.status !== 'shipped') return
    if (left === 'nothing') await warnOfSecondShipping(tx, batch, order)
    else if (isElsewhere(before.shipTo, order.shipTo)) await alertTooLate(tx, batch.run, order, 'got another address')
    return
  }
  if (wanted === 'ship') {
    const differs = pushHash(withPushedQuantities(order, pushed)) !== row.pushed_hash
    if (differs || row.push_state === 'held') await askAgain(tx, batch, order, row.id, 'changed')
    const units = shippedByOthers(order, pushed, packed)
    if (units > shippedByOthers(before, pushed, packed)) await warnOfSecondShipping(tx, batch, order, units)
    return
  }
  if (left === 'all') {
    const isNew = row.status !== order.status || wantedThere(before, pushed, false) !== wanted
    if (isNew) await alertTooLate(tx, batch.run, order)
    return
  }
  if (row.push_state === 'held' && row.status === order.status) return
  await askAgain(tx, batch, order, row.id, order.status)
  await alertStopped(tx, batch.run, order, left)
}

/** Shipped or cancelled there: nothing can be changed any more, and a person must know. */
async function followLocked(tx: Db, batch: Batch, { row, order, pushed }: Change): Promise<void> {
  const wanted = wantedThere(order, pushed, row.erased_at !== null)
  if (wanted === 'ship' && row.push_state === 'cancelled') {
    if (row.status === order.status) return
    await alertChange(tx, batch.run, order, {
      rule: 'open-after-cancelling',
      severity: 'critical',
      text: 'is to be shipped again, but it was cancelled at ShipStation, which does not open it again',
      first: 'make it in ShipStation by hand',
    })
    return
  }
  if (row.push_state === 'cancelled') return
  if (wanted === 'ship') {
    const differs = row.pushed_hash !== null && pushHash(withPushedQuantities(order, pushed)) !== row.pushed_hash
    if (differs) await alertTooLate(tx, batch.run, order)
  } else if (wanted !== 'nothing' && row.status !== order.status) await alertTooLate(tx, batch.run, order)
}

/** Shipped at the channel, and not by a package that is known here: somebody else did it, and ShipStation would ship it once more. */
async function warnOfSecondShipping(tx: Db, batch: Batch, order: NormalizedOrder, units?: number): Promise<void> {
  const what = units === undefined ? 'is shipped' : `has ${units} unit${units === 1 ? '' : 's'} shipped by other hands`
  const must = units === undefined ? 'it must not be shipped again' : 'they must not be shipped again'
  await alertChange(tx, batch.run, order, {
    rule: 'shipped-elsewhere',
    severity: 'critical',
    text: `${what} at the channel, though ShipStation has not shipped ${units === undefined ? 'it' : 'them'}: ${must}`,
  })
}

/** The channel wants an order shipped whose address was erased, and ShipStation does not have it: only a person can ship it now. */
export async function alertErased(tx: Db, batch: Batch, row: OrderRow, told: NormalizedOrder): Promise<void> {
  if ((row.push_state !== 'none' && row.push_state !== 'failed') || !(mayShip(told) || wantsYes(batch, told))) return
  await alertChange(tx, batch.run, told, {
    rule: 'open-after-erasure',
    severity: 'critical',
    text: "is to be shipped again, but its buyer's data was erased here: isync cannot send it to ShipStation",
    first: "ship it from the channel's back office",
  })
}

async function askAgain(tx: Db, batch: Batch, order: NormalizedOrder, orderId: string, why: string): Promise<void> {
  const { now, counts } = batch
  counts.to_push += 1
  if (!(await rearmTask(tx, 'push', taskKey(order), now))) addTask(batch, 'push', order, orderId, false)
  note(batch, order, 'to be changed at ShipStation', { why })
}
