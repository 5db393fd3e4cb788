import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createMiraklConnector, type MiraklSettings } from '../../src/connectors/mirakl/connector.ts'
import { fingerprintOf, sharedAccount } from '../../src/core/db/account.ts'
import type { Db } from '../../src/core/db/db.ts'
import type { NormalizedOrder } from '../../src/core/model/order.ts'
import type { Confirmation } from '../../src/core/model/shipment.ts'
import type { SharedAccount } from '../../src/core/ports/account.ts'
import type { MarketplaceConnector } from '../../src/core/ports/marketplace.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import { aDb } from '../world/a-run.ts'
import { databases } from '../world/databases.ts'
import { type TestGate, testGate } from '../world/gate.ts'

const HOUR = 3600_000
const signal = new AbortController().signal

/** A department store in New York and a chain of shops in Lyon: both run Mirakl, and have nothing else in common. */
const operators = {
  'mirakl-macys': {
    apiKey: 'key-of-macys',
    seed: {
      marketplace: 'macys',
      currency: 'USD',
      carriers: [
        { code: 'UPS-US', label: 'UPS', standard_code: 'UPS', tracking_url: 'https://example.com/{trackingId}' },
        { code: 'USPS', label: 'US Postal Service', standard_code: 'USPS' },
      ],
      defaults: {
        tax_mode: 'TAX_EXCLUDED',
        shipping_type_code: 'STD',
        additional_fields: [{ code: 'gift-note', type: 'STRING', value: 'Enjoy' }],
      },
    },
    settings: { carriers: {}, countryNames: {} },
  },
  'mirakl-fleur': {
    apiKey: 'key-of-fleur',
    seed: {
      marketplace: 'fleur',
      currency: 'EUR',
      settings: { multi_shipment: false, auto_accept: false, alternative_carriers: false, times: 'millis' },
      carriers: [
        { code: '17', label: 'Chronopost' },
        { code: '4', label: 'Transporteur UPS' },
      ],
      defaults: {
        tax_mode: 'TAX_INCLUDED',
        shipping_type_code: 'DOM',
        shipping_type_label: 'Livraison à domicile',
        additional_fields: [{ code: 'code-porte', type: 'STRING', value: '12A34' }],
        ship_to: { country: 'France Métropolitaine', country_iso_code: null, city: 'Lyon', zip_code: '69001', state: null },
      },
    },
    settings: { carriers: { ups: '4' }, countryNames: { 'France Métropolitaine': 'FR' } },
  },
} as const satisfies Readonly<
  Record<string, { apiKey: string; seed: object; settings: Pick<MiraklSettings, 'carriers' | 'countryNames'> }>
>

type Channel = keyof typeof operators

