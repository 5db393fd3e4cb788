import { AuthError, type ConnectorError, PermanentError, RetryableError, ThrottledError } from '../../core/errors.ts'
import type { VendorAnswer, VendorCall } from '../../core/ports/gate.ts'
import type { Notifier } from '../../core/ports/notifier.ts'
import { safeText } from '../http/classify.ts'
import { fetchTransport } from '../http/fetch.ts'
import type { Gate } from '../http/gate.ts'
import { retryAfterMs } from '../http/wait.ts'

export interface SlackSettings {
  /** The address itself is the secret. */
  readonly webhookUrl: string
  readonly timeoutMs: number
}

/** Slack cuts what is longer than 40 000 characters; nobody reads a tenth of that. */
const LONGEST = 8_000
/** Slack takes one message a second for each webhook. */
const PACE = { bucket: 'webhook', rule: { perSecond: 1, burst: 3 } }
const WAIT_MS = 30_000

/**
 * An incoming webhook. Slack answers `ok` and gives no id, so a message of which the outcome is unknown is sent again: it may stand there
 * twice.
 */
export function createSlackNotifier(gate: Gate, settings: SlackSettings): Notifier {
  return {
    medium: 'slack',
    recipients: ['the channel of the webhook'],
    oneByOne: false,
    settleMs: 0,
    async send(message, { timeoutMs, signal }) {
      const call: VendorCall = {
        operation: 'webhook',
        effect: 'write',
        rate: PACE,
        timeoutMs: Math.min(timeoutMs ?? settings.timeoutMs, settings.timeoutMs),
        plan: [{ account: 'slack', operation: 'message', target: 'the channel of the webhook', detail: message.subject }],
      }
      const body = JSON.stringify({ text: `*${escaped(message.subject)}*\n${escaped(message.text)}`.slice(0, LONGEST) })
      const request = { url: settings.webhookUrl, method: 'POST', headers: { 'content-type': 'application/json' }, body }
      const answer = await gate.send(call, fetchTransport(request), signal)
      const error = errorFor(gate, call, answer)
      if (error instanceof AuthError) throw await gate.refuse(error)
      if (error !== undefined) throw error
      return { answer: safeText(answer.body.toString('utf8')), refused: [] }
    },
  }
}

/** A webhook that was removed, or whose channel or team is gone, is a credential that does not work any more. */
function errorFor({ account, clock }: Gate, { operation }: VendorCall, answer: VendorAnswer): ConnectorError | undefined {
  const { status } = answer
  if (status === 200) return undefined
  const facts = { account, operation, status }
  const what = `answered ${status}: ${safeText(answer.body.toString('utf8'))}`
  if (status === 429)
    return new ThrottledError(what, { ...facts, waitMs: retryAfterMs(answer.headers['retry-after'], clock.now()) ?? WAIT_MS })
  if (status === 408 || status >= 500) return new RetryableError(what, { ...facts, outcomeUnknown: true })
  if ([401, 403, 404, 410].includes(status)) return new AuthError(what, facts)
  return new PermanentError(what, facts)
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
