import { describe, expect, it } from 'vitest'
import { findingsOf } from '../../../src/core/db/findings.ts'
import { AuthError, PermanentError } from '../../../src/core/errors.ts'
import type { NormalizedOrder } from '../../../src/core/model/order.ts'
import { type ReconcileReport, type ReconcileRequest, reconcile } from '../../../src/core/reconcile/reconcile.ts'
import { aPage, type TestChannel } from '../../world/a-channel.ts'
import { DAY, MINUTE } from '../../world/a-clock.ts'
import { aRunOn, type TestRun } from '../../world/a-run.ts'
import { aShipping } from '../../world/a-shipping.ts'
import { aLine, anOrder } from '../../world/an-order.ts'
import { databases } from '../../world/databases.ts'
import { aHouse, alerts, type House, publications, told } from '../inventory/a-house.ts'

/** What a channel's pages show: what it was told, until somebody changes it. */
function aWindow(channel: TestChannel): Map<string, number> {
  const shown = new Map<string, number>()
  channel.takes = ({ sku, quantity }) => {
    shown.set(sku, quantity)
    return { status: 'accepted' }
  }
  channel.lists = (sku) => {
    const quantity = shown.get(sku)
    return { sku, listed: true, fulfilment: 'seller', ...(quantity === undefined ? {} : { quantity }) }
  }
  return shown
}

