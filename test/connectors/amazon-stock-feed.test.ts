import { afterEach, describe, expect, it } from 'vitest'
import { messageIdOf } from '../../src/connectors/amazon/message-ids.ts'
import { AuthError, RefusedByDryRun, RetryableError } from '../../src/core/errors.ts'
import type { FaultKind } from '../../src/sandbox/stand-in.ts'
import { limitedAccount } from '../world/gate.ts'
import { ask, feed, listed, openShop, outcomesOf, reportOf, shelf, update } from './amazon-stock-world.ts'
import { type AmazonWorld, calls, failureOf, NOW, US } from './amazon-world.ts'

const CANADA = 'A2EUQ1WTGCTBG2'
const DOCUMENT = /^\/feeds\/2021-06-30\/documents$/
const UPLOAD = /^\/feed-documents\//
const CREATE = /^\/feeds\/2021-06-30\/feeds$/
const STEPS = /^\/feeds\/|^\/feed-documents\//

let world: AmazonWorld

afterEach(() => world.sandbox.close())

const spoil = (path: RegExp, kind: FaultKind, more: object = {}) =>
  world.sandbox.addFault({ vendor: 'amazon', kind, match: { path: path.source }, ...more })
/** What the next answer to that question is instead of the stand-in's. */
const say = (path: RegExp, body: unknown, more: object = {}) => spoil(path, 'status', { status: 200, body, ...more })
const skus = (count: number) => Array.from({ length: count }, (_, n) => `S-${n + 1}`)

interface SentFeed {
  readonly header: object
  readonly messages: readonly { readonly messageId: number; readonly sku: string }[]
}

function uploads(): readonly SentFeed[] {
  return calls(world.sandbox, UPLOAD)
    .filter((entry) => entry.method === 'PUT')
    .map((entry) => JSON.parse(entry.requestBody) as SentFeed)
}

