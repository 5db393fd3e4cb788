import { describe, expect, test } from 'vitest'
import type { MiraklSettings } from '../../src/connectors/mirakl/connector.ts'
import type { HealthCheck } from '../../src/core/ports/marketplace.ts'
import type { Fault } from '../../src/sandbox/stand-in.ts'
import { calls, closedOrigin, connect, KEY, mirakl, now, sandbox, signal, world } from './mirakl-world.ts'

const everything = [
  'authenticated',
  'shop',
  'logistics',
  'clock',
  'limits',
  'platform',
  'shipments',
  'carriers',
  'listings',
  'stock',
]
const check = async (name: string): Promise<HealthCheck | undefined> =>
  (await mirakl.health(signal)).checks.find((each) => each.check === name)
const spoil = (path: string, fault: Partial<Fault>) =>
  sandbox.addFault({ vendor: 'mirakl', kind: 'status', match: { path }, ...fault })
const account = (over: object) =>
  spoil('account', { kind: 'status-after', status: 200, body: { shop_id: 2001, shop_state: 'OPEN', ...over } })

describe('the doctor at a sound account', () => {
  test('passes every check, and nothing is changed', async () => {
    connect({ shopId: 2001 })
    const health = await mirakl.health(signal)
    expect(health.ok).toBe(true)
    expect(health.checks.map((each) => each.check)).toEqual(everything)
    expect(sandbox.journal().map((entry) => entry.method)).toEqual(['GET', 'GET', 'GET', 'GET', 'GET'])
    expect(world.gate.counts()).toEqual({ A01: 1, PC01: 1, ST12: 1, SH21: 1, OF21: 1 })
  })

  test('passes in a dry run too', async () => {
    connect({}, { dryRun: true })
    expect((await mirakl.health(signal)).ok).toBe(true)
  })

  test('says what there is', async () => {
    connect({ shopId: 2001 })
    sandbox.seed('mirakl', {
      offers: [
        { sku: 'MUG', quantity: 3 },
        { sku: 'CUP', quantity: 1 },
      ],
    })
    const told = Object.fromEntries((await mirakl.health(signal)).checks.map((each) => [each.check, each.detail]))
    expect(told).toMatchObject({
      shop: 'shop 2001, open, marketplace, usd',
      logistics: 'shipping methods: STD',
      limits: 'the marketplace does not tell what is left; not throttled now',
      platform: 'orders are accepted by themselves; prices tax excluded',
      shipments: 'multi-shipment is on: partial shipments can be confirmed',
      listings: '2 offers',
    })
    expect(told['carriers']).toMatch(/^4 registered; recognised: usps, ups, fedex, .*; sent by name: /)
  })
})

