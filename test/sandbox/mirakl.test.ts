import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Client, MINUTE, START, shipmentOf, startMirakl } from './mirakl-client.ts'

let sandbox: Client['sandbox']
let call: Client['call']
let get: Client['get']
let orderOf: Client['orderOf']
let bookOf: Client['bookOf']

beforeEach(async () => {
  ;({ sandbox, call, get, orderOf, bookOf } = await startMirakl())
})

afterEach(() => sandbox.close())

describe('mirakl: key and shop', () => {
  it('takes the bare key and refuses Bearer, a wrong key and a revoked key', async () => {
    expect((await get('/api/account')).body).toMatchObject({ shop_id: 2001, currency_iso_code: 'USD' })
    expect((await get('/api/version')).status).toBe(200)
    for (const key of ['Bearer sandbox-key', 'other', '']) {
      expect(await get('/api/account', key)).toMatchObject({ status: 401, body: { status: 401, message: expect.any(String) } })
    }
    sandbox.act('mirakl', 'revoke-key', { api_key: 'sandbox-key' })
    expect((await get('/api/orders')).status).toBe(401)
    sandbox.act('mirakl', 'restore-key', { api_key: 'sandbox-key' })
    expect((await get('/api/orders')).status).toBe(200)
  })

  it('keeps two marketplaces apart by their key, down to equal order ids', async () => {
    sandbox.seed('mirakl', {
      accounts: [{ api_key: 'key-b', shop_id: 3001, marketplace: 'b', settings: { multi_shipment: false } }],
      orders: [{ order_id: 'X-A' }, { order_id: 'X-A', api_key: 'key-b' }, { order_id: 'Y-A', api_key: 'key-b' }],
    })
    expect((await get('/api/orders')).body.total_count).toBe(1)
    expect((await get('/api/orders', 'key-b')).body.total_count).toBe(2)
    expect((await get('/api/shipments')).status).toBe(200)
    expect((await get('/api/shipments', 'key-b')).status).toBe(404)
  })

  it('shows only the default shop without shop_id, nothing for a strange shop, and 404 on its writes', async () => {
    sandbox.seed('mirakl', {
      accounts: [{ api_key: 'two-shops', shop_id: 2001, shops: [2001, 2002] }],
      orders: [
        { order_id: 'ONE-A', api_key: 'two-shops' },
        { order_id: 'TWO-A', api_key: 'two-shops', shop: 2002 },
      ],
    })
    const ids = async (query: string) =>
      (await get(`/api/orders${query}`, 'two-shops')).body.orders.map((order) => order.order_id)
    expect(await ids('')).toEqual(['ONE-A'])
    expect(await ids('?shop_id=2002')).toEqual(['TWO-A'])
    expect(await ids('?shop_id=9')).toEqual([])
    expect((await call('PUT', '/api/orders/TWO-A/ship', undefined, 'two-shops')).body).toMatchObject({
      status: 404,
      code: 'ORDER_NOT_FOUND',
    })
    expect((await call('PUT', '/api/orders/ONE-A/ship?shop_id=9', undefined, 'two-shops')).status).toBe(404)
    expect(
      (await call('POST', '/api/shipments?shop_id=9', { shipments: [shipmentOf('ONE-A', [['ONE-A-1', 1]])] }, 'two-shops'))
        .status,
    ).toBe(404)
  })

  it('answers 404 on unknown paths, 405 on wrong methods, 415 and 400 on bodies it cannot read', async () => {
    expect((await get('/api/nothing')).status).toBe(404)
    expect((await call('DELETE', '/api/orders')).status).toBe(405)
    expect((await call('POST', '/api/shipments')).status).toBe(415)
    expect((await call('POST', '/api/shipments', [])).status).toBe(400)
    expect((await call('POST', '/api/shipments', { shipments: [] })).body).toMatchObject({
      status: 400,
      code: 'VALIDATION_ERROR',
    })
  })
})

