import type { Run } from '../context.ts'
import type { FoundOrder, ShippingConnector } from '../ports/shipping.ts'
import type { TaskResult } from '../tasks/work.ts'
import { type Job, keyOf, stored } from './push-results.ts'

/** Above this many unknown outcomes one listing is cheaper than a look-up per order. */
const LOOK_UP_ONE_BY_ONE = 2

/** Look-ups by time reach this far before the first request that may have been lost: clocks differ, and commits come late. */
const LOOK_UP_MARGIN_MS = 10 * 60_000

/** Looks up what an earlier, unfinished try may have stored, before anything is sent again. */
export async function resolveUnknown(
  run: Run,
  shipping: ShippingConnector,
  jobs: readonly Job[],
  signal: AbortSignal,
  results: Map<string, TaskResult>,
): Promise<Job[]> {
  const unknown = jobs.filter(({ task, row }) => task.sentAt !== null && row.shipstation_order_id === null)
  if (unknown.length === 0) return [...jobs]
  const found = await findAll(shipping, unknown, signal)
  const open: Job[] = jobs.filter((job) => !unknown.includes(job))
  for (const job of unknown) {
    const there = found.find(({ orderKey }) => orderKey === keyOf(job))
    if (there === undefined) {
      // It never arrived. What was cancelled meanwhile need not go there at all.
      if (job.action === 'ship') open.push(job)
      else results.set(job.task.id, { status: 'done' })
      continue
    }
    // Asked for anew since it was sent: what is there may be older than what is wanted.
    if (job.action === 'look' || (job.action === 'ship' && job.task.generation === 1)) {
      results.set(
        job.task.id,
        stored(run, job, { status: 'stored', shipStationOrderId: there.shipStationOrderId }, 'found at ShipStation'),
      )
      continue
    }
    open.push({ ...job, row: { ...job.row, shipstation_order_id: there.shipStationOrderId } })
  }
  return open
}

async function findAll(shipping: ShippingConnector, jobs: readonly Job[], signal: AbortSignal): Promise<readonly FoundOrder[]> {
  if (jobs.length > LOOK_UP_ONE_BY_ONE) {
    const first = Math.min(...jobs.map(({ task }) => task.sentAt ?? Number.POSITIVE_INFINITY))
    return shipping.findOrdersChangedSince(first - LOOK_UP_MARGIN_MS, signal)
  }
  const found: FoundOrder[] = []
  for (const { row } of jobs) found.push(...(await shipping.findOrders(row.external_order_id, signal)))
  return found
}