describe('a feed of quantities', () => {
  it('is announced, uploaded and handed over; each quantity waits for its report', async () => {
    world = await openShop([
      { sku: 'MUG', quantity: 3, lead_time: 4 },
      { sku: 'LAMP', product_type: 'LAMP' },
    ])

    const outcomes = await feed(world, update('MUG', 7), update('LAMP', 0, { productType: 'LAMP' }))

    expect(outcomes).toEqual([
      { status: 'reported-later', report: '50001#0' },
      { status: 'reported-later', report: '50001#0' },
    ])
    expect(calls(world.sandbox, STEPS).map((entry) => [entry.method, entry.path.replace(/-\d+$/, '')])).toEqual([
      ['POST', '/feeds/2021-06-30/documents'],
      ['PUT', '/feed-documents/amzn1.tortuga.4.na.sandbox'],
      ['POST', '/feeds/2021-06-30/feeds'],
    ])
    expect(JSON.parse(calls(world.sandbox, CREATE)[0]!.requestBody)).toEqual({
      feedType: 'JSON_LISTINGS_FEED',
      marketplaceIds: [US],
      inputFeedDocumentId: 'amzn1.tortuga.4.na.sandbox-1',
    })
    expect(uploads()).toEqual([
      {
        header: { sellerId: 'A1SANDBOX', version: '2.0', issueLocale: 'en_US' },
        messages: [
          {
            messageId: expect.any(Number),
            sku: 'MUG',
            operationType: 'PATCH',
            productType: 'PRODUCT',
            patches: [
              {
                op: 'merge',
                path: '/attributes/fulfillment_availability',
                value: [{ fulfillment_channel_code: 'DEFAULT', quantity: 7 }],
              },
            ],
          },
          expect.objectContaining({ sku: 'LAMP', productType: 'LAMP' }),
        ],
      },
    ])
  })

  it('is followed to its report, and what is live is what was sent', async () => {
    world = await openShop([{ sku: 'MUG', quantity: 3, lead_time: 4, restock_date: '2026-12-24' }])
    const sent = [update('MUG', 7)]
    const report = reportOf(await feed(world, ...sent))

    expect(await ask(world, report, sent, 0)).toEqual({ state: 'running', againInMs: 20_000 })
    expect(await ask(world, report, sent, 0.5)).toEqual({ state: 'running', againInMs: 20_000 })
    expect(shelf(world)).toEqual({ MUG: 3 })
    expect(await ask(world, report, sent, 2)).toEqual({ state: 'done', outcomes: [{ status: 'accepted' }] })

    expect(listed(world, 'MUG')).toMatchObject({ quantity: 7, lead_time: 4, restock_date: '2026-12-24' })
  })

  it.each([true, false])('is understood when its report is packed: %s', async (compress) => {
    world = await openShop([{ sku: 'MUG' }])
    world.sandbox.seed('amazon', { feeds: { compress } })
    const sent = [update('MUG'), update('GONE')]
    const report = reportOf(await feed(world, ...sent))

    expect((await outcomesOf(world, report, sent)).map(({ status }) => status)).toEqual(['accepted', 'unlisted'])
  })

  it('says what became of each, from any part of what was sent, in any order', async () => {
    world = await openShop([{ sku: 'S-{n}', count: 6 }])
    world.sandbox.act('amazon', 'fail-sku', { sku: 'S-3', code: '8541', message: 'Conflicts with the catalog.' })
    const sent = [...skus(6), 'GONE'].map((sku) => update(sku))
    const report = reportOf(await feed(world, ...sent))
    const outcomes = await outcomesOf(world, report, sent)

    expect(outcomes.map(({ status }) => status)).toEqual([
      'accepted',
      'accepted',
      'failed',
      'accepted',
      'accepted',
      'accepted',
      'unlisted',
    ])
    expect(outcomes[2]).toMatchObject({
      error: { kind: 'permanent', message: 'amazon-us getFeed: refused: 8541: Conflicts with the catalog.' },
    })

    const { connector } = world.again()
    const part = [update('GONE'), update('S-5'), update('S-3')]
    expect((await outcomesOf({ ...world, connector }, report, part)).map(({ status }) => status)).toEqual([
      'unlisted',
      'accepted',
      'failed',
    ])
  })

  it('holds a SKU once, with its last quantity', async () => {
    world = await openShop([{ sku: 'MUG' }])

    reportOf(await feed(world, update('MUG', 5), update('MUG', 6)))
    world.sandbox.clock.set(NOW + 300_000)

    expect(uploads()[0]?.messages).toHaveLength(1)
    expect(shelf(world)).toEqual({ MUG: 6 })
  })

  it('of the largest size is one feed whose messages all have numbers of their own', async () => {
    world = await openShop([{ sku: 'S-{n}', count: 25_000 }])
    const sent = skus(25_000).map((sku, n) => update(sku, n % 50))
    world.sandbox.act('amazon', 'fail-sku', { sku: 'S-20000' })
    const report = reportOf(await feed(world, ...sent))

    const messages = uploads()[0]!.messages
    expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(25_000)
    const outcomes = await outcomesOf(world, report, sent)
    expect(outcomes.filter(({ status }) => status === 'accepted')).toHaveLength(24_999)
    expect(outcomes[19_999]).toMatchObject({ status: 'failed', error: { kind: 'permanent' } })
    expect(shelf(world)['S-25000']).toBe(49)
  })

  it('is parted where a file would be too large for Amazon, and each part has its own report', async () => {
    world = await openShop([])
    const long = 'Ü'.repeat(300)
    const sent = Array.from({ length: 14_000 }, (_, n) => update(`${n} ${long}`))

    const outcomes = await feed(world, ...sent)

    expect(new Set(outcomes.map((outcome) => (outcome.status === 'reported-later' ? outcome.report : '')))).toEqual(
      new Set(['50001#0', '50002#0']),
    )
    const sizes = calls(world.sandbox, UPLOAD).map((entry) => Buffer.byteLength(entry.requestBody))
    expect(Math.max(...sizes)).toBeLessThan(10 * 1024 * 1024)
    expect(Math.min(...sizes)).toBeGreaterThan(0)
  })

  it('is planned line by line, not sent, in a dry run', async () => {
    world = await openShop([{ sku: 'MUG' }, { sku: 'LAMP' }])
    const dry = world.again({}, { dryRun: true })

    expect(await failureOf(feed(dry, update('MUG', 7, { previous: 3 }), update('LAMP', 0)))).toBeInstanceOf(RefusedByDryRun)

    expect(dry.planned).toEqual([
      { account: 'amazon-us', operation: 'createFeed', target: 'MUG', detail: '3 -> 7' },
      { account: 'amazon-us', operation: 'createFeed', target: 'LAMP', detail: '? -> 0' },
    ])
    expect(calls(world.sandbox, STEPS)).toEqual([])
  })

  it('leaves out what cannot be sent at all', async () => {
    world = await openShop([{ sku: 'MUG' }])

    expect(await feed(world, update(''), update('MUG'))).toMatchObject([
      { status: 'failed', error: { kind: 'permanent' } },
      { status: 'reported-later' },
    ])
    expect(await feed(world, update('..'))).toMatchObject([{ status: 'failed' }])
    expect(calls(world.sandbox, CREATE)).toHaveLength(1)
  })
})

