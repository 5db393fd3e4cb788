import { describe, expect, it } from 'vitest'
import type { Db } from '../../../src/core/db/db.ts'
import { writeRunCalls } from '../../../src/core/db/run-calls.ts'
import { beginRun, endRun } from '../../../src/core/db/runs.ts'
import { PermanentError, RetryableError } from '../../../src/core/errors.ts'
import type { NormalizedOrder } from '../../../src/core/model/order.ts'
import { pushOrders } from '../../../src/core/orders/push-orders.ts'
import { storePage } from '../../../src/core/orders/store-order.ts'
import { type DailyReport, type DailyRequest, dailyReport } from '../../../src/core/reports/daily.ts'
import { dayOf } from '../../../src/core/reports/day.ts'
import { confirmShipments } from '../../../src/core/tracking/confirm.ts'
import { aChannel } from '../../world/a-channel.ts'
import { aClock, DAY, HOUR, MINUTE, noon, SECOND } from '../../world/a-clock.ts'
import { amazonUs, aRun, macys, type TestRun } from '../../world/a-run.ts'
import { aShipment } from '../../world/a-shipment.ts'
import { aShipping } from '../../world/a-shipping.ts'
import { aLine, anAddress, anOrder, aPoisonOrder } from '../../world/an-order.ts'
import { databases } from '../../world/databases.ts'
import { aHouse } from '../inventory/a-house.ts'
import { aShelf } from '../tracking/shelf.ts'

const monday = dayOf('2026-03-02', 'UTC')
const tuesday = dayOf('2026-03-03', 'UTC')
const facts = { account: 'amazon-us', operation: 'any' }

function report(run: TestRun, change: Partial<DailyRequest> = {}): Promise<DailyReport> {
  return dailyReport(run, { day: monday, channels: ['amazon-us', 'mirakl-macys'], quotas: [], ...change })
}

function channelOf({ channels }: DailyReport, code = 'amazon-us') {
  const found = channels.find(({ channel }) => channel === code)
  if (found === undefined) throw new Error(`no ${code} in the report`)
  return found
}

