import type { DailyReport, DayFailures, Step } from './daily.ts'
import { dateAt } from './day.ts'

/** Something of the day that waits for a person, and the command that comes next. */
export interface Wait {
  readonly critical: boolean
  readonly what: string
  readonly next: string
}

export const stepTitles: Readonly<Record<Step, string>> = {
  placed_to_seen: 'order placed -> seen here',
  ready_to_shipstation: 'ready to ship -> in ShipStation',
  shipped_to_confirmed: 'shipped -> told to the channel',
  stock_to_published: 'stock change -> taken by the channel',
}

const MOST_ALERTS = 15
const MOST_FINDINGS = 15

/** The mail's subject: the day, and whether somebody has to look. */
export function subjectOf(report: DailyReport): string {
  const waits = waitsOf(report)
  const state = waits.length === 0 ? 'nothing waits' : `${waits.length} to look at`
  return `[isync] ${report.day}: ${amount(report.all.orders_in, 'order')} in, ${count(report.all.pushed)} into ShipStation, ${state}`
}

/** `Saturday 2026-11-21, Europe/Berlin`, and how long it was where that is not 24 hours. */
export function dayTitle({ day, time_zone: zone, hours, whole }: DailyReport): string {
  const weekday = new Intl.DateTimeFormat('en-US', { weekday: 'long', timeZone: 'UTC' }).format(Date.parse(day))
  const odd = hours === 24 ? '' : `, a day of ${hours} hours`
  return `${weekday} ${day}, ${zone}${odd}${whole ? '' : ', so far'}`
}

/** What waits for a person, the gravest first. */
export function waitsOf(report: DailyReport): readonly Wait[] {
  const { all, failures, findings, alerts } = report
  const waits: Wait[] = []
  for (const { severity, channel, message, next } of alerts.open.slice(0, MOST_ALERTS))
    waits.push({ critical: severity === 'critical', what: `${channel}: ${message}`, next })
  if (alerts.open.length > MOST_ALERTS)
    waits.push({ critical: false, what: `${count(alerts.open.length - MOST_ALERTS)} more alerts are open`, next: 'isync alerts' })
  if (all.not_in_shipstation > 0)
    waits.push({
      critical: false,
      what: `${amount(all.not_in_shipstation, 'order')} of the day may ship and ${all.not_in_shipstation === 1 ? 'is' : 'are'} not in ShipStation`,
      next: 'isync reconcile',
    })
  for (const failure of failures.filter(({ given_up: givenUp }) => givenUp > 0))
    waits.push({
      critical: false,
      what: `${failure.channel}: ${amount(failure.given_up, thingOf(failure))} given up in the day`,
      next: failure.next,
    })
  for (const { kind, channel, count: n, oldest_age_s: age } of findings.slice(0, MOST_FINDINGS))
    waits.push({
      critical: false,
      what: `${channel}: ${amount(n, 'finding')} of the kind ${kind}, the oldest ${duration(age * 1000)} old`,
      next: 'isync reconcile',
    })
  if (findings.length > MOST_FINDINGS)
    waits.push({
      critical: false,
      what: `${count(findings.length - MOST_FINDINGS)} more kinds of findings are open`,
      next: 'isync reconcile',
    })
  return waits.sort((a, b) => Number(b.critical) - Number(a.critical))
}

const things: Readonly<Record<DayFailures['kind'], string>> = {
  push: 'push',
  confirm: 'confirmation',
  acknowledge: 'acknowledgement',
  notify: 'message',
  publish: 'quantity',
}

/** What a kind of work works on, in the singular. */
export function thingOf({ kind }: Pick<DayFailures, 'kind'>): string {
  return things[kind]
}

/** `1 order`, `12,345 orders`. */
export function amount(n: number, thing: string): string {
  const many = /[^aeiou]y$/.test(thing) ? `${thing.slice(0, -1)}ies` : /(s|sh|ch)$/.test(thing) ? `${thing}es` : `${thing}s`
  return `${count(n)} ${n === 1 ? thing : many}`
}

/** `12,345` */
export function count(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

/** `0.4 s`, `45 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  if (ms < 10_000) return `${Math.floor(ms / 100) / 10} s`
  const s = Math.floor(ms / 1000)
  if (s < 60) return `${s} s`
  const [major, minor, names] = s < 3600 ? [60, 1, 'min s'] : s < 86_400 ? [3600, 60, 'h min'] : [86_400, 3600, 'd h']
  const [large, small] = names.split(' ')
  const rest = Math.floor((s % major) / minor)
  return `${Math.floor(s / major)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`
}

/** `2026-11-22 06:00 UTC`; no seconds. */
export function moment(iso: string): string {
  return `${dateAt(Date.parse(iso), 'UTC')} ${iso.slice(11, 16)} UTC`
}
