import { describe, expect, test } from 'vitest'
import { createMiraklConnector } from '../../src/connectors/mirakl/connector.ts'
import { AuthError, PermanentError, RefusedByDryRun, RetryableError, ThrottledError } from '../../src/core/errors.ts'
import {
  accept,
  book,
  calls,
  connect,
  errorOf,
  KEY,
  mirakl,
  now,
  OR11,
  order,
  pull,
  sandbox,
  seed,
  signal,
  world,
} from './mirakl-world.ts'

describe('errors', () => {
  test('429 waits as told and stops the whole marketplace', async () => {
    sandbox.addFault({ vendor: 'mirakl', kind: 'throttle', headers: { 'retry-after': '7' } })
    const before = now()
    const error = await errorOf(pull())
    expect(error).toBeInstanceOf(ThrottledError)
    expect(error).toMatchObject({ waitMs: 7000, status: 429, operation: 'OR11' })
    expect(world.account.drained[0]?.until).toBeGreaterThanOrEqual(before + 7000)
  })

  test('429 without a header waits a minute', async () => {
    sandbox.addFault({ vendor: 'mirakl', kind: 'throttle' })
    expect(await errorOf(pull())).toMatchObject({ kind: 'throttled', waitMs: 60_000 })
  })

  test('a wrong key opens the circuit and is not in the message', async () => {
    connect({ credentials: { apiKey: 'very-secret-wrong-key' } })
    const error = await errorOf(pull())
    expect(error).toBeInstanceOf(AuthError)
    expect(world.account.opened[0]).toContain('answered 401')
    expect(String(error)).not.toContain('very-secret')
    expect(JSON.stringify(world.logged)).not.toContain('very-secret')
    expect(await errorOf(pull())).toBeInstanceOf(AuthError)
    expect(calls(OR11)).toHaveLength(1)
  })

  test('the key goes bare, to our own host only', async () => {
    connect({ credentials: { apiKey: ` ${KEY}\n` }, endpoint: `${sandbox.origins.mirakl}/api/` })
    expect(await errorOf(pull())).toBeUndefined()
  })

  test("without an endpoint the operator's own host is called", async () => {
    const direct = createMiraklConnector(world.gate, {
      channel: 'mirakl-test',
      baseUrl: sandbox.origins.mirakl,
      credentials: { apiKey: KEY },
      carriers: {},
      countryNames: {},
      timeoutMs: 2000,
    })
    expect(await direct.health(signal)).toMatchObject({ ok: true })
  })

  test('403 is a matter of credentials too', async () => {
    sandbox.addFault({ vendor: 'mirakl', kind: 'status', status: 403 })
    expect(await errorOf(pull())).toBeInstanceOf(AuthError)
  })

  test.each([500, 502, 503, 504])('%s on a read may work next time', async (status) => {
    sandbox.addFault({ vendor: 'mirakl', kind: 'status', status })
    expect(await errorOf(pull())).toMatchObject({ kind: 'retryable', outcomeUnknown: false, status })
  })

  test.each([400, 405, 406, 415])('%s on a read never does', async (status) => {
    sandbox.addFault({
      vendor: 'mirakl',
      kind: 'status',
      status,
      body: {
        status,
        code: 'VALIDATION_ERROR',
        message: 'Mail to a@b.example.com was refused',
        errors: [{ field: 'max', message: 'too big' }],
      },
    })
    const error = await errorOf(pull())
    expect(error).toBeInstanceOf(PermanentError)
    expect(String(error)).toContain('VALIDATION_ERROR; Mail to <e-mail> was refused; max too big')
  })

  test.each(['truncate', 'html', 'cut', 'timeout'] as const)('a read that ends in %s may work next time', async (kind) => {
    connect({ timeoutMs: 300 })
    seed([{ order_id: 'A-1-A' }])
    sandbox.addFault({ vendor: 'mirakl', kind })
    expect(await errorOf(pull())).toMatchObject({ kind: 'retryable', outcomeUnknown: false })
    expect(await pull()).toHaveLength(1)
  })

  test('an error page of a proxy keeps its class', async () => {
    sandbox.addFault({ vendor: 'mirakl', kind: 'html', status: 503 })
    expect(await errorOf(pull())).toMatchObject({ kind: 'retryable', status: 503 })
  })

  test('calls go out one after the other', async () => {
    seed([{ order_id: 'A-1-A' }])
    sandbox.addFault({ vendor: 'mirakl', kind: 'slow', delayMs: 200 })
    const [first, second] = await Promise.all([
      mirakl.getOrders(['A-1-A'], signal).then(() => Date.now()),
      mirakl.getOrders(['A-1-A'], signal).then(() => Date.now()),
    ])
    expect(second).toBeGreaterThanOrEqual(first)
  })
})

