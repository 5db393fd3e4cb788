import { afterEach, describe, expect, it } from 'vitest'
import { type Client, DAY, iso, type Json, MINUTE, NOW, openDsco, parcel, SECOND } from './dsco-client.ts'

const SHIP = '/order/shipment/batch/small'
const ACK = '/order/acknowledge'
const LINES = [{ sku: 'A', quantity: 3 }, { sku: 'B' }, { sku: 'C', quantity: 3, cancelled: 1, rejected: 1 }]

let dsco: Client

async function open(seed: object = {}): Promise<Client> {
  dsco = await openDsco({ orders: [{ id: '1', po: 'P-1', lines: LINES }], ...seed })
  return dsco
}

afterEach(() => dsco.sandbox.close())

function told(logs: Json): string[] {
  return logs.map(({ status, results }: Json) => (results.length === 0 ? status : `${status} ${results[0].code}`))
}

function ofA(quantity: number): object[] {
  return [{ lineNumber: 1, sku: 'A', quantity }]
}

describe('acknowledging', () => {
  it('is a promise first, then in the log, then seen', async () => {
    await open()
    const answer = await dsco.call('POST', ACK, [{ id: '1', type: 'DSCO_ORDER_ID', supplierOrderNumber: 'S-1' }])
    expect([answer.status, answer.body.status]).toEqual([202, 'pending'])
    expect(await dsco.log('order', answer.body.requestId)).toMatchObject({ status: 'PROCESSING', logs: [] })
    dsco.pass(SECOND)
    expect(await dsco.log('order', answer.body.requestId)).toMatchObject({ status: 'PROCESSING', logs: [{ status: 'pending' }] })
    dsco.pass(SECOND)
    expect(await dsco.log('order', answer.body.requestId)).toMatchObject({
      status: 'COMPLETED',
      logs: [{ status: 'success', payload: { id: '1', supplierOrderNumber: 'S-1' } }],
    })
    expect((await dsco.order('1')).dscoLifecycle).toBe('created')
    dsco.pass(3 * SECOND)
    expect(await dsco.order('1')).toMatchObject({
      dscoLifecycle: 'acknowledged',
      dscoStatus: 'shipment_pending',
      supplierOrderNumber: 'S-1',
    })
    expect(dsco.bookOf('1').acknowledgements).toEqual([{ at: iso(NOW + 2 * SECOND), supplier_order_number: 'S-1' }])
  })

  it('fails in the log alone: unknown, twice, over', async () => {
    await open({ orders: [{ id: '1' }, { id: '2', lines: [{ cancelled: 1 }] }] })
    const logs = await dsco.settled('order', ACK, [
      { id: '404', type: 'DSCO_ORDER_ID' },
      { id: '1', type: 'DSCO_ORDER_ID' },
      { id: '1', type: 'DSCO_ORDER_ID' },
      { id: 2, type: 'DSCO_ORDER_ID' },
    ])
    expect(told(logs)).toEqual([
      'failure order_not_found',
      'success',
      'failure order_already_acknowledged',
      'failure order_completed',
    ])
    expect(logs[3].payload.id).toBe('2')
  })

  it('by a number that lost its last digit reaches nobody', async () => {
    await open({ orders: [{ id: '9007199254740993' }] })
    expect(told(await dsco.settled('order', ACK, '[{"id":9007199254740993,"type":"DSCO_ORDER_ID"}]'))).toEqual([
      'failure order_not_found',
    ])
  })

  it('refuses the whole batch for one that is malformed', async () => {
    await open()
    const answer = await dsco.call('POST', ACK, [
      { id: '1', type: 'DSCO_ORDER_ID' },
      { id: '1', type: 'dsco' },
    ])
    expect([answer.status, answer.body.messages[0].description]).toEqual([400, '[1].type: unknown'])
    dsco.pass(MINUTE)
    expect(dsco.bookOf('1').acknowledgements).toEqual([])
  })
})

