import { afterEach, describe, expect, it } from 'vitest'
import { type Client, DAY, iso, MINUTE, NOW, ORDERS, openEbay, STOCK } from './ebay-client.ts'

const SCOPE = 'https://api.ebay.com/oauth/api_scope'
const RECENT = `<ModTimeFrom>${iso(NOW - DAY)}</ModTimeFrom>`
const OFFERS = `${STOCK}/inventory_item`

describe('ebay: who may call', () => {
  let ebay: Client

  afterEach(() => ebay.sandbox.close())

  it('gives a token of two hours for a refresh token, and no new refresh token', async () => {
    ebay = await openEbay()
    const { status, body } = await ebay.token()
    expect(status).toBe(200)
    expect(body).toEqual({ access_token: expect.stringMatching(/^v\^1\.1#/), expires_in: 7200, token_type: 'User Access Token' })
    ebay.sandbox.clock.advance(7200_000)
    expect((await ebay.trading('GetOrders', RECENT, { 'x-ebay-api-iaf-token': body.access_token })).body.Errors).toMatchObject([
      { ErrorCode: '21917053' },
    ])
  })

  it('refuses keys, grants and scopes in the shape of OAuth', async () => {
    ebay = await openEbay({ accounts: [{ user: 'other', app_id: 'other-app', cert_id: 'other-cert' }] })
    const refusal = async (fields: Record<string, string>, basic?: string) => {
      const { status, body } = await ebay.token(fields, basic)
      return [status, body.error]
    }
    expect(await refusal({}, 'sandbox-app:wrong')).toEqual([401, 'invalid_client'])
    expect(await refusal({ refresh_token: 'wrong' })).toEqual([400, 'invalid_grant'])
    expect(await refusal({}, 'other-app:other-cert'), 'a refresh token of another keyset').toEqual([400, 'invalid_grant'])
    expect(await refusal({ grant_type: 'password' })).toEqual([400, 'unsupported_grant_type'])
    expect(await refusal({ scope: `${SCOPE}/sell.marketing` })).toEqual([400, 'invalid_scope'])
    ebay.act('revoke')
    expect(await refusal({})).toEqual([400, 'invalid_grant'])
    ebay.act('restore')
    expect((await ebay.token()).status).toBe(200)
  })

  it('a refresh token dies after eighteen months', async () => {
    ebay = await openEbay({ accounts: [{ consented_at: NOW - 47_304_000_000 + MINUTE }] })
    expect((await ebay.token()).status).toBe(200)
    ebay.sandbox.clock.advance(MINUTE)
    expect((await ebay.token()).body.error).toBe('invalid_grant')
  })

  it('a refresh that asks for fewer scopes gets a token that can do less: Trading takes it, REST does not', async () => {
    ebay = await openEbay()
    const narrow = (await ebay.token({ scope: SCOPE })).body.access_token
    const refused = await ebay.rest('GET', ORDERS, undefined, narrow)
    expect([refused.status, refused.body.errors[0].errorId]).toEqual([403, 1100])
    expect((await ebay.trading('GetOrders', RECENT, { 'x-ebay-api-iaf-token': narrow })).body.Ack).toBe('Success')
    const readonly = { accounts: [{ scopes: ['api_scope', 'sell.inventory.readonly'] }] }
    ebay.seed(readonly)
    const reading = (await ebay.token()).body.access_token
    expect((await ebay.rest('GET', OFFERS, undefined, reading)).status).toBe(200)
    expect((await ebay.rest('POST', `${STOCK}/bulk_update_price_quantity`, { requests: [] }, reading)).status).toBe(403)
  })

  it('the token of the application itself acts for nobody', async () => {
    ebay = await openEbay()
    const application = (await ebay.token({ grant_type: 'client_credentials', refresh_token: '' })).body
    expect(application.token_type).toBe('Application Access Token')
    const answer = await ebay.trading('GetOrders', RECENT, { 'x-ebay-api-iaf-token': application.access_token })
    expect(answer.body.Errors[0].ErrorCode).toBe('21916984')
    expect((await ebay.rest('GET', ORDERS, undefined, application.access_token)).status).toBe(403)
  })

  it('an expired token is a 401, and at Inventory a 403 that looks like missing rights', async () => {
    ebay = await openEbay()
    const { access_token: token } = (await ebay.token()).body
    ebay.act('expire-tokens')
    const orders = await ebay.rest('GET', ORDERS, undefined, token)
    expect([orders.status, orders.body.errors[0].errorId]).toEqual([401, 1001])
    const stock = await ebay.rest('GET', OFFERS, undefined, token)
    expect([stock.status, stock.body.errors[0].errorId]).toEqual([403, 1100])
    ebay.seed({ settings: { expired_inventory_token: 401 } })
    expect((await ebay.rest('GET', OFFERS, undefined, token)).status).toBe(401)
  })

  it('Trading answers 200 whatever is wrong, and says it in its Ack and code', async () => {
    ebay = await openEbay()
    const code = async (headers: Record<string, string | undefined>, call = 'GetOrders', inside = RECENT) => {
      const { status, body } = await ebay.trading(call, inside, headers)
      return [status, body.Ack, body.Errors?.[0].ErrorCode]
    }
    expect(await code({ 'x-ebay-api-iaf-token': undefined })).toEqual([200, 'Failure', '930'])
    expect(await code({ 'x-ebay-api-iaf-token': 'nonsense' })).toEqual([200, 'Failure', '21916984'])
    expect(await code({ 'x-ebay-api-compatibility-level': undefined })).toEqual([200, 'Failure', '10012'])
    expect(await code({ 'x-ebay-api-siteid': '999' })).toEqual([200, 'Failure', '10012'])
    expect(await code({}, 'GetCategories')).toEqual([200, 'Failure', '2'])
    expect(await code({}, 'GetOrders', '<ModTimeFrom>')).toEqual([200, 'Failure', '5'])
    expect(await code({ 'x-ebay-api-call-name': 'CompleteSale' }), 'another call than the body').toEqual([200, 'Failure', '37'])
    expect(await code({ 'x-ebay-api-cert-name': 'sandbox-cert' })).toEqual([200, 'Success', undefined])
    expect(ebay.books().misdeeds).toEqual(['GetOrders: the Cert ID was sent along'])
  })

  it('the day of an application has so many calls, for all its sellers; another day, another share', async () => {
    ebay = await openEbay({ quotas: { trading: 2, fulfillment: 1 }, accounts: [{ user: 'second' }] })
    const second = (await ebay.token({ refresh_token: 'sandbox-refresh-second' })).body.access_token
    await ebay.orders(RECENT)
    expect((await ebay.trading('GetOrders', RECENT, { 'x-ebay-api-iaf-token': second })).body.Ack).toBe('Success')
    expect((await ebay.orders(RECENT)).Errors[0].ErrorCode).toBe('518')
    await ebay.rest('GET', ORDERS)
    const refused = await ebay.rest('GET', ORDERS)
    expect([refused.status, refused.body.errors[0].errorId, refused.headers.get('retry-after')]).toEqual([429, 2001, null])

    const limits = (await ebay.rest('GET', '/developer/analytics/v1_beta/rate_limit/?api_context=tradingapi')).body.rateLimits
    const [rate] = limits[0].resources[0].rates
    // Midnight in California.
    expect(rate).toEqual({ count: 2, limit: 2, remaining: 0, reset: '2026-11-22T08:00:00.000Z', timeWindow: 86_400 })
    ebay.sandbox.clock.set(Date.parse(rate.reset))
    ebay.act('restore')
    const fresh = (await ebay.token()).body.access_token
    expect((await ebay.trading('GetOrders', RECENT, { 'x-ebay-api-iaf-token': fresh })).body.Ack).toBe('Success')
    expect(ebay.books().throttled).toBe(2)
  })

  it.each([
    ['2026-10-31T20:00:00Z', '2026-11-01T07:00:00.000Z', 'the last day of summer'],
    ['2026-11-01T07:30:00Z', '2026-11-02T08:00:00.000Z', 'a day of 25 hours'],
    ['2027-03-14T08:30:00Z', '2027-03-15T07:00:00.000Z', 'a day of 23 hours'],
  ])('at %s the day ends at %s: %s', async (now, end) => {
    ebay = await openEbay()
    ebay.sandbox.clock.set(Date.parse(now))
    const limits = (await ebay.rest('GET', '/developer/analytics/v1_beta/rate_limit/?api_context=tradingapi')).body.rateLimits
    expect(limits[0].resources[0].rates[0].reset).toBe(end)
  })

  it('calls fail on purpose, before or after they had their effect', async () => {
    ebay = await openEbay({ orders: [{ order_id: '11-00001-00001' }] })
    ebay.act('fail-call', { call: 'CompleteSale', applied: true })
    ebay.act('fail-call', { call: 'getOrders', times: 2 })
    expect(() => ebay.act('fail-call', { call: 'getorders' })).toThrow(/no call 'getorders'; known: GetOrders/)
    const failed = (await ebay.trading('CompleteSale', '<OrderID>11-00001-00001</OrderID><Shipped>true</Shipped>')).body
    expect(failed).toMatchObject({ Ack: 'Failure', Errors: [{ ErrorCode: '10007', ErrorClassification: 'SystemError' }] })
    expect(ebay.bookOf('11-00001-00001').shipped_at).not.toBeNull()
    const refused = [await ebay.rest('GET', ORDERS), await ebay.rest('GET', ORDERS), await ebay.rest('GET', ORDERS)]
    expect(refused.map(({ status }) => status)).toEqual([500, 500, 200])
    expect(refused[0]?.body.errors[0]).toMatchObject({ errorId: 30500, category: 'APPLICATION' })
  })

  it('the journal keeps neither tokens nor SKUs in its shapes of paths', async () => {
    ebay = await openEbay({ listings: [{ sku: 'MUG' }] })
    await ebay.rest('GET', `${STOCK}/inventory_item/MUG`)
    await ebay.rest('GET', '/developer/analytics/v1_beta/rate_limit/')
    expect(ebay.sandbox.counts().ebay).toEqual({
      'POST /identity/v1/oauth2/token': 1,
      'GET /sell/inventory/v1/inventory_item/{id}': 1,
      'GET /developer/analytics/v1_beta/rate_limit/': 1,
    })
    expect(JSON.stringify(ebay.sandbox.journal())).not.toMatch(/sandbox-refresh|v\^1\.1/)
  })

  it('a good answer can be a Warning', async () => {
    ebay = await openEbay({ settings: { notices: true }, orders: [{}] })
    const answer = await ebay.orders()
    expect(answer).toMatchObject({ Ack: 'Warning', Errors: [{ SeverityCode: 'Warning' }] })
    expect(answer.OrderArray.Order).toHaveLength(1)
  })
})
