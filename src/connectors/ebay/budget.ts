import { ThrottledError } from '../../core/errors.ts'
import type { Gate } from '../http/gate.ts'
import type { EbaySettings } from './settings.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Percent of the day's Trading calls that stock leaves for orders and packages, which somebody waits for. */
const RESERVE_PCT = 20
const OVER_NOTE = 'trading_over'

/** `stock` leaves the reserve of the day to `orders`: orders, packages, a person's question. */
export type Purse = 'orders' | 'stock'

/** The Trading calls of a day, which eBay counts for a keyset (contract section 7): shared by all processes of all channels that have it. */
export interface Budget {
  /** Takes one call of the day's. Throws ThrottledError that says what is used up and until when. */
  take(operation: string, purse: Purse): Promise<void>
  /** Error 518. Returns the milliseconds until it is worth asking again. */
  dayIsOver(): Promise<number>
  /** What is known of the day, in words. */
  describe(): Promise<string>
}

export function createBudget(
  { account, shared, clock }: Gate,
  settings: Pick<EbaySettings, 'dailyCalls' | 'credentials'>,
): Budget {
  const { dailyCalls } = settings
  const keyset = shared.common(`ebay keyset ${settings.credentials.appId}`)
  const reserve = Math.floor((dailyCalls * RESERVE_PCT) / 100)

  return {
    async take(operation, purse) {
      const now = clock.now()
      const spent = (what: string, until: number) =>
        new ThrottledError(`not called: ${what}; next try at ${new Date(until).toISOString()}`, {
          account,
          operation,
          waitMs: Math.max(1, until - now),
        })
      const over = Number(await keyset.recall(OVER_NOTE))
      if (over > now) throw spent("eBay says that the day's Trading calls of the keyset are used up", over)
      // A bucket for each day that does not refill within it: a plain count that all processes share.
      const most = purse === 'stock' ? dailyCalls - reserve : dailyCalls
      const waitMs = await keyset.take(`day ${dayInCalifornia(now)}`, { perSecond: 1000 / DAY_MS, burst: Math.max(1, most) })
      if (waitMs <= 0) return
      const kept = purse === 'stock' ? `, ${reserve} of them kept for orders` : ''
      throw spent(
        `the keyset's day has ${dailyCalls} Trading calls by daily_calls${kept}, and they are used`,
        nextDayInCalifornia(now),
      )
    },

    async dayIsOver() {
      const now = clock.now()
      // Sources disagree about when the day ends: one call an hour finds out, at the price of a call that costs nothing any more.
      const until = Math.min(nextDayInCalifornia(now), now + HOUR_MS)
      await keyset.remember(OVER_NOTE, String(until), until)
      return until - now
    },

    async describe() {
      const over = Number(await keyset.recall(OVER_NOTE))
      const rest = over > clock.now() ? `; eBay says that they are used up, next try at ${new Date(over).toISOString()}` : ''
      return `${dailyCalls} Trading calls a day for all channels of the keyset (daily_calls), ${reserve} of them kept for orders and packages${rest}`
    },
  }
}

/** Made when it is first needed: it takes 20 ms, which no command that asks eBay nothing should pay. */
let californianDay: Intl.DateTimeFormat | undefined

function dayInCalifornia(now: number): string {
  californianDay ??= new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Los_Angeles', dateStyle: 'short' })
  return californianDay.format(now)
}

/** Epoch ms, to the hour: midnight falls on a full hour in summer and winter. */
export function nextDayInCalifornia(now: number): number {
  const today = dayInCalifornia(now)
  let at = (Math.floor(now / HOUR_MS) + 1) * HOUR_MS
  while (dayInCalifornia(at) === today) at += HOUR_MS
  return at
}
