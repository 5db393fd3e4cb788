import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Fault } from '../../src/sandbox/stand-in.ts'
import { followingClock, limitedAccount } from '../world/gate.ts'
import { aPush, errorFrom, inWords, never, pushes, START, shipStationWorld, type World } from './shipstation-world.ts'

let world: World
beforeEach(async () => {
  world = await shipStationWorld()
})
afterEach(() => world.sandbox.close())

const fault = (given: Omit<Fault, 'vendor'>) => world.sandbox.addFault({ vendor: 'shipstation', ...given })
const stores = () => world.connector.stores(never)

describe('looking up orders', () => {
  it('finds those whose number is exactly this, not those that begin with it', async () => {
    await world.connector.upsertOrders([aPush({ externalOrderId: '100' }), aPush({ externalOrderId: '1001' })], never)
    await world.connector.upsertOrders(
      [aPush({ externalOrderId: '100-1' }), aPush({ externalOrderId: '100', channel: 'mirakl-x' })],
      never,
    )

    const found = await world.connector.findOrders('100', never)

    expect(found.map(({ orderKey, storeId, customField1 }) => [orderKey, storeId, customField1])).toEqual([
      ['isync:amazon-us:100', 101, '100'],
      ['isync:mirakl-x:100', 101, '100'],
    ])
    expect(await world.connector.findOrders('10', never)).toEqual([])
    expect(await world.connector.findOrders('', never)).toEqual([])
  })

  it('reads every page of them', async () => {
    for (let i = 0; i < 6; i += 1) {
      const batch = Array.from({ length: 100 }, (_, n) => aPush({ externalOrderId: `7${i}${n}` }))
      await world.connector.upsertOrders(batch, never)
    }
    await world.connector.upsertOrders([aPush({ externalOrderId: '7' })], never)
    expect(await world.connector.findOrders('7', never)).toHaveLength(1)
  })

  it('finds all that changed since an instant', async () => {
    await world.connector.upsertOrders(pushes(2), never)
    world.sandbox.clock.advance(60_000)
    await world.connector.upsertOrders([aPush({ externalOrderId: 'N2' }), aPush({ externalOrderId: 'N3' })], never)

    const found = await world.connector.findOrdersChangedSince(START + 1000, never)

    expect(found.map((order) => order.orderNumber)).toEqual(['N2', 'N3'])
  })

  it('gets one by id with its parent and its merged orders, or nothing', async () => {
    await world.connector.upsertOrders(pushes(2), never)
    world.act('merge', { into_order_key: 'isync:amazon-us:N1', order_keys: ['isync:amazon-us:N2'] })
    const [one, two] = world.books().orders

    expect(await world.connector.getOrder(one.order_id, never)).toMatchObject({ orderNumber: 'N1', mergedIds: [two.order_id] })
    expect(await world.connector.getOrder(two.order_id, never)).toMatchObject({ parentId: one.order_id })
    expect(await world.connector.getOrder(99_999_999, never)).toBeUndefined()
  })
})

describe('holding an order', () => {
  it('holds it until the day', async () => {
    await world.connector.upsertOrders(pushes(1), never)
    const { order_id: id } = world.books().orders[0]
    await world.connector.holdOrder(id, '2026-12-24', never)
    expect(world.books().orders[0].status).toBe('on_hold')
  })

  it('that has shipped is a permanent error in the words of the vendor', async () => {
    await world.connector.upsertOrders(pushes(1), never)
    world.act('ship', { order_number: 'N1', packages: [{ tracking: '9400' }] })
    const error = await errorFrom(world.connector.holdOrder(world.books().orders[0].order_id, '2026-12-24', never))
    expect(error).toMatchObject({ kind: 'permanent', operation: 'holduntil' })
    expect(error.message).toContain('shipped')
  })

  it('is planned and not sent in a dry run', async () => {
    const dry = world.connect({ dryRun: true })
    expect((await errorFrom(dry.connector.holdOrder(5, '2026-12-24', never))).name).toBe('RefusedByDryRun')
    expect(dry.planned).toEqual([
      { account: 'shipstation', operation: 'holduntil', target: '5', detail: 'hold until 2026-12-24' },
    ])
  })
})

