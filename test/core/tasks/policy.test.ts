import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AuthError, type ConnectorError, PermanentError, RetryableError, ThrottledError } from '../../../src/core/errors.ts'
import type { Settlement } from '../../../src/core/model/task.ts'
import { delayFor, type RetryPlan, settlementFor } from '../../../src/core/tasks/policy.ts'
import { HOUR, MINUTE, noon, SECOND } from '../../world/a-clock.ts'
import { settings } from '../../world/a-run.ts'

const facts = { account: 'amazon-us', operation: 'confirmShipment' }
const noAnswer = new RetryableError('503', facts)
const lost = new RetryableError('timed out', { ...facts, outcomeUnknown: true })
const throttled = new ThrottledError('429', { ...facts, waitMs: 7 * SECOND })
const refused = new AuthError('401', facts)
const nonsense = new PermanentError('400', facts)

function settle(
  error: ConnectorError,
  attempts = 0,
  change: { plan?: RetryPlan; settleMs?: number; random?: number } = {},
): Settlement {
  return settlementFor(error, { attempts, plan: settings.retry.push, now: noon, random: 0.5, settleMs: 0, ...change })
}

/** Seconds between the tries until the task is given up. */
function schedule(plan: RetryPlan): number[] {
  const waits: number[] = []
  for (let attempts = 0; ; ) {
    const settlement = settle(noAnswer, attempts, { plan })
    if (settlement.state !== 'waiting') return waits
    waits.push((settlement.nextAttemptAt - noon) / SECOND)
    attempts = settlement.attempts
  }
}

describe('the retry schedule', () => {
  it('doubles from 30 s to 5 min: a push is tried 3 times more, a confirmation 5 times', () => {
    expect(schedule(settings.retry.push)).toEqual([30, 60, 120])
    expect(schedule(settings.retry.confirm)).toEqual([30, 60, 120, 240, 300])
  })

  it('spreads each delay by the jitter and no further', () => {
    const plan = { ...settings.retry.confirm, jitter: 0.1 }
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempts, random) => {
        const plain = Math.min(30 * SECOND * 2 ** attempts, 5 * MINUTE)
        expect(Math.abs(delayFor({ attempts, plan, random }) - plain)).toBeLessThanOrEqual(plain * 0.1 + 1)
      }),
    )
    expect(delayFor({ attempts: 0, plan, random: 0 })).toBe(27 * SECOND)
    expect(delayFor({ attempts: 0, plan, random: 1 })).toBe(33 * SECOND)
  })
})

describe('a task whose call failed', () => {
  it('waits as long as the vendor says and spends no retry when it was throttled', () => {
    for (const attempts of [0, 3, 99]) {
      expect(settle(throttled, attempts)).toMatchObject({ state: 'waiting', attempts, nextAttemptAt: noon + 7 * SECOND })
    }
  })

  it('spends no retry when the credentials were refused', () => {
    expect(settle(refused, 3)).toMatchObject({ state: 'waiting', attempts: 3, nextAttemptAt: noon + 5 * MINUTE })
  })

  it('is given up at once when the vendor understood and said no', () => {
    expect(settle(nonsense)).toMatchObject({ state: 'dead', attempts: 0, errorKind: 'permanent' })
  })

  it('is given up when its tries are spent', () => {
    expect(settle(noAnswer, 2).state).toBe('waiting')
    expect(settle(noAnswer, 3)).toMatchObject({ state: 'dead', errorKind: 'retryable', keepSent: false })
  })

  it('has one try more when the outcome is unknown: that one looks before it sends', () => {
    expect(settle(lost, 3)).toMatchObject({ state: 'waiting', attempts: 4, keepSent: true })
    expect(settle(lost, 4)).toMatchObject({ state: 'dead', keepSent: true })
  })

  it('is not tried before a look-up can be trusted', () => {
    expect(settle(lost, 0, { settleMs: 2 * MINUTE })).toMatchObject({ nextAttemptAt: noon + 2 * MINUTE, keepSent: true })
    expect(settle(lost, 0, { settleMs: SECOND })).toMatchObject({ nextAttemptAt: noon + 30 * SECOND })
    expect(settle(noAnswer, 0, { settleMs: 2 * MINUTE })).toMatchObject({ nextAttemptAt: noon + 30 * SECOND, keepSent: false })
  })

  it('always ends, and never waits without an end in sight', () => {
    const failures = fc.array(fc.constantFrom(noAnswer, lost, throttled, refused, nonsense), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(failures, fc.double({ min: 0, max: 1, noNaN: true }), (errors, random) => {
        let attempts = 0
        let spent = 0
        for (const error of errors) {
          const settlement = settle(error, attempts, { random, settleMs: MINUTE })
          if (settlement.state !== 'waiting') break
          expect(settlement.nextAttemptAt).toBeGreaterThan(noon)
          expect(settlement.nextAttemptAt).toBeLessThan(noon + HOUR)
          expect(settlement.attempts - attempts).toBe(error.kind === 'retryable' ? 1 : 0)
          expect(settlement.keepSent).toBe(error === lost)
          attempts = settlement.attempts
          if (error.kind === 'retryable') spent += 1
        }
        expect(spent).toBeLessThanOrEqual(settings.retry.push.retries + 1)
      }),
    )
  })
})
