import { describe, expect, it } from 'vitest'
import { allocate, allocateInto } from '../../../src/core/inventory/allocate.ts'
import type { ChannelRule, SkuRules } from '../../../src/core/model/allocation.ts'
import { aRule, rulesOf } from './a-rule.ts'

describe('one channel', () => {
  it.each([
    // available, ratio, base, raw, cap, final
    [10, '1', 9, 9, 13, 9],
    [10, '2.0', 9, 18, 13, 13],
    [10, '0.98', 9, 8, 13, 8],
    [11, '2.0', 10, 20, 15, 15],
    [101, '0.98', 100, 98, 150, 98],
    [101, '1.1', 100, 110, 150, 110],
    [101, '0.57', 100, 57, 150, 57],
    [101, '1.5', 100, 150, 150, 150],
    [2, '0.98', 1, 0, 1, 0],
    [2, '2.0', 1, 2, 1, 1],
    [1, '2.0', 0, 0, 0, 0],
    [0, '1', 0, 0, 0, 0],
    [-5, '2.0', 0, 0, 0, 0],
    [1000, '0', 999, 0, 1498, 0],
    [1000, '10', 999, 9990, 1498, 1498],
  ])('with %i available at ratio %s is told what the frozen numbers say', (available, ratio, base, raw, cap, final) => {
    expect(told(available, aRule('amazon-us', { ratio }))).toMatchObject({ channel: 'amazon-us', base, raw, cap, final })
  })

  it.each([
    ['floor', '0.5', 5, 2],
    ['round', '0.5', 5, 3],
    ['ceil', '0.5', 5, 3],
    ['round', '0.499999', 5, 2],
    ['ceil', '0.200001', 5, 2],
    ['floor', '0.999999', 5, 4],
    ['ceil', '0.4', 5, 2],
    ['round', '0.000001', 500_000, 1],
    ['round', '0.000001', 499_999, 0],
    ['ceil', '0.000001', 1, 1],
  ] as const)('%s: %s of %3$i is %4$i', (rounding, ratio, base, raw) => {
    expect(told(base, aRule('amazon-us', { rounding, ratio, safetyStock: 0 }))).toMatchObject({ raw, final: raw })
  })

  it('has its cap in percent rounded down, however the ratio is rounded', () => {
    expect(told(3, aRule('amazon-us', { ratio: '1.5', rounding: 'ceil', safetyStock: 0 }))).toMatchObject({ raw: 5, final: 4 })
  })

  it('says which rules bit, in the order in which they apply', () => {
    const both = { maxOversellPct: 150, maxOversellAbs: 3 }
    expect(told(11, aRule('amazon-us', { ratio: '2', ...both }))).toMatchObject({ final: 13, by: ['cap percent', 'cap units'] })
    expect(told(11, aRule('amazon-us', { ratio: '1.4', ...both }))).toMatchObject({ final: 13, by: ['cap units'] })
    expect(told(3, aRule('amazon-us', { ratio: '3', ...both }))).toMatchObject({ final: 3, cap: 3, by: ['cap percent'] })
    expect(told(11, aRule('amazon-us', { ratio: '1.3', ...both }))).toMatchObject({ final: 13, cap: 13, by: [] })
    expect(told(11, aRule('amazon-us', { maxOversellPct: 50, minPublishQty: 7 }))).toMatchObject({
      share: 5,
      final: 7,
      by: ['cap percent', 'minimum'],
    })
  })

  it('is told its minimum even without stock, and nothing below', () => {
    expect(told(0, aRule('amazon-us', { minPublishQty: 2 }))).toMatchObject({ final: 2, by: ['no stock', 'minimum'] })
    expect(told(3, aRule('amazon-us', { minPublishQty: 2 }))).toMatchObject({ final: 2, by: [] })
    expect(told(4, aRule('amazon-us', { minPublishQty: 2 }))).toMatchObject({ final: 3, by: [] })
  })
})

