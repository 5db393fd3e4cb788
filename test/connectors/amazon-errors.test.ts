import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AuthError, PermanentError, RetryableError, StoppedError, ThrottledError } from '../../src/core/errors.ts'
import type { FaultKind } from '../../src/sandbox/stand-in.ts'
import { type AmazonWorld, calls, failureOf, NOW, openAmazon, pull, signal } from './amazon-world.ts'

const SEARCH = /^\/orders\/2026-01-01\/orders$/
const TOKEN = /^\/auth\/o2\/token$/

let world: AmazonWorld

beforeEach(async () => {
  world = await openAmazon({ orders: [{}] })
})
afterEach(() => world.sandbox.close())

const spoil = (path: RegExp, kind: FaultKind, more: object = {}) =>
  world.sandbox.addFault({ vendor: 'amazon', kind, match: { path: path.source }, ...more })
const errors = (code: string, message: string, details = '') => ({ errors: [{ code, message, details }] })
const denied = (details = '') => ({
  status: 403,
  body: errors('Unauthorized', 'Access to requested resource is denied.', details),
})

/** Everything that a reader of logs and errors gets to see. */
function visible(error: unknown, seen: AmazonWorld = world): string {
  return JSON.stringify([String(error), error, seen.logged, seen.account.opened])
}

describe('an answer of Amazon', () => {
  it.each<[string, FaultKind, object]>([
    ['500 with errors', 'status', { status: 500, body: errors('InternalFailure', 'We encountered an internal error.') }],
    ['502 with a message', 'status', { status: 502, body: { message: 'Bad gateway' } }],
    ['503 with nothing', 'status', { status: 503, body: '' }],
    ['504 with HTML', 'html', { status: 504 }],
    ['200 with HTML', 'html', {}],
    ['200 with half a document', 'truncate', {}],
    ['200 that breaks off', 'cut-after', { status: 200 }],
    ['cut off', 'cut', {}],
    ['none', 'timeout', {}],
  ])('of %s is retryable at once', async (_, kind, more) => {
    spoil(SEARCH, kind, more)
    const started = performance.now()

    const error = await failureOf(pull(world.again({ timeoutMs: 500 }).connector))

    expect(error).toBeInstanceOf(RetryableError)
    expect(error).toMatchObject({ account: 'amazon-us', operation: 'searchOrders', outcomeUnknown: false })
    expect(performance.now() - started).toBeLessThan(2500)
    expect(calls(world.sandbox, SEARCH)).toHaveLength(1)
    expect(await pull(world.connector)).toHaveLength(1)
  })

  it('of another shape is retryable and names the place', async () => {
    spoil(SEARCH, 'status', { status: 200, body: { orders: 'none' } })

    const error = await failureOf(pull(world.connector))

    expect(error).toBeInstanceOf(RetryableError)
    expect(String(error)).toContain('orders: invalid_type')
  })

  it.each([400, 404, 413, 415, 422])("of %i is permanent, in Amazon's words", async (status) => {
    spoil(SEARCH, 'status', {
      status,
      body: errors('InvalidInput', 'No good.', 'marketplaceIds; call +1 555 010 0100 or a@b.example'),
    })

    const error = await failureOf(pull(world.connector))

    expect(error).toBeInstanceOf(PermanentError)
    expect(error).toMatchObject({ status })
    expect(String(error)).toContain('InvalidInput: No good.: marketplaceIds; call <digits> or <e-mail>')
  })

  it('keeps the request id', async () => {
    const error = await failureOf(world.connector.getOrders(['7'], signal))

    expect(error).toBeInstanceOf(PermanentError)
    expect(error).toMatchObject({ requestId: expect.stringMatching(/^0{8}-/) })
  })
})

describe('a rate limit', () => {
  const quota = errors('QuotaExceeded', 'You exceeded your quota for the requested resource.')

  it.each<[string, object, number]>([
    ['as long as one call takes to earn', {}, 178_572],
    ["as long by Amazon's own rate", { 'x-amzn-ratelimit-limit': '0.1' }, 10_000],
    ['as told, if longer', { 'retry-after': '600' }, 600_000],
  ])('of a 429 holds everybody %s', async (_, headers, waitMs) => {
    spoil(SEARCH, 'throttle', { body: quota, headers })

    const error = await failureOf(pull(world.connector))

    expect(error).toBeInstanceOf(ThrottledError)
    expect(error).toMatchObject({ waitMs })
    expect(world.account.drained).toEqual([{ bucket: 'searchOrders', until: NOW + waitMs }])
    expect(calls(world.sandbox, SEARCH)).toHaveLength(1)
  })

  it.each([0.0112, 0.0056])('of %d is adopted, once', async (rate) => {
    world.sandbox.seed('amazon', { rate_limits: { searchOrders: { rate, burst: 20 } } })

    await pull(world.connector)
    await pull(world.connector)

    expect(world.account.adopted).toEqual([{ bucket: 'searchOrders', rule: { perSecond: rate, burst: 20 } }])
  })
})

