import type { Run } from '../context.ts'
import { addEvents } from '../db/events.ts'
import { linesOf, ordersByIds } from '../db/orders.ts'
import type { MarketplaceConnector } from '../ports/marketplace.ts'
import { type TaskResult, type WorkReport, workTasks } from '../tasks/work.ts'
import { orderEvent } from './order-event.ts'
import { personalMask } from './personal.ts'

/** Says yes to the orders that wait for it. The connector reads back what was decided already, so a repeat is harmless. */
export async function acknowledgeOrders(run: Run, connector: MarketplaceConnector, ids?: readonly string[]): Promise<WorkReport> {
  return workTasks(run, {
    kind: 'acknowledge',
    channel: connector.channel,
    ...(ids === undefined ? {} : { ids }),
    batch: 20,
    settleMs: connector.settleMs,
    maskFor: (orderIds) => personalMask(run, orderIds),
    async handle({ tasks, markSent, signal }, results) {
      const rows = await ordersByIds(
        run.db,
        tasks.map(({ orderId }) => orderId ?? ''),
      )
      const waiting = new Map(rows.filter(({ status }) => status === 'awaiting_acceptance').map((row) => [row.id, row]))
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

function accepted(run: Run, channel: string, externalOrderId: string): TaskResult {
  return {
    status: 'done',
    record: (tx) => addEvents(tx, [orderEvent(run, channel, externalOrderId, 'accepted')]),
  }
}
