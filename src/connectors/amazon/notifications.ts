import * as z from 'zod'
import type { Notified, OrderHint } from '../../core/ports/marketplace.ts'
import { safeText } from '../http/classify.ts'
import type { AmazonSettings } from './settings.ts'
import { given, parseJson, parseTime } from './values.ts'
import { maybe, text } from './wire.ts'

const ORDER_ID = /^\d{3}-\d{7}-\d{7}$/
/** A queue's record in a function's event in an envelope: nothing known is wrapped deeper. */
const MOST_WRAPPINGS = 6

/** ORDER_CHANGE as far as it is believed (contract section 5). Fields that may be null count as absent then. */
const orderChange = z.object({
  NotificationType: z.literal('ORDER_CHANGE'),
  EventTime: text,
  Payload: z.object({
    OrderChangeNotification: z.object({
      SellerId: text,
      AmazonOrderId: z.string(),
      OrderChangeTrigger: maybe(z.object({ TimeOfOrderChange: text })),
      Summary: maybe(z.object({ MarketplaceId: text, FulfillmentType: text })),
    }),
  }),
  NotificationMetadata: maybe(z.object({ NotificationId: text })),
})

type Reading = { readonly order: OrderHint } | { readonly ignored: string }

/**
 * The orders in a delivery of Amazon's: a notification by itself, in an EventBridge envelope, or in messages of an SQS queue as they are
 * received, handed to a function or piped on (contract section 5). Deliveries repeat and have no order, so each order stands once, as its latest
 * message tells it. Left out: other kinds of notification, other sellers' and other marketplaces', and what Amazon ships itself.
 */
export function readNotifications(settings: AmazonSettings, body: Buffer): Notified {
  const document = parseJson(body.toString('utf8'))
  if (document === undefined) return { orders: [], ignored: ['not JSON'] }
  const orders = new Map<string, OrderHint>()
  const ignored: string[] = []
  for (const message of unwrapped(document, 0)) {
    const reading = readOrderChange(settings, message)
    if ('ignored' in reading) {
      ignored.push(reading.ignored)
      continue
    }
    const { order } = reading
    const known = orders.get(order.externalOrderId)
    if (known === undefined || (known.changedAt ?? 0) <= (order.changedAt ?? 0)) orders.set(order.externalOrderId, order)
  }
  return { orders: [...orders.values()], ignored }
}

/** Why a delivery, or a message in it, is not what Amazon sends; undefined when every message could be read, whoever it is for. */
export function unreadableIn(body: Buffer): string | undefined {
  const document = parseJson(body.toString('utf8'))
  if (document === undefined) return 'not JSON'
  const messages = unwrapped(document, 0)
  const faults = messages.map(faultIn).filter((fault) => fault !== undefined)
  return faults.length === 0 ? undefined : `${faults.length} of ${messages.length} messages: ${faults[0]}`
}

function faultIn(message: unknown): string | undefined {
  const kind = kindOf(message)
  if (kind === undefined) return 'not a notification'
  if (kind !== 'ORDER_CHANGE') return undefined
  const read = orderChange.safeParse(message)
  if (!read.success) return `ORDER_CHANGE of an unexpected shape: ${read.error.issues[0]?.path.join('.')}`
  const { AmazonOrderId } = read.data.Payload.OrderChangeNotification
  return ORDER_ID.test(AmazonOrderId) ? undefined : 'ORDER_CHANGE without a number of an order'
}

/** One message, out of whatever it came in. */
function readOrderChange(settings: AmazonSettings, message: unknown): Reading {
  const fault = faultIn(message)
  if (fault !== undefined) return { ignored: fault }
  const read = orderChange.safeParse(message)
  if (!read.success) return { ignored: `a notification of another kind: ${safeText(kindOf(message) ?? '')}` }
  const { EventTime, Payload, NotificationMetadata } = read.data
  const { SellerId, AmazonOrderId, OrderChangeTrigger, Summary } = Payload.OrderChangeNotification
  if (SellerId !== settings.sellerId) return { ignored: `${AmazonOrderId} is another seller's: check seller_id` }
  // Amazon ships it.
  if (Summary?.FulfillmentType === 'AFN') return { ignored: `${AmazonOrderId} is fulfilled by Amazon` }
  const place = Summary?.MarketplaceId
  if (place !== undefined && !settings.marketplaceIds.includes(place))
    return { ignored: `${AmazonOrderId} is of another marketplace: ${safeText(place)}` }
  const changedAt = parseTime(OrderChangeTrigger?.TimeOfOrderChange) ?? parseTime(EventTime)
  const deliveryId = NotificationMetadata?.NotificationId
  return { order: { externalOrderId: AmazonOrderId, ...given('deliveryId', deliveryId), ...given('changedAt', changedAt) } }
}

function kindOf(message: unknown): string | undefined {
  if (!isRecord(message)) return undefined
  return typeof message['NotificationType'] === 'string' ? message['NotificationType'] : undefined
}

/** What a queue, a function's event or EventBridge puts around a message; JSON in a text is read. */
function unwrapped(value: unknown, depth: number): readonly unknown[] {
  if (depth > MOST_WRAPPINGS) return [undefined]
  if (Array.isArray(value)) return value.flatMap((one) => unwrapped(one, depth + 1))
  if (typeof value === 'string') return unwrapped(parseJson(value), depth + 1)
  if (!isRecord(value) || kindOf(value) !== undefined) return [value]
  const inner = ['Records', 'Messages', 'body', 'Body', 'detail'].map((name) => value[name]).find((one) => one !== undefined)
  return inner === undefined ? [value] : unwrapped(inner, depth + 1)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
