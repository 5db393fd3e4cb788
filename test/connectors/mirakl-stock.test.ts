import { describe, expect, test } from 'vitest'
import { PermanentError, RefusedByDryRun, RetryableError, ThrottledError } from '../../src/core/errors.ts'
import { limitedAccount } from '../world/gate.ts'
import {
  ask,
  books,
  handOver,
  IMPORT_MS,
  kindOf,
  offer,
  offerBook,
  outcomesOf,
  STO01,
  send,
  settle,
  stocked,
  update,
  updates,
} from './mirakl-stock-world.ts'
import { calls, closedOrigin, connect, errorOf, mirakl, now, pull, sandbox, seed, signal, world } from './mirakl-world.ts'

describe('telling quantities', () => {
  test('one file for everything, and nothing of an offer is touched but its quantity', async () => {
    offer('LAMP-A1', 4, { price: '49.99', description: 'Desk lamp' })
    offer('MUG-BLU-12', 9, { price: '14.50' })
    offer('NOT-SENT', 5)
    const batch = [update('MUG-BLU-12', 0), update('LAMP-A1', 7)]
    expect(mirakl.quantityPlan(2)).toEqual({ way: 'import', batch: 25_000 })
    expect(await settle(batch)).toEqual([{ status: 'accepted' }, { status: 'accepted' }])

    const [call] = calls(STO01, 'POST')
    expect(call?.requestBody).toContain(
      '"offer-sku";"quantity";"warehouse-code";"update-delete"\n"LAMP-A1";"7";"";""\n"MUG-BLU-12";"0";"";""\n',
    )
    expect(offerBook('LAMP-A1')).toMatchObject({ quantity: 7, price: '49.99', description: 'Desk lamp' })
    expect(offerBook('MUG-BLU-12')).toMatchObject({ quantity: 0, price: '14.50' })
    expect(stocked('NOT-SENT')).toBe(5)
    expect(books().calls).toEqual({ STO01: 1, STO02: 1 })
  })

  test.each([
    'BOOK 0042',
    'SOAP "3PK"',
    'A;B,C',
    "=cmd|'x'!A1",
    'TÜR-Ø-漢',
    '0012',
    '-5',
    'E\\N',
    'x'.repeat(40),
    'é'.repeat(40),
  ])('a SKU arrives as it is: %s', async (sku) => {
    offer(sku)
    expect(await settle([update(sku, 6)])).toEqual([{ status: 'accepted' }])
    expect(stocked(sku)).toBe(6)
  })

  test('what no stock file can hold fails alone, and the others go', async () => {
    offer('GOOD-1')
    offer('GOOD-2')
    const bad = [
      update('KETTLE/1.7L', 3),
      update('x'.repeat(41), 3),
      update('TWO\nLINES', 3),
      update('TAB\tBED', 3),
      update('', 3),
      update('GOOD-1', -1),
      update('GOOD-1', 1.5),
      update('GOOD-1', Number.NaN),
      update('GOOD-1', 3_000_000_000),
    ]
    const batch = [update('GOOD-1', 2), ...bad, update('GOOD-2', 3)]
    const outcomes = await send(batch)
    // No offer can bear such a SKU; such a quantity is a mistake.
    const expected = [...bad.slice(0, 5).map(() => 'unlisted'), ...bad.slice(5).map(() => 'permanent')]
    expect(outcomes.map(kindOf)).toEqual(['reported-later', ...expected, 'reported-later'])
    expect(outcomes[1]).toMatchObject({ detail: "not sent: Mirakl takes no SKU with a '/' in it" })
    sandbox.clock.advance(IMPORT_MS)
    expect([stocked('GOOD-1'), stocked('GOOD-2')]).toEqual([2, 3])
  })

  test('a batch of which nothing can be sent costs no call', async () => {
    expect((await send([update('A/B', 1)])).map(kindOf)).toEqual(['unlisted'])
    expect(await send([])).toEqual([])
    expect(sandbox.journal()).toEqual([])
  })

  test.each(['cut-after', 'status-after', 'html-after', 'truncate', 'timeout-after'] as const)(
    'after a lost answer (%s) the same quantities are the same import',
    async (kind) => {
      connect({ timeoutMs: 300 })
      offer('A-1')
      offer('A-2')
      sandbox.addFault({ vendor: 'mirakl', kind, match: { method: 'POST' } })
      const error = await errorOf(send([update('A-1', 5), update('A-2', 6)]))
      expect(error).toBeInstanceOf(RetryableError)
      expect(error).toMatchObject({ outcomeUnknown: true, operation: 'STO01' })
      // Whatever order they come back in.
      expect(await settle([update('A-2', 6), update('A-1', 5)])).toEqual([{ status: 'accepted' }, { status: 'accepted' }])
      expect(books().stock_imports).toMatchObject([{ status: 'COMPLETE', lines: 2, repeats: 1 }])
      expect(offerBook('A-1').history.map(([, quantity, by]) => [quantity, by])).toEqual([
        [1, 'seed'],
        [5, 'import'],
      ])
    },
  )

  test('a file that could not be handed over does not hide what is wrong with single quantities', async () => {
    sandbox.addFault({ vendor: 'mirakl', kind: 'status', match: { method: 'POST' } })
    expect((await send([update('A/B', 1), update('A-1', 1)])).map(kindOf)).toEqual(['unlisted', 'retryable'])
  })

  test('a refused connection is known not to have arrived', async () => {
    connect({ endpoint: closedOrigin })
    expect(await errorOf(send([update('A-1', 1)]))).toMatchObject({ kind: 'retryable', outcomeUnknown: false })
  })

  test('a file that is refused as a whole is not sent again', async () => {
    sandbox.addFault({ vendor: 'mirakl', kind: 'status', status: 400, match: { method: 'POST' } })
    expect(await errorOf(send([update('A-1', 1)]))).toBeInstanceOf(PermanentError)
    expect(calls(STO01, 'POST')).toHaveLength(1)
  })

  test('the shop that is configured is named', async () => {
    sandbox.seed('mirakl', {
      accounts: [{ api_key: 'two-shops', shop_id: 2001, shops: [2001, 2002] }],
      offers: [
        { sku: 'A-1', api_key: 'two-shops' },
        { sku: 'A-1', api_key: 'two-shops', shop: 2002 },
      ],
    })
    connect({ credentials: { apiKey: 'two-shops' }, shopId: 2002 })
    expect(await settle([update('A-1', 8)])).toEqual([{ status: 'accepted' }])
    expect(books().offers).toMatchObject([
      { shop_id: 2001, quantity: 0 },
      { shop_id: 2002, quantity: 8 },
    ])
  })

  test('a dry run sends nothing and plans every quantity', async () => {
    connect({}, { dryRun: true })
    expect(await errorOf(send([update('B', 5), update('A', 0, 7)]))).toBeInstanceOf(RefusedByDryRun)
    expect(world.planned).toEqual([
      { account: 'mirakl-test', operation: 'STO01', target: 'A', detail: '7 -> 0' },
      { account: 'mirakl-test', operation: 'STO01', target: 'B', detail: '? -> 5' },
    ])
    expect(sandbox.journal()).toEqual([])
  })

  test('25,000 quantities are one file and one report', async () => {
    sandbox.seed('mirakl', { offers: [{ sku: 'MANY-{n:6}', count: 25_000, quantity: 1 }] })
    const batch = Array.from({ length: 25_000 }, (_, i) => update(`MANY-${String(i + 1).padStart(6, '0')}`, i % 50))
    const outcomes = await settle(batch)
    expect(outcomes).toHaveLength(25_000)
    expect(new Set(outcomes.map(kindOf))).toEqual(new Set(['accepted']))
    expect(stocked('MANY-000050')).toBe(49)
    expect(books().calls).toEqual({ STO01: 1, STO02: 1 })
  })
})

