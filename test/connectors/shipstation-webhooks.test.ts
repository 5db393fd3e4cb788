import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGate } from '../../src/connectors/http/gate.ts'
import { createShipStationConnector } from '../../src/connectors/shipstation/connector.ts'
import { RefusedByDryRun } from '../../src/core/errors.ts'
import type { Shipment } from '../../src/core/model/shipment.ts'
import type { ShippingConnector } from '../../src/core/ports/shipping.ts'
import { createScrubber } from '../../src/core/privacy/scrub.ts'
import type { Fault } from '../../src/sandbox/stand-in.ts'
import { followingClock, openAccount } from '../world/gate.ts'
import { aPush, errorFrom, never, pushes, START, settingsFor, shipStationWorld, type World } from './shipstation-world.ts'

const DAY = 86_400_000
const TOKEN = 'a-token-of-32-letters-and-digits-0001'
const wish = {
  event: 'SHIP_NOTIFY',
  targetUrl: `https://hooks.example.com/webhooks/shipstation/${TOKEN}`,
  shownUrl: 'https://hooks.example.com/webhooks/shipstation/***',
  name: 'isync SHIP_NOTIFY',
}
let world: World
beforeEach(async () => {
  world = await shipStationWorld()
})
afterEach(() => world.sandbox.close())

const fault = (given: Omit<Fault, 'vendor'>) => world.sandbox.addFault({ vendor: 'shipstation', ...given })
const listed = () => world.connector.listWebhooks(never)

describe('webhooks of ShipStation', () => {
  it('are made for all stores, listed and deleted', async () => {
    const id = await world.connector.subscribeWebhook(wish, never)
    const other = await world.connector.subscribeWebhook({ ...wish, event: 'FULFILLMENT_SHIPPED' }, never)

    expect(await listed()).toEqual([
      { id, event: 'SHIP_NOTIFY', targetUrl: wish.targetUrl, active: true },
      { id: other, event: 'FULFILLMENT_SHIPPED', targetUrl: wish.targetUrl, active: true },
    ])
    expect(await world.connector.deleteWebhook(id, never)).toBe('deleted')
    expect((await listed()).map((one) => one.id)).toEqual([other])
    expect(world.asked()).toEqual([
      'POST /webhooks/subscribe',
      'POST /webhooks/subscribe',
      'GET /webhooks',
      `DELETE /webhooks/${id}`,
      'GET /webhooks',
    ])
  })

  it('say where to send, under what name, and are of no one store', async () => {
    await world.connector.subscribeWebhook(wish, never)
    expect(world.books().webhooks).toMatchObject([
      { url: wish.targetUrl, event: 'SHIP_NOTIFY', storeId: null, name: 'isync SHIP_NOTIFY' },
    ])
  })

  it('that are gone already are said to be', async () => {
    expect(await world.connector.deleteWebhook(99, never)).toBe('absent')
  })

  it.each<[string, unknown, object]>([
    [
      'of one store',
      { WebHookID: 1, HookType: 'SHIP_NOTIFY', Url: 'https://a.example', StoreID: 7, Active: true },
      { storeId: 7, active: true },
    ],
    [
      'of store 0, which is all',
      { WebHookID: 1, HookType: 'SHIP_NOTIFY', Url: 'https://a.example', StoreID: 0, Active: true },
      { active: true },
    ],
    [
      'switched off',
      { WebHookID: 1, HookType: 'SHIP_NOTIFY', Url: 'https://a.example', StoreID: null, Active: false },
      { active: false },
    ],
    [
      'in small letters',
      { webhookId: 1, hookType: 'SHIP_NOTIFY', url: 'https://a.example', storeId: 7, active: false },
      { storeId: 7, active: false },
    ],
    [
      'in words with underscores',
      { web_hook_id: 1, hook_type: 'SHIP_NOTIFY', url: 'https://a.example', store_id: 7 },
      { storeId: 7, active: true },
    ],
  ])('are read: %s', async (_, row, expected) => {
    fault({ kind: 'status', status: 200, body: { webhooks: [row] } })
    expect(await listed()).toEqual([{ id: 1, event: 'SHIP_NOTIFY', targetUrl: 'https://a.example', ...expected }])
  })

  it('are read where their list itself is spelled like them, and where they say no more than who they are', async () => {
    fault({ kind: 'status', status: 200, body: { Webhooks: [{ WebHookID: 5, Url: null }] } })
    expect(await listed()).toEqual([{ id: 5, event: '', targetUrl: '', active: true }])
  })

  it('without an id are left out, with a warning that names no address', async () => {
    fault({
      kind: 'status',
      status: 200,
      body: { webhooks: [{ HookType: 'SHIP_NOTIFY', Url: wish.targetUrl }, { WebHookID: 6 }] },
    })
    expect((await listed()).map(({ id }) => id)).toEqual([6])
    const warning = world.logged.find(({ level }) => level === 'warn')
    expect(warning?.fields).toMatchObject({ operation: 'listWebhooks', field: 'webhookid' })
    expect(JSON.stringify(world.logged)).not.toContain(TOKEN)
  })
})

