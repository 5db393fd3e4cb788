import {
  AuthError,
  type ConnectorError,
  PermanentError,
  RetryableError,
  ThrottledError,
  type VendorCallFacts,
} from '../../core/errors.ts'
import type { Transport, VendorAnswer, VendorCall } from '../../core/ports/gate.ts'
import type { Message, Notifier } from '../../core/ports/notifier.ts'
import { safeText } from '../http/classify.ts'
import type { Gate } from '../http/gate.ts'

export interface EmailSettings {
  readonly host: string
  readonly port: number
  /** How the connection is encrypted: `starttls` is demanded before anything else is said, `tls` from the start. */
  readonly security: 'starttls' | 'tls' | 'none'
  readonly user?: string
  readonly password?: string
  readonly from: string
  readonly to: readonly string[]
  readonly timeoutMs: number
}

const PACE = { bucket: 'messages', rule: { perSecond: 1, burst: 20 } }
const BUSY_MS = 60_000

/**
 * Mail by SMTP. Nobody can ask a mail server whether it has a message, so one of which the outcome is unknown is sent again with the same
 * Message-ID, by which mailboxes tell a repeat.
 */
export function createEmailNotifier(gate: Gate, settings: EmailSettings): Notifier {
  return {
    medium: 'email',
    recipients: settings.to,
    oneByOne: false,
    settleMs: 0,
    async send(message, { timeoutMs, signal }) {
      const longest = Math.min(timeoutMs ?? settings.timeoutMs, settings.timeoutMs)
      const refused: string[] = []
      const call: VendorCall = {
        operation: 'message',
        effect: 'write',
        rate: PACE,
        timeoutMs: longest,
        plan: settings.to.map((target) => ({ account: 'email', operation: 'message', target, detail: message.subject })),
      }
      const answer = await gate.send(call, smtp(settings, message, longest, refused), signal)
      const error = errorFor(gate, call, answer)
      if (error instanceof AuthError) throw await gate.refuse(error)
      if (error !== undefined) throw error
      return { answer: wordsOf(answer), refused }
    },
  }
}

/** The reply of the server, or its refusal, as an answer with its SMTP code; whatever else goes wrong is thrown with its code. */
function smtp(settings: EmailSettings, message: Message, timeoutMs: number, refused: string[]): Transport {
  return async (signal): Promise<VendorAnswer> => {
    const { createTransport } = await import('nodemailer')
    const { host, port, security, user, password, from, to } = settings
    const transport = createTransport({
      host,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      tls: { minVersion: 'TLSv1.2' },
      ...(user === undefined || password === undefined ? {} : { auth: { user, pass: password } }),
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    })
    try {
      const sent = await transport.sendMail({
        messageId: `<${message.id}@${from.slice(from.indexOf('@') + 1)}>`,
        date: new Date(message.createdAt),
        from: { name: 'isync', address: from },
        to: [...to],
        subject: message.subject,
        text: message.text,
        ...(message.html === undefined ? {} : { html: message.html }),
        // No machine is to answer a machine.
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        signal,
      })
      refused.push(...sent.rejected)
      return replyOf(250, sent.response)
    } catch (cause) {
      const answer = refusalOf(cause)
      if (answer !== undefined) return answer
      throw signal.aborted ? signal.reason : withSystemCode(cause)
    }
  }
}

/** What the server said no to; undefined where it said nothing, or where the trouble is the connection's. */
function refusalOf(cause: unknown): VendorAnswer | undefined {
  if (!(cause instanceof Error)) return undefined
  const { responseCode, response, code } = cause as Error & Record<'responseCode' | 'response' | 'code', unknown>
  // 538, encryption is demanded: no fault of this message, and no later one fares better until a person has seen to it.
  if (code === 'ETLS' && typeof responseCode === 'number')
    return replyOf(538, `no STARTTLS, which is demanded: ${String(response)}`)
  if (typeof responseCode === 'number' && responseCode >= 400) return replyOf(responseCode, String(response))
  // It wants no login, or none that we have: no later try is better than this one.
  return code === 'ENOAUTH' || code === 'EAUTH' ? replyOf(535, cause.message) : undefined
}

/** The package puts codes of its own over the system's, which say whether anything can have arrived. */
function withSystemCode(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause
  const { code, originalCode } = cause as Error & Record<'code' | 'originalCode', unknown>
  const system = code === 'EDNS' ? 'ENOTFOUND' : originalCode
  return typeof system === 'string' ? Object.assign(new Error(cause.message, { cause }), { code: system }) : cause
}

function replyOf(status: number, text: string): VendorAnswer {
  return { status, headers: {}, body: Buffer.from(text) }
}

function wordsOf({ body }: VendorAnswer): string {
  return safeText(body.toString('utf8'))
}

/** RFC 5321, 4.2: 4yz may work later, 5yz will not. 53x: about who we are. */
function errorFor({ account }: Gate, { operation }: VendorCall, answer: VendorAnswer): ConnectorError | undefined {
  const { status } = answer
  if (status < 300) return undefined
  const facts: VendorCallFacts = { account, operation, status }
  const what = `answered ${wordsOf(answer)}`
  if (status === 530 || status === 534 || status === 535 || status === 538) return new AuthError(what, facts)
  if (status === 421 || status === 452) return new ThrottledError(what, { ...facts, waitMs: BUSY_MS })
  if (status < 500) return new RetryableError(what, facts)
  return new PermanentError(what, facts)
}
