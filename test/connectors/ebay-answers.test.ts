import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createEbayConnector } from '../../src/connectors/ebay/connector.ts'
import { createGate } from '../../src/connectors/http/gate.ts'
import { AuthError, PermanentError, RetryableError, ThrottledError } from '../../src/core/errors.ts'
import type { ItemOutcome, MarketplaceConnector, QuantityOutcome } from '../../src/core/ports/marketplace.ts'
import { createScrubber } from '../../src/core/privacy/scrub.ts'
import type { FaultKind } from '../../src/sandbox/stand-in.ts'
import { followingClock, openAccount, type TestAccount } from '../world/gate.ts'
import { aPackage, type EbayWorld, failureOf, openEbay, pull, settingsFor, signal } from './ebay-world.ts'

const classes = { auth: AuthError, permanent: PermanentError, retryable: RetryableError, throttled: ThrottledError }

const ID = '11-00001-00001'
const LINE = '256000000001-2900000000001'
const credentials = { appId: 'canary-app-PRD-1f2e', certId: 'PRD-canary-cert-9d8c', refreshToken: 'canary-refresh-AgAAAA' }
/** The first one that the stand-in hands out. */
const ACCESS = 'v^1.1#i^1#p^3#sandbox-1'
const person = { name: 'Jane Canary', street: '7 Leak Lane', email: 'jane.canary@example.com' }
/** What eBay says its words were made with; the e-mail address it may have from anywhere. */
const values = [person.name, person.street]
const canaries = [...Object.values(credentials), ACCESS, ...Object.values(person), 'Jane', 'Canary', 'Leak Lane']

/** What eBay quotes in each of its answers, and what is left of it. */
const QUOTED = `Seen ${Object.values(credentials).join(' ')} ${ACCESS} of ${person.name}, ${person.street}, ${person.email}`
const LEFT = 'Seen [secret] [secret] [secret] [secret] of ..., ..., <e-mail>'

interface Asked {
  readonly path: string
  readonly method?: string
  readonly body?: string
  readonly ask: (connector: MarketplaceConnector) => Promise<unknown>
}

const asked = {
  GetOrders: { path: '/ws/api.dll$', body: '<ModTimeFrom>', ask: (connector) => pull(connector) },
  'GetOrders by id': { path: '/ws/api.dll$', body: '<OrderIDArray>', ask: (connector) => connector.getOrders([ID], signal) },
  CompleteSale: {
    path: '/ws/api.dll$',
    body: '<CompleteSaleRequest',
    ask: (connector) => firstError(connector.confirmShipments([aPackage(ID, [LINE])], signal)),
  },
  ReviseInventoryStatus: {
    path: '/ws/api.dll$',
    body: '<ReviseInventoryStatusRequest',
    ask: (connector) => firstError(connector.updateQuantities([mug('trading 257000000001')], 'auto', signal)),
  },
  'fulfillment/order': { path: '/fulfillment/v1/order$', ask: (connector) => pull(connector) },
  'fulfillment/shipping_fulfillment': {
    path: 'shipping_fulfillment$',
    method: 'POST',
    ask: (connector) => firstError(connector.confirmShipments([aPackage(ID, ['10000000000001'])], signal)),
  },
  'inventory/bulk_update_price_quantity': {
    path: 'bulk_update_price_quantity$',
    ask: (connector) => firstError(connector.updateQuantities([mug('inventory')], 'auto', signal)),
  },
  token: { path: '/oauth2/token$', ask: (connector) => pull(connector) },
} as const satisfies Readonly<Record<string, Asked>>

const mug = (productType: string) => ({ channel: 'ebay-us', sku: 'MUG', quantity: 5, productType })

/** What a single item failed of, thrown as the batch's own failure would be. */
async function firstError(batch: Promise<readonly (ItemOutcome | QuantityOutcome)[]>): Promise<unknown> {
  const [outcome] = await batch
  if (outcome?.status === 'failed') throw outcome.error
  return outcome
}

interface Row {
  readonly what: string
  readonly of: keyof typeof asked
  /** 200 where nothing is said. */
  readonly status?: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Instead of an answer of its own. */
  readonly kind?: FaultKind
  readonly is: keyof typeof classes
  /** Milliseconds, for throttled. */
  readonly wait?: number
  /** Whether it may have been carried out, for retryable. */
  readonly unknown?: boolean
  /** Times that eBay is asked; 1 where nothing is said. */
  readonly calls?: number
  /** All that the operator reads, after the account and the call. */
  readonly reads: string
}

