import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAmazonConnector } from '../../src/connectors/amazon/connector.ts'
import { loadSdk, sdkTransport } from '../../src/connectors/amazon/transport.ts'
import { createGate } from '../../src/connectors/http/gate.ts'
import type { ConnectorError } from '../../src/core/errors.ts'
import { createScrubber } from '../../src/core/privacy/scrub.ts'
import { followingClock, type LoggedLine, openAccount } from '../world/gate.ts'
import { feed, update } from './amazon-stock-world.ts'
import { type AmazonWorld, confirmation, failureOf, ID, openAmazon, pull, settingsFor, signal } from './amazon-world.ts'

let world: AmazonWorld

beforeEach(async () => {
  world = await openAmazon({
    orders: [{ order_id: ID, items: [{ order_item_id: 'A', quantity: 2 }] }],
    listings: [{ sku: 'MUG-1', quantity: 7 }],
  })
})
afterEach(() => world.sandbox.close())

const errors = (code: string, message: string, details = '') => ({ errors: [{ code, message, details }] })
const denied = (details = '') => errors('Unauthorized', 'Access to requested resource is denied.', details)

interface Said {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** How often: a token that is refused is exchanged once. */
  readonly times?: number
}

/** What isync does when it meets the answer, and where the answer waits. */
const CALLS = {
  search: ['^/orders/2026-01-01/orders$', () => pull(world.connector)],
  order: ['^/orders/2026-01-01/orders/', () => world.connector.getOrders([ID], signal)],
  list: ['^/orders/v0/orders$', () => pull(world.again({ ordersApi: 'v0' }).connector)],
  items: ['/orderItems', () => pull(world.again({ ordersApi: 'v0' }).connector)],
  restricted: ['restrictedDataToken', () => pull(world.again({ ordersApi: 'v0' }).connector)],
  token: ['/auth/o2/token', () => pull(world.connector)],
  confirm: ['shipmentConfirmation', confirm],
  patch: ['^/listings/2021-08-01/items/[^/]+/.', patch],
  listings: ['^/listings/2021-08-01/items/[^/]+$', () => world.connector.describeListings?.(['MUG-1'], signal)],
  document: ['/feeds/2021-06-30/documents$', () => feed(world, update('MUG-1'))],
  upload: ['/feed-documents/', () => feed(world, update('MUG-1'))],
  feed: ['/feeds/2021-06-30/feeds$', () => feed(world, update('MUG-1'))],
} as const

async function confirm(): Promise<void> {
  for (const outcome of await world.connector.confirmShipments([confirmation()], signal))
    if (outcome.status === 'failed') throw outcome.error
}

async function patch(): Promise<void> {
  for (const outcome of await world.connector.updateQuantities([update('MUG-1', 5)], 'patch', signal))
    if (outcome.status === 'failed') throw outcome.error
}

type Row = readonly [call: keyof typeof CALLS, said: Said, kind: ConnectorError['kind'], words: RegExp, more?: object]

const QUOTA = errors('QuotaExceeded', 'You exceeded your quota for the requested resource.')
const INTERNAL = errors('InternalFailure', 'We encountered an internal error. Please try again.')
const GENERIC = 'The input you have submitted is not valid. Please check your input and try again.'

