import type { Run, RunProblem } from '../context.ts'
import { raiseAlert, resolveDeadAlert } from '../db/alerts.ts'
import type { Db } from '../db/db.ts'
import { addEvents } from '../db/events.ts'
import { claimTasks, markSent, postponeTasks, releaseTasks, renewTasks, settleTask } from '../db/tasks.ts'
import { type ConnectorError, isConnectorError, RefusedByDryRun, StoppedError } from '../errors.ts'
import type { ChannelCode } from '../model/channel.ts'
import type { ClaimedTask, Lease, Settlement, TaskKind } from '../model/task.ts'
import { BEATS_PER_LEASE, whileAlive } from './heartbeat.ts'
import { type RetryPlan, settlementFor } from './policy.ts'
import { count, countPostponed, type Tally } from './tally.ts'

/** What became of one task. `record` writes its result in the transaction that settles it. */
export type TaskResult =
  | { readonly status: 'done'; readonly record?: (tx: Db) => Promise<void> }
  | { readonly status: 'failed'; readonly error: ConnectorError; readonly record?: (tx: Db) => Promise<void> }

/** A batch of tasks in this worker's hands. */
export interface Claim {
  readonly tasks: readonly ClaimedTask[]
  readonly signal: AbortSignal
  /**
   * Must be called right before the request leaves: the row then says so, and a crash in between is looked up instead of repeated.
   * Returns the tasks that are still ours; the others must not be sent.
   */
  markSent(tasks: readonly ClaimedTask[]): Promise<readonly ClaimedTask[]>
}

export interface WorkRequest {
  readonly kind: TaskKind
  readonly channel?: ChannelCode
  /** Tasks of these channels stay where they are. */
  readonly except?: readonly ChannelCode[]
  readonly ids?: readonly string[]
  readonly batch: number
  readonly settleMs: number
  /** Takes personal data of these orders out of a text: vendors repeat it in errors, which are kept and shown in the open. */
  readonly maskFor: (orderIds: readonly string[]) => Promise<(text: string) => string>
  /** Results by task id. A task without one failed with the error that was thrown, or is given back. */
  readonly handle: (claim: Claim, results: Map<string, TaskResult>) => Promise<void>
}

export interface WorkReport {
  readonly done: number
  readonly waiting: number
  readonly dead: number
  readonly problems: readonly RunProblem[]
  /** The whole account failed: nothing more was claimed in this run. */
  readonly stoppedBy?: ConnectorError
}

/** claim -> handle -> settle, until nothing is due. A failed task is data; only bugs are thrown. */
export async function workTasks(run: Run, request: WorkRequest): Promise<WorkReport> {
  const tally: Tally = { done: 0, waiting: 0, dead: 0, problems: [] }
  while (!run.signal.aborted) {
    const lease = newLease(run)
    const tasks = await claimTasks(run.db, { ...request, limit: request.batch }, lease, run.clock.now())
    if (tasks.length === 0) break
    const ready = await withoutFresh(run, request, tasks, lease.owner)
    if (request.ids !== undefined)
      for (const task of tasks) if (!ready.includes(task)) countPostponed(tally, request.settleMs, task)
    if (ready.length === 0) continue
    const { results, error, sent } = await handleBatch(run, request, ready, lease.owner)
    await hidePersonal(request, ready, results, error)
    await settleBatch(run, request, { tasks: ready, results, error, sent, owner: lease.owner }, tally)
    // In a dry run the batches behind the refused call belong into the plan as well: a real run would have sent them.
    if (error instanceof RefusedByDryRun) continue
    if (error !== undefined) return isConnectorError(error) ? { ...tally, stoppedBy: error } : tally
    // Given back, hence due again at once: without an answer this time there would be none the next time either.
    if (ready.some(({ id }) => !results.has(id))) break
  }
  return tally
}

async function hidePersonal(
  request: WorkRequest,
  tasks: readonly ClaimedTask[],
  results: ReadonlyMap<string, TaskResult>,
  error: Handled['error'],
): Promise<void> {
  const errors = [...results.values()].flatMap((result) => (result.status === 'failed' ? [result.error] : []))
  if (isConnectorError(error)) errors.push(error)
  if (errors.length === 0) return
  const mask = await request.maskFor(tasks.flatMap(({ orderId }) => orderId ?? []))
  for (const one of errors) one.message = mask(one.message)
}

/** A request that left a moment ago may still be on its way into the vendor's books: looked up now, it would seem not to be there. */
async function withoutFresh(
  run: Run,
  request: WorkRequest,
  tasks: readonly ClaimedTask[],
  owner: string,
): Promise<readonly ClaimedTask[]> {
  const now = run.clock.now()
  const fresh = tasks.filter(({ sentAt }) => sentAt !== null && sentAt + request.settleMs > now)
  for (const { id, sentAt } of fresh) await postponeTasks(run.db, [id], owner, (sentAt ?? now) + request.settleMs)
  return tasks.filter((task) => !fresh.includes(task))
}

function newLease(run: Run): Lease {
  return { owner: run.ids.next(), until: run.clock.now() + run.settings.leaseMs }
}

