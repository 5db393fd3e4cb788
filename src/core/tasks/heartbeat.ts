import { StoppedError } from '../errors.ts'
import type { Clock } from '../ports/system.ts'

/** What is kept alive lasts this many beats, so that one that comes late does no harm. */
export const BEATS_PER_LEASE = 4

interface Heart {
  readonly clock: Clock
  /** A quarter of the lease. */
  readonly everyMs: number
  readonly signal: AbortSignal
  readonly renew: () => Promise<boolean>
}

/**
 * Runs `work` while `renew` keeps something of ours alive, every `everyMs`. When `renew` answers false, or the lease has run out because
 * no beat came in time, the signal given to `work` aborts: another process may have taken over, so nothing more may be sent.
 */
export async function whileAlive<T>(heart: Heart, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const over = new AbortController()
  const lost = new AbortController()
  const lease = { until: leaseEnd(heart) }
  const beating = beat(heart, lease, over.signal, lost)
  try {
    return await work(watchful(heart, lease, lost))
  } finally {
    over.abort()
    await beating
  }
}

async function beat(heart: Heart, lease: { until: number }, over: AbortSignal, lost: AbortController): Promise<void> {
  for (;;) {
    try {
      await heart.clock.sleep(heart.everyMs, over)
    } catch (error) {
      if (error instanceof StoppedError) return
      throw error
    }
    const next = leaseEnd(heart)
    // A database that does not answer counts as lost: we cannot know that the lease is still ours.
    const alive = await heart.renew().catch(() => false)
    if (over.aborted) return
    if (!alive) {
      lost.abort(new StoppedError('the lease was lost'))
      return
    }
    lease.until = next
  }
}

function leaseEnd({ clock, everyMs }: Heart): number {
  return clock.now() + BEATS_PER_LEASE * everyMs
}

/**
 * A signal that looks at the clock when it is asked: a process that was frozen (SIGSTOP, a sleeping laptop) goes on with its next call
 * before its heart has had the time to find out.
 */
function watchful({ clock, signal }: Heart, lease: { readonly until: number }, lost: AbortController): AbortSignal {
  const either = AbortSignal.any([signal, lost.signal])
  const prototype = Object.getPrototypeOf(either) as AbortSignal
  return Object.defineProperty(either, 'aborted', {
    get() {
      if (!signal.aborted && clock.now() >= lease.until) lost.abort(new StoppedError('the lease has run out'))
      return Reflect.get(prototype, 'aborted', either) as boolean
    },
  })
}
