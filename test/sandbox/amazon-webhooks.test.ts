import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MODELS_FOLDER, MODELS_FOUND, titleWithModels } from '../contract/models.ts'
import { type Client, ID, LINES, MINUTE, NOW, OTHER, openAmazon, parcel, US } from './amazon-client.ts'
import { type Receiver, startReceiver } from './receiver.ts'

const KEY = 'k'.repeat(32)

// biome-ignore lint/suspicious/noExplicitAny: a test reads the wire as it is
type Json = any

let amazon: Client
let receiver: Receiver
let status: number

beforeEach(async () => {
  status = 202
  receiver = await startReceiver(() => ({ status }))
  amazon = await openAmazon({ rate_limits: 'off', orders: [{ order_id: ID, items: LINES }] })
})

afterEach(async () => {
  await amazon.sandbox.close()
  await receiver.close()
})

function forward(more: object = {}): void {
  amazon.sandbox.act('amazon', 'forwarder', { url: `${receiver.origin}/hook`, key: KEY, ...more })
}

async function happens(action: string, argument: unknown): Promise<void> {
  amazon.sandbox.act('amazon', action, argument)
  await amazon.sandbox.settle()
}

async function later(ms: number): Promise<void> {
  amazon.sandbox.clock.advance(ms)
  await amazon.sandbox.settle()
}

const bodies = (): Json[] => receiver.received.map(({ body }) => JSON.parse(body))

/** What the messages say, whatever they came in. */
function told(): Json[] {
  const records = bodies().flatMap((body) => body.Records ?? body)
  return records.map((one) => (one.eventSource === 'aws:sqs' ? JSON.parse(one.body) : one))
}

function brief(message: Json): string {
  const { AmazonOrderId, OrderChangeType, Summary } = message.Payload.OrderChangeNotification
  return `${AmazonOrderId} ${OrderChangeType} ${Summary.OrderStatus}`
}

describe('an order that changes its state', () => {
  it('is forwarded once, with the key, as the notification itself', async () => {
    forward()
    await happens('set-status', { order_id: ID, status: 'SHIPPED' })

    expect(receiver.received).toMatchObject([
      { method: 'POST', path: '/hook', headers: { 'content-type': 'application/json', 'x-isync-key': KEY } },
    ])
    const [message] = told()
    expect(message).toMatchObject({
      NotificationVersion: '1.0',
      NotificationType: 'ORDER_CHANGE',
      EventTime: new Date(NOW).toISOString(),
      Payload: {
        OrderChangeNotification: {
          NotificationLevel: 'OrderLevel',
          SellerId: 'A1SANDBOX',
          AmazonOrderId: ID,
          OrderChangeType: 'OrderStatusChange',
          OrderChangeTrigger: { TimeOfOrderChange: new Date(NOW).toISOString() },
          Summary: {
            MarketplaceId: US,
            OrderStatus: 'Shipped',
            FulfillmentType: 'MFN',
            NumberOfItemsShipped: 3,
            NumberOfItemsUnshipped: 0,
            OrderItems: [
              { OrderItemId: 'A', SellerSKU: 'SKU-A', SupplySourceId: null, Quantity: 2, QuantityShipped: 2 },
              { OrderItemId: 'B', OrderItemStatus: 'Shipped' },
            ],
          },
        },
      },
    })
    expect(message.NotificationMetadata.NotificationId).toMatch(/^[0-9a-f-]{36}$/)
    expect(amazon.sandbox.outbox()).toMatchObject([{ vendor: 'amazon', topic: 'ORDER_CHANGE', state: 'answered', status: 202 }])
  })

  it('says nothing of who buys and what it costs, and no postcode while it is pending', async () => {
    forward({ new_orders: true })
    const buyer = { name: 'Ada Sample', email: 'ada@example.com' }
    const order = { order_id: OTHER, buyer, ship_to: { name: 'Ada Sample', line1: '1 Invented Way', postal: '62701' } }
    await happens('add-orders', [{ ...order, status: 'PENDING' }])
    await later(2 * MINUTE)
    await happens('set-status', { order_id: OTHER, status: 'UNSHIPPED' })

    expect(told().map((one) => one.Payload.OrderChangeNotification.Summary.DestinationPostalCode)).toEqual([null, '62701'])
    for (const { body } of receiver.received) expect(body).not.toMatch(/Ada|ada@|Invented|10\.00/)
  })

  it('is told of whoever changed it: Amazon, a buyer, the seller or a program of theirs', async () => {
    forward()
    await happens('request-cancel', { order_id: ID })
    await happens('request-cancel', { order_id: ID })
    for (let n = 0; n < 2; n += 1) {
      const units = { packageReferenceId: '1', orderItems: [{ orderItemId: 'A', quantity: 1 }] }
      expect((await amazon.confirm(ID, parcel(units))).status).toBe(204)
      await amazon.sandbox.settle()
    }
    await happens('change-address', { order_id: ID, ship_to: { city: 'Elsewhere' } })
    await happens('cancel', { order_id: ID })

    expect(told().map(brief)).toEqual([
      `${ID} BuyerRequestedChange Unshipped`,
      `${ID} OrderStatusChange PartiallyShipped`,
      `${ID} OrderStatusChange Shipped`,
    ])
    const { OrderChangeTrigger, Summary } = told()[0].Payload.OrderChangeNotification
    expect(OrderChangeTrigger.TimeOfOrderChange).toBeNull()
    expect(Summary.OrderItems[0].IsBuyerRequestedCancel).toBe(true)
  })
})

