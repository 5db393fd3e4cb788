import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Confirmation } from '../../src/core/model/shipment.ts'
import {
  type Answer,
  type Asked,
  aFulfillment,
  anItem,
  anOrder,
  aPackage,
  failureOf,
  HOUR,
  type Json,
  NOW,
  openScripted,
  type ScriptedWorld,
  signal,
} from './channeladvisor-wire.ts'

let world: ScriptedWorld
let orders: Map<string, Json>
/** How Ship is answered: by default it is carried out. */
let onShip: (asked: Asked, order: Json) => Answer

beforeEach(async () => {
  orders = new Map([['100', anOrder()]])
  onShip = (asked, order) => {
    ship(order, asked)
    return { status: 204 }
  }
  world = await openScripted(account)
})
afterEach(() => world.close())

function account(asked: Asked): Answer | undefined {
  const [, id = '', action] = /^\/v1\/Orders\((\d+)\)(?:\/(\w+))?$/.exec(asked.path) ?? []
  const order = orders.get(id)
  if (order === undefined) return undefined
  if (action === undefined) return { body: order }
  return action === 'Ship' ? onShip(asked, order) : { status: 204 }
}

function ship(order: Json, asked: Asked): void {
  const Value = shipmentOf(asked)
  const items = (Value['Items'] as readonly Json[]).map(({ OrderItemID, Quantity }) => ({ OrderItemID, Quantity }))
  order['Fulfillments'] = [...(order['Fulfillments'] as Json[]), { ...aFulfillment(Value), ID: 80, Items: items }]
}

function shipmentOf(asked: Asked | undefined): Json {
  return (asked?.json as { readonly Value: Json } | undefined)?.Value ?? {}
}

const ships = () => world.calls(/\/Ship$/)
const confirm = (batch: readonly Confirmation[], connector = world.connector) => connector.confirmShipments(batch, signal)
const lookUp = (batch: readonly Confirmation[]) => world.connector.lookUpConfirmations(batch, signal)
const gone = (over: Json = {}) => aFulfillment({ ID: 72, DeliveryStatus: 'Complete', ...over })
const errorOf = async (one = aPackage(), connector = world.connector) => {
  const [outcome] = await confirm([one], connector)
  return outcome?.status === 'failed' ? outcome.error : outcome
}

