import { describe, expect, inject, test } from 'vitest'
import type { MiraklSettings } from '../../src/connectors/mirakl/connector.ts'
import { ThrottledError } from '../../src/core/errors.ts'
import type { Cursor, OrderPage } from '../../src/core/ports/marketplace.ts'
import { openAccount, type TestAccount } from '../world/gate.ts'
import {
  calls,
  connect,
  errorOf,
  HOUR,
  ids,
  manyOrders,
  mirakl,
  now,
  OR11,
  sandbox,
  seed,
  signal,
  since,
  world,
} from './mirakl-world.ts'

const OR13 = /async-export$/
const OR14 = /async-export\/status/
const OR15 = /async-export\/file|^\/storage/
const MINUTE = 60_000
const MANY = 2_150

/** Every case reads thousands of orders: some of each kind in the fast suite, all in mirakl-export.long.test.ts. */
function some<T>(cases: readonly T[], ...rows: readonly number[]): readonly T[] {
  return inject('thorough') ? cases : cases.filter((_, row) => rows.includes(row))
}

/** Waiting is turning the clock. */
const turning = { now: () => now(), sleep: async (ms: number) => sandbox.clock.advance(ms) }
const join = (shared: TestAccount = openAccount(), over: Partial<MiraklSettings> = {}) =>
  connect(over, { clock: turning, shared })

/** The orders of a search that may break off after some pages, and the cursor that was stored last. */
async function search(from: Cursor, mostPages = Number.POSITIVE_INFINITY) {
  const pages: OrderPage[] = []
  if (mostPages > 0)
    for await (const page of mirakl.listOrders(from, signal)) {
      pages.push(page)
      if (pages.length >= mostPages) break
    }
  const last = pages.at(-1)?.next
  const stored: Cursor = last === undefined ? from : last.resume === undefined ? last : { at: from.at, resume: last.resume }
  return { pages, found: pages.flatMap((page) => ids(page.orders)), next: stored }
}

const distinct = (found: readonly string[]) => new Set(found).size
const asked = () => calls(OR13, 'POST').length
const warnings = () => world.logged.filter((line) => line.level === 'warn').map((line) => String(line.fields['why']))

describe('thousands of changed orders', () => {
  test('come as one export, each once, and the cursor moves with the last page', async () => {
    join()
    manyOrders(MANY)
    const start = since()
    const before = now()

    const { pages, found, next } = await search(start)

    expect([found.length, distinct(found)]).toEqual([MANY, MANY])
    expect([asked(), calls(OR15).length, calls(OR11).length]).toEqual([1, 1, 2])
    expect(pages.slice(0, -1).every((page) => page.next.at === start.at && page.next.resume !== undefined)).toBe(true)
    expect(next.resume).toBeUndefined()
    expect(next.at).toBeGreaterThanOrEqual(before - 1000)
    expect(next.at).toBeLessThan(before + 5000)
    expect(JSON.parse(calls(OR13, 'POST')[0]?.requestBody ?? '')).toEqual({
      start_update_date: new Date(start.at).toISOString(),
      end_update_date: expect.stringMatching(/Z$/),
      items_per_chunk: 10_000,
      megabytes_per_chunk: 10,
    })
  })

  test('up to 2,000 are read page by page', async () => {
    join()
    manyOrders(2000)
    expect(distinct((await search(since())).found)).toBe(2000)
    expect(asked()).toBe(0)
  })

  test('a run that dies after any page is followed by one that goes on: nobody is missed, the export is asked for once', async () => {
    manyOrders(MANY)
    const whole = 7
    for (const died of some([...Array(whole + 1).keys()], 0, 2, whole)) {
      sandbox.act('mirakl', 'forget-exports', {})
      const shared = openAccount()
      join(shared)
      const before = asked()
      const first = await search(since(), died)
      join(shared)
      const second = await search(first.next)
      expect(distinct([...first.found, ...second.found]), `died after ${died} pages`).toBe(MANY)
      expect(asked() - before, `died after ${died} pages`).toBe(1)
      expect(second.next.resume).toBeUndefined()
      // What was handed out of the file before is not handed out again.
      expect(
        first.found.filter((id) => second.found.includes(id)),
        `died after ${died} pages`,
      ).toEqual([])
    }
  })

  test('a run that dies before its first page is stored leaves the export to the next', async () => {
    manyOrders(MANY)
    const shared = openAccount()
    join(shared)
    const start = since()
    await search(start, 1)

    join(shared)
    const { found, next } = await search({ at: start.at + MINUTE })

    // Fetched, and not read page by page beside it.
    expect([distinct(found), asked(), calls(OR15).length, next.resume]).toEqual([MANY, 1, 1, undefined])
  })

  test('an export that was left behind and does not reach far enough back is none of ours', async () => {
    manyOrders(MANY)
    const shared = openAccount()
    join(shared)
    await search(since(), 1)
    join(shared)
    expect(distinct((await search(since(48))).found)).toBe(MANY)
    expect(calls(OR14)).toHaveLength(0)
  })

  test('what changes while the export is made stands in the next window', async () => {
    join()
    manyOrders(MANY)
    const found: string[] = []
    let next = since()
    for await (const page of mirakl.listOrders(next, signal)) {
      if (found.length === 0 && page.orders.length === 0) {
        sandbox.clock.advance(5000)
        for (let i = 0; i < 40; i += 1) sandbox.act('mirakl', 'cancel', { order_id: `M-${String(i).padStart(4, '0')}-A` })
      }
      found.push(...ids(page.orders))
      if (page.next.resume === undefined) next = page.next
    }
    expect(distinct(found)).toBe(MANY - 40)
    const changed = (await search(next)).found
    expect(distinct([...found, ...changed])).toBe(MANY)
  })

  test('a note that is none, or of a later search, starts over', async () => {
    join()
    manyOrders(30)
    const start = since()
    const later = JSON.stringify({ origin: start.at + 1, from: now() })
    for (const resume of ['', '{', '{"origin":1}', later, JSON.stringify({ origin: 0, from: now() + HOUR })]) {
      expect(distinct((await search({ ...start, resume })).found), resume).toBe(30)
    }
  })

  test('a pull of more than a year exports what one export may hold and pages the rest', async () => {
    join()
    const day = 24 * HOUR
    manyOrders(MANY, { created_at: now() - 380 * day })
    seed(Array.from({ length: 120 }, (_, i) => ({ order_id: `R-${i}-A`, created_at: now() - day })))
    const { found, next } = await search({ at: now() - 400 * day })
    expect([found.length, distinct(found), asked(), next.resume]).toEqual([MANY + 120, MANY + 120, 1, undefined])
    expect(next.at).toBeGreaterThan(now() - HOUR)
    expect(calls(OR11).length).toBeLessThan(6)
  })
})

