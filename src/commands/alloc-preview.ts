import { type Command, InvalidArgumentError, Option } from 'commander'
import { findConfigIfAny } from '../core/config/find.ts'
import { OperatorError } from '../core/errors.ts'
import { isChanged, type PreviewRow, previewRows } from '../core/inventory/preview-rows.ts'
import { laidOver, type RuleLayer, type RuleName, ruleLayer, unitsOf } from '../core/inventory/rule-text.ts'
import { type Wishes, whatIfRules } from '../core/inventory/what-if.ts'
import { execute, type Result } from './shell/execute.ts'
import { type CommonOptions, collect, newCommand } from './shell/options.ts'
import type { Output } from './shell/print.ts'

interface Options extends CommonOptions {
  readonly available?: number
  readonly sku?: string
  readonly channel?: readonly string[]
  readonly ratio?: Ratios
  readonly safetyStock?: RuleLayer
  readonly maxOversellPct?: RuleLayer
  readonly maxOversellAbs?: RuleLayer
  readonly minPublishQty?: RuleLayer
  readonly rounding?: RuleLayer
  readonly capScope?: 'channel' | 'total'
  readonly mainChannel?: string
  readonly smallStockThreshold?: number
  readonly changed?: boolean
  readonly csv?: boolean
}

/** `--ratio 0.9 --ratio amazon-us=2.0`: by channel, '' for all. */
type Ratios = ReadonlyMap<string, RuleLayer>

/** `isync alloc:preview` */
export function command(): Command {
  return newCommand(
    'alloc:preview',
    'What each channel would be told of a stock, and why. --available asks what if: no database, no network',
    [
      'isync alloc:preview --available 10',
      'isync alloc:preview --available 10 --ratio amazon-us=2.0 --ratio ebay-main=0.98 --safety-stock 0',
      'isync alloc:preview --available 10 --ratio 1.2 --channel amazon-us,mirakl-macys --cap-scope total --json',
    ],
  )
    .option('--available <units>', 'stock to compute with, instead of the stock at hand', parseAvailable)
    .option('--sku <sku>', 'only this SKU; in a what-if only its name')
    .addOption(new Option('--channel <code>', 'only this channel (repeatable)').argParser(parseChannels))
    .addOption(new Option('--ratio <[channel=]ratio>', 'ratio of a channel, or of all (repeatable)').argParser(parseRatios))
    .addOption(ruleOption('safety_stock', '--safety-stock <units>', 'units that are never published'))
    .addOption(ruleOption('max_oversell_pct', '--max-oversell-pct <percent>', 'cap in percent of the stock after safety stock'))
    .addOption(ruleOption('max_oversell_abs', '--max-oversell-abs <units>', 'cap in units beyond the stock after safety stock'))
    .addOption(ruleOption('min_publish_qty', '--min-publish-qty <units>', 'least that is published, even without stock'))
    .addOption(ruleOption('rounding', '--rounding <mode>', 'floor, round or ceil'))
    .addOption(new Option('--cap-scope <scope>', 'cap each channel, or all in total as well').choices(['channel', 'total']))
    .option('--main-channel <code>', 'channel that alone is given stock when little is left', parseChannel)
    .option('--small-stock-threshold <units>', 'how little that is', parseUnits)
    .option('--changed', 'only what differs from what was last published')
    .addOption(new Option('--csv', 'rows as CSV on stdout').conflicts('json'))
    .action((options: Options) =>
      execute('alloc:preview', options, async (output) => {
        const { rows, config } = await whatIf(options)
        return show(output, rows, options, config)
      }),
    )
}

async function whatIf(options: Options): Promise<{ readonly rows: readonly PreviewRow[]; readonly config: string | null }> {
  const { available, sku = null, channel = [], ratio = new Map<string, RuleLayer>() } = options
  if (available === undefined) throw withoutStock()
  const own = new Map([...ratio].filter(([code]) => code !== ''))
  const named = [...new Set([...channel, ...own.keys()])]
  const flags = [ratio.get(''), options.safetyStock, options.maxOversellPct, options.maxOversellAbs, options.minPublishQty]
  const wishes: Wishes = {
    channels: named,
    all: [...flags, options.rounding].reduce<RuleLayer>((below, flag) => (flag === undefined ? below : laidOver(below, flag)), {
      values: {},
      origin: {},
    }),
    own,
    capScope: options.capScope,
    mainChannel: options.mainChannel,
    smallStockThreshold: options.smallStockThreshold,
  }
  const file = await rulesOfFile(options)
  const stock = { told: available, source: '--available', deducted: 0, orders: 0 }
  const rows = previewRows(sku, stock, whatIfRules(wishes, file))
  const shown = channel.length > 0 ? channel : named
  return { rows: shown.length === 0 ? rows : rows.filter((row) => shown.includes(row.channel)), config: file?.file ?? null }
}

