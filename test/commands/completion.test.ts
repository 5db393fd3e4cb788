import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { beforeAll, describe, expect, it } from 'vitest'
import { aSmallFile, env as secrets } from '../core/config/a-config.ts'

const program = resolve(import.meta.dirname, '../../bin/isync')
const folder = mkdtempSync(join(tmpdir(), 'isync-completion-'))
const scripts: Record<string, string> = {}

beforeAll(() => {
  mkdirSync(join(folder, 'bin'))
  symlinkSync(program, join(folder, 'bin/isync'))
  writeFileSync(join(folder, 'isync.config.yaml'), aSmallFile())
  for (const shell of ['bash', 'zsh', 'fish']) scripts[shell] = isync('completion', shell)
  writeFileSync(join(folder, 'isync.bash'), scripts['bash'] ?? '')
})

const env = { PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, HOME: folder, ...secrets }

function isync(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', cwd: folder, env })
  expect([status, stderr], args.join(' ')).toEqual([0, ''])
  return stdout
}

/** What real bash would offer for each of these lines, of which the last word is being typed. */
function offered(lines: readonly (readonly string[])[], cwd = folder): readonly string[][] {
  // Bash hands a colon or an equals sign over as a word of its own.
  const calls = lines.map((words) => {
    const pieces = words.flatMap((word) => (word === '' ? [''] : word.split(/([:=])/).filter((piece) => piece !== '')))
    const list = pieces.map((piece) => `'${piece}'`).join(' ')
    return `COMP_WORDS=(${list}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _isync; echo "\${COMPREPLY[*]}"`
  })
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', [`source '${folder}/isync.bash'`, ...calls].join('\n')], {
    encoding: 'utf8',
    cwd,
    env,
  })
  expect(stderr).toBe('')
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' ').filter((word) => word !== ''))
}

/** The commands themselves, loaded from their files. */
function loadCommands(): Promise<readonly Command[]> {
  const place = resolve(import.meta.dirname, '../../src/commands')
  const files = readdirSync(place).filter((name) => name.endsWith('.ts') && name !== 'program.ts')
  return Promise.all(files.map(async (file) => ((await import(`${place}/${file}`)) as { command(): Command }).command()))
}

/** Names as --help tells them. */
const names = [...isyncHelp().matchAll(/^ {2}([a-z][a-z:-]+) /gm)].map(([, name = '']) => name).filter((name) => name !== 'isync')
function isyncHelp(): string {
  return spawnSync(program, ['--help'], { encoding: 'utf8' }).stdout.replace(/Examples:[\s\S]*/, '')
}

describe('in bash', () => {
  it('offers commands, and behind a colon only what stands behind it', () => {
    const [all = [], orders = [], behind = [], nothing = []] = offered([
      ['isync', ''],
      ['isync', 'orders'],
      ['isync', 'orders:pu'],
      ['isync', 'xyz'],
    ])
    expect(names.length).toBeGreaterThan(25)
    expect(names.filter((name) => !all.includes(name))).toEqual([])
    expect(orders).toContain('orders:pull')
    expect(behind).toEqual(['pull', 'push-shipstation'])
    expect(nothing).toEqual([])
  })

  it('offers every option of every command, and no other', async () => {
    const commands = await loadCommands()
    expect(commands.length).toBeGreaterThan(25)
    const found = offered(commands.map((command) => ['isync', command.name(), '--']))
    for (const [index, command] of commands.entries()) {
      const options = ['--help', ...command.options.flatMap(({ long }) => long ?? [])]
      expect(found[index]?.toSorted(), command.name()).toEqual(options.toSorted())
    }
  })

  it('offers the values that an option or a word may have, also behind an equals sign', () => {
    const [kinds, one, action, shells, files] = offered([
      ['isync', 'retry', '--kind', ''],
      ['isync', 'retry', '--class=a'],
      ['isync', 'settings', 's'],
      ['isync', 'completion', ''],
      ['isync', 'orders:pull', '--config', `${folder}/isync.c`],
    ])
    expect(kinds).toEqual(expect.arrayContaining(['push', 'confirm', 'acknowledge']))
    expect([one, action, shells]).toEqual([['auth'], ['set'], ['bash', 'zsh', 'fish', 'channels']])
    expect(files).toEqual([`${folder}/isync.config.yaml`])
  })

  it('offers the channels of the configuration as it is now, and nothing where there is none', () => {
    const lines = [
      ['isync', 'orders:pull', '--channel', ''],
      ['isync', 'pause', 'ma'],
    ]
    expect(offered(lines)).toEqual([['macys'], ['macys']])
    expect(offered(lines, '/')).toEqual([[], []])
    expect(isync('completion', 'channels')).toBe('macys\n')
  })
})

describe.each(['zsh', 'fish'])('for %s', (shell) => {
  it('the script has every command and every quote that it opens is closed', () => {
    const text = scripts[shell] ?? ''
    for (const name of names.filter((one) => one !== 'help')) {
      expect(text).toContain(shell === 'zsh' ? `'${name.replaceAll(':', '\\:')}:` : `-a '${name}' -d`)
    }
    expect(text).toMatch(
      shell === 'zsh' ? /'\*--channel\[.*\]:channel:_isync_channels'/ : /-l channel -x -a '\(isync completion channels/,
    )
    for (const line of text.split('\n').filter((one) => !one.startsWith('#'))) {
      const bare = shell === 'zsh' ? line.replace(/\\'/g, '') : line.replace(/\\\\|\\'/g, '')
      expect((bare.match(/'/g) ?? []).length % 2, line).toBe(0)
    }
  })

  it.runIf(existsSync(`/usr/bin/${shell}`))('the shell itself takes the script', () => {
    const { status, stderr } = spawnSync(shell, ['-n'], { input: scripts[shell], encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
  })
})
