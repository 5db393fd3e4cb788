import { AuthError, PermanentError, RetryableError, ThrottledError, type VendorCallFacts } from '../../core/errors.ts'
import type { ChannelCode } from '../../core/model/channel.ts'
import type { RateRule } from '../../core/ports/account.ts'
import type { PlannedCall, Transport, VendorAnswer, VendorCall } from '../../core/ports/gate.ts'
import { errorOf, safeText } from '../http/classify.ts'
import { fetchTransport } from '../http/fetch.ts'
import type { Gate } from '../http/gate.ts'
import { jsonOf, readAnswer } from '../http/json.ts'
import { retryAfterMs } from '../http/wait.ts'
import { targetOf } from './address-line.ts'
import { type WireProblem, wireProblem, wireSeekPage } from './wire.ts'

/** One marketplace of one operator: nothing is shared with another (contract section 0). */
export interface MiraklSettings {
  readonly channel: ChannelCode
  /** The operator's instance, e.g. `https://macys-prod.mirakl.net`. */
  readonly baseUrl: string
  /** Origin to use instead of `baseUrl`: a proxy or the local sandbox. */
  readonly endpoint?: string
  /** Needed when the key's user sees several shops (contract section 1). */
  readonly shopId?: number
  readonly credentials: { readonly apiKey: string }
  /** ShipStation carrier code -> this operator's carrier code. */
  readonly carriers: Readonly<Record<string, string>>
  /** Country label as this operator writes it -> alpha-2, for addresses that come without an ISO code. */
  readonly countryNames: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

export interface MiraklRequest {
  /** The vendor's own name: OR11, ST01. */
  readonly operation: string
  readonly method: 'GET' | 'PUT' | 'POST'
  readonly path: string
  readonly query?: readonly (readonly [name: string, value: string])[]
  /** An address that the marketplace has given, instead of path and query (OR15). */
  readonly link?: string
  /** A POST that changes nothing of the seller's (OR13): a dry run makes it too. */
  readonly changesNothing?: true
  readonly timeoutMs?: number
  /** Epoch ms after which what was looked up for this request is too old: then it is not sent, whatever has held it up. */
  readonly notAfter?: number
  /** Sent as JSON. */
  readonly body?: unknown
  /** A file instead of `body`, already wrapped as a form (STO01). */
  readonly upload?: { readonly contentType: string; readonly bytes: Buffer }
  /** What the answer is, where it is not JSON (STO03). */
  readonly accept?: string
  /** For calls that the platform counts by themselves (contract section 7); all others share one bucket. */
  readonly rate?: { readonly bucket: string; readonly rule: RateRule }
  readonly plan?: readonly PlannedCall[]
  /** Refusals the caller wants to read for itself; they come back as answers. */
  readonly expect?: readonly number[]
}

export interface MiraklClient {
  readonly gate: Gate
  readonly settings: MiraklSettings
  /** A 2xx answer, or one of `expect`; everything else is thrown by its class (contract section 8). */
  send(request: MiraklRequest, signal: AbortSignal): Promise<VendorAnswer>
  /** The call as the gate sees it, for reading the answer's body. */
  callOf(request: MiraklRequest): VendorCall
  factsOf(request: MiraklRequest, answer?: VendorAnswer): VendorCallFacts
}

const BUCKET = 'api'
/** 1 request a second per marketplace; the small burst lets a short pull run without waiting (contract section 7). */
const RATE = { perSecond: 1, burst: 3 }
const WAIT_WITHOUT_HEADER_MS = 60_000

/**
 * Calls go out one after the other: one request in flight per marketplace (contract section 7). Those with a bucket of their own stand in a
 * line of their own, since one that waits a minute for its turn must not hold up orders.
 */
export function createMiraklClient(gate: Gate, settings: MiraklSettings): MiraklClient {
  const lastCalls = new Map<string, Promise<unknown>>()

  function callOf(request: MiraklRequest): VendorCall {
    return {
      operation: request.operation,
      effect: request.method === 'GET' || request.changesNothing ? 'read' : 'write',
      rate: request.rate ?? { bucket: BUCKET, rule: RATE },
      timeoutMs: request.timeoutMs ?? settings.timeoutMs,
      ...(request.plan === undefined ? {} : { plan: request.plan }),
    }
  }

  function factsOf(request: MiraklRequest, answer?: VendorAnswer): VendorCallFacts {
    const facts = { account: gate.account, operation: request.operation }
    return answer === undefined ? facts : { ...facts, status: answer.status }
  }

  async function deliver(request: MiraklRequest, signal: AbortSignal): Promise<VendorAnswer> {
    const call = callOf(request)
    const target = targetOf(settings, request)
    if (target === undefined) throw new RetryableError('the marketplace gave an address that cannot be used', factsOf(request))
    const headers = {
      // The bare key: no Bearer, no Basic (contract section 1).
      ...(target.isOwn ? { authorization: settings.credentials.apiKey.trim() } : {}),
      accept: request.accept ?? 'application/json',
    }
    const transport = fetchTransport({ url: target.url, method: request.method, ...contentOf(request, headers) })
    const answer = await gate.send(call, inTime(request, transport), signal)
    if (request.expect?.includes(answer.status)) return answer

    const waitMs = retryAfterMs(answer.headers['retry-after'], gate.clock.now()) ?? WAIT_WITHOUT_HEADER_MS
    const error = errorOf(gate.account, call, answer, { waitMs, message: messageOf(problemOf(answer)) })
    if (error instanceof ThrottledError) await drain(call, error.waitMs)
    // What somebody else's storage refuses says nothing about our key.
    if (error instanceof AuthError && !target.isOwn) throw new RetryableError(error.message, factsOf(request, answer))
    if (error instanceof AuthError) throw await gate.refuse(error)
    if (error !== undefined) throw error
    return answer
  }

  /** A frozen process does not feel how long it stood still: the clock is asked when the next thing to do is to send. */
  function inTime(request: MiraklRequest, transport: Transport): Transport {
    const { notAfter } = request
    if (notAfter === undefined) return transport
    return async (deadline) => {
      if (gate.clock.now() > notAfter) throw new RetryableError('not sent: what it rests on is too old by now', factsOf(request))
      return transport(deadline)
    }
  }

  /** A 429 stops the whole marketplace, whichever limit it was (contract section 8). */
  async function drain(call: VendorCall, waitMs: number): Promise<void> {
    const until = gate.clock.now() + waitMs
    for (const bucket of new Set([BUCKET, call.rate?.bucket ?? BUCKET])) await gate.shared.drain(bucket, until)
  }

  async function send(request: MiraklRequest, signal: AbortSignal): Promise<VendorAnswer> {
    const line = request.rate?.bucket ?? BUCKET
    const turn = (lastCalls.get(line) ?? Promise.resolve()).then(() => deliver(request, signal))
    lastCalls.set(
      line,
      turn.catch(() => undefined),
    )
    return turn
  }

  return { gate, settings, send, callOf, factsOf }
}

function contentOf({ body, upload }: MiraklRequest, headers: Readonly<Record<string, string>>) {
  if (upload !== undefined) return { headers: { ...headers, 'content-type': upload.contentType }, body: upload.bytes }
  if (body === undefined) return { headers }
  return { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

/** What an error body says; empty for HTML, nothing, or another shape (contract section 8). */
export function problemOf(answer: VendorAnswer): WireProblem {
  return wireProblem.safeParse(jsonOf(answer)).data ?? {}
}

function messageOf(problem: WireProblem): string {
  const fields = (problem.errors ?? []).slice(0, 3).map((each) => [each.field, each.message].filter(Boolean).join(' '))
  return safeText([problem.code, problem.message, ...fields].filter(Boolean).join('; '))
}

/** A refusal that the caller has read and found final. */
export function refusalOf(client: MiraklClient, request: MiraklRequest, answer: VendorAnswer): PermanentError {
  const message = messageOf(problemOf(answer))
  return new PermanentError(`answered ${answer.status}${message === '' ? '' : `: ${message}`}`, client.factsOf(request, answer))
}

/**
 * Throws RetryableError (outcome unknown) when the answer of a bodiless write is a page of something between us and the marketplace.
 * A 204 or any JSON counts as the marketplace's own yes.
 */
export function assertOwnAnswer(client: MiraklClient, request: MiraklRequest, answer: VendorAnswer): void {
  if (answer.body.length === 0 || jsonOf(answer) !== undefined) return
  const facts = { ...client.factsOf(request, answer), outcomeUnknown: request.method !== 'GET' }
  throw new RetryableError(`answered ${answer.status} with something that is not JSON (${answer.body.length} bytes)`, facts)
}

/**
 * All items of a seek-paged list (contract section 5: ST11, ST12), or undefined when the marketplace has multi-shipment off (404).
 * The items are as the vendor sent them.
 */
export async function readSeekPages(
  client: MiraklClient,
  first: {
    readonly operation: string
    readonly path: string
    readonly query: readonly (readonly [string, string])[]
    /** Stop here although there is more. */
    readonly mostPages?: number
  },
  signal: AbortSignal,
): Promise<readonly unknown[] | undefined> {
  const items: unknown[] = []
  const tokens = new Set<string>()
  let query = first.query
  for (;;) {
    const request: MiraklRequest = { operation: first.operation, method: 'GET', path: first.path, query, expect: [404] }
    const answer = await client.send(request, signal)
    if (answer.status === 404) {
      assertOwnAnswer(client, request, answer)
      return undefined
    }
    const page = readAnswer(client.gate.account, client.callOf(request), answer, wireSeekPage)
    items.push(...page.data)
    const token = page.next_page_token ?? ''
    if (token === '' || tokens.size + 1 === first.mostPages) return items
    if (tokens.has(token)) throw new RetryableError('the same page was offered twice', client.factsOf(request, answer))
    tokens.add(token)
    // The token stands for every other parameter.
    query = [['page_token', token]]
  }
}

/** Page size of a seek-paged list; without it 10. */
export function limitOf(limit: number): readonly [string, string] {
  return ['limit', String(limit)]
}

/** One of several: the parameter is repeated, not joined by commas. */
export function orderIdParameter(id: string): readonly [string, string] {
  return ['order_id', id]
}

/** Whether this marketplace takes shipments (ST01, ST11, ST12), as far as this process has learned. */
export interface MultiShipment {
  isOff(): Promise<boolean>
  switchOff(): Promise<void>
}

/** A 404 is remembered for a day, by all processes: then somebody notices by itself that the operator has switched the feature on. */
export function createMultiShipment(gate: Gate): MultiShipment {
  const rememberMs = 24 * 3600_000
  return {
    isOff: async () => (await gate.shared.recall('multi-shipment')) === 'off',
    async switchOff() {
      gate.log.info({ channel: gate.account }, 'this marketplace has multi-shipment off: whole orders only')
      await gate.shared.remember('multi-shipment', 'off', gate.clock.now() + rememberMs)
    },
  }
}
