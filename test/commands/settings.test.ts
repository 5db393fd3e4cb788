import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases } from '../world/databases.ts'
import { startWorld, type World } from '../world/loop.ts'

interface Listed {
  readonly settings: readonly {
    readonly key: string
    readonly value: string | null
    readonly origin: string
    readonly set_by?: string
  }[]
}

const [sqlite] = databases
let world: World

beforeAll(async () => {
  if (sqlite === undefined) throw new Error('there is no database to test with')
  world = await startWorld(sqlite, { scale: 20, config: { mirakl: 'ratio: "0.50"\nsafety_stock: 2' } })
})
afterAll(() => world.close())

async function settings(...args: readonly string[]): Promise<string> {
  const ran = await world.isync(['settings', ...args])
  expect(ran.code, ran.stdout + ran.stderr).toBe(0)
  return ran.stdout
}

async function listed(...args: readonly string[]): Promise<ReadonlyMap<string, Listed['settings'][number]>> {
  const all = (await world.isync(['settings', '--json', ...args])).json<Listed>().settings
  return new Map(all.map((one) => [one.key, one]))
}

async function refused(...args: readonly string[]): Promise<{ what: string; why: string; next: string }> {
  const ran = await world.isync(['settings', ...args, '--json'])
  expect([ran.code, ran.stderr]).toEqual([2, ''])
  return ran.json<{ error: { what: string; why: string; next: string } }>().error
}

describe('isync settings', () => {
  it('lists every setting with its value and where that comes from', async () => {
    const text = await settings()
    expect(text).toMatch(/^inventory\.safety_stock +1 +default$/m)
    expect(text).toMatch(/^inventory\.rebalance_interval +4h +default$/m)
    expect(text).toMatch(/^channels\.mirakl-macys\.ratio +0\.50 +file$/m)
    expect(text).toMatch(/^channels\.mirakl-macys\.rounding +floor +inventory\.rounding$/m)
    expect(text).not.toContain('vault')
    expect((await listed()).get('channels.mirakl-macys.safety_stock')).toMatchObject({ value: '2', origin: 'file' })
  })

  it('set changes one, says so, and says when it will be felt', async () => {
    const text = await settings('set', 'ratio', '0.9', '--channel', 'amazon-us')
    expect(text).toMatch(/^channels\.amazon-us\.ratio: not set -> 0\.9$/m)
    expect(text).toContain('isync inventory:rebalance --all')
    expect(await settings('set', 'channels.amazon-us.ratio', '0.90')).toMatch(/is 0\.9 already\. Nothing was changed\./)
    expect(await settings('--channel', 'amazon-us')).toMatch(/amazon-us\.ratio +0\.9 +set by cron \d{4}-\S+Z/)
    expect(await settings('set', 'brakes.zero_pct', '30')).toMatch(/It holds from the next run on/)
  })

  it('set says on which channels a value for everything does nothing', async () => {
    const text = await settings('set', 'inventory.safety_stock', '3')
    expect(text).toMatch(/^channels\.mirakl-macys\.safety_stock \(2\) wins over it there\.$/m)
    expect(text).not.toMatch(/amazon-us\.safety_stock/)
  })

  it('takes a SKU, brand or category, on one channel or all, whatever it is called', async () => {
    await settings('set', 'ratio', '2', '--sku', 'MUG 1/2.5"', '--channel', 'amazon-us')
    await settings('set', 'safety_stock', '4', '--brand', "O'Brien & Sons")
    await settings('set', 'categories.Kitchen, small.rounding', 'ceil')
    expect([...(await listed('--sku', 'mug 1/2.5"')).keys()]).toEqual(['channels.amazon-us.skus.MUG 1/2.5".ratio'])
    expect([...(await listed('--brand', "O'Brien & Sons")).values()]).toMatchObject([{ value: '4', origin: 'set' }])
    expect((await listed()).get('categories.Kitchen, small.rounding')?.value).toBe('ceil')
  })

  it('unset lets the file hold again', async () => {
    await settings('set', 'channels.mirakl-macys.ratio', '2')
    expect(await settings('unset', 'ratio', '--channel', 'mirakl-macys')).toMatch(
      /^channels\.mirakl-macys\.ratio: 2 -> not set \(now 0\.50, file\)$/m,
    )
    expect(await settings('unset', 'ratio', '--channel', 'mirakl-macys')).toMatch(/is not set\. Nothing was changed\./)
  })

  it('limits of the reconciliation and of alerts are among them; --dry-run only shows the change', async () => {
    expect(await settings()).toMatch(/^reconcile\.auto_remedy +true +default$/m)
    expect(await settings('set', 'auto_remedy', 'false', '--dry-run')).toMatch(
      /^would change reconcile\.auto_remedy: not set -> false$/m,
    )
    expect((await listed('list', 'auto_remedy')).get('reconcile.auto_remedy')?.origin).toBe('default')
    const text = await settings('set', 'alerts.orders.warning', '25')
    expect(text).toMatch(/^alerts\.orders\.warning: not set -> 25\nIt holds from the next run on\.$/m)
    expect(await settings('list', 'alerts.')).toMatch(/^alerts\.orders\.warning +25 +set by cron \S+ \(else 10\)$/m)
    expect(await refused('set', 'reconcile.window', '10m')).toMatchObject({
      why: "must be a duration 1h..90d, such as 30s, 5m, 2h or 7d, got '10m'",
    })
  })

  it('--json tells what was changed', async () => {
    const ran = await world.isync(['settings', 'set', 'min_publish_qty', '1', '--json'])
    expect(ran.json()).toMatchObject({
      schema_version: 1,
      key: 'inventory.min_publish_qty',
      old: null,
      new: '1',
      changed: true,
      notes: [expect.stringMatching(/rebalance/)],
    })
  })

  it('refuses what is wrong in the words of the configuration file, and changes nothing', async () => {
    const before = await settings('--json')
    expect(await refused('set', 'ratio', 'two', '--channel', 'amazon-us')).toMatchObject({ why: "must be 0..10, got 'two'" })
    expect((await refused('set', 'sku.MUG-1.ratio', '1')).why).toMatch(/did you mean 'skus\.MUG-1\.ratio'/)
    expect((await refused('set', 'ratio', '1', '--channel', 'amazon-uk')).what).toMatch(/unknown channel 'amazon-uk'/)
    expect((await refused('set', 'ratio')).what).toMatch(/a key and a value/)
    expect((await refused('unset', 'ratio', '1')).what).toMatch(/no value/)
    expect((await refused('set', 'channels.amazon-us.ratio', '1', '--channel', 'amazon-us')).what).toMatch(
      /names its place already/,
    )
    expect((await refused('set', 'ratio', '1', '--sku', 'A', '--brand', 'B')).what).toMatch(/more than one place/)
    expect((await refused('set', 'vault.check', '1')).what).toMatch(/'vault\.check' is not a setting/)
    expect((await refused('unset', 'vault.check')).what).toMatch(/'vault\.check' is not a setting/)
    expect((await refused('change', 'ratio', '1')).what).toMatch(/'change' is invalid/)
    expect(await settings('--json')).toBe(before)
  })
})