describe('an account in several marketplaces', () => {
  it('makes a feed for each set of marketplaces that list the same SKUs', async () => {
    world = await openShop(
      [
        { sku: 'A', marketplaces: [US] },
        { sku: 'B', marketplaces: [US, CANADA] },
        { sku: 'C', marketplaces: [US, CANADA] },
      ],
      { marketplaceIds: [US, CANADA] },
    )
    const sent = ['A', 'B', 'C', 'GONE'].map((sku) => update(sku))

    const outcomes = await feed(world, ...sent)

    expect(outcomes.map((outcome) => (outcome.status === 'reported-later' ? outcome.report : outcome.status))).toEqual([
      '50001#0',
      '50002#0',
      '50002#0',
      'unlisted',
    ])
    expect(calls(world.sandbox, CREATE).map((entry) => JSON.parse(entry.requestBody).marketplaceIds)).toEqual([
      [US],
      [US, CANADA],
    ])
    expect(await outcomesOf(world, '50002#0', sent.slice(1, 3))).toEqual([{ status: 'accepted' }, { status: 'accepted' }])
  })

  it('keeps the feeds that were made when the next one is refused', async () => {
    world = await openShop(
      [
        { sku: 'A', marketplaces: [US] },
        { sku: 'B', marketplaces: [CANADA] },
      ],
      { marketplaceIds: [US, CANADA] },
    )
    spoil(CREATE, 'throttle', { after: 1 })

    expect(await feed(world, update('A'), update('B'))).toMatchObject([
      { status: 'reported-later', report: '50001#0' },
      { status: 'failed', error: { kind: 'throttled' } },
    ])
  })
})

describe('a hand-over that fails', () => {
  it.each<[string, RegExp, FaultKind, object, boolean]>([
    ['500 for a document', DOCUMENT, 'status', { status: 500 }, false],
    ['half an answer for a document', DOCUMENT, 'truncate', {}, false],
    [
      'a dead address',
      UPLOAD,
      'status',
      {
        status: 403,
        body: '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>',
      },
      false,
    ],
    ['a storage that is away', UPLOAD, 'cut', {}, false],
    ['an upload whose answer is lost', UPLOAD, 'cut-after', {}, false],
    ['a web page instead of an upload', UPLOAD, 'html', {}, false],
    ['a web page after an upload', UPLOAD, 'html-after', {}, false],
    [
      'an error of the storage that comes with 200',
      UPLOAD,
      'status',
      { status: 200, body: '<Error><Code>SlowDown</Code></Error>' },
      false,
    ],
    ['500 for the feed', CREATE, 'status', { status: 500 }, true],
    ['a feed whose answer is lost', CREATE, 'cut-after', {}, true],
    ['a web page for the feed', CREATE, 'html-after', {}, true],
  ])('by %s is retryable; only the last step may have told Amazon anything', async (_, path, kind, more, outcomeUnknown) => {
    world = await openShop([{ sku: 'MUG' }])
    spoil(path, kind, more)

    const error = await failureOf(feed(world, update('MUG')))

    expect(error).toBeInstanceOf(RetryableError)
    expect(error).toMatchObject({ outcomeUnknown })
    expect(world.account.opened).toEqual([])
    expect(await outcomesOf(world, reportOf(await feed(world, update('MUG'))), [update('MUG')])).toEqual([{ status: 'accepted' }])
    expect(shelf(world)).toEqual({ MUG: 7 })
  })

  it("says it in the storage's words, without the address that opens the document", async () => {
    world = await openShop([{ sku: 'MUG' }])
    spoil(UPLOAD, 'status', {
      status: 403,
      body: '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>',
    })

    const error = await failureOf(feed(world, update('MUG')))

    expect(String(error)).toContain('uploadFeedDocument: answered 403: AccessDenied: Request has expired')
    expect(JSON.stringify([String(error), error, world.logged])).not.toMatch(/X-Amz-Signature|feed-documents/)
  })

  it('sends nothing to an address that is neither encrypted nor ours', async () => {
    world = await openShop([{ sku: 'MUG' }])
    say(DOCUMENT, { feedDocumentId: 'd', url: 'http://127.0.0.2:9/secret' }, { status: 201 })

    const error = await failureOf(feed(world, update('MUG')))

    expect(error).toBeInstanceOf(RetryableError)
    expect(String(error)).toContain('not https')
    expect(String(error)).not.toContain('secret')
  })

  it('for want of the role closes no account', async () => {
    world = await openShop([{ sku: 'MUG' }])
    spoil(DOCUMENT, 'status', { status: 403, body: { errors: [{ code: 'Unauthorized', message: 'Access denied.' }] } })

    expect(await failureOf(feed(world, update('MUG')))).toBeInstanceOf(AuthError)
    expect(world.account.opened).toEqual([])
  })
})

