import type { z } from 'zod'
import { AuthError, type ConnectorError, PermanentError, RetryableError } from '../../core/errors.ts'
import type { RateRule } from '../../core/ports/account.ts'
import type { PlannedCall, VendorAnswer, VendorCall } from '../../core/ports/gate.ts'
import { errorOf, safeText } from '../http/classify.ts'
import type { Gate } from '../http/gate.ts'
import { jsonOf, readAnswer } from '../http/json.ts'
import { retryAfterMs } from '../http/wait.ts'
import { LISTING_ROLE, type OperationName, operationOf } from './operations.ts'
import type { AmazonSettings } from './settings.ts'
import { exchangeToken } from './token.ts'
import { loadSdk, sdkTransport } from './transport.ts'
import { errorBody } from './wire.ts'

/** Amazon's sandbox gives every operation the same bucket (contract section 1). */
const sandboxRule: RateRule = { perSecond: 5, burst: 15 }

/**
 * As many calls of a full bucket as a second earns stay unused. The first call of a run opens a connection and those after it travel
 * faster, so they reach Amazon closer together than they left: spent to the last, a fast bucket would end in a 429.
 */
function withReserve({ perSecond, burst }: RateRule): RateRule {
  return { perSecond, burst: Math.max(1, burst - Math.round(perSecond)) }
}

/** What Amazon stated as a rate is shown by the doctor for so long. */
const RATE_KEPT_MS = 30 * 24 * 60 * 60_000

export interface AmazonRequest {
  readonly operation: OperationName
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: object
  /** Present: the call changes something at Amazon. */
  readonly plan?: readonly PlannedCall[]
  /** Another token than the seller's (restricted data). */
  readonly token?: TokenSource
  /** Asks whether it may ask: a refusal is an answer and closes nothing. */
  readonly probe?: boolean
}

/** `rejected`: the token Amazon has just refused, never to be given again. */
export type TokenSource = (signal: AbortSignal, rejected?: string) => Promise<string>

export interface AmazonClient {
  readonly gate: Gate
  readonly settings: AmazonSettings
  /** Calls a second that Amazon grants for this operation: as it told this process, else its default. */
  rateOf(operation: OperationName): number
  /** The same as it was told to any process; `stated` where Amazon has told it at all. */
  paceOf(operation: OperationName): Promise<{ readonly perSecond: number; readonly stated: boolean }>
  /** The answer when it is good; throws ConnectorError, RefusedByDryRun or StoppedError otherwise. */
  send(request: AmazonRequest, signal: AbortSignal): Promise<VendorAnswer>
  /** {@link send} for a write whose good answer has no body (204): a page of something between us and Amazon is not Amazon's yes. */
  tell(request: AmazonRequest, signal: AbortSignal): Promise<void>
  /** {@link send}, read by `schema`. */
  read<T>(request: AmazonRequest, schema: z.ZodType<T>, signal: AbortSignal): Promise<T>
  /** {@link read}; undefined when Amazon does not know what was asked for. */
  find<T>(request: AmazonRequest, schema: z.ZodType<T>, signal: AbortSignal): Promise<T | undefined>
}

/** Calls of one seller account: token, bucket, one repeat with a fresh token, error classes (contract sections 1 and 6). */
export function createClient(gate: Gate, settings: AmazonSettings): AmazonClient {
  const rates = new Map<string, number>()
  const sellerToken: TokenSource = (signal, rejected) => gate.shared.token(() => exchangeToken(gate, settings, signal), rejected)

  async function send(request: AmazonRequest, signal: AbortSignal): Promise<VendorAnswer> {
    const call = vendorCall(settings, request)
    const tokenOf = request.token ?? sellerToken
    const token = await tokenOf(signal)
    let answer = await deliver(gate, settings, call, request, token, signal)
    if (tokenRefused(answer)) {
      const fresh = await tokenOf(signal, token)
      answer = await deliver(gate, settings, call, request, fresh, signal)
    }
    await adoptRate(gate, rates, request.operation, call, answer)
    const error = await judge(gate, request, call, answer)
    if (error !== undefined) throw error
    return answer
  }

  async function read<T>(request: AmazonRequest, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    const answer = await send(request, signal)
    return readAnswer(gate.account, vendorCall(settings, request), answer, schema)
  }

  async function tell(request: AmazonRequest, signal: AbortSignal): Promise<void> {
    const answer = await send(request, signal)
    if (answer.body.length === 0 || jsonOf(answer) !== undefined) return
    const facts = { account: gate.account, operation: request.operation, status: answer.status, outcomeUnknown: true }
    throw new RetryableError(`answered ${answer.status} with something that is not JSON (${answer.body.length} bytes)`, facts)
  }

  return {
    gate,
    settings,
    rateOf: (operation) => rates.get(operation) ?? operationOf(operation).rule.perSecond,
    async paceOf(operation) {
      const told = Number(await gate.shared.recall(rateNote(operation)))
      return told > 0 ? { perSecond: told, stated: true } : { perSecond: operationOf(operation).rule.perSecond, stated: false }
    },
    send,
    tell,
    read,
    async find(request, schema, signal) {
      try {
        return await read(request, schema, signal)
      } catch (error) {
        if (error instanceof PermanentError && error.status === 404) return undefined
        throw error
      }
    },
  }
}

