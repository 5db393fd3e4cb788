import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RetryableError } from '../../src/core/errors.ts'
import type { StockPage } from '../../src/core/ports/stock-source.ts'
import {
  DETAILS,
  everything,
  failureOf,
  HEAD_OFFICE,
  ITEMS,
  inWords,
  MINUTE,
  NOW,
  openZoho,
  pagesOf,
  SHOWROOM,
  signal,
  type ZohoWorld,
} from './zoho-world.ts'

let world: ZohoWorld

beforeEach(async () => {
  world = await openZoho()
})
afterEach(() => world.sandbox.close())

const sizes = (pages: readonly StockPage[]) => pages.map(({ items, end }) => [items.length, end])

describe('what the list does not tell', () => {
  it.each([
    ['available_for_sale_stock', 7],
    ['actual_available_for_sale_stock', 5],
  ] as const)('%s is read from the details, 100 items a call', async (availableField, number) => {
    world.seed({
      generate: { count: 249 },
      items: [{ sku: 'SOLD', stock: 10, physical: 9, committed: 3, physical_committed: 4 }],
    })
    const { zoho } = world.again({ availableField })

    const pages = await pagesOf(zoho.listItems(signal))

    expect(sizes(pages)).toEqual([
      [200, undefined],
      [50, 'whole'],
    ])
    expect(pages[0]?.items[0]).toMatchObject({ sku: 'SOLD', kind: 'tracked', available: number })
    expect(pages[0]?.items[0]?.fields).toMatchObject({
      available_stock: '10',
      committed_stock: '3',
      [availableField]: String(number),
    })
    expect(world.asked(DETAILS).map((query) => query['item_ids']?.split(',').length)).toEqual([100, 100, 50])
  })

  it.each([1, 201])('dates the first of %i items by the first request for its page', async (count) => {
    world.seed({ generate: { count } })
    const { zoho } = world.again({ availableField: 'available_for_sale_stock' }, { clock: ticking() })

    const pages = await pagesOf(zoho.listItems(signal))

    expect(pages).toHaveLength(Math.ceil(count / 200))
    expect(pages[0]?.readAt).toBe(NOW)
  })

  /** A clock that moves with every look at it. */
  function ticking() {
    let now = NOW - 1
    return { now: () => ++now, sleep: async () => undefined }
  }

  it('asks no details of what has no stock', async () => {
    world.seed({
      items: [
        { sku: 'S', kind: 'service' },
        { sku: 'U', kind: 'untracked' },
        { sku: '', stock: 4 },
      ],
    })

    expect(inWords(await everything(world.again({ availableField: 'available_for_sale_stock' })))).toEqual([
      'S service ?',
      'U untracked ?',
      '- no-sku ?',
    ])
    expect(world.entries(DETAILS)).toHaveLength(0)
  })

  it('leaves unknown what the details leave out, though the list had numbers', async () => {
    world.seed({ generate: { count: 3 } })
    world.act('answer', { how: 'half', on: 'itemdetails' })

    const items = await everything(world.again({ availableField: 'available_for_sale_stock' }))

    expect(inWords(items)).toEqual(['SKU-000001 tracked 10', 'SKU-000002 unknown ?', 'SKU-000003 tracked 10'])
    expect(items[1]?.fields).toEqual({})
  })

  it('does not believe that none of the items exists', async () => {
    world.seed({ generate: { count: 3 } })
    world.sandbox.addFault({
      vendor: 'zoho',
      kind: 'status',
      status: 200,
      body: { code: 0, items: [] },
      match: { path: 'itemdetails' },
    })

    const error = await failureOf(everything(world.again({ availableField: 'available_for_sale_stock' })))

    expect(error).toBeInstanceOf(RetryableError)
    expect(error.message).toBe('zoho itemdetails: has none of 3 items that the list has just shown')
  })
})

