import { copyFileSync, renameSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
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
