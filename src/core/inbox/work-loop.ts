import type { Run } from '../context.ts'
import { type Backlog, inboxBacklog } from '../db/inbox.ts'
import { isConnectorError, StoppedError } from '../errors.ts'
import { dueJobs, type Job } from './due-jobs.ts'
import type { Hands } from './hands.ts'

/** Jobs at work side by side. Nearly all of the time they wait for vendors, a throttled one for minutes: the others must not wait with it. */
const MOST_AT_ONCE = 32
/** Looks lie at least this far apart: what comes in a flood is found together. */
const LOOK_GAP_MS = 50
/** And this many times as far as they take, up to the last: with fifty thousand deliveries waiting, looking must not be all that is done. */
const LOOK_SHARE = 4
const LONGEST_GAP_MS = 500
/** A job that was due and could do nothing (paused, held elsewhere, throttled) rests this long, then twice as long, up to the last. */
const FIRST_REST_MS = 2_000
const LONGEST_REST_MS = 60_000
/** After an error of the database or of our own. */
const AFTER_ERROR_MS = 5_000

export interface LoopSettings {
  readonly tickMs: number
  /** Said after each look, so that whoever takes deliveries knows how many wait. */
  readonly onBacklog: (backlog: readonly Backlog[]) => void
}

export interface WorkLoop {
  /** Something new is due: looks at once. */
  wake(): void
  /** Resolves when the run's signal has aborted and everything in flight has ended. */
  readonly ended: Promise<void>
}

interface Pace {
  startedAt: number
  /** Not again before. */
  restsUntil: number
  idleMs: number
}

/**
 * Works whatever is due, by the same use cases as the commands and under the same leases: what webhooks brought, tasks, quantities, messages to
 * people. Each kind of work, and each channel in it, is a job of its own that never waits for another; the one that was longest at rest goes first.
 */
export function startWorkLoop(run: Run, hands: Hands, settings: LoopSettings): WorkLoop {
  const busy = new Map<string, Promise<void>>()
  const paces = new Map<string, Pace>()
  let woken = false
  let endNap = () => {}

  function wake(): void {
    woken = true
    endNap()
  }

  async function nap(ms: number): Promise<void> {
    if (woken || run.signal.aborted) {
      woken = false
      return
    }
    const over = new AbortController()
    endNap = () => over.abort()
    await run.clock.sleep(ms, AbortSignal.any([over.signal, run.signal])).catch(onlyStopped)
    woken = false
  }

  async function work(job: Job, pace: Pace): Promise<void> {
    try {
      const useful = await job.work()
      const now = run.clock.now()
      pace.idleMs = useful ? 0 : Math.min(Math.max(pace.idleMs * 2, FIRST_REST_MS), LONGEST_REST_MS)
      pace.restsUntil = useful ? pace.startedAt + job.everyMs : now + Math.max(pace.idleMs, job.everyMs)
    } catch (error) {
      pace.restsUntil = run.clock.now() + AFTER_ERROR_MS
      if (!(error instanceof StoppedError)) logFailure(run, job.key, error)
    } finally {
      busy.delete(job.key)
      wake()
    }
  }

  function start(jobs: readonly Job[]): void {
    const now = run.clock.now()
    const ready = jobs
      .filter(({ key }) => !busy.has(key))
      .map((job) => ({ job, pace: paceOf(paces, job.key) }))
      // Nobody rests longer: the clock was set back.
      .filter(({ pace }) => pace.restsUntil <= now || pace.restsUntil > now + LONGEST_REST_MS)
      .sort((a, b) => a.pace.startedAt - b.pace.startedAt)
    for (const { job, pace } of ready.slice(0, MOST_AT_ONCE - busy.size)) {
      pace.startedAt = now
      busy.set(job.key, work(job, pace))
    }
  }

  async function loop(): Promise<void> {
    while (!run.signal.aborted) {
      let napMs = settings.tickMs
      const began = run.clock.now()
      try {
        const backlog = await inboxBacklog(run.db, run.clock.now())
        settings.onBacklog(backlog)
        if (busy.size < MOST_AT_ONCE) start(await dueJobs(run, hands, backlog))
      } catch (error) {
        napMs = AFTER_ERROR_MS
        logFailure(run, 'looking for work', error)
      }
      const took = run.clock.now() - began
      const gapMs = Math.max(LOOK_GAP_MS, Math.min(took * LOOK_SHARE, LONGEST_GAP_MS))
      await run.clock.sleep(gapMs, run.signal).catch(onlyStopped)
      await nap(napMs)
    }
    await Promise.allSettled(busy.values())
  }

  return { wake, ended: loop() }
}

function paceOf(paces: Map<string, Pace>, key: string): Pace {
  const known = paces.get(key)
  if (known !== undefined) return known
  const pace = { startedAt: 0, restsUntil: 0, idleMs: 0 }
  paces.set(key, pace)
  return pace
}

function onlyStopped(error: unknown): void {
  if (!(error instanceof StoppedError)) throw error
}

/** One job's mishap is logged and ends nothing: the work is due again. */
function logFailure(run: Run, job: string, error: unknown): void {
  const what = isConnectorError(error) || !(error instanceof Error) ? String(error) : `${error.name}: ${error.message}`
  run.log.error({ step: 'serve', job, error: what }, 'a job failed')
}