describe('a package', () => {
  it('is told with its lines, its own number and the place it lay in', async () => {
    expect(await confirm([aPackage()])).toEqual([{ status: 'accepted' }])

    expect(ships()).toHaveLength(1)
    expect(ships()[0]).toMatchObject({
      method: 'POST',
      path: '/v1/Orders(100)/Ship',
      json: {
        Value: {
          ShippedDateUtc: new Date(NOW - HOUR).toISOString(),
          TrackingNumber: '1Z999AA10123456784',
          ShippingCarrier: 'UPS',
          ShippingClass: 'Ground',
          DistributionCenterID: 0,
          SellerFulfillmentID: '4711',
          DeliveryStatus: 'Complete',
          Items: [{ OrderItemID: 501, Sku: 'SKU-1', Quantity: 2 }],
        },
      },
    })
  })

  it('never leaves in the future', async () => {
    await confirm([aPackage({ shippedAt: NOW + HOUR })])
    expect(ships()[0]?.json).toMatchObject({ Value: { ShippedDateUtc: new Date(NOW).toISOString() } })
  })

  it('with a part of the units names that part', async () => {
    await confirm([aPackage({ lines: [{ externalLineId: '501', quantity: 1 }], wholeOrder: false })])
    expect(ships()[0]?.json).toMatchObject({ Value: { Items: [{ OrderItemID: 501, Quantity: 1 }] } })
  })

  it('that is known already is not told again', async () => {
    orders.set('100', anOrder({ ShippingStatus: 'Shipped', Fulfillments: [gone({ TrackingNumber: '1z999-aa1 0123456784' })] }))
    expect(await confirm([aPackage()])).toEqual([{ status: 'accepted', note: 'already confirmed' }])
    expect(ships()).toEqual([])
  })

  it('is known by its own number where the tracking number was taken out', async () => {
    orders.set('100', anOrder({ Fulfillments: [gone({ SellerFulfillmentID: '4711' })] }))
    expect(await confirm([aPackage()])).toMatchObject([{ status: 'accepted' }])
    expect(ships()).toEqual([])
  })

  it("is not known by a number that is another program's", async () => {
    orders.set(
      '100',
      anOrder({ Fulfillments: [aFulfillment(), gone({ TrackingNumber: 'OTHER', SellerFulfillmentID: '4711', Items: [] })] }),
    )
    expect(await lookUp([aPackage()])).toEqual(['absent'])
    await confirm([aPackage()])
    expect(ships()).toHaveLength(1)
  })

  it('is not told a second time when a person has corrected its tracking number', async () => {
    const corrected = gone({ TrackingNumber: 'OTHER', SellerFulfillmentID: '4711', Items: [{ OrderItemID: 501, Quantity: 1 }] })
    orders.set('100', anOrder({ ShippingStatus: 'PartiallyShipped', Fulfillments: [aFulfillment(), corrected] }))

    expect(await errorOf()).toMatchObject({
      kind: 'permanent',
      message: expect.stringContaining('has this package (SellerFulfillmentID 4711) under another tracking number'),
    })
    expect(ships()).toEqual([])
  })

  it('that was refused and stands there all the same is accepted', async () => {
    onShip = (asked, order) => {
      ship(order, asked)
      return { status: 400, body: { Message: 'Already shipped.' } }
    }
    expect(await confirm([aPackage()])).toEqual([{ status: 'accepted', note: 'already confirmed' }])
  })

  it('of one order waits for the one before it', async () => {
    const [one, two] = [
      aPackage({ lines: [{ externalLineId: '501', quantity: 1 }], trackingNumber: 'T1' }),
      aPackage({ lines: [{ externalLineId: '501', quantity: 1 }], trackingNumber: 'T2', reference: 4712 }),
    ]
    expect(await confirm([one, two])).toEqual([{ status: 'accepted' }, { status: 'accepted' }])
    expect(world.calls().map(({ method }) => method)).toEqual(['GET', 'POST', 'GET', 'POST'])
  })

  it('alone fails when it is the bad one; outcomes keep their order', async () => {
    for (const id of ['101', '102']) orders.set(id, anOrder({ ID: Number(id) }))
    onShip = ({ path }) =>
      path.includes('(101)') ? { status: 400, body: { error: { code: '', message: 'Bad quantity' } } } : { status: 204 }

    const outcomes = await confirm(['100', '101', '102'].map((externalOrderId) => aPackage({ externalOrderId })))

    expect(outcomes).toMatchObject([
      { status: 'accepted' },
      { status: 'failed', error: { kind: 'permanent' } },
      { status: 'accepted' },
    ])
  })

  it.each<[string, Partial<Confirmation>, Json | undefined, RegExp]>([
    ['of an order that nobody knows', { externalOrderId: '7' }, undefined, /the account has no such order/],
    ['of an order without an id of this kind', { externalOrderId: 'B-1' }, undefined, /the account has no such order/],
    ['without lines', { lines: [] }, undefined, /names no line of the order/],
    ['with a strange line', { lines: [{ externalLineId: '999', quantity: 1 }] }, undefined, /the order has no line 999/],
    ['of a cancelled order', {}, { ShippingStatus: 'Canceled' }, /has been cancelled/],
    [
      'of an order that somebody else shipped',
      {},
      { ShippingStatus: 'Shipped', Fulfillments: [gone({ TrackingNumber: 'OTHER' })] },
      /shipped already, with another tracking number/,
    ],
  ])('%s is not told, and the reason is', async (_, over, order, reason) => {
    if (order !== undefined) orders.set('100', anOrder(order))
    const error = await errorOf(aPackage(over))
    expect(error).toMatchObject({ kind: 'permanent' })
    expect(String(error)).toMatch(reason)
    expect(ships()).toEqual([])
  })

  it('in a dry run stands in the plan, every one of them, and is not sent', async () => {
    orders.set('101', anOrder({ ID: 101 }))
    const dry = world.again({}, { dryRun: true })
    expect(await failureOf(confirm([aPackage(), aPackage({ externalOrderId: '101' })], dry))).toMatchObject({
      name: 'RefusedByDryRun',
    })
    expect([...world.planned].sort((one, other) => one.target.localeCompare(other.target))).toEqual([
      { account: 'ca-test', operation: 'Orders/Ship', target: '100', detail: 'UPS Ground 1Z999AA10123456784, 2 x 501' },
      { account: 'ca-test', operation: 'Orders/Ship', target: '101', detail: 'UPS Ground 1Z999AA10123456784, 2 x 501' },
    ])
    expect(ships()).toEqual([])
  })
})

