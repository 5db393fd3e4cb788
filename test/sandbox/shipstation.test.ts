import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Sandbox } from '../../src/sandbox/server.ts'
import { basic, type Json, order, type ShipStationClient, startShipStation } from './shipstation-client.ts'

let client: ShipStationClient
let sandbox: Sandbox

beforeEach(async () => {
  client = await startShipStation()
  sandbox = client.sandbox
})

afterEach(async () => {
  await sandbox.close()
})

const call = (...given: Parameters<ShipStationClient['call']>) => client.call(...given)
const get = (path: string) => client.get(path)
const createOrders = (...orders: unknown[]) => client.createOrders(...orders)
const act = (action: string, argument: unknown) => client.act(action, argument)
const books = () => client.books()

describe('access', () => {
  it('takes only a known pair of key and secret', async () => {
    expect((await call('GET', '/stores', undefined, basic('sandbox-key', 'wrong'))).status).toBe(401)
    expect((await call('GET', '/stores', undefined, 'Bearer x')).status).toBe(401)
    sandbox.seed('shipstation', { keys: [{ key: 'a', secret: 'b', expires_at: '2026-12-01T00:00:00Z' }] })

    expect((await get('/stores')).status).toBe(401)
    expect((await call('GET', '/stores', undefined, basic('a', 'b'))).status).toBe(200)
    sandbox.clock.set(Date.UTC(2026, 11, 1))
    expect((await call('GET', '/stores', undefined, basic('a', 'b'))).status).toBe(401)
  })

  it('allows 40 calls a minute and says so on every reply', async () => {
    sandbox.seed('shipstation', { rate_limit: 40 })
    const first = await get('/stores')
    for (let i = 0; i < 39; i++) await get('/stores')
    sandbox.clock.advance(20_500)

    const over = await get('/stores')

    expect(first.headers.get('X-Rate-Limit-Limit')).toBe('40')
    expect(first.headers.get('X-Rate-Limit-Remaining')).toBe('39')
    expect(first.headers.get('X-Rate-Limit-Reset')).toBe('60')
    expect(over.status).toBe(429)
    expect(over.body).toEqual({ message: 'Too Many Requests' })
    expect(over.headers.get('X-Rate-Limit-Reset')).toBe('39')
    sandbox.clock.advance(39_500)
    expect((await get('/stores')).status).toBe(200)
    expect(books()).toMatchObject({ throttled: 1, calls: { stores: 41 } })
  })

  it('has a budget per key pair', async () => {
    const keys = [
      { key: 'a', secret: 'b' },
      { key: 'c', secret: 'd' },
    ]
    sandbox.seed('shipstation', { rate_limit: 1, keys })
    expect((await call('GET', '/stores', undefined, basic('a', 'b'))).status).toBe(200)
    expect((await call('GET', '/stores', undefined, basic('a', 'b'))).status).toBe(429)
    expect((await call('GET', '/stores', undefined, basic('c', 'd'))).status).toBe(200)
  })

  it('answers unknown paths with 404 and wrong methods with 405', async () => {
    expect((await get('/order')).status).toBe(404)
    expect((await call('PUT', '/orders/createorder', {})).status).toBe(405)
  })
})

