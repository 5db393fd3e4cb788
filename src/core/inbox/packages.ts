import type { ChannelReport } from '../channel-report.ts'
import type { Run } from '../context.ts'
import type { ShippingConnector } from '../ports/shipping.ts'
import type { IntakeCounts } from '../tracking/intake.ts'
import { intakeBatch } from '../tracking/intake-batch.ts'
import { readPackages } from '../tracking/sync-tracking.ts'
import { type DeliveryResult, type Read, type Results, whenFree } from './hands.ts'
import { retryOf } from './retry.ts'

/** When a look that showed nothing is repeated: ShipStation's lists follow its webhooks with a delay. */
const LOOK_AGAIN_MS: readonly number[] = [3_000, 10_000, 30_000]

/** Asks ShipStation for the packages that it spoke of. Nothing that was said is believed but that something was shipped. */
export async function takePackages(run: Run, shipping: ShippingConnector, reads: readonly Read<'packages'>[]): Promise<Results> {
  const results: Results = new Map()
  const batches = Map.groupBy(
    reads.filter(({ trigger }) => trigger.stream === 'shipments' && trigger.batchId !== undefined),
    ({ trigger }) => trigger.batchId ?? '',
  )
  // For several one look through the list costs fewer calls.
  const single = batches.size === 1
  if (single) {
    for (const [batchId, own] of batches) {
      if (run.signal.aborted) return results
      const report = await intakeBatch(run, shipping, batchId)
      // Asked by its number, a batch of labels shows what it holds: nothing means not yet.
      settle(results, own, report, report.counts.seen > 0, `batch ${batchId}`)
    }
  }
  for (const stream of ['shipments', 'fulfillments'] as const) {
    const own = reads.filter(
      ({ trigger }) => trigger.stream === stream && !(single && stream === 'shipments' && trigger.batchId !== undefined),
    )
    if (own.length === 0 || run.signal.aborted) continue
    const report = await readPackages(run, shipping, [stream])
    settle(results, own, report, report.counts.new > 0, `new ${stream}`)
  }
  return results
}

function settle(
  results: Results,
  reads: readonly Read<'packages'>[],
  report: ChannelReport<IntakeCounts>,
  shown: boolean,
  what: string,
): void {
  for (const { delivery } of reads) results.set(delivery.id, resultOf(report, delivery.attempts, shown, what))
}

function resultOf(report: ChannelReport<IntakeCounts>, attempts: number, shown: boolean, what: string): DeliveryResult {
  const { outcome, counts } = report
  if (outcome === 'held elsewhere') return whenFree()
  if (outcome !== 'done') return retryOf(report, attempts)
  const inMs = shown ? undefined : LOOK_AGAIN_MS[attempts]
  if (inMs !== undefined)
    return { status: 'later', inMs, why: `${what}: nothing is shown yet`, kind: 'retryable', spends: true, looked: true }
  const found = shown
    ? `${counts.seen} package(s), ${counts.new} new, ${counts.to_confirm} to confirm`
    : 'nothing was shown; the poll looks on'
  return { status: 'done', outcome: `${what}: ${found}`, ...(shown ? {} : { unproven: true }) }
}
