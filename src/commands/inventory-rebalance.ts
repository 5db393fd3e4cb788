import type { Command } from 'commander'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, collectWhole, newCommand, withDryRun } from './shell/options.ts'
import { printStockRun, stockRunCounts, stockRunDocument } from './shell/stock-report.ts'

interface Options extends CommonOptions {
  readonly all?: boolean
  readonly sku?: readonly string[]
  readonly givenUp?: boolean
  readonly overrideBrake?: boolean
}

/** `isync inventory:rebalance` */
export function command(): Command {
  return withDryRun(
    newCommand(
      'inventory:rebalance',
      'Tell the channels from the stock known here, without reading Zoho: what orders left with little and what is due again; everything when rebalance_interval is over or a setting was changed',
      [
        'isync inventory:rebalance                 # from cron, between two pulls',
        'isync inventory:rebalance --all --dry-run',
        'isync inventory:rebalance --sku MUG-BLU-12',
        'isync inventory:rebalance --given-up      # after the cause was mended',
      ],
    ),
  )
    .option('--all', 'recompute everything now, whatever the interval')
    .option('--sku <sku>', 'this SKU only, also where it was given up (repeatable)', collectWhole)
    .option('--given-up', 'also try again what was given up, on every channel')
    .option('--override-brake', 'tell the channels this once though a brake would hold the run')
    .action((options: Options) =>
      withRuntime('inventory:rebalance', options, { writes: true }, async (runtime, output) => {
        // Loaded with the run: --help and a slip of the keys need none of it.
        const { rebalanceRun } = await import('../core/inventory/stock-runs.ts')
        const { pullChannels } = await import('../core/orders/pull-channels.ts')
        const connectors = runtime.marketplaces()
        const report = await rebalanceRun(runtime.run, {
          connectors,
          pullOrders: () => pullChannels(runtime.run, { connectors }),
          all: options.all === true,
          givenUp: options.givenUp === true,
          overrideBrake: options.overrideBrake === true,
          ...(options.sku === undefined ? {} : { skus: options.sku }),
        })
        const calls = runtime.calls()
        printStockRun(output, report, calls)
        return { verdict: report.verdict, document: stockRunDocument(report, calls), counts: stockRunCounts(report) }
      }),
    )
}