describe('creating orders', () => {
  it('stores an order, computes the total and leaves unknown fields out', async () => {
    const { status, body } = await call('POST', '/orders/createorder', order('100', { surprise: 1 }))

    expect(status).toBe(200)
    expect(body).toMatchObject({
      orderNumber: '100',
      orderKey: 'amazon:100',
      orderDate: '2026-11-20T09:30:00.0000000',
      createDate: '2026-11-21T12:00:00.0000000',
      orderStatus: 'awaiting_shipment',
      orderTotal: 28.83,
      customerNotes: null,
      advancedOptions: { storeId: 20002, customField1: '100', mergedOrSplit: false, mergedIds: [], parentId: null },
    })
    expect(body.items[0]).toMatchObject({ lineItemKey: 'L1', createDate: '2026-11-21T12:00:00', adjustment: false, options: [] })
    expect(body).not.toHaveProperty('surprise')
    expect((await get(`/orders/${body.orderId}`)).body).toEqual(body)
  })

  it('answers per order, in another order than asked', async () => {
    const { body } = await createOrders(
      order('1'),
      order('2'),
      order('3', { shipTo: { name: '' }, billTo: {} }),
      order('4', { shipTo: { name: 'X', country: 'USA' } }),
    )

    expect(body.hasErrors).toBe(true)
    expect(body.results.map((row: Json) => row.orderNumber)).not.toEqual(['1', '2', '3', '4'])
    const row = (number: string) => body.results.find((one: Json) => one.orderNumber === number)
    expect(row('1')).toEqual({
      orderId: expect.any(Number),
      orderNumber: '1',
      orderKey: 'amazon:1',
      success: true,
      errorMessage: null,
    })
    expect(row('3')).toMatchObject({
      orderId: null,
      success: false,
      errorMessage: "'Ship Name' must not be empty. 'Bill Name' must not be empty.",
    })
    expect(row('4')).toMatchObject({ success: false, errorMessage: 'Please use a 2 character country code' })
    expect(books().orders).toHaveLength(2)
  })

  it('updates by orderKey without a second order, and empties what is left out', async () => {
    const first = await createOrders(order('1', { customerNotes: 'ring twice' }))
    sandbox.clock.advance(1000)

    const second = await createOrders(order('1', { shipTo: { name: 'Bob Sample' }, advancedOptions: { storeId: 20003 } }))

    const id = first.body.results[0].orderId
    expect(second.body.results[0].orderId).toBe(id)
    expect((await get(`/orders/${id}`)).body).toMatchObject({
      customerNotes: null,
      shipTo: { name: 'Bob Sample', street1: null },
      modifyDate: '2026-11-21T12:00:01.0000000',
      advancedOptions: { storeId: 20002, customField1: null },
    })
    expect(books()).toMatchObject({ orders: [{ created_count_calls: 2 }], duplicates: [] })
  })

  it('makes a key of its own when there is none, so that a retry duplicates', async () => {
    const bare = { ...order('1'), orderKey: undefined, advancedOptions: undefined }
    await createOrders(bare)
    await createOrders(bare)

    expect(books().duplicates).toEqual(['1'])
    expect(books().orders.map((one: Json) => one.store_id)).toEqual([20001, 20001])
  })

  it.each(['shipped', 'cancelled'])('does not change an order that is %s', async (status) => {
    await createOrders(order('1'))
    if (status === 'shipped') act('ship', { order_key: 'amazon:1', packages: [{ tracking: '9400' }] })
    else act('cancel', { order_key: 'amazon:1' })

    const { body } = await createOrders(order('1', { shipTo: { name: 'Other' } }))

    expect(body).toMatchObject({ hasErrors: true, results: [{ success: false, errorMessage: expect.stringContaining(status) }] })
    expect(books().orders[0].ship_to.name).toBe('Ada Sample')
    expect((await call('POST', '/orders/createorder', order('1'))).status).toBe(400)
  })

  it('refuses the whole call when it cannot be bound to the model', async () => {
    const array = await call('POST', '/orders/createorder', [order('1')])
    const object = await call('POST', '/orders/createorders', order('1'))
    const many = await createOrders(...Array.from({ length: 101 }, (_, i) => order(`${i}`)))
    const date = await createOrders(order('1'), order('2', { orderDate: 'soon' }))

    for (const reply of [array, object, many, date]) {
      expect(reply.status).toBe(400)
      expect(reply.body).toMatchObject({ Message: 'The request is invalid.', ModelState: expect.any(Object) })
    }
    expect(Object.keys(date.body.ModelState)).toEqual(['apiOrders[1].orderDate'])
    expect(books().orders).toEqual([])
  })

  it.each([
    [{ orderNumber: '' }, "'Order Number' must not be empty."],
    [{ orderNumber: 'x'.repeat(51) }, "'Order Number' must be between 1 and 50 characters. You entered 51 characters."],
    [{ items: [{ quantity: 1 }] }, "'Item Name' must not be empty."],
    [{ items: [{ name: 'x', quantity: 0 }] }, "'Quantity' must be between 1 and 99999."],
    [{ carrierCode: 'fedex' }, 'Invalid serviceCode'],
    [{ advancedOptions: { storeId: 5 } }, 'Store 5 was not found.'],
  ])('refuses %j', async (changes, text) => {
    expect((await createOrders(order('1', changes))).body.results[0]).toMatchObject({ success: false, errorMessage: text })
  })

  it('a poisoned order takes the whole call down until it is alone', async () => {
    sandbox.seed('shipstation', { poison: '^bad', reject: { refused: 'No, thanks.' } })

    const all = await createOrders(order('1'), order('bad-1'), order('2'))

    expect(all.status).toBe(500)
    expect(all.body).toMatchObject({ Message: 'An error has occurred.', ExceptionMessage: expect.any(String) })
    expect((await createOrders(order('2'), order('refused'))).body.results).toContainEqual(
      expect.objectContaining({ orderNumber: 'refused', success: false, errorMessage: 'No, thanks.' }),
    )
    sandbox.seed('shipstation', { poison: null, reject: { refused: null } })
    expect((await createOrders(order('bad-1'), order('refused'))).body.hasErrors).toBe(false)
  })

  it('can show writes only later', async () => {
    sandbox.seed('shipstation', { late_commit_ms: 5000 })
    const first = (await createOrders(order('1'))).body.results[0]
    const again = (await createOrders(order('1'))).body.results[0]

    expect(again.orderId).toBe(first.orderId)
    expect((await get('/orders?orderNumber=1')).body.total).toBe(0)
    expect((await get(`/orders/${first.orderId}`)).status).toBe(404)
    sandbox.clock.advance(5000)
    expect((await get('/orders?orderNumber=1')).body.orders).toMatchObject([{ orderId: first.orderId }])
    expect(books()).toMatchObject({ orders: [{ created_count_calls: 2 }], pending_writes: 0 })
  })
})

