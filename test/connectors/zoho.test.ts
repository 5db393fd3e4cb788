import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RetryableError, StoppedError } from '../../src/core/errors.ts'
import type { StockPage } from '../../src/core/ports/stock-source.ts'
import {
  DETAILS,
  everything,
  failureOf,
  HEAD_OFFICE,
  HOUR,
  ITEMS,
  inWords,
  MINUTE,
  NOW,
  openZoho,
  pagesOf,
  SHOWROOM,
  signal,
  TOKEN,
  type ZohoWorld,
} from './zoho-world.ts'

let world: ZohoWorld

beforeEach(async () => {
  world = await openZoho()
})
afterEach(() => world.sandbox.close())

const list = () => pagesOf(world.zoho.listItems(signal))
const sizes = (pages: readonly StockPage[]) => pages.map(({ items, end }) => [items.length, end])

describe('the whole list', () => {
  it('comes page by page, oldest first, active or not, and says when it is whole', async () => {
    world.seed({ generate: { count: 450 } })
    world.act('deactivate', { sku: 'SKU-000003' })

    const pages = await list()

    expect(sizes(pages)).toEqual([
      [200, undefined],
      [200, undefined],
      [50, 'whole'],
    ])
    expect(pages.flatMap(({ items }) => items.map(({ sku }) => sku))).toEqual(
      Array.from({ length: 450 }, (_, i) => `SKU-${String(i + 1).padStart(6, '0')}`),
    )
    expect(pages[0]?.items[2]).toMatchObject({ kind: 'inactive', available: 10 })
    expect(world.asked(ITEMS)[1]).toEqual({
      organization_id: '10234695',
      page: '2',
      per_page: '200',
      filter_by: 'Status.All',
      sort_column: 'created_time',
      sort_order: 'A',
    })
    expect(world.entries(DETAILS)).toHaveLength(0)
    expect(world.entries(TOKEN)).toHaveLength(1)
  })

  it('is read no further than its reader has come', async () => {
    world.seed({ generate: { count: 450 } })

    for await (const _ of world.zoho.listItems(signal)) break

    expect(world.entries(ITEMS)).toHaveLength(1)
  })

  it('of nothing is one empty page', async () => {
    expect(await list()).toEqual([{ items: [], readAt: NOW, end: 'whole' }])
  })

  it('is not whole when a page is empty though more was announced', async () => {
    world.seed({ generate: { count: 450 } })
    world.act('answer', { how: 'empty-page', page: 2 })

    const pages = await list()

    expect(sizes(pages)).toEqual([
      [200, undefined],
      [0, 'short'],
    ])
    expect(pages.at(-1)?.reason).toBe('page 2 was empty though it announced more')
  })

  it('is not whole when the first page is empty and announces more', async () => {
    world.seed({ generate: { count: 3 } })
    world.act('answer', { how: 'empty-page' })

    expect(await list()).toMatchObject([{ items: [], end: 'short' }])
  })

  it('is not whole when items vanish so that the last announced page is empty', async () => {
    world.seed({ generate: { count: 201 } })
    const pages: StockPage[] = []

    for await (const page of world.zoho.listItems(signal)) {
      pages.push(page)
      if (pages.length === 1) world.act('delete', { sku: 'SKU-000001' })
    }

    expect(sizes(pages)).toEqual([
      [200, undefined],
      [0, 'short'],
    ])
    expect(pages[1]?.reason).toBe('page 2 was empty though page 1 had announced more')
  })

  it('goes on after a page with a hole in it, and ends short', async () => {
    world.seed({ generate: { count: 450 } })
    world.act('answer', { how: 'half', page: 1 })

    const pages = await list()

    expect(sizes(pages)).toEqual([
      [100, undefined],
      [200, undefined],
      [50, 'short'],
    ])
    expect(pages[2]?.reason).toBe('page 1 had 100 items of 200 though more followed')
  })

  it('is not whole when it has fewer items than Zoho counted', async () => {
    const items = [{ item_id: '1', sku: 'A', available_stock: 1 }]
    const page_context = { page: 1, per_page: 200, has_more_page: false, total: 2 }
    world.sandbox.addFault({
      vendor: 'zoho',
      kind: 'status',
      status: 200,
      body: { code: 0, items, page_context },
      match: { path: 'items' },
    })

    expect(await list()).toMatchObject([{ items: [{ sku: 'A' }], end: 'short', reason: 'it had 1 items, counted were 2' }])
  })

  it('leaves out what has no id, and ends short', async () => {
    const items = [{ sku: 'A', available_stock: 1 }, 'strange', { item_id: '2', sku: 'B', available_stock: 1 }]
    const page_context = { page: 1, per_page: 200, has_more_page: false }
    world.sandbox.addFault({
      vendor: 'zoho',
      kind: 'status',
      status: 200,
      body: { code: 0, items, page_context },
      match: { path: 'items' },
    })

    const [page] = await list()

    expect(page?.items.map(({ sku }) => sku)).toEqual(['B'])
    expect(page).toMatchObject({ end: 'short', reason: 'page 1 had 2 items without a readable id' })
  })

  it('shows an item again that another one pushed onto the next page, and none is lost', async () => {
    world.seed({ generate: { count: 400 } })
    const pages: StockPage[] = []

    for await (const page of world.zoho.listItems(signal)) {
      pages.push(page)
      // Older than all: as if its time of creation had been mended.
      if (pages.length === 1) world.act('create', { sku: 'OLD', stock: 1, created_at: NOW - 90 * 24 * HOUR })
    }

    const skus = pages.flatMap(({ items }) => items.map(({ sku }) => sku))
    expect(skus).toHaveLength(401)
    expect(new Set(skus).size).toBe(400)
  })

  it('that gives a page twice is no list', async () => {
    world.seed({ generate: { count: 450 } })
    world.sandbox.addFault({ vendor: 'zoho', kind: 'repeat-page', match: { path: '[?&]page=2' } })

    const error = await failureOf(list())

    expect(error).toBeInstanceOf(RetryableError)
    expect(error.message).toBe('zoho items: gave page 1 when page 2 was asked for')
  })

  it('that gives a page twice under the right number is no list either', async () => {
    world.seed({ generate: { count: 400 } })
    const [first] = await list()
    const items = first?.items.map(({ itemId, sku }) => ({ item_id: itemId, sku }))
    const body = { code: 0, items, page_context: { page: 2, per_page: 200, has_more_page: true } }
    world.sandbox.addFault({ vendor: 'zoho', kind: 'status', status: 200, body, match: { path: '[?&]page=2' } })

    expect((await failureOf(list())).message).toBe('zoho items: gave page 1 once more as page 2')
  })

  it.each([
    ['html', 'answer is not JSON (text/html; charset=utf-8'],
    ['no-items', 'answer has an unexpected shape (items: invalid_type)'],
    ['error', 'answered 200 with code 1000; Sorry, an internal error has occurred'],
  ])('with %s in the place of a page is retryable, and never an empty page', async (how, message) => {
    world.seed({ generate: { count: 3 } })
    world.act('answer', { how })

    const error = await failureOf(list())

    expect(error).toBeInstanceOf(RetryableError)
    expect(error.message).toContain(message)
    expect(sizes(await list())).toEqual([[3, 'whole']])
  })

  it('without its page context is retryable: it could be any page', async () => {
    world.sandbox.addFault({
      vendor: 'zoho',
      kind: 'status',
      status: 200,
      body: { code: 0, items: [] },
      match: { path: 'items' },
    })

    const error = await failureOf(list())

    expect(error).toBeInstanceOf(RetryableError)
    expect(error.message).toContain('page_context: invalid_type')
  })

  it('ends when it is told to', async () => {
    expect(await failureOf(pagesOf(world.zoho.listItems(AbortSignal.abort())))).toBeInstanceOf(StoppedError)
  })
})

