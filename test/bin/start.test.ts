import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

/** Says the name of every file it loads on stderr. */
const watch = `data:text/javascript,import { registerHooks } from 'node:module'
registerHooks({ load(url, context, next) { process.stderr.write('loaded ' + url + '\\n'); return next(url, context) } })`.replaceAll(
  '\n',
  ';',
)

function packagesLoadedBy(args: readonly string[]): string[] {
  const contents: Record<string, string[]> = JSON.parse(readFileSync(join(root, 'dist/contents.json'), 'utf8'))
  const { stderr } = spawnSync(process.execPath, ['--import', watch, join(root, 'bin/isync.js'), ...args], { encoding: 'utf8' })
  const loaded = [...stderr.matchAll(/^loaded (.+)$/gm)].map(([, url]) => url!)
  expect(loaded.map((url) => basename(url))).toContain('main.js')
  const bundled = loaded.flatMap((url) => contents[basename(url)] ?? [])
  const outside = loaded.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? [])
  return [...new Set([...bundled, ...outside])].sort()
}

describe('what a start loads', () => {
  it.each([['--help'], ['orders:pull', '--help'], ['no-such-command']])('of packages, only commander for isync %s', (...args) => {
    expect(packagesLoadedBy(args)).toEqual(['commander'])
  })
})
