import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createAmazonWebhook } from '../../src/connectors/amazon/webhook.ts'
import { createOrdersWebhook } from '../../src/connectors/generic/webhook.ts'
import { isOneOf } from '../../src/connectors/http/constant-time.ts'
import { createShipStationWebhook } from '../../src/connectors/shipstation/webhook.ts'
import { createZohoWebhook } from '../../src/connectors/zoho/webhook.ts'
import type { WebhookSource } from '../../src/core/ports/webhook.ts'
import { judged } from './webhook-world.ts'

/** Work that could tell something of a secret, in its order. Node's own functions do it; they are only listened to. */
const work = vi.hoisted((): string[] => [])

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>()
  return {
    ...crypto,
    timingSafeEqual(a: Buffer, b: Buffer) {
      work.push(`compare ${a.length} with ${b.length}`)
      return crypto.timingSafeEqual(a, b)
    },
    createHmac(...given: Parameters<typeof crypto.createHmac>) {
      work.push('hmac')
      return crypto.createHmac(...given)
    },
  }
})

const [A, B, C] = ['a', 'b', 'c'].map((letter) => letter.repeat(32)) as [string, string, string]
const secretOf = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`

const zoho = createZohoWebhook({
  secrets: ['secretNumber1', 'secretNumber2'],
  keys: [A, B],
  trustBody: false,
  availableField: 'available_stock',
  locationIds: [],
})
const pushes = createOrdersWebhook({ 'mirakl-1': [secretOf(1), secretOf(2), secretOf(3)], 'rithum-1': [secretOf(4)] })

interface Table {
  readonly source: WebhookSource
  readonly tries: readonly Parameters<typeof judged>[1][]
  readonly work: Readonly<Record<string, number>>
}

const signed = (over: object, rest = 'mirakl-1') => ({
  rest,
  body: '{}',
  headers: { 'webhook-id': 'msg_1', 'webhook-timestamp': '1', 'webhook-signature': `v1,${'A'.repeat(43)}=`, ...over },
})

const tables: Record<string, Table> = {
  'a secret path': {
    source: createShipStationWebhook({ tokens: [A, B, C] }),
    tries: ['', A, B, C, A.slice(1), `${A}a`, `${C.slice(1)}x`, 'x'.repeat(5000)].map((rest) => ({ rest })),
    work: { 'compare 32 with 32': 3 },
  },
  'a key in a header': {
    source: createAmazonWebhook({ keys: [A, B, C] }, []),
    tries: [{}, ...['', A, B, C, A.slice(1), `${A}a`, 'x'].map((key) => ({ body: '[]', headers: { 'x-isync-key': key } }))],
    work: { 'compare 32 with 32': 3 },
  },
  'a signature and a key': {
    source: zoho,
    tries: [
      {},
      { headers: { 'x-isync-key': A } },
      { headers: { 'x-isync-key': 'x', 'x-zoho-webhook-signature': '' } },
      { headers: { 'x-isync-key': B, 'x-zoho-webhook-signature': 'f'.repeat(64) } },
      { headers: { 'x-isync-key': B, 'x-zoho-webhook-signature': 'f'.repeat(9) } },
    ],
    // Two secrets, each over two texts in two spellings; two keys.
    work: { hmac: 4, 'compare 32 with 32': 10 },
  },
  'signed pushes': {
    source: pushes,
    tries: [
      signed({}),
      signed({ 'webhook-signature': '' }),
      signed({ 'webhook-signature': 'v1,' }),
      signed({ 'webhook-id': 'a.b' }),
      signed({ 'webhook-timestamp': 'x' }),
      { rest: 'mirakl-1' },
      // One secret, and none: as much work as for three.
      signed({}, 'rithum-1'),
      signed({}, 'nobody'),
      { rest: '' },
    ],
    work: { hmac: 3, 'compare 32 with 32': 3 },
  },
}

it('nothing shown is no secret, not even an empty one', () => {
  expect(isOneOf([undefined], [''])).toBe(false)
  expect(isOneOf([], [''])).toBe(false)
})

describe.each(Object.entries(tables))('%s', (_, { source, tries, work: expected }) => {
  beforeEach(() => void work.splice(0))

  it.each(tries.map((draft, at) => [at, draft] as const))('costs the same work whatever is shown (%i)', async (__, draft) => {
    await judged(source, draft)
    const counts = Object.fromEntries([...new Set(work)].map((kind) => [kind, work.filter((one) => one === kind).length]))
    expect(counts).toEqual(expected)
  })
})
