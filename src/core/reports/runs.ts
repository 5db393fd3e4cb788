import * as z from 'zod'
import type { RunProblem } from '../context.ts'
import type { Db } from '../db/db.ts'
import { listLeases } from '../db/leases.ts'
import { eventsOfRun, findRun, listRuns, type RunEventRow, type RunFilter, type RunRow } from '../db/runs.ts'
import { type IsAlive, runState } from './run-state.ts'

/** One run of a command as operators see it. Times ISO 8601 UTC. */
export interface RunDocument {
  readonly id: string
  readonly command: string
  readonly started: string
  /** Null: it is running, or was killed. */
  readonly ended: string | null
  readonly duration_s: number | null
  /** As {@link runState} has it. */
  readonly verdict: string
  readonly host: string
  readonly pid: number
  readonly counts: Readonly<Record<string, unknown>>
  /** By account, by the vendor's name of the call. */
  readonly calls: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly problems: readonly RunProblem[]
}

/** A run with what it did: its events, the oldest first. `more`: there are more than these. */
export interface RunReport {
  readonly run: RunDocument
  readonly events: readonly RunEvent[]
  readonly more: boolean
}

export interface RunEvent {
  readonly at: string
  readonly entity: string
  readonly entity_id: string
  readonly what: string
  readonly detail: unknown
}

/** Runs, the newest first. Reads only. */
export async function runsReport(
  db: Db,
  filter: RunFilter & { readonly limit: number },
  isAlive: IsAlive,
  now: number,
): Promise<readonly RunDocument[]> {
  const leases = await listLeases(db, now)
  const rows = await listRuns(db, filter, filter.limit)
  return rows.map((row) => documentOf(row, runState(row, leases, isAlive, now)))
}

/** One run with its events; undefined: there is no such run. Reads only. */
export async function runReport(
  db: Db,
  id: string,
  limit: number,
  isAlive: IsAlive,
  now: number,
): Promise<RunReport | undefined> {
  const row = await findRun(db, id)
  if (row === undefined) return undefined
  const leases = await listLeases(db, now)
  const events = await eventsOfRun(db, row, limit + 1)
  return {
    run: documentOf(row, runState(row, leases, isAlive, now)),
    events: events.slice(0, limit).map(eventOf),
    more: events.length > limit,
  }
}

const counted = z.record(z.string(), z.unknown())
const called = z.record(z.string(), z.record(z.string(), z.number()))
const told = z.array(z.object({ channel: z.string(), what: z.string(), why: z.string(), next: z.string() }))

function documentOf({ started_at: from, ended_at: to, ...row }: RunRow, verdict: string): RunDocument {
  return {
    id: row.id,
    command: row.command,
    started: new Date(from).toISOString(),
    ended: to === null ? null : new Date(to).toISOString(),
    duration_s: to === null ? null : (to - from) / 1000,
    verdict,
    host: row.host,
    pid: row.pid,
    counts: row.counts === null ? {} : counted.parse(JSON.parse(row.counts)),
    calls: row.calls === null ? {} : called.parse(JSON.parse(row.calls)),
    problems: row.problems === null ? [] : told.parse(JSON.parse(row.problems)),
  }
}

function eventOf({ at, entity, entity_id, what, detail }: RunEventRow): RunEvent {
  const parsed: unknown = detail === null ? null : JSON.parse(detail)
  return { at: new Date(at).toISOString(), entity, entity_id, what, detail: parsed }
}