describe('packages', () => {
  it('come from a batch, bit by bit', async () => {
    await open({ orders: [{ id: '1' }, { id: '2' }], settings: { log_ms: 4_000 } })
    const batch = ['1', '2'].map((id) => parcel(id, `T-${id}`, [{ lineNumber: 1, sku: `SKU-${id}-1`, quantity: 1 }]))
    const { requestId } = (await dsco.call('POST', SHIP, batch)).body
    expect(dsco.books().pending).toBe(2)
    dsco.pass(2 * SECOND)
    expect(await dsco.log('order', requestId)).toMatchObject({
      status: 'PROCESSING',
      logs: [{ status: 'success' }, { status: 'pending' }],
    })
    expect(dsco.books()).toMatchObject({
      pending: 1,
      orders: [{ packages: [{ tracking: 'T-1', by: 'batch' }] }, { packages: [] }],
    })
    dsco.pass(2 * SECOND)
    expect(await dsco.log('order', requestId)).toMatchObject({ status: 'COMPLETED', logs: [{}, { status: 'success' }] })
    dsco.pass(3 * SECOND)
    expect(await dsco.order('1')).toMatchObject({
      dscoStatus: 'shipped',
      dscoLifecycle: 'completed',
      packages: [{ trackingNumber: 'T-1', shipCarrier: 'UPS', items: [{ lineNumber: 1, quantity: 1 }] }],
    })
  })

  it.each([
    ['an order that is not there', { dscoOrderId: '404' }, {}, 'order_not_found'],
    ['no order at all', { dscoOrderId: null }, {}, 'order_not_found'],
    ['a SKU that is not in it', {}, { lineItems: [{ sku: 'X', quantity: 1 }] }, 'item_not_found'],
    ['a SKU of another line', {}, { lineItems: [{ lineNumber: 2, sku: 'A', quantity: 1 }] }, 'item_not_found'],
    ['a line number alone', {}, { lineItems: [{ lineNumber: 1, quantity: 1 }] }, 'missing_item'],
    ['more units than are left', {}, { lineItems: ofA(4) }, 'quantity_too_large'],
    ['a line in two halves that are too much', {}, { lineItems: [...ofA(2), ...ofA(2)] }, 'quantity_too_large'],
    ['a unit that was cancelled or rejected', {}, { lineItems: [{ sku: 'C', quantity: 2 }] }, 'quantity_too_large'],
    ['no units', {}, { lineItems: ofA(0) }, 'invalid_quantity'],
    ['no lines', {}, { lineItems: [] }, 'no_line_items'],
    ['a carrier of no ship map', {}, { shipCarrier: 'Pigeon' }, 'invalid_carrier'],
    ['a method of another carrier', {}, { shipMethod: 'Priority' }, 'invalid_ship_method'],
    ['a carrier without a method', {}, { shipMethod: null }, 'missing_ship_method'],
    ['a service level of no ship map', {}, { shippingServiceLevelCode: 'NONE' }, 'invalid_ship_method'],
    ['an empty tracking number', {}, { trackingNumber: ' ' }, 'invalid_tracking_number'],
  ])('fail in the log: %s', async (_, order, shipment, code) => {
    await open()
    const logs = await dsco.settled('order', SHIP, [{ ...parcel('1', 'T', ofA(1), shipment), ...order }])
    expect(told(logs)).toEqual([`failure ${code}`])
    expect(dsco.bookOf('1').packages).toEqual([])
    expect(dsco.books().requests).toMatchObject([{ succeeded: 0, failures: [{ entry: 0, code }] }])
  })

  it('go with a service level alone', async () => {
    await open()
    const level = { shipCarrier: null, shipMethod: null, shippingServiceLevelCode: 'UPCG' }
    expect(told(await dsco.settled('order', SHIP, [parcel('1', 'T', ofA(1), level)]))).toEqual(['success'])
  })

  it('of one object come all or not at all, and of a batch each for itself', async () => {
    await open()
    const both = {
      dscoOrderId: '1',
      shipments: [parcel('1', 'T-1', ofA(2)), parcel('1', 'T-2', ofA(2))].flatMap((one: Json) => one.shipments),
    }
    const logs = await dsco.settled('order', SHIP, [both, parcel('1', 'T-3', ofA(3))])
    expect(told(logs)).toEqual(['failure quantity_too_large', 'success'])
    expect(dsco.bookOf('1').packages.map(({ tracking }: Json) => tracking)).toEqual(['T-3'])
  })

  it('stand there twice when they are sent twice, and the books say so', async () => {
    await open()
    const one = [parcel('1', 'T', ofA(3))]
    await dsco.settled('order', SHIP, one)
    expect(told(await dsco.settled('order', SHIP, one))).toEqual(['success'])
    expect(dsco.bookOf('1')).toMatchObject({ packages: [{ tracking: 'T' }, { tracking: 'T' }], lines: [{ shipped: 6 }, {}, {}] })
    expect(dsco.books().misdeeds).toEqual(['order 1: package T was sent again'])
    dsco.sandbox.seed('dsco', { settings: { repeat_package: 'fails' } })
    expect(told(await dsco.settled('order', SHIP, one))).toEqual(['failure duplicate_shipment'])
  })

  it('go to the first order of that number, where two retailers have it', async () => {
    await open({
      orders: [
        { id: '1', po: 'P', lines: [{ sku: 'A' }] },
        { id: '2', po: 'P', lines: [{ sku: 'A' }] },
      ],
    })
    await dsco.settled('order', SHIP, [{ ...parcel('1', 'T', ofA(1)), dscoOrderId: null, poNumber: 'P' }])
    expect([dsco.bookOf('1').packages.length, dsco.bookOf('2').packages.length]).toEqual([1, 0])
  })

  it('without line numbers fill the first line of that SKU', async () => {
    await open({ orders: [{ id: '1', lines: [{ sku: 'A' }, { sku: 'A', quantity: 2 }] }] })
    await dsco.settled('order', SHIP, [parcel('1', 'T-1', [{ sku: 'A', quantity: 1 }])])
    await dsco.settled('order', SHIP, [parcel('1', 'T-2', [{ sku: 'A', quantity: 1 }])])
    expect(dsco.bookOf('1').lines).toMatchObject([{ shipped: 1 }, { shipped: 1 }])
    expect(dsco.bookOf('1').packages).toMatchObject([
      { lines: [{ line: 1 }] },
      { lines: [{ line: 2, line_number: 2, quantity: 1 }] },
    ])
  })

  it('of a unit that fills several boxes count it once', async () => {
    await open({ orders: [{ id: '1', lines: [{ sku: 'A' }] }] })
    const span = [{ lineNumber: 1, sku: 'A', quantity: 1, packageSpanFlag: true }]
    const logs = await dsco.settled('order', SHIP, [parcel('1', 'T-1', span), parcel('1', 'T-2', span)])
    expect(told(logs)).toEqual(['success', 'success'])
    expect(dsco.bookOf('1')).toMatchObject({ status: 'shipped', lines: [{ shipped: 1 }] })
  })

  it('meet an order that was cancelled while they waited', async () => {
    await open()
    const { requestId } = (await dsco.call('POST', SHIP, [parcel('1', 'T', ofA(1))])).body
    dsco.act('cancel', { order_id: '1' })
    dsco.pass(MINUTE)
    expect(told((await dsco.log('order', requestId)).logs)).toEqual(['failure order_cancelled'])
  })

  it.each([
    ['quantity as a text', { lineItems: [{ sku: 'A', quantity: '1' }] }],
    ['half a unit', { lineItems: [{ sku: 'A', quantity: 0.5 }] }],
    ['no tracking number', { trackingNumber: undefined }],
    ['a date without a time', { shipDate: '2026-11-20' }],
    ['untracked as null', { untracked: null }],
    ['no list of lines', { lineItems: undefined }],
  ])('are refused with the whole batch: %s', async (_, shipment) => {
    await open()
    const answer = await dsco.call('POST', SHIP, [parcel('1', 'T-1', ofA(1)), parcel('1', 'T-2', ofA(1), shipment)])
    expect([answer.status, answer.body.status]).toEqual([400, 'failure'])
    dsco.pass(MINUTE)
    expect(dsco.books().requests).toEqual([])
  })

  it('are refused where they are more than 5 MB, or no list', async () => {
    await open()
    const long = parcel('1', 'T', ofA(1), { trackingUrl: 'x'.repeat(5 * 1024 * 1024) })
    expect((await dsco.call('POST', SHIP, [long])).status).toBe(413)
    expect((await dsco.call('POST', SHIP, parcel('1', 'T', ofA(1)))).status).toBe(400)
    expect((await dsco.call('POST', SHIP, '[{')).status).toBe(400)
  })

  it('one at once: 201, or what is wrong', async () => {
    await open()
    expect(await dsco.call('POST', '/order/singleShipment', parcel('1', 'T', ofA(1)))).toMatchObject({
      status: 201,
      body: { status: 'success' },
    })
    expect((await dsco.order('1')).packages).toBeUndefined()
    expect(await dsco.call('POST', '/order/singleShipment', parcel('1', 'T-2', ofA(3)))).toMatchObject({
      status: 400,
      body: { messages: [{ code: 'quantity_too_large' }] },
    })
    expect(dsco.bookOf('1').packages).toMatchObject([{ by: 'single', tracking: 'T' }])
  })

  it('are there although the answer was lost', async () => {
    await open()
    dsco.sandbox.addFault({ vendor: 'dsco', kind: 'cut-after', match: { path: 'shipment' } })
    await expect(dsco.call('POST', SHIP, [parcel('1', 'T', ofA(1))])).rejects.toThrow()
    dsco.pass(MINUTE)
    expect((await dsco.order('1')).packages).toMatchObject([{ trackingNumber: 'T' }])
  })
})

