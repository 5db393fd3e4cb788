import type { z } from 'zod'
import { AuthError, type ConnectorError, RetryableError, ThrottledError, type VendorCallFacts } from '../../../core/errors.ts'
import type { RateRule } from '../../../core/ports/account.ts'
import type { PlannedCall, VendorAnswer, VendorCall } from '../../../core/ports/gate.ts'
import { errorOf } from '../../http/classify.ts'
import { fetchTransport } from '../../http/fetch.ts'
import type { Gate } from '../../http/gate.ts'
import { jsonOf, readAnswer } from '../../http/json.ts'
import { retryAfterMs } from '../../http/wait.ts'
import { apiOrigin, type ChannelAdvisorSettings, VENDOR_ORIGIN } from './settings.ts'
import { exchangeToken } from './token.ts'
import { isDenied, wordsOf } from './verdict.ts'
import { type WirePage, wirePage } from './wire.ts'

export interface Request {
  /** The vendor's own name of the call: `GET Orders`, `Orders/Ship`. */
  readonly operation: string
  readonly method: 'GET' | 'POST'
  /** With its query, from {@link pathOf} or a next link. */
  readonly path: string
  /** Sent as JSON. */
  readonly body?: unknown
  readonly plan?: readonly PlannedCall[]
  /** For a call that counts as many (contract section 10). */
  readonly rate?: { readonly bucket: string; readonly rule: RateRule }
  readonly timeoutMs?: number
  /** Refusals the caller wants to read for itself; they come back as answers. */
  readonly expect?: readonly number[]
  /** A part of the answer that says that the token was not taken. */
  readonly isDeniedInside?: (answer: VendorAnswer) => boolean
}

/** One page of a collection, and where the next one is. */
export interface Page {
  readonly raws: readonly unknown[]
  /** How many entries the whole search has, where it was asked. */
  readonly total: number | undefined
  readonly next: string | undefined
  /** The vendor's own time when it answered, epoch ms. */
  readonly answeredAt: number | undefined
}

export interface ChannelAdvisorClient {
  readonly gate: Gate
  readonly settings: ChannelAdvisorSettings
  /** A 2xx answer, or one of `expect`; everything else is thrown by its class (contract section 11). */
  send(request: Request, signal: AbortSignal): Promise<VendorAnswer>
  /** A write whose good answer says nothing. */
  tell(request: Request, signal: AbortSignal): Promise<void>
  /** The body of a good answer, read by `schema`. */
  parse<T>(request: Request, answer: VendorAnswer, schema: z.ZodType<T>): T
  readPage(request: Request, signal: AbortSignal): Promise<Page>
  /** Every entry of a collection, page after page. */
  readAll(request: Request, signal: AbortSignal): Promise<readonly unknown[]>
  factsOf(request: Request, answer?: VendorAnswer): VendorCallFacts
  /** All limits are the account's or the application's: nobody calls until this one is over. */
  hold(waitMs: number): Promise<void>
}

export const BUCKET = 'api'
/**
 * 2,000 a minute for the account and 5 at once for the application (contract section 8). Quantities have a share of their own, see batch.ts;
 * a small burst keeps several processes from having more than five calls under way.
 */
const RATE = { perSecond: 15, burst: 4 }
const WAIT_WITHOUT_HEADER_MS = 60_000
const MOST_PAGES = 5000

