import type { Command } from 'commander'
import { verdictOf } from '../core/channel-report.ts'
import { shownTarget } from '../core/tracking/hook-address.ts'
import { withRuntime } from './shell/execute.ts'
import { assertReachable, requiredHookAddress } from './shell/hook-address.ts'
import { type CommonOptions, newCommand, withDryRun } from './shell/options.ts'
import { channelDocuments, printChannels } from './shell/report.ts'
import { printStale, printSubscriptions, subscriptionDocuments } from './shell/subscriptions.ts'

/** `isync webhooks:subscribe` */
export function command(): Command {
  return withDryRun(
    newCommand(
      'webhooks:subscribe',
      'Have ShipStation tell isync serve of packages. What it tells already is left as it is, so a repeat changes nothing',
      ['isync webhooks:subscribe --dry-run', 'isync webhooks:subscribe', 'isync webhooks:subscribe --json'],
    ),
  ).action((options: CommonOptions) =>
    withRuntime('webhooks:subscribe', options, { writes: true }, async (runtime, output) => {
      const address = requiredHookAddress(runtime.config)
      assertReachable(runtime.config)
      // Loaded with the run: --help and a slip of the keys need none of it.
      const { subscribeWanted } = await import('../core/tracking/subscriptions.ts')
      const report = await subscribeWanted(runtime.run, runtime.shipping(), address)
      const { subscriptions, counts } = report
      printChannels(output, [report], runtime.calls())
      printSubscriptions(output, subscriptions)
      printStale(output, subscriptions)
      const document = {
        sends_to: shownTarget(address),
        webhooks: subscriptionDocuments(subscriptions),
        channels: channelDocuments([report], runtime.calls()),
      }
      return { verdict: verdictOf([report]), document, counts: { ...counts } }
    }),
  )
}
