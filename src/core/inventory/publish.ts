import { type ChannelReport, verdictOf } from '../channel-report.ts'
import type { Run, Verdict } from '../context.ts'
import { raiseAlert, resolveAlert } from '../db/alerts.ts'
import { dueAgain, type PublicationState } from '../db/publications.ts'
import { clearMarks, markedSkus } from '../db/stock.ts'
import type { MarketplaceConnector } from '../ports/marketplace.ts'
import type { HeldBrake } from './brakes.ts'
import { publishChannel } from './publish-channel.ts'
import type { PublishCounts } from './publish-results.ts'
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
  const marks = await markedSkus(run.db, MOST_MARKS)
  const skus = what === 'all' ? undefined : what === 'marked' ? marks.map(({ sku }) => sku) : what
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
  const channels = await Promise.all(
    connectors.map(async (connector) => {
      if (scope.again !== undefined) {
        const which = { states: scope.again, ...(what === 'all' || what === 'marked' ? {} : { skus: what }) }
        await dueAgain(run.db, connector.channel, which, at)
      }
      const request = { connector, guard: book.effective.raiseGuard, relist: what === 'all', waitMs: scope.waitMs }
      return publishChannel(run, request)
    }),
  )
  return { ...(recomputed === undefined ? {} : { recomputed }), channels, brakes: [], verdict: verdictOf(channels) }
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
