import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { createGate } from '../../src/connectors/http/gate.ts'
import { createMiraklConnector } from '../../src/connectors/mirakl/connector.ts'
import { AuthError, PermanentError, RefusedByDryRun, RetryableError, ThrottledError } from '../../src/core/errors.ts'
import type { ItemOutcome, QuantityOutcome } from '../../src/core/ports/marketplace.ts'
import { followingClock, openAccount } from '../world/gate.ts'
import {
  accept,
  aPackage,
  book,
  calls,
  confirm,
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

const classes = { auth: AuthError, permanent: PermanentError, retryable: RetryableError, throttled: ThrottledError }

const asked = {
  OR11: { path: '/api/orders$', ask: () => pull() },
  OR21: { path: 'accept$', ask: () => firstError(accept('W-1-A')) },
  ST01: { path: 'shipments$', ask: () => firstError(confirm([aPackage('S-1-A')])) },
  OR24: { path: 'ship$', ask: () => firstError(confirmTheOldWay()) },
  STO01: { path: 'stock/imports$', ask: () => firstError(mirakl.updateQuantities([mug], 'import', signal)) },
  OF21: { path: 'offers$', ask: () => Promise.resolve(mirakl.describeListings?.(['MUG'], signal)) },
} as const

const mug = { channel: 'mirakl-test', sku: 'MUG', quantity: 1 }

async function confirmTheOldWay(): Promise<readonly ItemOutcome[]> {
  sandbox.seed('mirakl', { settings: { multi_shipment: false } })
  return confirm([aPackage('S-1-A')])
}

/** What a single item failed of, thrown as the batch's own failure would be. */
async function firstError(batch: Promise<readonly (ItemOutcome | QuantityOutcome)[]> | readonly ItemOutcome[]): Promise<unknown> {
  const [outcome] = await batch
  if (outcome?.status === 'failed') throw outcome.error
  return outcome
}

interface Row {
  readonly what: string
  readonly of: keyof typeof asked
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly is: keyof typeof classes
  /** Milliseconds, for throttled. */
  readonly wait?: number
  /** Whether it may have been carried out, for retryable. */
  readonly unknown?: boolean
  readonly reads: string
}

const problem = (status: number, message: string, code?: string) => ({ status, message, ...(code === undefined ? {} : { code }) })

/** Contract section 8, and the codes of section 4. */
const table: readonly Row[] = [
  {
    what: 'a wrong key',
    of: 'OR11',
    status: 401,
    body: problem(401, 'Unauthorized'),
    is: 'auth',
    reads: 'OR11: answered 401: Unauthorized',
  },
  {
    what: 'a key of another role',
    of: 'OF21',
    status: 403,
    body: problem(403, 'Access denied'),
    is: 'auth',
    reads: 'answered 403: Access denied',
  },
  { what: 'a firewall', of: 'OR11', status: 403, body: '<html>Forbidden</html>', is: 'auth', reads: 'OR11: answered 403' },
  {
    what: 'too many calls, and until when',
    of: 'OR11',
    status: 429,
    body: problem(429, 'Too many requests'),
    headers: { 'retry-after': '37' },
    is: 'throttled',
    wait: 37_000,
    reads: 'answered 429: Too many requests',
  },
  { what: 'too many calls, without a word', of: 'ST01', status: 429, is: 'throttled', wait: 60_000, reads: 'ST01: answered 429' },
  {
    what: 'too many files, and an absurd wait',
    of: 'STO01',
    status: 429,
    headers: { 'retry-after': '99999' },
    is: 'throttled',
    wait: 900_000,
    reads: 'STO01: answered 429',
  },
  {
    what: 'too many ids',
    of: 'OR11',
    status: 400,
    body: problem(400, 'The limit of 100 is exceeded for the parameter : order_ids'),
    is: 'permanent',
    reads: 'answered 400: The limit of 100 is exceeded for the parameter : order_ids',
  },
  {
    what: 'a field that is wrong',
    of: 'ST01',
    status: 400,
    body: {
      ...problem(400, 'Input validation failed', 'VALIDATION_ERROR'),
      errors: [{ field: 'shipments[0].order_id', message: 'must not be null' }],
    },
    is: 'permanent',
    reads: 'VALIDATION_ERROR; Input validation failed; shipments[0].order_id must not be null',
  },
  ...[
    'ORDER_LINE_ACCEPTANCE_DECISION_MISSING',
    'ORDER_PARTIAL_ACCEPTANCE_DISABLED',
    'ORDER_LINE_NOT_FOUND',
    'ORDER_LINE_DUPLICATE_ID',
    'ORDER_FULFILLED_UNAUTHORIZED',
  ].map(
    (code): Row => ({
      what: code,
      of: 'OR21',
      status: 400,
      body: problem(400, 'No.', code),
      is: 'permanent',
      reads: `answered 400: ${code}; No.`,
    }),
  ),
  {
    what: 'an order of another shop',
    of: 'OR21',
    status: 404,
    body: problem(404, "Order 'W-1-A' not found.", 'ORDER_NOT_FOUND'),
    is: 'permanent',
    reads: "answered 404: ORDER_NOT_FOUND; Order 'W-1-A' not found.",
  },
  {
    what: 'a shipping method that wants tracking',
    of: 'OR24',
    status: 400,
    body: problem(400, 'Tracking details are mandatory for this shipping method'),
    is: 'permanent',
    reads: 'OR24: answered 400: Tracking details are mandatory for this shipping method',
  },
  {
    what: 'a package that the marketplace refuses',
    of: 'ST01',
    status: 201,
    body: { shipment_errors: [{ order_id: 'S-1-A', message: 'Shipment quantity is invalid.' }], shipment_success: [] },
    is: 'permanent',
    reads: 'ST01: refused: Shipment quantity is invalid.',
  },
  {
    what: 'an answer about another order',
    of: 'ST01',
    status: 201,
    body: {},
    is: 'retryable',
    unknown: true,
    reads: 'does not name the order',
  },
  {
    what: 'a media type',
    of: 'STO01',
    status: 415,
    body: problem(415, 'Not supported.'),
    is: 'permanent',
    reads: 'answered 415: Not supported.',
  },
  { what: 'a method', of: 'OF21', status: 405, body: '', is: 'permanent', reads: 'OF21: answered 405' },
  {
    what: 'a redirect',
    of: 'OR11',
    status: 302,
    headers: { location: 'https://example.invalid/' },
    is: 'permanent',
    reads: 'answered 302',
  },
  {
    what: 'trouble while reading',
    of: 'OR11',
    status: 500,
    body: problem(500, 'Jane Doe'),
    is: 'retryable',
    unknown: false,
    reads: 'OR11: answered 500',
  },
  {
    what: 'trouble while writing',
    of: 'ST01',
    status: 500,
    body: problem(500, 'Oops'),
    is: 'retryable',
    unknown: true,
    reads: 'answered 500: Oops',
  },
  {
    what: 'a gateway',
    of: 'OR21',
    status: 502,
    body: '<html>Bad gateway</html>',
    is: 'retryable',
    unknown: true,
    reads: 'OR21: answered 502',
  },
  { what: 'maintenance', of: 'STO01', status: 503, body: '', is: 'retryable', unknown: true, reads: 'STO01: answered 503' },
  {
    what: 'a page of HTML for orders',
    of: 'OR11',
    status: 200,
    body: '<html></html>',
    is: 'retryable',
    unknown: false,
    reads: 'answer is not JSON',
  },
  {
    what: 'another document for orders',
    of: 'OR11',
    status: 200,
    body: { rows: [] },
    is: 'retryable',
    unknown: false,
    reads: 'orders: invalid_type',
  },
  {
    what: 'an import without its number',
    of: 'STO01',
    status: 201,
    body: {},
    is: 'retryable',
    unknown: true,
    reads: 'import_id: invalid_union',
  },
  {
    what: 'words about a person',
    of: 'ST01',
    status: 400,
    body: problem(400, 'Ask ann@example.com or +1 555 010 0100'),
    is: 'permanent',
    reads: 'answered 400: Ask <e-mail> or <digits>',
  },
]

describe('an answer of Mirakl', () => {
  test.each(table)('about $what ($of, $status) is $is', async ({ of, status, body, headers, is, wait, unknown, reads }) => {
    connect({ carriers: { ups: 'UPS' } })
    seed([{ order_id: 'S-1-A' }, { order_id: 'W-1-A', state: 'WAITING_ACCEPTANCE' }])
    const { path, ask } = asked[of]
    sandbox.addFault({
      vendor: 'mirakl',
      kind: 'status',
      match: { path, ...(of === 'OR11' || of === 'OF21' ? {} : { method: of.startsWith('OR') ? 'PUT' : 'POST' }) },
      status,
      body,
      ...(headers === undefined ? {} : { headers }),
    })

    const error = await errorOf(Promise.resolve(ask()))

    expect(error).toBeInstanceOf(classes[is])
    expect(error).toMatchObject({ account: 'mirakl-test', operation: of, status })
    expect((error as Error).message).toContain(reads)
    expect(error).toHaveProperty('kind', is)
    if (wait !== undefined) expect(error).toHaveProperty('waitMs', wait)
    if (unknown !== undefined) expect(error).toHaveProperty('outcomeUnknown', unknown)
    expect(world.account.opened).toHaveLength(is === 'auth' ? 1 : 0)
    expect(world.account.drained.length > 0).toBe(is === 'throttled')
  })

  test('that quotes the key or a person leaves neither in an error, a log or the circuit', async () => {
    const secrets = [KEY, 'ann@example.com', '555 010 0100']
    const words = `Key ${KEY} of ann@example.com, +1 555 010 0100, was refused`
    const seen: unknown[] = []
    for (const status of [400, 401, 403, 404, 429, 500]) {
      const account = openAccount('mirakl-test')
      const logged: unknown[] = []
      const write = (fields: object, message: string) => void logged.push(fields, message)
      const gate = createGate({
        account: 'mirakl-test',
        shared: account,
        clock: followingClock(now),
        log: { debug: write, info: write, warn: write, error: write },
        boundary: { reach: () => undefined },
        scrub: (text) => text.replaceAll(KEY, '[secret]'),
        maxWaitMs: 1000,
        timeoutMs: 2000,
      })
      const own = createMiraklConnector(gate, {
        channel: 'mirakl-test',
        baseUrl: sandbox.origins.mirakl,
        credentials: { apiKey: KEY },
        carriers: { ups: 'UPS' },
        countryNames: {},
        timeoutMs: 2000,
      })
      sandbox.addFault({ vendor: 'mirakl', kind: 'status', status, body: problem(status, words), times: 9 })
      seen.push(await errorOf(own.getOrders(['A-1-A'], signal)), await own.health(signal), account.opened, logged)
      seen.push(await errorOf(firstError(own.confirmShipments([aPackage('S-1-A')], signal))))
      sandbox.clearFaults()
    }
    const visible = inspect(seen, { depth: 9 })
    for (const secret of secrets) expect(visible).not.toContain(secret)
    expect(visible).toContain('[secret]')
  })
})
