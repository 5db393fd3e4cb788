import type { Command } from 'commander'
import { verdictOf } from '../core/channel-report.ts'
import { OperatorError } from '../core/errors.ts'
import { lackingEvents } from '../core/tracking/hook-address.ts'
import { withRuntime } from './shell/execute.ts'
import { hookAddress } from './shell/hook-address.ts'
import { type CommonOptions, newCommand } from './shell/options.ts'
import { printProblems } from './shell/print.ts'
import { channelDocuments } from './shell/report.ts'
import { printStale, printSubscriptions, subscriptionDocuments } from './shell/subscriptions.ts'

/** `isync webhooks:list` */
export function command(): Command {
  return newCommand(
    'webhooks:list',
    "ShipStation's webhooks: where each sends to, whose it is, and which events isync lacks. Tokens are never shown",
    ['isync webhooks:list', 'isync webhooks:list --json'],
  ).action((options: CommonOptions) =>
    withRuntime('webhooks:list', options, { writes: true }, async (runtime, output) => {
      // Loaded with the run: --help and a slip of the keys need none of it.
      const { listSubscriptions } = await import('../core/tracking/subscriptions.ts')
      const found = hookAddress(runtime.config)
      const address = found instanceof OperatorError ? undefined : found
      const report = await listSubscriptions(runtime.run, runtime.shipping(), address)
      const { subscriptions, errors, counts } = report
      printSubscriptions(output, subscriptions)
      printProblems(output, errors)
      printStale(output, subscriptions)
      const isRead = errors.length === 0
      if (isRead && subscriptions.length === 0) output.line('ShipStation has no webhooks.')
      const lacking = isRead ? lackingEvents(subscriptions) : []
      if (found instanceof OperatorError) output.line(`Which are ours is not known: ${found.why}. Next: ${found.next}`)
      else if (lacking.length > 0) output.line(`Lacking: ${lacking.join(' and ')}. Next: isync webhooks:subscribe`)
      const document = {
        configured: address !== undefined,
        webhooks: subscriptionDocuments(subscriptions),
        lacking,
        channels: channelDocuments([report], runtime.calls()),
      }
      return { verdict: verdictOf([report]), document, counts: { ...counts } }
    }),
  )
}
