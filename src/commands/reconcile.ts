import { type Command, InvalidArgumentError } from 'commander'
import type { QuantityReport } from '../core/reconcile/quantity-repair.ts'
import type { ReconcileReport } from '../core/reconcile/reconcile.ts'
import type { ChannelSummary } from '../core/reconcile/results.ts'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, collect, collectWhole, newCommand, withDryRun } from './shell/options.ts'
import type { Output } from './shell/print.ts'
import { startProgress } from './shell/progress.ts'
import { channelDocuments, printChannels } from './shell/report.ts'

interface Options extends CommonOptions {
  readonly channel?: readonly string[]
  readonly window?: number
  readonly remedy: boolean
  readonly inventory?: boolean
  readonly sku?: readonly string[]
}

/** `isync reconcile` */
export function command(): Command {
  return withDryRun(
    newCommand(
      'reconcile',
      'Hold what channels and ShipStation have against our own books: find orders that slipped, pull and push them, list what is left',
      [
        'isync reconcile                           # from cron every hour',
        'isync reconcile --channel amazon-us --window 14d',
        'isync reconcile --no-remedy --json',
        'isync reconcile --inventory               # what channels show, too: once a day',
        'isync reconcile --sku MUG-BLU-12 --dry-run',
      ],
    ),
  )
    .option('--channel <code>', 'only this channel (repeatable)', collect)
    .option('--window <age>', 'how far back open orders are compared, such as 36h or 14d', parseAge)
    .option('--no-remedy', 'only find and report; nothing is pulled, pushed or published')
    .option('--inventory', 'also compare what channels show with what they were told')
    .option('--sku <sku>', 'with what channels show of this SKU only (repeatable; implies --inventory)', collectWhole)
    .action((options: Options) =>
      withRuntime('reconcile', options, { writes: true }, async (runtime, output) => {
        // Loaded with the run: --help and a slip of the keys need none of it.
        const { reconcile } = await import('../core/reconcile/reconcile.ts')
        if (options.channel !== undefined) runtime.assertChannels(options.channel)
        const progress = await startProgress('comparing', options)
        const report = await reconcile(runtime.run, {
          connectors: runtime.marketplaces(),
          shipping: runtime.shipping(),
          ...(options.channel === undefined ? {} : { channels: options.channel }),
          ...(options.window === undefined ? {} : { windowMs: options.window }),
          remedy: options.remedy,
          ...(options.sku === undefined ? {} : { quantities: { skus: options.sku } }),
          ...(options.sku === undefined && options.inventory === true ? { quantities: {} } : {}),
          onProgress: (what, read) => progress.update(`${what}: ${read} compared`),
        }).finally(() => progress.stop())
        const calls = runtime.calls()
        print(output, report, runtime.run.clock.now())
        printChannels(output, report.channels, calls)
        return {
          verdict: report.verdict,
          document: { ...documentOf(report, runtime.run.clock.now()), channels: channelDocuments(report.channels, calls) },
          counts: Object.fromEntries(report.summary.map((one) => [one.channel, countsOf(one)])),
        }
      }),
    )
}

const MOST_PRINTED = 50

function print(output: Output, { summary, findings, quantities }: ReconcileReport, now: number): void {
  if (summary.length > 0) {
    output.table(
      ['channel', 'open', 'mapped', 'missing', '%', 'severity', 'repaired', 'left'],
      summary.map((one) => [
        one.channel,
        one.open,
        one.mapped,
        one.missing,
        one.missingPct,
        one.severity,
        one.repaired.length,
        one.left.length,
      ]),
    )
  }
  if (quantities !== undefined) printQuantities(output, quantities)
  const open = findings.filter(({ state }) => state === 'open')
  output.line(open.length === 0 ? 'Nothing is left to be done.' : `${open.length} finding(s):`)
  for (const { kind, channel, external_order_id: order, sku, severity, detail, next, opened_at: at } of open.slice(
    0,
    MOST_PRINTED,
  )) {
    const about = [channel, order, sku].filter((part) => part !== '').join(' ')
    output.line(`! ${severity} ${kind} ${about}: ${detail} (found ${ageText(now - at)})`)
    output.line(`    next: ${next}`)
  }
  if (open.length > MOST_PRINTED) output.line(`... and ${open.length - MOST_PRINTED} more (--json has all)`)
}

/** In SKUs. */
const quantityColumns = [
  'listed',
  'compared',
  'same',
  'sold',
  'processing',
  'absent',
  'untold',
  'late',
  'different',
  'repaired',
] as const

function printQuantities(output: Output, { summary, silent }: QuantityReport): void {
  output.table(
    ['channel', ...quantityColumns],
    summary.map((one) => [one.channel, ...quantityColumns.map((column) => one[column])]),
  )
  for (const { channel, listed, compared } of summary.filter((one) => one.compared < one.listed))
    output.line(
      `${channel}: looked at ${compared} of ${listed} SKUs: those told last and those looked at longest ago; the others follow in later runs.`,
    )
  if (silent.length > 0) output.line(`Not compared, since they do not tell what they show: ${silent.join(', ')}.`)
}

function ageText(ms: number): string {
  return ms < 60_000 ? 'just now' : `${Math.round(ms / 60_000)} min ago`
}

/** SPEC 8.1. */
function documentOf({ summary, findings, quantities }: ReconcileReport, now: number): Record<string, unknown> {
  return {
    ...(quantities === undefined ? {} : { inventory: quantities.summary, not_compared: quantities.silent }),
    summary: summary.map((one) => ({
      channel: one.channel,
      open: one.open,
      mapped: one.mapped,
      ...countsOf(one),
      missing_pct: one.missingPct,
      severity: one.severity,
    })),
    findings: findings.map(({ id, kind, channel, external_order_id, sku, severity, state, detail, next, opened_at }) => ({
      id,
      kind,
      channel,
      external_order_id: external_order_id === '' ? null : external_order_id,
      sku: sku === '' ? null : sku,
      severity,
      age_s: Math.round((now - opened_at) / 1000),
      state,
      detail,
      next,
    })),
  }
}

function countsOf({ missing, repaired, left }: ChannelSummary): Record<string, number> {
  return { missing, repaired: repaired.length, left: left.length }
}

function parseAge(text: string): number {
  const [, count, unit] = /^(\d{1,5})([hd])$/.exec(text) ?? []
  if (count === undefined || Number(count) === 0) throw new InvalidArgumentError('Give an age such as 36h or 14d.')
  return Number(count) * (unit === 'd' ? 86_400_000 : 3_600_000)
}
