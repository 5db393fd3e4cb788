import { type ChannelDay, type DailyReport, type Step, steps } from './daily.ts'
import {
  bar,
  type Cell,
  card,
  code,
  colours,
  columns,
  escaped,
  gauge,
  grid,
  legend,
  page,
  quiet,
  tiles,
} from './daily-html-parts.ts'
import type { SkuRisk } from './daily-stock.ts'
import { mostAsked } from './daily-text.ts'
import { amount, count, dayTitle, duration, moment, stepTitles, subjectOf, thingOf, type Wait, waitsOf } from './daily-words.ts'

/** More rows than this of one table are summed up in a line: a mail that is too long is cut by the client. */
const MOST_ROWS = 18

/** The report as a mail: the same numbers as its text, with bars. At most 100 kB. */
export function dailyHtml(report: DailyReport): string {
  const cards = [
    headline(report),
    waiting(report),
    card('Orders by the hour', columns(report.by_hour.map(({ hour, orders_in: value }) => ({ label: hour, value })))),
    card('Channels', channelsOf(report)),
    ...steps.map((step) => stepOf(report, step)),
    card('Failures', failuresOf(report)),
    stockOf(report),
    card('Of what is allowed a day', quotasOf(report)),
    card('Calls', callsOf(report)),
    card('Runs', runsOf(report)),
    card('Not in these numbers', report.not_told.map(quiet).join('\n')),
  ]
  return page(subjectOf(report), cards.filter((one) => one !== '').join('\n'))
}

function headline(report: DailyReport): string {
  const { orders_in: orders, pushed, confirmed, published } = report.all
  const numbers = tiles([
    [count(orders), orders === 1 ? 'order in' : 'orders in'],
    [count(pushed), 'into ShipStation'],
    [count(confirmed), confirmed === 1 ? 'package told to its channel' : 'packages told to the channels'],
    [count(published), published === 1 ? 'quantity published' : 'quantities published'],
  ])
  return card(
    '',
    `<div style="font-size:18px;font-weight:bold">${escaped(dayTitle(report))}</div>${quiet(`counted ${moment(report.at)}`)}<div style="height:12px"></div>${numbers}`,
  )
}

function waiting(report: DailyReport): string {
  const waits = waitsOf(report)
  const { opened, resolved } = report.alerts
  const alerts = opened + resolved === 0 ? '' : quiet(`Alerts of the day: ${count(opened)} opened, ${count(resolved)} over.`)
  if (waits.length === 0)
    return card(
      '',
      `<div class="good" style="color:${colours.good};font-weight:bold">Nothing of it waits for a person.</div>${alerts}`,
      colours.good,
    )
  const edge = waits.some(({ critical }) => critical) ? colours.critical : colours.warning
  return card(`${amount(waits.length, 'thing')} to look at`, `${waits.map(waitHtml).join('\n')}${alerts}`, edge)
}

function waitHtml({ critical, what, next }: Wait): string {
  const badge = critical ? `<b class="bad" style="color:${colours.critical}">CRITICAL</b> ` : ''
  return `<div style="margin:0 0 10px;overflow-wrap:anywhere">${badge}${escaped(what)}<br>${code(next)}</div>`
}

function channelsOf({ channels, all }: DailyReport): string {
  const shown = busiest(channels)
  const rows = [...shown, { ...all, channel: 'all' }].map((one): readonly Cell[] => [
    one.channel,
    ...[one.orders_in, one.cancelled, one.unreadable, one.pushed, one.not_in_shipstation, one.confirmed, one.published].map(
      numeral,
    ),
  ])
  const head = ['', 'orders in', 'cancelled', 'unreadable', 'into Ship\u00adStation', 'not there', 'packages told', 'quantities']
  return `${grid(head, rows, true)}${rest(channels.length - shown.length, 'channel')}`
}

/** Those with the most to tell, in their own order. */
function busiest(channels: readonly ChannelDay[]): readonly ChannelDay[] {
  const work = ({ orders_in: orders, pushed, confirmed, published }: ChannelDay) => orders + pushed + confirmed + published
  const shown = new Set(channels.toSorted((a, b) => work(b) - work(a)).slice(0, MOST_ROWS))
  return channels.filter((channel) => shown.has(channel))
}

