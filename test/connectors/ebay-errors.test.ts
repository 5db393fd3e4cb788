import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AuthError, PermanentError, RetryableError, ThrottledError } from '../../src/core/errors.ts'
import { followingClock, limitedAccount } from '../world/gate.ts'
import {
  aPackage,
  type EbayWorld,
  failureOf,
  heard,
  MINUTE,
  NOW,
  openEbay,
  pull,
  signal,
  spoil,
  TOKEN,
  TRADING,
} from './ebay-world.ts'

const ORDERS = /\/fulfillment\/v1\/order$/
const ID = '11-00001-00001'
const LINE = '256000000001-2900000000001'

let world: EbayWorld
beforeEach(async () => {
  world = await openEbay({
    orders: [{ order_id: ID, lines: [{ item_id: '256000000001', transaction_id: '2900000000001' }] }],
  })
})
afterEach(() => world.close())

const failure = (
  code: number,
  more: { readonly ack?: string; readonly kind?: string; readonly say?: string; readonly call?: string } = {},
) => {
  const { ack = 'Failure', kind = 'RequestError', say = 'No.', call = 'GetOrders' } = more
  return `<?xml version="1.0" encoding="UTF-8"?><${call}Response xmlns="urn:ebay:apis:eBLBaseComponents"><Ack>${ack}</Ack><Errors><ShortMessage>${say}</ShortMessage><LongMessage>${say}</LongMessage><ErrorCode>${code}</ErrorCode><SeverityCode>Error</SeverityCode><ErrorClassification>${kind}</ErrorClassification></Errors></${call}Response>`
}
const rest = (errorId: number, message = 'No.', more: object = {}) => ({
  errors: [{ errorId, domain: 'ACCESS', category: 'REQUEST', message, ...more }],
})
const pullBy = (ordersApi: 'trading' | 'fulfillment', settings = {}) =>
  failureOf(pull(world.again({ ordersApi, ...settings }).connector))

