import { afterEach, describe, expect, it } from 'vitest'
import { AuthError, RefusedByDryRun, RetryableError, ThrottledError } from '../../src/core/errors.ts'
import type { Clock } from '../../src/core/ports/system.ts'
import type { FaultKind } from '../../src/sandbox/stand-in.ts'
import { limitedAccount } from '../world/gate.ts'
import { ITEM, listed, openShop, patch, SEARCH, shelf, update } from './amazon-stock-world.ts'
import { type AmazonWorld, calls, failureOf, NOW, queryOf, signal, US } from './amazon-world.ts'

const CANADA = 'A2EUQ1WTGCTBG2'

let world: AmazonWorld

afterEach(() => world.sandbox.close())

const spoil = (kind: FaultKind, more: object = {}) =>
  world.sandbox.addFault({ vendor: 'amazon', kind, match: { path: ITEM.source }, ...more })
const describeThem = (...skus: readonly string[]) => world.connector.describeListings!(skus, signal)

describe('quantities of a few SKUs', () => {
  it('are merged into the listing, which keeps everything else', async () => {
    world = await openShop([{ sku: 'A/B 1', quantity: 3, lead_time: 4, restock_date: '2026-12-24', product_type: 'LAMP' }])

    expect(await patch(world, update('A/B 1', 7, { productType: 'LAMP' }))).toEqual([{ status: 'accepted' }])

    expect(listed(world, 'A/B 1')).toMatchObject({ quantity: 7, lead_time: 4, restock_date: '2026-12-24', doubled: false })
    expect(
      calls(world.sandbox, ITEM).map((entry) => [entry.method, entry.path, queryOf(entry), JSON.parse(entry.requestBody)]),
    ).toEqual([
      [
        'PATCH',
        '/listings/2021-08-01/items/A1SANDBOX/A%2FB%201',
        { marketplaceIds: US, issueLocale: 'en_US' },
        {
          productType: 'LAMP',
          patches: [
            {
              op: 'merge',
              path: '/attributes/fulfillment_availability',
              value: [{ fulfillment_channel_code: 'DEFAULT', quantity: 7 }],
            },
          ],
        },
      ],
    ])
  })

  it('name the generic product type where the own one is not known, and zero is a quantity', async () => {
    world = await openShop([{ sku: 'MUG', quantity: 3 }])

    expect(await patch(world, update('MUG', 0))).toEqual([{ status: 'accepted' }])

    expect(JSON.parse(calls(world.sandbox, ITEM)[0]!.requestBody)).toMatchObject({ productType: 'PRODUCT' })
    expect(shelf(world)).toEqual({ MUG: 0 })
  })

  it('come out one by one, in order: a bad one spoils no other', async () => {
    world = await openShop([{ sku: 'A' }, { sku: 'B', strict_type: true, product_type: 'LAMP' }, { sku: 'C' }])
    world.sandbox.act('amazon', 'fail-sku', { sku: 'C', code: '8541', message: 'Conflicts with the catalog.' })

    const outcomes = await patch(world, update('A'), update('GONE'), update('B'), update('C'), update('..'))

    expect(outcomes).toMatchObject([
      { status: 'accepted' },
      { status: 'unlisted', detail: expect.stringContaining('13013: This SKU does not exist') },
      { status: 'failed', error: { kind: 'permanent', message: expect.stringMatching(/refused: 4000002: .*PRODUCT/) } },
      {
        status: 'failed',
        error: { kind: 'permanent', message: 'amazon-us patchListingsItem: refused: 8541: Conflicts with the catalog.' },
      },
      { status: 'failed', error: { kind: 'permanent', message: expect.stringContaining('no address can name this SKU') } },
    ])
    expect(shelf(world)).toEqual({ A: 7, B: 0, C: 0 })
    expect(calls(world.sandbox, ITEM)).toHaveLength(4)
  })

  it.each<[string, object, object]>([
    ['404', { status: 404, body: { errors: [{ code: 'NOT_FOUND', message: 'SKU not found' }] } }, { status: 'unlisted' }],
    [
      '400',
      { status: 400, body: { errors: [{ code: 'InvalidInput', message: 'No.' }] } },
      { status: 'failed', error: { kind: 'permanent' } },
    ],
    [
      'ACCEPTED with a warning',
      {
        status: 200,
        body: {
          sku: 'A',
          status: 'ACCEPTED',
          submissionId: '1',
          issues: [{ code: '18', message: 'Picture missing.', severity: 'WARNING', categories: [] }],
        },
      },
      { status: 'accepted', note: '18: Picture missing.' },
    ],
    [
      'INVALID with the number for a SKU that is not there',
      {
        status: 200,
        body: {
          sku: 'A',
          status: 'INVALID',
          submissionId: '1',
          issues: [{ code: '13013', message: 'Nein.', severity: 'ERROR' }],
        },
      },
      { status: 'unlisted', detail: '13013: Nein.' },
    ],
    [
      'INVALID in words for a SKU that is not there',
      {
        status: 200,
        body: {
          sku: 'A',
          status: 'INVALID',
          submissionId: '1',
          issues: [{ code: '8', message: "The SKU 'A' does not exist.", severity: 'ERROR' }],
        },
      },
      { status: 'unlisted', detail: expect.stringContaining('does not exist') },
    ],
    [
      'INVALID for one thing of two',
      {
        status: 200,
        body: {
          sku: 'A',
          status: 'INVALID',
          submissionId: '1',
          issues: [
            { code: '18', message: 'Picture missing.', severity: 'WARNING' },
            { code: '8', message: 'No.', severity: 'ERROR' },
          ],
        },
      },
      { status: 'failed', error: { kind: 'permanent', message: expect.stringMatching(/refused: 8: No\.$/) } },
    ],
    [
      'INVALID without a word',
      { status: 200, body: { sku: 'A', status: 'INVALID', submissionId: '1' } },
      { status: 'failed', error: { kind: 'permanent', message: expect.stringContaining('refused without a reason') } },
    ],
  ])('are judged by the answer: %s', async (_, answer, expected) => {
    world = await openShop([{ sku: 'A' }])
    spoil('status', answer)

    expect(await patch(world, update('A'))).toMatchObject([expected])
  })

  it.each<[string, FaultKind, object]>([
    ['500', 'status', { status: 500 }],
    ['a cut after it was carried out', 'cut-after', {}],
    ['a web page with status 200', 'html', {}],
    ['a status that nobody knows', 'status', { status: 200, body: { sku: 'A', status: 'PARKED', submissionId: '1' } }],
  ])('of which one meets %s: it fails alone, with an unknown outcome', async (_, kind, more) => {
    world = await openShop([{ sku: 'A' }, { sku: 'B' }])
    spoil(kind, { ...more, match: { path: '/A$' } })

    expect(await patch(world, update('A'), update('B'))).toMatchObject([
      { status: 'failed', error: { kind: 'retryable', outcomeUnknown: true } },
      { status: 'accepted' },
    ])
    expect(await patch(world, update('A'))).toEqual([{ status: 'accepted' }])
  })

  it('are not tried to the end where nobody answers', async () => {
    world = await openShop([{ sku: 'S-{n}', count: 20 }])
    spoil('status', { status: 503, times: 99 })

    const error = await failureOf(patch(world, ...Array.from({ length: 20 }, (_, n) => update(`S-${n + 1}`))))

    expect(error).toBeInstanceOf(RetryableError)
    expect(calls(world.sandbox, ITEM).length).toBeLessThan(8)
  })

  it('go on past failures that do not follow one another', async () => {
    world = await openShop([{ sku: 'S-{n:2}', count: 20 }])
    for (const sku of ['S-01', 'S-06', 'S-11', 'S-16']) spoil('status', { status: 500, match: { path: `/${sku}$` } })

    const outcomes = await patch(world, ...Array.from({ length: 20 }, (_, n) => update(`S-${String(n + 1).padStart(2, '0')}`)))

    expect(outcomes.filter(({ status }) => status === 'accepted')).toHaveLength(16)
  })

  it('keep what is definite when the limit is spent on the way', async () => {
    world = await openShop([{ sku: 'S-{n}', count: 20 }])
    spoil('throttle', { after: 9, times: 99, body: { errors: [{ code: 'QuotaExceeded', message: 'Quota.' }] } })

    const outcomes = await patch(world, ...Array.from({ length: 20 }, (_, n) => update(`S-${n + 1}`)))

    expect(outcomes.filter(({ status }) => status === 'accepted')).toHaveLength(9)
    expect(outcomes.filter((outcome) => outcome.status === 'failed' && outcome.error.kind === 'throttled')).toHaveLength(11)
    // Four are under way at most.
    expect(calls(world.sandbox, ITEM).length).toBeLessThanOrEqual(13)
    expect(Object.values(shelf(world)).filter((quantity) => quantity === 7)).toHaveLength(9)
  })

  it('are thrown back where nothing at all became definite', async () => {
    world = await openShop([{ sku: 'A' }, { sku: 'B' }])
    world.sandbox.act('amazon', 'revoke')

    expect(await failureOf(patch(world, update('A'), update('B')))).toBeInstanceOf(AuthError)
    expect(world.account.opened).not.toEqual([])
  })

  it('are planned, not sent, in a dry run: all of them', async () => {
    world = await openShop([{ sku: 'A' }, { sku: 'B' }])
    const dry = world.again({}, { dryRun: true })

    const error = await failureOf(patch(dry, update('A', 7, { previous: 3 }), update('B', 0)))

    expect(error).toBeInstanceOf(RefusedByDryRun)
    expect(dry.planned).toEqual([
      { account: 'amazon-us', operation: 'patchListingsItem', target: 'A', detail: '3 -> 7' },
      { account: 'amazon-us', operation: 'patchListingsItem', target: 'B', detail: '? -> 0' },
    ])
    expect(calls(world.sandbox, ITEM)).toEqual([])
  })
})

