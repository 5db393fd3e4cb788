import type { Book } from './state.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60_000

/** Calls of one operation in any second and in any minute (contract section 6). */
export interface Limit {
  readonly perSecond?: number
  readonly perMinute: number
}

/** Counts the call, or says that it is one too many; a refused call does not count. */
export function takeCall(book: Book, operation: string, limit: Limit, now: number): boolean {
  const recent = (book.callTimes.get(operation) ?? []).filter((at) => at > now - MINUTE_MS && at <= now)
  book.callTimes.set(operation, recent)
  const inSecond = recent.filter((at) => at > now - SECOND_MS).length
  if (recent.length >= limit.perMinute || inSecond >= (limit.perSecond ?? limit.perMinute)) return false
  recent.push(now)
  return true
}
