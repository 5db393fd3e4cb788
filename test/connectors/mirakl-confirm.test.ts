import { describe, expect, test } from 'vitest'
import { PermanentError, RefusedByDryRun, RetryableError } from '../../src/core/errors.ts'
import { openAccount } from '../world/gate.ts'
import {
  aPackage,
  book,
  calls,
  closedOrigin,
  confirm,
  connect,
  errorOf,
  lookUp,
  mirakl,
  ST,
  sandbox,
  seed,
  world,
} from './mirakl-world.ts'

describe('confirming packages', () => {
  test("packages of many orders go out in one call, with lines, quantities and the operator's carrier", async () => {
    seed(['S-1-A', 'S-2-A'].map((order_id) => ({ order_id, lines: [{ quantity: 3 }, {}] })))
    const lines = (id: string) => [
      { externalLineId: `${id}-1`, quantity: 3 },
      { externalLineId: `${id}-2`, quantity: 1 },
    ]
    const outcomes = await confirm(['S-1-A', 'S-2-A'].map((id) => aPackage(id, { lines: lines(id) })))
    expect(outcomes).toEqual([{ status: 'accepted' }, { status: 'accepted' }])
    expect(calls(ST, 'POST')).toHaveLength(1)
    expect(JSON.parse(calls(ST, 'POST')[0]?.requestBody ?? '')).toEqual({
      shipments: ['S-1-A', 'S-2-A'].map((id) => ({
        order_id: id,
        shipment_lines: lines(id).map((line) => ({ order_line_id: line.externalLineId, quantity: line.quantity })),
        shipped: true,
        tracking: { carrier_code: 'UPS', tracking_number: `1Z${id}` },
      })),
    })
    expect(book('S-1-A')).toMatchObject({ state: 'SHIPPED', shipments: [{ tracking: '1ZS-1-A', carrier_code: 'UPS' }] })
  })

  test('two packages of one order go out in two calls', async () => {
    seed([{ order_id: 'S-1-A', lines: [{ quantity: 2 }] }, { order_id: 'S-2-A' }])
    const batch = [aPackage('S-1-A', { wholeOrder: false }), aPackage('S-1-A', { trackingNumber: '1ZSECOND' }), aPackage('S-2-A')]
    expect((await confirm(batch)).map((outcome) => outcome.status)).toEqual(['accepted', 'accepted', 'accepted'])
    expect(calls(ST, 'POST').map((entry) => JSON.parse(entry.requestBody).shipments.length)).toEqual([2, 1])
    expect(book('S-1-A').shipments.map((each) => each.tracking)).toEqual(['1ZS-1-A', '1ZSECOND'])
  })

  test('a second confirmation of the same package is accepted and ships nothing twice', async () => {
    seed([{ order_id: 'S-1-A' }])
    const batch = [aPackage('S-1-A')]
    await confirm(batch)
    expect(await confirm(batch)).toEqual([{ status: 'accepted', note: 'already confirmed' }])
    expect(book('S-1-A').shipments).toHaveLength(1)
  })

  test('an order shipped by somebody else fails for good, and its neighbours do not', async () => {
    seed([{ order_id: 'S-1-A' }, { order_id: 'S-2-A' }, { order_id: 'S-3-A' }])
    sandbox.act('mirakl', 'confirm-elsewhere', { order_id: 'S-1-A' })
    const batch = [
      aPackage('S-1-A'),
      aPackage('S-2-A', { lines: [{ externalLineId: 'S-2-A-1', quantity: 9 }] }),
      aPackage('S-3-A'),
      aPackage('NOBODY-A'),
    ]
    const outcomes = await confirm(batch)
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['failed', 'failed', 'accepted', 'failed'])
    const errors = outcomes.map((outcome) => (outcome.status === 'failed' ? outcome.error : undefined))
    expect(errors[0]).toBeInstanceOf(PermanentError)
    expect(errors[0]?.message).toContain("must be 'SHIPPING' but it is 'SHIPPED'")
    expect(errors[1]?.message).toContain('Shipment quantity is invalid')
    expect(errors[3]).toBeInstanceOf(PermanentError)
  })

  test('an unknown carrier goes by name, and the outcome says so', async () => {
    seed([{ order_id: 'S-1-A' }])
    const outcomes = await confirm([aPackage('S-1-A', { carrier: { code: 'ontrac', name: 'OnTrac', family: 'ontrac' } })])
    expect(outcomes).toEqual([{ status: 'accepted', note: 'carrier sent by name: OnTrac' }])
    expect(book('S-1-A').shipments[0]).toMatchObject({
      carrier_code: null,
      carrier_name: 'OnTrac',
      tracking_url: 'https://www.ontrac.com/tracking/?number=1ZS-1-A',
    })
  })

  test('the list of carriers is read once a day, and not at all where the configuration knows the carrier', async () => {
    seed(['S-1-A', 'S-2-A', 'S-3-A'].map((order_id) => ({ order_id })))
    await confirm([aPackage('S-1-A')])
    await confirm([aPackage('S-2-A')])
    expect(calls(/carriers$/)).toHaveLength(1)
    connect({ carriers: { ups: 'DHL' } })
    await confirm([aPackage('S-3-A')])
    expect(calls(/carriers$/)).toHaveLength(1)
    expect(book('S-3-A').shipments[0]?.carrier_code).toBe('DHL')
  })

  test.each(['cut-after', 'status-after', 'html-after', 'truncate', 'timeout-after'] as const)(
    'after a lost answer (%s) nothing is sent again, and the look-up tells',
    async (kind) => {
      connect({ timeoutMs: 300 })
      seed([{ order_id: 'S-1-A' }, { order_id: 'S-2-A' }])
      sandbox.addFault({ vendor: 'mirakl', kind, match: { method: 'POST' } })
      const sent = aPackage('S-1-A')
      const error = await errorOf(confirm([sent]))
      expect(error).toBeInstanceOf(RetryableError)
      expect(error).toMatchObject({ outcomeUnknown: true })
      expect(calls(ST, 'POST')).toHaveLength(1)
      expect(await lookUp([sent, aPackage('S-2-A'), aPackage('NOBODY-A')])).toEqual(['confirmed', 'absent', 'absent'])
    },
  )

  test('a package that the platform commits late is absent until then', async () => {
    seed([{ order_id: 'S-1-A' }], { late_commit_ms: 40_000 })
    sandbox.addFault({ vendor: 'mirakl', kind: 'cut-after', match: { method: 'POST' } })
    const sent = aPackage('S-1-A')
    await errorOf(confirm([sent]))
    expect(await lookUp([sent])).toEqual(['absent'])
    sandbox.clock.advance(mirakl.settleMs)
    expect(await lookUp([sent])).toEqual(['confirmed'])
  })

  test('a refused connection is known not to have arrived', async () => {
    connect({ endpoint: closedOrigin, carriers: { ups: 'UPS' } })
    expect(await errorOf(confirm([aPackage('S-1-A')]))).toMatchObject({ kind: 'retryable', outcomeUnknown: false })
  })

  test('when the second round fails, the first keeps its outcomes', async () => {
    seed([{ order_id: 'S-1-A', lines: [{ quantity: 2 }] }])
    sandbox.addFault({ vendor: 'mirakl', kind: 'status', match: { method: 'POST' }, after: 1 })
    const outcomes = await confirm([aPackage('S-1-A', { wholeOrder: false }), aPackage('S-1-A', { trackingNumber: '1ZSECOND' })])
    expect(outcomes).toMatchObject([
      { status: 'accepted' },
      { status: 'failed', error: { kind: 'retryable', outcomeUnknown: true } },
    ])
  })

  test('a call refused as a whole is narrowed down to the package that did it', async () => {
    seed(Array.from({ length: 8 }, (_, i) => ({ order_id: `S-${i}-A` })))
    sandbox.addFault({ vendor: 'mirakl', kind: 'status', status: 400, match: { method: 'POST', body: 'S-5-A' }, times: 20 })
    const outcomes = await confirm(Array.from({ length: 8 }, (_, i) => aPackage(`S-${i}-A`)))
    expect(outcomes.map((outcome) => outcome.status)).toEqual(
      Array.from({ length: 8 }, (_, i) => (i === 5 ? 'failed' : 'accepted')),
    )
    expect(outcomes[5]).toMatchObject({ error: { kind: 'permanent', status: 400 } })
    expect(book('S-4-A').shipments).toHaveLength(1)
  })

  test('a call that is refused whatever it holds ends after a bounded number of tries', async () => {
    const batch = Array.from({ length: 200 }, (_, i) => aPackage(`S-${i}-A`))
    sandbox.addFault({ vendor: 'mirakl', kind: 'status', status: 400, match: { method: 'POST' }, times: 1000 })
    const outcomes = await confirm(batch)
    expect(outcomes.every((outcome) => outcome.status === 'failed')).toBe(true)
    expect(calls(ST, 'POST').length).toBeLessThan(100)
  })

  test('a package without lines is refused before it is sent', async () => {
    expect(await confirm([aPackage('S-1-A', { lines: [] })])).toMatchObject([{ status: 'failed', error: { kind: 'permanent' } }])
    expect(calls(ST, 'POST')).toHaveLength(0)
  })

  test('an empty batch costs nothing', async () => {
    expect(await confirm([])).toEqual([])
    expect(sandbox.journal()).toHaveLength(0)
  })

  test('a dry run sends nothing and plans every package of every round', async () => {
    connect({}, { dryRun: true })
    const error = await errorOf(confirm([aPackage('S-1-A'), aPackage('S-1-A', { trackingNumber: '1ZSECOND' })]))
    expect(error).toBeInstanceOf(RefusedByDryRun)
    expect(world.planned).toEqual([
      { account: 'mirakl-test', operation: 'ST01', target: 'S-1-A', detail: 'UPS 1ZS-1-A, 1 x S-1-A-1' },
      { account: 'mirakl-test', operation: 'ST01', target: 'S-1-A', detail: 'UPS 1ZSECOND, 1 x S-1-A-1' },
    ])
    expect(calls(ST, 'POST')).toHaveLength(0)
  })

  test('a cancelled shipment confirms nothing', async () => {
    const shipment = { id: 'x', order_id: 'S-1-A', status: 'CANCELED', tracking: { tracking_number: '1ZS-1-A' } }
    const body = { data: [shipment, 'something else'], next_page_token: null }
    sandbox.addFault({ vendor: 'mirakl', kind: 'status-after', status: 200, body, match: { method: 'GET' } })
    expect(await lookUp([aPackage('S-1-A')])).toEqual(['absent'])
  })

  test('a look-up compares numbers without spaces and case, and reads every page', async () => {
    seed([{ order_id: 'S-1-A', lines: [{ quantity: 120 }] }])
    for (let i = 0; i < 105; i += 1) {
      sandbox.act('mirakl', 'confirm-elsewhere', {
        order_id: 'S-1-A',
        tracking: { carrier_code: 'UPS', tracking_number: `1Z ${i} ab` },
        lines: [{ id: 'S-1-A-1', quantity: 1 }],
      })
    }
    expect(
      await lookUp([aPackage('S-1-A', { trackingNumber: '1z104AB' }), aPackage('S-1-A', { trackingNumber: '1z105AB' })]),
    ).toEqual(['confirmed', 'absent'])
    expect(calls(ST)).toHaveLength(2)
  })
})

