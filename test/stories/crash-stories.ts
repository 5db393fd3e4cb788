import { expect } from 'vitest'
import { audit } from '../world/auditor.ts'
import { buyFive, cron, killedAt, NEXT_CRON, shipAll, untilDone, withoutLimits } from '../world/crash.ts'
import type { World } from '../world/loop.ts'

const SECOND = 1000

export interface CrashStory {
  readonly title: string
  /** A line of the configuration. */
  readonly config?: string
  readonly tell: (world: World) => Promise<void>
}

/** What can become of an answer, or of the look-up for it. Short ones: two are told in the fast suite, all on both databases in the long one. */
export const crashStories: readonly CrashStory[] = [
  {
    title: 'is neither lost nor doubled by a process that dies with the answer of each writing call in its hands',
    async tell(world) {
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
    },
  },

  {
    title: 'is in ShipStation once although the vendor stored it late and the answer was cut off',
    async tell(world) {
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
    },
  },

  {
    title: 'is confirmed once although Mirakl stored the package late and the answer was cut off',
    async tell(world) {
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
    },
  },

  {
    title: 'is confirmed once although the process died and another took over before Mirakl had stored the package',
    config: 'lease: 10s',
    async tell(world) {
      await shipped(world)
      world.sandbox.seed('mirakl', { settings: { late_commit_ms: 40 * SECOND } })

      expect((await killedAt(world, 'tracking:sync', 'call:ST01:after')).signal).toBe('SIGKILL')
      for (const wait of [12, 12, 12, 40]) {
        world.clock.advance(wait * SECOND)
        await cron(world, 'tracking:sync')
      }

      expect(await untilDone(world)).toMatchObject({ lost: [], doubled: [] })
    },
  },

  {
    title: 'is confirmed once although the look-up of an unknown outcome failed before it could be made',
    async tell(world) {
      await shipped(world)
      world.sandbox.addFault({ vendor: 'mirakl', kind: 'cut-after', match: { method: 'POST', path: '/api/shipments' } })
      await cron(world, 'tracking:sync')

      for (const fault of [{ kind: 'throttle' }, { kind: 'status', status: 503 }, { kind: 'token-revoked' }] as const) {
        world.clock.advance(6 * 60 * SECOND)
        world.sandbox.addFault({ vendor: 'mirakl', match: { method: 'GET', path: '/api/shipments' }, ...fault })
        await cron(world, 'tracking:sync')
      }

      expect(await untilDone(world)).toMatchObject({ lost: [], doubled: [] })
    },
  },
]

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
