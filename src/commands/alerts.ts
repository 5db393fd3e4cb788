import type { Command } from 'commander'
import { acknowledgeAlerts, closeAlerts, listAlerts, snoozeAlerts } from '../core/alerts/close.ts'
import { OperatorError } from '../core/errors.ts'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, collect, type Instant, newCommand, parseDeadline, withDryRun } from './shell/options.ts'
import type { Output } from './shell/print.ts'

interface Options extends CommonOptions {
  readonly all?: boolean
  readonly close?: readonly string[]
  readonly ack?: readonly string[]
  readonly snooze?: readonly string[]
  readonly until?: Instant
}

type Listed = Awaited<ReturnType<typeof listAlerts>>[number]

/** `isync alerts` */
export function command(): Command {
  return withDryRun(
    newCommand('alerts', 'What needs a person; close, acknowledge or quiet it (closed, it opens again when it happens again)', [
      'isync alerts',
      'isync alerts --ack 0mwr1h7hx17bf51f668dc21f7',
      'isync alerts --snooze 0mwr1h7hx17bf51f668dc21f7 --until 2h',
      'isync alerts --close 0mwr1h7hx17bf51f668dc21f7',
      'isync alerts --all --json',
    ]),
  )
    .option('--all', 'also the last that are over')
    .option('--close <id>', 'it is dealt with (repeatable)', collect)
    .option('--ack <id>', 'somebody works on it: not told again unless it becomes critical (repeatable)', collect)
    .option('--snooze <id>', 'nothing is told of it before --until unless it becomes critical (repeatable)', collect)
    .option('--until <time>', 'end of --snooze: 90m, 2h, 3d from now, or a time such as 2026-01-24T09:00Z', parseDeadline)
    .action((options: Options) => {
      const changes = [options.close, options.ack, options.snooze].some((ids) => ids !== undefined)
      return withRuntime('alerts', options, { writes: changes }, async ({ run, dryRun }, output) => {
        const said = await change(run, options)
        for (const line of said) output.line(dryRun ? `would be ${line}` : line)
        const alerts = await listAlerts(run, options.all)
        print(output, alerts, run.clock.now())
        return { verdict: 'done', document: { alerts: alerts.map(documentOf) }, counts: { changed: said.length } }
      })
    })
}

type Body = Parameters<typeof withRuntime>[3]
type Run = Parameters<Body>[0]['run']

async function change(run: Run, { close = [], ack = [], snooze = [], until }: Options): Promise<readonly string[]> {
  if (snooze.length > 0 !== (until !== undefined)) throw usage('--snooze and --until belong together', 'one of them is missing')
  const now = run.clock.now()
  const end = until?.(now) ?? now
  if (until !== undefined && end <= now) throw usage('--until is not in the future', `it is ${new Date(end).toISOString()}`)
  if (close.length > 0) await closeAlerts(run, close)
  if (ack.length > 0) await acknowledgeAlerts(run, ack)
  if (snooze.length > 0) await snoozeAlerts(run, snooze, end)
  return [
    ...close.map((id) => `closed: ${id}`),
    ...ack.map((id) => `acknowledged: ${id}`),
    ...snooze.map((id) => `quiet until ${new Date(end).toISOString()}: ${id}`),
  ]
}

function print(output: Output, alerts: readonly Listed[], now: number): void {
  const open = alerts.filter(({ resolved_at }) => resolved_at === null)
  output.line(open.length === 0 ? 'No alert is open.' : `${open.length} open:`)
  for (const alert of open) {
    const { id, severity, channel, rule, count, opened_at, message, next } = alert
    output.line(`! ${severity} ${channel} ${rule} (${count}x since ${iso(opened_at)}): ${message}`)
    output.line(`    next:  ${next}`)
    output.line(`    told:  ${toldOf(alert, now)}`)
    output.line(`    close: isync alerts --close ${id}`)
  }
  const over = alerts.filter(({ resolved_at }) => resolved_at !== null)
  if (over.length > 0) output.line('Over:')
  output.table(
    ['opened', 'over', 'severity', 'channel', 'rule', 'seen', 'what'],
    over.map((alert) => [
      iso(alert.opened_at),
      iso(alert.resolved_at ?? 0),
      alert.severity,
      alert.channel,
      alert.rule,
      alert.count,
      alert.message,
    ]),
  )
}

function toldOf({ notified_at, acknowledged_by, acknowledged_at, snoozed_until }: Listed, now: number): string {
  const told = notified_at === null ? 'nobody yet' : `people at ${iso(notified_at)}`
  const ack = acknowledged_at === null ? '' : `; acknowledged by ${acknowledged_by ?? 'somebody'} at ${iso(acknowledged_at)}`
  return `${told}${ack}${snoozed_until === null || snoozed_until <= now ? '' : `; quiet until ${iso(snoozed_until)}`}`
}

function documentOf(alert: Listed): Readonly<Record<string, unknown>> {
  const { id, rule, channel, severity, count, message, next, acknowledged_by } = alert
  return {
    id,
    rule,
    channel,
    severity,
    count,
    message,
    next,
    since: iso(alert.opened_at),
    last_seen: iso(alert.last_seen_at),
    told: isoOrNull(alert.notified_at),
    acknowledged: isoOrNull(alert.acknowledged_at),
    acknowledged_by,
    snoozed_until: isoOrNull(alert.snoozed_until),
    resolved: isoOrNull(alert.resolved_at),
  }
}

function isoOrNull(at: number | null): string | null {
  return at === null ? null : iso(at)
}

function iso(at: number): string {
  return new Date(at).toISOString()
}

function usage(what: string, why: string): OperatorError {
  return new OperatorError({ what, where: 'isync alerts', why, next: 'isync alerts --help' })
}
