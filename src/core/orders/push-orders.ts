import type { Run } from '../context.ts'
import { type OrderRow, ordersByIds, recordPush } from '../db/orders.ts'
import { PermanentError, RefusedByDryRun } from '../errors.ts'
import type { ClaimedTask } from '../model/task.ts'
import type { PushOrder, ShippingConnector } from '../ports/shipping.ts'
import { type Claim, type TaskResult, type WorkReport, workTasks } from '../tasks/work.ts'
import { withPushedQuantities } from './content.ts'
import { personalMask } from './personal.ts'
import { resolveUnknown } from './push-look-up.ts'
import { type Job, keyOf, locked, mapping, note, resultOf, storeOf, withoutStore } from './push-results.ts'
import { fromRows, linesByOrder, pushedQuantities } from './rows.ts'
import { holdAsCopy, twinsBefore } from './twins-at-push.ts'
import { type Wanted, wantedThere } from './wanted.ts'

/**
 * The upsert is keyed, but nobody promises that two upserts of one new key cannot overtake each other: a request of unknown outcome is
 * given this long before its absence is believed.
 */
const SETTLE_MS = 60_000

/** Which push tasks to work; nothing given means all. */
export interface PushedTasks {
  readonly channel?: string
  /** Not those of these channels. */
  readonly except?: readonly string[]
  readonly ids?: readonly string[]
}

/** Puts every due order into ShipStation, and changes, holds or cancels those that changed since. */
export async function pushOrders(run: Run, shipping: ShippingConnector, only: PushedTasks = {}): Promise<WorkReport> {
  return workTasks(run, {
    kind: 'push',
    ...only,
    batch: shipping.batchSize.upsert,
    settleMs: SETTLE_MS,
    maskFor: (orderIds) => personalMask(run, orderIds),
    async handle(claim, results) {
      const jobs = await jobsFor(run, claim.tasks, results)
      const toSend = await resolveUnknown(run, shipping, jobs, claim.signal, results)
      await hold(
        run,
        shipping,
        toSend.filter(({ action }) => action === 'hold'),
        claim,
        results,
      )
      await upsert(
        run,
        shipping,
        toSend.filter(({ action }) => action !== 'hold'),
        claim,
        results,
      )
    },
  })
}

/** Reads the orders as they are now: a task only says that something is to be done. */
async function jobsFor(run: Run, tasks: readonly ClaimedTask[], results: Map<string, TaskResult>): Promise<Job[]> {
  const rows = new Map(
    (
      await ordersByIds(
        run.db,
        tasks.map(({ orderId }) => orderId ?? ''),
      )
    ).map((row) => [row.id, row]),
  )
  const lines = await linesByOrder(run.db, [...rows.keys()])
  const twins = await twinsBefore(run, [...rows.values()], lines)
  const jobs: Job[] = []
  for (const task of tasks) {
    const row = rows.get(task.orderId ?? '')
    if (row === undefined) {
      results.set(task.id, { status: 'done' })
      continue
    }
    const own = lines.get(row.id) ?? []
    const twin = task.sentAt === null ? twins.get(row.id) : undefined
    if (twin !== undefined) {
      results.set(task.id, { status: 'done', record: (tx) => holdAsCopy(tx, run, row, twin) })
      continue
    }
    const told = fromRows(row, own, run.vault)
    const pushed = pushedQuantities(own)
    const order = withPushedQuantities(told, pushed)
    const action = actionFor(run, row, task, wantedThere(told, pushed, row.erased_at !== null))
    if (action === undefined) results.set(task.id, { status: 'done' })
    else jobs.push({ task, row, order, action })
  }
  return jobs
}

function actionFor(run: Run, row: OrderRow, task: ClaimedTask, wanted: Wanted): Job['action'] | undefined {
  if (row.twin_of !== null && row.twin_of !== '') return undefined
  const mayBeThere = row.shipstation_order_id !== null || task.sentAt !== null
  if (wanted === 'ship') return 'ship'
  if (!mayBeThere) return undefined
  if (row.push_state === 'locked' || row.push_state === 'cancelled') return undefined
  if (wanted === 'hold') return 'hold'
  if (wanted === 'cancel' && run.settings.onCancel !== 'none') {
    // Cancelling sends the whole order, and of an erased one there is no address; holding needs only its number.
    return row.erased_at === null ? run.settings.onCancel : 'hold'
  }
  return row.shipstation_order_id === null ? 'look' : undefined
}

async function hold(
  run: Run,
  shipping: ShippingConnector,
  jobs: readonly Job[],
  { markSent, signal }: Claim,
  results: Map<string, TaskResult>,
): Promise<void> {
  const ours = new Set((await markSent(jobs.map(({ task }) => task))).map(({ id }) => id))
  for (const job of jobs) {
    const { shipstation_order_id: id } = job.row
    if (!ours.has(job.task.id) || id === null) continue
    // Held for a month: long enough for a person to decide, short enough not to be forgotten for ever.
    const until = new Date(run.clock.now() + 30 * 86_400_000).toISOString().slice(0, 10)
    try {
      await shipping.holdOrder(id, until, signal)
    } catch (error) {
      // In a dry run the plan has it; the orders behind it belong into the plan as well.
      if (error instanceof RefusedByDryRun) results.set(job.task.id, { status: 'done' })
      else if (error instanceof PermanentError) results.set(job.task.id, await notHeld(run, shipping, job, id, error, signal))
      else throw error
      continue
    }
    results.set(job.task.id, {
      status: 'done',
      record: async (tx) => {
        await recordPush(tx, { ...mapping(run, job), state: 'held', pushedHash: null })
        await note(tx, run, job, 'held at ShipStation', { shipstation_order_id: id, until })
      },
    })
  }
}

/** A refusal is the order's own matter, not the account's: it has left meanwhile, or is not there any more. */
async function notHeld(
  run: Run,
  shipping: ShippingConnector,
  job: Job,
  id: number,
  error: PermanentError,
  signal: AbortSignal,
): Promise<TaskResult> {
  const there = await shipping.getOrder(id, signal)
  if (there !== undefined && isOver(there.orderStatus))
    return locked(run, job, { status: 'locked', shipStationOrderId: id, orderStatus: there.orderStatus })
  return { status: 'failed', error }
}

function isOver(orderStatus: string): boolean {
  return orderStatus === 'shipped' || orderStatus === 'cancelled'
}

async function upsert(
  run: Run,
  shipping: ShippingConnector,
  jobs: readonly Job[],
  { markSent, signal }: Claim,
  results: Map<string, TaskResult>,
): Promise<void> {
  const ready: Job[] = []
  for (const job of jobs) {
    if (storeOf(run, job) === undefined) results.set(job.task.id, withoutStore(job))
    else ready.push(job)
  }
  const ours = new Set((await markSent(ready.map(({ task }) => task))).map(({ id }) => id))
  const batch = ready.filter(({ task }) => ours.has(task.id))
  if (batch.length === 0) return
  const outcomes = await shipping.upsertOrders(
    batch.map((job) => toPush(run, job)),
    signal,
  )
  for (const [index, job] of batch.entries()) {
    const outcome = outcomes[index]
    if (outcome !== undefined) results.set(job.task.id, resultOf(run, job, outcome))
  }
}

function toPush(run: Run, job: Job): PushOrder {
  return {
    orderKey: keyOf(job),
    storeId: storeOf(run, job) ?? 0,
    ...(job.row.shipstation_order_id === null ? {} : { shipStationOrderId: job.row.shipstation_order_id }),
    order: job.order,
    action: job.action === 'cancel' ? 'cancel' : 'ship',
  }
}
