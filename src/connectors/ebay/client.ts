import type { z } from 'zod'
import { AuthError, type ConnectorError, RetryableError } from '../../core/errors.ts'
import type { PlannedCall, VendorAnswer, VendorCall } from '../../core/ports/gate.ts'
import type { Gate } from '../http/gate.ts'
import { jsonOf, readAnswer } from '../http/json.ts'
import { retryAfterMs } from '../http/wait.ts'
import { type Budget, createBudget, type Purse } from './budget.ts'
import type { EbaySettings } from './settings.ts'
import { exchangeToken } from './token.ts'
import { loadSdk, operationOf, type RestRequest, sdkTransport, type TradingRequest } from './transport.ts'
import { issuesOf } from './values.ts'
import {
  type Complaint,
  complaintsInJson,
  complaintsInXml,
  errorIn,
  type Said,
  saysThrottled,
  tokenRefused,
  WAIT_WITHOUT_HEADER_MS,
} from './verdict.ts'
import { showing } from './words.ts'
import { type XmlBody, xmlOf } from './xml.ts'

interface Common {
  /** Present: the call changes something at eBay. */
  readonly plan?: readonly PlannedCall[]
}

export type TradingCall = TradingRequest &
  Common & {
    readonly purse: Purse
    /** Error codes that the caller reads for itself; an answer with one of them comes back as an answer. */
    readonly expect?: readonly string[]
    /** The caller judges each item by itself: `PartialFailure` is an answer, not an error. */
    readonly itemByItem?: true
  }

export type RestCall = RestRequest & Common

/** An answer of the Trading API that is not a failure, or is one of the expected ones. */
export interface TradingReply {
  readonly body: XmlBody
  /** Errors and notices: there may be some beside `Success`. */
  readonly complaints: readonly Complaint[]
  /** `Success`, `Warning`, `PartialFailure`, or `Failure` where that was expected. */
  readonly ack: string
}

export interface EbayClient {
  readonly gate: Gate
  readonly settings: EbaySettings
  readonly budget: Budget
  /** Throws ConnectorError, RefusedByDryRun or StoppedError where the answer is not good. */
  trading(call: TradingCall, signal: AbortSignal): Promise<TradingReply>
  /** What {@link trading} brought, read by `schema`. */
  parse<T>(call: TradingCall, body: XmlBody, schema: z.ZodType<T>): T
  /** A REST call whose good answer is read by `schema`. */
  rest<T>(call: RestCall, schema: z.ZodType<T>, signal: AbortSignal): Promise<T>
  /** A REST call whose good answer has no body. */
  tell(call: RestCall, signal: AbortSignal): Promise<void>
}

/** Where a limit is counted: one 429 stops the calls of that API alone. */
const pace = { perSecond: 6, burst: 12 }

interface Heard {
  readonly answer: VendorAnswer
  readonly complaints: readonly Complaint[]
  readonly said: Said
  readonly body?: XmlBody
}

