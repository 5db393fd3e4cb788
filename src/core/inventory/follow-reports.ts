import type { Run, RunProblem } from '../context.ts'
import { awaitedReports, sentUnder } from '../db/publication-claims.ts'
import { RefusedByDryRun } from '../errors.ts'
import type { MarketplaceConnector } from '../ports/marketplace.ts'
import { type PublishCounts, settleOutcomes } from './publish-results.ts'

/**
 * Reads every report that is awaited and settles what it tells. Returns the milliseconds until the first of those that are not ready should
 * be asked for again, undefined when none is left.
 */
export async function followReports(
  run: Run,
  connector: MarketplaceConnector,
  counts: PublishCounts,
  errors: RunProblem[],
): Promise<number | undefined> {
  const { channel } = connector
  let again: number | undefined
  for (const { report, sent_at } of await awaitedReports(run.db, channel)) {
    const items = await sentUnder(run.db, channel, report)
    const sent = items.map((item) => ({ channel, sku: item.sku, quantity: item.sent }))
    const read = connector.readQuantityReport?.bind(connector)
    if (read === undefined) throw new Error(`${channel} promised the report ${report} and cannot read reports`)
    try {
      const state = await read(report, sent, sent_at, run.signal)
      if (state.state === 'running') {
        again = Math.min(again ?? state.againInMs, state.againInMs)
        continue
      }
      await settleOutcomes(run, { channel, holder: { report }, items, outcomes: state.outcomes }, counts, errors)
    } catch (error) {
      if (!(error instanceof RefusedByDryRun)) throw error
    }
  }
  return again
}
