import type { Clock, Log, LogFields } from '../core/ports/system.ts'

const EVERY_MS = 60_000

/** A log for what strangers can cause as often as they like. */
export interface SeldomLog {
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
}

/** Of each message one line a minute, which tells how many there were since the last one (`times`). The fields are those of the newest. */
export function seldom(log: Log, clock: Clock): SeldomLog {
  const said = new Map<string, { at: number; unsaid: number }>()

  function say(level: 'warn' | 'error', fields: LogFields, message: string): void {
    const now = clock.now()
    const last = said.get(message)
    if (last !== undefined && Math.abs(now - last.at) < EVERY_MS) {
      last.unsaid += 1
      return
    }
    log[level]({ ...fields, times: 1 + (last?.unsaid ?? 0) }, message)
    said.set(message, { at: now, unsaid: 0 })
  }

  return {
    warn: (fields, message) => say('warn', fields, message),
    error: (fields, message) => say('error', fields, message),
  }
}
