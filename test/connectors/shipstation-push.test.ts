import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { matchRows } from '../../src/connectors/shipstation/results.ts'
import type { WireOrder } from '../../src/connectors/shipstation/wire.ts'
import type { PushOutcome } from '../../src/core/ports/shipping.ts'
import type { Fault } from '../../src/sandbox/stand-in.ts'
import { aPush, errorFrom, inWords, never, pushes, shipStationWorld, type World } from './shipstation-world.ts'

let world: World
beforeEach(async () => {
  world = await shipStationWorld()
})
afterEach(() => world.sandbox.close())

const push = (batch: ReturnType<typeof pushes>) => world.connector.upsertOrders(batch, never)
const calls = () => world.asked().filter((one) => one.startsWith('POST')).length
const fault = (given: Omit<Fault, 'vendor'>) => world.sandbox.addFault({ vendor: 'shipstation', ...given })
const messageOf = (outcome: PushOutcome | undefined) => (outcome?.status === 'failed' ? outcome.error.message : '')

describe('a batch of orders', () => {
  it('is one call, and every order gets its own outcome although the rows come in another order', async () => {
    const outcomes = await push(pushes(100))

    expect(inWords(outcomes)).toEqual(Array(100).fill('stored'))
    const ids = new Map(world.books().orders.map((one: { order_key: string; order_id: number }) => [one.order_key, one.order_id]))
    for (const [i, outcome] of outcomes.entries()) {
      expect(outcome).toEqual({ status: 'stored', shipStationOrderId: ids.get(`isync:amazon-us:N${i + 1}`) })
    }
    expect(calls()).toBe(1)
  })

  it('that is sent again updates, and never makes a second order', async () => {
    const first = await push(pushes(3))
    const second = await push(pushes(3))

    expect(second).toEqual(first)
    expect(world.books()).toMatchObject({ duplicates: [], orders: [{ created_count_calls: 2 }, {}, {}] })
  })

  it('puts the order into the store of its channel, with its tag', async () => {
    const tagged = world.connect({}, { tags: { 'amazon-us': 7 } })
    await tagged.connector.upsertOrders([aPush()], never)

    expect(world.books().orders[0]).toMatchObject({ store_id: 101, tag_ids: [7], customField1: '111-0000001-0000001' })
    expect(world.books().orders[0].order_total).toBe(31.99)
  })

  it('may take longer than any other call', async () => {
    const { connector } = world.connect({}, { timeoutMs: 100, pushTimeoutMs: 5000 })
    fault({ kind: 'slow', delayMs: 400 })
    expect(inWords(await connector.upsertOrders(pushes(1), never))).toEqual(['stored'])
  })

  it('of nothing is no call', async () => {
    expect(await push([])).toEqual([])
    expect(calls()).toBe(0)
  })

  it('goes on without an order that is refused before the call', async () => {
    const outcomes = await push([aPush({ externalOrderId: 'x'.repeat(51) }), aPush({ shipTo: null }), aPush()])

    expect(inWords(outcomes)).toEqual(['failed permanent', 'failed permanent', 'stored'])
    expect(messageOf(outcomes[0])).toBe('shipstation createorders: order not sent: orderNumber is longer than 50 characters')
  })

  it('is planned and not sent in a dry run, with what would be refused', async () => {
    const dry = world.connect({ dryRun: true })
    const error = await errorFrom(
      dry.connector.upsertOrders([aPush(), aPush({}, { shipStationOrderId: 5 }), aPush({}, { storeId: 0 })], never),
    )

    expect(error.name).toBe('RefusedByDryRun')
    expect(dry.planned.map(({ target, detail }) => `${target}: ${detail}`)).toEqual([
      '111-0000001-0000001: create, store 101, 2 x MUG-BLUE',
      '111-0000001-0000001: update, store 101, 2 x MUG-BLUE',
      '111-0000001-0000001: shipstation createorders: order not sent: no ShipStation store for its channel',
    ])
    expect(world.asked()).toEqual([])
  })

  it('cancels an order that is still open', async () => {
    const [stored] = await push([aPush()])
    const shipStationOrderId = stored?.status === 'stored' ? stored.shipStationOrderId : 0

    const outcomes = await push([aPush({ status: 'cancelled' }, { action: 'cancel', shipStationOrderId })])

    expect(inWords(outcomes)).toEqual(['stored'])
    expect(world.books().orders).toMatchObject([{ status: 'cancelled' }])
  })
})

