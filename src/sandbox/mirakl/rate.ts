import type { SandboxReply } from '../stand-in.ts'
import type { Account } from './model.ts'
import { fail } from './wire.ts'

const SECOND = 1000
const MINUTE = 60_000

/** Takes one call from the account's allowance (section 7), or answers 429. */
export function throttle(account: Account, operation: string, now: number): SandboxReply | undefined {
  const wait = Math.max(bucketWait(account, now), minuteWait(account, operation, now), gapWait(account, operation, now))
  if (wait > 0) return tooMany(account, wait)
  account.tokens -= 1
  const { per_minute, every_ms } = account.settings.rate_limits
  if (per_minute[operation] !== undefined) account.callTimes.get(operation)?.push(now)
  if (every_ms[operation] !== undefined) account.lastCalls.set(operation, now)
  return undefined
}

function bucketWait(account: Account, now: number): number {
  const { per_second, burst } = account.settings.rate_limits
  if (per_second <= 0) {
    account.tokens = burst
    return 0
  }
  // A clock that was set back must not lock the account out.
  const elapsed = Math.max(0, now - account.refilledAt)
  account.tokens = Math.min(burst, account.tokens + (elapsed / SECOND) * per_second)
  account.refilledAt = now
  return account.tokens >= 1 ? 0 : ((1 - account.tokens) / per_second) * SECOND
}

function minuteWait(account: Account, operation: string, now: number): number {
  const allowed = account.settings.rate_limits.per_minute[operation]
  if (allowed === undefined) return 0
  const recent = (account.callTimes.get(operation) ?? []).filter((at) => at > now - MINUTE && at <= now)
  account.callTimes.set(operation, recent)
  if (recent.length < allowed) return 0
  const first = recent[recent.length - allowed] ?? now
  return first + MINUTE - now
}

function gapWait(account: Account, operation: string, now: number): number {
  const gap = account.settings.rate_limits.every_ms[operation]
  const last = account.lastCalls.get(operation)
  if (gap === undefined || last === undefined || last > now) return 0
  return Math.max(0, last + gap - now)
}

function tooMany(account: Account, waitMs: number): SandboxReply {
  const { retry_after } = account.settings.rate_limits
  const reply = fail(429, 'Too many requests')
  if (retry_after === false) return reply
  const wait = retry_after === true ? Math.max(1, Math.ceil(waitMs / SECOND)) : retry_after
  return { ...reply, headers: { 'retry-after': String(wait) } }
}
