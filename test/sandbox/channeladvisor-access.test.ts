import { afterEach, describe, expect, it } from 'vitest'
import { type Client, DAY, type Json, MINUTE, openChannelAdvisor } from './channeladvisor-client.ts'

let ca: Client

afterEach(() => ca.sandbox.close())

const DENIED = 'Authorization has been denied for this request.'
const SHELF = { products: [1, 2, 3].map((product_id) => ({ product_id, sku: `S${product_id}`, quantity: 1 })) }

describe('channeladvisor: tokens', () => {
  it('are given for an hour, and the refresh token stays the same', async () => {
    ca = await openChannelAdvisor()
    const { body } = await ca.token()
    expect(body).toEqual({ access_token: expect.any(String), token_type: 'bearer', expires_in: 3600 })
    const use = async () => (await ca.call('GET', 'Orders', undefined, { authorization: `Bearer ${body.access_token}` })).status
    expect(await use()).toBe(200)
    await ca.token()
    expect(await use()).toBe(200)
    ca.sandbox.clock.advance(60 * MINUTE)
    expect(await use()).toBe(401)
  })

  it.each([
    ['a wrong pair', {}, 'sandbox-app:wrong', 'invalid_client'],
    ['another application', {}, 'nobody:sandbox-shared', 'invalid_client'],
    ['a wrong refresh token', { refresh_token: 'wrong' }, undefined, 'invalid_grant'],
    ['another way', { grant_type: 'client_credentials' }, undefined, 'unsupported_grant_type'],
  ])('are refused for %s, with a 400', async (_what, fields, basic, error) => {
    ca = await openChannelAdvisor()
    expect(await ca.token(fields, basic)).toMatchObject({ status: 400, body: { error } })
  })

  it('end when they are revoked, and when nobody used them for three months', async () => {
    ca = await openChannelAdvisor()
    expect((await ca.get('Orders')).status).toBe(200)
    ca.act('revoke')
    expect((await ca.get('Orders')).status).toBe(401)
    expect((await ca.token()).status).toBe(400)
    ca.act('restore')
    expect((await ca.token()).status).toBe(200)
    ca.sandbox.clock.advance(89 * DAY)
    expect((await ca.token()).status).toBe(200)
    ca.sandbox.clock.advance(90 * DAY)
    expect((await ca.token()).body).toEqual({ error: 'invalid_grant' })
  })

  it('are needed, and need the scope', async () => {
    ca = await openChannelAdvisor({ applications: [{ scopes: ['orders.readonly'] }], orders: [{ order_id: 1 }] })
    expect((await ca.call('GET', 'Orders', undefined, { authorization: 'Bearer nonsense' })).body).toEqual({
      $id: '1',
      Message: DENIED,
    })
    expect((await ca.get('Orders')).status).toBe(200)
    expect((await ca.post('Orders(1)/Export')).status).toBe(401)
    expect((await ca.get('Products')).status).toBe(401)
  })

  it('may be denied inside a 200', async () => {
    ca = await openChannelAdvisor({ orders: [{ order_id: 1 }] })
    ca.act('deny-in-200', { call: 'Export' })
    expect(await ca.post('Orders(1)/Export')).toMatchObject({ status: 200, body: { Message: DENIED } })
    expect(ca.bookOf(1).exported_by).toEqual([])
    expect((await ca.post('Orders(1)/Export')).status).toBe(204)
  })
})

describe('channeladvisor: limits and trouble', () => {
  it('allow so many requests a minute and do not tell when to come again', async () => {
    ca = await openChannelAdvisor({ limits: { requests: 2 } })
    const tries: { status: number; headers: Headers }[] = []
    for (let i = 0; i < 3; i += 1) tries.push(await ca.get('Orders'))
    expect(tries.map(({ status }) => status)).toEqual([200, 200, 429])
    expect(tries[2]?.headers.get('retry-after')).toBeNull()
    expect(ca.books().throttled).toBe(1)
    ca.sandbox.clock.advance(MINUTE)
    expect((await ca.get('Orders')).status).toBe(200)
  })

  it('are 2,000 by default, and each account has its own', async () => {
    ca = await openChannelAdvisor({ applications: [{ app_id: 'same' }, { app_id: 'other', account: 'second' }] })
    const tokenOf = async (app: string) =>
      (await ca.token({ refresh_token: `sandbox-refresh-${app}` }, `${app}:sandbox-shared`)).body.access_token
    const [same, other] = [await tokenOf('same'), await tokenOf('other')]
    const url = `${ca.origin}/v1/DistributionCenters?access_token=`
    for (let i = 0; i < 40; i += 1) await Promise.all(Array.from({ length: 50 }, async () => (await fetch(url + same)).text()))
    expect((await fetch(url + same)).status).toBe(429)
    expect((await ca.get('Orders')).status).toBe(429)
    expect((await fetch(url + other)).status).toBe(200)
  })

  it('come when a test wants them: crowds, failures before and after the effect', async () => {
    ca = await openChannelAdvisor({ orders: [{ order_id: 1 }] })
    ca.act('crowd', { times: 1 })
    expect((await ca.get('Orders')).status).toBe(429)
    ca.act('fail-call', { call: 'Ship', status: 503 })
    expect((await ca.post('Orders(1)/Ship', { Value: {} })).status).toBe(503)
    expect(ca.bookOf(1).shipping).toBe('Unshipped')
    ca.act('fail-call', { call: 'Ship', applied: true })
    expect((await ca.post('Orders(1)/Ship', { Value: {} })).status).toBe(500)
    expect(ca.bookOf(1).shipping).toBe('Shipped')
    expect(() => ca.act('fail-call', { call: 'Sing' })).toThrow("no call 'Sing'")
  })

  it('tell routes that there are not from verbs that there are not', async () => {
    ca = await openChannelAdvisor({ orders: [{ order_id: 1 }] })
    expect((await ca.get('Nothing')).body.Message).toMatch(/No HTTP resource was found/)
    expect((await ca.get('Orders(x)')).status).toBe(404)
    expect((await ca.call('DELETE', 'Orders(1)')).status).toBe(405)
    expect((await ca.get('Orders(1)/Export')).status).toBe(405)
    expect((await fetch(`${ca.origin}/`)).status).toBe(404)
  })
})

