import { afterEach, describe, expect, it } from 'vitest'
import { amazonOrders } from '../../src/sandbox/scenario/amazon-orders.ts'
import { miraklOrders } from '../../src/sandbox/scenario/mirakl-orders.ts'
import { zohoCast, zohoItems } from '../../src/sandbox/scenario/zoho-items.ts'
import { type Client, type Json, MINUTE, START, skus, startZoho } from './zoho-client.ts'

let zoho: Client

afterEach(() => zoho.sandbox.close())

const HEAD_OFFICE = '460000000038080'
const SHOWROOM = '460000000041010'
const ALL = { filter_by: 'Status.All', sort_column: 'created_time', sort_order: 'A' }

async function detailsOf(sku: string): Promise<Json> {
  const [found] = zoho.books().items.filter((item: Json) => item.sku === sku)
  return (await zoho.get(`/items/${found.item_id}`)).body.item
}

async function rowOf(sku: string, query: Record<string, string> = {}): Promise<Json> {
  const { body } = await zoho.items({ ...ALL, ...query, sku })
  return body.items[0]
}

describe('the list (contract section 3)', () => {
  it('pages through everything, 200 at most at a time', async () => {
    zoho = await startZoho({ generate: { count: 450 } })
    const seen: string[] = []
    const sizes: number[] = []
    for (let page = 1, more = true; more; page++) {
      const answer = await zoho.items({ ...ALL, page: String(page), per_page: '1000' })
      seen.push(...skus(answer))
      sizes.push(answer.body.items.length)
      more = answer.body.page_context.has_more_page
    }
    expect(sizes).toEqual([200, 200, 50])
    expect(new Set(seen).size).toBe(450)
    const beyond = await zoho.items({ ...ALL, page: '4' })
    expect(beyond.body).toMatchObject({ items: [], page_context: { page: 4, per_page: 200, has_more_page: false } })
  })

  it('a full last page announces no further one', async () => {
    zoho = await startZoho({ generate: { count: 4 } })
    const { body } = await zoho.items({ ...ALL, page: '2', per_page: '2' })
    expect(body.page_context).toMatchObject({ has_more_page: false, sort_column: 'created_time', sort_order: 'A' })
  })

  it('an item deleted between two pages shifts the rest', async () => {
    zoho = await startZoho({ generate: { count: 6 } })
    const first = skus(await zoho.items({ ...ALL, per_page: '3' }))
    zoho.act('delete', { sku: 'SKU-000001' })
    const second = skus(await zoho.items({ ...ALL, per_page: '3', page: '2' }))
    expect([...first, ...second]).not.toContain('SKU-000004')
  })

  it('has no committed and no for-sale values, and no place', async () => {
    zoho = await startZoho({ items: [{ sku: 'A', stock: 5, physical: 7, committed: 2 }] })
    const row = await rowOf('A')
    expect(row).toMatchObject({ stock_on_hand: 5, available_stock: 5, actual_available_stock: 7 })
    expect(Object.keys(row).filter((name) => /committed|for_sale|location|warehouse/.test(name))).toEqual([])
  })

  it.each([
    ['Status.All', ['A', 'B', 'C', 'D', 'E']],
    ['Status.Active', ['A', 'C', 'D', 'E']],
    ['Status.Inactive', ['B']],
    ['Status.Lowstock', ['E']],
    ['Status.Grouped', ['A']],
    ['ItemType.Inventory', ['A', 'B', 'E']],
    ['ItemType.Service', ['C']],
    ['ItemType.SalesAndPurchases', ['D']],
    [undefined, ['A', 'C', 'D', 'E']],
  ])('filter_by %s', async (filter, expected) => {
    zoho = await startZoho({
      items: [
        { sku: 'A', group: { name: 'G', option: 'S' } },
        { sku: 'B', status: 'inactive' },
        { sku: 'C', kind: 'service' },
        { sku: 'D', kind: 'untracked' },
        { sku: 'E', stock: 2, reorder_level: 2 },
      ],
    })
    const answer = await zoho.items({ sort_column: 'sku', ...(filter === undefined ? {} : { filter_by: filter }) })
    expect(skus(answer)).toEqual(expected)
  })

  it('sorts by each column, both ways, and again after a change', async () => {
    zoho = await startZoho({
      items: [
        { sku: 'B', name: 'z', stock: 1, rate: 3, created_at: START - 1000 },
        { sku: 'A', name: 'y', stock: 3, rate: 1, created_at: START - 3000 },
        { sku: 'C', name: 'x', stock: 2, rate: 2, created_at: START - 2000 },
      ],
    })
    const by = async (column: string, order = 'A') =>
      skus(await zoho.items({ ...ALL, sort_column: column, sort_order: order })).join('')
    expect(await Promise.all(['sku', 'name', 'stock_on_hand', 'rate', 'created_time'].map((column) => by(column)))).toEqual([
      'ABC',
      'CAB',
      'BCA',
      'ACB',
      'ACB',
    ])
    expect(await by('created_time', 'D')).toBe('BCA')
    zoho.act('set-stock', { sku: 'B', stock: 9 })
    expect(await by('stock_on_hand')).toBe('CAB')
    zoho.act('change', { sku: 'C', name: 'zz' })
    expect([await by('name'), await by('last_modified_time', 'D')]).toEqual(['ABC', 'CBA'])
    zoho.act('change', { sku: 'B', created_at: START - 9000 })
    expect(await by('created_time')).toBe('BAC')
    zoho.act('create', { sku: 'D' })
    expect([await by('created_time'), await by('sku', 'D')]).toEqual(['BACD', 'DCBA'])
  })

  it('a page from the end is the other order backwards', async () => {
    zoho = await startZoho({ generate: { count: 5 } })
    const page = async (n: number) => skus(await zoho.items({ ...ALL, sort_order: 'D', per_page: '2', page: String(n) }))
    expect([...(await page(1)), ...(await page(2)), ...(await page(3)), ...(await page(4))]).toEqual(
      [5, 4, 3, 2, 1].map((n) => `SKU-00000${n}`),
    )
  })

  it('last_modified_time gives what changed after that second; a movement of stock is no change unless a setting says so', async () => {
    zoho = await startZoho({ items: [{ sku: 'A' }, { sku: 'B' }, { sku: 'C' }] })
    const since = async (time: string) => skus(await zoho.items({ ...ALL, last_modified_time: time })).join('')
    zoho.sandbox.clock.advance(MINUTE)
    zoho.act('change', { sku: 'A', name: 'new' })
    zoho.act('set-stock', { sku: 'B', stock: 1 })
    zoho.act('set-stock', { sku: 'C', stock: 1, touch: true })
    expect(await since('2026-11-01T12:00:00+0000')).toBe('AC')
    expect(await since('2026-11-01T04:00:59-0800')).toBe('AC')
    expect(await since('2026-11-01T12:01:00+0000')).toBe('')
    zoho.seed({ settings: { movements_modify: true } })
    zoho.act('sales-order', { sku: 'B' })
    expect(await since('2026-11-01T12:00:00Z')).toBe('ABC')
    expect((await rowOf('B')).last_modified_time).toBe('2026-11-01T04:01:00-0800')
  })

  it('a plus that was not encoded arrives as a blank, and the time is none', async () => {
    zoho = await startZoho()
    const { status, body } = await zoho.items({ ...ALL, last_modified_time: '2026-11-01T12:00:00 0000' })
    expect([status, body.code]).toEqual([400, 2])
  })

  it.each([
    { page: '0' },
    { page: 'one' },
    { per_page: '0' },
    { sort_column: 'mood' },
    { sort_order: 'up' },
    { filter_by: 'Status.Odd' },
    { location_id: '1' },
  ])('refuses %j', async (query) => {
    zoho = await startZoho()
    const { status, body } = await zoho.items(query as Record<string, string>)
    expect([status, body.code]).toEqual([400, 2])
  })

  it('sku is exact: case and blanks tell items apart', async () => {
    zoho = await startZoho({ items: [{ sku: 'a-1' }, { sku: 'A-1' }, { sku: 'A-1 ' }, { sku: '' }] })
    const found = async (sku: string) => skus(await zoho.items({ ...ALL, sku }))
    expect(await found('A-1')).toEqual(['A-1'])
    expect(await found('A-1 ')).toEqual(['A-1 '])
    expect(await found('A')).toEqual([])
    zoho.act('change', { sku: 'A-1', new_sku: 'a-1' })
    expect(await found('a-1')).toEqual(['a-1', 'a-1'])
    expect(() => zoho.act('delete', { sku: 'a-1' })).toThrow('several items')
    expect(skus(await zoho.items({ ...ALL, sku_startswith: 'A' }))).toEqual(['A-1 '])
  })

  it('with a place the numbers are those of the place', async () => {
    zoho = await startZoho({ items: [{ sku: 'A', places: { [HEAD_OFFICE]: 5, [SHOWROOM]: '2.5' } }] })
    expect((await rowOf('A')).available_stock).toBe(7.5)
    expect((await rowOf('A', { location_id: SHOWROOM })).available_stock).toBe(2.5)
    expect((await rowOf('A', { warehouse_id: HEAD_OFFICE })).stock_on_hand).toBe(5)
  })
})

