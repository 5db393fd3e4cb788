import type { Command } from 'commander'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, newCommand, withDryRun } from './shell/options.ts'
import { startProgress } from './shell/progress.ts'
import { printStockRun, stockRunCounts, stockRunDocument } from './shell/stock-report.ts'

interface Options extends CommonOptions {
  readonly force?: boolean
  readonly overrideBrake?: boolean
}

/** `isync inventory:full` */
export function command(): Command {
  return withDryRun(
    newCommand('inventory:full', 'Read all stock from Zoho, pull orders, and tell every channel what has changed', [
      'isync inventory:full',
      'isync inventory:full --dry-run',
      'isync inventory:full --override-brake    # once, after a look in Zoho: the brake was wrong',
    ]),
  )
    .option('--force', 'send every quantity, also those that the channels have taken already')
    .option('--override-brake', 'tell the channels this once though a brake would hold the run')
    .action((options: Options) =>
      withRuntime('inventory:full', options, { writes: true }, async (runtime, output) => {
        // Loaded with the run: --help and a slip of the keys need none of it.
        const { fullStockRun } = await import('../core/inventory/stock-runs.ts')
        const { pullChannels } = await import('../core/orders/pull-channels.ts')
        const connectors = runtime.marketplaces()
        const progress = await startProgress('reading stock', options)
        const report = await fullStockRun(runtime.run, {
          connectors,
          source: await runtime.stock(),
          pullOrders: () => pullChannels(runtime.run, { connectors }),
          force: options.force === true,
          overrideBrake: options.overrideBrake === true,
          onPage: (items) => progress.update(`${items} items read`),
        }).finally(() => progress.stop())
        const calls = runtime.calls()
        printStockRun(output, report, calls)
        return { verdict: report.verdict, document: stockRunDocument(report, calls), counts: stockRunCounts(report) }
      }),
    )
}
