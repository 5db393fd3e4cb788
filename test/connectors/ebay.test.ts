import { afterEach, describe, expect, it } from 'vitest'
import { ebayChannel } from '../../src/connectors/ebay/config.ts'
import { testGate } from '../world/gate.ts'
import { DAY, type EbayWorld, heard, NOW, openEbay, pull, signal, spoil, TOKEN, TRADING } from './ebay-world.ts'

let world: EbayWorld
afterEach(() => world.close())

describe("the doctor's questions", () => {
  it.each(['trading', 'fulfillment'] as const)('find an account that reads orders by the %s API in order', async (ordersApi) => {
    world = await openEbay({ listings: [{ sku: 'N', quantity: 1 }] }, { ordersApi })

    const { ok, checks } = await world.connector.health(signal)

    expect(ok).toBe(true)
    expect(checks.map(({ check }) => check)).toEqual(
      ['authenticated', 'consent', 'orders', 'clock', 'stock', 'call budget'].filter(
        (check) => ordersApi === 'trading' || check !== 'clock',
      ),
    )
    expect(checks.find(({ check }) => check === 'stock')?.detail).toContain('1 SKUs in the inventory model; all others')
    expect(checks.at(-1)?.detail).toMatch(/eBay counts \d+ of 5000 left for the keyset until 2026-11-22T08:00/)
  })

  it.each<[string, RegExp, object, string, RegExp]>([
    ['a dead refresh token', TOKEN, { status: 400, body: { error: 'invalid_grant' } }, 'authenticated', /consent again/],
    ['a server that is down', TRADING, { status: 503, body: '' }, 'reachable', /answered 503/],
    ['a day that is used up', TRADING, { status: 429, body: '' }, 'call budget', /answered 429/],
    ['a refusal', TRADING, { status: 400, body: '' }, 'orders', /answered 400/],
  ])('name %s and what to do', async (_, path, fault, check, words) => {
    world = await openEbay()
    spoil(world, path, 'status', fault)

    const { ok, checks } = await world.connector.health(signal)

    expect(ok).toBe(false)
    expect(checks).toEqual([{ check, ok: false, detail: expect.stringMatching(words), fix: expect.any(String) }])
  })

  it('find that stock cannot be read, while orders can', async () => {
    world = await openEbay()
    spoil(world, /inventory_item$/, 'status', { status: 400, body: { errors: [{ errorId: 25709, message: 'No.' }] } })

    const { ok, checks } = await world.connector.health(signal)

    expect(ok).toBe(false)
    expect(checks.filter((one) => !one.ok).map(({ check }) => check)).toEqual(['stock'])
  })

  it('find more calls configured than the keyset has', async () => {
    world = await openEbay({ quotas: { trading: 2000 } })

    const { checks } = await world.connector.health(signal)

    expect(checks.at(-1)).toMatchObject({ check: 'call budget', ok: false, fix: 'set daily_calls to 2000 or less' })
  })

  it.each<[string, number | undefined, boolean, RegExp]>([
    ['is not known', undefined, true, /not known here; note it in refresh_token_expires/],
    ['is far', 31, true, /ends on 2026-12-22, in 31 days/],
    ['is near', 30, false, /ends on 2026-12-21, in 30 days/],
    ['is tomorrow', 1, false, /in 1 day$/],
    ['is past', 0, false, /has ended on 2026-11-21/],
  ])('tell when the refresh token ends, where that %s', async (_, days, ok, words) => {
    const expires = days === undefined ? {} : { refreshTokenExpires: NOW + days * DAY }
    world = await openEbay({}, expires)

    const { checks } = await world.connector.health(signal)

    const found = checks.find(({ check }) => check === 'consent')
    expect(found).toMatchObject({ ok, detail: expect.stringMatching(words) })
    expect(found?.fix === undefined).toBe(ok)
    // A run, too, says so, where nobody asks the doctor.
    const warned = world.logged.filter(({ level }) => level === 'warn').map(({ message }) => message)
    expect(warned).toEqual(ok ? [] : [found?.detail])
  })

  it('believe the day of the whole API, else the one of our calls that has the least left', async () => {
    world = await openEbay()
    const day = (name: string, limit: number, remaining: number) => ({
      name,
      rates: [
        { limit: 3, remaining: 3, timeWindow: 15 },
        { limit, remaining, reset: '2026-11-22T08:00:00.000Z', timeWindow: 86_400 },
      ],
    })
    const tell = async (...resources: readonly object[]) => {
      const body = { rateLimits: [{ apiContext: 'tradingapi', apiName: 'tradingapi', apiVersion: '1', resources }] }
      spoil(world, /rate_limit\/$/, 'status', { status: 200, body })
      return (await world.connector.health(signal)).checks.at(-1)?.detail
    }

    expect(await tell(day('AddItem', 100, 0), day('GetOrders', 6000, 500), day('CompleteSale', 6000, 40))).toContain(
      'eBay counts 40 of 6000 left',
    )
    expect(await tell(day('GetOrders', 6000, 500), day('TradingAPI', 9000, 7000))).toContain('eBay counts 7000 of 9000 left')
    expect(await tell(day('AddItem', 100, 0))).not.toContain('eBay counts')
  })

  it('find a clock that is wrong', async () => {
    world = await openEbay()
    const now = world.sandbox.clock.now() + 600_000
    const clock = { now: () => now, sleep: async () => undefined }

    const { checks } = await world.again({}, { clock }).connector.health(signal)

    expect(checks.find(({ check }) => check === 'clock')).toMatchObject({ ok: false, detail: '600 s ahead of eBay' })
  })
})

it.each<[string, boolean]>([
  ['2026-12-01', true],
  ['2028-02-29', true],
  ['2027-02-29', false],
  ['01.12.2026', false],
  ['2026-12', false],
])('the end of a consent is a day that there is: %s, %s', (day, isOne) => {
  const refused = ebayChannel.schema
    .safeParse({ type: 'ebay', refresh_token_expires: day })
    .error?.issues.map(({ path }) => path[0])
  expect(refused?.includes('refresh_token_expires')).toBe(!isOne)
})

it('a channel as the operator writes it becomes a connector that works', async () => {
  world = await openEbay({ orders: [{}] })
  const { vendor } = ebayChannel.schema.parse({
    type: 'ebay',
    shipstation_store_id: '101',
    endpoint: world.sandbox.origins.ebay,
    auth_endpoint: world.sandbox.origins.ebay,
    refresh_token_expires: '2026-12-01',
    credentials: { app_id: 'sandbox-app', cert_id: 'sandbox-cert', refresh_token: 'sandbox-refresh' },
  })
  const { gate } = testGate('ebay-us', { clock: { now: world.sandbox.clock.now, sleep: async () => undefined } })

  const connector = (await vendor.load())(gate, 'ebay-us', {})

  expect(await pull(connector)).toHaveLength(1)
  expect(gate.counts()).toEqual({ token: 1, GetOrders: 1 })
  const { checks } = await connector.health(signal)
  expect(checks.find(({ check }) => check === 'consent')?.detail).toBe('the refresh token ends on 2026-12-01, in 10 days')
})

it("another site is another number in the request, and the seller's own currency", async () => {
  world = await openEbay({ accounts: [{ site: 'EBAY_DE' }], orders: [{ site: 'EBAY_DE' }] }, { site: 'EBAY_DE' })

  expect((await pull(world.connector))[0]).toMatchObject({ currency: 'EUR', marketplaceId: 'EBAY_DE' })
  expect(heard(world, TRADING)).toHaveLength(1)
})
