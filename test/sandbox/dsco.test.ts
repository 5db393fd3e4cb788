import { afterEach, describe, expect, it } from 'vitest'
import { type Client, DAY, iso, type Json, MINUTE, NOW, openDsco, SECOND } from './dsco-client.ts'

let dsco: Client

async function open(seed: unknown = {}): Promise<Client> {
  dsco = await openDsco(seed)
  return dsco
}

afterEach(() => dsco.sandbox.close())

function ids({ orders }: Json): string[] {
  return orders.map((order: Json) => order.dscoOrderId)
}

describe('who may ask', () => {
  it('gives a token for the pair of credentials, and a new one leaves the old one alive', async () => {
    await open()
    const [first, second] = [await dsco.token(), await dsco.token()]
    expect(first.body).toEqual({ access_token: expect.any(String), token_type: 'Bearer', expires_in: 3600 })
    for (const { body } of [first, second]) {
      expect((await dsco.call('GET', '/hello', undefined, body.access_token)).body).toEqual({ hello: 'World!' })
    }
    dsco.pass(3600 * SECOND)
    expect((await dsco.call('GET', '/hello', undefined, first.body.access_token)).status).toBe(401)
    expect(dsco.books().tokens_issued).toEqual({ '1000000001': 2 })
  })

  it.each([
    [{ client_secret: 'wrong' }, 401, 'invalid_client'],
    [{ client_id: 'wrong' }, 401, 'invalid_client'],
    [{ client_id: '' }, 400, 'invalid_request'],
    [{ grant_type: 'password' }, 400, 'invalid_request'],
  ])('refuses %j with %i', async (fields, status, error) => {
    await open()
    const answer = await dsco.token(fields)
    expect([answer.status, answer.body.error]).toEqual([status, error])
  })

  it('takes the static token for ever, until it is revoked', async () => {
    await open()
    dsco.act('expire-tokens')
    expect((await dsco.get('/hello')).status).toBe(200)
    dsco.act('put-on-hold')
    expect((await dsco.get('/hello')).status).toBe(403)
    dsco.act('restore')
    dsco.act('revoke')
    expect((await dsco.get('/hello')).status).toBe(401)
    expect((await dsco.token()).status).toBe(401)
  })

  it('shows an account nothing of another', async () => {
    const other = { account_id: '2', client_id: 'c2', client_secret: 's2', token: 't2' }
    await open({ accounts: [other], orders: [{ id: '1' }, { id: '2', account: '2' }], items: [{ sku: 'A', account: '2' }] })
    expect(ids((await dsco.page()).body)).toEqual(['1'])
    expect((await dsco.call('GET', '/inventory?itemKey=sku&value=A', undefined, 't2')).status).toBe(200)
    expect((await dsco.get('/inventory?itemKey=sku&value=A')).status).toBe(404)
  })

  it('writes no credential into the journal', async () => {
    await open()
    const { access_token: token } = (await dsco.token()).body
    await dsco.call('GET', '/hello', undefined, token)
    expect(JSON.stringify(dsco.sandbox.journal())).not.toMatch(/sandbox-secret|sandbox-token|sandbox-dsco-/)
  })
})

