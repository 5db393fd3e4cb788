import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Sandbox } from '../../src/sandbox/server.ts'
import { type Json, order, type ShipStationClient, startShipStation } from './shipstation-client.ts'

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

describe('shipments', () => {
  it('shows labels with items only when asked, and the order as shipped when everything is packed', async () => {
    const { orderId } = (await createOrders(order('1'))).body.results[0]
    act('ship', {
      order_key: 'amazon:1',
      packages: [
        { tracking: 'T1', carrier_code: 'fedex', service_code: 'fedex_2day', items: [{ line_item_key: 'L1', quantity: 1 }] },
      ],
    })
    expect(books().orders[0].status).toBe('awaiting_shipment')
    act('ship', { order_number: '1', packages: [{ tracking: 'T2' }], ship_date: '2026-11-23' })

    const { body } = await get('/shipments?includeShipmentItems=true&createDateStart=2026-11-21%2012:00:00')

    expect(books().orders[0].status).toBe('shipped')
    expect(body).toMatchObject({ total: 2, page: 1, pages: 0 })
    expect(body.shipments[0]).toMatchObject({
      orderId,
      orderKey: 'amazon:1',
      orderNumber: '1',
      trackingNumber: 'T1',
      carrierCode: 'fedex',
      voided: false,
      shipDate: '2026-11-21',
      createDate: '2026-11-21T12:00:00.0000000',
    })
    expect(body.shipments[0].shipmentItems).toMatchObject([{ lineItemKey: 'L1', quantity: 1 }])
    expect(body.shipments[1].shipmentItems).toMatchObject([
      { lineItemKey: 'L1', quantity: 1 },
      { lineItemKey: 'L2', quantity: 1 },
    ])
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
    act('ship', {
      order_key: 'amazon:1',
      packages: [{ tracking: 'T1' }, { tracking: 'T2' }, { tracking: 'R1', is_return: true }],
    })

    const { shipments } = (await get('/shipments?includeShipmentItems=true')).body

    expect(shipments.map((one: Json) => [one.shipmentItems, one.isReturnLabel])).toEqual([
      [null, false],
      [null, false],
      [null, true],
    ])
    expect(books().orders[0].status).toBe('shipped')
  })

  it('a label without an order has neither id nor key', async () => {
    act('label-without-order', { tracking: 'X1' })

    expect((await get('/shipments')).body.shipments).toMatchObject([
      { orderId: null, orderKey: null, orderNumber: null, advancedOptions: null },
    ])
  })

  it('a mark as shipped is a fulfillment and no shipment', async () => {
    const { orderId } = (await createOrders(order('1'), order('2'))).body.results.find((row: Json) => row.orderNumber === '1')
    act('mark-as-shipped', { order_key: 'amazon:1', carrier_name: 'UPS', tracking: '1Z9' })

    const { body } = await get(`/fulfillments?orderId=${orderId}&storeId=999`)

    expect(body).toMatchObject({
      total: 1,
      pages: 0,
      fulfillments: [{ orderId, carrierCode: 'UPS', trackingNumber: '1Z9', shipDate: '2026-11-21T00:00:00.0000000' }],
    })
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
    expect((await get(`/orders/${orderId}`)).body).toMatchObject({
      orderStatus: 'awaiting_shipment',
      items: [{ quantity: 1 }, { lineItemKey: 'L2' }, { sku: 'PROMO' }],
    })
    expect((await createOrders(order('1'))).body.results[0].success).toBe(false)
    expect((await createOrders(order('1', { orderId }))).body.results[0].success).toBe(true)
    expect(books().duplicates).toEqual([])
  })

  it('a merged order lists the others, which are in no list any more', async () => {
    await createOrders(order('1'), order('2'))
    const { order_id: survivor, merged_ids: ids } = act('merge', { into_order_key: 'amazon:1', order_keys: ['amazon:2'] })
    act('ship', { order_id: survivor, packages: [{ tracking: 'T1' }] })

    expect((await get('/orders')).body.orders).toMatchObject([{ orderNumber: '1', advancedOptions: { mergedIds: ids } }])
    expect((await get(`/orders/${ids[0]}`)).body).toMatchObject({
      orderNumber: '2',
      orderStatus: 'shipped',
      advancedOptions: { parentId: survivor },
    })
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
    sandbox.seed('shipstation', {
      stores: [
        { store_id: 1, store_name: 'Mine' },
        { store_id: 2, store_name: 'Linked', marketplace_id: 36 },
        { store_id: 3, store_name: 'Old', active: false },
      ],
    })

    expect((await get('/stores')).body).toMatchObject([
      { storeId: 1, marketplaceId: 0, autoRefresh: false },
      { storeId: 2, marketplaceId: 36, autoRefresh: true },
    ])
    expect((await get('/stores?showInactive=true')).body).toHaveLength(3)
    expect((await get('/stores/2')).body.storeName).toBe('Linked')
  })

  it('lists carriers and their services', async () => {
    expect((await get('/carriers')).body.map((one: Json) => one.code)).toContain('fedex')
    expect((await get('/carriers/listservices?carrierCode=fedex')).body[0]).toEqual({
      carrierCode: 'fedex',
      code: 'fedex_ground',
      name: 'FedEx Ground',
      domestic: true,
      international: false,
    })
  })

  it('subscribes, lists and forgets webhooks, and notes what would be sent', async () => {
    const { id } = (await call('POST', '/webhooks/subscribe', { target_url: 'https://example.com/hook', event: 'SHIP_NOTIFY' }))
      .body
    await createOrders(order('1'))
    act('ship', { order_key: 'amazon:1', packages: [{ tracking: 'T1' }] })

    expect((await get('/webhooks')).body.webhooks).toMatchObject([
      { WebHookID: id, HookType: 'SHIP_NOTIFY', Url: 'https://example.com/hook', StoreID: null },
    ])
    const [{ body }] = books().notifications
    await sandbox.settle()
    expect(sandbox.outbox()).toMatchObject([{ state: 'refused', status: 0 }])
    expect(body.resource_url).toMatch(/^https:\/\/ssapi6\.shipstation\.com\/shipments\?batchId=\d+&includeShipmentItems=False$/)
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
    for (let page = 1; page <= 20; page++)
      seen += (await get(`/orders?pageSize=500&page=${page}&sortBy=ModifyDate`)).body.orders.length

    expect(seen).toBe(10_000)
    expect((await get('/shipments?pageSize=500&page=2&includeShipmentItems=true')).body.shipments).toHaveLength(500)
    expect(Date.now() - before).toBeLessThan(20_000)
  })
})