describe.each(databases)('what channels show, on $name,', (database) => {
  let house: House
  let shown: Map<string, number>
  let run: TestRun
  let runs = 0

  /** Stock that Amazon and Mirakl were told an hour ago: of everything there are ten, so that nine are on show. */
  async function given(...skus: readonly string[]): Promise<void> {
    house = await aHouse(database, Object.fromEntries(skus.map((sku) => [sku, 10])))
    shown = aWindow(house.amazon)
    aWindow(house.macys)
    await house.full()
    for (const channel of [house.amazon, house.macys]) told(channel)
    run = house.run
    await run.clock.advance(60 * MINUTE)
  }

  /** `reconcile --inventory`, as a further run; orders of Amazon's that it pulls. */
  async function reconciled(
    change: Partial<ReconcileRequest> | 'orders only' = {},
    orders: readonly NormalizedOrder[] = [],
    pulledTo = run.clock.now(),
  ): Promise<ReconcileReport> {
    house.amazon.pages = [aPage(orders, { at: pulledTo })]
    house.macys.pages = [aPage([], { at: run.clock.now() })]
    run = aRunOn(run.db, { name: `reconcile${++runs}`, clock: run.clock, settings: run.settings })
    const connectors = [house.amazon, house.macys]
    const request = { connectors, shipping: aShipping(), windowMs: 7 * DAY, remedy: true }
    return reconcile(run, change === 'orders only' ? request : { ...request, quantities: {}, ...change })
  }

  const counts = ({ quantities }: ReconcileReport, channel = 'amazon-us') => {
    const { channel: _, ...numbers } = quantities?.summary.find((one) => one.channel === channel) ?? { channel: '' }
    return Object.fromEntries(Object.entries(numbers).filter(([, count]) => count > 0))
  }

  const findings = async () =>
    (await findingsOf(run.db, run.id, ['amazon-us', 'mirakl-macys'], 100)).map(
      ({ kind, channel, sku, state }) => `${state} ${kind} ${channel} ${sku}`,
    )

  const detail = async () => (await findingsOf(run.db, run.id, ['amazon-us'], 100)).map((row) => `${row.detail} | ${row.next}`)

  it('are found as they were told, and nothing is sent', async () => {
    await given('A', 'B')
    const report = await reconciled()
    expect(counts(report)).toEqual({ listed: 2, compared: 2, same: 2 })
    expect(report).toMatchObject({ verdict: 'done', findings: [] })
    expect(told(house.amazon)).toEqual([])
  })

  it('are left alone where they were not asked for', async () => {
    await given('A')
    shown.set('A', 3)
    expect((await reconciled('orders only')).quantities).toBeUndefined()
    expect(await findings()).toEqual([])
  })

  it('are lowered at once where somebody raised them', async () => {
    await given('A', 'B')
    shown.set('A', 50)
    const report = await reconciled()

    expect(told(house.amazon)).toEqual(['A 50 -> 9'])
    expect(shown.get('A')).toBe(9)
    expect(counts(report)).toEqual({ listed: 2, compared: 2, same: 1, different: 1, repaired: 1 })
    expect(await findings()).toEqual(['repaired quantity amazon-us A'])
    expect(report.verdict).toBe('done')
    expect(await alerts(run)).toEqual([])
  })

  it('are raised again where somebody lowered them, once the orders up to then are known', async () => {
    await given('A')
    shown.set('A', 3)
    // The pull that follows does not reach the moment of the look: Amazon shows its orders two minutes late.
    await reconciled({}, [], run.clock.now() - 2 * MINUTE)
    expect(told(house.amazon)).toEqual([])
    expect(await findings()).toEqual(['open quantity amazon-us A'])
    expect((await detail())[0]).toMatch(
      /shows 3, was told 9 60 min ago.*may have been sold.*\| isync reconcile --inventory --sku "A"/,
    )
    expect(await alerts(run)).toContain('quantities-differ amazon-us warning')

    await run.clock.advance(30 * MINUTE)
    await reconciled({}, [], run.clock.now() - 2 * MINUTE)
    expect(told(house.amazon)).toEqual(['A 3 -> 9'])
    expect(await findings()).toEqual(['repaired quantity amazon-us A'])
    expect(await alerts(run)).toEqual([])
  })

  it('are not raised by what was sold a moment ago: the pull in between tells', async () => {
    await given('A')
    shown.set('A', 7)
    const sold = anOrder('A-1', {
      createdAt: run.clock.now() - MINUTE,
      updatedAt: run.clock.now() - MINUTE,
      lines: [aLine('L1', { sku: 'A', qty: 2 })],
    })
    const report = await reconciled({}, [sold])
    expect(counts(report)).toEqual({ listed: 1, compared: 1, sold: 1 })
    expect(told(house.amazon)).toEqual([])
    expect(await findings()).toEqual([])
  })

  it('may be late for a while after they were told, and then not', async () => {
    await given('A')
    house.stock.shelf.set('A', 30)
    // Taken, and not on show.
    house.amazon.takes = () => ({ status: 'accepted' })
    await house.full()
    expect(told(house.amazon)).toEqual(['A 9 -> 29'])
    await run.clock.advance(5 * MINUTE)
    expect(counts(await reconciled())).toEqual({ listed: 1, compared: 1, processing: 1 })
    await run.clock.advance(60 * MINUTE)
    await reconciled({ remedy: false })
    expect((await detail())[0]).toMatch(/shows 9, was told 29.*still shows what it was told before/)

    aWindow(house.amazon).set('A', 9)
    await reconciled()
    expect(told(house.amazon)).toEqual(['A 9 -> 29'])
    expect(await findings()).toEqual(['repaired quantity amazon-us A'])
  })

  it('that were never told in time are told now; what was refused for good waits for a person', async () => {
    await given('A', 'B')
    for (const sku of ['A', 'B']) house.stock.shelf.set(sku, 20)
    house.amazon.takes = ({ sku }) => ({
      status: 'failed',
      error: new PermanentError(`no ${sku}`, { account: 'amazon-us', operation: 'patch' }),
    })
    await house.full()
    // Another cause by now: only one of them was refused for good.
    await run.db.run(`update publications set last_error_kind = 'retryable' where sku = 'A' and channel = 'amazon-us'`)
    shown = aWindow(house.amazon)
    for (const sku of ['A', 'B']) shown.set(sku, 9)
    told(house.amazon)
    await run.clock.advance(60 * MINUTE)
    expect(counts(await reconciled())).toMatchObject({ late: 2, repaired: 1 })
    expect(told(house.amazon)).toEqual(['A 9 -> 19'])
    expect(await findings()).toEqual(['open quantity amazon-us B', 'repaired quantity amazon-us A'])
    expect(await detail()).toContainEqual(expect.stringMatching(/should show 19 .*no B \| isync inventory:rebalance --sku "B"/))
  })

  it('are only reported where nothing is to be repaired', async () => {
    await given('A')
    shown.set('A', 50)
    const before = await publications(run)
    const report = await reconciled({ remedy: false })
    expect(told(house.amazon)).toEqual([])
    expect(await publications(run)).toEqual(before)
    expect(report.verdict).toBe('partly')
    expect(await detail()).toEqual([
      expect.stringMatching(/shows 50, was told 9 60 min ago.*\| isync reconcile --inventory --sku "A"$/),
    ])
  })

  it('of one SKU are looked at alone, and say nothing of the others', async () => {
    await given('A', 'B')
    shown.set('A', 50)
    await reconciled({ remedy: false })
    shown.set('B', 50)
    shown.set('A', 9)
    expect(counts(await reconciled({ quantities: { skus: ['B'] } }))).toEqual({
      listed: 2,
      compared: 1,
      different: 1,
      repaired: 1,
    })
    expect((await findings()).sort()).toEqual(['open quantity amazon-us A', 'repaired quantity amazon-us B'])
    await expect(reconciled({ quantities: { skus: ['NOBODYS'] } })).rejects.toThrow(/unknown SKU 'NOBODYS'/)
  })

  it('go unseen where the listing is gone or the channel does not tell', async () => {
    await given('A', 'B')
    house.amazon.lists = (sku) => (sku === 'A' ? { sku, listed: false } : { sku, listed: true, fulfilment: 'seller' })
    const report = await reconciled()
    expect(counts(report)).toEqual({ listed: 2, compared: 2, absent: 1, untold: 1 })
    expect(report.verdict).toBe('done')
  })

  it('are looked at in turns where a look at all would take too many calls', async () => {
    const skus = Array.from({ length: 75 }, (_, n) => `SKU-${String(n).padStart(2, '0')}`)
    await given(...skus)
    const asked = new Set<string>()
    // As dear as if there were twenty times as many, a call for each.
    Object.assign(house.amazon, { listingLook: { skusPerCall: 0.05, whole: false } })
    house.amazon.lists = (sku) => {
      asked.add(sku)
      return { sku, listed: true, fulfilment: 'seller', quantity: sku === 'SKU-70' ? 77 : 9 }
    }
    house.amazon.takes = () => ({ status: 'accepted' })
    expect(counts(await reconciled({ remedy: false }))).toMatchObject({ listed: 75, compared: 50 })
    await run.clock.advance(60 * MINUTE)
    await reconciled({ remedy: false })
    expect(asked.size).toBe(75)
    expect(await findings()).toEqual(['open quantity amazon-us SKU-70'])
  })

  it('of a channel that fails stay as they were found, and the others are compared', async () => {
    await given('A')
    shown.set('A', 50)
    await reconciled({ remedy: false })
    house.amazon.describeListings = async () => {
      throw new AuthError('401', { account: 'amazon-us', operation: 'searchListingsItems' })
    }
    const report = await reconciled()
    expect(report.channels).toMatchObject([
      { channel: 'amazon-us', outcome: 'partly', errors: [{ next: 'isync doctor --channel amazon-us' }] },
      { channel: 'mirakl-macys', outcome: 'done' },
      { channel: 'shipstation', outcome: 'done' },
    ])
    expect(counts(report, 'mirakl-macys')).toEqual({ listed: 1, compared: 1, same: 1 })
    expect(await findings()).toEqual(['open quantity amazon-us A'])
  })
})
