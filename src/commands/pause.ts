import type { Command } from 'commander'
import { pausesText } from '../core/inventory/settings-pauses.ts'
import { pauseChannel } from '../core/inventory/settings-pausing.ts'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, type Instant, newCommand, parseDeadline, withDryRun } from './shell/options.ts'

interface Options extends CommonOptions {
  readonly orders?: boolean
  readonly inventory?: boolean
  readonly all?: boolean
  readonly until?: Instant
}

/** What each pause means, in an operator's words. */
const meaning = {
  orders:
    'its orders are neither read, nor accepted, nor pushed; packages are confirmed as ever; no quantity goes up while its orders are not read',
  inventory: 'no quantity is published; orders and packages go on',
  all: 'nothing is read from it and nothing is sent to it',
} as const

/** `isync pause` */
export function command(): Command {
  return withDryRun(
    newCommand(
      'pause',
      'Leave a channel alone for a while, wholly or in part. What is due stays due and goes on after isync resume',
      [
        'isync pause amazon-us',
        'isync pause mirakl-macys --inventory --until 2h',
        'isync pause mirakl-macys --orders --until 2026-01-24T09:00Z',
      ],
    ),
  )
    .argument('<channel>', 'channel code')
    .option('--orders', 'do not read, accept or push its orders')
    .option('--inventory', 'do not publish stock to it')
    .option('--all', 'both, and confirm no packages either (the default)')
    .option('--until <time>', 'ends by itself: a time, a day, or so long from now, such as 90m, 12h, 7d', parseDeadline)
    .action((channel: string, options: Options) =>
      withRuntime('pause', options, { writes: true }, async ({ run, dryRun }, output) => {
        const named = (['orders', 'inventory', 'all'] as const).filter((part) => options[part] === true)
        const parts = named.length === 0 ? (['all'] as const) : named
        const change = await pauseChannel(run, channel, parts, options.until?.(run.clock.now()))
        const state = pausesText(change.now)
        if (!change.changed) output.line(`${channel} is paused so already: ${state}. Nothing was changed.`)
        else output.line(`${channel} ${dryRun ? 'would be paused' : 'is paused'}: ${state}.`)
        for (const { what } of change.now) output.line(`  ${what}: ${meaning[what]}.`)
        output.line(
          `A run that is at work already goes on to its end; isync serve leaves it alone from its next piece of work on. isync resume ${channel} ends the pause.`,
        )
        const document = { channel, paused: change.now.map(documentOf), changed: change.changed }
        return { verdict: 'done', document, counts: { changed: Number(change.changed) } }
      }),
    )
}

function documentOf({ what, until }: { readonly what: string; readonly until?: number }): Record<string, unknown> {
  return { what, until: until === undefined ? null : new Date(until).toISOString() }
}
