import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { OperatorError } from '../../core/errors.ts'
import { type Clock, createClock } from '../../sandbox/clock.ts'
import { type Sandbox, startSandbox } from '../../sandbox/server.ts'
import { makeFolder } from '../shell/folder.ts'
import { programPath } from '../shell/program-path.ts'

/** What one start of the program did. */
export interface Ran {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly pid: number
  readonly stdout: string
}

/** Where the demo plays: stand-ins, a folder, virtual time that both they and the started programs live in. */
export interface Stage {
  readonly sandbox: Sandbox
  readonly clock: Clock
  readonly folder: string
  readonly logFile: string
  /** First port of the stand-ins. */
  readonly port: number
  /** Starts the built program in the folder and waits for its end. */
  isync(args: readonly string[]): Promise<Ran>
  /** As isync; sends SIGKILL as soon as `moment` is true. */
  isyncKilled(args: readonly string[], moment: () => boolean): Promise<Ran>
  close(): Promise<void>
}

const POLL_MS = 5

/** Opens the stage in a folder that must not exist yet; virtual time begins at `start`. */
export async function openStage(dir: string, start: number): Promise<Stage> {
  const folder = resolve(dir)
  if (existsSync(folder)) {
    throw new OperatorError({
      what: 'the demo overwrites nothing',
      where: folder,
      why: 'this folder is there already',
      next: 'isync demo --dir PATH, with a path that is free',
    })
  }
  makeFolder(folder)
  const clockFile = join(folder, 'clock.json')
  const logFile = join(folder, 'isync.log')
  const clock = createClock({ file: clockFile, start, scale: 1 })
  const { sandbox, port } = await startOnFreePorts(clock)

  function begin(args: readonly string[], moment?: () => boolean): Promise<Ran> {
    return run({ args, folder, logFile, clockFile, ...(moment === undefined ? {} : { moment }) })
  }

  return {
    sandbox,
    clock,
    folder,
    logFile,
    port,
    isync: (args) => begin(args),
    isyncKilled: begin,
    async close() {
      await sandbox.close()
      rmSync(clockFile, { force: true })
    },
  }
}

/** Ports in a row, so that `isync sandbox --port-base` can take the place of these stand-ins later. */
async function startOnFreePorts(clock: Clock): Promise<{ readonly sandbox: Sandbox; readonly port: number }> {
  for (let tries = 1; ; tries += 1) {
    // Below the range that systems hand out to clients.
    const port = 20_000 + Math.floor(Math.random() * 1000) * 10
    try {
      return { sandbox: await startSandbox({ portBase: port, clock }), port }
    } catch (error) {
      if (tries === 20) throw error
    }
  }
}

interface Start {
  readonly args: readonly string[]
  readonly folder: string
  readonly logFile: string
  readonly clockFile: string
  readonly moment?: () => boolean
}

function run({ args, folder, logFile, clockFile, moment }: Start): Promise<Ran> {
  return new Promise((settle, reject) => {
    const child = spawn(programPath(), args, {
      cwd: folder,
      env: { ...plainEnvironment(), ISYNC_CLOCK_FILE: clockFile },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const out: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => appendFileSync(logFile, chunk, { mode: 0o600 }))
    const watch = setInterval(() => {
      if (moment?.() !== true) return
      clearInterval(watch)
      child.kill('SIGKILL')
    }, POLL_MS)
    child.on('error', (error) => {
      clearInterval(watch)
      reject(error)
    })
    child.on('close', (code, signal) => {
      clearInterval(watch)
      settle({ code, signal, pid: child.pid ?? 0, stdout: Buffer.concat(out).toString('utf8') })
    })
  })
}

/** Nothing of the reader's own isync: a variable of the same name would win over the demo's `.env`. */
function plainEnvironment(): Record<string, string> {
  const wanted = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ']
  return Object.fromEntries(wanted.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))
}