async function deliver(
  gate: Gate,
  settings: AmazonSettings,
  call: VendorCall,
  request: AmazonRequest,
  token: string,
  signal: AbortSignal,
): Promise<VendorAnswer> {
  const { sdk: name, version } = operationOf(request.operation)
  const transport = sdkTransport(await loadSdk(), settings, token, { ...request, sdk: name, version })
  return gate.send(call, transport, signal)
}

function vendorCall(settings: AmazonSettings, { operation, plan }: AmazonRequest): VendorCall {
  const rule = withReserve(settings.sandbox ? sandboxRule : operationOf(operation).rule)
  const common = { operation, timeoutMs: settings.timeoutMs, rate: { bucket: operation, rule } }
  return plan === undefined ? { ...common, effect: 'read' } : { ...common, effect: 'write', plan }
}

/** 401, or a 403 that speaks of the token: worth one exchange. Any other 403 is about roles or consent. */
function tokenRefused(answer: VendorAnswer): boolean {
  return answer.status === 401 || (answer.status === 403 && /access token/i.test(textOf(answer)))
}

/**
 * The header tells the pair's real rate, nothing of its burst; it may be absent (contract section 6). The default is adopted like
 * any other, so that an older one does not outlive its day.
 */
async function adoptRate(
  gate: Gate,
  rates: Map<string, number>,
  operation: OperationName,
  call: VendorCall,
  answer: VendorAnswer,
): Promise<void> {
  const told = Number(answer.headers['x-amzn-ratelimit-limit'])
  if (call.rate === undefined || !Number.isFinite(told) || told <= 0) return
  const { bucket, rule } = call.rate
  const perSecond = operationOf(operation).ownPace === true ? Math.min(told, rule.perSecond) : told
  if (rates.get(bucket) === perSecond) return
  rates.set(bucket, perSecond)
  await gate.shared.adopt(bucket, { perSecond, burst: rule.burst })
  await gate.shared.remember(rateNote(operation), String(told), gate.clock.now() + RATE_KEPT_MS)
}

function rateNote(operation: OperationName): string {
  return `rate ${operation}`
}

/**
 * The answer's error class, with everything that follows from it for other processes already done. A 403 of a call that needs a role of
 * its own closes nothing: the other calls of the account go on.
 */
async function judge(
  gate: Gate,
  { operation, probe = false }: AmazonRequest,
  call: VendorCall,
  answer: VendorAnswer,
): Promise<ConnectorError | undefined> {
  const { role } = operationOf(operation)
  const waitMs = waitAfter(gate, call, answer)
  const requestId = answer.headers['x-amzn-requestid']
  const hints = { waitMs, message: messageOf(call, answer, role), ...(requestId === undefined ? {} : { requestId }) }
  const error = errorOf(gate.account, call, answer, hints)
  if (error instanceof AuthError) return answer.status === 403 && (role !== undefined || probe) ? error : gate.refuse(error)
  if (error?.kind === 'throttled' && call.rate !== undefined) await gate.shared.drain(call.rate.bucket, gate.clock.now() + waitMs)
  return error
}

/** One token's time: what the bucket needs to earn the next call. No Retry-After is documented, but one would be believed. */
function waitAfter(gate: Gate, call: VendorCall, answer: VendorAnswer): number {
  const told = Number(answer.headers['x-amzn-ratelimit-limit'])
  const perSecond = told > 0 ? told : (call.rate?.rule.perSecond ?? 1)
  const asked = retryAfterMs(answer.headers['retry-after'], gate.clock.now()) ?? 0
  return Math.max(Math.ceil(1000 / perSecond), asked)
}

function messageOf(call: VendorCall, answer: VendorAnswer, role: string | undefined): string {
  const said = textOf(answer)
  if (answer.status === 401) return `${said}; a fresh token was refused too`.replace(/^; /, '')
  if (answer.status !== 403) return said
  const seller = role === LISTING_ROLE ? ", or seller_id is not this account's: check both" : ': add it'
  if (role !== undefined) return `${said}; the app lacks the role "${role}"${seller}, then authorise it again`
  const v0 = call.operation === 'searchOrders' ? '; where only Orders v0 works for a marketplace, set orders_api: v0' : ''
  return `${said}; the app lacks a role, or the seller withdrew consent: check its roles and authorise it again${v0}`
}

/** Amazon's own words, made safe; nothing for HTML and empty bodies. */
function textOf(answer: VendorAnswer): string {
  const body = errorBody.safeParse(jsonOf(answer))
  if (!body.success) return ''
  const { errors = [], message } = body.data
  const texts = errors.slice(0, 3).map((one) =>
    [one.code, one.message, one.details]
      .filter(Boolean)
      .map((part) => safeText(String(part)))
      .join(': '),
  )
  return texts.length > 0 ? texts.join('; ') : safeText(message ?? '')
}
