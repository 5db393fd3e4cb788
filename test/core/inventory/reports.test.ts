import { describe, expect, it } from 'vitest'
import { publicationLogOf } from '../../../src/core/db/publication-log.ts'
import { AuthError, PermanentError, RetryableError, ThrottledError } from '../../../src/core/errors.ts'
import type { QuantityReport } from '../../../src/core/ports/marketplace.ts'
import { MINUTE, SECOND } from '../../world/a-clock.ts'
import { databases } from '../../world/databases.ts'
import { aHouse, alerts, type House, publications, told } from './a-house.ts'

const call = { account: 'amazon-us', operation: 'report' } as const
const running: QuantityReport = { state: 'running', againInMs: 10 * SECOND }

describe.each(databases)('quantities whose report comes later, on $name', (database) => {
  /** Amazon has taken MUG and LAMP down to 3 and promised a report. */
  async function handedOver(): Promise<House> {
    const house = await aHouse(database, { LAMP: 10, MUG: 10 }, { inventory: { reportWaitMs: 0 } })
    await house.full()
    await house.run.clock.advance(MINUTE)
    for (const sku of ['LAMP', 'MUG']) house.stock.shelf.set(sku, 4)
    told(house.amazon)
    house.amazon.takes = () => ({ status: 'reported-later', report: 'feed-1' })
    house.amazon.reports = () => running
    const { published } = await house.full()
    expect(published?.channels[0]?.counts).toMatchObject({ handed_over: 2, accepted: 0, awaiting_report: 2 })
    expect(told(house.amazon)).toEqual(['LAMP 9 -> 3', 'MUG 9 -> 3'])
    await house.run.clock.advance(MINUTE)
    return house
  }

  async function amazonRows(house: House): Promise<string[]> {
    return (await publications(house.run))
      .filter((row) => row.startsWith('amazon-us'))
      .map((row) => row.slice('amazon-us '.length))
  }

  it('count as taken only when the report says so, one by one', async () => {
    const house = await handedOver()
    expect(await amazonRows(house)).toEqual(['LAMP reported 3/9', 'MUG reported 3/9'])
    await house.rebalance()
    expect(told(house.amazon)).toEqual([])
    house.amazon.reports = (_, sent) => ({
      state: 'done',
      outcomes: sent.map(({ sku }) =>
        sku === 'MUG' ? { status: 'accepted' } : { status: 'failed', error: new RetryableError('line 1: busy', call) },
      ),
    })
    await house.rebalance()
    expect(await amazonRows(house)).toEqual(['LAMP due 3/9', 'MUG settled 3/3'])
    const [entry] = (await publicationLogOf(house.run.db, 'MUG')).filter(({ report }) => report !== null)
    expect(entry).toMatchObject({ previous: 9, quantity: 3, outcome: 'accepted', report: 'feed-1' })
    house.amazon.takes = () => ({ status: 'accepted' })
    await house.run.clock.advance(MINUTE)
    await house.rebalance()
    expect(told(house.amazon)).toEqual(['LAMP 9 -> 3'])
  })

  it('are waited for as long as a run may', async () => {
    const house = await aHouse(database, { MUG: 10 })
    house.amazon.takes = () => ({ status: 'reported-later', report: 'feed-1' })
    let asked = 0
    house.amazon.reports = (_, sent) => {
      asked += 1
      return asked < 4 ? running : { state: 'done', outcomes: sent.map(() => ({ status: 'accepted' })) }
    }
    let seen = 0
    let over = false
    const full = house.full().finally(() => {
      over = true
    })
    while (!over) {
      await new Promise((resolve) => setImmediate(resolve))
      if (asked === seen) continue
      seen = asked
      await house.run.clock.advance(10 * SECOND)
    }
    expect((await full).published?.channels[0]?.counts).toMatchObject({ handed_over: 1, accepted: 1, awaiting_report: 0 })
    expect(asked).toBe(4)
  })

  it('are told again after the report when another number is wanted by then, which is not sent before', async () => {
    const house = await handedOver()
    house.stock.shelf.set('MUG', 0)
    await house.full()
    expect(told(house.amazon)).toEqual([])
    expect(await amazonRows(house)).toEqual(['LAMP reported 3/9', 'MUG reported 0/9'])
    house.amazon.reports = (_, sent) => ({ state: 'done', outcomes: sent.map(() => ({ status: 'accepted' })) })
    house.amazon.takes = () => ({ status: 'accepted' })
    await house.rebalance()
    expect(told(house.amazon)).toEqual(['MUG 3 -> 0'])
    expect(await amazonRows(house)).toEqual(['LAMP settled 3/3', 'MUG settled 0/0'])
  })

  it('are lowered in the same run when the report comes while it waits', async () => {
    const house = await handedOver()
    house.stock.shelf.set('MUG', 3)
    let asked = 0
    house.amazon.reports = (_, sent) => {
      asked += 1
      return asked === 1
        ? { state: 'running', againInMs: 0 }
        : { state: 'done', outcomes: sent.map(() => ({ status: 'accepted' })) }
    }
    house.amazon.takes = () => ({ status: 'accepted' })
    await house.full()
    expect(told(house.amazon)).toEqual(['MUG 3 -> 2'])
  })

  it('are not raised behind the guard by a report that comes while the run waits', async () => {
    const house = await handedOver()
    house.stock.shelf.set('MUG', 30)
    let asked = 0
    house.amazon.reports = (_, sent) => {
      asked += 1
      return asked === 1
        ? { state: 'running', againInMs: 0 }
        : { state: 'done', outcomes: sent.map(() => ({ status: 'accepted' })) }
    }
    house.amazon.takes = () => ({ status: 'accepted' })
    const { published } = await house.fullWithoutPull()
    expect(told(house.amazon)).toEqual([])
    expect(published?.channels[0]?.counts).toMatchObject({ accepted: 2, held: 1 })
  })

  it.each([new RetryableError('HTTP 500', call), new ThrottledError('slow down', { ...call, waitMs: MINUTE })])(
    'do not keep others from being sent while the report cannot be read: $kind',
    async (error) => {
      const house = await handedOver()
      house.stock.shelf.set('SOAP', 5)
      house.amazon.takes = () => ({ status: 'accepted' })
      let asked = 0
      house.amazon.reports = () => {
        asked += 1
        throw error
      }
      const { published } = await house.full()
      expect(asked).toBe(1)
      expect(told(house.amazon)).toEqual(['SOAP - -> 4'])
      expect(published?.channels[0]).toMatchObject({
        outcome: 'partly',
        errors: [{ why: expect.stringContaining(error.message) }],
      })
      expect(await amazonRows(house)).toEqual(['LAMP reported 3/9', 'MUG reported 3/9', 'SOAP settled 4/4'])
    },
  )

  it('stop the channel where our credentials are refused', async () => {
    const house = await handedOver()
    house.stock.shelf.set('SOAP', 5)
    house.amazon.reports = () => {
      throw new AuthError('401', call)
    }
    await house.full()
    expect(told(house.amazon)).toEqual([])
    expect(await alerts(house.run)).toEqual(['publish-failed amazon-us critical'])
  })

  it('are told again where the report can never be read', async () => {
    const house = await handedOver()
    house.amazon.reports = () => {
      throw new PermanentError('no such feed', { ...call, status: 404 })
    }
    house.amazon.takes = () => ({ status: 'accepted' })
    await house.rebalance()
    expect(await amazonRows(house)).toEqual(['LAMP due 3/9', 'MUG due 3/9'])
    await house.run.clock.advance(MINUTE)
    await house.rebalance()
    expect(told(house.amazon)).toEqual(['LAMP 9 -> 3', 'MUG 9 -> 3'])
  })
})
