import type { Monitor } from '../../core/ports/monitor.ts'
import { fetchTransport } from '../http/fetch.ts'

export interface HeartbeatOptions {
  /** The address of this command; what is said stands behind its path, before a query. */
  readonly url: string
  /** Pairs beginning and end of one run, as a UUID. */
  readonly runId: string
  /** Told why a monitor was not reached. Without the address: whoever has it can say that all is well. */
  readonly onFailure: (signal: string, why: string) => void
  /** Milliseconds; tests shorten it. */
  readonly limitMs?: number
}

/** Longest time that a monitor may take of a run, which is over by then. */
const PING_LIMIT_MS = 5_000
/** What the monitor keeps is short; healthchecks.io takes 100 kB. */
const MAX_TEXT = 1_000

/** Signs of life for healthchecks.io and its like. `ended` settles with an answer, or {@link PING_LIMIT_MS} later. */
export function createHeartbeat({ url, runId, onFailure, limitMs = PING_LIMIT_MS }: HeartbeatOptions): Monitor {
  const notBegun = new AbortController()
  let beginning: Promise<void> = Promise.resolve()

  async function ping(signal: string, text: string, abort: AbortSignal): Promise<void> {
    try {
      const headers = { 'content-type': 'text/plain; charset=utf-8', 'user-agent': 'isync' }
      const request = { url: addressOf(url, signal, runId), method: 'POST', headers, body: text.slice(0, MAX_TEXT) }
      const { status } = await fetchTransport(request)(abort)
      if (status < 200 || status > 299) onFailure(signal, `it answered with status ${status}`)
    } catch (error) {
      onFailure(signal, abort.aborted ? 'no answer in time' : reasonOf(error))
    }
  }

  return {
    begun() {
      beginning = ping('start', '', AbortSignal.any([notBegun.signal, AbortSignal.timeout(limitMs)]))
    },
    async ended(exitCode, text) {
      // An end that overtakes its beginning would leave the monitor waiting for a second end. A monitor that hangs gets half of the time.
      const giveUp = setTimeout(() => notBegun.abort(), limitMs / 2)
      await beginning
      clearTimeout(giveUp)
      await ping(String(exitCode), text, AbortSignal.timeout(limitMs / 2))
    },
  }
}

/** `https://host/a?create=1` -> `https://host/a/start?create=1&rid=...`. */
function addressOf(address: string, signal: string, runId: string): string {
  const url = new URL(address)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${signal}`
  url.searchParams.set('rid', runId)
  return url.href
}

/** The code of a network failure; its message may name the address. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  const code = (cause as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : 'the call failed'
}
