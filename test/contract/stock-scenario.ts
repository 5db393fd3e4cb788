import { amazonListingCast, amazonListings } from '../../src/sandbox/scenario/amazon-listings.ts'
import { miraklOfferCast, miraklOffers } from '../../src/sandbox/scenario/mirakl-offers.ts'
import { zohoCast, zohoItems } from '../../src/sandbox/scenario/zoho-items.ts'
import type { WorldOptions } from '../world/loop.ts'
import type { Exchange } from './check.ts'
import { type HeardWorld, openHeardWorld, patient } from './heard-world.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
/** Virtual milliseconds per real one: the program waits for reports that take a minute. */
const SCALE = 40

/** SKUs that are hard to send: to Amazon in a list, in a path, to Mirakl in a table. */
export const hardSkus = ['RIBBON,RED', 'TASSE "GRÜN"; 2', 'A&B=C?#%20+', "O'NEIL (L)!*"] as const

/** In Zoho, and Amazon's or a location's to count: nothing may be written to them there. */
export const notOurs = [amazonListingCast.shippedByAmazon, amazonListingCast.byLocation] as const
/** In Zoho, and nobody lists it. */
export const nowhere = 'NOWHERE'

async function openStockWorld(options: WorldOptions): Promise<HeardWorld> {
  const world = await openHeardWorld({ scale: SCALE, ...options })
  const { sandbox } = world
  const hard = hardSkus.map((sku, i) => ({ sku, quantity: 40 + i }))
  const more = [...hardSkus, ...notOurs, nowhere].map((sku) => ({ sku, stock: 12 }))
  sandbox.seed('zoho', { items: [...zohoItems(), ...more] })
  sandbox.seed('amazon', { listings: [...amazonListings(), ...hard, { sku: miraklOfferCast.unspeakable, quantity: 4 }] })
  sandbox.seed('mirakl', { offers: [...miraklOffers(), ...hard] })
  return world
}

/** A day on which all goes as it should: few quantities at a time, so that each is a call of its own at Amazon, and a file at Mirakl. */
export async function playAStockDay(): Promise<readonly Exchange[]> {
  const world = await openStockWorld({ config: { ...patient, inventory: 'report_wait: 10m' } })
  const { sandbox, clock, good, heard } = world
  try {
    await good('doctor')
    // One SKU is refused by each channel, in its own words.
    sandbox.act('amazon', 'fail-sku', { sku: 'SOCKS-S' })
    sandbox.act('mirakl', 'fail-sku', { sku: zohoCast.soldOut, reason: 'The offer cannot be updated; "locked"' })
    await good('inventory:full')

    // Sold to the last but one on each: gone everywhere before the pull ends.
    sandbox.act('amazon', 'buy', { sku: 'SOCKS-L', quantity: 24 })
    sandbox.act('mirakl', 'buy', { sku: hardSkus[0], quantity: 11, order: { state: 'SHIPPING' } })
    clock.advance(10 * MINUTE)
    await good('orders:pull')

    sandbox.act('amazon', 'fail-sku', { sku: 'SOCKS-S', on: false })
    sandbox.act('mirakl', 'fail-sku', { sku: zohoCast.soldOut, off: true })
    sandbox.act('zoho', 'set-stock', { sku: 'SOCKS-L', stock: 30, touch: true })
    await good('inventory:delta')
    await good('inventory:rebalance', '--all')
    await good('inventory:rebalance', '--sku', 'SOCKS-S', '--sku', hardSkus[1])

    // A listing is taken off, found missing, and a day later found again.
    sandbox.act('amazon', 'delist', { sku: 'SOCKS-L' })
    sandbox.act('mirakl', 'delist', { sku: hardSkus[3] })
    for (const [sku, stock] of [
      ['SOCKS-L', 50],
      [hardSkus[3], 51],
    ] as const)
      sandbox.act('zoho', 'set-stock', { sku, stock })
    await good('inventory:full')
    sandbox.act('amazon', 'list', { sku: 'SOCKS-L' })
    sandbox.act('mirakl', 'list', { sku: hardSkus[3] })
    clock.advance(DAY + 2 * 60 * MINUTE)
    await good('inventory:full')
    await good('inventory:full', '--force')
    return heard()
  } finally {
    await world.close()
  }
}

/**
 * A large assortment: Amazon gets feeds, Zoho's list has pages, and what counts is the stock of one place, which only the details tell, at first
 * in the spelling of today and then in the older one.
 */
export async function playALargeAssortment(): Promise<readonly Exchange[]> {
  const zoho = `${patient.zoho}\navailable_field: actual_available_for_sale_stock\nlocation_ids: ["460000000038080"]`
  const world = await openStockWorld({ config: { ...patient, zoho, inventory: 'feed_above: 3\nreport_wait: 10m' } })
  const { sandbox, clock, good, heard } = world
  try {
    const count = 230
    sandbox.seed('zoho', { generate: { count, stock: [10, 3, 0, 25] } })
    sandbox.seed('amazon', { listings: [{ sku: 'SKU-{n:6}', count, quantity: 99 }] })
    sandbox.seed('mirakl', { offers: [{ sku: 'SKU-{n:6}', count: count - 1, quantity: 99 }] })
    sandbox.act('amazon', 'fail-sku', { sku: 'SKU-000007' })
    await good('inventory:full')

    // What changed goes as one more feed, whose report comes unpacked this time.
    sandbox.seed('amazon', { feeds: { compress: false } })
    sandbox.seed('zoho', { settings: { places: 'warehouses', places_in_list: true } })
    sandbox.act('amazon', 'fail-sku', { sku: 'SKU-000007', on: false })
    for (let n = 10; n < 20; n += 1) sandbox.act('zoho', 'set-stock', { sku: `SKU-0000${n}`, stock: 40 + n, touch: true })
    clock.advance(10 * MINUTE)
    await good('inventory:delta')
    clock.advance(10 * MINUTE)
    await good('inventory:full', '--force')
    return heard()
  } finally {
    await world.close()
  }
}
