import { type ChannelReport, leftAlone, verdictOf } from '../channel-report.ts'
import type { Run, Verdict } from '../context.ts'
import { raiseAlert, resolveAlert } from '../db/alerts.ts'
import { readCursor } from '../db/cursors.ts'
import { dueAgain, type PublicationState, unsettledSkus } from '../db/publications.ts'
import { clearMarks, markedSkus } from '../db/stock.ts'
import type { ChannelCode } from '../model/channel.ts'
import type { MarketplaceConnector } from '../ports/marketplace.ts'
import type { HeldBrake } from './brakes.ts'
import { publishChannel } from './publish-channel.ts'
import { noPublishCounts, type PublishCounts } from './publish-results.ts'
import { type Recomputed, recompute } from './recompute.ts'
import type { RuleBook } from './rules.ts'

/** SKUs that are marked at once in the books of a run. */
const MOST_MARKS = 100_000

export interface PublishReport {
  /** What every channel should show, and how much of it is new. Undefined: nothing was to be recomputed. */
  readonly recomputed?: Recomputed
  readonly channels: readonly ChannelReport<PublishCounts>[]
  readonly brakes: readonly HeldBrake[]
  readonly verdict: Verdict
}

export interface PublishScope {
  readonly book: RuleBook
  /** Enabled channels; those whose inventory is paused are left out here. */
  readonly connectors: readonly MarketplaceConnector[]
  /** All stock, these SKUs, or those that were marked. */
  readonly what: 'all' | 'marked' | readonly string[]
  readonly overrideBrake: boolean
  /** Send these again though nothing about them has changed. */
  readonly again?: readonly PublicationState[]
  readonly waitMs: number
}

/**
 * Recomputes what channels should show and tells every channel what is due, channels side by side. A brake that bites publishes nothing
 * anywhere, raises an alert and gives the verdict `held`.
 */
export async function publishStock(run: Run, scope: PublishScope): Promise<PublishReport> {
  const { book, what, overrideBrake } = scope
  // Before anything is worked out: orders that another process reads from now on are not in the numbers, and let no raise go.
  const pulledAt = await pulledOf(run, scope)
  const marks = await markedSkus(run.db, MOST_MARKS)
  const asked = what === 'marked' ? marks.map(({ sku }) => sku) : what
  // What has waited was worked out before the orders that it waited for.
  const skus = asked === 'all' ? undefined : [...new Set([...asked, ...(await unsettledSkus(run.db, book.channels))])]
  const recomputed =
    skus !== undefined && skus.length === 0
      ? undefined
      : await recompute(run, { book, overrideBrake, ...(skus === undefined ? {} : { skus }) })
  if (recomputed !== undefined && recomputed.brakes.length > 0) {
    await alertBrakes(run, recomputed.brakes)
    return { recomputed, channels: [], brakes: recomputed.brakes, verdict: 'held' }
  }
  const at = run.clock.now()
  if (what === 'all') {
    if (recomputed?.soldOut === 0) await resolveAlert(run.db, 'sold-out', 'inventory', at)
    for (const { channel } of scope.connectors) await resolveAlert(run.db, 'publish-brake', channel, at)
  }
  if (skus === undefined || what === 'marked') await clearMarks(run.db, marks)
  const connectors = scope.connectors.filter(({ channel }) => book.channels.includes(channel))
  const alone = book.paused
    .filter((pause) => scope.connectors.some(({ channel }) => channel === pause.channel))
    .map(({ channel, text }) => leftAlone(channel, noPublishCounts, text))
  const told = await Promise.all(
    connectors.map(async (connector) => {
      if (scope.again !== undefined && scope.again.length > 0) {
        const which = { states: scope.again, ...(what === 'all' || what === 'marked' ? {} : { skus: what }) }
        await dueAgain(run.db, connector.channel, which, at)
      }
      const guard = { on: book.effective.raiseGuard !== 'off', pulledAt: pulledAt.get(connector.channel) }
      return publishChannel(run, { connector, guard, relist: what === 'all', waitMs: scope.waitMs })
    }),
  )
  const channels = [...told, ...alone]
  return { ...(recomputed === undefined ? {} : { recomputed }), channels, brakes: [], verdict: verdictOf(channels) }
}

/** How far each channel's orders are known, epoch ms; absent: not at all. */
async function pulledOf(run: Run, { book, connectors }: PublishScope): Promise<ReadonlyMap<ChannelCode, number>> {
  const stream = book.effective.raiseGuard === 'covered' ? 'orders' : 'pulled'
  const known = new Map<ChannelCode, number>()
  for (const { channel } of connectors) {
    const cursor = await readCursor(run.db, channel, stream)
    if (cursor !== undefined) known.set(channel, cursor.at)
  }
  return known
}

async function alertBrakes(run: Run, brakes: readonly HeldBrake[]): Promise<void> {
  for (const { where, what, why } of brakes) {
    run.log.error({ channel: where, step: 'inventory', why }, 'brake: nothing is published')
    await raiseAlert(
      run.db,
      {
        id: run.ids.next(),
        rule: 'publish-brake',
        channel: where,
        severity: 'critical',
        message: `${what}: ${why}. Nothing was published`,
        next: 'isync alloc:preview --changed shows what would be sent; isync inventory:rebalance --all --override-brake lets one run pass',
      },
      run.clock.now(),
    )
  }
}
