import { describe, expect, it } from 'vitest'
import { claimDeliveries, inboxBacklog, settleDelivery } from '../../../src/core/db/inbox.ts'
import { takeLease } from '../../../src/core/db/leases.ts'
import { AuthError, PermanentError, RetryableError } from '../../../src/core/errors.ts'
import { inboxReport, replay } from '../../../src/core/inbox/deliveries.ts'
import { pauseChannel } from '../../../src/core/inventory/settings-pausing.ts'
import type { Trigger } from '../../../src/core/model/trigger.ts'
import { newKey } from '../../../src/core/privacy/keys.ts'
import { createVault } from '../../../src/core/privacy/vault.ts'
import { aPage } from '../../world/a-channel.ts'
import { DAY, HOUR, MINUTE, noon, SECOND } from '../../world/a-clock.ts'
import { aRun, aRunOn, severalConnections, type TestRun } from '../../world/a-run.ts'
import { aShipment } from '../../world/a-shipment.ts'
import { anOrder } from '../../world/an-order.ts'
import { alertRules } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'
import { aDelivery, anOrderHint, aSource, box, keep, nothing, someHands, states, work } from './a-post.ts'

const facts = { account: 'amazon-us', operation: 'getOrder' }
const unreadable: Trigger = { kind: 'unreadable', why: 'the body is no JSON' }

