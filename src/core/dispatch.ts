import { sendNotices } from './alerts/send.ts'
import { type ChannelReport, leftAlone, outcomeOf, verdictOf } from './channel-report.ts'
import type { Run, Verdict } from './context.ts'
import { listTasks, type TaskFilter, type TaskRow } from './db/task-list.ts'
import { rearmTasks } from './db/tasks.ts'
import { type ChannelPause, loadPauses, logPaused } from './inventory/settings-pauses.ts'
import { type TaskKind, taskKinds } from './model/task.ts'
import { acknowledgeOrders } from './orders/acknowledge.ts'
import { pushOrders } from './orders/push-orders.ts'
import type { MarketplaceConnector } from './ports/marketplace.ts'
import type { Notifier } from './ports/notifier.ts'
import type { ShippingConnector } from './ports/shipping.ts'
import type { WorkReport } from './tasks/work.ts'
import { confirmShipments } from './tracking/confirm.ts'

export interface Connectors {
  readonly shipping: ShippingConnector
  readonly marketplaces: readonly MarketplaceConnector[]
  /** The media by which people are told. */
  readonly notifiers: readonly Notifier[]
}

type Worker = (
  run: Run,
  connectors: Connectors,
  ids: readonly string[],
) => Promise<readonly { readonly account: string; readonly work: WorkReport }[]>

/** Which use case works which kind of task. A kind without one does not compile. */
const workers = {
  push: async (run, { shipping }, ids) => [{ account: shipping.account, work: await pushOrders(run, shipping, { ids }) }],
  confirm: (run, { marketplaces }, ids) => onEach(marketplaces, (connector) => confirmShipments(run, connector, ids)),
  acknowledge: (run, { marketplaces }, ids) => onEach(marketplaces, (connector) => acknowledgeOrders(run, connector, ids)),
  notify: async (run, { notifiers }, ids) =>
    (await sendNotices(run, notifiers, { ids })).map(({ medium, work }) => ({ account: medium, work })),
} satisfies Record<TaskKind, Worker>

function onEach(
  marketplaces: readonly MarketplaceConnector[],
  work: (connector: MarketplaceConnector) => Promise<WorkReport>,
): Promise<{ account: string; work: WorkReport }[]> {
  return Promise.all(marketplaces.map(async (connector) => ({ account: connector.channel, work: await work(connector) })))
}

export interface RetryCounts {
  readonly done: number
  readonly waiting: number
  readonly dead: number
}

export interface RetryReport {
  readonly channels: readonly ChannelReport<RetryCounts>[]
  readonly verdict: Verdict
}

/** At most this many tasks are shown and worked by one `retry`. */
export const RETRY_LIMIT = 5_000

/** What `retry` would work: due tasks, or those the operator names, oldest first. Reads only. */
export function retryCandidates(run: Pick<Run, 'db'>, filter: TaskFilter): Promise<TaskRow[]> {
  return listTasks(run.db, filter, RETRY_LIMIT)
}

/** Makes these tasks due and works them now. Tasks of another process's lease stay with it, those of a paused channel stay as they are. */
export async function retryTasks(run: Run, connectors: Connectors, wanted: readonly TaskRow[]): Promise<RetryReport> {
  const pauses = await loadPauses(run)
  const tasks = wanted.filter((task) => !isPaused(pauses.get(task.channel), task.kind))
  const ids = tasks.map(({ id }) => id)
  for (let start = 0; start < ids.length; start += 500) await rearmTasks(run.db, ids.slice(start, start + 500), run.clock.now())
  const channels: ChannelReport<RetryCounts>[] = []
  for (const kind of taskKinds) {
    const own = tasks.filter((task) => task.kind === kind).map(({ id }) => id)
    if (own.length === 0) continue
    for (const { account, work } of await workers[kind](run, connectors, own)) channels.push(reportOf(account, work))
  }
  for (const channel of new Set(wanted.filter((task) => !tasks.includes(task)).map((task) => task.channel))) {
    const pause = pauses.get(channel)
    if (pause === undefined) continue
    logPaused(run, 'retry', pause)
    channels.push(leftAlone(channel, { done: 0, waiting: 0, dead: 0 }, pause.text))
  }
  return { channels, verdict: verdictOf(channels) }
}

/** Packages of a channel whose orders are paused are confirmed all the same. */
function isPaused(pause: ChannelPause | undefined, kind: TaskKind): boolean {
  return (kind === 'confirm' ? pause?.tracking : pause?.orders) === true
}

function reportOf(channel: string, work: WorkReport): ChannelReport<RetryCounts> {
  const counts = { done: work.done, waiting: work.waiting, dead: work.dead }
  return { channel, counts, errors: work.problems, outcome: outcomeOf(work) }
}