describe('an answer of the Trading API', () => {
  it.each<
    [
      string,
      object | 'html' | 'truncate' | 'cut' | 'timeout',
      typeof RetryableError | typeof PermanentError | typeof ThrottledError | typeof AuthError,
    ]
  >([
    ['an inner fault, with 200', { status: 200, body: failure(10007, { kind: 'SystemError' }) }, RetryableError],
    ['an unknown fault that eBay calls its own', { status: 200, body: failure(4711, { kind: 'SystemError' }) }, RetryableError],
    ['a fault of ours, with 200', { status: 200, body: failure(37) }, PermanentError],
    ['no date range, with 200', { status: 200, body: failure(10009) }, PermanentError],
    ['the day is used up, with 200', { status: 200, body: failure(518) }, ThrottledError],
    ['429', { status: 429, body: '' }, ThrottledError],
    ['429 from a gateway that speaks JSON', { status: 429, body: rest(2001, 'Access denied') }, ThrottledError],
    ['a suspended seller', { status: 200, body: failure(16110) }, AuthError],
    ['no token at all', { status: 200, body: failure(930) }, AuthError],
    ['500 with nothing', { status: 500, body: '' }, RetryableError],
    ['500 with a fault inside', { status: 500, body: failure(10007, { kind: 'SystemError' }) }, RetryableError],
    ['503', { status: 503, body: '<html>busy</html>' }, RetryableError],
    ['408', { status: 408, body: '' }, RetryableError],
    ['HTML with 200', 'html', RetryableError],
    ['half a document with 200', 'truncate', RetryableError],
    ["another call's document", { status: 200, body: failure(37, { call: 'GetItem' }) }, RetryableError],
    ['a document without a verdict', { status: 200, body: '<GetOrdersResponse></GetOrdersResponse>' }, RetryableError],
    ['a connection that breaks', 'cut', RetryableError],
    ['no answer', 'timeout', RetryableError],
  ])('of %s has its class', async (_, what, expected) => {
    if (typeof what === 'string') spoil(world, TRADING, what)
    else spoil(world, TRADING, 'status', what)

    const error = await pullBy('trading', { timeoutMs: 400 })

    expect(error).toBeInstanceOf(expected)
    expect(error).toMatchObject({ account: 'ebay-us', operation: 'GetOrders' })
    expect(heard(world, TRADING)).toHaveLength(1)
  })

  it.each([21917053, 21916984, 931, 932])('that the token is no longer good (%i) is worth one fresh one', async (code) => {
    spoil(world, TRADING, 'status', { status: 200, body: failure(code) })

    expect(await pull(world.connector)).toHaveLength(1)
    expect(world.account.minted).toHaveLength(2)
    expect(world.account.opened).toEqual([])
  })

  it('that a fresh token is no good either closes the account and says what to compare', async () => {
    spoil(world, TRADING, 'status', { status: 200, body: failure(21916984), times: 2 })

    const error = await failureOf(pull(world.connector))

    expect(error).toBeInstanceOf(AuthError)
    expect(String(error)).toMatch(/fresh token was refused too: compare app_id/)
    expect(world.account.opened).toHaveLength(1)
    expect(heard(world, TRADING)).toHaveLength(2)
  })

  it('with notices is good, and each notice is told once', async () => {
    world.sandbox.seed('ebay', { settings: { notices: true } })

    expect(await pull(world.connector)).toHaveLength(1)
    await pull(world.connector)

    expect(world.logged.filter(({ message }) => message === 'eBay gave a notice')).toHaveLength(1)
  })

  it('tells every error, not only the first, and masks what is personal', async () => {
    const first = failure(37, { say: 'Tag is invalid for jane@example.com +1 617 555 0100 99' })
    spoil(world, TRADING, 'status', {
      status: 200,
      body: first.replace('</Ack>', '</Ack><Errors><ErrorCode>21</ErrorCode><ShortMessage>Later.</ShortMessage></Errors>'),
    })

    const error = await failureOf(pull(world.connector))

    expect(String(error)).toContain('21: Later.; 37: Tag is invalid for <e-mail> <digits>')
  })

  it("to a package may have been carried out where the answer is lost or not eBay's", async () => {
    spoil(world, TRADING, 'html-after', { match: { path: TRADING.source, body: 'CompleteSaleRequest' } })

    const error = await failureOf(world.connector.confirmShipments([aPackage(ID, [LINE])], signal))

    expect(error).toMatchObject({ kind: 'retryable', outcomeUnknown: true })
  })
})

describe('an answer of the REST APIs', () => {
  it.each<[string, object, typeof RetryableError | typeof PermanentError | typeof ThrottledError | typeof AuthError]>([
    ['429', { status: 429, body: rest(2001) }, ThrottledError],
    ['429 with the words of a refused token', { status: 429, body: rest(1100, 'Access denied') }, ThrottledError],
    ['a throttle that calls itself access denied', { status: 403, body: rest(2001, 'Access denied') }, ThrottledError],
    ['500', { status: 500, body: rest(30500, 'System error', { category: 'APPLICATION' }) }, RetryableError],
    ['a passing fault', { status: 500, body: rest(2003) }, RetryableError],
    ['400', { status: 400, body: rest(30850, 'Invalid date') }, PermanentError],
    ['404', { status: 404, body: rest(32100) }, PermanentError],
    ['200 with HTML', { status: 200, body: '<html>hello</html>' }, RetryableError],
    ['200 of another shape', { status: 200, body: { orders: [] } }, RetryableError],
    ['403 without a word', { status: 403, body: '' }, AuthError],
  ])('of %s has its class', async (_, what, expected) => {
    spoil(world, ORDERS, 'status', what)

    expect(await pullBy('fulfillment')).toBeInstanceOf(expected)
    expect(heard(world, ORDERS)).toHaveLength(1)
  })

  it.each([
    ['401', 401, 1001],
    ['403 that may be an expired token', 403, 1100],
  ])('of %s is worth one fresh token', async (_, status, id) => {
    spoil(world, ORDERS, 'status', { status, body: rest(id) })

    expect(await pull(world.again({ ordersApi: 'fulfillment' }).connector)).toHaveLength(1)
    expect(heard(world, TOKEN)).toHaveLength(2)
  })

  it('that denies access twice says which scopes are needed', async () => {
    spoil(world, ORDERS, 'status', { status: 403, body: rest(1100), times: 2 })

    const error = await pullBy('fulfillment')

    expect(error).toBeInstanceOf(AuthError)
    expect(String(error)).toContain('lacks the scope sell.inventory or sell.fulfillment')
  })
})

