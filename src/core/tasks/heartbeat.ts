import { StoppedError } from '../errors.ts'
import type { Clock } from '../ports/system.ts'

/**
 * Runs `work` while `renew` keeps something of ours alive, every `everyMs`. When `renew` answers false the signal given to `work` aborts:
 * another process may have taken over, so nothing more may be sent.
 */
export async function whileAlive<T>(
  deps: { readonly clock: Clock; readonly everyMs: number; readonly signal: AbortSignal; readonly renew: () => Promise<boolean> },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController()
  const lost = new AbortController()
  const beating = beat(deps, over.signal, lost)
  try {
    return await work(AbortSignal.any([deps.signal, lost.signal]))
  } finally {
    over.abort()
    await beating
  }
}

async function beat(
  { clock, everyMs, renew }: { readonly clock: Clock; readonly everyMs: number; readonly renew: () => Promise<boolean> },
  over: AbortSignal,
  lost: AbortController,
): Promise<void> {
  for (;;) {
    try {
      await clock.sleep(everyMs, over)
    } catch (error) {
      if (error instanceof StoppedError) return
      throw error
    }
    // A database that does not answer counts as lost: we cannot know that the lease is still ours.
    const alive = await renew().catch(() => false)
    if (over.aborted) return
    if (!alive) {
      lost.abort(new StoppedError('the lease was lost'))
      return
    }
  }
}
