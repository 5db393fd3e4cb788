import { createHash, createPublicKey, createVerify, type KeyObject } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { judge, loadModels } from '../contract/check.ts'
import { MODELS_FOUND, titleWithModels } from '../contract/models.ts'
import { type Client, iso, type Json, MINUTE, NOW, openEbay } from './ebay-client.ts'
import { type Answer, type Received, type Receiver, startReceiver } from './receiver.ts'

const TOKEN = 'verification-token_0123456789abcdef'
const KEYS = '/commerce/notification/v1/public_key'
const PAID = '11-00001-00001'

let ebay: Client
let receiver: Receiver
/** What the next messages are answered with; the last one stays. */
let statuses: number[]

beforeEach(async () => {
  statuses = [204]
  receiver = await startReceiver((request) => (request.method === 'GET' ? challengeAnswer(request) : posted()))
  ebay = await openEbay()
})

afterEach(async () => {
  await ebay.sandbox.close()
  await receiver.close()
})

function posted(): Answer {
  return { status: (statuses.length > 1 ? statuses.shift() : statuses[0]) ?? 204 }
}

/** As its owner answers who knows the token and the address that stands at eBay. */
function challengeAnswer({ query }: Received, token = TOKEN, endpoint = `${receiver.origin}/hook`): Answer {
  const code = new URLSearchParams(query).get('challenge_code') ?? ''
  const challengeResponse = createHash('sha256').update(`${code}${token}${endpoint}`).digest('hex')
  return { status: 200, body: JSON.stringify({ challengeResponse }) }
}

async function register(more: object = {}): Promise<Json> {
  ebay.act('destination', { url: `${receiver.origin}/hook`, verification_token: TOKEN, ...more })
  await ebay.sandbox.settle()
  return ebay.books().destinations.at(-1)
}

async function seed(...orders: object[]): Promise<void> {
  ebay.seed({ orders })
  await ebay.sandbox.settle()
}

async function notify(argument: object): Promise<Json> {
  const result = ebay.act('notify', argument)
  await ebay.sandbox.settle()
  return result
}

const posts = () => receiver.received.filter(({ method }) => method === 'POST')
const messages = (): Json[] => posts().map(({ body }) => JSON.parse(body))

function headerIn(request: Received | undefined): Json {
  return JSON.parse(Buffer.from(request?.headers['x-ebay-signature'] ?? '', 'base64').toString('utf8'))
}

async function applicationToken(): Promise<string> {
  const form = { grant_type: 'client_credentials', scope: 'https://api.ebay.com/oauth/api_scope', refresh_token: '' }
  return (await ebay.token(form)).body.access_token
}

async function fetchKey(keyId: string): Promise<KeyObject> {
  const answer = await ebay.rest('GET', `${KEYS}/${keyId}`, undefined, await applicationToken())
  expect(answer.status, answer.text).toBe(200)
  const inside = /^-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=]+)-----END PUBLIC KEY-----$/.exec(answer.body.key)?.[1] ?? ''
  expect(inside).not.toBe('')
  return createPublicKey({ key: Buffer.from(inside, 'base64'), format: 'der', type: 'spki' })
}

async function isGenuine(request: Received | undefined, text = request?.body ?? ''): Promise<boolean> {
  const { alg, kid, signature, digest } = headerIn(request)
  expect([alg, digest]).toEqual(['ecdsa', 'SHA1'])
  return createVerify('sha1')
    .update(text)
    .verify(await fetchKey(kid), signature, 'base64')
}