describe('stores', () => {
  it('are manual when nothing is imported into them, and active or not', async () => {
    expect(await stores()).toEqual([
      { storeId: 101, name: 'Amazon US', active: true, manual: true },
      { storeId: 102, name: 'Old', active: false, manual: true },
      { storeId: 103, name: 'Connected', active: true, manual: false },
    ])
  })

  it('that say nothing about themselves are neither manual nor active', async () => {
    const rows = [{ storeId: 1 }, { storeId: 2, storeName: null, marketplaceId: 0, active: true, autoRefresh: null }]
    fault({ kind: 'status', status: 200, body: rows })
    expect(await stores()).toEqual([
      { storeId: 1, name: '', active: false, manual: false },
      { storeId: 2, name: '', active: true, manual: true },
    ])
  })
})

describe("the vendor's answers", () => {
  it.each([
    [
      400,
      { Message: 'The request is invalid.', ModelState: { storeId: ['Bad value.'] } },
      'permanent',
      'The request is invalid.; storeId: Bad value.',
    ],
    [400, { message: 'No.' }, 'permanent', 'answered 400: No.'],
    [404, {}, 'permanent', 'answered 404'],
    [405, '', 'permanent', 'answered 405'],
    [302, '', 'retryable', 'answered 302'],
    [500, { Message: 'An error has occurred.', ExceptionMessage: 'Oops.' }, 'retryable', 'answered 500'],
    [502, '<html>Bad gateway</html>', 'retryable', 'answered 502'],
    [503, '', 'retryable', 'answered 503'],
    [504, '', 'retryable', 'answered 504'],
    [200, { message: 'Too Many Requests' }, 'throttled', 'budget'],
    [500, { ExceptionMessage: 'Too Many Requests' }, 'throttled', 'budget'],
    [200, 'Too Many Requests', 'throttled', 'budget'],
    [200, '<html></html>', 'retryable', 'not JSON'],
    [200, '', 'retryable', 'not JSON'],
    [200, { stores: [] }, 'retryable', 'unexpected shape'],
  ] as const)('%i %j is %s', async (status, body, kind, text) => {
    fault({ kind: 'status', status, body })
    const error = await errorFrom(stores())
    expect(error).toMatchObject({ kind, account: 'shipstation', operation: 'listStores' })
    expect(error.message).toContain(text)
  })

  it.each(['cut', 'timeout', 'cut-after'] as const)('that never come (%s) are retryable', async (kind) => {
    fault({ kind })
    const { connector } = world.connect({}, { timeoutMs: 200 })
    expect(await errorFrom(connector.stores(never))).toMatchObject({ kind: 'retryable', outcomeUnknown: false })
  })

  it('with refused credentials open the circuit for everybody, say what to do and keep the secret', async () => {
    world.seed({ keys: [{ key: 'sandbox-key', secret: 'sandbox-secret', expires_at: '2026-11-01T00:00:00Z' }] })
    const error = await errorFrom(stores())

    expect(error).toMatchObject({ kind: 'auth', status: 401 })
    expect(error.message).toContain('expired')
    expect(error.message).not.toMatch(/sandbox-(key|secret)/)
    expect(world.account.opened).toHaveLength(1)
    expect(await errorFrom(stores())).toMatchObject({ kind: 'auth' })
    expect(world.asked()).toHaveLength(1)
  })

  it('with 403 are refused credentials too', async () => {
    fault({ kind: 'status', status: 403 })
    expect(await errorFrom(stores())).toMatchObject({ kind: 'auth' })
  })
})

describe('health', () => {
  it('is four facts from one call', async () => {
    world.seed({ rate_limit: 40 })
    const health = await world.connector.health(never)
    expect(health.ok).toBe(true)
    expect(health.checks.map(({ check, detail }) => [check, detail])).toEqual([
      ['authenticated', 'the key pair is accepted'],
      ['can read', '3 stores, 1 of them import orders by themselves'],
      ['call budget', '40 calls a minute, 39 left in this one'],
      ['clock', "our clock is 0 s ahead of the vendor's"],
    ])
    expect(world.asked()).toHaveLength(1)
  })

  it('tells a clock that is off', async () => {
    const late = world.connect({ clock: followingClock(() => START - 600_000) })
    const health = await late.connector.health(never)
    expect(health).toMatchObject({
      ok: false,
      checks: [{}, {}, {}, { check: 'clock', ok: false, detail: expect.stringContaining('600 s behind') }],
    })
  })

  it.each([
    [401, 'authenticated', 'API Settings'],
    [429, 'call budget', 'next minute'],
    [404, 'can read', 'endpoint'],
    [503, 'reachable', 'network'],
  ] as const)('after %i says what failed and what to do', async (status, check, fix) => {
    fault({ kind: 'status', status })
    const health = await world.connector.health(never)
    expect(health).toMatchObject({ ok: false, checks: [{ check, ok: false, fix: expect.stringContaining(fix) }] })
  })
})

