import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ThrottledError } from '../../src/core/errors.ts'
import { databases } from '../world/databases.ts'
import { type SharedWorld, sharedWorld } from './zoho-shared.ts'
import {
  DAY,
  everything,
  failureOf,
  HOUR,
  INDIAN_MIDNIGHT,
  ITEMS,
  MINUTE,
  NOW,
  openZoho,
  pagesOf,
  signal,
  type ZohoWorld,
} from './zoho-world.ts'

const [sqlite] = databases
if (sqlite === undefined) throw new Error('no database')

let world: ZohoWorld
let shared: SharedWorld

beforeEach(async () => {
  world = await openZoho({ generate: { count: 450 } })
})
afterEach(async () => {
  await shared.close()
  await world.sandbox.close()
})

const calls = () => world.entries(ITEMS).length
const bySku = (of: Pick<ZohoWorld, 'zoho'>) => of.zoho.itemsBySku(['SKU-000001'], signal)
const spoil = (code: number, times: number, path = 'items') =>
  world.sandbox.addFault({
    vendor: 'zoho',
    kind: 'status',
    status: 429,
    times,
    body: { code, message: 'Too many.' },
    match: { path },
  })

describe('the minute', () => {
  beforeEach(async () => {
    shared = await sharedWorld(world, sqlite)
  })

  it('is shared so well that three processes meet no 429', async () => {
    world.seed({ settings: { calls_per_minute: 100, minute: 'rolling' } })
    const processes = [1, 2, 3].map(() => shared.process())

    for (let turn = 0; turn < 45; turn += 1) for (const process of processes) await bySku(process)

    expect(calls()).toBe(135)
    expect(world.sandbox.books('zoho')).toMatchObject({ refused: { '44': 0, '45': 0 } })
    // 135 calls at 90 a minute, less the burst.
    expect(world.clock.now() - NOW).toBeGreaterThan(1.4 * MINUTE)
    expect(world.clock.now() - NOW).toBeLessThan(1.5 * MINUTE)
  })

  it('that others have used up is waited for within a list, and then used more slowly', async () => {
    spoil(44, 1, '[?&]page=2')

    const pages = await pagesOf(shared.process().zoho.listItems(signal))

    expect(pages.map(({ items }) => items.length)).toEqual([200, 200, 50])
    const at = world.entries(ITEMS).map((entry) => entry.at)
    expect(at[2]).toBeGreaterThanOrEqual((at[1] ?? 0) + MINUTE)

    for (let i = 0; i < 20; i += 1) await bySku(shared.process())
    const slow = world.entries(ITEMS).slice(-10)
    expect((slow.at(-1)?.at ?? 0) - (slow[0]?.at ?? 0)).toBe(9000)

    world.sandbox.clock.advance(15 * MINUTE)
    for (let i = 0; i < 20; i += 1) await bySku(shared.process())
    const again = world.entries(ITEMS).slice(-10)
    expect((again.at(-1)?.at ?? 0) - (again[0]?.at ?? 0)).toBe(9 * 667)
  })

  it('that stays used up ends a list', async () => {
    spoil(44, 3, '[?&]page=2')

    const error = await failureOf(everything(shared.process()))

    expect(error).toBeInstanceOf(ThrottledError)
    expect(calls()).toBe(4)
  })

  it('is not waited for by a call for a named item, and the next one leaves Zoho alone', async () => {
    spoil(44, 1)

    expect(await failureOf(bySku(shared.process()))).toMatchObject({ kind: 'throttled', waitMs: MINUTE, status: 429 })
    expect(calls()).toBe(1)

    await bySku(shared.process())
    const [first, second] = world.entries(ITEMS)
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBe(MINUTE)
  })

  it('is not blamed when too many calls came at one time', async () => {
    spoil(1070, 1, '[?&]page=2')

    await everything(shared.process())

    const at = world.entries(ITEMS).map((entry) => entry.at)
    expect((at[2] ?? 0) - (at[1] ?? 0)).toBeGreaterThanOrEqual(2000)
    expect((at[2] ?? 0) - (at[1] ?? 0)).toBeLessThanOrEqual(6000)
  })
})

