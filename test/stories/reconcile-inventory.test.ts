import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { auditStock } from '../world/auditor-stock.ts'
import { toldOn } from '../world/databases.ts'
import { MINUTE, openStockWorld, SETTLED, type StockWorld } from '../world/stock-world.ts'

interface Document {
  readonly inventory: readonly Readonly<Record<string, number | string>>[]
  readonly findings: readonly { readonly kind: string; readonly sku: string; readonly state: string; readonly next: string }[]
  readonly plan?: readonly { readonly account: string; readonly target: string; readonly detail: string }[]
}

describe.each(toldOn('sqlite'))('what channels show, over the command line, with $name,', { timeout: 300_000 }, (database) => {
  let world: StockWorld

  beforeAll(async () => {
    // Ten of each: nine are on show.
    world = await openStockWorld(database, { count: 6, stock: [10] }, { scale: 200, config: { top: 'lease: 30m' } })
    await world.runs(['inventory:full'])
    world.clock.advance(60 * MINUTE)
  })
  afterAll(() => world.close())

  it('is as it was told: nothing is found and nothing is written', async () => {
    const before = world.sandbox.journal().length
    const { inventory, findings } = (await world.runs(['reconcile', '--inventory'])).json<Document>()
    expect(inventory).toMatchObject([
      { channel: 'amazon-us', listed: 6, compared: 6, same: 6 },
      { channel: 'mirakl-macys', listed: 6, compared: 6, same: 6 },
    ])
    expect(findings).toEqual([])
    expect(world.writes(before)).toEqual([])
  })

  it('is told again where a person changed it: down at once, up when the orders until then are known; what was sold is sold', async () => {
    world.sandbox.act('amazon', 'set-quantity', { sku: 'SKU-000001', quantity: 50 })
    world.sandbox.act('amazon', 'set-quantity', { sku: 'SKU-000002', quantity: 3 })
    world.buy('mirakl', 'SKU-000004', 2)
    world.clock.advance(SETTLED)

    const dry = (await world.runs(['reconcile', '--inventory', '--dry-run'], 3)).json<Document>()
    expect(dry.plan?.filter(({ target }) => target.startsWith('SKU-'))).toMatchObject([
      { account: 'amazon-us', target: 'SKU-000001', detail: expect.stringContaining('50 -> 9') },
    ])

    const { inventory, findings } = (await world.runs(['reconcile', '--inventory'], 3)).json<Document>()
    expect(inventory).toMatchObject([
      { channel: 'amazon-us', same: 4, different: 2, repaired: 1 },
      { channel: 'mirakl-macys', same: 5, sold: 1 },
    ])
    expect(findings.filter(({ kind }) => kind === 'quantity').map(({ sku, state }) => `${state} ${sku}`)).toEqual([
      'open SKU-000002',
      'repaired SKU-000001',
    ])
    expect(findings[0]?.next).toBe('isync reconcile --inventory --sku "SKU-000002"')

    await world.runs(['reconcile', '--sku', 'SKU-000002'])
    world.clock.advance(SETTLED)
    await world.runs(['inventory:rebalance', '--all'])
    world.clock.advance(SETTLED)
    expect(auditStock(world.sandbox)).toMatchObject({ wrong: [], trespasses: [], oversold: [] })
    expect((await world.alerts()).filter(({ rule }) => rule === 'quantities-differ')).toEqual([])
  })

  it('says which SKU nobody knows', async () => {
    const { error } = (await world.runs(['reconcile', '--sku', 'NOBODYS'], 2)).json<{ error: { what: string } }>()
    expect(error.what).toContain('NOBODYS')
  })
})
