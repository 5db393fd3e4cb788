import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { costs, type Job, TOLERATED, type Way } from '../../bench/support/minimum.ts'
import type { NormalizedOrder } from '../../src/core/model/order.ts'
import type { Confirmation } from '../../src/core/model/shipment.ts'
import type { Listing, QuantityUpdate } from '../../src/core/model/stock.ts'
import type { MarketplaceConnector, QuantityOutcome } from '../../src/core/ports/marketplace.ts'
import type { Channel, ChannelBench } from './suite/bench.ts'
import { amazonBench } from './suite/bench-amazon.ts'
import { channelAdvisorBench } from './suite/bench-channeladvisor.ts'
import { dscoBench } from './suite/bench-dsco.ts'
import { ebayBench } from './suite/bench-ebay.ts'
import { miraklBench } from './suite/bench-mirakl.ts'
import type { Stage } from './suite/stand-in-stage.ts'
import { anOrder, aPackage, confirm, DAY, HOUR, manyOrders, pull, signal, since, statuses } from './suite/world.ts'

// A little more than a page or a batch of most vendors.
const ORDERS = 201
const TAKEN = 101
const PACKAGES = 40
const SKUS = 104
const CHANGED = 101
/** So many listings are looked at together, as whoever publishes does it. */
const LOOK = 200

const benches: readonly (readonly [Way, ChannelBench])[] = [
  ['amazon', amazonBench('2026-01-01')],
  ['amazon-v0', amazonBench('v0')],
  ['mirakl', miraklBench('ST01')],
  ['ebay', ebayBench('trading')],
  ['ebay-fulfillment', ebayBench('fulfillment')],
  ['dsco', dscoBench],
  ['channeladvisor', channelAdvisorBench],
]

/** Whole pages, and batches that are worked on by the time somebody asks. */
const seeds: Partial<Record<Way, object>> = {
  mirakl: { settings: { stock_imports: { waiting_ms: 0, running_ms: 0 } } },
  dsco: { settings: { page_cut: 0, log_ms: 0, log_only_ms: 0, propagation_ms: 0 } },
}

/** For a token, or a report that is asked for beside a search whose turn is far away: in virtual time it always is. */
const BESIDE = /\/token$|restrictedDataToken$| \/reports\/| \/report-documents\//

