import { type Command, Option } from 'commander'
import { findConfigIfAny } from '../core/config/find.ts'
import { OperatorError } from '../core/errors.ts'
import { isChanged, type PreviewRow, previewRows } from '../core/inventory/preview-rows.ts'
import { laidOver, type RuleLayer } from '../core/inventory/rule-text.ts'
import { unknownChannel, type Wishes, whatIfRules } from '../core/inventory/what-if.ts'
import {
  type PreviewOptions,
  parseAvailable,
  parseChannel,
  parseChannels,
  parseRatios,
  parseSkus,
  parseUnits,
  ruleOption,
} from './alloc-preview/options.ts'
import { createCsv, printReasons, printRows } from './alloc-preview/output.ts'
import { execute, type Result, withRuntime } from './shell/execute.ts'
import { newCommand } from './shell/options.ts'
import type { Output } from './shell/print.ts'

/** Rows that a table shows; whoever wants more wants a file. */
const MOST_PRINTED = 200
/** Rows that fit one JSON document: more of them are a longer text than JavaScript can hold. */
const MOST_IN_DOCUMENT = 300_000

/** `isync alloc:preview` */
export function command(): Command {
  return newCommand(
    'alloc:preview',
    'What each channel would be told of the stock at hand, and why. With --available: of any stock, without database or network',
    [
      'isync alloc:preview --changed',
      'isync alloc:preview --sku MUG-BLU-12',
      'isync alloc:preview --csv > preview.csv',
      'isync alloc:preview --available 10',
      'isync alloc:preview --available 10 --ratio amazon-us=2.0 --ratio ebay-main=0.98 --safety-stock 0',
      'isync alloc:preview --available 10 --ratio 1.2 --channel amazon-us,mirakl-macys --cap-scope total --json',
    ],
  )
    .option('--available <units>', 'what if: this stock instead of the stock at hand', parseAvailable)
    .option('--sku <sku>', 'only this SKU (repeatable); in a what-if only its name', parseSkus)
    .option('--channel <code>', 'only this channel (repeatable)', parseChannels)
    .option('--ratio <channel=ratio>', 'what if: ratio of one channel; without "channel=" of all (repeatable)', parseRatios)
    .addOption(ruleOption('safety_stock', '--safety-stock <units>', 'what if: units that are never published'))
    .addOption(ruleOption('max_oversell_pct', '--max-oversell-pct <percent>', 'what if: cap in percent of the base'))
    .addOption(ruleOption('max_oversell_abs', '--max-oversell-abs <units>', 'what if: cap in units beyond the base'))
    .addOption(ruleOption('min_publish_qty', '--min-publish-qty <units>', 'what if: least that is published'))
    .addOption(ruleOption('rounding', '--rounding <mode>', 'what if: floor, round or ceil'))
    .addOption(new Option('--cap-scope <scope>', 'what if: cap each channel, or all in total too').choices(['channel', 'total']))
    .option('--main-channel <code>', 'what if: this channel alone gets stock when little is left', parseChannel)
    .option('--small-stock-threshold <units>', 'what if: how little that is', parseUnits)
    .option('--changed', 'only what differs from what the channel last took')
    .addOption(new Option('--csv', 'rows as CSV').conflicts('json'))
    .action((options: PreviewOptions) =>
      options.available === undefined
        ? withRuntime('alloc:preview', options, { writes: false }, (runtime, output) => ofStock(runtime, output, options))
        : execute('alloc:preview', options, (output) => whatIf(output, options, options.available ?? 0)),
    )
}

type Runtime = Parameters<Parameters<typeof withRuntime>[3]>[0]

async function ofStock({ run, config }: Runtime, output: Output, options: PreviewOptions): Promise<Result> {
  refuseWishes(options)
  const codes = Object.keys(config.channels)
  for (const code of options.channel ?? []) if (!codes.includes(code)) throw unknownChannel(code, config.source.file, codes)
  const { previewStock, unknownSkus } = await import('../core/inventory/preview.ts')
  const [missing] = options.sku === undefined ? [] : await unknownSkus(run, options.sku)
  if (missing !== undefined) throw unknownSku(missing)

  const rows: PreviewRow[] = []
  const csv = options.csv ? await createCsv(output) : undefined
  const most = output.json ? MOST_IN_DOCUMENT : MOST_PRINTED
  let count = 0
  const filter = {
    changed: options.changed === true,
    ...(options.sku === undefined ? {} : { skus: options.sku }),
    ...(options.channel === undefined ? {} : { channels: options.channel }),
  }
  for await (const chunk of previewStock(run, filter)) {
    count += chunk.length
    csv?.(chunk)
    if (csv === undefined) rows.push(...chunk.slice(0, most - rows.length))
    if (output.json && count > most) throw tooManyRows()
  }
  if (csv !== undefined) return { verdict: 'done', document: {} }
  printRows(output, rows)
  if (options.sku !== undefined) printReasons(output, rows)
  if (count > rows.length) output.line(`... and ${count - rows.length} more (--csv has all)`)
  if (count === 0) output.line(options.changed ? 'Nothing would change.' : 'There is no stock to preview: isync inventory:full')
  return { verdict: 'done', document: { rows, config: config.source.file } }
}

