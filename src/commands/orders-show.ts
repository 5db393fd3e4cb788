import type { Command } from 'commander'
import { OperatorError } from '../core/errors.ts'
import { printable } from '../core/privacy/printable.ts'
import { type OrderReport, orderReports } from '../core/reports/order.ts'
import { withRuntime } from './shell/execute.ts'
import { type CommonOptions, newCommand } from './shell/options.ts'
import type { Output } from './shell/print.ts'

interface Options extends CommonOptions {
  readonly channel?: string
  readonly raw?: boolean
}

/** `isync orders:show ID` */
export function command(): Command {
  return newCommand(
    'orders:show',
    'One order: what the channel says, where it stands in ShipStation, its packages and its history',
    ['isync orders:show 113-1234567-7654321', 'isync orders:show 100200300-A --channel mirakl-macys --json'],
  )
    .argument('<id>', 'order number at the channel')
    .option('--channel <code>', 'the channel, where several have this number')
    .option('--raw', "add the channel's own document (--json)")
    .action((id: string, options: Options) =>
      withRuntime('orders:show', options, { writes: false }, async ({ run, assertChannels }, output) => {
        const reports = await orderReports(run.db, run.vault, id, {
          raw: options.raw === true,
          ...(options.channel === undefined ? {} : { channel: options.channel }),
        })
        const [first] = reports
        if (first === undefined) {
          // A channel that was taken out of the configuration still has its orders; one that never was is a slip.
          if (options.channel !== undefined) assertChannels([options.channel])
          throw unknownOrder(id, options.channel)
        }
        if (reports.length > 1 && output.json) throw ambiguous(id, reports)
        for (const report of reports) print(output, report)
        return { verdict: 'done', document: { ...first.document } }
      }),
    )
}

function print(output: Output, { document: order, events, tasks }: OrderReport): void {
  output.line(`${order.source_marketplace} ${order.external_order_id}: ${order.status}`)
  if (order.poison_reason !== null) output.line(`  could not be read: ${order.poison_reason}`)
  const { push } = order
  const facts: readonly (readonly [string, string | null])[] = [
    ['placed', order.order_created_at],
    ['changed', order.updated_at],
    ['ship by', order.ship_by],
    ['erased', order.erased_at === null ? null : `buyer, address and documents, on ${order.erased_at} (isync purge)`],
    ['buyer', order.buyer_name],
    ['ship to', order.ship_to === null ? null : addressLine(order.ship_to)],
    ['sold on', order.sold_on === null ? null : `${order.sold_on.site} ${order.sold_on.order_id}`],
    ['held', order.twin_of === null ? null : `as a copy of ${order.twin_of.replace('/', ' ')}; isync orders:release lets it go`],
    ['method', order.shipping_method_requested],
    ['flags', order.flags.join(', ')],
    ['total', order.currency === null ? null : `${order.totals['total']} ${order.currency}${taxWords(order)}`],
    ['refunded', isNothing(order.refunded) ? null : `${order.refunded} ${order.currency}`],
    [
      'shipstation',
      push.shipstation_order_id === null
        ? push.state
        : `${push.state}: order ${push.shipstation_order_id}, store ${push.store_id}`,
    ],
    ['push error', push.error],
  ]
  for (const [name, value] of facts) if (value !== null && value !== '') output.line(`  ${name.padEnd(12)}${printable(value)}`)
  section(
    output,
    ['line', 'sku', 'name', 'qty', 'to ship', 'price'],
    order.line_items.map((line) => [line.external_line_id, line.sku, line.name, line.qty, line.qty_to_ship, line.price ?? '']),
  )
  section(
    output,
    ['package', 'tracking', 'carrier', 'shipped', 'confirmation'],
    order.shipments.map((parcel) => [
      parcel.id,
      parcel.tracking_number,
      parcel.carrier_code,
      parcel.shipped_at ?? '',
      parcel.state === 'voided' ? 'voided' : (parcel.confirmation ?? 'none'),
    ]),
  )
  section(
    output,
    ['task', 'id', 'state', 'last error'],
    tasks.map(({ kind, id, state, last_error }) => [kind, id, state, last_error ?? '']),
  )
  if (tasks.some(({ state }) => state === 'dead')) {
    const again = `isync retry --order ${order.external_order_id} --channel ${order.source_marketplace}`
    output.line(`What is dead was given up. Mend the cause, then: ${printable(again)}`)
  }
  section(
    output,
    ['when', 'what', 'detail', 'by'],
    events.map(({ at, what, detail, actor }) => [new Date(at).toISOString(), what, detail ?? '', actor]),
  )
}

function section(output: Output, head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  if (rows.length === 0) return
  output.line()
  output.table(head, rows)
}

function isNothing(amount: string | null): boolean {
  return amount === null || /^[0.]+$/.test(amount)
}

function taxWords({ totals, tax_included: included }: OrderReport['document']): string {
  const tax = totals['tax'] ?? null
  if (isNothing(tax)) return ''
  return included === null ? `, tax ${tax}` : `, tax ${tax} ${included ? 'included' : 'on top'}`
}

function addressLine(address: NonNullable<OrderReport['document']['ship_to']>): string {
  const { name, company, address1, address2, city, state, postal, country } = address
  return [name, company, address1, address2, city, state, postal, country]
    .filter((part) => part !== null && part !== undefined && part !== '')
    .join(', ')
}

function unknownOrder(id: string, channel: string | undefined): OperatorError {
  return new OperatorError({
    what: `order ${id} is not here`,
    where: channel ?? 'any channel',
    why: 'no pull has stored it: it may be newer than the last pull, shipped by the marketplace, or of another channel',
    next: `isync orders:pull --channel ${channel ?? 'CODE'} --order ${id}`,
  })
}

function ambiguous(id: string, reports: readonly OrderReport[]): OperatorError {
  return new OperatorError({
    what: `order ${id} is here more than once`,
    where: reports.map(({ document }) => String(document.source_marketplace)).join(', '),
    why: 'several channels have an order of this number',
    next: `isync orders:show ${id} --channel CODE --json`,
  })
}
