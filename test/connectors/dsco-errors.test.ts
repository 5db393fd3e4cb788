import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AuthError, PermanentError, RetryableError, ThrottledError } from '../../src/core/errors.ts'
import { limitedAccount } from '../world/gate.ts'
import {
  ACKNOWLEDGE,
  aPackage,
  type DscoWorld,
  failureOf,
  heard,
  later,
  MINUTE,
  ORDER,
  ORDER_LOG,
  openDsco,
  PAGE,
  pull,
  SECOND,
  SHIP,
  STOCK,
  signal,
  spoil,
  TOKEN,
  told,
} from './dsco-world.ts'

let world: DscoWorld
beforeEach(async () => {
  world = await openDsco({ orders: [{ id: '1' }], items: [{ sku: 'MUG' }] })
})
afterEach(() => world.close())

const said = (description: string, code = 'validation_error', severity = 'error') => ({
  status: 'failure',
  requestId: 'r-1',
  eventDate: '2026-11-21T15:00:00.000Z',
  messages: [{ code, severity, description }],
})

describe('an answer to a reading call', () => {
  it.each<[string, object | 'html' | 'truncate' | 'cut' | 'timeout', abstract new (...args: never[]) => Error, RegExp]>([
    [
      '400',
      { status: 400, body: said('until must be at least 5 seconds in the past.') },
      PermanentError,
      /answered 400: validation_error: until must be at least 5 seconds in the past\.$/,
    ],
    ['400 with nothing', { status: 400, body: '' }, PermanentError, /answered 400$/],
    [
      '404 at the beginning',
      { status: 404, body: said('No such page.', 'scroll_not_found') },
      PermanentError,
      /answered 404: scroll_not_found/,
    ],
    ['408', { status: 408, body: '' }, RetryableError, /answered 408$/],
    ['413', { status: 413, body: '<html>' }, PermanentError, /answered 413$/],
    ['429', { status: 429, body: '' }, ThrottledError, /answered 429$/],
    ['429 in HTML', { status: 429, body: '<html>slow down</html>' }, ThrottledError, /answered 429$/],
    [
      '403',
      { status: 403, body: { message: 'Forbidden' } },
      AuthError,
      /answered 403: Forbidden; the account lacks the right for this call or is on hold/,
    ],
    ['500', { status: 500, body: said('jane@example.com fell over') }, RetryableError, /answered 500$/],
    ['502', { status: 502, body: '<html>bad gateway</html>' }, RetryableError, /answered 502$/],
    ['503', { status: 503, body: '' }, RetryableError, /answered 503$/],
    ['504', { status: 504, body: '' }, RetryableError, /answered 504$/],
    ['a redirect', { status: 302, body: '', headers: { location: 'https://evil.example/' } }, RetryableError, /answered 302$/],
    ['HTML with 200', 'html', RetryableError, /not JSON/],
    ['half a document with 200', 'truncate', RetryableError, /not JSON/],
    [
      'another document with 200',
      { status: 200, body: { items: [] } },
      RetryableError,
      /unexpected shape \(orders: invalid_type\)/,
    ],
    ['a connection that breaks', 'cut', RetryableError, /connection failed/],
    ['no answer', 'timeout', RetryableError, /no answer within 400 ms/],
  ])('of %s has its class and its words', async (_, what, expected, words) => {
    if (typeof what === 'string') spoil(world, PAGE, what)
    else spoil(world, PAGE, 'status', what)

    const error = await failureOf(pull(world.again({ timeoutMs: 400 }).connector))

    expect(error).toBeInstanceOf(expected)
    expect(error).toMatchObject({ account: 'rithum', operation: 'order/page' })
    if (error instanceof RetryableError) expect(error.outcomeUnknown).toBe(false)
    expect((error as Error).message).toMatch(words)
    expect(heard(world, PAGE)).toHaveLength(1)
  })
})

