import { evaluateAlerts } from '../alerts/evaluate.ts'
import { sendNotices } from '../alerts/send.ts'
import type { Run } from '../context.ts'
import { writeCursor } from '../db/cursors.ts'
import { channelsDue, type DueTasks, dueTasks } from '../db/due-work.ts'
import type { Backlog } from '../db/inbox.ts'
import { markedSkus } from '../db/stock.ts'
import { type PublishReport, publishStock } from '../inventory/publish.ts'
import { loadRuleBook } from '../inventory/rules.ts'
import { type ChannelPause, loadPauses } from '../inventory/settings-pauses.ts'
import { acknowledgeDue } from '../orders/acknowledge.ts'
import { pushAll } from '../orders/push-channels.ts'
import type { MarketplaceConnector } from '../ports/marketplace.ts'
import { confirmChannel } from '../tracking/sync-tracking.ts'
import type { Hands } from './hands.ts'
import { workInbox } from './work.ts'

/** Work that is due. Of one key there is one at a time. */
export interface Job {
  readonly key: string
  /** Its starts lie at least this far apart, so that what comes meanwhile shares the vendor's calls. */
  readonly everyMs: number
  /** False: it could do nothing, so that trying again at once would not help. */
  readonly work: () => Promise<boolean>
}

/**
 * ShipStation takes a hundred orders in one of its forty calls a minute, and shows as many packages: a moment's wait fills the batch. Fifteen calls
 * a minute for each leave ten to the commands. What comes alone is worked on at once.
 */
const PUSH_EVERY_MS = 4_000
const PACKAGES_EVERY_MS = 4_000
const STOCK_EVERY_MS = 2_000
const PUBLISH_EVERY_MS = 3_000
const ALERTS_EVERY_MS = 60_000
const REFUSALS_EVERY_MS = 10_000
const CALLS_EVERY_MS = 60_000

/** Everything that is due now, by what the database says. */
export async function dueJobs(run: Run, hands: Hands, backlog: readonly Backlog[]): Promise<readonly Job[]> {
  const now = run.clock.now()
  const pauses = await loadPauses(run)
  const tasks = await dueTasks(run.db, now)
  return [
    ...backlog.filter(({ due }) => due > 0).map((one) => inboxJob(run, hands, one)),
    ...taskJobs(run, hands, tasks, pauses),
    ...(await stockJobs(run, hands, pauses, now)),
    { key: 'refusals', everyMs: REFUSALS_EVERY_MS, work: () => hands.refusals.flush() },
    { key: 'calls', everyMs: CALLS_EVERY_MS, work: () => hands.calls.flush() },
    { key: 'alerts', everyMs: ALERTS_EVERY_MS, work: () => tellPeople(run, hands) },
  ]
}

function inboxJob(run: Run, hands: Hands, { provider, channel }: Backlog): Job {
  const everyMs = provider === 'shipstation' ? PACKAGES_EVERY_MS : provider === 'zoho' ? STOCK_EVERY_MS : 0
  return {
    key: `webhooks ${provider} ${channel}`,
    everyMs,
    async work() {
      const { done, dead, looked } = await workInbox(run, hands, { provider, channel })
      // Who was asked has answered: what comes next need not wait for what is not shown yet.
      return done + dead + looked > 0
    },
  }
}

function taskJobs(run: Run, hands: Hands, tasks: readonly DueTasks[], pauses: ReadonlyMap<string, ChannelPause>): readonly Job[] {
  const jobs: Job[] = []
  const pushes = tasks.filter(({ kind, channel }) => kind === 'push' && pauses.get(channel)?.orders !== true)
  if (pushes.length > 0) {
    jobs.push({
      key: 'push',
      everyMs: PUSH_EVERY_MS,
      async work() {
        const { channels } = await pushAll(run, hands.shipping, hands.marketplaces)
        return channels.some(({ counts }) => counts.pushed > 0)
      },
    })
  }
  for (const connector of hands.marketplaces) {
    const { channel } = connector
    const isDue = (kind: string) => tasks.some((one) => one.kind === kind && one.channel === channel)
    const pause = pauses.get(channel)
    if (isDue('acknowledge') && pause?.orders !== true)
      jobs.push({
        key: `acknowledge ${channel}`,
        everyMs: 0,
        work: async () => (await acknowledgeDue(run, connector, 'serve')).done > 0,
      })
    if (isDue('confirm') && pause?.tracking !== true)
      jobs.push({
        key: `confirm ${channel}`,
        everyMs: 0,
        work: async () => (await confirmChannel(run, connector)).counts.confirmed > 0,
      })
  }
  return jobs
}

/**
 * What a sale left with little is worked out anew, and each channel is told what is due there. What waits for a pull is the next pull's. A channel
 * by itself: one of them takes a file a minute, and a last unit that was sold does not wait for that anywhere else.
 */
async function stockJobs(
  run: Run,
  hands: Hands,
  pauses: ReadonlyMap<string, ChannelPause>,
  now: number,
): Promise<readonly Job[]> {
  const open = hands.marketplaces.filter(({ channel }) => pauses.get(channel)?.inventory !== true)
  const due = await channelsDue(
    run.db,
    open.map(({ channel }) => channel),
    now,
  )
  const jobs = open
    .filter(({ channel }) => due.includes(channel))
    .map((connector) => ({
      key: `stock ${connector.channel}`,
      everyMs: PUBLISH_EVERY_MS,
      work: async () => (await publish(run, [connector], [])).channels.some(({ counts }) => counts.accepted > 0),
    }))
  if ((await markedSkus(run.db, 1)).length === 0) return jobs
  return [...jobs, { key: 'stock', everyMs: 0, work: async () => (await publish(run, [], 'marked')).verdict !== 'held' }]
}

async function publish(
  run: Run,
  connectors: readonly MarketplaceConnector[],
  what: 'marked' | readonly [],
): Promise<PublishReport> {
  const book = await loadRuleBook(run)
  return publishStock(run, { book, connectors, what, overrideBrake: false, waitMs: 0 })
}

async function tellPeople(run: Run, { notifiers }: Hands): Promise<boolean> {
  const now = run.clock.now()
  await writeCursor(run.db, 'serve', 'alive', { at: now }, now)
  await evaluateAlerts(run)
  await sendNotices(run, notifiers, {})
  return true
}
