import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRatio, restOfShare, wholeShare } from '../../../src/core/model/decimal.ts'

describe('a ratio', () => {
  it.each([
    ['0', 0],
    ['1', 1_000_000],
    ['1.00', 1_000_000],
    ['2.0', 2_000_000],
    ['0.98', 980_000],
    ['0.000001', 1],
    ['1.1', 1_100_000],
    ['0.57', 570_000],
    ['10', 10_000_000],
    ['10.000000', 10_000_000],
    ['00.5', 500_000],
  ])('%s is %i millionths and keeps its spelling', (text, millionths) => {
    expect(parseRatio(text)).toEqual({ millionths, text })
  })

  it.each([
    '',
    ' ',
    '.5',
    '1.',
    '-1',
    '+1',
    '1e0',
    '10.000001',
    '11',
    '100',
    '0.0000001',
    '1,5',
    '1.5 ',
    '１',
    'two',
    'NaN',
    '1\n',
  ])('%j is none', (text) => {
    expect(() => parseRatio(text)).toThrow(RangeError)
  })
})

describe('a share', () => {
  const large = fc.oneof(fc.nat(1000), fc.nat(), fc.maxSafeNat())
  const divisor = fc.oneof(fc.constantFrom(1, 2, 3, 100, 1_000_000), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }))

  it('and its rest are those of big integers, wherever the result is a number at all', () => {
    fc.assert(
      fc.property(large, large, divisor, (a, b, by) => {
        const whole = (BigInt(a) * BigInt(b)) / BigInt(by)
        fc.pre(whole <= BigInt(Number.MAX_SAFE_INTEGER))
        expect(wholeShare(a, b, by)).toBe(Number(whole))
        expect(restOfShare(a, b, by)).toBe(Number((BigInt(a) * BigInt(b)) % BigInt(by)))
      }),
      { numRuns: 5000 },
    )
  })

  it('is exact on both sides of a whole number, up to the largest product', () => {
    const wrong: string[] = []
    for (const by of [3, 7, 100, 999_983, 1_000_000, 94_906_265, 2 ** 31, 2 ** 40 + 1, 2 ** 52]) {
      const most = Math.floor(Number.MAX_SAFE_INTEGER / by)
      for (const times of [1, 2, most >> 1, most - 1, most].filter((count) => count > 0)) {
        if (wholeShare(1, times * by, by) !== times) wrong.push(`${times} x ${by}`)
        if (wholeShare(1, times * by - 1, by) !== times - 1) wrong.push(`one less than ${times} x ${by}`)
      }
    }
    expect(wrong).toEqual([])
  })
})
