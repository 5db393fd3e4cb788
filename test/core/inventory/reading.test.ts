import { describe, expect, it } from 'vitest'
import { stockHistory } from '../../../src/core/db/stock.ts'
import { RetryableError } from '../../../src/core/errors.ts'
import { readingBrake } from '../../../src/core/inventory/brakes.ts'
import { type Reading, readStock } from '../../../src/core/inventory/read-stock.ts'
import type { StockItem } from '../../../src/core/model/stock.ts'
import type { StockPage } from '../../../src/core/ports/stock-source.ts'
import { HOUR, MINUTE } from '../../world/a-clock.ts'
import { aRun, aRunOn, settings, type TestRun } from '../../world/a-run.ts'
import { anItem } from '../../world/a-stock.ts'
import { databases } from '../../world/databases.ts'
import { aHouse, alerts, told } from './a-house.ts'

const { brakes } = settings.inventory

type Kind = 'full' | 'delta' | 'items'

async function* pagesOf(pages: readonly StockPage[]): AsyncIterable<StockPage> {
  yield* pages
}

/** Reads one page of items, whole unless told otherwise. */
function read(
  run: TestRun,
  items: readonly StockItem[],
  change: Partial<StockPage> & { readonly kind?: Kind } = {},
): Promise<Reading> {
  const { kind = 'full', ...page } = change
  const pages = pagesOf([{ items, readAt: run.clock.now(), end: 'whole', ...page }])
  return readStock(run, { kind, pages, inventory: { brakes }, overrideBrake: false })
}

/** `MUG 7 tracked` */
async function stockList({ db }: TestRun): Promise<string[]> {
  const rows = await db.rows<{ sku: string; available: number; state: string }>(
    'select sku, available, state from stock order by sku',
  )
  return rows.map(({ sku, available, state }) => `${sku} ${available} ${state}`)
}

/** Verdicts of all readings, oldest first. */
async function verdicts({ db }: TestRun): Promise<string[]> {
  const rows = await db.rows<{ verdict: string | null }>('select verdict from stock_readings order by began_at, id')
  return rows.map(({ verdict }) => verdict ?? 'open')
}

function items(count: number, units = 10): StockItem[] {
  return Array.from({ length: count }, (_, n) => anItem(`S-${String(n).padStart(3, '0')}`, units))
}

