import type { Command } from 'commander'
import { replay } from '../core/inbox/deliveries.ts'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, newCommand, withDryRun } from './shell/options.ts'
import { unknownDelivery } from './shell/unknown-delivery.ts'

/** `isync webhooks:replay` */
export function command(): Command {
  return withDryRun(
    newCommand('webhooks:replay', 'Have deliveries worked on once more by isync serve, whatever became of them', [
      'isync webhooks:replay 0mwr1h7hx17bf51f668dc21f7',
      'isync webhooks:replay $(isync webhooks:inbox --state dead --json | jq -r ".deliveries[].id")',
    ]),
  )
    .argument('<id...>', 'ids as isync webhooks:inbox shows them')
    .action((ids: readonly string[], common: CommonOptions) =>
      withRuntime('webhooks:replay', common, { writes: true }, async ({ run, dryRun }, output) => {
        const replayed = await replay(run, [...new Set(ids)])
        const missed = new Set(ids).size - replayed
        if (replayed === 0) throw unknownDelivery('webhooks:replay', ids)
        output.line(
          dryRun
            ? `${replayed} of the deliveries would be worked on once more.`
            : `${replayed} of the deliveries will be worked on once more by isync serve, within a second or two where it runs; isync webhooks:inbox tells what became of them.`,
        )
        if (missed > 0) output.line(`${missed} of the ids are not known: isync webhooks:inbox lists what is there.`)
        return { verdict: missed > 0 ? 'partly' : 'done', document: { replayed, unknown: missed }, counts: { replayed } }
      }),
    )
}
