import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { migratedDatabase } from './databases.mjs'

export const isync = resolve(import.meta.dirname, '../../bin/isync')

// Says at exit how much memory the process ever held.
const peakWatch = `data:text/javascript,process.on('exit',()=>process.getBuiltinModule('fs').writeFileSync(process.env.BENCH_PEAK_FILE,JSON.stringify(process.resourceUsage())))`

/**
 * The stand-ins in a process of their own, a migrated database and a configuration: the built program runs against them from outside.
 */
export async function startWorld({ database = 'sqlite', channels = ['amazon', 'mirakl'] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'isync-bench-'))
  const clockFile = join(folder, 'clock.json')
  const { child, origins } = await startSandbox(clockFile)
  const { url, drop } = await migratedDatabase(database, folder)
  const keys = `k1:${randomBytes(32).toString('base64')}`
  writeFileSync(join(folder, 'isync.config.yaml'), configuration(url, origins, channels))
  writeFileSync(
    join(folder, '.env'),
    `ISYNC_KEYS=${keys}\nAPI_KEY=sandbox-key\nCLIENT=sandbox-client\nSECRET=sandbox-secret\nREFRESH=sandbox-refresh\n`,
    {
      mode: 0o600,
    },
  )

  async function control(method, path, body) {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const reply = await fetch(`${origins.control}${path}`, { method, ...sent })
    const answer = await reply.json()
    if (!reply.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`)
    return answer
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
    isync: (args) => run(folder, clockFile, args),
    async close() {
      child.kill('SIGKILL')
      await drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The sandbox as `isync sandbox` prints it. */
async function startSandbox(clockFile) {
  const child = spawn(isync, ['sandbox', '--port-base', '0', '--clock-file', clockFile], { stdio: ['ignore', 'pipe', 'inherit'] })
  process.on('exit', () => child.kill('SIGKILL'))
  const origins = {}
  for await (const line of createInterface({ input: child.stdout })) {
    const found = /^(control|amazon|mirakl|shipstation)\s+(http:\S+)/.exec(line)
    if (found !== null) origins[found[1]] = found[2]
    if (line.startsWith('Ctrl-C')) return { child, origins }
  }
  throw new Error('the sandbox did not start')
}

function configuration(url, { amazon, mirakl, shipstation }, wanted) {
  const channels = {
    amazon: `  amazon-us:
    type: amazon
    region: na
    marketplace_ids: [ATVPDKIKX0DER]
    seller_id: A1SANDBOX
    shipstation_store_id: 20002
    endpoint: ${amazon}
    auth_endpoint: ${amazon}
    credentials: { client_id: '\${CLIENT}', client_secret: '\${SECRET}', refresh_token: '\${REFRESH}' }
`,
    mirakl: `  mirakl-macys:
    type: mirakl
    base_url: ${mirakl}
    endpoint: ${mirakl}
    shop_id: 2001
    shipstation_store_id: 20003
    credentials: { api_key: '\${API_KEY}' }
`,
  }
  return `database: ${url}
encryption_keys: \${ISYNC_KEYS}
log_level: error
max_wait: 30m
lease: 1h
channels:
${wanted.map((name) => channels[name]).join('')}shipstation:
  api_key: \${API_KEY}
  api_secret: \${SECRET}
  endpoint: ${shipstation}
`
}

/** One start of the built program: its document, how long it took, the most memory it held. */
function run(folder, clockFile, args) {
  const peakFile = join(folder, 'peak')
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    ISYNC_CLOCK_FILE: clockFile,
    BENCH_PEAK_FILE: peakFile,
    NODE_OPTIONS: `--import "${peakWatch}"`,
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
      if (code !== 0)
        reject(new Error(`isync ${args.join(' ')} ended with ${code}: ${stdout.slice(0, 2000)}${stderr.slice(0, 2000)}`))
      else settle({ tookMs, document: JSON.parse(stdout), ...used(peakFile) })
    })
  })
}

function used(file) {
  const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(readFileSync(file, 'utf8'))
  return { peakMb: maxRSS / 1024, cpuMs: (userCPUTime + systemCPUTime) / 1000 }
}
