/** Longest wait we believe: a header that names more is a mistake of the vendor's or a proxy's. */
const LONGEST_WAIT_MS = 15 * 60_000

/** `Retry-After` as seconds or as an HTTP date -> milliseconds, at least 1 s. Undefined when absent or unreadable. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  const text = header.trim()
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  if (!Number.isFinite(ms)) return undefined
  return Math.min(Math.max(ms, 1000), LONGEST_WAIT_MS)
}
