import type { Run } from '../context.ts'
import { raiseAlert } from '../db/alerts.ts'
import { addEvents } from '../db/events.ts'
import type { Db } from '../db/db.ts'
import { type OrderRow, ordersByIds, recordPush, recordPushedQuantities } from '../db/orders.ts'
import { PermanentError } from '../errors.ts'
import { mayShip, type NormalizedOrder, orderKeyOf } from '../model/order.ts'
import type { ClaimedTask } from '../model/task.ts'
import type { FoundOrder, PushOrder, PushOutcome, ShippingConnector } from '../ports/shipping.ts'
import { type Claim, type TaskResult, type WorkReport, workTasks } from '../tasks/work.ts'
import { pushHash, withPushedQuantities } from './content.ts'
import { fromRows, linesByOrder, pushedQuantities, sealRow } from './rows.ts'

/** ShipStation upserts by key, so an unknown outcome needs no longer wait than the retry schedule gives. */
const SETTLE_MS = 0

/** Above this many unknown outcomes one listing is cheaper than a look-up per order. */
const LOOK_UP_ONE_BY_ONE = 2

/** Look-ups by time reach this far before the first request that may have been lost: clocks differ, and commits come late. */
const LOOK_UP_MARGIN_MS = 10 * 60_000

/** One task with its order as it is now, and what is to be done about it at ShipStation. */
interface Job {
  readonly task: ClaimedTask
  readonly row: OrderRow
  readonly order: NormalizedOrder
  readonly action: 'ship' | 'cancel' | 'hold'
}

/** Puts every due order into ShipStation, and changes, holds or cancels those that changed since. */
export async function pushOrders(run: Run, shipping: ShippingConnector, only: { readonly channel?: string; readonly ids?: readonly string[] } = {}): Promise<WorkReport> {
  return workTasks(run, {
    kind: 'push',
    ...only,
    batch: shipping.batchSize.upsert,
    settleMs: SETTLE_MS,
    async handle(claim, results) {
      const jobs = await jobsFor(run, claim.tasks, results)
      const toSend = await resolveUnknown(run, shipping, jobs, claim.signal, results)
      await hold(run, shipping, toSend.filter(({ action }) => action === 'hold'), claim, results)
      await upsert(run, shipping, toSend.filter(({ action }) => action !== 'hold'), claim, results)
    },
  })
}

/** Reads the orders as they are now: a task only says that something is to be done. */
async function jobsFor(run: Run, tasks: readonly ClaimedTask[], results: Map<string, TaskResult>): Promise<Job[]> {
  const rows = new Map((await ordersByIds(run.db, tasks.map(({ orderId }) => orderId ?? ''))).map((row) => [row.id, row]))
  const lines = await linesByOrder(run.db, [...rows.keys()])
  const jobs: Job[] = []
  for (const task of tasks) {
    const row = rows.get(task.orderId ?? '')
    if (row === undefined) {
      results.set(task.id, { status: 'done' })
      continue
    }
    const own = lines.get(row.id) ?? []
    const order = withPushedQuantities(fromRows(row, own, run.vault), pushedQuantities(own))
    const action = actionFor(run, row, order, task)
    if (action === undefined) results.set(task.id, { status: 'done' })
    else jobs.push({ task, row, order, action })
  }
  return jobs
}

function actionFor(run: Run, row: OrderRow, order: NormalizedOrder, task: ClaimedTask): Job['action'] | undefined {
  const mayBeThere = row.shipstation_order_id !== null || task.sentAt !== null
  if (mayShip(order)) return 'ship'
  if (!mayBeThere) return undefined
  if (row.push_state === 'locked' || row.push_state === 'cancelled') return undefined
  if (order.status === 'on_hold') return 'hold'
  if (order.status !== 'cancelled' || run.settings.onCancel === 'none') return undefined
  return run.settings.onCancel
}

