import type { Db, SqlValue } from './db.ts'

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
  /** The first {@link MOST_PROBLEMS} are kept. */
  readonly problems?: readonly object[]
}

const MOST_PROBLEMS = 50

export async function endRun(db: Db, id: string, result: RunResult, now: number): Promise<void> {
  const problems = result.problems ?? []
  await db.run('update runs set ended_at = ?, verdict = ?, counts = ?, calls = ?, problems = ? where id = ?', [
    now,
    result.verdict,
    JSON.stringify(result.counts),
    JSON.stringify(result.calls),
    problems.length === 0 ? null : db.dialect.storable(JSON.stringify(problems.slice(0, MOST_PROBLEMS))),
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
  /** JSON of a command's own counts. */
  readonly counts: string | null
  /** JSON { account: { operation: calls } }. */
  readonly calls: string | null
  /** JSON list of { channel, what, why, next }. */
  readonly problems: string | null
}

const columns = 'r.id, r.command, r.host, r.pid, r.started_at, r.ended_at, r.verdict, r.counts, r.calls, r.problems'

/** The last run of each command, newest first. A run without an end was killed or is still going. */
export async function lastRuns(db: Db): Promise<RunRow[]> {
  return db.rows(
    `select ${columns} from runs r
     join (select command, max(started_at) as latest from runs group by command) l on l.command = r.command and l.latest = r.started_at
     order by r.started_at desc`,
  )
}

/** Runs without an end, newest first: at work, or killed. */
export async function openRuns(db: Db): Promise<RunRow[]> {
  return db.rows(`select ${columns} from runs r where r.ended_at is null order by r.started_at desc, r.id desc`)
}

export interface RunFilter {
  readonly command?: string
  /** Only runs that did not end well, those without an end among them. */
  readonly failed?: boolean
}

/** Runs, the newest first. */
export async function listRuns(db: Db, { command, failed = false }: RunFilter, limit: number): Promise<RunRow[]> {
  const where = [
    ...(command === undefined ? [] : ['r.command = ?']),
    ...(failed ? [`(r.verdict is null or r.verdict <> 'done')`] : []),
  ]
  const values: SqlValue[] = command === undefined ? [] : [command]
  return db.rows(
    `select ${columns} from runs r ${where.length === 0 ? '' : `where ${where.join(' and ')}`} order by r.started_at desc, r.id desc limit ?`,
    [...values, limit],
  )
}

export async function findRun(db: Db, id: string): Promise<RunRow | undefined> {
  const [row] = await db.rows<RunRow>(`select ${columns} from runs r where r.id = ?`, [id])
  return row
}

/** What a run wrote down of orders, tasks and settings. `detail` is JSON. */
export interface RunEventRow {
  readonly at: number
  readonly entity: string
  readonly entity_id: string
  readonly what: string
  readonly detail: string | null
}

/** The events of a run, oldest first. */
export async function eventsOfRun(
  db: Db,
  run: Pick<RunRow, 'id' | 'started_at' | 'ended_at'>,
  limit: number,
): Promise<RunEventRow[]> {
  // Events have no index by run; those of its time are few.
  const until = run.ended_at === null ? '' : 'and at <= ?'
  return db.rows(
    `select at, entity, entity_id, what, detail from events where at >= ? ${until} and run_id = ? order by at, id limit ?`,
    [run.started_at, ...(run.ended_at === null ? [] : [run.ended_at]), run.id, limit],
  )
}

/** Epoch ms; undefined: never. */
export interface RunPast {
  readonly command: string
  readonly lastSuccess: number | undefined
  readonly lastStart: number | undefined
}

/** When each of these commands was begun last, and when it last ended with its work done, if only in part. */
export async function pastsOf(db: Db, commands: Iterable<string>): Promise<RunPast[]> {
  const pasts: RunPast[] = []
  // One short walk down the index per command: a join over a year of runs would read them all.
  for (const command of commands) {
    const [last] = await db.rows<{ started_at: number }>(
      'select started_at from runs where command = ? order by started_at desc limit 1',
      [command],
    )
    const [good] = await db.rows<{ ended_at: number }>(
      `select ended_at from runs where command = ? and verdict in ('done', 'partly') order by started_at desc limit 1`,
      [command],
    )
    // A server ends no run while it works: it says so now and then.
    if (command === 'serve') {
      const [seen] = await db.rows<{ at: number }>(`select at from cursors where channel = 'serve' and stream = 'alive'`)
      pasts.push({ command, lastStart: last?.started_at, lastSuccess: seen?.at })
      continue
    }
    pasts.push({ command, lastStart: last?.started_at, lastSuccess: good?.ended_at })
  }
  return pasts
}

/** When the first run that is still known began. */
export async function firstRunAt(db: Db): Promise<number | undefined> {
  const [row] = await db.rows<{ first: number | null }>('select min(started_at) as first from runs')
  return row?.first ?? undefined
}
