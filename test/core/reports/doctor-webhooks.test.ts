import { describe, expect, it } from 'vitest'
import { writeCursor } from '../../../src/core/db/cursors.ts'
import { beginRun, endRun } from '../../../src/core/db/runs.ts'
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

  it('is at once that none is at work when the last was stopped or killed, though it said a moment ago that it works', async () => {
    const { run } = await aShelf(database)
    const now = run.clock.now()
    const looked = async () =>
      (
        await webhookChecks(run, undefined, { shipstation: undefined, isAlive: (_, pid) => (pid === 9 ? undefined : pid === 1) })
      )[0]
    await writeCursor(run.db, 'serve', 'alive', { at: now }, now)
    await beginRun(run.db, { id: 'one', command: 'serve', host: run.host, pid: 1 }, now)
    await beginRun(run.db, { id: 'killed', command: 'serve', host: run.host, pid: 2 }, now)
    expect(await looked()).toMatchObject({ ok: true })

    await endRun(run.db, 'one', { verdict: 'done', counts: {}, problems: [], calls: {} }, now)
    expect(await looked()).toMatchObject({ ok: false, fix: expect.stringContaining('start isync serve') })

    await beginRun(run.db, { id: 'elsewhere', command: 'serve', host: 'another', pid: 9 }, now)
    expect(await looked()).toMatchObject({ ok: true })
  })

  it('is that a server of this machine works by a configuration that was changed since, until it is started again', async () => {
    const { run } = await aShelf(database)
    const now = run.clock.now()
    await writeCursor(run.db, 'serve', 'alive', { at: now }, now)
    const looked = async (isAlive: boolean) =>
      (
        await webhookChecks(run, undefined, {
          shipstation: undefined,
          changedAt: now - 1_000,
          isAlive: (host) => (host === run.host ? isAlive : undefined),
        })
      )[0]
    await beginRun(run.db, { id: 'elsewhere', command: 'serve', host: 'another', pid: 1 }, now - 9_000)
    expect(await looked(true)).toMatchObject({ ok: true })

    await beginRun(run.db, { id: 'old', command: 'serve', host: run.host, pid: 2 }, now - 5_000)
    expect(await looked(false)).toMatchObject({ ok: true })
    expect(await looked(true)).toMatchObject({
      ok: false,
      detail: expect.stringContaining('does not know what was changed in the configuration'),
      fix: expect.stringMatching(/isync config:check.*restart/),
    })

    await endRun(run.db, 'old', { verdict: 'done', counts: {}, problems: [], calls: {} }, now)
    await beginRun(run.db, { id: 'new', command: 'serve', host: run.host, pid: 3 }, now)
    expect(await looked(true)).toMatchObject({ ok: true })
  })
})
