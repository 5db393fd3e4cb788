import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createEbayWebhook } from '../../src/connectors/ebay/webhook.ts'
import {
  aKeyPair,
  aNotice,
  type EbayHooks,
  type EbayKeys,
  KID,
  listening,
  noticed,
  PUBLIC_URL,
  signatureOf,
  startEbayKeys,
  VERIFICATION,
} from './webhook-ebay-world.ts'
import { judged, leadsTo, NOW, readsAnything, refused, refusesAnything, signal, theOne } from './webhook-world.ts'

const pair = aKeyPair()
const ORDER = aNotice('ORDER_CONFIRMATION', {
  user: { userId: 'seller-id', username: 'our_shop' },
  order: { orderId: '12-34567-89012', orderLineItems: [{ orderLineItemId: '1', listingId: '110', quantity: 1 }] },
})

async function open(): Promise<EbayHooks & { readonly ebay: EbayKeys }> {
  const ebay = await startEbayKeys(pair)
  return { ...listening(ebay.server.origin), ebay }
}

describe('the handshake', () => {
  const { source } = listening('http://127.0.0.1:9')
  const asked = (value: string, rest = '') => ({ method: 'GET', rest, query: [['challenge_code', value]] as const })

  it('answers with the digest of code, token and address', async () => {
    const digest = (endpoint: string) => createHash('sha256').update(`a1b2c3${VERIFICATION}${endpoint}`).digest('hex')
    expect(await judged(source, asked('a1b2c3'))).toEqual({
      status: 'handshake',
      answer: { challengeResponse: digest(`${PUBLIC_URL}/webhooks/ebay`) },
    })
    expect(await judged(source, asked('a1b2c3', 'ebay-uk'))).toMatchObject({
      answer: { challengeResponse: digest(`${PUBLIC_URL}/webhooks/ebay/ebay-uk`) },
    })
  })

  it("signs nothing that is no code of eBay's", async () => {
    for (const code of ['', 'a b', 'a\n', '<x>', 'x'.repeat(257)])
      expect(await judged(source, asked(code))).toEqual(refused('shape'))
    expect(await judged(source, { method: 'GET' })).toEqual(refused('shape'))
    const twice = [...asked('a').query, ...asked('b').query]
    expect(await judged(source, { method: 'GET', query: twice })).toEqual(refused('shape'))
    expect(await judged(source, asked('a', 'ebay-fr'))).toEqual(refused('path'))
  })

  it('needs to know its own address', async () => {
    const homeless = createEbayWebhook({ verificationTokens: [VERIFICATION], channels: [] }, [])
    expect(await judged(homeless, asked('a1b2c3'))).toEqual(refused('address'))
  })
})

