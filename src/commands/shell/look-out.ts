import { setTimeout } from 'node:timers/promises'

/** Looks again and again, with `everyMs` before each look, until there is something to be seen; undefined when `signal` aborts before. */
export async function lookOut<T>(
  everyMs: number,
  signal: AbortSignal,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  while (!signal.aborted) {
    await setTimeout(everyMs, undefined, { signal }).catch(() => undefined)
    const seen = signal.aborted ? undefined : await look()
    if (seen !== undefined) return seen
  }
  return undefined
}
