import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { inject } from 'vitest'
import { type Clock, createClock } from '../../src/sandbox/clock.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import type { TestDatabase } from './databases.ts'
import { type MoreChannel, secretsOf, sectionsOf } from './more-channels.ts'

const root = resolve(import.meta.dirname, '../..')

/** What one start of the built program did. */
export interface Ran {
  /** Null when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** stdout as JSON; throws when it is none. */
  json<T = Record<string, unknown>>(): T
}

/** A program under way. */
export interface Started {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined
  /** False when it has ended already. */
  kill(signal: NodeJS.Signals): boolean
  /** Settles with all of stderr as soon as it holds this text; rejects when the program ends without. */
  said(text: string): Promise<string>
  readonly ended: Promise<Ran>
}

export interface World {
  readonly sandbox: Sandbox
  /** Virtual time that the sandbox and every started program share. */
  readonly clock: Clock
  readonly folder: string
  readonly databaseUrl: string
  /** Secrets of this world's configuration, for canary tests. */
  readonly secrets: Readonly<Record<string, string>>
  /** Starts bin/isync in the world's folder and waits for its end. */
  isync(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ran>
  /** Starts bin/isync and does not wait. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>): Started
  close(): Promise<void>
}

export interface WorldOptions {
  /** Virtual milliseconds per real one. Default 1; 0 freezes time. */
  readonly scale?: number
  /** Another build of the program than this repository's bin/isync. */
  readonly program?: string
  /** Channels beside amazon-us and mirakl-macys: ebay-us, rithum-acme (Dsco), rithum-ca (ChannelAdvisor). */
  readonly also?: readonly MoreChannel[]
  /** Lines of YAML added to the configuration's sections. */
  readonly config?: {
    readonly amazon?: string
    readonly mirakl?: string
    readonly ebay?: string
    readonly dsco?: string
    readonly channeladvisor?: string
    readonly shipstation?: string
    readonly zoho?: string
    readonly inventory?: string
    readonly top?: string
  }
}

/** A sandbox, a migrated database, a configuration in a fresh folder: all that the program needs to run for real. */
export async function startWorld(database: TestDatabase, options: WorldOptions = {}): Promise<World> {
  const folder = mkdtempSync(join(inject('runDir'), 'world-'))
  const clockFile = join(folder, 'clock.json')
  const clock = createClock({ file: clockFile, scale: options.scale ?? 1 })
  const sandbox = await startSandbox({ portBase: 0, clock })
  const databaseUrl = await database.migrated()
  const secrets = {
    ISYNC_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    AMZ_ID: 'sandbox-client',
    AMZ_SECRET: 'sandbox-secret',
    AMZ_REFRESH: 'sandbox-refresh',
    MACYS_KEY: 'sandbox-key',
    SS_KEY: 'sandbox-key',
    SS_SECRET: 'sandbox-secret',
    ZOHO_ID: 'sandbox-client',
    ZOHO_SECRET: 'sandbox-secret',
    ZOHO_REFRESH: 'sandbox-refresh',
    ...secretsOf(options.also ?? []),
  }
  writeFileSync(join(folder, 'isync.config.yaml'), configOf(databaseUrl, sandbox, options))
  writeFileSync(
    join(folder, '.env'),
    Object.entries(secrets)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
    { mode: 0o600 },
  )
  const children = new Set<ReturnType<typeof spawn>>()
  function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Started {
    const program = options.program ?? join(root, 'bin/isync')
    return run(children, program, args, folder, { ISYNC_CLOCK_FILE: clockFile, ...env })
  }
  return {
    sandbox,
    clock,
    folder,
    databaseUrl,
    secrets,
    isync: (args, env) => start(args, env).ended,
    start,
    async close() {
      for (const child of children) child.kill('SIGKILL')
      await sandbox.close()
    },
  }
}

function configOf(databaseUrl: string, sandbox: Sandbox, { also = [], config = {} }: WorldOptions): string {
  const { amazon, mirakl, shipstation, zoho } = sandbox.origins
  return `database: ${databaseUrl}
encryption_keys: \${ISYNC_KEYS}
channels:
  amazon-us:
    type: amazon
    region: na
    marketplace_ids: [ATVPDKIKX0DER]
    seller_id: A1SANDBOX
    shipstation_store_id: 20002
    endpoint: ${amazon}
    auth_endpoint: ${amazon}
    credentials: { client_id: '\${AMZ_ID}', client_secret: '\${AMZ_SECRET}', refresh_token: '\${AMZ_REFRESH}' }
${indented(config.amazon)}
  mirakl-macys:
    type: mirakl
    base_url: ${mirakl}
    endpoint: ${mirakl}
    shop_id: 2001
    shipstation_store_id: 20003
    auto_accept: true
    credentials: { api_key: '\${MACYS_KEY}' }
${indented(config.mirakl)}
${sectionsOf(also, sandbox, (channel) => indented(config[channel]))}
shipstation:
  api_key: \${SS_KEY}
  api_secret: \${SS_SECRET}
  endpoint: ${shipstation}
${indented(config.shipstation, 2)}
zoho:
  data_center: com
  organization_id: "10234695"
  endpoint: ${zoho}
  auth_endpoint: ${zoho}
  credentials: { client_id: '\${ZOHO_ID}', client_secret: '\${ZOHO_SECRET}', refresh_token: '\${ZOHO_REFRESH}' }
${indented(config.zoho, 2)}
${config.inventory === undefined ? '' : `inventory:\n${indented(config.inventory, 2)}`}
${config.top ?? ''}
`
}

function indented(text: string | undefined, by = 4): string {
  return (text ?? '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => `${' '.repeat(by)}${line}`)
    .join('\n')
}

function run(
  children: Set<ReturnType<typeof spawn>>,
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Started {
  const inherited = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', NODE_ENV: 'test' }
  const child = spawn(program, args, { cwd, env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  children.add(child)
  const out: Buffer[] = []
  const err: Buffer[] = []
  const stderr = () => Buffer.concat(err).toString('utf8')
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  const ended = new Promise<Ran>((settle, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      children.delete(child)
      const stdout = Buffer.concat(out).toString('utf8')
      settle({ code, signal, stdout, stderr: stderr(), json: <T>() => JSON.parse(stdout) as T })
    })
  })
  function said(text: string): Promise<string> {
    return new Promise((settle, reject) => {
      const look = () => {
        if (stderr().includes(text)) settle(stderr())
      }
      look()
      child.stderr.on('data', look)
      child.on('close', () => reject(new Error(`ended without saying '${text}':\n${stderr()}`)))
    })
  }
  return { pid: child.pid, kill: (signal) => child.kill(signal), said, ended }
}
