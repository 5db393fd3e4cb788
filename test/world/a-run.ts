import { afterAll, onTestFinished } from 'vitest'
import type { ChannelSettings, CoreSettings, Run } from '../../src/core/context.ts'
import type { Db } from '../../src/core/db/db.ts'
import { takeLease } from '../../src/core/db/leases.ts'
import { openDb } from '../../src/core/db/open.ts'
import { parseRatio } from '../../src/core/model/decimal.ts'
import type { Log, LogFields } from '../../src/core/ports/system.ts'
import { newKey } from '../../src/core/privacy/keys.ts'
import { createVault } from '../../src/core/privacy/vault.ts'
import type { HeldLease } from '../../src/core/tasks/exclusive.ts'
import { aClock, DAY, HOUR, MINUTE, SECOND, type TestClock } from './a-clock.ts'
import type { TestDatabase } from './databases.ts'
import type { LoggedLine } from './gate.ts'

/** A run of a command without a command: a real database and vault, a clock that a test moves, ids that count. */
export interface TestRun extends Run {
  readonly clock: TestClock
  readonly logged: readonly LoggedLine[]
  /** Tells the run to stop, as SIGTERM does. */
  stop(): void
}

export interface RunOptions {
  readonly clock?: TestClock
  /** Makes the ids of this run differ from those of another run on the same database. */
  readonly name?: string
  readonly settings?: Partial<CoreSettings>
}

export const amazonUs: ChannelSettings = {
  code: 'amazon-us',
  storeId: 20002,
  overlapMs: 10 * MINUTE,
  firstPullMs: 7 * DAY,
  personalDays: 30,
  carriers: [],
  acknowledges: 'never',
}

export const macys: ChannelSettings = { ...amazonUs, code: 'mirakl-macys', storeId: 20003, acknowledges: 'before-push' }

const vault = createVault(newKey('k1'))

const plan = { firstDelayMs: 30 * SECOND, factor: 2, maxDelayMs: 5 * MINUTE, jitter: 0 }

export const settings: CoreSettings = {
  retry: {
    push: { ...plan, retries: 3 },
    confirm: { ...plan, retries: 5 },
    acknowledge: { ...plan, retries: 3 },
    publish: { ...plan, retries: 3 },
    notify: { ...plan, retries: 200, maxDelayMs: 10 * MINUTE },
  },
  leaseMs: 2 * MINUTE,
  retention: { payloadDays: 90, journalDays: 400, inboxDays: 14, unshippedDays: 90, unknownChannelDays: 30 },
  onCancel: 'hold',
  carriers: {},
  channels: new Map([amazonUs, macys].map((channel) => [channel.code, channel])),
  inventory: {
    source: 'Zoho available_stock',
    defaults: {
      ratio: parseRatio('1'),
      safetyStock: 1,
      maxOversellPct: 150,
      maxOversellAbs: undefined,
      minPublishQty: 0,
      rounding: 'floor',
    },
    channels: new Map([
      ['amazon-us', {}],
      ['mirakl-macys', {}],
    ]),
    capScope: 'channel',
    mainChannel: undefined,
    smallStockThreshold: 0,
    lowStockThreshold: 1,
    rebalanceIntervalMs: 240 * MINUTE,
    inactiveItems: 'zero',
    raiseGuard: 'pulled',
    reservePending: true,
    carry: 'since_sync',
    reportWaitMs: 2 * MINUTE,
    listingCheckMs: DAY,
    staleAfterMs: DAY,
    brakes: { zeroPct: 20, zeroMin: 20, dropPct: 40, dropMin: 20, missingPct: 20, missingMin: 5 },
  },
  reconcile: {
    windowMs: 7 * DAY,
    autoRemedy: true,
    minAgeMs: 15 * MINUTE,
    limits: { warningCount: 10, warningPct: 3, criticalCount: 50, criticalPct: 10 },
    maxRepairs: 5000,
    unconfirmedAfterMs: 60 * MINUTE,
    stuckAfterMs: 120 * MINUTE,
    waitingAfterMs: DAY,
  },
  alerts: {
    routes: { warning: [], critical: [] },
    recipients: {},
    renotifyMs: 4 * HOUR,
    resolveAfterMs: 10 * MINUTE,
    downAfter: 3,
    rates: {
      orders: { warning: 10, critical: 50 },
      confirmations: { warning: 20, critical: 100 },
      publications: { warning: 10, critical: 50 },
    },
  },
  watch: {
    intervals: new Map([
      ['orders:pull', 10 * MINUTE],
      ['orders:push-shipstation', 5 * MINUTE],
    ]),
    warningAfter: 3,
    criticalAfter: 6,
  },
}

