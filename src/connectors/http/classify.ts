import {
  AuthError,
  type ConnectorError,
  PermanentError,
  RetryableError,
  ThrottledError,
  type VendorCallFacts,
} from '../../core/errors.ts'
import type { VendorAnswer, VendorCall } from '../../core/ports/gate.ts'

export interface ClassifyHints {
  /** Wait for a 429 in milliseconds, already read from this vendor's headers. */
  readonly waitMs: number
  /** Message of the vendor's error body, already made safe by {@link safeText}. */
  readonly message: string
  readonly requestId?: string
}

/**
 * What a vendor's answer means where its contract says nothing special: 429 throttled, 401/403 auth, 408, redirects and 5xx retryable (outcome
 * unknown for writes), every other 4xx permanent. Undefined for 2xx.
 */
export function errorOf(
  account: string,
  call: VendorCall,
  answer: VendorAnswer,
  hints: ClassifyHints,
): ConnectorError | undefined {
  const { status } = answer
  if (status >= 200 && status < 300) return undefined
  const facts: VendorCallFacts = {
    account,
    operation: call.operation,
    status,
    ...(hints.requestId === undefined ? {} : { requestId: hints.requestId }),
  }
  // What a failing server says about a question of ours mends nothing, and may be about anybody.
  const words = call.effect === 'read' && status >= 500 ? '' : hints.message
  const what = words === '' ? `answered ${status}` : `answered ${status}: ${words}`
  if (status === 429) return new ThrottledError(what, { ...facts, waitMs: hints.waitMs })
  if (status === 401 || status === 403) return new AuthError(what, facts)
  // No vendor's API redirects; what stands in front of it does, while it is mended. Where to is not followed: it would be shown our credentials.
  const isElsewhere = status >= 300 && status < 400
  if (status === 408 || status >= 500 || isElsewhere)
    return new RetryableError(what, { ...facts, outcomeUnknown: call.effect === 'write' })
  return new PermanentError(what, facts)
}

const LONGEST_TEXT = 200

/**
 * A vendor's text made fit for logs, errors and terminals: one line, no control or direction characters, e-mail addresses and long
 * digit runs masked, at most 200 characters and no word cut in two: a part of a name would not be known for one.
 */
export function safeText(text: string): string {
  const clean = text
    .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .replace(/[^\s@<>"']+@[^\s@<>"']+\.[^\s@<>"']+/g, '<e-mail>')
    .replace(/\+?\d[\d\s().-]{8,}\d/g, (run) => (/^\d{3}-\d{7}-\d{7}$/.test(run) ? run : '<digits>'))
    .replace(/\s+/g, ' ')
    .trim()
  return clean.length <= LONGEST_TEXT
    ? clean
    : clean
        .slice(0, LONGEST_TEXT + 1)
        .replace(/\S*$/, '')
        .trimEnd()
}
