import type { ChannelCode } from '../model/channel.ts'
import type { Cursor } from '../ports/marketplace.ts'
import type { Db } from './db.ts'

/**
 * `orders`, `shipments`, `fulfillments`, `voids`: places in a vendor's stream. `pulled`: when the last complete order search of a channel
 * was begun, by our clock. `stock`: when the last complete reading of the stock source was begun. `rebalance`: the last complete recomputation.
 * `alive`: when an isync serve last said that it works.
 */
export type Stream = 'orders' | 'shipments' | 'fulfillments' | 'voids' | 'pulled' | 'stock' | 'rebalance' | 'alive'

export async function readCursor(db: Db, channel: ChannelCode, stream: Stream): Promise<Cursor | undefined> {
  const [row] = await db.rows<{ at: number; resume: string | null }>(
    'select at, resume from cursors where channel = ? and stream = ?',
    [channel, stream],
  )
  if (row === undefined) return undefined
  return row.resume === null ? { at: row.at } : { at: row.at, resume: row.resume }
}

/** Writes the place reached, in a run that holds the stream's lease. The high-water mark never moves backwards, whatever the caller's clock says. */
export async function writeCursor(db: Db, channel: ChannelCode, stream: Stream, next: Cursor, now: number): Promise<void> {
  await db.run(
    `insert into cursors (channel, stream, at, resume, updated_at) values (?, ?, ?, ?, ?)
     on conflict (channel, stream) do update set
       resume = excluded.resume,
       at = ${db.dialect.greatest('cursors.at', 'excluded.at')}, updated_at = excluded.updated_at`,
    [channel, stream, next.at, next.resume ?? null, now],
  )
}

export interface CursorRow {
  readonly channel: ChannelCode
  readonly stream: Stream
  readonly at: number
  readonly updated_at: number
  readonly in_search: number
}

export async function listCursors(db: Db): Promise<CursorRow[]> {
  return db.rows(
    'select channel, stream, at, updated_at, case when resume is null then 0 else 1 end as in_search from cursors order by channel, stream',
  )
}
