import { type ConnectorError, PermanentError, RetryableError } from '../../core/errors.ts'
import { type QuantityUpdate, skuKeyOf } from '../../core/model/stock.ts'
import type { QuantityOutcome, QuantityReport } from '../../core/ports/marketplace.ts'
import { safeText } from '../http/classify.ts'
import { readAnswer } from '../http/json.ts'
import { assertOwnAnswer, type MiraklClient, type MiraklRequest } from './client.ts'
import { type RefusedLine, readErrorReport, saysUnlisted } from './error-report.ts'
import { accepted, failed } from './outcomes.ts'
import { type ImportKey, parseKey, type StockFile, stockFileOf } from './stock-file.ts'
import { STATUS_RATE } from './stock-plan.ts'
import { type WireImportStatus, wireImportStatus } from './wire.ts'

const ASK_AGAIN_MS = 16_000
/** Once a minute at most, and a second more, as {@link STATUS_RATE} has. */
const REPORT_RATE = { bucket: 'stock-report', rule: { perSecond: 1 / 61, burst: 1 } }
/** After this long it is asked as seldom as the vendor recommends (contract sections 7 and 8). */
const SLOW_AFTER_MS = 30 * 60_000
const ASK_SLOWLY_MS = 5 * 60_000
const GIVE_UP_AFTER_MS = 24 * 3600_000

/** What is known of a finished import. */
interface Finished {
  readonly sent: readonly QuantityUpdate[]
  /** The file as it was sent; undefined when `sent` is only a part of it. */
  readonly file: StockFile | undefined
  readonly lines: number
  readonly status: WireImportStatus
  /** Undefined when there is no report or it cannot be had. */
  readonly refused: readonly RefusedLine[] | undefined
}

/**
 * STO02, and STO03 when lines were refused (contract sections 6 and 8). An import that waits is asked about for a day and never sent again
 * meanwhile. A line that is not named is accepted only when nothing is left to doubt: all refused lines could be matched, and the
 * platform's own counts agree. Otherwise it fails as retryable, which costs no more than sending an absolute quantity again.
 */
export async function readQuantityReport(
  client: MiraklClient,
  report: string,
  sent: readonly QuantityUpdate[],
  sentAt: number,
  signal: AbortSignal,
): Promise<QuantityReport> {
  const facts = { account: client.gate.account, operation: 'STO02' }
  const key = parseKey(report)
  if (key === undefined) return allFailed(sent, new RetryableError('the import cannot be told from its note', facts))
  const status = await readStatus(client, key, signal)
  if (status === undefined) return allFailed(sent, new RetryableError('the marketplace does not know the import', facts))
  if (status.status === 'COMPLETE' || status.status === 'FAILED') {
    const refused = hasErrors(status) ? await readRefusals(client, key, signal) : []
    const file = stockFileOf(sent)
    return settle(client, { sent, file: file.digest === key.digest ? file : undefined, lines: key.lines, status, refused })
  }

  const ageMs = client.gate.clock.now() - sentAt
  const said = safeText(status.status)
  if (ageMs > GIVE_UP_AFTER_MS) return allFailed(sent, new RetryableError(`the import is still ${said} after a day`, facts))
  if (ageMs <= SLOW_AFTER_MS) return { state: 'running', againInMs: ASK_AGAIN_MS }
  const minutes = Math.round(ageMs / 60_000)
  client.gate.log.warn({ channel: client.settings.channel, status: said, minutes }, 'a stock import is slow to be worked on')
  return { state: 'running', againInMs: ASK_SLOWLY_MS }
}

function hasErrors(status: WireImportStatus): boolean {
  return status.has_error_report === true || (status.lines_in_error ?? 0) > 0
}

async function readStatus(client: MiraklClient, key: ImportKey, signal: AbortSignal): Promise<WireImportStatus | undefined> {
  const request: MiraklRequest = {
    operation: 'STO02',
    method: 'GET',
    path: `${pathOf(key)}/status`,
    rate: STATUS_RATE,
    expect: [404],
  }
  const answer = await client.send(request, signal)
  if (answer.status !== 404) return readAnswer(client.gate.account, client.callOf(request), answer, wireImportStatus)
  assertOwnAnswer(client, request, answer)
  return undefined
}

async function readRefusals(
  client: MiraklClient,
  key: ImportKey,
  signal: AbortSignal,
): Promise<readonly RefusedLine[] | undefined> {
  const request: MiraklRequest = {
    operation: 'STO03',
    method: 'GET',
    path: `${pathOf(key)}/error_report`,
    accept: 'text/csv',
    rate: REPORT_RATE,
    expect: [404, 410],
  }
  const answer = await client.send(request, signal)
  if (answer.status === 404 || answer.status === 410) {
    assertOwnAnswer(client, request, answer)
    return undefined
  }
  // Reasons are words of the marketplace's, kept and shown like a refusal.
  const lines = readErrorReport(client.gate.clean(answer).body.toString('utf8'))
  if (lines !== undefined) return lines
  const what = `the error report is no table (${answer.headers['content-type'] ?? 'no content type'}, ${answer.body.length} bytes)`
  throw new RetryableError(what, client.factsOf(request, answer))
}

