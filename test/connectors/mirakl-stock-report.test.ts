import { describe, expect, test } from 'vitest'
import { PermanentError, RetryableError } from '../../src/core/errors.ts'
import type { QuantityUpdate } from '../../src/core/model/stock.ts'
import {
  ask,
  books,
  handOver,
  IMPORT_MS,
  kindOf,
  offer,
  outcomesOf,
  STO01,
  STO02,
  STO03,
  settle,
  stocked,
  updates,
} from './mirakl-stock-world.ts'
import { calls, errorOf, now, sandbox, world } from './mirakl-world.ts'

const SECOND = 1000
const HOUR = 3600 * SECOND
const skus = ['S-1', 'S-2', 'S-3', 'S-4', 'S-5']

/** Five offers, of which the shop has lost one and the platform refuses another. */
function oneLostOneRefused(): readonly QuantityUpdate[] {
  for (const sku of skus) offer(sku)
  sandbox.act('mirakl', 'delist', { sku: 'S-2' })
  sandbox.act('mirakl', 'fail-sku', { sku: 'S-4', reason: 'The offer is being checked by a.person@example.com' })
  return updates(skus, 7)
}

/** The stand-in's answer to the status or the error report replaced by this one. */
function answerWith(path: RegExp, body: unknown, status = 200): void {
  sandbox.addFault({ vendor: 'mirakl', kind: 'status-after', status, body, match: { path: path.source } })
}

describe('the report of a stock file', () => {
  test('is awaited while the platform works', async () => {
    offer('S-1')
    const sent = updates(['S-1'], 7)
    const sentAt = now()
    const report = await handOver(sent)
    expect(await ask(report, sent, sentAt)).toEqual({ state: 'running', againInMs: 16_000 })
    sandbox.clock.advance(10 * SECOND)
    expect(await ask(report, sent, sentAt)).toEqual({ state: 'running', againInMs: 16_000 })
    expect(stocked('S-1')).toBe(1)
    sandbox.clock.advance(10 * SECOND)
    expect(await ask(report, sent, sentAt)).toEqual({ state: 'done', outcomes: [{ status: 'accepted' }] })
    expect(stocked('S-1')).toBe(7)
    expect(calls(STO03)).toHaveLength(0)
  })

  test.each([
    ['named', true],
    ['named', false],
    ['words', true],
    ['words', false],
  ])('tells each line by its SKU (columns %s, header counts: %s)', async (columns, header_counts) => {
    sandbox.seed('mirakl', { settings: { stock_imports: { columns, header_counts } } })
    const sent = oneLostOneRefused()
    expect(await settle(sent)).toEqual([
      { status: 'accepted' },
      { status: 'unlisted', detail: "The offer with SKU 'S-2' does not exist" },
      { status: 'accepted' },
      { status: 'failed', error: expect.any(PermanentError) },
      { status: 'accepted' },
    ])
    expect(skus.map(stocked)).toEqual([7, 1, 7, 1, 7])
  })

  test('keeps an e-mail address in a reason to itself', async () => {
    const [outcome] = await settle(oneLostOneRefused().slice(3, 4))
    expect(outcome).toMatchObject({
      error: { message: 'mirakl-test STO03: refused: The offer is being checked by <e-mail>', operation: 'STO03' },
    })
  })

  test('is not misled by the words in a SKU', async () => {
    offer('NOT FOUND OFFER')
    sandbox.act('mirakl', 'fail-sku', { sku: 'NOT FOUND OFFER', reason: "Offer 'NOT FOUND OFFER': wrong state" })
    expect((await settle(updates(['WAREHOUSE-1', 'NOT FOUND OFFER'], 7))).map(kindOf)).toEqual(['unlisted', 'permanent'])
  })

  test('gives the outcomes in the order they are asked for, each to its own SKU', async () => {
    const sent = oneLostOneRefused()
    const outcomes = await settle(sent.toReversed())
    expect(outcomes.map(kindOf)).toEqual(['accepted', 'permanent', 'accepted', 'unlisted', 'accepted'])
  })

  test('can be read for what is left to settle', async () => {
    const sent = oneLostOneRefused()
    const report = await handOver(sent)
    sandbox.clock.advance(IMPORT_MS)
    expect(outcomesOf(await ask(report, sent.slice(3))).map(kindOf)).toEqual(['permanent', 'accepted'])
  })

  test('takes another spelling of a SKU for it, unless two could be meant', async () => {
    for (const sku of ['abc', 'ABC', 'Lamp']) offer(sku)
    answerWith(STO02, { status: 'COMPLETE', has_error_report: true })
    answerWith(STO03, 'error-line;error-message;offer-sku\n9;Offer not found;LAMP \n')
    expect((await settle(updates(['abc', 'ABC', 'Lamp'], 2))).map(kindOf)).toEqual(['accepted', 'accepted', 'unlisted'])
    answerWith(STO02, { status: 'COMPLETE', has_error_report: true })
    answerWith(STO03, 'error-line;error-message;offer-sku\n9;Offer not found;Abc\n')
    expect((await settle(updates(['abc', 'ABC', 'Lamp'], 3))).map(kindOf)).toEqual(['retryable', 'retryable', 'retryable'])
  })
})

