import { createHash, randomUUID } from 'node:crypto'
import type { Outgoing, SandboxClock } from '../stand-in.ts'
import { reader } from './compact.ts'
import { type FulfillmentStatus, isPending, type Order } from './order.ts'
import { type ChangeType, orderChange } from './order-change.ts'
import type { Json } from './wire.ts'

const KEYS = ['url', 'key', 'header', 'form', 'batch_size', 'seller_id', 'new_orders', 'delay_ms', 'attempts', 'retry_after_ms']
const FORMS = ['single', 'sqs', 'lambda'] as const
/** As a function reads them from a queue, unless it is told otherwise. */
const BATCH_SIZE = 10
const ATTEMPTS = 5
/** The time that a queue hides a message which was taken and not deleted. */
const RETRY_MS = 30_000
/** Amazon's own account, which puts messages into the seller's queue (contract section 5). */
const SENDER = '437568002678'
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:sandbox-order-change'

interface Settings {
  readonly url: string
  readonly key: string
  readonly header: string
  readonly form: (typeof FORMS)[number]
  readonly batchSize: number
  readonly sellerId: string | undefined
  readonly newOrders: boolean
  readonly delayMs: number
  readonly attempts: number
  readonly retryAfterMs: number
}

/** What an order was like when it was looked at last. */
interface Seen {
  readonly status: FulfillmentStatus
  readonly cancelRequests: number
}

interface Notification {
  readonly due: number
  readonly document: Json
}

/**
 * What stands between the seller's queue of ORDER_CHANGE and an address: it posts each message with a key, and again until the answer is 2xx.
 * Amazon tells changes of an order's state and wishes to cancel. Of an order that is new and pending it tells only with `new_orders`: whether it
 * does is disputed. A message leaves when the order can be read, at the earliest.
 */
export interface Forwarder {
  /**
   * `{url, key, header? ('x-isync-key'), form?: 'single' | 'sqs' | 'lambda', batch_size?, seller_id?, new_orders?, delay_ms?, attempts?,
   * retry_after_ms?}`, or `{url: null}` for none. `sqs`: a list of the queue's records; `lambda`: that in `{Records}`.
   */
  configure(argument: unknown): unknown
  /** This order is new, or something about it changed. */
  changed(order: Order): void
  take(): readonly Outgoing[]
  reset(): void
}

export function createForwarder(clock: SandboxClock): Forwarder {
  let settings: Settings | undefined
  const seen = new Map<string, Seen>()
  const touched = new Set<Order>()

  function notificationsOf(order: Order, now: number): readonly Notification[] {
    const before = seen.get(order.id)
    const after = lookAt(order)
    seen.set(order.id, after)
    if (settings === undefined || (settings.sellerId ?? order.sellerId) !== order.sellerId) return []
    const due = Math.max(now, order.visibleAt) + settings.delayMs
    const isNews = before === undefined ? settings.newOrders || !isPending(order) : before.status !== after.status
    const types: ChangeType[] = [
      ...(isNews ? ['OrderStatusChange' as const] : []),
      ...(after.cancelRequests > (before?.cancelRequests ?? 0) ? ['BuyerRequestedChange' as const] : []),
    ]
    return types.map((type) => ({ due, document: orderChange({ id: randomUUID(), type, order, at: now }) }))
  }

  return {
    configure(argument) {
      settings = readSettings(argument)
      return { forwards_to: settings?.url ?? null }
    },
    changed: (order) => touched.add(order),
    take() {
      const found = [...touched].flatMap((order) => notificationsOf(order, clock.now()))
      touched.clear()
      const to = settings
      if (to === undefined) return []
      return batches(found, to.form === 'single' ? 1 : to.batchSize).map((batch) => messageOf(to, batch))
    },
    reset() {
      settings = undefined
      seen.clear()
      touched.clear()
    },
  }
}

function lookAt(order: Order): Seen {
  return { status: order.status, cancelRequests: order.items.filter((item) => item.cancelRequest !== undefined).length }
}

function readSettings(argument: unknown): Settings | undefined {
  const given = reader('forwarder', argument, KEYS)
  const url = given.text('url')
  if (url === undefined) return undefined
  const form = FORMS.find((known) => known === (given.text('form') ?? 'single'))
  if (form === undefined) throw new Error(`forwarder.form: must be one of ${FORMS.join(', ')}`)
  return {
    url,
    key: given.text('key') ?? '',
    header: (given.text('header') ?? 'x-isync-key').toLowerCase(),
    form,
    batchSize: Math.max(1, given.count('batch_size') ?? BATCH_SIZE),
    sellerId: given.text('seller_id'),
    newOrders: given.flag('new_orders') ?? false,
    delayMs: given.count('delay_ms') ?? 0,
    attempts: Math.max(1, given.count('attempts') ?? ATTEMPTS),
    retryAfterMs: given.count('retry_after_ms') ?? RETRY_MS,
  }
}

/** Those that leave at the same time, up to so many in each. */
function batches(notifications: readonly Notification[], most: number): readonly (readonly Notification[])[] {
  const open = new Map<number, Notification[]>()
  const made: Notification[][] = []
  for (const one of notifications) {
    const batch = open.get(one.due)
    if (batch !== undefined && batch.length < most) {
      batch.push(one)
      continue
    }
    const fresh = [one]
    open.set(one.due, fresh)
    made.push(fresh)
  }
  return made
}

function messageOf({ url, key, header, form, attempts, retryAfterMs }: Settings, batch: readonly Notification[]): Outgoing {
  const headers = { 'content-type': 'application/json', [header]: key }
  const due = batch[0]?.due ?? 0
  const records = batch.map(({ document }) => ({ id: randomUUID(), body: JSON.stringify(document) }))
  return {
    url,
    topic: 'ORDER_CHANGE',
    at: due,
    attempts,
    retryAfterMs,
    request(attempt) {
      if (form === 'single') return { method: 'POST', headers, body: records[0]?.body ?? '' }
      const list = records.map((record) => recordOf(record, attempt, due))
      return { method: 'POST', headers, body: JSON.stringify(form === 'sqs' ? list : { Records: list }) }
    },
  }
}

/** As a function gets it from its queue: the notification is text in `body`. */
function recordOf({ id, body }: { readonly id: string; readonly body: string }, attempt: number, sentAt: number): Json {
  return {
    messageId: id,
    receiptHandle: `sandbox-${id}-${attempt}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(attempt),
      SentTimestamp: String(sentAt),
      SenderId: SENDER,
      ApproximateFirstReceiveTimestamp: String(sentAt),
    },
    messageAttributes: {},
    md5OfBody: createHash('md5').update(body).digest('hex'),
    eventSource: 'aws:sqs',
    eventSourceARN: QUEUE,
    awsRegion: 'us-east-1',
  }
}
