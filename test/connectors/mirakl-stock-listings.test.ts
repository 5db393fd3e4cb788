import { describe, expect, test } from 'vitest'
import type { Listing } from '../../src/core/model/stock.ts'
import { OF21, offer } from './mirakl-stock-world.ts'
import { calls, errorOf, mirakl, sandbox, signal } from './mirakl-world.ts'

async function describeSkus(...skus: readonly string[]): Promise<readonly Listing[]> {
  if (mirakl.describeListings === undefined) throw new Error('cannot describe')
  return mirakl.describeListings(skus, signal)
}

const many = (count: number, over: object = {}) =>
  sandbox.seed('mirakl', { offers: [{ sku: 'M-{n:4}', count, quantity: 3, ...over }] })
const sku = (n: number) => `M-${String(n).padStart(4, '0')}`

describe('what the shop offers', () => {
  test('one by one, in the order asked, a SKU twice if it is asked twice', async () => {
    offer('A', 4)
    offer('B', 0)
    expect(await describeSkus('B', 'NONE', 'A', 'B')).toEqual([
      { sku: 'B', listed: true, fulfilment: 'seller', quantity: 0 },
      { sku: 'NONE', listed: false },
      { sku: 'A', listed: true, fulfilment: 'seller', quantity: 4 },
      { sku: 'B', listed: true, fulfilment: 'seller', quantity: 0 },
    ])
    expect(await describeSkus()).toEqual([])
  })

  test('a quantity may be written without looking first', () => {
    expect(mirakl.checksListings).toBe(false)
  })

  test('an offer that lies elsewhere, or in several warehouses, is told apart', async () => {
    offer('ELSEWHERE', 1, { fulfillment_center_code: 'OPERATOR-DC' })
    offer('TWO', 0, { warehouses: { EAST: 2, WEST: 3 } })
    offer('ONE', 0, { warehouses: { EAST: 2 } })
    expect(await describeSkus('ELSEWHERE', 'TWO', 'ONE')).toMatchObject([
      { fulfilment: 'marketplace' },
      { fulfilment: 'locations', quantity: 5 },
      { fulfilment: 'seller', quantity: 2 },
    ])
  })

  test('a SKU is asked for as it is spelt, and found only so', async () => {
    offer('A&B=C ü', 2)
    offer('lamp', 2)
    expect(await describeSkus('A&B=C ü')).toMatchObject([{ listed: true, quantity: 2 }])
    expect(await describeSkus('LAMP')).toEqual([{ sku: 'LAMP', listed: false }])
  })

  test('one SKU costs one call, and few of a large shop one call each', async () => {
    many(1000)
    await describeSkus(sku(1))
    expect(calls(OF21)).toHaveLength(1)
    await describeSkus(sku(998), sku(999), sku(1000))
    // The first page tells how many there are.
    expect(calls(OF21)).toHaveLength(1 + 1 + 3)
  })

  test('many SKUs of a small shop cost one call per 100 offers', async () => {
    many(250)
    const wanted = Array.from({ length: 250 }, (_, i) => sku(i + 1))
    expect(new Set((await describeSkus(...wanted)).map(({ listed }) => listed))).toEqual(new Set([true]))
    expect(calls(OF21)).toHaveLength(3)
  })

  test('an offer that goes while the pages are read hides no other', async () => {
    many(300)
    const wanted = Array.from({ length: 300 }, (_, i) => sku(i + 1))
    const reading = describeSkus(...wanted)
    await waitForCalls(1)
    // Its place on the first page is taken by the one that would have been the first of the second.
    sandbox.act('mirakl', 'delist', { sku: sku(5) })
    expect((await reading).filter(({ listed }) => !listed)).toEqual([])
    expect(calls(OF21).map(({ query }) => query)).toContain(`sku=${sku(101)}&max=100`)
  })

  test('so many that were not seen while offers went are not called unlisted', async () => {
    many(300)
    sandbox.addFault({
      vendor: 'mirakl',
      kind: 'status-after',
      status: 200,
      body: { offers: [], total_count: 299 },
      match: { path: 'offset=100' },
    })
    const wanted = Array.from({ length: 300 }, (_, i) => sku(i + 1))
    expect(await errorOf(describeSkus(...wanted))).toMatchObject({ kind: 'retryable', operation: 'OF21' })
  })

  test('SKUs that a small shop does not have are unlisted without being asked for one by one', async () => {
    many(150)
    const strangers = Array.from({ length: 60 }, (_, i) => `STRANGER-${i}`)
    const listings = await describeSkus(...strangers, sku(150))
    expect(listings.filter(({ listed }) => listed)).toHaveLength(1)
    expect(calls(OF21)).toHaveLength(2)
  })

  test('an offer that cannot be read hides no other', async () => {
    const body = { offers: [{ shop_sku: 7 }, { shop_sku: 'A', quantity: null }], total_count: 2 }
    sandbox.addFault({ vendor: 'mirakl', kind: 'status-after', status: 200, body })
    expect(await describeSkus('A')).toEqual([{ sku: 'A', listed: true, fulfilment: 'seller' }])
  })
})

async function waitForCalls(count: number): Promise<void> {
  while (calls(OF21).length < count) await new Promise((resolve) => setImmediate(resolve))
}