describe.each(databases)('the day, on $name', (database) => {
  beforeEach(async () => {
    shared = await sharedWorld(world, database)
  })

  it('keeps its reserve from full reads, for named items, until midnight in India', async () => {
    const settings = { dailyCalls: 20, dailyReservePct: 20 }
    for (let i = 0; i < 5; i += 1) await everything(shared.process(settings))
    expect(calls()).toBe(15)

    const full = await failureOf(everything(shared.process(settings)))
    expect(full).toMatchObject({ kind: 'throttled', waitMs: INDIAN_MIDNIGHT - world.clock.now() })
    expect(full.message).toBe(
      'zoho items: not begun: this reading takes about 3 calls, the day has 20, 4 of them kept for single items, and too many are used; next try at 2026-11-21T18:30:00.000Z',
    )
    expect(calls()).toBe(15)

    for (let i = 0; i < 5; i += 1) await bySku(shared.process(settings))
    expect((await failureOf(bySku(shared.process(settings)))).message).toBe(
      'zoho items: not begun: this needs a call, the day has 20, and too many are used; next try at 2026-11-21T18:30:00.000Z',
    )
    expect(calls()).toBe(20)

    world.sandbox.clock.set(INDIAN_MIDNIGHT)
    expect(await everything(shared.process(settings))).toHaveLength(450)
  })

  it("is not used up by messages, however many come: they share half of it evenly, and the rest is the others'", async () => {
    const settings = { dailyCalls: 240, dailyReservePct: 20 }
    const [{ item_id: id = '' } = {}] = (world.sandbox.books('zoho') as { items: { item_id: string }[] }).items
    const told = () => shared.process(settings).zoho.itemsById([id], signal)
    const took = async () => (await told().catch(() => undefined)) !== undefined
    // A tenth of it at once.
    const first: boolean[] = []
    for (let n = 0; n < 13; n += 1) first.push(await took())
    expect(first).toEqual([...Array(12).fill(true), false])
    const error = await failureOf(told())
    expect(error).toMatchObject({ kind: 'throttled', waitMs: DAY / 120 - (world.clock.now() - NOW) })
    expect(error.message).toContain("not called: messages share half of the day's 240 calls evenly")
    // By SKU as well, where it is a message that asks.
    const { zoho } = shared.process(settings)
    expect(await failureOf(zoho.itemsBySku(['SKU-000001'], signal, 'by a message'))).toMatchObject({ kind: 'throttled' })
    await zoho.itemsBySku(['SKU-000001'], signal)
    expect(await everything({ zoho })).toHaveLength(450)
    world.sandbox.clock.advance(DAY / 120)
    expect([await took(), await took()]).toEqual([true, false])
  })

  it('that Zoho says is used up is left alone, but for a try an hour, by every process', async () => {
    world.seed({ settings: { calls_per_day: 2 } })

    expect(await failureOf(everything(shared.process()))).toMatchObject({ kind: 'throttled', waitMs: HOUR, status: 429 })
    const after = calls()
    expect((await failureOf(bySku(shared.process()))).message).toMatch(
      /^zoho items: not called: Zoho says that the day's calls of the organization are used up; next try at 2026-11-21T16:00:00/,
    )
    expect(calls()).toBe(after)

    world.sandbox.clock.advance(HOUR + 1000)
    expect(await failureOf(bySku(shared.process()))).toMatchObject({ status: 429, waitMs: HOUR })
    expect(calls()).toBe(after + 1)

    world.sandbox.clock.set(INDIAN_MIDNIGHT + 1000)
    await bySku(shared.process())
  })
})

describe('the day', () => {
  beforeEach(async () => {
    shared = await sharedWorld(world, sqlite)
  })

  it('that can never hold a full read says so', async () => {
    await everything(shared.process())

    const error = await failureOf(everything(shared.process({ dailyCalls: 2, dailyReservePct: 0 })))

    expect(error.message).toBe(
      'zoho items: not begun: this reading takes about 3 calls, the day has 2. Raise zoho.daily_calls if the plan allows more; next try at 2026-11-21T18:30:00.000Z',
    )
    expect(calls()).toBe(3)
  })

  it('counts the details of a full read too, and forgets the list without them', async () => {
    const settings = { availableField: 'available_for_sale_stock', dailyCalls: 12, dailyReservePct: 0 } as const
    await everything(shared.process(settings))

    expect((await failureOf(everything(shared.process(settings)))).message).toContain('this reading takes about 8 calls')
    expect(await everything(shared.process({ ...settings, availableField: 'available_stock' }))).toHaveLength(450)
  })

  it('that ends in the middle of a list ends the list, which is then no list', async () => {
    const { zoho } = shared.process({ dailyCalls: 2, dailyReservePct: 0 })
    const ends: unknown[] = []

    const error = await failureOf(
      (async () => {
        for await (const { end } of zoho.listItems(signal)) ends.push(end)
      })(),
    )

    expect(error).toBeInstanceOf(ThrottledError)
    expect(ends).toEqual([undefined, undefined])
  })

  it('is as long as Zoho tells, whatever is configured and whoever else calls', async () => {
    const midnight = Date.parse('2026-11-22T00:00:00Z')
    world.seed({ settings: { rate_limit_headers: true, calls_per_day: 200, day_begins_utc_minutes: 0 } })
    await everything(shared.process())
    // Somebody else's tool.
    const others = world.again().zoho
    for (let i = 0; i < 156; i += 1) await bySku({ zoho: others })
    await bySku(shared.process())
    const before = calls()

    const error = await failureOf(everything(shared.process()))

    expect(error.message).toContain(
      'this reading takes about 3 calls, the day has 200, 40 of them kept for single items, and Zoho says that 40 are left',
    )
    expect(error['waitMs']).toBeGreaterThanOrEqual(midnight - world.clock.now())
    expect(error['waitMs']).toBeLessThan(midnight - world.clock.now() + 3000)
    expect(calls()).toBe(before)
    for (let i = 0; i < 40; i += 1) await bySku(shared.process())
    expect((await failureOf(bySku(shared.process()))).message).toContain('Zoho says that 0 are left')
    expect(world.sandbox.books('zoho')).toMatchObject({ refused: { '45': 0 } })

    // Not midnight in India: what Zoho tells decides.
    world.sandbox.clock.set(midnight + 2000)
    expect(await everything(shared.process())).toHaveLength(450)
  })

  it('is not learnt from headers that speak of a minute', async () => {
    const headers = { 'x-rate-limit-limit': '100', 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '30' }
    world.sandbox.addFault({
      vendor: 'zoho',
      kind: 'status',
      status: 200,
      headers,
      body: { code: 0, items: [] },
      match: { path: 'items' },
    })

    await bySku(shared.process())
    await bySku(shared.process())

    expect(world.entries(ITEMS).map(({ status }) => status)).toEqual([200, 200])
  })

  it('of a quiet account begins full', async () => {
    const settings = { dailyCalls: 3, dailyReservePct: 0 }
    for (let day = 0; day < 3; day += 1) {
      expect(await everything(shared.process(settings))).toHaveLength(450)
      await expect(everything(shared.process(settings))).rejects.toBeInstanceOf(ThrottledError)
      world.sandbox.clock.advance(DAY)
    }
  })
})
