import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Answer, type Client, MINUTE, START, shipmentOf, startMirakl } from './mirakl-client.ts'

let sandbox: Client['sandbox']
let call: Client['call']
let get: Client['get']
let orderOf: Client['orderOf']
let bookOf: Client['bookOf']

beforeEach(async () => {
  ;({ sandbox, call, get, orderOf, bookOf } = await startMirakl())
})

afterEach(() => sandbox.close())

describe('mirakl: OR21', () => {
  const decide = (orderId: string, ...lines: unknown[]) => call('PUT', `/api/orders/${orderId}/accept`, { order_lines: lines })
  const yes = (id: string) => ({ id, accepted: true })
  const no = (id: string) => ({ id, accepted: false })

  it('accepts with 204 and no body, goes to SHIPPING, and refuses the second time', async () => {
    sandbox.seed('mirakl', { orders: [{ order_id: 'A-A', state: 'WAITING_ACCEPTANCE', lines: [{}, {}] }] })
    sandbox.clock.advance(MINUTE)
    expect(await decide('A-A', yes('A-A-1'), no('A-A-2'))).toMatchObject({ status: 204, body: undefined })
    const order = await orderOf('A-A')
    expect(order).toMatchObject({
      order_state: 'SHIPPING',
      acceptance_decision_date: '2026-11-01T10:01:00Z',
      last_updated_date: '2026-11-01T10:01:00Z',
    })
    expect(order.order_lines.map((line) => line.order_line_state)).toEqual(['SHIPPING', 'REFUSED'])
    expect((await decide('A-A', yes('A-A-1'), yes('A-A-2'))).body).toMatchObject({ status: 400, code: 'ORDER_INVALID_STATE' })
    expect(bookOf('A-A')).toMatchObject({ accepted_calls: 1, accept_requests: 2 })
  })

  it('waits for the payment where the marketplace debits first', async () => {
    sandbox.seed('mirakl', {
      settings: { after_accept: 'WAITING_DEBIT_PAYMENT' },
      orders: [{ order_id: 'D-A', state: 'WAITING_ACCEPTANCE' }],
    })
    await decide('D-A', yes('D-A-1'))
    const read = async () => await orderOf('D-A')
    expect(await read()).toMatchObject({ order_state: 'WAITING_DEBIT_PAYMENT', customer: { shipping_address: null } })
    sandbox.act('mirakl', 'pay', { order_id: 'D-A' })
    expect(await read()).toMatchObject({ order_state: 'SHIPPING', customer: { shipping_address: { city: 'Testville' } } })
  })

  it('names each broken rule by its code', async () => {
    sandbox.seed('mirakl', {
      settings: { partial_acceptance: false, auto_accept: false },
      orders: [
        { order_id: 'R-A', lines: [{}, {}] },
        { order_id: 'F-A', fulfillment_center_code: 'OPERATOR' },
      ],
    })
    const code = async (reply: Promise<Answer>) => {
      const { status, body } = await reply
      return `${status} ${body.code}`
    }
    expect(await code(decide('R-A', yes('R-A-1')))).toBe('400 ORDER_LINE_ACCEPTANCE_DECISION_MISSING')
    expect(await code(decide('R-A', yes('R-A-1'), no('R-A-2')))).toBe('400 ORDER_PARTIAL_ACCEPTANCE_DISABLED')
    expect(await code(decide('R-A', yes('R-A-1'), yes('Z')))).toBe('400 ORDER_LINE_NOT_FOUND')
    expect(await code(decide('R-A', yes('R-A-1'), yes('R-A-1')))).toBe('400 ORDER_LINE_DUPLICATE_ID')
    expect(await code(decide('R-A', yes('R-A-1'), null))).toBe('400 ORDER_LINE_NULL_ELEMENT')
    expect(await code(decide('R-A', { id: 'R-A-1' }))).toBe('400 VALIDATION_ERROR')
    expect(await code(decide('R-A'))).toBe('400 VALIDATION_ERROR')
    expect(await code(decide('F-A', yes('F-A-1')))).toBe('400 ORDER_FULFILLED_UNAUTHORIZED')
    expect(await code(decide('NONE-A', yes('1')))).toBe('404 ORDER_NOT_FOUND')
    expect(await decide('R-A', no('R-A-1'), no('R-A-2'))).toMatchObject({ status: 204 })
    expect(bookOf('R-A').state).toBe('REFUSED')
  })
})

