import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGate } from '../../src/connectors/http/gate.ts'
import { createShipStationConnector } from '../../src/connectors/shipstation/connector.ts'
import { AuthError, PermanentError, RetryableError, ThrottledError } from '../../src/core/errors.ts'
import type { PushOutcome } from '../../src/core/ports/shipping.ts'
import type { Fault } from '../../src/sandbox/stand-in.ts'
import { followingClock, openAccount } from '../world/gate.ts'
import { aPush, errorFrom, never, settingsFor, shipStationWorld, type World } from './shipstation-world.ts'

let world: World
beforeEach(async () => {
  world = await shipStationWorld()
})
afterEach(() => world.sandbox.close())

const classes = { auth: AuthError, permanent: PermanentError, retryable: RetryableError, throttled: ThrottledError }
const spoil = (fault: Partial<Fault>) => world.sandbox.addFault({ vendor: 'shipstation', kind: 'status', ...fault })

const calls = {
  listStores: { path: 'stores', ask: async () => world.connector.stores(never) },
  createorders: { path: 'createorders$', ask: async () => thrown(await world.connector.upsertOrders([aPush()], never)) },
} as const

/** What a single order failed of, thrown as the batch's own failure would be. */
function thrown([outcome]: readonly PushOutcome[]): unknown {
  if (outcome?.status === 'failed') throw outcome.error
  return outcome
}

