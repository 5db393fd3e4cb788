import type { z } from 'zod'
import { AuthError } from '../../core/errors.ts'
import type { VendorAnswer, VendorCall } from '../../core/ports/gate.ts'
import type { Delivery, Message, Notifier, SendOptions } from '../../core/ports/notifier.ts'
import { errorOf, safeText } from '../http/classify.ts'
import { fetchTransport } from '../http/fetch.ts'
import type { Gate } from '../http/gate.ts'
import { jsonOf, readAnswer } from '../http/json.ts'
import { retryAfterMs } from '../http/wait.ts'
import { messagesOf, type SmsMessage, smsList, smsMessage, smsProblem, type TwilioRequest } from './wire.ts'

export interface SmsSettings {
  readonly accountSid: string
  readonly apiKeySid?: string
  readonly token: string
  readonly from?: string
  readonly messagingServiceSid?: string
  readonly to: readonly string[]
  /** Origin instead of https://api.twilio.com. */
  readonly endpoint?: string
  readonly timeoutMs: number
}

/** Twilio queues a second's worth of messages for each number; more than this at once is our mistake. */
const PACE = { bucket: 'messages', rule: { perSecond: 1, burst: 10 } }
const WAIT_MS = 30_000
/** A request that left may come into Twilio's books as late as this. */
const SETTLE_MS = 60_000
/** Clocks differ. */
const SKEW_MS = 5 * 60_000
const LISTED = 200

/**
 * SMS by Twilio: one message for each number. There is no idempotency key: after an unknown outcome the messages to that number are looked
 * through for the same text before it is sent again.
 */
export function createSmsNotifier(gate: Gate, settings: SmsSettings): Notifier {
  /** The package makes the request and reads the answer; what is between is ours. */
  async function messages<S extends z.ZodType>(call: VendorCall, schema: S, signal: AbortSignal) {
    return messagesOf(settings, async (request) => {
      const answer = await gate.send(call, fetchTransport(httpRequest(settings, request)), signal)
      const error = errorOf(gate.account, call, answer, hintsOf(gate, answer))
      if (error instanceof AuthError) throw await gate.refuse(error)
      if (error !== undefined) throw error
      readAnswer(gate.account, call, answer, schema)
      return { statusCode: answer.status, body: answer.body.toString('utf8'), headers: answer.headers }
    })
  }

  function callFor(operation: string, effect: 'read' | 'write', { timeoutMs }: SendOptions): VendorCall {
    return { operation, effect, rate: PACE, timeoutMs: Math.min(timeoutMs ?? settings.timeoutMs, settings.timeoutMs) }
  }

  return {
    medium: 'sms',
    recipients: settings.to,
    oneByOne: true,
    settleMs: SETTLE_MS,
    async send(message, how) {
      const to = recipientOf(message)
      const plan = [{ account: 'sms', operation: 'message', target: to, detail: message.text }]
      const call = { ...callFor('createMessage', 'write', how), plan }
      const list = await messages(call, smsMessage, how.signal)
      const sent = await list.create({
        to,
        body: message.text,
        ...(settings.from === undefined ? {} : { from: settings.from }),
        ...(settings.messagingServiceSid === undefined ? {} : { messagingServiceSid: settings.messagingServiceSid }),
      })
      return deliveryOf(sent)
    },
    async find(message, sentAt, how) {
      const list = await messages(callFor('listMessages', 'read', how), smsList, how.signal)
      // Not by DateSent: a message that is still queued may have none.
      const page = await list.page({ to: recipientOf(message), pageSize: LISTED })
      const same = page.instances.find(
        ({ body, dateCreated }) => body === message.text && dateCreated.getTime() >= sentAt - SKEW_MS,
      )
      return same === undefined ? undefined : deliveryOf(same)
    },
  }
}

function recipientOf({ recipient }: Message): string {
  if (recipient === undefined) throw new Error('an SMS has one recipient')
  return recipient
}

function deliveryOf({ sid, status }: Pick<SmsMessage, 'sid' | 'status'>): Delivery {
  return { answer: `${status} as ${sid}`, refused: [] }
}

function httpRequest({ endpoint }: SmsSettings, { method, uri, params, data, username, password, headers }: TwilioRequest) {
  const url = new URL(uri)
  const place = endpoint === undefined ? url : new URL(`${url.pathname}${url.search}`, endpoint)
  for (const [name, value] of Object.entries(params ?? {})) place.searchParams.append(name, String(value))
  const body = data === undefined ? undefined : formOf(data)
  return {
    url: place.href,
    method: method.toUpperCase(),
    headers: { ...headers, Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` },
    ...(body === undefined ? {} : { body: body.toString() }),
  }
}

function hintsOf({ clock }: Gate, answer: VendorAnswer) {
  const problem = smsProblem.safeParse(jsonOf(answer))
  const { code, message } = problem.success ? problem.data : {}
  const words = message === undefined ? '' : safeText(message)
  return {
    waitMs: retryAfterMs(answer.headers['retry-after'], clock.now()) ?? WAIT_MS,
    message: code === undefined ? words : `${code} ${words}`,
  }
}

function formOf(data: Readonly<Record<string, unknown>>): URLSearchParams {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(data)) form.append(name, String(value))
  return form
}
