import type { Severity } from './alerts.ts'
import { type Db, insertMany, marks, type SqlValue, skuRecords } from './db.ts'

export type FindingState = 'open' | 'repaired' | 'gone'

/** One thing that is other than it should be. `externalOrderId` and `sku` are '' where it is not about one. Never personal data. */
export interface NewFinding {
  readonly id: string
  readonly kind: string
  /** Channel code, or the account that it is about (`shipstation`). */
  readonly channel: string
  readonly externalOrderId: string
  readonly sku: string
  readonly severity: Severity
  readonly detail: string
  /** The command to run. */
  readonly next: string
}

export interface FindingRow {
  readonly id: string
  readonly kind: string
  readonly channel: string
  readonly external_order_id: string
  readonly sku: string
  readonly severity: Severity
  readonly detail: string
  readonly next: string
  readonly state: FindingState
  readonly opened_at: number
  readonly last_seen_at: number
  readonly closed_at: number | null
}

/** Opens findings, or sees those again that are open: their age stays. */
export async function recordFindings(tx: Db, runId: string, findings: readonly NewFinding[], now: number): Promise<void> {
  const rows = findings.map((finding) => ({
    id: finding.id,
    kind: finding.kind,
    channel: finding.channel,
    external_order_id: finding.externalOrderId,
    sku: finding.sku,
    severity: finding.severity,
    detail: finding.detail,
    next: finding.next,
    state: 'open',
    opened_at: now,
    last_seen_at: now,
    run_id: runId,
  }))
  await insertMany(
    tx,
    'findings',
    rows,
    `on conflict (kind, channel, external_order_id, sku) where closed_at is null do update set
       severity = excluded.severity, detail = excluded.detail, next = excluded.next, last_seen_at = excluded.last_seen_at, run_id = excluded.run_id`,
  )
}

/** Closes the open findings of these kinds and this channel that the run has not seen: they are gone. Returns how many. */
export async function closeUnseen(
  tx: Db,
  seen: { readonly runId: string; readonly channel: string; readonly kinds: readonly string[] },
  now: number,
): Promise<number> {
  return tx.run(
    `update findings set state = 'gone', closed_at = ? where closed_at is null and channel = ? and run_id <> ? and kind in (${marks(seen.kinds.length)})`,
    [now, seen.channel, seen.runId, ...seen.kinds],
  )
}

/** Closes open findings about these orders as repaired. */
export async function closeRepaired(
  tx: Db,
  what: { readonly kinds: readonly string[]; readonly channel: string; readonly externalOrderIds: readonly string[] },
  now: number,
): Promise<void> {
  for (let start = 0; start < what.externalOrderIds.length; start += CHUNK) {
    const ids = what.externalOrderIds.slice(start, start + CHUNK)
    await tx.run(
      `update findings set state = 'repaired', closed_at = ? where closed_at is null and channel = ?
         and kind in (${marks(what.kinds.length)}) and external_order_id in (${marks(ids.length)})`,
      [now, what.channel, ...what.kinds, ...ids],
    )
  }
}

/**
 * Closes the open findings of one kind about these SKUs: as repaired, or, with `runId`, as gone where that run has not seen them. SKUs that
 * nobody has looked at stay as they are.
 */
export async function closeLookedAt(
  tx: Db,
  what: {
    readonly kind: string
    readonly channel: string
    readonly skus: readonly string[]
    readonly state: 'repaired' | 'gone'
    readonly runId?: string
  },
  now: number,
): Promise<void> {
  const { kind, channel, skus, state, runId } = what
  await tx.run(
    `update findings set state = ?, closed_at = ? where closed_at is null and channel = ? and kind = ? and run_id <> ?
       and sku in (select x.sku from ${tx.dialect.recordset({ sku: 'text' })})`,
    [state, now, channel, kind, runId ?? '', skuRecords(tx, skus)],
  )
}

const CHUNK = 500

const columns = 'id, kind, channel, external_order_id, sku, severity, detail, next, state, opened_at, last_seen_at, closed_at'

/** What this run saw and what is open: critical first, then the oldest. */
export async function findingsOf(db: Db, runId: string, channels: readonly string[], limit: number): Promise<FindingRow[]> {
  const values: SqlValue[] = [runId, ...channels, limit]
  return db.rows(
    `select ${columns} from findings where (closed_at is null or run_id = ?) and channel in (${marks(channels.length)})
     order by case state when 'open' then 0 else 1 end, case severity when 'critical' then 0 else 1 end, opened_at, id limit ?`,
    values,
  )
}

export interface FindingCount {
  readonly kind: string
  readonly channel: string
  readonly count: number
  readonly oldest: number
}

/** How many findings of each kind are open, and since when the oldest is. */
export async function countOpenFindings(db: Db): Promise<FindingCount[]> {
  const rows = await db.rows<FindingCount>(
    'select kind, channel, count(*) as count, min(opened_at) as oldest from findings where closed_at is null group by kind, channel order by channel, kind',
  )
  return rows.map((row) => ({ ...row, count: Number(row.count) }))
}