describe('pages of orders', () => {
  it('end with an empty page, under one scrollId', async () => {
    await open({ orders: Array.from({ length: 25 }, () => ({})) })
    const first = (await dsco.page('&ordersPerPage=10')).body
    const rest: Json[] = []
    for (;;) {
      const { body } = await dsco.get(`/order/page?scrollId=${first.scrollId}&status=nonsense`)
      if (body.orders.length === 0) break
      expect(body.scrollId).toBe(first.scrollId)
      rest.push(body)
    }
    expect([first, ...rest].map(({ orders }) => orders.length)).toEqual([10, 10, 5])
    expect(new Set([first, ...rest].flatMap(ids)).size).toBe(25)
  })

  it('may be short in the middle', async () => {
    await open({ orders: Array.from({ length: 15 }, () => ({})), settings: { page_cut: 3 } })
    const { scrollId, orders } = (await dsco.page('&ordersPerPage=10')).body
    expect(orders).toHaveLength(7)
    expect((await dsco.get(`/order/page?scrollId=${scrollId}`)).body.orders).toHaveLength(7)
    expect((await dsco.get(`/order/page?scrollId=${scrollId}`)).body.orders).toHaveLength(1)
  })

  it('go on from where the vendor is: a page whose answer was lost is skipped', async () => {
    await open({ orders: Array.from({ length: 30 }, () => ({})) })
    const first = (await dsco.page('&ordersPerPage=10')).body
    dsco.sandbox.addFault({ vendor: 'dsco', kind: 'cut-after', match: { path: 'scrollId' } })
    await expect(dsco.get(`/order/page?scrollId=${first.scrollId}`)).rejects.toThrow()
    const third = (await dsco.get(`/order/page?scrollId=${first.scrollId}`)).body
    expect(third.orders).toHaveLength(10)
    expect((await dsco.get(`/order/page?scrollId=${first.scrollId}`)).body.orders).toEqual([])
    expect(new Set([...ids(first), ...ids(third)]).size).toBe(20)
  })

  it('are kept as they were for five minutes from the last one', async () => {
    await open({ orders: Array.from({ length: 40 }, (_, i) => ({ id: String(100 + i) })) })
    const { scrollId } = (await dsco.page('&ordersPerPage=10')).body
    dsco.act('cancel', { order_id: '139' })
    dsco.pass(4 * MINUTE)
    expect((await dsco.get(`/order/page?scrollId=${scrollId}`)).status).toBe(200)
    dsco.pass(4 * MINUTE)
    expect((await dsco.get(`/order/page?scrollId=${scrollId}`)).status).toBe(200)
    const last = (await dsco.get(`/order/page?scrollId=${scrollId}`)).body
    expect(last.orders.at(-1)).toMatchObject({ dscoOrderId: '139', dscoStatus: 'created' })
    dsco.pass(5 * MINUTE)
    expect((await dsco.get(`/order/page?scrollId=${scrollId}`)).status).toBe(404)
  })

  it('begin with created-since itself and after updated-since, and end before until', async () => {
    const at = NOW - DAY
    await open({ orders: [{ id: '1', created_at: at }] })
    const page = async (since: string, from: number, until: number) =>
      ids((await dsco.get(`/order/page?${since}=${iso(from)}&until=${iso(until)}`)).body)
    expect(await page('ordersCreatedSince', at, at + 1)).toEqual(['1'])
    expect(await page('ordersUpdatedSince', at, at + 1)).toEqual([])
    expect(await page('ordersUpdatedSince', at - 1, at + 1)).toEqual(['1'])
    expect(await page('ordersUpdatedSince', at - 1, at)).toEqual([])
    dsco.sandbox.seed('dsco', { settings: { until: 'inclusive' } })
    expect(await page('ordersUpdatedSince', at - 1, at)).toEqual(['1'])
  })

  it.each([
    ['until less than 5 s ago', `ordersCreatedSince=${iso(NOW - DAY)}&until=${iso(NOW - 4 * SECOND)}`],
    ['no until', `ordersCreatedSince=${iso(NOW - DAY)}`],
    ['no beginning', `until=${iso(NOW - DAY)}`],
    ['both beginnings', `ordersCreatedSince=${iso(NOW)}&ordersUpdatedSince=${iso(NOW)}&until=${iso(NOW - DAY)}`],
    ['a date without a zone', `ordersCreatedSince=2026-11-01T00:00:00&until=${iso(NOW - DAY)}`],
    ['a status of no kind', `ordersCreatedSince=${iso(NOW - DAY)}&until=${iso(NOW - DAY)}&status=acknowledged`],
    ['pages of 9', `ordersCreatedSince=${iso(NOW - DAY)}&until=${iso(NOW - DAY)}&ordersPerPage=9`],
    ['pages of 1001', `ordersCreatedSince=${iso(NOW - DAY)}&until=${iso(NOW - DAY)}&ordersPerPage=1001`],
  ])('refuses %s', async (_, query) => {
    await open()
    expect((await dsco.get(`/order/page?${query}`)).status).toBe(400)
  })

  it('know statuses, tests and the shopper’s number', async () => {
    await open({
      orders: [
        { id: '1' },
        { id: '2', lifecycle: 'acknowledged' },
        { id: '3', test: true },
        { id: '4', lines: [{ cancelled: 1 }] },
        { id: '5', packages: [{ tracking: 'T' }], consumer_order_number: 'SHOPPER' },
      ],
    })
    expect(ids((await dsco.page()).body)).toEqual(['1', '2', '4', '5'])
    expect(ids((await dsco.page('&includeTestOrders=true')).body)).toContain('3')
    expect(ids((await dsco.page('&status=created&status=shipment_pending')).body)).toEqual(['1', '2'])
    expect(ids((await dsco.page('&status=cancelled&status=shipped')).body)).toEqual(['4', '5'])
    expect(ids((await dsco.get('/order/page?consumerOrderNumber=SHOPPER')).body)).toEqual(['5'])
  })
})

