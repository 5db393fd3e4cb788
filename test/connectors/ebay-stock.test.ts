import { afterEach, describe, expect, it } from 'vitest'
import { PermanentError, RefusedByDryRun, RetryableError, ThrottledError } from '../../src/core/errors.ts'
import type { QuantityUpdate } from '../../src/core/model/stock.ts'
import { books, type EbayWorld, failureOf, heard, live, openEbay, signal, spoil, TRADING } from './ebay-world.ts'

const BULK = /bulk_update_price_quantity$/

let world: EbayWorld
afterEach(() => world.close())

const open = async (listings: readonly object[], more: object = {}) => {
  world = await openEbay({ listings, ...more })
}
const describeAll = (...skus: string[]) => world.connector.describeListings?.(skus, signal) ?? Promise.resolve([])

/** A quantity with what was written down beside its listing, as the publisher sends it. */
async function updates(quantities: Readonly<Record<string, number>>, described = true): Promise<readonly QuantityUpdate[]> {
  const skus = Object.keys(quantities)
  const listings = described ? await describeAll(...skus) : []
  return skus.map((sku) => {
    const listing = listings.find((one) => one.sku === sku)
    const productType = listing?.listed === true ? listing.productType : undefined
    return { channel: 'ebay-us', sku, quantity: quantities[sku] ?? 0, ...(productType === undefined ? {} : { productType }) }
  })
}
const write = async (quantities: Readonly<Record<string, number>>, described = true, connector = world.connector) =>
  connector.updateQuantities(await updates(quantities, described), 'auto', signal)
const revisions = () => heard(world, TRADING).filter(({ requestBody }) => requestBody.includes('<ReviseInventoryStatusRequest'))

