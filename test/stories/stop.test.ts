import { afterEach, describe, expect, inject, it } from 'vitest'
import { audit } from '../world/auditor.ts'
import { buyFive, type Command, cron, frozenAt, shipAll, untilDone, withoutLimits } from '../world/crash.ts'
import { databases, toldOn } from '../world/databases.ts'
import { startWorld, type World } from '../world/loop.ts'

let world: World

afterEach(async () => {
  await world.close()
})

/** In the fast suite on one database; stop.long.test.ts tells it on both. */
const here = toldOn('postgres')

describe.each(here)('a run that is told to stop, on $name,', { timeout: 60_000 }, (database) => {
  it('finishes the call in flight, gives everything back and lets the next run go on at once', async () => {
    world = await startWorld(database)
    withoutLimits(world)
    buyMany(world, 150)
    await cron(world, 'orders:pull')
    world.sandbox.addFault({ vendor: 'shipstation', kind: 'slow', match: { path: 'createorders' }, delayMs: 700 })

    const push = world.start(['orders:push-shipstation', '--json'])
    await asked(world, '/orders/createorders', 1)
    const told = performance.now()
    push.kill('SIGTERM')
    const ran = await push.ended

    expect(performance.now() - told).toBeLessThan(10_000)
    expect(ran.code).toBe(3)
    expect(ran.stderr).toContain('finishing what is in flight')
    expect(ran.json<Report>().channels[0]?.counts).toMatchObject({ pushed: 100, dead: 0 })
    // No time passes: were a lease left behind, the next run could not work.
    const next = await world.isync(['orders:push-shipstation', '--json'])
    expect(next.json<Report>().channels[0]?.counts).toMatchObject({ pushed: 50, waiting: 0, dead: 0 })
    expect(audit(world.sandbox)).toMatchObject({ lost: [], doubled: [] })
  })

  // The database has no part in the rest.
  if (database.name === 'postgres') return

  it('does not sit out its wait for a rate limit', async () => {
    world = await startWorld(database)
    const at = world.clock.now() - 3_600_000
    const orders = Array.from({ length: 8 }, (_, i) => ({
      order_id: `M-${i}`,
      state: 'WAITING_ACCEPTANCE',
      created_at: at,
      updated_at: at,
    }))
    world.sandbox.seed('mirakl', { orders })

    const pull = world.start(['orders:pull', '--json'])
    await asked(world, '/accept', 2)
    const told = performance.now()
    pull.kill('SIGTERM')
    await pull.ended

    expect(performance.now() - told).toBeLessThan(4000)
    world.clock.setScale(30)
    expect(await untilDone(world)).toMatchObject({ lost: [], doubled: [] })
  })

  it('ends within ten seconds though the vendor never answers, and the order is there once', async () => {
    world = await startWorld(database)
    withoutLimits(world)
    buyFive(world, 1)
    await cron(world, 'orders:pull')
    world.sandbox.addFault({ vendor: 'shipstation', kind: 'timeout-after', match: { path: 'createorders' } })

    const push = world.start(['orders:push-shipstation'])
    await asked(world, '/orders/createorders', 1)
    const told = performance.now()
    push.kill('SIGTERM')
    expect((await push.ended).code).toBe(143)

    expect(performance.now() - told).toBeLessThan(11_000)
    expect(await untilDone(world)).toMatchObject({ lost: [], doubled: [] })
  })
})

describe.each(databases)('a process that was frozen past its lease, on $name,', { timeout: 90_000 }, (database) => {
  if (toldOn('postgres').includes(database))
    it('does not undo with its own refusal what its successor has finished', async () => {
      world = await startWorld(database)
      withoutLimits(world)
      await packed(world)
      world.sandbox.addFault({ vendor: 'mirakl', kind: 'throttle', match: { method: 'POST', path: '/api/shipments' } })

      const ran = await frozenAt(world, 'tracking:sync', 'call:ST01:after', () => successor(world, 'tracking:sync'))

      expect(ran?.stderr).toContain('lease was lost, result dropped')
      expect(await untilDone(world)).toMatchObject({ lost: [], doubled: [] })
    })

  // At every single boundary, on both databases: the long story of sabotage.
  if (database.name === 'postgres') return

  it('sends nothing that its successor has sent', async () => {
    world = await startWorld(database)
    withoutLimits(world)
    buyFive(world, 1)
    async function frozen(place: string, command: Command, channel?: string): Promise<void> {
      const ran = await frozenAt(world, command, place, () => successor(world, command), channel)
      expect(ran?.code, place).toBeOneOf([0, 3])
    }

    await frozen('call:OR21:before', 'orders:pull')
    await frozen('call:createorders:before', 'orders:push-shipstation')
    await untilDone(world, 1)
    // One channel each, so that it is this call and no other that the process holds back. In the fast suite one side of each.
    const places = [
      ['call:confirmShipment:before', 'amazon-us'],
      ['call:confirmShipment:after', 'amazon-us'],
      ['call:ST01:after', 'mirakl-macys'],
      ['call:ST01:before', 'mirakl-macys'],
    ] as const
    for (const [place, channel] of places.filter((_, row) => inject('thorough') || row % 2 === 0)) {
      await packed(world)
      await frozen(place, 'tracking:sync', channel)
    }

    expect(await untilDone(world)).toMatchObject({ lost: [], doubled: [] })
  })
})

/** Five more orders in ShipStation with their labels, which no channel knows of. */
async function packed(world: World): Promise<void> {
  world.clock.advance(7_200_000)
  buyFive(world, world.sandbox.journal().length)
  for (const command of ['orders:pull', 'orders:push-shipstation'] as const) await cron(world, command)
  shipAll(world)
}

/** Cron's next two starts: what the first finds too fresh to be looked up, the second takes. */
async function successor(world: World, command: Command): Promise<void> {
  await cron(world, command)
  world.clock.advance(120_000)
  await cron(world, command)
}

interface Report {
  readonly channels: readonly { readonly counts: Readonly<Record<string, number>> }[]
}

function buyMany(world: World, count: number): void {
  const at = world.clock.now() - 3_600_000
  world.sandbox.seed('amazon', { orders: Array.from({ length: count }, () => ({ created_at: at, updated_at: at })) })
}

/** Waits until the sandbox has received so many requests whose path ends like this. */
async function asked(world: World, path: string, times: number): Promise<void> {
  const deadline = performance.now() + 20_000
  while (world.sandbox.journal().filter((entry) => entry.path.endsWith(path)).length < times) {
    if (performance.now() > deadline) throw new Error(`${path} was not asked for ${times} times`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