describe('an answer to a writing call', () => {
  it.each<[string, object | 'cut-after' | 'html-after', boolean]>([
    ['503', { status: 503, body: '' }, true],
    ['408', { status: 408, body: '' }, true],
    ['a connection that broke after it', 'cut-after', true],
    ['HTML with 200', 'html-after', true],
    ['202 without a number to ask for', { status: 202, body: { status: 'pending' } }, true],
  ])('of %s leaves open what became of it', async (_, what, outcomeUnknown) => {
    if (typeof what === 'string') spoil(world, SHIP, what)
    else spoil(world, SHIP, 'status', what)

    const error = await failureOf(world.connector.confirmShipments([aPackage('1')], signal))

    expect(error).toMatchObject({ kind: 'retryable', outcomeUnknown, operation: 'order/shipment/batch/small' })
  })

  it('of 202 that calls itself a failure is a refusal', async () => {
    spoil(world, SHIP, 'status', { status: 202, body: said('Not one of them.', 'all_bad') })

    expect(await world.connector.confirmShipments([aPackage('1')], signal)).toMatchObject([
      {
        status: 'failed',
        error: { kind: 'permanent', message: expect.stringContaining('answered 202: all_bad: Not one of them.') },
      },
    ])
    expect(heard(world, ORDER_LOG)).toEqual([])
  })

  it('of 400 to a single acknowledgement is a refusal of that order', async () => {
    spoil(world, ACKNOWLEDGE, 'status', { status: 400, body: said('Late.', 'late') })

    const outcomes = await world.connector.acknowledgeOrders?.([{ externalOrderId: '1', externalLineIds: ['1'] }], signal)
    expect(outcomes).toMatchObject([{ status: 'failed', error: { kind: 'permanent' } }])
  })

  it('of a log that cannot be read leaves it open, and is asked for before anything is sent again', async () => {
    spoil(world, ORDER_LOG, 'status', { status: 503, body: '' })
    const parcel = aPackage('1')

    expect(await world.connector.confirmShipments([parcel], signal)).toMatchObject([
      { status: 'failed', error: { outcomeUnknown: true } },
    ])
    const again = world.again({}, { shared: world.account })
    later(world, MINUTE)
    expect(await again.connector.confirmShipments([parcel], signal)).toMatchObject([
      { status: 'accepted', note: 'found in the log' },
    ])
    expect(heard(world, SHIP)).toHaveLength(1)
  })
})

describe('a limit', () => {
  it('that is reached waits a second, then longer and longer, for that call alone', async () => {
    spoil(world, PAGE, 'status', { status: 429, body: '', times: 3 })

    const waits: unknown[] = []
    for (let i = 0; i < 3; i += 1) {
      const error = await failureOf(pull(world.connector))
      waits.push(error instanceof ThrottledError ? error.waitMs : error)
    }

    expect(waits).toEqual([SECOND, 2 * SECOND, 4 * SECOND])
    expect(new Set(world.account.drained.map(({ bucket }) => bucket))).toEqual(new Set(['order/page']))
    expect(await pull(world.connector)).toHaveLength(1)
  })

  it('with a Retry-After waits as long as it says', async () => {
    spoil(world, PAGE, 'status', { status: 429, body: '', headers: { 'retry-after': '90' } })
    expect(await failureOf(pull(world.connector))).toMatchObject({ waitMs: 90 * SECOND })
  })

  it('of single orders is kept, however many are asked for at once', async () => {
    world.sandbox.seed('dsco', { orders: Array.from({ length: 60 }, (_, i) => ({ id: `many-${i}` })) })
    const ids = Array.from({ length: 60 }, (_, i) => `many-${i}`)

    expect((await world.connector.getOrders(ids, signal)).orders).toHaveLength(60)
    expect(heard(world, ORDER).every(({ status }) => status === 200)).toBe(true)
  })
})

describe('credentials', () => {
  it('are exchanged once for all processes, and again when the token has died', async () => {
    await pull(world.connector)
    await pull(world.again({}, { shared: world.account }).connector)
    expect(heard(world, TOKEN)).toHaveLength(1)

    world.sandbox.act('dsco', 'expire-tokens', {})
    expect(await pull(world.connector)).toHaveLength(1)
    expect(heard(world, TOKEN)).toHaveLength(2)
    expect(world.account.opened).toEqual([])
  })

  it('whose fresh token is refused too close the account', async () => {
    spoil(world, PAGE, 'status', { status: 401, body: { message: 'Unauthorized' }, times: 9 })

    const error = await failureOf(pull(world.connector))

    expect(error).toBeInstanceOf(AuthError)
    expect(String(error)).toContain('a fresh token was refused too: compare client_id, client_secret and sandbox')
    expect(heard(world, PAGE)).toHaveLength(2)
    expect(world.account.opened).toHaveLength(1)
  })

  it.each<[string, object, RegExp]>([
    [
      'a wrong secret',
      { auth: { kind: 'oauth2', clientId: 'sandbox-client', clientSecret: 'wrong' } },
      /answered invalid_client: client_id or client_secret is wrong, ended, or of the other environment/,
    ],
    [
      'half a pair',
      { auth: { kind: 'oauth2', clientId: 'sandbox-client', clientSecret: '' } },
      /answered invalid_request: .*look for blanks or a missing half/,
    ],
    [
      'a wrong fixed token',
      { auth: { kind: 'static', token: 'wrong' } },
      /answered 401.*the fixed token is not accepted: compare credentials.token and sandbox/,
    ],
  ])('of %s are not tried again', async (_, settings, words) => {
    const { connector, account } = world.again(settings)

    const error = await failureOf(pull(connector))
    expect(error).toBeInstanceOf(AuthError)
    expect(String(error)).toMatch(words)
    expect(account.opened).toHaveLength(1)

    const calls = heard(world, /./).length
    expect(await failureOf(pull(connector))).toBeInstanceOf(AuthError)
    expect(heard(world, /./)).toHaveLength(calls)
  })

  it('of the old kind work without an exchange', async () => {
    expect(await pull(world.again({ auth: { kind: 'static', token: ' sandbox-token ' } }).connector)).toHaveLength(1)
    expect(heard(world, TOKEN)).toEqual([])
  })

  it.each<[string, object | 'html' | 'cut', abstract new (...args: never[]) => Error]>([
    ['a gateway that is down', { status: 502, body: '<html>' }, RetryableError],
    ['a limit of tokens', { status: 429, body: '' }, ThrottledError],
    ['a page instead of a token', 'html', RetryableError],
    ['an error nobody knows', { status: 400, body: { error: 'moon_phase' } }, RetryableError],
    ['a connection that breaks', 'cut', RetryableError],
  ])('are not doubted because of %s', async (_, what, expected) => {
    if (typeof what === 'string') spoil(world, TOKEN, what)
    else spoil(world, TOKEN, 'status', what)

    expect(await failureOf(pull(world.connector))).toBeInstanceOf(expected)
    expect(world.account.opened).toEqual([])
    expect(await pull(world.connector)).toHaveLength(1)
  })
})