/** An answer of the Trading API that quotes what it should not: in its words, and as their parameters. */
function trading(call: string, code: number, words: string, { ack = 'Failure', kind = 'RequestError' } = {}): string {
  const parameters = values.map((value, at) => `<ErrorParameters ParamID="${at}"><Value>${value}</Value></ErrorParameters>`)
  return `<?xml version="1.0" encoding="UTF-8"?><${call}Response xmlns="urn:ebay:apis:eBLBaseComponents"><Ack>${ack}</Ack><Errors><ShortMessage>${words}</ShortMessage><LongMessage>${QUOTED}</LongMessage><ErrorCode>${code}</ErrorCode><SeverityCode>Error</SeverityCode>${parameters.join('')}<ErrorClassification>${kind}</ErrorClassification></Errors></${call}Response>`
}
const SYSTEM = { kind: 'SystemError' }

const errorNode = (errorId: number, message: string, category = 'REQUEST') => ({
  errorId,
  domain: 'API',
  category,
  message,
  longMessage: QUOTED,
  parameters: values.map((value) => ({ name: 'value', value })),
})
const rest = (errorId: number, message: string, category?: string) => ({ errors: [errorNode(errorId, message, category)] })
const entry = (statusCode: number, errorId: number, message: string) => ({
  responses: [{ statusCode, sku: 'MUG', errors: [errorNode(errorId, message)] }],
})
const html = `<html><body>${QUOTED}</body></html>`
const TWICE = 'a fresh token was refused too: compare app_id, cert_id and sandbox, and have the seller consent again'

