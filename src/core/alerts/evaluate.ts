import type { Run } from '../context.ts'
import type { Db } from '../db/db.ts'
import {
  type AlertState,
  addNotices,
  inheritTold,
  markEndTold,
  markTold,
  type NewNotice,
  untoldAlerts,
  waitingNotices,
} from '../db/notices.ts'
import { withLimitsInEffect } from '../limits/in-effect.ts'
import type { Medium } from '../ports/notifier.ts'
import type { Item } from './message.ts'
import { mediaFor, type NoticePlan, planNotices } from './plan.ts'
import { alertRates } from './rates.ts'
import { alertSilence } from './silent.ts'

/**
 * Looks at the rates of failure by the limits in effect, then decides what people are to be told and writes the messages down, each with its task. Cheap where
 * nothing is new; `silence`: also at commands that have not succeeded for too long. Returns the ids of the new notices. Several processes may do it at once: each alert is told by one of them.
 */
export async function evaluateAlerts(
  given: Run,
  how: { readonly silence: boolean } = { silence: false },
): Promise<readonly string[]> {
  const run = await withLimitsInEffect(given, 'alerts')
  await alertRates(run)
  if (how.silence) await alertSilence(run)
  const { routes } = run.settings.alerts
  if (routes.warning.length + routes.critical.length === 0) return []
  const alerts = await untoldAlerts(run.db)
  if (alerts.length === 0) return []
  const plan = planNotices(alerts, run.settings.alerts, run.clock.now())
  if (plan.tell.length + plan.over.length + plan.forget.length + plan.inherit.length === 0) return []
  const behind = new Set((await waitingNotices(run.db)).keys())
  return run.db.transaction((tx) => carryOut(tx, run, plan, behind))
}

/** `behind`: media with messages that have not left; they get no repetitions of what they have not told yet. */
async function carryOut(tx: Db, run: Run, plan: NoticePlan, behind: ReadonlySet<Medium>): Promise<readonly string[]> {
  const now = run.clock.now()
  const { routes } = run.settings.alerts
  const trouble = new Map<Medium, Item[]>()
  const over = new Map<Medium, Item[]>()
  for (const { alert, from } of plan.inherit) await inheritTold(tx, alert.id, from)
  for (const { id } of plan.forget) await markEndTold(tx, id, now)
  for (const item of plan.tell) {
    const media = mediaFor(item.alert, item.alert.severity, routes).filter((one) => item.kind !== 'repeated' || !behind.has(one))
    if (media.length === 0 || !(await markTold(tx, item.alert, now))) continue
    for (const medium of media) put(trouble, medium, item)
  }
  for (const alert of plan.over) {
    if (!(await markEndTold(tx, alert.id, now))) continue
    for (const medium of mediaFor(alert, alert.notified_severity ?? alert.severity, routes))
      put(over, medium, { kind: 'resolved', alert })
  }
  const notices: NewNotice[] = []
  for (const grouped of [trouble, over])
    for (const [medium, items] of grouped) notices.push(...(await noticesOf(run, medium, items, now)))
  await addNotices(tx, notices, now)
  return notices.map(({ id }) => id)
}

/** What opens together goes in one message; where each person gets one of their own, one each. */
async function noticesOf(run: Run, medium: Medium, items: readonly Item[], now: number): Promise<readonly NewNotice[]> {
  const { letterOf, smsOf } = await import('./message.ts')
  const recipients = run.settings.alerts.recipients[medium] ?? ['']
  const words = letterOf(items, run.host, now)
  const rendered = await renderedFor(run, medium, items, words, now)
  const kind = kindOf(items)
  return recipients.map((recipient) => ({
    id: run.ids.next(),
    medium,
    kind,
    recipient,
    alertIds: items.map(({ alert }) => alert.id),
    subject: words.subject,
    text: medium === 'sms' ? smsOf(items) : words.text,
    ...rendered,
  }))
}

async function renderedFor(
  run: Run,
  medium: Medium,
  items: readonly Item[],
  { subject }: { readonly subject: string },
  now: number,
): Promise<{ readonly html?: string }> {
  if (medium !== 'email') return {}
  const { mailHtml } = await import('./mail-html.ts')
  return { html: mailHtml(items, subject, run.host, now) }
}

function kindOf(items: readonly Item[]): Item['kind'] {
  const kinds = items.map(({ kind }) => kind)
  return (['opened', 'escalated', 'repeated', 'resolved'] as const).find((kind) => kinds.includes(kind)) ?? 'opened'
}

function put(
  grouped: Map<Medium, Item[]>,
  medium: Medium,
  item: { readonly kind: Item['kind']; readonly alert: AlertState },
): void {
  grouped.set(medium, [...(grouped.get(medium) ?? []), item])
}
