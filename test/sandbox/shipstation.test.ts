import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createClock } from '../../src/sandbox/clock.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import { dateOnly, dateTime7, dateTimeShort, parseDate } from '../../src/sandbox/shipstation/los-angeles.ts'

// 12:00 in Los Angeles, PST.
const START = Date.UTC(2026, 10, 21, 20)
const KEY = basic('sandbox-key', 'sandbox-secret')

interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: any
}

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await startSandbox({ clock: createClock({ start: START, scale: 0 }) })
  sandbox.seed('shipstation', { rate_limit: 0 })
})

afterEach(async () => {
  await sandbox.close()
})

function basic(key: string, secret: string): string {
  return `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`
}

async function call(method: string, path: string, body?: unknown, authorization = KEY): Promise<Reply> {
  const init = { method, headers: { authorization, 'content-type': 'application/json' } }
  const reply = await fetch(`${sandbox.origins.shipstation}${path}`, body === undefined ? init : { ...init, body: JSON.stringify(body) })
  const text = await reply.text()
  return { status: reply.status, headers: reply.headers, body: text === '' ? undefined : JSON.parse(text) }
}

const get = (path: string) => call('GET', path)
const createOrders = (...orders: unknown[]) => call('POST', '/orders/createorders', orders)
const act = (action: string, argument: unknown) => sandbox.act('shipstation', action, argument) as any
const books = () => sandbox.books('shipstation') as any

function order(number: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    orderNumber: number,
    orderKey: `amazon:${number}`,
    orderDate: '2026-11-20 09:30:00',
    orderStatus: 'awaiting_shipment',
    customerEmail: 'buyer@example.com',
    billTo: { name: 'Bill Payer' },
    shipTo: { name: 'Ada Sample', street1: '1 Invented Way', city: 'Springfield', state: 'IL', postalCode: '62701', country: 'US', phone: '555-0100' },
    items: [
      { lineItemKey: 'L1', sku: 'SKU-1', name: 'Mug', quantity: 2, unitPrice: 9.99 },
      { lineItemKey: 'L2', sku: 'SKU-2', name: 'Cap', quantity: 1, unitPrice: 5.1 },
      { sku: 'PROMO', name: 'Discount', quantity: 1, unitPrice: -1.5, adjustment: true },
    ],
    taxAmount: 1.25,
    shippingAmount: 4,
    advancedOptions: { storeId: 20002, customField1: number },
    ...changes,
  }
}

