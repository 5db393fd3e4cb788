import { createGate, type Gate } from '../../src/connectors/http/gate.ts'
import { AuthError, StoppedError } from '../../src/core/errors.ts'
import type { CachedToken, RateRule, SharedAccount } from '../../src/core/ports/account.ts'
import type { PlannedCall } from '../../src/core/ports/gate.ts'
import type { Clock, Log, LogFields } from '../../src/core/ports/system.ts'

export interface LoggedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: LogFields
}

/** What a connector did to the account all processes share. */
export interface TestAccount extends SharedAccount {
  readonly adopted: { readonly bucket: string; readonly rule: RateRule }[]
  readonly drained: { readonly bucket: string; readonly until: number }[]
  /** Why the circuit was opened, each time. */
  readonly opened: string[]
  /** Tokens minted so far. */
  readonly minted: string[]
}

/** Always lets calls through, remembers what it was told, keeps one token; `open` closes the account until `close`. */
export function openAccount(account = 'test'): TestAccount {
  const told = { adopted: [], drained: [], opened: [], minted: [] } as Pick<
    TestAccount,
    'adopted' | 'drained' | 'opened' | 'minted'
  >
  const notes = new Map<string, string>()
  let cached: CachedToken | undefined
  let refused: string | undefined
  return {
    ...told,
    take: async () => 0,
    adopt: async (bucket, rule) => void told.adopted.push({ bucket, rule }),
    drain: async (bucket, until) => void told.drained.push({ bucket, until }),
    async token(mint, rejected) {
      if (cached !== undefined && cached.token !== rejected) return cached.token
      cached = await mint()
      told.minted.push(cached.token)
      return cached.token
    },
    async assertClosed(operation) {
      if (refused !== undefined) throw new AuthError(`not called: ${refused}`, { account, operation })
    },
    async open(reason) {
      refused = reason
      told.opened.push(reason)
    },
    async close() {
      refused = undefined
    },
    recall: async (name) => notes.get(name),
    remember: async (name, value) => void notes.set(name, value),
    common: (whose) => ({
      take: async () => 0,
      recall: async (name) => notes.get(`${whose} ${name}`),
      remember: async (name, value) => void notes.set(`${whose} ${name}`, value),
    }),
  }
}

/** GCRA buckets as the database keeps them, for tests of the rate discipline. */
export function limitedAccount(clock: Clock, account = 'test'): TestAccount {
  const buckets = new Map<string, { fullAt: number; blockedUntil: number; rule?: RateRule }>()
  const open = openAccount(account)
  const bucketOf = (bucket: string) => {
    const known = buckets.get(bucket) ?? { fullAt: clock.now(), blockedUntil: 0 }
    buckets.set(bucket, known)
    return known
  }
  const take: SharedAccount['take'] = async (name, given) => {
    const bucket = bucketOf(name)
    const rule = bucket.rule ?? given
    const step = Math.ceil(1000 / rule.perSecond)
    const now = clock.now()
    const free = bucket.fullAt - (rule.burst - 1) * step
    if (bucket.blockedUntil > now || free > now) return Math.max(1, free - now, bucket.blockedUntil - now)
    bucket.fullAt = Math.max(bucket.fullAt, now) + step
    return 0
  }
  return {
    ...open,
    take,
    common: (whose) => ({ ...open.common(whose), take: (name, rule) => take(`${whose} ${name}`, rule) }),
    async adopt(name, rule) {
      await open.adopt(name, rule)
      bucketOf(name).rule = rule
    },
    async drain(name, until) {
      await open.drain(name, until)
      const bucket = bucketOf(name)
      bucket.blockedUntil = Math.max(bucket.blockedUntil, until)
    },
  }
}

export const realClock: Clock = { now: () => Date.now(), sleep: pause }

/** Follows another clock's time (the sandbox's); its sleep takes 1/`scale` of the real time. */
export function followingClock(now: () => number, scale = 1): Clock {
  return { now, sleep: (ms, signal) => pause(ms / scale, signal) }
}

export interface TestGate {
  readonly gate: Gate
  readonly account: TestAccount
  readonly logged: LoggedLine[]
  /** What a dry run recorded. */
  readonly planned: PlannedCall[]
}

export interface TestGateOptions {
  readonly clock?: Clock
  readonly shared?: TestAccount
  readonly dryRun?: boolean
  readonly maxWaitMs?: number
  readonly timeoutMs?: number
}

/** A gate without a database: nothing is limited unless `shared` limits it, nothing is printed, nobody dies. */
export function testGate(account: string, options: TestGateOptions = {}): TestGate {
  const shared = options.shared ?? openAccount(account)
  const logged: LoggedLine[] = []
  const planned: PlannedCall[] = []
  const gate = createGate({
    account,
    shared,
    clock: options.clock ?? realClock,
    log: listener(logged),
    boundary: { reach: () => undefined },
    maxWaitMs: options.maxWaitMs ?? 5 * 60_000,
    timeoutMs: options.timeoutMs ?? 5000,
    ...(options.dryRun === true ? { plan: (call: PlannedCall) => void planned.push(call) } : {}),
  })
  return { gate, account: shared, logged, planned }
}

function listener(logged: LoggedLine[]): Log {
  const at = (level: LoggedLine['level']) => (fields: LogFields, message: string) => void logged.push({ level, message, fields })
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(new StoppedError('told to stop'))
      return
    }
    const stop = (): void => {
      clearTimeout(timer)
      reject(new StoppedError('told to stop'))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
