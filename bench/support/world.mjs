import { fork, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { configuration, secrets } from './configuration.mjs'
import { migratedDatabase } from './databases.mjs'

export const isync = resolve(import.meta.dirname, '../../bin/isync')

// Says at exit how much memory the process ever held, and how long it had nothing to do.
const peakWatch = `data:text/javascript,process.on('exit',()=>process.getBuiltinModule('fs').writeFileSync(process.env.BENCH_PEAK_FILE,JSON.stringify({...process.resourceUsage(),idleTime:performance.nodeTiming.idleTime})))`

/**
 * The stand-ins in a process of their own, a migrated database and a configuration: the built program runs against them from outside.
 * `channels`: those of configuration.mjs. `stock`: with a section zoho. `sections`: more of the configuration, and `env` what it takes from .env.
 */
export async function startWorld({
  database = 'sqlite',
  channels = ['amazon', 'mirakl'],
  stock = false,
  sections = '',
  env = {},
} = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'isync-bench-'))
  const clockFile = join(folder, 'clock.json')
  const { child, origins } = await startSandbox(clockFile)
  const { url, drop } = await migratedDatabase(database, folder)
  const keys = `k1:${randomBytes(32).toString('base64')}`
  writeFileSync(join(folder, 'isync.config.yaml'), `${configuration(url, origins, channels, stock)}${sections}`)
  const lines = Object.entries({ ...secrets, ...env, ISYNC_KEYS: keys }).map(([name, value]) => `${name}=${value}\n`)
  writeFileSync(join(folder, '.env'), lines.join(''), { mode: 0o600 })

  async function control(method, path, body) {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const reply = await fetch(`${origins.control}${path}`, { method, ...sent })
    const answer = await reply.json()
    if (!reply.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`)
    return answer
  }

  async function sandboxCpuMs() {
    child.send('cpu')
    const [{ cpuMs }] = await once(child, 'message')
    return cpuMs
  }

  return {
    folder,
    origins,
    keys,
    databaseUrl: url,
    seed: (vendor, document) => control('POST', `/seed/${vendor}`, document),
    act: (vendor, action, argument) => control('POST', `/act/${vendor}/${action}`, argument),
    clock: (change) => control('POST', '/clock', change),
    now: async () => (await control('GET', '/health')).now,
    books: (vendor) => control('GET', `/books/${vendor}`),
    counts: () => control('GET', '/counts'),
    faults: (list) => control('POST', '/faults', list),
    /** Ends the vendor's faults; how often they have bitten. */
    async heal(vendor) {
      const armed = await control('GET', '/faults')
      await control('DELETE', `/faults?vendor=${vendor}`)
      return armed.filter((fault) => fault.vendor === vendor).reduce((all, { bitten }) => all + bitten, 0)
    },
    /** Rejects where it ends with another code than these. */
    async isync(args, codes = [0]) {
      const before = await sandboxCpuMs()
      const ran = await run(folder, clockFile, args, codes)
      return { ...ran, sandboxMs: (await sandboxCpuMs()) - before }
    },
    /** Starts it and does not wait. What it says is nobody's. */
    start(args) {
      const env = { PATH: process.env.PATH, HOME: process.env.HOME, ISYNC_CLOCK_FILE: clockFile }
      return spawn(isync, args, { cwd: folder, env, stdio: 'ignore' })
    },
    journal: () => control('GET', '/journal'),
    async close() {
      child.kill('SIGKILL')
      await drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function startSandbox(clockFile) {
  const child = fork(join(import.meta.dirname, 'sandbox.mjs'), [clockFile], { execArgv: [] })
  process.on('exit', () => child.kill('SIGKILL'))
  const [{ origins }] = await once(child, 'message', { signal: AbortSignal.timeout(30_000) })
  return { child, origins }
}

/**
 * One start of the built program: its document, how long it took, its processor time, how long it had nothing to do, the most memory it
 * held.
 */
function run(folder, clockFile, args, codes) {
  const peakFile = join(folder, 'peak')
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    ISYNC_CLOCK_FILE: clockFile,
    BENCH_PEAK_FILE: peakFile,
    NODE_OPTIONS: `--import "${peakWatch}" ${process.env.BENCH_NODE_OPTIONS ?? ''}`,
  }
  return new Promise((settle, reject) => {
    const begin = performance.now()
    const child = spawn(isync, [...args, '--json'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => {
      const tookMs = performance.now() - begin
      if (!codes.includes(code))
        reject(new Error(`isync ${args.join(' ')} ended with ${code}: ${stdout.slice(0, 2000)}${stderr.slice(0, 2000)}`))
      else settle({ tookMs, document: JSON.parse(stdout), ...used(peakFile) })
    })
  })
}

function used(file) {
  const { maxRSS, userCPUTime, systemCPUTime, idleTime } = JSON.parse(readFileSync(file, 'utf8'))
  return { peakMb: maxRSS / 1024, cpuMs: (userCPUTime + systemCPUTime) / 1000, idleMs: idleTime }
}
