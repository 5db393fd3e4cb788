import { type AmazonSettings, createAmazonConnector } from '../../src/connectors/amazon/connector.ts'
import { createGate } from '../../src/connectors/http/gate.ts'
import { StoppedError } from '../../src/core/errors.ts'
import type { CachedToken } from '../../src/core/ports/account.ts'
import type { PlannedCall } from '../../src/core/ports/gate.ts'
import type { MarketplaceConnector } from '../../src/core/ports/marketplace.ts'
import type { Boundary, Clock } from '../../src/core/ports/system.ts'
import type { Sandbox } from '../../src/sandbox/server.ts'
import { type LoggedLine, limitedAccount, type TestAccount } from '../world/gate.ts'
import { NOW, openAmazon, settingsFor } from './amazon-world.ts'

/** Turns of the event loop in which nothing may happen before time goes on: enough for what follows an answer. */
const QUIET_TURNS = 4

interface Sleeper {
  readonly until: number
  readonly wake: () => void
}

/**
 * Time that goes on by itself, from one sleeper to the next, as soon as no call is under way: what takes hours at Amazon takes seconds here,
 * and every wait has its exact length.
 */
function createSelfMovingClock(sandbox: Sandbox): { readonly clock: Clock; readonly boundary: Boundary; stop(): void } {
  let now = NOW
  let calls = 0
  let running = true
  const sleepers = new Set<Sleeper>()

  async function run(): Promise<void> {
    let quiet = 0
    while (running) {
      await new Promise((resolve) => setImmediate(resolve))
      quiet = calls === 0 && sleepers.size > 0 ? quiet + 1 : 0
      if (quiet < QUIET_TURNS) continue
      quiet = 0
      const next = [...sleepers].reduce((a, b) => (b.until < a.until ? b : a))
      sleepers.delete(next)
      now = Math.max(now, next.until)
      sandbox.clock.set(now)
      next.wake()
    }
  }
  void run()

  return {
    clock: {
      now: () => now,
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          const stop = (): void => {
            sleepers.delete(sleeper)
            reject(new StoppedError('the wait was stopped'))
          }
          const sleeper: Sleeper = {
            until: now + ms,
            wake: () => {
              signal?.removeEventListener('abort', stop)
              resolve()
            },
          }
          if (signal?.aborted === true) return reject(new StoppedError('the wait was stopped'))
          signal?.addEventListener('abort', stop, { once: true })
          sleepers.add(sleeper)
        }),
    },
    boundary: {
      reach(name) {
        if (name.endsWith(':before')) calls += 1
        if (name.endsWith(':after')) calls -= 1
      },
    },
    stop() {
      running = false
    },
  }
}

export interface BacklogWorld {
  readonly sandbox: Sandbox
  readonly clock: Clock
  /** Limits and memory that all processes share. */
  readonly shared: TestAccount
  readonly logged: LoggedLine[]
  readonly planned: PlannedCall[]
  /** A process of its own: nothing remembered but what is shared. */
  connector(options?: Options): MarketplaceConnector
  /** Minutes since the beginning. */
  minutes(): number
  close(): Promise<void>
}

interface Options {
  readonly maxWaitMs?: number
  readonly dryRun?: boolean
  readonly settings?: Partial<AmazonSettings>
}

/** Amazon's stand-in with its limits on, and time that passes only where somebody waits. `spent`: searches made just before, by both accounts. */
export async function openBacklog(seed: object, spent = 0): Promise<BacklogWorld> {
  const { sandbox } = await openAmazon({ rate_limits: 'on', ...seed })
  const moving = createSelfMovingClock(sandbox)
  const { clock, boundary } = moving
  const shared = { ...limitedAccount(clock), token: tokenShop(clock) }
  await spendSearches(sandbox, shared, spent)
  const logged: LoggedLine[] = []
  const planned: PlannedCall[] = []
  const at = (level: LoggedLine['level']) => (fields: object, message: string) =>
    void logged.push({ level, message, fields: { ...fields } })
  const log = { debug: () => undefined, info: at('info'), warn: at('warn'), error: at('error') }
  return {
    sandbox,
    clock,
    shared,
    logged,
    planned,
    connector({ maxWaitMs = 10 * 60_000, dryRun = false, settings = {} } = {}) {
      const plan = dryRun ? { plan: (call: PlannedCall) => void planned.push(call) } : {}
      const gate = createGate({ account: 'amazon-us', shared, clock, log, boundary, maxWaitMs, timeoutMs: 20_000, ...plan })
      return createAmazonConnector(gate, { ...settingsFor(sandbox), timeoutMs: 20_000, ...settings })
    },
    minutes: () => (clock.now() - NOW) / 60_000,
    async close() {
      moving.stop()
      await sandbox.close()
    },
  }
}

/** One token for everybody, and a new one before it dies: an hour is short here. */
function tokenShop(clock: Clock): TestAccount['token'] {
  let cached: CachedToken | undefined
  return async (mint, rejected) => {
    if (cached === undefined || cached.token === rejected || cached.expiresAt <= clock.now()) cached = await mint()
    return cached.token
  }
}

async function spendSearches(sandbox: Sandbox, shared: TestAccount, times: number): Promise<void> {
  const origin = sandbox.origins.amazon
  const form = {
    grant_type: 'refresh_token',
    refresh_token: 'sandbox-refresh',
    client_id: 'sandbox-client',
    client_secret: 'sandbox-secret',
  }
  const granted = await fetch(`${origin}/auth/o2/token`, { method: 'POST', body: new URLSearchParams(form) })
  const { access_token } = (await granted.json()) as { access_token: string }
  for (let n = 0; n < times; n += 1) {
    await fetch(`${origin}/orders/2026-01-01/orders`, { headers: { 'x-amz-access-token': access_token } })
    await shared.take('searchOrders', { perSecond: 0.0056, burst: 20 })
  }
}
