import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { freshFolder, isync } from './program.ts'
import { startInShell } from './start-program.ts'

const program = resolve(import.meta.dirname, '../../bin/isync')
const example = readFileSync(resolve(import.meta.dirname, '../../crontab.example'), 'utf8')

let folder: string

beforeAll(async () => {
  folder = freshFolder('crontab')
  expect((await isync(folder, ['init', '--yes', '--sandbox', '--sandbox-port-base', '1024'])).code).toBe(0)
})

describe('isync crontab', () => {
  it('prints the schedule of crontab.example with the real paths, in a marked block without a variable', async () => {
    const { code, stdout } = await isync(folder, ['crontab', '--log-dir', '/var/log/isync'])
    expect(code).toBe(0)
    const lines = stdout.trimEnd().split('\n')
    expect(lines.at(0)).toBe('# isync begin')
    expect(lines.at(-1)).toBe('# isync end')
    const inExample = example.split('\n').filter((line) => /^[\d*]/.test(line) && !line.includes('report:daily'))
    const expected = inExample.map((line) =>
      line
        .replace('/opt/isync/bin/isync', program)
        .replace(/ *>>/, ` --config ${folder}/isync.config.yaml >>`)
        .replace(/ +/g, ' '),
    )
    const jobs = lines.filter((line) => !line.startsWith('#'))
    expect(jobs.map((line) => line.replace(/ +/g, ' ')).toSorted()).toEqual(expected.toSorted())
    expect(stdout).not.toContain('%')
  })

  it('takes the place of what it wrote before, and leaves other lines alone, by the line of its help', async () => {
    const cron = fakeCrontab('@daily backup\n')
    await installed(cron)
    const first = readFileSync(cron.file, 'utf8')
    expect(first).toMatch(/^@daily backup\n# isync begin\n[\s\S]*\n# isync end\n$/)
    writeFileSync(cron.file, `${first.replace('*/10 * * * *', '*/7 * * * *')}@weekly report\n`)

    await installed(cron)
    expect(readFileSync(cron.file, 'utf8')).toBe(`@daily backup\n@weekly report\n${first.slice(first.indexOf('# isync begin'))}`)
  })

  it('leaves the crontab as it is when the configuration cannot be read', async () => {
    const cron = fakeCrontab('@daily backup\n')
    const { code } = await installed(cron, { ISYNC_CONFIG: '/nowhere/isync.config.yaml' })
    expect(code).toBe(2)
    expect(readFileSync(cron.file, 'utf8')).toBe('@daily backup\n')
  })
})

describe('isync crontab --systemd', () => {
  it('writes a service and a timer for each line of cron, and one target for all', async () => {
    const units = join(folder, 'units')
    expect((await isync(folder, ['crontab', '--systemd', '--write', units])).code).toBe(0)
    const names = readdirSync(units).toSorted()
    const { lines } = JSON.parse((await isync(folder, ['crontab', '--json'])).stdout) as { lines: string[] }
    const commands = lines.flatMap((line) => /bin\/isync (\S+)/.exec(line)?.[1] ?? [])
    expect(commands.length).toBeGreaterThan(9)
    const expected = commands.flatMap((command) => {
      const name = `isync-${command.replaceAll(':', '-')}`
      return [`${name}.service`, `${name}.timer`]
    })
    expect(names).toEqual([...expected, 'isync.target'].toSorted())
  })

  it('leaves units that somebody else wrote, and then writes none', async () => {
    const units = join(folder, 'foreign')
    mkdirSync(units)
    writeFileSync(join(units, 'isync-purge.timer'), '[Timer]\n')
    const refused = await isync(folder, ['crontab', '--systemd', '--write', units])
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(join(units, 'isync-purge.timer'))])
    expect(readdirSync(units)).toEqual(['isync-purge.timer'])
  })

  it('says which options do not go together', async () => {
    for (const words of [
      ['--write', 'x'],
      ['--systemd', '--log-dir', 'x'],
      ['--run', '--systemd'],
      ['--run', '--write', 'x'],
    ]) {
      const { code, stderr } = await isync(folder, ['crontab', ...words])
      expect([code, stderr], words.join(' ')).toEqual([2, expect.stringContaining('do not go together')])
    }
    expect(existsSync(join(folder, 'x'))).toBe(false)
  })
})

