import type { SandboxClock } from '../stand-in.ts'
import { isRecord } from './wire.ts'

/** What is counted by application and day, all its sellers together (contract section 7). */
export type Api = 'trading' | 'inventory' | 'fulfillment' | 'analytics' | 'token' | 'notification'

const APIS: readonly Api[] = ['trading', 'inventory', 'fulfillment', 'analytics', 'token', 'notification']
const DAY_MS = 86_400_000

const DEFAULT_LIMITS: Readonly<Record<Api, number>> = {
  trading: 5_000,
  inventory: 2_000_000,
  fulfillment: 100_000,
  analytics: 5_000,
  token: 50_000,
  notification: 10_000,
}

export interface Use {
  readonly limit: number
  readonly count: number
  /** Epoch milliseconds. */
  readonly reset: number
}

export interface Quota {
  /** Counts one call; false when the day is used up. */
  take(api: Api, appId: string): boolean
  use(api: Api, appId: string): Use
  /** `'off'`, `'on'` (the defaults) or `{api: calls a day}` over what is set. */
  configure(setting: unknown): void
  /** The vendor's sources disagree about when a day begins. */
  setDay(day: 'pacific' | 'utc'): void
}

const pacific = new Intl.DateTimeFormat('en-US', {
  timeZone: 'America/Los_Angeles',
  hourCycle: 'h23',
  hour: 'numeric',
  minute: 'numeric',
})

export function createQuota(clock: SandboxClock): Quota {
  const counts = new Map<string, { until: number; count: number }>()
  let limits: Record<Api, number> = { ...DEFAULT_LIMITS }
  let day: 'pacific' | 'utc' = 'pacific'

  function bucket(api: Api, appId: string): { until: number; count: number } {
    const now = clock.now()
    const key = `${api} ${appId}`
    const known = counts.get(key)
    // A clock that was set back begins a new day too.
    if (known !== undefined && now < known.until && known.until - now <= DAY_MS + 3_600_000) return known
    const fresh = { until: nextMidnight(now, day), count: 0 }
    counts.set(key, fresh)
    return fresh
  }

  return {
    take(api, appId) {
      const own = bucket(api, appId)
      if (own.count >= limits[api]) return false
      own.count += 1
      return true
    },
    use(api, appId) {
      const { until, count } = bucket(api, appId)
      return { limit: limits[api], count, reset: until }
    },
    configure(setting) {
      if (setting === 'off' || setting === 'on') {
        limits = setting === 'on' ? { ...DEFAULT_LIMITS } : unlimited()
        return
      }
      if (!isRecord(setting)) throw new Error("quotas must be 'off', 'on' or {api: calls a day}")
      for (const [name, calls] of Object.entries(setting)) {
        const api = APIS.find((known) => known === name)
        if (api === undefined) throw new Error(`quotas: no api '${name}'; known: ${APIS.join(', ')}`)
        if (typeof calls !== 'number' || !Number.isInteger(calls) || calls < 0)
          throw new Error(`quotas.${name}: must be a whole number`)
        limits[api] = calls
      }
    },
    setDay(next) {
      day = next
      counts.clear()
    },
  }
}

function unlimited(): Record<Api, number> {
  const most = Number.MAX_SAFE_INTEGER
  return { trading: most, inventory: most, fulfillment: most, analytics: most, token: most, notification: most }
}

function nextMidnight(now: number, day: 'pacific' | 'utc'): number {
  if (day === 'utc') return (Math.floor(now / DAY_MS) + 1) * DAY_MS
  const next = now - sinceMidnight(now) + DAY_MS
  // A day of 23 or 25 hours: what is left to midnight, or what is past it.
  const past = sinceMidnight(next)
  return past > DAY_MS / 2 ? next + DAY_MS - past : next - past
}

function sinceMidnight(at: number): number {
  const parts = new Map(pacific.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
  return (parts.get('hour') ?? 0) * 3_600_000 + (parts.get('minute') ?? 0) * 60_000 + (at % 60_000)
}
