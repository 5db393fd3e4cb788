import { beforeEach, describe, expect, it } from 'vitest'
import { retryCandidates, retryTasks } from '../../../src/core/dispatch.ts'
import { loadRuleBook } from '../../../src/core/inventory/rules.ts'
import { setSetting, unsetSetting } from '../../../src/core/inventory/settings-change.ts'
import { pauseChannel, resumeChannel } from '../../../src/core/inventory/settings-pausing.ts'
import { pullChannels } from '../../../src/core/orders/pull-channels.ts'
import { pushAll } from '../../../src/core/orders/push-channels.ts'
import { statusReport } from '../../../src/core/reports/status.ts'
import { syncTracking } from '../../../src/core/tracking/sync-tracking.ts'
import { aChannel, aPage, type TestChannel } from '../../world/a-channel.ts'
import { HOUR, MINUTE, noon } from '../../world/a-clock.ts'
import type { TestRun } from '../../world/a-run.ts'
import { aShipment } from '../../world/a-shipment.ts'
import type { TestShipping } from '../../world/a-shipping.ts'
import { anOrder } from '../../world/an-order.ts'
import { taskList } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'
import { aShelf, type Shelf } from '../tracking/shelf.ts'

describe.each(databases)('a channel that is paused, on $name', (database) => {
  let shelf: Shelf
  let run: TestRun
  let shipping: TestShipping
  let amazon: TestChannel
  let macys: TestChannel

  beforeEach(async () => {
    shelf = await aShelf(database)
    run = shelf.run
    shipping = shelf.shipping
    amazon = aChannel()
    macys = aChannel({ channel: 'mirakl-macys' })
  })

  const connectors = () => [amazon, macys]
  const pull = () => pullChannels(run, { connectors: connectors() })
  const outcomes = (channels: readonly { readonly channel: string; readonly outcome: string }[]) =>
    Object.fromEntries(channels.map(({ channel, outcome }) => [channel, outcome]))

  /** One order of each channel, pulled. */
  async function twoOrders(): Promise<void> {
    amazon.pages = [aPage([anOrder('A-1')], { at: noon })]
    macys.pages = [aPage([anOrder('M-1', { channel: 'mirakl-macys' })], { at: noon })]
    await pull()
  }

  it.each(['orders', 'all'] as const)('%s: its orders are not read, which is no failure; the others are', async (part) => {
    await pauseChannel(run, 'amazon-us', [part])
    await twoOrders()

    const report = await pull()

    expect(outcomes(report.channels)).toEqual({ 'amazon-us': 'paused', 'mirakl-macys': 'done' })
    expect(report.verdict).toBe('done')
    expect(report.channels[0]?.paused).toBe(`${part} (by cron, since 2026-03-02T12:00:00.000Z)`)
    expect(amazon.listedFrom).toEqual([])
    expect(await taskList(run.db)).toEqual(['push mirakl-macys:M-1 pending'])
    expect(run.logged).toContainEqual({
      level: 'info',
      message: 'channel is paused and left alone',
      fields: { channel: 'amazon-us', step: 'orders:pull', paused: expect.stringMatching(/^(orders|all) /) },
    })
  })

  it('inventory: its orders are read and pushed as ever', async () => {
    await pauseChannel(run, 'amazon-us', ['inventory'])
    await twoOrders()
    expect(outcomes((await pushAll(run, shipping, [])).channels)).toEqual({ shipstation: 'done' })
    expect(shipping.sent).toHaveLength(2)
    expect((await loadRuleBook(run)).channels).toEqual(['mirakl-macys'])
  })

  it('orders: none of its orders is accepted', async () => {
    macys.pages = [aPage([anOrder('M-1', { channel: 'mirakl-macys', status: 'awaiting_acceptance' })], { at: noon })]
    macys.fail = new Error('must not be asked')
    await pauseChannel(run, 'mirakl-macys', ['orders'])
    await pull()
    expect(macys.acknowledged).toEqual([])
    macys.fail = undefined
    await resumeChannel(run, 'mirakl-macys')
    await pull()
    expect(macys.acknowledged).toEqual(['M-1'])
  })

  it('orders: what is due stays due, and goes out after the pause', async () => {
    await twoOrders()
    await pauseChannel(run, 'amazon-us', ['orders'])

    const report = await pushAll(run, shipping, [])

    expect(outcomes(report.channels)).toEqual({ shipstation: 'done', 'amazon-us': 'paused' })
    expect(report.verdict).toBe('done')
    expect(shipping.sent.map(({ order }) => order.externalOrderId)).toEqual(['M-1'])
    expect((await taskList(run.db)).toSorted()).toEqual(['push amazon-us:A-1 pending', 'push mirakl-macys:M-1 done'])

    expect(outcomes((await pushAll(run, shipping, [], { channel: 'amazon-us' })).channels)).toEqual({ 'amazon-us': 'paused' })
    expect(shipping.calls).toHaveLength(1)

    await resumeChannel(run, 'amazon-us')
    expect(outcomes((await pushAll(run, shipping, [])).channels)).toEqual({ shipstation: 'done' })
    expect(shipping.sent.map(({ order }) => order.externalOrderId)).toEqual(['M-1', 'A-1'])
  })

  it('orders: retry leaves them as they are too, even by name', async () => {
    await twoOrders()
    await pauseChannel(run, 'amazon-us', ['orders'])
    const before = await run.db.rows(`select * from tasks where channel = 'amazon-us'`)
    await run.clock.advance(MINUTE)

    const report = await retryTasks(run, { shipping, marketplaces: connectors(), notifiers: [] }, await retryCandidates(run, {}))

    expect(outcomes(report.channels)).toEqual({ shipstation: 'done', 'amazon-us': 'paused' })
    expect(shipping.sent.map(({ order }) => order.externalOrderId)).toEqual(['M-1'])
    expect(await run.db.rows(`select * from tasks where channel = 'amazon-us'`)).toEqual(before)
  })

  it('orders: its packages are confirmed; all: they wait', async () => {
    await shelf.place(anOrder('A-1'))
    await shelf.take(aShipment(1))
    await pauseChannel(run, 'amazon-us', ['all'])
    const waiting = await syncTracking(run, shipping, connectors())
    expect(outcomes(waiting.channels)).toEqual({ 'amazon-us': 'paused', 'mirakl-macys': 'done' })
    expect([waiting.verdict, amazon.confirmed]).toEqual(['done', []])
    const due = await retryCandidates(run, { kinds: ['confirm'] })
    await retryTasks(run, { shipping, marketplaces: connectors(), notifiers: [] }, due)
    expect([due.length, amazon.confirmed]).toEqual([1, []])

    await resumeChannel(run, 'amazon-us')
    await pauseChannel(run, 'amazon-us', ['orders', 'inventory'])
    expect(outcomes((await syncTracking(run, shipping, connectors())).channels)).toMatchObject({ 'amazon-us': 'done' })
    expect(amazon.confirmed).toMatchObject([{ externalOrderId: 'A-1' }])
  })

  it('until a time goes on by itself', async () => {
    await pauseChannel(run, 'amazon-us', ['all'], noon + HOUR)
    await run.clock.advance(HOUR - 1)
    expect(outcomes((await pull()).channels)).toMatchObject({ 'amazon-us': 'paused' })
    expect((await loadRuleBook(run)).channels).toEqual(['mirakl-macys'])
    await run.clock.advance(1)
    expect(outcomes((await pull()).channels)).toMatchObject({ 'amazon-us': 'done' })
    expect(await loadRuleBook(run)).toMatchObject({ channels: ['amazon-us', 'mirakl-macys'], paused: [], backAt: noon + HOUR })
    expect(await resumeChannel(run, 'amazon-us')).toMatchObject({ changed: false })
  })

  it('in parts goes on in parts', async () => {
    await pauseChannel(run, 'amazon-us', ['inventory'], noon + HOUR)
    const both = await pauseChannel(run, 'amazon-us', ['orders'])
    expect(both.now).toEqual([{ what: 'orders' }, { what: 'inventory', until: noon + HOUR }])
    expect(await pauseChannel(run, 'amazon-us', ['orders'])).toMatchObject({ changed: false })
    expect((await pauseChannel(run, 'amazon-us', ['inventory'], noon + 2 * HOUR)).now[1]).toMatchObject({
      until: noon + 2 * HOUR,
    })

    expect((await resumeChannel(run, 'amazon-us', ['orders'])).now).toMatchObject([{ what: 'inventory' }])
    expect(outcomes((await pull()).channels)).toMatchObject({ 'amazon-us': 'done' })

    await pauseChannel(run, 'amazon-us', ['all'])
    await expect(resumeChannel(run, 'amazon-us', ['orders'])).rejects.toMatchObject({
      exitCode: 2,
      next: expect.stringMatching(/isync/),
    })
    expect((await resumeChannel(run, 'amazon-us')).now).toEqual([])
  })

  it('that is resumed by hand, or by its setting, tells the stock when', async () => {
    await pauseChannel(run, 'amazon-us', ['inventory'])
    await run.clock.advance(HOUR)
    await resumeChannel(run, 'amazon-us')
    expect((await loadRuleBook(run)).backAt).toBe(noon + HOUR)

    await setSetting(run, 'channels.amazon-us.paused', 'all')
    expect((await loadRuleBook(run)).paused).toMatchObject([{ channel: 'amazon-us', tracking: true }])
    await run.clock.advance(HOUR)
    await unsetSetting(run, 'channels.amazon-us.paused')
    expect(await loadRuleBook(run)).toMatchObject({ paused: [], backAt: noon + 2 * HOUR })
  })

  it('is shown by the status, and every change of it is an event', async () => {
    const until = noon + HOUR
    await pauseChannel(run, 'amazon-us', ['orders'], until)
    await run.clock.advance(MINUTE)
    await resumeChannel(run, 'amazon-us')
    await pauseChannel(run, 'amazon-us', ['orders'], until)
    const paused = (now: number) =>
      statusReport(run.db, ['amazon-us'], () => undefined, now).then(({ channels, ok }) => [
        channels.find(({ channel }) => channel === 'amazon-us')?.paused,
        ok,
      ])

    expect(await paused(until - 1)).toEqual([
      { parts: [{ what: 'orders', until: '2026-03-02T13:00:00.000Z' }], by: 'cron', since: '2026-03-02T12:01:00.000Z' },
      true,
    ])
    expect(await paused(until)).toEqual([null, true])
    const events = await run.db.rows<{ what: string }>(`select what from events where entity = 'setting' order by id`)
    expect(events.map(({ what }) => what)).toEqual(['paused', 'resumed', 'paused'])
  })

  it('must be one of the configuration, until a time to come', async () => {
    await expect(pauseChannel(run, 'amazon-uk', ['all'])).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/amazon-us, mirakl-macys/),
    })
    await expect(resumeChannel(run, 'amazon-uk')).rejects.toMatchObject({ exitCode: 2 })
    await expect(pauseChannel(run, 'amazon-us', ['all'], noon)).rejects.toMatchObject({
      message: expect.stringMatching(/is over already/),
    })
    expect(await run.db.rows('select * from settings')).toEqual([])
  })
})
