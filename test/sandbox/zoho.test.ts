import { afterEach, describe, expect, it } from 'vitest'
import { type Client, type Json, MINUTE, ORGANIZATION, START, startZoho } from './zoho-client.ts'

let zoho: Client

afterEach(() => zoho.sandbox.close())

const CALLS = { settings: { calls_per_minute: 100, calls_per_day: 0 } }

describe('tokens (contract section 2)', () => {
  it('a refresh token gives access tokens of one hour', async () => {
    zoho = await startZoho({ items: [{ sku: 'A' }] })
    const { body, status } = await zoho.token()
    expect(status).toBe(200)
    expect(body).toEqual({
      access_token: expect.stringMatching(/^1000\./),
      api_domain: 'https://www.zohoapis.com',
      token_type: 'Bearer',
      expires_in: 3600,
    })
    zoho.sandbox.clock.advance(60 * MINUTE - 1)
    expect((await zoho.get('/items', {}, { token: body.access_token })).status).toBe(200)
    zoho.sandbox.clock.advance(1)
    const late = await zoho.get('/items', {}, { token: body.access_token })
    expect(late.status).toBe(401)
    expect(late.body.code).toBe(57)
  })

  it('fields in the query serve as well as a form', async () => {
    zoho = await startZoho()
    const query = 'grant_type=refresh_token&client_id=sandbox-client&client_secret=sandbox-secret&refresh_token=sandbox-refresh'
    const reply = await fetch(`${zoho.sandbox.origins.zoho}/oauth/v2/token?${query}`, { method: 'POST' })
    expect(await reply.json()).toHaveProperty('access_token')
    expect(JSON.stringify(zoho.sandbox.journal())).not.toContain('sandbox-secret')
  })

  it.each([400, 200])('after ten in ten minutes it gives no more until they are over, with status %d', async (status) => {
    zoho = await startZoho({ settings: { token_error_status: status } })
    for (let i = 0; i < 10; i++) {
      expect((await zoho.token()).status).toBe(200)
      zoho.sandbox.clock.advance(30_000)
    }
    const refused = await zoho.token()
    expect(refused.status).toBe(status)
    expect(refused.body).toEqual({
      error: 'Access Denied',
      error_description: expect.stringContaining('too many requests continuously'),
      status: 'failure',
    })
    zoho.sandbox.clock.set(START + 10 * MINUTE - 1)
    expect((await zoho.token()).body.error).toBe('Access Denied')
    zoho.sandbox.clock.set(START + 10 * MINUTE)
    expect((await zoho.token()).status).toBe(200)
    expect(zoho.books()).toMatchObject({ tokens_minted: 11, tokens: [{ minted: 11, refused: 2 }] })
  })

  it('of more than thirty live ones the oldest dies', async () => {
    zoho = await startZoho()
    const tokens: string[] = []
    for (let i = 0; i < 31; i++) {
      if (i % 10 === 0) zoho.sandbox.clock.advance(10 * MINUTE)
      tokens.push((await zoho.token()).body.access_token)
    }
    expect(zoho.books().tokens).toMatchObject([{ live: 30 }])
    expect((await zoho.get('/items', {}, { token: tokens[0] ?? '' })).status).toBe(401)
    expect((await zoho.get('/items', {}, { token: tokens[1] ?? '' })).status).toBe(200)
  })

  it.each([
    ['a wrong secret', { client_secret: 'wrong' }, 'invalid_client'],
    ['a client of nobody', { client_id: 'wrong' }, 'invalid_client'],
    ['a refresh token of nobody', { refresh_token: 'wrong' }, 'invalid_code'],
    ['another grant', { grant_type: 'password' }, 'unsupported_grant_type'],
  ])('%s is refused', async (_what, fields, error) => {
    zoho = await startZoho()
    const { status, body } = await zoho.token(fields as Record<string, string>)
    expect([status, body]).toEqual([400, { error }])
    zoho.seed({ settings: { token_error_status: 200 } })
    expect((await zoho.token(fields as Record<string, string>)).status).toBe(200)
  })

  it('revoking kills refresh and access tokens; restoring brings back the first only', async () => {
    zoho = await startZoho()
    expect((await zoho.items()).status).toBe(200)
    zoho.act('revoke')
    expect((await zoho.items()).status).toBe(401)
    expect((await zoho.token()).body).toEqual({ error: 'invalid_code' })
    zoho.act('restore')
    expect((await zoho.items()).status).toBe(401)
    expect((await zoho.token()).status).toBe(200)
  })

  it('tokens that expire early leave the refresh token alone', async () => {
    zoho = await startZoho()
    await zoho.items()
    zoho.act('expire-tokens')
    expect((await zoho.items()).status).toBe(401)
    expect((await zoho.token()).status).toBe(200)
  })

  it('each refresh token has its own ten, and its own scopes', async () => {
    zoho = await startZoho({
      accounts: [
        { client_id: 'other', client_secret: 'o', refresh_token: 'other-refresh', scopes: ['ZohoInventory.items.READ'] },
      ],
    })
    for (let i = 0; i < 11; i++) await zoho.token()
    const fields = { client_id: 'other', client_secret: 'o', refresh_token: 'other-refresh' }
    const { body } = await zoho.token(fields)
    expect((await zoho.get('/items', {}, { token: body.access_token })).status).toBe(200)
    expect((await zoho.get('/organizations', {}, { token: body.access_token })).body.code).toBe(57)
    expect((await zoho.token({ ...fields, refresh_token: 'sandbox-refresh' })).body.error).toBe('invalid_code')
  })

  it('the header must name the scheme of the vendor', async () => {
    zoho = await startZoho()
    const { access_token: token } = (await zoho.token()).body
    const url = `${zoho.sandbox.origins.zoho}/inventory/v1/items?organization_id=${ORGANIZATION}`
    expect((await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status).toBe(401)
    expect((await fetch(url)).status).toBe(401)
    expect((await fetch(url, { headers: { authorization: `Zoho-oauthtoken ${token}` } })).status).toBe(200)
  })
})

describe('organizations', () => {
  it('every call but the list of organizations names one that the user belongs to', async () => {
    zoho = await startZoho({ items: [{ sku: 'A' }] })
    for (const organization of ['', '999']) {
      const { status, body } = await zoho.get('/items', {}, { organization })
      expect([status, body.code]).toEqual([400, 6041])
    }
    const { body } = await zoho.get('/organizations', {}, { organization: '' })
    expect(body.organizations).toMatchObject([{ organization_id: ORGANIZATION, is_org_active: true, plan_name: 'ENTERPRISE' }])
  })

  it('a second one has no items', async () => {
    zoho = await startZoho({
      items: [{ sku: 'A' }],
      organizations: [{}, { organization_id: '20', name: 'Second', is_org_active: false }],
    })
    expect((await zoho.get('/items', {}, { organization: '20' })).body.items).toEqual([])
    expect((await zoho.get('/items')).body.items).toHaveLength(1)
  })
})

describe('limits (contract section 7)', () => {
  async function statuses(count: number): Promise<Json> {
    const seen: Record<string, number> = {}
    for (let i = 0; i < count; i++) {
      const { status, body } = await zoho.items({ per_page: '1' })
      const key = `${status} ${body.code}`
      seen[key] = (seen[key] ?? 0) + 1
    }
    return seen
  }

  it('a hundred calls a minute, then code 44 until the minute ends', async () => {
    zoho = await startZoho(CALLS)
    expect(await statuses(103)).toEqual({ '200 0': 100, '429 44': 3 })
    zoho.sandbox.clock.advance(MINUTE - 1)
    expect(await statuses(1)).toEqual({ '429 44': 1 })
    zoho.sandbox.clock.advance(1)
    expect(await statuses(1)).toEqual({ '200 0': 1 })
    expect(zoho.books()).toMatchObject({ refused: { '44': 4, '45': 0 }, calls: { 'GET /inventory/v1/items': 101 } })
  })

  it('a fixed minute allows a burst across its end, a rolling one does not', async () => {
    zoho = await startZoho(CALLS)
    await statuses(1)
    zoho.sandbox.clock.advance(MINUTE - 1000)
    await statuses(99)
    zoho.sandbox.clock.advance(1000)
    expect(await statuses(50)).toEqual({ '200 0': 50 })

    zoho.seed({ settings: { minute: 'rolling' } })
    zoho.sandbox.clock.advance(5 * MINUTE)
    await statuses(1)
    zoho.sandbox.clock.advance(MINUTE - 1000)
    await statuses(99)
    zoho.sandbox.clock.advance(1000)
    expect(await statuses(3)).toEqual({ '200 0': 1, '429 44': 2 })
  })

  it('is per organization and counts tokens of all users, and no token calls', async () => {
    zoho = await startZoho({ ...CALLS, organizations: [{}, { organization_id: '20' }] })
    await statuses(100)
    expect((await zoho.token()).status).toBe(200)
    const { access_token: token } = (await zoho.token()).body
    expect((await zoho.get('/items', {}, { token })).status).toBe(429)
    expect((await zoho.get('/items', {}, { organization: '20' })).status).toBe(200)
  })

  it('a day has its quota, code 45 until midnight in India, and headers where they are switched on', async () => {
    zoho = await startZoho({ settings: { calls_per_day: 3 } })
    zoho.sandbox.clock.set(Date.parse('2026-11-01T18:00:00Z'))
    expect((await zoho.items()).headers.get('x-rate-limit-limit')).toBeNull()
    zoho.seed({ settings: { rate_limit_headers: true } })
    const { headers } = await zoho.items()
    const told = ['limit', 'remaining', 'reset'].map((name) => headers.get(`x-rate-limit-${name}`))
    expect(told).toEqual(['3', '1', '1800'])
    expect(await statuses(3)).toEqual({ '200 0': 1, '429 45': 2 })
    zoho.sandbox.clock.set(Date.parse('2026-11-01T18:29:59Z'))
    expect(await statuses(1)).toEqual({ '429 45': 1 })
    zoho.sandbox.clock.set(Date.parse('2026-11-01T18:30:00Z'))
    expect(await statuses(1)).toEqual({ '200 0': 1 })
  })
})

describe('the books', () => {
  it('say what was asked in which minute, and that nothing was written', async () => {
    zoho = await startZoho()
    await zoho.items()
    await zoho.get('/itemdetails', { item_ids: '1' })
    zoho.sandbox.clock.advance(2 * MINUTE)
    await zoho.items()
    expect(zoho.books().calls_by_minute).toEqual({
      'POST /oauth/v2/token': { '2026-11-01T12:00Z': 1 },
      'GET /inventory/v1/items': { '2026-11-01T12:00Z': 1, '2026-11-01T12:02Z': 1 },
      'GET /inventory/v1/itemdetails': { '2026-11-01T12:00Z': 1 },
    })
    expect(zoho.books().writes).toBe(0)
  })

  it('count a call that would have changed something, and it is refused', async () => {
    zoho = await startZoho({ items: [{ sku: 'A', item_id: '7' }] })
    const { access_token: token } = (await zoho.token()).body
    const url = `${zoho.sandbox.origins.zoho}/inventory/v1/items/7?organization_id=${ORGANIZATION}`
    const reply = await fetch(url, { method: 'DELETE', headers: { authorization: `Zoho-oauthtoken ${token}` } })
    expect(reply.status).toBe(401)
    expect(zoho.books()).toMatchObject({ writes: 1, items: [{ item_id: '7' }] })
  })

  it('are empty after a reset', async () => {
    zoho = await startZoho({ items: [{ sku: 'A' }], organizations: [{ organization_id: '20' }] })
    await zoho.items()
    zoho.sandbox.reset()
    expect(zoho.books()).toMatchObject({ organization_id: ORGANIZATION, items: [], tokens_minted: 0, calls: {} })
  })
})
