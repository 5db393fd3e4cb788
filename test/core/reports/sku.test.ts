import { describe, expect, it } from 'vitest'
import { setSetting } from '../../../src/core/inventory/settings-change.ts'
import { type SkuReport, skuReport } from '../../../src/core/reports/sku.ts'
import { MINUTE } from '../../world/a-clock.ts'
import { aLine, anOrder } from '../../world/an-order.ts'
import { databases } from '../../world/databases.ts'
import { aHouse } from '../inventory/a-house.ts'

/** A channel's chain in words: what happened, and the number it came to. */
function chain({ history }: SkuReport): string[] {
  return history.map(({ what, channel, detail }) => [what, channel, detail].filter((part) => part !== null).join(' | '))
}

describe.each(databases)('the story of one SKU on $name', (database) => {
  async function aStory() {
    const house = await aHouse(database, { MUG: 10 })
    const { run } = house
    const began = run.clock.now()
    await house.full()
    await run.clock.advance(10 * MINUTE)
    await house.pull([anOrder('111-1', { lines: [aLine('L1', { sku: 'MUG', qty: 4 })] })])
    await run.clock.advance(10 * MINUTE)
    await setSetting(run, 'channels.amazon-us.ratio', '0.5')
    await run.clock.advance(MINUTE)
    await house.rebalance({ all: true })
    await run.clock.advance(10 * MINUTE)
    return { ...house, began }
  }

  it('is told from the first number to the last, each with what caused it', async () => {
    const { run } = await aStory()

    const report = await skuReport(run, 'MUG')

    expect(report).toMatchObject({ sku: 'MUG', state: 'tracked', available: 10, deducted: 4, shadow: 6 })
    expect(report?.channels.map(({ channel, published, wanted, state }) => [channel, published, wanted, state])).toEqual([
      ['amazon-us', 2, 2, 'settled'],
      ['mirakl-macys', 5, 5, 'settled'],
    ])
    expect(report?.channels[0]?.why).toMatchObject({ available: 10, moved: -4, safety_stock: 1, base: 5, ratio: '0.5', raw: 2 })
    expect(report?.allocation.map(({ channel, final, why }) => [channel, final, why])).toEqual([
      [
        'amazon-us',
        2,
        [
          'available 10 (Zoho available_stock), 4 deducted since for 1 order: 6',
          'safety stock 1 (default) leaves 5',
          expect.stringMatching(/^ratio 0\.5 \(channels\.amazon-us\.ratio, set by cron.*\) gives 2\.5, rounded down to 2/),
        ],
      ],
      ['mirakl-macys', 5, expect.arrayContaining(['safety stock 1 (default) leaves 5'])],
    ])
    expect(chain(report as SkuReport)).toEqual([
      'stock read | Zoho told 10 for the first time',
      expect.stringMatching(
        /^published \| (amazon-us|mirakl-macys) \| nothing -> 9: accepted; 10 in Zoho, safety stock 1, ratio 1$/,
      ),
      expect.stringMatching(
        /^published \| (amazon-us|mirakl-macys) \| nothing -> 9: accepted; 10 in Zoho, safety stock 1, ratio 1$/,
      ),
      'order | amazon-us | 111-1 took 4',
      "setting | set channels.amazon-us.ratio: the file's -> 0.5",
      expect.stringMatching(/^published \| .* \| 9 -> \d: accepted; 10 in Zoho, 4 deducted for orders, safety stock 1, ratio/),
      expect.stringMatching(/^published \| .* \| 9 -> \d: accepted; 10 in Zoho, 4 deducted for orders, safety stock 1, ratio/),
    ])
  })

  it('can be told as it stood at any time before', async () => {
    const { run, began } = await aStory()

    const beforeTheOrder = await skuReport(run, 'MUG', began + 5 * MINUTE)
    expect(beforeTheOrder).toMatchObject({ available: 10, deducted: 0, shadow: 10, allocation: [] })
    expect(beforeTheOrder?.channels.map(({ published }) => published)).toEqual([9, 9])
    expect(beforeTheOrder?.history).toHaveLength(3)

    const afterTheOrder = await skuReport(run, 'MUG', began + 15 * MINUTE)
    expect(afterTheOrder).toMatchObject({ available: 10, deducted: 4, shadow: 6 })
    expect(afterTheOrder?.channels.map(({ published }) => published)).toEqual([9, 9])

    const beforeAnything = await skuReport(run, 'MUG', began - MINUTE)
    expect(beforeAnything).toMatchObject({ state: 'not read yet', available: null, shadow: null, history: [] })
    expect(beforeAnything?.channels.map(({ published }) => published)).toEqual([null, null])
  })

  it('says what a quantity waits for, and of settings only those that bear on it', async () => {
    const { run, stock, fullWithoutPull } = await aStory()
    await setSetting(run, 'skus.MUG.safety_stock', '0')
    stock.shelf.set('LAMP', 3)
    stock.shelf.set('MUG', 30)
    await run.clock.advance(MINUTE)
    await fullWithoutPull()
    await setSetting(run, 'skus.LAMP.safety_stock', '2')

    const report = await skuReport(run, 'MUG')

    expect(report?.channels[0]).toMatchObject({
      published: 2,
      wanted: 15,
      state: 'due',
      note: expect.stringMatching(/^waits: .*pulled/),
    })
    const settings = report?.history.filter(({ what }) => what === 'setting').map(({ detail }) => detail)
    expect(settings).toEqual([
      expect.stringContaining('channels.amazon-us.ratio'),
      expect.stringContaining('skus.MUG.safety_stock'),
    ])
  })

  it('is unknown where no reading has shown the SKU, also in another spelling', async () => {
    const { run } = await aStory()
    expect(await skuReport(run, 'mug')).toBeUndefined()
    expect(await skuReport(run, 'GHOST')).toBeUndefined()
  })
})
