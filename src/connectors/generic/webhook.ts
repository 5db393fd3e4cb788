import type { KeyObject } from 'node:crypto'
import * as z from 'zod'
import type { ChannelCode } from '../../core/model/channel.ts'
import type { Trigger } from '../../core/model/trigger.ts'
import type { Delivery, WebhookRequest, WebhookSource, WebhookVerdict } from '../../core/ports/webhook.ts'
import { hmacKey, hmacOf, isOneOf } from '../http/constant-time.ts'
import { deliveryKey, digestOf, jsonIn, keptBody } from '../http/delivery.ts'

/** Channel -> its secrets, each `whsec_` and base64. */
export type OrdersWebhookSettings = Readonly<Record<ChannelCode, readonly string[]>>

/** How far a request's own time may be from ours, either way. */
const WINDOW_MS = 5 * 60_000
/** While a secret is replaced there are two. */
const MOST_SIGNATURES = 8
const MOST_ORDERS = 500

/** The name stands in the text that is signed, where a full stop ends it. */
const named = /^[!-\-/-~]{1,100}$/

const orderId = z
  .string()
  .trim()
  .regex(/^\P{C}{1,100}$/u)
const message = z.union([
  z.object({ order_ids: z.array(orderId).min(1).max(MOST_ORDERS) }).transform(({ order_ids: ids }) => ids),
  z.object({ order_id: orderId }).transform(({ order_id: id }) => [id]),
])

interface Trial {
  readonly key: KeyObject
  /** False: made up, so that every channel, and one that there is not, costs the same. */
  readonly isReal: boolean
}

/**
 * Order numbers pushed by anybody who has the channel's secret, signed as Standard Webhooks 1.0.0 has it. A channel that nobody may push for is
 * refused like a wrong signature, after the same work.
 */
export function createOrdersWebhook(settings: OrdersWebhookSettings): WebhookSource {
  const most = Math.max(1, ...Object.values(settings).map(({ length }) => length))
  const trials = new Map(Object.entries(settings).map(([channel, secrets]) => [channel, trialsOf(secrets, most)] as const))
  const strangers = trialsOf([], most, Object.values(settings).flat())
  return {
    name: 'orders',
    methods: ['POST'],
    types: ['application/json'],
    refusedStatus: 401,
    paths: () => Object.keys(settings).map((channel) => ({ path: `/webhooks/orders/${channel}`, for: `orders of ${channel}` })),
    verify: async (request) => verdictOn(trials.get(request.rest) ?? strangers, request),
    read,
  }
}

function trialsOf(secrets: readonly string[], most: number, seeds: readonly string[] = secrets): readonly Trial[] {
  const real = secrets.map((secret) => ({ key: hmacKey(Buffer.from(secret.replace(/^whsec_/, ''), 'base64')), isReal: true }))
  const missing = Array.from({ length: most - real.length }, (_, at) => ({
    key: hmacKey(digestOf(`nobody ${at} `, ...seeds)),
    isReal: false,
  }))
  return [...real, ...missing]
}

function verdictOn(trials: readonly Trial[], { rest, headers, body, receivedAt }: WebhookRequest): WebhookVerdict {
  const { 'webhook-id': id = '', 'webhook-timestamp': timestamp = '', 'webhook-signature': shown = '' } = headers
  const signatures = shown.split(' ').slice(0, MOST_SIGNATURES)
  let hits = 0
  for (const { key, isReal } of trials) {
    const expected = `v1,${hmacOf(key, [`${id}.${timestamp}.`, body]).toString('base64')}`
    hits += Number(isOneOf(signatures, [expected])) * Number(isReal)
  }
  if (hits === 0 || !named.test(id)) return { status: 'refused', reason: 'signature' }
  const at = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) * 1000 : Number.NaN
  if (!(Math.abs(receivedAt - at) <= WINDOW_MS)) return { status: 'refused', reason: 'stale' }
  const ids = message.safeParse(jsonIn(body)).data
  if (ids === undefined) return { status: 'refused', reason: 'shape' }
  const delivery: Delivery = {
    key: deliveryKey(rest, id),
    repeated: 'same',
    channel: rest,
    topic: 'orders',
    body: keptBody({ order_ids: [...new Set(ids)] }),
  }
  return { status: 'genuine', deliveries: [delivery] }
}

function read({ body, channel }: Pick<Delivery, 'body' | 'channel'>): Trigger {
  const ids = message.safeParse(jsonIn(body)).data
  if (channel === undefined || ids === undefined)
    return { kind: 'unreadable', why: 'not what was kept of a push of order numbers' }
  return { kind: 'orders', orders: ids.map((externalOrderId) => ({ channel, order: { externalOrderId } })) }
}
