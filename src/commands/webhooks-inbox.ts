import { type Command, InvalidArgumentError, Option } from 'commander'
import { type InboxReport, inboxReport } from '../core/inbox/deliveries.ts'
import { webhookSources } from '../core/ports/webhook.ts'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, newCommand } from './shell/options.ts'
import type { Output } from './shell/print.ts'
import { unknownDelivery } from './shell/unknown-delivery.ts'

interface Options extends CommonOptions {
  readonly state?: string
  readonly source?: string
  readonly limit: number
}

const states = ['pending', 'running', 'waiting', 'done', 'dead'] as const

/** `isync webhooks:inbox` */
export function command(): Command {
  return newCommand('webhooks:inbox', 'What webhooks brought, what became of it, and how many requests were refused', [
    'isync webhooks:inbox',
    'isync webhooks:inbox --state dead',
    'isync webhooks:inbox 0mwr1h7hx17bf51f668dc21f7',
    'isync webhooks:inbox --source zoho --limit 1 --json | jq .deliveries[0].outcome',
  ])
    .argument('[id...]', 'only these deliveries')
    .addOption(new Option('--state <state>', 'only those at this point').choices([...states]))
    .addOption(new Option('--source <name>', 'only of this sender').choices([...webhookSources]))
    .option('--limit <n>', 'at most so many, the newest', parseLimit, 30)
    .action((ids: readonly string[], { state, source, limit, ...common }: Options) =>
      withRuntime('webhooks:inbox', common, { writes: false }, async ({ run }, output) => {
        const filter = {
          ...(ids.length === 0 ? {} : { ids }),
          ...(state === undefined ? {} : { states: [state] }),
          ...(source === undefined ? {} : { providers: [source] }),
        }
        const report = await inboxReport(run, filter, ids.length === 0 ? limit : ids.length, run.clock.now())
        if (ids.length > 0 && report.deliveries.length === 0) throw unknownDelivery('webhooks:inbox', ids)
        print(output, report, ids)
        return { verdict: 'done', document: documentOf(report) }
      }),
    )
}

function print(output: Output, { deliveries, waiting, refused }: InboxReport, asked: readonly string[]): void {
  for (const id of asked)
    if (!deliveries.some((one) => one.id === id)) output.line(`There is no delivery ${id}: the id is another, or it was purged.`)
  if (deliveries.length === 0 && asked.length === 0) output.line('No delivery fits.')
  output.table(
    ['id', 'sender', 'channel', 'topic', 'came', 'times', 'state', 'tries', 'what became of it'],
    deliveries.map((one) => [
      one.id,
      one.provider,
      one.channel,
      one.topic,
      iso(one.received_at),
      one.times,
      one.state === 'waiting' ? `waiting until ${iso(one.next_attempt_at)}` : one.state,
      one.attempts,
      one.outcome ?? one.last_error ?? '',
    ]),
  )
  if (waiting.length > 0) {
    output.line('Not over yet:')
    output.table(
      ['sender', 'deliveries', 'the oldest came'],
      waiting.map(({ provider, count, oldest }) => [provider, count, iso(oldest)]),
    )
  }
  if (refused.length === 0) return
  output.line('Refused in the last 24 hours:')
  output.table(
    ['sender', 'reason', 'requests'],
    refused.map(({ provider, reason, count }) => [provider, reason, count]),
  )
}

function documentOf({ deliveries, waiting, refused }: InboxReport): Readonly<Record<string, unknown>> {
  return {
    deliveries: deliveries.map(({ received_at, next_attempt_at, done_at, ...one }) => ({
      ...one,
      received_at: iso(received_at),
      next_attempt_at: iso(next_attempt_at),
      done_at: done_at === null ? null : iso(done_at),
    })),
    waiting: waiting.map(({ oldest, ...one }) => ({ ...one, oldest: iso(oldest) })),
    refused,
  }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}

function parseLimit(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Give a whole number 1..9999.')
}
