import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AuthError, RetryableError, ThrottledError } from '../../src/core/errors.ts'
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

const failure = (code: number, say = 'No.') =>
  `<?xml version="1.0" encoding="UTF-8"?><GetOrdersResponse xmlns="urn:ebay:apis:eBLBaseComponents"><Ack>Failure</Ack><Errors><ShortMessage>${say}</ShortMessage><LongMessage>${say}</LongMessage><ErrorCode>${code}</ErrorCode><SeverityCode>Error</SeverityCode><ErrorClassification>RequestError</ErrorClassification></Errors></GetOrdersResponse>`
const rest = (errorId: number) => ({ errors: [{ errorId, domain: 'ACCESS', category: 'REQUEST', message: 'No.' }] })

describe('an answer of the Trading API', () => {
  it.each([21917053, 21916984, 931, 932])('that the token is no longer good (%i) is worth one fresh one', async (code) => {
    spoil(world, TRADING, 'status', { status: 200, body: failure(code) })

    expect(await pull(world.connector)).toHaveLength(1)
    expect(world.account.minted).toHaveLength(2)
    expect(world.account.opened).toEqual([])
  })

  it('with notices is good, and each notice is told once', async () => {
    world.sandbox.seed('ebay', { settings: { notices: true } })

    expect(await pull(world.connector)).toHaveLength(1)
    await pull(world.connector)

    expect(world.logged.filter(({ message }) => message === 'eBay gave a notice')).toHaveLength(1)
  })

  it('tells every error, not only the first, and masks what is personal', async () => {
    const first = failure(37, 'Tag is invalid for jane@example.com +1 617 555 0100 99')
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
  it.each([
    ['401', 401, 1001],
    ['403 that may be an expired token', 403, 1100],
  ])('of %s is worth one fresh token', async (_, status, id) => {
    spoil(world, ORDERS, 'status', { status, body: rest(id) })

    expect(await pull(world.again({ ordersApi: 'fulfillment' }).connector)).toHaveLength(1)
    expect(heard(world, TOKEN)).toHaveLength(2)
  })
})

describe('a token', () => {
  it('is exchanged once for many calls, with the scopes it needs', async () => {
    await pull(world.connector)
    await pull(world.connector)

    expect(world.account.minted).toHaveLength(1)
  })

  it('that is refused is asked for once, until a person has mended it', async () => {
    spoil(world, TOKEN, 'status', { status: 400, body: { error: 'invalid_grant' } })

    await failureOf(pull(world.connector))
    expect(await failureOf(pull(world.connector))).toBeInstanceOf(AuthError)

    expect(world.account.opened).toHaveLength(1)
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

describe('secrets', () => {
  it('stay out of what the package that writes the requests knows', async () => {
    await pull(world.connector)
    const [call] = heard(world, TRADING)

    expect(call?.requestBody).not.toContain('RequesterCredentials')
    expect((world.sandbox.books('ebay') as { misdeeds: string[] }).misdeeds).toEqual([])
  })
})
