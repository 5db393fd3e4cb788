import { expect } from 'vitest'
import { mayShip } from '../../../src/core/model/order.ts'
import type { OrderPage } from '../../../src/core/ports/marketplace.ts'
import {
  anOrder,
  byId,
  CANARY,
  DAY,
  expectAll,
  HOUR,
  MINUTE,
  manyOrders,
  ordersOf,
  pages,
  pull,
  read,
  type Say,
  SECOND,
  signal,
  since,
  turns,
} from './world.ts'

/** The port's sentences on orders. */
export function tellOrders(say: Say): void {
  say('orders: statuses', async (world) => {
    const wanted = ['open', 'cancelled'] as const
    const ids = world.channel.place(wanted.map((state) => anOrder(world, { state })))

    const found = byId(await pull(world.connect().connector, since(world)))

    expect(ids.map((id) => found.get(id)?.status)).toEqual(wanted)
    const open = found.get(ids[0] ?? '')
    expect(open?.shipTo).toMatchObject({ address1: '1 Canary Wharf', city: 'Canaryville', postal: '60601' })
    expect(open?.lines).toMatchObject([{ sku: 'SKU-1', name: 'A lamp', qty: 1, qtyToShip: 1, price: 1250 }])
    expect([...found.values()].map(mayShip)).toEqual([...found.values()].map(({ status }) => status === 'open'))
  })

  say('orders: pending', async (world) => {
    const [id = ''] = world.channel.place([anOrder(world, { state: 'pending' })])

    const order = byId(await pull(world.connect().connector, since(world))).get(id)

    expect(order?.status).toBe('pending')
    expect(order !== undefined && mayShip(order)).toBe(false)
  })

  say('orders: awaiting acceptance', async (world) => {
    const [id = ''] = world.channel.place([anOrder(world, { state: 'awaiting_acceptance' })])

    const found = byId(await pull(world.connect().connector, since(world)))

    expect(found.get(id)?.status).toBe('awaiting_acceptance')
  })

  say('orders: boundary', async (world) => {
    // To the second: some vendors write no more.
    const at = Math.floor((world.channel.clock.now() - 3 * HOUR) / SECOND) * SECOND
    const [before = '', there = '', after = ''] = world.channel.place(
      [at - 60 * SECOND, at, at + SECOND].map((instant) => anOrder(world, { at: instant })),
    )

    const found = byId(await pull(world.connect().connector, { at }))

    expectAll(found.keys(), [there, after])
    expect(found.has(before) || found.has(there)).toBe(true)
  })

  say('orders: nothing', async (world) => {
    const from = since(world)

    const found = await pages(world.connect().connector, from)

    expect(ordersOf(found)).toEqual([])
    expect(found.at(-1)?.next.at).toBeGreaterThan(from.at)
    expect(found.at(-1)?.next.resume).toBeUndefined()
  })

  say('orders: at', async (world) => {
    manyOrders(world)
    const from = since(world)

    const found = await pages(world.connect().connector, from)

    expect(found.length).toBeGreaterThan(1)
    expect(found.slice(0, -1).map(({ next }) => next.at)).toEqual(found.slice(0, -1).map(() => from.at))
    const { next } = found.at(-1)!
    expect(next.at).toBeGreaterThan(from.at)
    expect(next.at).toBeLessThanOrEqual(world.channel.clock.now())
    expect(next.resume).toBeUndefined()
  })

  say('orders: drift', async (world) => {
    const ids = manyOrders(world)
    const { connector } = world.connect()
    const last = ids.at(-1)!
    const told: OrderPage[] = []
    const moved: string[] = []
    let placed: readonly string[] = []
    for await (const page of connector.listOrders(since(world), signal)) {
      told.push(page)
      if (told.length > 1) continue
      // They leave what is being read, and everybody behind them moves up.
      world.channel.clock.advance(10 * SECOND)
      moved.push(...page.orders.slice(0, 5).map(({ externalOrderId }) => externalOrderId))
      for (const id of moved) world.channel.changeStreet(id, '2 Canary Wharf')
      world.channel.cancel(last)
      placed = world.channel.place([anOrder(world, { at: world.channel.clock.now() })])
    }
    expect(moved).toHaveLength(5)
    world.channel.clock.advance(10 * MINUTE)
    const later = await pages(connector, told.at(-1)!.next)

    const found = byId([...ordersOf(told), ...ordersOf(later)])
    expectAll(found.keys(), [...ids, ...placed])
    expect(moved.map((id) => found.get(id)?.shipTo?.address1)).toEqual(moved.map(() => '2 Canary Wharf'))
    expect(found.get(last)?.status).toBe('cancelled')
  })

  say('orders: crash', async (world) => {
    const ids = manyOrders(world)
    const from = since(world)
    const whole = await pages(world.connect().connector, from)
    expect(whole.length).toBeGreaterThan(1)

    for (let died = 1; died < whole.length; died += 1) {
      const before = await pages(world.connect().connector, from, died)
      const cursor = JSON.parse(JSON.stringify(before.at(-1)!.next))
      const after = await pages(world.connect().connector, cursor)
      expectAll(byId([...ordersOf(before), ...ordersOf(after)]).keys(), ids)
      expect(after.at(-1)?.next.at).toBeGreaterThan(from.at)
    }
  })

  say('orders: stale resume', async (world) => {
    const ids = manyOrders(world, Math.min(world.channel.pageSize + 5, world.channel.many ?? Number.POSITIVE_INFINITY))
    const from = since(world)
    const [page] = await pages(world.connect().connector, from, 1)
    const notes = ['nonsense', '{"offset":3}', '[]', page?.next.resume]

    world.channel.clock.advance(9 * DAY)

    for (const resume of notes) {
      const found = await pull(world.connect().connector, { at: from.at, ...(resume === undefined ? {} : { resume }) })
      expectAll(byId(found).keys(), ids)
    }
  })

  say('orders: lazy', async (world) => {
    manyOrders(world)
    const from = since(world)
    const search = world.connect().connector.listOrders(from, signal)[Symbol.asyncIterator]()
    await search.next()
    const calls = world.channel.calls()
    await turns()
    const meanwhile = world.channel.calls()
    await search.return?.()
    await turns()
    const afterwards = world.channel.calls()
    await pages(world.connect().connector, from)

    expect([meanwhile, afterwards]).toEqual([calls, calls])
    expect(world.channel.calls() - afterwards).toBeGreaterThan(calls)
  })

  say('orders: skipped', async (world) => {
    const [open = '', theirs = ''] = world.channel.place([anOrder(world), anOrder(world, { state: 'marketplace' })])

    const { connector } = world.connect()
    const listed = byId(await pull(connector, since(world)))
    const asked = await connector.getOrders([open, theirs], signal)

    for (const orders of [listed, byId(asked.orders)]) {
      expectAll(orders.keys(), [open])
      expect([...orders.values()].filter(mayShip).map(({ externalOrderId }) => externalOrderId)).toEqual([open])
    }
    expect(asked.skipped + asked.orders.filter(({ fulfilledBy }) => fulfilledBy === 'marketplace').length).toBe(1)
  })

  say('orders: poison', async (world) => {
    const placed = (['open', 'unreadable', 'open'] as const).map((state) => anOrder(world, { state }))
    const [first = '', bad = '', second = ''] = world.channel.place(placed)
    const near = world.connect()

    const listed = await pages(near.connector, since(world))
    const asked = await near.connector.getOrders([first, bad, second], signal)

    for (const found of [
      { orders: ordersOf(listed), poison: listed.flatMap(({ poison }) => poison) },
      { orders: asked.orders, poison: asked.poison },
    ]) {
      expect([...byId(found.orders).keys()].sort()).toEqual([first, second].sort())
      expect(found.poison).toMatchObject([{ channel: world.channel.code, externalOrderId: bad }])
      expect(found.poison[0]?.reason).toMatch(/./)
      expect(found.poison[0]?.reason).not.toMatch(CANARY)
      expect(JSON.stringify(found.poison[0]?.raw)).toMatch(CANARY)
    }
    expect(listed.at(-1)?.next.at).toBeGreaterThan(since(world).at)
  })

  say('get: many', async (world) => {
    const ids = manyOrders(world)
    const asked = [...ids.slice(0, 3), world.channel.unknownId, ...ids]

    const found = await world.connect().connector.getOrders(asked, signal)

    expect(found.orders.map(({ externalOrderId }) => externalOrderId).sort()).toEqual([...ids].sort())
    expect(found.poison).toEqual([])
    expect((await world.connect().connector.getOrders([world.channel.unknownId], signal)).orders).toEqual([])
    expect((await world.connect().connector.getOrders([], signal)).orders).toEqual([])
  })

  say('get: now', async (world) => {
    const [kept = '', gone = ''] = world.channel.place([anOrder(world), anOrder(world)])
    const near = world.connect()
    expect((await read(near, gone)).status).toBe('open')

    world.channel.changeStreet(kept, '3 Canary Wharf')
    world.channel.cancel(gone)

    expect((await read(near, kept)).shipTo?.address1).toBe('3 Canary Wharf')
    expect((await read(near, gone)).status).toBe('cancelled')
  })
}
