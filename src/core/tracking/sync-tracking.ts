import type { Run, RunProblem, Verdict } from '../context.ts'
import { raiseAlert, resolveAlert } from '../db/alerts.ts'
import type { LeaseHolder } from '../db/leases.ts'
import { isConnectorError, StoppedError } from '../errors.ts'
import { type ChannelReport, nextFor, verdictOf } from '../orders/pull-channels.ts'
import { addCounts } from '../orders/pull-orders.ts'
import type { MarketplaceConnector } from '../ports/marketplace.ts'
import type { ShippingConnector } from '../ports/shipping.ts'
import { exclusively } from '../tasks/exclusive.ts'
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

/** Reads what ShipStation shipped and tells the channels. What is due at a channel is told even when ShipStation cannot be read. */
export async function syncTracking(
  run: Run,
  shipping: ShippingConnector,
  connectors: readonly MarketplaceConnector[],
): Promise<TrackingReport> {
  const intake = await readShipStation(run, shipping)
  const channels = await Promise.all(connectors.map((connector) => confirmChannel(run, connector)))
  return { intake, channels, verdict: verdictOf([intake, ...channels]) }
}

async function readShipStation(run: Run, shipping: ShippingConnector): Promise<ChannelReport<IntakeCounts>> {
  const channel = shipping.account
  let counts = noIntake
  const errors: RunProblem[] = []
  const attempt = await exclusively(run, `tracking:sync ${channel}`, async (signal, lease) => {
    try {
      for (const stream of ['shipments', 'fulfillments', 'voids'] as const)
        counts = addCounts(counts, await intakeStream(run, shipping, stream, signal, lease))
      await resolveAlert(run.db, 'shipments-unread', channel, run.clock.now())
      return 'done' as const
    } catch (error) {
      errors.push(await intakeProblem(run, channel, error))
      return error instanceof StoppedError || (isConnectorError(error) && error.kind === 'throttled')
        ? ('partly' as const)
        : ('down' as const)
    }
  })
  if (attempt.ran) return { channel, counts, errors, outcome: attempt.result }
  return { channel, counts, errors, outcome: 'held elsewhere', ...heldBy(attempt.holder) }
}

function heldBy(holder: LeaseHolder | undefined): { heldBy?: LeaseHolder } {
  return holder === undefined ? {} : { heldBy: holder }
}

async function intakeProblem(run: Run, channel: string, error: unknown): Promise<RunProblem> {
  if (error instanceof StoppedError)
    return { channel, what: 'tracking:sync', why: error.message, next: 'nothing: the next run goes on from here' }
  if (!isConnectorError(error)) throw error
  run.log.error({ channel, step: 'tracking:sync', error_class: error.kind, error: error.message }, 'shipments could not be read')
  if (error.kind !== 'throttled') {
    const severity = error.kind === 'auth' ? 'critical' : 'warning'
    const next = `isync doctor --channel ${channel}`
    await raiseAlert(
      run.db,
      { id: run.ids.next(), rule: 'shipments-unread', channel, severity, message: error.message, next },
      run.clock.now(),
    )
  }
  return { channel, what: 'tracking:sync', why: error.message, next: nextFor(channel, error) }
}

async function confirmChannel(run: Run, connector: MarketplaceConnector): Promise<ChannelReport<ConfirmCounts>> {
  const { channel } = connector
  const work = await confirmShipments(run, connector)
  const counts = { confirmed: work.done, waiting: work.waiting, dead: work.dead }
  const { stoppedBy } = work
  if (stoppedBy !== undefined && stoppedBy.kind !== 'throttled' && work.done === 0)
    return { channel, counts, errors: work.problems, outcome: 'down' }
  return {
    channel,
    counts,
    errors: work.problems,
    outcome: work.waiting + work.dead > 0 || stoppedBy !== undefined ? 'partly' : 'done',
  }
}
