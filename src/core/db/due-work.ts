import type { TaskKind } from '../model/task.ts'
import type { Db } from './db.ts'
import { UNJUDGED } from './publications.ts'

/** Tasks of one kind and channel that may be worked on now. */
export interface DueTasks {
  readonly kind: TaskKind
  readonly channel: string
  readonly count: number
}

/** What is due among the tasks, by kind and channel. Cheap while little is: it walks what is not over. */
export async function dueTasks(db: Db, now: number): Promise<DueTasks[]> {
  // Each kind and state by itself: so the index is used on both databases, however many tasks are done.
  const rows = await db.rows<DueTasks>(
    `select kind, channel, count(*) as count from tasks
     where kind in ('push', 'confirm', 'acknowledge', 'notify') and state in ('pending', 'waiting') and next_attempt_at <= ?
     group by kind, channel
     union all
     select kind, channel, count(*) as count from tasks
     where kind in ('push', 'confirm', 'acknowledge', 'notify') and state = 'running' and lease_until < ?
     group by kind, channel`,
    [now, now],
  )
  return rows.map((row) => ({ ...row, count: Number(row.count) }))
}

/** Which of these channels have quantities that may be told now, or that the raise guard has yet to look at, or a report to be read. */
export async function channelsDue(db: Db, channels: readonly string[], now: number): Promise<string[]> {
  const due: string[] = []
  // One step down the index for each, whatever the size of the table.
  for (const channel of channels) {
    const found = await db.rows(
      `select 1 as one where exists (select 1 from publications where channel = ? and state in ('due', 'reported')
           and next_attempt_at <= ? and (held is null or held = ?))
         or exists (select 1 from publications where channel = ? and state = 'sending' and lease_until < ?)`,
      [channel, now, UNJUDGED, channel, now],
    )
    if (found.length > 0) due.push(channel)
  }
  return due
}