/** Calls of one seller: token, limits, one repeat with a fresh token, error classes (contract sections 1 and 7). */
export function createClient(gate: Gate, settings: EbaySettings): EbayClient {
  const budget = createBudget(gate, settings)
  const noticed = new Set<string>()
  const tokenOf = (signal: AbortSignal, rejected?: string) =>
    gate.shared.token(() => exchangeToken(gate, settings, signal), rejected)

  async function deliver(call: TradingCall | RestCall, token: string, signal: AbortSignal): Promise<Heard> {
    const vendorCall = callOf(settings, call)
    await gate.shared.assertClosed(vendorCall.operation)
    if (call.api === 'trading') await budget.take(vendorCall.operation, call.purse)
    const answer = await gate.send(vendorCall, sdkTransport(await loadSdk(), settings, token, call), signal)
    const show = showing(gate, sentWith(call))
    if (call.api !== 'trading') return { answer, complaints: complaintsInJson(answer, show), said: 'done' }
    const body = await xmlOf(answer, call.call)
    // A gateway answers in JSON or HTML.
    if (body === undefined) return { answer, complaints: complaintsInJson(answer, show), said: 'done' }
    return { answer, body, complaints: complaintsInXml(body, show), said: saidBy(body['Ack'], call) }
  }

  async function attempt(call: TradingCall | RestCall, signal: AbortSignal): Promise<Heard> {
    const token = await tokenOf(signal)
    const heard = await deliver(call, token, signal)
    const refused = (heard.said !== 'done' || heard.answer.status >= 300) && tokenRefused(heard.answer, heard.complaints)
    // A throttle that calls itself `Access denied` is not about the token.
    if (!refused || saysThrottled(heard.answer, heard.complaints)) return heard
    return deliver(call, await tokenOf(signal, token), signal)
  }

  async function judge(call: TradingCall | RestCall, { answer, complaints, said }: Heard): Promise<ConnectorError | undefined> {
    const vendorCall = callOf(settings, call)
    const throttled = saysThrottled(answer, complaints) && (said !== 'done' || answer.status >= 300)
    const waitMs = throttled ? await holdAll(call, vendorCall, answer, complaints) : 0
    const error = errorIn(gate.account, vendorCall, answer, complaints, said, { waitMs })
    return error instanceof AuthError ? gate.refuse(error) : error
  }

  /** Nobody calls this API until the limit is over. */
  async function holdAll(
    call: TradingCall | RestCall,
    { rate }: VendorCall,
    answer: VendorAnswer,
    complaints: readonly Complaint[],
  ): Promise<number> {
    if (call.api === 'trading' && complaints.some(({ code }) => code === '518')) return budget.dayIsOver()
    const waitMs = retryAfterMs(answer.headers['retry-after'], gate.clock.now()) ?? WAIT_WITHOUT_HEADER_MS
    if (rate !== undefined) await gate.shared.drain(rate.bucket, gate.clock.now() + waitMs)
    return waitMs
  }

  async function trading(call: TradingCall, signal: AbortSignal): Promise<TradingReply> {
    const heard = await attempt(call, signal)
    const { answer, body, complaints } = heard
    const expected = complaints.some(({ code, isError }) => isError && call.expect?.includes(code) === true)
    const error = expected ? undefined : await judge(call, heard)
    if (error !== undefined) throw error
    const ack = body?.['Ack']
    if (body === undefined || typeof ack !== 'string') throw unreadable(gate, callOf(settings, call), answer)
    notice(gate, noticed, call.call, complaints)
    return { body, complaints, ack }
  }

  async function reach(call: RestCall, signal: AbortSignal): Promise<VendorAnswer> {
    const heard = await attempt(call, signal)
    const error = await judge(call, heard)
    if (error !== undefined) throw error
    notice(gate, noticed, operationOf(call), heard.complaints)
    return heard.answer
  }

  return {
    gate,
    settings,
    budget,
    trading,
    parse(call, body, schema) {
      const parsed = schema.safeParse(body)
      if (parsed.success) return parsed.data
      const facts = { account: gate.account, operation: call.call, outcomeUnknown: call.plan !== undefined }
      throw new RetryableError(`answer has an unexpected shape (${issuesOf(parsed.error)})`, facts)
    },
    async rest(call, schema, signal) {
      return readAnswer(gate.account, callOf(settings, call), await reach(call, signal), schema)
    },
    async tell(call, signal) {
      const answer = await reach(call, signal)
      if (answer.body.length > 0 && jsonOf(answer) === undefined) throw unreadable(gate, callOf(settings, call), answer)
    },
  }
}

function callOf({ timeoutMs }: EbaySettings, call: TradingCall | RestCall): VendorCall {
  const common = { operation: operationOf(call), timeoutMs, rate: { bucket: call.api, rule: pace } }
  return call.plan === undefined ? { ...common, effect: 'read' } : { ...common, effect: 'write', plan: call.plan }
}

function saidBy(ack: unknown, { itemByItem }: TradingCall): Said {
  if (ack === 'Failure') return 'failed'
  return ack === 'PartialFailure' && itemByItem !== true ? 'partly' : 'done'
}

/** What eBay may quote of us. */
function sentWith(call: TradingCall | RestCall): unknown {
  return call.api === 'trading' ? call.fields : [call.path, call.query, call.body]
}

/** A page of something between us and eBay, or half an answer. */
function unreadable(gate: Gate, { operation, effect }: VendorCall, { status, headers, body }: VendorAnswer): RetryableError {
  const what = `answered ${status} with something else than its own document (${headers['content-type'] ?? 'no content type'}, ${body.length} bytes)`
  return new RetryableError(what, { account: gate.account, operation, status, outcomeUnknown: effect === 'write' })
}

/** A notice beside a good answer is worth one line a run. */
function notice(gate: Gate, noticed: Set<string>, operation: string, complaints: readonly Complaint[]): void {
  for (const { code, text, isError } of complaints) {
    if (isError || noticed.has(code)) continue
    noticed.add(code)
    gate.log.warn({ channel: gate.account, operation, code, text }, 'eBay gave a notice')
  }
}
