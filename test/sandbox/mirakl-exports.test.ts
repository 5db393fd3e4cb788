import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Client, MINUTE, START, startMirakl } from './mirakl-client.ts'

const PATH = '/api/orders/async-export'
const HOUR = 60 * MINUTE

let client: Client
beforeAll(async () => {
  client = await startMirakl()
})
afterAll(() => client.sandbox.close())

const iso = (at: number) => new Date(at).toISOString()
const day = { start_update_date: iso(START - 24 * HOUR), end_update_date: iso(START + HOUR) }
const begin = async (over: object = {}, key?: string) => client.call('POST', PATH, { ...day, ...over }, key)
const idOf = (answer: { body: unknown }) => (answer.body as { tracking_id: string }).tracking_id
const stateOf = async (id: string) =>
  (await client.get(`${PATH}/status/${id}`)).body as unknown as { status: string; urls?: string[] }

async function fetchFile(url: string | undefined, headers: Readonly<Record<string, string>> = { authorization: 'sandbox-key' }) {
  const answer = await fetch(url ?? '', { headers })
  const text = await answer.text()
  return {
    status: answer.status,
    ids: answer.ok ? (JSON.parse(text) as { orders: { order_id: string }[] }).orders.map((each) => each.order_id) : [],
  }
}

beforeEach(() => {
  client.sandbox.reset()
  client.sandbox.clock.set(START)
  client.sandbox.seed('mirakl', {
    rate_limits: false,
    orders: [
      { order_id: 'ONE-A', created_at: START - HOUR },
      { order_id: 'TWO-A', created_at: START - 2 * HOUR, state: 'CANCELED' },
      { order_id: 'OLD-A', created_at: START - 48 * HOUR },
      { order_id: 'ELSE-A', created_at: START - HOUR, fulfillment_center_code: 'OPERATOR' },
    ],
  })
})

describe('mirakl: an order export', () => {
  it('is PENDING, then COMPLETED with addresses of its files, and holds what the orders are by then', async () => {
    const id = idOf(await begin())
    expect(await stateOf(id)).toMatchObject({ status: 'PENDING' })
    expect((await stateOf(id)).urls).toBeUndefined()
    client.sandbox.clock.advance(10_000)
    client.sandbox.act('mirakl', 'cancel', { order_id: 'ONE-A' })
    client.sandbox.clock.advance(10_000)

    const { status, urls } = await stateOf(id)

    expect(status).toBe('COMPLETED')
    expect(urls?.[0]).toMatch(/\/api\/orders\/async-export\/file\/.*\?file=file1\.json$/)
    const answer = await fetch(urls?.[0] ?? '', { headers: { authorization: 'sandbox-key' } })
    expect(await answer.json()).toMatchObject({
      orders: [
        { order_id: 'TWO-A', order_state: 'CANCELED' },
        { order_id: 'ELSE-A' },
        { order_id: 'ONE-A', order_state: 'CANCELED' },
      ],
    })
  })

  it('takes the filters of the list', async () => {
    const id = idOf(await begin({ order_state_codes: ['SHIPPING'], fulfillment_center_codes: 'DEFAULT' }))
    client.sandbox.clock.advance(MINUTE)
    expect((await fetchFile((await stateOf(id)).urls?.[0])).ids).toEqual(['ONE-A'])
  })

  it.each([
    ['no range', { start_update_date: undefined, end_update_date: undefined }],
    ['half a range', { end_update_date: undefined }],
    ['a range that ends before it begins', { end_update_date: iso(START - 72 * HOUR) }],
    ['more than a year', { start_update_date: iso(START - 400 * 24 * HOUR) }],
    ['a date that is none', { start_update_date: 'yesterday' }],
    ['files that are too small', { items_per_chunk: 9999 }],
    ['files that are too large', { megabytes_per_chunk: 1025 }],
  ])('is refused for %s', async (_, over) => {
    expect((await begin(over)).status).toBe(400)
  })

  it('is one at a time for a shop, whoever asks, and not for another', async () => {
    client.sandbox.seed('mirakl', { accounts: [{ api_key: 'other', shop_id: 3001 }] })
    const first = await begin()
    expect([first.status, (await begin()).status, (await begin({}, 'other')).status]).toEqual([200, 400, 200])
    client.sandbox.clock.advance(MINUTE)
    expect((await begin()).status).toBe(200)
    expect((await client.get(`${PATH}/status/${idOf(first)}`, 'other')).status).toBe(404)
  })

  it('is cut into files by number and by weight', async () => {
    const note = 'x'.repeat(2000)
    const orders = Array.from({ length: 6000 }, (_, i) => ({
      order_id: `B-${i}-A`,
      created_at: START - HOUR,
      ship_to: { additional_info: note },
    }))
    client.sandbox.seed('mirakl', { orders })
    const id = idOf(await begin({ megabytes_per_chunk: 10, items_per_chunk: 10_000 }))
    client.sandbox.clock.advance(MINUTE)
    const { urls = [] } = await stateOf(id)
    const files = await Promise.all(urls.map((url) => fetchFile(url)))
    expect(files.length).toBeGreaterThan(2)
    expect(new Set(files.flatMap((file) => file.ids)).size).toBe(6003)
  })

  it('lies in a storage that wants its signature and no key, where the operator has one', async () => {
    client.sandbox.seed('mirakl', { settings: { order_exports: { files_at: 'storage' } } })
    const id = idOf(await begin())
    client.sandbox.clock.advance(MINUTE)
    const [url] = (await stateOf(id)).urls ?? []
    expect(new URL(url ?? '').hostname).toBe('localhost')
    expect((await fetchFile(url, {})).ids).toHaveLength(3)
    expect((await fetchFile(url)).status).toBe(400)
    expect((await fetchFile(url?.replace(/signature=.*/, 'signature=guess'), {})).status).toBe(403)
  })

  it('is forgotten in time, and unknown where there is none', async () => {
    const id = idOf(await begin())
    client.sandbox.clock.advance(25 * HOUR)
    expect((await client.get(`${PATH}/status/${id}`)).status).toBe(404)
    client.sandbox.seed('mirakl', { settings: { order_exports: { offered: false } } })
    expect((await begin()).status).toBe(404)
  })

  it.each([
    ['fail', 'FAILED'],
    ['cancel', 'CANCELED'],
    ['stick', 'PENDING'],
  ])('can be made to %s', async (fate, status) => {
    client.sandbox.act('mirakl', 'decide-export', { fate })
    const id = idOf(await begin())
    client.sandbox.clock.advance(HOUR)
    expect((await stateOf(id)).status).toBe(status)
    expect((client.sandbox.books('mirakl') as { order_exports: { status: string }[] }).order_exports).toMatchObject([
      { id, status },
    ])
  })

  it('is asked for every five minutes and polled every two seconds at most', async () => {
    client.sandbox.seed('mirakl', { rate_limits: { per_second: 0, every_ms: { OR13: 300_000, OR14: 2000 } } })
    const id = idOf(await begin())
    expect((await client.get(`${PATH}/status/${id}`)).status).toBe(200)
    expect((await client.get(`${PATH}/status/${id}`)).status).toBe(429)
    client.sandbox.clock.advance(299_000)
    const again = await begin()
    expect([again.status, again.headers.get('retry-after')]).toEqual([429, '1'])
  })
})

