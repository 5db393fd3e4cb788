import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { configKeys } from '../../../src/core/config/schema.ts'
import { readRuleFile } from '../../../src/core/inventory/rule-file.ts'
import { type RuleName, ruleLayer, ruleNames, usualRule } from '../../../src/core/inventory/rule-text.ts'
import { type Wishes, whatIfRules } from '../../../src/core/inventory/what-if.ts'

const folder = mkdtempSync(join(tmpdir(), 'isync-rules-'))
const file = join(folder, 'isync.config.yaml')
afterAll(() => rmSync(folder, { recursive: true }))

const whole = `
database: sqlite:./isync.db
encryption_keys: \${ISYNC_KEYS}
channels:
  amazon-us: { type: amazon, ratio: "2.0", safety_stock: 3, credentials: { client_id: \${AMZ_ID} } }
  ebay-main: { type: ebay, ratio: \${EBAY_RATIO}, enabled: false }
  mirakl-macys: { type: mirakl }
inventory: { safety_stock: 2, max_oversell_pct: 120, cap_scope: total, main_channel: mirakl-macys, small_stock_threshold: 4 }
`

describe('the rules of a configuration', () => {
  beforeEach(() => rmSync(join(folder, '.env'), { force: true }))

  it('are read where no secret is set', () => {
    const rules = read(whole, { EBAY_RATIO: '0.98' })
    expect(rules.all).toEqual({
      values: { safetyStock: 2, maxOversellPct: 120 },
      origin: { safetyStock: 'inventory.safety_stock (file)', maxOversellPct: 'inventory.max_oversell_pct (file)' },
    })
    expect([...rules.channels.keys()]).toEqual(['amazon-us', 'ebay-main', 'mirakl-macys'])
    expect(rules.channels.get('amazon-us')).toMatchObject({
      enabled: true,
      values: { ratio: { millionths: 2_000_000 }, safetyStock: 3 },
      origin: { ratio: 'channels.amazon-us.ratio (file)' },
    })
    expect(rules.channels.get('ebay-main')).toMatchObject({ enabled: false, values: { ratio: { text: '0.98' } } })
    expect(rules).toMatchObject({ file, capScope: 'total', mainChannel: 'mirakl-macys', smallStockThreshold: 4 })
  })

  it('may refer to the environment and to .env beside the file', () => {
    writeFileSync(join(folder, '.env'), 'EBAY_RATIO=0.5\n')
    expect(read(whole).channels.get('ebay-main')?.values.ratio?.text).toBe('0.5')
  })

  it('that are out of bounds are told all at once, each with its place', () => {
    const wrong = whole.replace('"2.0"', 'two').replace('safety_stock: 2', 'safety_stock: -2').replace('total', 'all')
    expect(() => read(wrong)).toThrow(
      expect.objectContaining({
        what: 'the configuration cannot be used',
        exitCode: 2,
        issues: [
          expect.objectContaining({
            path: 'channels.amazon-us.ratio',
            line: 5,
            message: expect.stringMatching(/^must be .*got 'two'$/),
          }),
          expect.objectContaining({
            path: 'channels.ebay-main.ratio',
            message: expect.stringMatching(/EBAY_RATIO.* is not set/),
          }),
          expect.objectContaining({ path: 'inventory.safety_stock', message: "must be a whole number 0..1000000, got '-2'" }),
          expect.objectContaining({ path: 'inventory.cap_scope', message: "must be channel or total, got 'all'" }),
        ],
      }),
    )
  })

  it('are not looked for in what is no configuration', () => {
    expect(() => read('inventory: [')).toThrow(/cannot be used/)
    expect(() => read('- a\n- b\n')).toThrow(/must be a section of keys/)
    expect(() => readRuleFile(join(folder, 'gone.yaml'), { cwd: folder, env: {} })).toThrow(/cannot be read/)
  })
})