describe('Los Angeles time', () => {
  it('has 7 digits on orders, trimmed ones on items, none on days', () => {
    const instant = Date.UTC(2015, 5, 29, 15, 46, 27, 780)
    expect(dateTime7(instant)).toBe('2015-06-29T08:46:27.7800000')
    expect(dateTimeShort(instant)).toBe('2015-06-29T08:46:27.78')
    expect(dateTimeShort(instant - 780)).toBe('2015-06-29T08:46:27')
    expect(dateOnly(Date.UTC(2015, 5, 29, 3))).toBe('2015-06-28')
  })

  it.each([
    ['2026-07-01 00:00:00', '2026-07-01T07:00:00.000Z'],
    ['2026-12-01T00:00:00', '2026-12-01T08:00:00.000Z'],
    ['2026-12-01', '2026-12-01T08:00:00.000Z'],
    ['2026-12-01T00:00:00.1234567', '2026-12-01T08:00:00.123Z'],
    // The doubled hour is the earlier instant; the missing one lands after the gap.
    ['2026-11-01 01:30:00', '2026-11-01T08:30:00.000Z'],
    ['2026-11-01 02:00:00', '2026-11-01T10:00:00.000Z'],
    ['2026-03-08 02:30:00', '2026-03-08T10:30:00.000Z'],
    ['2024-01-01T00:00:00-00:00', '2024-01-01T00:00:00.000Z'],
    ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00.000Z'],
  ])('reads %s as %s', (text, iso) => {
    expect(new Date(parseDate(text) ?? 0).toISOString()).toBe(iso)
  })

  it.each(['', 'yesterday', '2026-02-30', '2026-01-01 25:00:00', '01/02/2026'])('does not read %j', (text) => {
    expect(parseDate(text)).toBeUndefined()
  })
})

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
    const keys = [{ key: 'a', secret: 'b' }, { key: 'c', secret: 'd' }]
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
    const { body } = await createOrders(order('1'), order('2'), order('3', { shipTo: { name: '' }, billTo: {} }), order('4', { shipTo: { name: 'X', country: 'USA' } }))

    expect(body.hasErrors).toBe(true)
    expect(body.results.map((row: any) => row.orderNumber)).not.toEqual(['1', '2', '3', '4'])
    const row = (number: string) => body.results.find((one: any) => one.orderNumber === number)
    expect(row('1')).toEqual({ orderId: expect.any(Number), orderNumber: '1', orderKey: 'amazon:1', success: true, errorMessage: null })
    expect(row('3')).toMatchObject({ orderId: null, success: false, errorMessage: "'Ship Name' must not be empty. 'Bill Name' must not be empty." })
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
    expect(books().orders.map((one: any) => one.store_id)).toEqual([20001, 20001])
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
    const numbers = async (query: string) => (await get(`/orders?${query}`)).body.orders.map((one: any) => one.orderNumber)

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
    expect((await get(`/orders/${orderId}`)).body).toMatchObject({ orderStatus: 'on_hold', holdUntilDate: '2026-12-01', tagIds: [7] })
    expect((await get('/accounts/listtags')).body).toEqual([{ tagId: 7, name: 'Hold', color: '#800080' }])
    expect((await call('POST', '/orders/restorefromhold', { orderId })).body.success).toBe(true)
    expect(books().orders[0]).toMatchObject({ status: 'awaiting_shipment', tag_ids: [7] })
    expect((await call('POST', '/orders/addtag', { orderId: 1, tagId: 7 })).status).toBe(404)
  })
})

