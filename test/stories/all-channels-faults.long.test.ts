import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fault } from '../../src/sandbox/stand-in.ts'
import {
  calls,
  type Market,
  markets,
  openAllChannels,
  type Point,
  packedOrder,
  packOrder,
  placeEverywhere,
  vendorsOf,
} from '../world/all-channels.ts'
import { audit } from '../world/auditor.ts'
import { auditStock } from '../world/auditor-stock.ts'
import { databases } from '../world/databases.ts'
import type { Ran, World } from '../world/loop.ts'

/** Longer than any marketplace takes to show what happened, and than any rest after a refusal. */
const SETTLED = 20 * 60_000

const strikes: readonly (readonly [string, Omit<Fault, 'vendor' | 'match'>])[] = [
  ['connections are cut after the effect', { kind: 'cut-after' }],
  ['answers are a 503 after the effect', { kind: 'status-after', status: 503 }],
  ['answers are an HTML page after the effect', { kind: 'html-after' }],
  ['answers are a 503 without effect', { kind: 'status', status: 503 }],
  ['everybody is throttled', { kind: 'throttle' }],
]

describe.each(databases)('five channels of which every vendor fails, with $name,', (database) => {
  let world: World
  let day = 0

  beforeAll(async () => {
    world = await openAllChannels(database)
    await runs('inventory:full')
  })
  afterAll(() => world.close())

  it.each(strikes)('%s: each order, package, acknowledgement and number is right in the end', async (_, strike) => {
    day += 1
    const orders = placeEverywhere(world, day)
    await struck('pull', strike, 'orders:pull')
    await struck('push', strike, 'orders:push-shipstation', 0)
    await struck('take', strike, 'orders:push-shipstation')
    for (const market of markets) {
      const { parts, rest } = orders[market]
      packOrder(world, market, parts, [[1], [2]])
      packOrder(world, market, rest)
    }
    await struck('confirm', strike, 'tracking:sync')
    for (const sku of ['SKU-000001', 'SKU-000002', 'SKU-000003'])
      world.sandbox.act('zoho', 'set-stock', { sku, stock: 150 + day })
    const read = world.clock.now()
    await struck('stock', strike, 'inventory:full')

    expect(audit(world.sandbox)).toMatchObject({ lost: [], doubled: [] })
    for (const { channel, packages, confirmed } of audit(world.sandbox).channels)
      expect([channel, confirmed]).toEqual([channel, packages])
    expect(auditStock(world.sandbox, { soldSince: read })).toMatchObject({ wrong: [], trespasses: [], oversold: [] })
    for (const market of markets) expect(packedOrder(world, market, orders[market].parts)?.status, market).toBeDefined()
  })

  it('leaves nothing behind: no task that waits, no call that the vendors mind', async () => {
    const status = (await world.isync(['status', '--json'])).json<{ tasks: object }>()
    expect(status.tasks).toMatchObject({ waiting: 0, running: 0, dead: 0 })
    for (const market of ['ebay', 'dsco', 'channeladvisor'] satisfies Market[])
      expect((world.sandbox.books(market) as { misdeeds: readonly string[] }).misdeeds, market).toEqual([])
  })

  /** The command meets the fault at every vendor, three times at each; then it runs until all is done, as cron would. */
  async function struck(point: Point, strike: Omit<Fault, 'vendor' | 'match'>, command: string, rounds = 3): Promise<void> {
    const { sandbox } = world
    for (const vendor of vendorsOf(point)) {
      const match = calls[vendor as keyof typeof calls][point]
      if (match !== undefined) sandbox.addFault({ times: 3, ...strike, vendor, match })
    }
    world.clock.advance(SETTLED)
    const before = sandbox.journal().length
    const ran = await world.isync([command, '--json'])
    expect([3, 4], `${command}\n${ran.stdout}\n${ran.stderr}`).toContain(ran.code)
    const hurt = sandbox
      .journal()
      .slice(before)
      .filter(({ fault }) => fault !== undefined)
    expect([...new Set(hurt.map(({ vendor }) => vendor))].sort(), `${command}: who failed\n${ran.stdout}`).toEqual(
      [...vendorsOf(point)].sort(),
    )
    sandbox.clearFaults()
    for (let round = 0; round < rounds; round += 1) await runs(command)
  }

  async function runs(command: string): Promise<Ran> {
    world.clock.advance(SETTLED)
    const ran = await world.isync([command, '--json'])
    expect([0, 3], `${command}\n${ran.stdout}\n${ran.stderr}`).toContain(ran.code)
    return ran
  }
})