describe('a signed message', () => {
  it('about an order is one of every channel that it may be of', async () => {
    const { source } = await open()
    expect(await leadsTo(source, noticed(ORDER, { pair }))).toEqual({
      kind: 'orders',
      orders: [
        {
          channel: 'ebay-us',
          order: {
            externalOrderId: '12-34567-89012',
            deliveryId: ORDER.notification.notificationId,
            changedAt: Date.parse('2026-11-21T14:59:00Z'),
            wholeFrom: Date.parse('2026-11-21T15:01:00Z'),
          },
        },
      ],
    })
    expect(await leadsTo(source, { ...noticed(ORDER, { pair }), rest: 'ebay-us' })).toMatchObject({ kind: 'orders' })
    // That channel is switched off.
    expect(await leadsTo(source, { ...noticed(ORDER, { pair }), rest: 'ebay-uk' })).toMatchObject({ kind: 'nothing' })
    expect(await judged(source, { ...noticed(ORDER, { pair }), rest: 'ebay-fr' })).toEqual(refused('path'))
  })

  it('is known by its number, and is the same when it comes again', async () => {
    const { source } = await open()
    const { notificationId } = ORDER.notification
    const first = await theOne(source, noticed(ORDER, { pair }))
    expect(first).toMatchObject({ key: notificationId, repeated: 'same', topic: 'ORDER_CONFIRMATION' })
    const again = { ...ORDER, notification: { ...ORDER.notification, publishAttemptCount: 2 } }
    expect((await theOne(source, noticed(again, { pair }))).key).toBe(first.key)
    expect((await theOne(source, { ...noticed(ORDER, { pair }), rest: 'ebay-us' })).key).toBe(`ebay-us:${notificationId}`)
    const long = aNotice('ORDER_CONFIRMATION', {}, 'x'.repeat(120))
    expect((await theOne(source, noticed(long, { pair }))).key).toMatch(/^[0-9a-f]{64}$/)
  })

  it('about a deleted account is for all channels, switched off or not', async () => {
    const { source } = await open()
    const account = { username: 'a_buyer', userId: 'ma8vp1jySJC', eiasToken: 'nY+sHZ2Pr==' }
    const erase = (data: unknown) => leadsTo(source, noticed(aNotice('MARKETPLACE_ACCOUNT_DELETION', data), { pair }))
    expect(await erase(account)).toEqual({
      kind: 'erase-buyer',
      channels: ['ebay-us', 'ebay-uk'],
      buyer: { username: 'a_buyer', userId: 'ma8vp1jySJC', token: 'nY+sHZ2Pr==' },
    })
    expect(await erase({ userId: 'ma8vp1jySJC', username: null })).toMatchObject({ buyer: { userId: 'ma8vp1jySJC' } })
    expect(await erase({ username: ' ' })).toEqual({ kind: 'unreadable', why: 'MARKETPLACE_ACCOUNT_DELETION names nobody' })
  })

  it('about a consent names the channels that nobody can call any more', async () => {
    const { source } = await open()
    const revoked = noticed(aNotice('AUTHORIZATION_REVOCATION', { userId: 'x', revokeReason: 'REVOKED_BY_USER' }), { pair })
    expect(await leadsTo(source, revoked)).toEqual({ kind: 'consent-revoked', channels: ['ebay-us'] })
  })

  it('about a cancellation is read by the number of the order, if it has one', async () => {
    const { source } = await open()
    const cancel = (data: unknown) => leadsTo(source, noticed(aNotice('ORDER_CANCELLATION_ACTIVITY', data), { pair }))
    expect(await cancel({ cancellation: { cancelId: '5', orderId: '12-34567-89012' } })).toMatchObject({
      kind: 'orders',
      orders: [{ order: { externalOrderId: '12-34567-89012' } }],
    })
    expect(await cancel({ cancelId: '5', legacyOrderId: '110000-220000' })).toMatchObject({ kind: 'nothing' })
  })

  it('about anything else asks for nothing', async () => {
    const { source } = await open()
    expect(await leadsTo(source, noticed(aNotice('ITEM_MARKED_SHIPPED', {}), { pair }))).toMatchObject({ kind: 'nothing' })
    expect(await leadsTo(source, noticed(aNotice('ORDER_CONFIRMATION', { order: {} }), { pair }))).toMatchObject({
      kind: 'unreadable',
    })
  })
})