describe('details (contract sections 4 and 5)', () => {
  it('have both ledgers, with and without what is committed, at the item and at each place', async () => {
    zoho = await startZoho({ items: [{ sku: 'A', stock: 10, physical: 12 }] })
    zoho.act('sales-order', { sku: 'A', quantity: 4 })
    expect(await detailsOf('A')).toMatchObject({
      stock_on_hand: 10,
      available_stock: 10,
      actual_available_stock: 12,
      committed_stock: 4,
      available_for_sale_stock: 6,
      actual_committed_stock: 4,
      actual_available_for_sale_stock: 8,
      locations: [
        { location_id: HEAD_OFFICE, is_primary: true, location_available_for_sale_stock: '6.00' },
        { location_id: SHOWROOM, is_primary: false, location_available_for_sale_stock: '0.00' },
      ],
    })
  })

  it('an invoice moves the books, a shipment the shelf, a void order neither', async () => {
    zoho = await startZoho({ items: [{ sku: 'A', stock: 10 }] })
    zoho.act('sales-order', { sku: 'A', quantity: 5 })
    zoho.act('invoice', { sku: 'A', quantity: 3 })
    zoho.act('shipment', { sku: 'A', quantity: 1 })
    expect(await detailsOf('A')).toMatchObject({
      stock_on_hand: 7,
      committed_stock: 2,
      available_for_sale_stock: 5,
      actual_available_stock: 9,
      actual_committed_stock: 4,
      actual_available_for_sale_stock: 5,
    })
    zoho.act('void-order', { sku: 'A', quantity: 2 })
    expect(await detailsOf('A')).toMatchObject({ stock_on_hand: 7, committed_stock: 0, actual_committed_stock: 2 })
  })

  it('before the renaming the places are warehouses, and there is no list of locations', async () => {
    zoho = await startZoho({ items: [{ sku: 'A', stock: 3 }], settings: { places: 'warehouses', places_in_list: true } })
    const item = await detailsOf('A')
    expect(item.warehouses[0]).toMatchObject({ warehouse_id: HEAD_OFFICE, warehouse_available_for_sale_stock: 3 })
    expect(item).not.toHaveProperty('locations')
    expect((await rowOf('A')).warehouses[0]).toMatchObject({ warehouse_stock_on_hand: 3 })
    expect((await zoho.get('/locations')).status).toBe(404)
    zoho.seed({ settings: { places: 'locations' } })
    const { locations } = (await zoho.get('/locations')).body
    expect(locations).toMatchObject([{ location_id: HEAD_OFFICE, location_name: 'Head Office' }, { location_id: SHOWROOM }])
  })

  it('come in bulk for up to a hundred ids; who is unknown is left out', async () => {
    zoho = await startZoho({ generate: { count: 101 } })
    const ids: string[] = zoho.books().items.map((item: Json) => item.item_id)
    const { body } = await zoho.get('/itemdetails', { item_ids: [ids[2], ids[0], '12', ids[2]].join() })
    expect(skus({ body } as never)).toEqual(['SKU-000003', 'SKU-000001'])
    expect((await zoho.get('/itemdetails', { item_ids: ids.slice(1).join() })).body.items).toHaveLength(100)
    expect((await zoho.get('/itemdetails', { item_ids: ids.join() })).status).toBe(400)
    expect((await zoho.get('/itemdetails')).status).toBe(400)
    const gone = await zoho.get('/items/12')
    expect([gone.status, gone.body.code]).toEqual([404, 1002])
  })

  it('ids have nineteen digits, neighbours look the same as numbers, and may come without quotes', async () => {
    zoho = await startZoho({ generate: { count: 2 } })
    const ids = (await zoho.items(ALL)).body.items.map((item: Json) => item.item_id)
    expect(ids).toEqual([expect.stringMatching(/^\d{19}$/), expect.stringMatching(/^\d{19}$/)])
    expect(ids[0]).not.toBe(ids[1])
    expect(Number(ids[0])).toBe(Number(ids[1]))
    zoho.seed({ settings: { ids: 'number' } })
    expect((await zoho.items(ALL)).text).toContain(`"item_id":${ids[0]},`)
  })
})

