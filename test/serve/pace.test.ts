import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limitPace } from '../../src/serve/pace.ts'

const NOW = Date.parse('2026-11-21T15:00:00.000Z')
const MINUTE = 60_000

/** How many of `count` requests at this instant may pass. */
function passing(pace: ReturnType<typeof limitPace>, sender: string, count: number, now: number): number {
  return Array.from({ length: count }, () => pace.take(sender, now)).filter((waitMs) => waitMs === 0).length
}

describe('how fast one sender may send', () => {
  it('is a quarter of a minute at once, and then evenly', () => {
    const pace = limitPace(240)
    expect(passing(pace, 'a', 100, NOW)).toBe(60)
    expect(passing(pace, 'a', 100, NOW + 250)).toBe(1)
    expect(passing(pace, 'a', 100, NOW + 10_250)).toBe(40)
    expect(passing(pace, 'a', 100, NOW + MINUTE)).toBe(60)
  })

  it('tells how long to wait, and not a moment too long', () => {
    const pace = limitPace(240)
    passing(pace, 'a', 60, NOW)
    const waitMs = pace.take('a', NOW)
    expect(waitMs).toBe(250)
    expect(pace.take('a', NOW + waitMs - 1)).toBe(1)
    expect(pace.take('a', NOW + waitMs)).toBe(0)
  })

  it('is each sender’s own', () => {
    const pace = limitPace(240)
    passing(pace, 'a', 1_000, NOW)
    expect(passing(pace, 'b', 100, NOW)).toBe(60)
  })

  it('does not get slower by asking too soon', () => {
    const pace = limitPace(240)
    passing(pace, 'a', 10_000, NOW)
    expect(pace.take('a', NOW + 250)).toBe(0)
  })

  it('never lets more through in any minute than a minute and a quarter', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 1, maxLength: 400 })
    fc.assert(
      fc.property(gaps, (between) => {
        const pace = limitPace(240)
        let now = NOW
        const passed = between.flatMap((gap) => {
          now += gap
          return pace.take('a', now) === 0 ? [now] : []
        })
        for (const from of passed) {
          const within = passed.filter((at) => at >= from && at < from + MINUTE).length
          expect(within).toBeLessThanOrEqual(240 + 60)
        }
      }),
      { numRuns: 50 },
    )
  })

  it('is remembered of those who sent last: whoever makes up addresses only pushes out others like it', () => {
    const pace = limitPace(240)
    passing(pace, 'busy', 60, NOW)
    for (let n = 0; n < 30_000; n += 1) {
      pace.take(`made-up-${n}`, NOW)
      // Somebody who goes on sending stays known, however many come between.
      if (n % 5_000 === 0) expect(pace.take('busy', NOW + 250 * (1 + n / 5_000))).toBe(0)
    }
    expect(pace.take('busy', NOW + 1_500)).toBeGreaterThan(0)
    expect(pace.take('made-up-0', NOW)).toBe(0)
  })

  it('stands still when the clock goes back, and is not given twice', () => {
    const pace = limitPace(240)
    expect(passing(pace, 'a', 100, NOW)).toBe(60)
    expect(passing(pace, 'a', 100, NOW - 5_000)).toBe(0)
    expect(passing(pace, 'a', 100, NOW + 250)).toBe(1)
  })

  it('locks nobody out for an hour when the clock is set right by one', () => {
    const pace = limitPace(240)
    passing(pace, 'a', 100, NOW)
    expect(passing(pace, 'a', 100, NOW - 60 * MINUTE)).toBe(60)
  })
})
