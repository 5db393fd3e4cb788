import { describe, expect, it } from 'vitest'
import { movementsOf } from '../../../src/core/db/movements.ts'
import type { NormalizedOrder, OrderLine } from '../../../src/core/model/order.ts'
import { storePage } from '../../../src/core/orders/store-order.ts'
import { HOUR, MINUTE, noon } from '../../world/a-clock.ts'
import { amazonUs, aRunOn, severalConnections, type TestRun } from '../../world/a-run.ts'
import { aLine, anOrder, aPoisonOrder } from '../../world/an-order.ts'
import { databases } from '../../world/databases.ts'
import { aHouse, type House, type HouseOptions, shadow, told, withInventory } from './a-house.ts'

/** One order with one line of MUG. Each version is a little younger than the one before. */
function mugs(qty: number, change: Partial<NormalizedOrder> & { readonly line?: Partial<OrderLine> } = {}): NormalizedOrder {
  const { line, ...order } = change
  return anOrder('111-1', { lines: [aLine('L1', { sku: 'MUG', qty, ...line })], ...order })
}

describe.each(databases)('the shadow stock on $name', (database) => {
  /** A stock of ten mugs, read and published a minute ago. */
  async function tenMugs(options: HouseOptions = {}): Promise<House> {
    const house = await aHouse(database, { MUG: 10 }, options)
    await house.full()
    await house.run.clock.advance(MINUTE)
    return house
  }

  async function movements({ run }: House): Promise<string[]> {
    return (await movementsOf(run.db, 'MUG')).map(({ delta, reason }) => `${reason} ${delta}`)
  }

  describe('an order', () => {
    it('is deducted once, however often it is pulled', async () => {
      const house = await tenMugs()
      for (let pull = 0; pull < 5; pull += 1) {
        await house.pull([mugs(3)])
        await house.run.clock.advance(MINUTE)
      }
      expect(await movements(house)).toEqual(['sold -3'])
      expect(await shadow(house.run, 'MUG')).toBe(7)
    })

    it('is deducted once when two processes store it in the same moment', async () => {
      const dbs = await severalConnections(database, 2)
      const runs = dbs.map((db, place) => aRunOn(db, { name: `p${place}` }))
      const page = { orders: [mugs(3)], poison: [], skipped: 0 }
      const ended = await Promise.allSettled(runs.map((run) => run.db.transaction((tx) => storePage(tx, run, amazonUs, page))))
      expect(ended.some(({ status }) => status === 'fulfilled')).toBe(true)
      expect((await movementsOf((runs[0] as TestRun).db, 'MUG')).map(({ delta }) => delta)).toEqual([-3])
    })

    it('is not deducted when its page was not stored, and once when it is pulled again', async () => {
      const house = await tenMugs()
      await expect(
        house.run.db.transaction(async (tx) => {
          await storePage(tx, house.run, amazonUs, { orders: [mugs(3)], poison: [], skipped: 0 })
          throw new Error('killed before the commit')
        }),
      ).rejects.toThrow('killed')
      expect(await shadow(house.run, 'MUG')).toBe(10)
      await house.pull([mugs(3)])
      expect(await shadow(house.run, 'MUG')).toBe(7)
    })

    it('takes the difference when its quantity changes', async () => {
      const house = await tenMugs()
      await house.pull([mugs(3)])
      await house.run.clock.advance(MINUTE)
      await house.pull([mugs(5, { updatedAt: noon })])
      expect(await shadow(house.run, 'MUG')).toBe(5)
      await house.pull([mugs(1, { updatedAt: noon + 1 })])
      expect(await shadow(house.run, 'MUG')).toBe(9)
      expect(await movements(house)).toEqual(['sold -3', 'sold -2', 'given-back 2', 'given-back 2'])
    })

    it('gives back what a line held that is no longer in it', async () => {
      const house = await tenMugs()
      const other = aLine('L2', { sku: 'MUG', qty: 4 })
      await house.pull([mugs(3, { lines: [aLine('L1', { sku: 'MUG', qty: 3 }), other] })])
      expect(await shadow(house.run, 'MUG')).toBe(3)
      await house.pull([mugs(3, { lines: [other], updatedAt: noon })])
      expect(await shadow(house.run, 'MUG')).toBe(6)
    })

    it('moves to another SKU when its line does', async () => {
      const house = await aHouse(database, { MUG: 10, LAMP: 10 })
      await house.full()
      await house.run.clock.advance(MINUTE)
      await house.pull([mugs(3)])
      await house.pull([mugs(4, { line: { sku: 'LAMP' }, updatedAt: noon })])
      expect([await shadow(house.run, 'MUG'), await shadow(house.run, 'LAMP')]).toEqual([10, 6])
    })

    it('finds its SKU under another case and with blanks, unless two could be meant', async () => {
      const house = await aHouse(database, { MUG: 10, 'Lamp 1': 10, 'LAMP 1': 10 })
      await house.full()
      await house.run.clock.advance(MINUTE)
      await house.pull([
        mugs(3, {
          lines: [
            aLine('L1', { sku: '  mUg ', qty: 3 }),
            aLine('L2', { sku: 'lamp 1', qty: 2 }),
            aLine('L3', { sku: 'LAMP 1', qty: 1 }),
            aLine('L4', { sku: ' ', qty: 1 }),
          ],
        }),
      ])
      expect(await Promise.all(['MUG', 'Lamp 1', 'LAMP 1'].map((sku) => shadow(house.run, sku)))).toEqual([7, 10, 9])
    })

    it('gives back under the spelling that it was taken under, though the stock has another one by then', async () => {
      const house = await aHouse(database, { LAMP: 5 }, { inventory: { carry: 'open_orders' } })
      await house.full()
      await house.run.clock.advance(MINUTE)
      await house.pull([mugs(3, { line: { sku: 'mug ' } })])
      await house.run.clock.advance(MINUTE)
      house.stock.shelf.set('MUG', 10)
      await house.full()
      await house.run.clock.advance(MINUTE)
      await house.pull([mugs(3, { status: 'cancelled', updatedAt: noon, line: { sku: 'mug ' } })])
      expect(await shadow(house.run, 'MUG')).toBe(10)
    })

    it('takes nothing when the marketplace ships it, and gives back when the marketplace takes it over', async () => {
      const house = await tenMugs()
      await house.pull([mugs(3, { fulfilledBy: 'marketplace' })])
      expect(await movements(house)).toEqual([])
      const second = (change: Partial<NormalizedOrder>) => ({ ...mugs(2, change), externalOrderId: '111-2' })
      await house.pull([second({})])
      await house.pull([second({ fulfilledBy: 'marketplace', updatedAt: noon })])
      expect(await shadow(house.run, 'MUG')).toBe(10)
    })

    it('takes nothing when it had left before it was first seen', async () => {
      const house = await tenMugs()
      await house.pull([mugs(3, { status: 'shipped', line: { qtyShipped: 3, qtyToShip: 0 } })])
      expect(await movements(house)).toEqual([])
    })

    it('that could not be read takes nothing, and its units once it can be', async () => {
      const house = await tenMugs()
      await house.run.db.transaction((tx) =>
        storePage(tx, house.run, amazonUs, { orders: [], poison: [aPoisonOrder('111-1')], skipped: 0 }),
      )
      expect(await shadow(house.run, 'MUG')).toBe(10)
      await house.pull([mugs(3, { updatedAt: noon })])
      expect(await shadow(house.run, 'MUG')).toBe(7)
    })

    it('that can no longer be read keeps its units', async () => {
      const house = await tenMugs()
      await house.pull([mugs(3)])
      await house.run.db.transaction((tx) =>
        storePage(tx, house.run, amazonUs, { orders: [], poison: [aPoisonOrder('111-1')], skipped: 0 }),
      )
      expect(await shadow(house.run, 'MUG')).toBe(7)
    })
  })

  describe('a cancellation', () => {
    it('before shipping gives back once', async () => {
      const house = await tenMugs()
      await house.pull([mugs(3)])
      for (let pull = 0; pull < 3; pull += 1) {
        await house.pull([mugs(3, { status: 'cancelled', updatedAt: noon + pull })])
        await house.run.clock.advance(MINUTE)
      }
      expect(await movements(house)).toEqual(['sold -3', 'given-back 3'])
    })

    it('of some units gives those back', async () => {
      const house = await tenMugs()
      await house.pull([mugs(5)])
      await house.pull([mugs(2, { updatedAt: noon })])
      expect(await shadow(house.run, 'MUG')).toBe(8)
    })

    it('gives back only what had not left: by the channel, by what it said before, and by the packages', async () => {
      const house = await tenMugs()
      await house.pull([mugs(5)])
      await house.pull([mugs(5, { status: 'cancelled', updatedAt: noon, line: { qtyShipped: 2 } })])
      expect(await shadow(house.run, 'MUG')).toBe(8)

      const second = (qty: number, change: Partial<NormalizedOrder> & { readonly line?: Partial<OrderLine> } = {}) => ({
        ...mugs(qty, change),
        externalOrderId: '111-2',
      })
      await house.pull([second(4, { status: 'partially_shipped', line: { qtyShipped: 1, qtyToShip: 3 } })])
      expect(await shadow(house.run, 'MUG')).toBe(4)
      await house.pull([second(0, { status: 'cancelled', updatedAt: noon })])
      expect(await shadow(house.run, 'MUG')).toBe(7)

      const third = (change: Partial<NormalizedOrder>) => ({ ...mugs(3, change), externalOrderId: '111-3' })
      await house.pull([third({})])
      const [order] = await house.run.db.rows<{ id: string }>(`select id from orders where external_order_id = '111-3'`)
      await house.run.db.run(`update orders set push_state = 'pushed' where external_order_id = '111-3'`)
      await house.run.db.run(
        'insert into shipments (id, number, source, tracking_number, carrier_code, created_at, shipped_at, is_return, state, seen_at) values (?, 1, ?, ?, ?, 1, 1, 0, ?, 1)',
        ['s1', 'shipment', '9400', 'usps', 'matched'],
      )
      await house.run.db.run(
        'insert into shipment_lines (shipment_id, order_id, external_line_id, quantity) values (?, ?, ?, ?)',
        ['s1', order?.id ?? '', 'L1', 2],
      )
      await house.pull([third({ status: 'cancelled', updatedAt: noon })])
      expect(await shadow(house.run, 'MUG')).toBe(5)
    })

    it('after shipping gives nothing back, in whatever way it is told', async () => {
      const house = await tenMugs()
      const shipped = { status: 'shipped', line: { qtyShipped: 3, qtyToShip: 0 } } as const
      await house.pull([mugs(3)])
      await house.pull([mugs(3, { ...shipped, updatedAt: noon })])
      expect(await shadow(house.run, 'MUG')).toBe(7)
      await house.pull([mugs(0, { status: 'cancelled', updatedAt: noon + 1 })])
      expect(await shadow(house.run, 'MUG')).toBe(7)
      const second = (change: Partial<NormalizedOrder>) => ({ ...mugs(2, change), externalOrderId: '111-2' })
      await house.pull([second({})])
      await house.pull([second({ status: 'shipped', updatedAt: noon })])
      await house.pull([second({ status: 'shipped', lines: [], updatedAt: noon + 1 })])
      expect(await shadow(house.run, 'MUG')).toBe(5)
    })

    it('puts a SKU that was sold out on sale again before the pull ends', async () => {
      const house = await tenMugs()
      await house.pull([mugs(10)])
      expect(told(house.amazon)).toEqual(['MUG - -> 9', 'MUG 9 -> 0'])
      await house.pull([mugs(10, { status: 'cancelled', updatedAt: noon })])
      expect(told(house.amazon)).toEqual(['MUG 0 -> 9'])
    })
  })

  describe('a pending order', () => {
    const pending = { status: 'pending', line: { qtyToShip: 0 } } as const

    it('reserves at once, keeps its units when it becomes shippable, and gives them back when it is cancelled', async () => {
      const house = await tenMugs()
      await house.pull([mugs(3, pending)])
      expect(await shadow(house.run, 'MUG')).toBe(7)
      await house.pull([mugs(3, { updatedAt: noon })])
      expect(await movements(house)).toEqual(['sold -3'])
      await house.pull([mugs(3, { status: 'cancelled', updatedAt: noon + 1 })])
      expect(await shadow(house.run, 'MUG')).toBe(10)
    })

    it('reserves nothing with the setting off, until it may ship', async () => {
      const house = await tenMugs({ inventory: { reservePending: false } })
      await house.pull([mugs(3, pending)])
      expect(await shadow(house.run, 'MUG')).toBe(10)
      await house.pull([mugs(3, { updatedAt: noon })])
      expect(await shadow(house.run, 'MUG')).toBe(7)
    })

    it('follows a setting that changed since: neither twice nor never', async () => {
      const house = await tenMugs()
      const { db, clock } = house.run
      const without = aRunOn(db, { name: 'off', clock, settings: withInventory({ reservePending: false }) })
      await house.pull([mugs(3, pending)])
      await house.pull([mugs(3, { ...pending, updatedAt: noon, notes: 'gift' })], without)
      expect(await shadow(house.run, 'MUG')).toBe(10)
      await house.pull([mugs(3, { updatedAt: noon + 1 })], without)
      expect(await shadow(house.run, 'MUG')).toBe(7)
      await house.pull([mugs(3, { status: 'cancelled', updatedAt: noon + 2 })])
      expect(await shadow(house.run, 'MUG')).toBe(10)
    })
  })

  describe('between two readings of the stock', () => {
    it('an order seen before the reading began is in its number already; one seen after that counts on top', async () => {
      const house = await tenMugs()
      await house.pull([mugs(3)])
      await house.run.clock.advance(MINUTE)
      house.stock.shelf.set('MUG', 7)
      house.stock.perPage = 1
      house.stock.shelf.set('LAMP', 5)
      // The page with the mugs has been read; the list is not at its end.
      house.stock.between = async (page) => {
        if (page !== 1) return
        await house.run.clock.advance(MINUTE)
        await house.pull([{ ...mugs(2), externalOrderId: '111-2' }])
      }
      await house.fullWithoutPull()
      expect(await shadow(house.run, 'MUG')).toBe(5)
    })

    it('a give-back counts only where its sale does', async () => {
      const house = await tenMugs()
      await house.pull([mugs(3)])
      await house.run.clock.advance(MINUTE)
      await house.full()
      expect(await shadow(house.run, 'MUG')).toBe(10)
      await house.run.clock.advance(MINUTE)
      await house.pull([mugs(5, { updatedAt: noon })])
      expect(await shadow(house.run, 'MUG')).toBe(8)
      // The two come back, for they were taken after the reading. What the reading knew of the three is its own affair.
      await house.pull([mugs(5, { status: 'cancelled', updatedAt: noon + 1 })])
      expect(await shadow(house.run, 'MUG')).toBe(10)
    })

    it('carry open_orders: an order lowers every new number until it has shipped and the stock was read after that', async () => {
      const house = await tenMugs({ inventory: { carry: 'open_orders' } })
      await house.pull([mugs(3)])
      await house.run.clock.advance(HOUR)
      await house.full()
      expect(await shadow(house.run, 'MUG')).toBe(7)
      await house.run.clock.advance(HOUR)
      await house.pull([mugs(3, { status: 'shipped', updatedAt: noon + HOUR, line: { qtyShipped: 3, qtyToShip: 0 } })])
      expect(await shadow(house.run, 'MUG')).toBe(7)
      await house.run.clock.advance(HOUR)
      house.stock.shelf.set('MUG', 7)
      await house.full()
      expect(await shadow(house.run, 'MUG')).toBe(7)
    })

    it('carry open_orders: what a cancelled order took and gave back comes to nothing', async () => {
      const house = await tenMugs({ inventory: { carry: 'open_orders' } })
      await house.pull([mugs(3)])
      await house.run.clock.advance(HOUR)
      await house.full()
      await house.run.clock.advance(HOUR)
      await house.pull([mugs(3, { status: 'cancelled', updatedAt: noon + HOUR })])
      expect(await shadow(house.run, 'MUG')).toBe(10)
      await house.run.clock.advance(HOUR)
      await house.full()
      expect(await shadow(house.run, 'MUG')).toBe(10)
    })
  })
})