describe('a token', () => {
  it('is exchanged once and shared', async () => {
    await pull(world.connector)
    await pull(world.connector)

    expect(world.account.minted).toHaveLength(1)
    expect(calls(world.sandbox, TOKEN).map((entry) => entry.status)).toEqual([200])
  })

  it.each([
    ['401', () => spoil(SEARCH, 'token-revoked', { body: errors('Unauthorized', 'No.') })],
    ['403 that says it expired', () => void world.sandbox.act('amazon', 'expire-tokens')],
  ])('refused with %s is exchanged and the call repeated', async (_, refuse) => {
    await pull(world.connector)
    refuse()

    expect(await pull(world.connector)).toHaveLength(1)

    expect(world.account.minted).toHaveLength(2)
    expect(world.account.opened).toEqual([])
  })

  it('refused twice closes the account', async () => {
    spoil(SEARCH, 'token-revoked', { times: 2, body: errors('Unauthorized', 'No.') })

    const error = await failureOf(pull(world.connector))

    expect(error).toBeInstanceOf(AuthError)
    expect(String(error)).toContain('a fresh token was refused too')
    expect(calls(world.sandbox, SEARCH)).toHaveLength(2)
    expect(world.account.opened).toHaveLength(1)
  })

  it('is not exchanged for a missing role; the account closes and the message says what to do', async () => {
    spoil(SEARCH, 'status', denied())

    const error = await failureOf(pull(world.connector))

    expect(error).toBeInstanceOf(AuthError)
    expect(String(error)).toMatch(/denied\.; the app lacks a role, or the seller withdrew consent: .*orders_api: v0/)
    expect(world.account.minted).toHaveLength(1)
    expect(await failureOf(pull(world.connector))).toBeInstanceOf(AuthError)
    expect(calls(world.sandbox, SEARCH)).toHaveLength(1)
  })

  it('that cannot be had any more names consent', async () => {
    world.sandbox.act('amazon', 'revoke')

    const error = await failureOf(pull(world.connector))

    expect(error).toBeInstanceOf(AuthError)
    expect(String(error)).toContain('invalid_grant: the refresh token is wrong or was revoked: authorise the app again')
    expect(world.account.opened).toHaveLength(1)
    expect(await failureOf(pull(world.connector))).toBeInstanceOf(AuthError)
    expect(calls(world.sandbox, TOKEN)).toHaveLength(1)
  })

  it('that a wrong secret cannot buy names the 180 days', async () => {
    const other = world.again({
      credentials: { clientId: 'sandbox-client', clientSecret: 'old-secret', refreshToken: 'sandbox-refresh' },
    })

    const error = await failureOf(pull(other.connector))

    expect(error).toBeInstanceOf(AuthError)
    expect(String(error)).toContain('180 days')
    expect(other.account.opened).toHaveLength(1)
  })

  it.each<[string, FaultKind, object, unknown]>([
    ['500', 'status', { status: 500, body: '' }, RetryableError],
    ['200 with HTML', 'html', {}, RetryableError],
    ['403 of a proxy', 'html', { status: 403 }, RetryableError],
    ['200 without a token', 'status', { status: 200, body: { token_type: 'bearer' } }, RetryableError],
    ['429', 'throttle', { body: '', headers: { 'retry-after': '7' } }, ThrottledError],
    ['400 invalid_request', 'status', { status: 400, body: { error: 'invalid_request' } }, AuthError],
    ['400 unauthorized_client', 'status', { status: 400, body: { error: 'unauthorized_client' } }, AuthError],
  ])('exchange that answers %s is told apart', async (_, kind, more, expected) => {
    spoil(TOKEN, kind, more)

    const error = await failureOf(pull(world.connector))

    expect(error).toBeInstanceOf(expected)
    expect(world.account.opened).toHaveLength(expected === AuthError ? 1 : 0)
    expect(calls(world.sandbox, SEARCH)).toEqual([])
  })
})

describe('secrets and personal data', () => {
  it('are in no log line and no error', async () => {
    await pull(world.connector)
    spoil(SEARCH, 'status', denied('The access token Atza|leaked you provided has expired.'))
    spoil(SEARCH, 'cut')
    const first = await failureOf(pull(world.connector))
    world.sandbox.act('amazon', 'revoke')
    const second = await failureOf(pull(world.connector))

    for (const text of [visible(first), visible(second)]) {
      expect(text).not.toMatch(/sandbox-secret|sandbox-refresh|Atza\|sandbox|Invented Street|Sample Buyer/)
    }
  })
})

describe('a stop', () => {
  it('before a call keeps it from being made', async () => {
    const stopped = AbortSignal.abort()

    expect(await failureOf(world.connector.getOrders(['7'], stopped))).toBeInstanceOf(StoppedError)
    expect(world.sandbox.journal()).toEqual([])
  })
})
