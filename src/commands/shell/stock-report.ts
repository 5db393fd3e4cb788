import type { HeldBrake } from '../../core/inventory/brakes.ts'
import type { PublishReport } from '../../core/inventory/publish.ts'
import type { StockRunReport } from '../../core/inventory/stock-runs.ts'
import type { CallCounts } from '../../core/ports/gate.ts'
import { type Output, printProblems } from './print.ts'
import { channelDocuments, printAlike, printChannels } from './report.ts'

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
    const odd = Object.entries(left_out).map(([kind, count]) => `${count} ${kindWords[kind] ?? kind}`)
    const absent = missing > 0 ? `, ${several(missing, 'known SKU')} not shown (the last number stands)` : ''
    const among = odd.length > 0 ? `; among them ${odd.join(', ')}` : ''
    output.line(`Stock read: ${several(items, 'item')}, ${changed} changed${absent}${among}.`)
    if (reading.brake !== undefined) printBrake(output, reading.brake)
  }
  if (pulled !== undefined) {
    output.line()
    output.line('Orders pulled first, so that nothing just sold goes up again:')
    printChannels(output, pulled.channels, published === undefined ? calls : undefined)
  }
  if (published !== undefined) printPublished(output, published, calls)
  printProblems(output, report.problems)
}

/** Items that are not simply on sale. */
const kindWords: Readonly<Record<string, string>> = {
  inactive: 'inactive',
  untracked: 'not kept in stock',
  service: 'a service',
  'no-sku': 'without a SKU',
  unknown: 'without a readable number (the last one stands)',
  duplicate: 'SKU of several items (nothing is published of it)',
}

/** `1 item`, `2 items`. */
function several(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`
}

/** What channels were told. Without `calls` where the run has shown them already. */
export function printPublished(output: Output, { recomputed, brakes, channels }: PublishReport, calls?: Calls): void {
  output.line()
  if (recomputed !== undefined) {
    const { skus, changed, held } = recomputed
    const without = held > 0 ? `; of ${several(held, 'SKU')} no number may be published` : ''
    output.line(`Recomputed: ${several(skus, 'SKU')}; new: ${changed === 1 ? '1 quantity' : `${changed} quantities`}${without}.`)
  }
  for (const brake of brakes) printBrake(output, brake)
  printChannels(output, channels, calls)
  const raises = channels.map(({ channel, counts: { held } }) => ({
    channel,
    count: held,
    said: `raises held until its orders are pulled: ${held}. The next orders:pull lets them go.`,
  }))
  const reports = channels.map(({ channel, counts: { awaiting_report } }) => ({
    channel,
    count: awaiting_report,
    said: `quantities of which its report is awaited: ${awaiting_report}. The next run reads it.`,
  }))
  for (const lines of [raises, reports])
    printAlike(
      output,
      lines.filter(({ count }) => count > 0),
    )
}

function printBrake(output: Output, { where, what, why }: HeldBrake): void {
  output.line(`HELD BY A BRAKE: ${what}: ${why}. No channel was told anything.`)
  const [look, pass] =
    where === 'zoho'
      ? ['isync inventory:full --dry-run', 'isync inventory:full --override-brake']
      : ['isync alloc:preview --changed', 'isync inventory:rebalance --all --override-brake']
  const asks = where === 'zoho' ? 'isync doctor --channel zoho, which reads its fields and locations' : 'isync settings'
  output.line(`    next: look in Zoho, and ask ${asks}; a later run passes by itself when it is right again.`)
  output.line(`          ${look} shows it once more; if it is meant so, ${pass}`)
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