describe('what is on sale', () => {
  it('is nothing that has ended, or was never published', async () => {
    await open([
      { sku: 'ENDED', quantity: 7 },
      { sku: 'DRAFT', quantity: 7, published: false },
    ])
    world.sandbox.act('ebay', 'delist', { sku: 'ENDED' })

    const only = world.again({ inventoryApi: 'inventory' }).connector
    expect(await only.describeListings?.(['ENDED', 'DRAFT'], signal)).toEqual([
      { sku: 'ENDED', listed: false },
      { sku: 'DRAFT', listed: false },
    ])
  })

  it('is found in both models, with the number on show', async () => {
    await open([
      { sku: 'OFFER', quantity: 7, offer_id: '5000000001' },
      { sku: 'CAPPED', quantity: 7, offer_quantity: 3, offer_id: '5000000002' },
      { sku: 'PLACES', quantity: 7, distributions: { EAST: 4, WEST: 3 } },
      { sku: 'OLD', model: 'trading', quantity: 5, item_id: '257000000001' },
      { sku: 'TS-M', model: 'trading', quantity: 2, item_id: '257000000002', variation: { Size: 'M' } },
      { sku: 'TS-L', model: 'trading', quantity: 4, item_id: '257000000002', variation: { Size: 'L' } },
    ])

    expect(await describeAll('OFFER', 'CAPPED', 'PLACES', 'OLD', 'TS-L', 'NOBODY', '')).toEqual([
      { sku: 'OFFER', listed: true, fulfilment: 'seller', quantity: 7, productType: 'inventory 5000000001' },
      { sku: 'CAPPED', listed: true, fulfilment: 'seller', quantity: 3, productType: 'inventory 5000000002' },
      expect.objectContaining({ sku: 'PLACES', listed: true, fulfilment: 'locations' }),
      { sku: 'OLD', listed: true, fulfilment: 'seller', quantity: 5, productType: 'trading 257000000001' },
      { sku: 'TS-L', listed: true, fulfilment: 'seller', quantity: 4, productType: 'trading v257000000002' },
      { sku: 'NOBODY', listed: false },
      { sku: '', listed: false },
    ])
  })

  it('is no auction: its quantity cannot be written', async () => {
    await open([
      { sku: 'BOTH', model: 'trading', quantity: 5, item_id: '257000000001' },
      { sku: 'ONLY', model: 'trading', quantity: 1, item_id: '257000000002' },
    ])
    await describeAll('BOTH')
    const list = heard(world, TRADING).find(({ replyBody }) => replyBody.includes('<ActiveList>'))?.replyBody
    const item = (id: string, sku: string) =>
      `<Item><ItemID>${id}</ItemID><ListingType>Chinese</ListingType><SKU>${sku}</SKU><QuantityAvailable>1</QuantityAvailable></Item>`
    const body = list
      ?.replace(/<Item><[^/]*>(?:(?!<\/Item>).)*257000000002.*?<\/Item>/, '')
      .replace('<ItemArray>', `<ItemArray>${item('257000000003', 'BOTH')}${item('257000000002', 'ONLY')}`)
    spoil(world, TRADING, 'status', { status: 200, body, match: { body: 'GetMyeBaySellingRequest' } })

    expect(await world.again().connector.describeListings?.(['BOTH', 'ONLY'], signal)).toEqual([
      { sku: 'BOTH', listed: true, fulfilment: 'seller', quantity: 5, productType: 'trading 257000000001' },
      { sku: 'ONLY', listed: false },
    ])
  })

  it('is asked of one model only where the operator says so', async () => {
    await open([
      { sku: 'OFFER', quantity: 7 },
      { sku: 'OLD', model: 'trading', quantity: 5 },
    ])

    const inventory = await world.again({ inventoryApi: 'inventory' }).connector.describeListings?.(['OFFER', 'OLD'], signal)
    expect(inventory?.map(({ listed }) => listed)).toEqual([true, false])
    expect(books(world).calls['GetMyeBaySelling']).toBeUndefined()
  })

  it('is not what eBay could not say just now: that is asked again, and still written', async () => {
    await open([
      { sku: 'N-1', quantity: 1 },
      { sku: 'N-2', quantity: 1 },
      { sku: 'N-3', quantity: 1 },
      { sku: 'OLD', model: 'trading', quantity: 1 },
    ])
    const fail = (sku: string, times: number, code?: number) =>
      world.sandbox.act('ebay', 'fail-read', { sku, times, ...(code === undefined ? {} : { code }) })
    fail('N-1', 1, 25001)
    fail('N-2', 1)
    fail('N-3', 3, 25001)

    const known = await updates({ 'N-1': 5, 'N-2': 6, 'N-3': 7, OLD: 8 })
    expect(known.map(({ productType }) => productType?.split(' ')[0])).toEqual(['inventory', 'inventory', undefined, 'trading'])

    const outcomes = await world.connector.updateQuantities(known, 'auto', signal)
    expect(outcomes.map(({ status }) => status)).toEqual(['accepted', 'accepted', 'failed', 'accepted'])
    expect(outcomes[2]).toMatchObject({ error: { kind: 'retryable', message: expect.stringContaining('N-3') } })
    expect((await world.connector.updateQuantities(known, 'auto', signal))[2]).toEqual({ status: 'accepted' })
    expect(['N-1', 'N-2', 'N-3', 'OLD'].map((sku) => live(world, sku))).toEqual([5, 6, 7, 8])
  })

  it('is not decided by a refusal that is not about the SKU', async () => {
    await open([{ sku: 'N-1', quantity: 1 }])
    const errors = [{ errorId: 25709, domain: 'API_INVENTORY', message: 'Invalid value for header Accept-Language.' }]
    spoil(world, /bulk_get_inventory_item$/, 'status', { status: 400, body: { errors }, times: 3 })

    expect(await failureOf(describeAll('N-1', 'N-2'))).toMatchObject({
      kind: 'permanent',
      message: expect.stringContaining('header Accept-Language'),
    })
  })

  it('is read again when a listing ends between two pages: the one behind it moves and is not stepped over', async () => {
    await open([{ sku: 'T-{n:3}', model: 'trading', quantity: 1, count: 202 }])
    await describeAll('T-001')
    const second = heard(world, TRADING).find(({ requestBody }) => requestBody.includes('<PageNumber>2<'))?.replyBody ?? ''
    const moved = second.replace('<TotalNumberOfEntries>202<', '<TotalNumberOfEntries>201<').replace(/<Item>.*?<\/Item>/s, '')
    expect(moved.length).toBeLessThan(second.length - 50)
    spoil(world, TRADING, 'status', { status: 200, body: moved, match: { path: TRADING.source, body: '<PageNumber>2<' } })

    const found = await world.again().connector.describeListings?.(['T-201', 'T-202'], signal)

    expect(found?.map(({ listed }) => listed)).toEqual([true, true])
  })

  it('is read once for many questions, however many pages it has', async () => {
    await open([{ sku: 'T-{n:4}', model: 'trading', quantity: 1, count: 401 }])

    await describeAll('T-0001', 'T-0401')
    const [last] = await describeAll('T-0401')

    expect(last).toMatchObject({ listed: true })
    expect(books(world).calls['GetMyeBaySelling']).toBe(3)
  })
})

