import { expect } from 'vitest'
import { auditStock } from '../world/auditor-stock.ts'
import type { TestDatabase } from '../world/databases.ts'
import { addChannels, openStockWorld, skuNo } from '../world/stock-world.ts'

/** 100 of `count` SKUs on two Amazon sellers and two Mirakl marketplaces change: no call is spent beyond what the vendors ask for at least. */
export async function tellOfMany(database: TestDatabase, count: number): Promise<void> {
  const world = await openStockWorld(database, { count }, { scale: 60, config: { top: 'lease: 30m' } })
  try {
    const { sandbox, runs, heard, setStock } = world
    addChannels(world, count)
    const rules = { ratios: { A2SANDBOX: '0.98', 'kohls-key': '1.5' } }
    await runs(['inventory:full'])
    expect(auditStock(sandbox, rules)).toEqual({ listed: 4 * count, wrong: [], trespasses: [], oversold: [] })

    // Far enough apart that every page of Zoho's list has some of them.
    setStock(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [skuNo(1 + (i * count) / 100), 60 + i])))
    const before = sandbox.journal().length
    await runs(['inventory:full'])

    const calls = new Map<string, number>()
    for (const { vendor, method, path } of heard(before)) {
      if (/token|orders/.test(path)) continue
      const shape = `${vendor} ${method} ${path.replace(/(A\dSANDBOX)\/.*/, '$1/{sku}').replace(/imports\/.*/, 'imports/{id}')}`
      calls.set(shape, (calls.get(shape) ?? 0) + 1)
    }
    const statusReads = calls.get('mirakl GET /api/offers/stock/imports/{id}') ?? 0
    calls.delete('mirakl GET /api/offers/stock/imports/{id}')
    expect(Object.fromEntries(calls)).toEqual({
      'zoho GET /inventory/v1/items': count / 200,
      'amazon PATCH /listings/2021-08-01/items/A1SANDBOX/{sku}': 100,
      'amazon PATCH /listings/2021-08-01/items/A2SANDBOX/{sku}': 100,
      'mirakl POST /api/offers/stock/imports': 2,
    })
    expect(statusReads).toBeGreaterThanOrEqual(2)
    expect(statusReads).toBeLessThanOrEqual(8)
    expect(auditStock(sandbox, rules).wrong).toEqual([])
  } finally {
    await world.close()
  }
}
