import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allocate, allocateInto } from '../../../src/core/inventory/allocate.ts'
import type { ChannelRule, Rounding, SkuRules } from '../../../src/core/model/allocation.ts'
import { parseRatio } from '../../../src/core/model/decimal.ts'
import { aRule, rulesOf } from './a-rule.ts'

describe('every stock from 0 to 1000 at every ratio from 0.00 to 3.00', () => {
  it.each(['floor', 'round', 'ceil'] as const)('is exact, rounded by %s', (rounding) => {
    const wrong: string[] = []
    for (let hundredths = 0; hundredths <= 300; hundredths++) {
      const text = `${Math.trunc(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}`
      const rules = rulesOf([aRule('amazon-us', { ratio: text, rounding, safetyStock: 0, maxOversellPct: 1000 })])
      for (let base = 0; base <= 1000; base++) {
        const [told] = allocate(base, rules)
        const exact = Number(divided(BigInt(base * hundredths), 100n, rounding))
        if (told?.raw !== exact || told.final !== exact) wrong.push(`${base} x ${text}: ${told?.raw}, not ${exact}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('is exact at every cap from 0 to 300 %', () => {
    const wrong: string[] = []
    for (let percent = 0; percent <= 300; percent++) {
      const rules = rulesOf([aRule('amazon-us', { ratio: '10', safetyStock: 0, maxOversellPct: percent })])
      for (let base = 0; base <= 1000; base++) {
        const [told] = allocate(base, rules)
        const exact = Number((BigInt(base) * BigInt(percent)) / 100n)
        if (told?.cap !== exact || told.final !== exact) wrong.push(`${percent} % of ${base}: ${told?.cap}, not ${exact}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it('would not be, with binary fractions', () => {
    expect(Math.floor(100 * 1.1 + 1e-9)).toBe(110)
    expect([Math.ceil(100 * 1.1), Math.floor(100 * 0.57), Math.floor(100 * 1.15)]).toEqual([111, 56, 114])
  })
})

describe('any stock under any rules', () => {
  it('is what the formula gives in fractions of big integers', () => {
    fc.assert(
      fc.property(anyStock, anyRules, (available, rules) => {
        expect(allocate(available, rules).map(({ final }) => final)).toEqual(byTheBook(available, rules))
      }),
      { numRuns: 2000 },
    )
  })

  it('is the same when written into columns, whatever stood there and however wide they are', () => {
    fc.assert(
      fc.property(anyStock, anyRules, (available, rules) => {
        const finals = allocate(available, rules).map(({ final }) => final)
        const columns = new Float64Array(rules.channels.length + 1).fill(-7)
        allocateInto(available, rules, columns)
        expect([...columns]).toEqual([...finals, -7])
        const list: number[] = []
        allocateInto(available, rules, list)
        expect(list).toEqual(finals)
      }),
    )
  })

  it('is whole, never negative, and above the caps only for the minimum', () => {
    fc.assert(
      fc.property(anyStock, anyRules, (available, rules) => {
        for (const [place, { base, raw, cap, share, final, by }] of allocate(available, rules).entries()) {
          const { minPublishQty, maxOversellPct, maxOversellAbs } = rules.channels[place]!
          for (const number of [base, raw, cap, share, final]) expect(Number.isSafeInteger(number) && number >= 0).toBe(true)
          expect(share).toBeLessThanOrEqual(cap)
          expect(cap * 100).toBeLessThanOrEqual(base * maxOversellPct)
          expect(cap).toBeLessThanOrEqual(base + (maxOversellAbs ?? Number.POSITIVE_INFINITY))
          expect(final).toBe(Math.max(share, minPublishQty))
          expect(by.includes('minimum')).toBe(final > share)
        }
      }),
    )
  })

  it('that is nothing gives nothing, but for minima', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000, max: 0 }), anyRules, (available, rules) => {
        const told = allocate(available, rules)
        expect(told.map(({ final }) => final)).toEqual(rules.channels.map(({ minPublishQty }) => minPublishQty))
        expect(told.every(({ by }) => by[0] === 'no stock')).toBe(true)
      }),
    )
  })

  it('names a rule exactly where the number before it is larger', () => {
    fc.assert(
      fc.property(anyStock, anyRules, (available, rules) => {
        for (const { raw, cap, share, by } of allocate(available, rules)) {
          expect(by.includes('cap percent') || by.includes('cap units')).toBe(raw > cap)
          expect(by.includes('small stock') || by.includes('total cap')).toBe(share < Math.min(raw, cap))
          expect(by.includes('small stock') && by.includes('total cap')).toBe(false)
        }
      }),
    )
  })
})

