import { describe, expect, it } from 'vitest'
import type { ChannelSettings } from '../../../src/core/context.ts'
import { openAlerts } from '../../../src/core/db/alerts.ts'
import { type FindingRow, findingsOf } from '../../../src/core/db/findings.ts'
import { AuthError, PermanentError, RetryableError } from '../../../src/core/errors.ts'
import type { NormalizedOrder } from '../../../src/core/model/order.ts'
import { pushOrders } from '../../../src/core/orders/push-orders.ts'
import { storePage } from '../../../src/core/orders/store-order.ts'
import type { OpenOrder } from '../../../src/core/ports/marketplace.ts'
import type { PushOrder, PushOutcome } from '../../../src/core/ports/shipping.ts'
import { type ReconcileReport, type ReconcileRequest, reconcile } from '../../../src/core/reconcile/reconcile.ts'
import { aChannel, aPage, type TestChannel } from '../../world/a-channel.ts'
import { aClock, DAY, MINUTE, noon, SECOND } from '../../world/a-clock.ts'
import { amazonUs, aRun, aRunOn, macys, type TestRun } from '../../world/a-run.ts'
import { aFoundOrder, aShipping, type TestShipping } from '../../world/a-shipping.ts'
import { aLine, anAddress, anOrder } from '../../world/an-order.ts'
import { orderRow, taskList } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'

const created = noon - 60 * MINUTE

function open(externalOrderId: string, change: Partial<OpenOrder> = {}): OpenOrder {
  return { externalOrderId, createdAt: created, ...change }
}