describe.each(databases)('the daily report on $name', (database) => {
  async function stored(run: TestRun, ...orders: readonly NormalizedOrder[]): Promise<void> {
    for (const channel of [amazonUs, macys]) {
      const own = orders.filter((order) => order.channel === channel.code)
      await run.db.transaction((tx) => storePage(tx, run, channel, { orders: own, poison: [], skipped: 0 }))
    }
  }

  it('of an empty day has every channel, nothing to measure, and nothing that waits', async () => {
    const run = await aRun(database)
    const empty = await report(run)
    expect(empty).toMatchObject({ ok: true, whole: false, hours: 24, failures: [], runs: [], stock: null, calls: [], quotas: [] })
    expect(empty.channels.map(({ channel, orders_in, steps }) => [channel, orders_in, Object.values(steps)])).toEqual([
      ['amazon-us', 0, [null, null, null, null]],
      ['mirakl-macys', 0, [null, null, null, null]],
    ])
    expect(empty.by_hour).toHaveLength(24)
  })

  it('tells how long orders took to be seen: half of them, 95 of 100, the longest; by channel and over all', async () => {
    const run = await aRun(database)
    const minutes = (count: number, channel: string) =>
      Array.from({ length: count }, (_, n) => anOrder(`${channel}-${n}`, { channel, createdAt: noon - (n + 1) * MINUTE }))
    // 1, 2 ... 20 minutes at Amazon, 1 and 2 minutes at Mirakl.
    await stored(run, ...minutes(20, 'amazon-us'), ...minutes(2, 'mirakl-macys'))
    const { all, channels } = await report(run)
    expect(channels.map(({ steps }) => steps.placed_to_seen)).toEqual([
      { count: 20, p50_ms: 10 * MINUTE, p95_ms: 19 * MINUTE, longest_ms: 20 * MINUTE },
      { count: 2, p50_ms: MINUTE, p95_ms: 2 * MINUTE, longest_ms: 2 * MINUTE },
    ])
    // 1 1 2 2 3 4 ... 20: the 11th of 22, and the 21st.
    expect(all.steps.placed_to_seen).toEqual({ count: 22, p50_ms: 9 * MINUTE, p95_ms: 19 * MINUTE, longest_ms: 20 * MINUTE })
    expect([all.orders_in, all.not_in_shipstation]).toEqual([22, 22])
  })

  it('does not let a channel whose clock is ahead of ours count as faster than at once', async () => {
    const run = await aRun(database)
    await stored(run, anOrder('A-1', { createdAt: noon + MINUTE }))
    expect(channelOf(await report(run)).steps.placed_to_seen).toMatchObject({ p50_ms: 0, longest_ms: 0 })
  })

  it("counts the seller's orders by the hour, and tells apart what is cancelled, unreadable, or shipped by the marketplace", async () => {
    const run = await aRun(database, { clock: aClock(noon + 30 * MINUTE) })
    const others = [anOrder('A-3', { status: 'cancelled' }), anOrder('A-4', { fulfilledBy: 'marketplace', status: 'shipped' })]
    await stored(run, anOrder('A-1'), anOrder('A-2', { status: 'pending' }), ...others)
    const page = { orders: [], poison: [aPoisonOrder('A-5')], skipped: 0 }
    await run.db.transaction((tx) => storePage(tx, run, amazonUs, page))
    await run.clock.advance(2 * HOUR)
    await stored(run, anOrder('A-6'))
    const told = await report(run)
    expect(channelOf(told)).toMatchObject({ orders_in: 4, cancelled: 1, unreadable: 1, not_in_shipstation: 2 })
    expect(told.by_hour.filter(({ orders_in }) => orders_in > 0)).toEqual([
      { hour: '12:00', orders_in: 3 + 1 },
      { hour: '14:00', orders_in: 1 },
    ])
    expect(told.ok).toBe(false)
  })

  it('measures the way into ShipStation from when an order was ready, and once, however often it is sent again', async () => {
    const run = await aRun(database)
    const shipping = aShipping()
    await stored(run, anOrder('A-1'), anOrder('A-2', { status: 'pending' }))
    await run.clock.advance(2 * MINUTE)
    await pushOrders(run, shipping)
    await run.clock.advance(HOUR)
    await stored(run, anOrder('A-2', { updatedAt: noon + HOUR }))
    await run.clock.advance(6 * MINUTE)
    await pushOrders(run, shipping)
    const step = { count: 2, p50_ms: 2 * MINUTE, p95_ms: 6 * MINUTE, longest_ms: 6 * MINUTE }
    expect(channelOf(await report(run))).toMatchObject({
      pushed: 2,
      not_in_shipstation: 0,
      steps: { ready_to_shipstation: step },
    })

    await run.clock.advance(DAY)
    await stored(run, anOrder('A-1', { shipTo: { ...anAddress, city: 'Salem' }, updatedAt: noon + DAY }))
    await run.clock.advance(MINUTE)
    await pushOrders(run, shipping)
    expect(shipping.sent).toHaveLength(3)
    expect(channelOf(await report(run)).steps.ready_to_shipstation).toEqual(step)
    expect(channelOf(await report(run, { day: tuesday })).pushed).toBe(0)
  })

  it('measures from the label to the yes of the channel, and leaves out what was voided before it was told', async () => {
    const { run, place, take, takeFrom } = await aShelf(database)
    const channel = aChannel()
    await place(anOrder('A-1'), anOrder('A-2'), anOrder('A-3'))
    await take(
      aShipment(1, { createdAt: noon - MINUTE }),
      aShipment(2, { createdAt: noon - 4 * MINUTE, shipStationOrderId: 5002 }),
      aShipment(3, { createdAt: noon - 9 * MINUTE, shipStationOrderId: 5003 }),
    )
    await run.clock.advance(MINUTE)
    await takeFrom('voids', aShipment(3, { shipStationOrderId: 5003, voidedAt: run.clock.now() }))
    await run.clock.advance(MINUTE)
    await confirmShipments(run, channel)
    expect(channel.confirmed).toHaveLength(2)
    // Voided after it was told: the channel was told all the same.
    await run.clock.advance(MINUTE)
    await takeFrom('voids', aShipment(1, { voidedAt: run.clock.now() }))

    expect(channelOf(await report(run))).toMatchObject({
      confirmed: 2,
      steps: { shipped_to_confirmed: { count: 2, p50_ms: 3 * MINUTE, p95_ms: 6 * MINUTE, longest_ms: 6 * MINUTE } },
    })
  })

  it('measures from the change of a number to the yes of each channel, once per change', async () => {
    const { run, amazon, stock, full, rebalance } = await aHouse(database, { MUG: 10, LAMP: 5 })
    stock.between = () => run.clock.advance(10 * SECOND)
    await full()
    const first = await report(run)
    expect(channelOf(first)).toMatchObject({ published: 2, steps: { stock_to_published: { count: 2 } } })
    expect(first.all.published).toBe(4)

    // A sale, five minutes later published; then the same numbers by force: nothing has changed.
    await run.clock.advance(HOUR)
    const line = aLine('L1', { sku: 'MUG', qty: 9 })
    await stored(run, anOrder('M-1', { channel: 'mirakl-macys', lines: [line] }))
    await run.clock.advance(5 * MINUTE)
    await rebalance()
    await run.clock.advance(HOUR)
    await full({ force: true })
    const { steps, published } = channelOf(await report(run))
    expect(steps.stock_to_published).toMatchObject({ count: 3, longest_ms: 5 * MINUTE })
    expect(published).toBeGreaterThan(3)
    expect(amazon.told.length).toBeGreaterThan(2)
  })

  it('counts failed tries, what they were of, and what was given up with the command that comes next', async () => {
    const run = await aRun(database)
    const shipping = aShipping()
    shipping.answer = ({ order }) =>
      order.externalOrderId === 'A-1'
        ? { status: 'failed', error: new PermanentError('no such country', facts) }
        : { status: 'failed', error: new RetryableError('answered 500', facts) }
    await stored(run, anOrder('A-1'), anOrder('A-2'))
    for (let n = 0; n < 2; n += 1) {
      await pushOrders(run, shipping)
      await run.clock.advance(10 * MINUTE)
    }
    expect((await report(run)).failures).toEqual([
      {
        ...{ kind: 'push', channel: 'amazon-us', tries: 3, items: 2, given_up: 1 },
        next: 'isync retry --dead --kind push --channel amazon-us',
      },
    ])
    const { alerts, ok } = await report(run)
    expect([alerts.opened, alerts.resolved, alerts.open.map(({ rule }) => rule), ok]).toEqual([1, 0, ['dead-push'], false])
    expect((await report(run, { day: tuesday })).failures).toEqual([])
  })

  it('counts quantities that channels did not take', async () => {
    const { run, amazon, full } = await aHouse(database, { MUG: 10, LAMP: 5 })
    amazon.takes = () => ({ status: 'failed', error: new PermanentError('refused: 8541', facts) })
    await full()
    expect((await report(run)).failures).toMatchObject([
      { kind: 'publish', channel: 'amazon-us', tries: 2, items: 2, given_up: 2 },
    ])
  })

  describe('on what ran and what it asked,', () => {
    async function ran(
      db: Db,
      id: string,
      at: number,
      verdict: string | undefined,
      calls: Readonly<Record<string, unknown>> = {},
    ): Promise<void> {
      await beginRun(db, { id, command: 'orders:pull', host: 'host-a', pid: 1 }, at)
      if (verdict !== undefined) await endRun(db, id, { verdict, counts: {}, calls }, at + SECOND)
    }

    it('sums calls by account, tells how runs ended, and says what it cannot know', async () => {
      const run = await aRun(database)
      await ran(run.db, 'r1', monday.from, 'done', { 'amazon-us': { searchOrders: 2, token: 1 }, zoho: { items: 5 } })
      await ran(run.db, 'r2', noon, 'vendor-down', { 'amazon-us': { searchOrders: 3 }, shipstation: {} })
      await ran(run.db, 'r3', monday.to - 1, undefined)
      // The day before, and the day after.
      await ran(run.db, 'r4', monday.from - 1, 'done', { zoho: { items: 1000 } })
      await ran(run.db, 'r5', monday.to, 'failed', { zoho: { items: 1000 } })
      const told = await report(run)
      expect(told.runs).toEqual([
        { command: 'orders:pull', runs: 3, done: 1, partly: 0, vendor_down: 1, held: 0, failed: 0, no_end: 1 },
      ])
      expect(told.calls).toEqual([
        { account: 'amazon-us', calls: 6, operations: { searchOrders: 5, token: 1 } },
        { account: 'zoho', calls: 5, operations: { items: 5 } },
      ])
      expect(told.not_told.at(-1)).toMatch(/^1 run has no end recorded/)
    })

    it('counts what a server asks on the day on which it asks, whenever it began and before it has ended', async () => {
      const run = await aRun(database)
      await beginRun(run.db, { id: 'old', command: 'serve', host: 'host-a', pid: 1 }, monday.from - 3 * DAY)
      await writeRunCalls(run.db, 'old', monday.from - 900_000, { zoho: { items: 1000 } })
      await writeRunCalls(run.db, 'old', monday.from, { zoho: { items: 1 } })
      await writeRunCalls(run.db, 'old', monday.to - 900_000, { zoho: { items: 2, token: 1 } })
      await writeRunCalls(run.db, 'old', monday.to, { zoho: { items: 1000 } })
      // One that has ended has told its sum as well: nothing counts twice.
      await beginRun(run.db, { id: 'new', command: 'serve', host: 'host-b', pid: 2 }, noon)
      await writeRunCalls(run.db, 'new', noon, { zoho: { items: 4 } })
      await endRun(run.db, 'new', { verdict: 'done', counts: {}, calls: { zoho: { items: 4 } } }, noon + HOUR)

      const told = await report(run)
      expect(told.runs).toMatchObject([{ command: 'serve', runs: 1, done: 1 }])
      expect(told.calls).toEqual([{ account: 'zoho', calls: 8, operations: { items: 7, token: 1 } }])
      expect(told.not_told.filter((line) => line.includes('no end recorded'))).toEqual([])
    })

    it('goes through more runs than it reads at once', async () => {
      const run = await aRun(database)
      await run.db.transaction(async (tx) => {
        for (let n = 0; n < 1001; n += 1) await ran(tx, `r${n}`, noon + Math.floor(n / 7), 'done', { zoho: { items: 1 } })
      })
      expect(await report(run)).toMatchObject({ runs: [{ runs: 1001, done: 1001 }], calls: [{ account: 'zoho', calls: 1001 }] })
    })

    it("sets calls against what is known of the limits: the file's, the vendor's own word, a rate it told", async () => {
      const run = await aRun(database)
      const calls = {
        zoho: { items: 500, token: 9 },
        'ebay-a': { GetOrders: 40, 'fulfillment/order': 7 },
        'ebay-b': { GetOrders: 10 },
      }
      await ran(run.db, 'r1', noon, 'done', { ...calls, 'amazon-us': { searchOrders: 96 } })
      await run.db.run(
        `insert into rate_buckets (account, bucket, full_at, interval_ms, burst) values ('amazon-us', 'searchOrders', 0, 900000, 4)`,
      )
      const quotas = [
        { what: 'calls', accounts: ['zoho'], allowed: 2500, saidBy: 'zoho.daily_calls' },
        {
          ...{ what: 'Trading calls', accounts: ['ebay-a', 'ebay-b'], allowed: 5000, saidBy: 'daily_calls' },
          counts: (operation: string) => !operation.includes('/'),
        },
      ]
      const uses = async () =>
        (await report(run, { quotas })).quotas.map(({ what, used, allowed, used_pct: pct, said_by: by }) => [
          what,
          used,
          allowed,
          pct,
          by,
        ])
      expect(await uses()).toEqual([
        ['searchOrders', 96, 96 + 4, 96, 'the vendor, as a rate'],
        ['calls', 500, 2500, 20, 'zoho.daily_calls'],
        ['Trading calls', 50, 5000, 1, 'daily_calls'],
      ])
      await run.db.run(`insert into account_notes (account, name, value, expires_at) values ('zoho', 'day_quota', '1000', ?)`, [
        noon + DAY,
      ])
      expect((await uses())[1]).toEqual(['calls', 500, 1000, 50, 'the vendor'])
    })
  })

  it('names the SKUs that channels show more of than there is, and those with little left that are still on show', async () => {
    const { run, full } = await aHouse(database, { MUG: 11, LAMP: 3, SOAP: 0, VASE: 2 })
    await full()
    const { stock: risks } = await report(run)
    // One unit of each is kept: 10, 2 and 1 on both channels.
    expect(risks).toMatchObject({
      skus: 4,
      over: 2,
      over_on_one: 0,
      sold_out: 1,
      low: 0,
      low_stock_threshold: 1,
      low_on_show: [],
    })
    expect(risks?.most_over).toEqual([
      { sku: 'MUG', left: 11, shown: 20, channels: 2, most_on_one: 10, over: 9 },
      { sku: 'LAMP', left: 3, shown: 4, channels: 2, most_on_one: 2, over: 1 },
    ])

    // Ten of eleven are sold at Amazon, which has lowered its own number; Mirakl has not been told yet.
    await run.clock.advance(10 * MINUTE)
    await stored(run, anOrder('A-1', { lines: [aLine('L1', { sku: 'MUG', qty: 10 })] }))
    const sold = (await report(run)).stock
    expect(sold).toMatchObject({ over: 2, over_on_one: 1, low: 1 })
    expect(sold?.low_on_show).toEqual([{ sku: 'MUG', left: 1, shown: 10, channels: 1, most_on_one: 10, over: 9 }])
  })

  it('counts what comes at midnight to the day that begins, by the clock of the zone', async () => {
    const berlin = dayOf('2026-03-29', 'Europe/Berlin')
    const run = await aRun(database, { clock: aClock(berlin.from - 1) })
    const seenAt = async (at: number, id: string) => {
      await run.clock.advance(at - run.clock.now())
      await stored(run, anOrder(id, { createdAt: at - MINUTE }))
    }
    await seenAt(berlin.from - 1, 'before')
    await seenAt(berlin.from, 'first')
    await seenAt(Date.UTC(2026, 2, 29, 1, 30), 'after clocks went forward')
    await seenAt(berlin.to - 1, 'last')
    await seenAt(berlin.to, 'after')
    const told = await report(run, { day: berlin })
    expect([told.hours, told.whole, told.all.orders_in]).toEqual([23, true, 3])
    expect(told.by_hour).toHaveLength(23)
    expect(told.by_hour.filter(({ orders_in }) => orders_in > 0).map(({ hour }) => hour)).toEqual(['00:00', '03:00', '23:00'])
  })
})
