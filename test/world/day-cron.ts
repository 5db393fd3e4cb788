import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { crontabLines } from '../../src/commands/shell/crontab.ts'
import { isDue } from '../../src/commands/shell/schedule.ts'
import type { World } from './loop.ts'

const MINUTE = 60_000
const program = resolve(import.meta.dirname, '../../bin/isync')

/** What cron has done. */
export interface Cron {
  /** Starts what is due at this minute (epoch ms) and does not wait. */
  tick(at: number): void
  readonly isDue: (command: string, at: number) => boolean
  /** The next start of any command dies at its n-th boundary, unless it ends before. */
  killNext(boundary: number): void
  readonly atWork: () => number
  /** Settles when everything that was started has ended. */
  idle(): Promise<void>
  /** Command -> how its starts ended -> how often: `exit 0`, `SIGKILL`. */
  readonly ends: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** The words of every crontab line after the program: what a person types. */
  readonly calls: readonly (readonly string[])[]
  /** What all commands wrote, as it stands in their log files. */
  logs(): ReadonlyMap<string, string>
}

/** The crontab as `isync crontab` writes it, on a virtual clock. A line is given to a shell as cron does. */
export function startCron({ folder, clock }: Pick<World, 'folder' | 'clock'>): Cron {
  const lines = crontabLines({ configFile: join(folder, 'isync.config.yaml'), program }, ['zoho', 'mail']).map(parse)
  const ends = new Map<string, Map<string, number>>()
  const running = new Set<Promise<void>>()
  let fault: number | undefined

  function start({ command, name }: Line): void {
    const env: Record<string, string> = {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      NODE_ENV: 'test',
      ISYNC_CLOCK_FILE: clock.file ?? '',
    }
    if (fault !== undefined) env['ISYNC_FAULT'] = String(fault)
    fault = undefined
    // Without the shell in between, a signal's name would be a number above 128.
    const child = spawn('/bin/sh', ['-c', `exec ${command}`], { cwd: '/', env, stdio: 'ignore' })
    const ended = new Promise<void>((settle, reject) => {
      child.on('error', reject)
      child.on('close', (code, signal) => {
        const counts = ends.get(name) ?? new Map<string, number>()
        const how = signal ?? `exit ${code}`
        ends.set(name, counts.set(how, (counts.get(how) ?? 0) + 1))
        settle()
      })
    })
    running.add(ended)
    void ended.finally(() => running.delete(ended))
  }

  return {
    ends,
    calls: lines.map(({ call }) => call),
    tick(at) {
      for (const line of lines) if (isDue(line.at, at - MINUTE, at)) start(line)
    },
    isDue: (command, at) => lines.some((line) => line.name === command && isDue(line.at, at - MINUTE, at)),
    killNext(boundary) {
      fault = boundary
    },
    atWork: () => running.size,
    async idle() {
      await Promise.all(running)
    },
    logs: () =>
      new Map(
        readdirSync(folder)
          .filter((name) => name.endsWith('.log'))
          .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
      ),
  }
}

interface Line {
  readonly at: string
  readonly name: string
  readonly command: string
  readonly call: readonly string[]
}

function parse(line: string): Line {
  const words = line.split(/\s+/)
  const at = words.slice(0, 5).join(' ')
  const command = words.slice(5).join(' ')
  const call = words.slice(
    6,
    words.findIndex((word) => word.startsWith('>>')),
  )
  return { at, command, call, name: call[0] ?? '' }
}
