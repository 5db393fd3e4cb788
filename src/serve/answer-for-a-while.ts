import type { Clock } from '../core/ports/system.ts'

/** `work` whose answer, or failure, is given to whoever asks within `ms` of its start: asking often costs nothing. */
export function sharedFor<T>(clock: Clock, ms: number, work: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly answer: Promise<T> } | undefined
  return () => {
    const now = clock.now()
    if (last === undefined || Math.abs(now - last.at) >= ms) last = { at: now, answer: work() }
    return last.answer
  }
}
