import type { z } from 'zod'
import {
  AuthError,
  type ConnectorError,
  type PermanentError,
  type ThrottledError,
  type VendorCallFacts,
} from '../../../core/errors.ts'
import type { RateRule } from '../../../core/ports/account.ts'
import type { PlannedCall, VendorAnswer, VendorCall } from '../../../core/ports/gate.ts'
import { errorOf } from '../../http/classify.ts'
import { fetchTransport } from '../../http/fetch.ts'
import type { Gate } from '../../http/gate.ts'
import { exactJsonOf, readAnswer } from '../../http/json.ts'
import { retryAfterMs } from '../../http/wait.ts'
import { problemIn } from './messages.ts'
import { apiBase, type DscoSettings } from './settings.ts'
import { exchangeToken } from './token.ts'

export interface DscoRequest {
  /** Method-free name of the call, for limits, logs and counts: `order/page`. */
  readonly operation: Operation
  readonly method: 'GET' | 'POST' | 'PUT'
  /** After the base path, or a whole address (the destination of a large batch). */
  readonly path: string
  readonly query?: readonly (readonly [name: string, value: string])[]
  readonly body?: string
  readonly plan?: readonly PlannedCall[]
  /** Statuses that the caller reads for itself; they come back as answers. */
  readonly expect?: readonly number[]
}

/**
 * Any second sees at most `burst` + `perSecond` calls, and any minute 60 times the rate more than the burst (contract sections 2, 3, 5); of
 * those that are made side by side three more, since they may arrive together that left one after the other.
 */
const rules = {
  hello: { perSecond: 1, burst: 5 },
  'order/page': { perSecond: 8, burst: 2 },
  order: { perSecond: 6, burst: 1 },
  'order/acknowledge': { perSecond: 13, burst: 2 },
  'order/shipment/batch/small': { perSecond: 1, burst: 5 },
  'order/log': { perSecond: 5, burst: 5 },
  inventory: { perSecond: 4.8, burst: 5 },
  'inventory/batch/small': { perSecond: 1, burst: 5 },
  'inventory/batch/large': { perSecond: 1, burst: 2 },
  'inventory/batch/large/data': { perSecond: 1, burst: 2 },
  'inventory/log': { perSecond: 5, burst: 5 },
  'warehouse/page': { perSecond: 1, burst: 5 },
  stream: { perSecond: 1, burst: 5 },
  'stream/events': { perSecond: 2, burst: 5 },
  'stream/position': { perSecond: 0.2, burst: 1 },
} as const satisfies Readonly<Record<string, RateRule>>

export type Operation = keyof typeof rules

export interface DscoClient {
  readonly gate: Gate
  readonly settings: DscoSettings
  /** A good answer, or one of `expect`; everything else is thrown by its class (contract section 6). */
  send(request: DscoRequest, signal: AbortSignal): Promise<VendorAnswer>
  /** {@link send}, read by `schema`, to which every number is the text it was written in. */
  read<T>(request: DscoRequest, schema: z.ZodType<T>, signal: AbortSignal): Promise<T>
  /** The body of what {@link send} brought. */
  parse<T>(request: DscoRequest, answer: VendorAnswer, schema: z.ZodType<T>): T
  factsOf(request: Pick<DscoRequest, 'operation'>, answer?: VendorAnswer): VendorCallFacts
}

const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 5 * 60_000

