import { afterEach, describe, expect, it } from 'vitest'
import type { MarketplaceConnector, OpenOrder, OrderWindow } from '../../src/core/ports/marketplace.ts'
import { DAY, type EbayWorld, HOUR, MINUTE, NOW, openEbay, signal } from './ebay-world.ts'

const WINDOW: OrderWindow = { from: NOW - 7 * DAY, until: NOW - 15 * MINUTE }

let world: EbayWorld
afterEach(() => world.close())

async function listed(connector: MarketplaceConnector): Promise<readonly OpenOrder[]> {
  const found: OpenOrder[] = []
  for await (const page of connector.listOpenOrders(WINDOW, signal)) found.push(...page)
  return found
}

const asked = () => world.sandbox.journal().filter(({ path }) => path === '/ws/api.dll').length
/** Open orders at these instants, epoch ms. */
const at = (instants: readonly number[]) => ({
  orders: instants.map((created_at) => ({ created_at, updated_at: created_at, payment: 'PAID' })),
})

describe("eBay's open orders in slices of one page", () => {
  it.each([
    ['evenly', (n: number) => NOW - 6 * DAY + n * 15 * MINUTE],
    ['all within minutes', (n: number) => NOW - 3 * DAY + n * 1000],
    [
      'some of old and most of one hour',
      (n: number) => (n % 10 === 0 ? NOW - 6 * DAY + n * 10 * MINUTE : NOW - 2 * HOUR + n * 3000),
    ],
  ])('come each once, %s', async (_how, instant) => {
    world = await openEbay(at(Array.from({ length: 450 }, (_, n) => instant(n))))

    const found = await listed(world.connector)

    expect(new Set(found.map(({ externalOrderId }) => externalOrderId)).size).toBe(450)
    expect(found).toHaveLength(450)
    // Five pages would hold them; a look first, and few slices that turn out to be too long, or nearly empty.
    expect(asked()).toBeLessThanOrEqual(12)
  })

  it('come each once when more than a page of them was made in one instant', async () => {
    world = await openEbay(at([...Array.from({ length: 230 }, () => NOW - DAY), NOW - DAY - HOUR, NOW - DAY + HOUR]))

    const found = await listed(world.connector)

    expect(new Set(found.map(({ externalOrderId }) => externalOrderId)).size).toBe(232)
    expect(found).toHaveLength(232)
  })

  it('take one call where there are few', async () => {
    world = await openEbay(at([NOW - 6 * DAY, NOW - DAY, NOW - HOUR]))

    expect(await listed(world.connector)).toHaveLength(3)
    expect(asked()).toBe(1)
  })
})