async function handleBatch(
  run: Run,
  request: WorkRequest,
  tasks: readonly ClaimedTask[],
  owner: string,
): Promise<Pick<Handled, 'results' | 'error' | 'sent'>> {
  const results = new Map<string, TaskResult>()
  const sent = new Set<string>()
  const everyMs = run.settings.leaseMs / BEATS_PER_LEASE
  async function renew(): Promise<boolean> {
    const now = run.clock.now()
    return (await renewTasks(run.db, { owner, until: now + run.settings.leaseMs }, now)) > 0
  }
  try {
    await whileAlive({ clock: run.clock, everyMs, signal: run.signal, renew }, (signal) =>
      request.handle(
        {
          tasks,
          signal,
          async markSent(some) {
            const ids = some.map(({ id }) => id)
            const ours = await markSent(run.db, ids, owner, run.clock.now())
            for (const id of ours) sent.add(id)
            if (signal.aborted) throw new StoppedError('told to stop before sending')
            return some.filter(({ id }) => ours.has(id))
          },
        },
        results,
      ),
    )
    return { results, error: undefined, sent }
  } catch (error) {
    if (isConnectorError(error) || error instanceof StoppedError || error instanceof RefusedByDryRun)
      return { results, error, sent }
    throw error
  }
}

interface Handled {
  readonly tasks: readonly ClaimedTask[]
  readonly results: ReadonlyMap<string, TaskResult>
  readonly error: ConnectorError | StoppedError | RefusedByDryRun | undefined
  /** Tasks whose request has left, or was about to, in this claim. */
  readonly sent: ReadonlySet<string>
  readonly owner: string
}

async function settleBatch(
  run: Run,
  request: WorkRequest,
  { tasks, results, error, sent, owner }: Handled,
  tally: Tally,
): Promise<void> {
  // Counted after the commit: a transaction that had to be tried again would count twice.
  const settled = await run.db.transaction(async (tx) => {
    const now = run.clock.now()
    const list: (readonly [ClaimedTask, Settlement])[] = []
    for (const task of tasks) {
      const result = results.get(task.id) ?? resultOf(error)
      if (result === undefined) continue
      const settlement = settle(run, request, task, result, sent.has(task.id), now)
      const ours = await settleTask(tx, task, owner, settlement, now)
      if (!ours) {
        run.log.warn({ channel: task.channel, step: task.kind, task: task.key }, 'lease was lost, result dropped')
        continue
      }
      await result.record?.(tx)
      if (result.status === 'failed') await noteFailure(tx, run, task, result.error, settlement)
      list.push([task, settlement])
    }
    await releaseTasks(tx, owner, now)
    const finished = new Map(
      list.filter(([, { state }]) => state === 'done').map(([task]) => [`${task.kind} ${task.channel}`, task]),
    )
    for (const { kind, channel } of finished.values()) await resolveDeadAlert(tx, kind, channel, now)
    return list
  })
  for (const [task, settlement] of settled) count(tally, task, settlement)
}

function resultOf(error: Handled['error']): TaskResult | undefined {
  if (error === undefined || error instanceof StoppedError) return undefined
  // In a dry run the database is a scratch copy: done means that the plan has it and that it is not claimed again.
  if (error instanceof RefusedByDryRun) return { status: 'done' }
  return { status: 'failed', error }
}

function settle(run: Run, request: WorkRequest, task: ClaimedTask, result: TaskResult, sent: boolean, now: number): Settlement {
  if (result.status === 'done') return { state: 'done' }
  const plan: RetryPlan = run.settings.retry[task.kind]
  const { settleMs } = request
  const settlement = settlementFor(result.error, { attempts: task.attempts, plan, now, random: run.random(), settleMs })
  // The look-up itself failed: what an earlier try may have done is as unknown as before.
  return settlement.state !== 'done' && task.sentAt !== null && !sent ? { ...settlement, keepSent: true } : settlement
}

async function noteFailure(tx: Db, run: Run, task: ClaimedTask, error: ConnectorError, settlement: Settlement): Promise<void> {
  const now = run.clock.now()
  const dead = settlement.state === 'dead'
  const detail = { task: task.key, class: error.kind, error: error.message, attempts: task.attempts }
  const what = dead ? `${task.kind} dead` : `${task.kind} failed`
  await addEvents(tx, [
    { id: run.ids.next(), at: now, runId: run.id, actor: run.actor, entity: 'task', entityId: task.key, what, detail },
  ])
  run.log.warn(
    { channel: task.channel, step: task.kind, task: task.key, error_class: error.kind, error: error.message },
    'task failed',
  )
  if (!dead) return
  const again = `isync retry --dead --kind ${task.kind} --channel ${task.channel}`
  // What was refused would be refused again.
  const isRefused = error.kind === 'permanent' || error.kind === 'auth'
  await raiseAlert(
    tx,
    {
      id: run.ids.next(),
      rule: `dead-${task.kind}`,
      channel: task.channel,
      severity: 'warning',
      message: `${task.kind} of ${task.key} was given up: ${error.message}`,
      next: isRefused ? `mend the cause, then: ${again}` : again,
    },
    now,
  )
}
