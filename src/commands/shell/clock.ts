import { readFileSync, statSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { StoppedError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports/system.ts'

/** Longest delay that a Node timer takes. */
const LONGEST_TIMER_MS = 2_147_483_647
/** How soon a sleeper sees that the shared clock jumped. */
const POLL_MS = 50

export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    async sleep(ms, signal) {
      const until = Date.now() + ms
      do await pause(Math.min(until - Date.now(), LONGEST_TIMER_MS), signal)
      while (Date.now() < until)
    },
  }
}

/**
 * A virtual clock that several processes share through a JSON file `{ anchorReal, anchorVirtual, scale }` (epoch ms, epoch ms, virtual
 * ms per real ms). While the file is absent or unreadable, the last known state holds, at first real time.
 */
export function sharedClock(file: string): Clock {
  let state: ClockState = { anchorReal: 0, anchorVirtual: 0, scale: 1 }
  let version = ''

  function refresh(): void {
    const seen = fileVersion(file)
    if (seen === version || seen === '') return
    const next = readState(file)
    if (next === undefined) return
    version = seen
    state = next
  }

  function now(): number {
    refresh()
    return Math.floor(state.anchorVirtual + (Date.now() - state.anchorReal) * state.scale)
  }

  async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const until = now() + ms
    let left = ms
    do {
      // At scale 0 time stands still and only a jump can end the sleep.
      await pause(state.scale > 0 ? Math.min(Math.ceil(left / state.scale), POLL_MS) : POLL_MS, signal)
      left = until - now()
    } while (left > 0)
  }

  return { now, sleep }
}

interface ClockState {
  readonly anchorReal: number
  readonly anchorVirtual: number
  readonly scale: number
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await wait(Math.max(ms, 0), undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    if (signal?.aborted) throw new StoppedError('the wait was stopped', { cause: signal.reason })
    throw error
  }
}

// A writer renames a new file into place, so two versions differ in their inode even within one tick of the file system's clock.
function fileVersion(file: string): string {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? '' : `${stat.ino}:${stat.mtimeNs}`
}

function readState(file: string): ClockState | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isState(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isState(value: unknown): value is ClockState {
  if (typeof value !== 'object' || value === null) return false
  const { anchorReal, anchorVirtual, scale } = value as Partial<Record<keyof ClockState, unknown>>
  return [anchorReal, anchorVirtual, scale].every(Number.isFinite) && Number(scale) >= 0
}