describe('kinds of items (contract section 6)', () => {
  it('the scenario has one of each', async () => {
    zoho = await startZoho({ items: zohoItems() })
    const listed = new Map<string, Json>()
    for (const item of (await zoho.items(ALL)).body.items) listed.set(item.sku, item)
    const { service, untracked, bundle, variants, inactive, oversold, fractional, soldOut } = zohoCast
    expect(listed.get(service)).toMatchObject({ item_type: 'sales', product_type: 'service' })
    expect(listed.get(untracked)).toMatchObject({ item_type: 'sales_and_purchases', product_type: 'goods' })
    for (const sku of [service, untracked])
      expect(
        Object.keys({ ...listed.get(sku), ...(await detailsOf(sku)) }).filter((name) => /stock|locations/.test(name)),
      ).toEqual([])
    expect(listed.get(bundle)).toMatchObject({ is_combo_product: true, item_type: 'inventory', available_stock: '6.00' })
    expect(variants.map((sku) => listed.get(sku).attribute_option_name1)).toEqual(['S', 'L'])
    expect(new Set(variants.map((sku) => listed.get(sku).group_id)).size).toBe(1)
    expect(listed.get(inactive).status).toBe('inactive')
    expect([oversold, fractional, soldOut].map((sku) => listed.get(sku).available_stock)).toEqual([-2, 12.75, 0])
    expect(zohoCast.alike.map((sku) => sku.trim().toLowerCase())).toEqual(['pillow-40', 'pillow-40'])
    expect(listed.get('')).toMatchObject({ name: 'Old stock without a SKU' })
    expect(listed.get(zohoCast.scarce).available_stock).toBe(3)
  })

  it('the scenario has stock for every article that the invented orders name', async () => {
    zoho = await startZoho({ items: zohoItems() })
    const stocked = new Set(zoho.books().items.map((item: Json) => item.sku))
    const ordered = [
      ...(amazonOrders(START) as Json[]).flatMap((order) => order.items.map((item: Json) => item.sku)),
      ...(miraklOrders(START) as Json[]).flatMap((order) => order.lines.map((line: Json) => line.offer_sku)),
    ]
    expect(new Set(ordered).size).toBeGreaterThan(5)
    expect(ordered.filter((sku) => !stocked.has(sku))).toEqual([])
  })

  it('one kind turns into another, and odd JSON can be laid over what is sent', async () => {
    zoho = await startZoho({ items: [{ sku: 'A', stock: 4 }] })
    zoho.act('change', { sku: 'A', kind: 'untracked', item_type: 'purchases' })
    expect(await rowOf('A')).not.toHaveProperty('available_stock')
    expect(() => zoho.act('set-stock', { sku: 'A', stock: 1 })).toThrow('no stock is kept')
    zoho.act('change', {
      sku: 'A',
      kind: 'tracked',
      list: { available_stock: 'n/a', sku: '$absent' },
      details: { locations: null },
    })
    const { body } = await zoho.items(ALL)
    expect(body.items[0]).toMatchObject({ available_stock: 'n/a', stock_on_hand: 4 })
    expect(body.items[0]).not.toHaveProperty('sku')
    expect((await detailsOf('A')).locations).toBeNull()
  })

  it('an item is taken off sale, brought back, and deleted', async () => {
    zoho = await startZoho({ items: [{ sku: 'A', item_id: '77' }] })
    zoho.act('deactivate', { sku: 'A' })
    expect(skus(await zoho.items())).toEqual([])
    expect(skus(await zoho.items({ filter_by: 'Status.Inactive' }))).toEqual(['A'])
    zoho.act('activate', { item_id: '77' })
    expect(skus(await zoho.items())).toEqual(['A'])
    zoho.act('delete', { item_id: '77' })
    expect((await zoho.get('/items/77')).body.code).toBe(1002)
    expect(skus(await zoho.items({ sku: 'A' }))).toEqual([])
  })
})