/** Contract sections 1 to 4 and 6: what Amazon says, what it means, what the operator reads, how long everybody waits. */
const TABLE: readonly Row[] = [
  ['search', { status: 429, body: QUOTA }, 'throttled', /searchOrders: answered 429: QuotaExceeded/, { waitMs: 178_572 }],
  ['order', { status: 429, body: QUOTA }, 'throttled', /QuotaExceeded/, { waitMs: 2000 }],
  ['list', { status: 429, body: QUOTA }, 'throttled', /getOrders: answered 429/, { waitMs: 59_881 }],
  ['confirm', { status: 429, body: QUOTA }, 'throttled', /confirmShipment: answered 429/, { waitMs: 500 }],
  [
    'patch',
    { status: 429, body: errors('QuotaExceeded', 'Product data limit.'), headers: { 'x-amzn-ratelimit-limit': '0.5' } },
    'throttled',
    /Product data limit/,
    { waitMs: 2000 },
  ],
  ['search', { status: 500, body: INTERNAL }, 'retryable', /answered 500$/, { outcomeUnknown: false }],
  ['search', { status: 503, body: { message: 'Service Unavailable' } }, 'retryable', /answered 503$/],
  ['search', { status: 502, body: '<html>Bad gateway</html>' }, 'retryable', /answered 502$/],
  ['confirm', { status: 500, body: INTERNAL }, 'retryable', /500: InternalFailure/, { outcomeUnknown: true }],
  ['confirm', { status: 504, body: '' }, 'retryable', /answered 504$/, { outcomeUnknown: true }],
  ['feed', { status: 503, body: '' }, 'retryable', /createFeed: answered 503/, { outcomeUnknown: true }],
  ['document', { status: 503, body: '' }, 'retryable', /createFeedDocument: answered 503/, { outcomeUnknown: false }],
  [
    'upload',
    { status: 403, body: '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>' },
    'retryable',
    /answered 403: AccessDenied: Request has expired/,
    { outcomeUnknown: false },
  ],
  ['search', { status: 401, body: errors('Unauthorized', 'No.'), times: 2 }, 'auth', /a fresh token was refused too/],
  [
    'search',
    { status: 403, body: denied() },
    'auth',
    /denied\.; the app lacks a role, or the seller withdrew consent.*orders_api: v0/,
  ],
  ['order', { status: 403, body: denied() }, 'auth', /the app lacks a role/],
  ['search', { status: 403, body: denied('The access token you provided has expired.'), times: 2 }, 'auth', /has expired/],
  ['listings', { status: 403, body: denied() }, 'auth', /lacks the role "Product Listing", or seller_id is not this account's/],
  ['feed', { status: 403, body: denied() }, 'auth', /lacks the role "Product Listing"/],
  ['restricted', { status: 400, body: errors('InvalidInput', 'No access.') }, 'auth', /role "Direct-to-Consumer Shipping"/],
  ['token', { status: 400, body: { error: 'invalid_grant' } }, 'auth', /revoked: authorise the app again/],
  ['token', { status: 401, body: { error: 'invalid_client' } }, 'auth', /180 days/],
  ['token', { status: 400, body: { error: 'unauthorized_client' } }, 'auth', /authorised for this seller/],
  ['search', { status: 400, body: errors('InvalidInput', GENERIC) }, 'permanent', /400: InvalidInput: The input/],
  ['search', { status: 413, body: errors('RequestTooLarge', 'Too large.') }, 'permanent', /413: RequestTooLarge/],
  ['search', { status: 415, body: errors('UnsupportedMediaType', 'No.') }, 'permanent', /UnsupportedMediaType/],
  ['items', { status: 429, body: QUOTA }, 'throttled', /getOrderItems: answered 429/, { waitMs: 2000 }],
  ['confirm', { status: 400, body: errors('InvalidInput', 'OrderItemId is invalid') }, 'permanent', /OrderItemId is invalid/],
  ['confirm', { status: 404, body: errors('NotFound', 'Not found.') }, 'permanent', /404: NotFound/],
  [
    'patch',
    {
      status: 200,
      body: {
        sku: 'MUG-1',
        status: 'INVALID',
        submissionId: 's',
        issues: [{ code: '90000900', message: 'Unknown attribute.', severity: 'ERROR', categories: ['INVALID_ATTRIBUTE'] }],
      },
    },
    'permanent',
    /refused: 90000900: Unknown attribute\./,
  ],
  ['patch', { status: 422, body: errors('InvalidInput', 'No.') }, 'permanent', /422: InvalidInput/],
]

describe('what Amazon says', () => {
  const rows = TABLE.map(([call, said, kind, words, more = {}]) => ({ call, said, status: said.status, kind, words, more }))

  it.each(rows)('to $call with $status is $kind: $words', async ({ call, said, kind, words, more }) => {
    const [path, make] = CALLS[call]
    world.sandbox.addFault({ vendor: 'amazon', kind: 'status', match: { path, ...methodOf(call) }, ...said })

    const error = await failureOf(Promise.resolve(make()))

    expect(error).toMatchObject({ account: 'amazon-us', kind, ...more })
    expect(String(error)).toMatch(words)
  })
})

function methodOf(call: keyof typeof CALLS): { readonly method?: string } {
  if (call === 'patch') return { method: 'PATCH' }
  return call === 'upload' ? { method: 'PUT' } : {}
}

/** Everything that Amazon knows of us and of a buyer, in one message. */
const SECRETS = ['sandbox-secret', 'sandbox-refresh', 'Atza|IwEBsecretsecret', 'Atzr|IwEBrefreshrefresh']
const PERSONAL = ['ada@buyer.example', '+1 555 010 01234', '4929 1234 5678 9012']
const TALKATIVE = errors('InvalidInput', `Got ${SECRETS.join(' and ')}.`, `For ${PERSONAL.join(', ')}.`)

describe('secrets and personal data in an answer', () => {
  it.each([400, 401, 403, 404, 429, 500])('of %i are in no error and no log line, cause and all', async (status) => {
    const logged: LoggedLine[] = []
    const at = (level: LoggedLine['level']) => (fields: object, message: string) =>
      void logged.push({ level, message, fields: { ...fields } })
    const shared = openAccount('amazon-us')
    const gate = createGate({
      account: 'amazon-us',
      shared,
      clock: followingClock(world.sandbox.clock.now),
      log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
      boundary: { reach: () => undefined },
      scrub: createScrubber(SECRETS.slice(0, 2)),
      maxWaitMs: 1000,
      timeoutMs: 5000,
    })
    const connector = createAmazonConnector(gate, settingsFor(world.sandbox))
    const spoil = (path: string) =>
      world.sandbox.addFault({ vendor: 'amazon', kind: 'status', status, times: 4, match: { path }, body: TALKATIVE })
    spoil('^/orders/2026-01-01/orders')
    spoil('shipmentConfirmation')
    spoil('^/listings/')

    const failures: unknown[] = [await failureOf(pull(connector))]
    await shared.close()
    failures.push(await connector.confirmShipments([confirmation()], signal).catch((error: unknown) => error))
    await shared.close()
    failures.push(await connector.describeListings?.(['MUG-1'], signal).catch((error: unknown) => error))

    const visible = inspect([failures, logged, shared.opened, await connector.health(signal)], { depth: 9 })
    expect(visible).toContain(String(status))
    for (const word of [...SECRETS, ...PERSONAL]) expect(visible).not.toContain(word)
  })

  it('are in no error of the package, which hides what it was about', async () => {
    const settings = settingsFor(world.sandbox)
    const request = { sdk: 'orders.getOrder', version: '2026-01-01', path: {} } as const
    const error = await failureOf(sdkTransport(await loadSdk(), settings, SECRETS[2] ?? '', request)(signal))

    expect(error).toMatchObject({ code: expect.stringMatching(/^[A-Z_]+$/) })
    for (const word of SECRETS) expect(inspect(error, { depth: 9 })).not.toContain(word)
    expect(inspect(error)).not.toContain('details')
  })

  it('are not quoted by an error of the package that quotes a whole answer', async () => {
    const quoting = { code: 'DOWNLOAD_ERROR', type: 'error', message: TALKATIVE.errors[0]?.message, details: PERSONAL[0] }
    class SellingPartner {
      async callAPI(): Promise<never> {
        throw Object.assign(new Error(quoting.message), quoting)
      }
    }
    const sdk = { ...(await loadSdk()), SellingPartner } as unknown as Awaited<ReturnType<typeof loadSdk>>
    const request = { sdk: 'orders.getOrder', version: '2026-01-01' } as const
    const error = await failureOf(sdkTransport(sdk, settingsFor(world.sandbox), 't', request)(signal))

    expect(error).toMatchObject({ code: 'DOWNLOAD_ERROR' })
    for (const word of [...SECRETS, ...PERSONAL]) expect(inspect(error, { depth: 9 })).not.toContain(word)
  })
})
