import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { shownBy } from '../world/auditor-stock.ts'
import { toldOn } from '../world/databases.ts'
import { fingerprint } from '../world/dump.ts'
import { openStockWorld, SETTLED, type StockDocument, type StockWorld, skuNo } from '../world/stock-world.ts'

interface DryDocument extends StockDocument {
  readonly dry_run: boolean
  readonly plan: readonly {
    readonly account: string
    readonly operation: string
    readonly target: string
    readonly detail: string
  }[]
}

/** In the fast suite on one database; stock-dry-run.long.test.ts tells it on both. */
const here = toldOn('postgres')

describe.each(here)('--dry-run of what changes quantities, with $name,', { timeout: 60_000 }, (database) => {
  let world: StockWorld
  let temporary: string
  let runs = 0

  beforeAll(async () => {
    world = await openStockWorld(database, { count: 6, stock: [10] })
    temporary = join(world.folder, 'tmp')
    mkdirSync(temporary)
  })
  afterAll(() => world.close())

  it('of the first inventory:full names every quantity it would send, and changes nothing anywhere', async () => {
    const plan = await changesNothing(['inventory:full'])
    const lines = plan.map(({ account, operation, target, detail }) => `${account} ${operation} ${target} ${detail}`).sort()
    expect(lines).toHaveLength(12)
    expect(lines[0]).toBe(`amazon-us patchListingsItem ${skuNo(1)} ? -> 9`)
    expect(lines[6]).toMatch(new RegExp(`^mirakl-macys STO01 ${skuNo(1)} .*-> 9`))
  })

  it('of inventory:rebalance before any stock is known, and after it, with nothing to do, plans nothing', async () => {
    expect(await changesNothing(['inventory:rebalance'])).toEqual([])
    await world.runs(['inventory:full'])
    expect(await changesNothing(['inventory:full'])).toEqual([])
    expect(await changesNothing(['inventory:rebalance', '--all'])).toEqual([])
  })

  it('of inventory:full and inventory:delta tells old and new of what changed, and changes nothing anywhere', async () => {
    world.sandbox.act('zoho', 'change', { sku: skuNo(2), stock: 8 })
    const told = [`amazon-us ${skuNo(2)} 9 -> 7`, `mirakl-macys ${skuNo(2)} 9 -> 7`]
    for (const args of [['inventory:full'], ['inventory:delta'], ['inventory:delta', '--since', '12h']]) {
      const plan = await changesNothing(args)
      expect(plan.map(({ account, target, detail }) => `${account} ${target} ${detail}`).sort(), args.join(' ')).toEqual(told)
    }
    expect((await changesNothing(['inventory:full', '--force'])).length).toBe(12)
    await world.runs(['inventory:delta'])
    expect(await changesNothing(['inventory:full'])).toEqual([])
  })

  it('of orders:pull tells what an order would leave of a SKU that is nearly gone, and changes nothing anywhere', async () => {
    world.buy('amazon', skuNo(3), 9)
    world.clock.advance(SETTLED)
    const plan = await changesNothing(['orders:pull'])
    expect(plan.map(({ account, target, detail }) => `${account} ${target} ${detail}`).sort()).toEqual([
      `amazon-us ${skuNo(3)} 9 -> 0`,
      `mirakl-macys ${skuNo(3)} 9 -> 0`,
    ])
    await world.runs(['orders:pull'])
  })

  it('of inventory:rebalance after a ratio was changed tells old and new, and changes nothing anywhere', async () => {
    await world.runs(['settings', 'set', 'ratio', '0.5', '--channel', 'amazon-us'])
    const plan = await changesNothing(['inventory:rebalance'])
    expect(plan.map(({ account, target, detail }) => `${account} ${target} ${detail}`)).toContain(`amazon-us ${skuNo(1)} 9 -> 4`)
    expect(plan.every(({ account }) => account === 'amazon-us')).toBe(true)
    expect((await changesNothing(['inventory:rebalance', '--sku', skuNo(1)])).map(({ target }) => target)).toEqual([skuNo(1)])
    await world.runs(['inventory:rebalance'])
    expect(await changesNothing(['inventory:rebalance', '--all'])).toEqual([])
  })

  it('of a run that a brake would hold says so with the same exit, and raises no alert', async () => {
    world.sandbox.act('zoho', 'answer', { how: 'empty-page', times: 2 })
    const before = await fingerprint(world.databaseUrl)
    const program = await world.isync(['inventory:full', '--dry-run', '--json'])
    const person = await world.isync(['inventory:full', '--dry-run'])
    expect([program.code, person.code]).toEqual([5, 5])
    expect(person.stdout).toMatch(/HELD BY A BRAKE/)
    expect(program.json<DryDocument>()).toMatchObject({ verdict: 'held', plan: [], brakes: [{ where: 'zoho' }] })
    expect(await fingerprint(world.databaseUrl)).toBe(before)
    expect(await world.alerts()).toEqual([])
  })

  /**
   * Runs it dry, for a program and for a person, and compares database and vendors before and after. In the fast suite a person comes every
   * third time.
   */
  async function changesNothing(args: readonly string[]): Promise<DryDocument['plan']> {
    const { sandbox, isync } = world
    const before = await fingerprint(world.databaseUrl)
    const shown = shownBy(sandbox)
    const calls = sandbox.journal().length
    runs += 1
    const isPersonHere = inject('thorough') || runs % 3 === 1
    const person = isPersonHere ? await isync([...args, '--dry-run'], { TMPDIR: temporary }) : undefined
    const program = await isync([...args, '--dry-run', '--json'], { TMPDIR: temporary })

    expect(program.code, `${args.join(' ')}\n${program.stdout}\n${program.stderr}`).toBe(0)
    expect(await fingerprint(world.databaseUrl)).toBe(before)
    expect(shownBy(sandbox)).toEqual(shown)
    const wrote = sandbox
      .journal()
      .slice(calls)
      .filter(({ method, path }) => method !== 'GET' && !path.endsWith('/token'))
    expect(wrote.map(({ method, path }) => `${method} ${path}`)).toEqual([])
    expect(readdirSync(temporary).filter((name) => name !== 'node-compile-cache')).toEqual([])
    const document = program.json<DryDocument>()
    expect(document.dry_run).toBe(true)
    if (person === undefined) return document.plan
    expect(person.code, person.stdout + person.stderr).toBe(0)
    for (const { target, detail } of document.plan)
      expect(person.stdout).toMatch(new RegExp(`${target}.*${detail.replaceAll('?', '\\?')}`))
    expect(person.stdout).toMatch(/Dry run: (nothing would be sent|\d+ change\(s\) would be sent)/)
    return document.plan
  }
})