describe('accepting orders', () => {
  test('every line is accepted and the address appears', async () => {
    seed([
      { order_id: 'W-1-A', state: 'WAITING_ACCEPTANCE' },
      { order_id: 'W-2-A', state: 'WAITING_ACCEPTANCE' },
    ])
    expect(await accept('W-1-A', 'W-2-A')).toEqual([{ status: 'accepted' }, { status: 'accepted' }])
    expect(await order('W-1-A')).toMatchObject({ status: 'open' })
    expect((await order('W-2-A')).shipTo).not.toBeNull()
  })

  test('an order that is accepted already is accepted, once', async () => {
    seed([{ order_id: 'W-1-A', state: 'WAITING_ACCEPTANCE' }])
    await accept('W-1-A')
    expect(await accept('W-1-A')).toEqual([{ status: 'accepted', note: 'already accepted' }])
    expect(book('W-1-A').accepted_calls).toBe(1)
  })

  test('refused, unknown and half-named orders fail alone', async () => {
    seed([
      { order_id: 'R-1-A', state: 'REFUSED' },
      { order_id: 'W-2-A', state: 'WAITING_ACCEPTANCE', lines: [{}, {}] },
      { order_id: 'W-3-A', state: 'WAITING_ACCEPTANCE' },
    ])
    const outcomes = await accept('R-1-A', 'NOBODY-A', 'W-2-A', 'W-3-A')
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['failed', 'failed', 'failed', 'accepted'])
    const errors = outcomes.map((outcome) => (outcome.status === 'failed' ? outcome.error : undefined))
    expect(errors[0]).toBeInstanceOf(PermanentError)
    expect(errors[0]?.message).toContain('ORDER_INVALID_STATE')
    expect(errors[1]?.status).toBe(404)
    expect(errors[2]?.message).toContain('ORDER_LINE_ACCEPTANCE_DECISION_MISSING')
  })

  test('a lost answer is an unknown outcome, and the repeat finds it done', async () => {
    seed([{ order_id: 'W-1-A', state: 'WAITING_ACCEPTANCE' }])
    sandbox.addFault({ vendor: 'mirakl', kind: 'cut-after', match: { method: 'PUT' } })
    const error = await errorOf(Promise.resolve(accept('W-1-A')))
    expect(error).toBeInstanceOf(RetryableError)
    expect(error).toMatchObject({ outcomeUnknown: true })
    expect(await accept('W-1-A')).toMatchObject([{ status: 'accepted' }])
  })

  test('when the vendor goes away in the middle, what is accepted stays accepted', async () => {
    seed(['W-1-A', 'W-2-A', 'W-3-A'].map((order_id) => ({ order_id, state: 'WAITING_ACCEPTANCE' })))
    sandbox.addFault({ vendor: 'mirakl', kind: 'status', match: { method: 'PUT' }, after: 1, times: 9 })
    const outcomes = await accept('W-1-A', 'W-2-A', 'W-3-A')
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['accepted', 'failed', 'failed'])
    expect(outcomes[1]).toMatchObject({ error: { outcomeUnknown: true } })
    expect(outcomes[2]).toMatchObject({ error: { outcomeUnknown: false } })
  })

  test('a dry run accepts nothing and says what it would', async () => {
    seed([{ order_id: 'W-1-A', state: 'WAITING_ACCEPTANCE' }])
    connect({}, { dryRun: true })
    expect(await errorOf(Promise.resolve(accept('W-1-A', 'W-2-A')))).toBeInstanceOf(RefusedByDryRun)
    expect(world.planned.map((line) => [line.operation, line.target])).toEqual([
      ['OR21', 'W-1-A'],
      ['OR21', 'W-2-A'],
    ])
    expect(book('W-1-A').accepted_calls).toBe(0)
  })
})
