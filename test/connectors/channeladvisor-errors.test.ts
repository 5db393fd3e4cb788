import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AuthError, PermanentError, RetryableError, ThrottledError } from '../../src/core/errors.ts'
import {
  type Answer,
  anOrder,
  aPackage,
  failureOf,
  MINUTE,
  NOW,
  openScripted,
  pages,
  type ScriptedWorld,
  SECRETS,
  signal,
  TOKEN,
} from './channeladvisor-wire.ts'

/** Nothing of these may reach an error, a log line or the reason of an open circuit. */
const CANARIES = [...Object.values(SECRETS), TOKEN, 'jane.canary@example.com', '+1 617 555 0100 99', '4111111111111111']
const LEAK = `token ${TOKEN} of ${SECRETS.applicationId} for jane.canary@example.com +1 617 555 0100 99 4111111111111111`

let world: ScriptedWorld
let orders: Answer | undefined
let token: Answer | undefined
let ships: Answer | undefined

beforeEach(async () => {
  orders = token = ships = undefined
  world = await openScripted(({ path }) => {
    if (path === '/oauth2/token') return token
    if (path === '/v1/Orders') return orders ?? { body: { value: [] } }
    if (path === '/v1/Orders(100)') return { body: anOrder() }
    if (path === '/v1/Orders(100)/Ship') return ships ?? { status: 204 }
    return undefined
  })
})
afterEach(() => {
  const told = inspect([world.logged, world.account.opened, world.planned], { depth: 9 })
  for (const canary of CANARIES) expect(told).not.toContain(canary)
  return world.close()
})

const modern = (message: string, code = '') => ({ error: { code, message } })
const capital = (Message: string) => ({ $id: '1', Message })
const denied = 'Authorization has been denied for this request.'
type Class = typeof AuthError | typeof PermanentError | typeof RetryableError | typeof ThrottledError

function expectClean(error: unknown): void {
  for (const canary of CANARIES) expect(inspect(error, { depth: 9 })).not.toContain(canary)
}