describe('several channels', () => {
  it('do not know of each other: each has its own safety stock, ratio and cap', () => {
    const rules = rulesOf([
      aRule('amazon-us', { ratio: '2', safetyStock: 0 }),
      aRule('ebay-main', { ratio: '0.98', safetyStock: 5 }),
      aRule('mirakl-macys', { ratio: '1', maxOversellPct: 100 }),
    ])
    expect(finals(10, rules)).toEqual([15, 4, 9])
  })

  it.each([
    // Ratios, cap in percent, available without safety stock, what each is told: sums to the cap where more is asked for.
    [['1', '1'], 100, 9, [5, 4]],
    [['1', '1', '1'], 100, 10, [4, 3, 3]],
    [['2', '1'], 100, 10, [5, 5]],
    [['1', '0.5', '0.25'], 150, 8, [7, 3, 2]],
    [['1', '0.5'], 150, 8, [8, 4]],
    [['0', '1', '1'], 100, 1, [0, 1, 0]],
    [['1', '1'], 0, 10, [0, 0]],
    [['0.1', '0.1', '1'], 100, 10, [1, 1, 8]],
  ])('%j under a total cap of %i %%: %i units make %j', (ratios, maxOversellPct, available, expected) => {
    const channels = ratios.map((ratio, n) => aRule(`channel-${n}`, { ratio, maxOversellPct, safetyStock: 0 }))
    expect(finals(available, rulesOf(channels, { capScope: 'total' }))).toEqual(expected)
  })

  it('with safety stocks of their own may together be told what the one with the largest cap may', () => {
    const channels = [aRule('amazon-us', { safetyStock: 0, maxOversellPct: 100 }), aRule('ebay-main', { safetyStock: 8 })]
    const [amazon, ebay] = allocate(10, rulesOf(channels, { capScope: 'total' }))
    // 10 and 2 are asked for, 10 may be told: 8.33 and 1.67.
    expect(amazon).toMatchObject({ base: 10, share: 8, final: 8, by: ['total cap'] })
    expect(ebay).toMatchObject({ base: 2, share: 2, final: 2, by: [] })
  })

  it('get their minimum although the total cap is passed by it', () => {
    const channels = ['amazon-us', 'ebay-main'].map((code) => aRule(code, { maxOversellPct: 100, minPublishQty: 3 }))
    expect(finals(5, rulesOf(channels, { capScope: 'total' }))).toEqual([3, 3])
    expect(finals(0, rulesOf(channels, { capScope: 'total' }))).toEqual([3, 3])
  })
})

describe('little stock', () => {
  const small = { smallStock: { channel: 'ebay-main', threshold: 3 } }
  const channels = ['amazon-us', 'ebay-main', 'mirakl-macys'].map((code) => aRule(code))

  it('goes to the main channel alone', () => {
    expect(finals(5, rulesOf(channels, small))).toEqual([4, 4, 4])
    expect(finals(4, rulesOf(channels, small))).toEqual([0, 3, 0])
    expect(finals(1, rulesOf(channels, small))).toEqual([0, 0, 0])
    expect(allocate(4, rulesOf(channels, small)).map(({ by }) => by)).toEqual([['small stock'], [], ['small stock']])
  })

  it('is not divided by a total cap that the others have no part in', () => {
    expect(finals(4, rulesOf(channels, { ...small, capScope: 'total' }))).toEqual([0, 3, 0])
  })

  it('is what the channel with the least safety stock has', () => {
    const [amazon, ...others] = channels
    const rules = rulesOf([{ ...amazon!, safetyStock: 0 }, ...others], small)
    expect(finals(4, rules)).toEqual([4, 3, 3])
    expect(finals(3, rules)).toEqual([0, 2, 0])
  })

  it('goes to all where the main channel is not published on', () => {
    expect(finals(3, rulesOf([channels[0]!, channels[2]!], small))).toEqual([2, 2])
  })

  it('leaves the others their minimum', () => {
    const least = channels.map((rule) => ({ ...rule, minPublishQty: 1 }))
    expect(allocate(3, rulesOf(least, small)).map(({ final, by }) => [final, by])).toEqual([
      [1, ['small stock', 'minimum']],
      [2, []],
      [1, ['small stock', 'minimum']],
    ])
  })
})

describe('a stock that cannot be', () => {
  it.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 1e13, -1e13])('%d is refused', (available) => {
    expect(() => allocate(available, rulesOf([aRule('amazon-us')]))).toThrow(RangeError)
    expect(() => allocateInto(available, rulesOf([aRule('amazon-us')]), [])).toThrow(/whole number/)
  })

  it('is not yet a trillion units: ten times that is exact', () => {
    const rule = aRule('amazon-us', { ratio: '9.999999', maxOversellPct: 1000, safetyStock: 0 })
    expect(told(999_999_999_999, rule)).toMatchObject({ raw: 9_999_998_999_990, final: 9_999_998_999_990 })
    const rules = rulesOf([rule, { ...rule, channel: 'ebay-main' }, { ...rule, channel: 'mirakl-macys' }], { capScope: 'total' })
    // 9 999 999 999 990 in three parts, none of them rounded on the way.
    expect(finals(999_999_999_999, rules)).toEqual([3_333_333_333_330, 3_333_333_333_330, 3_333_333_333_330])
  })
})

function told(available: number, rule: ChannelRule) {
  return allocate(available, rulesOf([rule]))[0]
}

/** What both ways of computing agree on. */
function finals(available: number, rules: SkuRules): readonly number[] {
  const listed = allocate(available, rules).map(({ final }) => final)
  const columns = new Float64Array(rules.channels.length)
  allocateInto(available, rules, columns)
  expect([...columns]).toEqual(listed)
  return listed
}