/** Contract sections 2, 4, 5 and 7. */
const table: readonly Row[] = [
  {
    what: 'a fault of its own, while reading: its words may be about anybody',
    of: 'GetOrders',
    body: trading('GetOrders', 10007, 'Internal error to the application.', SYSTEM),
    is: 'retryable',
    unknown: false,
    reads: 'answered 200: 10007',
  },
  {
    what: 'a fault that only its classification calls its own',
    of: 'GetOrders',
    body: trading('GetOrders', 4711, 'Something.', SYSTEM),
    is: 'retryable',
    unknown: false,
    reads: 'answered 200: 4711',
  },
  {
    what: 'a fault of its own, while writing',
    of: 'CompleteSale',
    body: trading('CompleteSale', 10007, 'Internal error to the application.', SYSTEM),
    is: 'retryable',
    unknown: true,
    reads: `answered 200: 10007: Internal error to the application. ${LEFT}`,
  },
  {
    what: 'its own time being over',
    of: 'GetOrders by id',
    body: trading('GetOrders', 219255, 'SLA timeout.'),
    is: 'retryable',
    unknown: false,
    reads: 'answered 200: 219255',
  },
  {
    what: 'the day being used up',
    of: 'GetOrders',
    body: trading('GetOrders', 518, 'Call usage limit has been reached.'),
    is: 'throttled',
    wait: 3_600_000,
    reads: `answered 200: 518: Call usage limit has been reached. ${LEFT}`,
  },
  {
    what: 'the day being used up, while writing',
    of: 'ReviseInventoryStatus',
    body: trading('ReviseInventoryStatus', 518, 'Call usage limit has been reached.'),
    is: 'throttled',
    wait: 3_600_000,
    reads: `answered 200: 518: Call usage limit has been reached. ${LEFT}`,
  },
  {
    what: 'too many calls, and until when',
    of: 'GetOrders',
    status: 429,
    body: html,
    headers: { 'retry-after': '120' },
    is: 'throttled',
    wait: 120_000,
    reads: 'answered 429 with a web page',
  },
  {
    what: 'too many calls, without a word',
    of: 'CompleteSale',
    status: 429,
    body: '',
    is: 'throttled',
    wait: 900_000,
    reads: 'answered 429',
  },
  {
    what: 'too many calls, and an absurd wait',
    of: 'fulfillment/order',
    status: 429,
    body: rest(2001, 'Too many requests.'),
    headers: { 'retry-after': '86400' },
    is: 'throttled',
    wait: 900_000,
    reads: `answered 429: 2001: Too many requests. ${LEFT}`,
  },
  {
    what: 'too many calls, as a refusal',
    of: 'fulfillment/order',
    status: 403,
    body: rest(2001, 'Access denied'),
    is: 'throttled',
    wait: 900_000,
    reads: `answered 403: 2001: Access denied ${LEFT}`,
  },
  {
    what: 'too many calls, with the words of a refused token',
    of: 'inventory/bulk_update_price_quantity',
    status: 429,
    body: rest(1100, 'Access denied'),
    is: 'throttled',
    wait: 900_000,
    reads: `answered 429: 1100: Access denied ${LEFT}`,
  },
  ...([21917053, 21916984, 931, 932] as const).map(
    (code): Row => ({
      what: `a token that is no good, and another one (${code})`,
      of: 'GetOrders',
      body: trading('GetOrders', code, 'Invalid token.'),
      is: 'auth',
      calls: 2,
      reads: `answered 200: ${code}: Invalid token. ${LEFT}; ${TWICE}`,
    }),
  ),
  {
    what: 'a token that is no good, and another one',
    of: 'fulfillment/order',
    status: 401,
    body: rest(1001, 'Invalid access token'),
    is: 'auth',
    calls: 2,
    reads: `answered 401: 1001: Invalid access token ${LEFT}; ${TWICE}`,
  },
  {
    what: 'a token, by something that is not eBay',
    of: 'GetOrders',
    status: 401,
    body: html,
    is: 'auth',
    calls: 2,
    reads: `answered 401 with a web page; ${TWICE}`,
  },
  {
    what: 'a scope that is missing',
    of: 'inventory/bulk_update_price_quantity',
    status: 403,
    body: rest(1100, 'Access denied'),
    is: 'auth',
    calls: 2,
    reads: `answered 403: 1100: Access denied ${LEFT}; a fresh token was refused too: the seller's consent lacks the scope sell.inventory or sell.fulfillment; the seller must consent again`,
  },
  ...([930, 16110] as const).map(
    (code): Row => ({
      what: `credentials that no token mends (${code})`,
      of: 'GetOrders',
      body: trading('GetOrders', code, 'No.'),
      is: 'auth',
      reads: `answered 200: ${code}: No. ${LEFT}; the keyset or the seller's account is not accepted: see its state at eBay`,
    }),
  ),
  ...([1002, 1003] as const).map(
    (code): Row => ({
      what: `credentials that no token mends, though it says 401 (${code})`,
      of: 'fulfillment/order',
      status: 401,
      body: rest(code, 'Missing access token'),
      is: 'auth',
      reads: `answered 401: ${code}: Missing access token ${LEFT}; the keyset or the seller's account is not accepted: see its state at eBay`,
    }),
  ),
  {
    what: 'a refusal without a word',
    of: 'fulfillment/order',
    status: 403,
    body: '',
    is: 'auth',
    reads: 'answered 403 without a reason',
  },
  {
    what: "a firewall's page",
    of: 'fulfillment/order',
    status: 403,
    body: html,
    is: 'retryable',
    unknown: false,
    reads: 'answered 403 with a web page',
  },
  {
    what: "a gateway's page for a call that is there",
    of: 'GetOrders',
    status: 404,
    body: html,
    is: 'retryable',
    unknown: false,
    reads: 'answered 404 with a web page',
  },
  {
    what: "a gateway's page while writing",
    of: 'fulfillment/shipping_fulfillment',
    status: 400,
    body: html,
    is: 'retryable',
    unknown: true,
    reads: 'answered 400 with a web page',
  },
  {
    what: 'a field that is wrong',
    of: 'GetOrders',
    body: trading('GetOrders', 37, 'Input data is invalid.'),
    is: 'permanent',
    reads: `answered 200: 37: Input data is invalid. ${LEFT}`,
  },
  {
    what: 'dates that are missing',
    of: 'GetOrders',
    body: trading('GetOrders', 10009, 'Not enough parameters.'),
    is: 'permanent',
    reads: `answered 200: 10009: Not enough parameters. ${LEFT}`,
  },
  {
    what: "an order that is another's",
    of: 'CompleteSale',
    body: trading('CompleteSale', 20500, 'Invalid order ID.'),
    is: 'permanent',
    reads: `answered 200: 20500: Invalid order ID. ${LEFT}`,
  },
  {
    what: 'a failure of which it says nothing',
    of: 'CompleteSale',
    body: '<CompleteSaleResponse><Ack>Failure</Ack></CompleteSaleResponse>',
    is: 'retryable',
    unknown: true,
    reads: 'answered 200: Failure without a reason',
  },
  {
    what: 'half of a call that has no halves',
    of: 'CompleteSale',
    body: trading('CompleteSale', 37, 'Input data is invalid.', { ack: 'PartialFailure' }),
    is: 'retryable',
    unknown: true,
    reads: `answered 200: done in part: 37: Input data is invalid. ${LEFT}`,
  },
  {
    what: 'half of one row',
    of: 'ReviseInventoryStatus',
    body: trading('ReviseInventoryStatus', 21919188, 'Limit exceeded.', { ack: 'PartialFailure' }),
    is: 'retryable',
    unknown: true,
    reads: `answered 200: done in part: 21919188: Limit exceeded. ${LEFT}`,
  },
  {
    what: 'trouble while reading',
    of: 'fulfillment/order',
    status: 500,
    body: rest(30500, 'System error', 'APPLICATION'),
    is: 'retryable',
    unknown: false,
    reads: 'answered 500: 30500',
  },
  {
    what: 'trouble that passes',
    of: 'fulfillment/order',
    status: 500,
    body: rest(2003, 'Internal error'),
    is: 'retryable',
    unknown: false,
    reads: 'answered 500: 2003',
  },
  {
    what: 'the same SKU being written by another',
    of: 'inventory/bulk_update_price_quantity',
    status: 500,
    body: rest(25025, 'Concurrent access is not allowed.', 'APPLICATION'),
    is: 'retryable',
    unknown: true,
    reads: `answered 500: 25025: Concurrent access is not allowed. ${LEFT}`,
  },
  {
    what: 'a date to come',
    of: 'fulfillment/order',
    status: 400,
    body: rest(30850, 'Dates in the future.'),
    is: 'permanent',
    reads: `answered 400: 30850: Dates in the future. ${LEFT}`,
  },
  ...(
    [
      [400, 32200, 'Invalid line item id'],
      [400, 32300, 'Invalid shipment tracking number or carrier'],
      [400, 34100, 'Too many tracking numbers'],
      [404, 32100, 'Invalid order id'],
      [409, 34500, 'Conflict'],
    ] as const
  ).map(
    ([status, code, words]): Row => ({
      what: `a package (${code})`,
      of: 'fulfillment/shipping_fulfillment',
      status,
      body: rest(code, words),
      is: 'permanent',
      reads: `answered ${status}: ${code}: ${words} ${LEFT}`,
    }),
  ),
  {
    what: 'a whole batch',
    of: 'inventory/bulk_update_price_quantity',
    status: 400,
    body: rest(25709, 'Invalid value for requests.'),
    is: 'permanent',
    reads: `answered 400: 25709: Invalid value for requests. ${LEFT}`,
  },
  {
    what: 'one SKU of a batch',
    of: 'inventory/bulk_update_price_quantity',
    status: 207,
    body: entry(400, 25709, 'Invalid value.'),
    is: 'permanent',
    reads: `answered 400; 25709: Invalid value. ${LEFT}`,
  },
  {
    what: 'one SKU of a batch, for now',
    of: 'inventory/bulk_update_price_quantity',
    status: 207,
    body: entry(500, 25001, 'System error.'),
    is: 'retryable',
    unknown: true,
    reads: `answered 500; 25001: System error. ${LEFT}`,
  },
  {
    what: 'one SKU of a batch, since there were too many calls',
    of: 'inventory/bulk_update_price_quantity',
    status: 207,
    body: entry(429, 2001, 'Too many requests.'),
    is: 'throttled',
    wait: 900_000,
    reads: `answered 429; 2001: Too many requests. ${LEFT}`,
  },
  {
    what: 'a batch without saying how each went',
    of: 'inventory/bulk_update_price_quantity',
    body: { responses: [] },
    is: 'retryable',
    unknown: true,
    reads: 'the answer does not say how it went with this SKU',
  },
  {
    what: 'a redirect',
    of: 'fulfillment/order',
    status: 302,
    body: '',
    headers: { location: 'https://example.invalid/' },
    is: 'permanent',
    reads: 'answered 302',
  },
  {
    what: 'nothing, in its own time',
    of: 'GetOrders',
    status: 408,
    body: '',
    is: 'retryable',
    unknown: false,
    reads: 'answered 408',
  },
  {
    what: 'a gateway',
    of: 'CompleteSale',
    status: 502,
    body: html,
    is: 'retryable',
    unknown: true,
    reads: 'answered 502 with a web page',
  },
  { what: 'maintenance', of: 'fulfillment/order', status: 503, body: '', is: 'retryable', unknown: false, reads: 'answered 503' },
  {
    what: 'a page of HTML that calls itself good',
    of: 'GetOrders',
    body: html,
    headers: { 'content-type': 'text/html' },
    is: 'retryable',
    unknown: false,
    reads: `answered 200 with something else than its own document (text/html, ${html.length} bytes)`,
  },
  {
    what: "another call's document",
    of: 'GetOrders',
    body: trading('GetItem', 37, 'No.'),
    headers: { 'content-type': 'text/xml' },
    is: 'retryable',
    unknown: false,
    reads: `answered 200 with something else than its own document (text/xml, ${trading('GetItem', 37, 'No.').length} bytes)`,
  },
  {
    what: 'a document without a verdict',
    of: 'CompleteSale',
    body: '<CompleteSaleResponse></CompleteSaleResponse>',
    headers: { 'content-type': 'text/xml' },
    is: 'retryable',
    unknown: true,
    reads: 'answered 200 with something else than its own document (text/xml, 45 bytes)',
  },
  {
    what: 'orders of another shape',
    of: 'fulfillment/order',
    body: { orders: [] },
    is: 'retryable',
    unknown: false,
    reads: 'answer has an unexpected shape (total: invalid_type)',
  },
  {
    what: 'orders as HTML',
    of: 'fulfillment/order',
    body: html,
    headers: { 'content-type': 'text/html' },
    is: 'retryable',
    unknown: false,
    reads: `answer is not JSON (text/html, ${html.length} bytes)`,
  },
  { what: 'nothing at all', of: 'GetOrders', kind: 'timeout', is: 'retryable', unknown: false, reads: 'no answer within 400 ms' },
  {
    what: 'nothing at all while writing',
    of: 'CompleteSale',
    kind: 'timeout-after',
    is: 'retryable',
    unknown: true,
    reads: 'no answer within 400 ms',
  },
  {
    what: 'a connection that breaks',
    of: 'fulfillment/order',
    kind: 'cut',
    is: 'retryable',
    unknown: false,
    reads: 'connection failed (UND_ERR_SOCKET)',
  },
  {
    what: 'a connection that breaks while writing',
    of: 'inventory/bulk_update_price_quantity',
    kind: 'cut-after',
    is: 'retryable',
    unknown: true,
    reads: 'connection failed (UND_ERR_SOCKET)',
  },
  {
    what: 'a refresh token that is dead',
    of: 'token',
    status: 400,
    body: { error: 'invalid_grant', error_description: QUOTED },
    is: 'auth',
    reads:
      'answered invalid_grant: the refresh token is older than 18 months, was revoked, ended with a change of password, or belongs to another keyset or environment: the seller must consent again',
  },
  {
    what: 'a scope that was not granted',
    of: 'token',
    status: 400,
    body: { error: 'invalid_scope', error_description: QUOTED },
    is: 'auth',
    reads:
      "answered invalid_scope: the seller's consent lacks a scope; isync needs api_scope, sell.inventory and sell.fulfillment: the seller must consent again",
  },
  {
    what: 'a wrong cert id',
    of: 'token',
    status: 401,
    body: { error: 'invalid_client', error_description: QUOTED },
    is: 'auth',
    reads: 'answered invalid_client: app_id or cert_id is wrong, or belongs to the other environment (sandbox or production)',
  },
  {
    what: 'a keyset without this grant',
    of: 'token',
    status: 400,
    body: { error: 'unauthorized_client', error_description: QUOTED },
    is: 'auth',
    reads: 'answered unauthorized_client: the keyset may not use refresh tokens: look at its state in the developer account',
  },
  {
    what: 'too many tokens',
    of: 'token',
    status: 429,
    body: html,
    headers: { 'retry-after': '20' },
    is: 'throttled',
    wait: 20_000,
    reads: 'answered 429: too many tokens were asked for',
  },
  {
    what: 'too many tokens, without a word',
    of: 'token',
    status: 429,
    is: 'throttled',
    wait: 60_000,
    reads: 'answered 429: too many tokens were asked for',
  },
  {
    what: 'a token server that is down',
    of: 'token',
    status: 503,
    body: '',
    is: 'retryable',
    unknown: false,
    reads: 'answered 503 without a token (0 bytes)',
  },
  {
    what: 'a page of HTML instead of a token',
    of: 'token',
    body: html,
    is: 'retryable',
    unknown: false,
    reads: `answered 200 without a token (${html.length} bytes)`,
  },
  {
    what: 'a word instead of a token that nobody knows',
    of: 'token',
    body: { error: `unknown ${credentials.refreshToken}` },
    is: 'retryable',
    unknown: false,
    reads: 'answered 200 without a token (unknown [secret])',
  },
]

