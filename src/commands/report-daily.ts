import { type Command, InvalidArgumentError } from 'commander'
import { OperatorError } from '../core/errors.ts'
import type { DailyReport } from '../core/reports/daily.ts'
import type { Mailed } from '../core/reports/daily-mail.ts'
import { type Day, dayOf, isDate, lastWholeDay } from '../core/reports/day.ts'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, newCommand, withDryRun } from './shell/options.ts'
import type { Output } from './shell/print.ts'
import { knownQuotas } from './shell/quotas.ts'
import type { Runtime } from './shell/runtime.ts'

interface Options extends CommonOptions {
  readonly day?: string
  readonly email?: boolean
  readonly again?: boolean
}

/** `isync report:daily` */
export function command(): Command {
  return withDryRun(
    newCommand(
      'report:daily',
      'What one day brought: orders, how long each step took, failures, what waits, stock at risk, calls spent',
      [
        'isync report:daily                        # the last whole day in reports.time_zone',
        'isync report:daily --email                # from cron, once a day',
        'isync report:daily --day 2026-11-21 --json',
        'isync report:daily --email --dry-run',
      ],
    ),
  )
    .option(
      '--day <date>',
      'this day instead of the last whole one, as 2026-11-21; today is told as far as it has come',
      parseDate,
    )
    .option('--email', 'also mail it to those who get alerts by mail (alerts.email.to), once for each day')
    .option('--again', 'with --email: mail it though it was mailed before')
    .action((options: Options) => (options.email === true ? mail(options) : show(options)))
}

/** Reads only: a dry run of it is the same. */
function show({ dryRun: _same, ...options }: Options): Promise<void> {
  return withRuntime('report:daily', options, { writes: false }, async (runtime, output) => {
    const report = await reportOf(runtime, options)
    await print(output, report)
    return { verdict: 'done', document: { ...report } }
  })
}

function mail(options: Options): Promise<void> {
  return withRuntime('report:daily', options, { writes: true }, async (runtime, output) => {
    const email = (await runtime.notifiers()).find(({ medium }) => medium === 'email')
    if (email === undefined) throw withoutMail(runtime)
    const report = await reportOf(runtime, options)
    await print(output, report)
    const { mailReport } = await import('../core/reports/daily-mail.ts')
    const mailed = await mailReport(runtime.run, report, email, options.again === true)
    output.line()
    output.line(mailText(mailed, email.recipients, runtime.dryRun))
    const sent = { mail: { state: mailed.state, ...(mailed.state === 'waiting' ? { why: mailed.why } : {}) } }
    const counts = { mailed: mailed.state === 'sent' ? 1 : 0, orders_in: report.all.orders_in }
    return { verdict: mailed.state === 'waiting' ? 'partly' : 'done', document: { ...report, ...sent }, counts }
  })
}

async function reportOf(runtime: Runtime, { day }: Options): Promise<DailyReport> {
  const { config, run } = runtime
  const { time_zone: zone } = config.reports
  const now = run.clock.now()
  const asked = day === undefined ? lastWholeDay(now, zone) : dayOf(day, zone)
  if (asked.from > now || asked.from === asked.to) throw noSuchDay(asked)
  const { dailyReport } = await import('../core/reports/daily.ts')
  const channels = Object.entries(config.channels).flatMap(([code, { enabled }]) => (enabled ? [code] : []))
  return dailyReport(run, { day: asked, channels, quotas: knownQuotas(config) })
}

async function print(output: Output, report: DailyReport): Promise<void> {
  const { dailyText } = await import('../core/reports/daily-text.ts')
  for (const line of dailyText(report)) output.line(line)
}

function mailText(mailed: Mailed, recipients: readonly string[], dryRun: boolean): string {
  const to = recipients.join(', ')
  switch (mailed.state) {
    case 'sent':
      return dryRun ? `Would be mailed to ${to}.` : `Mailed to ${to}.`
    case 'waiting':
      return `! Not mailed yet: ${mailed.why}\n    next: nothing: it is tried again (now: isync retry --kind notify)`
    case 'already': {
      const at = new Date(mailed.since).toISOString()
      const was = mailed.sent ? `Mailed already at ${at}` : `Waits to be mailed since ${at}`
      return `${was}; --again mails it once more.`
    }
    case 'elsewhere': {
      const who = mailed.holder === undefined ? '' : ` (host ${mailed.holder.host}, pid ${mailed.holder.pid})`
      return `Another run is mailing it${who}; nothing to do here.`
    }
  }
}

function parseDate(text: string): string {
  if (!isDate(text)) throw new InvalidArgumentError('Give a day of the calendar, such as 2026-11-21.')
  return text
}

function noSuchDay({ date, timeZone, from, to }: Day): OperatorError {
  return new OperatorError({
    what: `there is nothing to tell of ${date}`,
    where: '--day',
    why: from === to ? `${timeZone} has left that day out` : `it has not begun in ${timeZone} (reports.time_zone)`,
    next: 'isync report:daily tells the last whole day',
  })
}

function withoutMail({ config }: Runtime): OperatorError {
  return new OperatorError({
    what: 'the report cannot be mailed',
    where: config.source.file,
    why: 'alerts.email is not configured',
    next: 'add alerts.email with host, from and to (docs/configuration.md); isync alerts:test --medium email tries it',
  })
}