describe('the place it lay in', () => {
  const units = (OrderItemID: number) => [{ OrderItemID, Quantity: 2 }]
  it.each<[string, readonly Json[], number | undefined]>([
    [
      'is the one where its lines wait',
      [aFulfillment({ DistributionCenterID: 3 }), aFulfillment({ ID: 72, DistributionCenterID: 4, Items: units(502) })],
      3,
    ],
    [
      'is left out where they wait in two',
      [aFulfillment({ DistributionCenterID: 3 }), aFulfillment({ ID: 72, DistributionCenterID: 4 })],
      undefined,
    ],
    ['is left out where nothing is known', [], undefined],
  ])('%s', async (_, Fulfillments, center) => {
    orders.set('100', anOrder({ Items: [anItem(), anItem({ ID: 502 })], Fulfillments }))
    await confirm([aPackage()])
    expect(shipmentOf(ships()[0])['DistributionCenterID']).toBe(center)
  })
})

describe('carrier and class', () => {
  const told = async (one: Partial<Confirmation>, carriers: Record<string, string> = {}, order: Json = {}) => {
    orders.set('100', anOrder(order))
    await confirm([aPackage(one)], world.again({ carriers }))
    const value = shipmentOf(ships().at(-1))
    return [value['ShippingCarrier'], value['ShippingClass']]
  }
  const fedex = { carrier: { code: 'fedex_x', name: 'FedEx', family: 'fedex' as const }, service: 'fedex_2day' }

  it("are the order's own when the parcel went that way", async () => {
    expect(await told({}, {}, { RequestedShippingCarrier: 'ups', RequestedShippingClass: '2ND DAY' })).toEqual(['ups', '2ND DAY'])
  })

  it("are the carrier's common name and the service in words when it went another way", async () => {
    expect(await told(fedex)).toEqual(['FedEx', '2day'])
    expect(await told({ ...fedex, service: 'fedex_standard_overnight' })).toEqual(['FedEx', 'Standard Overnight'])
  })

  it.each<[string, Record<string, string>, readonly (string | undefined)[]]>([
    ['by carrier', { FEDEX_X: 'FDX/2D' }, ['FDX', '2D']],
    ['by carrier and service, which goes first', { fedex_x: 'FDX/GND', 'fedex_x/fedex_2day': 'FDX/2D' }, ['FDX', '2D']],
    ['without a class', { fedex_x: 'FDX' }, ['FDX', undefined]],
    ['with a stroke in the class', { fedex_x: 'FDX/2D/AM' }, ['FDX', '2D/AM']],
  ])('are what the configuration says %s', async (_, carriers, expected) => {
    expect(await told(fedex, carriers)).toEqual(expected)
  })

  it('keep the class of the order where the configuration names the same carrier', async () => {
    expect(await told({}, { ups_walleted: 'UPS' })).toEqual(['UPS', 'Ground'])
  })

  it('of a carrier that nobody knows are its name', async () => {
    expect(await told({ carrier: { code: 'courier_x', name: 'Courier X', family: 'other' }, service: 'express' })).toEqual([
      'Courier X',
      undefined,
    ])
  })

  it('that the account does not have are refused with the line to add', async () => {
    onShip = () => ({
      status: 400,
      body: { error: { code: '', message: 'Invalid ShippingCarrier / ShippingClass combination' } },
    })
    expect(String(await errorOf(aPackage(fedex)))).toMatch(
      /answered 400: Invalid ShippingCarrier.*sent as FedEx, 2day.*add to carriers of ca-test: fedex_x: Carrier\/Class/,
    )
  })

  it('are not blamed for a refusal of another kind', async () => {
    onShip = () => ({ status: 400, body: { Message: 'Quantity is too large.' } })
    expect(String(await errorOf())).not.toMatch(/carriers of/)
  })
})