describe('shipments', () => {
  it('shows labels with items only when asked, and the order as shipped when everything is packed', async () => {
    const { orderId } = (await createOrders(order('1'))).body.results[0]
    act('ship', { order_key: 'amazon:1', packages: [{ tracking: 'T1', carrier_code: 'fedex', service_code: 'fedex_2day', items: [{ line_item_key: 'L1', quantity: 1 }] }] })
    expect(books().orders[0].status).toBe('awaiting_shipment')
    act('ship', { order_number: '1', packages: [{ tracking: 'T2' }], ship_date: '2026-11-23' })

    const { body } = await get('/shipments?includeShipmentItems=true&createDateStart=2026-11-21%2012:00:00')

    expect(books().orders[0].status).toBe('shipped')
    expect(body).toMatchObject({ total: 2, page: 1, pages: 0 })
    expect(body.shipments[0]).toMatchObject({ orderId, orderKey: 'amazon:1', orderNumber: '1', trackingNumber: 'T1', carrierCode: 'fedex', voided: false, shipDate: '2026-11-21', createDate: '2026-11-21T12:00:00.0000000' })
    expect(body.shipments[0].shipmentItems).toMatchObject([{ lineItemKey: 'L1', quantity: 1 }])
    expect(body.shipments[1].shipmentItems).toMatchObject([{ lineItemKey: 'L1', quantity: 1 }, { lineItemKey: 'L2', quantity: 1 }])
    expect(body.shipments[1].shipDate).toBe('2026-11-23')
    expect((await get('/shipments?orderNumber=1')).body.shipments[0].shipmentItems).toBeNull()
    expect((await get(`/shipments?trackingNumber=T2&storeId=20002&orderId=${orderId}`)).body.total).toBe(1)
    expect((await get('/shipments?storeId=20003')).body.total).toBe(0)
  })

  it('a void shows by voidDate, not by createDate, and opens the order again', async () => {
    await createOrders(order('1'))
    act('ship', { order_key: 'amazon:1', packages: [{ tracking: 'T1' }] })
    sandbox.clock.advance(86_400_000)
    act('void', { tracking: 'T1' })

    expect((await get('/shipments?createDateStart=2026-11-22')).body.total).toBe(0)
    expect((await get('/shipments?voidDateStart=2026-11-22')).body.shipments).toMatchObject([
      { trackingNumber: 'T1', voided: true, voidDate: '2026-11-22T12:00:00.0000000' },
    ])
    expect(books().orders[0].status).toBe('awaiting_shipment')
  })

  it('several packages without lists do not tell what is inside', async () => {
    await createOrders(order('1'))
    act('ship', { order_key: 'amazon:1', packages: [{ tracking: 'T1' }, { tracking: 'T2' }, { tracking: 'R1', is_return: true }] })

    const { shipments } = (await get('/shipments?includeShipmentItems=true')).body

    expect(shipments.map((one: any) => [one.shipmentItems, one.isReturnLabel])).toEqual([[null, false], [null, false], [null, true]])
    expect(books().orders[0].status).toBe('shipped')
  })

  it('a label without an order has neither id nor key', async () => {
    act('label-without-order', { tracking: 'X1' })

    expect((await get('/shipments')).body.shipments).toMatchObject([{ orderId: null, orderKey: null, orderNumber: null, advancedOptions: null }])
  })

  it('a mark as shipped is a fulfillment and no shipment', async () => {
    const { orderId } = (await createOrders(order('1'), order('2'))).body.results.find((row: any) => row.orderNumber === '1')
    act('mark-as-shipped', { order_key: 'amazon:1', carrier_name: 'UPS', tracking: '1Z9' })

    const { body } = await get(`/fulfillments?orderId=${orderId}&storeId=999`)

    expect(body).toMatchObject({ total: 1, pages: 0, fulfillments: [{ orderId, carrierCode: 'UPS', trackingNumber: '1Z9', shipDate: '2026-11-21T00:00:00.0000000' }] })
    expect(body.fulfillments[0]).not.toHaveProperty('orderKey')
    expect((await get('/shipments')).body.total).toBe(0)
    expect(books().orders[0].status).toBe('shipped')
  })

  it('a split child shares the key under its own id and number', async () => {
    const { orderId } = (await createOrders(order('1'))).body.results[0]
    const child = act('split', { order_key: 'amazon:1', items: [{ line_item_key: 'L1', quantity: 1 }] })
    act('ship', { order_id: child.order_id, packages: [{ tracking: 'T1' }] })

    expect((await get(`/orders/${child.order_id}`)).body).toMatchObject({
      orderKey: 'amazon:1',
      orderNumber: '1-1',
      orderStatus: 'shipped',
      items: [{ lineItemKey: 'L1', quantity: 1 }],
      advancedOptions: { parentId: orderId, mergedOrSplit: true },
    })
    expect((await get(`/orders/${orderId}`)).body).toMatchObject({ orderStatus: 'awaiting_shipment', items: [{ quantity: 1 }, { lineItemKey: 'L2' }, { sku: 'PROMO' }] })
    expect((await createOrders(order('1'))).body.results[0].success).toBe(false)
    expect((await createOrders(order('1', { orderId }))).body.results[0].success).toBe(true)
    expect(books().duplicates).toEqual([])
  })

  it('a merged order lists the others, which are in no list any more', async () => {
    await createOrders(order('1'), order('2'))
    const { order_id: survivor, merged_ids: ids } = act('merge', { into_order_key: 'amazon:1', order_keys: ['amazon:2'] })
    act('ship', { order_id: survivor, packages: [{ tracking: 'T1' }] })

    expect((await get('/orders')).body.orders).toMatchObject([{ orderNumber: '1', advancedOptions: { mergedIds: ids } }])
    expect((await get(`/orders/${ids[0]}`)).body).toMatchObject({ orderNumber: '2', orderStatus: 'shipped', advancedOptions: { parentId: survivor } })
    expect((await createOrders(order('2'))).body.results[0].success).toBe(false)
  })

  it('an edit by a clerk shows as modified', async () => {
    await createOrders(order('1'))
    sandbox.clock.advance(60_000)
    act('edit', { order_key: 'amazon:1', shipTo: { street1: '2 Invented Way' }, internalNotes: 'gift wrap' })

    const { orders } = (await get('/orders?modifyDateStart=2026-11-21%2012:01:00')).body
    expect(orders).toMatchObject([{ internalNotes: 'gift wrap', shipTo: { name: 'Ada Sample', street1: '2 Invented Way' } }])
  })
})

