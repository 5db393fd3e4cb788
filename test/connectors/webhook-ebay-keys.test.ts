import { describe, expect, it } from 'vitest'
import { followingClock, limitedAccount, type TestAccount } from '../world/gate.ts'
import { aKeyPair, aNotice, type EbayHooks, type EbayKeys, KID, listening, noticed, startEbayKeys } from './webhook-ebay-world.ts'
import { judged, NOW, refused, signal } from './webhook-world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const pair = aKeyPair()
const NOTICE = aNotice('ORDER_CONFIRMATION', { order: { orderId: '12-34567-89012' } })
const hook = (kid = KID) => noticed(NOTICE, { pair, kid })
const strangeKid = (at: number) => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`

interface World extends EbayHooks {
  readonly ebay: EbayKeys
  /** Another process at the same database. */
  other(): EbayHooks
  /** How often the shared limit was asked. */
  takes(): number
  status(kid?: string, at?: EbayHooks): Promise<string>
}

async function open(): Promise<World> {
  const ebay = await startEbayKeys(pair)
  const time = { now: NOW }
  const clock = followingClock(() => time.now)
  const limited = limitedAccount(clock)
  let takes = 0
  const shared: TestAccount = {
    ...limited,
    common(whose) {
      const account = limited.common(whose)
      const take: typeof account.take = (...given) => {
        takes += 1
        return account.take(...given)
      }
      return { ...account, take }
    },
  }
  const listen = () => ({ ...listening(ebay.server.origin, { shared, clock }), clock: time })
  const first = listen()
  return {
    ...first,
    ebay,
    other: listen,
    takes: () => takes,
    status: async (kid, at = first) => (await judged(at.source, hook(kid))).status,
  }
}

describe("eBay's public key", () => {
  it('is asked for once an hour, by whichever process comes first', async () => {
    const world = await open()
    const { ebay, clock, status, other } = world
    const second = other()
    for (let at = 0; at < 5; at += 1) expect(await status()).toBe('genuine')
    expect(await status(KID, second)).toBe('genuine')
    expect([ebay.count('key'), ebay.count('token')]).toEqual([1, 1])
    clock.now += HOUR + 1
    expect(await status()).toBe('genuine')
    expect(await status(KID, second)).toBe('genuine')
    expect([ebay.count('key'), ebay.count('token')]).toEqual([2, 1])
  })

  it('is asked for once by many messages that come together', async () => {
    const { ebay, status } = await open()
    expect(new Set(await Promise.all(Array.from({ length: 30 }, () => status())))).toEqual(new Set(['genuine']))
    expect(ebay.count('key')).toBe(1)
  })

  it('is asked for with a token of the keyset, not of the seller, and a fresh one where that is refused', async () => {
    const { ebay, status, clock } = await open()
    await status()
    const [token, key] = ebay.server.heard
    expect(new URLSearchParams(token?.body).get('grant_type')).toBe('client_credentials')
    expect(token?.body).not.toContain('sandbox-refresh')
    expect(key?.headers['authorization']).toBe('Bearer of-the-keyset')
    clock.now += HOUR + 1
    ebay.outage = { status: 401, body: '{}' }
    expect(await status()).toBe('genuine')
    expect(ebay.count('token')).toBe(2)
  })

  it("is had although the seller's own credentials are refused, and does not say that they are good again", async () => {
    const { status, account } = await open()
    await account.open('invalid_grant')
    expect(await status()).toBe('genuine')
    await expect(account.assertClosed('GetOrders')).rejects.toThrow('invalid_grant')
  })

  it.each([
    ['the vendor is down', { status: 503, body: '' }, 'retryable'],
    ['the vendor has had enough', { status: 429, body: '', headers: { 'retry-after': '30' } }, 'throttled'],
    ['a web page answers', { status: 200, body: '<html>' }, 'retryable'],
    ['the token is refused twice', { status: 401, body: '{}' }, 'auth'],
  ])('cannot be had while %s, so that the sender is to come back', async (_, outage, kind) => {
    const { source, ebay, status } = await open()
    ebay.outage = outage
    expect(await judged(source, hook())).toMatchObject({ status: 'undecided', error: { kind } })
    ebay.outage = undefined
    expect(await status()).toBe('genuine')
  })

  it('serves on for a week where it cannot be renewed, and eBay is asked every ten minutes', async () => {
    const { ebay, clock, status, logged } = await open()
    await status()
    ebay.outage = { status: 503, body: '' }
    clock.now += 2 * HOUR
    for (let at = 0; at < 3; at += 1) expect(await status()).toBe('genuine')
    expect(ebay.count('key')).toBe(2)
    expect(logged.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      'the key of notifications could not be renewed',
    ])
    clock.now += 11 * MINUTE
    expect(await status()).toBe('genuine')
    expect(ebay.count('key')).toBe(3)
    clock.now += 7 * DAY
    expect(await status()).toBe('undecided')
  })

  it('is over when eBay does not know it any more', async () => {
    const { source, ebay, clock, status } = await open()
    await status()
    ebay.keys.delete(KID)
    clock.now += HOUR + 1
    expect(await judged(source, hook())).toEqual(refused('signature'))
  })

  it.each([
    ['a key of another kind', { key: 'MFkw', algorithm: 'ECDSA', digest: 'SHA1' }],
    ['another algorithm', { key: pair.line, algorithm: 'RSA', digest: 'SHA1' }],
    ['a digest that is none', { key: pair.line, algorithm: 'ECDSA', digest: 'MD5' }],
  ])('is not used where it is %s', async (_, answer) => {
    const { source, ebay } = await open()
    ebay.keys.set(KID, answer)
    expect(await judged(source, hook())).toMatchObject({ status: 'undecided', error: { kind: 'permanent' } })
  })
})

describe('ids of keys that nobody knows', () => {
  it('are refused, and not asked about again for ten minutes', async () => {
    const { source, ebay, clock } = await open()
    for (let at = 0; at < 3; at += 1) expect(await judged(source, hook(strangeKid(1)))).toEqual(refused('signature'))
    expect(ebay.count('key')).toBe(1)
    clock.now += 11 * MINUTE
    expect(await judged(source, hook(strangeKid(1)))).toEqual(refused('signature'))
    expect(ebay.count('key')).toBe(2)
  })

  it("do not use up the keyset's calls, however many there are, and the known key goes on meanwhile", async () => {
    const { ebay, clock, status, source, other, takes } = await open()
    expect(await status()).toBe('genuine')
    const second = other()
    const verdicts: string[] = []
    for (let at = 0; at < 60; at += 1) verdicts.push(await status(strangeKid(at), at % 2 === 0 ? undefined : second))
    expect(verdicts.filter((verdict) => verdict === 'genuine')).toEqual([])
    // The twenty at once, less the one that the good key took.
    expect(ebay.count('key')).toBeLessThanOrEqual(20)
    expect(verdicts.at(-1)).toBe('undecided')
    // A flood costs no look into the database once it is known for one.
    expect(takes()).toBeLessThan(30)
    expect(await judged(source, hook(strangeKid(999)))).toMatchObject({
      error: { kind: 'throttled', waitMs: expect.any(Number) },
    })
    clock.now += HOUR + 1
    for (let at = 0; at < 40; at += 1) await status(strangeKid(1000 + at))
    expect(await status()).toBe('genuine')
    expect(ebay.server.heard.at(-1)?.path).toContain(KID)
    expect(ebay.count('key')).toBeLessThanOrEqual(41)
  })

  it('leave a message by a new key of eBay waiting, and then it is believed', async () => {
    const { ebay, clock, status } = await open()
    for (let at = 0; at < 30; at += 1) await status(strangeKid(at))
    const rotated = 'aaaaaaaa-7d7b-4621-a0f1-96ccb428af49'
    ebay.keys.set(rotated, { key: pair.line, algorithm: 'ECDSA', digest: 'SHA1' })
    expect(await status(rotated)).toBe('undecided')
    clock.now += 2 * MINUTE
    expect(await status(rotated)).toBe('genuine')
  })
})

describe('a stop', () => {
  it('of whoever asks is no answer to the others', async () => {
    const { source, ebay } = await open()
    const stopped = new AbortController()
    stopped.abort()
    const { body, headers } = hook()
    const request = { method: 'POST', rest: '', query: [], headers, body: Buffer.from(body), receivedAt: NOW }
    const [first, second] = await Promise.allSettled([source.verify(request, stopped.signal), source.verify(request, signal)])
    expect(first).toMatchObject({ status: 'rejected', reason: { name: 'StoppedError' } })
    expect(second).toMatchObject({ status: 'fulfilled', value: { status: 'genuine' } })
    expect(ebay.count('key')).toBe(1)
  })
})
