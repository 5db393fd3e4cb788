import { PermanentError, RetryableError, type VendorCallFacts } from '../../core/errors.ts'
import type { QuantityUpdate } from '../../core/model/stock.ts'
import type { QuantityOutcome, QuantityReport } from '../../core/ports/marketplace.ts'
import { readAnswer } from '../http/json.ts'
import type { AmazonClient } from './client.ts'
import { getDocument } from './documents.ts'
import { acceptedWith, isError, refusedWith, wordsOf } from './issues.ts'
import { type FeedReference, messageIdOf, referenceOf } from './message-ids.ts'
import { feedDocumentReply, feedReply, type ProcessingReport, processingReport } from './wire-stock.ts'

const ASK_AGAIN_MS = 20_000
/** Reports are handed out one in 45 s once ten were had (contract section 3, step 5). */
const READ_AGAIN_MS = 60_000
/** Feeds take minutes. One that is under way for so long is stuck, or its report cannot be had (contract section 3, step 4). */
const GIVE_UP_MS = 6 * 60 * 60_000

type Ended = 'DONE' | 'FATAL' | 'CANCELLED'

/**
 * What became of a feed (contract section 3, steps 4 and 5). `sent` may be any part of it: a message's number follows from its SKU. A feed
 * that Amazon does not know, that is stuck, or whose report cannot be read fails as retryable with an unknown outcome, for some of it may
 * have been carried out; before six hours are over the last two are `running`, so that nothing else has to wait for one bad report.
 */
export async function readFeedReport(
  client: AmazonClient,
  report: string,
  sent: readonly QuantityUpdate[],
  sentAt: number,
  signal: AbortSignal,
): Promise<QuantityReport> {
  const reference = referenceOf(report)
  const overdue = client.gate.clock.now() - sentAt > GIVE_UP_MS
  try {
    const found = await readOutcomes(client, reference, sent, signal)
    if ('outcomes' in found) return { state: 'done', outcomes: found.outcomes }
    if (!overdue) return { state: 'running', againInMs: found.againInMs }
    return allUnknown(client, sent, `feed ${reference.feedId} is ${found.missing} for more than six hours: given up`)
  } catch (error) {
    const lost = error instanceof PermanentError || (overdue && error instanceof RetryableError)
    if (!lost) throw error
    return allUnknown(client, sent, `the report of feed ${reference.feedId} cannot be had: ${error.message}`)
  }
}

type Found =
  | { readonly outcomes: readonly QuantityOutcome[] }
  /** What there is instead, in words. */
  | { readonly missing: string; readonly againInMs: number }

async function readOutcomes(
  client: AmazonClient,
  { feedId, salt }: FeedReference,
  sent: readonly QuantityUpdate[],
  signal: AbortSignal,
): Promise<Found> {
  const request = { operation: 'getFeed', path: { feedId } } as const
  const { processingStatus = 'without a status', resultFeedDocumentId } = await client.read(request, feedReply, signal)
  if (!isEnded(processingStatus)) return { missing: processingStatus, againInMs: ASK_AGAIN_MS }
  // Done does not mean accepted: without its report nothing is known.
  if (resultFeedDocumentId === undefined && processingStatus === 'DONE')
    return { missing: 'DONE without a report', againInMs: ASK_AGAIN_MS }
  const empty: ProcessingReport = { issues: [], summary: undefined }
  const report = resultFeedDocumentId === undefined ? empty : await readReport(client, feedId, resultFeedDocumentId, signal)
  if (report === undefined) return { missing: `${processingStatus} with a report that cannot be read`, againInMs: READ_AGAIN_MS }
  return { outcomes: outcomesOf(client, { feedId, salt, status: processingStatus, report }, sent) }
}

