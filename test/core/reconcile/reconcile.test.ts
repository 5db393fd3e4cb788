import { describe, expect, it } from 'vitest'
import { openAlerts } from '../../../src/core/db/alerts.ts'
import { AuthError, PermanentError, RetryableError } from '../../../src/core/errors.ts'
import { pushOrders } from '../../../src/core/orders/push-orders.ts'
import { reconcile } from '../../../src/core/reconcile/reconcile.ts'
import { aPage } from '../../world/a-channel.ts'
import { DAY, MINUTE, noon } from '../../world/a-clock.ts'
import { aRun, aRunOn } from '../../world/a-run.ts'
import { aLine, anOrder } from '../../world/an-order.ts'
import { orderRow, taskList } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'
import { Desk, open } from './desk.ts'

const numbered = (count: number, prefix: string) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`)

describe.each(databases)('a reconciliation, on $name,', (database) => {
  const desk = new Desk(database)

  it('finds nothing where every open order is in ShipStation', async () => {
    await desk.given()
    await desk.pushed(anOrder('A-1'))
    desk.amazon.open = [[open('A-1')]]
    const report = await desk.reconciled()

    expect(report).toMatchObject({ verdict: 'done', findings: [] })
    expect(report.summary).toMatchObject([
      { channel: 'amazon-us', open: 1, mapped: 1, missing: 0, severity: 'none' },
      { channel: 'mirakl-macys', open: 0 },
    ])
    expect(desk.shipping.sent).toHaveLength(1)
  })

  it('pulls and pushes an order that the pull never saw, says so, and takes the alert back when all is well', async () => {
    await desk.given()
    desk.amazon.open = [[open('A-1')]]
    desk.amazon.pages = [aPage([anOrder('A-1')], { at: noon })]
    const report = await desk.reconciled()

    expect(desk.shipping.sent.map(({ order }) => order.externalOrderId)).toEqual(['A-1'])
    expect(report.summary[0]).toMatchObject({
      missing: 1,
      missingPct: 100,
      severity: 'critical',
      repaired: [{ externalOrderId: 'A-1' }],
      left: [],
    })
    expect(report.verdict).toBe('done')
    expect(await desk.findings()).toEqual(['repaired critical missing amazon-us A-1'])
    expect(await openAlerts(desk.run.db)).toMatchObject([
      {
        rule: 'missing-orders',
        channel: 'amazon-us',
        severity: 'critical',
        message: expect.stringContaining('1 of 1 open orders (100 %)'),
      },
    ])

    expect((await desk.reconciled()).findings).toEqual([])
    expect(await openAlerts(desk.run.db)).toEqual([])
    expect(desk.shipping.sent).toHaveLength(1)
  })

  it('asks for open orders of the window that are old enough', async () => {
    await desk.given()
    await desk.reconciled({ windowMs: 3 * DAY })
    const now = desk.run.clock.now()
    expect(desk.amazon.windows).toEqual([{ from: now - 3 * DAY, until: now - 15 * MINUTE }])
  })

  it('counts an order that stands on two pages once', async () => {
    await desk.given()
    desk.amazon.open = [
      [open('A-1'), open('A-2')],
      [open('A-2'), open('A-3')],
    ]
    const { summary } = await desk.reconciled({ remedy: false })
    expect(summary[0]).toMatchObject({ open: 3, missing: 3 })
  })

  it('only reports where nothing is to be repaired', async () => {
    await desk.given()
    await desk.stored(anOrder('A-1'))
    desk.amazon.open = [[open('A-1'), open('A-2')]]
    const report = await desk.reconciled({ remedy: false })

    expect(desk.shipping.sent).toEqual([])
    expect(report.verdict).toBe('partly')
    expect(await desk.findings()).toEqual(['open critical missing amazon-us A-2', 'open critical not-pushed amazon-us A-1'])
    expect((await desk.about('missing'))?.next).toBe('isync orders:pull --channel amazon-us --order A-2')
    expect((await desk.about('not-pushed'))?.next).toBe('isync retry --order A-1 --kind push')
  })

  it('keeps a finding with its age until a run does not find it any more', async () => {
    await desk.given()
    desk.amazon.open = [[open('A-1')]]
    await desk.reconciled({ remedy: false })
    const first = await desk.about('missing')
    await desk.reconciled({ remedy: false }, 30 * MINUTE)
    expect(await desk.about('missing')).toMatchObject({
      id: first?.id,
      opened_at: first?.opened_at,
      last_seen_at: desk.run.clock.now(),
    })

    desk.amazon.open = [[]]
    await desk.reconciled({ remedy: false })
    expect(await desk.findings()).toEqual([])
    expect(await desk.run.db.rows('select state from findings')).toEqual([{ state: 'gone' }])
  })

  it('pushes an order again that was given up because ShipStation was away, and leaves one that it refused', async () => {
    await desk.given()
    desk.shipping.answer = ({ order }) => ({
      status: 'failed',
      error:
        order.externalOrderId === 'A-1'
          ? new RetryableError('no answer', { account: 'shipstation', operation: 'createorders' })
          : new PermanentError('bad country', { account: 'shipstation', operation: 'createorders' }),
    })
    await desk.stored(anOrder('A-1'), anOrder('A-2'))
    for (let tries = 0; tries < 6; tries++) {
      await pushOrders(desk.run, desk.shipping)
      await desk.run.clock.advance(10 * MINUTE)
    }
    expect(await taskList(desk.run.db)).toEqual(expect.arrayContaining(['push amazon-us:A-1 dead', 'push amazon-us:A-2 dead']))

    desk.shipping.answer = desk.stores
    desk.amazon.open = [[open('A-1'), open('A-2')]]
    await desk.reconciled()
    expect(await orderRow(desk.run.db, 'A-1')).toMatchObject({ push_state: 'pushed' })
    expect(await orderRow(desk.run.db, 'A-2')).toMatchObject({ push_state: 'failed' })
    expect(await desk.findings()).toEqual([
      'open critical not-pushed amazon-us A-2',
      'repaired critical not-pushed amazon-us A-1',
    ])
  })

  it('reads an order again that waits here and may ship there, and does not call it missing', async () => {
    await desk.given()
    await desk.stored(anOrder('A-1', { status: 'pending', shipTo: null }))
    desk.amazon.open = [[open('A-1')]]
    desk.amazon.pages = [aPage([anOrder('A-1', { updatedAt: noon })], { at: noon })]
    const { summary } = await desk.reconciled()

    expect(summary[0]).toMatchObject({ open: 0, missing: 0, severity: 'none' })
    expect(desk.shipping.sent).toHaveLength(1)
  })

  it.each([
    ['the marketplace makes the label of', { flags: ['no_label'] }],
    ['the marketplace ships', { fulfilledBy: 'marketplace' }],
    ['has nothing left to ship', { lines: [aLine('L1', { qtyToShip: 0 })] }],
  ] as const)('does not miss an order that %s, though its list has it', async (_, change) => {
    await desk.given()
    await desk.stored(anOrder('A-1', change))
    desk.amazon.open = [[open('A-1'), open('A-2')]]
    desk.amazon.pages = [aPage([anOrder('A-2', change)], { at: noon })]
    const { summary } = await desk.reconciled()

    // The unknown one was missing until it was read.
    expect(summary[0]).toMatchObject({ open: 1, missing: 1, left: [] })
    expect(desk.shipping.sent).toEqual([])
    expect((await desk.reconciled()).summary[0]).toMatchObject({ open: 0, missing: 0, severity: 'none' })
  })

  it('does not miss the second copy of an order', async () => {
    await desk.given()
    await desk.pushed(anOrder('A-1'))
    await desk.run.db.run(`update orders set twin_of = 'rithum/1', shipstation_order_id = null, push_state = 'none'`)
    desk.amazon.open = [[open('A-1')]]
    expect((await desk.reconciled()).summary[0]).toMatchObject({ open: 1, mapped: 1, missing: 0 })
  })

  it('repairs no more than it may', async () => {
    await desk.given({ settings: { reconcile: { ...(await aRun(database)).settings.reconcile, maxRepairs: 2 } } })
    const ids = numbered(5, 'A')
    desk.amazon.open = [ids.map((id) => open(id))]
    desk.amazon.pages = [
      aPage(
        ids.map((id) => anOrder(id)),
        { at: noon },
      ),
    ]
    expect((await desk.reconciled()).summary[0]).toMatchObject({ missing: 5, repaired: { length: 2 }, left: { length: 3 } })
    expect((await desk.reconciled()).summary[0]).toMatchObject({ missing: 3, repaired: { length: 2 }, left: { length: 1 } })
  })

  it('tells which orders are still open at the channel though all of it was told, once enough time has passed', async () => {
    await desk.given()
    await desk.pushed(anOrder('A-1'))
    await desk.run.db.run(`update orders set status = 'shipped', shipped_at = ?`, [desk.run.clock.now()])
    desk.amazon.open = [[open('A-1')]]
    await desk.reconciled({}, 60 * MINUTE)
    expect(await desk.findings()).toEqual([])
    await desk.reconciled({}, 90 * MINUTE)
    expect(await desk.findings()).toEqual(['open warning still-open amazon-us A-1'])
  })

  it('reads an order again whose units or amount are others at the channel', async () => {
    await desk.given()
    await desk.pushed(anOrder('A-1'), anOrder('A-2'), anOrder('A-3'))
    desk.amazon.open = [
      [open('A-1', { unitsToShip: 2 }), open('A-2', { total: { minor: 99, currency: 'USD' } }), open('A-3', { unitsToShip: 1 })],
    ]
    desk.amazon.pages = [aPage([anOrder('A-1', { lines: [aLine('L1', { qty: 2 })], updatedAt: noon })], { at: noon })]
    await desk.reconciled()
    expect([...(await desk.findings())].sort()).toEqual([
      'open warning differs amazon-us A-1',
      'open warning differs amazon-us A-2',
    ])
    const details = (await desk.rows()).map(({ detail }) => detail)
    expect(details).toContain('units to ship at the channel 2, here 1')

    await desk.reconciled()
    expect(await desk.findings()).toEqual(['open warning differs amazon-us A-2'])
  })

  it('goes on without a channel that fails, and closes nothing of it', async () => {
    await desk.given()
    desk.amazon.open = [[open('A-1')]]
    desk.mirakl.open = [[open('M-1')]]
    await desk.reconciled({ remedy: false })
    desk.amazon.open = [new AuthError('401', { account: 'amazon-us', operation: 'searchOrders' })]
    desk.mirakl.open = [[]]
    const report = await desk.reconciled({ remedy: false })

    expect(report.verdict).toBe('partly')
    expect(report.channels).toMatchObject([
      { outcome: 'down', errors: [{ next: 'isync doctor --channel amazon-us' }] },
      { outcome: 'done' },
      { outcome: 'done' },
    ])
    expect(await desk.findings()).toEqual(['open critical missing amazon-us A-1'])
  })

  it('looks at the channels it was asked for only', async () => {
    await desk.given()
    desk.mirakl.open = [[open('M-1')]]
    const { summary } = await desk.reconciled({ channels: ['amazon-us'] })
    expect(summary.map(({ channel }) => channel)).toEqual(['amazon-us'])
    expect(desk.mirakl.windows).toEqual([])
  })

  it('is done by one run at a time', async () => {
    await desk.given()
    const begun = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const slow = {
      ...desk.amazon,
      async *listOpenOrders() {
        begun.resolve()
        await goOn.promise
        yield []
      },
    }
    const first = reconcile(desk.run, { connectors: [slow], shipping: desk.shipping, windowMs: DAY, remedy: true })
    await begun.promise
    const other = aRunOn(desk.run.db, { name: 'other', clock: desk.run.clock })
    const second = await reconcile(other, { connectors: [desk.amazon], shipping: desk.shipping, windowMs: DAY, remedy: true })
    goOn.resolve()

    expect(second).toMatchObject({ verdict: 'done', channels: [{ outcome: 'held elsewhere' }] })
    expect((await first).channels[0]?.outcome).toBe('done')
    expect(desk.amazon.windows).toEqual([])
  })
})
