import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { databases } from '../world/databases.ts'
import { fingerprint } from '../world/dump.ts'
import { startWorld } from '../world/loop.ts'

const TOKEN = 'a-token-for-a-dry-run-and-nothing-else'
const hook = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    resource_url: 'https://ssapi6.shipstation.com/shipments?batchId=4711&includeShipmentItems=False',
    resource_type: 'SHIP_NOTIFY',
  }),
}

describe.each(databases)('with $name', (database) => {
  it('a dry run of serve judges what comes and writes nothing of it; one of replay neither', async () => {
    const world = await startWorld(database, { config: { top: `webhooks: { shipstation: { token: '\${HOOK}' } }\n` } })
    onTestFinished(() => world.close())
    appendFileSync(join(world.folder, '.env'), `HOOK=${TOKEN}\n`)
    async function served(args: readonly string[]): Promise<readonly number[]> {
      const server = world.start(['serve', '--port', '0', ...args])
      const [, origin = ''] = /"origin":"([^"]+)"/.exec(await server.said('"ready"')) ?? []
      const answers = [
        await fetch(`${origin}/webhooks/shipstation/${TOKEN}`, hook),
        await fetch(`${origin}/webhooks/shipstation/${TOKEN}x`, hook),
      ]
      server.kill('SIGTERM')
      expect((await server.ended).code).toBe(0)
      return answers.map(({ status }) => status)
    }

    const before = await fingerprint(world.databaseUrl)
    expect(await served(['--dry-run'])).toEqual([202, 401])
    expect(await fingerprint(world.databaseUrl)).toBe(before)

    expect(await served([])).toEqual([202, 401])
    const inbox = JSON.parse((await world.isync(['webhooks:inbox', '--json'])).stdout) as { deliveries: { id: string }[] }
    expect(inbox.deliveries).toHaveLength(1)
    const kept = await fingerprint(world.databaseUrl)
    const replay = await world.isync(['webhooks:replay', inbox.deliveries[0]?.id ?? '', '--dry-run'])
    expect(replay).toMatchObject({ code: 0, stdout: expect.stringContaining('1 of the deliveries would be worked on once more') })
    expect(await fingerprint(world.databaseUrl)).toBe(kept)
  })
})