function stepOf({ channels, all }: DailyReport, step: Step): string {
  const measured = [...busiest(channels), { ...all, channel: 'all' }].flatMap(({ channel, steps: own }) => {
    const latency = own[step]
    return latency === null ? [] : [{ channel, ...latency }]
  })
  const longest = Math.max(1, ...measured.map(({ p95_ms: p95 }) => p95))
  const rows = measured.map(({ channel, count: n, p50_ms: p50, p95_ms: p95, longest_ms: worst }): readonly Cell[] => [
    channel,
    { html: bar(p50 / longest, p95 / longest) },
    { number: duration(p50) },
    { number: duration(p95) },
    { number: duration(worst) },
    numeral(n),
  ])
  const head = ['', { html: legend('half', '95 %') }, 'half within', '95 % within', 'longest', 'times']
  return card(`How long: ${stepTitles[step]}`, grid(head, rows, true))
}

function failuresOf({ failures }: DailyReport): string {
  const rows = failures
    .slice(0, MOST_ROWS)
    .map((one): readonly Cell[] => [one.channel, thingOf(one), numeral(one.tries), numeral(one.items), numeral(one.given_up)])
  return `${grid(['', 'of', 'failed tries', 'items', 'given up'], rows)}${rest(failures.length - rows.length, 'kind')}`
}

function stockOf({ stock }: DailyReport): string {
  if (stock === null) return ''
  const numbers = tiles([
    [count(stock.sold_out), `of ${amount(stock.skus, 'SKU')} sold out`],
    [count(stock.low), `with ${stock.low_stock_threshold} or fewer left`],
    [count(stock.over), 'shown beyond what is left, over all channels'],
    [count(stock.over_on_one), 'of these on one channel alone'],
  ])
  const list = (title: string, risks: readonly SkuRisk[]) =>
    risks.length === 0
      ? ''
      : `<div style="margin:14px 0 4px;font-size:13px;font-weight:bold">${escaped(title)}</div>${grid(['SKU', 'left', 'shown', 'on channels', 'most on one', 'over'], risks.map(rowOf))}`
  const lists = `${list('Shown beyond what is left, the most units first', stock.most_over)}${list('Little or nothing left, and still on show', stock.low_on_show)}`
  return card('Stock at this moment', `${numbers}${lists}`)
}

function rowOf({ sku, left, shown, channels, most_on_one: most, over }: SkuRisk): readonly Cell[] {
  return [sku.slice(0, 60), ...[left, shown, channels, most, over].map(numeral)]
}

function quotasOf({ quotas }: DailyReport): string {
  const rows = quotas
    .slice(0, MOST_ROWS)
    .map(({ what, accounts, used, allowed, used_pct: pct, said_by: by }): readonly Cell[] => [
      accounts.slice(0, 3).join(', '),
      what,
      { html: gauge(used / Math.max(1, allowed)) },
      { number: `${pct} %` },
      { number: `${count(used)} of ${count(allowed)}` },
      by,
    ])
  return `${grid(['', 'limit', '', '', 'calls', 'by'], rows)}${rest(quotas.length - rows.length, 'limit')}`
}

function callsOf({ calls }: DailyReport): string {
  const rows = calls
    .slice(0, MOST_ROWS)
    .map(({ account, calls: n, operations }): readonly Cell[] => [account, numeral(n), mostAsked(operations)])
  return `${grid(['', 'calls', 'of which'], rows)}${rest(calls.length - rows.length, 'account')}`
}

function runsOf({ runs }: DailyReport): string {
  const rows = runs
    .slice(0, MOST_ROWS)
    .map((one): readonly Cell[] => [
      one.command,
      ...[one.runs, one.done, one.partly, one.vendor_down, one.held, one.failed, one.no_end].map(numeral),
    ])
  return grid(['', 'runs', 'done', 'in part', 'vendor down', 'held', 'failed', 'no end'], rows)
}

function numeral(n: number): Cell {
  return { number: count(n) }
}

function rest(more: number, thing: string): string {
  return more > 0 ? quiet(`and ${amount(more, `more ${thing}`)}: isync report:daily shows all`) : ''
}
