import type { SandboxClock } from '../stand-in.ts'
import { isRecord } from './wire.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
/** Of one account in one minute, and upload files of it in one hour (contract section 8). */
const DEFAULT_LIMITS = { requests: 2000, uploads: 60 }
type Limit = keyof typeof DEFAULT_LIMITS

export interface Limits {
  /** Counts one; false when the account has had its share. Nothing tells when it may come again. */
  take(account: string, limit: Limit): boolean
  /** `'off'`, `'on'`, or `{requests?, uploads?}`. */
  configure(setting: unknown): void
}

export function createLimits(clock: SandboxClock): Limits {
  let limits: Record<Limit, number> = { ...DEFAULT_LIMITS }
  const windows = new Map<string, { readonly index: number; count: number }>()
  const spans: Record<Limit, number> = { requests: MINUTE_MS, uploads: HOUR_MS }

  return {
    take(account, limit) {
      const key = `${limit} ${account}`
      const index = Math.floor(clock.now() / spans[limit])
      const known = windows.get(key)
      const window = known?.index === index ? known : { index, count: 0 }
      windows.set(key, window)
      if (window.count >= limits[limit]) return false
      window.count += 1
      return true
    },
    configure(setting) {
      if (setting === 'on') limits = { ...DEFAULT_LIMITS }
      else if (setting === 'off') limits = { requests: Number.MAX_SAFE_INTEGER, uploads: Number.MAX_SAFE_INTEGER }
      else if (isRecord(setting)) {
        for (const [name, value] of Object.entries(setting)) {
          if (name !== 'requests' && name !== 'uploads') throw new Error(`limits: no limit '${name}'; known: requests, uploads`)
          if (typeof value !== 'number' || !Number.isInteger(value) || value < 0)
            throw new Error(`limits.${name}: must be a whole number`)
          limits[name] = value
        }
      } else throw new Error("limits must be 'off', 'on' or {requests, uploads}")
    },
  }
}