describe('mirakl: OR11', () => {
  it('pages by offset with total_count and a Link header, oldest first or newest first', async () => {
    sandbox.seed('mirakl', {
      orders: Array.from({ length: 25 }, (_, i) => ({
        order_id: `P${String(i).padStart(2, '0')}-A`,
        created_at: START - (25 - i) * MINUTE,
      })),
    })
    const first = await get('/api/orders')
    expect(first.body.orders).toHaveLength(10)
    expect(first.body.total_count).toBe(25)
    expect(first.headers.get('link')).not.toContain('previous')
    const seen: string[] = []
    let url: string | undefined = `${sandbox.origins.mirakl}/api/orders?max=10&order_state_codes=SHIPPING`
    while (url !== undefined) {
      const reply = await fetch(url, { headers: { authorization: 'sandbox-key' } })
      const page = (await reply.json()) as { orders: { order_id: string }[] }
      seen.push(...page.orders.map((order) => order.order_id))
      url = /<([^>]+)>; rel="next"/.exec(reply.headers.get('link') ?? '')?.[1]
    }
    expect(seen).toHaveLength(25)
    expect(seen[0]).toBe('P00-A')
    expect((await get('/api/orders?max=1&order=desc&sort=dateCreated')).body.orders[0]!.order_id).toBe('P24-A')
    expect((await get('/api/orders?max=500')).body.orders).toHaveLength(25)
  })

  it('cuts max to 100, refuses more than 100 order_ids and other bad parameters with 400', async () => {
    sandbox.seed('mirakl', { orders: Array.from({ length: 101 }, () => ({})) })
    expect((await get('/api/orders?max=200')).body.orders).toHaveLength(100)
    const ids = Array.from({ length: 101 }, (_, i) => `A${i}`).join(',')
    expect((await get(`/api/orders?order_ids=${ids}`)).body.message).toContain('The limit of 100 is exceeded')
    for (const query of [
      'max=0',
      'max=x',
      'offset=-1',
      'start_update_date=yesterday',
      'sort=dateUpdated',
      'order=up',
      'order_state_codes=OPEN',
      'shop_id=x',
    ]) {
      expect((await get(`/api/orders?${query}`)).status, query).toBe(400)
    }
  })

  it('widens start_update_date a little and keeps end_update_date exact', async () => {
    sandbox.seed('mirakl', {
      orders: [
        { order_id: 'OLD-A', created_at: START - 60 * MINUTE, updated_at: START - MINUTE },
        { order_id: 'NEW-A', created_at: START - 60 * MINUTE, updated_at: START },
      ],
    })
    const ids = async (from: number, to: number) => {
      const query = new URLSearchParams({
        start_update_date: new Date(from).toISOString(),
        end_update_date: new Date(to).toISOString(),
      })
      return (await get(`/api/orders?${query}`)).body.orders.map((order) => order.order_id)
    }
    expect(await ids(START + 4000, START + MINUTE)).toEqual(['NEW-A'])
    expect(await ids(START + 6000, START + MINUTE)).toEqual([])
    expect(await ids(START - MINUTE, START - 1)).toEqual(['OLD-A'])
  })

  it('hides addresses before SHIPPING and writes times with and without milliseconds', async () => {
    sandbox.seed('mirakl', { orders: [{ order_id: 'W-A', state: 'WAITING_ACCEPTANCE' }, { order_id: 'S-A' }] })
    const waiting = await orderOf('W-A')
    const shipping = await orderOf('S-A')
    expect(waiting.customer).toMatchObject({ shipping_address: null, billing_address: null })
    expect(shipping.customer.shipping_address).toMatchObject({ country_iso_code: 'USA' })
    expect(shipping.created_date).toBe('2026-11-01T10:00:00Z')
    expect(shipping.customer_debited_date).toBe('2026-11-01T10:00:00.250Z')
  })

  it('filters by fulfilment centre and incident, and computes exact amounts', async () => {
    sandbox.seed('mirakl', {
      orders: [
        { order_id: 'FC-A', fulfillment_center_code: 'OPERATOR' },
        {
          order_id: 'M-A',
          has_incident: true,
          lines: [
            { offer_sku: 'S', quantity: 3, price_unit: '19.99', shipping_price: '4.10' },
            { price_unit: '0.10', quantity: 2 },
          ],
        },
      ],
    })
    const money = (await get('/api/orders?fulfillment_center_code=DEFAULT&has_incident=true')).body
    expect(money.total_count).toBe(1)
    expect(money.orders[0]).toMatchObject({ price: 60.17, shipping_price: 4.1, total_price: 64.27 })
    const other = (await get('/api/orders?fulfillment_center_code=OPERATOR')).body.orders[0]!
    expect(other).toMatchObject({ can_shop_ship: false, fulfillment: { center: { code: 'OPERATOR' } } })
  })

  it('lays poison over an order, takes keys away, and shows partial cancelations', async () => {
    sandbox.seed('mirakl', {
      orders: [
        { order_id: 'O-A', lines: [{ quantity: 4 }, {}], wire: { can_shop_ship: '$absent', order_lines: [{ offer_sku: null }] } },
      ],
    })
    sandbox.act('mirakl', 'cancel', {
      order_id: 'O-A',
      lines: [
        { id: 'O-A-1', quantity: 1 },
        { id: 'O-A-2', quantity: 1 },
      ],
    })
    const order = await orderOf('O-A')
    expect(order).not.toHaveProperty('can_shop_ship')
    expect(order.order_lines[0]).toMatchObject({
      offer_sku: null,
      quantity: 4,
      order_line_state: 'SHIPPING',
      cancelations: [{ quantity: 1 }],
    })
    expect(order.order_lines[1]!.order_line_state).toBe('CANCELED')
    expect((await get('/api/shipments/items_to_ship?order_id=O-A')).body.data[0]!.shipment_lines).toMatchObject([
      { order_line_id: 'O-A-1', quantity: 3 },
    ])
  })
})

