import { afterEach, describe, expect, it } from 'vitest'
import { auditStock } from '../world/auditor-stock.ts'
import { NEXT_CRON } from '../world/crash.ts'
import { databases } from '../world/databases.ts'
import { carried, PLENTY, quiet, SWEPT, sweepStock, unsettled, untilShown } from '../world/stock-crash.ts'
import { openStockWorld, SETTLED, type StockWorld, skuNo } from '../world/stock-world.ts'

let world: StockWorld

afterEach(async () => {
  await world.close()
})

describe.each(databases)('on $name, a number', { timeout: 240_000 }, (database) => {
  const first = database.name === 'sqlite'

  // stock-crash.long.test.ts takes all boundaries of all commands, on both.
  it.runIf(!first)('comes right after a kill -9 at boundaries of orders:pull, and every order line counts once', async () => {
    world = await openStockWorld(database, { count: SWEPT, stock: [PLENTY] }, { config: { top: carried } })
    await world.runs(['inventory:full'])

    const { kills } = await sweepStock(world, ['orders:pull'], { from: 3, step: 30 })

    expect(await untilShown(world)).toEqual({ listed: 2 * SWEPT, wrong: [], trespasses: [], oversold: [] })
    expect(await unsettled(world)).toBe(0)
    expect(await world.alerts()).toEqual([])
    expect(kills).toBeGreaterThan(0)
  })

  it.runIf(first)(
    'is told once more, and no more, when the process dies with the answer of a patch or a stock file in its hands',
    async () => {
      world = await openStockWorld(database, { count: 6, stock: [20] })
      const { isync, clock, sandbox, runs, setStock } = world
      await runs(['inventory:full'])
      for (const [n, place] of ['call:patchListingsItem:after', 'call:STO01:after'].entries()) {
        // Something new for both channels: the one may have been told before the process died at the other.
        setStock({ [skuNo(1)]: 25 + n })
        expect((await isync(['inventory:full'], { ISYNC_FAULT: place })).signal, place).toBe('SIGKILL')
        clock.advance(NEXT_CRON)
      }
      await quiet(world, ['inventory:rebalance'])
      clock.advance(SETTLED)

      expect(auditStock(sandbox)).toMatchObject({ wrong: [] })
      expect(await unsettled(world)).toBe(0)
    },
  )

  it.runIf(!first)('is not lost with a feed or a stock file whose report the dead process was waiting for', async () => {
    world = await openStockWorld(database, { count: 6, stock: [20] }, { config: { inventory: 'feed_above: 1' } })
    const { isync, clock, sandbox } = world
    for (const place of ['call:createFeed:after', 'call:getFeed:before', 'call:STO02:before', 'call:getFeedDocument:after']) {
      await isync(['inventory:full'], { ISYNC_FAULT: place })
      clock.advance(NEXT_CRON)
    }
    expect(await untilShown(world)).toEqual({ listed: 12, wrong: [], trespasses: [], oversold: [] })
    expect(await unsettled(world)).toBe(0)
    expect(auditStock(sandbox).wrong).toEqual([])
  })
})
