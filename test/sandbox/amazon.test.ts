import { request } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { ALL_DATA, ask, type Client, GRANT, ID, LINES, MINUTE, NOW, OTHER, openAmazon, US, YEAR } from './amazon-client.ts'

let open: Client | undefined

async function start(seed: unknown = {}): Promise<Client> {
  open = await openAmazon(seed)
  return open
}

afterEach(async () => {
  await open?.sandbox.close()
  open = undefined
})

describe('Login with Amazon', () => {
  it('gives a bearer token of one hour for form and JSON bodies alike, and counts both', async () => {
    const { exchange, origin, sandbox } = await start()
    const form = await exchange(GRANT)
    expect(form).toMatchObject({
      status: 200,
      body: { token_type: 'bearer', expires_in: 3600, refresh_token: 'sandbox-refresh' },
    })
    const json = await ask(`${origin}/auth/o2/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(GRANT),
    })
    expect(json.status).toBe(200)
    expect(json.body.access_token).not.toBe(form.body.access_token)
    expect(sandbox.books('amazon')).toMatchObject({
      tokens_issued: 3,
      tokens_issued_by_account: { A1SANDBOX: 3 },
      calls: { lwaToken: 3 },
    })
  })

  it.each([
    ['a wrong secret', { client_secret: 'no' }, 401, 'invalid_client'],
    ['a wrong refresh token', { refresh_token: 'no' }, 400, 'invalid_grant'],
    ['another grant type', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
    ['no grant type', { grant_type: '' }, 400, 'invalid_request'],
  ])('refuses %s in the shape of OAuth', async (_what, change, status, error) => {
    const { exchange } = await start()
    const answer = await exchange({ ...GRANT, ...change })
    expect(answer).toMatchObject({ status, body: { error, error_description: expect.any(String) } })
    expect(answer.headers.get('x-amzn-requestid')).toBeTruthy()
  })

  it('gives no grantless token the run of the orders', async () => {
    const { exchange, search } = await start()
    const answer = await exchange({ ...GRANT, grant_type: 'client_credentials', scope: 'sellingpartnerapi::notifications' })
    expect(answer.status).toBe(200)
    expect((await search({ createdAfter: YEAR }, answer.body.access_token)).status).toBe(403)
  })
})

describe('access tokens', () => {
  it('are refused after an hour, with details that say expired', async () => {
    const { search, sandbox, exchange } = await start()
    sandbox.clock.advance(3600_000)
    const answer = await search({ createdAfter: YEAR })
    expect(answer).toMatchObject({
      status: 403,
      body: { errors: [{ code: 'Unauthorized', message: 'Access to requested resource is denied.' }] },
    })
    expect(answer.body.errors[0].details).toMatch(/expired/)
    const fresh = (await exchange(GRANT)).body.access_token
    expect((await search({ createdAfter: YEAR }, fresh)).status).toBe(200)
  })

  it('expire at once by expire-tokens while the refresh token goes on working', async () => {
    const { search, sandbox, exchange } = await start()
    sandbox.act('amazon', 'expire-tokens')
    expect((await search({ createdAfter: YEAR })).body.errors[0].details).toMatch(/expired/)
    expect((await exchange(GRANT)).status).toBe(200)
  })

  it('die with a revoked authorisation until it is restored', async () => {
    const { search, sandbox, exchange } = await start()
    sandbox.act('amazon', 'revoke', { seller_id: 'A1SANDBOX' })
    const answer = await search({ createdAfter: YEAR })
    expect(answer.status).toBe(403)
    expect(answer.body.errors[0].details).toMatch(/revoked/)
    expect((await exchange(GRANT)).body.error).toBe('invalid_grant')
    sandbox.act('amazon', 'restore')
    const fresh = await exchange(GRANT)
    expect((await search({ createdAfter: YEAR }, fresh.body.access_token)).status).toBe(200)
  })

  it('must be there and be known', async () => {
    const { search, origin } = await start()
    expect((await ask(`${origin}/orders/2026-01-01/orders?createdAfter=${YEAR}`)).body.errors[0].details).toMatch(/missing/)
    expect((await search({ createdAfter: YEAR }, 'Atza|unknown')).status).toBe(403)
  })

  it('do not help a request without a user agent', async () => {
    const { origin, token } = await start()
    const status = await new Promise((resolve, reject) => {
      request(
        `${origin}/orders/2026-01-01/orders?createdAfter=${YEAR}`,
        { headers: { 'x-amz-access-token': token } },
        (response) => {
          response.resume()
          resolve(response.statusCode)
        },
      )
        .on('error', reject)
        .end()
    })
    expect(status).toBe(403)
  })

  it('of one seller do not show the orders of another', async () => {
    const { search, exchange } = await start({
      accounts: [{ seller_id: 'A2SANDBOX', refresh_token: 'second', marketplaces: ['A1PA6795UKMFR9'] }],
      orders: [{ order_id: ID }, { order_id: OTHER, seller_id: 'A1SANDBOX' }],
    })
    expect((await search({ createdAfter: YEAR })).body.orders.map((order: { orderId: string }) => order.orderId)).toEqual([OTHER])
    const second = (await exchange({ ...GRANT, refresh_token: 'second' })).body.access_token
    const answer = await search({ createdAfter: YEAR }, second)
    expect(answer.body.orders[0]).toMatchObject({ orderId: ID, salesChannel: { marketplaceId: 'A1PA6795UKMFR9' } })
    expect((await search({ createdAfter: YEAR, marketplaceIds: US }, second)).status).toBe(403)
  })
})

describe('what happens to orders', () => {
  const get = async (client: Client) =>
    (await client.get(`/orders/2026-01-01/orders/${ID}`, { includedData: ALL_DATA })).body.order

  it('moves lastUpdatedTime forward with every action, even on a clock that stands', async () => {
    const client = await start({ orders: [{ order_id: ID, items: LINES, updated_at: NOW - MINUTE }] })
    const actions: [string, object][] = [
      ['set-status', { status: 'PENDING' }],
      ['set-status', { status: 'UNSHIPPED' }],
      ['change-address', { ship_to: { line1: '9 Other Road', line2: 'Flat 3' } }],
      ['request-cancel', {}],
      ['cancel', { by: 'BUYER' }],
    ]
    let last = ''
    for (const [action, more] of actions) {
      client.sandbox.act('amazon', action, { order_id: ID, ...more })
      const { lastUpdatedTime } = await get(client)
      expect(lastUpdatedTime > last).toBe(true)
      last = lastUpdatedTime
    }
    const order = await get(client)
    expect(order.recipient.deliveryAddress).toMatchObject({
      addressLine1: '9 Other Road',
      addressLine2: 'Flat 3',
      city: 'Sampleville',
    })
    expect(order.fulfillment.fulfillmentStatus).toBe('CANCELLED')
    expect(order.orderItems[0].cancellation).toEqual({
      cancellationRequest: { requester: 'BUYER', cancelReason: 'Ordered by mistake' },
      cancellationExecution: { cancelledBy: 'BUYER' },
    })
    expect(order.orderItems[0].fulfillment.quantityUnfulfilled).toBe(0)
  })

  it('throws for what it does not know, so that a mistaken scenario fails', async () => {
    const { sandbox } = await start()
    expect(() => sandbox.act('amazon', 'fly', {})).toThrow(/no action 'fly'/)
    expect(() => sandbox.act('amazon', 'cancel', { order_id: ID })).toThrow(/no order/)
    expect(() => sandbox.seed('amazon', { orders: [{ quantity: 1 }] })).toThrow(/unknown quantity/)
    expect(() => sandbox.seed('amazon', { orders: [{ items: [{ unit_price: 12.5 }] }] })).toThrow(/unit_price/)
  })

  it('begins again empty after a reset, with the default account', async () => {
    const { sandbox, exchange } = await start({ orders: [{}], accounts: [{ client_secret: 'changed' }] })
    expect((await exchange(GRANT)).status).toBe(401)
    sandbox.reset()
    expect((await exchange(GRANT)).status).toBe(200)
    expect(sandbox.books('amazon')).toMatchObject({ orders: [], tokens_issued: 1, throttled: 0 })
  })
})

describe('the rest of the port', () => {
  it('lists marketplace participations, and forgets to say who the seller is', async () => {
    const { get } = await start()
    const { body } = await get('/sellers/v1/marketplaceParticipations')
    expect(body.payload).toMatchObject([{ marketplace: { id: US, countryCode: 'US' }, participation: { isParticipating: true } }])
    expect(JSON.stringify(body)).not.toContain('"A1SANDBOX"')
  })

  it('answers 403 to paths that do not exist, and puts a request id on everything', async () => {
    const { get } = await start()
    const answer = await get('/orders/2026-01-01/order')
    expect(answer.status).toBe(403)
    expect(answer.headers.get('x-amzn-requestid')).toBeTruthy()
  })

  it('takes other rates from the seed, per operation', async () => {
    const { get } = await start({ rate_limits: { getMarketplaceParticipations: { rate: 1, burst: 1 } } })
    const first = await get('/sellers/v1/marketplaceParticipations')
    expect(first.headers.get('x-amzn-ratelimit-limit')).toBe('1.0')
    expect((await get('/sellers/v1/marketplaceParticipations')).status).toBe(429)
  })
})
