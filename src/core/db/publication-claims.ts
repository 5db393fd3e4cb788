import type { ChannelCode } from '../model/channel.ts'
import { type Db, recordsOf } from './db.ts'
import type { PublicationState } from './publications.ts'

export interface ClaimedQuantity {
  readonly sku: string
  readonly wanted: number
  readonly accepted: number | null
  readonly attempts: number
  readonly why: string
  readonly product_type: string | null
}

/**
 * Takes up to `limit` due rows into this run's hands, those that go down first. `sent` is what leaves. An expired lease is due again:
 * quantities are absolute, a repeat is harmless. `checkedOnly`: nothing whose listing was never looked at.
 */
export async function claimQuantities(
  db: Db,
  channel: ChannelCode,
  limit: number,
  lease: { readonly owner: string; readonly until: number },
  now: number,
  checkedOnly: boolean,
): Promise<ClaimedQuantity[]> {
  const checked = checkedOnly ? 'and exists (select 1 from listings l where l.channel = p.channel and l.sku = p.sku)' : ''
  const rows = await db.transaction((tx) =>
    tx.rows<ClaimedQuantity>(
      `with mine as (
         select channel, sku from publications p where channel = ?
           and ((state = 'due' and held is null and next_attempt_at <= ?) or (state = 'sending' and lease_until < ?)) ${checked}
         order by case when p.wanted = 0 then 0 when p.accepted is not null and p.wanted < p.accepted then 1 else 2 end, sku limit ? ${db.dialect.lockRows})
       update publications set state = 'sending', lease_owner = ?, lease_until = ?, sent = wanted, sent_at = ?
       where channel = ? and sku in (select sku from mine)
       returning sku, wanted, accepted, attempts, why,
         (select l.product_type from listings l where l.channel = publications.channel and l.sku = publications.sku) as product_type`,
      [channel, now, now, limit, lease.owner, lease.until, now, channel],
    ),
  )
  return rows.sort((a, b) => turnOf(a) - turnOf(b) || (a.sku < b.sku ? -1 : 1))
}

/** Sold out, down, up: the order within a hand-over too. */
function turnOf({ wanted, accepted }: ClaimedQuantity): number {
  if (wanted === 0) return 0
  return accepted !== null && wanted < accepted ? 1 : 2
}

/** Lengthens the lease of everything this claim still holds. Returns how many rows that is. */
export async function renewQuantities(
  db: Db,
  lease: { readonly owner: string; readonly until: number },
  now: number,
): Promise<number> {
  return db.run(`update publications set lease_until = ? where lease_owner = ? and state = 'sending' and lease_until >= ?`, [
    lease.until,
    lease.owner,
    now,
  ])
}

/** How one quantity leaves the hands of a run. */
export interface QuantitySettlement {
  readonly sku: string
  /** `settled` turns into `due` where something else is wanted by now. */
  readonly state: PublicationState
  /** 1: the channel took it. */
  readonly took: 0 | 1
  readonly report: string | null
  readonly attempts: number
  readonly next_attempt_at: number
  readonly error_kind: string | null
  readonly error: string | null
}

/** Whose rows are settled: those of a claim, or those that wait for a report. */
export type Holder = { readonly owner: string } | { readonly report: string }

/**
 * Settles rows that are still ours, in one statement. Returns the state that each SKU of them is in now; the others were taken over by
 * somebody else. A number that changed meanwhile starts anew.
 */
export async function settleQuantities(
  tx: Db,
  channel: ChannelCode,
  holder: Holder,
  settlements: readonly QuantitySettlement[],
): Promise<ReadonlyMap<string, PublicationState>> {
  if (settlements.length === 0) return new Map()
  // As a case, which no index holds and which PostgreSQL takes to be true of nearly every row: both find each row by its key. Planned as a
  // search by state, a hand-over of thousands is gone through once for each of its rows.
  const [held, key] =
    'owner' in holder
      ? ["case when publications.state = 'sending' and publications.lease_owner = ? then 1 else 0 end <> 0", holder.owner]
      : ["case when publications.state = 'reported' and publications.report = ? then 1 else 0 end <> 0", holder.report]
  const columns = {
    sku: 'text',
    state: 'text',
    took: 'bigint',
    report: 'text',
    attempts: 'bigint',
    next_attempt_at: 'bigint',
    error_kind: 'text',
    error: 'text',
  } as const
  const anew = `x.state in ('settled', 'dead') and publications.wanted <> publications.sent`
  const rows = await tx.rows<{ sku: string; state: PublicationState }>(
    `update publications set
       state = case when ${anew} then 'due' else x.state end,
       accepted = case when x.took = 1 then publications.sent else publications.accepted end,
       accepted_at = case when x.took = 1 then publications.sent_at else publications.accepted_at end,
       report = x.report, attempts = case when ${anew} then 0 else x.attempts end, next_attempt_at = x.next_attempt_at, last_error_kind = x.error_kind, last_error = x.error,
       lease_owner = null, lease_until = null
     from ${tx.dialect.recordset(columns)}
     where publications.channel = ? and publications.sku = x.sku and ${held}
     returning publications.sku, publications.state`,
    [recordsOf(tx, settlements), channel, key],
  )
  return new Map(rows.map(({ sku, state }) => [sku, state]))
}

/** Gives back what this claim holds and nobody answered for. */
export async function releaseQuantities(db: Db, owner: string): Promise<void> {
  await db.run(
    `update publications set state = 'due', lease_owner = null, lease_until = null where lease_owner = ? and state = 'sending'`,
    [owner],
  )
}

/** Makes due again what runs held that have ended without a word. */
export async function releaseExpired(db: Db, channel: ChannelCode, now: number): Promise<void> {
  await db.run(
    `update publications set state = 'due', lease_owner = null, lease_until = null where channel = ? and state = 'sending' and lease_until < ?`,
    [channel, now],
  )
}

export interface AwaitedReport {
  readonly report: string
  readonly sent_at: number
  readonly items: number
}

/** Reports that are awaited, the oldest first. */
export async function awaitedReports(db: Db, channel: ChannelCode): Promise<AwaitedReport[]> {
  return db.rows<AwaitedReport>(
    `select report, min(sent_at) as sent_at, count(*) as items from publications where channel = ? and state = 'reported' group by report order by 2`,
    [channel],
  )
}

export interface SentRow {
  readonly sku: string
  readonly sent: number
  readonly accepted: number | null
  readonly attempts: number
  readonly why: string
}

export async function sentUnder(db: Db, channel: ChannelCode, report: string): Promise<SentRow[]> {
  return db.rows<SentRow>(
    `select sku, sent, accepted, attempts, why from publications where channel = ? and state = 'reported' and report = ? order by sku`,
    [channel, report],
  )
}
