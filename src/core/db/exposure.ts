import type { Db } from './db.ts'

/** What channels show of one SKU, as far as we know: what they last took, less what their own orders have taken from it since. */
export interface Exposure {
  readonly sku: string
  /** The sum over all channels, in units. */
  readonly shown: number
  /** The most that one channel shows. */
  readonly most: number
  /** How many channels show some. */
  readonly channels: number
}

/** SKUs in this stretch (`after` < SKU <= `to`) that are on show somewhere. */
export async function exposureBetween(db: Db, after: string, to: string): Promise<Exposure[]> {
  // Joined, not asked row by row: PostgreSQL takes the latter for so much work that it compiles the statement first, for seconds.
  const rows = await db.rows<Exposure>(
    `select sku, sum(units) as shown, max(units) as most, count(*) as channels from (
       select p.sku, p.accepted + coalesce(sum(m.delta), 0) as units from publications p
       left join stock_movements m on m.sku = p.sku and m.channel = p.channel and m.reason = 'sold' and m.sold_at >= p.accepted_at
       where p.sku > ? and p.sku <= ? and p.accepted > 0 and p.state not in ('unlisted', 'not-ours')
       group by p.sku, p.channel, p.accepted) shown
     where units > 0 group by sku`,
    [after, to],
  )
  return rows.map(({ sku, shown, most, channels }) => ({
    sku,
    shown: Number(shown),
    most: Number(most),
    channels: Number(channels),
  }))
}
