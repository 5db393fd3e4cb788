import type { Run, RunProblem, Verdict } from '../context.ts'
import { raiseAlert, resolveAlert } from '../db/alerts.ts'
import type { LeaseHolder } from '../db/leases.ts'
import { type ConnectorError, isConnectorError, StoppedError } from '../errors.ts'
import type { MarketplaceConnector } from '../ports/marketplace.ts'
import { exclusively } from '../tasks/exclusive.ts'
import { acknowledgeOrders } from './acknowledge.ts'
import { noCounts, type StoreCounts } from './page-batch.ts'
import { type PullRequest, pullOrders } from './pull-orders.ts'

export interface PullChannelsRequest {
  readonly connectors: readonly MarketplaceConnector[]
  readonly since?: number
  readonly orderIds?: readonly string[]
  /** Told after each stored page of a channel. */
  readonly onPage?: (channel: string, total: StoreCounts) => void
}

/** How one channel fared in a run. */
export interface ChannelReport<C> {
  readonly channel: string
  readonly counts: C
  readonly errors: readonly RunProblem[]
  /** Another run is at work on this channel. */
  readonly heldBy?: LeaseHolder
  readonly outcome: 'done' | 'partly' | 'down' | 'held elsewhere'
}

export interface PullReport {
  readonly channels: readonly ChannelReport<StoreCounts>[]
  readonly verdict: Verdict
}

/** Pulls every channel side by side; one that fails stops none of the others. */
export async function pullChannels(run: Run, request: PullChannelsRequest): Promise<PullReport> {
  const channels = await Promise.all(request.connectors.map((connector) => pullChannel(run, request, connector)))
  return { channels, verdict: verdictOf(channels) }
}

async function pullChannel(
  run: Run,
  request: PullChannelsRequest,
  connector: MarketplaceConnector,
): Promise<ChannelReport<StoreCounts>> {
  const channel = run.settings.channels.get(connector.channel)
  if (channel === undefined) throw new Error(`channel ${connector.channel} has no settings`)
  let counts = noCounts
  const errors: RunProblem[] = []
  const attempt = await exclusively(run, `orders:pull ${channel.code}`, async (signal, lease) => {
    try {
      const pull: PullRequest = {
        channel,
        connector,
        signal,
        lease,
        ...(request.since === undefined ? {} : { since: request.since }),
        ...(request.orderIds === undefined ? {} : { orderIds: request.orderIds }),
        onPage(total) {
          counts = total
          request.onPage?.(channel.code, total)
        },
      }
      counts = await pullOrders(run, pull)
      await resolveAlert(run.db, 'pull-failed', channel.code, run.clock.now())
    } catch (error) {
      errors.push(await pullProblem(run, channel.code, error))
      return isThrottled(error) ? ('partly' as const) : ('down' as const)
    }
    const yes = await acknowledgeOrders({ ...run, signal }, connector)
    errors.push(...yes.problems)
    return yes.problems.length > 0 ? ('partly' as const) : ('done' as const)
  })
  if (!attempt.ran)
    return {
      channel: channel.code,
      counts,
      errors,
      outcome: 'held elsewhere',
      ...(attempt.holder === undefined ? {} : { heldBy: attempt.holder }),
    }
  return { channel: channel.code, counts, errors, outcome: attempt.result }
}

/** Reports a channel that could not be read. Anything that is not a connector's error is a bug, and bugs are not swallowed. */
async function pullProblem(run: Run, channel: string, error: unknown): Promise<RunProblem> {
  if (error instanceof StoppedError)
    return { channel, what: 'orders:pull', why: error.message, next: 'nothing: the next run goes on from here' }
  if (!isConnectorError(error)) throw error
  run.log.error({ channel, step: 'orders:pull', error_class: error.kind, error: error.message }, 'channel could not be read')
  if (error.kind !== 'throttled') {
    const next = `isync doctor --channel ${channel}`
    await raiseAlert(
      run.db,
      {
        id: run.ids.next(),
        rule: 'pull-failed',
        channel,
        severity: error.kind === 'auth' ? 'critical' : 'warning',
        message: error.message,
        next,
      },
      run.clock.now(),
    )
  }
  return { channel, what: 'orders:pull', why: error.message, next: nextFor(channel, error) }
}

/** The command an operator runs after this error. */
export function nextFor(account: string, error: ConnectorError): string {
  switch (error.kind) {
    case 'throttled':
      return `nothing: the next run goes on from here, in ${Math.ceil(error.waitMs / 1000)} s at the earliest`
    case 'retryable':
      return `nothing: the next run tries again; isync doctor --channel ${account} if it stays`
    case 'auth':
    case 'permanent':
      return `isync doctor --channel ${account}`
  }
}

function isThrottled(error: unknown): boolean {
  return error instanceof StoppedError || (isConnectorError(error) && error.kind === 'throttled')
}

/** All fine: done. Everything down: vendor-down. Anything in between: partly. */
export function verdictOf(channels: readonly Pick<ChannelReport<unknown>, 'outcome'>[]): Verdict {
  const worked = channels.filter(({ outcome }) => outcome !== 'held elsewhere')
  if (worked.every(({ outcome }) => outcome === 'done')) return 'done'
  return worked.every(({ outcome }) => outcome === 'down') ? 'vendor-down' : 'partly'
}
