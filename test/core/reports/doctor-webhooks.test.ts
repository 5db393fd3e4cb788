import { describe, expect, it } from 'vitest'
import { writeCursor } from '../../../src/core/db/cursors.ts'
import { webhookChecks } from '../../../src/core/reports/webhook-checks.ts'
import { aShipping } from '../../world/a-shipping.ts'
import { databases } from '../../world/databases.ts'
import { aShelf } from '../tracking/shelf.ts'

const address = {
  base: 'https://hooks.example.com/webhooks/shipstation',
  tokens: ['the-token-of-today', 'the-token-of-yesterday'],
}

describe.each(databases)('what the doctor says of webhooks on $name', (database) => {
  it('is nothing where nobody is to send any', async () => {
    const { run } = await aShelf(database)
    expect(await webhookChecks(run, aShipping(), undefined)).toEqual([])
  })

  it('is whether a server takes them, and which ShipStation does not send', async () => {
    const { run } = await aShelf(database)
    const shipping = aShipping()
    await shipping.subscribeWebhook(
      { event: 'SHIP_NOTIFY', targetUrl: `${address.base}/the-token-of-today`, shownUrl: '', name: '' },
      run.signal,
    )
    expect(await webhookChecks(run, shipping, { shipstation: address })).toMatchObject([
      { channel: 'serve', ok: false, detail: 'isync serve never ran on this database' },
      { ok: false, detail: 'ShipStation does not tell of FULFILLMENT_SHIPPED', fix: 'isync webhooks:subscribe' },
    ])

    await shipping.subscribeWebhook(
      { event: 'FULFILLMENT_SHIPPED', targetUrl: `${address.base}/the-token-of-today`, shownUrl: '', name: '' },
      run.signal,
    )
    await writeCursor(run.db, 'serve', 'alive', { at: run.clock.now() - 60_000 }, run.clock.now())
    const checks = await webhookChecks(run, shipping, { shipstation: address })
    expect(checks).toMatchObject([{ ok: true }, { ok: true, detail: 'ShipStation tells of every package' }])
    expect(JSON.stringify(checks)).not.toContain('the-token-of')
  })
})
