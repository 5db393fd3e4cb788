import { StoppedError } from '../../src/core/errors.ts'
import type { Clock } from '../../src/core/ports/system.ts'

/** Time that moves only when a test says so. Sleepers wake when it passes them. */
export interface TestClock extends Clock {
  advance(ms: number): Promise<void>
  /** Sleepers that wait at present. */
  sleeping(): number
}

/** 2026-03-02 12:00 UTC, a Monday. */
export const noon = Date.UTC(2026, 2, 2, 12)
export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export function aClock(start: number = noon): TestClock {
  let now = start
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>()
  return {
    now: () => now,
    sleeping: () => sleepers.size,
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        const stop = (): void => {
          sleepers.delete(sleeper)
          reject(new StoppedError('the wait was stopped'))
        }
        const sleeper = {
          until: now + ms,
          wake: () => {
            signal?.removeEventListener('abort', stop)
            resolve()
          },
        }
        if (signal?.aborted === true) {
          reject(new StoppedError('the wait was stopped'))
          return
        }
        signal?.addEventListener('abort', stop, { once: true })
        sleepers.add(sleeper)
      })
    },
    async advance(ms) {
      now += ms
      for (const sleeper of sleepers) {
        if (sleeper.until > now) continue
        sleepers.delete(sleeper)
        sleeper.wake()
      }
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}