describe('the doctor', () => {
  const check = async (name: string, { connector }: Pick<DscoWorld, 'connector'> = world) =>
    (await connector.health(signal)).checks.find((one) => one.check === name)

  it('finds all well, and says how orders and listings are told', async () => {
    const health = await world.connector.health(signal)
    expect(health.ok).toBe(true)
    expect(health.checks.map(({ check: name }) => name)).toEqual([
      'reachable',
      'authenticated',
      'clock',
      'warehouses',
      'orders',
      'listings',
    ])
  })

  it('names what is wrong and what to do', async () => {
    expect(await check('authenticated', world.again({ auth: { kind: 'static', token: 'wrong' } }))).toMatchObject({ ok: false })
    spoil(world, /\/hello$/, 'cut')
    expect(await check('reachable')).toMatchObject({ ok: false, fix: 'check network and endpoint, then run doctor again' })
    expect(await check('warehouses', world.again({ warehouseCode: 'NOWHERE' }))).toMatchObject({
      ok: false,
      detail: "NOWHERE is none of this account's",
    })
    world.sandbox.seed('dsco', { warehouses: [{ code: 'EAST' }, { code: 'WEST' }] })
    expect(await check('warehouses')).toMatchObject({
      ok: false,
      fix: expect.stringMatching(/set warehouse_code to the one .*EAST.*WEST/),
    })
  })

  it('tells a clock that runs ahead', async () => {
    const ahead = { now: () => world.sandbox.clock.now() + 5 * MINUTE, sleep: async () => undefined }
    spoil(world, /\/hello$/, 'status', {
      status: 200,
      body: { hello: 'World!' },
      headers: { date: new Date(world.sandbox.clock.now()).toUTCString() },
    })
    const { connector } = world.again({}, { clock: ahead, shared: limitedAccount(ahead) })

    expect(await check('clock', { ...world, connector })).toMatchObject({ ok: false, detail: '300 s ahead of Dsco' })
  })
})

describe('secrets and people', () => {
  it('are in no error and no log, whatever fails', async () => {
    const canaries = ['sandbox-secret', 'sandbox-token', 'jane@example.com', '+1 555 010 9999', 'Sample Recipient']
    const failures: unknown[] = []
    const words = said('Call jane@example.com or +1 555 010 9999')
    for (const auth of [world.again(), world.again({ auth: { kind: 'static', token: 'sandbox-token' } })]) {
      for (const path of [PAGE, ORDER, SHIP, ACKNOWLEDGE, STOCK, ORDER_LOG, TOKEN]) {
        for (const status of [400, 401, 403, 500]) {
          spoil(world, path, 'status', { status, body: words, times: 2 })
          const { connector } = auth
          for (const work of [
            () => pull(connector).then(() => undefined),
            () => connector.confirmShipments([aPackage('1')], signal),
            async () => connector.acknowledgeOrders?.([{ externalOrderId: '1', externalLineIds: ['1'] }], signal),
            () => connector.updateQuantities([told('MUG', 1)], 'small', signal),
            () => connector.health(signal),
          ])
            failures.push(await work().catch((error: unknown) => error))
          failures.push(auth.logged, auth.account.opened)
          await auth.account.close()
          world.sandbox.clearFaults()
        }
      }
    }
    const visible = inspect(failures, { depth: 9, maxArrayLength: null, maxStringLength: null })

    expect(visible).toContain('<e-mail>')
    for (const canary of canaries) expect(visible).not.toContain(canary)
    for (const token of world.account.minted) expect(visible).not.toContain(token)
  })
})
