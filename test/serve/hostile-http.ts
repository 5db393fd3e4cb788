import { gzipSync } from 'node:zlib'
import type { Kind } from './hostile-attacks.ts'
import { httpRequest, inChunks } from './hostile-raw.ts'
import { genuine, senders } from './hostile-world.ts'

const BROKEN = [400, 0]
const MB = 1_048_576

const json = { 'content-type': 'application/json' }
/** A bomb: 10 MB of nothing in 10 kB. */
const bomb = gzipSync(Buffer.alloc(10 * MB))
const zeros = Buffer.alloc(10 * MB, 0x20)

const openings = [
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'GET /\r\n\r\n',
  'GET / HTTP/9.9\r\nHost: a\r\n\r\n',
  'POST /webhooks/zoho HTTP/1.1\r\n\r\n',
  'POST /webhooks/zoho HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n',
  'POST /webhooks/zoho HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n',
  'POST /webhooks/zoho HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabc',
  'POST /webhooks/zoho HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'POST /webhooks/zoho HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
  'POST /webhooks/zoho HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\na\r\n',
  'POST /webhooks/zoho HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n',
  'POST /webhooks/zoho HTTP/1.1\r\nHost: a\r\nNo colon here\r\n\r\n',
  'POST /webhooks/zoho HTTP/1.1\r\nHost: a\r\nX-A: b\r\n folded\r\n\r\n',
  'POST /webhooks/zoho HTTP/1.1\r\nHost: a\r\nX-A: b\0c\r\n\r\n',
  'POST /webhooks/zoho HTTP/1.1\nHost: a\n\n',
  'post /webhooks/zoho HTTP/1.1\r\nHost: a\r\n\r\n',
  'FETCH /webhooks/zoho HTTP/1.1\r\nHost: a\r\n\r\n',
  '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
  '\0'.repeat(4_000),
  '\r\n'.repeat(2_000),
  `GET /${'a'.repeat(70_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
]

/** What is no HTTP, or not the HTTP that anybody means. */
export const httpKinds: readonly Kind[] = [
  {
    kind: 'random bytes',
    share: 6,
    make: (chance) => ({ wire: [chance.bytes(1 + chance.below(2_000))], expected: BROKEN, ends: true }),
  },
  {
    kind: 'broken HTTP',
    share: 6,
    make: (chance) => ({
      wire: [Buffer.from(chance.pick(openings), 'latin1')],
      expected: [...BROKEN, 401, 404, 415, 431],
      ends: true,
    }),
  },
  {
    kind: 'a request with bytes changed',
    share: 5,
    make(chance, { proofs, canary, now }) {
      const { path, headers, body } = genuine[chance.pick(['zoho', 'ebay', 'orders'] as const)](proofs, canary, now())
      const unsigned = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.slice(0, -3)]))
      const whole = httpRequest('POST', path, unsigned, body)
      for (let n = 0; n <= chance.below(12); n += 1) whole[chance.below(whole.length)] = chance.below(256)
      return { wire: [whole], expected: [...BROKEN, 401, 404, 405, 412, 413, 415, 431, 501, 503], ends: true }
    },
  },
  {
    kind: 'too many headers',
    share: 2,
    make(chance, { canary }) {
      const many = Object.fromEntries(Array.from({ length: 1_500 }, (_, n) => [`x-${n}-${chance.word(4)}`, canary]))
      return { wire: [httpRequest('POST', '/webhooks/zoho', many, '{}')], expected: [431, 0] }
    },
  },
  {
    kind: 'a header without end',
    share: 2,
    make: (chance, { canary }) => ({
      wire: [httpRequest('POST', '/webhooks/zoho', { 'x-zoho-webhook-signature': `${canary}${chance.word(20_000)}` }, '{}')],
      expected: [431, 0],
    }),
  },
  {
    kind: 'the same header twice',
    share: 3,
    make(chance, { proofs, canary, now }) {
      const sender = chance.pick(['zoho', 'amazon', 'ebay', 'orders'] as const)
      const { path, headers, body } = genuine[sender](proofs, canary, now())
      const lines = Object.entries({ host: 'a', connection: 'close', 'content-length': String(body.length), ...headers })
      const twice = lines.map(([name, value]) => {
        const isProof = ['x-zoho-webhook-signature', 'x-isync-key', 'x-ebay-signature', 'webhook-id'].includes(name)
        return `${name}: ${value}\r\n${isProof ? `${name}: ${chance.word(20)}\r\n` : ''}`
      })
      return {
        wire: [Buffer.from(`POST ${path} HTTP/1.1\r\n${twice.join('')}\r\n`, 'latin1'), body],
        expected: [400, 401, 412],
      }
    },
  },
  {
    kind: 'another method',
    share: 4,
    make(chance, { proofs, canary, now }) {
      const { path, headers, body } = genuine[chance.pick(senders)](proofs, canary, now())
      const method = chance.pick(['PUT', 'DELETE', 'PATCH', 'TRACE', 'OPTIONS', 'HEAD', 'PROPFIND', 'CONNECT'])
      return { wire: [httpRequest(method, path, headers, body)], expected: method === 'CONNECT' ? BROKEN : [405] }
    },
  },
  {
    kind: 'a GET where there is none',
    share: 1,
    make(chance, { proofs, canary, now }) {
      const { path, headers } = genuine[chance.pick(['shipstation', 'zoho', 'amazon', 'orders'] as const)](proofs, canary, now())
      return { wire: [httpRequest('GET', path, headers)], expected: [405] }
    },
  },
  {
    kind: 'another type',
    share: 2,
    make(chance, { proofs, canary, now }) {
      const { path, headers, body } = genuine[chance.pick(['ebay', 'amazon', 'orders'] as const)](proofs, canary, now())
      const type = chance.pick([
        'text/plain',
        'application/xml',
        'multipart/form-data; boundary=x',
        'application/jsonp',
        '',
        'json',
      ])
      return { wire: [httpRequest('POST', path, { ...headers, 'content-type': type }, body)], expected: [415] }
    },
  },
  {
    kind: 'a packed body',
    share: 2,
    make(chance, { proofs, canary, now }) {
      const { path, headers } = genuine[chance.pick(senders)](proofs, canary, now())
      const packing = chance.pick(['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip', 'compress'])
      return { wire: [httpRequest('POST', path, { ...headers, 'content-encoding': packing }, bomb)], expected: [415, 0] }
    },
  },
  {
    kind: 'ten megabytes',
    share: 0.5,
    make(chance, { proofs, canary, now }) {
      const { path, headers } = genuine[chance.pick(senders)](proofs, canary, now())
      return { wire: [httpRequest('POST', path, headers, zeros)], expected: [413, 0] }
    },
  },
  {
    kind: 'ten megabytes in chunks',
    share: 0.5,
    make(chance, { proofs, canary, now }) {
      const { path, headers } = genuine[chance.pick(senders)](proofs, canary, now())
      return { wire: [inChunks(path, headers, zeros, chance.pick([100_000, MB]))], expected: [413, 0] }
    },
  },
  {
    kind: 'a body shorter than it says',
    share: 3,
    make(chance, { proofs, canary, now }) {
      const { path, headers, body } = genuine[chance.pick(senders)](proofs, canary, now())
      const length = String(body.length + 1 + chance.below(9_000))
      return { wire: [httpRequest('POST', path, { ...headers, 'content-length': length }, body)], expected: BROKEN, ends: true }
    },
  },
  {
    kind: 'a body longer than it says',
    share: 2,
    make(chance, { proofs, canary, now }) {
      const { path, headers, body } = genuine[chance.pick(['shipstation', 'zoho', 'ebay', 'orders'] as const)](
        proofs,
        canary,
        now(),
      )
      const length = String(body.length - 1 - chance.below(20))
      return {
        wire: [httpRequest('POST', path, { ...headers, 'content-length': length }, body)],
        expected: [...BROKEN, 401, 412],
      }
    },
  },
  {
    kind: 'chunks with trailers, and a proof in them',
    share: 2,
    make(chance, { proofs, canary, now }) {
      const { path, headers, body } = genuine[chance.pick(['zoho', 'ebay', 'amazon', 'orders'] as const)](proofs, canary, now())
      return { wire: [inChunks(path, json, body, 1 + chance.below(50), headers)], expected: [401, 412] }
    },
  },
  {
    kind: 'many requests in one breath',
    share: 2,
    make(chance, { canary }) {
      const one = (connection: string) =>
        httpRequest('POST', `/webhooks/${chance.pick(['zoho', 'ebay', 'nobody'])}`, { ...json, connection }, `{"a":"${canary}"}`)
      return {
        wire: [Buffer.concat([...Array.from({ length: 19 }, () => one('keep-alive')), one('close')])],
        expected: [401, 404, 412],
      }
    },
  },
]