describe('an account in several marketplaces', () => {
  const both = { marketplaceIds: [US, CANADA] }
  const open = () =>
    openShop(
      [
        { sku: 'US-ONLY', marketplaces: [US] },
        { sku: 'CA-ONLY', marketplaces: [CANADA], quantity: 2 },
        { sku: 'BOTH', marketplaces: [US, CANADA] },
        { sku: 'FBA', marketplaces: [CANADA], channel: 'FBA' },
        { sku: 'SPREAD', marketplaces: [CANADA], channel: 'LOCATIONS' },
      ],
      both,
    )

  it('lists what any of them lists', async () => {
    world = await open()

    expect(await describeThem('US-ONLY', 'CA-ONLY', 'BOTH', 'FBA', 'GONE')).toMatchObject([
      { listed: true, fulfilment: 'seller' },
      { listed: true, fulfilment: 'seller', quantity: 2 },
      { listed: true, fulfilment: 'seller' },
      { listed: true, fulfilment: 'marketplace' },
      { listed: false },
    ])
    expect(calls(world.sandbox, SEARCH).map((entry) => queryOf(entry)['marketplaceIds'])).toEqual([US, CANADA])
  })

  it('writes each SKU where it is listed and nowhere else, one marketplace a call', async () => {
    world = await open()
    // Amazon takes a quantity for a SKU that it does not list, and keeps half a listing of it.
    world.sandbox.seed('amazon', { stock: { unknown_skus: 'accepted', live_after_ms: 0 } })

    const outcomes = await patch(world, ...['US-ONLY', 'CA-ONLY', 'BOTH', 'FBA', 'SPREAD', 'GONE'].map((sku) => update(sku)))

    expect(outcomes.map(({ status }) => status)).toEqual(['accepted', 'accepted', 'accepted', 'not-ours', 'not-ours', 'unlisted'])
    const written = calls(world.sandbox, ITEM).map((entry) => [entry.path.split('/').at(-1), queryOf(entry)['marketplaceIds']])
    expect(written.sort()).toEqual([
      ['BOTH', CANADA],
      ['BOTH', US],
      ['CA-ONLY', CANADA],
      ['US-ONLY', US],
    ])
    expect(world.sandbox.books('amazon')).toMatchObject({ written_without_listing: [] })
  })

  it.each<[string, object]>([
    ['refused', { status: 'failed', error: { kind: 'permanent' } }],
    ['away', { status: 'accepted' }],
  ])('is as well off as in its worst marketplace: %s in one of two', async (what, expected) => {
    world = await open()
    const issue = { code: '8', message: what === 'away' ? 'SKU not found.' : 'No.', severity: 'ERROR' }
    spoil('status', { after: 1, status: 200, body: { sku: 'BOTH', status: 'INVALID', submissionId: '1', issues: [issue] } })

    expect(await patch(world, update('BOTH'))).toMatchObject([expected])
  })

  it('writes once where an answer names a SKU twice', async () => {
    world = await open()
    const item = { sku: 'BOTH', fulfillmentAvailability: [{ fulfillmentChannelCode: 'DEFAULT', quantity: 1 }] }
    const body = { numberOfResults: 2, items: [item, item] }
    const path = SEARCH.source
    world.sandbox.addFault({ vendor: 'amazon', kind: 'status', status: 200, times: 2, match: { path }, body })

    expect(await patch(world, update('BOTH'))).toEqual([{ status: 'accepted' }])
    expect(calls(world.sandbox, ITEM)).toHaveLength(2)
  })

  it('believes what it has just read, for an hour', async () => {
    world = await open()
    const answered = () => calls(world.sandbox, SEARCH).filter(({ status }) => status === 200)
    await describeThem('BOTH')
    await patch(world, update('BOTH'))
    expect(answered()).toHaveLength(2)

    world.sandbox.clock.set(NOW + 61 * 60_000)
    await patch(world, update('BOTH'))
    expect(answered()).toHaveLength(4)
  })

  it('plans one line a SKU, with its marketplaces', async () => {
    world = await open()
    const dry = world.again(both, { dryRun: true })

    await failureOf(patch(dry, update('BOTH', 7, { previous: 3 })))

    expect(dry.planned.map(({ detail }) => detail)).toEqual([`3 -> 7 in ${US}, ${CANADA}`])
  })
})

