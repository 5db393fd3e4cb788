import { existsSync, readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { databases } from '../world/databases.ts'
import { startWorld, type World } from '../world/loop.ts'
import { startInShell, startProgram } from './start-program.ts'

const ESCAPE = '\u001b'
const codes = ['  0  ', '  1  ', '  2  ', '  3  ', '  4  ', '  5  ']
const folder = resolve(import.meta.dirname, '../../src/commands')
/** Files of src/commands that are commands. */
const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'program.ts')

let world: World

beforeAll(async () => {
  const [sqlite] = databases
  if (sqlite === undefined) throw new Error('there is no database to test with')
  world = await startWorld(sqlite, { scale: 20 })
  world.sandbox.seed('amazon', { rate_limits: 'off', orders: [{ order_id: '111-0000000-0000001' }] })
  world.sandbox.seed('mirakl', { rate_limits: false, orders: [{ order_id: 'M-1', state: 'SHIPPING' }] })
  world.sandbox.seed('shipstation', { rate_limit: 0 })
  world.sandbox.seed('zoho', { items: [{ sku: 'SKU-1', stock: 10 }] })
})
afterAll(() => world.close())

describe('help', () => {
  it('of the program lists every command, in one line each, with examples and exit codes', async () => {
    const { code, stdout, stderr } = await startProgram(['--help'], world.folder)
    expect([code, stderr]).toEqual([0, ''])
    for (const name of await commandNames()) expect(stdout).toMatch(new RegExp(`^  ${name} {2,}\\S`, 'm'))
    expect(stdout).toContain('Examples:')
    for (const exit of codes) expect(stdout).toContain(exit)
  })

  it('of every command has a description, examples and exit codes, and is the same by `help NAME`', async () => {
    for (const name of await commandNames()) {
      const { code, stdout } = await startProgram([name, '--help'], world.folder)
      expect(code).toBe(0)
      expect(stdout).toMatch(new RegExp(`^Usage: (isync )?${name}`))
      expect(stdout).toMatch(new RegExp(`Examples:\\n  .*isync ${name}`))
      for (const exit of codes) expect(stdout, name).toContain(exit)
    }
    expect((await startProgram(['help', 'status'], world.folder)).stdout).toBe(
      (await startProgram(['status', '--help'], world.folder)).stdout,
    )
  })

  it('has only examples that the command understands', async () => {
    let understood = 0
    const commands = await loadCommands()
    for (const line of commands.flatMap(examplesOf)) {
      for (const [name, ...rest] of wordsOfIsync(line)) {
        const command = commands.find((one) => one.name() === name)
        expect(command, line).toBeDefined()
        expect(command?.parseOptions(rest).unknown, line).toEqual([])
        understood += 1
      }
    }
    expect(understood).toBeGreaterThan(files.length)
  })
})