describe('an order that the vendor refuses', () => {
  it('fails alone, for good', async () => {
    world.seed({ reject: { N2: 'Please use a 2 character country code', N3: 'Some new rule was broken.' } })
    const outcomes = await push(pushes(4))

    expect(inWords(outcomes)).toEqual(['stored', 'failed permanent', 'failed permanent', 'stored'])
    expect(messageOf(outcomes[2])).toBe('shipstation createorders: order refused: Some new rule was broken.')
    // A text that speaks of data is believed; an unknown one is looked up.
    expect(world.asked().filter((one) => one.startsWith('GET'))).toHaveLength(1)
  })

  it('may be tried again when the text speaks of a timeout, and its outcome is unknown', async () => {
    world.seed({ reject: { N1: 'Execution Timeout Expired.  The timeout period elapsed prior to completion.' } })
    expect(inWords(await push(pushes(2)))).toEqual(['failed retryable unknown', 'stored'])
  })

  it('is throttled when the text says so', async () => {
    world.seed({ reject: { N1: 'Too Many Requests' } })
    expect(inWords(await push(pushes(2)))).toEqual(['failed throttled', 'stored'])
  })

  it.each(['shipped', 'cancelled'])('because it is %s meanwhile is locked', async (status) => {
    await push(pushes(1))
    if (status === 'shipped') world.act('ship', { order_number: 'N1', packages: [{ tracking: '9400' }] })
    else world.act('cancel', { order_number: 'N1' })
    const orderId = world.books().orders[0].order_id

    const outcomes = await push(pushes(2))

    expect(outcomes[0]).toEqual({ status: 'locked', shipStationOrderId: orderId, orderStatus: status })
    expect(inWords(outcomes)[1]).toBe('stored')
  })

  it('and whose id is known is looked up by its id', async () => {
    await push(pushes(1))
    world.act('ship', { order_number: 'N1', packages: [{ tracking: '9400' }] })
    const shipStationOrderId = world.books().orders[0].order_id

    const outcomes = await push([aPush({ externalOrderId: 'N1' }, { shipStationOrderId })])

    expect(outcomes).toEqual([{ status: 'locked', shipStationOrderId, orderStatus: 'shipped' }])
    expect(world.asked().at(-1)).toBe(`GET /orders/${shipStationOrderId}`)
  })

  it('keeps the reason of a look-up that was throttled', async () => {
    world.seed({ reject: { N1: 'Something else.' } })
    fault({ kind: 'throttle', match: { method: 'GET' } })
    expect(inWords(await push(pushes(2)))).toEqual(['failed throttled', 'stored'])
  })

  it('shows no personal data', async () => {
    world.seed({ reject: { N1: 'The value "Bob Sample" of bob@example.com must not be empty.' } })
    expect(messageOf((await push(pushes(1)))[0])).toBe(
      'shipstation createorders: order refused: The value "..." of <e-mail> must not be empty.',
    )
  })
})

describe('a call that is refused as a whole', () => {
  it('is halved until the bad order is alone', async () => {
    world.seed({ poison: '^N37$' })
    const outcomes = await push(pushes(100))

    expect(inWords(outcomes).filter((one) => one === 'stored')).toHaveLength(99)
    expect(inWords(outcomes)[36]).toBe('failed retryable unknown')
    expect(calls()).toBeLessThanOrEqual(17)
    expect(world.books().duplicates).toEqual([])
  })

  it('with 400 ends in a permanent error of that order alone, in the words of the vendor', async () => {
    const body = { Message: 'The request is invalid.', ModelState: { 'apiOrders[0].shipTo': ['Error converting value "Bob".'] } }
    fault({ kind: 'status', status: 400, body, match: { body: '"orderNumber":"N2"' }, times: 99 })
    const outcomes = await push(pushes(5))

    expect(inWords(outcomes)).toEqual(['stored', 'failed permanent', 'stored', 'stored', 'stored'])
    expect(messageOf(outcomes[1])).toBe(
      'shipstation createorders: answered 400: The request is invalid.; apiOrders[0].shipTo: Error converting value "...".',
    )
  })

  it('is not halved when the vendor speaks of a timeout', async () => {
    fault({ kind: 'status', status: 500, body: { ExceptionMessage: 'Execution Timeout Expired.' } })
    expect(await errorFrom(push(pushes(8)))).toMatchObject({ kind: 'retryable', outcomeUnknown: true })
    expect(calls()).toBe(1)
  })

  it('again and again, and never accepted, is given up after 16 calls', async () => {
    fault({ kind: 'status', status: 500, times: 999 })
    const outcomes = await push(pushes(100))

    expect(new Set(inWords(outcomes))).toEqual(new Set(['failed retryable unknown']))
    expect(calls()).toBe(16)
  })

  it('keeps what is definite when throttling interrupts the halving', async () => {
    fault({ kind: 'status', status: 400, match: { body: '"orderNumber":"N4"' }, times: 99 })
    // The whole, the good half; then no more.
    fault({ kind: 'throttle', match: { method: 'POST' }, after: 2, headers: { 'x-rate-limit-reset': '12' } })
    const outcomes = await push(pushes(4))

    expect(inWords(outcomes)).toEqual(['stored', 'stored', 'failed throttled', 'failed throttled'])
    expect(outcomes[3]).toMatchObject({ error: { waitMs: 13_000 } })
  })

  it('keeps what is definite when it is told to stop', async () => {
    fault({ kind: 'status', status: 400, match: { body: '"orderNumber":"N4"' } })
    const stop = new AbortController()
    const stopping = world.connect()
    const { close } = stopping.account
    stopping.account.close = async () => {
      stop.abort()
      await close()
    }
    const outcomes = await stopping.connector.upsertOrders(pushes(4), stop.signal)

    expect(inWords(outcomes)).toEqual(['stored', 'stored', 'failed throttled', 'failed throttled'])
  })
})

