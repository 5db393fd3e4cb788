import { describe, expect, it } from 'vitest'
import { insertMany } from '../../../src/core/db/db.ts'
import { setOrderShipped } from '../../../src/core/db/orders.ts'
import { storePage } from '../../../src/core/orders/store-order.ts'
import { countBeyond, rulesAt } from '../../../src/core/retention/rules.ts'
import { DAY, noon } from '../../world/a-clock.ts'
import { amazonUs } from '../../world/a-run.ts'
import { aPoisonOrder } from '../../world/an-order.ts'
import { historyOf, orderRow, taskList } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'
import { aDayOf, aHouse, documented, journalled, purged, remembered, settings, soldTo, store } from './a-house.ts'

describe.each(databases)('a purge on $name', (database) => {
  it('erases what an order says of a person 30 days after Amazon shipped it and 90 after Mirakl did, and not a day before', async () => {
    const run = await aHouse(database)
    const mirakl = { channel: 'mirakl-macys', status: 'shipped' } as const
    await store(
      run,
      soldTo('ada', 'A-31', 31, { status: 'shipped' }),
      soldTo('ben', 'A-29', 29, { status: 'shipped' }),
      soldTo('cleo', 'M-91', 91, mirakl),
      soldTo('dan', 'M-31', 31, mirakl),
    )

    const report = await purged(run)

    expect(await remembered(run)).toEqual(['A-29', 'M-31'])
    expect(await documented(run)).toEqual(['A-29', 'M-31'])
    expect(report.verdict).toBe('done')
    expect(report.erased.filter(({ rows }) => rows > 0)).toEqual([
      { what: 'personal data of shipped and cancelled orders', channel: 'amazon-us', rows: 1, documents: 1 },
      { what: 'personal data of shipped and cancelled orders', channel: 'mirakl-macys', rows: 1, documents: 1 },
    ])
    expect(await orderRow(run.db, 'A-31')).toMatchObject({
      buyer: null,
      ship_to: null,
      messages: null,
      pushed_hash: null,
      push_error: null,
      erased_at: noon,
      status: 'shipped',
    })
    expect((await orderRow(run.db, 'A-31')).content_hash).toHaveLength(30)
    expect(await historyOf(run.db, 'A-31')).toEqual(['pulled', 'personal data erased'])
  })

  it('counts from the package that was the last, and from the cancellation', async () => {
    const run = await aHouse(database)
    await store(run, soldTo('ada', 'A-1', 0), soldTo('ben', 'A-2', 0), soldTo('cleo', 'A-3', 0))
    const { id } = await orderRow(run.db, 'A-1')
    await run.clock.advance(10 * DAY)
    await setOrderShipped(run.db, id, 'partially_shipped', run.clock.now())
    await store(run, soldTo('cleo', 'A-3', -10, { status: 'cancelled' }))
    await run.clock.advance(10 * DAY)
    await setOrderShipped(run.db, id, 'shipped', run.clock.now())

    await run.clock.advance(20 * DAY + 1)
    await purged(run)
    expect(await remembered(run)).toEqual(['A-1', 'A-2'])
    await run.clock.advance(10 * DAY)
    await purged(run)
    expect(await remembered(run)).toEqual(['A-2'])
  })

  it('leaves an order alone that is still to be shipped, until nothing has been heard of it for 90 days', async () => {
    const run = await aHouse(database)
    await store(
      run,
      soldTo('ada', 'A-1', 0, { shipBy: noon + 20 * DAY }),
      soldTo('ben', 'A-2', 0),
      soldTo('cleo', 'A-3', 0, { status: 'on_hold' }),
      soldTo('dan', 'A-4', 0, { status: 'pending' }),
    )
    // The pushes of both open orders are over; the one of A-2 waits again.
    await run.db.run(`update tasks set state = 'done'`)
    await run.db.run(`update tasks set state = 'waiting' where key = 'amazon-us:A-2'`)

    await run.clock.advance(89 * DAY)
    await purged(run)
    expect(await remembered(run)).toEqual(['A-1', 'A-2', 'A-3', 'A-4'])
    await run.clock.advance(2 * DAY)
    await purged(run)
    expect(await remembered(run)).toEqual(['A-1', 'A-2'])
    await run.clock.advance(20 * DAY)
    await run.db.run(`update tasks set state = 'dead', last_error = 'createorders: no such street in Li'`)
    await purged(run)
    expect(await remembered(run)).toEqual([])
    expect(await run.db.rows('select distinct state, last_error from tasks')).toEqual([{ state: 'dead', last_error: null }])
  })

  it('deletes a document 90 days after it came, also one of an order that is open or could not be read', async () => {
    const run = await aHouse(database)
    await store(run, soldTo('ada', 'A-1', 0))
    await run.db.transaction((tx) => storePage(tx, run, amazonUs, { orders: [], poison: [aPoisonOrder('A-2')], skipped: 0 }))
    await run.clock.advance(50 * DAY)
    await store(run, soldTo('ada', 'A-1', -50, { notes: 'ada moved' }))

    await run.clock.advance(40 * DAY + 1)
    await purged(run)
    expect(await documented(run)).toEqual(['A-1'])
    expect(await remembered(run)).toEqual(['A-1'])
  })

  it('leaves what keeps an order from being done twice: its row, lines, tasks, packages and stock', async () => {
    const run = await aHouse(database)
    await store(run, soldTo('ada', 'A-1', 0))
    await insertMany(run.db, 'shipments', [
      {
        id: 'shipment:1',
        number: 1,
        source: 'shipment',
        tracking_number: '1Z',
        carrier_code: 'ups',
        created_at: 1,
        shipped_at: 1,
        state: 'matched',
        seen_at: 1,
      },
    ])
    const { id } = await orderRow(run.db, 'A-1')
    await insertMany(run.db, 'shipment_lines', [{ shipment_id: 'shipment:1', order_id: id, external_line_id: 'L1', quantity: 1 }])
    await setOrderShipped(run.db, id, 'shipped', noon)
    const kept = () =>
      Promise.all(
        ['order_lines', 'tasks', 'shipments', 'shipment_lines', 'stock_movements'].map((table) =>
          run.db.rows(`select * from ${table}`),
        ),
      )
    const before = await kept()

    await run.clock.advance(31 * DAY)
    await purged(run)

    expect(await remembered(run)).toEqual([])
    expect(await kept()).toEqual(before)
    expect(await taskList(run.db)).toEqual(['push amazon-us:A-1 pending'])
  })

  it('erases orders of a channel that is in the configuration no more as soon as the strictest channel would', async () => {
    const run = await aHouse(database)
    await store(run, soldTo('ada', 'M-31', 31, { channel: 'mirakl-macys', status: 'shipped' }))
    await run.db.run(`update orders set channel = 'mirakl-gone'`)
    await run.db.run(`update order_payloads set channel = 'mirakl-gone'`)

    await purged(run)
    expect([await remembered(run), await documented(run)]).toEqual([[], []])
  })

  it('goes through more than a batch, and the second run finds nothing to do', async () => {
    const run = await aHouse(database)
    await store(run, ...Array.from({ length: 1100 }, (_, n) => soldTo('ada', `A-${n}`, 40, { status: 'shipped' })))

    expect((await purged(run)).erased[0]).toMatchObject({ rows: 1100, documents: 1100 })
    expect((await purged(run)).erased.every(({ rows }) => rows === 0)).toBe(true)
    expect(await remembered(run)).toEqual([])
    expect(await run.db.rows(`select count(*) as n from events where what = 'personal data erased'`)).toEqual([{ n: 1100 }])
  })

  it('of one channel leaves the others and the journals alone', async () => {
    const run = await aHouse(database)
    await store(
      run,
      soldTo('ada', 'A-1', 99, { status: 'shipped' }),
      soldTo('ben', 'M-1', 99, { channel: 'mirakl-macys', status: 'shipped' }),
    )
    await aDayOf(run, 500)

    await purged(run, 'mirakl-macys')
    expect(await remembered(run)).toEqual(['A-1'])
    expect((await journalled(run)).runs).toEqual(['d0500'])
  })

  it('shortens the journals to 400 days, and keeps of what was told and read last whatever still holds', async () => {
    const run = await aHouse(database)
    for (const daysAgo of [900, 500, 401, 399, 1]) await aDayOf(run, daysAgo)

    const report = await purged(run)

    const young = ['d0001', 'd0399']
    const closable = [...young.flatMap((day) => [`${day} closed`, `${day} open`]), 'd0401 open', 'd0500 open', 'd0900 open']
    expect(await journalled(run)).toEqual({
      events: young,
      runs: young,
      alerts: closable,
      findings: closable,
      notices: young,
      // Until the next one came, 399 days ago, the number of 401 days ago was the one that counted.
      publication_log: [...young, 'd0401'],
      stock_history: [...young, 'd0401'],
      stock_readings: [...young, 'd0401'],
    })
    expect(report.proof.every(({ left }) => left === 0)).toBe(true)
  })

  it('keeps events for 400 days though everything else goes after 30', async () => {
    const run = await aHouse(database, { settings: { retention: { ...settings.retention, journalDays: 30 } } })
    for (const daysAgo of [401, 399, 31, 29]) await aDayOf(run, daysAgo)

    await purged(run)
    expect(await journalled(run)).toMatchObject({ events: ['d0029', 'd0031', 'd0399'], runs: ['d0029'] })
  })

  it('proves by a count of its own that nothing older is left, and says what is where something is', async () => {
    const run = await aHouse(database)
    await store(run, soldTo('ada', 'A-1', 31, { status: 'shipped' }), soldTo('ben', 'A-2', 40, { status: 'shipped' }))
    run.stop()
    const stopped = await purged(run)

    expect(stopped.verdict).toBe('partly')
    expect(stopped.proof[0]).toEqual({
      what: 'personal data of shipped and cancelled orders',
      channel: 'amazon-us',
      days: 30,
      before: new Date(noon - 30 * DAY).toISOString(),
      left: 2,
      oldest: new Date(noon - 40 * DAY).toISOString(),
    })
    // What came back behind the back of everything is found, too.
    await run.db.run(`update orders set erased_at = 1`)
    const counted = await countBeyond(run.db, await rulesAt(run, noon))
    expect(counted.filter(({ left }) => left > 0)).toMatchObject([
      { what: 'remains of erased orders', channel: 'amazon-us', left: 4 },
    ])
  })

  it('leaves the work to another purge that is under way', async () => {
    const run = await aHouse(database)
    await store(run, soldTo('ada', 'A-1', 31, { status: 'shipped' }))
    await insertMany(run.db, 'leases', [
      { name: 'purge', owner: 'another', host: 'host-b', pid: 7, taken_at: noon, lease_until: noon + DAY },
    ])

    expect(await purged(run)).toMatchObject({ verdict: 'done', erased: [], heldBy: { host: 'host-b', pid: 7 } })
    expect(await remembered(run)).toEqual(['A-1'])
  })
})