describe('the changes', () => {
  it('are those of the second asked for and later', async () => {
    world.seed({ generate: { count: 5 } })
    world.act('change', { sku: 'SKU-000002', name: 'New', modified_at: NOW - HOUR - 1 })
    world.act('change', { sku: 'SKU-000003', name: 'New', modified_at: NOW - HOUR })
    world.act('change', { sku: 'SKU-000004', name: 'New', modified_at: NOW })

    const pages = await pagesOf(world.zoho.changedSince(NOW - HOUR + 300, signal))

    expect(pages.flatMap(({ items }) => items.map(({ sku }) => sku))).toEqual(['SKU-000003', 'SKU-000004'])
    expect(pages.at(-1)?.end).toBe('whole')
    expect(world.asked(ITEMS)[0]).toMatchObject({ last_modified_time: '2026-11-21T13:59:59+0000', sort_column: 'created_time' })
    expect(world.entries(ITEMS)[0]?.query).toContain('%2B0000')
  })
})

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

  it('dates a page by its first request', async () => {
    world.seed({ generate: { count: 3 } })
    const { zoho } = world.again({ availableField: 'available_for_sale_stock' }, { clock: ticking() })

    const [page] = await pagesOf(zoho.listItems(signal))

    expect(world.entries(ITEMS)).toHaveLength(1)
    expect(page?.readAt).toBe(NOW)
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

it('writes nothing at Zoho, whatever is asked', async () => {
  world.seed({ generate: { count: 5 } })
  await everything(world)
  await world.zoho.itemsBySku(['SKU-000001'], signal)
  await world.zoho.itemsById(['4815000000000044209'], signal)
  await world.zoho.health(signal)

  expect(world.sandbox.books('zoho')).toMatchObject({ writes: 0 })
})
