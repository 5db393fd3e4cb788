import { afterAll, describe, expect, it, vi } from 'vitest'
import { databases } from '../world/databases.ts'
import { type Race, race } from '../world/oversell-race.ts'
import type { TownOptions } from '../world/oversell-town.ts'
import { directFetch, openDirect } from '../world/oversell-wire.ts'

vi.mock('../../src/connectors/amazon/transport.ts', async () => (await import('../world/oversell-wire.ts')).directSdk)
vi.stubGlobal('fetch', directFetch)

const wire = openDirect()
afterAll(() => wire.close())

const [sqlite, postgres] = databases
if (sqlite === undefined || postgres === undefined) throw new Error('both databases are needed')

const BLOCK = 2_500

function tell(what: string, { kinds, first: _, ...sums }: Race): void {
  process.stdout.write(`${what}: ${JSON.stringify(sums)} ${JSON.stringify(kinds)}\n`)
}

describe('10,000 schedules of buyers, pulls, readings and publications', () => {
  it.each([1, 2, 3, 4])('block %i: nothing is found', async (block) => {
    const result = await race(sqlite, wire, { from: 1 + (block - 1) * BLOCK, count: BLOCK, reduce: true })
    tell(`block ${block}`, result)
    expect(result.first).toBe('')
    expect(result.kinds).toEqual({})
    expect(result.raised).toBeGreaterThan(3 * BLOCK)
  })
})

it('500 of them on postgres: nothing is found', async () => {
  const result = await race(postgres, wire, { from: 1, count: 500, reduce: true })
  tell('postgres', result)
  expect(result.first).toBe('')
})

it('1,000 of them with the guard `covered`: nothing is found', async () => {
  const result = await race(sqlite, wire, { from: 1, count: 1_000, fix: { guard: 'covered' }, reduce: true })
  tell('covered', result)
  expect(result.first).toBe('')
})

describe('what the guard is worth: units sold that were not there, over 150 schedules with one channel at ratio 1', () => {
  const one = { shops: ['amazon'], ratio: { amazon: [1, 1], mirakl: [1, 1] } } as const satisfies Partial<TownOptions>

  it.each([
    { zoho: 'never hears of an order, and open orders count', fix: { ...one, books: false, carry: 'open_orders' } },
    { zoho: 'hears of orders late, and open orders count', fix: { ...one, carry: 'open_orders' } },
    { zoho: 'hears of orders late', fix: { ...one, carry: 'since_sync' } },
  ] as const)('Zoho $zoho', async ({ zoho, fix }) => {
    const sold: Record<string, number> = {}
    for (const guard of ['off', 'pulled', 'covered'] as const) {
      const result = await race(sqlite, wire, { from: 1, count: 150, fix: { ...fix, guard }, hungry: true, reduce: false })
      sold[guard] = result.oversold
    }
    process.stdout.write(`Zoho ${zoho}: ${JSON.stringify(sold)} units\n`)
    expect(sold.pulled).toBeLessThan(sold.off ?? 0)
    expect(sold.covered).toBeLessThanOrEqual(sold.pulled ?? 0)
  })
})
