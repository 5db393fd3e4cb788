import { describe, expect, it } from 'vitest'
import { insertMany } from '../../../src/core/db/db.ts'
import { publicationLogOf } from '../../../src/core/db/publication-log.ts'
import { channelBrake } from '../../../src/core/inventory/brakes.ts'
import { recompute } from '../../../src/core/inventory/recompute.ts'
import { loadRuleBook } from '../../../src/core/inventory/rules.ts'
import { setSetting, unsetSetting } from '../../../src/core/inventory/settings-change.ts'
import { pauseChannel, resumeChannel } from '../../../src/core/inventory/settings-pausing.ts'
import { MINUTE } from '../../world/a-clock.ts'
import { aRun, settings } from '../../world/a-run.ts'
import { aLine, anOrder } from '../../world/an-order.ts'
import { databases } from '../../world/databases.ts'
import { aHouse, alerts, type House, publications, told } from './a-house.ts'

function many(count: number, units: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`S-${String(n).padStart(3, '0')}`, units]))
}

function empty({ stock }: House, from: number, to: number): string[] {
  const skus = [...stock.shelf.keys()].slice(from, to)
  for (const sku of skus) stock.shelf.set(sku, 0)
  return skus
}

describe.each(databases)('what channels should show on $name', (database) => {
  it('is written only where it differs, with what it was made of', async () => {
    const house = await aHouse(database, { MUG: 10, LAMP: 6 })
    await house.full()
    const first = house.run.clock.now()
    await house.run.clock.advance(MINUTE)
    house.stock.shelf.set('MUG', 4)
    const { published } = await house.full()
    expect(published?.recomputed).toMatchObject({ skus: 2, changed: 2 })
    const rows = await house.run.db.rows<{ sku: string; wanted_at: number }>(
      `select sku, wanted_at from publications where channel = 'amazon-us' order by sku`,
    )
    expect(rows).toEqual([
      { sku: 'LAMP', wanted_at: first },
      { sku: 'MUG', wanted_at: first + MINUTE },
    ])
    const log = (await publicationLogOf(house.run.db, 'MUG')).filter(({ channel }) => channel === 'amazon-us')
    expect(log.map(({ previous, quantity, outcome }) => [previous, quantity, outcome])).toEqual([
      [null, 9, 'accepted'],
      [9, 3, 'accepted'],
    ])
    expect(JSON.parse(log[1]?.why ?? '')).toMatchObject({
      available: 4,
      moved: 0,
      safety_stock: 1,
      base: 3,
      ratio: '1',
      final: 3,
    })
  })

  it('has no number for a SKU that two items share, none above zero for an inactive one', async () => {
    const house = await aHouse(database, { MUG: 10, LAMP: 6, OFF: 5 })
    await house.full()
    await house.run.clock.advance(MINUTE)
    told(house.amazon)
    house.stock.shelf.set('MUG', 3)
    house.stock.shelf.set('TWIN', 2)
    house.stock.change.set('TWIN', { sku: 'MUG' })
    house.stock.change.set('OFF', { kind: 'inactive' })
    const { published } = await house.full()
    expect(published?.recomputed).toMatchObject({ held: 1 })
    expect(told(house.amazon)).toEqual(['OFF 4 -> 0'])
  })

  it('keeps the number of an inactive item with the setting', async () => {
    const house = await aHouse(database, { OFF: 5 }, { inventory: { inactiveItems: 'keep' } })
    await house.full()
    await house.run.clock.advance(MINUTE)
    told(house.amazon)
    house.stock.change.set('OFF', { kind: 'inactive' })
    await house.full()
    expect(told(house.amazon)).toEqual([])
  })

  it('is held when too much of a channel would be set to zero: a ratio of nothing, set by mistake', async () => {
    const house = await aHouse(database, many(30, 10))
    await house.full()
    told(house.amazon)
    told(house.macys)
    await setSetting(house.run, 'channels.amazon-us.ratio', '0')
    await house.run.clock.advance(MINUTE)
    const held = await house.rebalance()
    expect(held).toMatchObject({ verdict: 'held', published: { channels: [], brakes: [{ where: 'amazon-us' }] } })
    expect([told(house.amazon), told(house.macys)]).toEqual([[], []])
    expect(new Set((await publications(house.run)).map((line) => line.split(' ').slice(2).join(' ')))).toEqual(
      new Set(['settled 9/9']),
    )
    expect(await alerts(house.run)).toEqual(['publish-brake amazon-us critical'])
    expect((await house.rebalance({ overrideBrake: true })).verdict).toBe('done')
    expect(told(house.amazon)).toHaveLength(30)
    expect(await alerts(house.run)).toEqual([])
  })

  it('is not held by what orders sold out', async () => {
    const house = await aHouse(database, many(30, 10))
    await house.full()
    await house.run.clock.advance(MINUTE)
    told(house.amazon)
    const lines = [...house.stock.shelf.keys()].map((sku, n) => aLine(`L${n}`, { sku, qty: 10 }))
    const { verdict } = await house.pull([anOrder('111-1', { lines })])
    expect(verdict).toBe('done')
    expect(told(house.amazon)).toHaveLength(30)
  })

  it('takes the share of all that a channel lists, also when a few SKUs are looked at', async () => {
    const house = await aHouse(database, many(150, 10))
    await house.full()
    await house.run.clock.advance(MINUTE)
    told(house.amazon)
    // 30 of 150 are 20 %, exactly the limit; 31 are more.
    expect((await house.delta(empty(house, 0, 30))).verdict).toBe('done')
    expect(told(house.amazon)).toHaveLength(30)
  })

  it('leaves a paused channel alone and catches up when it comes back', async () => {
    const house = await aHouse(database, { MUG: 10 })
    await house.full()
    await house.run.clock.advance(MINUTE)
    await pauseChannel(house.run, 'mirakl-macys', ['inventory'])
    house.stock.shelf.set('MUG', 4)
    await house.full()
    expect(await publications(house.run)).toEqual(['amazon-us MUG settled 3/3', 'mirakl-macys MUG settled 9/9'])
    await house.run.clock.advance(MINUTE)
    await resumeChannel(house.run, 'mirakl-macys')
    await house.run.clock.advance(MINUTE)
    await house.rebalance()
    expect(await publications(house.run)).toEqual(['amazon-us MUG settled 3/3', 'mirakl-macys MUG settled 3/3'])
  })

  it('follows a setting at the next rebalance, whatever the interval: set, and taken away again', async () => {
    const house = await aHouse(database, { MUG: 11 })
    await house.full()
    told(house.amazon)
    await house.run.clock.advance(MINUTE)
    expect((await house.rebalance()).published?.recomputed).toBeUndefined()
    await setSetting(house.run, 'channels.amazon-us.ratio', '0.5')
    await house.run.clock.advance(MINUTE)
    await house.rebalance()
    expect(told(house.amazon)).toEqual(['MUG 10 -> 5'])
    await house.run.clock.advance(MINUTE)
    expect((await house.rebalance()).published?.recomputed).toBeUndefined()
    await unsetSetting(house.run, 'channels.amazon-us.ratio')
    await house.run.clock.advance(MINUTE)
    await house.rebalance()
    expect(told(house.amazon)).toEqual(['MUG 5 -> 10'])
  })

  it('is written to the end where more changes than memory should hold are found', async () => {
    const run = await aRun(database)
    const count = 10_001
    const rows = Array.from({ length: count }, (_, n) => ({
      sku: `S-${String(n).padStart(5, '0')}`,
      sku_key: `s-${String(n).padStart(5, '0')}`,
      item_id: String(n),
      state: 'tracked',
      available: 2 + (n % 7),
      fields: '{}',
      read_at: 1,
      reading_id: 'r',
      changed_at: 1,
    }))
    await run.db.transaction((tx) => insertMany(tx, 'stock', rows))
    const book = await loadRuleBook(run)
    expect(await recompute(run, { book, overrideBrake: false })).toMatchObject({ skus: count, changed: 2 * count, brakes: [] })
    const [written] = await run.db.rows<{ n: number; units: number }>(
      'select count(*) as n, cast(sum(wanted) as bigint) as units from publications',
    )
    expect(written).toEqual({ n: 2 * count, units: 2 * rows.reduce((sum, { available }) => sum + available - 1, 0) })
    expect(await recompute(run, { book, overrideBrake: false })).toMatchObject({ changed: 0 })
  })
})

describe('a brake on a channel', () => {
  it.each<[number, number, boolean]>([
    [20, 20, false],
    [21, 21, true],
    [200, 1000, false],
    [201, 1000, true],
    [0, 0, false],
  ])('%i of %i to nothing: bites %s', (zeroed, listed, bites) => {
    expect(channelBrake('amazon-us', { zeroed, listed }, settings.inventory.brakes) !== undefined).toBe(bites)
  })
})
