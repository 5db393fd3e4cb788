import { randomUUID } from 'node:crypto'
import { createGate, type Gate } from '../../../src/connectors/http/gate.ts'
import { fingerprintOf, sharedAccount } from '../../../src/core/db/account.ts'
import type { Db } from '../../../src/core/db/db.ts'
import { openDb } from '../../../src/core/db/open.ts'
import { StoppedError } from '../../../src/core/errors.ts'
import type { PlannedCall } from '../../../src/core/ports/gate.ts'
import type { MarketplaceConnector } from '../../../src/core/ports/marketplace.ts'
import type { Clock, Log, LogFields } from '../../../src/core/ports/system.ts'
import { createClock } from '../../../src/sandbox/clock.ts'
import { type Sandbox, startSandbox } from '../../../src/sandbox/server.ts'
import type { Fault, Vendor } from '../../../src/sandbox/stand-in.ts'
import { databases } from '../../world/databases.ts'
import type { Channel, Connected, ConnectOptions, Spoil } from './bench.ts'

const START = Date.parse('2026-11-21T15:00:00.000Z')
/** What the shared account keeps; a connector reaches them through its port only. */
const ACCOUNT_TABLES = ['access_tokens', 'account_notes', 'circuits', 'rate_buckets']

export interface StageOptions {
  readonly vendor: Vendor
  readonly code: string
  /** Requests for tokens; absent where the vendor gives out none. */
  readonly tokenPath?: RegExp
  /** The request by which a package is told. */
  readonly telling: NonNullable<Fault['match']>
  /** Buckets that count something else than calls in a time: never spent by `limitsSpent`. */
  readonly unlimited?: RegExp
  /** The vendor's books at the start. */
  readonly seed?: object
  /** An error as this vendor writes it. */
  errorBody(words: string, status: number): unknown
  make(gate: Gate, origin: string, timeoutMs: number): MarketplaceConnector
}

type Common =
  | 'code'
  | 'clock'
  | 'reset'
  | 'forget'
  | 'givesTokens'
  | 'close'
  | 'connect'
  | 'calls'
  | 'notes'
  | 'rows'
  | 'spoil'
  | 'heal'

/** What all channels have in common that are stand-ins behind HTTP: virtual time, a real gate, the shared account in a real database, faults. */
export interface Stage extends Required<Pick<Channel, Common>> {
  readonly sandbox: Sandbox
  books<T>(): T
  act(action: string, argument: unknown): void
  seed(document: object): void
}

export async function openStage(options: StageOptions): Promise<Stage> {
  const { vendor, code } = options
  const sandbox = await startSandbox({ portBase: 0, clock: createClock({ start: START, scale: 0 }) })
  const [sqlite] = databases
  const db = await openDb((await sqlite?.migrated()) ?? '')

  function connect({ dryRun = false, limitsSpent = false, timeoutMs = 5000 }: ConnectOptions = {}): Connected {
    const clock = limitsSpent ? neverWaking(sandbox) : skippingClock(sandbox)
    const logged: string[] = []
    const planned: PlannedCall[] = []
    const deps = {
      db,
      clock,
      ids: { next: () => `process-${randomUUID()}` },
      seal: (_row: string, token: string) => Buffer.from(token).toString('hex'),
      open: (_row: string, sealed: string) => Buffer.from(sealed, 'hex').toString(),
    }
    const real = sharedAccount(deps, code, fingerprintOf(['the', 'credentials']))
    const isSpent = (bucket: string) => limitsSpent && options.unlimited?.test(bucket) !== true
    const gate = createGate({
      account: code,
      shared: { ...real, take: async (bucket, rule) => (isSpent(bucket) ? 60_000 : real.take(bucket, rule)) },
      clock,
      log: listener(logged),
      boundary: { reach: () => undefined },
      maxWaitMs: 24 * 3_600_000,
      timeoutMs,
      ...(dryRun ? { plan: (call: PlannedCall) => void planned.push(call) } : {}),
    })
    return { connector: options.make(gate, sandbox.origins[vendor], timeoutMs), logged, planned }
  }

  function spoil({ kind, on = 'work', times = 1_000, status, words }: Spoil): void {
    const { tokenPath } = options
    const work = tokenPath === undefined ? {} : { path: `^(?!.*(?:${tokenPath.source}))` }
    if (on === 'token' && tokenPath === undefined) return
    const match = on === 'write' ? options.telling : on === 'token' ? { path: tokenPath?.source ?? '' } : work
    const refusal = { error: 'invalid_client', error_description: 'Client authentication failed.' }
    const said =
      on === 'token' && status === 401 ? refusal : words === undefined ? undefined : options.errorBody(words, status ?? 500)
    const body = said === undefined ? {} : { body: said }
    sandbox.addFault({ vendor, kind, times, match, delayMs: 8, ...body, ...(status === undefined ? {} : { status }) })
  }

  async function forget(): Promise<void> {
    for (const table of ACCOUNT_TABLES) await db.run(`delete from ${table}`)
  }

  async function reset(): Promise<void> {
    sandbox.reset()
    await forget()
    if (options.seed !== undefined) sandbox.seed(vendor, options.seed)
  }

  return {
    sandbox,
    code,
    clock: sandbox.clock,
    connect,
    spoil,
    heal: () => sandbox.clearFaults(vendor),
    reset,
    forget,
    givesTokens: options.tokenPath !== undefined,
    calls: () =>
      sandbox.journal().filter((entry) => entry.vendor === vendor && options.tokenPath?.test(entry.path) !== true).length,
    notes: async () => JSON.stringify([await all(db, 'account_notes'), await all(db, 'circuits')]),
    async rows() {
      const tables = await db.rows<{ name: string }>(`select name from sqlite_master where type = 'table' order by name`)
      const kept = tables.filter(({ name }) => !ACCOUNT_TABLES.includes(name))
      const dump = await Promise.all(kept.map(async ({ name }) => [name, await all(db, name)]))
      return JSON.stringify(dump)
    },
    async close() {
      await sandbox.close()
      await db.close()
    },
    books: <T>() => sandbox.books(vendor) as T,
    act: (action, argument) => void sandbox.act(vendor, action, argument),
    seed: (document) => sandbox.seed(vendor, document),
  }
}

function all(db: Db, table: string): Promise<object[]> {
  return db.rows(`select * from ${table}`)
}

/** Whoever sleeps moves the time on to where he wakes. */
function skippingClock({ clock }: Sandbox): Clock {
  return {
    now: clock.now,
    async sleep(ms, signal) {
      const until = clock.now() + ms
      // Twice: he may be told while he sleeps.
      stopIf(signal)
      await new Promise((resolve) => setImmediate(resolve))
      stopIf(signal)
      if (clock.now() < until) clock.set(until)
    },
  }
}

function stopIf(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new StoppedError('told to stop')
}

function neverWaking({ clock }: Sandbox): Clock {
  return {
    now: clock.now,
    sleep: (_ms, signal) =>
      new Promise((_resolve, reject) => {
        const stop = () => reject(new StoppedError('told to stop'))
        if (signal?.aborted === true) stop()
        signal?.addEventListener('abort', stop, { once: true })
      }),
  }
}

function listener(logged: string[]): Log {
  const keep = (fields: LogFields, message: string) => void logged.push(JSON.stringify({ message, ...fields }, errorsToo))
  return { debug: keep, info: keep, warn: keep, error: keep }
}

function errorsToo(_key: string, value: unknown): unknown {
  return value instanceof Error ? `${value.name}: ${value.message} ${String(value.cause ?? '')}` : value
}
