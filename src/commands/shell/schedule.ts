import { StoppedError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/system.ts'
import type { Job } from './crontab.ts'

const MINUTE_MS = 60_000
/** After a standstill that was longer than this, what was missed before it is not made up for. */
const LOOK_BACK_MS = 24 * 60 * MINUTE_MS

interface Schedule {
  readonly jobs: readonly Job[]
  readonly clock: Clock
  /** What came due after this is started (epoch ms). */
  readonly since: number
  /** Nothing is started after it. */
  readonly signal: AbortSignal
  /** Starts a job and settles when it has ended. Never rejects. */
  readonly start: (job: Job) => Promise<void>
  /** A job is due, and the one before it is still at work. */
  readonly skipped: (job: Job) => void
}

/**
 * What cron does, for where there is none: starts each job at its minutes, by UTC, until it is told to stop, and then waits for what is at
 * work. A job never runs twice at once. What came due while this process stood still is started once.
 */
export async function runSchedule({ jobs, clock, since, signal, start, skipped }: Schedule): Promise<void> {
  const atWork = new Map<Job, Promise<void>>()
  let seenUntil = since
  do {
    const now = clock.now()
    for (const job of jobs.filter(({ at }) => isDue(at, Math.max(seenUntil, now - LOOK_BACK_MS), now))) {
      if (atWork.has(job)) skipped(job)
      else
        atWork.set(
          job,
          start(job).finally(() => atWork.delete(job)),
        )
    }
    // A clock that is set back is believed: else nothing would start until it has caught up.
    seenUntil = now
  } while (await untilNextMinute(clock, signal))
  await Promise.all(atWork.values())
}

/** False: stopped. */
async function untilNextMinute(clock: Clock, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(MINUTE_MS - (clock.now() % MINUTE_MS), signal)
    return !signal.aborted
  } catch (error) {
    if (error instanceof StoppedError) return false
    throw error
  }
}

/** Whether `2-59/5 * * * *` has a minute after `from` and not after `to` (epoch ms). Only minute and hour are ever other than `*` in our schedule. */
export function isDue(at: string, from: number, to: number): boolean {
  const [minute = '', hour = ''] = at.split(' ')
  for (let time = (Math.floor(from / MINUTE_MS) + 1) * MINUTE_MS; time <= to; time += MINUTE_MS) {
    const date = new Date(time)
    if (fits(minute, date.getUTCMinutes()) && fits(hour, date.getUTCHours())) return true
  }
  return false
}

/** A list of `*`, `5`, `2-59`, each with or without a step. */
function fits(field: string, value: number): boolean {
  return field.split(',').some((part) => {
    const [range = '', step = '1'] = part.split('/')
    const [from = 0, to = range === '*' ? 59 : from] = range === '*' ? [] : range.split('-').map(Number)
    return value >= from && value <= to && (value - from) % Number(step) === 0
  })
}
