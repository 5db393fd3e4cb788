import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RetryableError, StoppedError } from '../../src/core/errors.ts'
import type { StockPage } from '../../src/core/ports/stock-source.ts'
import {
  DETAILS,
  everything,
  failureOf,
  HOUR,
  ITEMS,
  NOW,
  openZoho,
  pagesOf,
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

it('writes nothing at Zoho, whatever is asked', async () => {
  world.seed({ generate: { count: 5 } })
  await everything(world)
  await world.zoho.itemsBySku(['SKU-000001'], signal)
  await world.zoho.itemsById(['4815000000000044209'], signal)
  await world.zoho.health(signal)

  expect(world.sandbox.books('zoho')).toMatchObject({ writes: 0 })
})