describe.each(databases)('two Mirakl marketplaces side by side on $name', (database) => {
  let sandbox: Sandbox
  let db: Db

  beforeAll(async () => {
    sandbox = await startSandbox({ portBase: 0 })
  })
  afterAll(() => sandbox.close())

  beforeEach(async () => {
    db = await aDb(database)
    sandbox.reset()
    sandbox.seed('mirakl', { rate_limits: false })
    for (const [channel, { apiKey, seed }] of Object.entries(operators)) {
      // The same shop number and the same order number at both: it happens.
      sandbox.seed('mirakl', {
        accounts: [{ api_key: apiKey, shop_id: 2001, ...seed }],
        orders: [
          {
            order_id: '1000-A',
            api_key: apiKey,
            state: 'SHIPPING',
            created_at: now() - HOUR,
            lines: [
              { order_line_id: '1000-A-1', offer_sku: 'MUG', quantity: 2, price_unit: '10.00', taxes: [{ amount: '2.00' }] },
            ],
          },
          { order_id: `W-${channel}`, api_key: apiKey, state: 'WAITING_ACCEPTANCE', created_at: now() - HOUR },
        ],
        offers: [{ sku: 'MUG', quantity: 5, api_key: apiKey }],
      })
    }
  })

  const now = () => sandbox.clock.now()

  function accountOf(channel: Channel): SharedAccount {
    const clock = { now, sleep: async (ms: number) => sandbox.clock.advance(ms) }
    const deps = {
      db,
      clock,
      ids: { next: () => 'an-id' },
      seal: (_: string, text: string) => text,
      open: (_: string, text: string) => text,
    }
    return sharedAccount(deps, channel, fingerprintOf([operators[channel].apiKey]))
  }

  function connect(channel: Channel, over: Partial<MiraklSettings> = {}): TestGate & { readonly mirakl: MarketplaceConnector } {
    const gate = testGate(channel, {
      clock: { now, sleep: async (ms) => sandbox.clock.advance(ms) },
      shared: { ...accountOf(channel), adopted: [], drained: [], opened: [], minted: [] },
    })
    const mirakl = createMiraklConnector(gate.gate, {
      channel,
      baseUrl: sandbox.origins.mirakl,
      shopId: 2001,
      credentials: { apiKey: operators[channel].apiKey },
      timeoutMs: 2000,
      ...operators[channel].settings,
      ...over,
    })
    return { ...gate, mirakl }
  }

  async function pull(mirakl: MarketplaceConnector): Promise<readonly NormalizedOrder[]> {
    const found: NormalizedOrder[] = []
    for await (const page of mirakl.listOrders({ at: now() - 24 * HOUR }, signal)) found.push(...page.orders)
    return found
  }

  const aPackage = (channel: Channel, over: Partial<Confirmation> = {}): Confirmation => ({
    channel,
    externalOrderId: '1000-A',
    reference: 1,
    trackingNumber: `1Z-${channel}`,
    carrier: { code: 'ups', name: 'UPS', family: 'ups' },
    shippedAt: now(),
    lines: [{ externalLineId: '1000-A-1', quantity: 2 }],
    wholeOrder: true,
    ...over,
  })

  function booksOf(channel: Channel) {
    const { orders, offers } = sandbox.books('mirakl') as {
      orders: {
        order_id: string
        api_key: string
        state: string
        shipments: { carrier_code: string }[]
        tracking?: { carrier_code: string }
      }[]
      offers: { api_key: string; quantity: number }[]
    }
    const own = <T extends { api_key: string }>(all: readonly T[]) =>
      all.filter((each) => each.api_key === operators[channel].apiKey)
    return {
      order: own(orders).find((each) => each.order_id === '1000-A'),
      offer: own(offers)[0],
      states: own(orders).map((each) => each.state),
    }
  }

  test('orders come in the money, the tax model, the country and the fields of their own operator', async () => {
    const [usa, france] = [await pull(connect('mirakl-macys').mirakl), await pull(connect('mirakl-fleur').mirakl)]

    expect(usa.find((each) => each.externalOrderId === '1000-A')).toMatchObject({
      channel: 'mirakl-macys',
      currency: 'USD',
      totals: { items: 2000, tax: 200, total: 2200 },
      shipTo: { country: 'US' },
      shippingMethodRequested: 'STD',
      notes: 'gift-note: Enjoy',
    })
    expect(france.find((each) => each.externalOrderId === '1000-A')).toMatchObject({
      channel: 'mirakl-fleur',
      currency: 'EUR',
      totals: { items: 2000, tax: 200, total: 2000 },
      shipTo: { country: 'FR', city: 'Lyon' },
      shippingMethodRequested: 'DOM',
      notes: 'code-porte: 12A34',
    })
    expect([usa.length, france.length]).toEqual([2, 2])
  })

  test('a country that one operator writes out is not known at the other', async () => {
    const { mirakl } = connect('mirakl-fleur', { countryNames: operators['mirakl-macys'].settings.countryNames })
    const { poison, orders } = await mirakl.getOrders(['1000-A'], signal)
    expect([poison.map((each) => each.reason), orders]).toEqual([[expect.stringContaining('country_names')], []])
  })

  test('packages go by ST01 here and by OR23 and OR24 there, each with the carrier code of its operator', async () => {
    const [macys, fleur] = [connect('mirakl-macys'), connect('mirakl-fleur')]
    const outcomes = await Promise.all([
      macys.mirakl.confirmShipments([aPackage('mirakl-macys')], signal),
      fleur.mirakl.confirmShipments([aPackage('mirakl-fleur')], signal),
    ])

    expect(outcomes).toEqual([[{ status: 'accepted' }], [{ status: 'accepted' }]])
    expect(booksOf('mirakl-macys').order).toMatchObject({ state: 'SHIPPED', shipments: [{ carrier_code: 'UPS-US' }] })
    expect(booksOf('mirakl-fleur').order).toMatchObject({ state: 'SHIPPED', shipments: [], tracking: { carrier_code: '4' } })
    expect(macys.gate.counts()).toEqual({ SH21: 1, ST01: 1 })
    expect(fleur.gate.counts()).toEqual({ ST01: 1, OR23: 1, OR24: 1 })
  })

  test('what is remembered of one is not believed of the other: multi-shipment, carriers, exports, stock files', async () => {
    const [macys, fleur] = [connect('mirakl-macys'), connect('mirakl-fleur', { carriers: {} })]
    await fleur.mirakl.health(signal)
    expect(await accountOf('mirakl-fleur').recall('multi-shipment')).toBe('off')
    expect(await accountOf('mirakl-fleur').recall('carriers')).toContain('Chronopost')
    expect(await accountOf('mirakl-macys').recall('multi-shipment')).toBeUndefined()
    expect(await accountOf('mirakl-macys').recall('carriers')).toBeUndefined()

    const part = aPackage('mirakl-macys', { wholeOrder: false, lines: [{ externalLineId: '1000-A-1', quantity: 1 }] })
    expect(await macys.mirakl.confirmShipments([part], signal)).toEqual([{ status: 'accepted' }])
    expect(await fleur.mirakl.confirmShipments([{ ...part, channel: 'mirakl-fleur' }], signal)).toMatchObject([
      { status: 'failed', error: { kind: 'permanent', message: expect.stringContaining('whole orders only') } },
    ])
    await macys.mirakl.updateQuantities([{ channel: 'mirakl-macys', sku: 'MUG', quantity: 1 }], 'import', signal)
    expect(await accountOf('mirakl-fleur').recall('stock-import')).toBeUndefined()
  })

  test('a limit, a refused key or a revoked one at one of them leaves the other alone', async () => {
    const [macys, fleur] = [connect('mirakl-macys'), connect('mirakl-fleur')]
    sandbox.addFault({ vendor: 'mirakl', kind: 'throttle', headers: { 'retry-after': '600' } })
    await expect(fleur.mirakl.getOrders(['1000-A'], signal)).rejects.toMatchObject({ kind: 'throttled', account: 'mirakl-fleur' })
    const before = now()
    expect((await macys.mirakl.getOrders(['1000-A'], signal)).orders).toHaveLength(1)
    expect(now() - before).toBeLessThan(5000)

    sandbox.clock.advance(700_000)
    sandbox.act('mirakl', 'revoke-key', { api_key: 'key-of-fleur' })
    await expect(fleur.mirakl.getOrders(['1000-A'], signal)).rejects.toMatchObject({ kind: 'auth' })
    await expect(connect('mirakl-fleur').mirakl.getOrders(['1000-A'], signal)).rejects.toMatchObject({ kind: 'auth' })
    expect((await connect('mirakl-macys').mirakl.getOrders(['1000-A'], signal)).orders).toHaveLength(1)
  })

  test('each is told its own quantities and its own acceptances, though SKUs and numbers are the same', async () => {
    const [macys, fleur] = [connect('mirakl-macys'), connect('mirakl-fleur')]
    await macys.mirakl.updateQuantities([{ channel: 'mirakl-macys', sku: 'MUG', quantity: 7 }], 'import', signal)
    await fleur.mirakl.updateQuantities([{ channel: 'mirakl-fleur', sku: 'MUG', quantity: 9 }], 'import', signal)
    await fleur.mirakl.acknowledgeOrders?.([{ externalOrderId: 'W-mirakl-fleur', externalLineIds: ['W-mirakl-fleur-1'] }], signal)
    sandbox.clock.advance(60_000)

    expect([booksOf('mirakl-macys').offer?.quantity, booksOf('mirakl-fleur').offer?.quantity]).toEqual([7, 9])
    expect(booksOf('mirakl-macys').states).toContain('WAITING_ACCEPTANCE')
    expect(booksOf('mirakl-fleur').states).toEqual(['SHIPPING', 'SHIPPING'])
  })

  test('the doctor says for each what is switched on there', async () => {
    const told = async (channel: Channel) =>
      Object.fromEntries((await connect(channel).mirakl.health(signal)).checks.map((each) => [each.check, each.detail]))
    const [usa, france] = [await told('mirakl-macys'), await told('mirakl-fleur')]
    expect(usa).toMatchObject({
      shop: 'shop 2001, open, marketplace, usd',
      platform: 'orders are accepted by themselves; prices tax excluded',
      shipments: expect.stringContaining('multi-shipment is on'),
      carriers: expect.stringContaining('2 registered; recognised: usps, ups'),
    })
    expect(france).toMatchObject({
      shop: 'shop 2001, open, marketplace, eur',
      platform: 'orders wait for acceptance (auto_accept, or the back office); prices tax included',
      shipments: expect.stringContaining('multi-shipment is off'),
      carriers: '2 registered; recognised: none; this operator takes no others',
    })
  })
})
