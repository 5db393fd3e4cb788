import { PermanentError, RetryableError } from '../../../core/errors.ts'
import { type QuantityUpdate, skuKeyOf } from '../../../core/model/stock.ts'
import type { QuantityOutcome, QuantityReport } from '../../../core/ports/marketplace.ts'
import { safeText } from '../../http/classify.ts'
import type { DscoClient } from './client.ts'
import { type LogReading, readLog, verdictOf } from './log.ts'
import { warningsIn, wordsOf } from './messages.ts'
import { accepted, failed } from './outcomes.ts'
import type { WireLogEntry } from './wire.ts'

const LOG = 'inventory/log'
const ASK_AGAIN_MS = 10_000
/** After this long it is asked seldom (contract section 6). */
const SLOW_AFTER_MS = 15 * 60_000
const ASK_SLOWLY_MS = 60_000
/** As long as the vendor itself wants failed calls repeated: a quantity that old is worth nothing. */
const GIVE_UP_AFTER_MS = 2 * 3600_000

/**
 * The log of a batch, to its end (contract section 5). While Dsco works on it nothing is sent again. A SKU that the finished log does not
 * name fails as retryable, which costs no more than sending an absolute quantity again.
 */
export async function readQuantityReport(
  client: DscoClient,
  report: string,
  sent: readonly QuantityUpdate[],
  sentAt: number,
  signal: AbortSignal,
): Promise<QuantityReport> {
  const areTold = ({ entries }: LogReading): boolean => {
    // Page by page all of a long log would be sorted again and again.
    if (entries.length < sent.length) return false
    const named = grouped(entries)
    return sent.every(({ sku }) => verdictFor(named, sku)?.status === 'success')
  }
  const { isComplete, entries } = await readLog(client, LOG, { requestId: report }, signal, areTold)
  const ageMs = client.gate.clock.now() - sentAt
  const isOver = isComplete || ageMs > GIVE_UP_AFTER_MS
  const bySku = grouped(entries)
  const verdicts = sent.map(({ sku }) => verdictFor(bySku, sku))
  if (!isOver && !verdicts.every(isDecided))
    return { state: 'running', againInMs: ageMs > SLOW_AFTER_MS ? ASK_SLOWLY_MS : ASK_AGAIN_MS }
  const facts = client.factsOf({ operation: LOG })
  const doubt = isComplete ? 'the log does not tell of the SKU' : 'the batch has not been worked on after two hours'
  return {
    state: 'done',
    outcomes: verdicts.map((entry, at) =>
      isDecided(entry) ? outcomeOf(client, entry, sent[at]?.sku ?? '') : failed(new RetryableError(doubt, facts)),
    ),
  }
}

/** By the SKU as it is spelled, and by its key: Dsco may spell it its own way. */
function grouped(entries: readonly WireLogEntry[]): ReadonlyMap<string, readonly WireLogEntry[]> {
  const bySku = new Map<string, WireLogEntry[]>()
  for (const entry of entries) {
    const sku = entry.payload?.sku ?? ''
    for (const key of new Set([sku, skuKeyOf(sku)])) {
      const known = bySku.get(key)
      if (known === undefined) bySku.set(key, [entry])
      else known.push(entry)
    }
  }
  return bySku
}

function verdictFor(bySku: ReadonlyMap<string, readonly WireLogEntry[]>, sku: string): WireLogEntry | undefined {
  return verdictOf(bySku.get(sku) ?? bySku.get(skuKeyOf(sku)) ?? [])
}

function isDecided(entry: WireLogEntry | undefined): entry is WireLogEntry {
  return entry?.status === 'success' || entry?.status === 'failure'
}

function outcomeOf(client: DscoClient, { status, results }: WireLogEntry, sku: string): QuantityOutcome {
  if (status === 'success') return accepted(warningsIn(results))
  const words = wordsOf(results)
  if (saysUnlisted((results ?? []).map((one) => [one.code, one.description].join(' ')).join(' '), sku))
    return { status: 'unlisted', detail: words }
  const what = `refused: ${words === '' ? 'no reason given' : safeText(words)}`
  return failed(new PermanentError(what, client.factsOf({ operation: LOG })))
}

const ITEM = /\b(items?|sku|catalog|product)\b/i
const MISSING =
  /not[\s_-]?found|no such|(?:does|do)(?: not|n't) exist|unknown (?:item|sku|product)|not[\s_-]?exist|could not (?:be found|find)/i
const WAREHOUSE = /warehouse/i

/** Whether the reason is that the account has no such item. Which codes there are is not published, so the words count. */
function saysUnlisted(words: string, sku: string): boolean {
  const bare = words.replaceAll(sku, ' ').replaceAll(/[_-]/g, ' ')
  return ITEM.test(bare) && MISSING.test(bare) && !WAREHOUSE.test(bare)
}