describe('an outcome that nobody knows', () => {
  it.each([
    ['an answer cut in half', { kind: 'truncate' }],
    ['a page of HTML with status 200', { kind: 'html-after' }],
    ['a connection lost after the effect', { kind: 'cut-after' }],
    ['no answer in time', { kind: 'timeout-after' }],
    ['502', { kind: 'status-after', status: 502 }],
  ] as const)('is thrown for the whole batch: %s', async (_what, given) => {
    const impatient = world.connect({}, { pushTimeoutMs: 300 })
    fault(given)
    const error = await errorFrom(impatient.connector.upsertOrders(pushes(2), never))

    expect(error).toMatchObject({ kind: 'retryable', outcomeUnknown: true, account: 'shipstation', operation: 'createorders' })
    expect(world.books().orders).toHaveLength(2)
    // Sent again by key, they are the same orders.
    expect(inWords(await push(pushes(2)))).toEqual(['stored', 'stored'])
    expect(world.books()).toMatchObject({ duplicates: [] })
  })

  it('belongs to the order that has no row', async () => {
    const results = [{ orderId: 5, orderNumber: 'N2', orderKey: 'isync:amazon-us:N2', success: true, errorMessage: null }]
    fault({ kind: 'status', status: 200, body: { hasErrors: false, results } })
    expect(inWords(await push(pushes(2)))).toEqual(['failed retryable unknown', 'stored'])
  })

  it.each([
    ['a repeat of an older reply', [{ orderId: 5, orderNumber: 'N1', orderKey: 'isync:amazon-us:OLD', success: true }]],
    ['a row without an order id', [{ orderId: null, orderNumber: 'N1', orderKey: 'isync:amazon-us:N1', success: true }]],
    ['a row without a verdict', [{ orderId: 5, orderNumber: 'N1', orderKey: 'isync:amazon-us:N1' }]],
  ])('is what %s leaves', async (_what, results) => {
    fault({ kind: 'status', status: 200, body: { hasErrors: false, results } })
    expect(inWords(await push(pushes(1)))).toEqual(['failed retryable unknown'])
  })

  it('is an order stored under another id than the one to be updated', async () => {
    const results = [{ orderId: 6, orderNumber: 'N1', orderKey: 'isync:amazon-us:N1', success: true, errorMessage: null }]
    fault({ kind: 'status', status: 200, body: { hasErrors: false, results } })
    const outcomes = await push([aPush({ externalOrderId: 'N1' }, { shipStationOrderId: 5 })])
    expect(inWords(outcomes)).toEqual(['failed retryable unknown'])
  })
})

describe('rows and orders', () => {
  const wire = (orderKey: string, orderNumber: string) => ({ orderKey, orderNumber }) as WireOrder
  const row = (orderKey: string | null, orderNumber: string, orderId: number) => ({
    orderKey,
    orderNumber,
    orderId,
    success: true,
  })
  const ids = (orders: readonly WireOrder[], rows: readonly unknown[]) => matchRows(orders, rows).map((one) => one?.orderId)

  it('belong together by key, whatever the order of the rows', () => {
    expect(ids([wire('a:1', '1'), wire('b:1', '1')], [row('b:1', '1', 2), row('a:1', '1', 1)])).toEqual([1, 2])
  })

  it('belong together by number where the row has no key', () => {
    expect(ids([wire('a:1', '1'), wire('a:2', '2')], [row(null, '2', 2), row('', '1', 1)])).toEqual([1, 2])
  })

  it('do not when two orders of the batch share the number', () => {
    expect(ids([wire('a:1', '1'), wire('b:1', '1')], [row(null, '1', 1)])).toEqual([undefined, undefined])
  })

  it('do not when the row has a key that is not ours', () => {
    expect(ids([wire('a:1', '1')], [row('x:1', '1', 1)])).toEqual([undefined])
  })

  it('do not when two rows of one key contradict each other', () => {
    expect(ids([wire('a:1', '1')], [row('a:1', '1', 1), row('a:1', '1', 2)])).toEqual([undefined])
    expect(ids([wire('a:1', '1')], [row('a:1', '1', 1), row('a:1', '1', 1)])).toEqual([1])
  })
})