describe('an order that is new', () => {
  it('is told when it can be read, at the earliest, and pending ones only once they are paid', async () => {
    forward()
    await happens('add-orders', [{ order_id: OTHER }, { order_id: '111-2222222-5555555', status: 'PENDING' }])
    expect(receiver.received).toEqual([])

    await later(2 * MINUTE)
    expect(told().map(brief)).toEqual([`${OTHER} OrderStatusChange Unshipped`])
    expect((await amazon.get(`/orders/2026-01-01/orders/${OTHER}`)).status).toBe(200)

    await happens('set-status', { order_id: '111-2222222-5555555', status: 'UNSHIPPED' })
    expect(told().map(brief).slice(1)).toEqual(['111-2222222-5555555 OrderStatusChange Unshipped'])
  })

  it('is told pending too where that is set, and what was there before is not', async () => {
    forward({ new_orders: true, delay_ms: 1_000 })
    await happens('add-orders', [{ order_id: OTHER, status: 'PENDING', visible_at: NOW }])
    expect(receiver.received).toEqual([])
    await later(1_000)

    expect(told().map(brief)).toEqual([`${OTHER} OrderStatusChange Pending`])
  })

  it('and shipped by Amazon is told as such; those of other sellers not where one is named', async () => {
    amazon.sandbox.seed('amazon', { accounts: [{ seller_id: 'A2SANDBOX' }] })
    forward({ seller_id: 'A2SANDBOX' })
    amazon.sandbox.seed('amazon', {
      orders: [
        { order_id: OTHER, seller_id: 'A2SANDBOX', fulfilled_by: 'AMAZON' },
        { order_id: '111-2222222-5555555', seller_id: 'A1SANDBOX' },
      ],
    })
    await amazon.sandbox.settle()

    expect(told().map((one) => one.Payload.OrderChangeNotification)).toMatchObject([
      { AmazonOrderId: OTHER, SellerId: 'A2SANDBOX', Summary: { FulfillmentType: 'AFN' } },
    ])
  })
})