describe('one channel by itself', () => {
  it('is told no less of more stock', () => {
    fc.assert(
      fc.property(anyStock, fc.nat(1_000_000), aChannel('amazon-us'), (available, more, rule) => {
        const rules = rulesOf([rule])
        expect(allocate(available + more, rules)[0]!.final).toBeGreaterThanOrEqual(allocate(available, rules)[0]!.final)
      }),
    )
  })

  it('is told no less at a higher ratio', () => {
    fc.assert(
      fc.property(anyStock, aRatio, aRatio, aChannel('amazon-us'), (available, one, other, rule) => {
        const [low, high] = [one, other].sort((a, b) => a.millionths - b.millionths)
        const at = (ratio: ChannelRule['ratio']) => allocate(available, rulesOf([{ ...rule, ratio }]))[0]!.final
        expect(at(high!)).toBeGreaterThanOrEqual(at(low!))
      }),
    )
  })

  it('is told its stock after safety stock at ratio 1, where the caps allow that much', () => {
    fc.assert(
      fc.property(anyStock, aChannel('amazon-us'), fc.integer({ min: 100, max: 1000 }), (available, rule, maxOversellPct) => {
        const plain = { ...rule, ratio: parseRatio('1.00'), maxOversellPct, minPublishQty: 0 }
        const [told] = allocate(available, rulesOf([plain]))
        expect(told).toMatchObject({ final: Math.max(0, available - rule.safetyStock) })
      }),
    )
  })

  it('is told the same with a total cap as without', () => {
    fc.assert(
      fc.property(anyStock, aChannel('amazon-us'), (available, rule) => {
        expect(allocate(available, rulesOf([rule], { capScope: 'total' }))).toEqual(allocate(available, rulesOf([rule])))
      }),
    )
  })
})

describe('all channels under a total cap', () => {
  it('are together told exactly the cap, or what they ask for where that is less', () => {
    fc.assert(
      fc.property(anyStock, anyChannels, (available, channels) => {
        const apart = allocate(available, rulesOf(channels))
        const together = allocate(available, rulesOf(channels, { capScope: 'total' }))
        const cap = Math.max(...apart.map((one) => one.cap))
        expect(sum(together.map(({ share }) => share))).toBe(Math.min(cap, sum(apart.map(({ share }) => share))))
        for (const [place, { share }] of together.entries()) expect(share).toBeLessThanOrEqual(apart[place]!.share)
      }),
      { numRuns: 1000 },
    )
  })

  it('keep their order: who asks for more is told no less', () => {
    fc.assert(
      fc.property(anyStock, anyChannels, (available, channels) => {
        const asked = allocate(available, rulesOf(channels)).map(({ share }) => share)
        const told = allocate(available, rulesOf(channels, { capScope: 'total' })).map(({ share }) => share)
        const places = channels.map((_, place) => place)
        for (const one of places)
          for (const other of places) if (asked[one]! > asked[other]!) expect(told[one]).toBeGreaterThanOrEqual(told[other]!)
      }),
    )
  })
})

