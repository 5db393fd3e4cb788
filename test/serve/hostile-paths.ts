import type { Kind, Target } from './hostile-attacks.ts'
import type { Chance } from './hostile-random.ts'
import { httpRequest } from './hostile-raw.ts'
import { fromShipStation, genuine } from './hostile-world.ts'

const body = '{"resource_url":"https://ssapi6.shipstation.com/shipments?batchId=1","resource_type":"SHIP_NOTIFY"}'
const json = { 'content-type': 'application/json' }

/** Ways to write an address that is not the one that was given out; `t` is the right token. */
const tricks: readonly ((t: string) => string)[] = [
  (t) => `//webhooks/shipstation/${t}`,
  (t) => `/webhooks//shipstation/${t}`,
  (t) => `/webhooks/shipstation//${t}`,
  (t) => `/webhooks/shipstation/${t}/`,
  (t) => `/webhooks/shipstation/${t}/x`,
  (t) => `/webhooks/shipstation/${t}//`,
  (t) => `/WEBHOOKS/shipstation/${t}`,
  (t) => `/webhooks/ShipStation/${t}`,
  (t) => `/webhooks/shipstation/${t.toLowerCase()}`,
  (t) => `/webhooks/shipstation/${t.toUpperCase()}`,
  (t) => `/webhooks/shipstation/${t};v=1`,
  (t) => `/webhooks/shipstation/${t}%00`,
  (t) => `/webhooks/shipstation/${t}%20`,
  (t) => `/webhooks/shipstation/${t}%2f`,
  (t) => `/webhooks/shipstation%2f${t}`,
  (t) => `/webhooks%2fshipstation%2f${t}`,
  (t) => `/webhooks/shipstation/%${t.charCodeAt(0).toString(16)}${t.slice(1)}`,
  (t) => `/webhooks/shipstation/${[...t].map((one) => `%${one.charCodeAt(0).toString(16)}`).join('')}`,
  (t) => `/webhooks/shipstation/${t.slice(0, -1)}`,
  (t) => `/webhooks/shipstation/${t}${t}`,
  (t) => `/webhooks/shipstation/${t.slice(1)}`,
  (t) => `/webhooks/shipstation/${'a'.repeat(t.length)}`,
  (t) => `/webhooks/shipstation/?token=${t}`,
  (t) => `/webhooks/shipstation?${t}`,
  (t) => `/webhooks/shipstation/,${t}`,
  (t) => `/webhooks/zoho/${t}`,
  (t) => `/webhooks/amazon/${t}`,
  (t) => `/webhooks/ebay/${t}`,
  (t) => `/webhooks/orders/${t}`,
  (t) => `/webhooks/__proto__/${t}`,
  (t) => `/webhooks/constructor/${t}`,
  (t) => `/webhooks/toString/${t}`,
  (t) => `/webhooks/*/${t}`,
  (t) => `/${t}`,
  (t) => `/api/webhooks/shipstation/${t}`,
  () => '*',
]

/** Ways that a reader of addresses makes the right one of; whoever has the token may find them, and nobody else. */
const detours: readonly ((t: string) => string)[] = [
  (t) => `/x/../webhooks/shipstation/${t}`,
  (t) => `/webhooks/./shipstation/${t}`,
  (t) => `/webhooks/zoho/../shipstation/${t}`,
  (t) => `/webhooks/shipstation/x/../${t}`,
  (t) => `/webhooks/shipstation/x/%2e%2e/${t}`,
  (t) => `/webhooks/shipstation/%2E/${t}`,
  (t) => `/webhooks/shipstation/x\\..\\${t}`,
  (t) => `\\webhooks\\shipstation\\${t}`,
  (t) => `/webhooks/shipstation/${t}#fragment`,
  (t) => `http://evil.example/webhooks/shipstation/${t}`,
  (t) => `https://hooks.example.com/webhooks/shipstation/${t}`,
  (t) => `ftp://hooks.example.com/webhooks/shipstation/${t}`,
  (t) => `http://user:pass@127.0.0.1/webhooks/shipstation/${t}`,
  (t) => `http:/webhooks/shipstation/${t}`,
  (t) => `http:///webhooks/shipstation/${t}`,
  (t) => `webhooks/shipstation/${t}`,
]

