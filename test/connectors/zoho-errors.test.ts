import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AuthError, PermanentError, RetryableError, ThrottledError } from '../../src/core/errors.ts'
import type { Fault } from '../../src/sandbox/stand-in.ts'
import {
  everything,
  failureOf,
  HOUR,
  INDIAN_MIDNIGHT,
  inWords,
  MINUTE,
  NOW,
  openZoho,
  signal,
  type ZohoWorld,
} from './zoho-world.ts'

let world: ZohoWorld

beforeEach(async () => {
  world = await openZoho({ items: [{ sku: 'A', stock: 5 }] })
})
afterEach(() => world.sandbox.close())

const ask = (of: Pick<ZohoWorld, 'zoho'> = world) => of.zoho.itemsBySku(['A'], signal)
const spoil = (path: string, fault: Partial<Fault>) =>
  world.sandbox.addFault({ vendor: 'zoho', kind: 'status', match: { path }, ...fault })

const classes = { auth: AuthError, permanent: PermanentError, retryable: RetryableError, throttled: ThrottledError }

interface Row {
  readonly what: string
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly is: keyof typeof classes
  /** Milliseconds, for throttled. */
  readonly wait?: number
  readonly reads: string
}

/** Contract section 8. */
const table: readonly Row[] = [
  {
    what: 'the minute is full',
    status: 429,
    body: { code: 44, message: 'For security reasons you have been blocked for some time.' },
    is: 'throttled',
    wait: MINUTE,
    reads: 'answered 429: more than 100 calls in a minute for the organization, by all tools that use it; next try in 60 s',
  },
  {
    what: 'the minute is full, and the answer says until when',
    status: 429,
    body: { code: 44, message: 'Blocked.' },
    headers: { 'retry-after': '17' },
    is: 'throttled',
    wait: 17_000,
    reads: 'next try in 17 s',
  },
  {
    what: 'the day is used up, nobody knows until when',
    status: 429,
    body: { code: 45, message: 'You have exceeded the maximum call rate limit of your plan for today.' },
    is: 'throttled',
    wait: HOUR,
    reads:
      "the day's calls of the organization are used up; see its plan and which other tools call it. Nothing is read until then; next try in 60 min",
  },
  {
    what: 'the day is used up, and the answer says until when',
    status: 429,
    body: { code: '45', message: 'Limit.' },
    headers: { 'x-rate-limit-reset': '7199' },
    is: 'throttled',
    wait: 2 * HOUR,
    reads: 'next try in 120 min',
  },
  {
    what: 'too many at one time',
    status: 429,
    body: { code: 1070, message: 'Concurrent limit.' },
    is: 'throttled',
    wait: 2000 + (NOW % 3000),
    reads: 'too many calls at one time for the organization, by all tools that use it; next try in 2 s',
  },
  {
    what: '429 without words',
    status: 429,
    body: '',
    is: 'throttled',
    wait: MINUTE,
    reads: 'answered 429: too many calls; next try in 60 s',
  },
  {
    what: '200 with a limit in it',
    status: 200,
    body: { code: 44, message: 'Blocked.' },
    is: 'throttled',
    wait: MINUTE,
    reads: 'answered 200',
  },
  {
    what: 'no rights',
    status: 403,
    body: { code: 57, message: 'Not allowed' },
    is: 'auth',
    reads: 'a fresh token was refused too',
  },
  {
    what: 'no scope',
    status: 403,
    body: { code: 9999, message: 'Scope' },
    is: 'auth',
    reads: 'answered 403 with code 9999; Scope; the scopes ZohoInventory.items.READ and ZohoInventory.settings.READ are needed',
  },
  { what: 'a firewall', status: 403, body: '<html>no</html>', is: 'auth', reads: 'answered 403; the scopes' },
  {
    what: 'a stranger',
    status: 400,
    body: { code: 6041, message: 'This user is not associated with the CompanyID.' },
    is: 'auth',
    reads:
      "organization 10234695 is not one of this user's, or was not opened in data centre com: compare zoho.organization_id and zoho.data_center",
  },
  {
    what: 'an item that is gone',
    status: 404,
    body: { code: 1002, message: 'Item does not exist.' },
    is: 'permanent',
    reads: 'answered 404: code 1002, Item does not exist.',
  },
  {
    what: 'a bad value',
    status: 400,
    body: { code: 2, message: 'Invalid value passed for sku' },
    is: 'permanent',
    reads: 'answered 400: code 2, Invalid value passed for sku',
  },
  {
    what: 'a missing value',
    status: 400,
    body: { code: 4, message: 'Missing' },
    is: 'permanent',
    reads: 'answered 400: code 4, Missing',
  },
  {
    what: 'a bad address',
    status: 404,
    body: { code: 5, message: 'Invalid URL Passed' },
    is: 'permanent',
    reads: 'answered 404: code 5',
  },
  { what: 'a bad method', status: 400, body: { code: 37, message: 'x' }, is: 'permanent', reads: 'answered 400: code 37' },
  {
    what: 'words about a person',
    status: 400,
    body: { code: 2, message: 'Ask ann@example.com or +1 555 010 0100' },
    is: 'permanent',
    reads: 'code 2, Ask <e-mail> or <digits>',
  },
  {
    what: '200 with an unknown code',
    status: 200,
    body: { code: 107_014, message: 'No' },
    is: 'permanent',
    reads: 'answered 200 with code 107014; No',
  },
  {
    what: '200 with trouble',
    status: 200,
    body: { code: 1000, message: 'Internal' },
    is: 'retryable',
    reads: 'answered 200 with code 1000; Internal',
  },
  {
    what: '500 with trouble',
    status: 500,
    body: { code: 1000, message: 'Internal' },
    is: 'retryable',
    reads: 'answered 500 with code 1000; Internal',
  },
  { what: '502 of HTML', status: 502, body: '<html>Bad gateway</html>', is: 'retryable', reads: 'answered 502' },
  { what: '503 of nothing', status: 503, body: '', is: 'retryable', reads: 'answered 503' },
  { what: '504', status: 504, body: '', is: 'retryable', reads: 'answered 504' },
  { what: '200 of HTML', status: 200, body: '<html>Updating</html>', is: 'retryable', reads: 'answer is not JSON' },
  {
    what: '200 without items',
    status: 200,
    body: { code: 0, message: 'success' },
    is: 'retryable',
    reads: 'items: invalid_type',
  },
  {
    what: '200 with items that are no list',
    status: 200,
    body: { code: 0, items: { '0': {} } },
    is: 'retryable',
    reads: 'items: invalid_type',
  },
  {
    what: 'a redirect',
    status: 302,
    body: '',
    headers: { location: 'https://example.invalid/' },
    is: 'retryable',
    reads: 'answered 302',
  },
]