describe('a batch', () => {
  const many = Array.from({ length: 12 }, (_, i) => ({ order_id: `111-0000000-00000${10 + i}`, visible_at: NOW }))

  it.each([
    ['sqs', (body: Json) => body],
    ['lambda', (body: Json) => body.Records],
  ])('of form %s holds up to ten records of the queue, each with its notification as text', async (form, recordsIn) => {
    forward({ form })
    await happens('add-orders', many)

    const records = bodies().map(recordsIn)
    expect(records.map(({ length }: { length: number }) => length).sort()).toEqual([10, 2])
    expect(records[0][0]).toMatchObject({
      messageId: expect.any(String),
      body: expect.stringMatching(/^\{"NotificationVersion"/),
      attributes: { ApproximateReceiveCount: '1', SenderId: '437568002678' },
      eventSource: 'aws:sqs',
      awsRegion: 'us-east-1',
    })
    expect(
      told()
        .map((one) => one.Payload.OrderChangeNotification.AmazonOrderId)
        .sort(),
    ).toEqual(many.map((one) => one.order_id))
  })

  it('is as large as it is set to, and comes again with the same messages until it is taken', async () => {
    status = 503
    forward({ form: 'sqs', batch_size: 100, attempts: 3, retry_after_ms: MINUTE })
    await happens('add-orders', many)
    await later(MINUTE)
    status = 200
    await later(MINUTE)
    await later(MINUTE)

    const [first, second, third] = bodies()
    expect(bodies()).toHaveLength(3)
    expect(first).toHaveLength(12)
    expect(second.map(({ body }: Json) => body)).toEqual(first.map(({ body }: Json) => body))
    expect(third[0].attributes.ApproximateReceiveCount).toBe('3')
  })
})

describe('at least once', () => {
  it('means five tries, half a minute apart, where nothing else is set', async () => {
    status = 500
    forward()
    await happens('set-status', { order_id: ID, status: 'SHIPPED' })
    for (let n = 0; n < 10; n += 1) await later(30_000)

    expect(receiver.received).toHaveLength(5)
    expect(new Set(told().map((one) => one.NotificationMetadata.NotificationId)).size).toBe(1)
  })

  it('messages may come twice, and out of order', async () => {
    forward()
    amazon.sandbox.addFault({ vendor: 'amazon', kind: 'push-twice', match: { body: '"PartiallyShipped"' } })
    amazon.sandbox.addFault({ vendor: 'amazon', kind: 'push-late', delayMs: 10 * MINUTE, match: { body: '"Canceled"' } })
    for (const state of ['CANCELLED', 'PARTIALLY_SHIPPED', 'UNSHIPPED'])
      await happens('set-status', { order_id: ID, status: state })
    await later(10 * MINUTE)

    expect(told().map((one) => brief(one).split(' ').at(-1))).toEqual([
      'PartiallyShipped',
      'PartiallyShipped',
      'Unshipped',
      'Canceled',
    ])
    const ids = told().map((one) => one.NotificationMetadata.NotificationId)
    expect(ids[0]).toBe(ids[1])
    expect(told().at(-1).EventTime).toBe(new Date(NOW).toISOString())
  })

  it('ends with the forwarder', async () => {
    forward()
    amazon.sandbox.act('amazon', 'forwarder', { url: null })
    await happens('set-status', { order_id: ID, status: 'SHIPPED' })

    expect(amazon.sandbox.outbox()).toEqual([])
    expect(() => forward({ form: 'smoke' })).toThrow(/must be one of single, sqs, lambda/)
  })
})

describe.skipIf(!MODELS_FOUND)(titleWithModels("amazon: messages hold against the vendor's own schema"), () => {
  /** With no member that the schema does not name. */
  function strict(): ValidateFunction {
    const schema = JSON.parse(readFileSync(`${MODELS_FOLDER}amazon/specs/OrderChangeNotification.schema.json`, 'utf8'))
    const ajv = new Ajv({ strict: false, allErrors: true })
    addFormats.default(ajv)
    return ajv.compile({ ...(closed(schema) as object), $schema: 'http://json-schema.org/draft-07/schema#', $id: 'closed' })
  }

  function closed(node: unknown): unknown {
    if (Array.isArray(node)) return node.map(closed)
    if (typeof node !== 'object' || node === null) return node
    const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]))
    return 'properties' in copy ? { ...copy, additionalProperties: false } : copy
  }

  it('in every state, of rich and of bare orders, with and without a wish to cancel', async () => {
    const rich = {
      programs: ['PRIME', 'AMAZON_BUSINESS', 'PREMIUM', 'IN_STORE_PICK_UP', 'FBM_SHIP_PLUS'],
      replaces: ID,
      ship_to: { type: 'PICKUP_POINT' },
      items: [{ cancel_requested: true }, { cancelled: 1 }],
    }
    const bare = { ship_to: null, items: [{ sku: null, title: null }], fulfilled_by: 'AMAZON' }
    const states = ['PENDING_AVAILABILITY', 'PENDING', 'UNSHIPPED', 'PARTIALLY_SHIPPED', 'SHIPPED', 'CANCELLED', 'UNFULFILLABLE']
    forward({ new_orders: true })
    amazon.sandbox.seed('amazon', {
      orders: states.flatMap((state) => [
        { status: state, ...rich },
        { status: state, ...bare },
      ]),
    })
    await amazon.sandbox.settle()

    const validate = strict()
    expect(told()).toHaveLength(3 * states.length)
    for (const message of told()) {
      validate(message)
      expect(validate.errors ?? [], brief(message)).toEqual([])
    }
    const [message] = told()
    const summary = message.Payload.OrderChangeNotification.Summary
    for (const off of [{ OrderStatus: 'Cancelled' }, { PurchaseDate: 7 }, { Colour: 'red' }]) {
      message.Payload.OrderChangeNotification.Summary = { ...summary, ...off }
      validate(message)
      expect(validate.errors ?? []).not.toEqual([])
    }
  })
})
