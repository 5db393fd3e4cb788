import type { Run } from '../context.ts'
import { countDue } from '../db/publications.ts'
import { markedSkus } from '../db/stock.ts'
import { type PublishReport, publishStock } from '../inventory/publish.ts'
import { loadRuleBook } from '../inventory/rules.ts'
import { alertStale } from '../inventory/stale.ts'
import type { MarketplaceConnector } from '../ports/marketplace.ts'
import { type PullChannelsRequest, type PullReport, pullChannels } from './pull-channels.ts'

export interface PullAndPublishReport extends PullReport {
  /** Undefined: no SKU was left with little, and nothing was waiting. */
  readonly published?: PublishReport
}

/**
 * Pulls orders and, before it ends, tells every channel about SKUs that the orders left with little, and whatever else waited for the pull.
 * `publishers`: every channel stock goes to, also those that are not pulled now.
 */
export async function pullAndPublish(
  run: Run,
  request: PullChannelsRequest,
  publishers: readonly MarketplaceConnector[],
): Promise<PullAndPublishReport> {
  const pulled = await pullChannels(run, request)
  if (run.signal.aborted) return pulled
  const book = await loadRuleBook(run)
  await alertStale(run, book.effective)
  if (!(await somethingWaits(run, publishers))) return pulled
  const published = await publishStock(run, {
    book,
    connectors: publishers,
    what: 'marked',
    overrideBrake: false,
    // Cron pulls often: a report that takes its time is read by the next run.
    waitMs: 0,
  })
  // Orders are safe whatever becomes of the numbers: a brake or a failure there is part of the story, not the whole.
  const verdict = published.verdict === 'done' || pulled.verdict === 'vendor-down' ? pulled.verdict : 'partly'
  return { ...pulled, published, verdict: published.verdict === 'held' ? 'held' : verdict }
}

async function somethingWaits(run: Run, publishers: readonly MarketplaceConnector[]): Promise<boolean> {
  if ((await markedSkus(run.db, 1)).length > 0) return true
  for (const { channel } of publishers) {
    const { due, held, reported } = await countDue(run.db, channel, run.clock.now())
    if (due + held + reported > 0) return true
  }
  return false
}
