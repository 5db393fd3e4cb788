import { describe, expect, it } from 'vitest'
import { insertMany } from '../../../src/core/db/db.ts'
import { addSetting } from '../../../src/core/db/settings.ts'
import { OperatorError } from '../../../src/core/errors.ts'
import { setSetting, unsetSetting } from '../../../src/core/inventory/settings-change.ts'
import { listSettings } from '../../../src/core/inventory/settings-list.ts'
import { HOUR, noon } from '../../world/a-clock.ts'
import { aRun, aRunOn, settings, severalConnections, type TestRun } from '../../world/a-run.ts'
import { databases } from '../../world/databases.ts'

describe.each(databases)('settings on $name', (database) => {
  let run: TestRun

  async function given(...stock: readonly { sku: string; brand?: string; category?: string }[]): Promise<void> {
    run = await aRun(database)
    await addSetting(run.db, 'vault.check', 'sealed', noon)
    await insertMany(run.db, 'stock', stock.map(stockRow))
  }

  const rows = () => run.db.rows<{ key: string; value: string }>('select * from settings order by key')
  const events = () =>
    run.db.rows<{ detail: string }>(
      `select entity_id, what, actor, at, run_id, detail from events where entity = 'setting' order by id`,
    )

  it('one that is set is kept with who, when, and what it was before', async () => {
    await given()
    expect(await setSetting(run, 'channels.amazon-us.ratio', '0.9')).toMatchObject({ old: undefined, now: '0.9', changed: true })
    await run.clock.advance(HOUR)
    expect(await setSetting(run, 'channels.amazon-us.ratio', ' 1.25 ')).toMatchObject({ old: '0.9', now: '1.25', changed: true })

    expect(await rows()).toMatchObject([
      { key: 'channels.amazon-us.ratio', value: '1.25', changed_by: 'cron', changed_at: noon + HOUR },
      { key: 'vault.check' },
    ])
    const written = await events()
    expect(written).toMatchObject([
      { entity_id: 'channels.amazon-us.ratio', what: 'set', actor: 'cron', at: noon, run_id: 'run-1' },
      { at: noon + HOUR },
    ])
    expect(written.map(({ detail }) => JSON.parse(detail))).toMatchObject([
      { old: null, new: '0.9' },
      { old: '0.9', new: '1.25' },
    ])
  })

  it.each([
    ['channels.amazon-us.ratio', '0.9', '0.900'],
    ['inventory.rebalance_interval', '2h', '120m'],
    ['inventory.safety_stock', '5', '05'],
    ['inventory.rounding', 'ceil', ' ceil'],
  ])('%s %s is not set again as %s', async (key, value, again) => {
    await given()
    await setSetting(run, key, value)
    expect(await setSetting(run, key, again)).toEqual({ key, old: value, now: value, changed: false })
    expect(await events()).toHaveLength(1)
  })

  it('one that is unset lets the file hold again, and says so once', async () => {
    await given()
    await setSetting(run, 'inventory.safety_stock', '5')
    expect(await unsetSetting(run, 'inventory.safety_stock')).toMatchObject({ old: '5', now: undefined, changed: true })
    expect(await unsetSetting(run, 'inventory.safety_stock')).toMatchObject({ changed: false })
    expect((await rows()).map(({ key }) => key)).toEqual(['vault.check'])
    expect(JSON.parse((await events()).at(-1)?.detail ?? '')).toMatchObject({ old: '5', new: null })
  })

  it('one that an older version left behind, or of a channel that is gone, can be taken away', async () => {
    await given()
    await addSetting(run.db, 'inventory.old_name', '1', noon)
    await addSetting(run.db, 'channels.gone.paused', 'all', noon)
    const ignored = (await listSettings(run)).filter((setting) => setting.ignored !== undefined)
    expect(ignored.map(({ key, ignored: why }) => [key, why])).toEqual([
      ['channels.gone.paused', 'channel gone is not enabled in the configuration'],
      ['inventory.old_name', 'this version has no such setting'],
    ])
    for (const { key } of ignored) expect(await unsetSetting(run, key)).toMatchObject({ changed: true, now: undefined })
    expect((await rows()).map(({ key }) => key)).toEqual(['vault.check'])
  })

  it.each([
    ['vault.check', 'x', /'vault\.check' is not a setting/],
    ['inventory.safty_stock', '1', /did you mean 'inventory\.safety_stock'/],
    ['channels.amazon-uk.ratio', '1', /unknown channel 'amazon-uk'.*amazon-us, mirakl-macys/],
    ['channels.amazon-uk.skus.MUG-1.ratio', '1', /unknown channel 'amazon-uk'/],
    ['inventory.main_channel', 'amazon-uk', /unknown channel 'amazon-uk'/],
    ['channels.amazon-us.ratio', '11', /must be 0\.\.10, got '11'/],
    ['channels.amazon-us.ratio', '0.1234567', /must be 0\.\.10/],
    ['skus.MUG-1.safety_stock', '-1', /must be a whole number 0\.\.1000000, got '-1'/],
    ['inventory.max_oversell_pct', '1001', /must be a whole number 0\.\.1000/],
    ['brands.Acme.rounding', 'up', /must be floor, round or ceil, got 'up'/],
    ['inventory.brakes.zero_pct', '0', /must be a whole number 1\.\.100/],
    ['inventory.rebalance_interval', '30s', /must be a duration 1m\.\.7d/],
    ['channels.amazon-us.paused', 'yes', /must be orders, inventory or all/],
    ['skus.CUP-1.ratio', '1', /unknown SKU 'CUP-1'/],
    ['brands.Acne.ratio', '1', /unknown brand 'Acne'/],
    ['categories.Garden.ratio', '1', /unknown category 'Garden'/],
  ])('%s %s is refused, and nothing is changed', async (key, value, why) => {
    await given({ sku: 'MUG-1', brand: 'Acme', category: 'Kitchen' })
    const error = await setSetting(run, key, value).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(OperatorError)
    expect(error).toMatchObject({ message: expect.stringMatching(why), exitCode: 2, next: expect.stringMatching(/isync/) })
    expect((await rows()).map((row) => row.key)).toEqual(['vault.check'])
    expect(await events()).toEqual([])
  })

  it('of goods goes by the spelling of the stock, and is one setting however it is typed', async () => {
    await given({ sku: 'MUG-1', brand: 'Acme' }, { sku: 'a.b/c "5\\%_' })
    await setSetting(run, 'skus.mug-1.ratio', '2')
    await setSetting(run, 'skus.Mug-1.ratio', '3')
    await setSetting(run, 'channels.amazon-us.brands.ACME.safety_stock', '4')
    await setSetting(run, 'skus.a.b/c "5\\%_.ratio', '5')
    await setSetting(run, 'skus.a.b/c "5\\%_.ratio', '6')
    expect((await rows()).map(({ key, value }) => `${key} ${value}`).sort()).toEqual([
      'channels.amazon-us.brands.Acme.safety_stock 4',
      'skus.MUG-1.ratio 3',
      'skus.a.b/c "5\\%_.ratio 6',
      'vault.check sealed',
    ])
    expect(await unsetSetting(run, 'skus.mUG-1.ratio')).toMatchObject({ key: 'skus.MUG-1.ratio', old: '3', changed: true })
  })

  it('of goods is taken as it is before the first stock was read', async () => {
    await given()
    await setSetting(run, 'skus.Mug-1.ratio', '2')
    await setSetting(run, 'skus.MUG-1.ratio', '3')
    expect((await rows()).map(({ key }) => key)).toEqual(['skus.Mug-1.ratio', 'vault.check'])
  })

  it('with the longest name there can be are kept whole', async () => {
    const sku = 'X'.repeat(200)
    await given({ sku })
    const key = `channels.mirakl-macys.skus.${sku}.max_oversell_pct`
    await setSetting(run, key, '100')
    expect((await rows())[0]?.key).toBe(key)
    expect(JSON.parse((await events())[0]?.detail ?? '').key).toBe(key)
  })

  it('that eight people change at once tell one story: what each found is what the one before left', async () => {
    await given()
    const connections = await severalConnections(database, 8)
    const runs = connections.map((db, index) => aRunOn(db, { name: `p${index}` }))
    await Promise.all(runs.map((one, index) => setSetting(one, 'inventory.safety_stock', String(index + 10))))

    run = runs[0] ?? run
    const steps = (await events()).map(({ detail }) => JSON.parse(detail) as { old: string | null; new: string })
    expect(steps).toHaveLength(8)
    const next = new Map(steps.map((step) => [step.old, step.new]))
    const story: string[] = []
    for (let value = next.get(null); value !== undefined; value = next.get(value)) story.push(value)
    expect(story.toSorted()).toEqual(['10', '11', '12', '13', '14', '15', '16', '17'])
    expect((await rows()).map(({ value }) => value)).toEqual(story.slice(-1))
  })

  it('are listed with where each value comes from', async () => {
    await given()
    const inventory = { ...settings.inventory, lowStockThreshold: 3, channels: new Map([['amazon-us', { safetyStock: 2 }]]) }
    run = aRunOn(run.db, { settings: { inventory } })
    await setSetting(run, 'inventory.safety_stock', '7')
    await setSetting(run, 'channels.amazon-us.rounding', 'ceil')
    await setSetting(run, 'channels.amazon-us.skus.MUG-1.ratio', '0.5')
    await addSetting(run.db, 'inventory.max_oversell_pct', 'much', noon)
    const listed = new Map((await listSettings(run)).map(({ key, ...rest }) => [key, rest]))
    const byCron = { origin: 'set', setBy: 'cron', setAt: noon }

    expect(listed.get('inventory.ratio')).toEqual({ value: '1', origin: 'default' })
    expect(listed.get('inventory.max_oversell_abs')).toEqual({ value: null, origin: 'default' })
    expect(listed.get('inventory.low_stock_threshold')).toEqual({ value: '3', origin: 'file' })
    expect(listed.get('inventory.safety_stock')).toEqual({ value: '7', otherwise: '1', ...byCron })
    expect(listed.get('channels.amazon-us.safety_stock')).toEqual({ value: '2', origin: 'file' })
    expect(listed.get('channels.amazon-us.ratio')).toEqual({ value: '1', origin: 'inherited', from: 'inventory.ratio' })
    expect(listed.get('channels.amazon-us.rounding')).toEqual({ value: 'ceil', otherwise: 'floor', ...byCron })
    expect(listed.get('channels.amazon-us.skus.MUG-1.ratio')).toEqual({ value: '0.5', otherwise: null, ...byCron })
    expect(listed.get('inventory.max_oversell_pct')).toMatchObject({ value: '150', ignored: expect.stringMatching(/got 'much'/) })
    expect(listed.has('vault.check')).toBe(false)

    const keysAt = async (place: Parameters<typeof listSettings>[1]) => (await listSettings(run, place)).map(({ key }) => key)
    expect(await keysAt({ level: 'skus', name: 'mug-1' })).toEqual(['channels.amazon-us.skus.MUG-1.ratio'])
    expect(await keysAt({ level: 'brands', name: 'mug-1' })).toEqual([])
    expect(await keysAt({ channel: 'amazon-us' })).toHaveLength(8)
  })
})

function stockRow({ sku, brand = null, category = null }: { sku: string; brand?: string | null; category?: string | null }) {
  const about = { name: sku, brand, category, state: 'tracked', available: 5, fields: '{}' }
  const read = { read_at: noon, reading_id: 'r', changed_at: noon }
  return { sku, sku_key: sku.trim().toLowerCase(), item_id: '1', ...about, ...read }
}