describe('the doctor at an account with a flaw', () => {
  test('of a wrong key says the way out, and asks nothing else', async () => {
    connect({ credentials: { apiKey: 'wrong' } })
    const health = await mirakl.health(signal)
    expect(health).toMatchObject({
      ok: false,
      checks: [{ check: 'authenticated', ok: false, fix: expect.stringContaining('API key') }],
    })
    expect(health.checks).toHaveLength(1)
    expect(JSON.stringify(health)).not.toContain('wrong')
  })

  test('that cannot be reached says so', async () => {
    connect({ endpoint: closedOrigin })
    expect(await mirakl.health(signal)).toMatchObject({
      ok: false,
      checks: [{ detail: expect.stringContaining('ECONNREFUSED'), fix: expect.stringContaining('base_url of mirakl-test') }],
    })
  })

  test('that is throttled says how long', async () => {
    spoil('account', { kind: 'throttle', headers: { 'retry-after': '90' } })
    expect(await check('authenticated')).toMatchObject({
      ok: false,
      fix: expect.stringMatching(/^wait 90 s, see which other tools/),
    })
  })

  test('of a shop that the key does not see', async () => {
    connect({ shopId: 7 })
    expect(await check('shop')).toEqual({
      check: 'shop',
      ok: false,
      detail: 'the key does not see shop 7: its orders are not found, and nothing can be written',
      fix: expect.stringContaining('shop_id of mirakl-test'),
    })
  })

  const shops: readonly [string, Partial<MiraklSettings>, object, boolean, RegExp][] = [
    ['another shop', { shopId: 2001 }, { shop_id: 7 }, false, /answers for shop 7, open; configured is 2001/],
    ['no shop configured', {}, {}, true, /set shop_id if it sees several/],
    ['a suspended shop', {}, { shop_state: 'SUSPENDED' }, false, /the operator has closed it/],
    ['a terminated shop', {}, { shop_state: 'TERMINATED' }, false, /the operator has closed it/],
    ['a seller on holiday', {}, { shop_state: 'CLOSE' }, true, /shop 2001, close/],
  ]
  test.each(shops)('of %s', async (_, settings, over, ok, detail) => {
    connect(settings)
    account(over)
    const found = await check('shop')
    expect(found).toMatchObject({ ok, detail: expect.stringMatching(detail) })
    expect(found?.fix === undefined).toBe(ok)
  })

  test('of a clock that is off', async () => {
    connect({}, { clock: { now: () => now() + 5 * 60_000, sleep: async () => undefined } })
    expect(await check('clock')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^30[01] s ahead of/),
      fix: expect.stringContaining('NTP'),
    })
  })

  test.each([
    ['0', false, 'no call left (x-ratelimit-remaining)'],
    ['17', true, '17 calls left (x-ratelimit-remaining)'],
  ])('of a limit that a proxy tells: %s left', async (left, ok, detail) => {
    spoil('account', {
      kind: 'status-after',
      status: 200,
      headers: { 'x-ratelimit-remaining': left },
      body: { shop_id: 2001, shop_state: 'OPEN' },
    })
    expect(await check('limits')).toMatchObject({ ok, detail })
  })

  test('of multi-shipment that is off is no flaw, and is remembered', async () => {
    sandbox.seed('mirakl', { settings: { multi_shipment: false } })
    expect(await check('shipments')).toMatchObject({ ok: true, detail: expect.stringContaining('off') })
    expect(await world.account.recall('multi-shipment')).toBe('off')
  })

  test('of multi-shipment that is on and not for this key', async () => {
    spoil('items_to_ship', { status: 404, body: { status: 404, message: 'Not found' } })
    expect(await check('shipments')).toMatchObject({ ok: false, fix: expect.stringContaining('which right the user lacks') })
    expect(await world.account.recall('multi-shipment')).toBeUndefined()
  })

  test('of a platform that tells its sellers nothing is no flaw', async () => {
    for (const status of [403, 404]) {
      connect()
      spoil('configuration', { status })
      expect(await check('platform')).toMatchObject({ ok: true, detail: expect.stringContaining('does not tell') })
      expect(world.account.opened).toEqual([])
    }
  })

  test('of orders that wait for acceptance says so', async () => {
    sandbox.seed('mirakl', { settings: { auto_accept: false } })
    expect(await check('platform')).toMatchObject({ ok: true, detail: expect.stringContaining('wait for acceptance') })
  })

  test('of a configured carrier that the operator does not know', async () => {
    connect({ carriers: { ups: 'UPZ' } })
    expect(await check('carriers')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('configured but unknown here: UPZ'),
      fix: expect.stringContaining('use one of: DHL, FEDEX, UPS, USPS'),
    })
  })

  test('of an operator that takes no carriers but his own, none of which is ours', async () => {
    const carriers = [{ code: 'P-1', label: 'Pigeon' }]
    sandbox.seed('mirakl', { settings: { alternative_carriers: false }, carriers })
    expect(await check('carriers')).toMatchObject({ ok: false, fix: expect.stringContaining('mirakl-test: P-1') })
    connect({ carriers: { ups: 'P-1' } })
    expect(await check('carriers')).toMatchObject({ ok: true, detail: expect.stringContaining('takes no others') })
  })

  test('of a key without the right to offers, which closes nothing else', async () => {
    spoil('/api/offers$', { status: 403 })
    expect(await check('listings')).toMatchObject({
      ok: false,
      detail: 'this key may not read offers (OF21)',
      fix: expect.stringContaining('roles'),
    })
    expect(world.account.opened).toEqual([])
  })

  test('whose stock files were taken, and are no longer', async () => {
    expect(await check('stock')).toMatchObject({ ok: true, detail: expect.stringContaining('the first one shows') })
    sandbox.seed('mirakl', { offers: [{ sku: 'MUG', quantity: 3 }] })
    await mirakl.updateQuantities([{ channel: 'mirakl-test', sku: 'MUG', quantity: 2 }], 'import', signal)
    expect(await check('stock')).toMatchObject({ ok: true, detail: expect.stringContaining('are taken') })
    spoil('stock/imports', { status: 403 })
    expect(await check('stock')).toMatchObject({ ok: false, detail: 'this key may not follow stock files (STO02)' })
    expect(world.account.opened).toEqual([])
  })

  test('of one check that fails leaves the others', async () => {
    connect({ credentials: { apiKey: KEY } })
    spoil('carriers', { status: 500 })
    const health = await mirakl.health(signal)
    expect(health.checks.map((each) => each.check)).toEqual(everything)
    expect(health.checks.filter((each) => !each.ok).map((each) => each.check)).toEqual(['carriers'])
    expect(calls(/offers$/)).toHaveLength(1)
  })
})