interface Row {
  readonly what: string
  readonly of: keyof typeof calls
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

/** Contract sections 2 and 11. */
const table: readonly Row[] = [
  {
    what: 'a wrong or expired key pair',
    of: 'listStores',
    status: 401,
    body: { Message: 'Authorization has been denied for this request.' },
    is: 'auth',
    reads: 'answered 401: key or secret is wrong, or the key has expired',
  },
  {
    what: 'a wrong key pair while pushing',
    of: 'createorders',
    status: 401,
    body: '',
    is: 'auth',
    reads: 'createorders: answered 401',
  },
  {
    what: 'a plan without the API',
    of: 'listStores',
    status: 403,
    body: '<html></html>',
    is: 'auth',
    reads: 'the key may not do this; a change of plan can switch the API off',
  },
  {
    what: 'a used-up minute, and its end',
    of: 'listStores',
    status: 429,
    headers: { 'x-rate-limit-reset': '17' },
    is: 'throttled',
    wait: 18_000,
    reads: 'the budget of calls is used up, free again in 18 s',
  },
  {
    what: 'a used-up minute, and its end by another name',
    of: 'listStores',
    status: 429,
    headers: { 'retry-after': '5' },
    is: 'throttled',
    wait: 6_000,
    reads: 'free again in 6 s',
  },
  {
    what: 'a used-up minute, without a word',
    of: 'createorders',
    status: 429,
    is: 'throttled',
    wait: 60_000,
    reads: 'free again in 60 s',
  },
  {
    what: 'a used-up minute, and an absurd end',
    of: 'listStores',
    status: 429,
    headers: { 'x-rate-limit-reset': '86400' },
    is: 'throttled',
    wait: 60_000,
    reads: 'free again in 60 s',
  },
  {
    what: 'a limit that comes as 200',
    of: 'listStores',
    status: 200,
    body: { message: 'Too Many Requests' },
    is: 'throttled',
    wait: 60_000,
    reads: 'free again',
  },
  {
    what: 'a limit that comes as 500',
    of: 'createorders',
    status: 500,
    body: { ExceptionMessage: 'Too Many Requests' },
    is: 'throttled',
    wait: 60_000,
    reads: 'free again',
  },
  {
    what: 'a field that is wrong, by its path',
    of: 'createorders',
    status: 400,
    body: { Message: 'The request is invalid.', ModelState: { 'apiOrders[0].shipTo.country': ['The field is required.'] } },
    is: 'permanent',
    reads: 'answered 400: The request is invalid.; apiOrders[0].shipTo.country: The field is required.',
  },
  {
    what: 'a value that it quotes',
    of: 'createorders',
    status: 400,
    body: { Message: 'Error converting value "Jane Doe, 1 Main St" to type.' },
    is: 'permanent',
    reads: 'answered 400: Error converting value "..." to type.',
  },
  {
    what: 'something that is not there',
    of: 'listStores',
    status: 404,
    body: { message: 'No.' },
    is: 'permanent',
    reads: 'answered 404: No.',
  },
  { what: 'a method', of: 'listStores', status: 405, body: '', is: 'permanent', reads: 'listStores: answered 405' },
  { what: 'a batch that is too large', of: 'createorders', status: 413, body: '', is: 'permanent', reads: 'answered 413' },
  {
    what: 'a redirect',
    of: 'listStores',
    status: 302,
    headers: { location: 'https://example.invalid/' },
    is: 'retryable',
    reads: 'answered 302',
  },
  {
    what: 'trouble while reading, whose words may be about anybody',
    of: 'listStores',
    status: 500,
    body: { ExceptionMessage: 'Jane Doe' },
    is: 'retryable',
    unknown: false,
    reads: 'listStores: answered 500',
  },
  {
    what: 'a timeout of its own while pushing',
    of: 'createorders',
    status: 500,
    body: { ExceptionMessage: 'Execution Timeout Expired.' },
    is: 'retryable',
    unknown: true,
    reads: 'answered 500: Execution Timeout Expired.',
  },
  {
    what: 'a gateway while pushing',
    of: 'createorders',
    status: 502,
    body: '<html></html>',
    is: 'retryable',
    unknown: true,
    reads: 'answered 502',
  },
  { what: 'maintenance', of: 'listStores', status: 503, body: '', is: 'retryable', unknown: false, reads: 'answered 503' },
  {
    what: 'a gateway that waited too long',
    of: 'listStores',
    status: 504,
    body: '',
    is: 'retryable',
    unknown: false,
    reads: 'answered 504',
  },
  {
    what: 'a page of HTML for stores',
    of: 'listStores',
    status: 200,
    body: '<html></html>',
    is: 'retryable',
    unknown: false,
    reads: 'answer is not JSON',
  },
  {
    what: 'nothing for stores',
    of: 'listStores',
    status: 200,
    body: '',
    is: 'retryable',
    unknown: false,
    reads: 'answer is not JSON',
  },
  {
    what: 'another document for stores',
    of: 'listStores',
    status: 200,
    body: { stores: [] },
    is: 'retryable',
    unknown: false,
    reads: 'unexpected shape',
  },
  {
    what: 'another document for orders',
    of: 'createorders',
    status: 200,
    body: { ok: 1 },
    is: 'retryable',
    unknown: true,
    reads: 'unexpected shape',
  },
  {
    what: 'one order that it refuses, in its own words',
    of: 'createorders',
    status: 202,
    body: {
      hasErrors: true,
      results: [
        {
          orderKey: aPush().orderKey,
          orderNumber: '111-0000001-0000001',
          success: false,
          errorMessage: 'Mail ann@example.com is invalid',
        },
      ],
    },
    is: 'permanent',
    reads: 'Mail <e-mail> is invalid',
  },
]

describe('an answer of ShipStation', () => {
  it.each(table)('about $what ($of, $status) is $is', async ({ of, status, body, headers, is, wait, unknown, reads }) => {
    const { path, ask } = calls[of]
    spoil({ status, body, match: { path }, times: 9, ...(headers === undefined ? {} : { headers }) })

    const error = await errorFrom(ask())

    expect(error).toBeInstanceOf(classes[is])
    expect(error).toMatchObject({ account: 'shipstation', operation: of })
    expect(error.message).toContain(reads)
    expect(error.message).not.toMatch(/Jane|Main St|ann@/)
    if (wait !== undefined) expect(error['waitMs']).toBe(wait)
    if (unknown !== undefined) expect(error['outcomeUnknown']).toBe(unknown)
    expect(world.account.opened).toHaveLength(is === 'auth' ? 1 : 0)
    expect(world.account.drained.length > 0).toBe(is === 'throttled')
  })

  it('that quotes the key pair or a person leaves neither in an error, a log or the circuit', async () => {
    const settings = settingsFor(world.sandbox)
    const basic = Buffer.from(`${settings.apiKey}:${settings.apiSecret}`).toString('base64')
    const words = `${settings.apiSecret} ${basic} of ann@example.com, +1 555 010 0100, was refused`
    const seen: unknown[] = []
    for (const status of [200, 400, 401, 403, 404, 429, 500]) {
      const account = openAccount('shipstation')
      const write = (fields: object, message: string) => void seen.push(fields, message)
      const gate = createGate({
        account: 'shipstation',
        shared: account,
        clock: followingClock(world.sandbox.clock.now, 1000),
        log: { debug: write, info: write, warn: write, error: write },
        boundary: { reach: () => undefined },
        scrub: (text) => text.replaceAll(settings.apiSecret, '[secret]').replaceAll(basic, '[secret]'),
        maxWaitMs: 1000,
        timeoutMs: 2000,
      })
      const connector = createShipStationConnector(gate, settings)
      spoil({ status, body: { Message: words, ExceptionMessage: words }, times: 30 })
      seen.push(await errorFrom(connector.stores(never)), await connector.health(never), account.opened)
      seen.push(await connector.upsertOrders([aPush()], never).catch((error: unknown) => error))
      world.sandbox.clearFaults()
    }
    const visible = inspect(seen, { depth: 9 })
    for (const secret of [settings.apiSecret, basic, 'ann@example.com', '555 010 0100']) expect(visible).not.toContain(secret)
    expect(visible).toContain('[secret]')
  })
})
