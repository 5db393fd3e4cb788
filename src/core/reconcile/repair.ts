import type { ChannelSettings, Run } from '../context.ts'
import { type UnpushedRow, unpushedAmong } from '../db/comparisons.ts'
import { addEvents } from '../db/events.ts'
import { addTasks, rearmTask } from '../db/tasks.ts'
import { orderEvent } from '../orders/order-event.ts'
import { taskKey } from '../orders/page-batch.ts'
import { pullChannels } from '../orders/pull-channels.ts'
import type { MarketplaceConnector } from '../ports/marketplace.ts'

/** Orders read anew in one go. */
const READ_AT_ONCE = 100
/** A pull of the same channel may be at work; it is waited for so often and so long. */
const TRIES = 8
const WAIT_MS = 15_000

/**
 * Reads these orders of a channel anew, by their ids, as a pull would: what is open then is stored, with its push task. Returns how many
 * were read. What another pull holds on to for too long is left for the next run; a failing channel is told by the pull's own report.
 */
export async function readAgain(run: Run, connector: MarketplaceConnector, externalOrderIds: readonly string[]): Promise<number> {
  let read = 0
  for (let start = 0; start < externalOrderIds.length && !run.signal.aborted; start += READ_AT_ONCE) {
    const orderIds = externalOrderIds.slice(start, start + READ_AT_ONCE)
    if (!(await pulled(run, connector, orderIds))) break
    read += orderIds.length
  }
  return read
}

async function pulled(run: Run, connector: MarketplaceConnector, orderIds: readonly string[]): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries++) {
    const { channels } = await pullChannels(run, { connectors: [connector], orderIds })
    const outcome = channels[0]?.outcome
    if (outcome !== 'held elsewhere') return outcome === 'done' || outcome === 'partly'
    await run.clock.sleep(WAIT_MS, run.signal)
  }
  return false
}

/**
 * Makes the push of these orders due where it got lost: no task, done without a result, or given up because ShipStation was away. What
 * ShipStation refused for good stays given up: it needs a person.
 */
export async function askForPushes(run: Run, channel: ChannelSettings, externalOrderIds: readonly string[]): Promise<void> {
  const now = run.clock.now()
  const lost = (await unpushedAmong(run.db, channel.code, externalOrderIds)).filter(isLost)
  for (const { id, external_order_id: externalOrderId, task_state: state } of lost) {
    const key = taskKey({ channel: channel.code, externalOrderId })
    await run.db.transaction(async (tx) => {
      if (!(await rearmTask(tx, 'push', key, now))) {
        const task = { id: run.ids.next(), kind: 'push', key, channel: channel.code, orderId: id, shipmentId: null } as const
        await addTasks(tx, [task], now)
      }
      await addEvents(tx, [orderEvent(run, channel.code, externalOrderId, 'push asked for again', { task: state ?? 'none' })])
    })
  }
}

function isLost({ task_state: state, last_error_kind: kind }: UnpushedRow): boolean {
  return state === null || state === 'done' || state === 'waiting' || (state === 'dead' && kind !== 'permanent')
}
