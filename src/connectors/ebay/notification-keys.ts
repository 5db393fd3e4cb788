import * as z from 'zod'
import { StoppedError, ThrottledError } from '../../core/errors.ts'
import type { NotificationKey } from '../../core/ports/marketplace.ts'
import type { Gate } from '../http/gate.ts'
import { createKeyCalls } from './notification-calls.ts'
import { apiOrigin, type EbaySettings } from './settings.ts'

const HOUR_MS = 3_600_000
/** eBay advises to keep a key about so long. */
const FRESH_MS = HOUR_MS
/** A key that was good once serves on when eBay cannot be asked. */
const STALE_MS = 7 * 24 * HOUR_MS
/** How long an id that eBay does not know is not asked about again. */
const ABSENT_MS = HOUR_MS / 6
/** Most ids that a process remembers: anybody may name new ones without end. */
const MOST_REMEMBERED = 1_000

/** eBay allows 10,000 calls a day. Ids that once had a key never wait for those that nobody has ever seen. */
const budgets = {
  known: { perSecond: 60 / 3_600, burst: 20 },
  unknown: { perSecond: 60 / 3_600, burst: 20 },
} as const

const note = z.object({ pem: z.string(), digest: z.string(), at: z.number() })

interface Remembered {
  /** Undefined: eBay does not know the id. */
  readonly key: NotificationKey | undefined
  /** When eBay said so, epoch ms. */
  readonly at: number
  /** Until when that is not asked again, epoch ms. */
  readonly until: number
}

export interface NotificationKeys {
  of(keyId: string, signal: AbortSignal): Promise<NotificationKey | undefined>
}

/**
 * The keys that eBay signs its messages with (contract section 6.1), shared by all processes and all channels that talk to the same eBay. Throws
 * ThrottledError when too many unknown ids were asked about, else as any call.
 */
export function createNotificationKeys(gate: Gate, settings: EbaySettings): NotificationKeys {
  const shared = gate.shared.common(`ebay notification keys of ${apiOrigin(settings)}`)
  const calls = createKeyCalls(gate, settings)
  const memory = new Map<string, Remembered>()
  const asking = new Map<string, Promise<NotificationKey | undefined>>()
  let unknownUntil = 0

  function remember(keyId: string, remembered: Remembered): void {
    memory.delete(keyId)
    memory.set(keyId, remembered)
    const [oldest] = memory.keys()
    if (memory.size > MOST_REMEMBERED && oldest !== undefined) memory.delete(oldest)
  }

  /** What is known of it without asking eBay, however old. */
  async function recalled(keyId: string): Promise<Remembered | undefined> {
    const own = memory.get(keyId)
    if (own !== undefined && gate.clock.now() < own.until) return own
    const { data } = note.safeParse(parsed(await shared.recall(`key ${keyId}`)))
    if (data === undefined) return own?.key === undefined ? undefined : own
    const told = { key: { pem: data.pem, digest: data.digest }, at: data.at, until: data.at + FRESH_MS }
    // Its renewal may have failed a moment ago.
    if (own !== undefined && own.at >= told.at) return own
    remember(keyId, told)
    return told
  }

  async function takeTurn(budget: keyof typeof budgets): Promise<number> {
    const now = gate.clock.now()
    // Without a look into the database: a flood of made-up ids is to cost next to nothing.
    if (budget === 'unknown' && unknownUntil > now) return unknownUntil - now
    const waitMs = await shared.take(`${budget} keys`, budgets[budget])
    if (budget === 'unknown' && waitMs > 0) unknownUntil = now + waitMs
    return waitMs
  }

  async function ask(keyId: string, signal: AbortSignal): Promise<NotificationKey | undefined> {
    const old = await recalled(keyId)
    const now = gate.clock.now()
    if (old !== undefined && now < old.until) return old.key
    const usable = old?.key !== undefined && now - old.at < STALE_MS ? old.key : undefined
    const waitMs = await takeTurn(usable === undefined ? 'unknown' : 'known')
    if (waitMs > 0) {
      if (usable !== undefined) return usable
      const facts = { account: gate.account, operation: calls.operation, waitMs }
      throw new ThrottledError('not asked: too many keys that nobody knows were named by senders of messages', facts)
    }
    try {
      const key = await calls.publicKey(keyId, signal)
      remember(keyId, { key, at: now, until: now + (key === undefined ? ABSENT_MS : FRESH_MS) })
      if (key !== undefined) await shared.remember(`key ${keyId}`, JSON.stringify({ ...key, at: now }), now + STALE_MS)
      return key
    } catch (error) {
      if (old === undefined || usable === undefined || error instanceof StoppedError) throw error
      gate.log.warn({ channel: gate.account, operation: calls.operation }, 'the key of notifications could not be renewed')
      // Not again with the next message, which may come in a second.
      remember(keyId, { ...old, until: now + ABSENT_MS })
      return usable
    }
  }

  return {
    async of(keyId, signal) {
      for (;;) {
        const own = memory.get(keyId)
        if (own !== undefined && gate.clock.now() < own.until) return own.key
        const other = asking.get(keyId)
        const answer = other ?? ask(keyId, signal).finally(() => asking.delete(keyId))
        if (other === undefined) asking.set(keyId, answer)
        try {
          return await answer
        } catch (error) {
          // Whoever asked was told to stop, and that is no answer to us.
          if (other === undefined || !(error instanceof StoppedError) || signal.aborted) throw error
        }
      }
    },
  }
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