describe('an answer to a search', () => {
  it.each<[string, Answer, Class, RegExp, number | undefined]>([
    [
      'a filter that is not understood',
      { status: 400, body: modern('The query specified in the URI is not valid.') },
      PermanentError,
      /answered 400: The query specified/,
      undefined,
    ],
    [
      'a fault in the other shape',
      { status: 400, body: capital('The request is invalid.') },
      PermanentError,
      /answered 400: The request is invalid/,
      undefined,
    ],
    [
      'a code and words',
      { status: 400, body: modern('No such field', 'BadField') },
      PermanentError,
      /answered 400: BadField: No such field/,
      undefined,
    ],
    [
      'words that quote secrets and people',
      { status: 400, body: capital(LEAK) },
      PermanentError,
      /answered 400: token \[secret\].*<e-mail> <digits>/,
      undefined,
    ],
    [
      'an address that does not exist',
      { status: 404, body: modern('Resource not found for the segment') },
      PermanentError,
      /answered 404/,
      undefined,
    ],
    ['too long an address', { status: 414, body: '<h2>Request-URI Too Long</h2>' }, PermanentError, /answered 414$/, undefined],
    ['an unsupported type', { status: 415 }, PermanentError, /answered 415/, undefined],
    [
      'a redirect',
      { status: 302, headers: { location: 'https://elsewhere.example' } },
      RetryableError,
      /answered 302/,
      undefined,
    ],
    [
      'a spent limit without a header',
      { status: 429, body: capital('Too many requests') },
      ThrottledError,
      /answered 429: Too many requests/,
      MINUTE,
    ],
    ['a spent limit with seconds', { status: 429, headers: { 'retry-after': '7' } }, ThrottledError, /answered 429/, 7000],
    ['a fault of theirs', { status: 500, body: capital('An error has occurred.') }, RetryableError, /answered 500$/, undefined],
    ['a fault of theirs that quotes us', { status: 500, body: capital(LEAK) }, RetryableError, /answered 500$/, undefined],
    ['a busy gateway', { status: 503, body: '<html>busy</html>' }, RetryableError, /answered 503/, undefined],
    ['a slow gateway', { status: 504 }, RetryableError, /answered 504/, undefined],
    ['a request that took too long', { status: 408 }, RetryableError, /answered 408/, undefined],
    ['a passing 406', { status: 406 }, RetryableError, /answered/, undefined],
    [
      'a page of something else',
      { status: 200, body: '<html>maintenance</html>' },
      RetryableError,
      /is not JSON \(text\/html/,
      undefined,
    ],
    [
      'half a document',
      { status: 200, headers: { 'content-type': 'application/json' }, body: '{"value":[{"ID":1' },
      RetryableError,
      /is not JSON/,
      undefined,
    ],
    ['another document', { status: 200, body: { orders: [] } }, RetryableError, /unexpected shape \(value/, undefined],
    ['a door that is shut', { status: 403, body: capital('Forbidden') }, AuthError, /answered 403: Forbidden/, undefined],
  ])('of %s has its class and its words', async (_, answer, expected, words, waitMs) => {
    orders = answer

    const error = await failureOf(pages(world.connector))

    expect(error).toBeInstanceOf(expected)
    expect(error).toMatchObject({ account: 'ca-test', operation: 'GET Orders', ...(waitMs === undefined ? {} : { waitMs }) })
    expect(String(error)).toMatch(words)
    expectClean(error)
    expect(world.calls()).toHaveLength(1)
  })

  it.each<[string, Answer]>([
    ['with 401', { status: 401, body: capital(denied) }],
    ['with 401 and nothing', { status: 401 }],
    ['inside a 200', { status: 200, body: capital(denied) }],
    ['inside a 200, in the other shape', { status: 200, body: modern(denied) }],
  ])('that the token is not taken, %s, is worth one fresh one', async (_, answer) => {
    const answers = [answer, { body: { value: [anOrder()] } }]
    world.play(({ path }) => (path === '/v1/Orders' ? answers.shift() : undefined))

    expect((await pages(world.connector))[0]?.orders).toHaveLength(1)
    expect(world.account.minted).toHaveLength(2)
    expect(world.account.opened).toEqual([])
  })

  it('that a fresh token is not taken either closes the account, and names the scope that lacks', async () => {
    orders = { status: 401, body: capital(`${denied} ${LEAK}`) }

    const error = await failureOf(pages(world.connector))

    expect(error).toBeInstanceOf(AuthError)
    expect(String(error)).toMatch(/a fresh token was refused too; the authorization lacks the scope orders/)
    expectClean(error)
    expect(world.account.opened).toHaveLength(1)
    expect(world.calls()).toHaveLength(2)
    expect(await failureOf(pages(world.connector))).toBeInstanceOf(AuthError)
    expect(world.calls()).toHaveLength(2)
  })

  it('with such words in the middle of an order is data', async () => {
    orders = { body: { value: [anOrder({ PublicNotes: denied })] } }
    expect((await pages(world.connector))[0]?.orders[0]?.notes).toBe(denied)
  })

  it('of a limit holds orders and quantities alike', async () => {
    orders = { status: 429 }
    await failureOf(pages(world.connector))
    expect(world.account.drained.map(({ bucket, until }) => [bucket, until])).toEqual([
      ['api', NOW + MINUTE],
      ['batch', NOW + MINUTE],
    ])
  })
})

describe('an answer to a package', () => {
  it.each<[string, Answer, Class, boolean | undefined]>([
    ['500', { status: 500, body: capital(LEAK) }, RetryableError, true],
    ['503', { status: 503 }, RetryableError, true],
    ['406', { status: 406 }, RetryableError, true],
    ['something that is not JSON', { status: 200, body: '<html>hello</html>' }, RetryableError, true],
    ['400', { status: 400, body: capital(LEAK) }, PermanentError, undefined],
    ['413', { status: 413 }, PermanentError, undefined],
    ['404', { status: 404 }, PermanentError, undefined],
  ])('of %s: whether it may have been carried out', async (_, answer, expected, outcomeUnknown) => {
    ships = answer

    const [outcome] = await world.connector.confirmShipments([aPackage()], signal)

    const error = outcome?.status === 'failed' ? outcome.error : undefined
    expect(error).toBeInstanceOf(expected)
    expect(error).toMatchObject({ operation: 'Orders/Ship', ...(outcomeUnknown === undefined ? {} : { outcomeUnknown }) })
    expectClean(error)
  })

  it('without the right to write names the scope that lacks', async () => {
    ships = { status: 401, body: capital(denied) }
    expect(String(await failureOf(world.connector.confirmShipments([aPackage()], signal)))).toMatch(
      /lacks the scope orders \(not orders\.readonly\)/,
    )
  })
})

describe('an answer to the request for a token', () => {
  it.each<[string, Answer, Class, RegExp]>([
    [
      'a wrong pair',
      { status: 400, body: { error: 'invalid_client', error_description: LEAK } },
      AuthError,
      /answered 400 invalid_client: application_id or shared_secret is wrong/,
    ],
    [
      'a dead refresh token',
      { status: 400, body: { error: 'invalid_grant' } },
      AuthError,
      /invalid_grant: the refresh token was revoked or has expired: make a new one/,
    ],
    [
      'an application without the right',
      { status: 400, body: { error: 'unauthorized_client' } },
      AuthError,
      /authorize it again/,
    ],
    [
      'a 400 in words of its own',
      { status: 400, body: capital(LEAK) },
      AuthError,
      /answered 400 without a token: compare application_id and shared_secret/,
    ],
    ['a 400 without a word', { status: 400 }, AuthError, /compare application_id and shared_secret/],
    ['401', { status: 401, body: capital(denied) }, AuthError, /answered 401 without a token/],
    ['a firewall', { status: 403, body: '<html>blocked</html>' }, RetryableError, /answered 403 without a token \(20 bytes\)/],
    ['429', { status: 429, headers: { 'retry-after': '30' } }, ThrottledError, /too many tokens/],
    ['500', { status: 500 }, RetryableError, /answered 500 without a token/],
    ['200 without a token', { status: 200, body: { token_type: 'bearer' } }, RetryableError, /answered 200 without a token/],
  ])('of %s has its class and its words', async (_, answer, expected, words) => {
    token = answer

    const error = await failureOf(pages(world.connector))

    expect(error).toBeInstanceOf(expected)
    expect(String(error)).toMatch(words)
    expectClean(error)
    expect(world.calls()).toEqual([])
    expect(world.account.opened).toHaveLength(expected === AuthError ? 1 : 0)
  })

  it('that refuses is not asked for again until somebody has changed something', async () => {
    token = { status: 400, body: { error: 'invalid_grant' } }
    await failureOf(pages(world.connector))
    await failureOf(pages(world.connector))
    expect(world.heard).toHaveLength(1)
  })
})

describe('no answer', () => {
  it('to a search can be tried again', async () => {
    world.play(({ path }) => (path === '/v1/Orders' ? new Promise(() => undefined) : undefined))
    expect(await failureOf(pages(world.again({ timeoutMs: 100 })))).toMatchObject({
      kind: 'retryable',
      message: /no answer within 100 ms/,
    })
  })

  it('to a package leaves it in doubt', async () => {
    world.play(({ path }) => {
      if (path === '/v1/Orders(100)') return { body: anOrder() }
      return path === '/v1/Orders(100)/Ship' ? new Promise(() => undefined) : undefined
    })
    const [outcome] = await world.again({ timeoutMs: 100 }).confirmShipments([aPackage()], signal)
    expect(outcome).toMatchObject({ status: 'failed', error: { kind: 'retryable', outcomeUnknown: true } })
  })
})
