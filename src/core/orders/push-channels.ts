import { accountFailed, accountWorked } from '../alerts/account.ts'
import { type ChannelReport, heldElsewhere, leftAlone, outcomeOf, verdictOf } from '../channel-report.ts'
import type { Run, Verdict } from '../context.ts'
import { loadPauses, logPaused } from '../inventory/settings-pauses.ts'
import type { MarketplaceConnector } from '../ports/marketplace.ts'
import type { ShippingConnector } from '../ports/shipping.ts'
import { exclusively } from '../tasks/exclusive.ts'
import { acknowledgeDue } from './acknowledge.ts'
import { type PushedTasks, pushOrders } from './push-orders.ts'

export interface PushCounts {
  readonly pushed: number
  readonly waiting: number
  readonly dead: number
}

export interface PushReport {
  readonly channels: readonly ChannelReport<PushCounts>[]
  readonly verdict: Verdict
}

const noPushes: PushCounts = { pushed: 0, waiting: 0, dead: 0 }

/**
 * Works every due push task, one run at a time: ShipStation's limit is one for all, and full batches spend the fewest calls. Orders of a
 * paused channel stay where they are.
 */
export async function pushAll(
  run: Run,
  shipping: ShippingConnector,
  marketplaces: readonly MarketplaceConnector[],
  only: { readonly channel?: string; readonly ids?: readonly string[] } = {},
): Promise<PushReport> {
  const { account } = shipping
  const paused = [...(await loadPauses(run)).values()].filter(({ orders }) => orders)
  const quiet = paused.filter(({ channel }) => only.channel === undefined || only.channel === channel)
  for (const pause of quiet) logPaused(run, 'orders:push-shipstation', pause)
  const alone = quiet.map(({ channel, text }) => leftAlone(channel, noPushes, text))
  if (only.channel !== undefined && alone.length > 0) return { channels: alone, verdict: 'done' }
  const except = paused.map(({ channel }) => channel)
  const attempt = await exclusively(run, `orders:push-shipstation ${account}`, (signal) =>
    pushAndReport({ ...run, signal }, shipping, { ...only, except }),
  )
  const report = attempt.ran ? attempt.result : heldElsewhere(account, noPushes, attempt.holder)
  const told = await Promise.all(
    marketplaces.filter(({ channel }) => !except.includes(channel)).map((connector) => acknowledge(run, connector)),
  )
  const reports = [report, ...told.flat()]
  return { channels: [...reports, ...alone], verdict: verdictOf(reports) }
}

/** Tells a channel which of its orders ShipStation has. Nothing to tell, nothing to report. */
async function acknowledge(run: Run, connector: MarketplaceConnector): Promise<ChannelReport<PushCounts>[]> {
  const { channel } = connector
  if (run.settings.channels.get(channel)?.acknowledges !== 'after-push') return []
  const work = await acknowledgeDue(run, connector, 'orders:push-shipstation')
  if (work.problems.length === 0 && work.stoppedBy === undefined && work.waiting + work.dead === 0) return []
  const counts = { pushed: 0, waiting: work.waiting, dead: work.dead }
  return [{ channel, counts, errors: work.problems, outcome: outcomeOf(work) }]
}

async function pushAndReport(run: Run, shipping: ShippingConnector, only: PushedTasks): Promise<ChannelReport<PushCounts>> {
  const at = { account: shipping.account, step: 'orders:push-shipstation', rule: 'push-failed' } as const
  const work = await pushOrders(run, shipping, only)
  if (work.stoppedBy !== undefined) await accountFailed(run, at, work.stoppedBy)
  else if (work.done > 0) await accountWorked(run, at)
  const counts = { pushed: work.done, waiting: work.waiting, dead: work.dead }
  return { channel: shipping.account, counts, errors: work.problems, outcome: outcomeOf(work) }
}