describe('in a dry run', () => {
  it('webhooks are planned, not made nor deleted, and the plan has no token', async () => {
    const existing = await world.connector.subscribeWebhook(wish, never)
    const before = world.asked().length
    const { connector, planned } = world.connect({ dryRun: true })

    await expect(connector.subscribeWebhook(wish, never)).rejects.toThrow(RefusedByDryRun)
    await expect(connector.deleteWebhook(existing, never)).rejects.toThrow(RefusedByDryRun)
    expect(await connector.listWebhooks(never)).toHaveLength(1)

    expect(planned).toEqual([
      {
        account: 'shipstation',
        operation: 'subscribeWebhook',
        target: 'SHIP_NOTIFY',
        detail: 'send to https://hooks.example.com/webhooks/shipstation/***',
      },
      { account: 'shipstation', operation: 'unsubscribeWebhook', target: String(existing), detail: 'delete this webhook' },
    ])
    expect(world.asked().slice(before)).toEqual(['GET /webhooks'])
  })
})

type Call = 'list' | 'subscribe' | 'delete'
const ask: Readonly<Record<Call, (connector: ShippingConnector) => Promise<unknown>>> = {
  list: (connector) => connector.listWebhooks(never),
  subscribe: (connector) => connector.subscribeWebhook(wish, never),
  delete: (connector) => connector.deleteWebhook(77, never),
}

describe('what ShipStation answers', () => {
  it.each<[Call, number, unknown, object]>([
    ['list', 401, '', { kind: 'auth', status: 401 }],
    ['list', 503, '', { kind: 'retryable', outcomeUnknown: false }],
    ['list', 200, [], { kind: 'retryable', message: expect.stringContaining('unexpected shape') }],
    ['list', 200, { webhooks: null }, { kind: 'retryable', message: expect.stringContaining('unexpected shape') }],
    ['list', 404, { message: 'No HTTP resource' }, { kind: 'permanent', status: 404 }],
    ['subscribe', 400, { Message: 'The request is invalid.' }, { kind: 'permanent', status: 400 }],
    ['subscribe', 403, '', { kind: 'auth', status: 403 }],
    ['subscribe', 429, { message: 'Too Many Requests' }, { kind: 'throttled' }],
    ['subscribe', 500, { ExceptionMessage: 'Execution Timeout Expired.' }, { kind: 'retryable', outcomeUnknown: true }],
    ['subscribe', 200, { message: 'made' }, { kind: 'retryable', outcomeUnknown: true }],
    ['delete', 500, '', { kind: 'retryable', outcomeUnknown: true }],
    ['delete', 405, { message: 'no' }, { kind: 'permanent', status: 405 }],
  ])('to a %s with %d %j is what it means', async (call, status, body, expected) => {
    fault({ kind: 'status', status, body })
    expect(await errorFrom(ask[call](world.connector))).toMatchObject(expected)
  })

  it.each([
    [200, ''],
    [204, ''],
    [200, '<html>gone</html>'],
  ])('to a deletion may be %d and %j: it is deleted', async (status, body) => {
    fault({ kind: 'status', status, body })
    expect(await world.connector.deleteWebhook(77, never)).toBe('deleted')
  })

  it('may repeat the address it refuses: no error has its token', async () => {
    fault({ kind: 'status', status: 400, body: { Message: `${wish.targetUrl} cannot be reached, nor /${TOKEN}` } })
    const clock = followingClock(world.sandbox.clock.now, 1000)
    const gate = createGate({
      account: 'shipstation',
      shared: openAccount('shipstation'),
      clock,
      log: world.gate.log,
      boundary: { reach: () => undefined },
      scrub: createScrubber([TOKEN]),
      maxWaitMs: 1000,
      timeoutMs: 2000,
    })
    const connector = createShipStationConnector(gate, settingsFor(world.sandbox))
    const error = await errorFrom(connector.subscribeWebhook(wish, never))
    expect(error.message).toContain('cannot be reached')
    expect(error.message).not.toContain(TOKEN)
  })
})

