import type { Command } from 'commander'
import type { Verdict } from '../core/context.ts'
import { type CheckReport, checkReport } from '../core/reports/check.ts'
import { type PausedChannel, type StatusReport, statusReport } from '../core/reports/status.ts'
import { isAlive } from './shell/alive.ts'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, newCommand } from './shell/options.ts'
import type { Output } from './shell/print.ts'

interface Options extends CommonOptions {
  readonly check?: boolean
}

/** `isync status` */
export function command(): Command {
  return newCommand('status', 'How things stand: places reached, backlog, what was given up, alerts, last runs', [
    'isync status',
    'isync status --json | jq .tasks',
    'isync status --check',
  ])
    .option('--check', 'one line for a monitoring agent: OK (exit code 0), WARNING (3) or CRITICAL (4)')
    .action((options: Options) => (options.check === true ? check(options) : show(options)))
}

function check(options: Options): Promise<void> {
  return withRuntime('status', options, { writes: false }, async ({ run, config }, output) => {
    const enabled = Object.entries(config.channels).flatMap(([code, channel]) => (channel.enabled ? [code] : []))
    const report = await checkReport(run.db, run.settings.watch, enabled, run.clock.now())
    output.line(report.line)
    return { verdict: checkVerdicts[report.status], document: { ...report } }
  })
}

/** As exit codes: 0, 3, 4. */
const checkVerdicts = { ok: 'done', warning: 'partly', critical: 'vendor-down' } as const satisfies Record<
  CheckReport['status'],
  Verdict
>

function show(options: Options): Promise<void> {
  return withRuntime('status', options, { writes: false }, async ({ run, config }, output) => {
    const report = await statusReport(run.db, [...Object.keys(config.channels), 'shipstation'], isAlive, run.clock.now())
    const off = Object.entries(config.channels).flatMap(([code, { enabled }]) => (enabled ? [] : [code]))
    print(output, report, off)
    return { verdict: 'done', document: { ...report } }
  })
}

function print(output: Output, report: StatusReport, off: readonly string[]): void {
  output.table(
    ['channel', 'orders', 'in shipstation', 'last read', 'age', 'state'],
    report.channels.map(({ channel, orders, in_shipstation, cursors, circuit, paused }) => {
      const places = Object.values(cursors)
      const oldest = places.toSorted((a, b) => b.age_s - a.age_s)[0]
      return [
        channel,
        Object.entries(orders)
          .map(([status, count]) => `${count} ${status}`)
          .join(', ') || '-',
        channel === 'shipstation' || channel === 'zoho' ? '-' : String(in_shipstation),
        oldest?.read_at ?? 'never',
        oldest === undefined ? '-' : age(oldest.age_s),
        off.includes(channel)
          ? 'off (enabled: false)'
          : circuit !== null
            ? `credentials refused since ${circuit.since}`
            : paused !== null
              ? `paused: ${partsOf(paused)}`
              : searching(places),
      ]
    }),
  )
  for (const { channel, paused } of report.channels) {
    if (paused !== null)
      output.line(`${channel}: paused by ${paused.by} since ${paused.since}: ${partsOf(paused)}; isync resume ${channel} ends it`)
  }
  output.line()
  output.line(`Tasks: ${report.tasks.waiting} waiting, ${report.tasks.running} running, ${report.tasks.dead} given up`)
  output.table(
    ['kind', 'channel', 'state', 'count', 'oldest'],
    report.tasks.rows.map(({ kind, channel, state, count, oldest_age_s }) => [kind, channel, state, count, age(oldest_age_s)]),
  )
  printWebhooks(output, report.webhooks)
  printStock(output, report.stock)
  output.line()
  output.line(report.alerts.length === 0 ? 'Alerts: none open' : `Alerts: ${report.alerts.length} open`)
  for (const alert of report.alerts) {
    output.line(`! ${alert.severity} ${alert.channel} ${alert.rule} (${alert.count}x since ${alert.since}): ${alert.message}`)
    output.line(`    next: ${alert.next}`)
  }
  output.line()
  output.table(
    ['last run of', 'started', 'ended', 'verdict'],
    report.runs.map(({ command: name, started, ended, verdict }) => [name, started, ended ?? '-', verdict]),
  )
}

function printWebhooks(
  output: Output,
  { serve_age_s: seen, waiting, oldest_age_s: oldest, dead }: StatusReport['webhooks'],
): void {
  // Who has no webhooks is told nothing of them.
  if (seen === null && waiting + dead === 0) return
  const serve = seen === null ? 'isync serve never ran' : `isync serve was at work ${age(seen)} ago`
  const since = oldest === null ? '' : `, the oldest for ${age(oldest)}`
  const given = dead === 0 ? '' : `; ${dead} given up: isync webhooks:inbox --state dead`
  output.line(`Webhooks: ${serve}; ${waiting} deliveries waiting${since}${given}`)
}

function printStock(output: Output, stock: StatusReport['stock']): void {
  output.line()
  if (stock === null) {
    output.line('Stock: never read; isync inventory:full reads it')
    return
  }
  const skus = Object.entries(stock.skus).map(([state, count]) => `${count} ${state}`)
  output.line(`Stock: ${skus.join(', ') || 'no SKUs'}; ${stock.marked} marked to be published first`)
  output.table(
    ['reading', 'began', 'items', 'changed', 'verdict'],
    stock.readings.map(({ kind, began, items, changed, verdict, reason }) => [
      kind,
      began,
      items,
      changed,
      verdict === null ? 'not ended' : reason === null ? verdict : `${verdict}: ${reason}`,
    ]),
  )
  output.table(
    ['channel', 'settled', 'due', 'held raises', 'on the way', 'unlisted', 'not ours', 'given up'],
    stock.channels.map((row) => [
      row.channel,
      row.settled,
      row.due,
      row.held,
      row.on_the_way,
      row.unlisted,
      row.not_ours,
      row.dead,
    ]),
  )
}

function partsOf({ parts }: PausedChannel): string {
  return parts.map(({ what, until }) => (until === null ? what : `${what} until ${until}`)).join(', ')
}

function searching(places: readonly { readonly in_search: boolean }[]): string {
  return places.some(({ in_search }) => in_search) ? 'in the middle of a search' : 'ok'
}

function age(seconds: number): string {
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`
}
