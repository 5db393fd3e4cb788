import { describe, expect, it } from 'vitest'
import { doctorReport } from '../../../src/core/reports/doctor.ts'
import { aChannel } from '../../world/a-channel.ts'
import { DAY } from '../../world/a-clock.ts'
import { amazonUs } from '../../world/a-run.ts'
import { aShipment } from '../../world/a-shipment.ts'
import { aShipping } from '../../world/a-shipping.ts'
import { anItem, aStock } from '../../world/a-stock.ts'
import { aLine, anOrder } from '../../world/an-order.ts'
import { databases } from '../../world/databases.ts'
import { aShelf, type Shelf } from '../tracking/shelf.ts'

describe.each(databases)('what the doctor finds in our own books on $name', (database) => {
  async function checks({ run }: Shelf, check: string, carriers: readonly string[] = []) {
    const channels = new Map([['amazon-us', { ...amazonUs, carriers }]])
    const settings = { ...run.settings, channels }
    const shipping = { ...aShipping(), stores: async () => [{ storeId: 20002, name: 'Amazon', manual: true, active: true }] }
    const stock = aStock(run.clock, { 'SKU-L1': 5 })
    const report = await doctorReport({ ...run, settings }, shipping, stock, [aChannel()])
    return report.checks.filter((one) => one.check === check)
  }

  /** As a reading of the stock leaves it. */
  async function inStock({ run }: Shelf, sku: string): Promise<void> {
    const { itemId } = anItem(sku)
    await run.db.run(
      `insert into stock (sku, sku_key, item_id, name, state, available, fields, read_at, reading_id, changed_at)
       values (?, ?, ?, 'x', 'tracked', 5, '{}', 0, 'r', 0)`,
      [sku, sku.toLowerCase(), itemId],
    )
  }

  it('is nothing where nothing was sold or shipped', async () => {
    const shelf = await aShelf(database)
    expect(await checks(shelf, 'carriers')).toEqual([])
    expect(await checks(shelf, 'skus')).toEqual([])
    expect(await checks(shelf, 'shipstation store')).toMatchObject([{ ok: true }])
  })

  it('names carriers that go to the channel as other, and the two places that mend it', async () => {
    const shelf = await aShelf(database)
    await shelf.place(anOrder('A-1'), anOrder('A-2'))
    await shelf.take(aShipment(1, { carrierCode: 'fast_bikes' }), aShipment(2, { shipStationOrderId: 5002 }))

    expect(await checks(shelf, 'carriers')).toEqual([
      {
        channel: 'amazon-us',
        check: 'carriers',
        ok: false,
        detail: "told as 'other', which a channel may refuse, for 1 package(s): fast_bikes",
        fix: 'say what they are in shipstation.carriers (for all channels), or as this one calls them in channels.amazon-us.carriers',
      },
    ])
    expect(await checks(shelf, 'carriers', ['fast_bikes'])).toMatchObject([{ ok: true, detail: '2 in use, all known' }])
  })

  it('names SKUs that sell and that the stock source does not know, with an order that has a line without one', async () => {
    const shelf = await aShelf(database)
    await shelf.place(
      anOrder('A-1', { lines: [aLine('L1'), aLine('L2', { sku: 'STRANGE/1' })] }),
      anOrder('A-2', { lines: [aLine('L1', { sku: ' sku-l1' }), aLine('L2', { sku: '' })] }),
      anOrder('A-0', { lines: [aLine('L9', { sku: 'LONG-AGO' })], createdAt: shelf.run.clock.now() - 31 * DAY }),
    )
    await inStock(shelf, 'SKU-L1')

    const [found] = await checks(shelf, 'skus')
    expect(found).toMatchObject({ channel: 'amazon-us', ok: false })
    expect(found?.detail).toBe('1 sold that the stock source does not know: STRANGE/1; lines without a SKU, as in order A-2')
    expect(found?.fix).toContain('Zoho')
  })

  it('says so where every SKU that sells is known', async () => {
    const shelf = await aShelf(database)
    await shelf.place(anOrder('A-1'))
    await inStock(shelf, 'SKU-L1')
    expect(await checks(shelf, 'skus')).toMatchObject([{ ok: true, detail: "1 sold, all in stock's books" }])
  })
})
