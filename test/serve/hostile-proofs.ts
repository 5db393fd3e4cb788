import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { KID } from '../connectors/webhook-ebay-world.ts'
import type { Kind } from './hostile-attacks.ts'
import type { Chance } from './hostile-random.ts'
import { httpRequest } from './hostile-raw.ts'
import { fromAmazon, fromEbay, fromShipStation, fromZoho, genuine, type Message, pushOf } from './hostile-world.ts'

const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })

/** What becomes of a right proof before it is shown. */
const spoilings: readonly ((proof: string, chance: Chance) => string)[] = [
  () => '',
  () => ' ',
  () => 'null',
  () => 'undefined',
  (proof) => proof.slice(0, -1),
  (proof) => proof.slice(1),
  (proof) => proof.slice(0, 8),
  (proof) => `${proof}0`,
  (proof) => `${proof}${proof}`,
  (proof) => `${proof}, ${proof}`,
  (proof) => [...proof].reverse().join(''),
  (proof) => Buffer.from(proof).toString('hex'),
  (proof) => Buffer.from(proof).toString('base64'),
  (proof) => (/^[0-9a-f]+$/.test(proof) ? `0x${proof}` : swapped(proof)),
  (proof, chance) => chance.word(proof.length),
  (proof, chance) => {
    const at = chance.below(proof.length)
    return `${proof.slice(0, at)}${proof[at] === 'x' ? 'y' : 'x'}${proof.slice(at + 1)}`
  },
  (proof) => `sha256=${proof}`,
  (_, chance) => '\u00e9'.repeat(1 + chance.below(80)),
]

function swapped(text: string): string {
  return text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase()
}

/** With the named header changed. */
function spoilt({ path, headers, body }: Message, name: string, change: (value: string) => string): Buffer {
  return httpRequest('POST', path, { ...headers, [name]: change(headers[name] ?? '') }, body)
}