describe('channeladvisor: $batch', () => {
  function update(id: string, product: number, quantity: number, url = `Products(${product})/UpdateQuantity`): object {
    const body = { Value: { UpdateType: 'Absolute', Updates: [{ DistributionCenterID: 0, Quantity: quantity }] } }
    return { id, method: 'POST', url, headers: { 'Content-Type': 'application/json' }, body }
  }

  const live = (): readonly number[] => ca.books().products.map((product: Json) => product.live)

  it('answers in another order, and is a 200 whatever became of its parts', async () => {
    ca = await openChannelAdvisor({ ...SHELF, orders: [{ order_id: 1 }] })
    const requests = [
      update('a', 1, 7),
      update('b', 2, -1),
      update('c', 3, 9, `${ca.origin}/v1/Products(3)/UpdateQuantity`),
      update('d', 4, 1, '/v1/Products(4)/UpdateQuantity'),
      { id: 'e', method: 'GET', url: 'Products(1)?$select=ID' },
      { id: 'f', method: 'POST', url: 'Orders(1)/Export' },
      { id: 'g', method: 'POST', url: '$batch', headers: {}, body: {} },
    ]
    const { status, body } = await ca.post('$batch', { requests })
    expect(status).toBe(200)
    expect(body.responses.map((each: Json) => [each.id, each.status])).toEqual([
      ['g', 404],
      ['f', 404],
      ['e', 200],
      ['d', 404],
      ['c', 204],
      ['b', 400],
      ['a', 204],
    ])
    expect(body.responses[2].body.ID).toBe(1)
    expect(body.responses[5].body.error.message).toMatch(/zero or more/)
    expect(live()).toEqual([7, 1, 9])
    expect(ca.bookOf(1).exported_by).toEqual([])
  })

  it('has parts that fail once and go well the next time', async () => {
    ca = await openChannelAdvisor(SHELF)
    ca.act('batch-trouble', { times: 1 })
    const requests = [update('a', 1, 7), update('b', 2, 7)]
    const send = async () => (await ca.post('$batch', { requests })).body.responses.map((each: Json) => each.status)
    expect(await send()).toEqual([204, 406])
    expect(live()).toEqual([1, 7, 1])
    expect(await send()).toEqual([204, 204])
  })

  it('counts as one and one for each part', async () => {
    ca = await openChannelAdvisor({ ...SHELF, limits: { requests: 3 } })
    const requests = [1, 2, 3].map((n) => update(String(n), n, 7))
    const { status, body } = await ca.post('$batch', { requests })
    expect(status).toBe(200)
    expect(body.responses.map((each: Json) => [each.id, each.status])).toEqual([
      ['3', 429],
      ['2', 204],
      ['1', 204],
    ])
    expect((await ca.get('Orders')).status).toBe(429)
  })

  it('must hold requests with an id of their own', async () => {
    ca = await openChannelAdvisor(SHELF)
    for (const body of [
      {},
      { requests: [] },
      { requests: [update('a', 1, 7), update('a', 2, 7)] },
      { requests: [{ id: 'a' }] },
    ]) {
      expect((await ca.post('$batch', body)).status).toBe(400)
    }
    expect(live()).toEqual([1, 1, 1])
    const many = Array.from({ length: 101 }, (_, i) => update(String(i), 1, i))
    await ca.post('$batch', { requests: many })
    expect(ca.books().misdeeds).toEqual(['a batch of 101 requests'])
  })

  it('is taken as parts of HTTP as well, in changesets or not', async () => {
    ca = await openChannelAdvisor(SHELF)
    const text = (boundary: string, parts: readonly string[]) =>
      [...parts.map((part) => `--${boundary}\r\n${part}\r\n`), `--${boundary}--\r\n`].join('')
    const http = (id: string, product: number) => {
      const { body } = update(id, product, 7) as { body: object }
      const head = `Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: ${id}\r\n`
      const line = `POST ${ca.origin}/v1/Products(${product})/UpdateQuantity HTTP/1.1`
      return `${head}\r\n${line}\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(body)}`
    }
    const set = `Content-Type: multipart/mixed; boundary=changeset\r\n\r\n${text('changeset', [http('1', 1), http('2', 2)])}`
    const body = text('batch', [set, http('3', 4)])
    const type = { 'content-type': 'multipart/mixed; boundary=batch' }
    const plain = await ca.call('POST', '$batch', body, type)
    expect(plain.headers.get('content-type')).toMatch(/^multipart\/mixed; boundary=/)
    expect(plain.text.match(/Content-ID: \d|HTTP\/1.1 \d+/g)).toEqual([
      'Content-ID: 3',
      'HTTP/1.1 404',
      'Content-ID: 2',
      'HTTP/1.1 204',
      'Content-ID: 1',
      'HTTP/1.1 204',
    ])
    expect(live()).toEqual([7, 7, 1])
    const json = await ca.call('POST', '$batch', body, { ...type, accept: 'application/json' })
    expect(json.body.responses.map((each: Json) => [each.id, each.status])).toEqual([
      ['3', 404],
      ['2', 204],
      ['1', 204],
    ])
  })
})