describe('a report that has line numbers only', () => {
  const bare = (header_counts: boolean) =>
    sandbox.seed('mirakl', { settings: { stock_imports: { columns: 'bare', header_counts } } })

  test.each([
    // Line 6 of five rows: the header is line 1.
    [true, ['S-2', 'S-5']],
    // Line 1 is named, and nobody refuses a header: the first row is line 1.
    [false, ['S-1', 'S-4']],
  ])('is believed where it shows how it counts (header counts: %s)', async (header_counts, refused) => {
    bare(header_counts)
    for (const sku of skus) offer(sku)
    for (const sku of refused) sandbox.act('mirakl', 'fail-sku', { sku })
    const outcomes = await settle(updates(skus, 7).toReversed())
    expect(outcomes.toReversed().map(kindOf)).toEqual(skus.map((sku) => (refused.includes(sku) ? 'permanent' : 'accepted')))
  })

  test.each([true, false])('leaves two neighbours open where it may mean either (header counts: %s)', async (header_counts) => {
    bare(header_counts)
    for (const sku of skus) offer(sku)
    sandbox.act('mirakl', 'fail-sku', { sku: 'S-3' })
    const kinds = (await settle(updates(skus, 7))).map(kindOf)
    expect(kinds[2]).toBe('retryable')
    expect(kinds.filter((kind) => kind === 'retryable')).toHaveLength(2)
    expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(3)
  })

  test('is not believed once some of its lines are settled: the file cannot be made again', async () => {
    bare(true)
    for (const sku of skus) offer(sku)
    sandbox.act('mirakl', 'fail-sku', { sku: 'S-5' })
    const sent = updates(skus, 7)
    const report = await handOver(sent)
    sandbox.clock.advance(IMPORT_MS)
    const outcomes = outcomesOf(await ask(report, sent.slice(0, 4)))
    expect(outcomes.map(kindOf)).toEqual(['retryable', 'retryable', 'retryable', 'retryable'])
  })

  test('is not believed when it names a line that the file does not have', async () => {
    for (const sku of skus) offer(sku)
    answerWith(STO02, { status: 'COMPLETE', has_error_report: true })
    answerWith(STO03, '77;Offer not found\n')
    expect(new Set((await settle(updates(skus, 7))).map(kindOf))).toEqual(new Set(['retryable']))
  })
})

describe('what cannot be believed is sent again instead of being taken for done', () => {
  test.each<[string, object, string | undefined]>([
    ['an error report that is not there', { has_error_report: true }, undefined],
    ['fewer lines in the report than were refused', { has_error_report: true, lines_in_error: 3 }, 'line;reason;sku\n2;no;S-1\n'],
    ['an error report with nothing in it', { has_error_report: true }, 'line;reason;sku\n'],
    ['a SKU that was never sent', { has_error_report: true, lines_in_error: 1 }, 'line;reason;sku\n2;no;STRANGER\n'],
    ['a count that leaves lines out', { has_error_report: false, lines_in_error: 0, lines_in_success: 1 }, undefined],
    ['an import that failed', { status: 'FAILED', has_error_report: false }, undefined],
  ])('%s', async (_, status, report) => {
    for (const sku of skus) offer(sku)
    answerWith(STO02, { status: 'COMPLETE', ...status })
    if (report !== undefined) answerWith(STO03, report)
    const outcomes = await settle(updates(['S-2', 'S-3'], 7))
    expect(outcomes.map(kindOf)).toEqual(['retryable', 'retryable'])
    for (const outcome of outcomes) expect(outcome).toMatchObject({ error: { outcomeUnknown: false } })
  })

  test('counts that the platform leaves out are not missed', async () => {
    sandbox.seed('mirakl', { settings: { stock_imports: { counts: false } } })
    expect((await settle(oneLostOneRefused())).map(kindOf)).toEqual(['accepted', 'unlisted', 'accepted', 'permanent', 'accepted'])
  })

  test('lines that are named keep their reason although the import failed', async () => {
    offer('S-1')
    offer('S-2')
    answerWith(STO02, { status: 'FAILED', has_error_report: true })
    answerWith(STO03, 'line;reason;sku\n2;Offer not found;S-1\n')
    expect((await settle(updates(['S-1', 'S-2'], 7))).map(kindOf)).toEqual(['unlisted', 'retryable'])
  })
})

