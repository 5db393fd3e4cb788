import { randomUUID } from 'node:crypto'
import { createGate, type Gate } from '../../../src/connectors/http/gate.ts'
import { fingerprintOf, sharedAccount } from '../../../src/core/db/account.ts'
import type { Db } from '../../../src/core/db/db.ts'
import { openDb } from '../../../src/core/db/open.ts'
import { StoppedError } from '../../../src/core/errors.ts'
import type { PlannedCall } from '../../../src/core/ports/gate.ts'
import type { Clock, Log, LogFields } from '../../../src/core/ports/system.ts'
import { databases } from '../../world/databases.ts'
import type { Connected, ConnectOptions } from './bench.ts'

/** What the shared account keeps; a connector reaches them through its port only. */
const ACCOUNT_TABLES = ['access_tokens', 'account_notes', 'circuits', 'rate_buckets']

/** Time that a bench moves. */
export interface SetClock {
  now(): number
  set(epochMs: number): void
}

export interface ProcessOptions {
  readonly code: string
  readonly clock: SetClock
  /** Buckets that count something else than calls in a time: never spent by `limitsSpent`. */
  readonly unlimited?: RegExp
}

/** What isync brings along for a channel: real gates over one real database, whichever process they are of. */
export interface Processes {
  start(options?: ConnectOptions): Omit<Connected, 'connector'> & { readonly gate: Gate; readonly timeoutMs: number }
  forget(): Promise<void>
  notes(): Promise<string>
  rows(): Promise<string>
  close(): Promise<void>
}

export async function openProcesses({ code, clock, unlimited }: ProcessOptions): Promise<Processes> {
  const [sqlite] = databases
  const db = await openDb((await sqlite?.migrated()) ?? '')

  function start({ dryRun = false, limitsSpent = false, timeoutMs = 5000 }: ConnectOptions = {}) {
    const own = limitsSpent ? neverWaking(clock) : skipping(clock)
    const logged: string[] = []
    const planned: PlannedCall[] = []
    const deps = {
      db,
      clock: own,
      ids: { next: () => `process-${randomUUID()}` },
      seal: (_row: string, token: string) => Buffer.from(token).toString('hex'),
      open: (_row: string, sealed: string) => Buffer.from(sealed, 'hex').toString(),
    }
    const real = sharedAccount(deps, code, fingerprintOf(['the', 'credentials']))
    const isSpent = (bucket: string) => limitsSpent && unlimited?.test(bucket) !== true
    const gate = createGate({
      account: code,
      shared: { ...real, take: async (bucket, rule) => (isSpent(bucket) ? 60_000 : real.take(bucket, rule)) },
      clock: own,
      log: listener(logged),
      boundary: { reach: () => undefined },
      maxWaitMs: 24 * 3_600_000,
      timeoutMs,
      ...(dryRun ? { plan: (call: PlannedCall) => void planned.push(call) } : {}),
    })
    return { gate, timeoutMs, logged, planned }
  }

  return {
    start,
    async forget() {
      for (const table of ACCOUNT_TABLES) await db.run(`delete from ${table}`)
    },
    notes: async () => JSON.stringify([await all(db, 'account_notes'), await all(db, 'circuits')]),
    async rows() {
      const tables = await db.rows<{ name: string }>(`select name from sqlite_master where type = 'table' order by name`)
      const kept = tables.filter(({ name }) => !ACCOUNT_TABLES.includes(name))
      const dump = await Promise.all(kept.map(async ({ name }) => [name, await all(db, name)]))
      return JSON.stringify(dump)
    },
    close: () => db.close(),
  }
}

function all(db: Db, table: string): Promise<object[]> {
  return db.rows(`select * from ${table}`)
}

/** Whoever sleeps moves the time on to where he wakes. */
function skipping(clock: SetClock): Clock {
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

function neverWaking(clock: SetClock): Clock {
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
