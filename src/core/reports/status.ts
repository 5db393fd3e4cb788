import { openCircuits } from '../db/account.ts'
import { openAlerts } from '../db/alerts.ts'
import { listCursors } from '../db/cursors.ts'
import type { Db } from '../db/db.ts'
import { listLeases } from '../db/leases.ts'
import { countOrders } from '../db/orders.ts'
import { lastRuns, openRuns, type RunRow } from '../db/runs.ts'
import { countShipments } from '../db/shipments.ts'
import { countTasks } from '../db/task-list.ts'
import { type ChannelPause, pausesAt } from '../inventory/settings-pauses.ts'
import { type IsAlive, runState } from './run-state.ts'
import { type StockStatus, stockStatus } from './stock-status.ts'
import { type WebhookStatus, webhookStatus } from './webhook-status.ts'

/** How things stand (SPEC 8.1). Times ISO 8601 UTC, ages in seconds. */
export interface StatusReport {
  readonly schema_version: 1
  readonly at: string
  readonly channels: readonly ChannelStatus[]
  readonly tasks: {
    readonly waiting: number
    readonly running: number
    readonly dead: number
    readonly rows: readonly {
      readonly kind: string
      readonly channel: string
      readonly state: string
      readonly count: number
      readonly oldest_age_s: number
    }[]
  }
  readonly shipments: Readonly<Record<string, number>>
  readonly alerts: readonly {
    readonly rule: string
    readonly channel: string
    readonly severity: string
    readonly since: string
    readonly count: number
    readonly message: string
    readonly next: string
  }[]
  /** The last run of each command, and every other one that may still be at work; the newest first. */
  readonly runs: readonly {
    readonly id: string
    readonly command: string
    readonly started: string
    readonly ended: string | null
    /** As {@link runState} has it. */
    readonly verdict: string
    readonly host: string
    readonly pid: number
  }[]
  readonly webhooks: WebhookStatus
  /** Null where no stock was ever read. */
  readonly stock: StockStatus | null
  readonly ok: boolean
}

/** `at`: everything changed before this is here. `read_at`, `age_s`: when the stream was last read. */
export interface ChannelStatus {
  readonly channel: string
  readonly orders: Readonly<Record<string, number>>
  readonly in_shipstation: number
  readonly cursors: Readonly<
    Record<string, { readonly at: string; readonly read_at: string; readonly age_s: number; readonly in_search: boolean }>
  >
  readonly circuit: { readonly since: string; readonly reason: string; readonly next_try: string } | null
  readonly paused: PausedChannel | null
}

/** What an operator paused of a channel. `what`: orders, inventory or all; `until` null: until somebody resumes it. */
export interface PausedChannel {
  readonly parts: readonly { readonly what: string; readonly until: string | null }[]
  readonly by: string
  readonly since: string
}

/** Reads only. `ok` is false while something is dead, refused, or alerted. */
export async function statusReport(db: Db, channels: readonly string[], isAlive: IsAlive, now: number): Promise<StatusReport> {
  const [orders, cursors, circuits, tasks, shipments, alerts, runs, pauses, stock, webhooks] = [
    await countOrders(db),
    await listCursors(db),
    await openCircuits(db),
    await countTasks(db),
    await countShipments(db),
    await openAlerts(db),
    await runsNow(db, isAlive, now),
    await pausesAt(db, now),
    await stockStatus(db),
    await webhookStatus(db, now),
  ]
  const accounts = cursors.map(({ channel }) => channel).filter((channel) => channel !== 'inventory' && channel !== 'serve')
  const names = [...new Set([...channels, ...accounts])].sort()
  const byState = (states: readonly string[]) =>
    tasks.filter(({ state }) => states.includes(state)).reduce((sum, { count }) => sum + count, 0)
  const dead = byState(['dead'])
  return {
    schema_version: 1,
    at: iso(now),
    channels: names.map((channel) => {
      const own = orders.filter((row) => row.channel === channel)
      const circuit = circuits.find(({ account }) => account === channel)
      return {
        channel,
        orders: sumBy(own, ({ status }) => status),
        in_shipstation: own
          .filter(({ push_state }) => push_state !== 'none' && push_state !== 'failed')
          .reduce((sum, { count }) => sum + count, 0),
        cursors: Object.fromEntries(
          cursors
            .filter((row) => row.channel === channel)
            .map(({ stream, at, updated_at, in_search }) => [
              stream,
              { at: iso(at), read_at: iso(updated_at), age_s: Math.round((now - updated_at) / 1000), in_search: in_search === 1 },
            ]),
        ),
        circuit:
          circuit === undefined
            ? null
            : { since: iso(circuit.opened_at), reason: circuit.reason, next_try: iso(circuit.probe_at) },
        paused: pausedChannel(pauses.get(channel)),
      }
    }),
    tasks: {
      waiting: byState(['pending', 'waiting']),
      running: byState(['running']),
      dead,
      rows: tasks.map(({ kind, channel, state, count, oldest }) => ({
        kind,
        channel,
        state,
        count,
        oldest_age_s: Math.round((now - oldest) / 1000),
      })),
    },
    shipments: sumBy(shipments, ({ state }) => state),
    alerts: alerts.map(({ rule, channel, severity, opened_at, count, message, next }) => ({
      rule,
      channel,
      severity,
      since: iso(opened_at),
      count,
      message,
      next,
    })),
    runs: runs.map(({ id, command, started_at, ended_at, state, host, pid }) => ({
      id,
      command,
      started: iso(started_at),
      ended: ended_at === null ? null : iso(ended_at),
      verdict: state,
      host,
      pid,
    })),
    webhooks,
    stock,
    ok:
      dead === 0 &&
      webhooks.dead === 0 &&
      (stock?.channels ?? []).every((channel) => channel.dead === 0) &&
      circuits.length === 0 &&
      alerts.length === 0,
  }
}

/** One that is at work must not hide behind a newer run of the same command. */
async function runsNow(db: Db, isAlive: IsAlive, now: number): Promise<readonly (RunRow & { readonly state: string })[]> {
  const leases = await listLeases(db, now)
  const withState = (row: RunRow) => ({ ...row, state: runState(row, leases, isAlive, now) })
  const last = (await lastRuns(db)).map(withState)
  const shown = new Set(last.map(({ id }) => id))
  const open = (await openRuns(db)).filter(({ id }) => !shown.has(id)).map(withState)
  const atWork = open.filter(({ state }) => state !== 'killed')
  return [...last, ...atWork].toSorted((one, other) => other.started_at - one.started_at)
}

function pausedChannel(pause: ChannelPause | undefined): PausedChannel | null {
  if (pause === undefined) return null
  const parts = pause.pauses.map(({ what, until }) => ({ what, until: until === undefined ? null : iso(until) }))
  return { parts, by: pause.by, since: iso(pause.since) }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}

function sumBy<T extends { readonly count: number }>(rows: readonly T[], keyOf: (row: T) => string): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const row of rows) sums[keyOf(row)] = (sums[keyOf(row)] ?? 0) + row.count
  return sums
}
