import { describe, expect, it } from 'vitest'
import { publicationLogOf } from '../../../src/core/db/publication-log.ts'
import { wantQuantities } from '../../../src/core/db/publications.ts'
import {
  AuthError,
  PermanentError,
  RefusedByDryRun,
  RetryableError,
  StoppedError,
  ThrottledError,
} from '../../../src/core/errors.ts'
import type { StockRunReport } from '../../../src/core/inventory/stock-runs.ts'
import type { Listing } from '../../../src/core/model/stock.ts'
import { DAY, MINUTE, SECOND } from '../../world/a-clock.ts'
import { aRunOn } from '../../world/a-run.ts'
import { databases } from '../../world/databases.ts'
import { aHouse, alerts, type House, type HouseOptions, publications, told } from './a-house.ts'

const call = { account: 'amazon-us', operation: 'patch' } as const

function countsOf({ published }: Pick<StockRunReport, 'published'>, channel = 'amazon-us'): Record<string, number> {
  const counts = published?.channels.find((one) => one.channel === channel)?.counts
  return Object.fromEntries(Object.entries(counts ?? {}).filter(([, count]) => count > 0))
}

describe.each(databases)('telling a channel its quantities on $name', (database) => {
  /** Stock that was published a minute ago. */
  async function anOpenHouse(units: Readonly<Record<string, number>>, options: HouseOptions = {}): Promise<House> {
    const house = await aHouse(database, units, options)
    await house.full()
    await house.run.clock.advance(MINUTE)
    for (const channel of [house.amazon, house.macys]) told(channel)
    return house
  }

  async function amazonRows(house: House): Promise<string[]> {
    return (await publications(house.run))
      .filter((row) => row.startsWith('amazon-us'))
      .map((row) => row.slice('amazon-us '.length))
  }

  async function history(house: House, sku: string): Promise<string[]> {
    const log = await publicationLogOf(house.run.db, sku)
    return log
      .filter(({ channel }) => channel === 'amazon-us')
      .map(({ previous, quantity, outcome }) => `${previous ?? '-'} -> ${quantity} ${outcome}`)
  }

  it('begins with what is sold out, then what goes down, then what goes up', async () => {
    const house = await anOpenHouse({ A: 10, B: 10, C: 10, D: 10 })
    house.amazon.quantityPlan = () => ({ way: 'patch', batch: 1 })
    for (const [sku, units] of Object.entries({ A: 20, B: 5, C: 30, D: 0 })) house.stock.shelf.set(sku, units)
    await house.full()
    expect(told(house.amazon)).toEqual(['D 9 -> 0', 'B 9 -> 4', 'A 9 -> 19', 'C 9 -> 29'])
  })

  describe('a listing', () => {
    it('is looked at before its first write: what the channel ships itself or does not have is never written', async () => {
      const house = await aHouse(database, { FBA: 5, GONE: 5, MUG: 5, SPREAD: 5 })
      const listings: Record<string, Listing> = {
        FBA: { sku: 'FBA', listed: true, fulfilment: 'marketplace' },
        GONE: { sku: 'GONE', listed: false },
        SPREAD: { sku: 'SPREAD', listed: true, fulfilment: 'locations' },
      }
      house.amazon.lists = (sku) => listings[sku] ?? { sku, listed: true, fulfilment: 'seller', productType: 'CUP' }
      const report = await house.full()
      expect(countsOf(report)).toEqual({ accepted: 1, unlisted: 1, not_ours: 2 })
      expect(house.amazon.told.flatMap(({ batch }) => batch)).toMatchObject([{ sku: 'MUG', quantity: 4, productType: 'CUP' }])
      expect(await amazonRows(house)).toEqual(['FBA not-ours 4/-', 'GONE unlisted 4/-', 'MUG settled 4/4', 'SPREAD not-ours 4/-'])
    })

    it('that cannot be looked at keeps its quantity from being written', async () => {
      const house = await aHouse(database, { MUG: 5 })
      const { describeListings } = house.amazon
      house.amazon.describeListings = () => Promise.reject(new RetryableError('HTTP 500', call))
      expect((await house.full()).verdict).toBe('partly')
      expect(told(house.amazon)).toEqual([])
      if (describeListings !== undefined) house.amazon.describeListings = describeListings
      await house.rebalance()
      expect(told(house.amazon)).toEqual(['MUG - -> 4'])
    })

    it('that nobody has looked at is not written either when it becomes due while others are being sent', async () => {
      const house = await anOpenHouse({ MUG: 10 })
      house.amazon.quantityPlan = () => ({ way: 'patch', batch: 1 })
      house.stock.shelf.set('MUG', 4)
      house.amazon.takes = () => ({ status: 'accepted' })
      const { updateQuantities } = house.amazon
      house.amazon.updateQuantities = async (batch, way, signal) => {
        // Another process finds a new item, and that a known one is sold out.
        const rows = ['NEW', 'ZERO'].map((sku, wanted) => ({ channel: 'amazon-us', sku, wanted: 1 - wanted, why: '{}' }))
        await wantQuantities(house.run.db, rows, 'other', house.run.clock.now())
        return updateQuantities(batch, way, signal)
      }
      await house.full()
      expect(told(house.amazon)).toEqual(['MUG 9 -> 3'])
      await house.rebalance()
      expect(told(house.amazon)).toEqual(['ZERO - -> 0', 'NEW - -> 1'])
    })

    it.each(['unlisted', 'not-ours'] as const)(
      'that turned out %s is left alone until a look some time later finds it',
      async (status) => {
        const house = await anOpenHouse({ MUG: 10 })
        house.macys.takes = () => ({ status, detail: 'no such offer' })
        house.macys.lists = (sku) => ({ sku, listed: false })
        house.stock.shelf.set('MUG', 4)
        expect(await house.full()).toMatchObject({ verdict: 'done' })
        expect(told(house.macys)).toEqual(['MUG 9 -> 3'])
        house.macys.takes = () => ({ status: 'accepted' })
        await house.run.clock.advance(DAY - MINUTE)
        house.stock.shelf.set('MUG', 6)
        await house.full()
        await house.run.clock.advance(2 * MINUTE)
        await house.full()
        expect(told(house.macys)).toEqual([])
        house.macys.lists = (sku) => ({ sku, listed: true, fulfilment: 'seller' })
        await house.run.clock.advance(DAY + MINUTE)
        await house.full()
        expect(told(house.macys)).toEqual(['MUG 9 -> 5'])
        expect(await publications(house.run)).toContain('mirakl-macys MUG settled 5/5')
      },
    )
  })

  describe('a quantity that is not taken', () => {
    it('fails alone, is tried again later and later, and is given up with an alert; naming it revives it', async () => {
      const house = await anOpenHouse({ LAMP: 10, MUG: 10 })
      house.amazon.takes = ({ sku }) =>
        sku === 'MUG' ? { status: 'failed', error: new RetryableError('try later', call) } : { status: 'accepted' }
      for (const sku of ['LAMP', 'MUG']) house.stock.shelf.set(sku, 4)
      const first = await house.full()
      expect(first).toMatchObject({ verdict: 'partly' })
      expect(countsOf(first)).toEqual({ accepted: 1, failed: 1 })
      expect(first.published?.channels[0]?.errors).toMatchObject([
        { what: 'quantity of MUG', next: expect.stringContaining('later run') },
      ])
      expect(told(house.amazon)).toEqual(['LAMP 9 -> 3', 'MUG 9 -> 3'])
      for (const delay of [30, 60]) {
        await house.run.clock.advance(delay * SECOND - 1)
        await house.rebalance()
        expect(told(house.amazon), `before ${delay} s`).toEqual([])
        await house.run.clock.advance(1)
        await house.rebalance()
        expect(told(house.amazon), `after ${delay} s`).toEqual(['MUG 9 -> 3'])
      }
      expect(await alerts(house.run)).toEqual([])
      await house.run.clock.advance(120 * SECOND)
      expect(countsOf(await house.rebalance())).toEqual({ refused: 1 })
      expect(await alerts(house.run)).toEqual(['publish-dead amazon-us warning'])
      expect(await amazonRows(house)).toEqual(['LAMP settled 3/3', 'MUG dead 3/9'])
      await house.run.clock.advance(DAY / 2)
      house.amazon.takes = () => ({ status: 'accepted' })
      told(house.amazon)
      await house.rebalance()
      expect(told(house.amazon)).toEqual([])
      await house.rebalance({ skus: ['MUG'] })
      expect(told(house.amazon)).toEqual(['MUG 9 -> 3'])
      expect(await alerts(house.run)).toEqual([])
      expect(await history(house, 'MUG')).toEqual([
        '- -> 9 accepted',
        ...Array.from({ length: 3 }, () => '9 -> 3 failed'),
        '9 -> 3 refused',
        '9 -> 3 accepted',
      ])
    })

    it('for good is given up at once, and a new number is a new try', async () => {
      const house = await anOpenHouse({ MUG: 10 })
      house.amazon.takes = () => ({ status: 'failed', error: new PermanentError('no', call) })
      house.stock.shelf.set('MUG', 4)
      await house.full()
      expect(await amazonRows(house)).toEqual(['MUG dead 3/9'])
      house.amazon.takes = () => ({ status: 'accepted' })
      await house.run.clock.advance(MINUTE)
      house.stock.shelf.set('MUG', 3)
      await house.full()
      expect(await amazonRows(house)).toEqual(['MUG settled 2/2'])
      expect(await alerts(house.run)).toEqual([])
    })

    it('though another number is wanted by then is no alarm: the new one is sent with all its tries', async () => {
      const house = await anOpenHouse({ MUG: 10 })
      house.stock.shelf.set('MUG', 4)
      const { updateQuantities } = house.amazon
      house.amazon.updateQuantities = async (batch, way, signal) => {
        house.amazon.updateQuantities = updateQuantities
        await wantQuantities(
          house.run.db,
          [{ channel: 'amazon-us', sku: 'MUG', wanted: 0, why: '{}' }],
          'other',
          house.run.clock.now(),
        )
        await updateQuantities(batch, way, signal)
        return batch.map(() => ({ status: 'failed', error: new PermanentError('no', call) }))
      }
      await house.full()
      expect(told(house.amazon)).toEqual(['MUG 9 -> 3', 'MUG 9 -> 0'])
      expect(await alerts(house.run)).toEqual([])
    })

    it('but may have arrived is not undone by silence when the old number is wanted again', async () => {
      const house = await anOpenHouse({ MUG: 4 })
      house.stock.shelf.set('MUG', 20)
      // The answer is lost; the channel shows 19.
      house.amazon.fail = new RetryableError('cut', { ...call, outcomeUnknown: true })
      await house.full()
      expect(told(house.amazon)).toEqual(['MUG 3 -> 19'])
      await house.run.clock.advance(MINUTE)
      house.stock.shelf.set('MUG', 4)
      await house.full()
      expect(told(house.amazon)).toEqual(['MUG 3 -> 3'])
      expect(await amazonRows(house)).toEqual(['MUG settled 3/3'])
    })

    it('is not looped on when the connector forgets to answer', async () => {
      const house = await anOpenHouse({ MUG: 10 })
      house.stock.shelf.set('MUG', 4)
      house.amazon.updateQuantities = async () => []
      await expect(house.full()).rejects.toThrow('told 1 quantities, heard of 0')
    })
  })

  describe('an account that', () => {
    async function failing(error: Error): Promise<{ house: House; report: StockRunReport }> {
      const house = await anOpenHouse({ A: 10, B: 10 })
      house.amazon.quantityPlan = () => ({ way: 'patch', batch: 1 })
      for (const sku of ['A', 'B']) house.stock.shelf.set(sku, 4)
      house.amazon.fail = error
      return { house, report: await house.full() }
    }

    it('is throttled waits as told, spends no try, raises no alert and stops nobody else', async () => {
      const { house, report } = await failing(new ThrottledError('slow down', { ...call, waitMs: 7 * MINUTE }))
      expect(report).toMatchObject({ verdict: 'partly' })
      expect(told(house.amazon)).toEqual(['A 9 -> 3'])
      expect(told(house.macys).sort()).toEqual(['A 9 -> 3', 'B 9 -> 3'])
      expect(await alerts(house.run)).toEqual([])
      const [row] = await house.run.db.rows(
        `select attempts, next_attempt_at from publications where channel = 'amazon-us' and sku = 'A'`,
      )
      expect(row).toEqual({ attempts: 0, next_attempt_at: house.run.clock.now() + 7 * MINUTE })
      await house.run.clock.advance(7 * MINUTE)
      await house.rebalance()
      expect(told(house.amazon)).toEqual(['A 9 -> 3', 'B 9 -> 3'])
    })

    it('refuses our credentials is left at once, with a critical alert that ends when it works again', async () => {
      const { house, report } = await failing(new AuthError('401', call))
      expect(report.published?.channels).toMatchObject([{ channel: 'amazon-us', outcome: 'down' }, { outcome: 'done' }])
      expect(told(house.amazon)).toEqual(['A 9 -> 3'])
      expect(await alerts(house.run)).toEqual(['publish-failed amazon-us critical'])
      await house.run.clock.advance(10 * MINUTE)
      await house.rebalance()
      expect(told(house.amazon)).toEqual(['A 9 -> 3', 'B 9 -> 3'])
      expect(await alerts(house.run)).toEqual([])
    })

    it('does not answer is left at once, with a warning, and tried again', async () => {
      const { house } = await failing(new RetryableError('HTTP 503', call))
      expect(told(house.amazon)).toEqual(['A 9 -> 3'])
      expect(await alerts(house.run)).toEqual(['publish-failed amazon-us warning'])
      await house.run.clock.advance(MINUTE)
      await house.rebalance()
      expect(told(house.amazon)).toEqual(['A 9 -> 3', 'B 9 -> 3'])
      expect(await alerts(house.run)).toEqual([])
    })
  })

  describe('processes', () => {
    it('two at once send nothing twice: the second finds the channel taken', async () => {
      const house = await anOpenHouse({ A: 10, B: 10, C: 10 })
      house.amazon.quantityPlan = () => ({ way: 'patch', batch: 1 })
      for (const sku of ['A', 'B', 'C']) house.stock.shelf.set(sku, 4)
      house.amazon.fail = new ThrottledError('slow down', { ...call, waitMs: MINUTE })
      await house.full()
      await house.run.clock.advance(MINUTE)
      told(house.amazon)
      const other = aRunOn(house.run.db, { name: 'other', clock: house.run.clock })
      const second: StockRunReport[] = []
      const { updateQuantities } = house.amazon
      house.amazon.updateQuantities = async (batch, way, signal) => {
        house.amazon.updateQuantities = updateQuantities
        second.push(await house.rebalance({ by: other }))
        return updateQuantities(batch, way, signal)
      }
      expect(countsOf(await house.rebalance())).toEqual({ accepted: 3 })
      expect(told(house.amazon)).toEqual(['A 9 -> 3', 'B 9 -> 3', 'C 9 -> 3'])
      expect(second[0]).toMatchObject({
        verdict: 'done',
        // The first may still have its other channel in hand as well, with nothing to tell it.
        published: { channels: [{ outcome: 'held elsewhere' }, { outcome: expect.stringMatching(/^(done|held elsewhere)$/) }] },
      })
    })

    it('one that is killed while it sends leaves its quantities to the next, once its lease has run out', async () => {
      const house = await anOpenHouse({ MUG: 10 })
      house.stock.shelf.set('MUG', 4)
      house.amazon.takes = () => {
        throw new Error('killed')
      }
      await expect(house.full()).rejects.toThrow('killed')
      expect(await amazonRows(house)).toEqual(['MUG sending 3/9'])
      house.amazon.takes = () => ({ status: 'accepted' })
      told(house.amazon)
      await house.rebalance()
      expect(told(house.amazon)).toEqual([])
      await house.run.clock.advance(2 * MINUTE + 1)
      await house.rebalance()
      expect(told(house.amazon)).toEqual(['MUG 9 -> 3'])
      expect(await amazonRows(house)).toEqual(['MUG settled 3/3'])
    })

    it('one that is told to stop sends no further batch and leaves the rest due', async () => {
      const house = await anOpenHouse({ A: 10, B: 10 })
      house.amazon.quantityPlan = () => ({ way: 'patch', batch: 1 })
      for (const sku of ['A', 'B']) house.stock.shelf.set(sku, 4)
      house.amazon.takes = () => {
        house.run.stop()
        return { status: 'accepted' }
      }
      await house.full()
      expect(told(house.amazon)).toEqual(['A 9 -> 3'])
      expect(await amazonRows(house)).toEqual(['A settled 3/3', 'B due 3/9'])
    })

    it('one whose connector stops by itself does not go on with the next batch', async () => {
      const house = await anOpenHouse({ A: 10, B: 10 })
      house.amazon.quantityPlan = () => ({ way: 'patch', batch: 1 })
      for (const sku of ['A', 'B']) house.stock.shelf.set(sku, 4)
      house.amazon.fail = new StoppedError('no time left')
      expect(await house.full()).toMatchObject({ verdict: 'partly' })
      expect(told(house.amazon)).toEqual(['A 9 -> 3'])
      expect(await amazonRows(house)).toEqual(['A due 3/9', 'B due 3/9'])
      expect(await alerts(house.run)).toEqual([])
    })

    it('one that writes nothing plans each quantity once', async () => {
      const house = await anOpenHouse({ A: 10, B: 10 })
      for (const sku of ['A', 'B']) house.stock.shelf.set(sku, 4)
      house.amazon.takes = () => {
        throw new RefusedByDryRun('planned')
      }
      expect(countsOf(await house.full())).toEqual({ accepted: 2 })
      expect(told(house.amazon)).toEqual(['A 9 -> 3', 'B 9 -> 3'])
    })
  })

  it('sends everything once more on request', async () => {
    const house = await anOpenHouse({ A: 10, B: 0 })
    await house.full({ force: true })
    expect(told(house.amazon)).toEqual(['B 0 -> 0', 'A 9 -> 9'])
  })
})
