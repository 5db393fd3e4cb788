import type { Command } from 'commander'
import type { ChannelReport } from '../core/channel-report.ts'
import type { StoreCounts } from '../core/orders/page-batch.ts'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, collect, type Instant, newCommand, parseInstant, withDryRun } from './shell/options.ts'
import type { Output } from './shell/print.ts'
import { startProgress } from './shell/progress.ts'
import { channelDocuments, printChannels } from './shell/report.ts'
import { printPublished, publishedDocument } from './shell/stock-report.ts'

interface Options extends CommonOptions {
  readonly channel?: readonly string[]
  readonly since?: Instant
  readonly order?: readonly string[]
}

/** `isync orders:pull` */
export function command(): Command {
  return withDryRun(
    newCommand('orders:pull', 'Store new and changed orders of every channel, with a push task for each that may ship', [
      'isync orders:pull',
      'isync orders:pull --channel amazon-us --since 2026-01-24T09:00Z --dry-run',
      'isync orders:pull --channel mirakl-macys --order 100200300-A',
    ]),
  )
    .option('--channel <code>', 'only this channel (repeatable)', collect)
    .option('--since <time>', 'read from here instead of the saved place: a time, a day, or an age such as 12h', parseInstant)
    .option('--order <id>', 'only this order, whatever the saved place says (repeatable)', collect)
    .action((options: Options) =>
      withRuntime('orders:pull', options, { writes: true }, async (runtime, output) => {
        // Loaded with the run: --help and a slip of the keys need none of it.
        const { pullAndPublish } = await import('../core/orders/pull-and-publish.ts')
        const progress = await startProgress('reading channels', options)
        const request = {
          connectors: runtime.marketplaces(options.channel),
          ...(options.since === undefined ? {} : { since: options.since(runtime.run.clock.now()) }),
          ...(options.order === undefined ? {} : { orderIds: options.order }),
          onPage: (channel: string, { seen }: { readonly seen: number }) => progress.update(`${channel}: ${seen} orders read`),
        }
        const report = await pullAndPublish(runtime.run, request, runtime.marketplaces()).finally(() => progress.stop())
        const calls = runtime.calls()
        printChannels(output, report.channels, calls)
        if (options.order !== undefined) printMissed(output, options.order, report.channels)
        if (report.published !== undefined) printPublished(output, report.published)
        const channels = channelDocuments(report.channels, calls)
        const stock = report.published === undefined ? {} : { stock: publishedDocument(report.published, calls) }
        return { verdict: report.verdict, document: { channels, ...stock }, counts: countsOf(report.channels) }
      }),
    )
}

/** Orders that were asked for by number, and that no channel has shown. */
function printMissed(output: Output, asked: readonly string[], channels: readonly ChannelReport<StoreCounts>[]): void {
  const seen = channels.reduce((sum, { counts }) => sum + counts.seen, 0)
  const missed = new Set(asked).size - seen
  if (missed <= 0) return
  const codes = channels.map(({ channel }) => channel).join(', ')
  output.line(
    `Not found: ${seen === 0 ? asked.join(', ') : `${missed} of ${asked.join(', ')}`} (asked: ${codes}). Is it the channel's own order number?`,
  )
}

function countsOf(channels: readonly { readonly channel: string; readonly counts: object }[]): Record<string, unknown> {
  return Object.fromEntries(channels.map(({ channel, counts }) => [channel, counts]))
}
