import { afterEach, describe, expect, it } from 'vitest'
import { databases } from '../world/databases.ts'
import { carried, PLENTY, SWEPT, sweepStock, unsettled, untilShown } from '../world/stock-crash.ts'
import { openStockWorld, type StockWorld } from '../world/stock-world.ts'

let world: StockWorld

afterEach(async () => {
  await world.close()
})

describe.each(databases)('on $name, every boundary may be the last one of', (database) => {
  it.each([
    ['inventory:full', '', 40],
    ['inventory:full', 'feed_above: 1', 40],
    ['orders:pull', '', 20],
    ['inventory:rebalance --all', '', 30],
  ] as const)('%s (%s): every number comes right, every order line counts once', async (command, inventory, most) => {
    const config = inventory === '' ? { top: carried } : { top: carried, inventory }
    world = await openStockWorld(database, { count: SWEPT, stock: [PLENTY] }, { config })
    await world.runs(['inventory:full'])

    const { kills, places } = await sweepStock(world, command.split(' '))

    process.stdout.write(`${database.name}: ${command} ${inventory}: ${kills} kills (${[...places].sort().join(', ')})\n`)
    expect(await untilShown(world)).toEqual({ listed: 2 * SWEPT, wrong: [], trespasses: [], oversold: [] })
    expect(await unsettled(world)).toBe(0)
    expect(await world.alerts()).toEqual([])
    expect(kills).toBeGreaterThan(most)
  })
})
