import * as z from 'zod'
import type { OrderHint, Trigger } from '../../core/model/trigger.ts'
import type { MarketplaceConnector } from '../../core/ports/marketplace.ts'
import type { Delivery, WebhookRequest, WebhookSource, WebhookVerdict } from '../../core/ports/webhook.ts'
import { isOneOf } from '../http/constant-time.ts'
import { deliveryKey, digestOf, jsonIn, keptBody } from '../http/delivery.ts'
import { unreadableIn } from './notifications.ts'

export interface AmazonWebhookSettings {
  /** Values of the header `X-Isync-Key`, one of which has to come along. */
  readonly keys: readonly string[]
}

const kept = z.union([
  z.object({ order: z.object({ id: z.string().min(1), delivery: z.string().optional(), changed_at: z.number().optional() }) }),
  /** A delivery with something in it that could not be read, as it came: a later version may read it. */
  z.object({ whole: z.string() }),
])

/**
 * Messages of the seller's own queue, which ORDER_CHANGE goes to and nowhere else, posted here by whatever forwards them (contract section 5). What
 * proves the forwarder is a key. Each order becomes a delivery of its own; what cannot be read is one more, so that it is not lost in silence.
 */
export function createAmazonWebhook(settings: AmazonWebhookSettings, channels: readonly MarketplaceConnector[]): WebhookSource {
  return {
    name: 'amazon',
    methods: ['POST'],
    types: ['application/json'],
    refusedStatus: 401,
    paths: () => [{ path: '/webhooks/amazon', for: 'whatever forwards ORDER_CHANGE out of the SQS queue' }],
    verify: async (request) => verdictOn(settings, channels, request),
    read: (delivery) => read(channels, delivery),
  }
}

function verdictOn(
  { keys }: AmazonWebhookSettings,
  channels: readonly MarketplaceConnector[],
  { rest, headers, body }: WebhookRequest,
): WebhookVerdict {
  if (!isOneOf([headers['x-isync-key']], keys)) return { status: 'refused', reason: 'signature' }
  if (rest !== '') return { status: 'refused', reason: 'path' }
  const read = channels.map((connector) => ({ connector, notified: connector.readNotification?.(body) }))
  const deliveries = read.flatMap(({ connector, notified }) =>
    (notified?.orders ?? []).map((order) => deliveryOf(connector.channel, order)),
  )
  if (unreadableIn(body) !== undefined) deliveries.push(poisonOf(body))
  if (deliveries.length > 0) return { status: 'genuine', deliveries }
  const why = [...new Set(read.flatMap(({ notified }) => notified?.ignored ?? []))]
  const note = channels.length === 0 ? 'no Amazon channel is enabled' : why.slice(0, 3).join('; ')
  return { status: 'genuine', deliveries, ...(note === '' ? {} : { note }) }
}

function deliveryOf(channel: string, order: OrderHint): Delivery {
  const { externalOrderId, deliveryId, changedAt } = order
  return {
    key:
      deliveryId === undefined
        ? digestOf(channel, '\n', externalOrderId, '\n', String(changedAt))
        : deliveryKey(channel, deliveryId),
    repeated: deliveryId === undefined ? 'anew' : 'same',
    channel,
    topic: 'ORDER_CHANGE',
    body: keptBody({ order: { id: externalOrderId, delivery: deliveryId, changed_at: changedAt } }),
  }
}

function poisonOf(body: Buffer): Delivery {
  return { key: digestOf(body), repeated: 'same', topic: 'unreadable', body: keptBody({ whole: body.toString('utf8') }) }
}

function read(channels: readonly MarketplaceConnector[], { body, channel }: Pick<Delivery, 'body' | 'channel'>): Trigger {
  const { data } = kept.safeParse(jsonIn(body))
  if (data === undefined) return { kind: 'unreadable', why: "not what was kept of a message of Amazon's queue" }
  if ('whole' in data) return readWhole(channels, Buffer.from(data.whole))
  if (channel === undefined) return { kind: 'unreadable', why: 'kept without its channel' }
  const { id, delivery, changed_at: changedAt } = data.order
  const order: OrderHint = {
    externalOrderId: id,
    ...(delivery === undefined ? {} : { deliveryId: delivery }),
    ...(changedAt === undefined ? {} : { changedAt }),
  }
  return { kind: 'orders', orders: [{ channel, order }] }
}

function readWhole(channels: readonly MarketplaceConnector[], body: Buffer): Trigger {
  const why = unreadableIn(body)
  if (why !== undefined) return { kind: 'unreadable', why }
  const orders = channels.flatMap((connector) =>
    (connector.readNotification?.(body).orders ?? []).map((order) => ({ channel: connector.channel, order })),
  )
  return orders.length > 0 ? { kind: 'orders', orders } : { kind: 'nothing', why: 'it is about no order of ours' }
}