describe('reading orders', () => {
  it('matches the number by prefix and pages by 100', async () => {
    sandbox.seed('shipstation', { orders: Array.from({ length: 205 }, (_, i) => order(`${1000 + i}`)) })

    const page = await get('/orders?orderNumber=1&page=3')

    expect(page.body).toMatchObject({ total: 205, page: 3, pages: 3 })
    expect(page.body.orders).toHaveLength(5)
    expect((await get('/orders?orderNumber=100&pageSize=500')).body.total).toBe(10)
    expect((await get('/orders?pageSize=9999')).body.orders).toHaveLength(205)
    expect((await get('/orders?page=4')).body.orders).toEqual([])
    expect(books().orders[0].created_count_calls).toBe(0)
  })

  it('filters by store, status and dates, and sorts', async () => {
    await createOrders(order('1'), order('2', { advancedOptions: { storeId: 20003 }, orderDate: '2026-11-19' }))
    sandbox.clock.advance(3_600_000)
    await createOrders(order('3', { orderStatus: 'on_hold' }))
    const numbers = async (query: string) => (await get(`/orders?${query}`)).body.orders.map((one: Json) => one.orderNumber)

    expect(await numbers('storeId=20003')).toEqual(['2'])
    expect(await numbers('orderStatus=on_hold')).toEqual(['3'])
    expect(await numbers('createDateStart=2026-11-21%2013:00:00')).toEqual(['3'])
    expect(await numbers('modifyDateEnd=2026-11-21T12:30:00')).toEqual(['1', '2'])
    expect(await numbers('orderDateStart=2026-11-20&sortBy=OrderDate')).toEqual(['1', '3'])
    expect(await numbers('sortBy=OrderDate&sortDir=DESC')).toEqual(['3', '1', '2'])
    expect((await get('/orders?createDateStart=today')).status).toBe(400)
    expect((await get('/orders/1')).status).toBe(404)
  })

  it('holds, restores and tags', async () => {
    sandbox.seed('shipstation', { tags: [{ tag_id: 7, name: 'Hold' }] })
    const { orderId } = (await createOrders(order('1'))).body.results[0]

    expect((await call('POST', '/orders/holduntil', { orderId, holdUntilDate: '2026-12-01' })).body.success).toBe(true)
    expect((await call('POST', '/orders/addtag', { orderId, tagId: 7 })).body.success).toBe(true)
    expect((await get(`/orders/${orderId}`)).body).toMatchObject({
      orderStatus: 'on_hold',
      holdUntilDate: '2026-12-01',
      tagIds: [7],
    })
    expect((await get('/accounts/listtags')).body).toEqual([{ tagId: 7, name: 'Hold', color: '#800080' }])
    expect((await call('POST', '/orders/restorefromhold', { orderId })).body.success).toBe(true)
    expect(books().orders[0]).toMatchObject({ status: 'awaiting_shipment', tag_ids: [7] })
    expect((await call('POST', '/orders/addtag', { orderId: 1, tagId: 7 })).status).toBe(404)
  })
})
