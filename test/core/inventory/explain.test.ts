import { describe, expect, it } from 'vitest'
import { allocate } from '../../../src/core/inventory/allocate.ts'
import { explain, type StockStory } from '../../../src/core/inventory/explain.ts'
import { isChanged, previewRows } from '../../../src/core/inventory/preview-rows.ts'
import type { ChannelRule, SkuRules } from '../../../src/core/model/allocation.ts'
import { aRule, rulesOf } from './a-rule.ts'

const zoho: StockStory = { told: 10, source: 'Zoho available_stock', deducted: 2, orders: 1 }

describe('an explanation', () => {
  it('names every value and where it comes from, in the order of the steps', () => {
    const rule = aRule('amazon-us', {
      ratio: '2.0',
      origin: {
        ratio: 'channels.amazon-us.ratio (file)',
        safetyStock: 'skus.MUG-1.safety_stock (set by ann)',
        maxOversellPct: 'inventory.max_oversell_pct (file)',
      },
    })
    expect(explained(zoho, [rule])).toEqual([
      'available 10 (Zoho available_stock), 2 deducted since for 1 order: 8',
      'safety stock 1 (skus.MUG-1.safety_stock, set by ann) leaves 7',
      'ratio 2.0 (channels.amazon-us.ratio, file) gives 14',
      'capped at 150 % = 10 (inventory.max_oversell_pct, file)',
    ])
  })

  it('shows the fraction that a rounding took, exactly', () => {
    const lines = (rounding: ChannelRule['rounding'], ratio: string) =>
      explained({ ...zoho, deducted: 0 }, [aRule('amazon-us', { rounding, ratio })]).at(-1)
    expect(lines('floor', '0.98')).toBe('ratio 0.98 (default) gives 8.82, rounded down to 8 (default)')
    expect(lines('round', '0.98')).toBe('ratio 0.98 (default) gives 8.82, rounded to 9 (default)')
    expect(lines('ceil', '1.000001')).toBe('ratio 1.000001 (default) gives 9.000009, rounded up to 10 (default)')
    expect(lines('floor', '1.00')).toBe('ratio 1.00 (default) gives 9')
  })

  it('tells of orders that took, gave back, or did neither', () => {
    const first = (story: Partial<StockStory>) => explained({ ...zoho, ...story }, [aRule('amazon-us')])[0]
    expect(first({ deducted: 0, orders: 0 })).toBe('available 10 (Zoho available_stock)')
    expect(first({ deducted: 12, orders: 3 })).toBe('available 10 (Zoho available_stock), 12 deducted since for 3 orders: -2')
    expect(first({ deducted: -1 })).toBe('available 10 (Zoho available_stock), 1 given back since for 1 order: 11')
  })

  it('stops where nothing is left, but for a minimum', () => {
    const story = { ...zoho, told: -4, deducted: 0, orders: 0 }
    expect(explained(story, [aRule('amazon-us', { ratio: '2' })])).toEqual([
      'available -4 (Zoho available_stock)',
      'safety stock 1 (default) leaves nothing',
    ])
    expect(explained(story, [aRule('amazon-us', { minPublishQty: 2 })]).at(-1)).toBe('minimum 2 (default) instead of 0')
  })

  it('tells each cap that bit, with its number', () => {
    const rule = aRule('amazon-us', { ratio: '2', maxOversellAbs: 2 })
    expect(explained(zoho, [rule]).slice(3)).toEqual(['capped at 150 % = 10 (default)', 'capped at 7 and 2 more = 9 (default)'])
  })

  it('tells a total cap as what all channels ask for and may have', () => {
    const channels = [aRule('amazon-us', { ratio: '2' }), aRule('ebay-main')]
    const rules = rulesOf(channels, { capScope: 'total' })
    // 10 and 7 of 8 - 1 = 7 units; 10 may be told: 5.88 and 4.12.
    expect(explained(zoho, channels, rules, 0).at(-1)).toBe(
      'all channels together are capped at 10 (inventory.cap_scope total) and would have 17: scaled down to 6 here',
    )
    expect(explained(zoho, channels, rules, 1).at(-1)).toMatch(/scaled down to 4 here$/)
  })

  it('tells where little stock goes', () => {
    const channels = [aRule('amazon-us'), aRule('ebay-main')]
    const rules = rulesOf(channels, { smallStock: { channel: 'ebay-main', threshold: 7 } })
    expect(explained(zoho, channels, rules, 0).at(-1)).toBe(
      '7 or fewer (inventory.small_stock_threshold) go to ebay-main alone (inventory.main_channel): 0 here',
    )
    expect(explained(zoho, channels, rules, 1).at(-1)).toBe('ratio 1 (default) gives 7')
  })
})

describe('a row of the preview', () => {
  const rules = rulesOf([aRule('amazon-us', { ratio: '2.0' }), aRule('ebay-main', { ratio: '0.98' })])

  it('has every number, what the channel took last, and the difference', () => {
    const rows = previewRows('MUG-1', zoho, rules, (channel) => (channel === 'amazon-us' ? 12 : undefined))
    expect(rows[0]).toEqual({
      sku: 'MUG-1',
      channel: 'amazon-us',
      available: 8,
      safety_stock: 1,
      base: 7,
      ratio: '2.0',
      raw: 14,
      cap: 10,
      final: 10,
      published: 12,
      difference: -2,
      by: ['cap percent'],
      why: explain(zoho, rules, rules.channels[0]!, allocate(8, rules)[0]!),
    })
    expect(rows[1]).toMatchObject({ channel: 'ebay-main', final: 6, published: null, difference: null })
  })

  it('is changed when it differs from what was taken, or nothing was ever told', () => {
    const changed = (published?: number) => previewRows('MUG-1', zoho, rules, () => published).map(isChanged)
    expect(changed(10)).toEqual([false, true])
    expect(changed(0)).toEqual([true, true])
    expect(changed()).toEqual([true, true])
  })
})

function explained(stock: StockStory, channels: readonly ChannelRule[], rules: SkuRules = rulesOf(channels), place = 0) {
  const allocation = allocate(stock.told - stock.deducted, rules)[place]!
  return explain(stock, rules, channels[place]!, allocation)
}
