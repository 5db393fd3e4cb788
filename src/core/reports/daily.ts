import type { Run } from '../context.ts'
import { openAlerts } from '../db/alerts.ts'
import {
  countAlerts,
  countPublished,
  countSeen,
  type FailureRow,
  failedQuantities,
  failedTries,
  type SeenRow,
  seenByHour,
} from '../db/daily.ts'
import { countOpenFindings } from '../db/findings.ts'
import {
  changedToPublished,
  type LatencyRow,
  placedToSeen,
  readyToShipStation,
  type Stretch,
  shippedToConfirmed,
} from '../db/latencies.ts'
import { taskKinds } from '../model/task.ts'
import { type AccountCalls, type CommandRuns, type Quota, type QuotaUse, quotaUses, runsOfDay } from './daily-runs.ts'
import { type StockRisks, stockRisks } from './daily-stock.ts'
import { type Day, wallTime } from './day.ts'

/** The steps whose time is measured, in the order of an order's way. */
export const steps = ['placed_to_seen', 'ready_to_shipstation', 'shipped_to_confirmed', 'stock_to_published'] as const

export type Step = (typeof steps)[number]

/** How long a step took: half of the waits were at most `p50_ms`, 95 of 100 at most `p95_ms`. Milliseconds. */
export interface Latency {
  readonly count: number
  readonly p50_ms: number
  readonly p95_ms: number
  readonly longest_ms: number
}

/** What one channel did in the day; `channel` '' is all of them together. */
export interface ChannelDay {
  readonly channel: string
  /** The seller's orders that were first seen. */
  readonly orders_in: number
  /** Of these: may ship, and not in ShipStation at the moment of the report. */
  readonly not_in_shipstation: number
  readonly cancelled: number
  /** Documents of orders that could not be read. */
  readonly unreadable: number
  /** Orders that came into ShipStation, packages that the channel was told of, quantities that it took. */
  readonly pushed: number
  readonly confirmed: number
  readonly published: number
  /** Null: nothing to measure. */
  readonly steps: Readonly<Record<Step, Latency | null>>
}

/** Work that failed. `tries`: failed tries; `items`: orders, packages, messages or SKUs that they were of; `given_up`: of these, for good. */
export interface DayFailures extends FailureRow {
  readonly kind: (typeof taskKinds)[number] | 'publish'
  /** The command to run where something was given up. */
  readonly next: string
}

/** What happened in one day (SPEC S4.5). Times ISO 8601 UTC. No personal data: codes, SKUs, ids and counts. */
export interface DailyReport {
  readonly schema_version: 1
  readonly day: string
  readonly time_zone: string
  readonly from: string
  readonly to: string
  /** 23 or 25 where clocks were changed. */
  readonly hours: number
  /** False: the day is not over yet. */
  readonly whole: boolean
  readonly at: string
  /** Nothing of the day waits for a person. */
  readonly ok: boolean
  readonly all: ChannelDay
  readonly channels: readonly ChannelDay[]
  readonly by_hour: readonly { readonly hour: string; readonly orders_in: number }[]
  readonly failures: readonly DayFailures[]
  readonly runs: readonly CommandRuns[]
  readonly findings: readonly {
    readonly kind: string
    readonly channel: string
    readonly count: number
    readonly oldest_age_s: number
  }[]
  readonly alerts: {
    readonly opened: number
    readonly resolved: number
    readonly open: readonly {
      readonly rule: string
      readonly channel: string
      readonly severity: string
      readonly since: string
      readonly message: string
      readonly next: string
    }[]
  }
  /** Null where stock was never read. */
  readonly stock: StockRisks | null
  readonly calls: readonly AccountCalls[]
  readonly quotas: readonly QuotaUse[]
  /** What the numbers above do not tell. */
  readonly not_told: readonly string[]
}

export interface DailyRequest {
  readonly day: Day
  /** Channels that are told of even when nothing happened. */
  readonly channels: readonly string[]
  readonly quotas: readonly Quota[]
}

