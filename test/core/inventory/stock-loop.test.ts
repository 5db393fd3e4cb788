import { describe, expect, it } from 'vitest'
import { deltaStockRun, fullStockRun, rebalanceRun, type StockRunReport } from '../../../src/core/inventory/stock-runs.ts'
import { pullAndPublish } from '../../../src/core/orders/pull-and-publish.ts'
import { pullChannels } from '../../../src/core/orders/pull-channels.ts'
import { aChannel, aPage, type TestChannel } from '../../world/a-channel.ts'
import { MINUTE } from '../../world/a-clock.ts'
import { aRun, type TestRun } from '../../world/a-run.ts'
import { aStock, type TestStock } from '../../world/a-stock.ts'
import { aLine, anOrder } from '../../world/an-order.ts'
import { databases } from '../../world/databases.ts'

interface House {
  readonly run: TestRun
  readonly amazon: TestChannel
  readonly macys: TestChannel
  readonly stock: TestStock
  full(change?: { readonly overrideBrake?: boolean; readonly force?: boolean }): Promise<StockRunReport>
}

function told(channel: TestChannel): string[] {
  return channel.told.flatMap(({ batch }) =>
    batch.map(({ sku, previous, quantity }) => `${sku} ${previous ?? '-'} -> ${quantity}`),
  )
}

describe.each(databases)('the stock loop on $name', (database) => {
  async function aHouse(units: Readonly<Record<string, number | null>>): Promise<House> {
    const run = await aRun(database)
    const amazon = aChannel()
    const macys = aChannel({ channel: 'mirakl-macys', checksListings: false })
    const stock = aStock(run.clock, units)
    const connectors = [amazon, macys]
    for (const channel of connectors) channel.pages = [aPage([], { at: run.clock.now() })]
    return {
      run,
      amazon,
      macys,
      stock,
      full: (change = {}) =>
        fullStockRun(run, {
          connectors,
          source: stock,
          pullOrders: () => pullChannels(run, { connectors }),
          overrideBrake: false,
          force: false,
          ...change,
        }),
    }
  }

  it('tells every channel what is left after safety stock, once', async () => {
    const { full, amazon, macys } = await aHouse({ MUG: 10, LAMP: 1, SOAP: 0 })
    const first = await full()
    expect(first.verdict).toBe('done')
    expect(told(amazon).sort()).toEqual(['LAMP - -> 0', 'MUG - -> 9', 'SOAP - -> 0'])
    expect(told(macys).sort()).toEqual(['LAMP - -> 0', 'MUG - -> 9', 'SOAP - -> 0'])
    amazon.told.length = 0
    const second = await full()
    expect(second.published?.recomputed).toMatchObject({ skus: 3, changed: 0 })
    expect(told(amazon)).toEqual([])
  })

  it('deducts an order once, however often it is pulled, and tells both channels when little is left', async () => {
    const { run, full, amazon, macys } = await aHouse({ MUG: 4 })
    await full()
    await run.clock.advance(MINUTE)
    const order = anOrder('111-1', { lines: [aLine('L1', { sku: 'mug ', qty: 3 })] })
    amazon.pages = [aPage([order], { at: run.clock.now() })]
    amazon.told.length = 0
    macys.told.length = 0
    const connectors = [amazon, macys]
    for (let pull = 0; pull < 3; pull++) await pullAndPublish(run, { connectors }, connectors)
    expect(told(amazon)).toEqual(['MUG 3 -> 0'])
    expect(told(macys)).toEqual(['MUG 3 -> 0'])
  })

  it('does not raise a quantity before the orders of the channel were pulled', async () => {
    const { run, full, amazon, macys, stock } = await aHouse({ MUG: 4 })
    await full()
    await run.clock.advance(5 * MINUTE)
    stock.shelf.set('MUG', 20)
    amazon.told.length = 0
    macys.told.length = 0
    const report = await fullStockRun(run, {
      connectors: [amazon, macys],
      source: stock,
      pullOrders: async () => ({ channels: [], verdict: 'done' }),
      overrideBrake: false,
      force: false,
    })
    expect(report.published?.channels.map(({ counts }) => counts.held)).toEqual([1, 1])
    expect(told(amazon)).toEqual([])
    await run.clock.advance(MINUTE)
    const connectors = [amazon, macys]
    for (const channel of connectors) channel.pages = [aPage([], { at: run.clock.now() })]
    await pullAndPublish(run, { connectors }, connectors)
    expect(told(amazon)).toEqual(['MUG 3 -> 19'])
  })

  it('publishes nothing from an empty reading and lets one run pass on request', async () => {
    const { run, full, amazon, stock } = await aHouse({ MUG: 4 })
    await full()
    await run.clock.advance(MINUTE)
    amazon.told.length = 0
    stock.shelf.clear()
    const held = await full()
    expect(held.verdict).toBe('held')
    expect(held.reading?.brake?.why).toContain('not one item')
    expect(told(amazon)).toEqual([])
  })

  it('reads named SKUs anew, and refuses one that the source does not have', async () => {
    const { run, full, amazon, macys, stock } = await aHouse({ MUG: 9, LAMP: 5 })
    await full()
    await run.clock.advance(MINUTE)
    stock.shelf.set('MUG', 4)
    stock.shelf.set('LAMP', 2)
    amazon.told.length = 0
    const connectors = [amazon, macys]
    const pullOrders = () => pullChannels(run, { connectors })
    const request = { connectors, source: stock, pullOrders, overrideBrake: false, overlapMs: 0 }

    await deltaStockRun(run, { ...request, skus: ['MUG'] })
    expect(told(amazon)).toEqual(['MUG 8 -> 3'])
    expect(stock.asked.at(-1)).toBe('skus')

    await expect(deltaStockRun(run, { ...request, skus: ['MUG', 'GHOST'] })).rejects.toMatchObject({
      what: "unknown SKU 'GHOST'",
      exitCode: 2,
    })
  })

  it('rebalances only when it is time, and says when no stock is known', async () => {
    const { run, full, amazon, macys } = await aHouse({ MUG: 4 })
    const connectors = [amazon, macys]
    const rebalance = () =>
      rebalanceRun(run, { connectors, pullOrders: () => pullChannels(run, { connectors }), all: false, overrideBrake: false })
    expect((await rebalance()).idle).toContain('inventory:full')
    await full()
    expect((await rebalance()).published?.recomputed).toBeUndefined()
    await run.clock.advance(241 * MINUTE)
    expect((await rebalance()).published?.recomputed).toMatchObject({ skus: 1, changed: 0 })
  })
})