describe('the pace of feeds', () => {
  it('keeps to five in any five minutes, whatever rate Amazon states', async () => {
    world = await openShop([{ sku: 'A' }])
    world.sandbox.seed('amazon', { rate_limits: 'on' })
    const clock = { now: world.sandbox.clock.now, sleep: async (ms: number) => world.sandbox.clock.advance(ms) }
    const { connector } = world.again({}, { clock, shared: limitedAccount(clock) })

    for (let n = 0; n < 9; n += 1) reportOf(await feed({ connector }, update('A', n)))

    const at = calls(world.sandbox, CREATE).map((entry) => entry.at)
    expect(calls(world.sandbox, STEPS).every(({ status }) => status < 300)).toBe(true)
    expect(at).toHaveLength(9)
    for (let n = 5; n < at.length; n += 1) expect(at[n]! - at[n - 5]!).toBeGreaterThanOrEqual(300_000)
  })
})

describe('two SKUs whose numbers meet', () => {
  /** The first two of `SKU-0`, `SKU-1`, ... that have the same number. */
  function meeting(): readonly [string, string] {
    const seen = new Map<number, string>()
    for (let n = 0; ; n += 1) {
      const sku = `SKU-${n}`
      const id = messageIdOf(sku, 0)
      const other = seen.get(id)
      if (other !== undefined) return [other, sku]
      seen.set(id, sku)
    }
  }

  it('are numbered anew, and the report is understood by that', async () => {
    const [one, other] = meeting()
    world = await openShop([{ sku: one }, { sku: other }])
    world.sandbox.act('amazon', 'fail-sku', { sku: other })
    const outcomes = await feed(world, update(one), update(other))
    const report = reportOf(outcomes)

    expect(report).toBe('50001#1')
    expect((await outcomesOf(world, report, [update(other), update(one)])).map(({ status }) => status)).toEqual([
      'failed',
      'accepted',
    ])
    expect((await outcomesOf(world, report, [update(one)])).map(({ status }) => status)).toEqual(['accepted'])
    const rows = [{ messageId: messageIdOf(other, 1), severity: 'ERROR', message: 'No.' }]
    say(UPLOAD, { issues: rows, summary: { messagesAccepted: 1 } }, { match: { path: UPLOAD.source, method: 'GET' } })
    expect((await outcomesOf(world, report, [update(other)])).map(({ status }) => status)).toEqual(['failed'])
    const numbers = uploads()[0]!.messages.map(({ messageId }) => messageId)
    expect(numbers).toEqual([messageIdOf(one, 1), messageIdOf(other, 1)])
    expect(new Set(numbers).size).toBe(2)
  })
})