/** Looks up what an earlier, unfinished try may have stored, before anything is sent again. */
async function resolveUnknown(run: Run, shipping: ShippingConnector, jobs: readonly Job[], signal: AbortSignal, results: Map<string, TaskResult>): Promise<Job[]> {
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
    if (job.action === 'ship' && job.task.generation === 1) {
      results.set(job.task.id, stored(run, job, { status: 'stored', shipStationOrderId: there.shipStationOrderId }, 'found at ShipStation'))
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

async function hold(run: Run, shipping: ShippingConnector, jobs: readonly Job[], { markSent, signal }: Claim, results: Map<string, TaskResult>): Promise<void> {
  const ours = new Set((await markSent(jobs.map(({ task }) => task))).map(({ id }) => id))
  for (const job of jobs) {
    const { shipstation_order_id: id } = job.row
    if (!ours.has(job.task.id) || id === null) continue
    // Held for a month: long enough for a person to decide, short enough not to be forgotten for ever.
    const until = new Date(run.clock.now() + 30 * 86_400_000).toISOString().slice(0, 10)
    await shipping.holdOrder(id, until, signal)
    results.set(job.task.id, {
      status: 'done',
      record: async (tx) => {
        await recordPush(tx, { ...mapping(run, job), state: 'held', pushedHash: null })
        await note(tx, run, job, 'held at ShipStation', { shipstation_order_id: id, until })
      },
    })
  }
}

async function upsert(run: Run, shipping: ShippingConnector, jobs: readonly Job[], { markSent, signal }: Claim, results: Map<string, TaskResult>): Promise<void> {
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

/** The store an order was created in can never change, so a later change of the configuration does not move it. */
function storeOf(run: Run, { row }: Job): number | undefined {
  return row.shipstation_store_id ?? run.settings.channels.get(row.channel)?.storeId
}

function keyOf({ row }: Job): string {
  return row.order_key ?? orderKeyOf(row.channel, row.external_order_id)
}

/** Without a store ShipStation would silently take its first manual one. */
function withoutStore({ row }: Job): TaskResult {
  const what = `no ShipStation store for channel ${row.channel}: set channels.${row.channel}.shipstation_store_id, then isync retry --dead --channel ${row.channel}`
  const error = new PermanentError(what, { account: 'shipstation', operation: 'createorders' })
  return { status: 'failed', error, record: (tx) => recordFailure(tx, row, error.message) }
}

function resultOf(run: Run, job: Job, outcome: PushOutcome): TaskResult {
  if (outcome.status === 'stored') return stored(run, job, outcome, job.action === 'cancel' ? 'cancelled at ShipStation' : 'pushed')
  if (outcome.status === 'failed') {
    const { error } = outcome
    return { status: 'failed', error, record: (tx) => recordFailure(tx, job.row, error.message) }
  }
  return {
    status: 'done',
    record: async (tx) => {
      await recordPush(tx, { ...mapping(run, job), state: 'locked', shipStationOrderId: outcome.shipStationOrderId, pushedHash: pushHash(job.order) })
      await note(tx, run, job, 'locked at ShipStation', { shipstation_order_id: outcome.shipStationOrderId, order_status: outcome.orderStatus })
      if (job.row.push_state !== 'none' && job.row.push_state !== 'failed') await alertLocked(tx, run, job, outcome.orderStatus)
    },
  }
}

function stored(run: Run, job: Job, outcome: Extract<PushOutcome, { status: 'stored' }>, what: string): TaskResult {
  return {
    status: 'done',
    record: async (tx) => {
      await recordPush(tx, {
        ...mapping(run, job),
        state: job.action === 'cancel' ? 'cancelled' : 'pushed',
        shipStationOrderId: outcome.shipStationOrderId,
        pushedHash: pushHash(job.order),
      })
      if (job.action === 'ship') await recordPushedQuantities(tx, job.row.id)
      await note(tx, run, job, what, { shipstation_order_id: outcome.shipStationOrderId, store_id: storeOf(run, job) ?? null })
    },
  }
}

function mapping(run: Run, job: Job): Omit<Parameters<typeof recordPush>[1], 'state' | 'pushedHash'> {
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

async function alertLocked(tx: Db, run: Run, { row, action }: Job, orderStatus: string): Promise<void> {
  const wish = action === 'cancel' ? 'was cancelled at the channel' : 'changed at the channel'
  await raiseAlert(
    tx,
    {
      id: run.ids.next(),
      rule: 'changed-after-shipping',
      channel: row.channel,
      severity: 'warning',
      message: `${row.external_order_id} ${wish}, but ShipStation has it as ${orderStatus} already`,
      next: `isync orders:show ${row.external_order_id}`,
    },
    run.clock.now(),
  )
}

function note(tx: Db, run: Run, { row }: Job, what: string, detail: Readonly<Record<string, unknown>>): Promise<void> {
  return addEvents(tx, [
    { id: run.ids.next(), at: run.clock.now(), runId: run.id, actor: run.actor, entity: 'order', entityId: sealRow(row.channel, row.external_order_id), what, detail },
  ])
}