let world: EbayWorld
let seen: unknown[]
let account: TestAccount
let connector: MarketplaceConnector

/** A gate as the program has it: it knows its secrets. */
function connect(ordersApi: 'trading' | 'fulfillment'): void {
  seen = []
  account = openAccount('ebay-us')
  const write = (fields: object, message: string) => void seen.push(fields, message)
  const gate = createGate({
    account: 'ebay-us',
    shared: account,
    clock: followingClock(world.sandbox.clock.now),
    log: { debug: write, info: write, warn: write, error: write },
    boundary: { reach: () => undefined },
    scrub: createScrubber(Object.values(credentials)),
    maxWaitMs: 1000,
    timeoutMs: 400,
  })
  connector = createEbayConnector(gate, {
    ...settingsFor(world.sandbox.origins.ebay),
    ordersApi,
    credentials,
    timeoutMs: 400,
  })
}

beforeEach(async () => {
  world = await openEbay({
    accounts: [{ app_id: credentials.appId, cert_id: credentials.certId, refresh_token: credentials.refreshToken }],
    orders: [
      {
        order_id: ID,
        lines: [{ item_id: '256000000001', transaction_id: '2900000000001', line_item_id: '10000000000001', sku: 'MUG' }],
      },
    ],
  })
})
afterEach(() => world.close())

