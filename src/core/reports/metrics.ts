import { openCircuits } from '../db/account.ts'
import { openAlerts } from '../db/alerts.ts'
import { listCursors } from '../db/cursors.ts'
import type { Db } from '../db/db.ts'
import { countOpenFindings } from '../db/findings.ts'
import { countDeliveries } from '../db/inbox.ts'
import { countOrders } from '../db/orders.ts'
import { lastRuns, pastsOf, type RunRow } from '../db/runs.ts'
import { countPublications } from '../db/stock-counts.ts'
import { countTasks } from '../db/task-list.ts'

/** One figure with its labels. Labels are words of ours, channel codes and vendors' call names: few, and no personal data. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Figures of one kind. All are gauges: the whole picture as it stands in the database, times in seconds since 1970 UTC. */
export interface Family {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly samples: readonly Sample[]
}

const verdicts = ['done', 'partly', 'vendor-down', 'held', 'failed', 'none'] as const

/** Everything that a monitoring system may want to know, from the database alone. Reads only. */
export async function metrics(db: Db, now: number): Promise<readonly Family[]> {
  return [
    ...(await runFamilies(db)),
    ...(await workFamilies(db, now)),
    ...(await stateFamilies(db)),
    one('isync_written_timestamp_seconds', 'When these figures were taken.', now / 1000),
  ]
}

async function runFamilies(db: Db): Promise<readonly Family[]> {
  const runs = await lastRuns(db)
  const pasts = await pastsOf(
    db,
    runs.map(({ command }) => command),
  )
  return [
    family(
      'isync_command_last_start_timestamp_seconds',
      'When the last run of the command began.',
      ['command'],
      runs.map(({ command, started_at: at }) => ({ labels: { command }, value: at / 1000 })),
    ),
    family(
      'isync_command_last_success_timestamp_seconds',
      'When the last run of the command ended that did its work, if only in part.',
      ['command'],
      pasts.flatMap(({ command, lastSuccess: at }) => (at === undefined ? [] : [{ labels: { command }, value: at / 1000 }])),
    ),
    family(
      'isync_command_last_duration_seconds',
      'How long the last run of the command took, if it ended.',
      ['command'],
      runs.flatMap(({ command, started_at: from, ended_at: to }) =>
        to === null ? [] : [{ labels: { command }, value: (to - from) / 1000 }],
      ),
    ),
    family(
      'isync_command_last_verdict',
      '1 for how the last run of the command ended, else 0; none: still going, or killed.',
      ['command', 'verdict'],
      runs.flatMap(({ command, verdict: given }) =>
        verdicts.map((verdict) => ({ labels: { command, verdict }, value: Number((given ?? 'none') === verdict) })),
      ),
    ),
    family(
      'isync_command_last_count',
      'What the last run of the command counted, per channel where it counts so.',
      ['command', 'channel', 'count'],
      runs.flatMap((run) => countsOf(run)),
    ),
    family(
      'isync_command_last_calls',
      'Calls that the last run of the command spent, per account.',
      ['command', 'account'],
      runs.flatMap(({ command, calls }) =>
        Object.entries(tableIn(calls)).map(([account, byOperation]) => ({
          labels: { command, account },
          value: Object.values(numbersIn(byOperation)).reduce((sum, count) => sum + count, 0),
        })),
      ),
    ),
  ]
}

/** `{ name: 3 }` counts for the whole run, `{ channel: { name: 3 } }` per channel. Deeper ones are a command's own affair. */
function countsOf({ command, counts }: RunRow): readonly Sample[] {
  return Object.entries(tableIn(counts)).flatMap(([key, value]) =>
    typeof value === 'number'
      ? [{ labels: { command, channel: '', count: key }, value }]
      : Object.entries(numbersIn(value)).map(([count, number]) => ({ labels: { command, channel: key, count }, value: number })),
  )
}

async function workFamilies(db: Db, now: number): Promise<readonly Family[]> {
  const tasks = await countTasks(db)
  const labels = ['kind', 'channel', 'state']
  return [
    family(
      'isync_tasks',
      'Tasks that are not done.',
      labels,
      tasks.map(({ kind, channel, state, count }) => ({ labels: { kind, channel, state }, value: count })),
    ),
    family(
      'isync_tasks_oldest_age_seconds',
      'Age of the oldest of them when these figures were taken.',
      labels,
      tasks.map(({ kind, channel, state, oldest }) => ({ labels: { kind, channel, state }, value: (now - oldest) / 1000 })),
    ),
    family(
      'isync_publications',
      'SKUs of a channel by what their quantity is at.',
      ['channel', 'state'],
      summed(await countPublications(db), ({ channel, state }) => ({ channel, state })),
    ),
    family(
      'isync_orders',
      'Orders that are stored, by their status.',
      ['channel', 'status'],
      summed(await countOrders(db), ({ channel, status }) => ({ channel, status })),
    ),
  ]
}

async function stateFamilies(db: Db): Promise<readonly Family[]> {
  const alerts = await openAlerts(db)
  const { waiting, dead } = await countDeliveries(db)
  const deliveries = { waiting, dead }
  return [
    family(
      'isync_alerts_open',
      'Alerts that are open.',
      ['severity'],
      (['warning', 'critical'] as const).map((severity) => ({
        labels: { severity },
        value: alerts.filter((alert) => alert.severity === severity).length,
      })),
    ),
    family(
      'isync_webhook_deliveries',
      'Deliveries of webhooks that are not over, and those that were given up.',
      ['state'],
      Object.entries(deliveries).map(([state, value]) => ({ labels: { state }, value })),
    ),
    family(
      'isync_findings_open',
      'What reconcile found and nobody mended yet.',
      ['kind', 'channel'],
      summed(await countOpenFindings(db), ({ kind, channel }) => ({ kind, channel })),
    ),
    family(
      'isync_circuit_open',
      '1 where an account refuses our credentials.',
      ['account'],
      (await openCircuits(db)).map(({ account }) => ({ labels: { account }, value: 1 })),
    ),
    family(
      'isync_stream_last_read_timestamp_seconds',
      'When a stream of a channel, of ShipStation or of Zoho was read last; its age is time() minus this.',
      ['channel', 'stream'],
      (await listCursors(db)).map(({ channel, stream, updated_at: at }) => ({ labels: { channel, stream }, value: at / 1000 })),
    ),
  ]
}

function family(name: string, help: string, labels: readonly string[], samples: readonly Sample[]): Family {
  return { name, help, labels, samples }
}

function one(name: string, help: string, value: number): Family {
  return { name, help, labels: [], samples: [{ labels: {}, value }] }
}

/** Rows that share their labels are one sample. */
function summed<T extends { readonly count: number }>(
  rows: readonly T[],
  labelsOf: (row: T) => Readonly<Record<string, string>>,
): readonly Sample[] {
  const sums = new Map<string, Sample>()
  for (const row of rows) {
    const labels = labelsOf(row)
    const key = JSON.stringify(labels)
    sums.set(key, { labels, value: (sums.get(key)?.value ?? 0) + row.count })
  }
  return [...sums.values()]
}

function tableIn(json: string | null): Readonly<Record<string, unknown>> {
  const value: unknown = json === null ? {} : JSON.parse(json)
  return isTable(value) ? value : {}
}

function numbersIn(value: unknown): Readonly<Record<string, number>> {
  if (!isTable(value)) return {}
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, count]) => (typeof count === 'number' ? [[key, count] as const] : [])),
  )
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
