import { type Db, marks } from './db.ts'

export type Severity = 'warning' | 'critical'

export interface NewAlert {
  readonly id: string
  /** What kind of trouble: `auth`, `poison`, `dead`, `voided-after-confirm` ... One open alert per rule and channel. */
  readonly rule: string
  readonly channel: string
  readonly severity: Severity
  /** Ids only, never personal data. */
  readonly message: string
  /** The command to run. */
  readonly next: string
}

/** Opens an alert, or counts it onto the open one of the same rule and channel. True when it is new. */
export async function raiseAlert(db: Db, alert: NewAlert, now: number): Promise<boolean> {
  const rows = await db.rows<{ id: string }>(
    `insert into alerts (id, rule, channel, severity, opened_at, last_seen_at, message, next) values (?, ?, ?, ?, ?, ?, ?, ?)
     on conflict (rule, channel) where resolved_at is null do update set
       last_seen_at = excluded.last_seen_at, count = alerts.count + 1, message = excluded.message, next = excluded.next,
       severity = case when alerts.severity = 'critical' then 'critical' else excluded.severity end
     returning id`,
    [alert.id, alert.rule, alert.channel, alert.severity, now, now, alert.message, alert.next],
  )
  return rows[0]?.id === alert.id
}

/** Closes the open alert of this rule and channel, if there is one. */
export async function resolveAlert(db: Db, rule: string, channel: string, now: number): Promise<boolean> {
  return (
    0 <
    (await db.run('update alerts set resolved_at = ? where rule = ? and channel = ? and resolved_at is null', [
      now,
      rule,
      channel,
    ]))
  )
}

/** Closes the alert about given-up tasks of this kind and channel once there are none left. */
export async function resolveDeadAlert(db: Db, kind: string, channel: string, now: number): Promise<void> {
  await db.run(
    `update alerts set resolved_at = ? where rule = ? and channel = ? and resolved_at is null
       and not exists (select 1 from tasks where kind = ? and channel = ? and state = 'dead')`,
    [now, `dead-${kind}`, channel, kind, channel],
  )
}

/** Closes the alert about given-up quantities of a channel once there are none left. */
export async function resolvePublishAlert(db: Db, channel: string, now: number): Promise<void> {
  await db.run(
    `update alerts set resolved_at = ? where rule = 'publish-dead' and channel = ? and resolved_at is null
       and not exists (select 1 from publications where channel = ? and state = 'dead')`,
    [now, channel, channel],
  )
}

/** Closes the channel's poison alert when every order of it can be read again. */
export async function resolvePoisonAlert(db: Db, channel: string, now: number): Promise<void> {
  await db.run(
    `update alerts set resolved_at = ? where rule = 'poison' and channel = ? and resolved_at is null
       and not exists (select 1 from orders where channel = ? and poison_reason is not null)`,
    [now, channel, channel],
  )
}

/** Closes one open alert by its id. False when there is none. */
export async function closeAlert(db: Db, id: string, now: number): Promise<boolean> {
  return 1 === (await db.run('update alerts set resolved_at = ? where id = ? and resolved_at is null', [now, id]))
}

/** A person works on it. False: it is not open. */
export async function acknowledgeAlert(db: Db, id: string, by: string, now: number): Promise<boolean> {
  const changed = await db.run(
    'update alerts set acknowledged_at = ?, acknowledged_by = ? where id = ? and resolved_at is null',
    [now, by, id],
  )
  return changed === 1
}

/** Nothing is told of it before `until` (epoch ms). False: it is not open. */
export async function snoozeAlert(db: Db, id: string, until: number): Promise<boolean> {
  return 1 === (await db.run('update alerts set snoozed_until = ? where id = ? and resolved_at is null', [until, id]))
}

/** Times epoch ms. */
export interface AlertRow {
  readonly id: string
  readonly rule: string
  readonly channel: string
  readonly severity: Severity
  readonly opened_at: number
  readonly last_seen_at: number
  readonly count: number
  readonly message: string
  readonly next: string
  /** When people were last told. */
  readonly notified_at: number | null
  readonly acknowledged_at: number | null
  readonly acknowledged_by: string | null
  readonly snoozed_until: number | null
  readonly resolved_at: number | null
}

/** The columns of an {@link AlertRow}. */
export const alertColumns = `id, rule, channel, severity, opened_at, last_seen_at, count, message, next, notified_at, acknowledged_at, acknowledged_by,
  snoozed_until, resolved_at`

export async function openAlerts(db: Db): Promise<AlertRow[]> {
  return db.rows(
    `select ${alertColumns} from alerts where resolved_at is null
     order by case severity when 'critical' then 0 else 1 end, opened_at`,
  )
}

/** The last `limit` alerts, open or over, the newest first. */
export async function recentAlerts(db: Db, limit: number): Promise<AlertRow[]> {
  return db.rows(`select ${alertColumns} from alerts order by opened_at desc, id desc limit ?`, [limit])
}

/** Rules and channels of the open alerts of these rules. */
export async function openOfRules(
  db: Db,
  rules: readonly string[],
): Promise<readonly { readonly rule: string; readonly channel: string }[]> {
  return db.rows(`select rule, channel from alerts where resolved_at is null and rule in (${marks(rules.length)})`, rules)
}