/** Everything that anybody could come to see of it, hidden properties and causes of causes too. */
function everythingIn(...what: readonly unknown[]): string {
  return inspect(what, { depth: null, showHidden: true, maxStringLength: null, maxArrayLength: null })
}

describe('an answer of eBay', () => {
  it.each(table)('about $what ($of) is $is', async ({ of, status, body, headers, kind, is, wait, unknown, calls, reads }) => {
    const { ask, ...match }: Asked = asked[of]
    connect(of === 'fulfillment/order' ? 'fulfillment' : 'trading')
    world.sandbox.addFault({
      vendor: 'ebay',
      kind: kind ?? 'status',
      match,
      times: 9,
      ...(kind === undefined ? { status: status ?? 200 } : {}),
      ...(body === undefined ? {} : { body }),
      ...(headers === undefined ? {} : { headers }),
    })

    const error = await failureOf(ask(connector))

    const operation = of === 'GetOrders by id' ? 'GetOrders' : of
    expect((error as Error).message).toBe(`ebay-us ${operation}: ${reads}`)
    expect(error).toBeInstanceOf(classes[is])
    expect(error).toMatchObject({ kind: is, account: 'ebay-us', operation })
    if (wait !== undefined) expect(error).toHaveProperty('waitMs', wait)
    if (unknown !== undefined) expect(error).toHaveProperty('outcomeUnknown', unknown)
    expect(account.opened).toHaveLength(is === 'auth' ? 1 : 0)
    expect(world.sandbox.journal().filter(({ fault }) => fault !== undefined)).toHaveLength(calls ?? 1)
    const visible = everythingIn(error, (error as Error).stack, account.opened, seen)
    for (const canary of canaries) expect(visible).not.toContain(canary)
  })
})
