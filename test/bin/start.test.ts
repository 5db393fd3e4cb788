import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

/** Says the name of every file it loads on stderr. */
const watch = `data:text/javascript,import { registerHooks } from 'node:module'
registerHooks({ load(url, context, next) { process.stderr.write('loaded ' + url + '\\n'); return next(url, context) } })`.replaceAll(
  '\n',
  ';',
)

function packagesLoadedBy(args: readonly string[], cwd: string = root): string[] {
  const contents: Record<string, string[]> = JSON.parse(readFileSync(join(root, 'dist/contents.json'), 'utf8'))
  const { stderr } = spawnSync(process.execPath, ['--import', watch, join(root, 'bin/isync.js'), ...args], {
    encoding: 'utf8',
    cwd,
  })
  const loaded = [...stderr.matchAll(/^loaded (.+)$/gm)].map(([, url]) => url!)
  expect(loaded.map((url) => basename(url))).toContain('main.js')
  const bundled = loaded.flatMap((url) => contents[basename(url)] ?? [])
  const outside = loaded.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? [])
  return [...new Set([...bundled, ...outside])].sort()
}

describe('what a start loads', () => {
  it.each([
    ['--help'],
    ['orders:pull', '--help'],
    ['inventory:full', '--help'],
    ['sku:show', '--help'],
    ['no-such-command'],
    ['alloc:preview', '--available', '10', '--channel', 'amazon-us', '--json'],
  ])('of packages, only commander for isync %s', (...args) => {
    expect(packagesLoadedBy(args)).toEqual(['commander'])
  })

  it('is neither the migrator nor a vendor package for isync status', () => {
    const folder = aMigratedFolder()
    const packages = packagesLoadedBy(['status', '--json'], folder)
    rmSync(folder, { recursive: true })
    expect(packages).toEqual(expect.arrayContaining(['better-sqlite3', 'zod']))
    expect(packages.filter((name) => ['knex', 'pg', 'amazon-sp-api', 'ora', 'cli-table3'].includes(name))).toEqual([])
  })
})

function aMigratedFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'isync-start-'))
  writeFileSync(
    join(folder, 'isync.config.yaml'),
    `encryption_keys: \${KEYS}
channels:
  shop: { type: mirakl, base_url: http://127.0.0.1:1, shipstation_store_id: 1, credentials: { api_key: '\${ANY_KEY}' } }
shipstation: { api_key: '\${ANY_KEY}', api_secret: '\${ANY_KEY}' }
`,
  )
  writeFileSync(join(folder, '.env'), `KEYS=k1:${randomBytes(32).toString('base64')}\nANY_KEY=not-a-real-one\n`, { mode: 0o600 })
  const { status, stderr } = spawnSync(join(root, 'bin/isync'), ['db:migrate'], { cwd: folder, encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return folder
}