describe('the rules without the schema', () => {
  const { inventory } = configKeys
  const { shape } = inventory.unwrap()

  it('begin with the same defaults', () => {
    const { safety_stock, max_oversell_pct, max_oversell_abs, min_publish_qty, rounding } = inventory.parse({})
    expect(usualRule).toEqual({
      ratio: { millionths: 1_000_000, text: '1' },
      safetyStock: safety_stock,
      maxOversellPct: max_oversell_pct,
      maxOversellAbs: max_oversell_abs,
      minPublishQty: min_publish_qty,
      rounding,
    })
  })

  it.each(['safety_stock', 'max_oversell_pct', 'max_oversell_abs', 'min_publish_qty', 'rounding'] as const)(
    'take and refuse the same for %s',
    (name) => {
      const texts = [
        '0',
        '1',
        '007',
        '150',
        '1000',
        '1001',
        '1000000',
        '1000001',
        '-1',
        '1.5',
        '',
        ' 1',
        '1e3',
        'floor',
        'round',
        'ceil',
        'up',
      ]
      for (const text of texts) expect(taken(name, text), text).toEqual(shape[name].safeParse(text).data)
    },
  )
})

describe('a what-if', () => {
  const none: Wishes = {
    channels: [],
    all: { values: {}, origin: {} },
    own: new Map(),
    capScope: undefined,
    mainChannel: undefined,
    smallStockThreshold: undefined,
  }
  const wishes: Wishes = {
    ...none,
    all: ruleLayer('safety_stock', '0', '--safety-stock'),
    own: new Map([['amazon-us', ruleLayer('ratio', '1.5', '--ratio')]]),
  }

  it('lays defaults, file, channel and wishes over each other', () => {
    const [amazon, macys, ...others] = whatIfRules(wishes, read(whole, { EBAY_RATIO: '1' })).channels
    expect(amazon).toMatchObject({
      channel: 'amazon-us',
      ratio: { text: '1.5' },
      safetyStock: 0,
      maxOversellPct: 120,
      minPublishQty: 0,
      origin: {
        ratio: '--ratio',
        safetyStock: '--safety-stock',
        maxOversellPct: 'inventory.max_oversell_pct (file)',
        rounding: 'default',
      },
    })
    expect(macys).toMatchObject({ channel: 'mirakl-macys', ratio: { text: '1' }, safetyStock: 0, origin: { ratio: 'default' } })
    expect(others).toEqual([])
  })

  it('takes a channel that is switched off when it is named', () => {
    const rules = whatIfRules({ ...none, channels: ['ebay-main'] }, read(whole, { EBAY_RATIO: '1' }))
    expect(rules.channels.map(({ channel }) => channel)).toEqual(['amazon-us', 'ebay-main', 'mirakl-macys'])
  })

  it('keeps what the file says of all channels, unless it is wished otherwise', () => {
    const rules = read(whole, { EBAY_RATIO: '1' })
    expect(whatIfRules(none, rules)).toMatchObject({ capScope: 'total', smallStock: { channel: 'mirakl-macys', threshold: 4 } })
    const other = { ...none, capScope: 'channel', mainChannel: 'amazon-us', smallStockThreshold: 9 } as const
    expect(whatIfRules(other, rules)).toMatchObject({ capScope: 'channel', smallStock: { channel: 'amazon-us', threshold: 9 } })
    expect(whatIfRules({ ...none, smallStockThreshold: 0 }, rules)).not.toHaveProperty('smallStock')
  })

  it('without a file is about the channels that were named', () => {
    const rules = whatIfRules({ ...wishes, channels: ['ebay-main', 'amazon-us', 'ebay-main'] }, undefined)
    expect(rules.channels.map(({ channel, ratio }) => [channel, ratio.text])).toEqual([
      ['ebay-main', '1'],
      ['amazon-us', '1.5'],
    ])
    expect(() => whatIfRules(none, undefined)).toThrow(/no channel to compute for/)
  })

  it('refuses a channel that there is not, and half of the small stock rule', () => {
    expect(() => whatIfRules({ ...none, channels: ['amazon-uk'] }, read(whole, { EBAY_RATIO: '1' }))).toThrow(
      /unknown channel 'amazon-uk'.*amazon-us, ebay-main, mirakl-macys/,
    )
    const named = { ...none, channels: ['amazon-us'] }
    expect(() => whatIfRules({ ...named, smallStockThreshold: 3 }, undefined)).toThrow(/--small-stock-threshold alone/)
    expect(() => whatIfRules({ ...named, mainChannel: 'amazon-us' }, undefined)).toThrow(/--main-channel alone/)
  })
})

function read(text: string, env: Readonly<Record<string, string>> = {}) {
  writeFileSync(file, text)
  return readRuleFile(file, { cwd: folder, env })
}

function taken(name: RuleName, text: string): unknown {
  try {
    return ruleLayer(name, text, 'test').values[ruleNames[name]]
  } catch {
    return undefined
  }
}