async function rulesOfFile({ config }: Options) {
  const place = { cwd: process.cwd(), env: process.env, ...(config === undefined ? {} : { flag: config }) }
  const file = findConfigIfAny(place)
  if (file === undefined) return undefined
  // The reader of YAML costs as much as all the rest of a what-if.
  const { readRuleFile } = await import('../core/inventory/rule-file.ts')
  return readRuleFile(file, place)
}

async function show(output: Output, all: readonly PreviewRow[], options: Options, config: string | null): Promise<Result> {
  const rows = options.changed ? all.filter(isChanged) : all
  if (options.csv) output.line((await csvOf(rows)).trimEnd())
  else print(output, rows, config)
  return { verdict: 'done', document: { rows, config } }
}

function print(output: Output, rows: readonly PreviewRow[], config: string | null): void {
  output.table(
    ['sku', 'channel', 'available', 'safety', 'base', 'ratio', 'raw', 'cap', 'final', 'published', 'difference', 'why'],
    rows.map((row) => [
      row.sku ?? '-',
      row.channel,
      row.available,
      row.safety_stock,
      row.base,
      row.ratio,
      row.raw,
      row.cap,
      row.final,
      row.published ?? '-',
      row.difference ?? '-',
      row.by.join(', '),
    ]),
  )
  for (const { channel, final, why } of rows) {
    output.line()
    output.line(`${channel} is told ${final}:`)
    for (const line of why) output.line(`  ${line}`)
  }
  output.line()
  output.line(
    config === null
      ? 'No configuration was found: what no option says is the default.'
      : `Rules: ${config} and the options. Settings made at run time are not in it; a what-if leaves the database alone.`,
  )
}

async function csvOf(rows: readonly PreviewRow[]): Promise<string> {
  const { stringify } = await import('csv-stringify/sync')
  const columns = [
    'sku',
    'channel',
    'available',
    'safety_stock',
    'base',
    'ratio',
    'raw',
    'cap',
    'final',
    'published',
    'difference',
    'why',
  ]
  const cells = rows.map(({ sku, channel, why, ...numbers }) => ({
    ...numbers,
    sku: asText(sku ?? ''),
    channel: asText(channel),
    why: asText(why.join('; ')),
  }))
  return stringify(cells, { header: true, columns })
}

/** A spreadsheet runs what begins like a formula; an apostrophe makes text of it. */
function asText(cell: string): string {
  return /^[=+\-@\t\r\0]/.test(cell) ? `'${cell}` : cell
}

function ruleOption(name: RuleName, flags: string, description: string): Option {
  const flag = flags.split(' ', 1)[0] ?? flags
  return new Option(flags, description).argParser((text) => orInvalid(() => ruleLayer(name, text, flag)))
}

function parseAvailable(text: string): number {
  if (!/^-?\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number of units; it may be negative.')
  return Number(text)
}

function parseUnits(text: string): number {
  return orInvalid(() => unitsOf(text))
}

function parseRatios(text: string, before: Ratios = new Map()): Ratios {
  const [ratio = '', channel = ''] = text.split('=').reverse()
  if (text.includes('=')) parseChannel(text.slice(0, text.lastIndexOf('=')))
  if (before.has(channel)) throw new InvalidArgumentError(`There are two for ${channel === '' ? 'all channels' : channel}.`)
  return new Map(before).set(
    channel,
    orInvalid(() => ruleLayer('ratio', ratio, '--ratio')),
  )
}

function parseChannels(text: string, before?: readonly string[]): readonly string[] {
  return collect(text, before).map(parseChannel)
}

function parseChannel(text: string): string {
  if (/^[a-z0-9-]{1,24}$/.test(text)) return text
  throw new InvalidArgumentError('A channel code has 1 to 24 lower case letters, digits and dashes.')
}

function orInvalid<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw error instanceof RangeError ? new InvalidArgumentError(`It ${error.message}.`) : error
  }
}

function withoutStock(): OperatorError {
  return new OperatorError({
    what: 'there is no stock to compute with',
    where: 'isync alloc:preview',
    why: 'this version previews a stock that is given to it; --available is missing',
    next: 'isync alloc:preview --available 10',
  })
}
