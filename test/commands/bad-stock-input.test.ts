import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { openDb } from '../../src/core/db/open.ts'
import { databases } from '../world/databases.ts'
import { openStockWorld, type StockDocument, type StockWorld, skuNo } from '../world/stock-world.ts'
import { startProgram } from './start-program.ts'

const clean = skuNo(1)

/** What an operator may type about stock, and the words by which the answer must help. */
const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['a ratio that is none', ['alloc:preview', '--ratio', 'amazon-us=abc'], /abc[\s\S]*decimal|decimal[\s\S]*abc|0\.98/],
  ['a ratio below nothing', ['alloc:preview', '--ratio', 'amazon-us=-1'], /-1|decimal/],
  [
    'a ratio of an unknown channel',
    ['alloc:preview', '--available', '10', '--ratio', 'amazon-uk=1'],
    /amazon-uk[\s\S]*amazon-us.*mirakl-macys/,
  ],
  ['units that are none', ['alloc:preview', '--available', 'many'], /many|whole/],
  ['safety stock below nothing', ['alloc:preview', '--safety-stock', '-1'], /-1|whole/],
  ['a preview of an unknown channel', ['alloc:preview', '--channel', 'amazon-uk'], /amazon-uk[\s\S]*amazon-us/],
  ['a preview of an unknown SKU', ['alloc:preview', '--sku', 'NO-SUCH'], /NO-SUCH/],
  ['an unknown SKU to show', ['sku:show', 'NO-SUCH'], /NO-SUCH[\s\S]*inventory:full/],
  ['a SKU in other letters', ['sku:show', clean.toLowerCase()], /letter by letter/],
  ['an empty SKU', ['inventory:rebalance', '--sku', ''], /empty/],
  ['an unknown SKU to publish', ['inventory:rebalance', '--sku', 'NO-SUCH'], /NO-SUCH[\s\S]*inventory:full/],
  ['a known and an unknown SKU', ['inventory:rebalance', '--sku', clean, '--sku', 'NO-SUCH'], /NO-SUCH/],
  ['a time that is none', ['inventory:delta', '--since', 'nonsense'], /2026-01-24T09:00Z.*90m, 12h, 7d/],
  ['a time that is none, of a SKU', ['sku:show', clean, '--at', 'nonsense'], /2026-01-24T09:00Z/],
  ['an option of another command', ['inventory:full', '--sku', clean], /--sku/],
  ['a ratio setting that is none', ['settings', 'set', 'ratio', 'abc', '--channel', 'amazon-us'], /abc/],
  ['a ratio setting out of range', ['settings', 'set', 'ratio', '11', '--channel', 'amazon-us'], /0\.\.10|at most 10|11/],
  ['safety stock below nothing, to be kept', ['settings', 'set', 'safety_stock', '-1'], /safety_stock|-1/],
  ['a setting of an unknown channel', ['settings', 'set', 'ratio', '1', '--channel', 'amazon-uk'], /amazon-uk[\s\S]*amazon-us/],
  ['a setting that is none', ['settings', 'set', 'ratoi', '1'], /ratoi/],
  ['a pause of an unknown channel', ['pause', 'amazon-uk'], /amazon-uk[\s\S]*amazon-us/],
]

let refusals = 0
let world: StockWorld

beforeAll(async () => {
  const [sqlite] = databases
  if (sqlite === undefined) throw new Error('there is no database to test with')
  world = await openStockWorld(sqlite, { count: 3, stock: [10] })
  await world.runs(['inventory:full'])
})
afterAll(() => world.close())

it.each(cases)('%s: refused with four facts and exit 2, and nothing is changed or called', async (_, args, words) => {
  await refused(args, words)
})

it('no section zoho: runs that read stock say which is missing; those that need none still work', async () => {
  const folder = withConfig((text) => text.replace(/^zoho:\n(?: .*\n)*/m, ''))
  for (const command of ['inventory:full', 'inventory:delta']) await refused([command], /no section zoho/, folder)
  const { code, stdout } = await startProgram(['inventory:rebalance', '--all', '--dry-run'], folder)
  expect([code, stdout]).toEqual([0, expect.stringMatching(/Dry run/)])
})