describe('a quantity', () => {
  it('goes to each SKU by its own model, 25 and 4 in a call', async () => {
    await open([
      { sku: 'N-{n:2}', quantity: 1, count: 30 },
      { sku: 'T-{n:2}', model: 'trading', quantity: 1, count: 6 },
    ])
    const all = Object.fromEntries(books(world).listings.map(({ sku }, n) => [sku ?? '', n + 10]))

    const outcomes = await write(all)

    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['accepted']))
    for (const [sku, quantity] of Object.entries(all)) expect(live(world, sku)).toBe(quantity)
    expect(heard(world, BULK)).toHaveLength(2)
    expect(revisions()).toHaveLength(2)
  })

  it('finds SKUs that look like numbers by their very letters', async () => {
    const skus = ['1E5', '00123', '0x1F', 'true']
    await open([
      ...skus.map((sku) => ({ sku, quantity: 1 })),
      ...skus.map((sku) => ({ sku: `${sku}0`, model: 'trading', quantity: 1 })),
    ])

    const all = Object.fromEntries(skus.flatMap((sku, n) => [[sku, n + 10] as const, [`${sku}0`, n + 20] as const]))

    expect(await write(all)).toEqual(Array(8).fill({ status: 'accepted' }))
    for (const [sku, quantity] of Object.entries(all)) expect(live(world, sku)).toBe(quantity)
  })

  it('raises an offer that has a number of its own', async () => {
    await open([{ sku: 'CAPPED', quantity: 7, offer_quantity: 3 }])

    await write({ CAPPED: 9 })

    expect(live(world, 'CAPPED')).toBe(9)
  })

  it('reaches one variation and leaves the others', async () => {
    await open([
      { sku: 'TS-M', model: 'trading', quantity: 2, item_id: '257000000002', variation: { Size: 'M' } },
      { sku: 'TS-L', model: 'trading', quantity: 4, item_id: '257000000002', variation: { Size: 'L' } },
    ])

    expect(await write({ 'TS-M': 0 })).toEqual([{ status: 'accepted' }])
    expect([live(world, 'TS-M'), live(world, 'TS-L')]).toEqual([0, 4])
  })

  it('without a note beside its listing is looked up', async () => {
    await open([
      { sku: 'OFFER', quantity: 1 },
      { sku: 'OLD', model: 'trading', quantity: 1 },
    ])

    expect(await write({ OFFER: 5, OLD: 6, NOBODY: 1 }, false)).toEqual([
      { status: 'accepted' },
      { status: 'accepted' },
      { status: 'unlisted', detail: 'no active listing has this SKU' },
    ])
    expect([live(world, 'OFFER'), live(world, 'OLD')]).toEqual([5, 6])
  })

  it('never touches stock that is kept by warehouse', async () => {
    await open([{ sku: 'PLACES', quantity: 7, distributions: { EAST: 4, WEST: 3 } }])

    expect(await write({ PLACES: 5 }, false)).toMatchObject([{ status: 'not-ours' }])
    expect(live(world, 'PLACES')).toBe(7)
    expect(books(world).listings[0]?.distributions_lost).toBe(false)
  })

  it('of a listing that moved to the other model follows it, and knows the way the next time', async () => {
    await open([{ sku: 'OLD', model: 'trading', quantity: 1 }])
    const known = await updates({ OLD: 5 })
    world.sandbox.act('ebay', 'migrate', { sku: 'OLD' })

    expect(await world.connector.updateQuantities(known, 'auto', signal)).toEqual([{ status: 'accepted' }])
    expect(live(world, 'OLD')).toBe(5)

    const before = revisions().length
    await world.connector.updateQuantities(
      known.map((one) => ({ ...one, quantity: 3 })),
      'auto',
      signal,
    )
    expect(live(world, 'OLD')).toBe(3)
    expect(revisions()).toHaveLength(before)
  })

  it('of a listing that has ended is unlisted, and the others of its call go on', async () => {
    await open([
      { sku: 'GONE', model: 'trading', quantity: 1 },
      { sku: 'HERE', model: 'trading', quantity: 1 },
    ])
    const known = await updates({ GONE: 5, HERE: 6 })
    world.sandbox.act('ebay', 'delist', { sku: 'GONE' })

    const outcomes = await world.connector.updateQuantities(known, 'auto', signal)

    expect(outcomes.map(({ status }) => status)).toEqual(['unlisted', 'accepted'])
    expect(live(world, 'HERE')).toBe(6)
  })

  it("that eBay refuses fails alone, with eBay's words", async () => {
    await open([
      { sku: 'N-1', quantity: 1 },
      { sku: 'N-2', quantity: 1 },
      { sku: 'T-1', model: 'trading', quantity: 1 },
      { sku: 'T-2', model: 'trading', quantity: 1 },
    ])
    const known = await updates({ 'N-1': 5, 'N-2': 5, 'T-1': 5, 'T-2': 5 })
    world.sandbox.act('ebay', 'fail-sku', { sku: 'N-1', code: 25709, times: 9 })
    world.sandbox.act('ebay', 'fail-sku', { sku: 'T-1', code: 21919188, times: 9 })

    const outcomes = await world.connector.updateQuantities(known, 'auto', signal)

    expect(outcomes).toMatchObject([
      { status: 'failed', error: expect.any(PermanentError) },
      { status: 'accepted' },
      { status: 'failed', error: expect.any(PermanentError) },
      { status: 'accepted' },
    ])
    expect(['N-2', 'T-2'].map((sku) => live(world, sku))).toEqual([5, 5])
  })

  it('counts as told only where no error speaks of its listing, whatever else the answer names', async () => {
    await open([
      { sku: 'T-1', model: 'trading', quantity: 1, item_id: '257000000001' },
      { sku: 'M', model: 'trading', quantity: 1, item_id: '257000000002', variation: { Size: 'M' } },
      { sku: 'L', model: 'trading', quantity: 1, item_id: '257000000002', variation: { Size: 'L' } },
    ])
    const known = await updates({ 'T-1': 5, M: 6, L: 7 })
    const named = (id: string, sku: string) => `<InventoryStatus><ItemID>${id}</ItemID><SKU>${sku}</SKU></InventoryStatus>`
    const error = (...values: readonly string[]) => {
      const parameters = values.map((value) => `<ErrorParameters><Value>${value}</Value></ErrorParameters>`).join('')
      return `<Errors><ErrorCode>21919188</ErrorCode><SeverityCode>Error</SeverityCode>${parameters}</Errors>`
    }
    const all = [named('257000000001', 'T-1'), named('257000000002', 'M'), named('257000000002', 'L')].join('')
    const errors = [error('257000000001'), error('257000000002', 'L')].join('')
    const body = `<ReviseInventoryStatusResponse><Ack>PartialFailure</Ack>${errors}${all}</ReviseInventoryStatusResponse>`
    spoil(world, TRADING, 'status', {
      status: 200,
      body,
      match: { path: TRADING.source, body: 'ReviseInventoryStatusRequest' },
    })

    expect(await world.connector.updateQuantities(known, 'auto', signal)).toEqual(Array(3).fill({ status: 'accepted' }))
    // That first call never reached the listings: a row that was not sent again is what it was.
    expect(['T-1', 'M', 'L'].map((sku) => live(world, sku))).toEqual([5, 1, 7])
  })

  it('of which the answer says nothing is in doubt, and sent again without harm', async () => {
    await open([
      { sku: 'N-1', quantity: 1 },
      { sku: 'N-2', quantity: 1 },
    ])
    world.sandbox.act('ebay', 'lose-entry', { sku: 'N-1' })

    const known = ['N-1', 'N-2'].map((sku) => ({ channel: 'ebay-us', sku, quantity: 5, productType: 'inventory' }))

    const [lost, told] = await world.connector.updateQuantities(known, 'auto', signal)

    expect(lost).toMatchObject({ status: 'failed', error: { kind: 'retryable', outcomeUnknown: true } })
    expect(told).toEqual({ status: 'accepted' })
  })

  it('goes alone where eBay takes one SKU in a call, and the next batch knows it', async () => {
    await open([{ sku: 'N-{n}', quantity: 1, count: 3 }], { settings: { inventory_batch: 1 } })

    expect(await write({ 'N-1': 4, 'N-2': 5, 'N-3': 6 })).toEqual(Array(3).fill({ status: 'accepted' }))
    expect(heard(world, BULK).map(({ status }) => status)).toEqual([400, 200, 200, 200])

    await write({ 'N-1': 7, 'N-2': 8 })
    expect(heard(world, BULK)).toHaveLength(6)
    expect([live(world, 'N-1'), live(world, 'N-2')]).toEqual([7, 8])
  })

  it('in a dry run is planned for both models and sent to neither', async () => {
    await open([
      { sku: 'N', quantity: 1 },
      { sku: 'T', model: 'trading', quantity: 1 },
    ])
    const dry = world.again({}, { dryRun: true })
    const known = (await updates({ N: 5, T: 6 })).map((one) => ({ ...one, previous: 1 }))

    expect(await failureOf(dry.connector.updateQuantities(known, 'auto', signal))).toBeInstanceOf(RefusedByDryRun)

    expect(dry.planned.map(({ operation, target, detail }) => [operation, target, detail])).toEqual([
      ['inventory/bulk_update_price_quantity', 'N', '1 -> 5'],
      ['ReviseInventoryStatus', 'T', '1 -> 6'],
    ])
    expect([live(world, 'N'), live(world, 'T')]).toEqual([1, 1])
  })

  it('of the one model is written although the other one is down', async () => {
    await open([
      { sku: 'N', quantity: 1 },
      { sku: 'T', model: 'trading', quantity: 1 },
    ])
    const known = await updates({ N: 5, T: 6 })
    spoil(world, BULK, 'status', { status: 503, body: '' })

    expect(await world.connector.updateQuantities(known, 'auto', signal)).toMatchObject([
      { status: 'failed', error: expect.any(RetryableError) },
      { status: 'accepted' },
    ])
    expect(live(world, 'T')).toBe(6)
  })

  it('that cannot be told at all is thrown, so that nothing counts as tried', async () => {
    await open([{ sku: 'N', quantity: 1 }])
    const known = await updates({ N: 5 })
    spoil(world, BULK, 'throttle', { headers: { 'retry-after': '30' } })

    const error = await failureOf(world.connector.updateQuantities(known, 'auto', signal))

    expect(error).toBeInstanceOf(ThrottledError)
    expect(error).toMatchObject({ waitMs: 30_000 })
  })
})

it('hundreds of quantities are handed over a hundred at a time', async () => {
  await open([])

  expect(world.connector.quantityPlan(5000)).toEqual({ way: 'auto', batch: 100 })
  expect(world.connector.checksListings).toBe(true)
})
