import * as z from 'zod'
import type { BuyerAccount } from '../../core/model/trigger.ts'
import type { Notified } from '../../core/ports/marketplace.ts'
import { jsonIn } from '../http/delivery.ts'
import { given, parseTime } from './values.ts'

const ORDER_ID = /^\d{2}-\d{5}-\d{5}$/
/** Under which names eBay's messages have an order's number. */
const orderIdNames = ['orderId', 'legacyOrderId', 'extendedOrderId']
const orderTopics = new Set(['ORDER_CONFIRMATION', 'ORDER_CANCELLATION_ACTIVITY'])
const MOST_NODES = 2_000
/** An order of several lines can be seen half put together when it is fresh, and each line is told by itself (contract sections 2.1 and 6.1). */
export const LATENCY_MS = 2 * 60_000

/** A message of the Notification API (contract section 6.1). */
const envelope = z.object({
  metadata: z.object({ topic: z.string().regex(/^[A-Z][A-Z0-9_]{0,59}$/) }),
  notification: z.object({
    notificationId: z.string().min(1).max(300),
    eventDate: z.string().optional().catch(undefined),
    data: z.unknown(),
  }),
})

const name = z.string().trim().min(1).max(300).optional().catch(undefined)
const account = z.object({ username: name, userId: name, eiasToken: name })

/** What a message says it is. */
export interface Message {
  readonly topic: string
  readonly id: string
  /** Epoch ms, where it tells one. */
  readonly at?: number
  readonly data: unknown
}

/** Undefined where it is nothing that eBay sends. */
export function messageIn(body: Buffer): Message | undefined {
  const { data } = envelope.safeParse(jsonIn(body))
  if (data === undefined) return undefined
  const { notificationId: id, eventDate, data: inner } = data.notification
  return { topic: data.metadata.topic, id, ...given('at', parseTime(eventDate)), data: inner }
}

/** The orders that a message speaks of: one message for each line of an order, so that an order comes several times. */
export function readNotification(body: Buffer): Notified {
  const message = messageIn(body)
  if (message === undefined) return { orders: [], ignored: ['not a notification'] }
  const { topic, id, at, data } = message
  if (!orderTopics.has(topic)) return { orders: [], ignored: [`a notification of another kind: ${topic}`] }
  const wholeFrom = at === undefined || topic !== 'ORDER_CONFIRMATION' ? undefined : at + LATENCY_MS
  const told = { deliveryId: id, ...given('changedAt', at), ...given('wholeFrom', wholeFrom) }
  const orders = orderIdsIn(data).map((externalOrderId) => ({ externalOrderId, ...told }))
  return orders.length > 0 ? { orders, ignored: [] } : { orders, ignored: [`${topic} without a number of an order`] }
}

/** Whose data is to go; undefined where it names nobody. */
export function buyerIn({ data }: Message): BuyerAccount | undefined {
  const { username, userId, eiasToken } = account.safeParse(data).data ?? {}
  const buyer = { ...given('username', username), ...given('userId', userId), ...given('token', eiasToken) }
  return Object.keys(buyer).length === 0 ? undefined : buyer
}

/** Wherever they stand in it: the payloads of these topics are not the same, and may grow. */
function orderIdsIn(data: unknown): readonly string[] {
  const found = new Set<string>()
  const queue: unknown[] = [data]
  for (let at = 0; at < queue.length && at < MOST_NODES; at += 1) {
    const node = queue[at]
    if (typeof node !== 'object' || node === null) continue
    for (const [key, value] of Object.entries(node)) {
      if (orderIdNames.includes(key) && typeof value === 'string' && ORDER_ID.test(value)) found.add(value)
      if (queue.length < MOST_NODES) queue.push(value)
    }
  }
  return [...found]
}