describe('the pace of stock files', () => {
  /** A turn that is not there yet is told at once instead of waited for. */
  const limited = () =>
    connect({}, { shared: limitedAccount({ now, sleep: async () => undefined }, 'mirakl-test'), maxWaitMs: 0 })

  test('one file a minute, and orders do not wait for it', async () => {
    limited()
    offer('A-1')
    seed([{ order_id: 'O-1-A' }])
    await handOver([update('A-1', 2)])
    const error = await errorOf(send([update('A-1', 3)]))
    expect(error).toBeInstanceOf(ThrottledError)
    expect(error).toMatchObject({ operation: 'STO01' })
    expect(await pull()).toHaveLength(1)
    sandbox.clock.advance(61_000)
    await handOver([update('A-1', 3)])
    expect(calls(STO01, 'POST')).toHaveLength(2)
  })

  test('a file that waits for its turn holds up nothing else', async () => {
    const shared = limitedAccount({ now, sleep: async () => undefined }, 'mirakl-test')
    let isWaiting: () => void = () => undefined
    const waiting = new Promise<void>((resolve) => {
      isWaiting = resolve
    })
    const clock = {
      now,
      sleep: async () => {
        isWaiting()
        await ordersAreIn
        sandbox.clock.advance(61_000)
      },
    }
    let letGo: () => void = () => undefined
    const ordersAreIn = new Promise<void>((resolve) => {
      letGo = resolve
    })
    connect({}, { shared, clock })
    offer('A-1')
    await handOver([update('A-1', 2)])
    const second = send([update('A-1', 3)])
    await waiting
    await mirakl.getOrders(['O-1-A'], signal)
    letGo()
    expect((await second).map(kindOf)).toEqual(['reported-later'])
  })

  test('a report is asked for every 16 seconds, its errors once a minute', async () => {
    limited()
    const sent = updates(['A-1'], 2)
    const first = await handOver(sent)
    expect(await ask(first, sent)).toEqual({ state: 'running', againInMs: 16_000 })
    expect(await errorOf(ask(first, sent))).toMatchObject({ kind: 'throttled', operation: 'STO02' })
    sandbox.clock.advance(61_000)
    expect(outcomesOf(await ask(first, sent)).map(kindOf)).toEqual(['unlisted'])
    sandbox.clock.advance(16_000)
    expect(await errorOf(ask(first, sent))).toMatchObject({ kind: 'throttled', operation: 'STO03' })
  })

  test('the limits are kept against a marketplace that enforces them', async () => {
    sandbox.seed('mirakl', { rate_limits: { every_ms: { STO01: 60_000, STO02: 15_000, STO03: 60_000 } } })
    const clock = { now, sleep: async (ms: number) => sandbox.clock.advance(ms) }
    connect({}, { shared: limitedAccount(clock, 'mirakl-test'), clock })
    for (const quantity of [1, 2, 3]) {
      const sent = updates(['A-1'], quantity)
      const report = await handOver(sent)
      for (let i = 0; (await ask(report, sent)).state === 'running'; i += 1) expect(i).toBeLessThan(5)
    }
    expect(sandbox.journal().filter(({ status }) => status === 429)).toEqual([])
    expect(books().calls).toMatchObject({ STO01: 3, STO03: 3 })
  })

  test('429 on a file stops the whole marketplace for as long as it says', async () => {
    sandbox.addFault({ vendor: 'mirakl', kind: 'throttle', headers: { 'retry-after': '42' } })
    const until = now() + 42_000
    expect(await errorOf(send([update('A-1', 1)]))).toMatchObject({ kind: 'throttled', waitMs: 42_000, operation: 'STO01' })
    expect(world.account.drained.map(({ bucket }) => bucket)).toEqual(['api', 'stock-import'])
    for (const drained of world.account.drained) expect(drained.until).toBeGreaterThanOrEqual(until)
  })
})
