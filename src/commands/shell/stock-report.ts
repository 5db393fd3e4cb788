import type { PublishReport } from '../../core/inventory/publish.ts'
import type { StockRunReport } from '../../core/inventory/stock-runs.ts'
import type { CallCounts } from '../../core/ports/gate.ts'
import { type Output, printProblems } from './print.ts'
import { channelDocuments, printChannels } from './report.ts'

type Calls = Readonly<Record<string, CallCounts>>

/** What a run did about stock, for a person: what was read, what a brake held, then one row per channel. */
export function printStockRun(output: Output, report: StockRunReport, calls: Calls): void {
  if (report.idle !== undefined) output.line(report.idle)
  if (report.heldBy !== undefined) {
    const { heldBy } = report
    const who =
      typeof heldBy === 'string'
        ? ''
        : ` (host ${heldBy.host}, pid ${heldBy.pid}, since ${new Date(heldBy.taken_at).toISOString()})`
    output.line(`Another run is at work on the stock${who}; nothing to do here.`)
  }
  const { reading, pulled, published } = report
  if (reading !== undefined) {
    const { items, changed, missing, left_out } = reading.counts
    const left = Object.entries(left_out).map(([kind, count]) => `${count} ${kind}`)
    output.line(
      `Stock read: ${items} items, ${changed} changed${missing > 0 ? `, ${missing} known SKUs not shown (their last number stands)` : ''}${left.length > 0 ? `; without a number: ${left.join(', ')}` : ''}.`,
    )
    if (reading.brake !== undefined) printBrake(output, reading.brake)
  }
  if (pulled !== undefined) {
    output.line()
    output.line('Orders pulled first, so that nothing just sold goes up again:')
    printChannels(output, pulled.channels, calls)
  }
  if (published !== undefined) printPublished(output, published, calls)
  printProblems(output, report.problems)
}

/** What channels were told. */
export function printPublished(output: Output, { recomputed, brakes, channels }: PublishReport, calls: Calls): void {
  output.line()
  if (recomputed !== undefined) {
    const held = recomputed.held > 0 ? `; ${recomputed.held} SKUs have no number that may be published` : ''
    output.line(
      `Recomputed: ${recomputed.skus} SKUs, ${recomputed.changed} quantities differ from what channels should show so far${held}.`,
    )
  }
  for (const brake of brakes) printBrake(output, brake)
  printChannels(output, channels, calls)
  for (const { channel, counts } of channels) {
    if (counts.held > 0)
      output.line(`${channel}: ${counts.held} raises wait until its orders are pulled again; the next orders:pull lets them go.`)
    if (counts.awaiting_report > 0)
      output.line(`${channel}: ${counts.awaiting_report} quantities wait for the channel's report; the next run reads it.`)
  }
}

function printBrake(output: Output, { what, why }: { readonly what: string; readonly why: string }): void {
  output.line(`HELD BY A BRAKE: ${what}: ${why}. Nothing was published.`)
  output.line('    next: look at it with --dry-run; --override-brake lets one run pass')
}

/** The same for `--json`. */
export function stockRunDocument(report: StockRunReport, calls: Calls): Readonly<Record<string, unknown>> {
  const { reading, pulled, published } = report
  return {
    ...(reading === undefined ? {} : { reading: { ...reading.counts, brake: reading.brake ?? null } }),
    ...(pulled === undefined ? {} : { orders: channelDocuments(pulled.channels, calls) }),
    ...(published === undefined ? { channels: [] } : publishedDocument(published, calls)),
    brakes: [...(reading?.brake === undefined ? [] : [reading.brake]), ...(published?.brakes ?? [])],
    stock_calls: calls.zoho ?? {},
    errors: report.problems,
    ...(report.idle === undefined ? {} : { idle: report.idle }),
    ...(report.heldBy === undefined
      ? {}
      : { held_by: typeof report.heldBy === 'string' ? {} : { host: report.heldBy.host, pid: report.heldBy.pid } }),
  }
}

/** What channels were told, for `--json`. */
export function publishedDocument({ recomputed, channels }: PublishReport, calls: Calls): Readonly<Record<string, unknown>> {
  return {
    ...(recomputed === undefined
      ? {}
      : { recomputed: { skus: recomputed.skus, changed: recomputed.changed, without_number: recomputed.held } }),
    channels: channelDocuments(channels, calls),
  }
}

/** What is kept with the run. */
export function stockRunCounts({ reading, published }: StockRunReport): Readonly<Record<string, unknown>> {
  return {
    ...(reading === undefined ? {} : { stock: { items: reading.counts.items, changed: reading.counts.changed } }),
    ...Object.fromEntries((published?.channels ?? []).map(({ channel, counts }) => [channel, counts])),
  }
}