describe('mirakl: operators side by side', () => {
  it('have orders, carriers, switches and words of their own under their own keys', async () => {
    client.sandbox.seed('mirakl', {
      accounts: [
        {
          api_key: 'fr',
          currency: 'EUR',
          carriers: [{ code: 'COL', label: 'Colissimo' }],
          settings: { multi_shipment: false, alternative_carriers: false },
          defaults: {
            tax_mode: 'TAX_INCLUDED',
            shipping_type_code: 'RELAIS',
            ship_to: { country: 'France', country_iso_code: 'FRA' },
          },
        },
      ],
      orders: [{ order_id: 'ONE-A', api_key: 'fr', created_at: START - HOUR, ship_to: { city: 'Lyon' } }],
    })
    expect((await client.get('/api/orders', 'fr')).body.orders).toMatchObject([
      {
        order_id: 'ONE-A',
        currency_iso_code: 'EUR',
        order_tax_mode: 'TAX_INCLUDED',
        shipping_type_code: 'RELAIS',
        customer: { shipping_address: { city: 'Lyon', country_iso_code: 'FRA' } },
      },
    ])
    expect((await client.get('/api/shipping/carriers', 'fr')).body.carriers).toEqual([{ code: 'COL', label: 'Colissimo' }])
    expect((await client.get('/api/shipments', 'fr')).status).toBe(404)
    expect((await client.get('/api/shipments')).status).toBe(200)
    const stranger = { carrier_name: 'Pigeon', tracking_number: '1' }
    expect((await client.call('PUT', '/api/orders/ONE-A/tracking', stranger, 'fr')).status).toBe(400)
    expect((await client.call('PUT', '/api/orders/ONE-A/tracking', stranger)).status).toBe(204)
    const features = (await client.get('/api/platform/configuration', 'fr')).body as unknown as { features: object }
    expect(features.features).toMatchObject({
      disable_seller_alternative_carrier: true,
      order_tax_mode: 'TAX_INCLUDED',
      shipment: { multi_shipment: false },
    })
  })
})