describe('the log', () => {
  it('is slow when it is told to be, with the work or without it', async () => {
    await open()
    dsco.act('slow-log', { ms: 20 * MINUTE, work: false })
    const { requestId } = (await dsco.call('POST', SHIP, [parcel('1', 'T', ofA(1))])).body
    dsco.pass(15 * MINUTE)
    expect(await dsco.log('order', requestId)).toMatchObject({ status: 'PROCESSING', logs: [{ status: 'pending' }] })
    expect((await dsco.order('1')).packages).toHaveLength(1)
    dsco.pass(15 * MINUTE)
    expect((await dsco.log('order', requestId)).status).toBe('COMPLETED')
    dsco.act('slow-log', { ms: 0, work: false })
    dsco.act('slow-log', { ms: 20 * MINUTE })
    await dsco.call('POST', SHIP, [parcel('1', 'T-2', ofA(1))])
    dsco.pass(15 * MINUTE)
    expect(dsco.bookOf('1').packages).toHaveLength(1)
  })

  it('waits while the work is held, which is then done at the time of its release', async () => {
    await open()
    dsco.act('hold-work')
    const { requestId } = (await dsco.call('POST', SHIP, [parcel('1', 'T', ofA(1))])).body
    dsco.pass(30 * MINUTE)
    expect(await dsco.log('order', requestId)).toMatchObject({ status: 'PROCESSING' })
    dsco.act('hold-work', { on: false })
    expect((await dsco.log('order', requestId)).logs).toMatchObject([
      { dateProcessed: iso(NOW + 30 * MINUTE), status: 'success' },
    ])
  })

  it.each([
    [true, 1],
    [false, 0],
  ])('may know nothing of a request, whose work is done: %s', async (done, packages) => {
    await open()
    dsco.act('lose-log', { done })
    const { requestId } = (await dsco.call('POST', SHIP, [parcel('1', 'T', ofA(1))])).body
    dsco.pass(MINUTE)
    expect(await dsco.log('order', requestId)).toMatchObject({ status: 'COMPLETED', logs: [] })
    expect(dsco.bookOf('1').packages).toHaveLength(packages)
    expect(told(await dsco.settled('order', SHIP, [parcel('1', 'T-2', ofA(1))]))).toEqual(['success'])
  })

  it('fails an order on purpose, so often as it is told to', async () => {
    await open()
    dsco.act('fail-order', { order_id: '1', code: 'retailer_on_hold' })
    expect(told(await dsco.settled('order', SHIP, [parcel('1', 'T', ofA(1))]))).toEqual(['failure retailer_on_hold'])
    expect(told(await dsco.settled('order', SHIP, [parcel('1', 'T', ofA(1))]))).toEqual(['success'])
    expect(dsco.books().misdeeds).toEqual([])
  })

  it('has pages, a filter, windows, and two weeks', async () => {
    await open({ orders: Array.from({ length: 5 }, (_, i) => ({ id: String(i) })), settings: { log_page: 2 } })
    const batch = ['0', '1', '2', '3', '404'].map((id) => ({ id, type: 'DSCO_ORDER_ID' }))
    const { requestId } = (await dsco.call('POST', ACK, batch)).body
    dsco.pass(MINUTE)
    const first = await dsco.log('order', requestId)
    const pages: Json[] = []
    for (let page = first; page.logs.length > 0; page = (await dsco.get(`/order/log?scrollId=${first.scrollId}`)).body) {
      pages.push(page)
    }
    expect(pages.map(({ logs, status }) => [logs.length, status])).toEqual([2, 2, 1].map((n) => [n, 'COMPLETED']))
    const failures = await dsco.get(`/order/log?requestId=${requestId}&status=failure`)
    expect(failures.body.logs).toMatchObject([{ payload: { id: '404' } }])
    const window = await dsco.get(`/order/log?startDate=${iso(NOW)}&endDate=${iso(NOW + MINUTE)}&status=failure`)
    expect(window.body.logs).toHaveLength(1)
    expect((await dsco.get(`/inventory/log?requestId=${requestId}`)).body.logs).toEqual([])
    dsco.pass(14 * DAY)
    expect((await dsco.log('order', requestId)).logs).toEqual([])
  })
})