/** Calls of one account: token, limits, one repeat with a fresh token, error classes. */
export function createClient(gate: Gate, settings: ChannelAdvisorSettings): ChannelAdvisorClient {
  const origin = apiOrigin(settings)
  const tokenOf = (signal: AbortSignal, rejected?: string) =>
    gate.shared.token(() => exchangeToken(gate, settings, signal), rejected)

  function callOf(request: Request): VendorCall {
    return {
      operation: request.operation,
      effect: request.method === 'GET' ? 'read' : 'write',
      rate: request.rate ?? { bucket: BUCKET, rule: RATE },
      timeoutMs: request.timeoutMs ?? settings.timeoutMs,
      ...(request.plan === undefined ? {} : { plan: request.plan }),
    }
  }

  function factsOf(request: Request, answer?: VendorAnswer): VendorCallFacts {
    const facts = { account: gate.account, operation: request.operation }
    return answer === undefined ? facts : { ...facts, status: answer.status }
  }

  function deliver(request: Request, token: string, signal: AbortSignal): Promise<VendorAnswer> {
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }
    const content =
      request.body === undefined
        ? { headers }
        : { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(request.body) }
    const transport = fetchTransport({ url: `${origin}${request.path}`, method: request.method, ...content })
    return gate.send(callOf(request), transport, signal)
  }

  const isRefused = (request: Request, answer: VendorAnswer) =>
    isDenied(answer) || (answer.status < 300 && request.isDeniedInside?.(answer) === true)

  async function send(request: Request, signal: AbortSignal): Promise<VendorAnswer> {
    const token = await tokenOf(signal)
    const first = await deliver(request, token, signal)
    const answer = isRefused(request, first) ? await deliver(request, await tokenOf(signal, token), signal) : first
    if (isRefused(request, answer)) throw await gate.refuse(deniedTwice(request, answer))
    if (request.expect?.includes(answer.status)) return answer
    const error = await judge(request, answer)
    if (error !== undefined) throw error
    return answer
  }

  /** Says nothing in the vendor's words, which may hold what we sent. */
  function deniedTwice(request: Request, answer: VendorAnswer): AuthError {
    const scope = request.path.startsWith('/v1/Orders') ? 'orders' : 'inventory'
    const kind = request.method === 'GET' ? scope : `${scope} (not ${scope}.readonly)`
    const what = `answered ${answer.status}: a fresh token was refused too; the authorization lacks the scope ${kind}, or the account's owner has withdrawn it: authorize the application again`
    return new AuthError(what, factsOf(request, answer))
  }

  async function judge(request: Request, answer: VendorAnswer): Promise<ConnectorError | undefined> {
    const call = callOf(request)
    const waitMs = retryAfterMs(answer.headers['retry-after'], gate.clock.now()) ?? WAIT_WITHOUT_HEADER_MS
    // A $batch answers 406 for troubles of the vendor's own that pass (contract section 10).
    const passing = answer.status === 406 ? { ...answer, status: 503 } : answer
    const error = errorOf(gate.account, call, passing, { waitMs, message: wordsOf(jsonOf(answer)) })
    if (error instanceof ThrottledError) await hold(error.waitMs)
    return error instanceof AuthError ? gate.refuse(error) : error
  }

  async function hold(waitMs: number): Promise<void> {
    const until = gate.clock.now() + waitMs
    for (const bucket of [BUCKET, BATCH_BUCKET]) await gate.shared.drain(bucket, until)
  }

  async function readPage(request: Request, signal: AbortSignal): Promise<Page> {
    const answer = await send(request, signal)
    const page = readAnswer(gate.account, callOf(request), answer, wirePage)
    const answeredAt = Date.parse(answer.headers['date'] ?? '')
    return {
      raws: page.value,
      total: page['@odata.count'] ?? undefined,
      next: nextOf(request, page),
      answeredAt: Number.isNaN(answeredAt) ? undefined : answeredAt,
    }
  }

  /**
   * The next link as a path on our own host: the token never goes anywhere else, and a token that stands in the link is taken out. A link
   * to a host that is neither ours nor the vendor's is refused.
   */
  function nextOf(request: Request, page: WirePage): string | undefined {
    const link = page['@odata.nextLink']
    if (link === undefined) return undefined
    const url = URL.parse(link, `${origin}/v1/`)
    if (url === null || ![origin, VENDOR_ORIGIN].includes(url.origin) || !url.pathname.startsWith('/v1/'))
      throw new RetryableError('the next page is on another host', factsOf(request))
    const query = url.search
      .slice(1)
      .split('&')
      .filter((part) => !/^access_token=/i.test(part))
    return `${url.pathname}?${query.join('&')}`
  }

  async function readAll(request: Request, signal: AbortSignal): Promise<readonly unknown[]> {
    const raws: unknown[] = []
    const seen = new Set<string>()
    for (let path: string | undefined = request.path; path !== undefined; ) {
      if (seen.has(path) || seen.size >= MOST_PAGES) throw new RetryableError('the same page was offered twice', factsOf(request))
      seen.add(path)
      const page: Page = await readPage({ ...request, path }, signal)
      raws.push(...page.raws)
      path = page.next
    }
    return raws
  }

  return {
    gate,
    settings,
    send,
    async tell(request, signal) {
      const answer = await send(request, signal)
      if (answer.body.length === 0 || jsonOf(answer) !== undefined) return
      // A page of something between us and the vendor.
      const what = `answered ${answer.status} with something that is not JSON (${answer.body.length} bytes)`
      throw new RetryableError(what, { ...factsOf(request, answer), outcomeUnknown: true })
    },
    parse: (request, answer, schema) => readAnswer(gate.account, callOf(request), answer, schema),
    readPage,
    readAll,
    factsOf,
    hold,
  }
}

export const BATCH_BUCKET = 'batch'

/** A path with its query, as it goes over the wire. Names keep their dollar sign; values are encoded, quotes too. */
export function pathOf(path: string, query: readonly (readonly [name: string, value: string])[]): string {
  return `${path}?${query.map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("'", '%27')}`).join('&')}`
}

/** A text in a filter: a quote inside it is doubled (contract section 10). */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
