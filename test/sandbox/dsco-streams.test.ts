import { afterEach, describe, expect, it } from 'vitest'
import { type Client, iso, type Json, MINUTE, NOW, openDsco, SECOND } from './dsco-client.ts'

const ALL = ['dropship', 'marketplace', 'wholesale']

let dsco: Client

async function open(seed: object = {}): Promise<Client> {
  dsco = await openDsco(seed)
  return dsco
}

afterEach(() => dsco.sandbox.close())

async function stream(query: object = { orderTypes: ALL }, more: object = {}): Promise<{ id: string; position: string }> {
  const asked = { description: 'orders', objectType: 'order', query: { queryType: 'order', ...query }, ...more }
  const { id, partitions } = (await dsco.call('POST', '/stream', asked)).body
  return { id, position: partitions[0].position }
}

async function read(id: string, position: string, partition = 0): Promise<Json[]> {
  return (await dsco.get(`/stream/${id}/${partition}/${encodeURIComponent(position)}`)).body.events
}

function seen(events: readonly Json[]): string[] {
  return events.map(({ payload }) => payload.dscoOrderId)
}

/** Places orders, and waits until they are seen. */
function place(...orders: object[]): string[] {
  const { order_ids } = dsco.act('add-orders', orders)
  dsco.pass(10 * SECOND)
  return order_ids
}

