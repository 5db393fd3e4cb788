import { afterEach, describe, expect, it } from 'vitest'
import { audit } from '../world/auditor.ts'
import { buyFive, cron, killedAt, NEXT_CRON, shipAll, sweep, untilDone, withoutLimits } from '../world/crash.ts'
import { databases } from '../world/databases.ts'
import { startWorld, type World } from '../world/loop.ts'

const SECOND = 1000

let world: World

afterEach(async () => {
  await world.close()
})

describe.each(databases)('on $name, an order', { timeout: 90_000 }, (database) => {
  // Each database takes other boundaries, as many as there is time for; the long story takes them all.
  it('is neither lost nor doubled by a kill -9 at any boundary of pull, push and tracking', { timeout: 240_000 }, async () => {
    world = await startWorld(database)
    withoutLimits(world)

    const { kills, places } = await sweep(world, database.name === 'sqlite' ? { from: 1, step: 6 } : { from: 4, step: 9 })

    const found = await untilDone(world)
    expect(found.lost).toEqual([])
    expect(found.doubled).toEqual([])
    expect(kills).toBeGreaterThan(10)
    expect(places.size).toBeGreaterThan(4)
    expect(found.channels.map(({ shippable, inShipStation }) => shippable - inShipStation)).toEqual([0, 0])
    expect(found.channels.every(({ packages, confirmed }) => packages > 10 && packages === confirmed)).toBe(true)
  })

  it('is neither lost nor doubled by a process that dies with the answer of each writing call in its hands', async () => {
    world = await startWorld(database)
    withoutLimits(world)
    buyFive(world, 1)

    for (const [command, place] of [
      ['orders:pull', 'call:OR21:after'],
      ['orders:push-shipstation', 'call:createorders:after'],
    ] as const) {
      expect((await killedAt(world, command, place)).signal, place).toBe('SIGKILL')
      world.clock.advance(NEXT_CRON)
      await cron(world, command)
    }
    await cron(world, 'orders:pull')
    await cron(world, 'orders:push-shipstation')
    shipAll(world)
    for (const place of ['call:confirmShipment:after', 'call:ST01:after']) {
      expect((await killedAt(world, 'tracking:sync', place)).signal, place).toBe('SIGKILL')
      world.clock.advance(NEXT_CRON)
    }

    const found = await untilDone(world)
    expect(found).toMatchObject({ lost: [], doubled: [] })
  })

  it('is in ShipStation once although the vendor stored it late and the answer was cut off', async () => {
    world = await startWorld(database)
    withoutLimits(world)
    world.sandbox.seed('shipstation', { late_commit_ms: 40 * SECOND })
    buyFive(world, 1)
    await cron(world, 'orders:pull')
    world.sandbox.addFault({ vendor: 'shipstation', kind: 'cut-after', match: { path: 'createorders' }, times: 2 })

    for (const wait of [31, 31, 61, 121]) {
      await cron(world, 'orders:push-shipstation')
      world.clock.advance(wait * SECOND)
    }

    expect(await untilDone(world)).toMatchObject({ lost: [], doubled: [] })
  })

  it('is confirmed once although Mirakl stored the package late and the answer was cut off', async () => {
    world = await startWorld(database)
    await shipped(world)
    world.sandbox.seed('mirakl', { settings: { late_commit_ms: 40 * SECOND } })
    world.sandbox.addFault({ vendor: 'mirakl', kind: 'cut-after', match: { method: 'POST', path: '/api/shipments' } })

    await cron(world, 'tracking:sync')
    expect(audit(world.sandbox).lost.some((line) => line.startsWith('mirakl'))).toBe(true)
    for (const wait of [10, 10, 15, 45, 120]) {
      world.clock.advance(wait * SECOND)
      await cron(world, 'tracking:sync')
    }

    expect(await untilDone(world)).toMatchObject({ lost: [], doubled: [] })
  })

  it('is confirmed once although the process died and another took over before Mirakl had stored the package', async () => {
    world = await startWorld(database, { config: { top: 'lease: 10s' } })
    await shipped(world)
    world.sandbox.seed('mirakl', { settings: { late_commit_ms: 40 * SECOND } })

    expect((await killedAt(world, 'tracking:sync', 'call:ST01:after')).signal).toBe('SIGKILL')
    for (const wait of [12, 12, 12, 40]) {
      world.clock.advance(wait * SECOND)
      await cron(world, 'tracking:sync')
    }

    expect(await untilDone(world)).toMatchObject({ lost: [], doubled: [] })
  })

  it('is confirmed once although the look-up of an unknown outcome failed before it could be made', async () => {
    world = await startWorld(database)
    await shipped(world)
    world.sandbox.addFault({ vendor: 'mirakl', kind: 'cut-after', match: { method: 'POST', path: '/api/shipments' } })
    await cron(world, 'tracking:sync')

    for (const fault of [{ kind: 'throttle' }, { kind: 'status', status: 503 }, { kind: 'token-revoked' }] as const) {
      world.clock.advance(6 * 60 * SECOND)
      world.sandbox.addFault({ vendor: 'mirakl', match: { method: 'GET', path: '/api/shipments' }, ...fault })
      await cron(world, 'tracking:sync')
    }

    expect(await untilDone(world)).toMatchObject({ lost: [], doubled: [] })
  })
})

/** Five orders in ShipStation, packed and labelled; no channel knows of it. */
async function shipped(world: World): Promise<void> {
  withoutLimits(world)
  buyFive(world, 1)
  for (let round = 0; round < 2; round += 1) {
    await cron(world, 'orders:pull')
    await cron(world, 'orders:push-shipstation')
  }
  shipAll(world)
}