async function whatIf(output: Output, options: PreviewOptions, available: number): Promise<Result> {
  const { channel = [], ratio = new Map<string, RuleLayer>() } = options
  const own = new Map([...ratio].filter(([code]) => code !== ''))
  const named = [...new Set([...channel, ...own.keys()])]
  const file = await rulesOfFile(options)
  const rules = whatIfRules({ ...wishesOf(options, ratio.get('')), channels: named, own }, file)
  const shown = channel.length > 0 ? channel : named
  const stock = { told: available, source: '--available', deducted: 0, orders: 0 }
  const rows = (options.sku ?? [null])
    .flatMap((sku) => previewRows(sku, stock, rules))
    .filter((row) => shown.length === 0 || shown.includes(row.channel))
    .filter((row) => !options.changed || isChanged(row))

  if (options.csv) {
    const csv = await createCsv(output)
    csv(rows)
    return { verdict: 'done', document: {} }
  }
  printRows(output, rows)
  printReasons(output, rows)
  output.line()
  output.line(
    file === undefined
      ? 'No configuration was found: what no option says is the default.'
      : `Rules: ${file.file} and the options. Settings made at run time are not in it; a what-if leaves the database alone.`,
  )
  return { verdict: 'done', document: { rows, config: file?.file ?? null } }
}

/** What is wished for all channels. */
function wishesOf(options: PreviewOptions, ratio: RuleLayer | undefined): Omit<Wishes, 'channels' | 'own'> {
  const { safetyStock, maxOversellPct, maxOversellAbs, minPublishQty, rounding } = options
  const flags = [ratio, safetyStock, maxOversellPct, maxOversellAbs, minPublishQty, rounding].filter((flag) => flag !== undefined)
  return {
    all: flags.reduce(laidOver, { values: {}, origin: {} }),
    capScope: options.capScope,
    mainChannel: options.mainChannel,
    smallStockThreshold: options.smallStockThreshold,
  }
}

async function rulesOfFile({ config }: PreviewOptions) {
  const place = { cwd: process.cwd(), env: process.env, ...(config === undefined ? {} : { flag: config }) }
  const file = findConfigIfAny(place)
  if (file === undefined) return undefined
  // The reader of YAML costs as much as all the rest of a what-if.
  const { readRuleFile } = await import('../core/inventory/rule-file.ts')
  return readRuleFile(file, place)
}

/** Rules are tried on a stock that is given; those of the stock at hand are changed by `isync settings`. */
function refuseWishes(options: PreviewOptions): void {
  const flags = {
    '--ratio': options.ratio,
    '--safety-stock': options.safetyStock,
    '--max-oversell-pct': options.maxOversellPct,
    '--max-oversell-abs': options.maxOversellAbs,
    '--min-publish-qty': options.minPublishQty,
    '--rounding': options.rounding,
    '--cap-scope': options.capScope,
    '--main-channel': options.mainChannel,
    '--small-stock-threshold': options.smallStockThreshold,
  }
  const [flag] = Object.entries(flags).find(([, value]) => value !== undefined) ?? []
  if (flag === undefined) return
  throw new OperatorError({
    what: `${flag} needs --available`,
    where: 'isync alloc:preview',
    why: 'the stock at hand is previewed under the rules in effect; other rules are tried on a stock that is given',
    next: `isync alloc:preview --available 10 with ${flag}, or change the rule itself: isync settings`,
  })
}

function unknownSku(sku: string): OperatorError {
  return new OperatorError({
    what: `SKU ${sku} is not here`,
    where: 'isync alloc:preview',
    why: 'no reading of the stock has shown it',
    next: 'isync inventory:full --dry-run, which reads all stock',
  })
}

function tooManyRows(): OperatorError {
  return new OperatorError({
    what: `more than ${MOST_IN_DOCUMENT} rows do not fit one JSON document`,
    where: 'isync alloc:preview --json',
    why: 'the whole document would have to be held in memory at once',
    next: 'isync alloc:preview --csv has no such limit; --changed, --channel and --sku leave rows out',
  })
}
