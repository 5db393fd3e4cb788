import { afterEach, expect, it } from 'vitest'
import { auditStock } from '../world/auditor-stock.ts'
import { toldOn } from '../world/databases.ts'
import { openStockWorld, SETTLED, type StockDocument, type StockWorld, skuNo } from '../world/stock-world.ts'

let world: StockWorld

afterEach(async () => {
  await world.close()
})

/** In the fast suite on one database; stock-no-role.long.test.ts tells it on both. */
for (const database of toldOn('postgres')) {
  it(`an app without the role for listings: orders come in and Mirakl is told all the same, with ${database.name}`, async () => {
    world = await openStockWorld(database, { count: 4, stock: [10] })
    const { sandbox, runs, isync, alerts, buy, clock } = world
    const body = { errors: [{ code: 'Unauthorized', message: 'Access to requested resource is denied.', details: '' }] }
    sandbox.addFault({ vendor: 'amazon', kind: 'status', status: 403, times: 99, match: { path: '^/listings/' }, body })

    const { channels } = (await runs(['inventory:full'], 3)).json<StockDocument>()

    expect(channels.map(({ channel, outcome }) => `${channel} ${outcome}`)).toEqual(['amazon-us down', 'mirakl-macys done'])
    expect(await alerts()).toMatchObject([
      { rule: 'publish-failed', channel: 'amazon-us', severity: 'critical', message: expect.stringMatching(/Product Listing/) },
    ])
    const order = buy('amazon', skuNo(1), 2)
    clock.advance(SETTLED)
    const pulled = (await isync(['orders:pull', '--channel', 'amazon-us', '--json'])).json<{
      readonly channels: readonly { readonly counts: { readonly new: number } }[]
    }>()
    expect(pulled.channels[0]?.counts.new).toBe(1)
    await runs(['orders:push-shipstation'])
    expect(JSON.stringify(sandbox.books('shipstation'))).toContain(order)

    sandbox.clearFaults()
    await runs(['inventory:rebalance', '--all'])
    expect(auditStock(sandbox)).toMatchObject({ wrong: [], oversold: [] })
    expect(await alerts()).toEqual([])
  })
}
