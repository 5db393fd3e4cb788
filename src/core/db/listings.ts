import type { ChannelCode } from '../model/channel.ts'
import type { Listing } from '../model/stock.ts'
import { type Db, insertMany, skuRecords } from './db.ts'
import { UNJUDGED } from './publications.ts'

/** Keeps what a channel has under these SKUs. */
export async function saveListings(db: Db, channel: ChannelCode, listings: readonly Listing[], now: number): Promise<void> {
  const rows = listings.map((listing) => ({
    channel,
    sku: listing.sku,
    listed: listing.listed ? 1 : 0,
    fulfilment: listing.listed ? listing.fulfilment : null,
    quantity: listing.listed ? (listing.quantity ?? null) : null,
    product_type: listing.listed ? (listing.productType ?? null) : null,
    checked_at: now,
  }))
  await insertMany(
    db,
    'listings',
    rows,
    `on conflict (channel, sku) do update set listed = excluded.listed, fulfilment = excluded.fulfilment, quantity = excluded.quantity,
       product_type = coalesce(excluded.product_type, listings.product_type), checked_at = excluded.checked_at`,
  )
}

/** SKUs after `after` with a quantity to be told whose listing was never looked at, in the order of SKUs. */
export async function uncheckedSkus(db: Db, channel: ChannelCode, after: string, limit: number): Promise<string[]> {
  const rows = await db.rows<{ sku: string }>(
    `select p.sku from publications p where p.channel = ? and p.state = 'due' and p.sku > ?
       and not exists (select 1 from listings l where l.channel = p.channel and l.sku = p.sku) order by p.sku limit ?`,
    [channel, after, limit],
  )
  return rows.map(({ sku }) => sku)
}

/** SKUs after `after` that the channel did not list, or not as ours, and that were last looked at before this instant, in the order of SKUs. */
export async function absentSkus(
  db: Db,
  channel: ChannelCode,
  checkedBefore: number,
  after: string,
  limit: number,
): Promise<string[]> {
  const rows = await db.rows<{ sku: string }>(
    `select p.sku from publications p join listings l on l.channel = p.channel and l.sku = p.sku
     where p.channel = ? and p.sku > ? and p.state in ('unlisted', 'not-ours') and l.checked_at < ? order by p.sku limit ?`,
    [channel, after, checkedBefore, limit],
  )
  return rows.map(({ sku }) => sku)
}

/** Brings publications of these SKUs in line with what the channel has: what it does not list, or not as ours, is not sent; what it lists again is. */
export async function followListings(db: Db, channel: ChannelCode, skus: readonly string[], now: number): Promise<void> {
  const these = skuRecords(db, skus)
  // Found by both columns of the key: a search by state would walk through everything that is due, for every few SKUs.
  const inState = (condition: string) => `case when ${condition} then 1 else 0 end <> 0`
  const listing = (condition: string) =>
    `(channel, sku) in (select l.channel, l.sku from ${db.dialect.recordset({ sku: 'text' })} join listings l on l.sku = x.sku
       where l.channel = ? and ${condition})`
  await db.run(
    `update publications set state = 'unlisted', held = null where ${listing('l.listed = 0')} and ${inState("state = 'due'")}`,
    [these, channel],
  )
  await db.run(
    `update publications set state = 'not-ours', held = null where ${listing("l.listed = 1 and l.fulfilment <> 'seller'")} and ${inState("state = 'due'")}`,
    [these, channel],
  )
  await db.run(
    `update publications set state = 'due', held = case when wanted > 0 then ? end, next_attempt_at = ?, attempts = 0 where ${listing("l.listed = 1 and l.fulfilment = 'seller'")} and ${inState("state in ('unlisted', 'not-ours')")}`,
    [UNJUDGED, now, these, channel],
  )
}
