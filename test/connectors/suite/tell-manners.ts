import { expect } from 'vitest'
import { RefusedByDryRun, StoppedError } from '../../../src/core/errors.ts'
import { isThere, type Verb, verbsOf } from './verbs.ts'
import {
  aPackage,
  confirm,
  DAY,
  failureOf,
  manyOrders,
  pages,
  placeOne,
  pull,
  type Say,
  signal,
  since,
  tell,
  updatesOf,
  type World,
  waysOf,
} from './world.ts'

/** Some vendors cannot be asked a thing: the connector knows the answer, and has nothing to stop. */
async function asksNothing(world: World, work: Verb[1]): Promise<boolean> {
  const calls = world.channel.calls()
  await work(world.connect(), signal)
  return world.channel.calls() === calls
}

const stoppedOr = (nothingToStop: boolean) => (failure: unknown) =>
  failure instanceof StoppedError || (failure === undefined && nothingToStop)

/** The port's sentences on how a connector behaves, whatever it is asked. */
export function tellManners(say: Say): void {
  say('stop: before', async (world) => {
    const verbs = await verbsOf(world)
    for (const [name, work] of verbs) {
      const near = world.connect()
      const calls = world.channel.calls()
      if (!isThere(near, name)) continue
      const failure = await failureOf(work(near, AbortSignal.abort()))
      expect(world.channel.calls(), name).toBe(calls)
      expect(failure, name).toSatisfy(stoppedOr(await asksNothing(world, work)))
    }
  })

  say('stop: between', async (world) => {
    manyOrders(world)
    const stop = new AbortController()
    const search = world.connect().connector.listOrders(since(world), stop.signal)[Symbol.asyncIterator]()
    await search.next()
    const calls = world.channel.calls()
    stop.abort()

    expect(await failureOf(search.next())).toBeInstanceOf(StoppedError)
    expect(world.channel.calls()).toBe(calls)
  })

  say('stop: waiting', async (world) => {
    const verbs = await verbsOf(world)
    for (const [name, work] of verbs) {
      const near = world.connect({ limitsSpent: true })
      if (!isThere(near, name)) continue
      const calls = world.channel.calls()
      const stop = new AbortController()
      const working = failureOf(work(near, stop.signal))
      for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve))
      stop.abort()
      const failure = await working
      expect(world.channel.calls(), name).toBe(calls)
      expect(failure, name).toSatisfy(stoppedOr(await asksNothing(world, work)))
    }
  })

  say('dry run', async (world) => {
    const order = await placeOne(world, world.connect())
    const parcel = aPackage(world, order)
    world.channel.list([{ sku: 'A', quantity: 5 }])
    const near = world.connect({ dryRun: true })
    const refused = async (work: Promise<unknown>) => {
      const error = await failureOf(work)
      expect(error === undefined || error instanceof RefusedByDryRun).toBe(true)
    }

    expect((await pull(near.connector, since(world, DAY))).map(({ externalOrderId }) => externalOrderId)).toEqual([
      order.externalOrderId,
    ])
    await refused(confirm(near, [parcel]))
    expect(near.planned.map(({ target }) => target)).toEqual([order.externalOrderId])
    expect(JSON.stringify(near.planned)).toContain(parcel.trackingNumber)
    for (const way of waysOf(near).keys()) {
      const before = near.planned.length
      await refused(tell(world, near, updatesOf(world, { A: 9 }), way))
      expect(
        near.planned.slice(before).map(({ target }) => target),
        way,
      ).toEqual(['A'])
      expect(near.planned.at(-1)?.detail, way).toContain('9')
    }

    expect(world.channel.packagesOf(order.externalOrderId)).toEqual([])
    expect(world.channel.quantityOf('A')).toBe(5)
    expect((await pages(near.connector, since(world))).length).toBeGreaterThan(0)
  })
}