describe('isync crontab --run', () => {
  it('starts a command at its minute, waits for it, and ends with 0 when it is told to', async () => {
    const clock = join(folder, 'clock.json')
    setClock(clock, '2026-01-24T09:24:30Z', 0)
    const whole = readFileSync(join(folder, 'isync.config.yaml'), 'utf8')
    const config = join(folder, 'no-stock.yaml')
    writeFileSync(config, whole.replace(/^zoho:.*\n(?:[ #].*\n)*/m, ''))
    const child = spawn(program, ['crontab', '--run', '--config', config], {
      cwd: folder,
      env: { ...process.env, ISYNC_CLOCK_FILE: clock },
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let out = ''
    let err = ''
    child.stderr.on('data', (chunk) => {
      err += String(chunk)
    })
    const told = (text: string) =>
      new Promise<void>((settle) => {
        const look = () => (out.includes(text) ? settle() : undefined)
        child.stdout.on('data', look)
        look()
      })
    child.stdout.on('data', (chunk) => {
      out += String(chunk)
    })
    const ended = new Promise((settle) => child.on('close', settle))
    await told('SIGTERM ends this')
    expect(out).toContain('7 commands')

    // At minute 25 that is alerts:check alone.
    setClock(clock, '2026-01-24T09:25:00Z', 5)
    await told(': ended with')
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(out.split('\n').filter((line) => line.includes(': ended with'))[0], err).toBe('alerts:check: ended with 0')
  })
})

/** Systemd's own check, where the machine has it. */
describe.skipIf(spawnSync('systemd-analyze', ['--version']).status !== 0)('systemd', () => {
  it('finds nothing wrong with the units, of paths with blanks and percent signs too', async () => {
    const odd = join(freshFolder('units'), `a 100% "b" $c`)
    mkdirSync(odd)
    for (const name of ['isync.config.yaml', '.env']) {
      writeFileSync(join(odd, name), readFileSync(join(folder, name)))
      chmodSync(join(odd, name), 0o600)
    }
    const units = join(odd, '../units')
    const user = spawnSync('id', ['-un'], { encoding: 'utf8' }).stdout.trim()
    expect((await isync(odd, ['crontab', '--systemd', '--user', user, '--write', units])).code).toBe(0)

    const files = readdirSync(units).map((name) => join(units, name))
    const checked = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], { encoding: 'utf8' })
    expect([checked.status, checked.stderr.split('\n').filter((line) => line.includes('isync'))]).toEqual([0, []])
  })
})

function setClock(file: string, at: string, scale: number): void {
  writeFileSync(`${file}.new`, JSON.stringify({ anchorReal: Date.now(), anchorVirtual: Date.parse(at), scale }))
  renameSync(`${file}.new`, file)
}

interface FakeCron {
  /** What it holds. */
  readonly file: string
  /** Folder with a program `crontab` that reads and replaces it. */
  readonly bin: string
}

function fakeCrontab(content: string): FakeCron {
  const bin = freshFolder('cron')
  const file = join(bin, 'tab')
  writeFileSync(file, content)
  writeFileSync(
    join(bin, 'crontab'),
    `#!/bin/sh\n[ "$1" = -l ] && exec cat ${file}\ncat >${file}.new && mv ${file}.new ${file}\n`,
  )
  chmodSync(join(bin, 'crontab'), 0o755)
  return { file, bin }
}

/** The line that the help shows, as it stands there. */
async function installed({ bin }: FakeCron, env: Readonly<Record<string, string>> = {}) {
  const { stdout } = await isync(folder, ['crontab', '--help'])
  const [, line = ''] = /^ {2}(lines=.*crontab -)$/m.exec(stdout) ?? []
  expect(line).toContain('isync crontab')
  const path = `${bin}:${resolve(program, '..')}:${process.env.PATH ?? ''}`
  return startInShell(line, folder, { ...env, PATH: path })
}