/** Lacking proof. */
export const proofKinds: readonly Kind[] = [
  {
    kind: 'zoho: a wrong signature',
    share: 5,
    make(chance, { proofs, canary, now }) {
      const message = genuine.zoho(proofs, canary, now())
      return {
        wire: [spoilt(message, 'x-zoho-webhook-signature', (proof) => chance.pick(spoilings)(proof, chance))],
        expected: [401],
      }
    },
  },
  {
    kind: 'amazon: a wrong key',
    share: 4,
    make(chance, { proofs, canary, now }) {
      const message = genuine.amazon(proofs, canary, now())
      return { wire: [spoilt(message, 'x-isync-key', (proof) => chance.pick(spoilings)(proof, chance))], expected: [401] }
    },
  },
  {
    kind: 'orders: a wrong signature',
    share: 5,
    make(chance, { proofs, canary, now }) {
      const message = genuine.orders(proofs, canary, now())
      const change = (shown: string) => {
        const [version = '', proof = ''] = shown.split(/,(.*)/s)
        return chance.pick([
          `${version},${chance.pick(spoilings.slice(0, 8))(proof, chance)}`,
          `v2,${proof}`,
          proof,
          `v1a,${proof}`,
        ])
      }
      return { wire: [spoilt(message, 'webhook-signature', (shown) => `${change(shown)}`)], expected: [401] }
    },
  },
  {
    kind: 'orders: a time outside of the window',
    share: 3,
    make(chance, { proofs, canary, now }) {
      const off = chance.pick([-302_000, 330_000, -86_400_000, 86_400_000, -now(), 8.64e14])
      const { path, headers, body } = pushOf(proofs, canary, now() + off, { order_ids: [canary] })
      return { wire: [httpRequest('POST', path, headers, body)], expected: [401] }
    },
  },
  {
    kind: 'orders: another time or name than was signed',
    share: 2,
    make(chance, { proofs, canary, now }) {
      const message = genuine.orders(proofs, canary, now())
      const wire = chance.pick([
        spoilt(message, 'webhook-timestamp', (at) => String(Number(at) + 1)),
        spoilt(message, 'webhook-timestamp', (at) => `${at}.0`),
        spoilt(message, 'webhook-timestamp', () => 'NaN'),
        spoilt(message, 'webhook-id', (id) => `${id}x`),
        spoilt(message, 'webhook-id', () => ''),
      ])
      return { wire: [wire], expected: [401] }
    },
  },
  {
    kind: 'a body that was not signed',
    share: 4,
    make(chance, { captured, canary }) {
      const message = chance.pick(captured.filter(({ path }) => !/shipstation|amazon/.test(path)))
      const body = chance.pick([
        Buffer.concat([message.body, Buffer.from('.')]),
        Buffer.from(message.body.toString('utf8').replace(/\d/, '7x')),
        Buffer.from(`{"order_ids":["${canary}"],"item_id":"1"}`),
        message.body.subarray(0, -1),
        Buffer.alloc(0),
      ])
      return { wire: [httpRequest('POST', message.path, message.headers, body)], expected: [400, 401, 412] }
    },
  },
  {
    kind: 'ebay: a signature by somebody else',
    share: 3,
    make(chance, { proofs, canary, now }) {
      const { path, headers, body } = genuine.ebay(proofs, canary, now())
      const der = sign('sha1', body, other.privateKey).toString('base64')
      const zero = Buffer.from('3006020100020100', 'hex').toString('base64')
      const shown = chance.pick([der, zero, Buffer.alloc(64).toString('base64'), chance.bytes(70).toString('base64')])
      const header = { alg: 'ecdsa', kid: KID, signature: shown, digest: 'SHA1' }
      const text = Buffer.from(JSON.stringify(header)).toString('base64')
      return { wire: [httpRequest('POST', path, { ...headers, 'x-ebay-signature': text }, body)], expected: [412] }
    },
  },
  {
    kind: 'ebay: another algorithm',
    share: 3,
    make(chance, { proofs, canary, now }) {
      const { body } = genuine.ebay(proofs, canary, now())
      const hmac = createHmac('sha256', proofs.pair.line).update(body).digest('base64')
      const over = chance.pick([
        { alg: 'none', signature: '' },
        { alg: 'none' },
        { alg: 'HS256', signature: hmac },
        { alg: 'HS256', digest: 'SHA256', signature: hmac },
        { alg: 'ecdsa', signature: hmac },
        { alg: 'ecdsa', digest: 'MD5' },
        { alg: 'ecdsa', digest: 'SHA256' },
        { alg: 'rsa' },
        { alg: null },
        { digest: { toString: 'SHA1' } },
        { signature: null },
        { kid: null },
        { kid: '../../identity/v1/oauth2/token' },
        { kid: `${KID}?x=1` },
        { kid: '..%2f..%2fsell' },
        { kid: [KID] },
      ])
      const { path, headers } = fromEbay(proofs, body, over)
      return { wire: [httpRequest('POST', path, headers, body)], expected: [412] }
    },
  },
  {
    kind: 'ebay: a key that nobody knows',
    share: 5,
    make(_, { proofs, canary }) {
      const notice = { metadata: { topic: 'MARKETPLACE_ACCOUNT_DELETION' }, notification: { notificationId: canary, data: {} } }
      const { path, headers, body } = fromEbay(proofs, notice, { kid: randomUUID() })
      // After some of them it is not even asked: then it cannot be told.
      return { wire: [httpRequest('POST', path, headers, body)], expected: [412, 503] }
    },
  },
  {
    kind: 'ebay: a header that is no signature',
    share: 2,
    make(chance, { proofs, canary, now }) {
      const message = genuine.ebay(proofs, canary, now())
      const text = chance.pick([
        '',
        'e30=',
        'bnVsbA==',
        '%%%',
        'W10=',
        Buffer.from('['.repeat(1_400)).toString('base64'),
        chance.word(3_000),
      ])
      return { wire: [spoilt(message, 'x-ebay-signature', () => text)], expected: [412] }
    },
  },
  {
    kind: 'ebay: a handshake that is none',
    share: 1,
    make(chance, { canary }) {
      const query = chance.pick([
        '',
        '?challenge_code=',
        `?challenge_code=${canary}&challenge_code=x`,
        '?challenge_code=a%20b',
        `?challenge_code=${'a'.repeat(300)}`,
        '?challenge_code=%0d%0a',
      ])
      return { wire: [httpRequest('GET', `/webhooks/ebay${query}`)], expected: [400] }
    },
  },
  {
    kind: 'a right proof of a message that is none',
    share: 6,
    make(chance, { proofs, canary, now }) {
      const content = chance.pick(contents)(canary)
      const message = chance.pick([
        fromShipStation(proofs, content.toString('latin1')),
        fromEbay(proofs, content),
        pushOf(proofs, `m-${chance.word(12)}`, now(), content),
      ])
      return { wire: [httpRequest('POST', message.path, message.headers, message.body)], expected: [400] }
    },
  },
  {
    kind: 'a right proof of JSON without bottom',
    share: 2,
    make(chance, { proofs, now }) {
      // As deep as a body may be long, and deeper.
      const depth = chance.pick([130_000, 130_000, 1_000_000])
      const deep = Buffer.from(`${'['.repeat(depth)}${']'.repeat(depth)}`)
      const message = chance.pick([
        () => fromShipStation(proofs, deep.toString()),
        () => fromEbay(proofs, deep),
        () => pushOf(proofs, `d-${chance.word(12)}`, now(), deep),
      ])()
      return { wire: [httpRequest('POST', message.path, message.headers, message.body)], expected: [400, 413, 0] }
    },
  },
  {
    kind: 'amazon: a right key and the path of nobody',
    share: 1,
    make(_, { proofs, canary }) {
      const { headers, body } = fromAmazon(proofs, { canary })
      return { wire: [httpRequest('POST', '/webhooks/amazon/x', headers, body)], expected: [404] }
    },
  },
  {
    kind: 'zoho: a right signature and the path of nobody',
    share: 1,
    make(_, { proofs, canary }) {
      const { headers, body } = fromZoho(proofs, { canary })
      return { wire: [httpRequest('POST', '/webhooks/zoho/x', headers, body)], expected: [404] }
    },
  },
]

/** What no sender sends, though it may come with the right proof. */
const contents: readonly ((canary: string) => Buffer)[] = [
  () => Buffer.alloc(0),
  () => Buffer.from('null'),
  () => Buffer.from('[]'),
  () => Buffer.from('0'),
  () => Buffer.from('1e999'),
  () => Buffer.from('"\\ud800"'),
  () => Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
  () => Buffer.from([0xc3, 0x28, 0xed, 0xa0, 0x80]),
  (canary) => Buffer.from(`{"__proto__":{"order_ids":["${canary}"],"resource_url":"x"}}`),
  (canary) => Buffer.from(`{"constructor":{"prototype":{"${canary}":1}},"order_ids":[]}`),
  (canary) => Buffer.from(`{"order_ids":[{"toString":"${canary}"}],"metadata":{"topic":"__proto__"}}`),
  (canary) => Buffer.from(`{"order_ids":["${canary}\\u0000"],"notification":[]}`),
  (canary) => Buffer.from(`{"order_ids":${JSON.stringify(Array.from({ length: 501 }, () => canary))}}`),
  (canary) => Buffer.from(`<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;${canary}</a>`),
  (canary) => Buffer.from(`order_ids=${canary}&resource_url=x`),
]
