import { type Command, Option } from 'commander'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, collectWhole, type Instant, newCommand, parseInstant, withDryRun } from './shell/options.ts'
import { startProgress } from './shell/progress.ts'
import { printStockRun, stockRunCounts, stockRunDocument } from './shell/stock-report.ts'

interface Options extends CommonOptions {
  readonly since?: Instant
  readonly sku?: readonly string[]
  readonly overrideBrake?: boolean
}

/** `isync inventory:delta` */
export function command(): Command {
  return withDryRun(
    newCommand(
      'inventory:delta',
      'Read what changed in Zoho since the last complete reading and tell the channels; what goes up waits for the next orders:pull',
      ['isync inventory:delta', 'isync inventory:delta --since 2h --dry-run', 'isync inventory:delta --sku MUG-BLU-12'],
    ),
  )
    .option(
      '--since <time>',
      'changes after this instead of the last reading: a time, a day, or an age such as 12h',
      parseInstant,
    )
    .addOption(
      new Option('--sku <sku>', 'read only this SKU, as it is in Zoho now (repeatable)')
        .argParser(collectWhole)
        .conflicts('since'),
    )
    .option('--override-brake', 'tell the channels this once though a brake would hold the run')
    .action((options: Options) =>
      withRuntime('inventory:delta', options, { writes: true }, async (runtime, output) => {
        // Loaded with the run: --help and a slip of the keys need none of it.
        const { deltaStockRun } = await import('../core/inventory/stock-runs.ts')
        const { pullChannels } = await import('../core/orders/pull-channels.ts')
        const connectors = runtime.marketplaces()
        const progress = await startProgress('reading stock', options)
        const report = await deltaStockRun(runtime.run, {
          connectors,
          source: await runtime.stock(),
          pullOrders: () => pullChannels(runtime.run, { connectors }),
          overlapMs: runtime.config.zoho?.overlap ?? 0,
          overrideBrake: options.overrideBrake === true,
          ...(options.since === undefined ? {} : { since: options.since(runtime.run.clock.now()) }),
          ...(options.sku === undefined ? {} : { skus: options.sku }),
          onPage: (items) => progress.update(`${items} items read`),
        }).finally(() => progress.stop())
        const calls = runtime.calls()
        printStockRun(output, report, calls)
        return { verdict: report.verdict, document: stockRunDocument(report, calls), counts: stockRunCounts(report) }
      }),
    )
}