function pathOf({ importId }: ImportKey): string {
  return `/api/offers/stock/imports/${encodeURIComponent(importId)}`
}

function settle(client: MiraklClient, finished: Finished): QuantityReport {
  const facts = { account: client.gate.account, operation: 'STO03' }
  const { reasons, inDoubt, unmatched } = matchLines(finished)
  const doubt = doubtOf(finished, unmatched)
  const outcomes = finished.sent.map(({ sku }): QuantityOutcome => {
    const reason = reasons.get(sku)
    if (reason !== undefined) {
      const words = safeText(reason)
      return saysUnlisted(reason.replaceAll(sku, ''))
        ? { status: 'unlisted', detail: words }
        : failed(new PermanentError(`refused: ${words}`, facts))
    }
    if (doubt !== undefined) return failed(new RetryableError(doubt, facts))
    if (inDoubt.has(sku)) return failed(new RetryableError('the error report names a line that may be this one', facts))
    return accepted()
  })
  return { state: 'done', outcomes }
}

/** Why a line that the report does not name cannot be believed to have been taken; undefined when it can. */
function doubtOf({ status, refused, lines }: Finished, unmatched: number): string | undefined {
  if (status.status === 'FAILED') return 'the import failed as a whole'
  if (refused === undefined) return 'the import has errors, and its report cannot be had'
  if (unmatched > 0) return `the error report has ${unmatched} line(s) that cannot be matched with a SKU`
  const inError = status.lines_in_error ?? Math.max(refused.length, status.has_error_report === true ? 1 : 0)
  if (inError > refused.length) return `${inError} lines were refused, and the error report names ${refused.length}`
  const counted = status.lines_in_success == null ? lines : status.lines_in_success + inError
  return counted < lines ? `the marketplace has counted ${counted} of ${lines} lines` : undefined
}

interface Matched {
  /** SKU -> why it was refused. */
  readonly reasons: ReadonlyMap<string, string>
  /** One of two neighbours was refused, and it cannot be told which. */
  readonly inDoubt: ReadonlySet<string>
  readonly unmatched: number
}

/** By SKU where the report has one; else by line number, if the file can be made again. */
function matchLines({ sent, file, refused = [] }: Finished): Matched {
  const known = new Set(sent.map(({ sku }) => sku))
  const spellings = bareSpellings(sent)
  const reasons = new Map<string, string>()
  const inDoubt = new Set<string>()
  const headerLines = headerLinesOf(refused, file)
  let unmatched = 0
  for (const { sku, line, reason } of refused) {
    const own = sku === undefined || known.has(sku) ? sku : spellings.get(skuKeyOf(sku))
    if (own !== undefined) reasons.set(own, reason)
    // Settled before: no business of this reading.
    else if (sku !== undefined && file === undefined) continue
    else {
      const rows = headerLines.flatMap((header) => file?.rows[(line ?? 0) - 1 - header] ?? [])
      const [only] = rows
      if (only === undefined || sku !== undefined) unmatched += 1
      else if (headerLines.length === 1) reasons.set(only.sku, reason)
      else for (const row of rows) inDoubt.add(row.sku)
    }
  }
  return { reasons, inDoubt, unmatched }
}

/** SKUs by their bare spelling, where it is no other's. */
function bareSpellings(sent: readonly QuantityUpdate[]): ReadonlyMap<string, string> {
  const spellings = new Map<string, string>()
  const shared = new Set<string>()
  for (const { sku } of sent) {
    const bare = skuKeyOf(sku)
    if (spellings.has(bare)) shared.add(bare)
    spellings.set(bare, sku)
  }
  for (const bare of shared) spellings.delete(bare)
  return spellings
}

/** Whether line 1 is the header or the first row: the vendor does not say, but a report may show it. Several: it cannot be told. */
function headerLinesOf(refused: readonly RefusedLine[], file: StockFile | undefined): readonly number[] {
  if (file === undefined) return []
  const numbers = refused.flatMap(({ line }) => line ?? [])
  if (numbers.some((line) => line > file.rows.length)) return [1]
  if (numbers.includes(1)) return [0]
  return [0, 1]
}

function allFailed(sent: readonly QuantityUpdate[], error: ConnectorError): QuantityReport {
  return { state: 'done', outcomes: sent.map(() => failed(error)) }
}
