import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { openDb } from '../../src/core/db/open.ts'
import { databases } from '../world/databases.ts'
import { startWorld, type World } from '../world/loop.ts'
import { startProgram } from './start-program.ts'

const columns = [
  'sku',
  'channel',
  'available',
  'safety_stock',
  'base',
  'ratio',
  'raw',
  'cap',
  'final',
  'published',
  'difference',
  'why',
]

interface Document {
  readonly schema_version: number
  readonly config: string | null
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

describe('a what-if', () => {
  const empty = () => mkdtempSync(join(inject('runDir'), 'preview-'))

  it('needs neither configuration nor database nor network', async () => {
    const args = ['alloc:preview', '--available', '10', '--ratio', 'amazon-us=2.0', '--safety-stock', '0', '--json']
    const { code, stdout, stderr } = await startProgram(args, empty())
    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toEqual({
      schema_version: 1,
      config: null,
      rows: [
        {
          sku: null,
          channel: 'amazon-us',
          available: 10,
          safety_stock: 0,
          base: 10,
          ratio: '2.0',
          raw: 20,
          cap: 15,
          final: 15,
          published: null,
          difference: null,
          by: ['cap percent'],
          why: [
            'available 10 (--available)',
            'safety stock 0 (--safety-stock) leaves 10',
            'ratio 2.0 (--ratio) gives 20',
            'capped at 150 % = 15 (default)',
          ],
        },
      ],
    })
  })

  it('takes every part of the rule, for all channels or for one', async () => {
    const rows = await previewed(
      empty(),
      '--available 11 --channel amazon-us,ebay-main --ratio 1.55 --ratio ebay-main=0.5 --rounding ceil',
    )
    expect(rows.map(({ channel, raw, final }) => [channel, raw, final])).toEqual([
      ['amazon-us', 16, 15],
      ['ebay-main', 5, 5],
    ])
    const final = async (line: string) => (await previewed(empty(), `--available 11 ${line}`)).map((row) => row['final'])
    expect(await final('--ratio a=2 --max-oversell-pct 200')).toEqual([20])
    expect(await final('--ratio a=2 --max-oversell-abs 3')).toEqual([13])
    expect(await final('--channel a --min-publish-qty 30')).toEqual([30])
    expect(await final('--ratio a=2 --ratio b=1 --cap-scope total')).toEqual([9, 6])
    expect(await final('--channel a,b --main-channel b --small-stock-threshold 10')).toEqual([0, 10])
    expect(await final('--channel a --available -3')).toEqual([0])
  })

  it('as CSV is read back as it was, and no cell can be a formula', async () => {
    const line = ['alloc:preview', '--available', '10', '--channel', 'amazon-us', '--csv', '--sku', '=1+1', '--sku', 'a "b", c']
    const { code, stdout } = await startProgram(line, empty())
    expect(code).toBe(0)
    const [head, ...rows] = parse(stdout)
    expect(head).toEqual(columns)
    expect(rows.map((row) => row.slice(0, 11))).toEqual([
      ["'=1+1", 'amazon-us', '10', '1', '9', '1', '9', '13', '9', '', ''],
      ['a "b", c', 'amazon-us', '10', '1', '9', '1', '9', '13', '9', '', ''],
    ])
  })

  it('takes its rules from the configuration where there is one, and needs none of its secrets', async () => {
    const folder = empty()
    writeFileSync(
      join(folder, 'isync.config.yaml'),
      'encryption_keys: ${NOT_SET}\nchannels:\n  amazon-us: { ratio: "2.0", credentials: { client_id: ${NOT_SET} } }\n  ebay-main: { ratio: "0.98" }\ninventory: { safety_stock: 2, max_oversell_pct: 100 }\n',
    )
    const rows = await previewed(folder, '--available 10')
    expect(rows.map(({ channel, base, final }) => [channel, base, final])).toEqual([
      ['amazon-us', 8, 8],
      ['ebay-main', 8, 7],
    ])
    expect(rows[0]?.['why']).toContain('capped at 100 % = 8 (inventory.max_oversell_pct, file)')
    expect(await previewed(folder, '--available 10 --ratio ebay-main=1.0')).toMatchObject([{ channel: 'ebay-main', final: 8 }])

    const { code, stderr } = await startProgram(['alloc:preview', '--available', '10', '--channel', 'amazon-uk'], folder)
    expect([code, stderr]).toEqual([2, expect.stringMatching(/unknown channel 'amazon-uk'[\s\S]*amazon-us, ebay-main/)])
  })

  it.each([
    ['--available ten', /--available.*is invalid[\s\S]*whole number/],
    ['--available 1.5', /--available.*is invalid/],
    ['--available 10 --ratio amazon-us=abc', /--ratio.*amazon-us=abc.*is invalid[\s\S]*0\.\.10/],
    ['--available 10 --ratio amazon-us=10.5', /0\.\.10/],
    ['--available 10 --ratio amazon-us=', /0\.\.10/],
    ['--available 10 --ratio =2.0', /channel code/],
    ['--available 10 --ratio a=1 --ratio a=2', /two for a/],
    ['--available 10 --channel Amazon', /lower case/],
    ['--available 10 --channel a --safety-stock -1', /--safety-stock.*is invalid[\s\S]*0\.\.1000000/],
    ['--available 10 --channel a --rounding up', /floor, round or ceil/],
    ['--available 10 --channel a --cap-scope both', /channel, total/],
    ['--available 10 --channel a --csv --json', /cannot be used with/],
    ['--available 10', /no channel to compute for[\s\S]*--ratio amazon-us=2.0/],
    ['--available 10 --config nowhere.yaml --channel a', /nowhere\.yaml[\s\S]*does not exist/],
  ])('%s is refused in words, exit 2', async (line, words) => {
    const { code, stdout, stderr } = await startProgram(['alloc:preview', ...line.split(' ')], empty())
    const said = line.includes('--json') ? stdout : stderr
    expect([code, said]).toEqual([2, expect.stringMatching(words)])
  })
})

describe.each(databases)('the stock at hand, on $name', (database) => {
  let world: World

  beforeAll(async () => {
    world = await startWorld(database, { config: { mirakl: 'ratio: "2.0"' } })
    const db = await openDb(world.databaseUrl)
    for (const [sku, available] of [
      ['MUG-1', 10],
      ['MUG-2', 1],
      ['VASE', -2],
    ] as const) {
      await db.run(
        `insert into stock (sku, sku_key, item_id, state, available, fields, read_at, reading_id, changed_at)
         values (?, ?, ?, 'tracked', ?, '{}', 1000, 'r1', 1000)`,
        [sku, sku.toLowerCase(), `item-${sku}`, available],
      )
    }
    await db.run(
      `insert into publications (channel, sku, wanted, why, wanted_at, wanted_run, accepted, accepted_at, state, next_attempt_at)
       values ('amazon-us', 'MUG-1', 9, '{}', 1000, 'run', 9, 1000, 'settled', 0), ('amazon-us', 'MUG-2', 3, '{}', 1000, 'run', 3, 1000, 'settled', 0)`,
    )
    await db.run(
      `insert into stock_movements (id, sku, delta, reason, ref, channel, external_order_id, external_line_id, at, sold_at)
       values ('m1', 'MUG-2', -1, 'order', 'o1', 'amazon-us', 'O-1', '1', 2000, 2000)`,
    )
    await db.close()
  })
  afterAll(() => world.close())

  it('is shown SKU by SKU with what each channel took last', async () => {
    expect(
      (await rowsOf([])).map(({ sku, channel, available, final, published, difference }) => [
        sku,
        channel,
        available,
        final,
        published,
        difference,
      ]),
    ).toEqual([
      ['MUG-1', 'amazon-us', 10, 9, 9, 0],
      ['MUG-1', 'mirakl-macys', 10, 13, null, null],
      ['MUG-2', 'amazon-us', 0, 0, 3, -3],
      ['MUG-2', 'mirakl-macys', 0, 0, null, null],
      ['VASE', 'amazon-us', -2, 0, null, null],
      ['VASE', 'mirakl-macys', -2, 0, null, null],
    ])
    expect((await rowsOf(['--sku', 'MUG-2', '--channel', 'amazon-us']))[0]?.['why']).toEqual([
      expect.stringMatching(/^available 1 \(Zoho.*\), 1 deducted since for 1 order: 0$/),
      'safety stock 1 (default) leaves nothing',
    ])
    expect((await rowsOf(['--changed', '--channel', 'amazon-us'])).map(({ sku }) => sku)).toEqual(['MUG-2', 'VASE'])
  })

  it('is a table for a person and CSV for a spreadsheet', async () => {
    const table = await world.isync(['alloc:preview', '--sku', 'MUG-1'])
    expect(table.stdout).toMatch(/MUG-1 +mirakl-macys +10 +1 +9 +2\.0 +18 +13 +13 +- +- +cap percent/)
    expect(table.stdout).toContain('MUG-1 on mirakl-macys is told 13:\n')
    const csv = await world.isync(['alloc:preview', '--csv'])
    const [head, ...rows] = parse(csv.stdout)
    expect(head).toEqual(columns)
    expect(rows).toHaveLength(6)
    expect(rows[2]?.slice(0, 11)).toEqual(['MUG-2', 'amazon-us', '0', '1', '0', '1', '0', '0', '0', '3', '-3'])
    expect((await world.isync(['alloc:preview', '--sku', 'MUG-1', '--channel', 'amazon-us', '--changed'])).stdout).toBe(
      'Nothing would change.\n',
    )
  })

  it('is not asked for what is not there, nor under other rules than those in effect', async () => {
    for (const [args, words] of [
      [['--sku', 'CUP-9'], /SKU CUP-9 is not here/],
      [['--channel', 'amazon-uk'], /unknown channel 'amazon-uk'[\s\S]*amazon-us, mirakl-macys/],
      [['--ratio', 'amazon-us=2.0'], /--ratio needs --available/],
    ] as const) {
      const ran = await world.isync(['alloc:preview', ...args])
      expect([ran.code, ran.stdout, ran.stderr]).toEqual([2, '', expect.stringMatching(words)])
    }
  })

  async function rowsOf(args: readonly string[]): Promise<Document['rows']> {
    const ran = await world.isync(['alloc:preview', ...args, '--json'])
    expect(ran.code, ran.stdout + ran.stderr).toBe(0)
    return ran.json<Document & Record<string, unknown>>().rows
  }
})

async function previewed(folder: string, line: string): Promise<Document['rows']> {
  const { code, stdout } = await startProgram(['alloc:preview', '--json', ...line.split(' ')], folder)
  expect(code, stdout).toBe(0)
  const document: Document = JSON.parse(stdout)
  expect(document.schema_version).toBe(1)
  return document.rows
}
