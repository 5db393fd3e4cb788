import type { ChannelReport } from '../channel-report.ts'
import type { DeliveryResult } from './hands.ts'

const FIRST_MS = 5_000
const LONGEST_MS = 300_000

/** Tries of a delivery whose vendor does not answer: with these waits about a day. Whatever it spoke of, the polls have brought it by then. */
export const MOST_TRIES = 290

/** A delivery whose work failed or was done in part: again, later each time. The account's own alert tells people about it. */
export function retryOf(report: Pick<ChannelReport<unknown>, 'channel' | 'errors'>, attempts: number): DeliveryResult {
  const why = report.errors[0]?.why ?? `${report.channel}: the work was not finished`
  return { status: 'later', inMs: waitFor(attempts), why, kind: 'retryable', spends: true }
}

export function waitFor(attempts: number): number {
  return Math.min(FIRST_MS * 2 ** Math.min(attempts, 10), LONGEST_MS)
}