describe('a token', () => {
  it('is exchanged once for many calls, with the scopes it needs', async () => {
    await pull(world.connector)
    await pull(world.connector)

    expect(world.account.minted).toHaveLength(1)
  })

  it.each<[string, object, RegExp]>([
    [
      'a refresh token that is dead',
      { status: 400, body: { error: 'invalid_grant', error_description: 'jane@example.com' } },
      /older than 18 months.*consent again/,
    ],
    [
      'a scope that was not granted',
      { status: 400, body: { error: 'invalid_scope' } },
      /api_scope, sell\.inventory and sell\.fulfillment/,
    ],
    ['a wrong cert id', { status: 401, body: { error: 'invalid_client' } }, /app_id or cert_id is wrong/],
  ])('is not had for %s: the account closes and the operator knows what to do', async (_, what, words) => {
    spoil(world, TOKEN, 'status', what)

    const error = await failureOf(pull(world.connector))

    expect(error).toBeInstanceOf(AuthError)
    expect(String(error)).toMatch(words)
    expect(world.account.opened).toHaveLength(1)
    await failureOf(pull(world.connector))
    expect(heard(world, TOKEN)).toHaveLength(1)
  })

  it.each<[string, object, typeof RetryableError | typeof ThrottledError]>([
    ['429', { status: 429, body: '', headers: { 'retry-after': '20' } }, ThrottledError],
    ['503', { status: 503, body: '' }, RetryableError],
    ['HTML with 200', { status: 200, body: '<html></html>' }, RetryableError],
  ])('that cannot be had because of %s may be had later', async (_, what, expected) => {
    spoil(world, TOKEN, 'status', what)

    expect(await failureOf(pull(world.connector))).toBeInstanceOf(expected)
    expect(world.account.opened).toEqual([])
    expect(await pull(world.connector)).toHaveLength(1)
  })
})

