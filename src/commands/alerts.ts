import type { Command } from 'commander'
import { closeAlerts, listAlerts } from '../core/alerts/close.ts'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, collect, newCommand, withDryRun } from './shell/options.ts'

interface Options extends CommonOptions {
  readonly close?: readonly string[]
}

/** `isync alerts` */
export function command(): Command {
  return withDryRun(
    newCommand('alerts', 'What needs a person; --close when it is dealt with (it opens again when it happens again)', [
      'isync alerts',
      'isync alerts --close 0mwr1h7hx17bf51f668dc21f7',
    ]),
  )
    .option('--close <id>', 'close this alert (repeatable)', collect)
    .action((options: Options) =>
      withRuntime('alerts', options, { writes: options.close !== undefined }, async ({ run, dryRun }, output) => {
        if (options.close !== undefined) {
          await closeAlerts(run, options.close)
          for (const id of options.close) output.line(`${dryRun ? 'would close' : 'closed'} ${id}`)
        }
        const open = await listAlerts(run)
        output.line(open.length === 0 ? 'No alert is open.' : `${open.length} open:`)
        for (const { id, severity, channel, rule, count, opened_at, message, next } of open) {
          output.line(`! ${severity} ${channel} ${rule} (${count}x since ${new Date(opened_at).toISOString()}): ${message}`)
          output.line(`    next:  ${next}`)
          output.line(`    close: isync alerts --close ${id}`)
        }
        const alerts = open.map(({ opened_at, last_seen_at, ...alert }) => ({
          ...alert,
          since: new Date(opened_at).toISOString(),
          last_seen: new Date(last_seen_at).toISOString(),
        }))
        return { verdict: 'done', document: { alerts }, counts: { closed: options.close?.length ?? 0 } }
      }),
    )
}
