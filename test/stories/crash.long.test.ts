import { afterEach, describe, expect, it } from 'vitest'
import type { FaultKind, Vendor } from '../../src/sandbox/stand-in.ts'
import { type Audit, audit } from '../world/auditor.ts'
import { type Command, commands, cron, killedAt, NEXT_CRON, shipAll, sweep, untilDone, withoutLimits } from '../world/crash.ts'
import { databases } from '../world/databases.ts'
import { startWorld, type World } from '../world/loop.ts'
import { crashStories } from './crash-stories.ts'

const MINUTE = 60_000
const ORDERS = 1000
const KILLS = 200

let world: World

afterEach(async () => {
  await world.close()
})

describe.each(databases)('on $name', (database) => {
  for (const { title, config, tell: story } of crashStories) {
    it(`an order ${title}`, async () => {
      world = await startWorld(database, config === undefined ? {} : { config: { top: config } })
      await story(world)
    })
  }

  it('every boundary of pull, push and tracking may be the last one: 0 lost, 0 doubled', async () => {
    world = await startWorld(database)
    withoutLimits(world)

    const { kills, places } = await sweep(world)

    const found = await untilDone(world)
    tell(`${database.name}: ${kills} kills, one at each boundary (${[...places].sort().join(', ')})`, found)
    expect(found).toMatchObject({ lost: [], doubled: [] })
    expect(kills).toBeGreaterThan(100)
  })

  it(`${KILLS} kills at random moments and boundaries over ${ORDERS} orders, with vendors that fail: 0 lost, 0 doubled`, async () => {
    world = await startWorld(database)
    withoutLimits(world)
    const random = seeded(20261121)
    let kills = 0
    let bought = 0

    while (kills < KILLS) {
      world.clock.advance(20 * MINUTE)
      for (let i = 0; i < 10 && bought < ORDERS; i += 1, bought += 1) buy(world, bought)
      if (random() < 0.4) hurt(world, random)
      const command = pick(commands, random)
      if (await killed(world, command, random)) kills += 1
      // Cron does not wait until all is well: what was begun lies open while the next command is killed.
      if (random() < 0.4) await cron(world, pick(commands, random))
      if (random() < 0.5) shipAll(world)
    }
    world.sandbox.clearFaults()
    for (; bought < ORDERS; bought += 1) buy(world, bought)
    // A day later: every open circuit is tried again, every wait is over.
    world.clock.advance(24 * 60 * MINUTE)
    await untilDone(world, 8)
    await world.isync(['retry', '--dead', '--yes'])

    const found = await untilDone(world, 8)
    tell(`${database.name}: ${kills} kills at random over ${bought} orders`, found)
    expect(found).toMatchObject({ lost: [], doubled: [] })
    expect(found.channels.reduce((sum, { shippable }) => sum + shippable, 0)).toBe(ORDERS)
    expect(audit(world.sandbox).channels.every(({ packages, confirmed }) => packages === confirmed && packages > 0)).toBe(true)
  })
})

/** At the n-th boundary, or at a moment that no boundary marks. True when it died of it. */
async function killed(world: World, command: Command, random: () => number): Promise<boolean> {
  if (random() < 0.5) {
    const ran = await killedAt(world, command, 1 + Math.floor(random() * 120))
    world.clock.advance(NEXT_CRON)
    return ran.signal === 'SIGKILL'
  }
  const started = world.start([command, '--json'])
  const timer = setTimeout(() => started.kill('SIGKILL'), 80 + random() * 500)
  const { signal } = await started.ended
  clearTimeout(timer)
  world.clock.advance(NEXT_CRON)
  return signal === 'SIGKILL'
}

const writes: readonly (readonly [Vendor, string, string])[] = [
  ['shipstation', 'POST', '/orders/createorders'],
  ['amazon', 'POST', 'shipmentConfirmation'],
  ['mirakl', 'POST', '^/api/shipments$'],
  ['mirakl', 'PUT', '/accept$'],
]
const reads: readonly (readonly [Vendor, string, string])[] = [
  ['shipstation', 'GET', '^/(orders|shipments|fulfillments)'],
  ['amazon', 'GET', '^/orders/'],
  ['mirakl', 'GET', '^/api/'],
]
const kinds: readonly FaultKind[] = ['status', 'cut', 'cut-after', 'status-after', 'truncate', 'html', 'html-after', 'throttle']

function hurt(world: World, random: () => number): void {
  const [vendor, method, path] = pick([...writes, ...reads], random)
  const kind = pick(kinds, random)
  world.sandbox.addFault({ vendor, kind, match: { method, path }, after: Math.floor(random() * 3) })
}

/** Every third order has a line of which one unit stays back; every tenth of Mirakl's waits to be accepted. */
function buy(world: World, i: number): void {
  const at = world.clock.now() - 15 * MINUTE
  const when = { created_at: at, updated_at: at }
  const quantity = i % 3 === 0 ? 4 : 2
  if (i % 2 === 0) world.sandbox.seed('amazon', { orders: [{ ...when, items: [{ quantity }] }] })
  else
    world.sandbox.seed('mirakl', {
      orders: [{ ...when, lines: [{ quantity }], ...(i % 10 === 1 && { state: 'WAITING_ACCEPTANCE' }) }],
    })
}

function pick<T>(all: readonly T[], random: () => number): T {
  const one = all[Math.floor(random() * all.length)]
  if (one === undefined) throw new Error('nothing to pick from')
  return one
}

/** mulberry32: the same kills in every run, as far as a process can be the same twice. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

function tell(title: string, { channels }: Audit): void {
  const rows = channels.map(
    ({ channel, shippable, inShipStation, packages, confirmed, lost, doubled }) =>
      `  ${channel}: ${shippable} shippable, ${inShipStation} in ShipStation, ${packages} packages, ${confirmed} confirmed, ${lost.length} lost, ${doubled.length} doubled`,
  )
  process.stdout.write(`${[title, ...rows].join('\n')}\n`)
}