describe('a stream of orders', () => {
  it('tells of what comes after it was made, oldest first, under ids with slashes', async () => {
    await open({ orders: [{ id: '1' }] })
    const { id, position } = await stream()
    dsco.sandbox.seed('dsco', { orders: [{ id: '2' }] })
    expect(await read(id, position)).toEqual([])
    const placed = [...place({}), ...place({})]
    dsco.act('change-address', { order_id: '1', ship_to: { city: 'Elsewhere' } })
    dsco.pass(10 * SECOND)
    const events = await read(id, position)
    expect(seen(events)).toEqual([...placed, '1'])
    expect(events.map(({ source, eventReasons }) => [source, eventReasons])).toEqual([
      ['stream', ['create']],
      ['stream', ['create']],
      ['stream', ['update_shipping_info']],
    ])
    expect(events[0].id).toBe(`z/2026/11/21/15/00/${NOW + 3 * SECOND}-0000000`)
    expect((await dsco.get(`/stream/${id}/0/${events[0].id}`)).status).toBe(404)
  })

  it('gives events of one moment ids of their own', async () => {
    await open()
    const { id, position } = await stream()
    const placed = place({}, {}, {})
    const events = await read(id, position)
    expect(seen(events)).toEqual(placed)
    expect(events.map((event) => event.id.slice(-3))).toEqual(['000', '001', '002'])
    expect(seen(await read(id, events[0].id))).toEqual(placed.slice(1))
  })

  it('has drop ship orders alone, unless others are asked for; mixed ones never', async () => {
    await open()
    const [silent, all] = [await stream({}), await stream()]
    const [drop, market] = place({ type: 'Dropship' }, { type: 'Marketplace' }, { type: 'Mixed' })
    expect(seen(await read(silent.id, silent.position))).toEqual([drop])
    expect(seen(await read(all.id, all.position))).toEqual([drop, market])
  })

  it('asks for lifecycles and statuses too', async () => {
    await open({ orders: [{ id: '1' }] })
    const taken = await stream({ orderTypes: ALL, dscoLifecycle: ['acknowledged'] })
    const over = await stream({ orderTypes: ALL, statuses: ['cancelled', 'shipped'] })
    await dsco.settled('order', '/order/acknowledge', [{ id: '1', type: 'DSCO_ORDER_ID' }])
    dsco.act('cancel', { order_id: '1' })
    dsco.pass(MINUTE)
    const [event] = await read(taken.id, taken.position)
    expect([event.payload.dscoLifecycle, event.eventReasons]).toEqual(['acknowledged', ['update_status_lifecycle']])
    expect((await read(over.id, over.position)).map(({ payload }) => payload.dscoStatus)).toEqual(['cancelled'])
  })

  it('keeps its position until it is moved, and reads again what was read', async () => {
    await open()
    const { id, position } = await stream()
    place({}, {})
    const [first, second] = await read(id, position)
    expect(await read(id, position)).toHaveLength(2)
    const stored = async () => (await dsco.get(`/stream?id=${id}`)).body[0].partitions[0]
    expect(await stored()).toMatchObject({ position, maxPosition: second.id })
    expect((await dsco.call('PUT', `/stream/${id}/0/${encodeURIComponent(first.id)}`)).body).toEqual({ status: 'success' })
    expect((await stored()).position).toBe(first.id)
    expect(dsco.books().streams).toMatchObject([{ partitions: [{ position_updates: 1, events: 2 }] }])
  })

  it.each([
    ['events', { objectCount: 2 }, [2, 2, 1]],
    ['bytes', { numBytes: 1_024 }, [1, 1, 1, 1, 1]],
    ['seconds', { durationSec: 22 }, [3, 2]],
  ])('a read is as long as its %s: a short one is not the end', async (_, maxEvents, lengths) => {
    await open()
    const { id, position } = await stream({ orderTypes: ALL }, { maxEvents })
    for (let i = 0; i < 5; i++) place({})
    const reads: number[] = []
    for (let events = await read(id, position); events.length > 0; events = await read(id, events.at(-1).id)) {
      reads.push(events.length)
    }
    expect(reads).toEqual(lengths)
  })

  it('replays a range, with its beginning and without its end, by ids or by times', async () => {
    await open()
    const { id, position } = await stream()
    const placed = [...place({}), ...place({}), ...place({})]
    const [first, , third] = await read(id, position)
    const range = async (from: string, to: string) =>
      seen((await dsco.get(`/stream/${id}/0/${encodeURIComponent(from)}/${encodeURIComponent(to)}`)).body.events)
    expect(await range(first.id, third.id)).toEqual(placed.slice(0, 2))
    expect(await range(iso(NOW), iso(NOW + 10 * SECOND))).toEqual(placed.slice(0, 1))
  })

  it('divides orders among partitions by their ids', async () => {
    await open()
    const { id, position } = await stream({ orderTypes: ALL }, { numPartitions: 2 })
    place({ id: '10' }, { id: '11' }, { id: '12' })
    expect([seen(await read(id, position, 0)), seen(await read(id, position, 1))]).toEqual([['10', '12'], ['11']])
    await dsco.call('PUT', `/stream/${id}`, { objectType: 'order', query: { queryType: 'order' }, numPartitions: 1 })
    const [after] = (await dsco.get(`/stream?id=${id}`)).body
    expect(after.partitions.map(({ status }: Json) => status)).toEqual(['active', 'inactive'])
    expect(after.streamVersion).toBe(2)
  })

  it('is not synced by the published text, and is by a setting', async () => {
    await open({ orders: [{ id: '1' }, { id: '2', type: 'Marketplace' }] })
    const { id, position } = await stream({ orderTypes: ['marketplace'] })
    expect((await dsco.call('POST', `/stream/${id}`, { operationType: 'sync' })).status).toBe(400)
    dsco.sandbox.seed('dsco', { settings: { order_sync: 'done' } })
    expect((await dsco.call('POST', `/stream/${id}`, { operationType: 'sync' })).status).toBe(202)
    expect(await read(id, position)).toMatchObject([{ source: 'sync', payload: { dscoOrderId: '2' } }])
  })

  it.each([
    ['no query', { objectType: 'order' }],
    ['a query of another type', { objectType: 'order', query: { queryType: 'inventory' } }],
    ['order types as orders write them', { objectType: 'order', query: { queryType: 'order', orderTypes: ['Marketplace'] } }],
    ['21 partitions', { objectType: 'order', query: { queryType: 'order' }, numPartitions: 21 }],
    ['reads of a minute', { objectType: 'order', query: { queryType: 'order' }, maxEvents: { durationSec: 60 } }],
  ])('is not made with %s', async (_, asked) => {
    await open()
    expect((await dsco.call('POST', '/stream', asked)).status).toBe(400)
    expect((await dsco.get('/stream')).body).toEqual([])
  })

  it('is refused where there is none, or no such position', async () => {
    await open()
    const { id, position } = await stream()
    const at = encodeURIComponent(position)
    expect((await dsco.get(`/stream/none/0/${at}`)).status).toBe(404)
    expect((await dsco.get(`/stream/${id}/7/${at}`)).status).toBe(404)
    expect((await dsco.get(`/stream/${id}/0/latest`)).status).toBe(400)
    expect((await dsco.call('DELETE', `/stream/${id}`)).status).toBe(200)
    expect((await dsco.get(`/stream/${id}/0/${at}`)).status).toBe(404)
  })
})
