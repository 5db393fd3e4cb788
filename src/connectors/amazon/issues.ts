import { PermanentError, type VendorCallFacts } from '../../core/errors.ts'
import type { QuantityOutcome } from '../../core/ports/marketplace.ts'
import { safeText } from '../http/classify.ts'
import type { WireIssue } from './wire-stock.ts'

/** How Amazon says that there is no such SKU. */
const NO_SUCH_SKU = /\bsku\b.{0,80}\b(not found|does(n't| not) exist|unknown)\b/i
/** The same as a code; the number is that of the older feeds. */
const NO_SUCH_SKU_CODES = new Set(['13013', 'NOT_FOUND'])

/** A yes; what Amazon remarks beside it is kept. */
export function acceptedWith(issues: readonly WireIssue[]): QuantityOutcome {
  const note = wordsOf(issues)
  return note === '' ? { status: 'accepted' } : { status: 'accepted', note }
}

/** A definite no, in Amazon's words. */
export function refusedWith(issues: readonly WireIssue[], facts: VendorCallFacts): QuantityOutcome {
  const errors = issues.filter(isError)
  const words = wordsOf(errors.length > 0 ? errors : issues)
  if (issues.some(saysNoSuchSku)) return { status: 'unlisted', detail: words }
  return { status: 'failed', error: new PermanentError(words === '' ? 'refused without a reason' : `refused: ${words}`, facts) }
}

export function isError(issue: WireIssue): boolean {
  return issue.severity?.toUpperCase() === 'ERROR'
}

/** Code and message of the first three remarks, made safe. */
export function wordsOf(issues: readonly WireIssue[]): string {
  const texts = issues.slice(0, 3).map(({ code, message }) => safeText([code, message].filter(Boolean).join(': ')))
  return texts.filter((words) => words !== '').join('; ')
}

function saysNoSuchSku({ code = '', message = '' }: WireIssue): boolean {
  return NO_SUCH_SKU_CODES.has(code) || NO_SUCH_SKU.test(message)
}
