import { afterEach, describe, expect, it } from 'vitest'
import { AuthError, RetryableError, ThrottledError } from '../../src/core/errors.ts'
import type { FaultKind } from '../../src/sandbox/stand-in.ts'
import { ask, feed, openShop, outcomesOf, reportOf, update } from './amazon-stock-world.ts'
import { type AmazonWorld, calls, failureOf, NOW, signal } from './amazon-world.ts'

const UPLOAD = /^\/feed-documents\//
const FEED = /^\/feeds\/2021-06-30\/feeds\/./
const REPORT = /^\/feeds\/2021-06-30\/documents\/./

let world: AmazonWorld

afterEach(() => world.sandbox.close())

const spoil = (path: RegExp, kind: FaultKind, more: object = {}) =>
  world.sandbox.addFault({ vendor: 'amazon', kind, match: { path: path.source }, ...more })
/** What the next answer to that question is instead of the stand-in's. */
const say = (path: RegExp, body: unknown, more: object = {}) => spoil(path, 'status', { status: 200, body, ...more })

describe('a report', () => {
  const rows = (issues: readonly object[], summary: object = {}) => ({
    header: { sellerId: 'A1SANDBOX', version: '2.0', feedId: '50001' },
    issues,
    summary: { errors: 0, warnings: 0, messagesProcessed: 2, messagesAccepted: 2, messagesInvalid: 0, ...summary },
  })
  const sent = [update('A'), update('B')]
  const DOWNLOAD = { match: { path: UPLOAD.source, method: 'GET' } }

  async function handOver(): Promise<string> {
    world = await openShop([{ sku: 'A' }, { sku: 'B' }])
    return reportOf(await feed(world, ...sent))
  }
  const ends = (body: object) =>
    say(FEED, { feedId: '50001', feedType: 'JSON_LISTINGS_FEED', createdTime: '2026-11-21T15:00:00Z', ...body }, { times: 99 })

  it('may name its rows by SKU alone, warn, and speak of what is settled already', async () => {
    const report = await handOver()
    const warning = { sku: 'A', code: '99', severity: 'WARNING', message: 'Picture missing.' }
    const foreign = { messageId: 1, code: '1', severity: 'ERROR', message: 'Another one.' }
    say(UPLOAD, rows([warning, foreign, { sku: 'B', severity: 'ERROR', message: 'No.' }], { messagesAccepted: 1 }), DOWNLOAD)

    expect(await outcomesOf(world, report, sent)).toMatchObject([
      { status: 'accepted', note: '99: Picture missing.' },
      { status: 'failed', error: { kind: 'permanent', message: 'amazon-us getFeed: refused: No.' } },
    ])
  })

  it('may name its rows by the numbers of the messages alone', async () => {
    const report = await handOver()
    const [upload] = calls(world.sandbox, UPLOAD)
    const { messages } = JSON.parse(upload!.requestBody) as { messages: readonly { messageId: number; sku: string }[] }
    const { messageId } = messages.find(({ sku }) => sku === 'B')!
    say(UPLOAD, rows([{ messageId, severity: 'ERROR', message: 'No.' }], { messagesAccepted: 1 }), DOWNLOAD)

    expect((await outcomesOf(world, report, sent)).map(({ status }) => status)).toEqual(['accepted', 'failed'])
  })

  it('with an error about the whole feed accepts nothing', async () => {
    const report = await handOver()
    say(UPLOAD, rows([{ severity: 'ERROR', code: '4002001', message: 'Cannot be parsed.' }]), DOWNLOAD)

    expect(await outcomesOf(world, report, sent)).toMatchObject(
      Array(2).fill({
        status: 'failed',
        error: { kind: 'retryable', outcomeUnknown: true, message: expect.stringContaining('4002001') },
      }),
    )
  })

  it('that counts fewer accepted messages than it leaves unmentioned is not believed', async () => {
    const report = await handOver()
    say(UPLOAD, rows([], { messagesProcessed: 1, messagesAccepted: 1 }), DOWNLOAD)

    expect(await outcomesOf(world, report, sent)).toMatchObject(
      Array(2).fill({ status: 'failed', error: { kind: 'retryable', message: expect.stringContaining('counts 1 accepted') } }),
    )
  })

  it.each([
    ['FATAL', true],
    ['CANCELLED', false],
  ])('that is missing from a feed that ended %s fails everything as retryable', async (processingStatus, outcomeUnknown) => {
    const report = await handOver()
    ends({ processingStatus })

    expect(await outcomesOf(world, report, sent)).toMatchObject(
      Array(2).fill({
        status: 'failed',
        error: { kind: 'retryable', outcomeUnknown, message: expect.stringContaining(`50001 ended ${processingStatus}`) },
      }),
    )
  })

  it('of a feed that Amazon cannot read says why', async () => {
    world = await openShop([{ sku: 'A' }])
    world.sandbox.seed('amazon', { feeds: { max_messages: 1 } })
    const report = reportOf(await feed(world, ...sent))

    expect(await outcomesOf(world, report, sent)).toMatchObject(
      Array(2).fill({ status: 'failed', error: { kind: 'retryable', message: expect.stringMatching(/FATAL: 4002009/) } }),
    )
  })

  it('keeps what a FATAL feed says of single quantities', async () => {
    const report = await handOver()
    ends({ processingStatus: 'FATAL', resultFeedDocumentId: 'x' })
    say(REPORT, { feedDocumentId: 'x', url: `${world.sandbox.origins.amazon}/feed-documents/x` })
    say(UPLOAD, rows([{ sku: 'B', severity: 'ERROR', code: '7', message: 'No.' }]), DOWNLOAD)

    expect(await outcomesOf(world, report, sent)).toMatchObject([
      { status: 'failed', error: { kind: 'retryable', outcomeUnknown: true } },
      { status: 'failed', error: { kind: 'permanent' } },
    ])
  })

  it.each([{ processingStatus: 'IN_QUEUE' }, { processingStatus: 'PARKED' }, {}, { processingStatus: 'DONE' }])(
    'is waited for while the feed is %j, but not for ever',
    async (body) => {
      const report = await handOver()
      ends(body)

      expect(await ask(world, report, sent, 359)).toEqual({ state: 'running', againInMs: 20_000 })
      expect(await outcomesOf(world, report, sent, 361)).toMatchObject(
        Array(2).fill({
          status: 'failed',
          error: { kind: 'retryable', outcomeUnknown: true, message: expect.stringContaining('given up') },
        }),
      )
    },
  )

  it('of a feed that is stuck comes when it comes', async () => {
    world = await openShop([{ sku: 'A' }, { sku: 'B' }])
    world.sandbox.act('amazon', 'stick-feed', {})
    const report = reportOf(await feed(world, ...sent))
    expect(await ask(world, report, sent, 60)).toMatchObject({ state: 'running' })

    world.sandbox.act('amazon', 'stick-feed', { feed_id: '50001', on: false })

    expect(await outcomesOf(world, report, sent, 61)).toEqual([{ status: 'accepted' }, { status: 'accepted' }])
  })

  it('of a feed that Amazon does not know fails everything as retryable', async () => {
    await handOver()

    expect(await outcomesOf(world, '4711#0', sent)).toMatchObject(
      Array(2).fill({
        status: 'failed',
        error: { kind: 'retryable', outcomeUnknown: true, message: expect.stringContaining('feed 4711') },
      }),
    )
  })

  it.each<[string, RegExp, FaultKind, object]>([
    ['a cut download', UPLOAD, 'truncate', {}],
    ['a storage that is away', UPLOAD, 'cut', {}],
    ['a packed download that is damaged', UPLOAD, 'status', { status: 200, body: '\u001f\u008b nothing' }],
    ['an address that has died', UPLOAD, 'status', { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' }],
    ['a report of another shape', UPLOAD, 'status', { status: 200, body: { issues: 'none' } }],
  ])(
    'that cannot be read (%s) is asked for again and holds nothing else up, until the time is over',
    async (_, path, kind, more) => {
      const report = await handOver()
      const match = { path: path.source, method: 'GET' }
      spoil(path, kind, { ...more, match })

      expect(await ask(world, report, sent)).toEqual({ state: 'running', againInMs: 60_000 })
      expect(world.logged.filter(({ level }) => level === 'warn')).toMatchObject([{ fields: { feed: '50001' } }])
      expect(await outcomesOf(world, report, sent)).toEqual([{ status: 'accepted' }, { status: 'accepted' }])
      expect(world.account.opened).toEqual([])

      spoil(path, kind, { ...more, match })
      expect(await outcomesOf(world, report, sent, 361)).toMatchObject(
        Array(2).fill({ status: 'failed', error: { kind: 'retryable', outcomeUnknown: true } }),
      )
    },
  )

  it.each<[string, RegExp, FaultKind, object]>([
    ['about the feed', FEED, 'status', { status: 500 }],
    ['about its document', REPORT, 'html', {}],
  ])('is no answer where Amazon itself gives none %s, until the time is over', async (_, path, kind, more) => {
    const report = await handOver()
    spoil(path, kind, more)
    expect(await failureOf(ask(world, report, sent))).toBeInstanceOf(RetryableError)
    expect(await outcomesOf(world, report, sent)).toEqual([{ status: 'accepted' }, { status: 'accepted' }])

    spoil(path, kind, more)
    expect(await outcomesOf(world, report, sent, 361)).toMatchObject(
      Array(2).fill({ status: 'failed', error: { kind: 'retryable', outcomeUnknown: true } }),
    )
  })

  it('is not given up for a limit or for credentials', async () => {
    const report = await handOver()
    spoil(FEED, 'throttle')

    expect(await failureOf(ask(world, report, sent, 400))).toBeInstanceOf(ThrottledError)
    world.sandbox.act('amazon', 'revoke')
    expect(await failureOf(world.again().connector.readQuantityReport!(report, sent, NOW, signal))).toBeInstanceOf(AuthError)
  })
})
