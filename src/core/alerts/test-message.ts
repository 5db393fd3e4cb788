import type { Run } from '../context.ts'
import type { Medium, Message } from '../ports/notifier.ts'
import { mailHtml } from './mail-html.ts'
import { type Item, letterOf } from './message.ts'
import { gsmText } from './sms-text.ts'

/** A message that is marked as a test wherever it is seen, in the form of a real one. */
export function testMessage(
  run: Pick<Run, 'ids' | 'clock' | 'host' | 'actor'>,
  medium: Medium,
  recipient: string | undefined,
): Message {
  const now = run.clock.now()
  const item: Item = { kind: 'opened', alert: sample(now, run.actor) }
  const { text } = letterOf([item], run.host, now)
  const subject = '[isync] TEST: nothing is wrong'
  const base = { id: run.ids.next(), subject, createdAt: now, ...(recipient === undefined ? {} : { recipient }) }
  if (medium === 'sms')
    return { ...base, text: gsmText(`isync TEST from ${run.host}: nothing is wrong. Alerts will come to this number.`, 160) }
  return medium === 'email' ? { ...base, text, html: mailHtml([item], subject, run.host, now) } : { ...base, text }
}

function sample(now: number, actor: string): Item['alert'] {
  return {
    id: 'test',
    rule: 'test',
    channel: 'isync',
    severity: 'warning',
    opened_at: now,
    last_seen_at: now,
    count: 1,
    message: `This is a test that ${actor} asked for: nothing is wrong. Alerts look like this.`,
    next: 'isync alerts',
    acknowledged_at: null,
    acknowledged_by: null,
    snoozed_until: null,
    resolved_at: null,
    notified_at: null,
    notified_severity: null,
  }
}
