import { accountFailed, accountWorked, isOnlyWaiting } from '../alerts/account.ts'
import { type ChannelReport, heldElsewhere } from '../channel-report.ts'
import type { Run, RunProblem } from '../context.ts'
import { claimQuantities, releaseExpired, renewQuantities } from '../db/publication-claims.ts'
import { countDue, holdNothing, holdRaises } from '../db/publications.ts'
import { isConnectorError, RefusedByDryRun, StoppedError } from '../errors.ts'
import type { ChannelCode } from '../model/channel.ts'
import type { QuantityUpdate } from '../model/stock.ts'
import type { MarketplaceConnector, QuantityOutcome } from '../ports/marketplace.ts'
import { exclusively } from '../tasks/exclusive.ts'
import { BEATS_PER_LEASE, whileAlive } from '../tasks/heartbeat.ts'
import { checkListings } from './check-listings.ts'
import { followReports } from './follow-reports.ts'
import { type HandedOver, noPublishCounts, type PublishCounts, settleOutcomes } from './publish-results.ts'

export interface PublishRequest {
  readonly connector: MarketplaceConnector
  /** `pulledAt`: the channel's orders were known so far when the numbers were worked out, epoch ms; undefined: not at all. */
  readonly guard: { readonly on: boolean; readonly pulledAt: number | undefined }
  /** Also look again for what the channel did not list. */
  readonly relist: boolean
  /** Wait this long for reports on what was handed over; what takes longer is read by a later run. Milliseconds. */
  readonly waitMs: number
}

const RULE = 'publish-failed'

/**
 * Tells one channel every quantity that is due: what was promised a report first, then the listings that must be looked at, then what goes
 * down, then what goes up and may. Another run that is at it has the channel to itself.
 */
export async function publishChannel(run: Run, request: PublishRequest): Promise<ChannelReport<PublishCounts>> {
  const { channel } = request.connector
  const attempt = await exclusively(run, `inventory:publish ${channel}`, (signal) => publishDue({ ...run, signal }, request))
  return attempt.ran ? attempt.result : heldElsewhere(channel, noPublishCounts, attempt.holder)
}

async function publishDue(run: Run, request: PublishRequest): Promise<ChannelReport<PublishCounts>> {
  const { connector } = request
  const at = { account: connector.channel, step: 'inventory', rule: RULE } as const
  const counts = { ...noPublishCounts }
  const errors: RunProblem[] = []
  try {
    const { unread } = await followReports(run, connector, counts, errors)
    await checkListings(run, connector, request.relist, counts)
    await guardRaises(run, connector.channel, request.guard)
    await sendAll(run, connector, counts, errors)
    if (unread !== undefined) throw unread
    await awaitReports(run, request, counts, errors)
    await accountWorked(run, at)
  } catch (error) {
    errors.push(await accountFailed(run, at, error))
    return {
      channel: connector.channel,
      counts,
      errors,
      outcome: isOnlyWaiting(error) || counts.accepted + counts.handed_over > 0 ? 'partly' : 'down',
    }
  }
  const { held, reported } = await countDue(run.db, connector.channel, run.clock.now())
  counts.held = held
  counts.awaiting_report = reported
  if (held > 0)
    run.log.info(
      { channel: connector.channel, step: 'inventory', held },
      'raises wait until the orders of the channel were pulled',
    )
  const failed = counts.failed + counts.refused > 0
  return { channel: connector.channel, counts, errors, outcome: failed ? 'partly' : 'done' }
}

async function guardRaises(run: Run, channel: ChannelCode, guard: PublishRequest['guard']): Promise<void> {
  // Left in the hands of a run that was killed: what is wanted by now may be a raise.
  await releaseExpired(run.db, channel, run.clock.now())
  if (!guard.on) {
    await holdNothing(run.db, channel)
    return
  }
  const why = `orders of ${channel} were not pulled since the stock was read`
  await run.db.transaction((tx) => holdRaises(tx, channel, guard.pulledAt, why))
}

async function sendAll(run: Run, connector: MarketplaceConnector, counts: PublishCounts, errors: RunProblem[]): Promise<void> {
  for (;;) {
    if (run.signal.aborted) throw new StoppedError('told to stop before the next quantities')
    const { due } = await countDue(run.db, connector.channel, run.clock.now())
    if (due === 0) return
    const plan = connector.quantityPlan(due)
    const sent = await sendBatch(run, connector, plan.way, Math.min(due, plan.batch))
    if (sent === undefined) return
    await settleOutcomes(run, sent, counts, errors)
    if (sent.error !== undefined) throw sent.error
  }
}

async function sendBatch(run: Run, connector: MarketplaceConnector, way: string, limit: number): Promise<HandedOver | undefined> {
  const { channel } = connector
  const now = run.clock.now()
  const lease = { owner: run.ids.next(), until: now + run.settings.leaseMs }
  const claimed = await claimQuantities(run.db, channel, limit, lease, now, connector.checksListings)
  if (claimed.length === 0) return undefined
  const batch = claimed.map(
    (row): QuantityUpdate => ({
      channel,
      sku: row.sku,
      quantity: row.wanted,
      ...(row.accepted === null ? {} : { previous: row.accepted }),
      ...(row.product_type === null ? {} : { productType: row.product_type }),
    }),
  )
  const items = claimed.map(({ sku, wanted, accepted, attempts, why }) => ({ sku, sent: wanted, accepted, attempts, why }))
  const handed = { channel, holder: { owner: lease.owner }, items }
  async function renew(): Promise<boolean> {
    const at = run.clock.now()
    return (await renewQuantities(run.db, { owner: lease.owner, until: at + run.settings.leaseMs }, at)) > 0
  }
  try {
    const everyMs = run.settings.leaseMs / BEATS_PER_LEASE
    const outcomes = await whileAlive({ clock: run.clock, everyMs, signal: run.signal, renew }, (signal) =>
      connector.updateQuantities(batch, way, signal),
    )
    if (outcomes.length !== batch.length)
      throw new Error(`${channel}: told ${batch.length} quantities, heard of ${outcomes.length}`)
    return { ...handed, outcomes }
  } catch (error) {
    // Noted in the plan; in the dry run's own copy of the books it counts as taken, so that it is planned once.
    if (error instanceof RefusedByDryRun)
      return { ...handed, outcomes: items.map((): QuantityOutcome => ({ status: 'accepted' })) }
    if (isConnectorError(error))
      return { ...handed, outcomes: items.map((): QuantityOutcome => ({ status: 'failed', error })), error }
    if (error instanceof StoppedError) return { ...handed, outcomes: [], error }
    throw error
  }
}

/** Waits for what was handed over in this run or before, as long as it may. */
async function awaitReports(run: Run, request: PublishRequest, counts: PublishCounts, errors: RunProblem[]): Promise<void> {
  const until = run.clock.now() + request.waitMs
  for (;;) {
    const { againInMs, unread } = await followReports(run, request.connector, counts, errors)
    if (unread !== undefined) throw unread
    if (againInMs === undefined) {
      // A report may have brought forth what is due again: a number that changed while the old one was on its way.
      await guardRaises(run, request.connector.channel, request.guard)
      const { due } = await countDue(run.db, request.connector.channel, run.clock.now())
      if (due === 0) return
      await sendAll(run, request.connector, counts, errors)
      if ((await countDue(run.db, request.connector.channel, run.clock.now())).reported === 0) return
      continue
    }
    if (run.clock.now() + againInMs > until) return
    await run.clock.sleep(againInMs, run.signal)
  }
}
