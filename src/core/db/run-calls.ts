import type { CallCounts } from '../ports/gate.ts'
import type { Db } from './db.ts'
import type { Stretch } from './latencies.ts'

/** By account. */
export type CallsByAccount = Readonly<Record<string, CallCounts>>

/** A quarter of an hour: every time zone's days begin with one. */
export const CALLS_PERIOD_MS = 900_000

/** The period that an instant lies in, by its beginning. */
export function periodOf(at: number): number {
  return at - (at % CALLS_PERIOD_MS)
}

/** What a run asked in one period, in place of what was written of it before. */
export async function writeRunCalls(db: Db, runId: string, period: number, calls: CallsByAccount): Promise<void> {
  await db.run(
    'insert into run_calls (run_id, from_at, calls) values (?, ?, ?) on conflict (run_id, from_at) do update set calls = excluded.calls',
    [runId, period, JSON.stringify(calls)],
  )
}

/** JSON { account: { operation: calls } } of each run and period that begins in the stretch. */
export async function runCallsBetween(db: Db, { from, to }: Stretch): Promise<string[]> {
  const rows = await db.rows<{ calls: string }>(
    'select calls from run_calls where from_at >= ? and from_at < ? order by from_at, run_id',
    [from, to],
  )
  return rows.map(({ calls }) => calls)
}
