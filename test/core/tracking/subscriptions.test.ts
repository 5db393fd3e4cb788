import { describe, expect, it } from 'vitest'
import { AuthError, type ConnectorError, PermanentError, RetryableError, ThrottledError } from '../../../src/core/errors.ts'
import type { Subscription } from '../../../src/core/ports/shipping.ts'
import { judgeSubscriptions, lackingEvents } from '../../../src/core/tracking/hook-address.ts'
import { deleteSubscriptions, listSubscriptions, subscribeWanted } from '../../../src/core/tracking/subscriptions.ts'
import { aHeldLease, aRun, aRunOn } from '../../world/a-run.ts'
import { aShipping } from '../../world/a-shipping.ts'
import { alertRules } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'

const CURRENT = 'current-token-of-forty-characters-000001'
const OLDER = 'an-older-token-of-forty-characters-00002'
const GONE = 'a-token-that-is-not-accepted-any-more-03'
const address = { base: 'https://hooks.example.com/isync/webhooks/shipstation', tokens: [CURRENT, OLDER] }
const shown = `${address.base}/***`
const facts = { account: 'shipstation', operation: 'subscribeWebhook' }

let ids = 0
function aHook(token: string | undefined, change: Partial<Subscription> = {}): Subscription {
  const targetUrl = token === undefined ? 'https://zapier.example/hooks/s3cr3t?key=s3cr3t' : `${address.base}/${token}`
  ids += 1
  return { id: ids, event: 'SHIP_NOTIFY', targetUrl, active: true, ...change }
}

const standings = (...hooks: readonly Subscription[]) =>
  judgeSubscriptions(hooks, address).map(({ standing, stale }) => `${standing}${stale ? ', stale' : ''}`)

describe('what a webhook is to isync', () => {
  it.each<[string, Subscription, string]>([
    ['with the token that is given out', aHook(CURRENT), 'good'],
    ['with one that is still accepted', aHook(OLDER), 'old-token'],
    ['with one that is not', aHook(GONE), 'refused-token, stale'],
    ['with none', aHook(''), 'refused-token, stale'],
    ['with something behind the token', aHook(`${CURRENT}/more`), 'refused-token, stale'],
    ['with parameters behind the token', aHook(`${CURRENT}?a=1`), 'refused-token, stale'],
    ['that was switched off', aHook(CURRENT, { active: false }), 'off, stale'],
    ['of one store', aHook(CURRENT, { storeId: 7 }), 'one-store'],
    ['of what isync has no use for', aHook(CURRENT, { event: 'ORDER_NOTIFY' }), 'unneeded, stale'],
    ['of somebody else', aHook(undefined), 'foreign'],
    [
      'of somebody else whose address begins like ours',
      aHook(undefined, { targetUrl: `${address.base}-2/${CURRENT}` }),
      'foreign',
    ],
    ['of another sender at our host', aHook(undefined, { targetUrl: `https://hooks.example.com/${CURRENT}` }), 'foreign'],
    [
      'at our path of another host',
      aHook(undefined, { targetUrl: `https://hooks.example.org/isync/webhooks/shipstation/${CURRENT}` }),
      'foreign',
    ],
    ['without TLS', aHook(undefined, { targetUrl: `http://hooks.example.com/isync/webhooks/shipstation/${CURRENT}` }), 'foreign'],
    [
      'whose host is written in capitals, with its port',
      aHook(undefined, { targetUrl: `https://HOOKS.example.com:443/isync/webhooks/shipstation/${CURRENT}` }),
      'good',
    ],
    ['without an address', aHook(undefined, { targetUrl: '' }), 'foreign'],
  ])('%s', (_, hook, expected) => {
    expect(standings(hook)).toEqual([expected])
  })

  it('is doubled by an earlier one of the same event, and by no other', () => {
    const [first, second] = [aHook(CURRENT), aHook(CURRENT)]
    const other = aHook(CURRENT, { event: 'FULFILLMENT_SHIPPED' })
    // The older one stays, whatever the order of the list.
    expect(standings(second, other, first)).toEqual(['good', 'doubled, stale', 'good'])
  })

  it('may go once another brings what it brings, and not before', () => {
    expect(standings(aHook(OLDER), aHook(CURRENT, { storeId: 7 }))).toEqual(['old-token', 'one-store'])
    expect(standings(aHook(OLDER), aHook(CURRENT, { storeId: 7 }), aHook(CURRENT))).toEqual([
      'old-token, stale',
      'one-store, stale',
      'good',
    ])
    expect(standings(aHook(OLDER), aHook(CURRENT, { event: 'FULFILLMENT_SHIPPED' }))).toEqual(['old-token', 'good'])
  })

  it('is not known while we have no address: nothing is called ours, nothing may go', () => {
    const judged = judgeSubscriptions([aHook(CURRENT), aHook(undefined)], undefined)
    expect(judged.map(({ standing, stale }) => [standing, stale])).toEqual([
      ['foreign', false],
      ['foreign', false],
    ])
  })

  it('is told without any token: of others only the host is shown', () => {
    const hooks = [aHook(CURRENT), aHook(OLDER), aHook(GONE), aHook(undefined), aHook(undefined, { targetUrl: 'mailto:s3cr3t' })]
    const judged = judgeSubscriptions(hooks, address)
    expect(judged.map(({ shownUrl }) => shownUrl)).toEqual([shown, shown, shown, 'https://zapier.example/***', 'mailto:***'])
    const unknown = judgeSubscriptions(hooks, undefined)
    for (const secret of [CURRENT, OLDER, GONE, 's3cr3t']) expect(JSON.stringify([judged, unknown])).not.toContain(secret)
  })

  it('is lacking where only a weaker one tells of it', () => {
    const hooks = [aHook(OLDER), aHook(CURRENT, { event: 'FULFILLMENT_SHIPPED', storeId: 7 }), aHook(undefined)]
    expect(lackingEvents(judgeSubscriptions(hooks, address))).toEqual(['SHIP_NOTIFY', 'FULFILLMENT_SHIPPED'])
  })
})

