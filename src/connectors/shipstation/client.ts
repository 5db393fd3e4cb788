import type { z } from 'zod'
import { AuthError, type ConnectorError, PermanentError, ThrottledError, type VendorCallFacts } from '../../core/errors.ts'
import type { PlannedCall, VendorAnswer, VendorCall } from '../../core/ports/gate.ts'
import { errorOf, safeText } from '../http/classify.ts'
import { fetchTransport } from '../http/fetch.ts'
import type { Gate } from '../http/gate.ts'
import { jsonOf, readAnswer } from '../http/json.ts'
import { BUCKET, budgetOf, reserveOf, ruleFor } from './rate.ts'
import { errorBody } from './wire.ts'

export const ACCOUNT = 'shipstation'
const PRODUCTION = 'https://ssapi.shipstation.com'

export interface ShipStationSettings {
  readonly apiKey: string
  readonly apiSecret: string
  /** Origin. Default: production. */
  readonly endpoint?: string
  /** The vendor's own header wins as soon as it has been seen. Default 40. */
  readonly ratePerMinute?: number
  /** Default 30 000. */
  readonly timeoutMs?: number
  /** For a batch of orders, whose timeout leaves up to 100 unknowns. Default 120 000. */
  readonly pushTimeoutMs?: number
  /** ShipStation tag id per channel. */
  readonly tags: Readonly<Record<string, number>>
}

export interface ApiRequest {
  /** The vendor's name of the call. */
  readonly operation: string
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** Present: POST, a writing call. */
  readonly body?: unknown
  /** Takes something away: a writing call without a body, of whose good answer nothing is read. */
  readonly removes?: boolean
  readonly plan?: readonly PlannedCall[]
  /** A batch of orders may take the vendor long. */
  readonly patient?: boolean
}

/** Where the vendor refused the content: `dataFault` means that a smaller or other request may well succeed. */
export type ApiReply<T> =
  | { readonly ok: true; readonly value: T; readonly answer: VendorAnswer }
  | { readonly ok: false; readonly error: ConnectorError; readonly status: number; readonly dataFault: boolean }

export interface ShipStationClient {
  /** Throws on throttling, refused credentials, no answer, or a good answer of another shape; hands every other refusal back. */
  attempt<T>(request: ApiRequest, schema: z.ZodType<T>, signal: AbortSignal): Promise<ApiReply<T>>
  /** As attempt, but every refusal is thrown. */
  ask<T>(request: ApiRequest, schema: z.ZodType<T>, signal: AbortSignal): Promise<T>
}

