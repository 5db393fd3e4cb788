import type { Run } from '../context.ts'
import { inboxBacklog } from '../db/inbox.ts'
import { pastsOf } from '../db/runs.ts'

/** Oldest delivery that may wait before the server says that it does not keep up. */
const OLDEST_MS = 15 * 60_000

/** Whether deliveries may be sent here. Ages in seconds. */
export interface Readiness {
  readonly ready: boolean
  readonly checks: readonly { readonly check: string; readonly ok: boolean; readonly detail: string }[]
  /** Seconds since each watched command last succeeded; null: never. For people: it makes nobody unready, since webhooks are no less welcome when cron stands still. */
  readonly last_success_age_s: Readonly<Record<string, number | null>>
}

/** Asks the database, once. Throws what the database throws. */
export async function readiness(run: Run, maxBacklog: number): Promise<Readiness> {
  const now = run.clock.now()
  const backlog = await inboxBacklog(run.db, now)
  const waiting = backlog.reduce((sum, { count }) => sum + count, 0)
  // What a vendor keeps waiting is due again only later: it is not this server that is slow.
  const slow = backlog.filter(({ due, oldest }) => due > 0 && now - oldest > OLDEST_MS)
  const checks = [
    { check: 'database', ok: true, detail: 'answers' },
    { check: 'backlog', ok: waiting < maxBacklog, detail: `${waiting} deliveries wait` },
    {
      check: 'pace',
      ok: slow.length === 0,
      detail: slow.length === 0 ? 'keeps up' : `behind with ${slow.map(({ provider }) => provider).join(', ')}`,
    },
  ]
  const pasts = await pastsOf(run.db, run.settings.watch.intervals.keys())
  const ages = pasts.map(({ command, lastSuccess }) => [
    command,
    lastSuccess === undefined ? null : Math.round((now - lastSuccess) / 1000),
  ])
  return { ready: checks.every(({ ok }) => ok), checks, last_success_age_s: Object.fromEntries(ages) }
}