describe('mirakl: shipments', () => {
  const post = (...shipments: unknown[]) => call('POST', '/api/shipments', { shipments })

  it('ships part by part, is not idempotent while units remain, and ends the order with the last unit', async () => {
    sandbox.seed('mirakl', { orders: [{ order_id: 'A-A', lines: [{ offer_sku: 'S1', quantity: 4 }] }] })
    const half = shipmentOf('A-A', [['A-A-1', 2]])
    const first = await post(half)
    expect(first.status).toBe(201)
    expect(first.body.shipment_success[0]).toMatchObject({
      order_id: 'A-A',
      status: 'SHIPPED',
      last_updated_date: null,
      tracking: { carrier_code: 'UPS', carrier_name: 'UPS' },
    })
    expect((await get('/api/shipments/items_to_ship')).body.data[0]!.shipment_lines[0]!.quantity).toBe(2)
    expect((await post(half)).body.shipment_success).toHaveLength(1)
    expect((await post(half)).body).toEqual({
      shipment_errors: [{ order_id: 'A-A', message: "The order status must be 'SHIPPING' but it is 'SHIPPED'." }],
      shipment_success: [],
    })
    expect((await get('/api/shipments?order_id=A-A')).body.data).toHaveLength(2)
    expect((await get('/api/shipments/items_to_ship')).body.data).toEqual([])
    expect(bookOf('A-A')).toMatchObject({
      state: 'SHIPPED',
      lines: [{ quantity: 4, shipped: 4 }],
      shipments: [{ tracking: '1Z-A-A' }, { tracking: '1Z-A-A' }],
    })
  })

  it('answers 201 with errors beside successes', async () => {
    sandbox.seed('mirakl', {
      settings: { tracking_mandatory: ['EXP'] },
      orders: [{ order_id: 'A-A' }, { order_id: 'B-A' }, { order_id: 'C-A', shipping_type_code: 'EXP' }],
    })
    const reply = await post(
      shipmentOf('A-A', [['A-A-1', 2]]),
      shipmentOf('NONE-A', [['1', 1]]),
      shipmentOf('A-A', [['A-A-1', 1]], { tracking: { carrier_code: 'NOPE', tracking_number: '1' } }),
      shipmentOf('A-A', [['A-A-1', 1]], { tracking: { tracking_number: '1' } }),
      shipmentOf('A-A', [['A-A-1', 1]], { tracking: { carrier_code: 'UPS' } }),
      shipmentOf('C-A', [['C-A-1', 1]], { tracking: undefined }),
      shipmentOf('B-A', [['B-A-1', 1]], {
        tracking: { carrier_name: 'Pigeon', tracking_url: 'https://pigeon.example.com/7', tracking_number: '7' },
      }),
    )
    expect(reply.status).toBe(201)
    expect(reply.body.shipment_errors[0]).toEqual({ order_id: 'A-A', message: 'Shipment quantity is invalid.' })
    expect(reply.body.shipment_errors).toHaveLength(6)
    expect(reply.body.shipment_success).toMatchObject([
      { order_id: 'B-A', tracking: { carrier_name: 'Pigeon', tracking_url: 'https://pigeon.example.com/7' } },
    ])
    expect((await post(...Array.from({ length: 1001 }, () => shipmentOf('A-A', [['A-A-1', 1]])))).status).toBe(400)
  })

  it('keeps an unsent shipment in SHIPPING until ST24, and corrects tracking by ST23', async () => {
    sandbox.seed('mirakl', { orders: [{ order_id: 'A-A' }] })
    const { id } = (await post(shipmentOf('A-A', [['A-A-1', 1]], { shipped: false }))).body.shipment_success[0]!
    expect(bookOf('A-A')).toMatchObject({ state: 'SHIPPING', shipments: [{ shipped: false }] })
    expect((await post(shipmentOf('A-A', [['A-A-1', 1]]))).body.shipment_errors[0]!.message).toBe('Shipment quantity is invalid.')
    sandbox.clock.advance(MINUTE)
    const tracked = await call('POST', '/api/shipments/tracking', {
      shipments: [
        { id, tracking: { carrier_code: 'DHL', tracking_number: '99' } },
        { id: 'none', tracking: {} },
      ],
    })
    expect(tracked.body).toEqual({
      shipment_success: [{ id }],
      shipment_errors: [{ id: 'none', message: "No shipment with id 'none'." }],
    })
    const ship = () => call('PUT', '/api/shipments/ship', { shipments: [{ id }] })
    expect((await ship()).body.shipment_success).toEqual([{ id }])
    expect((await ship()).body.shipment_errors).toHaveLength(1)
    expect(bookOf('A-A')).toMatchObject({ state: 'SHIPPED', shipments: [{ tracking: '99', carrier_code: 'DHL', shipped: true }] })
    expect((await get('/api/shipments')).body.data[0]!.last_updated_date).toBe('2026-11-01T10:01:00.250Z')
  })

  it('pages by token, which replaces every other parameter', async () => {
    sandbox.seed('mirakl', {
      orders: Array.from({ length: 23 }, (_, i) => ({
        order_id: `Q${String(i).padStart(2, '0')}-A`,
        created_at: START - i * MINUTE,
      })),
    })
    const walk = async (path: string) => {
      const seen: string[] = []
      let page = (await get(path)).body
      for (;;) {
        seen.push(...page.data.map((item) => item.order_id))
        if (!page.next_page_token) return seen
        page = (await get(`${path.split('?')[0]}?page_token=${page.next_page_token}`)).body
      }
    }
    const toShip = await walk('/api/shipments/items_to_ship?limit=5')
    expect(toShip).toHaveLength(23)
    expect(toShip[0]).toBe('Q22-A')
    await post(...toShip.map((id) => shipmentOf(id, [[`${id}-1`, 1]])))
    expect(await walk('/api/shipments')).toEqual(toShip)
    expect(await walk('/api/shipments?limit=7&sort=dateCreated,DESC')).toEqual(toShip.toReversed())
    expect((await get('/api/shipments?page_token=rubbish')).status).toBe(400)
  })

  it('answers 404 on every shipment call where multi-shipment is off', async () => {
    sandbox.seed('mirakl', { settings: { multi_shipment: false }, orders: [{ order_id: 'A-A' }] })
    expect((await post(shipmentOf('A-A', [['A-A-1', 1]]))).status).toBe(404)
    expect((await get('/api/shipments')).status).toBe(404)
    expect((await get('/api/shipments/items_to_ship')).status).toBe(404)
    expect((await call('PUT', '/api/shipments/ship', { shipments: [{ id: '1' }] })).status).toBe(404)
  })

  it('can take effect later than it answers, once for two equal sends of all units', async () => {
    sandbox.seed('mirakl', { settings: { late_commit_ms: MINUTE }, orders: [{ order_id: 'A-A' }] })
    await post(shipmentOf('A-A', [['A-A-1', 1]]))
    expect((await get('/api/shipments?order_id=A-A')).body.data).toEqual([])
    expect((await post(shipmentOf('A-A', [['A-A-1', 1]]))).body.shipment_success).toHaveLength(1)
    sandbox.clock.advance(MINUTE)
    expect((await get('/api/shipments?order_id=A-A')).body.data).toHaveLength(1)
    expect(bookOf('A-A')).toMatchObject({ state: 'SHIPPED', lines: [{ shipped: 1 }] })
  })
})