describe('an export that comes to nothing', () => {
  const fates = [
    ['fail', 'the export is FAILED'],
    ['cancel', 'the export is CANCELED'],
    ['stick', 'the export is PENDING for ten minutes'],
    ['lose', 'OR14 answered 404'],
    ['short', `the export has ${MANY - MANY / 10} orders and the list ${MANY}`],
  ] as const
  test.each(some(fates, 0, 4))(
    'because of %s: the orders come page by page, and the next search does not ask at once',
    async (fate, why) => {
      const shared = openAccount()
      join(shared)
      manyOrders(MANY)
      sandbox.act('mirakl', 'decide-export', { fate })
      const start = since()

      const { found, next } = await search(start)
      await search(start, 1)

      expect([distinct(found), next.resume, asked()]).toEqual([MANY, undefined, 1])
      expect(warnings()).toEqual([why])
      expect(shared.opened).toEqual([])
    },
  )

  const troubles = [
    ['no such call', { settings: { order_exports: { offered: false } } }, undefined, 'OR13 answered 404', 24 * HOUR],
    ['no right', {}, { kind: 'status', status: 403 } as const, 'OR13 answered 403', 24 * HOUR],
    ['another one running', {}, { kind: 'status', status: 400 } as const, 'OR13 answered 400', 15 * MINUTE],
    ['a lost answer', {}, { kind: 'cut-after' } as const, 'mirakl-test OR13: connection failed (UND_ERR_SOCKET)', 15 * MINUTE],
    ['a page of HTML', {}, { kind: 'html-after' } as const, expect.stringContaining('is not JSON'), 15 * MINUTE],
    ['trouble', {}, { kind: 'status', status: 500 } as const, 'mirakl-test OR13: answered 500', 15 * MINUTE],
  ] as const
  test.each(some(troubles, 0, 3))(
    'because of %s: pages, and it is asked for again only after a while',
    async (_, settings, fault, why, afterMs) => {
      const shared = openAccount()
      join(shared)
      sandbox.seed('mirakl', settings)
      manyOrders(MANY)
      if (fault !== undefined) sandbox.addFault({ vendor: 'mirakl', match: { path: 'async-export$' }, ...fault })

      expect(distinct((await search(since())).found)).toBe(MANY)
      expect(warnings()).toEqual([why])
      expect(shared.opened).toEqual([])
      await search(since(), 1)
      expect(asked()).toBe(1)
      sandbox.clock.advance(afterMs + MINUTE)
      await search(since(72), 1)
      expect(asked()).toBe(2)
    },
  )

  const files = [
    ['gone', { kind: 'status', status: 410 } as const],
    ['cut in half', { kind: 'truncate' } as const],
    ['of another shape', { kind: 'status-after', status: 200, body: { rows: [] } } as const],
    ['empty', { kind: 'status-after', status: 200, body: { orders: [] } } as const],
  ] as const
  test.each(some(files, 1))('because its file is %s: pages', async (_, fault) => {
    join()
    manyOrders(MANY)
    sandbox.addFault({ vendor: 'mirakl', match: { path: 'async-export/file' }, ...fault })
    const { found, next } = await search(since())
    expect([distinct(found), next.resume]).toEqual([MANY, undefined])
  })

  test('a file that the network loses fails the run, and the next one fetches it', async () => {
    const shared = openAccount()
    join(shared)
    manyOrders(MANY)
    sandbox.addFault({ vendor: 'mirakl', kind: 'cut', match: { path: 'async-export/file' } })
    const start = since()
    let next: Cursor = start
    const error = await errorOf(
      (async () => {
        for await (const page of mirakl.listOrders(start, signal)) next = page.next
      })(),
    )
    expect(error).toMatchObject({ kind: 'retryable', operation: 'OR15' })
    join(shared)
    expect([distinct((await search(next)).found), asked()]).toEqual([MANY, 1])
  })

  test('told to wait with 429 it waits, and the run after that reads pages', async () => {
    const shared = openAccount()
    join(shared)
    manyOrders(MANY)
    sandbox.addFault({ vendor: 'mirakl', kind: 'throttle', headers: { 'retry-after': '30' }, match: { path: 'async-export$' } })
    expect(await errorOf(search(since()))).toBeInstanceOf(ThrottledError)
    sandbox.clock.advance(31_000)
    expect([distinct((await search(since())).found), asked()]).toEqual([MANY, 1])
  })

  test('one that somebody else asked for a minute ago is not asked for a second time', async () => {
    const shared = openAccount()
    join(shared)
    manyOrders(MANY)
    const first = await search(since())
    expect(distinct(first.found)).toBe(MANY)
    await search(since(), 1)
    expect(asked()).toBe(1)
    sandbox.clock.advance(6 * MINUTE)
    await search(since(), 1)
    expect(asked()).toBe(2)
  })
})