const numbered = (count: number, prefix: string) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`)

describe.each(databases)('a reconciliation, on $name,', (database) => {
  let run: TestRun
  let amazon: TestChannel
  let mirakl: TestChannel
  let shipping: TestShipping

  async function given(settings: Parameters<typeof aRun>[1] = {}): Promise<void> {
    run = await aRun(database, settings)
    amazon = aChannel()
    mirakl = aChannel({ channel: 'mirakl-macys' })
    shipping = aShipping()
    shipping.answer = stores
  }

  /** As ShipStation does: what it stored is in its list. */
  function stores({ order, orderKey, shipStationOrderId: known }: PushOrder): PushOutcome {
    const id = known ?? nextId++
    shipping.holds(aFoundOrder(id, { orderNumber: order.externalOrderId, orderKey, orderStatus: 'awaiting_shipment' }))
    return { status: 'stored', shipStationOrderId: id }
  }

  /** ShipStation's answer to an order that somebody deletes there at once. */
  function loses(): PushOutcome {
    return { status: 'stored', shipStationOrderId: nextId++ }
  }
  let nextId = 5001

  async function stored(...orders: readonly NormalizedOrder[]): Promise<void> {
    for (const order of orders) {
      const channel: ChannelSettings = order.channel === 'amazon-us' ? amazonUs : macys
      await run.db.transaction((tx) => storePage(tx, run, channel, { orders: [order], poison: [], skipped: 0 }))
    }
  }

  async function pushed(...orders: readonly NormalizedOrder[]): Promise<void> {
    await stored(...orders)
    await pushOrders(run, shipping)
  }

  /** The next run of the command, somewhat later. */
  async function reconciled(change: Partial<ReconcileRequest> = {}, later = SECOND): Promise<ReconcileReport> {
    await run.clock.advance(later)
    run = aRunOn(run.db, { name: `run${++runs}`, clock: run.clock, settings: run.settings })
    return reconcile(run, { connectors: [amazon, mirakl], shipping, windowMs: 7 * DAY, remedy: true, ...change })
  }
  let runs = 0

  const findings = async (): Promise<readonly string[]> =>
    (await findingsOf(run.db, run.id, ['amazon-us', 'mirakl-macys', 'shipstation'], 100)).map(
      ({ kind, channel, external_order_id: order, severity, state }) => `${state} ${severity} ${kind} ${channel} ${order}`,
    )

  const about = async (kind: string): Promise<FindingRow | undefined> =>
    (await findingsOf(run.db, run.id, ['amazon-us', 'mirakl-macys', 'shipstation'], 100)).find((row) => row.kind === kind)

  it('finds nothing where every open order is in ShipStation', async () => {
    await given()
    await pushed(anOrder('A-1'))
    amazon.open = [[open('A-1')]]
    const report = await reconciled()

    expect(report).toMatchObject({ verdict: 'done', findings: [] })
    expect(report.summary).toMatchObject([
      { channel: 'amazon-us', open: 1, mapped: 1, missing: 0, severity: 'none' },
      { channel: 'mirakl-macys', open: 0 },
    ])
    expect(shipping.sent).toHaveLength(1)
  })

  it('pulls and pushes an order that the pull never saw, says so, and takes the alert back when all is well', async () => {
    await given()
    amazon.open = [[open('A-1')]]
    amazon.pages = [aPage([anOrder('A-1')], { at: noon })]
    const report = await reconciled()

    expect(shipping.sent.map(({ order }) => order.externalOrderId)).toEqual(['A-1'])
    expect(report.summary[0]).toMatchObject({
      missing: 1,
      missingPct: 100,
      severity: 'critical',
      repaired: [{ externalOrderId: 'A-1' }],
      left: [],
    })
    expect(report.verdict).toBe('done')
    expect(await findings()).toEqual(['repaired critical missing amazon-us A-1'])
    expect(await openAlerts(run.db)).toMatchObject([
      {
        rule: 'missing-orders',
        channel: 'amazon-us',
        severity: 'critical',
        message: expect.stringContaining('1 of 1 open orders (100 %)'),
      },
    ])

    expect((await reconciled()).findings).toEqual([])
    expect(await openAlerts(run.db)).toEqual([])
    expect(shipping.sent).toHaveLength(1)
  })

  it('asks for open orders of the window that are old enough', async () => {
    await given()
    await reconciled({ windowMs: 3 * DAY })
    const now = run.clock.now()
    expect(amazon.windows).toEqual([{ from: now - 3 * DAY, until: now - 15 * MINUTE }])
  })

  it('counts an order that stands on two pages once', async () => {
    await given()
    amazon.open = [
      [open('A-1'), open('A-2')],
      [open('A-2'), open('A-3')],
    ]
    const { summary } = await reconciled({ remedy: false })
    expect(summary[0]).toMatchObject({ open: 3, missing: 3 })
  })

  it('only reports where nothing is to be repaired', async () => {
    await given()
    await stored(anOrder('A-1'))
    amazon.open = [[open('A-1'), open('A-2')]]
    const report = await reconciled({ remedy: false })

    expect(shipping.sent).toEqual([])
    expect(report.verdict).toBe('partly')
    expect(await findings()).toEqual(['open critical missing amazon-us A-2', 'open critical not-pushed amazon-us A-1'])
    expect((await about('missing'))?.next).toBe('isync orders:pull --channel amazon-us --order A-2')
    expect((await about('not-pushed'))?.next).toBe('isync retry --order A-1 --kind push')
  })

  it('keeps a finding with its age until a run does not find it any more', async () => {
    await given()
    amazon.open = [[open('A-1')]]
    await reconciled({ remedy: false })
    const first = await about('missing')
    await reconciled({ remedy: false }, 30 * MINUTE)
    expect(await about('missing')).toMatchObject({ id: first?.id, opened_at: first?.opened_at, last_seen_at: run.clock.now() })

    amazon.open = [[]]
    await reconciled({ remedy: false })
    expect(await findings()).toEqual([])
    expect(await run.db.rows('select state from findings')).toEqual([{ state: 'gone' }])
  })

  it('pushes an order again that was given up because ShipStation was away, and leaves one that it refused', async () => {
    await given()
    shipping.answer = ({ order }) => ({
      status: 'failed',
      error:
        order.externalOrderId === 'A-1'
          ? new RetryableError('no answer', { account: 'shipstation', operation: 'createorders' })
          : new PermanentError('bad country', { account: 'shipstation', operation: 'createorders' }),
    })
    await stored(anOrder('A-1'), anOrder('A-2'))
    for (let tries = 0; tries < 6; tries++) {
      await pushOrders(run, shipping)
      await run.clock.advance(10 * MINUTE)
    }
    expect(await taskList(run.db)).toEqual(expect.arrayContaining(['push amazon-us:A-1 dead', 'push amazon-us:A-2 dead']))

    shipping.answer = stores
    amazon.open = [[open('A-1'), open('A-2')]]
    await reconciled()
    expect(await orderRow(run.db, 'A-1')).toMatchObject({ push_state: 'pushed' })
    expect(await orderRow(run.db, 'A-2')).toMatchObject({ push_state: 'failed' })
    expect(await findings()).toEqual(['open critical not-pushed amazon-us A-2', 'repaired critical not-pushed amazon-us A-1'])
  })

  it('reads an order again that waits here and may ship there, and does not call it missing', async () => {
    await given()
    await stored(anOrder('A-1', { status: 'pending', shipTo: null }))
    amazon.open = [[open('A-1')]]
    amazon.pages = [aPage([anOrder('A-1', { updatedAt: noon })], { at: noon })]
    const { summary } = await reconciled()

    expect(summary[0]).toMatchObject({ open: 0, missing: 0, severity: 'none' })
    expect(shipping.sent).toHaveLength(1)
  })

  it('does not miss the second copy of an order', async () => {
    await given()
    await pushed(anOrder('A-1'))
    await run.db.run(`update orders set twin_of = 'rithum/1', shipstation_order_id = null, push_state = 'none'`)
    amazon.open = [[open('A-1')]]
    expect((await reconciled()).summary[0]).toMatchObject({ open: 1, mapped: 1, missing: 0 })
  })

  it('repairs no more than it may', async () => {
    await given({ settings: { reconcile: { ...(await aRun(database)).settings.reconcile, maxRepairs: 2 } } })
    const ids = numbered(5, 'A')
    amazon.open = [ids.map((id) => open(id))]
    amazon.pages = [
      aPage(
        ids.map((id) => anOrder(id)),
        { at: noon },
      ),
    ]
    expect((await reconciled()).summary[0]).toMatchObject({ missing: 5, repaired: { length: 2 }, left: { length: 3 } })
    expect((await reconciled()).summary[0]).toMatchObject({ missing: 3, repaired: { length: 2 }, left: { length: 1 } })
  })

  it('tells which orders are still open at the channel though all of it was told, once enough time has passed', async () => {
    await given()
    await pushed(anOrder('A-1'))
    await run.db.run(`update orders set status = 'shipped', shipped_at = ?`, [run.clock.now()])
    amazon.open = [[open('A-1')]]
    await reconciled({}, 60 * MINUTE)
    expect(await findings()).toEqual([])
    await reconciled({}, 90 * MINUTE)
    expect(await findings()).toEqual(['open warning still-open amazon-us A-1'])
  })

  it('reads an order again whose units or amount are others at the channel', async () => {
    await given()
    await pushed(anOrder('A-1'), anOrder('A-2'), anOrder('A-3'))
    amazon.open = [
      [open('A-1', { unitsToShip: 2 }), open('A-2', { total: { minor: 99, currency: 'USD' } }), open('A-3', { unitsToShip: 1 })],
    ]
    amazon.pages = [aPage([anOrder('A-1', { lines: [aLine('L1', { qty: 2 })], updatedAt: noon })], { at: noon })]
    await reconciled()
    expect([...(await findings())].sort()).toEqual(['open warning differs amazon-us A-1', 'open warning differs amazon-us A-2'])
    const details = (await findingsOf(run.db, run.id, ['amazon-us'], 10)).map(({ detail }) => detail)
    expect(details).toContain('units to ship at the channel 2, here 1')

    await reconciled()
    expect(await findings()).toEqual(['open warning differs amazon-us A-2'])
  })

  it('goes on without a channel that fails, and closes nothing of it', async () => {
    await given()
    amazon.open = [[open('A-1')]]
    mirakl.open = [[open('M-1')]]
    await reconciled({ remedy: false })
    amazon.open = [new AuthError('401', { account: 'amazon-us', operation: 'searchOrders' })]
    mirakl.open = [[]]
    const report = await reconciled({ remedy: false })

    expect(report.verdict).toBe('partly')
    expect(report.channels).toMatchObject([
      { outcome: 'down', errors: [{ next: 'isync doctor --channel amazon-us' }] },
      { outcome: 'done' },
      { outcome: 'done' },
    ])
    expect(await findings()).toEqual(['open critical missing amazon-us A-1'])
  })

  it('looks at the channels it was asked for only', async () => {
    await given()
    mirakl.open = [[open('M-1')]]
    const { summary } = await reconciled({ channels: ['amazon-us'] })
    expect(summary.map(({ channel }) => channel)).toEqual(['amazon-us'])
    expect(mirakl.windows).toEqual([])
  })

  it('is done by one run at a time', async () => {
    await given()
    const other = aRunOn(run.db, { name: 'other', clock: run.clock })
    const request = { connectors: [amazon], shipping, windowMs: DAY, remedy: true }
    const [one, two] = await Promise.all([reconcile(run, request), reconcile(other, request)])
    expect([one, two].map(({ channels }) => channels[0]?.outcome).sort()).toEqual(['done', 'held elsewhere'])
  })

  it('finds what our own books show to be late', async () => {
    await given()
    await stored(anOrder('A-1'), anOrder('A-2', { status: 'on_hold' }))
    await run.db.run(
      `insert into shipments (id, number, source, order_number, tracking_number, carrier_code, created_at, shipped_at, state, seen_at)
       values ('se-9', 9, 'shipment', 'X-1', '1Z9', 'ups', ?, ?, 'orphan', ?)`,
      [noon, noon, noon],
    )
    await reconciled({}, 119 * MINUTE)
    expect(await findings()).toEqual(['open warning orphan shipstation X-1'])
    await reconciled({}, 2 * MINUTE)
    expect(await findings()).toEqual(['open warning orphan shipstation X-1', 'open warning stuck amazon-us A-1'])
    await reconciled({}, DAY)
    expect(await findings()).toContain('open warning stuck amazon-us A-2')
  })

  it('finds a package that its channel was not told of, whether or not somebody was asked to tell it', async () => {
    await given()
    await pushed(anOrder('A-1'), anOrder('A-2'))
    for (const [number, id] of [
      [1, 'A-1'],
      [2, 'A-2'],
    ] as const) {
      const { id: orderId } = await orderRow(run.db, id)
      await run.db.run(
        `insert into shipments (id, number, source, order_number, tracking_number, carrier_code, created_at, shipped_at, state, seen_at)
         values (?, ?, 'shipment', ?, ?, 'ups', ?, ?, 'matched', ?)`,
        [`se-${number}`, number, id, `1Z${number}`, noon, noon, noon],
      )
      await run.db.run(`insert into shipment_lines (shipment_id, order_id, external_line_id, quantity) values (?, ?, 'L1', 1)`, [
        `se-${number}`,
        orderId,
      ])
      if (number === 1)
        await run.db.run(
          `insert into tasks (id, kind, key, channel, order_id, shipment_id, state, next_attempt_at, created_at, updated_at)
           values ('t-1', 'confirm', 'amazon-us:A-1:1Z1', 'amazon-us', ?, 'se-1', 'waiting', ?, ?, ?)`,
          [orderId, noon, noon, noon],
        )
    }
    await reconciled({}, 61 * MINUTE)
    const told = (await findingsOf(run.db, run.id, ['amazon-us'], 10)).filter(({ kind }) => kind === 'unconfirmed')
    expect(told.map(({ external_order_id, next }) => `${external_order_id}: ${next}`).sort()).toEqual([
      'A-1: isync retry --order A-1 --kind confirm',
      'A-2: isync orders:show A-2',
    ])
  })

  describe('with what ShipStation has,', () => {
    it('finds orders in our stores that we do not know, and no others', async () => {
      await given()
      await pushed(anOrder('A-1'))
      const ours = (await orderRow(run.db, 'A-1')).shipstation_order_id ?? 0
      shipping.holds(
        aFoundOrder(6001, { orderNumber: 'HAND-1', storeId: 20002, orderStatus: 'awaiting_shipment' }),
        aFoundOrder(6002, { orderNumber: 'SHOP-1', storeId: 99999 }),
        aFoundOrder(6003, { orderNumber: 'A-1-split', parentId: ours }),
        aFoundOrder(6004, { orderNumber: 'MERGED', mergedIds: [ours] }),
        aFoundOrder(6005, { orderNumber: 'OFF', orderStatus: 'cancelled' }),
      )
      await reconciled()
      expect(await findings()).toEqual(['open warning unknown-order amazon-us HAND-1'])
    })

    it('finds an order that is there twice: ours, and one made by hand', async () => {
      await given()
      await pushed(anOrder('A-1'))
      shipping.holds(aFoundOrder(6001, { orderNumber: 'A-1', orderStatus: 'awaiting_shipment' }))
      await reconciled()
      expect(await findings()).toEqual(['open critical doubled amazon-us A-1'])
    })

    it('finds an order of ours that is not there any more, after asking for it by its id', async () => {
      await given()
      await pushed(anOrder('A-1'))
      shipping.answer = loses
      await pushed(anOrder('A-2'))
      await reconciled()
      expect(await findings()).toEqual(['open critical gone amazon-us A-2'])
      const { shipstation_order_id: id } = await orderRow(run.db, 'A-2')
      expect(shipping.calls.filter((call) => call.startsWith('getOrder'))).toEqual([`getOrder ${id}`])
    })

    it('closes nothing of it while ShipStation cannot be read', async () => {
      await given()
      shipping.answer = loses
      await pushed(anOrder('A-1'))
      await reconciled()
      expect(await findings()).toEqual(['open critical gone amazon-us A-1'])
      shipping.fail = new RetryableError('down', { account: 'shipstation', operation: 'orders' })
      const { verdict } = await reconciled()
      expect(verdict).toBe('partly')
      expect(await findings()).toEqual(['open critical gone amazon-us A-1'])
    })
  })

  describe('of two orders of one sale', () => {
    const one = anOrder('A-1')
    const other = { channel: 'mirakl-macys', shipTo: { ...anAddress, name: 'ADA  LOVELACE' } } as const

    async function bothThere(change: Partial<NormalizedOrder> = {}): Promise<readonly string[]> {
      await given()
      await pushed(one, anOrder('M-1', { ...other, ...change }))
      await reconciled()
      return findings()
    }

    it('finds the same goods for the same address on the same day over two channels', async () => {
      expect(await bothThere({ createdAt: one.createdAt + MINUTE })).toEqual(['open critical doubled mirakl-macys M-1'])
      const { detail = '', next } = (await about('doubled')) ?? {}
      expect(detail).toContain('amazon-us/A-1')
      expect(JSON.stringify({ detail, next })).not.toMatch(/ada|lovelace|analytical|97201/i)
    })

    it.each([
      ['other goods', { lines: [aLine('L1', { sku: 'OTHER' })] }],
      ['another address', { shipTo: { ...anAddress, address1: '13 Analytical Way' } }],
      ['another day', { createdAt: one.createdAt - 2 * DAY }],
      ['the same channel', { channel: 'amazon-us' }],
    ])('finds nothing with %s', async (_, change) => {
      expect(await bothThere(change)).toEqual([])
    })
  })
})

it('the clock of these stories stands at noon', () => {
  expect(aClock().now()).toBe(noon)
})
