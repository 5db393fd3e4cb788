import { expect } from 'vitest'
import { mayShip } from '../../../src/core/model/order.ts'
import type { MarketplaceConnector, OpenOrder, OrderWindow } from '../../../src/core/ports/marketplace.ts'
import {
  aLine,
  anOrder,
  aPackage,
  byId,
  confirm,
  DAY,
  expectAll,
  HOUR,
  MINUTE,
  manyOrders,
  need,
  pull,
  read,
  type Say,
  SECOND,
  signal,
  since,
  statuses,
  turns,
  type World,
} from './world.ts'

/** Orders as old as this are in every list, however late the vendor makes it. */
const OLD = 2 * HOUR

/** The last day, without what has only just come in. */
function lately({ channel }: World): OrderWindow {
  return { from: channel.clock.now() - DAY, until: channel.clock.now() - 15 * MINUTE }
}

/** The pages of the list, each order once. */
async function openPages(connector: MarketplaceConnector, window: OrderWindow): Promise<readonly (readonly OpenOrder[])[]> {
  const found: (readonly OpenOrder[])[] = []
  for await (const page of connector.listOpenOrders(window, signal)) found.push(page)
  const ids = found.flat().map(({ externalOrderId }) => externalOrderId)
  expect(ids).toHaveLength(new Set(ids).size)
  return found
}

async function listed(world: World, window = lately(world)): Promise<ReadonlyMap<string, OpenOrder>> {
  const found = await openPages(world.connect().connector, window)
  return new Map(found.flat().map((order) => [order.externalOrderId, order]))
}

/** The port's sentences on the list of open orders. */
export function tellOpen(say: Say): void {
  say('open: only', async (world) => {
    const states = ['open', 'pending', 'awaiting_acceptance', 'cancelled', 'marketplace'] as const
    const ids = world.channel.place(
      states.map((state, i) => anOrder(world, { state, at: world.channel.clock.now() - OLD - i * SECOND })),
    )
    const pulled = byId(await pull(world.connect().connector, since(world)))

    const found = await listed(world)

    // What may ship by one list may ship by the other, in a vendor's every state.
    const shippable = ids.filter((id) => {
      const order = pulled.get(id)
      return order !== undefined && mayShip(order)
    })
    expect([...found.keys()].sort()).toEqual([...shippable].sort())
    expect(found.has(ids[0] ?? '')).toBe(true)
    expect(found.has(ids[3] ?? '')).toBe(false)
  })

  say('open: shipped', async (world) => {
    const at = world.channel.clock.now() - OLD
    const [open = '', gone = ''] = world.channel.place([anOrder(world, { at }), anOrder(world, { at })])
    const near = world.connect()
    expect(statuses(await confirm(near, [aPackage(world, await read(near, gone))]))).toEqual(['accepted'])
    world.channel.clock.advance(HOUR)

    expect([...(await listed(world)).keys()]).toEqual([open])
  })

  say('open: part', async (world) => {
    const [id = ''] = world.channel.place([
      anOrder(world, { at: world.channel.clock.now() - OLD, lines: [aLine({ quantity: 3 }), aLine({ sku: 'SKU-2' })] }),
    ])
    const near = world.connect()
    const { externalLineId } = (await read(near, id)).lines[0]!
    const part = { lines: [{ externalLineId, quantity: 3 }], wholeOrder: false }
    expect(statuses(await confirm(near, [aPackage(world, await read(near, id), part)]))).toEqual(['accepted'])
    world.channel.clock.advance(HOUR)

    const order = (await listed(world)).get(id)
    expect(order).toBeDefined()
    expect([1, undefined]).toContain(order?.unitsToShip)
  })

  say('open: numbers', async (world) => {
    const lines = [aLine({ quantity: 3 }), aLine({ sku: 'SKU-2', price: '7.20', tax: '0.72' })]
    const ids = world.channel.place([
      anOrder(world, { at: world.channel.clock.now() - OLD, lines }),
      anOrder(world, { at: world.channel.clock.now() - OLD }),
    ])
    const pulled = byId(await pull(world.connect().connector, since(world)))

    const found = await listed(world)

    expectAll(found.keys(), ids)
    for (const [id, open] of found) {
      const order = pulled.get(id)!
      expect(open.createdAt).toBe(order.createdAt)
      const units = order.lines.reduce((sum, { qtyToShip }) => sum + qtyToShip, 0)
      expect([units, undefined]).toContain(open.unitsToShip)
      if (open.total !== undefined) expect(open.total).toEqual({ minor: order.totals.total, currency: order.currency })
    }
  })

  say('open: window', async (world) => {
    // To the second: some vendors write no more.
    const until = Math.floor((world.channel.clock.now() - 3 * HOUR) / SECOND) * SECOND
    const from = until - 2 * HOUR
    const instants = [from - MINUTE, from, until - SECOND, until, until + MINUTE]
    const ids = world.channel.place(instants.map((at) => anOrder(world, { at })))

    const found = await listed(world, { from, until })

    expect([...found.keys()].sort()).toEqual(ids.slice(1, 3).sort())
  })

  say('open: nothing', async (world) => {
    expect((await listed(world)).size).toBe(0)
  })

  say('open: omitted', async (world) => {
    const omit = need(world.channel.omit, 'omit')
    const at = world.channel.clock.now() - OLD
    const [kept = '', lost = ''] = world.channel.place([anOrder(world, { at }), anOrder(world, { at })])
    omit(lost)

    const pulled = byId(await pull(world.connect().connector, since(world)))
    expect([pulled.has(kept), pulled.has(lost)]).toEqual([true, false])
    expect([...(await listed(world)).keys()].sort()).toEqual([kept, lost].sort())
    // And it can be had by its id, or nobody could repair anything.
    expect((await read(world.connect(), lost)).status).toBe('open')
  })

  say('open: unreadable', async (world) => {
    const placed = (['open', 'unreadable'] as const).map((state) =>
      anOrder(world, { state, at: world.channel.clock.now() - OLD }),
    )
    const ids = world.channel.place(placed)

    expect([...(await listed(world)).keys()].sort()).toEqual([...ids].sort())
  })

  say('open: drift', async (world) => {
    const ids = manyOrders(world)
    const { connector } = world.connect()
    const found: string[] = []
    let left: readonly string[] = []
    for await (const page of connector.listOpenOrders(lately(world), signal)) {
      const isFirst = found.length === 0
      found.push(...page.map(({ externalOrderId }) => externalOrderId))
      if (!isFirst || page.length === 0) continue
      // They leave the list, and everybody behind them moves up; another changes, and may move to its end.
      left = found.slice(0, 5)
      for (const id of left) world.channel.cancel(id)
      for (const id of found.slice(5, 8)) world.channel.changeStreet(id, '2 Canary Wharf')
      world.channel.clock.advance(10 * SECOND)
    }

    expect(left).toHaveLength(5)
    expectAll(found, ids)
    expect(found).toHaveLength(new Set(found).size)
  })

  say('open: lazy', async (world) => {
    manyOrders(world)
    const search = world.connect().connector.listOpenOrders(lately(world), signal)[Symbol.asyncIterator]()
    await search.next()
    const calls = world.channel.calls()
    await turns()
    const meanwhile = world.channel.calls()
    await search.return?.()
    await turns()

    expect([meanwhile, world.channel.calls()]).toEqual([calls, calls])
  })
}
