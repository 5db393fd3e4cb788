import { createRequire } from 'node:module'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  expectNoCanary,
  html,
  ID,
  judge,
  KEYSET,
  LEFT,
  LINE,
  openAnswers,
  QUOTED,
  type Row,
  TWICE,
  values,
} from './ebay-answers-world.ts'
import { aPackage, failureOf, pull, signal } from './ebay-world.ts'

/** An answer of the Trading API that quotes what it should not: in its words, and as what they were made with. */
function trading(call: string, code: number, words: string, { ack = 'Failure', kind = 'RequestError' } = {}): string {
  const parameters = values.map((value, at) => `<ErrorParameters ParamID="${at}"><Value>${value}</Value></ErrorParameters>`)
  return `<?xml version="1.0" encoding="UTF-8"?><${call}Response xmlns="urn:ebay:apis:eBLBaseComponents"><Ack>${ack}</Ack><Errors><ShortMessage>${words}</ShortMessage><LongMessage>${QUOTED}</LongMessage><ErrorCode>${code}</ErrorCode><SeverityCode>Error</SeverityCode>${parameters.join('')}<ErrorClassification>${kind}</ErrorClassification></Errors></${call}Response>`
}
const SYSTEM = { kind: 'SystemError' }

/** Contract sections 2, 4.1, 5.2 and 7. */
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
    what: 'a token, by something that is not eBay',
    of: 'GetOrders',
    status: 401,
    body: html,
    is: 'auth',
    calls: 2,
    reads: `answered 401 with a web page; ${TWICE}`,
  },
  ...([930, 16110] as const).map(
    (code): Row => ({
      what: `credentials that no token mends (${code})`,
      of: 'GetOrders',
      body: trading('GetOrders', code, 'No.'),
      is: 'auth',
      reads: `answered 200: ${code}: No. ${LEFT}; ${KEYSET}`,
    }),
  ),
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
    what: 'half a list of listings, which would call the others unlisted',
    of: 'GetMyeBaySelling',
    body: trading('GetMyeBaySelling', 37, 'Input data is invalid.', { ack: 'PartialFailure' }),
    is: 'retryable',
    unknown: false,
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
    what: 'half a document',
    of: 'GetOrders',
    body: '<GetOrdersResponse><Ack>Success</Ack>',
    headers: { 'content-type': 'text/xml' },
    is: 'retryable',
    unknown: false,
    reads: 'answered 200 with something else than its own document (text/xml, 37 bytes)',
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
  { what: 'nothing at all', of: 'GetOrders', kind: 'timeout', is: 'retryable', unknown: false, reads: 'no answer within 400 ms' },
  {
    what: 'nothing at all while writing',
    of: 'CompleteSale',
    kind: 'timeout-after',
    is: 'retryable',
    unknown: true,
    reads: 'no answer within 400 ms',
  },
]

describe('an answer of the Trading API', () => {
  it.each(table)('about $what ($of) is $is', judge)
})

describe('what eBay says beside a good answer', () => {
  it('that orders are missing from a page is told without names, and the page is used', async () => {
    const world = await openAnswers()
    onTestFinished(world.close)
    await pull(world.connector)
    const [page] = world.sandbox.journal().filter(({ path }) => path === '/ws/api.dll')
    const [, errors = ''] = /(<Errors>.*<\/Errors>)/.exec(trading('GetOrders', 21917999, 'No.')) ?? []
    const body = page?.replyBody.replace('<Ack>Success</Ack>', `<Ack>PartialFailure</Ack>${errors}`)
    world.sandbox.addFault({ vendor: 'ebay', kind: 'status', status: 200, body, match: { path: '/ws/api.dll$' } })

    expect((await pull(world.connector)).map(({ externalOrderId }) => externalOrderId)).toEqual([ID])

    expect(world.seen).toContain('eBay could not show one order')
    expect(world.seen).toContainEqual(expect.objectContaining({ text: `21917999: No. ${LEFT}` }))
    expectNoCanary(world.seen)
  })

  it('of what we sent ourselves stays readable', async () => {
    const world = await openAnswers()
    onTestFinished(world.close)
    const words = 'Tracking number 1ZSAMPLE1 of carrier UPS is used by Sam Sample.'
    const body = trading('CompleteSale', 21919089, words).replace(
      '<ErrorParameters',
      ['1ZSAMPLE1', 'UPS', 'Sam Sample'].map((value) => `<ErrorParameters><Value>${value}</Value></ErrorParameters>`).join('') +
        '<ErrorParameters',
    )
    world.sandbox.addFault({ vendor: 'ebay', kind: 'status', status: 200, body, match: { body: 'CompleteSaleRequest' } })

    const [outcome] = await world.connector.confirmShipments([aPackage(ID, [LINE], { trackingNumber: '1ZSAMPLE1' })], signal)

    expect(outcome).toMatchObject({
      error: { message: expect.stringContaining('21919089: Tracking number 1ZSAMPLE1 of carrier UPS is used by ....') },
    })
  })
})

interface Printer {
  readonly enable: (names: string) => void
  readonly disable: () => string
  log: (...words: readonly unknown[]) => void
}

it('the package that writes the requests knows nothing that it could print, whatever fails', async () => {
  // The one that the package prints with: DEBUG=ebay:* would switch it on.
  const printer: Printer = createRequire(import.meta.url)('debug')
  const printed: unknown[] = []
  const { log } = printer
  printer.log = (...words) => void printed.push(words)
  printer.enable('*')
  onTestFinished(() => {
    printer.disable()
    printer.log = log
  })
  for (const ordersApi of ['trading', 'fulfillment'] as const) {
    const world = await openAnswers({ ordersApi })
    onTestFinished(world.close)
    expect(await pull(world.connector)).toHaveLength(1)
    for (const kind of ['cut', 'timeout', 'html', 'throttle', 'truncate'] as const) {
      world.sandbox.addFault({ vendor: 'ebay', kind, match: { path: 'api.dll$|v1/order$' } })
      printed.push(await failureOf(pull(world.connector)))
    }
    await world.connector.health(signal)
  }

  expect(printed.length).toBeGreaterThan(20)
  expect(JSON.stringify(printed)).toContain('kept by isync')
  expectNoCanary(printed)
})