describe('mirakl: OR23, OR24 and SH21', () => {
  it('ships a whole order in two calls and refuses a second OR24', async () => {
    sandbox.seed('mirakl', {
      settings: { multi_shipment: false, tracking_mandatory: true },
      orders: [{ order_id: 'A/1-A', lines: [{ quantity: 2 }] }],
    })
    const path = `/api/orders/${encodeURIComponent('A/1-A')}`
    expect((await call('PUT', `${path}/ship`)).body).toMatchObject({
      status: 400,
      message: 'Tracking details are mandatory for this shipping method',
    })
    expect((await call('PUT', `${path}/tracking`, { carrier_code: 'XX', tracking_number: '1' })).status).toBe(400)
    expect(await call('PUT', `${path}/tracking`, { carrier_code: 'UPS', tracking_number: '1Z9' })).toMatchObject({
      status: 204,
      body: undefined,
    })
    expect((await call('PUT', `${path}/ship`)).status).toBe(204)
    expect((await call('PUT', `${path}/ship`)).status).toBe(400)
    const order = await orderOf('A/1-A')
    expect(order).toMatchObject({
      order_state: 'SHIPPED',
      shipping_tracking: '1Z9',
      shipping_carrier_code: 'UPS',
      shipping_tracking_url: 'https://tracking.example.com/ups?num=1Z9',
    })
    expect(bookOf('A/1-A')).toMatchObject({ tracking: { tracking_number: '1Z9' }, lines: [{ shipped: 2 }], shipments: [] })
  })

  it('reads carrier_url and ignores tracking_url', async () => {
    sandbox.seed('mirakl', { orders: [{ order_id: 'A-A' }, { order_id: 'W-A', state: 'WAITING_ACCEPTANCE' }] })
    const put = (body: object, id = 'A-A') => call('PUT', `/api/orders/${id}/tracking`, body)
    const url = async () => (await orderOf('A-A')).shipping_tracking_url
    await put({ carrier_name: 'Pigeon', tracking_url: 'https://pigeon.example.com', tracking_number: '1' })
    expect(await url()).toBeNull()
    await put({ carrier_name: 'Pigeon', carrier_url: 'https://pigeon.example.com', tracking_number: '1' })
    expect(await url()).toBe('https://pigeon.example.com')
    expect((await put({ carrier_name: 'Pigeon' }, 'W-A')).status).toBe(400)
  })

  it('lists carriers by label', async () => {
    const { carriers } = (await get('/api/shipping/carriers')).body
    expect(carriers.map((carrier) => carrier.code)).toEqual(['DHL', 'FEDEX', 'UPS', 'USPS'])
    expect(carriers[0]).toMatchObject({ standard_code: 'DHL', tracking_url: expect.stringContaining('{trackingId}') })
  })
})
