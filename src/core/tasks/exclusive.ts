import type { Run } from '../context.ts'
import { type LeaseHolder, releaseLease, renewLease, takeLease } from '../db/leases.ts'
import { BEATS_PER_LEASE, whileAlive } from './heartbeat.ts'

/** A lease held by this run: its name and owner, for the check inside a transaction. */
export interface HeldLease {
  readonly name: string
  readonly owner: string
}

export type Exclusive<T> =
  | { readonly ran: true; readonly result: T }
  | { readonly ran: false; readonly holder: LeaseHolder | undefined }

/**
 * Runs `work` while this run holds the lease `<command> <channel>`. When another run holds it, `work` does not run and the holder is
 * returned. A killed holder blocks for at most the lease's length.
 */
export async function exclusively<T>(
  run: Run,
  name: string,
  work: (signal: AbortSignal, lease: HeldLease) => Promise<T>,
): Promise<Exclusive<T>> {
  const owner = run.ids.next()
  const { leaseMs } = run.settings
  const now = run.clock.now()
  const holder = await takeLease(run.db, { name, owner, host: run.host, pid: run.pid, until: now + leaseMs }, now)
  if (holder !== undefined) return { ran: false, holder }
  async function renew(): Promise<boolean> {
    const at = run.clock.now()
    return renewLease(run.db, name, owner, at + leaseMs, at)
  }
  try {
    const result = await whileAlive(
      { clock: run.clock, everyMs: leaseMs / BEATS_PER_LEASE, signal: run.signal, renew },
      (signal) => work(signal, { name, owner }),
    )
    return { ran: true, result }
  } finally {
    await releaseLease(run.db, name, owner)
  }
}