describe('one order', () => {
  it('is found by three keys, with the slash before the question mark', async () => {
    await open({
      orders: [
        { id: '1', po: 'P', supplier_order_number: 'S' },
        { po: 'P', retailer_id: '77' },
      ],
    })
    for (const key of ['dscoOrderId&value=1', 'poNumber&value=P', 'supplierOrderNumber&value=S']) {
      expect((await dsco.get(`/order/?orderKey=${key}`)).body.dscoOrderId).toBe('1')
    }
    expect((await dsco.get('/order/?orderKey=poNumber&value=P&returnMultiple=true')).body).toHaveLength(2)
    expect((await dsco.get('/order?orderKey=dscoOrderId&value=1')).status).toBe(404)
    expect((await dsco.get('/order/?orderKey=sku&value=1')).status).toBe(400)
  })

  it('has an id that does not fit into a double, amounts that are floats, and an attribute that nobody knows', async () => {
    await open({ settings: { float_noise: true }, orders: [{ lines: [{ price: '10.10' }] }] })
    const [order] = (await dsco.page()).body.orders
    expect(Number.isSafeInteger(Number(order.dscoOrderId))).toBe(false)
    expect(order.lineItems[0].consumerPrice).toBe(10.100000381469727)
    expect(order).toHaveProperty('dscoAddedLater')
  })

  it('is what the vendor’s own document says, where one is seeded', async () => {
    const document = {
      dscoOrderId: '55',
      poNumber: 'P-55',
      dscoLifecycle: 'acknowledged',
      dscoStatus: 'created',
      retailerCreateDate: '2026-11-20T00:00:00Z',
      shipping: { firstName: 'Ann', lastName: 'Example', address1: '1 Road', city: 'X', region: 'IL', postal: '60601' },
      lineItems: [{ sku: 'A', quantity: 3, lineNumber: 7, personalization: 'Ann' }],
      packages: [{ trackingNumber: 'T', items: [{ sku: 'A', lineNumber: 7, quantity: 2 }] }],
    }
    await open({ order_documents: [document] })
    const order = await dsco.order('55')
    expect(order).toMatchObject({ ...document, packages: [{ trackingNumber: 'T' }] })
    expect(order.shipping.country).toBeUndefined()
    expect(dsco.bookOf('55').lines).toMatchObject([{ quantity: 3, shipped: 2 }])
  })
})

describe('time', () => {
  it('shows what happened only after it has spread, with the date at which it happened', async () => {
    await open({ orders: [{ id: '1' }] })
    dsco.act('change-address', { order_id: '1', ship_to: { name: 'Other Person' } })
    expect((await dsco.order('1')).shipping.name).not.toBe('Other Person')
    dsco.pass(3 * SECOND)
    expect(await dsco.order('1')).toMatchObject({ dscoLastUpdate: iso(NOW), shipping: { name: 'Other Person' } })
  })

  it('shows a new order late, and one that spreads for minutes comes into a window that was read before', async () => {
    await open()
    dsco.act('slow-spread', { ms: 2 * MINUTE })
    const [id] = dsco.act('add-orders', [{}]).order_ids
    dsco.pass(MINUTE)
    const window = `ordersUpdatedSince=${iso(NOW - MINUTE)}&until=${iso(NOW + 50 * SECOND)}`
    expect((await dsco.get(`/order/page?${window}`)).body.orders).toEqual([])
    expect((await dsco.get(`/order/?orderKey=dscoOrderId&value=${id}`)).status).toBe(404)
    dsco.pass(MINUTE)
    expect(ids((await dsco.get(`/order/page?${window}`)).body)).toEqual([id])
  })

  it('limits each operation by itself, in a second and in a minute', async () => {
    await open({ orders: [{ id: '1' }] })
    const asked = async (times: number) => {
      const answers: number[] = []
      for (let i = 0; i < times; i++) answers.push((await dsco.get('/order/?orderKey=dscoOrderId&value=1')).status)
      return answers.filter((status) => status === 429).length
    }
    expect(await asked(12)).toBe(2)
    const refused = await dsco.get('/order/?orderKey=dscoOrderId&value=1')
    expect(refused.headers.get('retry-after')).toBeNull()
    expect((await dsco.page()).status).toBe(200)
    dsco.pass(SECOND)
    expect(await asked(10)).toBe(0)
    expect(dsco.books().throttled).toBe(3)
  })

  it('counts a minute too: 300 single reads of stock, however evenly they come', async () => {
    await open({ items: [{ sku: 'A' }] })
    const statuses: number[] = []
    for (let i = 0; i < 301; i++) {
      statuses.push((await dsco.get('/inventory?itemKey=sku&value=A')).status)
      dsco.pass(100)
    }
    expect([statuses.indexOf(429), statuses.at(-1)]).toEqual([300, 429])
  })
})