describe.each(databases)('the work on deliveries, on $name,', (database) => {
  const lease = (run: TestRun, owner: string, ms = MINUTE) => ({ owner, until: run.clock.now() + ms })
  const claim = (run: TestRun, owner: string) =>
    claimDeliveries(run.db, { provider: 'orders', channel: '', limit: 10 }, lease(run, owner), run.clock.now())

  it('reads the orders that were spoken of, in one question for all of them, and says so', async () => {
    const run = await aRun(database)
    const hands = someHands(run)
    const asked: string[][] = []
    hands.channel.pages = [aPage([anOrder('A-1'), anOrder('A-2')], { at: noon })]
    const { getOrders } = hands.channel
    Object.assign(hands.channel, {
      getOrders: (ids: string[], signal: AbortSignal) => {
        asked.push(ids)
        return getOrders(ids, signal)
      },
    })
    const [k1, k2] = [anOrderHint('amazon-us', 'A-1'), anOrderHint('amazon-us', 'A-1', 'A-2')]
    await keep(run, 'amazon', aDelivery('k1', k1, { channel: 'amazon-us' }), aDelivery('k2', k2, { channel: 'amazon-us' }))
    expect(await work(run, hands, 'amazon', 'amazon-us')).toEqual({ done: 2, later: 0, dead: 0 })
    expect(asked).toEqual([['A-1', 'A-2']])
    expect((await box(run)).map(({ outcome }) => outcome)).toEqual(['1 order(s) read', '2 order(s) read'])
  })

  it('looks again for an order that its channel does not show yet, and leaves it to the polls in the end', async () => {
    const run = await aRun(database)
    const hands = someHands(run)
    await keep(run, 'orders', aDelivery('k1', anOrderHint('amazon-us', 'A-1')))
    let looks = 0
    while ((await work(run, hands, 'orders')).done === 0 && looks < 20) {
      looks += 1
      await run.clock.advance(5 * MINUTE)
    }
    expect(looks).toBe(4)
    expect(await box(run)).toMatchObject([{ state: 'done', outcome: expect.stringContaining('the polls look on') }])
    expect(await alertRules(run.db)).toEqual([])
  })

  it('does not read an order before it is whole, and keeps others waiting no longer for it', async () => {
    const run = await aRun(database)
    const hands = someHands(run)
    hands.channel.pages = [aPage([anOrder('A-1'), anOrder('A-2')], { at: noon })]
    const young: Trigger = {
      kind: 'orders',
      orders: [{ channel: 'amazon-us', order: { externalOrderId: 'A-1', wholeFrom: run.clock.now() + 2 * MINUTE } }],
    }
    await keep(run, 'orders', aDelivery('k1', young), aDelivery('k2', anOrderHint('amazon-us', 'A-2')))
    expect(await work(run, hands, 'orders')).toEqual({ done: 1, later: 1, dead: 0 })
    expect(await run.db.rows('select external_order_id as id from orders')).toEqual([{ id: 'A-2' }])
    await run.clock.advance(2 * MINUTE)
    expect(await work(run, hands, 'orders')).toEqual({ done: 1, later: 0, dead: 0 })
    expect(await run.db.rows('select external_order_id as id from orders order by 1')).toEqual([{ id: 'A-1' }, { id: 'A-2' }])
  })

  it('finds it when it is shown at the second look', async () => {
    const run = await aRun(database)
    const hands = someHands(run)
    await keep(run, 'orders', aDelivery('k1', anOrderHint('amazon-us', 'A-1')))
    expect(await work(run, hands, 'orders')).toEqual({ done: 0, later: 1, dead: 0 })
    hands.channel.pages = [aPage([anOrder('A-1')], { at: noon })]
    await run.clock.advance(5 * SECOND)
    expect(await work(run, hands, 'orders')).toEqual({ done: 1, later: 0, dead: 0 })
  })

  it('tries for a day while the marketplace does not answer, then gives up with one alert, which a replay that works ends', async () => {
    const run = await aRun(database)
    const hands = someHands(run)
    Object.assign(hands.channel, { getOrders: async () => Promise.reject(new RetryableError('503', facts)) })
    await keep(run, 'orders', aDelivery('k1', anOrderHint('amazon-us', 'A-1')), aDelivery('k2', anOrderHint('amazon-us', 'A-2')))
    let tries = 0
    for (; (await states(run)).some((one) => !one.endsWith('dead')) && tries < 1000; tries += 1) {
      const [row] = await box(run)
      await run.clock.advance(Math.max(0, (row?.next_attempt_at ?? 0) - run.clock.now()))
      await work(run, hands, 'orders')
    }
    const hours = (run.clock.now() - noon) / HOUR
    expect(hours).toBeGreaterThan(22)
    expect(hours).toBeLessThan(26)
    expect((await alertRules(run.db)).filter((rule) => rule === 'dead-delivery')).toHaveLength(1)

    const { getOrders } = someHands(run).channel
    Object.assign(hands.channel, { getOrders })
    await replay(
      run,
      (await box(run)).map(({ id }) => id),
    )
    await work(run, hands, 'orders')
    for (let look = 0; look < 5; look += 1) {
      await run.clock.advance(5 * MINUTE)
      await work(run, hands, 'orders')
    }
    expect(await states(run)).toEqual(['k1 done', 'k2 done'])
    expect(await alertRules(run.db)).not.toContain('dead-delivery')
  })

  it('gives up at once what nobody can read, takes no others along and tells people once', async () => {
    const run = await aRun(database)
    await keep(run, 'orders', aDelivery('bad-1', unreadable), aDelivery('bad-2', unreadable), aDelivery('good', nothing))
    expect(await work(run, someHands(run), 'orders')).toEqual({ done: 1, later: 0, dead: 2 })
    expect(await states(run)).toEqual(['bad-1 dead', 'bad-2 dead', 'good done'])
    const alerts = await run.db.rows<{ count: number; message: string; next: string }>('select count, message, next from alerts')
    expect(alerts).toMatchObject([
      {
        count: 2,
        message: expect.stringContaining('no JSON'),
        next: expect.stringMatching(/^isync webhooks:inbox --source orders --state dead; .*isync webhooks:replay/),
      },
    ])
    // Others that work do not hide it.
    await keep(run, 'orders', aDelivery('good-2', nothing))
    await work(run, someHands(run), 'orders')
    expect(await alertRules(run.db)).toEqual(['dead-delivery'])
  })

  it('has a delivery on which the program itself fails pay alone, and says nothing of what it held', async () => {
    const run = await aRun(database)
    const hands = someHands(run)
    await keep(run, 'orders', aDelivery('bad', 'boom'), aDelivery('good', nothing))
    expect(await work(run, hands, 'orders')).toEqual({ done: 1, later: 1, dead: 0 })
    for (let n = 0; n < 10; n += 1) {
      await run.clock.advance(10 * MINUTE)
      await work(run, hands, 'orders')
    }
    const [bad] = await box(run)
    expect(bad).toMatchObject({ key: 'bad', state: 'dead', last_error: 'the program failed on it: TypeError' })
    expect(JSON.stringify([bad, run.logged, await run.db.rows('select * from alerts')])).not.toContain('ada@')
  })

  it('has an order on which the program fails take none of the others of its batch along', async () => {
    const run = await aRun(database)
    const hands = someHands(run)
    hands.channel.pages = [
      aPage(
        ['A-1', 'A-2', 'A-3', 'A-4', 'A-5'].map((id) => anOrder(id)),
        { at: noon },
      ),
    ]
    const { getOrders } = hands.channel
    const failing = async (ids: string[], signal: AbortSignal) => {
      if (ids.includes('A-3')) throw new RangeError('ada')
      return getOrders(ids, signal)
    }
    Object.assign(hands.channel, { getOrders: failing })
    const deliveries = ['A-1', 'A-2', 'A-3', 'A-4', 'A-5'].map((id) => aDelivery(id, anOrderHint('amazon-us', id)))
    await keep(run, 'orders', ...deliveries)
    await work(run, hands, 'orders')
    expect(await states(run)).toEqual(['A-1 done', 'A-2 done', 'A-3 waiting', 'A-4 done', 'A-5 done'])
  })

  it('waits for a key that is missing, without the others', async () => {
    const run = await aRun(database)
    await keep({ ...run, vault: createVault(newKey('k9')) }, 'orders', aDelivery('shut', nothing))
    await keep(run, 'orders', aDelivery('open', nothing))
    expect(await work(run, someHands(run), 'orders')).toEqual({ done: 1, later: 1, dead: 0 })
    expect(await states(run)).toEqual(['open done', 'shut waiting'])
  })

  it.each([
    ['credentials are refused', new AuthError('401', facts)],
    ['the vendor says no to the question', new PermanentError('400', facts)],
  ])('waits while %s: the account tells people, and the delivery is not lost', async (_what, error) => {
    const run = await aRun(database)
    const hands = someHands(run)
    Object.assign(hands.channel, { getOrders: async () => Promise.reject(error) })
    await keep(run, 'orders', aDelivery('k1', anOrderHint('amazon-us', 'A-1')))
    expect(await work(run, hands, 'orders')).toEqual({ done: 0, later: 1, dead: 0 })
    expect(await alertRules(run.db)).not.toContain('dead-delivery')
  })

  it('spends no try while another process is at work on the channel', async () => {
    const run = await aRun(database)
    const until = noon + HOUR
    await takeLease(run.db, { name: 'orders:pull amazon-us', owner: 'cron', host: 'host-b', pid: 7, until }, noon)
    await keep(run, 'orders', aDelivery('k1', anOrderHint('amazon-us', 'A-1')))
    for (let n = 0; n < 10; n += 1) {
      expect(await work(run, someHands(run), 'orders')).toMatchObject({ later: 1 })
      await run.clock.advance(3 * SECOND)
    }
    expect(await box(run)).toMatchObject([{ state: 'waiting', attempts: 0, last_error: 'another process is at work on it' }])
  })

  it('asks nothing of a channel whose orders are paused', async () => {
    const run = await aRun(database)
    const hands = someHands(run)
    await pauseChannel(run, 'amazon-us', ['orders'])
    await keep(run, 'orders', aDelivery('k1', anOrderHint('amazon-us', 'A-1')))
    expect(await work(run, hands, 'orders')).toMatchObject({ done: 1 })
    expect(await box(run)).toMatchObject([{ outcome: expect.stringContaining('paused') }])
  })

  it('comes back to what was said anew while it was at work', async () => {
    const run = await aRun(database)
    const anew = aDelivery('k1', nothing, { repeated: 'anew' })
    await keep(run, 'orders', anew)
    const [held] = await claim(run, 'w1')
    await run.clock.advance(SECOND)
    expect(await keep(run, 'orders', anew)).toEqual(['anew'])
    if (held === undefined) throw new Error('nothing was claimed')
    expect(await settleDelivery(run.db, held, 'w1', { state: 'done', outcome: 'too early' }, run.clock.now())).toBe(true)
    expect(await states(run)).toEqual(['k1 pending'])
    await run.clock.advance(10 * SECOND)
    expect(await work(run, someHands(run), 'orders')).toMatchObject({ done: 1 })
    expect(await box(run)).toMatchObject([{ state: 'done', outcome: 'no news' }])
  })

  it('takes over what a worker that died had in its hands, once its lease is over, and that worker settles nothing any more', async () => {
    const run = await aRun(database)
    await keep(run, 'orders', aDelivery('k1', nothing))
    const [held] = await claim(run, 'dead')
    expect(await claim(run, 'w2')).toEqual([])
    expect(await inboxBacklog(run.db, run.clock.now())).toMatchObject([{ count: 1, due: 0 }])
    await run.clock.advance(MINUTE + 1)
    expect(await inboxBacklog(run.db, run.clock.now())).toMatchObject([{ count: 1, due: 1 }])
    expect(await claim(run, 'w2')).toHaveLength(1)
    if (held === undefined) throw new Error('nothing was claimed')
    expect(await settleDelivery(run.db, held, 'dead', { state: 'done', outcome: 'late' }, run.clock.now())).toBe(false)
    expect(await settleDelivery(run.db, held, 'w2', { state: 'done', outcome: 'mine' }, run.clock.now())).toBe(true)
    expect(await box(run)).toMatchObject([{ state: 'done', outcome: 'mine' }])
  })

  it('stopped in the middle gives back what it has not done, and forgets nothing that it has', async () => {
    const run = await aRun(database)
    const hands = someHands(run)
    Object.assign(hands.channel, {
      getOrders: async () => {
        run.stop()
        return { orders: [], poison: [], skipped: 0 }
      },
    })
    await keep(
      run,
      'orders',
      aDelivery('k1', anOrderHint('amazon-us', 'A-1')),
      aDelivery('k2', { kind: 'stock', items: [{ sku: 'S' }] }),
    )
    await work(run, hands, 'orders')
    const rows = await box(run)
    expect(rows.map(({ state, lease_owner }) => [state, lease_owner])).toEqual([
      ['waiting', null],
      ['waiting', null],
    ])
    const next = aRunOn(run.db, { name: 'next', clock: run.clock })
    await run.clock.advance(MINUTE)
    expect((await work(next, someHands(next), 'orders')).later).toBeGreaterThan(0)
  })

  it('by several processes never takes the same delivery twice', async () => {
    const dbs = await severalConnections(database, 4)
    const [db] = dbs
    if (db === undefined) throw new Error('no connection')
    const run = aRunOn(db)
    const count = 60
    await keep(run, 'orders', ...Array.from({ length: count }, (_, n) => aDelivery(`k${n}`, nothing)))
    const taken = await Promise.all(
      dbs.flatMap((each, n) =>
        Array.from({ length: 5 }, (_, m) =>
          claimDeliveries(each, { provider: 'orders', channel: '', limit: 5 }, lease(run, `w${n}-${m}`), run.clock.now()),
        ),
      ),
    )
    const ids = taken.flat().map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.length).toBe(count)
  })

  it('asks ShipStation once for many labels, and says what it found', async () => {
    const run = await aRun(database)
    const hands = someHands(run)
    hands.shipping.lists('shipments', [aShipment(1), aShipment(2)])
    const label = (batchId: string): Trigger => ({ kind: 'packages', stream: 'shipments', batchId })
    await keep(run, 'shipstation', ...['1', '2', '3', '4', '5'].map((batch) => aDelivery(`b${batch}`, label(batch))))
    expect(await work(run, hands, 'shipstation')).toEqual({ done: 5, later: 0, dead: 0 })
    expect(hands.shipping.calls.filter((call) => call === 'shipments')).toHaveLength(1)
  })

  it('looks again for a package that ShipStation does not list yet, four times in all', async () => {
    const run = await aRun(database)
    const hands = someHands(run)
    await keep(run, 'shipstation', aDelivery('k1', { kind: 'packages', stream: 'shipments' }))
    for (const wait of [3, 10, 30]) {
      expect(await work(run, hands, 'shipstation')).toEqual({ done: 0, later: 1, dead: 0 })
      await run.clock.advance(wait * SECOND)
    }
    expect(await work(run, hands, 'shipstation')).toEqual({ done: 1, later: 0, dead: 0 })
  })

  it('says of a sender whose section is gone from the configuration that nobody can read it', async () => {
    const run = await aRun(database)
    await keep(run, 'zoho', aDelivery('k1', nothing))
    const hands = { ...someHands(run), sources: [aSource('orders')] }
    expect(await work(run, hands, 'zoho')).toEqual({ done: 0, later: 0, dead: 1 })
    expect(await box(run)).toMatchObject([{ last_error: 'the configuration has no webhooks.zoho any more' }])
  })

  it('done once more by a replay leaves a trace, also where the delivery was done', async () => {
    const run = await aRun(database)
    await keep(run, 'orders', aDelivery('k1', nothing), aDelivery('k2', nothing))
    await work(run, someHands(run), 'orders')
    const [first] = await box(run)
    expect(await replay(run, [first?.id ?? '', 'unknown'])).toBe(1)
    expect(await states(run)).toEqual(['k1 pending', 'k2 done'])
    expect(await work(run, someHands(run), 'orders')).toMatchObject({ done: 1 })
    expect(await run.db.rows('select what, entity from events')).toEqual([{ what: 'replayed', entity: 'delivery' }])
    const report = await inboxReport(run, { states: ['done'] }, 10, run.clock.now() + DAY)
    expect(report.deliveries).toHaveLength(2)
    expect(JSON.stringify(report)).not.toContain('"body"')
  })
})