describe('the budget of calls', () => {
  it('is taken from the headers, not from the settings', async () => {
    world.seed({ rate_limit: 60 })
    await stores()
    await stores()
    expect(world.account.adopted).toEqual([{ bucket: 'all', rule: { perSecond: 1, burst: 56 } }])
  })

  it('is closed for all until the window ends as soon as four calls are left', async () => {
    world.seed({ rate_limit: 40 })
    for (let i = 0; i < 35; i += 1) await stores()
    expect(world.account.drained).toEqual([])
    await stores()
    expect(world.account.drained).toEqual([{ bucket: 'all', until: START + 61_000 }])
  })

  it.each([
    ['12', 13_000],
    ['0', 1000],
    [undefined, 60_000],
    ['1795291200', 60_000],
  ])('after 429 with Reset %s comes back in %i ms', async (reset, waitMs) => {
    fault({ kind: 'throttle', headers: reset === undefined ? {} : { 'x-rate-limit-reset': reset } })
    expect(await errorFrom(stores())).toMatchObject({ kind: 'throttled', waitMs })
    expect(world.account.drained.at(-1)).toEqual({ bucket: 'all', until: START + waitMs })
  })

  it.each([40, 20])('of %i a minute is shared by four processes without a single 429', async (limit) => {
    world.seed({ rate_limit: limit })
    world.sandbox.clock.setScale(100)
    const clock = followingClock(world.sandbox.clock.now, 100)
    const shared = limitedAccount(clock)
    const started = clock.now()
    await Promise.all(
      [1, 2, 3, 4].map(async (process) => {
        const { connector } = world.connect({ clock, shared })
        for (let i = 0; i < 25; i += 1) {
          if (i % 5 === process) await connector.stores(never)
          else
            expect(inWords(await connector.upsertOrders([aPush({ externalOrderId: `P${process}-${i}` })], never))).toEqual([
              'stored',
            ])
        }
      }),
    )
    expect(world.books().throttled).toBe(0)
    // 100 calls need three windows of 40, or six of 20 when four of each are kept back.
    const windows = Math.ceil(100 / (limit - 4)) - 1
    expect((clock.now() - started) / 60_000).toBeLessThan(windows + 2)
  })

  it('that another tool has used up costs one 429 a process, and then nobody calls', async () => {
    world.seed({ rate_limit: 10 })
    for (let i = 0; i < 10; i += 1) await stores()
    const clock = followingClock(world.sandbox.clock.now)
    const shared = limitedAccount(clock)
    const mine = world.connect({ clock, shared, maxWaitMs: 1000 })
    expect(await errorFrom(mine.connector.stores(never))).toMatchObject({ kind: 'throttled', waitMs: 61_000 })
    expect(await errorFrom(mine.connector.stores(never))).toMatchObject({ kind: 'throttled', waitMs: 61_000 })
    expect(world.books().throttled).toBe(1)
  })
})

describe('what leaves the house', () => {
  it('is 10,000 orders in 100 calls, in three windows of a minute', async () => {
    world.seed({ rate_limit: 40 })
    world.sandbox.clock.setScale(60)
    const clock = followingClock(world.sandbox.clock.now, 60)
    const mine = world.connect({ clock, shared: limitedAccount(clock) }, { pushTimeoutMs: 20_000 })
    const started = clock.now()
    let stored = 0
    for (let call = 0; call < 100; call += 1) {
      const batch = Array.from({ length: 100 }, (_, i) => aPush({ externalOrderId: `B${call}-${i}` }))
      stored += (await mine.connector.upsertOrders(batch, never)).filter((outcome) => outcome.status === 'stored').length
    }
    expect(stored).toBe(10_000)
    expect(world.books()).toMatchObject({ throttled: 0, duplicates: [] })
    // Two resets must be waited for.
    const minutes = (clock.now() - started) / 60_000
    expect(minutes).toBeGreaterThan(2)
    expect(minutes).toBeLessThan(5)
  }, 60_000)
})
