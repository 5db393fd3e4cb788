import { describe, expect, it } from 'vitest'
import type { InventorySettings } from '../../../src/core/context.ts'
import { addSetting, type SettingRow } from '../../../src/core/db/settings.ts'
import { loadRuleBook, ruleBook } from '../../../src/core/inventory/rules.ts'
import type { ChannelRule } from '../../../src/core/model/allocation.ts'
import { parseRatio } from '../../../src/core/model/decimal.ts'
import { HOUR, noon } from '../../world/a-clock.ts'
import { aRun, settings } from '../../world/a-run.ts'
import { databases } from '../../world/databases.ts'
import { aSetting } from './a-setting.ts'

const file = settings.inventory

function ruleOn(channel: string, rows: readonly SettingRow[], given: InventorySettings = file): ChannelRule {
  const rules = ruleBook(given, rows, noon).rulesFor('MUG-1', 'Acme', 'Kitchen')
  const rule = rules.channels.find((one) => one.channel === channel)
  if (rule === undefined) throw new Error(`no rule for ${channel}`)
  return rule
}

describe('the rule of a SKU', () => {
  /** From the least specific to the most. */
  const levels = [
    'inventory',
    'channels.amazon-us',
    'categories.Kitchen',
    'channels.amazon-us.categories.Kitchen',
    'brands.Acme',
    'channels.amazon-us.brands.Acme',
    'skus.MUG-1',
    'channels.amazon-us.skus.MUG-1',
  ]

  it('takes the most specific value of every set of levels, and names it', () => {
    for (let chosen = 1; chosen < 2 ** levels.length; chosen++) {
      const given = levels.filter((_, index) => (chosen >> index) % 2 === 1)
      const rows = given.map((level) => aSetting(`${level}.safety_stock`, 100 + levels.indexOf(level)))
      const most = given.at(-1) ?? ''
      // The table gives its rows by key: whichever order they come in, the outcome is the same.
      for (const ordered of [rows, rows.toReversed()]) {
        const rule = ruleOn('amazon-us', ordered)
        expect(rule.safetyStock, given.join()).toBe(100 + levels.indexOf(most))
        expect(rule.origin.safetyStock).toBe(`${most}.safety_stock (set by ann)`)
      }
      const shared = given.filter((level) => !level.startsWith('channels.'))
      const other = shared.length === 0 ? 1 : 100 + levels.indexOf(shared.at(-1) ?? '')
      expect(ruleOn('mirakl-macys', rows).safetyStock, given.join()).toBe(other)
    }
  })

  it('takes each value from its own level', () => {
    const rule = ruleOn('amazon-us', [
      aSetting('inventory.max_oversell_pct', 120),
      aSetting('channels.amazon-us.ratio', '0.5'),
      aSetting('brands.Acme.min_publish_qty', 2),
      aSetting('skus.MUG-1.rounding', 'ceil'),
    ])
    expect(rule).toMatchObject({ maxOversellPct: 120, minPublishQty: 2, rounding: 'ceil', safetyStock: 1 })
    expect(rule.ratio).toEqual({ millionths: 500_000, text: '0.5' })
    expect(rule.origin).toEqual({
      ratio: 'channels.amazon-us.ratio (set by ann)',
      safetyStock: 'default',
      maxOversellPct: 'inventory.max_oversell_pct (set by ann)',
      maxOversellAbs: 'default',
      minPublishQty: 'brands.Acme.min_publish_qty (set by ann)',
      rounding: 'skus.MUG-1.rounding (set by ann)',
    })
  })

  it('knows what the file says from what nobody said', () => {
    const given: InventorySettings = {
      ...file,
      defaults: { ...file.defaults, safetyStock: 4, maxOversellAbs: 7 },
      channels: new Map([['amazon-us', { ratio: parseRatio('2.0') }]]),
    }
    expect(ruleOn('amazon-us', [], given)).toMatchObject({
      ratio: { text: '2.0' },
      safetyStock: 4,
      maxOversellAbs: 7,
      origin: {
        ratio: 'channels.amazon-us.ratio (file)',
        safetyStock: 'inventory.safety_stock (file)',
        maxOversellAbs: 'inventory.max_oversell_abs (file)',
        maxOversellPct: 'default',
      },
    })
  })

  it('holds for SKUs, brands and categories however they are spelled', () => {
    const book = ruleBook(file, [aSetting('skus.MUG 1/2.5".ratio', '0.5'), aSetting('brands.ACME.safety_stock', 9)], noon)
    expect(book.rulesFor(' mug 1/2.5"').channels[0]?.ratio.text).toBe('0.5')
    expect(book.rulesFor('CUP-1', 'Acme ').channels[0]?.safetyStock).toBe(9)
    expect(book.rulesFor('CUP-1', 'Acmes').channels[0]?.safetyStock).toBe(1)
  })

  it('is one object for all SKUs that nothing is said about, and one for each brand with a category', () => {
    const rows = [aSetting('skus.MUG-1.ratio', 2), aSetting('brands.Acme.ratio', 3), aSetting('categories.Kitchen.ratio', 4)]
    const book = ruleBook(file, rows, noon)
    expect(book.rulesFor('A')).toBe(book.rulesFor('B', 'Other', null))
    expect(book.rulesFor('A', 'Acme')).toBe(book.rulesFor('B', 'acme', 'Garden'))
    expect(book.rulesFor('A', 'Acme', 'Kitchen')).toBe(book.rulesFor('B', 'Acme', 'kitchen'))
    expect(book.rulesFor('A', 'Acme', 'Kitchen').channels[0]?.ratio.text).toBe('3')
    expect(book.rulesFor('MUG-1', 'Acme', 'Kitchen').channels[0]?.ratio.text).toBe('2')
  })
})

