import type { LeaseHolder } from '../db/leases.ts'
import type { RunRow } from '../db/runs.ts'

/** Whether a process of this host is alive; undefined for another host, where only a lease can tell. */
export type IsAlive = (host: string, pid: number) => boolean | undefined

/** Where no lease speaks for a run of another host it counts as killed after this long. */
const SILENT_MS = 60 * 60_000

/** done, partly, vendor-down, held, failed; without an end: running, killed, or unknown where another host would have to say. */
export function runState(
  { host, pid, started_at: startedAt, verdict }: RunRow,
  leases: readonly LeaseHolder[],
  isAlive: IsAlive,
  now: number,
): string {
  if (verdict !== null) return verdict
  // The lease of a killed process outlives it by minutes.
  const alive = isAlive(host, pid)
  if (alive !== undefined) return alive ? 'running' : 'killed'
  if (leases.some((lease) => lease.host === host && lease.pid === pid && lease.taken_at >= startedAt)) return 'running'
  return now - startedAt > SILENT_MS ? 'killed' : 'unknown'
}