describe('the handshake', () => {
  it('is a challenge that only the owner of the token can answer; messages go where it was', async () => {
    expect(await register()).toMatchObject({ status: 'enabled', why: null })
    await seed({ order_id: PAID })

    expect(receiver.received.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /hook', 'POST /hook'])
    expect(receiver.received[0]?.query).toMatch(/^challenge_code=[0-9a-f-]{36}$/)
  })

  it('is about the address as it stands at eBay, which may be that of a proxy', async () => {
    const endpoint = 'https://hooks.example.com/webhooks/ebay'
    expect(await register({ endpoint })).toMatchObject({ status: 'refused', why: expect.stringContaining('challengeResponse') })

    await receiver.close()
    receiver = await startReceiver((request) => challengeAnswer(request, TOKEN, endpoint))
    expect(await register({ endpoint })).toMatchObject({ status: 'enabled' })
  })

  it.each<[string, (request: Received) => Answer, RegExp]>([
    ['with the wrong token', (request) => challengeAnswer(request, 'another-token'), /another challengeResponse/],
    ['with another status', (request) => ({ ...challengeAnswer(request), status: 202 }), /202 instead of 200/],
    ['with words', () => ({ status: 200, body: 'hello' }), /not JSON/],
    ['with nothing in it', () => ({ status: 200, body: 'null' }), /another challengeResponse/],
  ])('answered %s keeps messages away', async (_, answer, why) => {
    await receiver.close()
    receiver = await startReceiver(answer)
    expect(await register()).toMatchObject({ status: 'refused', why: expect.stringMatching(why) })
    await seed({ order_id: PAID })

    expect(posts()).toEqual([])
  })

  it('of somebody who is not on this machine is never tried', async () => {
    ebay.act('destination', { url: 'https://hooks.example.com/hook', verification_token: TOKEN })
    await ebay.sandbox.settle()

    expect(ebay.books().destinations).toMatchObject([{ status: 'refused', why: 'status 0 instead of 200' }])
    expect(ebay.sandbox.outbox()).toMatchObject([{ topic: 'challenge', state: 'refused' }])
  })

  it('needs a token of the right form, and an address that is taken back gets nothing more', async () => {
    expect(() => ebay.act('destination', { url: receiver.origin, verification_token: 'short' })).toThrow(/32 to 80/)
    await register()
    ebay.act('destination', { url: `${receiver.origin}/hook`, remove: true })
    await seed({ order_id: PAID })

    expect(ebay.books().destinations).toEqual([])
    expect(posts()).toEqual([])
  })
})

describe('ORDER_CONFIRMATION', () => {
  beforeEach(() => register())

  it('comes once for each line of a paid order, in the envelope of the Notification API', async () => {
    await seed({
      order_id: PAID,
      lines: [
        { item_id: '1', transaction_id: '2' },
        { item_id: '3', transaction_id: '4' },
      ],
    })

    expect(messages()).toHaveLength(2)
    expect(messages()[0]).toEqual({
      metadata: { topic: 'ORDER_CONFIRMATION', schemaVersion: '1.0', deprecated: false },
      notification: {
        notificationId: expect.stringMatching(/^[0-9a-f-]{36}_[0-9a-f-]{36}$/),
        eventDate: iso(NOW),
        publishDate: iso(NOW),
        publishAttemptCount: 1,
        data: { orderId: PAID, orderLineItemId: expect.stringMatching(/^\d-\d$/) },
      },
    })
    expect(
      messages()
        .map(({ notification }) => notification.data.orderLineItemId)
        .sort(),
    ).toEqual(['1-2', '3-4'])
    expect(new Set(messages().map(({ notification }) => notification.notificationId)).size).toBe(2)
  })

  it('waits for the payment, and comes again when a payment that failed clears', async () => {
    await seed({ order_id: PAID, payment: 'PENDING' }, { order_id: '11-00001-00002', payment: 'UNPAID' })
    expect(posts()).toEqual([])

    ebay.act('pay', { order_id: '11-00001-00002' })
    ebay.act('set-payment', { order_id: PAID, payment: 'PAID' })
    ebay.act('set-payment', { order_id: PAID, payment: 'FAILED' })
    ebay.act('set-payment', { order_id: PAID, payment: 'PAID' })
    ebay.act('set-payment', { order_id: PAID, payment: 'PAID' })
    await ebay.sandbox.settle()
    expect(
      messages()
        .map(({ notification }) => notification.data.orderId)
        .sort(),
    ).toEqual([PAID, PAID, '11-00001-00002'])
  })

  it('comes for orders that are added later, and for those of one seller only where that is wanted', async () => {
    ebay.seed({ accounts: [{ user: 'second' }] })
    await register({ user: 'second' })
    ebay.act('add-orders', [{ order_id: PAID }, { order_id: '11-00001-00002', user: 'second' }])
    await ebay.sandbox.settle()

    expect(messages().map(({ notification }) => notification.data.orderId)).toEqual(['11-00001-00002'])
  })
})

describe('other topics', () => {
  beforeEach(() => register())

  it('a deleted account is named as the buyer of an order is, and in two ways more', async () => {
    await seed({ order_id: PAID, payment: 'UNPAID', buyer: { user_id: 'ada_buys' } })
    await notify({ topic: 'MARKETPLACE_ACCOUNT_DELETION', order_id: PAID })
    await notify({ topic: 'MARKETPLACE_ACCOUNT_DELETION', data: { userId: 'ma8vp1jySJC' } })

    expect(messages().map(({ notification }) => notification.data)).toEqual([
      { username: 'ada_buys', userId: expect.stringMatching(/^[A-Za-z0-9]{11}$/), eiasToken: expect.stringMatching(/==$/) },
      { userId: 'ma8vp1jySJC' },
    ])
  })

  it('a consent that is taken back is told, by hand and when it happens', async () => {
    await notify({ topic: 'AUTHORIZATION_REVOCATION' })
    ebay.act('revoke', {})
    await ebay.sandbox.settle()

    expect(messages()).toHaveLength(2)
    for (const { metadata, notification } of messages()) {
      expect(metadata.topic).toBe('AUTHORIZATION_REVOCATION')
      expect(notification.data).toMatchObject({
        username: 'sandbox-seller',
        revokeReason: 'REVOKED_BY_USER',
        revocationDate: iso(NOW),
      })
    }
  })

  it('only go where they are wanted; others can be told with any data', async () => {
    await register({ topics: ['ORDER_CANCELLATION_ACTIVITY'] })
    await notify({ topic: 'AUTHORIZATION_REVOCATION' })
    await seed({ order_id: PAID })
    expect(posts()).toEqual([])

    await notify({ topic: 'ORDER_CANCELLATION_ACTIVITY', order_id: PAID, data: { cancelId: '5' } })
    expect(messages().map(({ notification }) => notification.data)).toEqual([
      expect.objectContaining({ orderId: PAID, cancelId: '5' }),
    ])
    expect(() => ebay.act('notify', { topic: 'nonsense' })).toThrow(/give a topic/)
  })
})

describe('the signature', () => {
  it('holds over the body with the public key that is named, and over nothing else', async () => {
    await register()
    await seed({ order_id: PAID })
    const [request] = posts()

    expect(await isGenuine(request)).toBe(true)
    expect(await isGenuine(request, request?.body.replace(PAID, '11-00001-00009'))).toBe(false)
  })

  it('is over the words without blanks, where a destination gets them with blanks', async () => {
    await register({ spaced: true })
    await seed({ order_id: PAID })
    const [request] = posts()

    expect(await isGenuine(request)).toBe(false)
    expect(await isGenuine(request, JSON.stringify(JSON.parse(request?.body ?? '')))).toBe(true)
  })

  it('is made with a new key after a rotation; the old one can be fetched until it is forgotten', async () => {
    await register()
    await notify({ topic: 'AUTHORIZATION_REVOCATION' })
    const { key_id: next } = ebay.act('rotate-key')
    await notify({ topic: 'AUTHORIZATION_REVOCATION' })

    const [before, after] = posts()
    expect(headerIn(after).kid).toBe(next)
    expect(headerIn(before).kid).not.toBe(next)
    expect([await isGenuine(before), await isGenuine(after)]).toEqual([true, true])

    ebay.act('rotate-key', { forget_old: true })
    const gone = await ebay.rest('GET', `${KEYS}/${next}`, undefined, await applicationToken())
    expect(gone).toMatchObject({ status: 404, body: { errors: [{ errorId: 195001, domain: 'API_NOTIFICATION' }] } })
  })
})

describe('an endpoint that does not take a message', () => {
  it('is tried three times with the count in the message, each signed, and then given up', async () => {
    statuses = [412]
    await register({ retry_after_ms: 5 * MINUTE })
    await seed({ order_id: PAID })
    for (let n = 0; n < 5; n += 1) {
      ebay.sandbox.clock.advance(5 * MINUTE)
      await ebay.sandbox.settle()
    }

    expect(messages().map(({ notification }) => [notification.publishAttemptCount, notification.publishDate])).toEqual([
      [1, iso(NOW)],
      [2, iso(NOW + 5 * MINUTE)],
      [3, iso(NOW + 10 * MINUTE)],
    ])
    expect(new Set(messages().map(({ notification }) => notification.notificationId)).size).toBe(1)
    for (const request of posts()) expect(await isGenuine(request)).toBe(true)
    expect(ebay.sandbox.outbox().slice(1)).toMatchObject([
      { n: 2, of: 2, attempt: 1, status: 412 },
      { n: 3, of: 2, attempt: 2, status: 412 },
      { n: 4, of: 2, attempt: 3, status: 412 },
    ])
  })

  it('gets no further try once it has taken it, and a message that got lost counts as one try', async () => {
    await register()
    ebay.sandbox.addFault({ vendor: 'ebay', kind: 'push-lost', match: { body: 'ORDER_CONFIRMATION' } })
    statuses = [503, 202]
    await seed({ order_id: PAID })
    for (let n = 0; n < 5; n += 1) {
      ebay.sandbox.clock.advance(MINUTE)
      await ebay.sandbox.settle()
    }

    expect(messages().map(({ notification }) => notification.publishAttemptCount)).toEqual([2, 3])
    expect(
      ebay.sandbox
        .outbox()
        .slice(1)
        .map(({ state, status }) => `${state} ${status}`),
    ).toEqual(['lost 0', 'answered 503', 'answered 202'])
  })

  it('may get a message twice, word for word', async () => {
    await register()
    ebay.sandbox.addFault({ vendor: 'ebay', kind: 'push-twice' })
    await seed({ order_id: PAID })

    const [first, second] = posts()
    expect(posts()).toHaveLength(2)
    expect(second?.body).toBe(first?.body)
    expect(second?.headers['x-ebay-signature']).toBe(first?.headers['x-ebay-signature'])
  })
})

describe('getPublicKey', () => {
  it('is for a token of the application; a user or nobody is refused', async () => {
    await register()
    await seed({ order_id: PAID })
    const path = `${KEYS}/${headerIn(posts()[0]).kid}`

    expect((await ebay.rest('GET', path)).status).toBe(403)
    expect((await ebay.rest('GET', path, undefined, 'nonsense')).status).toBe(401)
    expect((await ebay.rest('DELETE', path, undefined, await applicationToken())).status).toBe(405)
    const answer = await ebay.rest('GET', path, undefined, await applicationToken())
    expect(answer.body).toEqual({ algorithm: 'ECDSA', digest: 'SHA1', key: expect.any(String) })
    expect(ebay.books().calls.getPublicKey).toBe(3)
  })

  it('has its own calls of a day, and can be made to fail', async () => {
    await register()
    await seed({ order_id: PAID })
    const path = `${KEYS}/${headerIn(posts()[0]).kid}`
    const token = await applicationToken()
    ebay.act('fail-call', { call: 'getPublicKey' })
    expect(await ebay.rest('GET', path, undefined, token)).toMatchObject({
      status: 500,
      body: { errors: [{ errorId: 195000, domain: 'API_NOTIFICATION', category: 'APPLICATION' }] },
    })
    ebay.seed({ quotas: { notification: 2 } })
    expect((await ebay.rest('GET', path, undefined, token)).status).toBe(200)
    expect((await ebay.rest('GET', path, undefined, token)).status).toBe(429)
  })

  it.skipIf(!MODELS_FOUND)(titleWithModels('answers as the published model says'), async () => {
    const models = loadModels()
    await register()
    await seed({ order_id: PAID })
    const token = await applicationToken()
    for (const keyId of [headerIn(posts()[0]).kid, 'none']) {
      const { status } = await ebay.rest('GET', `${KEYS}/${keyId}`, undefined, token)
      const last = ebay.sandbox.journal().at(-1)!
      expect(status).toBe(keyId === 'none' ? 404 : 200)
      expect(judge(models, last)).toEqual({ operation: `GET ${KEYS}/{public_key_id}`, problems: [] })
      if (status === 200) {
        const off = { ...JSON.parse(last.replyBody), key: 7 }
        expect(judge(models, { ...last, replyBody: JSON.stringify(off) }).problems).toHaveLength(1)
        expect(judge(models, { ...last, replyBody: JSON.stringify({ ...off, key: '', kid: '' }) }).problems).toHaveLength(1)
      }
    }
  })
})
