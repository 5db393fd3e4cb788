import { accountFailed, accountWorked } from '../alerts/account.ts'
import type { Run } from '../context.ts'
import { addEvents } from '../db/events.ts'
import { linesOf, type OrderRow, ordersByIds } from '../db/orders.ts'
import type { Acknowledgement, MarketplaceConnector } from '../ports/marketplace.ts'
import { type TaskResult, type WorkReport, workTasks } from '../tasks/work.ts'
import { orderEvent } from './order-event.ts'
import { personalMask } from './personal.ts'

/**
 * Says yes to the orders that wait for it, or tells the channel which ones ShipStation has. The connector reads back what was decided
 * already, so a repeat is harmless.
 */
export async function acknowledgeOrders(run: Run, connector: MarketplaceConnector, ids?: readonly string[]): Promise<WorkReport> {
  return workTasks(run, {
    kind: 'acknowledge',
    channel: connector.channel,
    ...(ids === undefined ? {} : { ids }),
    batch: connector.batchSize.acknowledge ?? 20,
    // Whatever became of one that was lost, it may be said again at once; marketplaces count the time until it is said.
    settleMs: 0,
    maskFor: (orderIds) => personalMask(run, orderIds),
    async handle({ tasks, markSent, signal }, results) {
      const rows = await ordersByIds(
        run.db,
        tasks.map(({ orderId }) => orderId ?? ''),
      )
      const waiting = new Map(rows.filter((row) => isWaiting(run, row)).map((row) => [row.id, row]))
      // Decided meanwhile, by a person or by the operator's own rule.
      for (const task of tasks) if (!waiting.has(task.orderId ?? '')) results.set(task.id, { status: 'done' })
      const ours = await markSent(tasks.filter(({ orderId }) => waiting.has(orderId ?? '')))
      if (ours.length === 0 || connector.acknowledgeOrders === undefined) return
      const lines = await linesOf(run.db, [...waiting.keys()])
      const batch = ours.map((task) => ({
        externalOrderId: waiting.get(task.orderId ?? '')?.external_order_id ?? '',
        externalLineIds: lines
          .filter(({ order_id }) => order_id === task.orderId)
          .map(({ external_line_id }) => external_line_id),
        ...referenceOf(waiting.get(task.orderId ?? '')),
      }))
      const outcomes = await connector.acknowledgeOrders(batch, signal)
      for (const [index, task] of ours.entries()) {
        const outcome = outcomes[index]
        if (outcome === undefined) continue
        results.set(
          task.id,
          outcome.status === 'failed'
            ? { status: 'failed', error: outcome.error }
            : accepted(run, task.channel, batch[index]?.externalOrderId ?? ''),
        )
      }
    },
  })
}

/** The same, and tells people when the whole account failed. `step`: the command that is at it. */
export async function acknowledgeDue(run: Run, connector: MarketplaceConnector, step: string): Promise<WorkReport> {
  const at = { account: connector.channel, step, rule: 'acknowledge-failed' } as const
  const work = await acknowledgeOrders(run, connector)
  if (work.stoppedBy !== undefined) await accountFailed(run, at, work.stoppedBy)
  else if (work.done > 0) await accountWorked(run, at)
  return work
}

function isWaiting({ settings }: Run, { channel, status, shipstation_order_id: id }: OrderRow): boolean {
  if (settings.channels.get(channel)?.acknowledges !== 'after-push') return status === 'awaiting_acceptance'
  return id !== null && status !== 'cancelled'
}

function referenceOf(row: OrderRow | undefined): Pick<Acknowledgement, 'reference'> {
  return row?.shipstation_order_id == null || row.order_key === null ? {} : { reference: row.order_key }
}

function accepted(run: Run, channel: string, externalOrderId: string): TaskResult {
  const what = run.settings.channels.get(channel)?.acknowledges === 'after-push' ? 'acknowledged' : 'accepted'
  return {
    status: 'done',
    record: (tx) => addEvents(tx, [orderEvent(run, channel, externalOrderId, what)]),
  }
}
