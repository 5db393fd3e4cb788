import type { Command } from 'commander'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, collect, newCommand, withDryRun } from './shell/options.ts'
import { startProgress } from './shell/progress.ts'
import { channelDocuments, printChannels } from './shell/report.ts'

interface Options extends CommonOptions {
  readonly channel?: readonly string[]
}

/** `isync tracking:sync` */
export function command(): Command {
  return withDryRun(
    newCommand('tracking:sync', 'Read what ShipStation shipped or voided, and confirm each package to its channel once', [
      'isync tracking:sync',
      'isync tracking:sync --channel mirakl-macys --dry-run',
    ]),
  )
    .option('--channel <code>', 'confirm to this channel only (repeatable); ShipStation is read whole', collect)
    .action((options: Options) =>
      withRuntime('tracking:sync', options, { writes: true }, async (runtime, output) => {
        // Loaded with the run: --help and a slip of the keys need none of it.
        const { syncTracking } = await import('../core/tracking/sync-tracking.ts')
        const progress = await startProgress('reading shipments', options)
        const marketplaces = runtime.marketplaces(options.channel)
        const report = await syncTracking(runtime.run, runtime.shipping(), marketplaces).finally(() => progress.stop())
        const calls = runtime.calls()
        printChannels(output, [report.intake], calls)
        printChannels(output, report.channels, calls)
        const all = [report.intake, ...report.channels]
        const counts = Object.fromEntries(all.map((channel) => [channel.channel, channel.counts]))
        const channels = [...channelDocuments([report.intake], calls), ...channelDocuments(report.channels, calls)]
        return { verdict: report.verdict, document: { channels }, counts }
      }),
    )
}