describe('what holds for everything', () => {
  it('is the file’s, with what was set in its place', () => {
    const { effective } = ruleBook(
      file,
      [
        aSetting('inventory.cap_scope', 'total'),
        aSetting('inventory.low_stock_threshold', 5),
        aSetting('inventory.rebalance_interval', '2h'),
        aSetting('inventory.inactive_items', 'keep'),
        aSetting('inventory.raise_guard', 'covered'),
        aSetting('inventory.brakes.zero_pct', 90),
        aSetting('inventory.brakes.missing_min', 0),
        aSetting('inventory.safety_stock', 3),
        aSetting('channels.mirakl-macys.safety_stock', 2),
      ],
      noon,
    )
    expect(effective).toEqual({
      ...file,
      capScope: 'total',
      lowStockThreshold: 5,
      rebalanceIntervalMs: 2 * HOUR,
      inactiveItems: 'keep',
      raiseGuard: 'covered',
      brakes: { ...file.brakes, zeroPct: 90, missingMin: 0 },
      defaults: { ...file.defaults, safetyStock: 3 },
      channels: new Map([
        ['amazon-us', {}],
        ['mirakl-macys', { safetyStock: 2 }],
      ]),
    })
  })

  it('gives small stock to one channel only when that channel is there', () => {
    const small = [aSetting('inventory.main_channel', 'mirakl-macys'), aSetting('inventory.small_stock_threshold', 4)]
    expect(ruleBook(file, small, noon).rulesFor('A').smallStock).toEqual({ channel: 'mirakl-macys', threshold: 4 })
    expect(ruleBook(file, small.slice(0, 1), noon).rulesFor('A').smallStock).toBeUndefined()
    const gone = ruleBook({ ...file, channels: new Map([['amazon-us', {}]]) }, small, noon)
    expect(gone.rulesFor('A').smallStock).toBeUndefined()
    expect(gone.ignored).toEqual([
      { key: 'inventory.main_channel', why: expect.stringMatching(/'mirakl-macys' is not an enabled/) },
    ])
  })
})

describe('a channel that is paused', () => {
  it.each([
    ['inventory', ['amazon-us']],
    ['all', ['amazon-us']],
    ['orders', []],
    ['orders, inventory until 2026-03-02T13:00:00.000Z', ['amazon-us']],
    ['all until 2026-03-02T12:00:00.000Z', []], // it is noon: over
  ])('with %s is left out of the stock: %j', (value, paused) => {
    const book = ruleBook(file, [aSetting('channels.amazon-us.paused', value)], noon)
    const left = ['amazon-us', 'mirakl-macys'].filter((code) => !paused.includes(code))
    expect(book.channels).toEqual(left)
    expect(book.rulesFor('A').channels.map(({ channel }) => channel)).toEqual(left)
    expect(book.paused.map(({ channel }) => channel)).toEqual(paused)
    expect([...book.effective.channels.keys()]).toEqual(['amazon-us', 'mirakl-macys'])
    expect(book.ignored).toEqual([])
  })

  it('keeps its privilege as main channel: the last pieces are not offered elsewhere meanwhile', () => {
    const rows = [
      aSetting('inventory.main_channel', 'amazon-us'),
      aSetting('inventory.small_stock_threshold', 4),
      aSetting('channels.amazon-us.paused', 'inventory'),
    ]
    const rules = ruleBook(file, rows, noon).rulesFor('A')
    expect(rules.channels.map(({ channel }) => channel)).toEqual(['mirakl-macys'])
    expect(rules.smallStock).toEqual({ channel: 'amazon-us', threshold: 4 })
  })

  it('tells when its stock came back', () => {
    const backAt = (value: string) => ruleBook(file, [aSetting('channels.amazon-us.paused', value)], noon).backAt
    expect(backAt('inventory until 2026-03-02T11:00:00.000Z')).toBe(noon - HOUR)
    expect(backAt('all until 2026-03-02T12:00:00.000Z')).toBe(noon)
    expect(backAt('inventory until 2026-03-02T12:00:00.001Z')).toBeUndefined()
    expect(backAt('orders until 2026-03-02T11:00:00.000Z')).toBeUndefined()
    // Out of one pause and still in another.
    expect(backAt('inventory until 2026-03-02T11:00:00.000Z, all')).toBeUndefined()
  })
})

describe.each(databases)('the rule book on $name', (database) => {
  it('reads the table once; what it does not understand is logged and changes nothing', async () => {
    const run = await aRun(database)
    await addSetting(run.db, 'vault.check', 'the program’s own', noon)
    const bad = [
      ['inventory.bogus', '1'],
      ['inventory.safety_stock', 'many'],
      ['channels.amazon-us.paused', 'sometimes'],
      ['channels.amazon-us.skus.MUG-1.ratio', '11'],
      ['skus.MUG-1.colour', 'red'],
    ] as const
    for (const [key, value] of [...bad, ['inventory.min_publish_qty', '2'], ['channels.gone.ratio', '2']] as const)
      await addSetting(run.db, key, value, noon)

    const book = await loadRuleBook(run)

    expect(book.rulesFor('MUG-1').channels).toMatchObject([
      { channel: 'amazon-us', safetyStock: 1, ratio: { text: '1' }, minPublishQty: 2 },
      { channel: 'mirakl-macys', safetyStock: 1, ratio: { text: '1' }, minPublishQty: 2 },
    ])
    expect(book.ignored.map(({ key }) => key).sort()).toEqual(bad.map(([key]) => key).sort())
    const logged = run.logged.filter(({ message }) => message === 'setting ignored')
    expect(logged.map(({ level, fields }) => [level, fields['setting']]).sort()).toEqual(bad.map(([key]) => ['warn', key]).sort())
    expect(JSON.stringify(book)).not.toContain('vault')
  })
})
