import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Notified } from '../../src/core/ports/marketplace.ts'
import { MODELS_FOLDER, MODELS_FOUND, titleWithModels } from '../contract/models.ts'
import { type AmazonWorld, ID, openAmazon, UK, US } from './amazon-world.ts'

const OTHER = '111-2222222-4444444'

interface Change {
  readonly id?: string
  readonly seller?: string
  readonly at?: string | null
  readonly notification?: string
  readonly summary?: object
}

/** A whole message, as the vendor's model has it. */
function orderChange({
  id = ID,
  seller = 'A1SANDBOX',
  at = '2026-11-21T14:58:00.000Z',
  notification = 'n-1',
  summary,
}: Change = {}) {
  return {
    NotificationVersion: '1.0',
    NotificationType: 'ORDER_CHANGE',
    PayloadVersion: '1.0',
    EventTime: '2026-11-21T14:59:00.000Z',
    Payload: {
      OrderChangeNotification: {
        NotificationLevel: 'OrderLevel',
        SellerId: seller,
        AmazonOrderId: id,
        OrderChangeType: 'OrderStatusChange',
        OrderChangeTrigger: { TimeOfOrderChange: at, ChangeReason: 'Payment authorised' },
        Summary: {
          MarketplaceId: US,
          OrderStatus: 'Unshipped',
          PurchaseDate: null,
          DestinationPostalCode: null,
          FulfillmentType: 'MFN',
          OrderType: 'StandardOrder',
          OrderItems: [{ OrderItemId: 'A', SellerSKU: 'LAMP', SupplySourceId: null, Quantity: 1 }],
          ...summary,
        },
      },
    },
    NotificationMetadata: {
      ApplicationId: 'app',
      SubscriptionId: 'subscription',
      PublishTime: '2026-11-21T14:59:00.000Z',
      NotificationId: notification,
    },
  }
}

const HINT = { externalOrderId: ID, deliveryId: 'n-1', changedAt: Date.parse('2026-11-21T14:58:00Z') }

let world: AmazonWorld
beforeAll(async () => {
  world = await openAmazon()
})
afterAll(() => world.sandbox.close())

function read(document: unknown): Notified {
  const text = typeof document === 'string' ? document : JSON.stringify(document)
  return world.connector.readNotification?.(Buffer.from(text)) ?? { orders: [], ignored: ['no reader'] }
}

describe('a pushed message about an order', () => {
  const body = JSON.stringify(orderChange())
  const record = { messageId: 'm', receiptHandle: 'r', body, attributes: {}, eventSource: 'aws:sqs', awsRegion: 'us-east-1' }

  it.each<[string, unknown]>([
    ['by itself', orderChange()],
    ['behind a byte order mark', `\uFEFF${body}`],
    ["as a function's event of a queue", { Records: [record] }],
    ['as the records that a pipe hands on', [record]],
    ['as one record', record],
    ['as a record whose body was read on the way', { ...record, body: orderChange() }],
    ['as a queue gives its messages', { Messages: [{ MessageId: 'm', ReceiptHandle: 'r', Body: body }] }],
    [
      'in an envelope of EventBridge',
      {
        version: '0',
        id: 'e',
        'detail-type': 'ORDER_CHANGE',
        source: 'aws.partner/sellingpartnerapi.amazon.com',
        detail: orderChange(),
      },
    ],
    ['in an envelope of EventBridge around a record', { version: '0', 'detail-type': 'Queue', detail: [record] }],
    ['as a text', JSON.stringify(body)],
  ])('%s leads to the order', (_, document) => {
    expect(read(document)).toEqual({ orders: [HINT], ignored: [] })
  })

  it('of a batch stands once for each order, as it was told last', () => {
    const batch = [
      orderChange({ notification: 'late', at: '2026-11-21T14:58:30.000Z' }),
      orderChange({ notification: 'early', at: '2026-11-21T14:50:00.000Z' }),
      orderChange({ id: OTHER, notification: 'other', at: null }),
    ].map((one) => ({ ...record, body: JSON.stringify(one) }))

    expect(read({ Records: batch }).orders).toEqual([
      { externalOrderId: ID, deliveryId: 'late', changedAt: Date.parse('2026-11-21T14:58:30Z') },
      { externalOrderId: OTHER, deliveryId: 'other', changedAt: Date.parse('2026-11-21T14:59:00Z') },
    ])
  })

  it.each<[string, unknown, string]>([
    ['is no JSON', 'hello', 'not JSON'],
    ['is nothing', '', 'not JSON'],
    ['is JSON and nothing else', { hello: 1 }, 'not a notification'],
    ['lies too deep', [[[[[[[[orderChange()]]]]]]]], 'not a notification'],
    ['is of another kind', { ...orderChange(), NotificationType: 'FEED_PROCESSING_FINISHED' }, 'FEED_PROCESSING_FINISHED'],
    ['lacks its payload', { ...orderChange(), Payload: {} }, 'unexpected shape: Payload.OrderChangeNotification'],
    ['names no order', orderChange({ id: '../4711' }), 'without a number'],
    ["is another seller's", orderChange({ seller: 'A2OTHER' }), 'check seller_id'],
    ['is about what Amazon ships', orderChange({ summary: { FulfillmentType: 'AFN' } }), 'fulfilled by Amazon'],
    ['is of another marketplace', orderChange({ summary: { MarketplaceId: UK } }), UK],
  ])('that %s is left out with the reason', (_, document, reason) => {
    expect(read(document)).toEqual({ orders: [], ignored: [expect.stringContaining(reason)] })
  })

  it('that is bad does not hide the good one beside it', () => {
    expect(read([{ body: '{' }, { body }])).toEqual({ orders: [HINT], ignored: ['not a notification'] })
  })

  it('gives no personal data away in its reason', () => {
    const { ignored } = read({ ...orderChange(), NotificationType: 'ada@buyer.example\n+1 555 010 01234' })

    expect(ignored[0]).not.toMatch(/ada@|555|\n/)
  })
})

describe.skipIf(!MODELS_FOUND)(titleWithModels("amazon notifications: the vendor's own model"), () => {
  const schema = MODELS_FOUND
    ? JSON.parse(readFileSync(`${MODELS_FOLDER}amazon/specs/OrderChangeNotification.schema.json`, 'utf8'))
    : {}

  it('holds for the messages of this page', () => {
    const ajv = new Ajv({ strict: false, allErrors: true })
    addFormats.default(ajv)
    const validate = ajv.compile({ ...schema, $schema: 'http://json-schema.org/draft-07/schema#', $id: 'order-change' })

    for (const message of [orderChange(), orderChange({ at: null })]) {
      validate(message)
      expect(validate.errors ?? []).toEqual([])
    }
  })

  it('has an example that is read, seller and marketplace being ours', () => {
    const [example] = schema.examples
    const { SellerId, AmazonOrderId } = example.Payload.OrderChangeNotification
    const ours = world.again({ sellerId: SellerId }).connector

    expect(ours.readNotification?.(Buffer.from(JSON.stringify(example))).orders).toEqual([
      {
        externalOrderId: AmazonOrderId,
        deliveryId: example.NotificationMetadata.NotificationId,
        changedAt: Date.parse('2022-11-29T19:42:04.284Z'),
      },
    ])
  })
})