describe.each(databases)('a reading of the stock on $name', (database) => {
  it('takes the later word where the list drifts and shows an item twice', async () => {
    const run = await aRun(database)
    const at = run.clock.now()
    const pages = pagesOf([
      { items: [anItem('MUG', 5), anItem('LAMP', 1), anItem('MUG', 6)], readAt: at },
      { items: [anItem('MUG', 7)], readAt: at + 1, end: 'whole' },
    ])
    const { counts } = await readStock(run, { kind: 'full', pages, inventory: { brakes }, overrideBrake: false })
    expect(counts).toMatchObject({ items: 4, changed: 2, missing: 0 })
    expect(await stockList(run)).toEqual(['LAMP 1 tracked', 'MUG 7 tracked'])
  })

  it('keeps the last number of what comes without one, twice, or not at all', async () => {
    const run = await aRun(database)
    await read(
      run,
      ['BARE', 'GONE', 'MUG', 'OFF', 'TWICE', 'UNTRACKED'].map((sku) => anItem(sku, 8)),
    )
    await run.clock.advance(MINUTE)
    const { counts } = await read(run, [
      anItem('BARE', null),
      anItem('MUG', -3),
      anItem('OFF', 4, { kind: 'inactive' }),
      anItem('TWICE', 1),
      anItem('TWICE', 2, { itemId: 'another' }),
      anItem('UNTRACKED', null, { kind: 'untracked' }),
      anItem('', 5, { kind: 'no-sku', itemId: 'nameless' }),
      anItem('NEW', null),
    ])
    expect(counts).toMatchObject({
      items: 8,
      changed: 2,
      missing: 1,
      left_out: { duplicate: 1, inactive: 1, 'no-sku': 1, unknown: 2, untracked: 1 },
    })
    expect(await stockList(run)).toEqual([
      'BARE 8 unknown',
      'GONE 8 missing',
      'MUG -3 tracked',
      'OFF 4 inactive',
      'TWICE 8 duplicate',
      'UNTRACKED 8 unknown',
    ])
    await run.clock.advance(MINUTE)
    await read(
      run,
      ['BARE', 'GONE', 'MUG', 'OFF', 'TWICE', 'UNTRACKED'].map((sku) => anItem(sku, 9)),
    )
    expect(new Set((await stockList(run)).map((line) => line.slice(line.indexOf(' '))))).toEqual(new Set([' 9 tracked']))
  })

  it('believes a SKU that two items share again only when the whole list shows it once', async () => {
    const run = await aRun(database)
    const mug = anItem('MUG', 5)
    await read(run, [mug, anItem('TWICE', 8)])
    await run.clock.advance(MINUTE)
    await read(run, [mug, anItem('TWICE', 1), anItem('TWICE', 2, { itemId: 'another' })])
    await run.clock.advance(MINUTE)
    await read(run, [anItem('TWICE', 3)], { kind: 'delta' })
    expect(await stockList(run)).toEqual(['MUG 5 tracked', 'TWICE 8 duplicate'])
    await read(run, [mug, anItem('TWICE', 3)])
    expect(await stockList(run)).toEqual(['MUG 5 tracked', 'TWICE 3 tracked'])
  })

  it.each<Kind>(['full', 'delta'])('of kind %s leaves nothing under the old SKU of an item that has a new one', async (kind) => {
    const house = await aHouse(database, { MUG: 10, LAMP: 5 })
    await house.full()
    await house.run.clock.advance(MINUTE)
    house.stock.shelf.delete('MUG')
    house.stock.shelf.set('MUG-BLUE', 10)
    house.stock.change.set('MUG-BLUE', { itemId: 'id-MUG' })
    told(house.amazon)
    if (kind === 'full') await house.full()
    else {
      await house.delta(['MUG-BLUE'])
      await house.pull()
    }
    expect(told(house.amazon).sort()).toEqual(['MUG 9 -> 0', 'MUG-BLUE - -> 9'])
    expect((await stockHistory(house.run.db, 'MUG')).map(({ previous, available }) => [previous, available])).toEqual([
      [null, 10],
      [10, 0],
    ])
  })

  it('never lays an older number over a younger one', async () => {
    const run = await aRun(database)
    const before = run.clock.now()
    await run.clock.advance(MINUTE)
    await read(run, [anItem('MUG', 7), anItem('LAMP', 7)])
    await read(run, [anItem('MUG', 3), anItem('LAMP', null)], { kind: 'items', readAt: before })
    expect(await stockList(run)).toEqual(['LAMP 7 tracked', 'MUG 7 tracked'])
  })

  it('calls nothing missing that was read alone while the list was being read', async () => {
    const run = await aRun(database)
    const at = run.clock.now()
    async function* pages(): AsyncIterable<StockPage> {
      await run.clock.advance(MINUTE)
      await read(run, [anItem('NEW', 2)], { kind: 'items' })
      yield { items: [anItem('MUG', 7)], readAt: at, end: 'whole' }
    }
    await readStock(run, { kind: 'full', pages: pages(), inventory: { brakes }, overrideBrake: false })
    expect(await stockList(run)).toEqual(['MUG 7 tracked', 'NEW 2 tracked'])
  })

  it('writes each change of a number down with what was before', async () => {
    const run = await aRun(database)
    for (const units of [10, 10, 4]) {
      await read(run, [anItem('MUG', units)])
      await run.clock.advance(MINUTE)
    }
    expect((await stockHistory(run.db, 'MUG')).map(({ previous, available }) => [previous, available])).toEqual([
      [null, 10],
      [10, 4],
    ])
  })

  describe('that cannot be believed', () => {
    it('changes nothing: a list that ends short, without an end, or with nothing in it', async () => {
      const run = await aRun(database)
      await read(run, [anItem('MUG', 7)])
      await run.clock.advance(MINUTE)
      const short = await read(run, [anItem('MUG', 1)], { end: 'short', reason: 'page 3 was empty' })
      expect(short.brake).toMatchObject({ where: 'zoho', why: 'page 3 was empty' })
      const pages = pagesOf([{ items: [anItem('MUG', 1)], readAt: run.clock.now() }])
      const endless = await readStock(run, { kind: 'full', pages, inventory: { brakes }, overrideBrake: false })
      expect(endless.brake?.why).toContain('without an end')
      expect((await read(run, [])).brake?.why).toContain('not one item')
      expect((await read(run, [anItem('MUG', null)])).brake?.why).toContain('not one of 1 items')
      expect(await stockList(run)).toEqual(['MUG 7 tracked'])
      expect(await alerts(run)).toEqual(['stock-brake zoho critical'])
      expect(await run.db.rows('select 1 as one from stock_staged')).toEqual([])
      expect(await verdicts(run)).toEqual(['counted', 'held', 'held', 'held', 'held'])
    })

    it('may be empty where only changes are read', async () => {
      const run = await aRun(database)
      await read(run, [anItem('MUG', 7)])
      expect((await read(run, [], { kind: 'delta' })).brake).toBeUndefined()
      expect(await stockList(run)).toEqual(['MUG 7 tracked'])
    })

    it('changes nothing when a page cannot be read, and says so until the next one can', async () => {
      const house = await aHouse(database, { MUG: 7, LAMP: 5 })
      await house.full()
      await house.run.clock.advance(MINUTE)
      house.stock.shelf.set('MUG', 1)
      house.stock.perPage = 1
      house.stock.failAt = { page: 1, error: new RetryableError('HTTP 500', { account: 'zoho', operation: 'items' }) }
      const report = await house.full()
      expect(report).toMatchObject({
        verdict: 'vendor-down',
        problems: [{ channel: 'zoho', why: expect.stringContaining('500') }],
      })
      expect(await stockList(house.run)).toEqual(['LAMP 5 tracked', 'MUG 7 tracked'])
      expect(await alerts(house.run)).toEqual(['stock-unread zoho warning'])
      house.stock.failAt = undefined
      await house.full()
      expect(await stockList(house.run)).toEqual(['LAMP 5 tracked', 'MUG 1 tracked'])
      expect(await alerts(house.run)).toEqual([])
      expect(await verdicts(house.run)).toEqual(['counted', 'dropped', 'counted'])
    })

    it('passes once on request, which ends the alert; the brake is there again for the next', async () => {
      const house = await aHouse(database, Object.fromEntries(items(50).map(({ sku }) => [sku, 10])))
      await house.full()
      const none = () => {
        for (const sku of [...house.stock.shelf.keys()].slice(0, 30)) house.stock.shelf.set(sku, 0)
      }
      none()
      await house.run.clock.advance(MINUTE)
      expect(await house.full()).toMatchObject({ verdict: 'held', reading: { brake: { where: 'zoho' } } })
      expect(await alerts(house.run)).toEqual(['stock-brake zoho critical'])
      expect((await house.full({ overrideBrake: true })).verdict).toBe('done')
      expect(await alerts(house.run)).toEqual([])
      await house.run.clock.advance(MINUTE)
      for (const sku of house.stock.shelf.keys()) house.stock.shelf.set(sku, 10)
      await house.full()
      none()
      await house.run.clock.advance(MINUTE)
      expect((await house.full()).verdict).toBe('held')
    })

    it('counts as partial when it was short and let pass: what it did not show is not missing', async () => {
      const run = await aRun(database)
      await read(run, [anItem('LAMP', 7), anItem('MUG', 7)])
      await run.clock.advance(MINUTE)
      const pages = pagesOf([{ items: [anItem('MUG', 6)], readAt: run.clock.now(), end: 'short' }])
      await readStock(run, { kind: 'full', pages, inventory: { brakes }, overrideBrake: true })
      expect(await stockList(run)).toEqual(['LAMP 7 tracked', 'MUG 6 tracked'])
      expect(await verdicts(run)).toEqual(['counted', 'partial'])
    })

    it('does not hold every run for what was missing before already', async () => {
      const run = await aRun(database)
      await read(run, items(40))
      for (const left of [34, 29, 24]) {
        await run.clock.advance(HOUR)
        expect((await read(run, items(40).slice(0, left))).brake, `${left} left`).toBeUndefined()
      }
      await run.clock.advance(HOUR)
      expect((await read(run, items(18))).brake?.what).toContain('lacks items')
    })
  })

  describe('that does not come to its end', () => {
    async function killedAfterStaging(run: TestRun): Promise<void> {
      async function* pages(): AsyncIterable<StockPage> {
        yield { items: [anItem('MUG', 1)], readAt: run.clock.now() }
        throw new Error('killed')
      }
      await expect(readStock(run, { kind: 'full', pages: pages(), inventory: { brakes }, overrideBrake: false })).rejects.toThrow(
        'killed',
      )
    }

    it('leaves the old stock, and the next one cleans up after it', async () => {
      const run = await aRun(database)
      await read(run, [anItem('MUG', 7)])
      await run.clock.advance(MINUTE)
      await killedAfterStaging(run)
      expect(await run.db.rows('select sku from stock_staged')).toEqual([{ sku: 'MUG' }])
      expect(await stockList(run)).toEqual(['MUG 7 tracked'])
      await run.clock.advance(MINUTE)
      await read(run, [anItem('MUG', 6)])
      expect(await run.db.rows('select sku from stock_staged')).toEqual([])
      expect(await verdicts(run)).toEqual(['counted', 'dropped', 'counted'])
      expect(await stockList(run)).toEqual(['MUG 6 tracked'])
    })

    it('and wakes when another has read the stock meanwhile, changes nothing and raises no alarm', async () => {
      const run = await aRun(database)
      await read(run, items(12))
      const sleeper = aRunOn(run.db, { name: 'sleeper', clock: run.clock })
      async function* pages(): AsyncIterable<StockPage> {
        yield { items: items(6, 1), readAt: run.clock.now() }
        await run.clock.advance(HOUR)
        await read(run, items(12, 9))
        yield { items: items(12, 1).slice(6), readAt: run.clock.now(), end: 'whole' }
      }
      const woken = readStock(sleeper, { kind: 'full', pages: pages(), inventory: { brakes }, overrideBrake: true })
      await expect(woken).rejects.toThrow('a later reading')
      expect(new Set((await stockList(run)).map((line) => line.slice(6)))).toEqual(new Set(['9 tracked']))
      expect(await alerts(run)).toEqual([])
    })

    it('is left alone by a reading of single items', async () => {
      const run = await aRun(database)
      async function* pages(): AsyncIterable<StockPage> {
        yield { items: [anItem('MUG', 1)], readAt: run.clock.now() }
        await read(run, [anItem('LAMP', 2)], { kind: 'items' })
        yield { items: [anItem('SOAP', 3)], readAt: run.clock.now(), end: 'whole' }
      }
      await readStock(run, { kind: 'full', pages: pages(), inventory: { brakes }, overrideBrake: false })
      expect(await stockList(run)).toEqual(['LAMP 2 tracked', 'MUG 1 tracked', 'SOAP 3 tracked'])
    })
  })

  it.each<[string, number, number, boolean]>([
    // 21 and 22 SKUs of 105: more than the least number of 20, and 20 % is the limit.
    ['20 of 50 set to zero: not more than the least number', 50, 20, false],
    ['21 of 105 set to zero: exactly the limit', 105, 21, false],
    ['22 of 105 set to zero: above the limit', 105, 22, true],
  ])('%s', async (_, known, zeroed, bites) => {
    const run = await aRun(database)
    // Little in those that are emptied, so that the total alone does not trip a brake.
    const stock = items(known, 100)
    await read(run, stock)
    await run.clock.advance(MINUTE)
    const { brake } = await read(
      run,
      stock.map((item, n) => (n < zeroed ? anItem(item.sku, 0) : anItem(item.sku, 200))),
    )
    expect(brake?.what).toBe(bites ? 'the stock reading zeroes too much' : undefined)
  })
})

