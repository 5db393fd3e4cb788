import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { createGate } from '../../src/connectors/http/gate.ts'
import { createMiraklConnector } from '../../src/connectors/mirakl/connector.ts'
import { AuthError, PermanentError, RetryableError, ThrottledError } from '../../src/core/errors.ts'
import type { ItemOutcome, QuantityOutcome } from '../../src/core/ports/marketplace.ts'
import { followingClock, openAccount } from '../world/gate.ts'
import {
  accept,
  aPackage,
  confirm,
  connect,
  errorOf,
  KEY,
  mirakl,
  now,
  pull,
  sandbox,
  seed,
  signal,
  world,
} from './mirakl-world.ts'

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
    is: 'retryable',
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
