import type { Run, RunProblem } from '../context.ts'
import { awaitedReports, sentUnder } from '../db/publication-claims.ts'
import { type ConnectorError, isConnectorError, RefusedByDryRun, RetryableError } from '../errors.ts'
import type { MarketplaceConnector } from '../ports/marketplace.ts'
import { type PublishCounts, settleOutcomes } from './publish-results.ts'

export interface FollowedReports {
  /** Milliseconds until the first of those that are not ready should be asked for again; undefined when none is left. */
  readonly againInMs?: number
  /** The first that could not be read: it stays awaited, and says nothing against sending. */
  readonly unread?: ConnectorError
}

/**
 * Reads every report that is awaited and settles what it tells. One that cannot be read now is left for later; one that can never be read
 * makes its quantities due again. Throws AuthError.
 */
export async function followReports(
  run: Run,
  connector: MarketplaceConnector,
  counts: PublishCounts,
  errors: RunProblem[],
): Promise<FollowedReports> {
  const { channel } = connector
  let again: number | undefined
  let unread: ConnectorError | undefined
  for (const { report, sent_at } of await awaitedReports(run.db, channel)) {
    const items = await sentUnder(run.db, channel, report)
    const sent = items.map((item) => ({ channel, sku: item.sku, quantity: item.sent }))
    const read = connector.readQuantityReport?.bind(connector)
    if (read === undefined) throw new Error(`${channel} promised the report ${report} and cannot read reports`)
    const handed = { channel, holder: { report }, items } as const
    try {
      const state = await read(report, sent, sent_at, run.signal)
      if (state.state === 'running') {
        again = Math.min(again ?? state.againInMs, state.againInMs)
        continue
      }
      if (state.outcomes.length !== items.length)
        throw new Error(`${channel}: report ${report} tells of ${state.outcomes.length} quantities, ${items.length} were sent`)
      await settleOutcomes(run, { ...handed, outcomes: state.outcomes }, counts, errors)
    } catch (error) {
      if (error instanceof RefusedByDryRun) continue
      if (!isConnectorError(error) || error.kind === 'auth') throw error
      if (error.kind === 'permanent') {
        const lost = new RetryableError(`the report ${report} cannot be read: ${error.message}`, error, { cause: error })
        await settleOutcomes(run, { ...handed, outcomes: items.map(() => ({ status: 'failed', error: lost })) }, counts, errors)
        continue
      }
      unread ??= error
    }
  }
  return { ...(again === undefined ? {} : { againInMs: again }), ...(unread === undefined ? {} : { unread }) }
}