describe('a brake on the reading', () => {
  const calm = {
    staged: 1000,
    usable: 1000,
    known: 1000,
    missing: 0,
    stocked: 1000,
    zeroed: 0,
    dropped: 0,
    totalBefore: 10_000,
    totalAfter: 10_000,
  }

  it.each<[string, Partial<typeof calm>, boolean]>([
    ['5 of 10 missing', { known: 10, missing: 5 }, false],
    ['6 of 30 missing, which is 20 %', { known: 30, missing: 6 }, false],
    ['6 of 29 missing', { known: 29, missing: 6 }, true],
    ['200 of 1000 missing', { missing: 200 }, false],
    ['201 of 1000 missing', { missing: 201 }, true],
    ['20 of 20 zeroed', { stocked: 20, zeroed: 20 }, false],
    ['21 of 21 zeroed', { stocked: 21, zeroed: 21 }, true],
    ['200 of 1000 zeroed', { zeroed: 200 }, false],
    ['201 of 1000 zeroed', { zeroed: 201 }, true],
    ['40 % of the units gone over 21 SKUs', { dropped: 21, totalAfter: 6000 }, false],
    ['a unit more than 40 % gone over 20 SKUs', { dropped: 20, totalAfter: 5999 }, false],
    ['a unit more than 40 % gone over 21 SKUs', { dropped: 21, totalAfter: 5999 }, true],
    ['nothing known before', { known: 0, stocked: 0, totalBefore: 0, totalAfter: 500 }, false],
  ])('%s: bites %#', (_, change, bites) => {
    expect(readingBrake({ ...calm, ...change }, { kind: 'full', short: undefined, brakes }) !== undefined).toBe(bites)
  })

  it('asks for missing items only where all were to be shown', () => {
    expect(readingBrake({ ...calm, missing: 900 }, { kind: 'delta', short: undefined, brakes })).toBeUndefined()
  })
})