/** Addresses in a message of ShipStation's that is genuine but for them; `port` is listened on by nobody who should be called. */
const addresses: readonly ((port: number) => unknown)[] = [
  (port) => `http://127.0.0.1:${port}/shipments`,
  (port) => `http://127.0.0.2:${port}/shipments`,
  (port) => `http://[::1]:${port}/shipments`,
  (port) => `http://[::ffff:127.0.0.1]:${port}/shipments`,
  (port) => `http://localhost:${port}/shipments`,
  (port) => `http://localtest.me:${port}/shipments`,
  (port) => `http://127.0.0.1.nip.io:${port}/shipments`,
  (port) => `http://2130706433:${port}/shipments`,
  (port) => `http://0x7f000001:${port}/shipments`,
  (port) => `http://0177.0.0.1:${port}/shipments`,
  (port) => `http://0x7f.1:${port}/shipments`,
  (port) => `http://0:${port}/shipments`,
  (port) => `http://127.1:${port}/shipments`,
  (port) => `http://169.254.169.254:${port}/latest/meta-data`,
  (port) => `https://ssapi.shipstation.com:${port}/shipments?batchId=1`,
  (port) => `https://ssapi.shipstation.com@127.0.0.1:${port}/shipments`,
  (port) => `https://user:pass@ssapi.shipstation.com/shipments?batchId=${port}`,
  (port) => `https://127.0.0.1:${port}#ssapi.shipstation.com/shipments`,
  (port) => `https://127.0.0.1:${port}?https://ssapi.shipstation.com/shipments`,
  (port) => `https://127.0.0.1:${port}\\@ssapi.shipstation.com/shipments`,
  (port) => `https:\\\\127.0.0.1:${port}/shipments`,
  (port) => `//127.0.0.1:${port}/shipments`,
  () => `//ssapi.shipstation.com/shipments?batchId=1`,
  () => `/shipments?batchId=1`,
  () => `http://ssapi.shipstation.com/shipments?batchId=1`,
  () => `HTTPS://ssapi.shipstation.com/shipments?batchId=1`,
  () => `https://SSAPI.shipstation.com/shipments?batchId=1`,
  () => `https://ssapi.shipstation.com./shipments?batchId=1`,
  () => `https://ssapi.shipstation.com.evil.example/shipments?batchId=1`,
  () => `https://ssapi.shipstation.com%2eevil.example/shipments`,
  () => `https://evil.example/ssapi.shipstation.com/shipments`,
  () => `https://ssapi-evil.shipstation.com/shipments`,
  () => `https://ssapi12345.shipstation.com/shipments`,
  () => `https://ssapi.shipstati\u043en.com/shipments`,
  () => `https://ssapi.shipstation\u3002com/shipments`,
  () => `https://xn--ssapi-shipstation.com/shipments`,
  () => `https://ssapi.ship\tstation.com/shipments`,
  () => `https://ssapi.shipstation.com/ship\nments`,
  () => ` https://ssapi.shipstation.com/shipments`,
  () => `https://ssapi.shipstation.com/shipments\r\nHost: evil.example`,
  () => `https://ssapi.shipstation.com/shipments#@evil.example`,
  () => `https://ssapi.shipstation.com/shipments?a=b c`,
  () => `https://ssapi.shipstation.com/shipments?a=\\evil`,
  () => `https://ssapi.shipstation.com/shipments/`,
  () => `https://ssapi.shipstation.com/shipments/../orders/createorders`,
  () => `https://ssapi.shipstation.com/shipments/%2e%2e/webhooks`,
  () => `https://ssapi.shipstation.com/accounts/registeraccount`,
  () => `https://ssapi.shipstation.com/orders/createorder`,
  () => `https://ssapi.shipstation.com`,
  () => `https://ssapi.shipstation.com/shipments?${'a'.repeat(500)}`,
  () => `file:///etc/passwd`,
  () => `gopher://127.0.0.1:25/_HELO`,
  () => `javascript:alert(1)`,
  () => `data:application/json,{}`,
  () => ``,
  () => null,
  () => 1,
  () => ['https://ssapi.shipstation.com/shipments'],
  () => ({ href: 'https://ssapi.shipstation.com/shipments' }),
  () => 'https://ssapi.shipstation.com/shipments\0',
  () => '\ud800https://ssapi.shipstation.com/shipments',
]

