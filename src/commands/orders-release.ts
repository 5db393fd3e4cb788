import type { Command } from 'commander'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, newCommand, withDryRun } from './shell/options.ts'

interface Options extends CommonOptions {
  readonly channel?: string
}

/** `isync orders:release ID` */
export function command(): Command {
  return withDryRun(
    newCommand('orders:release', 'Let an order ship that was held because another channel seems to have brought it already', [
      'isync orders:release 113-1234567-7654321 --channel rithum-acme',
      'isync orders:release 113-1234567-7654321 --dry-run',
    ]),
  )
    .argument('<id>', 'order number at the channel')
    .option('--channel <code>', 'the channel, where several have this number')
    .action((id: string, options: Options) =>
      withRuntime('orders:release', options, { writes: true }, async ({ run, dryRun }, output) => {
        const { releaseOrder } = await import('../core/orders/release.ts')
        const { channel, twinOf, toPush } = await releaseOrder(run, id, options.channel)
        output.line(`${dryRun ? 'would release ' : ''}${channel} ${id}: no longer held as a copy of ${twinOf.replace('/', ' ')}.`)
        output.line(
          toPush ? 'Next: isync orders:push-shipstation' : `Nothing of it may ship now; isync orders:show ${id} tells why.`,
        )
        return { verdict: 'done', document: { channel, external_order_id: id, twin_of: twinOf, to_push: toPush } }
      }),
    )
}
