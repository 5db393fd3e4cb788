import type { Command } from 'commander'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, newCommand, withDryRun } from './shell/options.ts'
import { startProgress } from './shell/progress.ts'
import { channelDocuments, printChannels } from './shell/report.ts'

interface Options extends CommonOptions {
  readonly channel?: string
}

/** `isync orders:push-shipstation` */
export function command(): Command {
  return withDryRun(
    newCommand(
      'orders:push-shipstation',
      'Put every order that is due into ShipStation; change, hold or cancel those that changed since',
      ['isync orders:push-shipstation', 'isync orders:push-shipstation --channel amazon-us --dry-run'],
    ),
  )
    .option('--channel <code>', 'only orders of this channel')
    .action((options: Options) =>
      withRuntime('orders:push-shipstation', options, { writes: true }, async (runtime, output) => {
        // Loaded with the run: --help and a slip of the keys need none of it.
        const { pushAll } = await import('../core/orders/push-channels.ts')
        const progress = await startProgress('pushing orders', options)
        const marketplaces = runtime.marketplaces(options.channel === undefined ? undefined : [options.channel])
        const only = options.channel === undefined ? {} : { channel: options.channel }
        const report = await pushAll(runtime.run, runtime.shipping(), marketplaces, only).finally(() => progress.stop())
        const calls = runtime.calls()
        printChannels(output, report.channels, calls)
        const counts = Object.fromEntries(report.channels.map((channel) => [channel.channel, channel.counts]))
        return { verdict: report.verdict, document: { channels: channelDocuments(report.channels, calls) }, counts }
      }),
    )
}