describe('a part of an order, which the platform would take twice', () => {
  const part = () => aPackage('S-1-A', { wholeOrder: false })
  const units = () => book('S-1-A').shipments.length
  /** Somebody else, who believed us dead, tells the same package. */
  const elsewhere = () =>
    sandbox.act('mirakl', 'confirm-elsewhere', {
      order_id: 'S-1-A',
      tracking: { carrier_code: 'UPS', tracking_number: '1ZS-1-A' },
      lines: [{ id: 'S-1-A-1', quantity: 1 }],
    })
  /** Our machine stands still while it waits for its n-th turn. */
  function frozenAt(turn: number, meanwhile: () => void): void {
    let turns = 0
    const shared = openAccount()
    const take = async () => {
      turns += 1
      if (turns === turn) {
        sandbox.clock.advance(10 * 60_000)
        meanwhile()
      }
      return 0
    }
    connect({ carriers: { ups: 'UPS' } }, { shared: { ...shared, take } })
  }

  test('is looked up right before it is told', async () => {
    seed([{ order_id: 'S-1-A', lines: [{ quantity: 3 }] }])
    elsewhere()
    expect(await confirm([part()])).toEqual([{ status: 'accepted', note: 'already confirmed' }])
    expect([units(), calls(ST, 'POST').length]).toEqual([1, 0])
  })

  test('is looked up once more when we stood still between the look-up and the telling', async () => {
    seed([{ order_id: 'S-1-A', lines: [{ quantity: 3 }] }])
    frozenAt(2, elsewhere)
    expect(await confirm([part()])).toEqual([{ status: 'accepted', note: 'already confirmed' }])
    expect([units(), calls(ST, 'POST').length, calls(ST).length]).toEqual([1, 0, 2])
  })

  test('is told all the same when nobody was faster', async () => {
    seed([{ order_id: 'S-1-A', lines: [{ quantity: 3 }] }])
    frozenAt(2, () => undefined)
    expect(await confirm([part()])).toEqual([{ status: 'accepted' }])
    expect([units(), calls(ST, 'POST').length]).toEqual([1, 1])
  })

  test('is left for another run when we stand still again and again, and has not been sent', async () => {
    seed([{ order_id: 'S-1-A', lines: [{ quantity: 3 }] }])
    const shared = openAccount()
    const take = async () => {
      sandbox.clock.advance(10 * 60_000)
      return 0
    }
    connect({ carriers: { ups: 'UPS' } }, { shared: { ...shared, take } })
    const error = await errorOf(confirm([part()]))
    expect(error).toMatchObject({ kind: 'retryable', outcomeUnknown: false, operation: 'ST01' })
    expect(units()).toBe(0)
  })

  test('costs its neighbours nothing: those that hold whole orders go with the same call', async () => {
    seed([{ order_id: 'S-1-A', lines: [{ quantity: 3 }] }, { order_id: 'S-2-A' }])
    elsewhere()
    const outcomes = await confirm([part(), aPackage('S-2-A')])
    expect(outcomes).toEqual([{ status: 'accepted', note: 'already confirmed' }, { status: 'accepted' }])
    expect(calls(ST).map((entry) => entry.query)).toEqual(['limit=100&order_id=S-1-A'])
  })

  test('is not sent when it cannot be looked up', async () => {
    seed([{ order_id: 'S-1-A', lines: [{ quantity: 3 }] }])
    sandbox.addFault({ vendor: 'mirakl', kind: 'status', match: { method: 'GET', path: 'shipments$' } })
    expect(await errorOf(confirm([part()]))).toMatchObject({ kind: 'retryable', outcomeUnknown: false, operation: 'ST11' })
    expect(calls(ST, 'POST')).toHaveLength(0)
  })

  test('that stands twice at the marketplace is told to the operator, by order and without the number', async () => {
    seed([{ order_id: 'S-1-A', lines: [{ quantity: 3 }] }])
    elsewhere()
    elsewhere()
    expect(await lookUp([part()])).toEqual(['confirmed'])
    const told = world.logged.filter((line) => line.level === 'warn')
    expect(told).toMatchObject([{ message: expect.stringContaining('twice'), fields: { order_id: 'S-1-A' } }])
  })
})