/** A run on an empty database. */
export async function aRun(database: TestDatabase, options: RunOptions = {}): Promise<TestRun> {
  return aRunOn(await aDb(database), options)
}

/** A further run on the same database: another process, or the same one later. */
export function aRunOn(db: Db, options: RunOptions = {}): TestRun {
  const name = options.name ?? 'run'
  const stopping = new AbortController()
  const logged: LoggedLine[] = []
  let issued = 0
  return {
    id: `${name}-1`,
    command: 'test',
    actor: 'cron',
    host: 'host-a',
    pid: 1,
    db,
    clock: options.clock ?? aClock(),
    ids: { next: () => `${name}-${String(++issued).padStart(6, '0')}` },
    random: () => 0.5,
    log: listener(logged),
    vault,
    settings: { ...settings, ...options.settings },
    signal: stopping.signal,
    logged,
    stop: () => stopping.abort(),
  }
}

const shared = new Map<TestDatabase['name'], Promise<Db>>()

/** A migrated database without a row in it. The tests of a file get the same one, emptied, in turn. */
export async function aDb(database: TestDatabase): Promise<Db> {
  const known = shared.get(database.name)
  if (known !== undefined) return emptied(await known)
  const opening = database.migrated().then(open)
  shared.set(database.name, opening)
  return opening
}

afterAll(async () => {
  for (const db of shared.values()) await (await db).close()
  shared.clear()
})

async function emptied(db: Db): Promise<Db> {
  const tables = await db.rows<{ name: string }>(
    db.dialect.name === 'sqlite'
      ? `select name from sqlite_master where type = 'table' and name not like 'sqlite%' and name not like 'knex%'`
      : `select tablename as name from pg_tables where schemaname = 'public' and tablename not like 'knex%'`,
  )
  // What refers to others goes first.
  const first = ['shipment_lines', 'tasks', 'order_lines']
  for (const name of [...first, ...tables.map((table) => table.name)]) await db.run(`delete from ${name}`)
  return db
}

/**
 * What several processes hold of one database. SQLite waits for another connection's lock without letting go of the thread, so two
 * connections of one process would block each other: there it is one connection, handed out several times.
 */
export async function severalConnections(database: TestDatabase, count: number): Promise<readonly Db[]> {
  const url = await database.migrated()
  const first = await connectTo(url)
  return Promise.all(Array.from({ length: count }, () => (database.name === 'sqlite' ? first : connectTo(url))))
}

/** A further connection to the same database, as another process has one. Closed when the test ends. */
export async function connectTo(url: string): Promise<Db> {
  const db = await open(url)
  onTestFinished(() => db.close())
  return db
}

async function open(url: string): Promise<Db> {
  const db = await openDb(url)
  // Power cuts are not the subject here, and every commit would wait for the disk.
  if (db.dialect.name === 'sqlite') await db.run('pragma synchronous = off')
  return db
}

/** The command lease that a use case checks inside its transactions. */
export async function aHeldLease(run: Run, name = 'test lease'): Promise<HeldLease> {
  const lease = { name, owner: run.ids.next() }
  const now = run.clock.now()
  const holder = await takeLease(run.db, { ...lease, host: run.host, pid: run.pid, until: now + 24 * HOUR }, now)
  if (holder !== undefined) throw new Error(`${name} is held by ${holder.owner}`)
  return lease
}

function listener(logged: LoggedLine[]): Log {
  const at = (level: LoggedLine['level']) => (fields: LogFields, message: string) => void logged.push({ level, message, fields })
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
