import type { SandboxReply } from '../stand-in.ts'
import type { Settings } from './settings.ts'
import { fail } from './wire.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

interface Use {
  /** Of the fixed minute. */
  start: number
  used: number
  /** Of the rolling one: when calls were taken, oldest first. */
  times: number[]
  /** Number of the day, and calls taken on it. */
  day: number
  usedToday: number
}

export interface Limits {
  /** Takes one call of the organization, or refuses it: 429 with code 45 (day) or 44 (minute). Refused calls count for nothing. */
  take(organizationId: string, settings: Settings, now: number): SandboxReply | undefined
  headers(organizationId: string, settings: Settings, now: number): Record<string, string>
  /** By code. */
  refused(): Readonly<Record<string, number>>
}

/** Calls per minute and per day, of all tokens of one organization together: contract section 7. */
export function createLimits(): Limits {
  const uses = new Map<string, Use>()
  const refused: Record<string, number> = { '44': 0, '45': 0 }

  function useOf(organizationId: string, settings: Settings, now: number): Use {
    const use = uses.get(organizationId) ?? { start: now, used: 0, times: [], day: 0, usedToday: 0 }
    uses.set(organizationId, use)
    if (now < use.start || now >= use.start + MINUTE_MS) Object.assign(use, { start: now, used: 0 })
    use.times = use.times.filter((at) => at > now - MINUTE_MS && at <= now)
    const day = dayOf(settings, now)
    if (day !== use.day) Object.assign(use, { day, usedToday: 0 })
    return use
  }

  function refuse(code: 44 | 45, message: string): SandboxReply {
    refused[code] = (refused[code] ?? 0) + 1
    return fail(429, code, message)
  }

  return {
    take(organizationId, settings, now) {
      const use = useOf(organizationId, settings, now)
      const { calls_per_day: perDay, calls_per_minute: perMinute } = settings
      if (perDay > 0 && use.usedToday >= perDay)
        return refuse(45, 'You have exceeded the maximum call rate limit of your plan for today. Please try again tomorrow.')
      const taken = settings.minute === 'fixed' ? use.used : use.times.length
      if (perMinute > 0 && taken >= perMinute)
        return refuse(
          44,
          'For security reasons you have been blocked for some time as you have exceeded the maximum number of requests per minute.',
        )
      use.used += 1
      if (settings.minute === 'rolling') use.times.push(now)
      use.usedToday += 1
      return undefined
    },
    headers(organizationId, settings, now) {
      if (!settings.rate_limit_headers || settings.calls_per_day === 0) return {}
      const { day, usedToday } = useOf(organizationId, settings, now)
      const ends = (day + 1) * DAY_MS + settings.day_begins_utc_minutes * MINUTE_MS
      return {
        'x-rate-limit-limit': String(settings.calls_per_day),
        'x-rate-limit-remaining': String(Math.max(0, settings.calls_per_day - usedToday)),
        'x-rate-limit-reset': String(Math.ceil((ends - now) / 1000)),
      }
    },
    refused: () => ({ ...refused }),
  }
}

function dayOf({ day_begins_utc_minutes: begins }: Settings, now: number): number {
  return Math.floor((now - begins * MINUTE_MS) / DAY_MS)
}
