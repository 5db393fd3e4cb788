import type { RateRule } from '../../core/ports/account.ts'

/** Every operation of a key pair draws on the same budget (contract section 2). */
export const BUCKET = 'all'

const DEFAULT_WAIT_MS = 60_000
const LONGEST_WAIT_S = 900
const RESERVE = 4

/**
 * The vendor counts in fixed windows of one minute, a token bucket does not: a full burst just before a window ends plus what flows
 * back in the next would be nearly twice the limit, and halving the bucket to prevent that would halve the throughput. So the bucket
 * only bounds the burst, and the vendor's own count decides: as soon as an answer says that no more than {@link reserveOf} calls
 * are left, nobody calls before the window's end. Each of n callers working side by side makes at most one call whose answer says so
 * before it closes the bucket for all, so n - 1 calls in reserve keep n callers free of 429. The reserve costs a tenth of
 * a window: 100 calls still take three windows, as they would without it.
 */
export function ruleFor(perMinute: number): RateRule {
  return { perSecond: perMinute / 60, burst: Math.max(1, perMinute - reserveOf(perMinute)) }
}

/** Calls of a window that are left unused for callers already under way. */
export function reserveOf(perMinute: number): number {
  return Math.min(RESERVE, Math.floor(perMinute / 5))
}

/** What one answer tells about the vendor's window. */
export interface Budget {
  readonly perMinute?: number
  readonly remaining?: number
  /** Until the window is surely over. */
  readonly waitMs: number
}

/**
 * Reads the X-Rate-Limit headers. Reset is whole seconds, not an instant: one second is added, since it may have been rounded
 * down. 60 s where it is missing or absurd.
 */
export function budgetOf(headers: Readonly<Record<string, string>>): Budget {
  const perMinute = countOf(headers['x-rate-limit-limit'])
  const remaining = countOf(headers['x-rate-limit-remaining'])
  const resetS = countOf(headers['x-rate-limit-reset'] ?? headers['retry-after'])
  return {
    ...(perMinute === undefined || perMinute === 0 ? {} : { perMinute }),
    ...(remaining === undefined ? {} : { remaining }),
    waitMs: resetS === undefined || resetS > LONGEST_WAIT_S ? DEFAULT_WAIT_MS : (resetS + 1) * 1000,
  }
}

function countOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\s*\d{1,15}\s*$/.test(header) ? Number(header) : undefined
}
