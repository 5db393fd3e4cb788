import { describe, expect, it } from 'vitest'
import { missingPct, missingSeverity } from '../../../src/core/reconcile/thresholds.ts'

const frozen = { warningCount: 10, warningPct: 3, criticalCount: 50, criticalPct: 10 }

describe('how bad it is that orders are missing', () => {
  it.each([
    // By count: so many open orders that the share says nothing.
    [0, 10_000, 'none'],
    [9, 10_000, 'none'],
    [10, 10_000, 'none'],
    [11, 10_000, 'warning'],
    [49, 10_000, 'warning'],
    [50, 10_000, 'warning'],
    [51, 10_000, 'critical'],
    // By share: so few open orders that the count says nothing.
    [2, 100, 'none'],
    [3, 100, 'none'],
    [4, 100, 'warning'],
    [9, 100, 'warning'],
    [10, 100, 'warning'],
    [9, 80, 'critical'],
    [3, 99, 'warning'],
    [1, 34, 'none'],
    [1, 33, 'warning'],
    [1, 10, 'warning'],
    [1, 9, 'critical'],
    // Whatever is missing of nothing, nothing is.
    [0, 0, 'none'],
  ])('%i of %i open orders: %s', (missing, open, severity) => {
    expect(missingSeverity(missing, open, frozen)).toBe(severity)
  })

  it('follows the limits that are set', () => {
    expect(missingSeverity(1, 10_000, { ...frozen, warningCount: 0 })).toBe('warning')
    expect(missingSeverity(40, 100, { warningCount: 100, warningPct: 100, criticalCount: 100, criticalPct: 100 })).toBe('none')
  })

  it('is told in percent with one decimal', () => {
    expect([missingPct(1, 3), missingPct(0, 0), missingPct(7, 200), missingPct(5, 5)]).toEqual([33.3, 0, 3.5, 100])
  })
})
