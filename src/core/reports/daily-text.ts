import { printable } from '../privacy/printable.ts'
import { type DailyReport, steps } from './daily.ts'
import type { SkuRisk } from './daily-stock.ts'
import { amount, count, dayTitle, duration, moment, stepTitles, thingOf, waitsOf } from './daily-words.ts'

type Cell = string | number

/** The report as lines of text, for a terminal and for the mail's first part. Numbers stand right, as in a table. */
export function dailyText(report: DailyReport): readonly string[] {
  return [
    `isync, ${dayTitle(report)}`,
    `counted ${moment(report.at)}`,
    '',
    ...headline(report),
    ...waiting(report),
    ...ordersByHour(report),
    ...channelsOf(report),
    ...stepsOf(report),
    ...failuresOf(report),
    ...stockOf(report),
    ...callsOf(report),
    ...runsOf(report),
    ...section(
      'Not in these numbers',
      report.not_told.map((line) => `  ${line}`),
    ),
  ]
}

function headline({ all }: DailyReport): readonly string[] {
  const { orders_in: orders, pushed, confirmed, published } = all
  return [
    `${amount(orders, 'order')} in, ${count(pushed)} into ShipStation, ${amount(confirmed, 'package')} told to the channels, ${amount(published, 'quantity')} published.`,
  ]
}

function waiting(report: DailyReport): readonly string[] {
  const waits = waitsOf(report)
  const { opened, resolved } = report.alerts
  const alerts = opened + resolved === 0 ? '' : ` Alerts of the day: ${count(opened)} opened, ${count(resolved)} over.`
  if (waits.length === 0) return ['', `Nothing of it waits for a person.${alerts}`]
  const lines = waits.flatMap(({ critical, what, next }) => [
    `! ${critical ? 'CRITICAL ' : ''}${printable(what)}`,
    `    next: ${printable(next)}`,
  ])
  return ['', `${amount(waits.length, 'thing')} to look at.${alerts}`, ...lines]
}

const bars = ' ▁▂▃▄▅▆▇█'

function ordersByHour({ by_hour: hours }: DailyReport): readonly string[] {
  const most = Math.max(0, ...hours.map(({ orders_in: orders }) => orders))
  if (most === 0) return []
  const line = hours.map(({ orders_in: orders }) => bars[Math.ceil((orders * 8) / most)] ?? ' ').join('')
  const top = hours.find(({ orders_in: orders }) => orders === most)
  return section('Orders by the hour', [`  ${hours[0]?.hour} |${line}| most ${count(most)}, from ${top?.hour}`])
}

function channelsOf({ channels, all }: DailyReport): readonly string[] {
  const rows = [...channels, { ...all, channel: 'all' }].map((one): readonly Cell[] => [
    one.channel,
    one.orders_in,
    one.cancelled,
    one.unreadable,
    one.pushed,
    one.not_in_shipstation,
    one.confirmed,
    one.published,
  ])
  const head = ['', 'orders in', 'cancelled', 'unreadable', 'into ShipStation', 'not there', 'packages told', 'quantities']
  return section('Channels', table(head, rows))
}

function stepsOf({ channels, all }: DailyReport): readonly string[] {
  return steps.flatMap((step) => {
    const measured = [...channels, { ...all, channel: 'all' }].flatMap((one): (readonly Cell[])[] => {
      const latency = one.steps[step]
      if (latency === null) return []
      const { count: n, p50_ms: p50, p95_ms: p95, longest_ms: longest } = latency
      return [[one.channel, n, duration(p50), duration(p95), duration(longest)]]
    })
    if (measured.length === 0) return []
    return section(`How long: ${stepTitles[step]}`, table(['', 'times', 'half within', '95 % within', 'longest'], measured))
  })
}

function failuresOf({ failures }: DailyReport): readonly string[] {
  const rows = failures.map((one): readonly Cell[] => [one.channel, thingOf(one), one.tries, one.items, one.given_up])
  return section('Failures', table(['', 'of', 'failed tries', 'items', 'given up'], rows))
}

function stockOf({ stock }: DailyReport): readonly string[] {
  if (stock === null) return []
  const { skus, sold_out: gone, low, over, over_on_one: alone, low_stock_threshold: threshold } = stock
  const lines = [
    `  ${amount(skus, 'SKU')}: ${count(gone)} sold out, ${count(low)} with ${threshold} or fewer left`,
    `  more on show than there is: ${count(over)} over all channels together, ${count(alone)} on one channel alone`,
  ]
  const list = (title: string, risks: readonly SkuRisk[]) =>
    risks.length === 0
      ? []
      : ['', `  ${title}`, ...table(['SKU', 'left', 'shown', 'on channels', 'most on one', 'over'], risks.map(rowOf))]
  return [
    ...section('Stock at this moment', lines),
    ...list('Shown beyond what is left, the most units first', stock.most_over),
    ...list('Little or nothing left, and still on show', stock.low_on_show),
  ]
}

function rowOf({ sku, left, shown, channels, most_on_one: most, over }: SkuRisk): readonly Cell[] {
  return [shortened(sku), left, shown, channels, most, over]
}

function callsOf({ calls, quotas }: DailyReport): readonly string[] {
  const asked = calls.map(({ account, calls: n, operations }): readonly Cell[] => [account, n, mostAsked(operations)])
  const limits = quotas.map(({ what, accounts, used, allowed, used_pct: pct, said_by: by }): readonly Cell[] => [
    accounts.join(', '),
    what,
    used,
    allowed,
    `${pct} %`,
    by,
  ])
  return [
    ...section('Calls', table(['', 'calls', 'of which'], asked)),
    ...section('Of what is allowed a day', table(['', 'limit', 'used', 'allowed', '', 'by'], limits)),
  ]
}

const NAMED_CALLS = 4

/** `searchOrders 144, getOrder 12 and 3 more kinds`, the most asked first. */
export function mostAsked(operations: Readonly<Record<string, number>>): string {
  const all = Object.entries(operations)
  const named = all.slice(0, NAMED_CALLS).map(([operation, n]) => `${operation} ${count(n)}`)
  return all.length <= NAMED_CALLS ? named.join(', ') : `${named.join(', ')} and ${amount(all.length - NAMED_CALLS, 'more kind')}`
}

function runsOf({ runs }: DailyReport): readonly string[] {
  const rows = runs.map((one): readonly Cell[] => [
    one.command,
    one.runs,
    one.done,
    one.partly,
    one.vendor_down,
    one.held,
    one.failed,
    one.no_end,
  ])
  return section('Runs', table(['', 'runs', 'done', 'in part', 'vendor down', 'held', 'failed', 'no end'], rows))
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines]
}

const LONGEST_CELL = 60

function shortened(text: string): string {
  const clean = printable(text)
  return clean.length <= LONGEST_CELL ? clean : `${clean.slice(0, LONGEST_CELL - 3)}...`
}

/** Nothing for no rows. Columns of numbers only stand right. */
function table(head: readonly string[], rows: readonly (readonly Cell[])[]): readonly string[] {
  if (rows.length === 0) return []
  const right = head.map((_, column) => rows.every((row) => typeof row[column] === 'number'))
  const texts = [head, ...rows.map((row) => row.map((cell) => (typeof cell === 'number' ? count(cell) : printable(cell))))]
  const widths = head.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)))
  return texts.map((row) => {
    const cells = row.map((text, column) =>
      right[column] ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
    )
    return `  ${cells.join('  ')}`.trimEnd()
  })
}
