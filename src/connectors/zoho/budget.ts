import { ThrottledError } from '../../core/errors.ts'
import type { RateRule } from '../../core/ports/account.ts'
import type { VendorAnswer } from '../../core/ports/gate.ts'
import type { Gate } from '../http/gate.ts'
import type { ZohoSettings } from './settings.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** India has one time zone without summer time, and the only report of when the day's calls are counted anew says midnight there. */
const INDIA_OFFSET_MS = 5.5 * HOUR_MS
/** Zoho's own limit, for the whole organization. */
const MOST_PER_MINUTE = 100
const BURST = 8
const MINUTE_BUCKET = 'minute'
/** A header that speaks of fewer calls than this does not speak of a day. */
const LEAST_DAILY = 2 * MOST_PER_MINUTE

const notes = { left: 'day_left', quota: 'day_quota', over: 'day_over', pace: 'pace' } as const

/**
 * What a call may use up: `full` reads leave the reserve of the day to `named` ones, which a sale or a person waits for. `pushed`: what somebody's
 * message asks for, and how many messages come is not ours to say. They share half of the day evenly, so that each of the others has its own.
 */
export type Purse = 'full' | 'named' | 'pushed'

/** Part of the day's calls that messages may use, and part of that which may go at once. */
const PUSHED_SHARE = 1 / 2
const PUSHED_AT_ONCE = 1 / 10

/** Both limits of an organization (contract section 7), shared by all processes. */
export interface Budget {
  /** The bucket of the minute. After a 429 with code 44 it fills more slowly for a quarter of an hour. */
  rate(): Promise<{ readonly bucket: string; readonly rule: RateRule }>
  /**
   * Takes one call from the day's, when `ahead` calls (with this one) are left for this purse. Throws ThrottledError that says what is
   * used up and until when.
   */
  takeOfDay(operation: string, purse: Purse, ahead: number): Promise<void>
  /** Reads the X-Rate-Limit headers, where they come. */
  heed(answer: VendorAnswer): Promise<void>
  /** Nobody calls for so long. */
  pause(waitMs: number): Promise<void>
  /** Code 44: somebody else uses the organization's minute too. */
  slowDown(): Promise<void>
  /** Code 45. Returns the milliseconds until it is worth asking again. */
  dayIsOver(answer: VendorAnswer): Promise<number>
  /** What is known of the day, in words. */
  describe(): Promise<string>
}