const types: readonly unknown[] = [
  null,
  1,
  {},
  [],
  '',
  'ship_notify',
  'SHIP NOTIFY',
  '__proto__',
  'A'.repeat(100),
  'SHIP_NOTIFY\n',
]

/** Addresses: of requests, and in them. */
export const pathKinds: readonly Kind[] = [
  {
    kind: 'a path that was not given out',
    share: 8,
    make: (chance, { proofs }) => ({
      wire: [httpRequest('POST', chance.pick(tricks)(proofs.token), json, body)],
      expected: [400, 401, 404, 412, 415],
    }),
  },
  {
    kind: 'a path by a detour',
    share: 4,
    make: (chance, { proofs }) => ({
      wire: [httpRequest('POST', chance.pick(detours)(proofs.token), json, body)],
      expected: [400, 401, 404, 0],
    }),
  },
  {
    kind: 'a path of anything',
    share: 4,
    make: (chance, { canary }) => ({
      wire: [httpRequest('POST', pathOf(chance, canary), json, body)],
      expected: [400, 401, 404, 412, 431, 0],
    }),
  },
  {
    kind: 'the path of another sender',
    share: 2,
    make(chance, { proofs, canary, now }) {
      const { path } = genuine[chance.pick(['zoho', 'amazon'] as const)](proofs, canary, now())
      const { headers, body: sent } = genuine[chance.pick(['shipstation', 'ebay', 'orders'] as const)](proofs, canary, now())
      return { wire: [httpRequest('POST', path, headers, sent)], expected: [401] }
    },
  },
  {
    kind: 'an address that is not of ShipStation',
    share: 12,
    make(chance, target) {
      const address = chance.pick(addresses)(target.honeypot)
      return hook(target, { resource_url: address, resource_type: 'SHIP_NOTIFY' })
    },
  },
  {
    kind: 'no event of ShipStation',
    share: 2,
    make: (chance, target) =>
      hook(target, { resource_url: 'https://ssapi.shipstation.com/shipments?batchId=1', resource_type: chance.pick(types) }),
  },
  {
    kind: 'a channel that nobody may push for',
    share: 2,
    make(chance, { proofs, canary, now }) {
      const { headers, body: sent } = genuine.orders(proofs, canary, now())
      const channel = chance.pick(['amazon-us', 'ebay-us', '__proto__', 'constructor', 'mirakl-macys/', 'Mirakl-Macys', '', 'x'])
      return { wire: [httpRequest('POST', `/webhooks/orders/${channel}`, headers, sent)], expected: [401, 404] }
    },
  },
  {
    kind: 'figures and state without their token',
    share: 1,
    make: (chance, { canary }) => ({
      wire: [httpRequest('GET', '/metrics', { authorization: chance.pick(['', 'Bearer ', `Bearer ${canary}`, 'Basic eDp4']) })],
      expected: [401],
    }),
  },
]

function hook({ proofs }: Target, message: object): ReturnType<Kind['make']> {
  const { path, headers, body: sent } = fromShipStation(proofs, message)
  return { wire: [httpRequest('POST', path, headers, sent)], expected: [400] }
}

function pathOf(chance: Chance, canary: string): string {
  const pieces = [
    '/',
    '//',
    '.',
    '..',
    '%2e',
    '%00',
    '%',
    '%u002f',
    ';',
    '?',
    '&',
    '=',
    '~',
    '\u00ff',
    '\u00c0\u00af',
    '*',
    'webhooks',
    'zoho',
    canary,
  ]
  return `/${Array.from({ length: 1 + chance.below(30) }, () => chance.pick(pieces)).join('')}`
}
