import type { ChannelCode } from '../model/channel.ts'
import type { Db } from './db.ts'
import type { PublicationState } from './publications.ts'
import type { StockState } from './stock.ts'

/** How many SKUs are in which state. */
export async function countStock(db: Db): Promise<readonly { readonly state: StockState; readonly count: number }[]> {
  return db.rows('select state, count(*) as count from stock group by state order by state')
}

export interface PublicationCount {
  readonly channel: ChannelCode
  readonly state: PublicationState
  /** 1: raises that wait for the channel's orders. */
  readonly held: 0 | 1
  readonly count: number
}

/** How many quantities of each channel are in which state. */
export async function countPublications(db: Db): Promise<PublicationCount[]> {
  return db.rows(
    `select channel, state, case when held is null then 0 else 1 end as held, count(*) as count from publications
     group by channel, state, case when held is null then 0 else 1 end order by channel, state`,
  )
}

export interface ReadingRow {
  readonly kind: string
  readonly began_at: number
  readonly ended_at: number | null
  readonly verdict: string | null
  readonly reason: string | null
  readonly items: number
  readonly changed: number
}

/** The last reading of each kind. */
export async function lastReadings(db: Db): Promise<ReadingRow[]> {
  return db.rows(
    `select r.kind, r.began_at, r.ended_at, r.verdict, r.reason, r.items, r.changed from stock_readings r
     where r.began_at = (select max(o.began_at) from stock_readings o where o.kind = r.kind) order by r.kind`,
  )
}

export async function countMarks(db: Db): Promise<number> {
  const [row] = await db.rows<{ count: number }>('select count(*) as count from stock_marks')
  return row?.count ?? 0
}