describe('the calls of a day', () => {
  const limited = (dailyCalls: number) => {
    const clock = followingClock(world.sandbox.clock.now)
    return world.again({ dailyCalls }, { clock, shared: limitedAccount(clock, 'ebay-us'), maxWaitMs: 0 })
  }

  it('end where the operator says, until midnight in California', async () => {
    const { connector } = limited(3)
    for (let n = 0; n < 3; n += 1) await pull(connector)

    const error = await failureOf(pull(connector))

    expect(error).toBeInstanceOf(ThrottledError)
    expect(String(error)).toContain(
      "the keyset's day has 3 Trading calls by daily_calls, and they are used; next try at 2026-11-22T08:00:00.000Z",
    )
    expect(heard(world, TRADING)).toHaveLength(3)
    world.sandbox.clock.set(Date.parse('2026-11-22T08:00:01.000Z'))
    expect(await pull(connector)).toHaveLength(1)
  })

  it('are shared by the channels of one keyset, and by no others', async () => {
    world.sandbox.seed('ebay', { accounts: [{ user: 'uk' }, { user: 'de', app_id: 'another-app' }] })
    const clock = followingClock(world.sandbox.clock.now)
    const { common } = limitedAccount(clock)
    const seller = (refreshToken: string, appId: string, dailyCalls = 3) => {
      const shared = { ...limitedAccount(clock, refreshToken), common }
      const credentials = { appId, certId: 'sandbox-cert', refreshToken }
      return world.again({ dailyCalls, credentials }, { clock, shared, maxWaitMs: 0 }).connector
    }
    const us = seller('sandbox-refresh', 'sandbox-app')
    const uk = seller('sandbox-refresh-uk', 'sandbox-app')
    await pull(us)
    await pull(us)
    await pull(uk)

    for (const connector of [us, uk])
      expect(String(await failureOf(pull(connector)))).toContain("the keyset's day has 3 Trading calls by daily_calls")
    await pull(seller('sandbox-refresh-de', 'another-app'))
    // One of the keyset that may use more of its day goes on.
    await pull(seller('sandbox-refresh-uk', 'sandbox-app', 4))
    expect(heard(world, TRADING)).toHaveLength(5)
  })

  it('are kept for orders, in part, when stock is written', async () => {
    world.sandbox.seed('ebay', { listings: [{ sku: 'T', model: 'trading', quantity: 1 }] })
    const { connector } = limited(5)
    const tell = (quantity: number) =>
      connector.updateQuantities([{ channel: 'ebay-us', sku: 'T', quantity, productType: `trading ${item()}` }], 'auto', signal)
    const item = () => (world.sandbox.books('ebay') as { listings: { item_id: string }[] }).listings[0]?.item_id
    for (let n = 1; n <= 4; n += 1) await tell(n)

    expect(String(await failureOf(tell(5)))).toContain('1 of them kept for orders')
    expect(await pull(connector)).toHaveLength(1)
  })

  it('that eBay calls used up are asked for again once an hour, by one call', async () => {
    spoil(world, TRADING, 'status', { status: 200, body: failure(518) })

    expect(await failureOf(pull(world.connector))).toMatchObject({ waitMs: 60 * MINUTE })
    const second = await failureOf(pull(world.again({}, { shared: world.account }).connector))

    expect(second).toBeInstanceOf(ThrottledError)
    expect(heard(world, TRADING)).toHaveLength(1)
    world.sandbox.clock.set(NOW + 61 * MINUTE)
    expect((await pull(world.connector)).length).toBe(1)
  })
})

describe('secrets and people', () => {
  it('are in no error and no log, whatever fails', async () => {
    const secrets = ['sandbox-cert', 'sandbox-refresh', 'sandbox-app', 'jane@example.com', 'Beispielweg']
    world.sandbox.seed('ebay', { orders: [{ order_id: '11-00001-00009', vault: true, buyer: { email: 'jane@example.com' } }] })
    const failures: unknown[] = []
    for (const kind of ['cut', 'html', 'truncate', 'timeout'] as const) {
      for (const path of [TOKEN, TRADING]) {
        const fresh = world.again({ timeoutMs: 300 })
        spoil(world, path, kind)
        failures.push(await failureOf(pull(fresh.connector)), fresh.logged, fresh.account.opened)
      }
    }
    for (const body of [rest(9, 'Call jane@example.com'), failure(37, { say: 'jane@example.com' })]) {
      spoil(world, TRADING, 'status', { status: 400, body })
      failures.push(await failureOf(pull(world.connector)), world.logged)
    }
    const token = world.account.minted[0] ?? 'none'

    const visible = inspect(failures, { depth: 9 })

    for (const secret of [...secrets, token]) expect(visible).not.toContain(secret)
  })

  it('stay out of what the package that writes the requests knows', async () => {
    await pull(world.connector)
    const [call] = heard(world, TRADING)

    expect(call?.requestBody).not.toContain('RequesterCredentials')
    expect((world.sandbox.books('ebay') as { misdeeds: string[] }).misdeeds).toEqual([])
  })
})
