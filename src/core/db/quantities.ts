import type { ChannelCode } from '../model/channel.ts'
import { type Db, recordsOf, skuRecords } from './db.ts'
import { type PublicationState, UNJUDGED } from './publications.ts'

/** Clocks of a marketplace and ours, and the moment between a number's way out and its being taken. Milliseconds. */
const SLACK_MS = 5 * 60_000

/** Rows that a channel has been told of, or is to be, and may have. */
const COMPARABLE = `p.state not in ('unlisted', 'not-ours')`

/** How many SKUs of a channel can be compared with what it shows. */
export async function countComparable(db: Db, channel: ChannelCode): Promise<number> {
  const [row] = await db.rows<{ n: number }>(`select count(*) as n from publications p where p.channel = ? and ${COMPARABLE}`, [
    channel,
  ])
  return Number(row?.n ?? 0)
}

/** Every SKU of a channel that can be compared. */
export async function comparableSkus(db: Db, channel: ChannelCode): Promise<string[]> {
  return skusOf(await db.rows(`select p.sku from publications p where p.channel = ? and ${COMPARABLE} order by p.sku`, [channel]))
}

/** Of these SKUs those that can be compared. */
export async function comparableAmong(db: Db, channel: ChannelCode, skus: readonly string[]): Promise<string[]> {
  return skusOf(
    await db.rows(
      `select p.sku from publications p where p.channel = ? and ${COMPARABLE}
         and p.sku in (select x.sku from ${db.dialect.recordset({ sku: 'text' })}) order by p.sku`,
      [channel, skuRecords(db, skus)],
    ),
  )
}

/**
 * A part of a channel's SKUs: those with an open finding, then those that were told something last, then those whose listing was looked at
 * longest ago, so that run by run all have their turn. At most `limit`.
 */
export async function comparableSample(db: Db, channel: ChannelCode, limit: number): Promise<string[]> {
  const skus = new Set(
    skusOf(
      await db.rows(
        `select f.sku from findings f join publications p on p.channel = f.channel and p.sku = f.sku
         where f.closed_at is null and f.channel = ? and f.kind = 'quantity' and ${COMPARABLE} order by f.opened_at, f.sku limit ?`,
        [channel, limit],
      ),
    ),
  )
  const fresh = await db.rows<{ sku: string }>(
    `select p.sku from publications p where p.channel = ? and ${COMPARABLE} and p.accepted_at is not null
     order by p.accepted_at desc, p.sku limit ?`,
    [channel, Math.ceil(limit / 2)],
  )
  for (const sku of skusOf(fresh)) if (skus.size < limit) skus.add(sku)
  // As many as may be wanted, whatever the others have taken of them.
  const stale = await db.rows<{ sku: string }>(
    `select p.sku from publications p left join listings l on l.channel = p.channel and l.sku = p.sku
     where p.channel = ? and ${COMPARABLE} order by coalesce(l.checked_at, 0), p.sku limit ?`,
    [channel, limit],
  )
  for (const sku of skusOf(stale)) if (skus.size < limit) skus.add(sku)
  return [...skus]
}

function skusOf(rows: readonly { readonly sku: string }[]): string[] {
  return rows.map(({ sku }) => sku)
}

/** What a channel was told of a SKU, what happened since, and what it showed when it was looked at before. Units; epoch ms. */
export interface ToldRow {
  readonly sku: string
  readonly state: PublicationState
  readonly wanted: number
  readonly wanted_at: number
  readonly held: string | null
  readonly last_error: string | null
  readonly last_error_kind: string | null
  readonly accepted: number | null
  readonly accepted_at: number | null
  readonly sent_at: number | null
  /** What it was told before that. */
  readonly before: number | null
  /** Units that its own orders took since; some of them the number may have overwritten. */
  readonly sold: number
  /** Units of cancelled orders, which some marketplaces put up for sale again. */
  readonly given_back: number
  readonly seen: number | null
  readonly seen_at: number | null
}

/** What is known of these SKUs of a channel; those that it was never to be told of are absent. */
export async function toldRows(db: Db, channel: ChannelCode, skus: readonly string[]): Promise<ToldRow[]> {
  const rows = await db.rows<ToldRow>(
    `select p.sku, p.state, p.wanted, p.wanted_at, p.held, p.last_error, p.last_error_kind, p.accepted, p.accepted_at, p.sent_at,
       (select g.previous from publication_log g where g.sku = p.sku and g.channel = p.channel and g.outcome = 'accepted'
        order by g.at desc, g.id desc limit 1) as before,
       coalesce((select -sum(m.delta) from stock_movements m join orders o on o.channel = m.channel and o.external_order_id = m.external_order_id
         where m.sku = p.sku and m.sold_at >= p.accepted_at - ${SLACK_MS} and m.channel = p.channel and m.reason = 'sold'
           and o.order_created_at >= p.accepted_at - ${SLACK_MS}), 0) as sold,
       coalesce((select sum(m.delta) from stock_movements m
         where m.sku = p.sku and m.channel = p.channel and m.reason = 'given-back' and m.at >= p.accepted_at - ${SLACK_MS}), 0) as given_back,
       l.quantity as seen, l.checked_at as seen_at
     from ${db.dialect.recordset({ sku: 'text' })} join publications p on p.channel = ? and p.sku = x.sku
     left join listings l on l.channel = p.channel and l.sku = p.sku`,
    [skuRecords(db, skus), channel],
  )
  return rows.map((row) => ({
    ...row,
    sold: Number(row.sold),
    given_back: Number(row.given_back),
  }))
}

/** What a channel was seen to show in place of what it was told. */
export interface SeenInstead {
  readonly sku: string
  readonly live: number
  /** Epoch ms. */
  readonly seen_at: number
  /** What it had been told and when, as it was judged: a row that was told something else since stays as it is. */
  readonly told: number
  readonly told_at: number
}

/**
 * Takes what is on show for what the channel was last told, and makes the row due: so the next hand-over lowers or raises what is there, and
 * the raise guard judges it by that. Returns the SKUs that are due now.
 */
export async function showAgain(db: Db, channel: ChannelCode, seen: readonly SeenInstead[], now: number): Promise<string[]> {
  const columns = { sku: 'text', live: 'bigint', seen_at: 'bigint', told: 'bigint', told_at: 'bigint' } as const
  return skusOf(
    await db.rows(
      `update publications set accepted = x.live, accepted_at = x.seen_at, state = 'due', attempts = 0, next_attempt_at = ?,
         held = case when publications.wanted > 0 then ? end, last_error = null, last_error_kind = null
       from ${db.dialect.recordset(columns)}
       where publications.channel = ? and publications.sku = x.sku and publications.state in ('settled', 'dead')
         and publications.accepted = cast(x.told as bigint) and publications.accepted_at = cast(x.told_at as bigint)
       returning publications.sku`,
      [now, UNJUDGED, recordsOf(db, seen), channel],
    ),
  )
}

/** Of these SKUs those that the channel has been told what it should show, since this instant. */
export async function settledSince(
  db: Db,
  channel: ChannelCode,
  skus: readonly string[],
  since: number,
): Promise<ReadonlySet<string>> {
  const rows = await db.rows<{ sku: string }>(
    `select p.sku from ${db.dialect.recordset({ sku: 'text' })} join publications p on p.channel = ? and p.sku = x.sku
     where p.state = 'settled' and p.accepted = p.wanted and p.accepted_at >= ?`,
    [skuRecords(db, skus), channel, since],
  )
  return new Set(skusOf(rows))
}
