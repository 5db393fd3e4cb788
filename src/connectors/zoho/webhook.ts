import type { KeyObject } from 'node:crypto'
import * as z from 'zod'
import type { Trigger } from '../../core/model/trigger.ts'
import type { Delivery, WebhookRequest, WebhookSource, WebhookVerdict } from '../../core/ports/webhook.ts'
import { hmacKey, hmacOf, isOneOf } from '../http/constant-time.ts'
import { deliveryKey, digestOf, jsonIn, keptBody } from '../http/delivery.ts'
import type { AvailableField } from './settings.ts'
import { type Named, namedIn } from './webhook-items.ts'

export interface ZohoWebhookSettings {
  /** Secrets of the signature, as typed into Zoho. */
  readonly secrets: readonly string[]
  /** Values of the header `X-Isync-Key`, one of which has to come along; empty: none. */
  readonly keys: readonly string[]
  /** A stock number in the body may be used at once. */
  readonly trustBody: boolean
  readonly availableField: AvailableField
  readonly locationIds: readonly string[]
}

/** More than any form of Zoho's has: a form is taken apart before anybody knows whose it is. */
const MOST_FIELDS = 500

const FORM = /^application\/x-www-form-urlencoded\b/i

const digits = z.string().regex(/^\d{1,25}$/)
const kept = z.object({
  items: z.array(
    z.object({
      id: digits.optional(),
      sku: z.string().min(1).max(100).optional(),
      told: z.object({ available: z.string().regex(/^-?\d{1,16}$/), at: z.number().int().positive() }).optional(),
    }),
  ),
  /** Why there are no items. */
  without: z.string().max(100).optional(),
  /** Nobody can tell what it says; else there is nothing to be done. */
  unreadable: z.boolean().optional(),
})

/**
 * Zoho's webhooks of any module that moves stock (contract section 9). Signed by HMAC-SHA256, but with neither time nor number, so that a captured
 * one may come again: it leads to another reading of the same items and to nothing else. What is kept are the items' ids, never the body, which may
 * be a sales order with its customer.
 */
export function createZohoWebhook(settings: ZohoWebhookSettings): WebhookSource {
  const keys = settings.secrets.map((secret) => hmacKey(secret))
  return {
    name: 'zoho',
    methods: ['POST'],
    // The default payload, a form, or whatever was typed into a raw body.
    types: [],
    refusedStatus: 401,
    paths: () => [{ path: '/webhooks/zoho', for: 'Zoho Inventory: workflow rules of items and of whatever moves stock' }],
    verify: async (request) => verdictOn(settings, keys, request),
    read: ({ body }) => read(body),
  }
}

function verdictOn(settings: ZohoWebhookSettings, keys: readonly KeyObject[], request: WebhookRequest): WebhookVerdict {
  if (fieldsOf(request) > MOST_FIELDS) return { status: 'refused', reason: 'shape' }
  const parameters = parametersOf(request)
  const matched = signatureForm(keys, parameters, request)
  const hasKey = settings.keys.length === 0 || isOneOf([request.headers['x-isync-key']], settings.keys)
  if (matched === undefined || !hasKey) return { status: 'refused', reason: 'signature' }
  if (request.rest !== '') return { status: 'refused', reason: 'path' }
  const named = namedIn(settings, parameters, FORM.test(typeOf(request)) ? undefined : request.body, request.receivedAt)
  return { status: 'genuine', deliveries: [deliveryOf(named, parameters, request)], note: noteOf(matched, named) }
}

/** Query and form parameters, decoded, as Zoho sorts them (contract section 9). */
function parametersOf(request: WebhookRequest): readonly (readonly [string, string])[] {
  const form = FORM.test(typeOf(request)) ? [...new URLSearchParams(request.body.toString('utf8'))] : []
  return [...request.query, ...form].toSorted(([a], [b]) => (a < b ? -1 : Number(a > b)))
}

/** How many parameters there are, without taking them apart. */
function fieldsOf(request: WebhookRequest): number {
  if (!FORM.test(typeOf(request))) return request.query.length
  let fields = request.query.length + 1
  for (const byte of request.body) if (byte === 0x26) fields += 1
  return fields
}

function typeOf({ headers }: WebhookRequest): string {
  return headers['content-type'] ?? ''
}

/**
 * In which form the signature fits, in words; undefined: in none. Zoho documents what is signed for one of its products and the spelling for none:
 * seen is hex over the body alone, so both texts and both spellings are tried, all of them each time.
 */
function signatureForm(
  keys: readonly KeyObject[],
  parameters: readonly (readonly [string, string])[],
  request: WebhookRequest,
): string | undefined {
  const shown = request.headers['x-zoho-webhook-signature']?.trim()
  const text = parameters.map(([name, value]) => `${name}${value}`).join('')
  const isForm = FORM.test(typeOf(request))
  const documented: readonly (string | Buffer)[] = isForm ? [text] : [text, request.body]
  const macs = keys.map((key) => [hmacOf(key, documented), hmacOf(key, [request.body])] as const)
  const whole = macs.map(([mac]) => mac)
  const bodies = macs.map(([, mac]) => mac)
  const fits = {
    'hex over parameters and body': isOneOf([shown?.toLowerCase()], spelled(whole, 'hex')),
    'base64 over parameters and body': isOneOf([shown], spelled(whole, 'base64')),
    'hex over the body alone': isOneOf([shown?.toLowerCase()], spelled(bodies, 'hex')),
    'base64 over the body alone': isOneOf([shown], spelled(bodies, 'base64')),
  }
  return Object.entries(fits).find(([, isIt]) => isIt)?.[0]
}

function spelled(macs: readonly Buffer[], encoding: 'hex' | 'base64'): readonly string[] {
  return macs.map((mac) => mac.toString(encoding))
}

function deliveryOf(named: Named, parameters: readonly (readonly [string, string])[], { body }: WebhookRequest): Delivery {
  const { items, topic, isUnique, without } = named
  return {
    key: deliveryKey(digestOf(JSON.stringify(parameters), '\n', body)),
    repeated: isUnique ? 'same' : 'anew',
    topic,
    body: keptBody({
      items: items.map(({ itemId, sku, told }) => ({ id: itemId, sku, told })),
      ...(without === undefined ? {} : { without: without.why, unreadable: without.isUnreadable }),
    }),
  }
}

function noteOf(matched: string, { leftOut }: Named): string {
  return leftOut === 0
    ? `signature: ${matched}`
    : `signature: ${matched}; ${leftOut} items too many were left to the next reading`
}

function read(body: Buffer): Trigger {
  const { data } = kept.safeParse(jsonIn(body))
  if (data === undefined) return { kind: 'unreadable', why: 'not what was kept of a message of Zoho' }
  const { items, without, unreadable } = data
  const hints = items.map(({ id, sku, told }) => ({
    ...(id === undefined ? {} : { itemId: id }),
    ...(sku === undefined ? {} : { sku }),
    ...(told === undefined ? {} : { told }),
  }))
  if (hints.length > 0) return { kind: 'stock', items: hints }
  return { kind: unreadable === false ? 'nothing' : 'unreadable', why: without ?? 'it names no item' }
}
