import { beforeEach, describe, expect, test } from 'vitest'
import { aPackage, book, calls, confirm, errorOf, lookUp, ST, sandbox, seed } from './mirakl-world.ts'

describe('a marketplace with multi-shipment off', () => {
  beforeEach(() => {
    sandbox.seed('mirakl', { settings: { multi_shipment: false, tracking_mandatory: true } })
  })

  test('whole orders go the old way, tracking first; the discovery is made once', async () => {
    seed([{ order_id: 'L-1-A' }, { order_id: 'L-2-A' }])
    expect(await confirm([aPackage('L-1-A')])).toEqual([{ status: 'accepted' }])
    expect(await confirm([aPackage('L-2-A', { carrier: { code: 'ontrac', name: 'OnTrac', family: 'ontrac' } })])).toMatchObject([
      { status: 'accepted' },
    ])
    expect(calls(ST, 'POST')).toHaveLength(1)
    const writes = sandbox.journal().filter((entry) => entry.method === 'PUT')
    expect(writes.map((entry) => entry.path)).toEqual(
      ['L-1-A', 'L-2-A'].flatMap((id) => [`/api/orders/${id}/tracking`, `/api/orders/${id}/ship`]),
    )
    expect(JSON.parse(writes[0]?.requestBody ?? '')).toEqual({ carrier_code: 'UPS', tracking_number: '1ZL-1-A' })
    expect(JSON.parse(writes[2]?.requestBody ?? '')).toMatchObject({
      carrier_name: 'OnTrac',
      carrier_url: expect.stringContaining('1ZL-2-A'),
    })
    expect(book('L-1-A')).toMatchObject({ state: 'SHIPPED', tracking: { tracking_number: '1ZL-1-A' } })
  })

  test('a part of an order is for a human, and its neighbour still goes', async () => {
    seed([{ order_id: 'L-1-A', lines: [{ quantity: 2 }] }, { order_id: 'L-2-A' }])
    const outcomes = await confirm([aPackage('L-1-A', { wholeOrder: false }), aPackage('L-2-A')])
    expect(outcomes).toMatchObject([{ status: 'failed', error: { kind: 'permanent' } }, { status: 'accepted' }])
    expect(outcomes[0]?.status === 'failed' && outcomes[0].error.message).toContain(
      'enter its tracking in the marketplace back office',
    )
    expect(book('L-1-A').state).toBe('SHIPPING')
  })

  test('a second confirmation is accepted, another number is not', async () => {
    seed([{ order_id: 'L-1-A' }, { order_id: 'L-2-A', state: 'CANCELED' }])
    const batch = [aPackage('L-1-A')]
    await confirm(batch)
    expect(await confirm(batch)).toMatchObject([{ status: 'accepted' }])
    expect(await confirm([aPackage('L-2-A'), aPackage('NOBODY-A')])).toMatchObject([
      { status: 'failed', error: { kind: 'permanent', status: 400 } },
      { status: 'failed', error: { kind: 'permanent', status: 404 } },
    ])
  })

  test('an order that is closed is confirmed only under its own number', async () => {
    const tracking = { carrier_code: 'UPS', tracking_number: '1ZL-1-A' }
    seed(['L-1-A', 'L-2-A'].map((order_id) => ({ order_id, state: 'CLOSED', tracking })))
    expect(await confirm([aPackage('L-1-A'), aPackage('L-2-A')])).toMatchObject([
      { status: 'accepted', note: 'already confirmed' },
      { status: 'failed', error: { kind: 'permanent', status: 400 } },
    ])
  })

  test.each(['tracking$', 'ship$'])('a lost answer of %s is looked up by number and state', async (path) => {
    seed([{ order_id: 'L-1-A' }])
    sandbox.addFault({ vendor: 'mirakl', kind: 'cut-after', match: { method: 'PUT', path } })
    const sent = aPackage('L-1-A')
    expect(await errorOf(confirm([sent]))).toMatchObject({ kind: 'retryable', outcomeUnknown: true })
    expect(await lookUp([sent, aPackage('NOBODY-A')])).toEqual([path === 'ship$' ? 'confirmed' : 'absent', 'unknowable'])
    expect(await confirm([sent])).toMatchObject([{ status: 'accepted' }])
    expect(book('L-1-A')).toMatchObject({ state: 'SHIPPED', tracking: { tracking_number: '1ZL-1-A' } })
  })

  test('the look-up alone finds out that the feature is off', async () => {
    seed([{ order_id: 'L-1-A', state: 'SHIPPED', tracking: { carrier_code: 'UPS', tracking_number: '1Z L-1-a' } }])
    expect(await lookUp([aPackage('L-1-A')])).toEqual(['confirmed'])
    await lookUp([aPackage('L-1-A')])
    expect(calls(ST)).toHaveLength(1)
  })

  test('a page of a proxy with status 404 is not believed', async () => {
    sandbox.seed('mirakl', { settings: { multi_shipment: true } })
    seed([{ order_id: 'S-1-A' }])
    sandbox.addFault({ vendor: 'mirakl', kind: 'html', status: 404, match: { method: 'POST' } })
    expect(await errorOf(confirm([aPackage('S-1-A')]))).toMatchObject({ kind: 'retryable', outcomeUnknown: true })
    await confirm([aPackage('S-1-A')])
    expect(book('S-1-A').shipments).toHaveLength(1)
  })
})
