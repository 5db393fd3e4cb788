import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exponentOf, toDecimal, toMinor } from '../../../src/core/model/money.ts'

const currency = fc.constantFrom('USD', 'EUR', 'GBP', 'JPY', 'KWD', 'KRW', 'TND')

describe('money', () => {
  it('has as many digits as its currency', () => {
    expect(['USD', 'JPY', 'KWD'].map(exponentOf)).toEqual([2, 0, 3])
  })

  it.each([
    ['12.34', 'USD', 1234],
    ['12', 'USD', 1200],
    ['12.', 'USD', 1200],
    ['+0.5', 'USD', 50],
    [' 7.10 ', 'USD', 710],
    ['-12.34', 'USD', -1234],
    ['19940', 'JPY', 19940],
    ['19940.00', 'JPY', 19940],
    ['1.234', 'KWD', 1234],
    [19.99, 'USD', 1999],
    [0.1 + 0.2, 'USD', 30],
    [1e-7, 'USD', 0],
    [1.005, 'USD', 101],
  ] as const)('reads %s %s as %i', (amount, code, minor) => {
    expect(toMinor(amount, code)).toBe(minor)
  })

  it('rounds half away from zero, for both signs alike', () => {
    expect(['0.004', '0.005', '0.0049999', '1.995'].map((text) => toMinor(text, 'USD'))).toEqual([0, 1, 0, 200])
    expect(['-0.004', '-0.005', '-1.995'].map((text) => toMinor(text, 'USD'))).toEqual([0, -1, -200])
    expect(Object.is(toMinor('-0.00', 'USD'), 0)).toBe(true)
  })

  it.each(['', ' ', '.', '.5', '1,50', '1e3', '0x10', '12.3.4', 'NaN', 'Infinity', '--1', '１２', '9007199254740993'])(
    'refuses %j',
    (text) => {
      expect(() => toMinor(text, 'USD')).toThrow(RangeError)
    },
  )

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e21])('refuses the number %d', (value) => {
    expect(() => toMinor(value, 'USD')).toThrow(RangeError)
  })

  it.each(['usd', 'US', 'DOLLAR', '', '$$$'])('refuses the currency %j', (code) => {
    expect(() => toMinor('1', code)).toThrow(RangeError)
  })

  it('comes back from its decimal text unchanged, in any currency', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), currency, (minor, code) => {
        expect(toMinor(toDecimal(minor, code), code)).toBe(minor)
      }),
    )
  })

  it('comes back from a JSON number unchanged, as far as a price may go', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), currency, (minor, code) => {
        expect(toMinor(Number(toDecimal(minor, code)), code)).toBe(minor)
      }),
    )
  })

  it('is never off by more than half of its smallest unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999 }), (millionths) => {
        const text = `${Math.floor(millionths / 1_000_000)}.${String(millionths % 1_000_000).padStart(6, '0')}`
        expect(Math.abs(toMinor(text, 'USD') * 10_000 - millionths)).toBeLessThanOrEqual(5000)
      }),
    )
  })
})
