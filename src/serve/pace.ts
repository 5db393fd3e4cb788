/** Senders that are remembered at once. Who is forgotten begins with a full allowance. */
const MOST_SENDERS = 20_000
/** A clock that was set back by more than this locks nobody out until it is as late again as it was. */
const LONGEST_STEP_MS = 60_000

/** Whether a sender may send now. */
export interface PaceLimit {
  /** Milliseconds until it may; 0: now, and it was counted. */
  take(sender: string, now: number): number
}

/** So many requests a minute for each sender, a quarter of them at once (GCRA: one number a sender). */
export function limitPace(perMinute: number): PaceLimit {
  const gapMs = 60_000 / perMinute
  const burstMs = (perMinute / 4) * gapMs
  /** When each sender's allowance is full again. */
  const fullAt = new Map<string, number>()
  return {
    take(sender, now) {
      const known = fullAt.get(sender) ?? 0
      const next = (known - now > burstMs + LONGEST_STEP_MS ? now : Math.max(known, now)) + gapMs
      const waitMs = next - now - burstMs
      if (waitMs > 0) return Math.ceil(waitMs)
      // Set anew, so that the map's order is that of their last requests.
      fullAt.delete(sender)
      if (fullAt.size >= MOST_SENDERS) fullAt.delete(fullAt.keys().next().value ?? '')
      fullAt.set(sender, next)
      return 0
    },
  }
}