it('changes asked for before there was a complete reading: says how to begin', async () => {
  const [sqlite] = databases
  const empty = (await sqlite?.migrated()) ?? ''
  const folder = withConfig((text) => text.replace(/^database: .*$/m, `database: ${empty}`))
  await refused(['inventory:delta'], /never been read completely[\s\S]*inventory:full/, folder)
})

it('stock settings of the file out of range: each named with its line and what is allowed', async () => {
  const folder = withConfig(
    (text) => `${text}\ninventory: { safety_stock: -1, max_oversell_pct: 12.5, rounding: sideways, brakes: { zero_pct: 500 } }\n`,
  )
  const { why } = await refused(['inventory:full'], /4 problems/, folder)
  for (const key of ['safety_stock', 'max_oversell_pct', 'rounding', 'brakes.zero_pct'])
    expect(why).toContain(`inventory.${key}: must be`)
})

it('a paused channel is left out, is said to be, and is sent nothing until it is resumed', async () => {
  const { runs, sandbox, writes, setStock, isync } = world
  await runs(['pause', 'mirakl-macys', '--inventory'])
  setStock({ [clean]: 30 })
  const before = sandbox.journal().length

  const { verdict } = (await runs(['inventory:full'])).json<StockDocument>()

  expect(verdict).toBe('done')
  expect(writes(before).map((line) => line.split(' ')[0])).toEqual(['amazon'])
  expect((await isync(['inventory:rebalance', '--all'])).stdout).toMatch(/mirakl-macys.*paused/)
  await runs(['resume', 'mirakl-macys'])
  await runs(['inventory:rebalance'])
  expect(writes(before).map((line) => line.split(' ')[0])).toEqual(['amazon', 'mirakl'])
})

interface Complaint {
  readonly what: string
  readonly where: string
  readonly why: string
  readonly next: string
  readonly exit_code: number
}

/**
 * For a program and for a person alike; nothing is called and nothing is changed. In the fast suite a person comes every third time: both
 * are made from the same facts, and cli-contract.test.ts has both for every kind.
 */
async function refused(args: readonly string[], words: RegExp, folder = world.folder): Promise<Complaint> {
  const before = await substance()
  const calls = world.sandbox.journal().length
  const [command = '', ...rest] = args
  const machine = await startProgram([command, '--json', ...rest], folder)
  expect([machine.code, machine.stderr], machine.stdout).toEqual([2, ''])
  const { error }: { readonly error: Complaint } = JSON.parse(machine.stdout)
  const facts = [error.what, error.where, error.why, error.next]
  expect(facts).not.toContain('')
  expect(facts.join('\n')).toMatch(words)
  refusals += 1
  if (inject('thorough') || refusals % 3 === 1) {
    const person = await startProgram(args, folder)
    expect([person.code, person.stdout], person.stderr).toEqual([2, ''])
    for (const fact of facts) expect(person.stderr).toContain(fact)
    expect(person.stderr).not.toMatch(/^\s+at .*:\d+:\d+/m)
  }
  expect(world.sandbox.journal().length).toBe(calls)
  expect(await substance()).toBe(before)
  return error
}

/** All that a command may change; that it was started and refused is kept with the runs. */
async function substance(): Promise<string> {
  const db = await openDb(world.databaseUrl)
  try {
    const tables: unknown[] = []
    for (const table of [
      'stock',
      'stock_marks',
      'stock_readings',
      'publications',
      'settings',
      'events',
      'alerts',
      'tasks',
      'cursors',
    ])
      tables.push(table, await db.rows(`select * from ${table} order by 1, 2`))
    return JSON.stringify(tables)
  } finally {
    await db.close()
  }
}

function withConfig(change: (text: string) => string): string {
  const folder = mkdtempSync(join(inject('runDir'), 'stock-input-'))
  writeFileSync(join(folder, 'isync.config.yaml'), change(readFileSync(join(world.folder, 'isync.config.yaml'), 'utf8')))
  writeFileSync(join(folder, '.env'), readFileSync(join(world.folder, '.env')), { mode: 0o600 })
  return folder
}
