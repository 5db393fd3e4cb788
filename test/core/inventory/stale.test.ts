import { describe, expect, it } from 'vitest'
import { RetryableError } from '../../../src/core/errors.ts'
import { DAY, HOUR } from '../../world/a-clock.ts'
import { databases } from '../../world/databases.ts'
import { aHouse, alerts } from './a-house.ts'

const STALE = 'stock-stale zoho critical'

describe.each(databases)('stock that was not read for long, on $name', (database) => {
  it('raises one alert at the limit, by pulls and rebalances alike, and a whole reading ends it', async () => {
    const house = await aHouse(database, { MUG: 10 })
    await house.full()
    await house.run.clock.advance(DAY - 1)
    await house.pull()
    await house.rebalance()
    expect(await alerts(house.run)).toEqual([])
    await house.run.clock.advance(1)
    await house.pull()
    expect(await alerts(house.run)).toEqual([STALE])
    await house.run.clock.advance(2 * HOUR)
    await house.rebalance()
    expect(await alerts(house.run)).toEqual([STALE])
    const [alert] = await house.run.db.rows<{ message: string; next: string }>('select message, next from alerts')
    expect(alert).toMatchObject({ message: expect.stringContaining('26 h ago'), next: expect.stringContaining('inventory:full') })
    await house.full()
    expect(await alerts(house.run)).toEqual([])
    await house.rebalance()
    expect(await alerts(house.run)).toEqual([])
  })

  it('is raised by a rebalance alone too', async () => {
    const house = await aHouse(database, { MUG: 10 })
    await house.full()
    await house.run.clock.advance(DAY)
    await house.rebalance()
    expect(await alerts(house.run)).toEqual([STALE])
  })

  it('is not made fresh by changes alone, nor by a reading that failed, was held, or ended short', async () => {
    const house = await aHouse(database, { MUG: 10 })
    await house.full()
    await house.run.clock.advance(DAY)
    await house.delta(['MUG'])
    house.stock.failAt = { page: 0, error: new RetryableError('HTTP 500', { account: 'zoho', operation: 'items' }) }
    await house.full()
    house.stock.failAt = undefined
    house.stock.end = { end: 'short' }
    await house.full()
    await house.full({ overrideBrake: true })
    await house.pull()
    expect(await alerts(house.run)).toContain(STALE)
    house.stock.end = { end: 'whole' }
    await house.full()
    expect(await alerts(house.run)).toEqual([])
  })

  it('says nothing where the stock was never read', async () => {
    const house = await aHouse(database, {})
    await house.run.clock.advance(30 * DAY)
    await house.pull()
    expect((await house.rebalance()).idle).toContain('inventory:full')
    expect(await alerts(house.run)).toEqual([])
  })

  it('is known from its place in the stream where the readings themselves are not at hand, as in a dry run', async () => {
    const house = await aHouse(database, { MUG: 10 })
    await house.full()
    await house.run.db.run('delete from stock_readings')
    await house.run.clock.advance(DAY - 1)
    await house.pull()
    expect(await alerts(house.run)).toEqual([])
    await house.run.clock.advance(1)
    await house.pull()
    expect(await alerts(house.run)).toEqual([STALE])
  })
})
