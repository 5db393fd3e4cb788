import { type Command, InvalidArgumentError, Option } from 'commander'
import { sendTests, type Tested } from '../core/alerts/send.ts'
import { OperatorError } from '../core/errors.ts'
import { type Medium, media } from '../core/ports/notifier.ts'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, newCommand, withDryRun } from './shell/options.ts'

interface Options extends CommonOptions {
  readonly medium?: readonly Medium[]
}

/** `isync alerts:test` */
export function command(): Command {
  return withDryRun(
    newCommand('alerts:test', 'Send a marked test by every configured medium and say what the other side answered', [
      'isync alerts:test',
      'isync alerts:test --medium email',
      'isync alerts:test --dry-run',
    ]),
  )
    .addOption(new Option('--medium <medium>', 'only by this one (repeatable)').choices([...media]).argParser(mediumOf))
    .action((options: Options) =>
      withRuntime('alerts:test', options, { writes: true }, async ({ run, notifiers, dryRun }, output) => {
        const configured = await notifiers()
        const wanted = options.medium ?? configured.map(({ medium }) => medium)
        const missing = wanted.filter((medium) => !configured.some((one) => one.medium === medium))
        if (wanted.length === 0 || missing.length > 0) throw notConfigured(missing)
        const results: (Tested & { readonly medium: Medium })[] = []
        for (const notifier of configured) {
          const { medium } = notifier
          if (wanted.includes(medium)) results.push(...(await sendTests(run, notifier)).map((one) => ({ medium, ...one })))
        }
        output.table(
          ['medium', 'to', 'result', 'answer'],
          results.map(({ medium, recipient, ok, answer }) => [
            medium,
            recipient,
            ok ? (dryRun ? 'dry run' : 'taken') : 'failed',
            answer,
          ]),
        )
        const failed = results.filter(({ ok }) => !ok).length
        return {
          verdict: failed === 0 ? 'done' : failed === results.length ? 'vendor-down' : 'partly',
          document: { media: results },
          counts: { sent: results.length - failed, failed },
        }
      }),
    )
}

function notConfigured(missing: readonly Medium[]): OperatorError {
  const what = missing.length === 0 ? 'no medium is configured' : `${missing.join(', ')}: not configured`
  return new OperatorError({
    what,
    where: 'alerts',
    why: 'there is nobody to tell',
    next: 'add alerts.email, alerts.sms or alerts.slack to the configuration; docs/alerts.md shows how',
  })
}

function mediumOf(value: string, before: readonly Medium[] | undefined): readonly Medium[] {
  const medium = media.find((known) => known === value)
  if (medium === undefined) throw new InvalidArgumentError(`Allowed are ${media.join(', ')}.`)
  return [...(before ?? []), medium]
}
