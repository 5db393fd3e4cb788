import type { Command } from 'commander'
import { OperatorError } from '../core/errors.ts'
import { printable } from '../core/privacy/printable.ts'
import type { SkuReport } from '../core/reports/sku.ts'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, type Instant, newCommand, parseInstant } from './shell/options.ts'
import type { Output } from './shell/print.ts'

interface Options extends CommonOptions {
  readonly at?: Instant
}

/** `isync sku:show SKU` */
export function command(): Command {
  return newCommand(
    'sku:show',
    'Why each channel shows what it shows of one SKU: stock, orders and rules, then the history, newest last',
    ['isync sku:show MUG-BLU-12', 'isync sku:show MUG-BLU-12 --at 2026-01-24T09:00Z', 'isync sku:show "BOOK 0042" --json'],
  )
    .argument('<sku>', 'SKU as Zoho spells it')
    .option('--at <time>', 'as it stood then: a time, a day, or an age such as 12h', parseInstant)
    .action((sku: string, options: Options) =>
      withRuntime('sku:show', options, { writes: false }, async ({ run }, output) => {
        const { skuReport } = await import('../core/reports/sku.ts')
        const at = options.at?.(run.clock.now())
        const report = await skuReport(run, sku, at)
        if (report === undefined) throw unknownSku(sku)
        print(output, report)
        return { verdict: 'done', document: { ...report } }
      }),
    )
}

function print(output: Output, report: SkuReport): void {
  output.line(`${printable(report.sku)}  ${printable(report.name ?? '')}  (Zoho item ${report.item_id})`)
  output.line(`  as of     ${report.at}`)
  output.line(`  state     ${report.state}`)
  output.line(`  available ${report.available ?? 'not known'}${report.read_at === null ? '' : `, read ${report.read_at}`}`)
  output.line(`  deducted  ${report.deducted} for orders since`)
  output.line(`  shadow    ${report.shadow ?? 'not known'}`)
  output.line()
  output.table(
    ['channel', 'published', 'since', 'wanted', 'state', 'note'],
    report.channels.map(({ channel, published, published_at, wanted, state, note }) => [
      channel,
      published ?? '-',
      published_at ?? '-',
      wanted ?? '-',
      state ?? '-',
      note ?? '',
    ]),
  )
  printReasons(output, report.allocation)
  if (report.history.length === 0) return
  output.line()
  output.table(
    ['when', 'what', 'channel', 'detail', 'by'],
    report.history.map(({ at, what, channel, detail, by }) => [at, what, channel ?? '', detail, by ?? '']),
  )
}

/** How each number came about; once for all channels on which it came about alike. */
function printReasons(output: Output, allocation: SkuReport['allocation']): void {
  const alike = new Map<string, SkuReport['allocation'][number][]>()
  for (const row of allocation) {
    const key = JSON.stringify([row.final, row.why])
    alike.set(key, [...(alike.get(key) ?? []), row])
  }
  for (const rows of alike.values()) {
    output.line()
    output.line(`${rows.map(({ channel }) => channel).join(', ')} ${rows.length === 1 ? 'is' : 'are'} to show ${rows[0]?.final}:`)
    for (const line of rows[0]?.why ?? []) output.line(`  ${line}`)
  }
}

function unknownSku(sku: string): OperatorError {
  return new OperatorError({
    what: `unknown SKU '${sku}'`,
    where: 'stock',
    why: 'no reading of the stock has shown it; SKUs are compared letter by letter',
    next: 'isync inventory:full reads all stock; isync alloc:preview lists the SKUs that are known',
  })
}
