import { createHmac } from 'node:crypto'
import { copyFileSync, renameSync } from 'node:fs'
import BetterSqlite from 'better-sqlite3'
import { expect, it, onTestFinished } from 'vitest'
import { connectTo } from '../world/a-run.ts'
import { databases } from '../world/databases.ts'
import { startWorld } from '../world/loop.ts'

const [sqlite] = databases
if (sqlite === undefined) throw new Error('no database')

it.each([
  ['moved away', (file: string) => renameSync(file, `${file}.old`)],
  [
    'replaced by a backup',
    (file: string) => {
      copyFileSync(file, `${file}.backup`)
      renameSync(`${file}.backup`, file)
    },
  ],
] as const)('a server whose database file is %s ends: what it took from then on nobody would find', async (_, happen) => {
  const world = await startWorld(sqlite)
  onTestFinished(() => world.close())
  const file = world.databaseUrl.slice('sqlite:'.length)
  const server = world.start(['serve', '--port', '0'])
  const [, origin = ''] = /"origin":"([^"]+)"/.exec(await server.said('"ready"')) ?? []
  expect((await fetch(`${origin}/readyz`)).status).toBe(200)

  // What it has asked of vendors is not known before its end, and is not told as nothing.
  expect((await world.isync(['runs', '--command', 'serve'])).stdout).toMatch(/ running +- +-/)

  happen(file)

  const { code, stderr } = await server.ended
  expect(code).toBe(1)
  expect(stderr).toContain('error: the database file is not the one any more that isync serve works with')
  expect(stderr).toContain(file)
  expect(stderr).toMatch(/next: +.*isync serve/)
  await expect(fetch(`${origin}/healthz`)).rejects.toThrow()
})

it.each(databases)(
  'a server whose schema becomes a newer one ends before it does anything by the old rules, on $name',
  async (database) => {
    const world = await startWorld(database)
    onTestFinished(() => world.close())
    const server = world.start(['serve', '--port', '0'])
    await server.said('"ready"')
    const db = await connectTo(world.databaseUrl)

    await db.run(
      `insert into knex_migrations (name, batch, migration_time) select '9999_later', 9, migration_time from knex_migrations limit 1`,
    )

    const { code, stderr } = await server.ended
    expect(code).toBe(1)
    expect(stderr).toContain('error: the database schema was changed while isync serve was running')
    expect(stderr).toContain('9999_later')
    expect(stderr).toMatch(/next: +run: isync serve/)
  },
)

it('a server whose database somebody holds goes on saying that it lives, and keeps what came as soon as it is let go', async () => {
  const world = await startWorld(sqlite, { config: { top: `webhooks: { zoho: { secret: '\${HOOK_ZOHO}' } }` } })
  onTestFinished(() => world.close())
  const secret = 'a'.repeat(32)
  const server = world.start(['serve', '--port', '0'], { HOOK_ZOHO: secret })
  const [, origin = ''] = /"origin":"([^"]+)"/.exec(await server.said('"ready"')) ?? []
  const holder = new BetterSqlite(world.databaseUrl.slice('sqlite:'.length))
  onTestFinished(() => void holder.close())

  holder.exec('begin immediate')
  const body = JSON.stringify({ event_id: '1', item: { item_id: '4600000000001' } })
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  let answered = 0
  const sent = fetch(`${origin}/webhooks/zoho`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-zoho-webhook-signature': signature },
    body,
  }).then(({ status }) => {
    answered = status
  })
  for (let n = 0; n < 10; n += 1) {
    expect((await fetch(`${origin}/healthz`)).status).toBe(200)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  expect(answered).toBe(0)

  holder.exec('commit')
  await sent
  expect(answered).toBe(202)
}, 20_000)