describe('an answer of Zoho', () => {
  it.each(table)('about $what ($status) is $is', async ({ status, body, headers, is, wait, reads }) => {
    spoil('items', { status, body, times: 2, ...(headers === undefined ? {} : { headers }) })

    const error = await failureOf(ask())

    expect(error).toBeInstanceOf(classes[is])
    expect(error).toMatchObject({ account: 'zoho', operation: 'items', status })
    expect(error.message).toContain(reads)
    expect(error['waitMs']).toBe(wait)
    expect(world.account.opened).toHaveLength(is === 'auth' ? 1 : 0)
    const until = wait === undefined ? [] : [{ bucket: 'minute', until: NOW + wait }]
    expect(world.account.drained).toEqual(until)
  })

  it.each<[string, Partial<Fault>]>([
    ['cut off', { kind: 'cut' }],
    ['cut in half', { kind: 'truncate' }],
    ['broken off', { kind: 'cut-after', status: 200 }],
    ['late', { kind: 'timeout' }],
  ])('that is %s is retryable', async (_, fault) => {
    spoil('items', fault)

    expect(await failureOf(ask(world.again({ timeoutMs: 300 })))).toBeInstanceOf(RetryableError)
    expect(inWords((await ask()).items)).toEqual(['A tracked 5'])
  })

  it('never puts a token or a secret into an error, a log or the circuit', async () => {
    spoil('items', { status: 401, times: 2, body: { code: 57, message: 'no' } })
    const error = await failureOf(ask())

    const seen = JSON.stringify([String(error), error, world.logged, world.account.opened])
    for (const secret of ['sandbox-secret', 'sandbox-refresh', ...world.account.minted]) expect(seen).not.toContain(secret)
    expect(world.account.minted).toHaveLength(2)
  })
})

it('the day ends at the latest at midnight in India when nobody says so', async () => {
  world.sandbox.clock.set(INDIAN_MIDNIGHT - 20 * MINUTE)
  spoil('items', { status: 429, body: { code: 45, message: 'Limit.' } })

  expect(await failureOf(everything(world))).toMatchObject({ kind: 'throttled', waitMs: 20 * MINUTE })
})
