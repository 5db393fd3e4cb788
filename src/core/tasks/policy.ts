import type { ConnectorError } from '../errors.ts'
import type { Settlement } from '../model/task.ts'

/** How often and how late a kind of work is tried again (SPEC 6). Milliseconds. */
export interface RetryPlan {
  /** Tries after the first one. */
  readonly retries: number
  readonly firstDelayMs: number
  readonly factor: number
  readonly maxDelayMs: number
  /** 0 none; 0.1 spreads each delay by +-10 %. */
  readonly jitter: number
}

export interface PolicyInput {
  /** Retries already spent. */
  readonly attempts: number
  readonly plan: RetryPlan
  readonly now: number
  /** 0..1, for jitter. */
  readonly random: number
  /** After an unknown outcome no look-up can be trusted before this has passed. */
  readonly settleMs: number
}

/** The whole retry policy: what becomes of a task whose call failed with this error. */
export function settlementFor(error: ConnectorError, input: PolicyInput): Settlement {
  const { attempts, plan, now } = input
  const failed = { errorKind: error.kind, error: error.message } as const
  switch (error.kind) {
    case 'throttled':
      return { state: 'waiting', nextAttemptAt: now + error.waitMs, attempts, keepSent: false, ...failed }
    case 'auth':
      return { state: 'waiting', nextAttemptAt: now + plan.maxDelayMs, attempts, keepSent: false, ...failed }
    case 'permanent':
      return { state: 'dead', attempts, keepSent: false, ...failed }
    case 'retryable': {
      if (attempts >= plan.retries && !error.outcomeUnknown) return { state: 'dead', attempts, keepSent: false, ...failed }
      // One try more than the plan where the outcome is unknown: that try begins with a look-up, and dying unresolved would lose or double.
      if (attempts > plan.retries) return { state: 'dead', attempts, keepSent: error.outcomeUnknown, ...failed }
      const delay = error.outcomeUnknown ? Math.max(delayFor(input), input.settleMs) : delayFor(input)
      return { state: 'waiting', nextAttemptAt: now + delay, attempts: attempts + 1, keepSent: error.outcomeUnknown, ...failed }
    }
  }
}

/** first x factor^attempts, at most max, spread by the jitter. */
export function delayFor({ attempts, plan, random }: Pick<PolicyInput, 'attempts' | 'plan' | 'random'>): number {
  const plain = Math.min(plan.firstDelayMs * plan.factor ** attempts, plan.maxDelayMs)
  return Math.round(plain * (1 + plan.jitter * (2 * random - 1)))
}
