import type { Medium } from '../ports/notifier.ts'
import { type AlertRow, alertColumns, type Severity } from './alerts.ts'
import { type Db, insertMany, marks } from './db.ts'
import { addTasks } from './tasks.ts'

export type NoticeKind = 'opened' | 'escalated' | 'repeated' | 'resolved' | 'test' | 'report'

/** One message by one medium, as it is sent. */
export interface NewNotice {
  readonly id: string
  readonly medium: Medium
  readonly kind: NoticeKind
  /** One person, where the medium tells them apart; '' for all. */
  readonly recipient: string
  readonly alertIds: readonly string[]
  readonly subject: string
  readonly text: string
  readonly html?: string
}

/** Writes messages down, each with the task that sends it: it has the message's id, and so have its key and the Message-ID of a mail. */
export async function addNotices(tx: Db, notices: readonly NewNotice[], now: number): Promise<void> {
  const rows = notices.map((notice) => ({
    id: notice.id,
    medium: notice.medium,
    kind: notice.kind,
    recipient: notice.recipient,
    alerts: JSON.stringify(notice.alertIds),
    subject: notice.subject,
    body: notice.text,
    html: notice.html ?? null,
    created_at: now,
  }))
  await insertMany(tx, 'notices', rows)
  const tasks = notices.map(
    ({ id, medium }) => ({ id, kind: 'notify', key: id, channel: medium, orderId: null, shipmentId: null }) as const,
  )
  await addTasks(tx, tasks, now)
}

export interface NoticeRow {
  readonly id: string
  readonly medium: Medium
  readonly kind: NoticeKind
  readonly recipient: string
  readonly subject: string
  readonly body: string
  readonly html: string | null
  readonly created_at: number
}

export async function noticesByIds(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, NoticeRow>> {
  const rows = await db.rows<NoticeRow>(
    `select id, medium, kind, recipient, subject, body, html, created_at from notices where id in (${marks(ids.length)})`,
    ids,
  )
  return new Map(rows.map((row) => [row.id, row]))
}

/** The message has left, or needs not leave any more. */
export async function markNoticeSent(tx: Db, id: string, answer: string, now: number): Promise<void> {
  await tx.run('update notices set sent_at = ?, answer = ? where id = ?', [now, answer, id])
}

/** Messages that wait, by medium, and the age of the oldest (epoch ms). Given-up ones do not wait. */
export async function waitingNotices(db: Db): Promise<ReadonlyMap<Medium, { readonly count: number; readonly oldest: number }>> {
  const rows = await db.rows<{ medium: Medium; count: number; oldest: number }>(
    `select n.medium, count(*) as count, min(n.created_at) as oldest from notices n
     join tasks t on t.kind = 'notify' and t.key = n.id and t.state in ('pending', 'waiting', 'running')
     where n.sent_at is null group by n.medium`,
  )
  return new Map(rows.map(({ medium, count, oldest }) => [medium, { count: Number(count), oldest: Number(oldest) }]))
}

/** An alert with what people were told of it. */
export interface AlertState extends AlertRow {
  /** How bad it was when people were last told. */
  readonly notified_severity: Severity | null
}

/** Alerts of which there may be something to say: the open ones, and those whose end was not told. Oldest first. */
export async function untoldAlerts(db: Db): Promise<AlertState[]> {
  return db.rows<AlertState>(
    `select ${alertColumns}, notified_severity from alerts where resolution_told_at is null order by opened_at, id`,
  )
}

/** People are told of it now. False: somebody else has told them since it was read. */
export async function markTold(tx: Db, { id, severity, notified_at: before }: AlertState, now: number): Promise<boolean> {
  const changed = await tx.run(
    'update alerts set notified_at = ?, notified_severity = ? where id = ? and coalesce(notified_at, -1) = ? and resolved_at is null',
    [now, severity, id, before ?? -1],
  )
  return changed === 1
}

/** The end of an alert is told, or need not be. False: somebody else has done it. */
export async function markEndTold(tx: Db, id: string, now: number): Promise<boolean> {
  return (
    1 ===
    (await tx.run(
      'update alerts set resolution_told_at = ? where id = ? and resolution_told_at is null and resolved_at is not null',
      [now, id],
    ))
  )
}

/** It came back before its end was told: what people know of the earlier alert they know of this one. */
export async function inheritTold(tx: Db, id: string, from: AlertState): Promise<void> {
  await tx.run(
    `update alerts set notified_at = ?, notified_severity = ?, acknowledged_at = coalesce(acknowledged_at, ?),
       acknowledged_by = coalesce(acknowledged_by, ?), snoozed_until = coalesce(snoozed_until, ?)
     where id = ? and notified_at is null`,
    [from.notified_at, from.notified_severity, from.acknowledged_at, from.acknowledged_by, from.snoozed_until, id],
  )
}