/** Counts one day. Reads only; memory stays the same however many orders there were. */
export async function dailyReport(run: Run, { day, channels, quotas }: DailyRequest): Promise<DailyReport> {
  const { db } = run
  const now = run.clock.now()
  const seen = await countSeen(db, day)
  const latencies: Readonly<Record<Step, readonly LatencyRow[]>> = {
    placed_to_seen: await placedToSeen(db, day),
    ready_to_shipstation: await readyToShipStation(db, day),
    shipped_to_confirmed: await shippedToConfirmed(db, day),
    stock_to_published: await changedToPublished(db, day),
  }
  const published = new Map((await countPublished(db, day)).map(({ channel, count }) => [channel, count]))
  const failures = await failuresOf(run, day)
  const { runs, calls, uncounted } = await runsOfDay(db, day)
  const findings = await countOpenFindings(db)
  const open = await openAlerts(db)
  const busy = [...seen, ...steps.flatMap((step) => latencies[step])].map(({ channel }) => channel)
  const codes = [...new Set([...channels, ...busy, ...published.keys()])].filter((code) => code !== '').sort()
  const channelDays = codes.map((code) => channelDay(code, seen, latencies, published.get(code) ?? 0))
  const all = channelDay(
    '',
    seen,
    latencies,
    [...published.values()].reduce((sum, count) => sum + count, 0),
  )
  return {
    schema_version: 1,
    day: day.date,
    time_zone: day.timeZone,
    from: iso(day.from),
    to: iso(day.to),
    hours: (day.to - day.from) / HOUR_MS,
    whole: day.to <= now,
    at: iso(now),
    ok: all.not_in_shipstation + all.unreadable + findings.length + open.length === 0 && failures.every(isOver),
    all,
    channels: channelDays,
    by_hour: await hoursOf(run, day),
    failures,
    runs,
    findings: findings.map(({ oldest, ...row }) => ({ ...row, oldest_age_s: Math.round((now - Number(oldest)) / 1000) })),
    alerts: {
      ...(await countAlerts(db, day)),
      open: open.map(({ rule, channel, severity, opened_at: at, message, next }) => ({
        ...{ rule, channel, severity, message, next },
        since: iso(at),
      })),
    },
    stock: await stockRisks(run),
    calls,
    quotas: await quotaUses(db, calls, quotas, day, now),
    not_told: notTold(uncounted),
  }
}

const HOUR_MS = 3_600_000

function channelDay(
  channel: string,
  seen: readonly SeenRow[],
  latencies: Readonly<Record<Step, readonly LatencyRow[]>>,
  published: number,
): ChannelDay {
  const own = seen.filter((row) => (channel === '' || row.channel === channel) && row.fulfilled_by === 'seller')
  const count = (fits: (row: SeenRow) => boolean) => own.filter(fits).reduce((sum, row) => sum + row.count, 0)
  const step = (name: Step): Latency | null => {
    const row = latencies[name].find((one) => one.channel === channel)
    return row === undefined ? null : { count: row.count, p50_ms: row.p50, p95_ms: row.p95, longest_ms: row.longest }
  }
  const measured = {
    placed_to_seen: step('placed_to_seen'),
    ready_to_shipstation: step('ready_to_shipstation'),
    shipped_to_confirmed: step('shipped_to_confirmed'),
    stock_to_published: step('stock_to_published'),
  }
  return {
    channel,
    orders_in: count(({ status }) => status !== 'poison'),
    not_in_shipstation: count((row) => toShip.includes(row.status) && row.in_shipstation === 0),
    cancelled: count(({ status }) => status === 'cancelled'),
    unreadable: count(({ status }) => status === 'poison'),
    pushed: measured.ready_to_shipstation?.count ?? 0,
    confirmed: measured.shipped_to_confirmed?.count ?? 0,
    published,
    steps: measured,
  }
}

/** Orders in these states belong into ShipStation, or wait for somebody who lets them go there. */
const toShip = ['open', 'partially_shipped', 'awaiting_acceptance', 'on_hold']

async function failuresOf({ db }: Run, stretch: Stretch): Promise<readonly DayFailures[]> {
  const found: DayFailures[] = []
  for (const kind of taskKinds) {
    for (const row of await failedTries(db, kind, stretch))
      found.push({ kind, ...row, next: row.given_up > 0 ? `isync retry --dead --kind ${kind} --channel ${row.channel}` : '' })
  }
  for (const row of await failedQuantities(db, stretch))
    found.push({ kind: 'publish', ...row, next: row.given_up > 0 ? 'isync status; isync inventory:rebalance --given-up' : '' })
  return found
}

function isOver({ given_up: givenUp }: DayFailures): boolean {
  return givenUp === 0
}

/** Every hour of the day, by the clock on the wall: the hour that comes twice in autumn is there twice. */
async function hoursOf({ db }: Run, day: Day): Promise<DailyReport['by_hour']> {
  const counts = new Map((await seenByHour(db, day)).map(({ hour, count }) => [hour, count]))
  const hours = Math.ceil((day.to - day.from) / HOUR_MS)
  return Array.from({ length: hours }, (_, hour) => ({
    hour: wallTime(day.from + hour * HOUR_MS, day.timeZone),
    orders_in: counts.get(hour) ?? 0,
  }))
}

/** What no column holds is said, not guessed. */
function notTold(uncounted: number): readonly string[] {
  const killed = `${uncounted} ${uncounted === 1 ? 'run has' : 'runs have'} no end recorded: what they asked of the vendors is not in the calls`
  return [
    'When a number changed at Zoho itself: a stock change counts from the moment it was read, or an order took of it',
    'When a channel showed a quantity: it counts from the moment the channel took it',
    ...(uncounted === 0 ? [] : [killed]),
  ]
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
