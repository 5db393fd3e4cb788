import type { Command } from 'commander'
import { evaluateAlerts } from '../core/alerts/evaluate.ts'
import { sendNotices } from '../core/alerts/send.ts'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, newCommand, withDryRun } from './shell/options.ts'
import { printProblems } from './shell/print.ts'

/** `isync alerts:check` */
export function command(): Command {
  return withDryRun(
    newCommand('alerts:check', 'Look at every alert rule, tell people what is new or over, send what did not leave before', [
      'isync alerts:check',
      'isync alerts:check --dry-run',
    ]),
  ).action((options: CommonOptions) =>
    withRuntime('alerts:check', options, { writes: true }, async ({ run, notifiers, config }, output) => {
      const fresh = await evaluateAlerts(run, { silence: true })
      const sent = await sendNotices(run, await notifiers(), {})
      const media = sent.map(({ medium, work: { done, waiting, dead, problems } }) => ({ medium, done, waiting, dead, problems }))
      if (media.length === 0)
        output.line(`Nobody is told of anything: ${config.source.file} has no alerts.email, alerts.sms or alerts.slack.`)
      output.table(
        ['medium', 'sent', 'waiting', 'given up'],
        media.map(({ medium, done, waiting, dead }) => [medium, done, waiting, dead]),
      )
      const problems = media.flatMap((one) => one.problems)
      printProblems(output, problems)
      return {
        verdict: problems.length === 0 ? 'done' : 'partly',
        document: { notices: fresh.length, media },
        counts: { notices: fresh.length, sent: media.reduce((sum, { done }) => sum + done, 0) },
      }
    }),
  )
}
