import { afterEach, describe, expect, it } from 'vitest'
import { PermanentError } from '../../src/core/errors.ts'
import type { MarketplaceConnector } from '../../src/core/ports/marketplace.ts'
import {
  books,
  DAY,
  type DscoWorld,
  failureOf,
  HOUR,
  heard,
  later,
  MINUTE,
  NOW,
  openDsco,
  PAGE,
  pages,
  pull,
  signal,
  spoil,
} from './dsco-world.ts'

let world: DscoWorld
afterEach(() => world.close())

const EVENTS = /\/stream\/[^/]+\/\d+\/.+/

/** A stream as a seller makes one, and a connector that reads it. */
async function openStream(query: object = { orderTypes: ['dropship', 'marketplace'] }, more: object = {}) {
  world = await openDsco()
  const answer = await fetch(`${world.sandbox.origins.dsco}/api/v3/stream`, {
    method: 'POST',
    headers: { authorization: 'bearer sandbox-token', 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ description: 'orders', objectType: 'order', query: { queryType: 'order', ...query }, ...more }),
  })
  const { id } = (await answer.json()) as { id: string }
  later(world, MINUTE)
  return { id, connector: world.again({ mode: 'stream', streamId: id }).connector }
}

const add = (...orders: object[]) => {
  world.sandbox.act('dsco', 'add-orders', orders)
  later(world, MINUTE)
}
const ids = async (connector: MarketplaceConnector, at = world.sandbox.clock.now() - 10 * MINUTE) =>
  (await pull(connector, { at })).map(({ externalOrderId }) => externalOrderId)
const moves = () => heard(world, EVENTS, 'PUT')
const position = () => books(world).streams[0]?.partitions[0]?.position

describe('a stream', () => {
  it('brings every change once, read by read until one is empty, and marks them read', async () => {
    const { connector } = await openStream({ orderTypes: ['dropship', 'marketplace'] }, { maxEvents: { objectCount: 2 } })
    add({ id: '1' }, { id: '2' }, { id: '3', type: 'Marketplace' })

    expect(await ids(connector)).toEqual(['1', '2', '3'])
    expect(heard(world, EVENTS, 'GET')).toHaveLength(3)
    expect(await ids(connector)).toEqual([])
    add({ id: '4' })
    expect(await ids(connector)).toEqual(['4'])
  })

  it('is moved on only when the page has been stored', async () => {
    const { connector } = await openStream()
    add({ id: '1' })
    const before = position()

    for await (const page of connector.listOrders({ at: world.sandbox.clock.now() - MINUTE }, signal)) {
      expect(page.orders).toHaveLength(1)
      expect(page.next.resume).toBeDefined()
      break
    }

    expect(position()).toBe(before)
    expect(await ids(connector)).toEqual(['1'])
    expect(position()).not.toBe(before)
  })

  it('is moved at most every five seconds however many reads there are, its ids escaped', async () => {
    const { connector } = await openStream({ orderTypes: ['dropship'] }, { maxEvents: { objectCount: 1 } })
    add(...Array.from({ length: 12 }, (_, i) => ({ id: `${i}` })))

    expect(await ids(connector)).toHaveLength(12)
    const times = moves().map(({ at }) => Number(at))
    expect(times.length).toBeLessThanOrEqual(3)
    for (const [i, at] of times.entries()) if (i > 0) expect(at - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(5000)
    expect(moves()[0]?.path).toMatch(/z%2F2026%2F/i)
  })

  it('tells the last state of an order that changed twice in one read', async () => {
    const { connector } = await openStream()
    world.sandbox.act('dsco', 'add-orders', [{ id: '1' }])
    later(world, 5000)
    world.sandbox.act('dsco', 'cancel', { order_id: '1' })
    later(world, MINUTE)

    expect(await pull(connector, { at: NOW })).toMatchObject([{ externalOrderId: '1', status: 'cancelled' }])
  })

  it('is read by a dry run and stays where it was', async () => {
    const { id } = await openStream()
    add({ id: '1' })
    const before = position()
    const dry = world.again({ mode: 'stream', streamId: id }, { dryRun: true })

    expect(await ids(dry.connector)).toEqual(['1'])
    expect(moves()).toEqual([])
    expect(position()).toBe(before)
  })

  it('that cannot be moved repeats its events and holds up nothing', async () => {
    const { connector } = await openStream()
    add({ id: '1' })
    spoil(world, /\/stream\//, 'status', { status: 503, times: 2, match: { method: 'PUT', path: '/stream/' } })

    expect(await ids(connector)).toEqual(['1'])
    expect(await ids(connector)).toEqual(['1'])
    expect(await ids(connector)).toEqual([])
  })

  it('of two partitions is read in both', async () => {
    const { connector } = await openStream({ orderTypes: ['dropship'] }, { numPartitions: 2 })
    add({ id: '10' }, { id: '11' }, { id: '12' })

    expect((await ids(connector)).sort()).toEqual(['10', '11', '12'])
  })

  it('that was read further than our books are is made up for by pages', async () => {
    const { connector } = await openStream()
    world.sandbox.seed('dsco', { orders: [{ id: 'before', created_at: new Date(NOW - DAY).toISOString() }] })
    add({ id: '1' })

    expect(await ids(connector, NOW - 2 * DAY)).toContain('before')
    expect(heard(world, PAGE).length).toBeGreaterThan(0)
    const asked = heard(world, PAGE).length
    expect(await ids(connector, NOW - HOUR / 2)).not.toContain('before')
    expect(heard(world, PAGE)).toHaveLength(asked)
  })

  it('that does not exist is said by its name', async () => {
    await openStream()
    const { connector } = world.again({ mode: 'stream', streamId: 'nobody' })
    const failure = await failureOf(pages(connector))

    expect(failure).toBeInstanceOf(PermanentError)
    expect(String(failure)).toContain("the account has no stream 'nobody': set stream_id, or mode: pages")
  })

  it('that leaves orders out is found by the doctor', async () => {
    const { id } = await openStream({ dscoLifecycle: ['created'] })
    const { checks } = await world.again({ mode: 'stream', streamId: id }).connector.health(signal)

    expect(checks.find(({ check }) => check === 'stream')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/marketplace orders are not in it.*cancelled orders are not in it/),
    })
  })
})
