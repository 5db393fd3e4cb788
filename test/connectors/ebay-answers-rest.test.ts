import { describe, expect, it, onTestFinished } from 'vitest'
import {
  credentials,
  expectNoCanary,
  html,
  judge,
  KEYSET,
  LEFT,
  openAnswers,
  QUOTED,
  type Row,
  TWICE,
  values,
} from './ebay-answers-world.ts'
import { pull } from './ebay-world.ts'

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

/** Contract sections 3, 4.2, 5.1 and 7. */
const table: readonly Row[] = [
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
    what: 'a scope that is missing',
    of: 'inventory/bulk_update_price_quantity',
    status: 403,
    body: rest(1100, 'Access denied'),
    is: 'auth',
    calls: 2,
    reads: `answered 403: 1100: Access denied ${LEFT}; a fresh token was refused too: the seller's consent lacks the scope sell.inventory or sell.fulfillment; the seller must consent again`,
  },
  ...([1002, 1003] as const).map(
    (code): Row => ({
      what: `credentials that no token mends, though it says 401 (${code})`,
      of: 'fulfillment/order',
      status: 401,
      body: rest(code, 'Missing access token'),
      is: 'auth',
      reads: `answered 401: ${code}: Missing access token ${LEFT}; ${KEYSET}`,
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
    what: "a gateway's page while writing",
    of: 'fulfillment/shipping_fulfillment',
    status: 400,
    body: html,
    is: 'retryable',
    unknown: true,
    reads: 'answered 400 with a web page',
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
    is: 'retryable',
    unknown: false,
    reads: 'answered 302',
  },
  { what: 'maintenance', of: 'fulfillment/order', status: 503, body: '', is: 'retryable', unknown: false, reads: 'answered 503' },
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
]

/** Contract section 1. */
const tokens: readonly Row[] = [
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

describe('an answer of the REST APIs', () => {
  it.each(table)('about $what ($of) is $is', judge)
})

describe('an answer of the token endpoint', () => {
  it.each(tokens)('about $what is $is', judge)
})

it('a notice beside good orders is told once, and the orders are used', async () => {
  const world = await openAnswers({ ordersApi: 'fulfillment' })
  onTestFinished(world.close)
  await pull(world.connector)
  const [page] = world.sandbox.journal().filter(({ path }) => path.endsWith('/order'))
  const body: unknown = { ...JSON.parse(page?.replyBody ?? ''), warnings: [errorNode(30998, 'Old field.')] }
  world.sandbox.addFault({ vendor: 'ebay', kind: 'status', status: 200, body, times: 2, match: { path: 'v1/order$' } })

  expect([await pull(world.connector), await pull(world.connector)].map(({ length }) => length)).toEqual([1, 1])

  expect(world.seen.filter((one) => one === 'eBay gave a notice')).toHaveLength(1)
  expect(world.seen).toContainEqual(expect.objectContaining({ code: '30998', text: `30998: Old field. ${LEFT}` }))
  expectNoCanary(world.seen)
})