describe('files', () => {
  test("in somebody else's storage are fetched without the key and without our parameters", async () => {
    join(openAccount(), { shopId: 2001 })
    sandbox.seed('mirakl', { settings: { order_exports: { files_at: 'storage' } } })
    manyOrders(MANY)
    expect(distinct((await search(since())).found)).toBe(MANY)
    const [file] = calls(OR15)
    expect([file?.path.startsWith('/storage/'), file?.status]).toEqual([true, 200])
    expect(file?.query).not.toContain('shop_id')
  })

  test("that the storage refuses do not close the marketplace's account", async () => {
    const shared = openAccount()
    join(shared)
    sandbox.seed('mirakl', { settings: { order_exports: { files_at: 'storage' } } })
    manyOrders(MANY)
    sandbox.addFault({ vendor: 'mirakl', kind: 'status', status: 401, match: { path: '^/storage' } })
    expect(distinct((await search(since())).found)).toBe(MANY)
    expect(shared.opened).toEqual([])
  })

  test('of orders of which a part has left are checked against what is left, many at a time', async () => {
    join()
    manyOrders(MANY - 60)
    seed(
      Array.from({ length: 60 }, (_, i) => ({
        order_id: `P-${i}-A`,
        created_at: now() - HOUR,
        lines: [{ quantity: 5, canceled_quantity: 2 }],
      })),
    )
    const { pages } = await search(since())
    const partial = pages.flatMap((page) => page.orders).filter((each) => each.externalOrderId.startsWith('P-'))
    expect(partial.map((each) => each.lines[0]?.qtyToShip)).toEqual(Array.from({ length: 60 }, () => 3))
    expect(calls(/items_to_ship$/).length).toBeLessThanOrEqual(3)
  })

  test('one strange order in a file is poison, and the others come', async () => {
    join()
    manyOrders(MANY - 1)
    seed([{ order_id: 'BAD-A', created_at: now() - HOUR, wire: { order_lines: [{ quantity: 'two' }] } }])
    const { pages, found } = await search(since())
    expect(pages.flatMap((page) => page.poison.map((each) => each.externalOrderId))).toEqual(['BAD-A'])
    expect(distinct(found)).toBe(MANY - 1)
  })
})
