import { type Command, InvalidArgumentError, Option } from 'commander'
import { skuKeyOf } from '../core/model/stock.ts'
import { type AuditReport, auditReport } from '../core/reports/audit.ts'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, type Instant, newCommand, parseInstant } from './shell/options.ts'
import type { Output } from './shell/print.ts'

interface Options extends CommonOptions {
  readonly order?: string
  readonly sku?: string
  readonly setting?: string
  readonly actor?: string
  readonly since?: Instant
  readonly limit: number
}

const MOST_EVENTS = 10_000

/** `isync audit` */
export function command(): Command {
  return newCommand('audit', 'What happened, who did it and when; nothing here can be changed', [
    'isync audit --order 113-1234567-7654321',
    'isync audit --setting ratio --since 30d',
    'isync audit --sku MUG-BLU-12 --json',
    'isync audit --actor kim --limit 20',
  ])
    .addOption(new Option('--order <id>', 'of this order and its tasks').conflicts(['sku', 'setting']))
    .addOption(new Option('--sku <sku>', 'of settings for this SKU and of orders that hold it').conflicts(['setting']))
    .option('--setting <key>', 'of settings whose key has this in it')
    .option('--actor <name>', 'by this person, or by cron')
    .option('--since <time>', 'since a time, a day, or an age such as 12h', parseInstant)
    .option('--limit <n>', 'at most so many, the newest', parseLimit, 100)
    .action((options: Options) =>
      withRuntime('audit', options, { writes: false }, async ({ run }, output) => {
        const { order, sku, setting, actor, since, limit } = options
        const filter = {
          ...(order === undefined ? {} : { about: { kind: 'order', externalOrderId: order } as const }),
          ...(sku === undefined ? {} : { about: { kind: 'sku', sku, key: skuKeyOf(sku) } as const }),
          ...(setting === undefined ? {} : { about: { kind: 'setting', text: setting } as const }),
          ...(actor === undefined ? {} : { actor }),
          ...(since === undefined ? {} : { since: since(run.clock.now()) }),
        }
        const report = await auditReport(run.db, filter, limit)
        print(output, report)
        return { verdict: 'done', document: { ...report } }
      }),
    )
}

function print(output: Output, { events, more }: AuditReport): void {
  if (events.length === 0) output.line('No event fits.')
  if (more) output.line(`Only the newest ${events.length}; --limit and --since show more.`)
  output.table(
    ['when', 'by', 'in', 'about', 'what', 'detail'],
    events.map(({ at, actor, command, entity, entity_id: id, what, detail }) => [
      at,
      actor,
      command ?? '',
      `${entity} ${id}`,
      what,
      detail === null ? '' : JSON.stringify(detail),
    ]),
  )
}

function parseLimit(text: string): number {
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (limit < 1 || limit > MOST_EVENTS) throw new InvalidArgumentError(`Give a number from 1 to ${MOST_EVENTS}.`)
  return limit
}