describe.each(databases)('the webhooks of ShipStation, with a database on $name', (database) => {
  it('are made where they lack, and a repeat makes none', async () => {
    const run = await aRun(database)
    const shipping = aShipping()

    const first = await subscribeWanted(run, shipping, address)

    expect(first).toMatchObject({ counts: { kept: 0, subscribed: 2 }, errors: [], outcome: 'done' })
    expect(first.subscriptions.map(({ event, standing }) => [event, standing])).toEqual([
      ['SHIP_NOTIFY', 'good'],
      ['FULFILLMENT_SHIPPED', 'good'],
    ])
    expect(shipping.webhooks.map(({ targetUrl }) => targetUrl)).toEqual([
      `${address.base}/${CURRENT}`,
      `${address.base}/${CURRENT}`,
    ])
    expect(await subscribeWanted(run, shipping, address)).toMatchObject({ counts: { kept: 2, subscribed: 0 }, outcome: 'done' })
    expect(shipping.calls).toEqual([
      'listWebhooks',
      'subscribeWebhook SHIP_NOTIFY',
      'subscribeWebhook FULFILLMENT_SHIPPED',
      'listWebhooks',
    ])
    expect(JSON.stringify([first, run.logged])).not.toContain(CURRENT)
  })

  it('are made beside those of others and beside our older ones, which then may go', async () => {
    const run = await aRun(database)
    const shipping = aShipping()
    shipping.webhooks.push(aHook(undefined), aHook(OLDER), aHook(CURRENT, { event: 'FULFILLMENT_SHIPPED' }))

    const { counts, subscriptions } = await subscribeWanted(run, shipping, address)

    expect(counts).toEqual({ kept: 1, subscribed: 1 })
    expect(subscriptions.map(({ standing, stale }) => [standing, stale])).toEqual([
      ['foreign', false],
      ['old-token', true],
      ['good', false],
      ['good', false],
    ])
  })

  it('are not made while another run makes them', async () => {
    const run = await aRun(database)
    const shipping = aShipping()
    await aHeldLease(aRunOn(run.db, { name: 'other' }), 'webhooks:subscribe shipstation')
    expect(await subscribeWanted(run, shipping, address)).toMatchObject({ outcome: 'held elsewhere', subscriptions: [] })
    expect(shipping.calls).toEqual([])
  })

  it.each<[string, ConnectorError, string]>([
    ['refused credentials', new AuthError('answered 401', facts), 'isync doctor --channel shipstation'],
    ['a refusal', new PermanentError('answered 400', facts), 'isync doctor --channel shipstation'],
    [
      'no answer',
      new RetryableError('no answer', { ...facts, outcomeUnknown: true }),
      'isync webhooks:subscribe again: what is done already is found and not done twice',
    ],
    [
      'a spent budget',
      new ThrottledError('wait', { ...facts, waitMs: 1500 }),
      'isync webhooks:subscribe again, in 2 s at the earliest',
    ],
  ])('cannot be made: %s is told with what to do, and alerts nobody', async (_, error, next) => {
    const run = await aRun(database)
    const shipping = aShipping()
    shipping.webhooks.push(aHook(CURRENT))
    const list = shipping.listWebhooks
    shipping.listWebhooks = async (signal) => {
      const listed = await list(signal)
      shipping.fail = error
      return listed
    }
    const report = await subscribeWanted(run, shipping, address)
    expect(report).toMatchObject({ outcome: 'partly', counts: { kept: 1, subscribed: 0 } })
    expect(report.errors).toEqual([{ channel: 'shipstation', what: 'webhooks:subscribe', why: error.message, next }])
    expect(await alertRules(run.db)).toEqual([])
  })

  it('cannot be listed: nothing is made', async () => {
    const run = await aRun(database)
    const shipping = aShipping()
    shipping.fail = new RetryableError('answered 503', facts)
    expect(await subscribeWanted(run, shipping, address)).toMatchObject({ outcome: 'down', counts: { subscribed: 0 } })
    shipping.fail = new RetryableError('answered 503', facts)
    expect(await listSubscriptions(run, shipping, address)).toMatchObject({ outcome: 'down', subscriptions: [] })
    expect(shipping.webhooks).toEqual([])
  })

  it('are deleted by their ids; what is gone already is said to be', async () => {
    const run = await aRun(database)
    const shipping = aShipping()
    const [one, other] = [aHook(CURRENT), aHook(undefined)]
    shipping.webhooks.push(one, other)
    expect(await deleteSubscriptions(run, shipping, [one.id, 987_654])).toMatchObject({
      counts: { deleted: 1, absent: 1 },
      outcome: 'done',
    })
    expect(shipping.webhooks).toEqual([other])
  })

  it('are left where they are from the first failure on', async () => {
    const run = await aRun(database)
    const shipping = aShipping()
    const [one, other] = [aHook(CURRENT), aHook(CURRENT)]
    shipping.webhooks.push(one, other)
    shipping.fail = new RetryableError('answered 503', facts)
    expect(await deleteSubscriptions(run, shipping, [one.id, other.id])).toMatchObject({
      counts: { deleted: 0, absent: 0 },
      outcome: 'down',
    })
    expect(shipping.webhooks).toEqual([one, other])
  })
})