/** Undefined, and a line in the log, when it cannot be read this time. */
async function readReport(
  client: AmazonClient,
  feedId: string,
  feedDocumentId: string,
  signal: AbortSignal,
): Promise<ProcessingReport | undefined> {
  const { gate } = client
  const { account, log } = gate
  const request = { operation: 'getFeedDocument', path: { feedDocumentId } } as const
  const { url } = await client.read(request, feedDocumentReply, signal)
  try {
    const { call, answer } = await getDocument(client, url, 'downloadFeedDocument', signal)
    // Issues are words of Amazon's, kept and shown like a refusal.
    return readAnswer(account, call, gate.clean(answer), processingReport)
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error
    log.warn({ channel: account, step: 'inventory', feed: feedId, error: error.message }, 'report of a feed cannot be read yet')
    return undefined
  }
}

interface EndedFeed extends FeedReference {
  readonly status: Ended
  readonly report: ProcessingReport
}

type ReportIssue = ProcessingReport['issues'][number]

/**
 * Only problems are listed: in a feed that is DONE, what has no ERROR row was accepted, unless an error concerns the feed as a whole or
 * Amazon counts fewer accepted messages than that. A feed that ended otherwise has accepted nothing that could be relied on.
 */
function outcomesOf(client: AmazonClient, feed: EndedFeed, sent: readonly QuantityUpdate[]): readonly QuantityOutcome[] {
  const facts = { account: client.gate.account, operation: 'getFeed' }
  const { byMessage, bySku, general } = indexOf(feed.report.issues)
  const judged = sent.map(({ sku }) => {
    const issues = [...new Set([...(byMessage.get(messageIdOf(sku, feed.salt)) ?? []), ...(bySku.get(sku) ?? [])])]
    return issues.some(isError) ? refusedWith(issues, facts) : acceptedWith(issues)
  })
  const doubt = doubtOf(feed, general, judged.filter((outcome) => outcome.status === 'accepted').length)
  if (doubt === undefined) return judged
  const failed: QuantityOutcome = {
    status: 'failed',
    error: new RetryableError(doubt, { ...facts, outcomeUnknown: feed.status !== 'CANCELLED' }),
  }
  return judged.map((outcome) => (outcome.status === 'accepted' ? failed : outcome))
}

/** Why silence about an item cannot be read as its acceptance. */
function doubtOf({ feedId, status, report }: EndedFeed, general: readonly ReportIssue[], accepted: number): string | undefined {
  const words = wordsOf(general)
  const said = words === '' ? '' : `: ${words}`
  if (status !== 'DONE') return `feed ${feedId} ended ${status}${said}`
  if (general.length > 0) return `feed ${feedId} has an error of its own${said}`
  const counted = report.summary?.messagesAccepted
  if (counted === undefined || counted >= accepted) return undefined
  return `feed ${feedId} counts ${counted} accepted messages, but no error for ${accepted}`
}

/** Rows by the message they name, by the SKU they name, and errors that name neither. */
function indexOf(issues: readonly ReportIssue[]) {
  const byMessage = grouped(issues, (issue) => issue.messageId)
  const bySku = grouped(issues, (issue) => issue.sku)
  const general = issues.filter((issue) => isError(issue) && issue.messageId === undefined && issue.sku === undefined)
  return { byMessage, bySku, general }
}

function grouped<Key>(
  issues: readonly ReportIssue[],
  keyOf: (issue: ReportIssue) => Key | undefined,
): ReadonlyMap<Key, readonly ReportIssue[]> {
  const groups = new Map<Key, ReportIssue[]>()
  for (const issue of issues) {
    const key = keyOf(issue)
    if (key === undefined) continue
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [issue])
    else group.push(issue)
  }
  return groups
}

function allUnknown(client: AmazonClient, sent: readonly QuantityUpdate[], why: string): QuantityReport {
  const facts: VendorCallFacts = { account: client.gate.account, operation: 'getFeed' }
  const error = new RetryableError(why, { ...facts, outcomeUnknown: true })
  return { state: 'done', outcomes: sent.map(() => ({ status: 'failed', error })) }
}

function isEnded(status: string): status is Ended {
  return status === 'DONE' || status === 'FATAL' || status === 'CANCELLED'
}
