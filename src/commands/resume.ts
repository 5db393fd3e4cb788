import type { Command } from 'commander'
import { pausesText } from '../core/inventory/settings-pauses.ts'
import { resumeChannel } from '../core/inventory/settings-pausing.ts'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, newCommand, withDryRun } from './shell/options.ts'

interface Options extends CommonOptions {
  readonly orders?: boolean
  readonly inventory?: boolean
}

/** `isync resume` */
export function command(): Command {
  return withDryRun(
    newCommand('resume', 'End the pause of a channel; the next runs go on where they left off', [
      'isync resume amazon-us',
      'isync resume mirakl-macys --inventory',
    ]),
  )
    .argument('<channel>', 'channel code')
    .option('--orders', 'only the pause of its orders')
    .option('--inventory', 'only the pause of its stock')
    .action((channel: string, options: Options) =>
      withRuntime('resume', options, { writes: true }, async ({ run, dryRun }, output) => {
        const parts = (['orders', 'inventory'] as const).filter((part) => options[part] === true)
        const change = await resumeChannel(run, channel, parts.length === 0 ? undefined : parts)
        const left = change.now.length === 0 ? '' : ` Still paused: ${pausesText(change.now)}.`
        if (!change.changed)
          output.line(`${channel} was not paused${parts.length === 0 ? '' : ' there'}. Nothing was changed.${left}`)
        else output.line(`${channel} ${dryRun ? 'would go on' : 'goes on'} with the next run of each command.${left}`)
        if (change.changed && change.old.some(({ what }) => what !== 'orders'))
          output.line('isync inventory:rebalance --all brings its stock up to date now; otherwise the next recomputation does.')
        const paused = change.now.map(({ what, until }) => ({
          what,
          until: until === undefined ? null : new Date(until).toISOString(),
        }))
        return {
          verdict: 'done',
          document: { channel, paused, changed: change.changed },
          counts: { changed: Number(change.changed) },
        }
      }),
    )
}
