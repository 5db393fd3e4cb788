import type { Db } from './db.ts'

export interface NewRun {
  readonly id: string
  readonly command: string
  readonly host: string
  readonly pid: number
}

export async function beginRun(db: Db, run: NewRun, now: number): Promise<void> {
  await db.run('insert into runs (id, command, host, pid, started_at) values (?, ?, ?, ?, ?)', [
    run.id,
    run.command,
    run.host,
    run.pid,
    now,
  ])
}

export interface RunResult {
  readonly verdict: string
  readonly counts: Readonly<Record<string, unknown>>
  readonly calls: Readonly<Record<string, unknown>>
}

export async function endRun(db: Db, id: string, result: RunResult, now: number): Promise<void> {
  await db.run('update runs set ended_at = ?, verdict = ?, counts = ?, calls = ? where id = ?', [
    now,
    result.verdict,
    JSON.stringify(result.counts),
    JSON.stringify(result.calls),
    id,
  ])
}

export interface RunRow {
  readonly id: string
  readonly command: string
  readonly host: string
  readonly pid: number
  readonly started_at: number
  readonly ended_at: number | null
  readonly verdict: string | null
  readonly counts: string | null
  readonly calls: string | null
}

/** The last run of each command, newest first. A run without an end was killed or is still going. */
export async function lastRuns(db: Db): Promise<RunRow[]> {
  return db.rows(
    `select r.id, r.command, r.host, r.pid, r.started_at, r.ended_at, r.verdict, r.counts, r.calls from runs r
     join (select command, max(started_at) as latest from runs group by command) l on l.command = r.command and l.latest = r.started_at
     order by r.started_at desc`,
  )
}