/** Calls of one account: token, a limit per operation, one repeat with a fresh token, error classes (contract sections 1 and 6). */
export function createClient(gate: Gate, settings: DscoSettings): DscoClient {
  const base = apiBase(settings)
  /** Throttled answers in a row, per operation. */
  const throttles = new Map<Operation, number>()

  async function tokenOf(signal: AbortSignal, rejected?: string): Promise<string> {
    const { auth } = settings
    return auth.kind === 'static'
      ? auth.token.trim()
      : gate.shared.token(() => exchangeToken(gate, settings, auth, signal), rejected)
  }

  async function deliver(request: DscoRequest, token: string, signal: AbortSignal): Promise<VendorAnswer> {
    const call = callOf(settings, request)
    await gate.shared.assertClosed(call.operation)
    const url = `${/^https?:/.test(request.path) ? '' : base}${request.path}${queryOf(request)}`
    const headers = { authorization: `bearer ${token}`, accept: 'application/json', 'content-type': 'application/json' }
    const { method, body } = request
    return gate.send(call, fetchTransport({ url, method, headers, ...(body === undefined ? {} : { body }) }), signal)
  }

  async function attempt(request: DscoRequest, signal: AbortSignal): Promise<VendorAnswer> {
    const token = await tokenOf(signal)
    const answer = await deliver(request, token, signal)
    // A fixed token has no successor.
    if (answer.status !== 401 || settings.auth.kind === 'static') return answer
    return deliver(request, await tokenOf(signal, token), signal)
  }

  async function judge(request: DscoRequest, answer: VendorAnswer): Promise<ConnectorError | undefined> {
    const call = callOf(settings, request)
    const waitMs = answer.status === 429 ? await hold(request, answer) : 0
    if (answer.status !== 429) throttles.delete(request.operation)
    const error = errorOf(gate.account, call, answer, { waitMs, message: problemIn(answer) })
    if (!(error instanceof AuthError)) return error
    return gate.refuse(new AuthError(`${withoutPrefix(error, gate)}; ${remedyOf(settings, answer)}`, factsOf(request, answer)))
  }

  /** Only this operation waits: limits are counted per operation (contract section 6). */
  async function hold({ operation }: DscoRequest, answer: VendorAnswer): Promise<number> {
    const inARow = throttles.get(operation) ?? 0
    throttles.set(operation, inARow + 1)
    const now = gate.clock.now()
    const waitMs =
      retryAfterMs(answer.headers['retry-after'], now) ?? Math.min(FIRST_WAIT_MS * 2 ** Math.min(inARow, 10), LONGEST_WAIT_MS)
    await gate.shared.drain(operation, now + waitMs)
    return waitMs
  }

  function factsOf({ operation }: Pick<DscoRequest, 'operation'>, answer?: VendorAnswer): VendorCallFacts {
    return { account: gate.account, operation, ...(answer === undefined ? {} : { status: answer.status }) }
  }

  async function send(request: DscoRequest, signal: AbortSignal): Promise<VendorAnswer> {
    const answer = await attempt(request, signal)
    if (request.expect?.includes(answer.status) === true) return answer
    const error = await judge(request, answer)
    if (error !== undefined) throw error
    return answer
  }

  const parse = <T>(request: DscoRequest, answer: VendorAnswer, schema: z.ZodType<T>): T =>
    readAnswer(gate.account, callOf(settings, request), answer, schema, exactJsonOf)

  return {
    gate,
    settings,
    factsOf,
    send,
    parse,
    read: async (request, schema, signal) => parse(request, await send(request, signal), schema),
  }
}

function callOf({ timeoutMs }: DscoSettings, { operation, method, plan }: DscoRequest): VendorCall {
  return {
    operation,
    effect: method === 'GET' ? 'read' : 'write',
    rate: { bucket: operation, rule: rules[operation] },
    timeoutMs,
    ...(plan === undefined ? {} : { plan }),
  }
}

function queryOf({ query }: DscoRequest): string {
  if (query === undefined || query.length === 0) return ''
  const parameters = new URLSearchParams()
  for (const [name, value] of query) parameters.append(name, value)
  return `?${parameters}`
}

function remedyOf({ auth }: DscoSettings, { status }: VendorAnswer): string {
  if (status === 403) return 'the account lacks the right for this call or is on hold: ask the support of Dsco'
  return auth.kind === 'static'
    ? 'the fixed token is not accepted: compare credentials.token and sandbox, or change to auth: oauth2'
    : 'a fresh token was refused too: compare client_id, client_secret and sandbox'
}

/** An error's words begin with the account and the call, which the next error puts there again. */
function withoutPrefix(error: AuthError | PermanentError | ThrottledError, { account }: Gate): string {
  return error.message.slice(`${account} ${error.operation}: `.length)
}
