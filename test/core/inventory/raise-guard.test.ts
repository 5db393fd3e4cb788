import { describe, expect, it } from 'vitest'
import { readCursor } from '../../../src/core/db/cursors.ts'
import { wantQuantities } from '../../../src/core/db/publications.ts'
import { setSetting } from '../../../src/core/inventory/settings-change.ts'
import { HOUR, MINUTE, noon } from '../../world/a-clock.ts'
import { aLine, anOrder } from '../../world/an-order.ts'
import { databases } from '../../world/databases.ts'
import { aHouse, type House, type HouseOptions, publications, told } from './a-house.ts'

/** Placed when the numbers of noon were on show. */
function sale(id: string, qty: number) {
  return anOrder(id, { createdAt: noon + 10 * MINUTE, lines: [aLine('L1', { sku: 'MUG', qty })] })
}

describe.each(databases)('the raise guard on $name', (database) => {
  /** MUG with so many units, published eleven minutes ago. */
  async function mugs(units: number, options: HouseOptions = {}): Promise<House> {
    const house = await aHouse(database, { MUG: units }, options)
    await house.full()
    await house.run.clock.advance(11 * MINUTE)
    told(house.amazon)
    return house
  }

  /** Reads new stock; nobody pulls orders. Returns how many raises Amazon waits for. */
  async function readOnly(house: House, units: number): Promise<number | undefined> {
    house.stock.shelf.set('MUG', units)
    const { published } = await house.fullWithoutPull()
    return published?.channels[0]?.counts.held
  }

  it('holds what goes up until the orders were pulled since the stock was read; down goes at once', async () => {
    const house = await mugs(10)
    expect(await readOnly(house, 20)).toBe(1)
    expect(told(house.amazon)).toEqual([])
    const [row] = await house.run.db.rows<{ held: string }>(`select held from publications where channel = 'amazon-us'`)
    expect(row?.held).toBe('orders of amazon-us were not pulled since the stock was read')
    await house.run.clock.advance(MINUTE)
    expect(await readOnly(house, 5)).toBe(0)
    expect(told(house.amazon)).toEqual(['MUG 9 -> 4'])
    await house.run.clock.advance(MINUTE)
    expect(await readOnly(house, 20)).toBe(1)
    await house.run.clock.advance(MINUTE)
    await house.pull()
    expect(told(house.amazon)).toEqual(['MUG 4 -> 19'])
  })

  it('is not opened by a pull that was begun before the stock was read', async () => {
    const house = await mugs(10)
    const pulled = (await readCursor(house.run.db, 'amazon-us', 'pulled'))?.at
    expect(await readOnly(house, 20)).toBe(1)
    await house.rebalance()
    expect((await readCursor(house.run.db, 'amazon-us', 'pulled'))?.at).toBe(pulled)
    expect(told(house.amazon)).toEqual([])
  })

  it('counts what the channel sold since it was last told: fewer than it was told may still be more than it shows', async () => {
    const house = await mugs(10)
    await house.pull([sale('111-1', 6)])
    await house.run.clock.advance(MINUTE)
    // Shown: 9 - 6 = 3. Five would be a raise, though it was told nine.
    expect(await readOnly(house, 6)).toBe(1)
    expect(told(house.amazon)).toEqual([])
    await house.run.clock.advance(MINUTE)
    expect(await readOnly(house, 3)).toBe(0)
    expect(told(house.amazon)).toEqual(['MUG 9 -> 2'])
    // What it took counts from then on.
    await house.run.clock.advance(MINUTE)
    expect(await readOnly(house, 2)).toBe(0)
    expect(told(house.amazon)).toEqual(['MUG 2 -> 1'])
  })

  it('takes the number that is shown already for a raise: unknown sales may have lowered it', async () => {
    const house = await mugs(10)
    await house.run.clock.advance(MINUTE)
    house.stock.shelf.set('MUG', 10)
    const { published } = await house.fullWithoutPull()
    expect(published?.recomputed?.changed).toBe(0)
    await house.pull([sale('111-1', 4)])
    await house.run.clock.advance(MINUTE)
    expect(await readOnly(house, 6)).toBe(1)
    expect(told(house.amazon)).toEqual([])
  })

  it('takes a first number for a raise, unless the channel is known to show more', async () => {
    const house = await aHouse(database, { MUG: 6, LAMP: 6, SOAP: 6 })
    const shown: Record<string, number> = { MUG: 5, LAMP: 50 }
    house.amazon.lists = (sku) => ({
      sku,
      listed: true,
      fulfilment: 'seller',
      ...(shown[sku] === undefined ? {} : { quantity: shown[sku] }),
    })
    await house.fullWithoutPull()
    expect(told(house.amazon)).toEqual(['LAMP - -> 5'])
    await house.run.clock.advance(MINUTE)
    await house.pull()
    expect(told(house.amazon)).toEqual(['MUG - -> 5', 'SOAP - -> 5'])
  })

  it('knows that the listing it looked at has sold since', async () => {
    const house = await aHouse(database, { MUG: 6 })
    house.amazon.lists = (sku) => ({ sku, listed: true, fulfilment: 'seller', quantity: 6 })
    house.amazon.fail = new Error('killed')
    await expect(house.fullWithoutPull()).rejects.toThrow('killed')
    await house.run.clock.advance(HOUR)
    await house.run.db.run(`update publications set state = 'due', lease_owner = null, lease_until = null`)
    await house.pull([sale('111-1', 4)])
    told(house.amazon)
    await house.run.clock.advance(MINUTE)
    // It shows two by now: four are a raise.
    expect(await readOnly(house, 5)).toBe(1)
    expect(told(house.amazon)).toEqual([])
  })

  it('looks at what becomes due while others are being sent, before that leaves', async () => {
    const house = await mugs(10)
    house.stock.shelf.set('MUG', 5)
    const { updateQuantities } = house.amazon
    house.amazon.updateQuantities = async (batch, way, signal) => {
      house.amazon.updateQuantities = updateQuantities
      const outcomes = await updateQuantities(batch, way, signal)
      await wantQuantities(
        house.run.db,
        [{ channel: 'amazon-us', sku: 'MUG', wanted: 30, why: '{}' }],
        'other',
        house.run.clock.now(),
      )
      return outcomes
    }
    const { published } = await house.fullWithoutPull()
    expect(told(house.amazon)).toEqual(['MUG 9 -> 4'])
    expect(published?.channels[0]?.counts).toMatchObject({ accepted: 1, held: 1 })
  })

  it('covered: opens when the vendor shows orders up to then', async () => {
    const house = await mugs(10, { inventory: { raiseGuard: 'covered' } })
    expect(await readOnly(house, 20)).toBe(1)
    // The channel's own clock is a minute behind: what it showed ends before the stock was read.
    await house.run.db.run(`update cursors set at = ? where stream = 'orders'`, [house.run.clock.now() - MINUTE])
    await house.rebalance()
    expect(told(house.amazon)).toEqual([])
    await house.run.db.run(`update cursors set at = ? where stream = 'orders'`, [house.run.clock.now()])
    await house.rebalance()
    expect(told(house.amazon)).toEqual(['MUG 9 -> 19'])
  })

  it('off: holds nothing, and lets go what it held', async () => {
    const house = await mugs(10)
    expect(await readOnly(house, 20)).toBe(1)
    await house.run.clock.advance(MINUTE)
    await setSetting(house.run, 'inventory.raise_guard', 'off')
    await house.run.clock.advance(MINUTE)
    await house.rebalance({ skus: ['MUG'] })
    expect(told(house.amazon)).toEqual(['MUG 9 -> 19'])
    expect(await readOnly(house, 30)).toBe(0)
    expect(told(house.amazon)).toEqual(['MUG 19 -> 29'])
  })

  it('holds each channel by its own orders', async () => {
    const house = await mugs(10)
    expect(await readOnly(house, 20)).toBe(1)
    await house.run.clock.advance(MINUTE)
    house.macys.pages = [new Error('not reached')]
    await house.run.db.run(`update cursors set at = ? where stream = 'pulled' and channel = 'mirakl-macys'`, [
      house.run.clock.now(),
    ])
    await house.rebalance()
    expect(await publications(house.run)).toEqual(['amazon-us MUG due 19/9', 'mirakl-macys MUG settled 19/19'])
  })
})
