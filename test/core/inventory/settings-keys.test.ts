import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  globalNames,
  groups,
  nearestSettingKey,
  parseSettingKey,
  ruleParts,
  settingKeyAt,
  settingKeyText,
} from '../../../src/core/inventory/setting-keys.ts'
import { limitNames } from '../../../src/core/limits/names.ts'

const oddNames = [
  'MUG-1',
  'MUG 1/2.5"',
  "O'Brien.ratio",
  'a.b.c',
  '.',
  '..',
  'skus.X.ratio',
  'ratio',
  'paused',
  'Größe-XL',
  '100%',
]

describe('the key of a setting', () => {
  it.each(oddNames)('is read from both its ends, whatever the SKU is called: %s', (name) => {
    for (const level of groups) {
      expect(parseSettingKey(`${level}.${name}.safety_stock`)).toEqual({ level, name, part: 'safety_stock' })
      const own = `channels.amazon-us.${level}.${name}.ratio`
      expect(parseSettingKey(own)).toEqual({ level, name, channel: 'amazon-us', part: 'ratio' })
    }
  })

  it('says the same as its text, for any SKU and any part', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((text) => parseable(text))
    const key = fc.record({ level: fc.constantFrom(...groups), name, part: fc.constantFrom(...ruleParts) })
    const channel = fc.constantFrom({}, { channel: 'amazon-us' }, { channel: 'skus' })
    fc.assert(
      fc.property(key, channel, (one, place) => {
        expect(parseSettingKey(settingKeyText({ ...one, ...place }))).toEqual({ ...one, ...place })
      }),
    )
  })

  it('is known for everything that there is once', () => {
    for (const name of [...ruleParts, ...globalNames])
      expect(parseSettingKey(`inventory.${name}`)).toEqual({ level: 'inventory', name })
    for (const name of limitNames) expect(parseSettingKey(name)).toEqual({ level: 'limit', name })
    expect(parseSettingKey('channels.amazon-us.paused')).toEqual({ level: 'channel', channel: 'amazon-us', part: 'paused' })
  })

  it.each([
    '',
    '.',
    'ratio',
    'inventory',
    'inventory.',
    'inventory.paused',
    'inventory.brakes',
    'inventory.constructor',
    'vault.check',
    'reconcile',
    'reconcile.limits',
    'alerts.orders',
    'alerts.email.password',
    'alerts.warning',
    'channels.amazon-us.reconcile.window',
    'channels.Amazon.ratio',
    'channels..ratio',
    'channels.amazon-us.cap_scope',
    'channels.zoho.ratio',
    'skus..ratio',
    'skus.ratio',
    'skus. MUG-1.ratio',
    'skus.MUG\n1.ratio',
    'skus.MUG-1.paused',
    `skus.${'x'.repeat(201)}.ratio`,
    'channels.amazon-us.channels.amazon-us.ratio',
  ])('is none: %j', (text) => expect(parseSettingKey(text)).toBeUndefined())

  it.each([
    ['safty_stock', 'inventory.safety_stock'],
    ['inventory.safety-stock', 'inventory.safety_stock'],
    ['inventory.brakes.zero_pc', 'inventory.brakes.zero_pct'],
    ['auto_remdy', 'reconcile.auto_remedy'],
    ['reconcil.warning_count', 'reconcile.warning_count'],
    ['alerts.order.warning', 'alerts.orders.warning'],
    ['channel.amazon-us.ratio', 'channels.amazon-us.ratio'],
    ['channels.amazon-us.ration', 'channels.amazon-us.ratio'],
    ['channels.amazon-us.pause', 'channels.amazon-us.paused'],
    ['sku.MUG.1.ratio', 'skus.MUG.1.ratio'],
    ['channels.amazon-us.brand.Acme.roundin', 'channels.amazon-us.brands.Acme.rounding'],
  ])('%s is answered with %s', (slip, meant) => expect(nearestSettingKey(slip)).toBe(meant))

  it.each(['everything', 'vault.check', 'x.y.z', ''])('%j is like none', (text) =>
    expect(nearestSettingKey(text)).toBeUndefined(),
  )

  it('may be short where the place is told beside it', () => {
    expect(settingKeyAt('ratio', { channel: 'amazon-us' })).toBe('channels.amazon-us.ratio')
    expect(settingKeyAt('ratio', { level: 'skus', name: ' MUG-1 ' })).toBe('skus.MUG-1.ratio')
    expect(settingKeyAt('ratio', { channel: 'amazon-us', level: 'brands', name: 'Acme' })).toBe(
      'channels.amazon-us.brands.Acme.ratio',
    )
    expect(settingKeyAt('brakes.zero_pct', {})).toBe('inventory.brakes.zero_pct')
    expect(settingKeyAt('auto_remedy', {})).toBe('reconcile.auto_remedy')
    expect(settingKeyAt('orders.warning', {})).toBe('alerts.orders.warning')
    expect(settingKeyAt('skus.MUG-1.ratio', {})).toBe('skus.MUG-1.ratio')
    expect(settingKeyAt('nonsense', {})).toBe('nonsense')
  })
})

function parseable(name: string): boolean {
  return name === name.trim() && name !== '' && !/[\p{Cc}\p{Cs}]/u.test(name)
}