async function batch(batchId: string): Promise<readonly (readonly Shipment[])[]> {
  const pages: (readonly Shipment[])[] = []
  for await (const page of world.connector.listShipmentsOfBatch(batchId, never)) pages.push(page)
  return pages
}

/** The batch that the newest webhook names. */
function batchTold(): string {
  const { notifications } = world.books()
  return new URL(notifications.at(-1).body.resource_url).searchParams.get('batchId') ?? ''
}

describe('one batch of labels', () => {
  it('holds its labels with what is in them, and no other', async () => {
    await world.connector.subscribeWebhook(wish, never)
    await world.connector.upsertOrders(pushes(2), never)
    const items = [{ line_item_key: 'L1', quantity: 1 }]
    world.act('ship', {
      order_number: 'N1',
      packages: [
        { tracking: 'A-1', items },
        { tracking: 'A-2', items },
      ],
    })
    const first = batchTold()
    world.act('ship', { order_number: 'N2', packages: [{ tracking: 'B-1' }] })

    const [page] = await batch(first)

    expect(page).toMatchObject([
      { trackingNumber: 'A-1', orderKey: 'isync:amazon-us:N1', items: [{ externalLineId: 'L1', quantity: 1 }] },
      { trackingNumber: 'A-2' },
    ])
    expect(page).toHaveLength(2)
    expect((await batch(batchTold())).flat().map((one) => one.trackingNumber)).toEqual(['B-1'])
    expect(await batch('1')).toEqual([[]])
  })

  it('is asked for at the largest page, with its items, and not further back than two days', async () => {
    world.sandbox.clock.set(Date.UTC(2026, 6, 3, 15, 46, 27))
    await batch('100301')
    expect(decodeURIComponent(world.asked().at(-1) ?? '').replaceAll('+', ' ')).toBe(
      'GET /shipments?batchId=100301&createDateStart=2026-07-01 08:46:27&includeShipmentItems=true&sortBy=CreateDate&sortDir=ASC&page=1&pageSize=500',
    )
  })

  it('of two days ago is left to the poll', async () => {
    await world.connector.subscribeWebhook(wish, never)
    await world.connector.upsertOrders([aPush({ externalOrderId: 'OLD' })], never)
    world.act('ship', { order_number: 'OLD', packages: [{ tracking: 'O-1' }] })
    world.sandbox.clock.set(START + 2 * DAY + 1000)
    expect(await batch(batchTold())).toEqual([[]])
  })

  it('is read to its last page', async () => {
    const row = (shipmentId: number) => ({ shipmentId, createDate: '2026-11-21T12:00:00', voided: false })
    fault({ kind: 'status', status: 200, body: { shipments: [row(1), row(2)], total: 3 } })
    fault({ kind: 'status', status: 200, body: { shipments: [row(3)], total: 3 } })
    expect((await batch('100301')).map((page) => page.map(({ number }) => number))).toEqual([[1, 2], [3]])
  })

  it.each(['', '12&pageSize=1', '-1', '1e3', '../orders'])('named %j is none, and nobody is asked', async (name) => {
    expect(await errorFrom(batch(name))).toMatchObject({ kind: 'permanent', operation: 'listShipments' })
    expect(world.asked()).toEqual([])
  })
})
