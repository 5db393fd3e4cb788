import { type DayRun, runsBetween, toldQuotas, toldRates } from '../db/daily.ts'
import type { Db } from '../db/db.ts'
import type { Stretch } from '../db/latencies.ts'
import { runCallsBetween } from '../db/run-calls.ts'
import type { CallCounts } from '../ports/gate.ts'

/** How the runs of one command ended. `no_end`: killed, or still going. */
export interface CommandRuns {
  readonly command: string
  readonly runs: number
  readonly done: number
  readonly partly: number
  /** A vendor was down or refused the credentials. */
  readonly vendor_down: number
  /** Held by a brake. */
  readonly held: number
  readonly failed: number
  readonly no_end: number
}

/** Calls that one account was asked, by the vendor's own names of them. */
export interface AccountCalls {
  readonly account: string
  readonly calls: number
  readonly operations: CallCounts
}

/** A limit that is known, in calls a day, and what was spent of it. */
export interface QuotaUse {
  readonly what: string
  /** Accounts that share it. */
  readonly accounts: readonly string[]
  readonly used: number
  readonly allowed: number
  /** Whole percent, rounded down; 100 and more: all of it. */
  readonly used_pct: number
  /** Who says so. */
  readonly said_by: string
}

/** A limit by configuration. */
export interface Quota {
  readonly what: string
  readonly accounts: readonly string[]
  /** Calls a day. */
  readonly allowed: number
  readonly saidBy: string
  /** Which of the accounts' calls count; without it all but those for tokens. */
  readonly counts?: (operation: string) => boolean
}

export interface DayRuns {
  readonly runs: readonly CommandRuns[]
  readonly calls: readonly AccountCalls[]
  /** Calls of runs without an end were not written down. */
  readonly uncounted: number
}

const PAGE = 500

/** What ran, how it ended, and what it asked of the vendors, of runs that began in the stretch; of a server what it asked in it. A page at a time. */
export async function runsOfDay(db: Db, stretch: Stretch): Promise<DayRuns> {
  const commands = new Map<string, { -readonly [K in keyof CommandRuns]: CommandRuns[K] }>()
  const accounts = new Map<string, Map<string, number>>()
  let uncounted = 0
  for (let after: DayRun | undefined; ; ) {
    const page = await runsBetween(db, stretch, after, PAGE)
    for (const run of page) {
      const fresh = { command: run.command, runs: 0, done: 0, partly: 0, vendor_down: 0, held: 0, failed: 0, no_end: 0 }
      const row = commands.get(run.command) ?? fresh
      commands.set(run.command, row)
      row.runs += 1
      row[endOf(run)] += 1
      if (run.by_time === 1) continue
      if (run.calls === null) uncounted += 1
      else addCalls(accounts, run.calls)
    }
    after = page.at(-1)
    if (page.length < PAGE) break
  }
  // Of what goes on for days: what it asked on this one, whenever it began.
  for (const calls of await runCallsBetween(db, stretch)) addCalls(accounts, calls)
  const calls = [...accounts].map(([account, operations]): AccountCalls => {
    const most = [...operations].sort(([one, a], [other, b]) => b - a || (one < other ? -1 : 1))
    return { account, calls: most.reduce((sum, [, count]) => sum + count, 0), operations: Object.fromEntries(most) }
  })
  return {
    runs: [...commands.values()].sort((a, b) => (a.command < b.command ? -1 : 1)),
    calls: calls.sort((a, b) => (a.account < b.account ? -1 : 1)),
    uncounted,
  }
}

function endOf({ verdict }: DayRun): Exclude<keyof CommandRuns, 'command' | 'runs'> {
  switch (verdict) {
    case null:
      return 'no_end'
    case 'done':
    case 'partly':
    case 'held':
      return verdict
    case 'vendor-down':
      return 'vendor_down'
    default:
      return 'failed'
  }
}

function addCalls(accounts: Map<string, Map<string, number>>, json: string): void {
  const all: unknown = JSON.parse(json)
  for (const [account, counts] of Object.entries(all ?? {})) {
    const sums = accounts.get(account) ?? new Map<string, number>()
    for (const [operation, count] of Object.entries(counts ?? {})) {
      if (typeof count === 'number') sums.set(operation, (sums.get(operation) ?? 0) + count)
    }
    if (sums.size > 0) accounts.set(account, sums)
  }
}

const isNoToken = (operation: string) => operation !== 'token'

/** What was spent of each limit that is known: those of the configuration, the vendors' own word where they gave it, and the rates of single calls. */
export async function quotaUses(
  db: Db,
  calls: readonly AccountCalls[],
  quotas: readonly Quota[],
  stretch: Stretch,
  now: number,
): Promise<readonly QuotaUse[]> {
  const told = new Map((await toldQuotas(db, now)).map(({ account, value }) => [account, Number(value)]))
  const days = quotas.map(({ what, accounts, allowed, saidBy, counts = isNoToken }) => {
    const [only, ...others] = accounts
    const word = only === undefined || others.length > 0 ? undefined : told.get(only)
    const own = calls.filter(({ account }) => accounts.includes(account))
    const used = own.flatMap(({ operations }) => Object.entries(operations)).filter(([operation]) => counts(operation))
    return use({ what, accounts, allowed: word ?? allowed, said_by: word === undefined ? saidBy : 'the vendor' }, sum(used))
  })
  const lengthMs = stretch.to - stretch.from
  const rates = (await toldRates(db)).flatMap(({ account, bucket, interval_ms: intervalMs, burst }) => {
    const used = calls.find((one) => one.account === account)?.operations[bucket]
    if (used === undefined || !(Number(intervalMs) > 0)) return []
    const allowed = Math.floor(lengthMs / Number(intervalMs)) + Number(burst ?? 0)
    return [use({ what: bucket, accounts: [account], allowed, said_by: 'the vendor, as a rate' }, used)]
  })
  return [...days.filter(({ used }) => used > 0), ...rates].sort((a, b) => b.used_pct - a.used_pct)
}

function use(limit: Omit<QuotaUse, 'used' | 'used_pct'>, used: number): QuotaUse {
  return { ...limit, used, used_pct: Math.floor((used * 100) / limit.allowed) }
}

function sum(counts: readonly (readonly [string, number])[]): number {
  return counts.reduce((total, [, count]) => total + count, 0)
}
