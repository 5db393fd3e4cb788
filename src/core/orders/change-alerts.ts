import type { Run } from '../context.ts'
import { raiseAlert, type Severity } from '../db/alerts.ts'
import type { Db } from '../db/db.ts'
import { toDecimal } from '../model/money.ts'
import type { Address, NormalizedOrder } from '../model/order.ts'
import { type Batch, note } from './page-batch.ts'

/** Tells a person of a change that isync cannot follow by itself. `text` follows the order's id. */
export async function alertChange(
  tx: Db,
  run: Run,
  { channel, externalOrderId }: Pick<NormalizedOrder, 'channel' | 'externalOrderId'>,
  alert: { readonly rule: string; readonly severity: Severity; readonly text: string; readonly first?: string },
): Promise<void> {
  const { rule, severity, text, first } = alert
  const show = `isync orders:show ${externalOrderId}`
  await raiseAlert(
    tx,
    {
      id: run.ids.next(),
      rule,
      channel,
      severity,
      message: `${externalOrderId} ${text}`,
      next: first === undefined ? show : `${first}; ${show}`,
    },
    run.clock.now(),
  )
}

const words: Partial<Record<NormalizedOrder['status'], string>> = {
  cancelled: 'was cancelled',
  on_hold: 'was put on hold',
  pending: 'went back to pending',
  awaiting_acceptance: 'waits for acceptance again',
  shipped: 'was cancelled in part',
}

/** Held or cancelled at the channel while ShipStation has it. */
export function alertStopped(tx: Db, run: Run, order: NormalizedOrder, left: 'nothing' | 'part'): Promise<void> {
  const isOver = order.status === 'cancelled' || order.status === 'shipped'
  const what = words[order.status] ?? 'has nothing that may ship any more'
  const part = left === 'part' ? '; a part of it has left already' : ''
  return alertChange(tx, run, order, {
    rule: isOver ? 'cancelled-after-push' : 'on_hold-after-push',
    severity: 'warning',
    text: `${what} at the channel after it went to ShipStation${part}`,
  })
}

/** The parcel is gone, or ShipStation lets nothing be changed any more. */
export function alertTooLate(tx: Db, run: Run, order: NormalizedOrder, what?: string): Promise<void> {
  const isCancelled = order.status === 'cancelled'
  return alertChange(tx, run, order, {
    rule: 'changed-after-shipping',
    severity: isCancelled ? 'critical' : 'warning',
    text: `${what ?? words[order.status] ?? 'changed'} at the channel, but it has been shipped or cancelled at ShipStation already`,
    ...(isCancelled ? { first: 'stop the parcel at the carrier, or await it back' } : {}),
  })
}

/**
 * Writes down money that went back to the buyer. `before`: what had gone back when the order was seen last. Told to a person only while the
 * goods are still here. Nothing is given back to the stock for it.
 */
export async function followRefund(
  tx: Db,
  batch: Batch,
  order: NormalizedOrder,
  before: number,
  goodsAreHere: boolean,
): Promise<void> {
  const { currency, refunded: total = 0 } = order
  if (total === before || order.status === 'poison') return
  const detail = { amount_minor: Math.abs(total - before), total_minor: total, currency }
  note(batch, order, total > before ? 'refunded' : 'refund withdrawn', detail)
  if (total < before || !goodsAreHere || order.status === 'cancelled' || order.status === 'shipped') return
  await alertChange(tx, batch.run, order, {
    rule: 'refunded-before-shipping',
    severity: 'warning',
    text: `is still to be shipped, and ${toDecimal(total, currency)} ${currency} of it went back to the buyer`,
  })
}

/** Whether a parcel would go somewhere else. An address that the channel shows only in part by now is not another one. */
export function isElsewhere(before: Address | null, after: Address | null): boolean {
  if (before === null || after === null || before.address1 === '' || after.address1 === '') return false
  return (['address1', 'postal', 'country'] as const).some((field) => plain(before[field]) !== plain(after[field]))
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}