describe('an import that does not end', () => {
  test('is asked about less often after half an hour, and a day later given up; it is never sent again meanwhile', async () => {
    offer('S-1')
    const sent = updates(['S-1'], 7)
    const sentAt = now()
    const report = await handOver(sent)
    sandbox.act('mirakl', 'stick-import', {})
    sandbox.clock.advance(29 * 60 * SECOND)
    expect(await ask(report, sent, sentAt)).toEqual({ state: 'running', againInMs: 16_000 })
    expect(world.logged.filter(({ level }) => level === 'warn')).toEqual([])
    sandbox.clock.advance(2 * 60 * SECOND)
    expect(await ask(report, sent, sentAt)).toEqual({ state: 'running', againInMs: 300_000 })
    expect(world.logged.filter(({ level }) => level === 'warn')).toMatchObject([{ fields: { status: 'WAITING', minutes: 31 } }])
    sandbox.clock.advance(22 * HOUR)
    expect(await ask(report, sent, sentAt)).toMatchObject({ state: 'running' })
    sandbox.clock.advance(2 * HOUR)
    expect(outcomesOf(await ask(report, sent, sentAt))).toMatchObject([
      { status: 'failed', error: { kind: 'retryable', message: 'mirakl-test STO02: the import is still WAITING after a day' } },
    ])
    expect(calls(STO01, 'POST')).toHaveLength(1)
  })

  test('and ends after all, even after a day', async () => {
    offer('S-1')
    const sent = updates(['S-1'], 7)
    const sentAt = now()
    const report = await handOver(sent)
    sandbox.act('mirakl', 'stick-import', { status: 'RUNNING' })
    sandbox.clock.advance(25 * HOUR)
    sandbox.act('mirakl', 'release-import', {})
    sandbox.clock.advance(IMPORT_MS)
    expect(outcomesOf(await ask(report, sent, sentAt))).toEqual([{ status: 'accepted' }])
  })

  test('a status that nobody knows is waited for as well', async () => {
    const sent = updates(['S-1'], 7)
    const report = await handOver(sent)
    answerWith(STO02, { status: 'QUEUED' })
    expect(await ask(report, sent)).toMatchObject({ state: 'running' })
  })

  test('an import that the marketplace has lost is sent again', async () => {
    offer('S-1')
    const sent = updates(['S-1'], 7)
    const report = await handOver(sent)
    sandbox.act('mirakl', 'lose-import', {})
    expect(outcomesOf(await ask(report, sent)).map(kindOf)).toEqual(['retryable'])
  })

  test('an import that fails as a whole changes nothing and is sent again', async () => {
    offer('S-1')
    sandbox.act('mirakl', 'fail-import', { next: true })
    expect((await settle(updates(['S-1'], 7))).map(kindOf)).toEqual(['retryable'])
    expect(stocked('S-1')).toBe(1)
    expect((await settle(updates(['S-1'], 7))).map(kindOf)).toEqual(['accepted'])
    expect(books().stock_imports.map(({ status }) => status)).toEqual(['FAILED', 'COMPLETE'])
  })

  test('a note that is not ours is no reason to ask', async () => {
    expect(outcomesOf(await ask('feed 17', updates(['S-1'], 7))).map(kindOf)).toEqual(['retryable'])
    expect(sandbox.journal()).toEqual([])
  })
})

describe('a report that cannot be read just now', () => {
  test.each([
    ['the status', STO02, 'html-after'],
    ['the status', STO02, 'truncate'],
    ['the status', STO02, 'cut'],
    ['the error report', STO03, 'html-after'],
    ['the error report', STO03, 'status'],
    ['the error report', STO03, 'truncate'],
    ['the error report', STO03, 'cut-after'],
  ] as const)('%s (%s %s): asked again, nothing settled', async (_, path, kind) => {
    const sent = oneLostOneRefused()
    const report = await handOver(sent)
    sandbox.clock.advance(IMPORT_MS)
    sandbox.addFault({ vendor: 'mirakl', kind, match: { path: path.source } })
    const error = await errorOf(ask(report, sent))
    expect(error).toBeInstanceOf(RetryableError)
    expect(error).toMatchObject({ outcomeUnknown: false })
    expect(outcomesOf(await ask(report, sent)).map(kindOf)).toEqual(['accepted', 'unlisted', 'accepted', 'permanent', 'accepted'])
  })

  test('404 from something before the marketplace does not lose the import', async () => {
    offer('S-1')
    const sent = updates(['S-1'], 7)
    const report = await handOver(sent)
    sandbox.clock.advance(IMPORT_MS)
    sandbox.addFault({ vendor: 'mirakl', kind: 'html', status: 404, match: { path: STO02.source } })
    expect(await errorOf(ask(report, sent))).toBeInstanceOf(RetryableError)
    expect(outcomesOf(await ask(report, sent))).toEqual([{ status: 'accepted' }])
  })
})