describe.each(benches)('calls spent by %s', (way, bench) => {
  let channel: Channel & Stage
  let orders: readonly NormalizedOrder[] = []
  let packages: readonly Confirmation[] = []
  const looked = new Map<string, Listing>()

  beforeAll(async () => {
    // Every bench of a stand-in is its stage with words of its own.
    channel = (await bench.open()) as Channel & Stage
    await channel.reset()
    if (seeds[way] !== undefined) channel.seed(seeds[way])
    channel.list(Array.from({ length: SKUS }, (_, n) => ({ sku: skuNo(n), quantity: 5 })))
  })
  afterAll(() => channel.close())

  /** Calls of a process that knows nothing, by operation, as the vendor counts them. */
  async function spentOn(work: (connector: MarketplaceConnector) => Promise<unknown>): Promise<Readonly<Record<string, number>>> {
    const before = counted()
    await work(channel.connect().connector)
    const news = Object.entries(counted()).map(([shape, count]) => [shape, count - (before[shape] ?? 0)] as const)
    return Object.fromEntries(news.filter(([shape, count]) => count > 0 && !BESIDE.test(shape)))
  }

  /** ChannelAdvisor counts each request of a batch as one more (contract section 8). */
  function counted(): Readonly<Record<string, number>> {
    const heard = channel.heard()
    if (way !== 'channeladvisor') return heard
    const { calls } = channel.books<{ readonly calls: Readonly<Record<string, number>> }>()
    const alone = Object.entries(heard).find(([shape]) => shape.endsWith('/UpdateQuantity'))?.[1] ?? 0
    return { ...heard, 'part of a batch': (calls.UpdateQuantity ?? 0) - alone }
  }

  function expectFew(job: Job, count: number, spent: Readonly<Record<string, number>>): void {
    const cost = costs[way][job]?.(count)
    const sum = Object.values(spent).reduce((all, one) => all + one, 0)
    expect(sum, `${job} ${count}: ${JSON.stringify(spent)}`).toBeLessThanOrEqual(cost?.most ?? 0)
    // Fewer would mean that something was left out, or that the reckoning is wrong.
    expect(sum, `${job} ${count}: ${JSON.stringify(spent)}`).toBeGreaterThanOrEqual(cost?.least ?? 0)
    if (sum > TOLERATED * (cost?.least ?? 0)) expect(cost?.why).toBeDefined()
  }

  it('on many orders, and on none', async () => {
    manyOrders({ channel, connect: channel.connect }, ORDERS)
    const spent = await spentOn(async (connector) => {
      orders = await pull(connector, since({ channel, connect: channel.connect }))
    })
    expect(orders).toHaveLength(ORDERS)
    expectFew('pull', ORDERS, spent)

    const window = { from: channel.clock.now() - DAY, until: channel.clock.now() - HOUR }
    const open: string[] = []
    const read = await spentOn(async (connector) => {
      for await (const page of connector.listOpenOrders(window, signal))
        open.push(...page.map(({ externalOrderId }) => externalOrderId))
    })
    expect(new Set(open).size).toBe(ORDERS)
    expectFew('open list', ORDERS, read)

    channel.clock.advance(DAY)
    const idle = await spentOn((connector) => pull(connector, { at: channel.clock.now() - HOUR }))
    expect(Object.values(idle)).toEqual([1])
  })

  const asksForYes = costs[way].acknowledge !== undefined
  it(asksForYes ? 'on a yes to each order' : 'on no yes: the vendor has none', async () => {
    const world = { channel, connect: channel.connect }
    expect(channel.connect().connector.acknowledgeOrders !== undefined).toBe(asksForYes)
    if (!asksForYes) return
    // Only where a yes is asked for does it matter: elsewhere it says that the order is taken.
    const ids = channel.place(
      Array.from({ length: TAKEN }, () => anOrder(world, { state: way === 'mirakl' ? 'awaiting_acceptance' : 'open' })),
    )
    const before = new Set(orders.map(({ externalOrderId }) => externalOrderId))
    const waiting = (await pull(channel.connect().connector, since(world, HOUR * 2))).filter(
      ({ externalOrderId }) => !before.has(externalOrderId),
    )
    expect(waiting).toHaveLength(ids.length)
    const outcomes: string[] = []
    const spent = await spentOn(async (connector) => {
      const size = connector.batchSize.acknowledge ?? 20
      for (let at = 0; at < waiting.length; at += size) {
        const some = waiting.slice(at, at + size).map(({ externalOrderId, lines }) => ({
          externalOrderId,
          externalLineIds: lines.map(({ externalLineId }) => externalLineId),
          reference: `isync:${externalOrderId}`,
        }))
        outcomes.push(...statuses((await connector.acknowledgeOrders?.(some, signal)) ?? []))
      }
    })
    expect(outcomes).toEqual(waiting.map(() => 'accepted'))
    expectFew('acknowledge', TAKEN, spent)
  })

  it('on many packages, and when they are told once more', async () => {
    const world = { channel, connect: channel.connect }
    packages = orders.slice(0, PACKAGES).map((order) => aPackage(world, order))
    const tell = async (connector: MarketplaceConnector) => {
      const outcomes = await confirm({ connector, logged: [], planned: [] }, packages)
      expect(statuses(outcomes)).toEqual(packages.map(() => 'accepted'))
    }
    expectFew('confirm', PACKAGES, await spentOn(tell))

    channel.clock.advance(HOUR)
    await spentOn(tell)
    for (const { externalOrderId } of everyTenth(packages)) expect(channel.packagesOf(externalOrderId)).toHaveLength(1)
  })

  it('on packages of which nobody knows whether they were told', async () => {
    const spent = await spentOn(async (connector) => {
      const size = connector.batchSize.confirm
      for (let at = 0; at < packages.length; at += size) {
        const some = packages.slice(at, at + size)
        const found = await connector.lookUpConfirmations(some, signal)
        // Where nothing can be told a package is told again, which there is an edit.
        expect(found).toEqual(some.map(() => (way === 'amazon-v0' ? 'unknowable' : 'confirmed')))
        if (way === 'amazon-v0') for (const one of some) await connector.confirmShipments([one], signal)
      }
    })
    expectFew('look up', PACKAGES, spent)
    for (const { externalOrderId } of everyTenth(packages)) expect(channel.packagesOf(externalOrderId)).toHaveLength(1)
  })

  it('on many quantities, the first time and later', async () => {
    const all = Array.from({ length: SKUS }, (_, n) => skuNo(n))
    expectFew('publish first', SKUS, await spentOn((connector) => publish(connector, all, 7)))
    channel.clock.advance(2 * HOUR)
    const some = all.slice(0, CHANGED)
    expectFew('publish', CHANGED, await spentOn((connector) => publish(connector, some, 8)))
    const told = new Set(some)
    for (const sku of everyTenth(all)) expect(channel.quantityOf(sku), sku).toBe(told.has(sku) ? 8 : 7)
  })

  /** As a run does it: a look at what must be known, then everything by plan, then the reports. */
  async function publish(connector: MarketplaceConnector, skus: readonly string[], quantity: number): Promise<void> {
    const unknown = connector.checksListings ? skus.filter((sku) => !looked.has(sku)) : []
    for (let at = 0; at < unknown.length; at += LOOK) {
      const listings = (await connector.describeListings?.(unknown.slice(at, at + LOOK), signal)) ?? []
      for (const listing of listings) looked.set(listing.sku, listing)
    }
    const due = skus.map((sku): QuantityUpdate => {
      const listing = looked.get(sku)
      const type = listing?.listed === true ? listing.productType : undefined
      return { channel: channel.code, sku, quantity, ...(type === undefined ? {} : { productType: type }) }
    })
    const awaited = new Map<string, QuantityUpdate[]>()
    while (due.length > 0) {
      const { way: by, batch } = connector.quantityPlan(due.length)
      const sent = due.splice(0, batch)
      for (const [at, outcome] of (await connector.updateQuantities(sent, by, signal)).entries()) {
        if (outcome.status === 'reported-later')
          awaited.set(outcome.report, [...(awaited.get(outcome.report) ?? []), ...sent.slice(at, at + 1)])
        else expect(outcome).toEqual({ status: 'accepted' })
      }
    }
    for (const [report, sent] of awaited) {
      const outcomes = await readToEnd(connector, report, sent)
      expect(statuses(outcomes)).toEqual(sent.map(() => 'accepted'))
    }
  }

  async function readToEnd(
    connector: MarketplaceConnector,
    report: string,
    sent: readonly QuantityUpdate[],
  ): Promise<readonly QuantityOutcome[]> {
    const sentAt = channel.clock.now()
    for (let asked = 0; asked < 100; asked += 1) {
      const found = await connector.readQuantityReport?.(report, sent, sentAt, signal)
      if (found?.state !== 'running') return found?.outcomes ?? []
      channel.clock.advance(found.againInMs)
    }
    throw new Error(`the report ${report} never ends`)
  }
})

/** The vendor's books are long to read. */
function everyTenth<T>(items: readonly T[]): readonly T[] {
  return items.filter((_, n) => n % 10 === 0)
}

function skuNo(n: number): string {
  return `SKU-${String(n).padStart(6, '0')}`
}