describe('the signature', () => {
  /** Published by eBay with its own verifier, for tests. */
  const sample = {
    key: '-----BEGIN PUBLIC KEY-----MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZhhxXKtR+TOvtDbgTPCkSof02qgBB7IsYOyf76ilExJ/upAa/vKIKheOoCyOpcLmi4t0b4uepb7LLjmMr90FUg==-----END PUBLIC KEY-----',
    header:
      'eyJhbGciOiJlY2RzYSIsImtpZCI6Ijk5MzYyNjFhLTdkN2ItNDYyMS1hMGYxLTk2Y2NiNDI4YWY0OSIsInNpZ25hdHVyZSI6Ik1FWUNJUUNmeGZJV3V4bVdjSUJRSjljNS9YN2lHREpxczJSQ0dzQkVhQWppbnlycmZBSWhBSVY2d0djVGlCdVY1S0pVaWYyaG9reXJMK1E5c3NIa2FkK214Mm5FRTI1dyIsImRpZ2VzdCI6IlNIQTEifQ==',
    message: {
      metadata: { topic: 'MARKETPLACE_ACCOUNT_DELETION', schemaVersion: '1.0', deprecated: false },
      notification: {
        notificationId: '49feeaeb-4982-42d9-a377-9645b8479411_33f7e043-fed8-442b-9d44-791923bd9a6d',
        eventDate: '2021-03-19T20:43:59.462Z',
        publishDate: '2021-03-19T20:43:59.679Z',
        publishAttemptCount: 1,
        data: {
          username: 'test_user',
          userId: 'ma8vp1jySJC',
          eiasToken: 'nY+sHZ2PrBmdj6wVnY+sEZ2PrA2dj6wJnY+gAZGEpwmdj6x9nY+seQ==',
        },
      },
    },
  }

  it("of eBay's published sample is found good, and bad as soon as the message is another", async () => {
    const { ebay, source } = await open()
    ebay.keys.set(KID, { key: sample.key, algorithm: 'ECDSA', digest: 'SHA1' })
    const headers = { 'x-ebay-signature': sample.header }
    expect(await leadsTo(source, { body: sample.message, headers })).toMatchObject({ buyer: { username: 'test_user' } })
    // Written by somebody in between, with other blanks: eBay's verifiers do not mind, and neither does this one.
    expect(await judged(source, { body: JSON.stringify(sample.message, null, 2), headers })).toMatchObject({ status: 'genuine' })
    const tampered = JSON.stringify(sample.message).replace('test_user', 'test_users')
    expect(await judged(source, { body: tampered, headers })).toEqual(refused('signature'))
  })

  it('is over the bytes as they came, whatever a parser makes of them', async () => {
    const { source } = await open()
    const body = JSON.stringify(ORDER, null, 3).replace('"quantity": 1', '"quantity": 1.0')
    const headers = { 'x-ebay-signature': signatureOf(body, { pair }) }
    expect(await judged(source, { body, headers })).toMatchObject({ status: 'genuine' })
    expect(await judged(source, { body: body.replace('1.0', '1'), headers })).toEqual(refused('signature'))
  })

  it('is not believed by another key, another digest, or in another form', async () => {
    const { source, ebay } = await open()
    const body = JSON.stringify(ORDER)
    const with_ = (header: string) => judged(source, { body, headers: { 'x-ebay-signature': header } })
    const shown = (over: object) =>
      Buffer.from(JSON.stringify({ alg: 'ecdsa', kid: KID, signature: 'MEUCIQ==MEUC', digest: 'SHA1', ...over })).toString(
        'base64',
      )
    expect(await with_(signatureOf(body, { pair }))).toMatchObject({ status: 'genuine' })
    for (const header of [
      signatureOf(body, { pair: aKeyPair() }),
      signatureOf(body, { pair, digest: 'SHA256' }),
      // Good, but not what it says it is.
      Buffer.from(JSON.stringify({ ...headerOf(signatureOf(body, { pair })), digest: 'SHA256' })).toString('base64'),
      signatureOf(body, { pair, alg: 'none' }),
      signatureOf(body, { pair, alg: 'HS256' }),
      signatureOf(body, { pair, kid: '../../v2/config' }),
      signatureOf(body, { pair, kid: 'a' }),
      shown({ signature: 'AAAAAAAA' }),
      shown({ signature: '' }),
      shown({ signature: Buffer.alloc(70).toString('base64') }),
      shown({ digest: 'MD5' }),
      'AAAA',
      '',
      'x'.repeat(5000),
    ])
      expect(await with_(header), header).toEqual(refused('signature'))
    expect(await judged(source, { body })).toEqual(refused('signature'))
    expect(ebay.count('key')).toBe(1)
  })

  it('is looked at only where the body is a message', async () => {
    const { source, ebay } = await open()
    for (const body of ['', '{}', '[]', '{"metadata":{"topic":"x y"},"notification":{"notificationId":"1"}}'])
      expect(await judged(source, { body, headers: { 'x-ebay-signature': signatureOf(body, { pair }) } })).toEqual(
        refused('shape'),
      )
    expect(ebay.server.heard).toEqual([])
  })

  it('may have another curve and digest, if eBay says so of its key', async () => {
    const { source, ebay } = await open()
    const strong = aKeyPair('secp384r1')
    ebay.keys.set('strong-key-1', { key: strong.line, algorithm: 'ECDSA', digest: 'SHA-384' })
    const kid = 'strong-key-1'
    expect(await judged(source, noticed(ORDER, { pair: strong, kid, digest: 'SHA384' }))).toMatchObject({ status: 'genuine' })
    expect(await judged(source, noticed(ORDER, { pair: strong, kid, digest: 'SHA1' }))).toEqual(refused('signature'))
  })
})

describe('anything else', () => {
  it('gets nobody in, and asks eBay nothing', async () => {
    const { source, ebay } = await open()
    await refusesAnything(source)
    expect(ebay.server.heard).toEqual([])
  })

  it('is read without harm', () => readsAnything(listening('http://127.0.0.1:9').source))

  it('is not even parsed when it is larger than a message of eBay is', async () => {
    const { source } = await open()
    const large = aNotice('ORDER_CONFIRMATION', { filler: 'x'.repeat(70_000) })
    expect(await judged(source, noticed(large, { pair }))).toEqual(refused('size'))
  })

  it('is told to come back where no channel can ask for the key', async () => {
    const empty = createEbayWebhook({ verificationTokens: [VERIFICATION], publicUrl: PUBLIC_URL, channels: ['ebay-us'] }, [])
    expect(await empty.verify({ ...requestOf(noticed(ORDER, { pair })) }, signal)).toMatchObject({
      status: 'undecided',
      error: { kind: 'retryable' },
    })
    expect(empty.paths().map(({ path }) => path)).toEqual(['/webhooks/ebay'])
  })
})

function headerOf(header: string): object {
  return JSON.parse(Buffer.from(header, 'base64').toString()) as object
}

function requestOf({ body, headers }: { readonly body: string; readonly headers: Readonly<Record<string, string>> }) {
  return { method: 'POST', rest: '', query: [], headers, body: Buffer.from(body), receivedAt: NOW }
}
