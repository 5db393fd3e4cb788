import type { SandboxClock } from '../stand-in.ts'
import { isRecord } from './wire.ts'

export type Operation =
  | 'searchOrders'
  | 'getOrder'
  | 'getOrders'
  | 'getOrderV0'
  | 'getOrderItems'
  | 'getOrderAddress'
  | 'getOrderBuyerInfo'
  | 'getOrderItemsBuyerInfo'
  | 'confirmShipment'
  | 'createRestrictedDataToken'
  | 'getMarketplaceParticipations'
  | 'searchListingsItems'
  | 'getListingsItem'
  | 'patchListingsItem'
  | 'createFeedDocument'
  | 'getFeedDocument'
  | 'createFeed'
  | 'getFeed'
  | 'createReport'
  | 'getReport'
  | 'getReportDocument'

/** What a usage plan is for: an operation, or a use of one that has a plan of its own. */
export type Plan = Operation | 'previewListingsItem' | 'createListingsFeed'

interface Rate {
  /** Tokens per second. */
  readonly rate: number
  /** Bucket size. */
  readonly burst: number
}

interface Bucket {
  tokens: number
  at: number
}

/** Default usage plans (contract sections 1 to 4). */
export const DEFAULT_RATES: Readonly<Record<Plan, Rate>> = {
  searchOrders: { rate: 0.0056, burst: 20 },
  getOrder: { rate: 0.5, burst: 30 },
  getOrders: { rate: 0.0167, burst: 20 },
  getOrderV0: { rate: 0.5, burst: 30 },
  getOrderItems: { rate: 0.5, burst: 30 },
  getOrderAddress: { rate: 0.5, burst: 30 },
  getOrderBuyerInfo: { rate: 0.5, burst: 30 },
  getOrderItemsBuyerInfo: { rate: 0.5, burst: 30 },
  confirmShipment: { rate: 2, burst: 10 },
  createRestrictedDataToken: { rate: 1, burst: 10 },
  getMarketplaceParticipations: { rate: 0.016, burst: 15 },
  searchListingsItems: { rate: 5, burst: 5 },
  getListingsItem: { rate: 5, burst: 10 },
  patchListingsItem: { rate: 5, burst: 5 },
  previewListingsItem: { rate: 1, burst: 1 },
  createFeedDocument: { rate: 0.5, burst: 15 },
  getFeedDocument: { rate: 0.0222, burst: 10 },
  createFeed: { rate: 0.0083, burst: 15 },
  // Five in five minutes.
  createListingsFeed: { rate: 0.0167, burst: 5 },
  getFeed: { rate: 2, burst: 15 },
  createReport: { rate: 0.0167, burst: 15 },
  getReport: { rate: 2, burst: 15 },
  getReportDocument: { rate: 0.0167, burst: 15 },
}

// Said in the header while limits are off, so that a client that adopts the header does not wait either.
const UNLIMITED = 1000

export interface Limiter {
  /** Spends one token of the pair (plan, account); false when the bucket is empty. */
  take(plan: Plan, account: string): boolean
  /** The value of x-amzn-RateLimit-Limit (contract section 6). */
  header(plan: Plan): string
  /** `'off'`, `'on'` (the defaults) or `{operation: {rate, burst}}` over what is set. */
  configure(setting: unknown): void
  reset(): void
}

/** One token bucket per plan and account, on virtual time. */
export function createLimiter(clock: SandboxClock): Limiter {
  const buckets = new Map<string, Bucket>()
  let rates: Record<Plan, Rate> = { ...DEFAULT_RATES }
  let off = false

  function reset(): void {
    buckets.clear()
    rates = { ...DEFAULT_RATES }
    off = false
  }

  return {
    take(plan, account) {
      if (off) return true
      const { rate, burst } = rates[plan]
      const now = clock.now()
      const key = `${plan} ${account}`
      const bucket = buckets.get(key) ?? { tokens: burst, at: now }
      bucket.tokens = Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) / 1000) * rate)
      bucket.at = now
      buckets.set(key, bucket)
      // A hair of tolerance: many small refills must add up to a whole token.
      if (bucket.tokens < 1 - 1e-9) return false
      bucket.tokens -= 1
      return true
    },
    header(plan) {
      const rate = off ? UNLIMITED : rates[plan].rate
      return Number.isInteger(rate) ? `${rate}.0` : String(rate)
    },
    configure(setting) {
      if (setting === 'off' || setting === 'on') {
        reset()
        off = setting === 'off'
        return
      }
      if (!isRecord(setting)) throw new Error("rate_limits must be 'off', 'on' or {operation: {rate, burst}}")
      for (const [name, value] of Object.entries(setting)) {
        if (!isPlan(name)) throw new Error(`rate_limits: no operation '${name}'; known: ${Object.keys(DEFAULT_RATES).join(', ')}`)
        rates[name] = readRate(name, value)
      }
      off = false
      buckets.clear()
    },
    reset,
  }
}

function isPlan(name: string): name is Plan {
  return Object.hasOwn(DEFAULT_RATES, name)
}

function readRate(name: string, value: unknown): Rate {
  const { rate, burst } = isRecord(value) ? value : {}
  if (typeof rate !== 'number' || rate <= 0 || typeof burst !== 'number' || burst < 1) {
    throw new Error(`rate_limits.${name}: must be {rate: above 0, burst: 1 or more}`)
  }
  return { rate, burst }
}