describe('the pace of quantities', () => {
  /** Time that passes only while the connector waits. */
  function waitingClock(): Clock {
    let now = NOW
    return {
      now: () => now,
      async sleep(ms) {
        now += ms
        world.sandbox.clock.set(Math.max(now, world.sandbox.clock.now()))
      },
    }
  }

  it('is five a second, and Amazon never has to refuse one', async () => {
    world = await openShop([{ sku: 'S-{n}', count: 40 }])
    world.sandbox.seed('amazon', { rate_limits: 'on' })
    const clock = waitingClock()
    const { connector } = world.again({}, { clock, shared: limitedAccount(clock) })

    const outcomes = await patch({ connector }, ...Array.from({ length: 40 }, (_, n) => update(`S-${n + 1}`)))

    expect(outcomes.every(({ status }) => status === 'accepted')).toBe(true)
    expect(calls(world.sandbox, ITEM).filter(({ status }) => status === 429)).toEqual([])
    expect(world.sandbox.clock.now() - NOW).toBeGreaterThanOrEqual(39 * 200)
  })

  it('waits as long as Amazon says for a refused one', async () => {
    world = await openShop([{ sku: 'A' }])
    spoil('throttle', {})

    expect(await failureOf(patch(world, update('A')))).toBeInstanceOf(ThrottledError)
    expect(world.account.drained).toEqual([{ bucket: 'patchListingsItem', until: NOW + 200 }])
  })
})

describe('the way of quantities', () => {
  it.each<[number, object, object]>([
    [1, {}, { way: 'patch', batch: 20 }],
    [500, {}, { way: 'patch', batch: 20 }],
    [501, {}, { way: 'feed', batch: 25_000 }],
    [250, { marketplaceIds: [US, CANADA] }, { way: 'patch', batch: 20 }],
    [251, { marketplaceIds: [US, CANADA] }, { way: 'feed', batch: 25_000 }],
    [3, { feedAbove: 2 }, { way: 'feed', batch: 25_000 }],
    [900, { feedAbove: 1000 }, { way: 'patch', batch: 20 }],
  ])('for %i with %j is %j', async (due, settings, plan) => {
    world = await openShop([], settings)

    expect(world.connector.quantityPlan(due)).toEqual(plan)
    expect(world.connector.checksListings).toBe(true)
  })
})
