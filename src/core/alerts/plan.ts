import type { AlertSettings } from '../context.ts'
import type { AlertState, NoticeKind } from '../db/notices.ts'
import { type Medium, media } from '../ports/notifier.ts'
import { isAccountRule, isMediumRule, isRateOf, parentsOf } from './rules.ts'

/** What people are to be told now. */
export interface NoticePlan {
  readonly tell: readonly Told[]
  /** Alerts whose end is told. */
  readonly over: readonly AlertState[]
  /** Ended alerts of which there is nothing to say. */
  readonly forget: readonly AlertState[]
  /** Alerts that came back before their end was told. */
  readonly inherit: readonly { readonly alert: AlertState; readonly from: AlertState }[]
}

export interface Told {
  readonly alert: AlertState
  readonly kind: Extract<NoticeKind, 'opened' | 'escalated' | 'repeated'>
}

export type PlanSettings = Pick<AlertSettings, 'renotifyMs' | 'resolveAfterMs' | 'downAfter'>

/**
 * The whole policy of telling: one opening, again only on escalation or after the interval if it was seen again, one end. An outage of an
 * account hides what follows from it; an end is told when the alert has stayed away; one that came back meanwhile goes on as if it had
 * never ended. `alerts`: the open ones and those whose end was not told.
 */
export function planNotices(alerts: readonly AlertState[], settings: PlanSettings, now: number): NoticePlan {
  const ended = alerts.filter(({ resolved_at }) => resolved_at !== null)
  const isFresh = ({ resolved_at }: AlertState) => resolved_at !== null && now - resolved_at < settings.resolveAfterMs
  const inherit = alerts.flatMap((alert) => {
    const from = alert.resolved_at === null && alert.notified_at === null ? earlierOf(alert, ended) : undefined
    return from === undefined ? [] : [{ alert, from }]
  })
  const continued = new Set(inherit.map(({ from }) => from.id))
  const known = new Map(inherit.map(({ alert, from }) => [alert.id, inherited(alert, from)]))
  const open = alerts.filter(({ resolved_at }) => resolved_at === null).map((alert) => known.get(alert.id) ?? alert)
  const outages = [leadersOf(open), leadersOf(ended.filter(isFresh))]

  const rates = [...open, ...ended.filter(isFresh)]

  const tell = open.flatMap((alert): Told[] => {
    const isExplained = outages.some((leaders) => isHidden(alert, leaders)) || rates.some((rate) => explains(rate, alert))
    const kind = isExplained ? undefined : kindOf(alert, settings, now)
    return kind === undefined ? [] : [{ alert, kind }]
  })
  const rest = ended.filter((alert) => !isFresh(alert) && !continued.has(alert.id))
  return {
    tell,
    over: rest.filter(({ notified_at }) => notified_at !== null),
    forget: [...ended.filter(({ id }) => continued.has(id)), ...rest.filter(({ notified_at }) => notified_at === null)],
    inherit,
  }
}

/** By what people are told of an alert of this severity; of trouble with one medium by all others. */
export function mediaFor(
  { rule, channel }: Pick<AlertState, 'rule' | 'channel'>,
  severity: AlertState['severity'],
  routes: AlertSettings['routes'],
): readonly Medium[] {
  if (!isMediumRule(rule)) return routes[severity]
  return media.filter((medium) => medium !== channel && (routes.warning.includes(medium) || routes.critical.includes(medium)))
}

function earlierOf(alert: AlertState, ended: readonly AlertState[]): AlertState | undefined {
  return ended.findLast(
    ({ rule, channel, notified_at }) => rule === alert.rule && channel === alert.channel && notified_at !== null,
  )
}

function inherited(alert: AlertState, from: AlertState): AlertState {
  return {
    ...alert,
    notified_at: from.notified_at,
    notified_severity: from.notified_severity,
    acknowledged_at: alert.acknowledged_at ?? from.acknowledged_at,
    snoozed_until: alert.snoozed_until ?? from.snoozed_until,
  }
}

/** By account, the one alert that stands for its outage: the gravest, then the first. */
function leadersOf(alerts: readonly AlertState[]): ReadonlyMap<string, AlertState> {
  const leaders = new Map<string, AlertState>()
  for (const alert of alerts) {
    if (!isAccountRule(alert.rule)) continue
    const leader = leaders.get(alert.channel)
    if (leader === undefined || (leader.severity === 'warning' && alert.severity === 'critical'))
      leaders.set(alert.channel, alert)
  }
  return leaders
}

/** What is graver than the outage is told all the same. */
function isHidden(alert: AlertState, leaders: ReadonlyMap<string, AlertState>): boolean {
  return parentsOf(alert).some((account) => {
    const leader = leaders.get(account)
    return leader !== undefined && leader.id !== alert.id && covers(leader, alert)
  })
}

/** That so many fail tells of those among them that were given up. */
function explains(rate: AlertState, alert: AlertState): boolean {
  return isRateOf(alert, rate) && covers(rate, alert)
}

function covers(leader: AlertState, alert: AlertState): boolean {
  // What is over explains only what began before its end: that is given the time to end as well.
  if (leader.resolved_at !== null && alert.opened_at > leader.resolved_at) return false
  return leader.severity === 'critical' || alert.severity === 'warning'
}

function kindOf(alert: AlertState, { renotifyMs, downAfter }: PlanSettings, now: number): Told['kind'] | undefined {
  const escalates = alert.severity === 'critical' && alert.notified_severity === 'warning'
  if (escalates) return 'escalated'
  if (alert.snoozed_until !== null && alert.snoozed_until > now) return undefined
  if (alert.notified_at === null) {
    // One failed run is a hiccup; credentials do not mend themselves.
    const isYoung = isAccountRule(alert.rule) && alert.severity === 'warning' && alert.count < downAfter
    return isYoung ? undefined : 'opened'
  }
  if (alert.acknowledged_at !== null) return undefined
  return now - alert.notified_at >= renotifyMs && alert.last_seen_at > alert.notified_at ? 'repeated' : undefined
}
