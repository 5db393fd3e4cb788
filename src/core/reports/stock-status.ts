import type { Db } from '../db/db.ts'
import { countMarks, countPublications, countStock, lastReadings } from '../db/stock-counts.ts'

/** How the stock half stands. Times ISO 8601 UTC. */
export interface StockStatus {
  /** SKUs by state: tracked, inactive, unknown, missing, duplicate. */
  readonly skus: Readonly<Record<string, number>>
  /** SKUs to be published before everything else is recomputed. */
  readonly marked: number
  /** The last reading of each kind. `verdict`: counted; held by a brake; null: it did not end. */
  readonly readings: readonly {
    readonly kind: string
    readonly began: string
    readonly ended: string | null
    readonly verdict: string | null
    readonly reason: string | null
    readonly items: number
    readonly changed: number
  }[]
  readonly channels: readonly ChannelStock[]
}

/** Quantities of one channel by what they are at. `held`: raises that wait until its orders are pulled. */
export interface ChannelStock {
  readonly channel: string
  readonly settled: number
  readonly due: number
  readonly held: number
  readonly on_the_way: number
  readonly unlisted: number
  readonly not_ours: number
  readonly dead: number
}

/** Null where no stock was ever read. Reads only. */
export async function stockStatus(db: Db): Promise<StockStatus | null> {
  const readings = await lastReadings(db)
  if (readings.length === 0) return null
  const skus = await countStock(db)
  const counts = await countPublications(db)
  const channels = [...new Set(counts.map(({ channel }) => channel))]
  return {
    skus: Object.fromEntries(skus.map(({ state, count }) => [state, count])),
    marked: await countMarks(db),
    readings: readings.map(({ began_at, ended_at, ...row }) => ({
      kind: row.kind,
      began: new Date(began_at).toISOString(),
      ended: ended_at === null ? null : new Date(ended_at).toISOString(),
      verdict: row.verdict,
      reason: row.reason,
      items: row.items,
      changed: row.changed,
    })),
    channels: channels.map((channel) => {
      const sum = (states: readonly string[], held?: 0 | 1) =>
        counts
          .filter((row) => row.channel === channel && states.includes(row.state) && (held === undefined || row.held === held))
          .reduce((total, { count }) => total + count, 0)
      return {
        channel,
        settled: sum(['settled']),
        due: sum(['due'], 0),
        held: sum(['due'], 1),
        on_the_way: sum(['sending', 'reported']),
        unlisted: sum(['unlisted']),
        not_ours: sum(['not-ours']),
        dead: sum(['dead']),
      }
    }),
  }
}
