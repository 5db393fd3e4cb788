import type { SandboxClock, SandboxReply, SandboxRequest } from '../stand-in.ts'

export interface KeyPair {
  readonly key: string
  readonly secret: string
  /** Keys get an end when they are made (contract section 1). ISO text or epoch milliseconds. */
  readonly expires_at?: string | number
}

export const DEFAULT_KEYS: readonly KeyPair[] = [{ key: 'sandbox-key', secret: 'sandbox-secret' }]
export const DEFAULT_RATE_LIMIT = 40

const WINDOW_MS = 60_000
/** What the headers say when the limit is off. */
const UNLIMITED = 1_000_000

interface Window {
  start: number
  used: number
}

export interface Access {
  /** A refusal, or the key under which the request goes on. */
  admit(request: SandboxRequest): { readonly key: string } | { readonly refusal: SandboxReply }
  /** The three headers that are on every reply (contract section 2). */
  headers(key: string | undefined): Record<string, string>
  throttled(): number
}

export interface AccessSettings {
  keys: readonly KeyPair[]
  rateLimit: number
}

/** HTTP Basic and the budget per key pair in fixed one-minute windows: contract section 2. */
export function createAccess(clock: SandboxClock, settings: AccessSettings): Access {
  const windows = new Map<string, Window>()
  let throttled = 0

  // The grid of a key starts with its first call, so that a run does not depend on the second it starts in.
  function windowOf(key: string): Window {
    const now = clock.now()
    const known = windows.get(key)
    if (known === undefined || now < known.start) {
      const first = { start: now, used: 0 }
      windows.set(key, first)
      return first
    }
    const passed = Math.floor((now - known.start) / WINDOW_MS)
    if (passed > 0) {
      known.start += passed * WINDOW_MS
      known.used = 0
    }
    return known
  }

  function headers(key: string | undefined): Record<string, string> {
    const limit = settings.rateLimit === 0 ? UNLIMITED : settings.rateLimit
    const window = key === undefined ? { start: clock.now(), used: 0 } : windowOf(key)
    // Whole seconds, rounded down: 0 has been seen, and one second may be missing.
    const reset = Math.floor((window.start + WINDOW_MS - clock.now()) / 1000)
    return {
      'x-rate-limit-limit': String(limit),
      'x-rate-limit-remaining': String(Math.max(0, limit - window.used)),
      'x-rate-limit-reset': String(reset),
    }
  }

  return {
    headers,
    throttled: () => throttled,
    admit(request) {
      const pair = keyPair(request, settings.keys, clock.now())
      if (pair === undefined) return { refusal: { status: 401, headers: headers(undefined) } }
      const window = windowOf(pair.key)
      if (settings.rateLimit > 0 && window.used >= settings.rateLimit) {
        throttled += 1
        return { refusal: { status: 429, headers: headers(pair.key), body: { message: 'Too Many Requests' } } }
      }
      window.used += 1
      return { key: pair.key }
    },
  }
}

function keyPair(request: SandboxRequest, pairs: readonly KeyPair[], now: number): KeyPair | undefined {
  const found = /^Basic\s+([A-Za-z0-9+/=]+)$/i.exec(request.headers['authorization'] ?? '')
  if (found === null) return undefined
  const given = Buffer.from(found[1] ?? '', 'base64').toString('utf8')
  const pair = pairs.find(({ key, secret }) => given === `${key}:${secret}`)
  if (pair?.expires_at === undefined) return pair
  const end = typeof pair.expires_at === 'number' ? pair.expires_at : Date.parse(pair.expires_at)
  return now < end ? pair : undefined
}
