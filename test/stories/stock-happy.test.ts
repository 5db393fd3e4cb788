import { afterEach, describe, expect, it } from 'vitest'
import { auditStock, shownBy } from '../world/auditor-stock.ts'
import { toldOn } from '../world/databases.ts'
import { MINUTE, openStockWorld, SETTLED, type StockDocument, type StockWorld, skuNo } from '../world/stock-world.ts'

let world: StockWorld

afterEach(async () => {
  await world.close()
})

function shown(sku: string): Readonly<Record<string, number | null>> {
  return Object.fromEntries(
    shownBy(world.sandbox)
      .filter((one) => one.sku === sku)
      .map(({ account, quantity }) => [account, quantity]),
  )
}

/** In the fast suite on one database; stock-happy.long.test.ts tells it on both. */
const here = toldOn('sqlite')

describe.each(here)('stock in Zoho, with $name,', { timeout: 60_000 }, (database) => {
  it('stands on Amazon and Mirakl as the rule gives it; a second run sends nothing, a third only what changed', async () => {
    world = await openStockWorld(database, { count: 25 }, { config: { amazon: 'ratio: "0.57"', mirakl: 'ratio: "2.0"' } })
    const { sandbox, runs, writes, setStock } = world
    // What is not the seller's to write, or not in Zoho at all, keeps what it has.
    sandbox.seed('amazon', {
      listings: [
        { sku: 'FBA-1', channel: 'FBA' },
        { sku: 'BY-PLACE', channel: 'LOCATIONS', quantity: 7 },
        { sku: 'NOT-IN-ZOHO', quantity: 5 },
      ],
    })
    sandbox.seed('mirakl', { offers: [{ sku: 'NOT-IN-ZOHO', quantity: 5 }] })
    sandbox.seed('zoho', {
      items: [
        { sku: 'FBA-1', stock: 40 },
        { sku: 'BY-PLACE', stock: 41 },
        { sku: 'NOWHERE-LISTED', stock: 42 },
        { sku: 'COMMITTED', stock: 20, committed: 8 },
        { sku: 'ASLEEP', stock: 20, status: 'inactive' },
      ],
    })
    for (const sku of ['COMMITTED', 'ASLEEP']) {
      sandbox.seed('amazon', { listings: [{ sku, quantity: 99 }] })
      sandbox.seed('mirakl', { offers: [{ sku, quantity: 99 }] })
    }
    const rules = { ratios: { A1SANDBOX: '0.57', 'sandbox-key': '2.0' } }

    const first = (await runs(['inventory:full'])).json<StockDocument>()

    expect(auditStock(sandbox, rules)).toEqual({ listed: 54, wrong: [], trespasses: [], oversold: [] })
    // 19 x 0.57 is 10.83; 19 x 2 is capped at 150 %. available_stock knows nothing of what is committed.
    expect(shown('COMMITTED')).toEqual({ A1SANDBOX: 10, 'sandbox-key': 28 })
    expect(first.channels.map(({ counts }) => counts)).toMatchObject([
      { accepted: 27, unlisted: 1, not_ours: 2, failed: 0, held: 0 },
      { accepted: 27, unlisted: 3, not_ours: 0, failed: 0, held: 0 },
    ])

    const before = sandbox.journal().length
    const second = (await runs(['inventory:full'])).json<StockDocument>()
    expect([second.recomputed?.changed, writes(before)]).toEqual([0, []])

    setStock({ [skuNo(1)]: 12, [skuNo(2)]: 2 })
    const again = sandbox.journal().length
    await runs(['inventory:full'])
    expect(auditStock(sandbox, rules).wrong).toEqual([])
    expect([...writes(again)].sort()).toEqual([
      `amazon PATCH /listings/2021-08-01/items/A1SANDBOX/${skuNo(1)}`,
      `amazon PATCH /listings/2021-08-01/items/A1SANDBOX/${skuNo(2)}`,
      'mirakl POST /api/offers/stock/imports',
    ])
  })

  it('that is sold to the last unit is gone from every channel before orders:pull ends, and sku:show says why', async () => {
    world = await openStockWorld(database, { count: 10 })
    const { sandbox, runs, buy, clock, isync, alerts } = world
    await runs(['inventory:full'])
    expect(shown(skuNo(2))).toEqual({ A1SANDBOX: 2, 'sandbox-key': 2 })
    const order = buy('amazon', skuNo(2), 2)
    clock.advance(SETTLED)
    expect(shown(skuNo(2))['sandbox-key']).toBe(2)

    const pulled = await isync(['orders:pull', '--json'])

    expect(pulled.code, pulled.stdout).toBe(0)
    clock.advance(MINUTE)
    expect(shown(skuNo(2))).toEqual({ A1SANDBOX: 0, 'sandbox-key': 0 })
    expect(auditStock(sandbox)).toMatchObject({ wrong: [], oversold: [] })
    const why = await isync(['sku:show', skuNo(2)])
    expect(why.stdout).toContain(order)
    expect(why.stdout).toMatch(/shadow +1\n/)
    // One derivation for both, since it is the same.
    expect(why.stdout.match(/^.* to show .*:$/gm)).toEqual(['amazon-us, mirakl-macys are to show 0:'])
    expect(await alerts()).toEqual([])
  })

  it('that two channels sell at the same moment is never promised a second time', async () => {
    world = await openStockWorld(database, { count: 5 })
    const { sandbox, runs, buy, clock, isync, alerts } = world
    await runs(['inventory:full'])
    buy('amazon', skuNo(1), 5)
    buy('mirakl', skuNo(1), 6)
    clock.advance(SETTLED)

    await runs(['orders:pull'])

    expect(shown(skuNo(1))).toEqual({ A1SANDBOX: 0, 'sandbox-key': 0 })
    expect(auditStock(sandbox).wrong).toEqual([])
    expect(await alerts()).toMatchObject([{ rule: 'sold-out', severity: 'warning' }])
    expect((await isync(['sku:show', skuNo(1), '--json'])).json()).toMatchObject({ available: 10, deducted: 11, shadow: -1 })
  })
})