describe('chosen places', () => {
  const places = {
    [HEAD_OFFICE]: { stock: 10, committed: 2 },
    [SHOWROOM]: { stock: '0.5', committed: 0 },
  }

  it.each(['locations', 'warehouses'])('are added up, spelt as %s', async (spelling) => {
    world.seed({ settings: { places: spelling }, items: [{ sku: 'A', places }] })
    const prefix = spelling.slice(0, -1)

    const [one] = await everything(world.again({ locationIds: [SHOWROOM] }))
    const [both] = await everything(
      world.again({ locationIds: [HEAD_OFFICE, SHOWROOM], availableField: 'available_for_sale_stock' }),
    )

    expect(one).toMatchObject({ kind: 'tracked', available: 0 })
    expect(both).toMatchObject({ kind: 'tracked', available: 8 })
    expect(Number(both?.fields[`${prefix}_available_for_sale_stock ${HEAD_OFFICE}`])).toBe(8)
    expect(Number(both?.fields[`${prefix}_stock_on_hand ${SHOWROOM}`])).toBe(0.5)
  })

  it('that an item does not have make it unknown, not empty', async () => {
    world.seed({ items: [{ sku: 'A', places }] })

    expect(inWords(await everything(world.again({ locationIds: ['999'] })))).toEqual(['A unknown ?'])
  })

  it('with one unreadable number are unknown: a part is not the sum', async () => {
    const locations = [
      { location_id: HEAD_OFFICE, location_available_stock: '5.00' },
      { location_id: SHOWROOM, location_available_stock: 'n/a' },
    ]
    world.seed({ items: [{ sku: 'A', stock: 5, details: { locations } }] })

    expect(inWords(await everything(world.again({ locationIds: [HEAD_OFFICE, SHOWROOM] })))).toEqual(['A unknown ?'])
    expect(inWords(await everything(world.again({ locationIds: [HEAD_OFFICE] })))).toEqual(['A tracked 5'])
  })
})

describe('kinds of items', () => {
  it('are told apart', async () => {
    world.seed({
      items: [
        { sku: ' MUG ', stock: 5, brand: ' Acme ', category: 'Kitchen' },
        { sku: 'SET', kind: 'bundle', stock: 2 },
        { sku: 'SHIRT-S', stock: 3, group: { name: 'Shirt', option: 'S' } },
        { sku: 'OFF', stock: 9, status: 'inactive' },
        { sku: 'GIFT-CARD', kind: 'untracked' },
        { sku: 'ENGRAVING', kind: 'service' },
        { sku: '', stock: 4 },
        { sku: '', kind: 'service' },
        { sku: 'SHORT', stock: -3 },
        { sku: 'ROPE', stock: '2.5' },
        { sku: 'DEBT', stock: '-0.5' },
        { sku: 'TEXT', stock: 12, text_numbers: true },
        { sku: 'NONE', list: { available_stock: '$absent' } },
        { sku: 'NULL', list: { available_stock: null } },
        { sku: 'BAD', list: { available_stock: 'n/a' } },
        { sku: 'ODD', list: { available_stock: [1] } },
        { sku: 'OFF-BAD', status: 'inactive', list: { available_stock: '' } },
        { sku: 'NO-TRACK', stock: 1, list: { item_type: '$absent', track_inventory: false } },
      ],
    })

    const items = await everything(world)

    expect(inWords(items)).toEqual([
      'MUG tracked 5',
      'SET bundle 2',
      'SHIRT-S tracked 3',
      'OFF inactive 9',
      'GIFT-CARD untracked ?',
      'ENGRAVING service ?',
      '- no-sku 4',
      '- service ?',
      'SHORT tracked -3',
      'ROPE tracked 2',
      'DEBT tracked -1',
      'TEXT tracked 12',
      'NONE unknown ?',
      'NULL unknown ?',
      'BAD unknown ?',
      'ODD unknown ?',
      'OFF-BAD inactive ?',
      'NO-TRACK untracked 1',
    ])
    expect(items[0]).toMatchObject({
      brand: 'Acme',
      category: 'Kitchen',
      fields: { stock_on_hand: '5', available_stock: '5', actual_available_stock: '5' },
    })
    expect(items[11]?.fields['available_stock']).toBe('12.00')
    expect(items[14]?.fields['available_stock']).toBe('n/a')
    expect(items[1]).not.toHaveProperty('brand')
  })

  it.each(['text', 'number'])('keep every digit of their ids when Zoho sends them as %s', async (ids) => {
    world.seed({ settings: { ids }, items: [{ item_id: '4815000000000044209', sku: 'A', stock: 1 }] })

    const [item] = await everything(world.again({ availableField: 'available_for_sale_stock' }))

    expect(item).toMatchObject({ itemId: '4815000000000044209', available: 1 })
    expect(world.asked(DETAILS)).toMatchObject([{ item_ids: '4815000000000044209' }])
  })
})