export function createBudget({ account, shared, clock }: Gate, settings: ZohoSettings): Budget {
  let quotaTold: string | undefined

  async function perMinute(): Promise<number> {
    const slowed = Number((await shared.recall(notes.pace)) ?? settings.ratePerMinute)
    return Math.min(settings.ratePerMinute, slowed)
  }

  async function quota(): Promise<{ readonly calls: number; readonly told: boolean }> {
    const told = await shared.recall(notes.quota)
    return told === undefined ? { calls: settings.dailyCalls, told: false } : { calls: Number(told), told: true }
  }

  async function toldLeft(): Promise<{ readonly left: number; readonly resetAt: number } | undefined> {
    const [left, resetAt] = ((await shared.recall(notes.left)) ?? '').split(' ').map(Number)
    return left === undefined || resetAt === undefined ? undefined : { left, resetAt }
  }

  return {
    async rate() {
      const calls = await perMinute()
      // A full bucket and what flows back within the minute stay below the vendor's hundred.
      const burst = Math.max(1, Math.min(BURST, MOST_PER_MINUTE - calls))
      return { bucket: MINUTE_BUCKET, rule: { perSecond: calls / 60, burst } }
    },

    async takeOfDay(operation, purse, ahead) {
      const now = clock.now()
      const spent = (what: string, until: number) =>
        new ThrottledError(`${what}; next try at ${new Date(until).toISOString()}`, {
          account,
          operation,
          waitMs: Math.max(1, until - now),
        })
      const over = await shared.recall(notes.over)
      if (over !== undefined)
        throw spent("not called: Zoho says that the day's calls of the organization are used up", Number(over))
      const { calls } = await quota()
      if (purse === 'pushed') {
        const share = calls * PUSHED_SHARE
        const rule = { perSecond: (share * 1000) / DAY_MS, burst: Math.max(1, Math.floor(share * PUSHED_AT_ONCE)) }
        const waitMs = await shared.take('messages', rule)
        if (waitMs > 0) throw spent(`not called: messages share half of the day's ${calls} calls evenly`, now + waitMs)
      }
      const reserve = purse === 'full' ? Math.floor((calls * settings.dailyReservePct) / 100) : 0
      const need = ahead > 1 ? `this reading takes about ${ahead} calls` : 'this needs a call'
      const limit = `the day has ${calls}${reserve > 0 ? `, ${reserve} of them kept for single items` : ''}`
      const told = await toldLeft()
      if (calls - reserve < ahead)
        throw spent(`not begun: ${need}, ${limit}. Raise zoho.daily_calls if the plan allows more`, nextMidnightInIndia(now))
      // A bucket for each day that does not refill within it: a plain count that all processes share.
      const rule = { perSecond: 1000 / DAY_MS, burst: calls - reserve - ahead + 1 }
      if (told !== undefined && told.left - reserve < ahead)
        throw spent(`not begun: ${need}, ${limit}, and Zoho says that ${told.left} are left`, told.resetAt)
      const waitMs = await shared.take(`day ${dayInIndia(now)}`, rule)
      // What Zoho tells includes the calls of others, and knows when the day ends.
      if (waitMs > 0 && told === undefined)
        throw spent(`not begun: ${need}, ${limit}, and too many are used`, nextMidnightInIndia(now))
    },

    async heed({ headers }) {
      const [limit, left, resetS] = ['limit', 'remaining', 'reset'].map((name) => countOf(headers[`x-rate-limit-${name}`]))
      const now = clock.now()
      if (limit === undefined || limit < LEAST_DAILY) return
      if (quotaTold !== String(limit)) await shared.remember(notes.quota, String(limit), now + 7 * DAY_MS)
      quotaTold = String(limit)
      if (left === undefined || resetS === undefined || resetS * 1000 > DAY_MS + HOUR_MS) return
      const resetAt = now + (resetS + 1) * 1000
      await shared.remember(notes.left, `${left} ${resetAt}`, resetAt)
    },

    pause: (waitMs) => shared.drain(MINUTE_BUCKET, clock.now() + waitMs),

    async slowDown() {
      const slower = Math.max(10, Math.floor(((await perMinute()) * 2) / 3))
      await shared.remember(notes.pace, String(slower), clock.now() + 15 * MINUTE_MS)
    },

    async dayIsOver({ headers }) {
      const now = clock.now()
      const resetS = countOf(headers['x-rate-limit-reset'] ?? headers['retry-after'])
      const told = resetS !== undefined && resetS > 0 && resetS * 1000 <= DAY_MS + HOUR_MS ? now + (resetS + 1) * 1000 : undefined
      // When the day ends is not documented: one call an hour finds out, at the price of a call that costs nothing any more.
      const until = told ?? Math.min(nextMidnightInIndia(now), now + HOUR_MS)
      await shared.remember(notes.over, String(until), until)
      await shared.drain(MINUTE_BUCKET, until)
      return until - now
    },

    async describe() {
      const [{ calls, told }, left] = [await quota(), await toldLeft()]
      const by = told ? 'as Zoho tells' : 'by zoho.daily_calls; Zoho has not told its own number'
      const rest = left === undefined ? '' : `, ${left.left} left until ${new Date(left.resetAt).toISOString()}`
      return `${calls} calls a day (${by})${rest}; ${await perMinute()} a minute`
    },
  }
}

/** Epoch ms. */
export function nextMidnightInIndia(now: number): number {
  return (Math.floor((now + INDIA_OFFSET_MS) / DAY_MS) + 1) * DAY_MS - INDIA_OFFSET_MS
}

function dayInIndia(now: number): string {
  return new Date(now + INDIA_OFFSET_MS).toISOString().slice(0, 10)
}

function countOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\s*\d{1,12}\s*$/.test(header) ? Number(header) : undefined
}