describe('stdout is for results, stderr for logs', () => {
  it.each([
    ['orders:pull'],
    ['orders:push-shipstation'],
    ['tracking:sync'],
    ['retry'],
    ['status'],
    ['doctor'],
    ['config:check'],
    ['db:status'],
    ['db:migrate'],
    ['settings'],
    ['resume', 'amazon-us'],
    ['orders:show', 'M-1'],
    ['alloc:preview', '--available', '10'],
    ['inventory:full'],
    ['inventory:rebalance'],
    ['inventory:delta'],
    ['sku:show', 'SKU-1'],
  ])('%s --json is one document, each log line another, and -q says nothing', async (...args) => {
    const json = await world.isync([...args, '--json', '--verbose'])
    expect(json.code, json.stdout + json.stderr).toBe(0)
    expect(json.json()).toMatchObject({ schema_version: 1 })
    for (const line of json.stderr.split('\n').filter((text) => text !== '')) {
      expect(JSON.parse(line), line).toMatchObject({
        level: expect.any(String),
        time: expect.stringMatching(/Z$/),
        msg: expect.any(String),
      })
    }
    world.clock.advance(10 * 60_000)

    // By turns in the fast suite, both for each in the long one.
    told += 1
    if (inject('thorough') || told % 2 === 0) await quietly(args)
    if (inject('thorough') || told % 2 === 1) await inWords(args)
  })

  let told = 0

  async function quietly(args: readonly string[]): Promise<void> {
    const quiet = await world.isync([...args, '--quiet'])
    expect([quiet.code, quiet.stdout, quiet.stderr]).toEqual([0, '', ''])
    world.clock.advance(10 * 60_000)
  }

  async function inWords(args: readonly string[]): Promise<void> {
    const text = await world.isync(args)
    expect(text.stdout).not.toBe('')
    expect(() => JSON.parse(text.stdout)).toThrow()
    expect(text.stdout + text.stderr).not.toContain(ESCAPE) // neither colour nor spinner without a terminal
    world.clock.advance(10 * 60_000)
  }

  it.each([
    ['an unknown command', ['statsu']],
    ['an unknown option', ['status', '--bogus']],
    ['a missing argument', ['orders:show']],
    ['one argument too many', ['status', 'now']],
    ['an option without its value', ['orders:pull', '--channel']],
    ['an empty value', ['orders:pull', '--channel', '']],
    ['a time that is none', ['orders:pull', '--since', 'yesterday']],
    ['a kind that is none', ['retry', '--kind', 'everything']],
    ['a port that is none', ['sandbox', '--port-base', 'http']],
    ['a ratio that is none', ['alloc:preview', '--available', '10', '--ratio', 'amazon-us=abc']],
    ['an unknown order', ['orders:show', 'M-2']],
    ['an unknown SKU', ['sku:show', 'NO-SUCH']],
    ['an empty SKU', ['inventory:rebalance', '--sku', '']],
    ['a time that is none, of stock', ['inventory:delta', '--since', 'nonsense']],
  ])('%s is exit 2: a document on stdout with --json, four facts on stderr without', async (_, args) => {
    const [command = '', ...rest] = args
    const json = await world.isync([command, '--json', ...rest])
    expect([json.code, json.stderr]).toEqual([2, ''])
    const fact = expect.stringMatching(/./)
    expect(json.json()).toMatchObject({
      schema_version: 1,
      error: { what: fact, where: fact, why: fact, next: fact, exit_code: 2 },
    })

    const text = await world.isync(args)
    expect([text.code, text.stdout]).toEqual([2, ''])
    expect(text.stderr).toMatch(/^error: .+\n {2}where: .+\n {2}why: {3}.+\n {2}next: {2}.+\n$/)
  })

  it('a question that nobody can answer is refused and names the flag', async () => {
    world.sandbox.act('mirakl', 'add-orders', [{ order_id: 'M-3', state: 'SHIPPING' }])
    world.clock.advance(60_000)
    await world.isync(['orders:pull', '--channel', 'mirakl-macys'])

    const { code, stderr } = await world.isync(['retry', '--order', 'M-3'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/no terminal to ask on[\s\S]*--yes/)])
    const json = await world.isync(['retry', '--order', 'M-3', '--json'])
    expect(json.json()).toMatchObject({ error: { next: expect.stringMatching(/--yes/), exit_code: 2 } })
    expect((await world.isync(['retry', '--order', 'M-3', '--yes'])).code).toBe(0)
  })

  it('a slip of the pen is answered with the nearest name', async () => {
    expect((await world.isync(['order:pull'])).stderr).toMatch(/orders:pull/)
    expect((await world.isync(['statsu'])).stderr).toMatch(/Did you mean status\?/)
    expect((await world.isync(['orders:pull', '--chanel', 'amazon-us'])).stderr).toMatch(/Did you mean --channel\?/)
    expect((await world.isync(['orders:pull', '--since', 'yesterday'])).stderr).toMatch(/2026-01-24T09:00Z.*90m, 12h, 7d/)
  })

  it('no word at all shows the help and is exit 2', async () => {
    const { code, stderr } = await startProgram([], world.folder)
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^Usage: isync/)])
  })
})

describe('a pipe', () => {
  it('that closes early is nobody\u2019s failure', async () => {
    for (const line of [
      '"$ISYNC" --help | head -1',
      '"$ISYNC" status | head -1',
      '"$ISYNC" config:check --json | head -1',
      '"$ISYNC" status --json | true',
    ]) {
      const { code, stderr } = await startInShell(line, world.folder, { ISYNC_CLOCK_FILE: `${world.folder}/clock.json` })
      expect([code, stderr], line).toEqual([0, ''])
    }
  })

  it('that nobody reads stderr from does not stop the work', async () => {
    world.clock.advance(10 * 60_000)
    const line = '{ { "$ISYNC" orders:pull --verbose >/dev/null; echo "exit $?" >&3; } 2>&1 | true; } 3>&1'
    expect((await startInShell(line, world.folder, { ISYNC_CLOCK_FILE: `${world.folder}/clock.json` })).stdout).toMatch(
      /exit [03]/,
    )
  })
})

describe('a terminal', () => {
  it.runIf(existsSync('/usr/bin/script'))('gets colours, and none with NO_COLOR', async () => {
    const inTerminal = 'script -qec "$ISYNC status" /dev/null'
    const env = { ISYNC_CLOCK_FILE: `${world.folder}/clock.json`, TERM: 'xterm' }
    expect((await startInShell(inTerminal, world.folder, env)).stdout).toContain(ESCAPE)
    expect((await startInShell(inTerminal, world.folder, { ...env, NO_COLOR: '1' })).stdout).not.toContain(`${ESCAPE}[`)
  })
})

async function loadCommands(): Promise<readonly Command[]> {
  return Promise.all(files.map(async (file) => ((await import(`${folder}/${file}`)) as { command(): Command }).command()))
}

async function commandNames(): Promise<readonly string[]> {
  return (await loadCommands()).map((command) => command.name())
}

function examplesOf(command: Command): readonly string[] {
  let help = ''
  command.configureOutput({
    writeOut(text) {
      help += text
    },
  })
  command.outputHelp()
  const examples = help.slice(help.indexOf('Examples:'), help.indexOf('Exit codes:'))
  return examples.split('\n').slice(1)
}

/** The words after each `isync` of a shell line. */
function wordsOfIsync(line: string): readonly (readonly string[])[] {
  const parts = line.replace(/ # .*$/, '').split(/&&|[&|();]/)
  return parts.map((part) => part.trim().split(/\s+/)).flatMap(([program, ...words]) => (program === 'isync' ? [words] : []))
}
