import { expect } from 'vitest'
import { audit } from './auditor.ts'
import { cron, shipAll } from './crash.ts'
import type { Ran, World } from './loop.ts'

const MINUTE = 60_000

interface Report {
  readonly channels: readonly {
    readonly channel: string
    readonly outcome: string
    readonly held_by?: { readonly pid: number }
  }[]
}

/**
 * Half of the orders wait to be pushed, the other half is packed and waits to be confirmed, when seven processes start in the same
 * moment. ShipStation allows 40 calls a minute, as it does in life, and cannot take a few of the orders, so that every batch with one of
 * them is halved until it is alone: more calls than one minute has. The marketplaces' limits only cost time and are off.
 */
export async function manyAtOnce(world: World, orders: number): Promise<void> {
  world.sandbox.seed('amazon', { rate_limits: 'off' })
  world.sandbox.seed('mirakl', { rate_limits: false })
  buy(world, 'first', orders / 2)
  await cron(world, 'orders:pull')
  while (shipStation(world).orders.length < orders / 2) await cron(world, 'orders:push-shipstation')
  world.clock.advance(30 * MINUTE)
  shipAll(world)
  buy(world, 'second', orders / 2)
  await cron(world, 'orders:pull')
  // Every process that talks to Amazon finds the shared token refused.
  world.sandbox.act('amazon', 'expire-tokens', {})
  world.sandbox.seed('shipstation', { poison: '^second-\\d?5$' })
  const before = { throttled: shipStation(world).throttled, tokens: tokens(world), calls: callsTo(world) }

  const ran = await Promise.all([
    ...Array.from({ length: 4 }, () => world.isync(['orders:push-shipstation', '--json'])),
    ...Array.from({ length: 2 }, () => world.isync(['tracking:sync', '--json'])),
    world.isync(['retry', '--json', '--yes']),
  ])

  for (const { code, stdout, stderr } of ran) expect(code, `${stdout}\n${stderr}`).toBeOneOf([0, 3])
  expect(shipStation(world).throttled - before.throttled).toBeLessThanOrEqual(1)
  expect(tokens(world) - before.tokens, 'tokens fetched by seven processes').toBe(1)
  for (const { code } of losers(ran)) expect(code).toBe(0)
  expect(losers(ran).length).toBeGreaterThan(0)

  for (let round = 0; round < 6 && audit(world.sandbox).lost.length > 0; round += 1) {
    for (const command of ['orders:push-shipstation', 'tracking:sync'] as const) await cron(world, command)
    if (round === 2) world.sandbox.seed('shipstation', { poison: null })
    if (round >= 2) await world.isync(['retry', '--dead', '--yes', '--kind', 'push'])
    shipAll(world)
    world.clock.advance(2 * MINUTE)
  }
  const found = audit(world.sandbox)
  expect(callsTo(world) - before.calls, 'calls, of which a minute has 40').toBeGreaterThan(45)
  expect(found).toMatchObject({ lost: [], doubled: [] })
  expect(found.channels.reduce((sum, { inShipStation }) => sum + inShipStation, 0)).toBe(orders)
  expect(shipStation(world).throttled - before.throttled).toBeLessThanOrEqual(1)
}

/** Those who found another at work, and said so. */
function losers(ran: readonly Ran[]): Ran[] {
  return ran.filter((one) =>
    one.json<Report>().channels.some(({ outcome, held_by }) => outcome === 'held elsewhere' && held_by !== undefined),
  )
}

function buy(world: World, tag: string, count: number): void {
  const at = world.clock.now() - 5 * MINUTE
  const when = { created_at: at, updated_at: at }
  const half = Math.floor(count / 2)
  world.sandbox.seed('amazon', { orders: Array.from({ length: half }, () => ({ ...when, items: [{ quantity: 2 }] })) })
  world.sandbox.seed('mirakl', {
    orders: Array.from({ length: count - half }, (_, i) => ({ ...when, order_id: `${tag}-${i}`, lines: [{ quantity: 4 }] })),
  })
}

function shipStation(world: World): { readonly orders: readonly unknown[]; readonly throttled: number } {
  return world.sandbox.books('shipstation') as { orders: unknown[]; throttled: number }
}

function callsTo(world: World): number {
  return world.sandbox.journal().filter(({ vendor }) => vendor === 'shipstation').length
}

function tokens(world: World): number {
  return (world.sandbox.books('amazon') as { tokens_issued: number }).tokens_issued
}