describe('mirakl: actions', () => {
  it('bumps last_updated_date with every action', async () => {
    sandbox.seed('mirakl', { orders: [{ order_id: 'A-A', lines: [{ quantity: 3 }] }] })
    const steps: [string, object][] = [
      ['change-address', { ship_to: { street_1: '9 Moved Street' } }],
      ['incident', {}],
      ['incident', { open: false }],
      ['cancel', { lines: [{ id: 'A-A-1', quantity: 1 }] }],
      ['confirm-elsewhere', { lines: [{ id: 'A-A-1', quantity: 1 }] }],
      ['cancel', {}],
      ['set-state', { state: 'RECEIVED' }],
    ]
    let before = ''
    const states: string[] = []
    for (const [action, argument] of steps) {
      sandbox.clock.advance(MINUTE)
      sandbox.act('mirakl', action, { order_id: 'A-A', ...argument })
      const order = await orderOf('A-A')
      expect(order.last_updated_date > before, action).toBe(true)
      before = order.last_updated_date
      states.push(`${order.order_state}/${order.order_lines[0]!.order_line_state}`)
    }
    expect(states).toEqual([
      'SHIPPING/SHIPPING',
      'SHIPPING/INCIDENT_OPEN',
      'SHIPPING/SHIPPING',
      'SHIPPING/SHIPPING',
      'SHIPPING/SHIPPING',
      'SHIPPED/SHIPPED',
      'RECEIVED/RECEIVED',
    ])
    expect(bookOf('A-A').lines[0]).toMatchObject({ quantity: 3, shipped: 1, canceled: 2 })
    expect(() => sandbox.act('mirakl', 'no-such', { order_id: 'A-A' })).toThrow()
  })

  it('adds orders later and cancels a whole one', async () => {
    expect(sandbox.act('mirakl', 'add-orders', [{ order_id: 'N-A' }])).toEqual({ order_ids: ['N-A'] })
    sandbox.act('mirakl', 'cancel', { order_id: 'N-A' })
    const order = (await get('/api/orders?order_state_codes=CANCELED')).body.orders[0]!
    expect(order).toMatchObject({ order_id: 'N-A', order_lines: [{ order_line_state: 'CANCELED' }] })
  })
})

describe('mirakl: rate', () => {
  it('bears ten calls at once, then one per second, and says how long to wait', async () => {
    sandbox.reset()
    const statuses = async (n: number) =>
      (await Promise.all(Array.from({ length: n }, () => get('/api/version')))).map((reply) => reply.status)
    expect((await statuses(12)).filter((status) => status === 429)).toHaveLength(2)
    const limited = await get('/api/version')
    expect(limited.headers.get('retry-after')).toBe('1')
    expect(limited.body).toMatchObject({ status: 429 })
    sandbox.clock.advance(2000)
    expect((await statuses(3)).filter((status) => status === 200)).toHaveLength(2)
    expect(sandbox.books('mirakl')).toMatchObject({ throttled: 4, calls: { V01: 12 } })
  })

  it('can limit one operation per minute, without Retry-After', async () => {
    sandbox.seed('mirakl', { rate_limits: { per_minute: { OR11: 1 }, retry_after: false } })
    expect((await get('/api/orders')).status).toBe(200)
    const limited = await get('/api/orders')
    expect(limited.status).toBe(429)
    expect(limited.headers.get('retry-after')).toBeNull()
    expect((await get('/api/shipments')).status).toBe(200)
    sandbox.clock.advance(MINUTE)
    expect((await get('/api/orders')).status).toBe(200)
  })
})

it('mirakl: 10,000 orders are read in 100 pages in a few seconds', async () => {
  sandbox.seed('mirakl', { orders: Array.from({ length: 10_000 }, (_, i) => ({ created_at: START - i * 1000 })) })
  const began = performance.now()
  let seen = 0
  for (let offset = 0; offset < 10_000; offset += 100) {
    seen += (await get(`/api/orders?order_state_codes=SHIPPING&max=100&offset=${offset}`)).body.orders.length
  }
  expect(seen).toBe(10_000)
  expect(performance.now() - began).toBeLessThan(15_000)
}, 30_000)
