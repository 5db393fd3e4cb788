import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createOrdersWebhook } from '../../src/connectors/generic/webhook.ts'
import { judged, leadsTo, NOW, readsAnything, refused, refusesAnything, theOne } from './webhook-world.ts'

const FIRST = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
const SECOND = `whsec_${Buffer.alloc(32, 2).toString('base64')}`
const OTHER = `whsec_${Buffer.alloc(24, 3).toString('base64')}`
const source = createOrdersWebhook({ 'mirakl-macys': [FIRST, SECOND], 'rithum-1': [OTHER] })

interface Push {
  readonly body?: string
  readonly id?: string
  readonly at?: number | string
  readonly secret?: string
  readonly channel?: string
}

function push({ body = '{"order_ids":["A-1"]}', id = 'msg_1', at = NOW, secret = FIRST, channel = 'mirakl-macys' }: Push = {}) {
  const timestamp = typeof at === 'string' ? at : String(Math.floor(at / 1000))
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
  return { rest: channel, body, headers }
}

describe('order numbers pushed for a channel', () => {
  it('are read as orders of it', async () => {
    expect(await leadsTo(source, push({ body: '{"order_ids":["A-1","B 2","A-1"]}' }))).toEqual({
      kind: 'orders',
      orders: [
        { channel: 'mirakl-macys', order: { externalOrderId: 'A-1' } },
        { channel: 'mirakl-macys', order: { externalOrderId: 'B 2' } },
      ],
    })
    expect(await leadsTo(source, push({ body: '{"order_id":"Ä-1"}', channel: 'rithum-1', secret: OTHER }))).toEqual({
      kind: 'orders',
      orders: [{ channel: 'rithum-1', order: { externalOrderId: 'Ä-1' } }],
    })
  })

  it('are known by the name of the push, which is never worked on twice', async () => {
    expect(await theOne(source, push())).toMatchObject({
      key: 'mirakl-macys:msg_1',
      repeated: 'same',
      channel: 'mirakl-macys',
      topic: 'orders',
    })
    expect((await theOne(source, push({ id: 'a/b+c' }))).key).toMatch(/^[0-9a-f]{64}$/)
  })

  it('may be five hundred, and no more', async () => {
    const many = (count: number) => JSON.stringify({ order_ids: Array.from({ length: count }, (_, at) => `A-${at}`) })
    expect(await leadsTo(source, push({ body: many(500) }))).toMatchObject({ kind: 'orders' })
    expect(await judged(source, push({ body: many(501) }))).toEqual(refused('shape'))
  })

  it.each(['', '{}', '[]', '{"order_ids":[]}', '{"order_ids":[1]}', '{"order_ids":[""]}', '{"order_ids":["a\\u0007b"]}'])(
    'are not in %j',
    async (body) => {
      expect(await judged(source, push({ body }))).toEqual(refused('shape'))
    },
  )
})

describe('the signature', () => {
  it('is that of the published example', async () => {
    const sample = createOrdersWebhook({ 'a-channel': ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'] })
    const request = {
      rest: 'a-channel',
      body: '{"test": 2432232314}',
      receivedAt: 1_614_265_330_000,
      headers: {
        'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
        'webhook-timestamp': '1614265330',
        'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      },
    }
    // It is believed, and then holds no order.
    expect(await judged(sample, request)).toEqual(refused('shape'))
    expect(await judged(sample, { ...request, body: `${request.body} ` })).toEqual(refused('signature'))
  })

  it('may be one of several, by any of the secrets', async () => {
    const good = push({ secret: SECOND })
    const signatures = ['v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc=', 'v1a,AAAA', good.headers['webhook-signature']].join(
      ' ',
    )
    expect(await judged(source, { ...good, headers: { ...good.headers, 'webhook-signature': signatures } })).toMatchObject({
      status: 'genuine',
    })
  })

  it('counts for its own channel alone', async () => {
    expect(await judged(source, push({ secret: OTHER }))).toEqual(refused('signature'))
    expect(await judged(source, push({ channel: 'rithum-1' }))).toEqual(refused('signature'))
    expect(await judged(source, push({ channel: 'nobody' }))).toEqual(refused('signature'))
    expect(await judged(source, push({ channel: '' }))).toEqual(refused('signature'))
  })

  it('is over name, time and body as they came', async () => {
    const good = push()
    const with_ = (headers: object, body = good.body) =>
      judged(source, { ...good, body, headers: { ...good.headers, ...headers } })
    expect(await with_({})).toMatchObject({ status: 'genuine' })
    expect(await with_({}, '{"order_ids": ["A-1"]}')).toEqual(refused('signature'))
    expect(await with_({ 'webhook-id': 'msg_2' })).toEqual(refused('signature'))
    expect(await with_({ 'webhook-timestamp': String(NOW / 1000 + 1) })).toEqual(refused('signature'))
    expect(await with_({ 'webhook-signature': '' })).toEqual(refused('signature'))
    expect(await with_({ 'webhook-signature': good.headers['webhook-signature'].replace('v1,', 'v2,') })).toEqual(
      refused('signature'),
    )
    expect(await with_({ 'webhook-signature': good.headers['webhook-signature'].slice(0, -2) })).toEqual(refused('signature'))
  })

  it('by a key that only stands in for the missing ones opens nothing, not even to who can work it out', async () => {
    // Whoever has the only secret knows what the made-up keys are made of.
    const single = createOrdersWebhook({ 'rithum-1': [OTHER] })
    const { body, headers } = push({ channel: 'nobody' })
    const key = createHash('sha256').update(`nobody 0 ${OTHER}`).digest('hex')
    const signature = createHmac('sha256', key).update(`msg_1.${headers['webhook-timestamp']}.${body}`).digest('base64')
    const forged = { rest: 'nobody', body, headers: { ...headers, 'webhook-signature': `v1,${signature}` } }
    expect(await judged(single, forged)).toEqual(refused('signature'))
  })

  it('does not let a name run over into the time', async () => {
    // Both texts that are signed are the same: `a.1.1763737200.{...}`.
    const tricky = push({ id: 'a.1' })
    expect(await judged(source, tricky)).toEqual(refused('signature'))
  })
})

describe('a push that is older or newer than five minutes', () => {
  it.each([
    [-300_000, 'genuine'],
    [-301_000, 'refused'],
    [300_000, 'genuine'],
    [301_000, 'refused'],
  ])('%i ms: %s', async (shift, status) => {
    expect(await judged(source, push({ at: NOW + shift }))).toMatchObject({ status })
  })

  it.each(['', 'soon', '1e9', '-1', ' 1763737200', '99999999999999999'])('and %j is no time', async (at) => {
    expect(await judged(source, push({ at }))).toEqual(refused('stale'))
  })
})

describe('anything else', () => {
  it('gets nobody in', () => refusesAnything(source))

  it('is read without harm', () => readsAnything(source))
})
