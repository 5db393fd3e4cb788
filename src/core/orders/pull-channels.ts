import { accountFailed, accountWorked, isOnlyWaiting } from '../alerts/account.ts'
import { type ChannelReport, heldElsewhere, leftAlone, verdictOf } from '../channel-report.ts'
import type { ChannelSettings, Run, RunProblem, Verdict } from '../context.ts'
import { type ConnectorError, isConnectorError } from '../errors.ts'
import { type ChannelPause, loadPauses, logPaused } from '../inventory/settings-pauses.ts'
import type { MarketplaceConnector } from '../ports/marketplace.ts'
import { exclusively, type HeldLease } from '../tasks/exclusive.ts'
import { acknowledgeOrders } from './acknowledge.ts'
import { noCounts, type StoreCounts } from './page-batch.ts'
import { pullOrders } from './pull-orders.ts'

export interface PullChannelsRequest {
  readonly connectors: readonly MarketplaceConnector[]
  /** Epoch ms: read from here instead of the saved place. */
  readonly since?: number
  readonly orderIds?: readonly string[]
  /** Told after each stored page of a channel. */
  readonly onPage?: (channel: string, total: StoreCounts) => void
}

/** `isRefused`: the channel refuses what it was asked for by number, all of it for one number's sake. */
export type PulledChannel = ChannelReport<StoreCounts> & { readonly isRefused?: true }

export interface PullReport {
  readonly channels: readonly PulledChannel[]
  readonly verdict: Verdict
}

/** Pulls every channel side by side; one that fails stops none of the others. One whose orders are paused is left alone. */
export async function pullChannels(run: Run, request: PullChannelsRequest): Promise<PullReport> {
  const pauses = await loadPauses(run)
  const channels = await Promise.all(
    request.connectors.map((connector) => pullChannel(run, request, connector, pauses.get(connector.channel))),
  )
  return { channels, verdict: verdictOf(channels) }
}

async function pullChannel(
  run: Run,
  request: PullChannelsRequest,
  connector: MarketplaceConnector,
  pause: ChannelPause | undefined,
): Promise<PulledChannel> {
  if (pause?.orders === true) {
    logPaused(run, 'orders:pull', pause)
    return leftAlone(pause.channel, noCounts, pause.text)
  }
  const channel = run.settings.channels.get(connector.channel)
  if (channel === undefined) throw new Error(`channel ${connector.channel} has no settings`)
  const attempt = await exclusively(run, `orders:pull ${channel.code}`, (signal, lease) =>
    pullAndAccept({ ...run, signal }, request, connector, channel, lease),
  )
  return attempt.ran ? attempt.result : heldElsewhere(channel.code, noCounts, attempt.holder)
}

async function pullAndAccept(
  run: Run,
  request: PullChannelsRequest,
  connector: MarketplaceConnector,
  channel: ChannelSettings,
  lease: HeldLease,
): Promise<PulledChannel> {
  const at = { account: channel.code, step: 'orders:pull', rule: 'pull-failed' } as const
  let counts = noCounts
  const errors: RunProblem[] = []
  try {
    counts = await pullOrders(run, {
      channel,
      connector,
      lease,
      ...(request.since === undefined ? {} : { since: request.since }),
      ...(request.orderIds === undefined ? {} : { orderIds: request.orderIds }),
      onPage(total) {
        counts = total
        request.onPage?.(channel.code, total)
      },
    })
    await accountWorked(run, at)
  } catch (error) {
    if (request.orderIds !== undefined && isConnectorError(error) && error.kind === 'permanent') {
      errors.push(refusedByName(run, channel.code, request.orderIds, error))
      return { channel: channel.code, counts, errors, outcome: 'partly', isRefused: true }
    }
    errors.push(await accountFailed(run, at, error))
    return { channel: channel.code, counts, errors, outcome: isOnlyWaiting(error) ? 'partly' : 'down' }
  }
  const yes = await acknowledgeOrders(run, connector)
  return { channel: channel.code, counts, errors: yes.problems, outcome: yes.problems.length > 0 ? 'partly' : 'done' }
}

/** The channel refused what it was asked for by number: most often a slip or another channel's number, so no alert about the account. */
function refusedByName(run: Run, channel: string, orderIds: readonly string[], error: ConnectorError): RunProblem {
  run.log.warn(
    { channel, step: 'orders:pull', orders: orderIds, error: error.message },
    'orders asked for by number were refused',
  )
  const what = `orders:pull --order ${orderIds.join(' --order ')}`
  return {
    channel,
    what,
    why: error.message,
    next: `check the number and its channel; if they are right, isync doctor --channel ${channel}`,
  }
}
