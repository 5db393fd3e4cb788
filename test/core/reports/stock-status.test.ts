import { describe, expect, it } from 'vitest'
import { PermanentError } from '../../../src/core/errors.ts'
import { statusReport } from '../../../src/core/reports/status.ts'
import { MINUTE } from '../../world/a-clock.ts'
import { databases } from '../../world/databases.ts'
import { aHouse } from '../inventory/a-house.ts'

describe.each(databases)('how the stock stands on $name', (database) => {
  it('is nothing before the first reading', async () => {
    const { run } = await aHouse(database, { MUG: 10 })
    const { stock, ok } = await statusReport(run.db, ['amazon-us'], () => undefined, run.clock.now())
    expect([stock, ok]).toEqual([null, true])
  })

  it('counts what is settled, unlisted, given up and waiting, channel by channel, and names the last reading', async () => {
    const { run, amazon, full, fullWithoutPull, stock } = await aHouse(database, { MUG: 10, LAMP: 5, SOAP: 3, VASE: null })
    amazon.lists = (sku) => (sku === 'LAMP' ? { sku, listed: false } : { sku, listed: true, fulfilment: 'seller' })
    const facts = { account: 'amazon-us', operation: 'patchListingsItem' }
    amazon.takes = ({ sku }) =>
      sku === 'SOAP' ? { status: 'failed', error: new PermanentError('refused: 8541', facts) } : { status: 'accepted' }
    await full()
    await run.clock.advance(MINUTE)
    stock.shelf.set('MUG', 20)
    await fullWithoutPull()

    const report = await statusReport(run.db, ['amazon-us', 'mirakl-macys'], () => undefined, run.clock.now())

    expect(report.stock).toMatchObject({
      skus: { tracked: 3 },
      readings: [{ kind: 'full', items: 4, changed: 1, verdict: 'counted' }],
      channels: [
        { channel: 'amazon-us', settled: 0, held: 1, unlisted: 1, dead: 1, due: 0 },
        { channel: 'mirakl-macys', settled: 2, held: 1, unlisted: 0, dead: 0, due: 0 },
      ],
    })
    expect(report.ok).toBe(false)
    expect(report.channels.map(({ channel }) => channel)).toEqual(['amazon-us', 'mirakl-macys', 'zoho'])
  })

  it('is well again when what was given up has been tried again', async () => {
    const { run, amazon, full, rebalance } = await aHouse(database, { SOAP: 3 })
    const facts = { account: 'amazon-us', operation: 'patchListingsItem' }
    amazon.takes = () => ({ status: 'failed', error: new PermanentError('refused: 8541', facts) })
    await full()
    amazon.takes = () => ({ status: 'accepted' })

    await rebalance()
    expect((await statusReport(run.db, [], () => undefined, run.clock.now())).stock?.channels[0]).toMatchObject({
      channel: 'amazon-us',
      dead: 1,
    })
    await rebalance({ givenUp: true })

    const report = await statusReport(run.db, [], () => undefined, run.clock.now())
    expect(report.stock?.channels[0]).toMatchObject({ dead: 0, settled: 1 })
    expect([report.alerts, report.ok]).toEqual([[], true])
  })
})
