import type { AlertState, NoticeKind } from '../db/notices.ts'
import { titleOf } from './rules.ts'
import { ageText } from './silence.ts'
import { gsmText } from './sms-text.ts'

/** One alert in a message. */
export interface Item {
  readonly kind: Extract<NoticeKind, 'opened' | 'escalated' | 'repeated' | 'resolved'>
  readonly alert: AlertState
}

export interface Words {
  readonly subject: string
  readonly text: string
}

/** Longest that an SMS may be, in septets: one segment. */
const SMS_LENGTH = 160

/** A message's words for mail and Slack: what, where, how many, since when, which, and the command to run. `host`: who sends it. */
export function letterOf(items: readonly Item[], host: string, now: number): Words {
  const lines = items.flatMap((item) => [...blockOf(item, now), ''])
  return { subject: subjectOf(items), text: [...lines, footer(host)].join('\n') }
}

/** The lines of one alert. */
export function blockOf(item: Item, now: number): readonly string[] {
  const { alert, kind } = item
  const head = `${badgeOf(item)} ${alert.channel}: ${titleOf(alert.rule)}`
  const told = `  what:  ${alert.message}`
  const since = `  since: ${stamp(alert.opened_at)} (${ageText((alert.resolved_at ?? now) - alert.opened_at)}), seen ${alert.count}x`
  if (kind === 'resolved') return [head, told, `${since}, over since ${stamp(alert.resolved_at ?? now)}`]
  return [head, told, since, `  next:  ${alert.next}`]
}

/** `CRITICAL`, `WARNING`, `STILL WARNING`, `NOW CRITICAL`, `OVER`. */
export function badgeOf({ kind, alert }: Item): string {
  const severity = alert.severity.toUpperCase()
  if (kind === 'resolved') return 'OVER'
  if (kind === 'repeated') return `STILL ${severity}`
  return kind === 'escalated' ? `NOW ${severity}` : severity
}

export function footer(host: string): string {
  return `isync on ${host}. All that is open: isync alerts. Quiet for a while: isync alerts --snooze ID --until 2h`
}

function subjectOf(items: readonly Item[]): string {
  const first = gravestOf(items)
  if (first === undefined) return '[isync]'
  const more = items.length > 1 ? ` (and ${items.length - 1} more)` : ''
  return `[isync] ${badgeOf(first)} ${first.alert.channel}: ${titleOf(first.alert.rule)}${more}`
}

/** One segment: who, what, since when, and a command; of several alerts the gravest and how many more. */
export function smsOf(items: readonly Item[]): string {
  const first = gravestOf(items)
  if (first === undefined) return ''
  const { alert } = first
  const more = items.length > 1 ? ` (+${items.length - 1} more)` : ''
  const head = `isync ${badgeOf(first)} ${alert.channel}: ${titleOf(alert.rule)}${more}`
  if (first.kind === 'resolved')
    return gsmText(`${head}, ${stamp(alert.opened_at)} to ${stamp(alert.resolved_at ?? 0)}`, SMS_LENGTH)
  const next = items.length > 1 || alert.next.length > 60 ? 'isync alerts' : alert.next
  const tail = `, since ${stamp(alert.opened_at)}. Run: ${next}`
  // The command is what must not be cut.
  const room = SMS_LENGTH - gsmText(tail, SMS_LENGTH).length
  return `${gsmText(`${head}: ${alert.message}`, room)}${gsmText(tail, SMS_LENGTH)}`
}

function gravestOf(items: readonly Item[]): Item | undefined {
  return items.find(({ alert }) => alert.severity === 'critical') ?? items[0]
}

/** `2026-11-22 08:05Z` */
export function stamp(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')}Z`
}
