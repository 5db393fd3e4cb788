import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAmazonWebhook } from '../../src/connectors/amazon/webhook.ts'
import type { WebhookSource } from '../../src/core/ports/webhook.ts'
import { type AmazonWorld, ID, openAmazon, UK, US } from './amazon-world.ts'
import { judged, leadsTo, readsAnything, refused, refusesAnything, taken, theOne } from './webhook-world.ts'

const KEY = 'forwarder_'.repeat(4)
const NEXT = 'forwarder-'.repeat(4)
const OTHER = '111-2222222-4444444'
const CHANGED = Date.parse('2026-11-21T14:58:00Z')

function orderChange(
  id = ID,
  over: { notification?: string | null; seller?: string; place?: string; by?: string; at?: string } = {},
) {
  const { notification = `n-${id}`, seller = 'A1SANDBOX', place = US, by = 'MFN', at = '2026-11-21T14:58:00.000Z' } = over
  return {
    NotificationType: 'ORDER_CHANGE',
    EventTime: '2026-11-21T14:59:00.000Z',
    Payload: {
      OrderChangeNotification: {
        SellerId: seller,
        AmazonOrderId: id,
        OrderChangeTrigger: { TimeOfOrderChange: at },
        Summary: { MarketplaceId: place, FulfillmentType: by, OrderStatus: 'Unshipped' },
      },
    },
    NotificationMetadata: { NotificationId: notification },
  }
}

const batch = (...messages: unknown[]) => ({ Records: messages.map((message) => ({ body: JSON.stringify(message) })) })

let world: AmazonWorld
let source: WebhookSource
beforeAll(async () => {
  world = await openAmazon()
  const uk = world.again({ channel: 'amazon-uk', marketplaceIds: [UK] }).connector
  source = createAmazonWebhook({ keys: [KEY, NEXT] }, [world.connector, uk])
})
afterAll(() => world.sandbox.close())

const posted = (body: object | string, key = KEY) => ({ body, headers: { 'x-isync-key': key } })

describe('a message out of the queue', () => {
  it('is about an order of the channel that it is for', async () => {
    expect(await leadsTo(source, posted(orderChange()))).toEqual({
      kind: 'orders',
      orders: [{ channel: 'amazon-us', order: { externalOrderId: ID, deliveryId: `n-${ID}`, changedAt: CHANGED } }],
    })
    expect(await leadsTo(source, posted(orderChange(ID, { place: UK })))).toMatchObject({ orders: [{ channel: 'amazon-uk' }] })
  })

  it('is known by its number at Amazon', async () => {
    expect(await theOne(source, posted(orderChange()))).toMatchObject({
      key: `amazon-us:n-${ID}`,
      repeated: 'same',
      channel: 'amazon-us',
      topic: 'ORDER_CHANGE',
    })
    const nameless = await theOne(source, posted(orderChange(ID, { notification: null })))
    expect(nameless).toMatchObject({ repeated: 'anew', key: expect.stringMatching(/^[0-9a-f]{64}$/) })
    const later = await theOne(source, posted(orderChange(ID, { notification: null, at: '2026-11-21T14:59:00Z' })))
    expect(later.key).not.toBe(nameless.key)
  })

  it('becomes a delivery of its own out of a batch', async () => {
    const deliveries = await taken(source, posted(batch(orderChange(), orderChange(OTHER), orderChange(OTHER, { by: 'AFN' }))))
    expect(deliveries.map(({ key }) => key)).toEqual([`amazon-us:n-${ID}`, `amazon-us:n-${OTHER}`])
  })

  it('leads to nothing where nobody here is meant, and it is said why', async () => {
    const body = batch(orderChange(ID, { by: 'AFN' }), { NotificationType: 'FEED_PROCESSING_FINISHED' })
    const verdict = await judged(source, posted(body))
    expect(verdict).toMatchObject({ status: 'genuine', deliveries: [] })
    expect(verdict.status === 'genuine' && verdict.note).toMatch(/fulfilled by Amazon.*another kind/)
    expect(await taken(source, posted(orderChange(ID, { seller: 'SOMEBODY' })))).toEqual([])
    expect(await judged(createAmazonWebhook({ keys: [KEY] }, []), posted(orderChange()))).toMatchObject({
      deliveries: [],
      note: 'no Amazon channel is enabled',
    })
  })

  it.each([
    ['no JSON', 'not JSON', 'not JSON'],
    ['something else', { hello: 'world' }, '1 of 1 messages: not a notification'],
    [
      'half a notification',
      { NotificationType: 'ORDER_CHANGE' },
      '1 of 1 messages: ORDER_CHANGE of an unexpected shape: Payload',
    ],
    ['no number of an order', orderChange('x'), '1 of 1 messages: ORDER_CHANGE without a number of an order'],
  ])('is kept where nobody can read it: %s', async (_, body, why) => {
    const delivery = await theOne(source, posted(body))
    expect(delivery).toMatchObject({ topic: 'unreadable', repeated: 'same' })
    expect(source.read(delivery)).toEqual({ kind: 'unreadable', why })
  })

  it('is kept beside those of its batch that can be read', async () => {
    const [good, bad, ...more] = await taken(source, posted(batch(orderChange(), 'mud')))
    expect(more).toEqual([])
    expect(source.read(good!)).toMatchObject({ kind: 'orders' })
    expect(source.read(bad!)).toEqual({ kind: 'unreadable', why: '1 of 2 messages: not a notification' })
  })

  it('that could not be read is read again when it is worked on again', () => {
    const whole = Buffer.from(JSON.stringify({ whole: JSON.stringify(orderChange()) }))
    expect(source.read({ topic: 'unreadable', body: whole })).toMatchObject({
      kind: 'orders',
      orders: [{ channel: 'amazon-us' }],
    })
    const foreign = Buffer.from(JSON.stringify({ whole: JSON.stringify(orderChange(ID, { seller: 'SOMEBODY' })) }))
    expect(source.read({ topic: 'unreadable', body: foreign })).toMatchObject({ kind: 'nothing' })
  })
})

describe('the key', () => {
  it('is one of those that are configured', async () => {
    expect(await judged(source, posted(orderChange(), NEXT))).toMatchObject({ status: 'genuine' })
    for (const key of ['', KEY.slice(1), `${KEY}x`, `${KEY}, ${KEY}`, KEY.toUpperCase()])
      expect(await judged(source, posted(orderChange(), key))).toEqual(refused('signature'))
    expect(await judged(source, { body: orderChange() })).toEqual(refused('signature'))
  })

  it('opens one path', async () => {
    expect(await judged(source, { ...posted(orderChange()), rest: 'amazon-us' })).toEqual(refused('path'))
    expect(source.paths().map(({ path }) => path)).toEqual(['/webhooks/amazon'])
  })
})

describe('anything else', () => {
  it('gets nobody in', () => refusesAnything(source))

  it('is read without harm', () => readsAnything(source))
})