/** Basic authentication, the shared budget of 40 a minute, and what answers mean (contract sections 2 and 11). */
export function createClient(gate: Gate, settings: ShipStationSettings): ShipStationClient {
  const origin = (settings.endpoint ?? PRODUCTION).replace(/\/+$/, '')
  const authorization = `Basic ${Buffer.from(`${settings.apiKey}:${settings.apiSecret}`).toString('base64')}`
  let perMinute = settings.ratePerMinute ?? 40
  let told: number | undefined

  async function send(request: ApiRequest, signal: AbortSignal): Promise<{ call: VendorCall; answer: VendorAnswer }> {
    const removes = request.removes === true
    const hasBody = request.body !== undefined
    const writing = hasBody || removes
    const call: VendorCall = {
      operation: request.operation,
      effect: writing ? 'write' : 'read',
      rate: { bucket: BUCKET, rule: ruleFor(perMinute) },
      timeoutMs: request.patient === true ? (settings.pushTimeoutMs ?? 120_000) : (settings.timeoutMs ?? 30_000),
      ...(request.plan === undefined ? {} : { plan: request.plan }),
    }
    const transport = fetchTransport({
      url: `${origin}${request.path}${queryText(request.query)}`,
      method: removes ? 'DELETE' : writing ? 'POST' : 'GET',
      headers: { authorization, accept: 'application/json', ...(hasBody ? { 'content-type': 'application/json' } : {}) },
      ...(hasBody ? { body: JSON.stringify(request.body) } : {}),
    })
    return { call, answer: await gate.send(call, transport, signal) }
  }

  async function heedBudget(answer: VendorAnswer): Promise<void> {
    const budget = budgetOf(answer.headers)
    if (budget.perMinute !== undefined && budget.perMinute !== told) {
      told = perMinute = budget.perMinute
      await gate.shared.adopt(BUCKET, ruleFor(perMinute))
    }
    if (budget.remaining === undefined || budget.remaining > reserveOf(perMinute)) return
    await gate.shared.drain(BUCKET, gate.clock.now() + budget.waitMs)
  }

  async function throttled(facts: VendorCallFacts, answer: VendorAnswer): Promise<ThrottledError> {
    const { waitMs } = budgetOf(answer.headers)
    await gate.shared.drain(BUCKET, gate.clock.now() + waitMs)
    return new ThrottledError(`the budget of calls is used up, free again in ${Math.ceil(waitMs / 1000)} s`, { ...facts, waitMs })
  }

  async function attempt<T>(request: ApiRequest, schema: z.ZodType<T>, signal: AbortSignal): Promise<ApiReply<T>> {
    const { call, answer } = await send(request, signal)
    await heedBudget(answer)
    const { status } = answer
    const facts = { account: ACCOUNT, operation: call.operation, status }
    if (saysThrottled(answer)) throw await throttled(facts, answer)
    if (status === 401 || status === 403)
      throw await gate.refuse(new AuthError(`answered ${status}: ${refusalHint(status)}`, facts))
    const message = vendorMessage(answer)
    const error = errorOf(ACCOUNT, call, answer, { waitMs: 0, message })
    if (error !== undefined) return { ok: false, error, status, dataFault: isDataFault(status, message) }
    const isEmpty = status === 204 || request.removes === true
    const value = readAnswer(ACCOUNT, call, isEmpty ? { ...answer, body: Buffer.from('{}') } : answer, schema)
    await gate.shared.close()
    return { ok: true, value, answer }
  }

  return {
    attempt,
    async ask(request, schema, signal) {
      const reply = await attempt(request, schema, signal)
      if (!reply.ok) throw reply.error
      return reply.value
    },
  }
}

/** A text of the vendor's that speaks of time running out: the vendor's trouble, not the data's. */
export function speaksOfTimeout(message: string): boolean {
  return /time[d-]?\s?out/i.test(message)
}

export function speaksOfThrottling(message: string): boolean {
  return /too many requests/i.test(message)
}

/** One line fit for logs. What stands in double quotes is a value that the vendor could not read, so it may be personal. */
export function vendorText(message: string): string {
  return safeText(message.replace(/"[^"]*"/g, '"..."'))
}

/** A refusal of one call or one order that repeating will not cure. */
export function permanent(operation: string, what: string): PermanentError {
  return new PermanentError(what, { account: ACCOUNT, operation })
}

function refusalHint(status: number): string {
  return status === 401
    ? 'key or secret is wrong, or the key has expired (every API key has an expiry date)'
    : 'the key may not do this; a change of plan can switch the API off'
}

/** A 500 is often a data error in disguise, so it is worth a smaller request; one that speaks of a timeout is not. */
function isDataFault(status: number, message: string): boolean {
  return status === 400 || status === 413 || status === 422 || (status === 500 && !speaksOfTimeout(message))
}

function saysThrottled(answer: VendorAnswer): boolean {
  if (answer.status === 429) return true
  const json = jsonOf(answer)
  if (json === undefined) return speaksOfThrottling(answer.body.toString('utf8', 0, 4096))
  const body = errorBody.safeParse(json)
  return (
    body.success &&
    speaksOfThrottling(`${body.data.Message ?? ''} ${body.data.message ?? ''} ${body.data.ExceptionMessage ?? ''}`)
  )
}

/** `Message` or `message`, the exception's text, and the model's complaints by path. HTML and plain text are not repeated. */
function vendorMessage(answer: VendorAnswer): string {
  const body = errorBody.safeParse(jsonOf(answer))
  if (!body.success) return ''
  const { Message, message, ExceptionMessage, ModelState = {} } = body.data
  const complaints = Object.entries(ModelState)
    .slice(0, 3)
    .map(([path, texts]) => `${path}: ${texts.join(' ')}`)
  const told = [ExceptionMessage ?? Message ?? message, ...complaints].filter((part) => part !== undefined && part !== '')
  return vendorText(told.join('; '))
}

function queryText(query: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}