describe('a look-up', () => {
  it('reads each order once and answers in order', async () => {
    orders.set(
      '100',
      anOrder({
        Fulfillments: [
          gone({ TrackingNumber: 'T1' }),
          aFulfillment({ TrackingNumber: 'T2' }),
          gone({ ID: 9, DeliveryStatus: 'Canceled', TrackingNumber: 'T3' }),
        ],
      }),
    )
    const batch = ['T1', 'T2', 'T3'].map((trackingNumber) => aPackage({ trackingNumber, reference: 1 }))

    expect(await lookUp([...batch, aPackage({ externalOrderId: '404' })])).toEqual([
      'confirmed',
      'absent',
      'absent',
      'unknowable',
    ])
    expect(world.calls(/Orders\(100\)$/)).toHaveLength(1)
  })

  it('does not answer from a part of the fulfillments', async () => {
    orders.set('100', anOrder({ 'Fulfillments@odata.nextLink': 'more' }))
    expect(await failureOf(lookUp([aPackage()]))).toMatchObject({ kind: 'retryable' })
  })
})

describe('trouble on the way', () => {
  it.each<[string, Answer]>([
    ['a fault of the vendor', { status: 500, body: { Message: 'An error has occurred.' } }],
    ['a page of something in between', { status: 200, body: '<html>hello</html>' }],
    ['a passing 406', { status: 406 }],
  ])('%s: the package may have been told', async (_, answer) => {
    onShip = () => answer
    expect(await errorOf()).toMatchObject({ kind: 'retryable', outcomeUnknown: true })
  })

  it('that repeats itself ends the hand-over, and what was not begun needs no look-up', async () => {
    const ids = Array.from({ length: 20 }, (_, at) => String(200 + at))
    for (const id of ids) orders.set(id, anOrder({ ID: Number(id) }))
    onShip = () => ({ status: 503 })

    const outcomes = await confirm(ids.map((externalOrderId) => aPackage({ externalOrderId })))

    const unknown = outcomes.filter(
      (one) => one.status === 'failed' && one.error.kind === 'retryable' && one.error.outcomeUnknown,
    )
    expect(outcomes).toHaveLength(20)
    expect(outcomes.every(({ status }) => status === 'failed')).toBe(true)
    expect(unknown.length).toBe(ships().length)
    expect(ships().length).toBeLessThan(8)
  })

  it('of a spent limit is thrown when nothing went before it, and holds every call of the account', async () => {
    onShip = () => ({ status: 429 })
    expect(await failureOf(confirm([aPackage()]))).toMatchObject({ kind: 'throttled', waitMs: 60_000 })
    expect(world.account.drained).toEqual([
      { bucket: 'api', until: NOW + 60_000 },
      { bucket: 'batch', until: NOW + 60_000 },
    ])
  })
})

describe('the export mark', () => {
  const acknowledge = (ids: readonly string[], connector = world.connector) =>
    connector.acknowledgeOrders?.(
      ids.map((externalOrderId) => ({ externalOrderId, externalLineIds: ['501'], reference: 'ss-1' })),
      signal,
    ) ?? Promise.reject(new Error('cannot acknowledge'))

  it('is set order by order, and again without harm', async () => {
    orders.set('101', anOrder({ ID: 101 }))
    expect(await acknowledge(['100', '101', '100'])).toEqual([
      { status: 'accepted' },
      { status: 'accepted' },
      { status: 'accepted' },
    ])
    expect(world.calls(/\/Export$/).map(({ method, text }) => [method, text])).toEqual([
      ['POST', ''],
      ['POST', ''],
      ['POST', ''],
    ])
  })

  it('fails alone for an order that is not there', async () => {
    expect(await acknowledge(['100', '404', 'B-1'])).toMatchObject([
      { status: 'accepted' },
      { status: 'failed', error: { kind: 'permanent', status: 404 } },
      { status: 'failed', error: { kind: 'permanent' } },
    ])
  })

  it('in a dry run stands in the plan', async () => {
    expect(await failureOf(acknowledge(['100'], world.again({}, { dryRun: true })))).toMatchObject({ name: 'RefusedByDryRun' })
    expect(world.planned).toEqual([
      { account: 'ca-test', operation: 'Orders/Export', target: '100', detail: 'mark as exported (ss-1)' },
    ])
  })
})