const anyStock = fc.oneof(
  fc.integer({ min: -10, max: 60 }),
  fc.integer({ min: -1_000_000, max: 2_000_000 }),
  fc.integer({ min: 999_998_000_000, max: 999_999_000_000 - 1 }),
)

const aRatio = fc
  .oneof(
    fc.integer({ min: 0, max: 300 }).map((hundredths) => hundredths * 10_000),
    fc.integer({ min: 0, max: 10_000_000 }),
  )
  .map((millionths) => parseRatio(`${Math.trunc(millionths / 1_000_000)}.${String(millionths % 1_000_000).padStart(6, '0')}`))

function aChannel(channel: string): fc.Arbitrary<ChannelRule> {
  return fc
    .record({
      ratio: aRatio,
      safetyStock: fc.oneof(fc.nat(5), fc.nat(1_000_000)),
      maxOversellPct: fc.nat(1000),
      maxOversellAbs: fc.option(fc.nat(20), { nil: undefined }),
      minPublishQty: fc.oneof(fc.constant(0), fc.nat(10)),
      rounding: fc.constantFrom<Rounding[]>('floor', 'round', 'ceil'),
    })
    .map((values) => ({ ...aRule(channel), ...values }))
}

const anyChannels = fc
  .integer({ min: 1, max: 6 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, n) => aChannel(`c${n}`))))

const anyRules: fc.Arbitrary<SkuRules> = fc
  .record({
    channels: anyChannels,
    capScope: fc.constantFrom('channel', 'total'),
    smallStock: fc.option(fc.record({ channel: fc.constantFrom('c0', 'c1', 'c2', 'gone'), threshold: fc.nat(40) }), {
      nil: undefined,
    }),
  })
  .map(({ smallStock, ...rules }) => (smallStock === undefined ? rules : { ...rules, smallStock }))

/** The rule once more, the slow way: in big integers, the remainders sorted. */
function byTheBook(available: number, { channels, capScope, smallStock }: SkuRules): readonly number[] {
  const bases = channels.map(({ safetyStock }) => BigInt(Math.max(0, available - safetyStock)))
  const caps = channels.map(({ maxOversellPct, maxOversellAbs }, n) => {
    const percent = (bases[n]! * BigInt(maxOversellPct)) / 100n
    const units = maxOversellAbs === undefined ? percent : bases[n]! + BigInt(maxOversellAbs)
    return percent < units ? percent : units
  })
  const main = channels.findIndex(({ channel }) => channel === smallStock?.channel)
  const little = main >= 0 && bases.every((base) => base <= BigInt(smallStock?.threshold ?? -1))
  const asked = channels.map(({ ratio, rounding }, n) => {
    const raw = divided(bases[n]! * BigInt(ratio.millionths), 1_000_000n, rounding)
    if (little && n !== main) return 0n
    return raw < caps[n]! ? raw : caps[n]!
  })
  const all = asked.reduce((total, one) => total + one, 0n)
  const cap = caps.reduce((largest, one) => (one > largest ? one : largest), 0n)
  const shares = capScope === 'total' && all > cap ? apportioned(asked, cap, all) : asked
  return shares.map((share, n) => Math.max(Number(share), channels[n]!.minPublishQty))
}

function apportioned(asked: readonly bigint[], cap: bigint, all: bigint): readonly bigint[] {
  const parts = asked.map((one, place) => ({ place, whole: (one * cap) / all, rest: (one * cap) % all }))
  const left = Number(cap - parts.reduce((total, { whole }) => total + whole, 0n))
  const owed = parts.toSorted((a, b) => (a.rest === b.rest ? a.place - b.place : a.rest > b.rest ? -1 : 1)).slice(0, left)
  return parts.map((part) => part.whole + (owed.includes(part) ? 1n : 0n))
}

function divided(product: bigint, divisor: bigint, rounding: Rounding): bigint {
  const added = { floor: 0n, round: divisor / 2n, ceil: divisor - 1n }[rounding]
  return (product + added) / divisor
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