describe('what happens to orders', () => {
  it('leaves what is shipped as it is when the rest is cancelled', async () => {
    await open({ orders: [{ id: '1', lines: [{ quantity: 3 }], packages: [{ tracking: 'T', lines: { '1': 2 } }] }] })
    expect(dsco.act('cancel', { order_id: '1' })).toMatchObject({ status: 'shipped', lifecycle: 'completed' })
    expect(dsco.bookOf('1').lines).toMatchObject([{ quantity: 3, cancelled: 1, shipped: 2 }])
  })

  it('cancelling, asking for it, and shipping by hand', async () => {
    await open({ orders: ['1', '2', '3'].map((id) => ({ id, lines: [{ quantity: 3 }, {}] })) })
    expect(dsco.act('cancel', { order_id: '1' })).toMatchObject({ status: 'cancelled', lifecycle: 'completed' })
    dsco.act('cancel-line', { order_id: '2', line: 1, quantity: 2 })
    dsco.act('cancel-line', { order_id: '2', line: 2, by: 'retailer' })
    dsco.act('request-cancel', { order_id: '2', line: 1, code: 'BUYER' })
    dsco.act('request-cancel', { order_id: '3' })
    dsco.act('ship-elsewhere', { order_id: '3', packages: [{ tracking: 'HAND', lines: { '1': 2 } }] })
    dsco.pass(MINUTE)
    expect((await dsco.order('2')).lineItems).toMatchObject([
      { cancelledQuantity: 2, cancelRequested: true, cancelRequestedCode: 'BUYER' },
      { rejectedQuantity: 1, status: 'rejected' },
    ])
    expect(await dsco.order('3')).toMatchObject({
      cancelRequested: true,
      dscoStatus: 'shipment_pending',
      packages: [{ trackingNumber: 'HAND', items: [{ lineNumber: 1, quantity: 2 }] }],
    })
    expect(dsco.bookOf('3').packages).toMatchObject([{ by: 'person', lines: [{ line: 1, quantity: 2 }] }])
    dsco.act('withdraw-cancel', { order_id: '3' })
    dsco.act('ship-elsewhere', { order_id: '3', packages: [{ tracking: 'REST', lines: { '1': 1, '2': 1 } }] })
    expect(dsco.bookOf('3')).toMatchObject({ status: 'shipped', lifecycle: 'completed', cancel_requested: false })
    dsco.act('remove-package', { order_id: '3', tracking: 'HAND' })
    expect(dsco.bookOf('3').lines).toMatchObject([{ shipped: 1 }, { shipped: 1 }])
  })

  it.each([
    ['no-such', {}, /known: add-orders/],
    ['cancel', { order_id: 'none' }, /no order 'none'/],
    ['cancel', { id: '1' }, /unknown id/],
    ['add-orders', [{ lines: [{ quantity: 0 }] }], /must be 1 or more/],
    ['buy', { sku: 'none' }, /no item 'none'/],
  ])('a mistake in %s %j is told', async (action, argument, complaint) => {
    await open()
    expect(() => dsco.act(action, argument)).toThrow(complaint)
  })
})