describe('lookups and webhooks', () => {
  it('lists stores, manual ones with marketplace 0', async () => {
    sandbox.seed('shipstation', { stores: [{ store_id: 1, store_name: 'Mine' }, { store_id: 2, store_name: 'Linked', marketplace_id: 36 }, { store_id: 3, store_name: 'Old', active: false }] })

    expect((await get('/stores')).body).toMatchObject([{ storeId: 1, marketplaceId: 0, autoRefresh: false }, { storeId: 2, marketplaceId: 36, autoRefresh: true }])
    expect((await get('/stores?showInactive=true')).body).toHaveLength(3)
    expect((await get('/stores/2')).body.storeName).toBe('Linked')
  })

  it('lists carriers and their services', async () => {
    expect((await get('/carriers')).body.map((one: any) => one.code)).toContain('fedex')
    expect((await get('/carriers/listservices?carrierCode=fedex')).body[0]).toEqual({ carrierCode: 'fedex', code: 'fedex_ground', name: 'FedEx Ground', domestic: true, international: false })
  })

  it('subscribes, lists and forgets webhooks, and notes what would be sent', async () => {
    const { id } = (await call('POST', '/webhooks/subscribe', { target_url: 'https://example.com/hook', event: 'SHIP_NOTIFY' })).body
    await createOrders(order('1'))
    act('ship', { order_key: 'amazon:1', packages: [{ tracking: 'T1' }] })

    expect((await get('/webhooks')).body.webhooks).toMatchObject([{ WebHookID: id, HookType: 'SHIP_NOTIFY', Url: 'https://example.com/hook', StoreID: null }])
    const [{ body }] = books().notifications
    expect(body.resource_url).toMatch(/^https:\/\/ssapi\.shipstation\.com\/shipments\?batchId=\d+&includeShipmentItems=False$/)
    expect((await get(new URL(body.resource_url).pathname + new URL(body.resource_url).search)).body.total).toBe(1)
    expect(await call('DELETE', `/webhooks/${id}`)).toMatchObject({ status: 200, body: undefined })
    expect((await get('/webhooks')).body.webhooks).toEqual([])
    expect((await call('POST', '/webhooks/subscribe', { event: 'SHIP_NOTIFY' })).status).toBe(400)
  })
})

describe('ten thousand orders', () => {
  it('are created, read and shipped in moderate time', async () => {
    const before = Date.now()
    for (let at = 0; at < 10_000; at += 100) await createOrders(...Array.from({ length: 100 }, (_, i) => order(`N${at + i}`)))
    for (let i = 0; i < 1000; i++) act('ship', { order_key: `amazon:N${i}`, packages: [{ tracking: `T${i}` }] })
    let seen = 0
    for (let page = 1; page <= 20; page++) seen += (await get(`/orders?pageSize=500&page=${page}&sortBy=ModifyDate`)).body.orders.length

    expect(seen).toBe(10_000)
    expect((await get('/shipments?pageSize=500&page=2&includeShipmentItems=true')).body.shipments).toHaveLength(500)
    expect(Date.now() - before).toBeLessThan(20_000)
  })
})
