import { afterEach, describe, expect, it } from 'vitest'
import { type Client, type Json, startZoho } from './zoho-client.ts'

let zoho: Client

afterEach(() => zoho.sandbox.close())

const ALL = { filter_by: 'Status.All', sort_column: 'created_time', sort_order: 'A' }

describe('odd answers', () => {
  async function page(query: Record<string, string> = {}): Promise<Json> {
    const { status, body, text } = await zoho.items({ ...ALL, per_page: '4', ...query })
    return { status, text, count: body?.items?.length, more: body?.page_context?.has_more_page, body }
  }

  it.each([
    ['empty-page', { count: 0, more: true }],
    ['short-page', { count: 2, more: false }],
    ['half', { count: 2, more: true }],
    ['no-items', { count: undefined, more: true }],
    ['html', { status: 200, body: undefined, text: expect.stringContaining('<html>') }],
    ['error', { status: 200, body: { code: 1000, message: expect.any(String) } }],
  ])('%s, once, and then the truth', async (how, expected) => {
    zoho = await startZoho({ generate: { count: 9 } })
    zoho.act('answer', { how })
    expect(await page()).toMatchObject(expected)
    expect(await page()).toMatchObject({ status: 200, count: 4, more: true })
  })

  it('zeros everywhere, in the list and in the details', async () => {
    zoho = await startZoho({ items: [{ sku: 'A', stock: 7, committed: 1, text_numbers: true }] })
    zoho.act('answer', { how: 'zeros' })
    expect((await page()).body.items[0]).toMatchObject({ sku: 'A', available_stock: '0.00' })
    zoho.act('answer', { how: 'zeros', on: 'itemdetails' })
    const id = zoho.books().items[0].item_id
    const { body } = await zoho.get('/itemdetails', { item_ids: id })
    expect(body.items[0]).toMatchObject({
      available_for_sale_stock: '0.00',
      locations: [{ location_stock_on_hand: '0.00' }, {}],
    })
    expect((await zoho.get('/itemdetails', { item_ids: id })).body.items[0].available_for_sale_stock).toBe('6.00')
  })

  it('on one page only, several times, until cleared', async () => {
    zoho = await startZoho({ generate: { count: 9 } })
    zoho.act('answer', { how: 'empty-page', page: 2, times: 100 })
    expect((await page()).count).toBe(4)
    expect((await page({ page: '2' })).count).toBe(0)
    expect((await page({ page: '2' })).count).toBe(0)
    zoho.act('answer', { clear: true })
    expect((await page({ page: '2' })).count).toBe(4)
  })
})

describe('mistakes of a test are told at once', () => {
  it.each([
    [() => zoho.seed({ item: [] }), 'unknown item'],
    [() => zoho.seed({ items: [{ sku: 7 }] }), 'item.sku: must be a text'],
    [() => zoho.seed({ items: [{ stock: 'many' }] }), 'stock: must be a decimal number'],
    [() => zoho.seed({ items: [{ places: { '1': 2 } }] }), 'there is no place 1'],
    [() => zoho.seed({ settings: { token_error_status: 500 } }), 'must be 200 or 400'],
    [() => zoho.seed({ items: [{ item_id: '7' }, { item_id: '7' }] }), 'an item 7 already'],
    [() => zoho.act('dance', {}), "no action 'dance'"],
    [() => zoho.act('set-stock', { sku: 'NONE', stock: 1 }), "no item with the SKU 'NONE'"],
    [() => zoho.act('answer', { how: 'nicely' }), 'answer.how: must be one of'],
    [() => zoho.act('revoke', { refresh_token: 'x' }), 'no such account'],
  ])('%s', async (run, complaint) => {
    zoho = await startZoho()
    expect(run).toThrow(complaint)
  })
})

describe('a hundred thousand items', () => {
  it('a page of them costs a slice, and moving stock does not sort them again', async () => {
    zoho = await startZoho({ generate: { count: 100_000, stock: [0, 1, 2, 5] } })
    const stand = zoho.sandbox.standIn('zoho')
    const { access_token: token } = (await zoho.token()).body
    const request = (page: number) => ({
      method: 'GET',
      path: '/inventory/v1/items',
      query: new URLSearchParams({ ...ALL, organization_id: '10234695', page: String(page) }),
      headers: { authorization: `Zoho-oauthtoken ${token}` },
      body: Buffer.alloc(0),
    })
    stand.handle(request(1))
    const before = process.cpuUsage()
    for (let page = 1; page <= 500; page++) {
      zoho.act('set-stock', { sku: 'SKU-050000', stock: page })
      expect(stand.handle(request(page)).status).toBe(200)
    }
    // 0.5 ms of work each where it was written; sorting every time would cost 40.
    const { user, system } = process.cpuUsage(before)
    expect((user + system) / 1000 / 500).toBeLessThan(5)
    const last = stand.handle(request(500)).body as Json
    expect(last).toMatchObject({ items: { length: 200 }, page_context: { has_more_page: false } })
    expect(last.items[199].sku).toBe('SKU-100000')
  })
})
