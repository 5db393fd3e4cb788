import { accountFailed, accountWorked, isOnlyWaiting } from '../alerts/account.ts'
import { type ChannelReport, heldElsewhere, leftAlone, outcomeOf, verdictOf } from '../channel-report.ts'
import type { Run, Verdict } from '../context.ts'
import { hastenAcknowledgements } from '../db/tasks.ts'
import { loadPauses, logPaused } from '../inventory/settings-pauses.ts'
import { acknowledgeDue } from '../orders/acknowledge.ts'
import { addCounts } from '../orders/pull-orders.ts'
import type { MarketplaceConnector } from '../ports/marketplace.ts'
import type { ShippingConnector } from '../ports/shipping.ts'
import { exclusively, type HeldLease } from '../tasks/exclusive.ts'
import { confirmShipments } from './confirm.ts'
import { type IntakeCounts, intakeStream, noIntake } from './intake.ts'

export interface ConfirmCounts {
  readonly confirmed: number
  readonly waiting: number
  readonly dead: number
}

export interface TrackingReport {
  readonly intake: ChannelReport<IntakeCounts>
  readonly channels: readonly ChannelReport<ConfirmCounts>[]
  readonly verdict: Verdict
}

/**
 * Reads what ShipStation shipped and tells the channels. What is due at a channel is told even when ShipStation cannot be read. A
 * channel that is paused altogether is told nothing; its packages stay due.
 */
export async function syncTracking(
  run: Run,
  shipping: ShippingConnector,
  connectors: readonly MarketplaceConnector[],
): Promise<TrackingReport> {
  // Voids first: the goods of a voided label are free before its replacement is looked at.
  const intake = await readPackages(run, shipping, ['voids', 'shipments', 'fulfillments'])
  const pauses = await loadPauses(run)
  const channels = await Promise.all(
    connectors.map((connector) => {
      const pause = pauses.get(connector.channel)
      if (pause?.tracking !== true) return confirmChannel(run, connector)
      logPaused(run, 'tracking:sync', pause)
      return leftAlone(pause.channel, { confirmed: 0, waiting: 0, dead: 0 }, pause.text)
    }),
  )
  const idle = channels.every(({ counts }) => counts.confirmed === 0)
  // Without ShipStation there is no news, so a run that told nobody anything was stopped by it.
  const verdict = intake.outcome === 'down' && idle ? 'vendor-down' : verdictOf([intake, ...channels])
  return { intake, channels, verdict }
}

type PackageStream = Parameters<typeof intakeStream>[2]

/** Reads what is new in these of ShipStation's lists, one process at a time. */
export async function readPackages(
  run: Run,
  shipping: ShippingConnector,
  streams: readonly PackageStream[],
): Promise<ChannelReport<IntakeCounts>> {
  const { account } = shipping
  const attempt = await exclusively(run, `tracking:sync ${account}`, (signal, lease) =>
    readStreams({ ...run, signal }, shipping, streams, lease),
  )
  return attempt.ran ? attempt.result : heldElsewhere(account, noIntake, attempt.holder)
}

async function readStreams(
  run: Run,
  shipping: ShippingConnector,
  streams: readonly PackageStream[],
  lease: HeldLease,
): Promise<ChannelReport<IntakeCounts>> {
  const at = { account: shipping.account, step: 'tracking:sync', rule: 'shipments-unread' } as const
  let counts = noIntake
  try {
    for (const stream of streams) {
      counts = addCounts(counts, await intakeStream(run, shipping, stream, lease))
    }
    await accountWorked(run, at)
    return { channel: at.account, counts, errors: [], outcome: 'done' }
  } catch (error) {
    const errors = [await accountFailed(run, at, error)]
    return { channel: at.account, counts, errors, outcome: isOnlyWaiting(error) ? 'partly' : 'down' }
  }
}

/** Tells a channel every package that is due there. */
export async function confirmChannel(run: Run, connector: MarketplaceConnector): Promise<ChannelReport<ConfirmCounts>> {
  const { channel } = connector
  const at = { account: channel, step: 'tracking:sync', rule: 'confirm-failed' } as const
  await acknowledgeFirst(run, connector)
  const work = await confirmShipments(run, connector)
  if (work.stoppedBy !== undefined) await accountFailed(run, at, work.stoppedBy)
  else if (work.done > 0) await accountWorked(run, at)
  const counts = { confirmed: work.done, waiting: work.waiting, dead: work.dead }
  return { channel, counts, errors: work.problems, outcome: outcomeOf(work) }
}

/** An order that shipped takes no acknowledgement any more: one that failed so far is tried once more before its packages are told. */
async function acknowledgeFirst(run: Run, connector: MarketplaceConnector): Promise<void> {
  if (run.settings.channels.get(connector.channel)?.acknowledges !== 'after-push') return
  if ((await loadPauses(run)).get(connector.channel)?.orders === true) return
  const hastened = await hastenAcknowledgements(run.db, connector.channel, run.clock.now())
  if (hastened > 0) await acknowledgeDue(run, connector, 'tracking:sync')
}
