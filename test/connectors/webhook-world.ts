import fc from 'fast-check'
import { expect } from 'vitest'
import type { Trigger } from '../../src/core/model/trigger.ts'
import type { Delivery, WebhookRequest, WebhookSource, WebhookVerdict } from '../../src/core/ports/webhook.ts'

export const NOW = Date.parse('2026-11-21T15:00:00.000Z')
export const signal = new AbortController().signal

type Draft = Partial<Omit<WebhookRequest, 'body'>> & { readonly body?: string | object | Buffer }

/** A POST of JSON, a moment ago. */
export function aRequest({ body = '', headers, ...over }: Draft = {}): WebhookRequest {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  return {
    method: 'POST',
    rest: '',
    query: [],
    receivedAt: NOW,
    ...over,
    headers: { 'content-type': 'application/json', ...headers },
    body: bytes,
  }
}

export function judged(source: WebhookSource, draft: Draft): Promise<WebhookVerdict> {
  return source.verify(aRequest(draft), signal)
}

/** The deliveries of a request that has to be genuine. */
export async function taken(source: WebhookSource, draft: Draft): Promise<readonly Delivery[]> {
  const verdict = await judged(source, draft)
  if (verdict.status !== 'genuine') throw new Error(`not genuine: ${JSON.stringify(verdict)}`)
  for (const { key, topic } of verdict.deliveries) {
    expect(key).toMatch(/^[A-Za-z0-9._:-]{1,100}$/)
    expect(topic).toMatch(/^.{1,60}$/)
  }
  return verdict.deliveries
}

/** The one delivery of a request. */
export async function theOne(source: WebhookSource, draft: Draft): Promise<Delivery> {
  const [delivery, ...more] = await taken(source, draft)
  if (delivery === undefined || more.length > 0) throw new Error(`${more.length + Number(delivery !== undefined)} deliveries`)
  return delivery
}

/** What a request leads to. */
export async function leadsTo(source: WebhookSource, draft: Draft): Promise<Trigger> {
  return source.read(await theOne(source, draft))
}

export const refused = (reason: string) => ({ status: 'refused', reason })

/** Bodies that break readers: random bytes, halves of UTF-8, JSON of any shape. */
export const hostileBodies: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.json({ maxDepth: 6 }).map((text) => Buffer.from(text)),
  fc.constantFrom(
    Buffer.alloc(0),
    Buffer.from('{"__proto__":{"item_id":"1"},"constructor":{"prototype":{}},"item_id":1e999}'),
    Buffer.from('{"item_id":123456789012345678901234567890,"sku":"\\u0000","order_ids":[1]}'),
    Buffer.from('{"metadata":{"topic":"__proto__"},"notification":{"notificationId":{},"data":[[[]]]}}'),
    Buffer.from('{"a":1,"a":2,"items":null,"whole":"[","order":{"id":""}}'),
    Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
    Buffer.from('null'),
    Buffer.from('"\\ud800"'),
  ),
)

/** Once each: to parse them takes a while. */
const deepBodies = [
  Buffer.from('['.repeat(1_000_000)),
  Buffer.from(`${'['.repeat(200_000)}${']'.repeat(200_000)}`),
  Buffer.from(`${'{"item":'.repeat(50_000)}1${'}'.repeat(50_000)}`),
]

/** Whatever was kept, reading it throws nothing and pollutes nothing. */
export function readsAnything(source: WebhookSource): void {
  for (const body of deepBodies) expect(source.read({ topic: 'any', body }).kind).toBe('unreadable')
  fc.assert(
    fc.property(hostileBodies, fc.option(fc.string(), { nil: undefined }), (body, channel) => {
      const trigger = source.read({ topic: 'any', body, ...(channel === undefined ? {} : { channel }) })
      expect(trigger.kind).toMatch(/^(packages|stock|orders|erase-buyer|consent-revoked|nothing|unreadable)$/)
    }),
    { numRuns: 60 },
  )
  expect(Object.keys(Object.prototype)).toEqual([])
}

/** Nobody without the secret gets in, whatever is sent. */
export async function refusesAnything(source: WebhookSource): Promise<void> {
  const headers = fc.dictionary(
    fc.constantFrom(
      'x-isync-key',
      'x-zoho-webhook-signature',
      'x-ebay-signature',
      'webhook-id',
      'webhook-timestamp',
      'webhook-signature',
      'content-type',
    ),
    fc.string({ maxLength: 200 }),
  )
  const rests = fc.oneof(fc.string(), fc.constantFrom('', '__proto__', 'constructor', 'toString', '../orders', '%2e%2e'))
  await fc.assert(
    fc.asyncProperty(hostileBodies, headers, rests, async (body, shown, rest) => {
      const verdict = await judged(source, { body, headers: shown, rest })
      expect(verdict.status).toBe('refused')
    }),
    { numRuns: 60 },
  )
}