describe('named items', () => {
  it('by SKU cost one call each; those that do not exist are absent', async () => {
    world.seed({
      items: [
        { sku: 'A&B+C', stock: 5 },
        { sku: 'OFF', stock: 1, status: 'inactive' },
        { sku: 'X', stock: 1 },
      ],
    })

    const page = await world.zoho.itemsBySku(['A&B+C', 'OFF', 'NOBODY', 'A&B+C', ''], signal)

    expect(inWords(page.items)).toEqual(['A&B+C tracked 5', 'OFF inactive 1'])
    expect(page).toMatchObject({ readAt: NOW, end: 'whole' })
    expect(world.asked(ITEMS).map(({ sku }) => sku)).toEqual(['A&B+C', 'OFF', 'NOBODY'])
  })

  it('by SKU show both where two share one', async () => {
    world.seed({
      items: [
        { sku: 'A', stock: 5 },
        { sku: 'A', stock: 6 },
      ],
    })

    expect(inWords((await world.zoho.itemsBySku(['A'], signal)).items)).toEqual(['A tracked 5', 'A tracked 6'])
  })

  it('by SKU are completed by the details where the number is only there', async () => {
    world.seed({
      items: [
        { sku: 'A', stock: 5, committed: 2 },
        { sku: 'B', stock: 5 },
      ],
    })
    const { zoho } = world.again({ availableField: 'available_for_sale_stock' })

    expect(inWords((await zoho.itemsBySku(['A', 'B'], signal)).items)).toEqual(['A tracked 3', 'B tracked 5'])
    expect(world.entries(DETAILS)).toHaveLength(1)
  })

  it('by SKU come out of the list when that is cheaper, and what it lacks is asked for by name', async () => {
    world.seed({ generate: { count: 450 } })
    await everything(world)
    const before = world.entries(ITEMS).length
    const skus = Array.from({ length: 40 }, (_, i) => `SKU-${String(i * 11 + 1).padStart(6, '0')}`)

    const page = await world.zoho.itemsBySku([...skus, 'NOBODY'], signal)

    expect(page.items.map(({ sku }) => sku)).toEqual(skus)
    expect(
      world
        .asked(ITEMS)
        .slice(before)
        .map(({ page: n, sku }) => sku ?? n),
    ).toEqual(['1', '2', '3', 'NOBODY'])
    expect(page.readAt).toBe(NOW)
  })

  it('by id are read 100 a call, and unknown ones are absent', async () => {
    world.seed({ generate: { count: 150 } })
    const ids = (await everything(world)).map(({ itemId }) => itemId)

    const page = await world.zoho.itemsById([...ids, '4815000000999999999'], signal)

    expect(page.items.map(({ itemId }) => itemId)).toEqual(ids)
    expect(page).toMatchObject({ readAt: NOW, end: 'whole' })
    expect(page.items[0]?.fields['available_for_sale_stock']).toBe('10')
    expect(world.entries(DETAILS)).toHaveLength(2)
  })

  it('by id are found though one deleted item spoils every answer it is in', async () => {
    world.seed({ generate: { count: 8 } })
    const ids = (await everything(world)).map(({ itemId }) => itemId)
    const [, , gone = ''] = ids
    world.sandbox.addFault({
      vendor: 'zoho',
      kind: 'status',
      times: 99,
      status: 404,
      body: { code: 1002, message: 'Item does not exist.' },
      match: { path: `itemdetails.*${gone}` },
    })

    const page = await world.zoho.itemsById(ids, signal)

    expect(page.items.map(({ itemId }) => itemId)).toEqual(ids.filter((id) => id !== gone))
    expect(world.entries(DETAILS)).toHaveLength(7)
  })

  it('are the numbers of now, by the time of the first request', async () => {
    world.seed({ items: [{ sku: 'A', stock: 5 }] })
    world.sandbox.clock.advance(MINUTE)
    world.act('set-stock', { sku: 'A', stock: 2 })

    expect(await world.zoho.itemsBySku(['A'], signal)).toMatchObject({ items: [{ available: 2 }], readAt: NOW + MINUTE })
  })
})
