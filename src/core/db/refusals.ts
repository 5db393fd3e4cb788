import { type Db, insertMany } from './db.ts'

/** Refused requests of one sender for one reason in one hour (epoch ms, a whole hour). */
export interface RefusalCount {
  readonly provider: string
  readonly reason: string
  readonly hour: number
  readonly count: number
}

/** Adds to what all processes counted. */
export async function addRefusals(db: Db, counts: readonly RefusalCount[]): Promise<void> {
  if (counts.length === 0) return
  const adding = 'on conflict (hour, provider, reason) do update set count = refusals.count + excluded.count'
  await db.transaction((tx) => insertMany(tx, 'refusals', counts, adding))
}

/** What was refused since the hour that `since` lies in. */
export async function refusalsSince(db: Db, since: number): Promise<RefusalCount[]> {
  const rows = await db.rows<RefusalCount>(
    'select provider, reason, hour, count from refusals where hour >= ? order by hour desc, provider, reason',
    [hourOf(since)],
  )
  return rows
}

/** The whole hour that an instant lies in. */
export function hourOf(at: number): number {
  return at - (at % 3_600_000)
}
