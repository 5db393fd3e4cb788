import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestDatabase } from '../world/databases.ts'
import { type FaultWorld, inShipStation, MINUTE, openFaultWorld, reckon, tokensIssued } from './fault-world.ts'

/** Told by faults-credentials.test.ts on one database and by faults.long.test.ts on both. */
export function tellCredentialStory(database: TestDatabase): void {
  describe(`credentials that fail, with ${database.name}`, () => {
    let world: FaultWorld

    beforeAll(async () => {
      // One retry: three refusals that spent any would kill a task.
      world = await openFaultWorld(database, 'retry: { push: 1, confirmation: 1 }')
    })
    afterAll(() => world.close())

    it('expired Amazon token -> one new token in the same run, exit 0, nobody notices', async () => {
      const pair = world.order()
      expect((await world.isync(['orders:pull'])).code).toBe(0)
      world.sandbox.act('amazon', 'expire-tokens', {})
      const before = tokensIssued(world)
      world.clock.advance(5 * MINUTE)

      expect((await world.isync(['orders:pull'])).code).toBe(0)

      expect(tokensIssued(world)).toBe(before + 1)
      expect((await world.status()).ok).toBe(true)
      await world.isync(['orders:push-shipstation'])
      world.ship(pair)
      await world.isync(['tracking:sync'])
      expect(reckon(world, [pair])).toEqual({ lost: [], doubled: [] })
    })

    it('revoked Amazon seller -> exit 3, Mirakl goes on, circuit open, critical alert, four runs ask the auth server once', async () => {
      world.sandbox.act('amazon', 'revoke', {})
      const pair = world.order()
      const asked = authCalls(world)

      for (let run = 1; run <= 4; run += 1) expect((await world.isync(['orders:pull'])).code).toBe(3)

      expect(authCalls(world) - asked).toBe(1)
      const status = await world.status()
      expect(status.channels.find(({ channel }) => channel === 'amazon-us')?.circuit?.reason).toMatch(/invalid_grant/)
      expect(status.alerts).toMatchObject([{ rule: 'pull-failed', channel: 'amazon-us', severity: 'critical' }])
      expect((await world.isync(['orders:push-shipstation'])).code).toBe(0)
      expect(inShipStation(world)).toContain(pair.mirakl)

      world.sandbox.act('amazon', 'restore', {})
      world.clock.advance(6 * MINUTE)
      await world.isync(['orders:pull'])
      await world.isync(['orders:push-shipstation'])
      world.ship(pair)
      await world.isync(['tracking:sync'])
      expect(reckon(world, [pair])).toEqual({ lost: [], doubled: [] })
      expect((await world.status()).ok).toBe(true)
    })

    it('Amazon secret refused -> the next run with the mended secret goes on at once', async () => {
      const { AMZ_SECRET } = world.secrets
      world.clock.advance(2 * 60 * MINUTE) // the shared token has died, so a new one is asked for
      setSecret(world, 'AMZ_SECRET', 'no-longer-right')
      expect((await world.isync(['orders:pull', '--channel', 'amazon-us'])).code).toBe(4)

      setSecret(world, 'AMZ_SECRET', AMZ_SECRET ?? '')
      expect((await world.isync(['orders:pull', '--channel', 'amazon-us'])).code).toBe(0)
      expect((await world.status()).ok).toBe(true)
    })

    it('revoked while confirmations wait -> critical alert, no retry is spent, all told once after it is restored', async () => {
      const pair = world.order()
      await world.isync(['orders:pull'])
      await world.isync(['orders:push-shipstation'])
      world.ship(pair)
      world.sandbox.act('amazon', 'revoke', {})
      for (let run = 1; run <= 3; run += 1) {
        expect((await world.isync(['tracking:sync'])).code).toBe(3)
        world.clock.advance(6 * MINUTE)
      }
      const status = await world.status()
      expect(status.tasks).toMatchObject({ waiting: 1, dead: 0 })
      expect(status.alerts.filter(({ channel }) => channel === 'amazon-us')).toMatchObject([{ severity: 'critical' }])

      world.sandbox.act('amazon', 'restore', {})
      world.clock.advance(6 * MINUTE)
      expect((await world.isync(['tracking:sync'])).code).toBe(0)
      expect(reckon(world, [pair])).toEqual({ lost: [], doubled: [] })
      await world.isync(['orders:pull'])
      expect((await world.status()).ok).toBe(true)
    })

    it('ShipStation answers 401 -> exit 4, circuit open, critical alert, no retry is spent, all pushed once after the key is mended', async () => {
      const { SS_SECRET } = world.secrets
      const pair = world.order()
      await world.isync(['orders:pull'])
      setSecret(world, 'SS_SECRET', 'no-longer-right')
      const asked = world.sandbox.journal().filter(({ vendor }) => vendor === 'shipstation').length
      for (let run = 1; run <= 3; run += 1) {
        expect((await world.isync(['orders:push-shipstation'])).code).toBe(4)
        expect((await world.isync(['tracking:sync'])).code).toBe(4)
        world.clock.advance(6 * MINUTE)
      }
      expect(world.sandbox.journal().filter(({ vendor }) => vendor === 'shipstation').length - asked).toBe(3)
      const status = await world.status()
      expect(status.tasks).toMatchObject({ waiting: 2, dead: 0 })
      expect(status.channels.find(({ channel }) => channel === 'shipstation')?.circuit?.reason).toMatch(/401/)
      expect(status.alerts.filter(({ channel, severity }) => channel === 'shipstation' && severity === 'critical')).not.toEqual(
        [],
      )

      setSecret(world, 'SS_SECRET', SS_SECRET ?? '')
      world.clock.advance(6 * MINUTE)
      expect((await world.isync(['orders:push-shipstation'])).code).toBe(0)
      world.ship(pair)
      expect((await world.isync(['tracking:sync'])).code).toBe(0)
      expect(reckon(world, [pair])).toEqual({ lost: [], doubled: [] })
      expect((await world.status()).ok).toBe(true)
    })

    it('revoked Mirakl key -> exit 3, Amazon goes on, critical alert, goes on by itself after the key is restored', async () => {
      world.sandbox.act('mirakl', 'revoke-key', { api_key: 'sandbox-key' })
      const pair = world.order()
      expect((await world.isync(['orders:pull'])).code).toBe(3)
      expect((await world.isync(['orders:pull', '--channel', 'mirakl-macys'])).code).toBe(4)
      expect((await world.status()).alerts).toMatchObject([
        { rule: 'pull-failed', channel: 'mirakl-macys', severity: 'critical' },
      ])

      world.sandbox.act('mirakl', 'restore-key', { api_key: 'sandbox-key' })
      world.clock.advance(6 * MINUTE)
      expect((await world.isync(['orders:pull'])).code).toBe(0)
      await world.isync(['orders:push-shipstation'])
      world.ship(pair)
      await world.isync(['tracking:sync'])
      expect(reckon(world, [pair])).toEqual({ lost: [], doubled: [] })
      expect((await world.status()).ok).toBe(true)
    })
  })
}

function authCalls({ sandbox }: FaultWorld): number {
  return sandbox.journal().filter(({ vendor, path }) => vendor === 'amazon' && path === '/auth/o2/token').length
}

/** What an operator does in the .env file. */
function setSecret(world: FaultWorld, name: string, value: string): void {
  const lines = Object.entries({ ...world.secrets, [name]: value }).map(([key, text]) => `${key}=${text}\n`)
  writeFileSync(join(world.folder, '.env'), lines.join(''), { mode: 0o600 })
}
