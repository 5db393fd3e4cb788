import { afterEach, describe, expect, it } from 'vitest'
import { createEbayConnector } from '../../src/connectors/ebay/connector.ts'
import { PermanentError, RefusedByDryRun, RetryableError } from '../../src/core/errors.ts'
import type { Confirmation } from '../../src/core/model/shipment.ts'
import {
  aPackage,
  bookOf,
  books,
  type EbayWorld,
  failureOf,
  heard,
  NOW,
  openEbay,
  settingsFor,
  signal,
  spoil,
  TRADING,
} from './ebay-world.ts'

const ID = '11-00001-00001'
const [A, B] = ['256000000001-2900000000001', '256000000002-2900000000002']
const LINES = [
  { item_id: '256000000001', transaction_id: '2900000000001', line_item_id: '10000000000001', sku: 'A' },
  { item_id: '256000000002', transaction_id: '2900000000002', line_item_id: '10000000000002', sku: 'B', quantity: 2 },
]

let world: EbayWorld
afterEach(() => world.close())

const open = async (order: object = {}, more: object = {}) => {
  world = await openEbay({ orders: [{ order_id: ID, lines: LINES, ...order }], ...more })
}
const confirm = (...batch: readonly Confirmation[]) => world.connector.confirmShipments(batch, signal)
const packages = () => bookOf(world, ID).packages.map(({ tracking, lines }) => [tracking, lines])
const sent = (call: string) => heard(world, TRADING).filter(({ requestBody }) => requestBody.includes(`<${call}Request`))

describe('a package told by CompleteSale', () => {
  it('of the whole order is one call by the order', async () => {
    await open()

    expect(await confirm(aPackage(ID, [A, B], { trackingNumber: '1Z 999-AA1' }))).toMatchObject([{ status: 'accepted' }])

    expect(packages()).toEqual([['1Z999AA1', { [A]: 1, [B]: 2 }]])
    expect(bookOf(world, ID)).toMatchObject({ complete_sale_calls: 1, packages: [{ carrier: 'UPS' }] })
    expect(books(world).misdeeds).toEqual([])
  })

  it('of one line is told of that line alone, and says what eBay makes of a part of it', async () => {
    await open()

    expect(await confirm(aPackage(ID, [B], { trackingNumber: '1ZB' }))).toEqual([
      { status: 'accepted', note: 'eBay counts the whole line as shipped' },
    ])

    expect(packages()).toEqual([['1ZB', { [B]: 2 }]])
    expect(sent('CompleteSale')[0]?.requestBody).not.toContain('<OrderID>')
  })

  it('leaves the packages that eBay has already where they are: the call replaces', async () => {
    await open({ packages: [{ tracking: 'FIRST1', carrier: 'USPS' }] })

    await confirm(aPackage(ID, [A, B], { trackingNumber: 'SECOND2' }))

    expect(packages().map(([tracking]) => tracking)).toEqual(['FIRST1', 'SECOND2'])
  })

  it('is not refused for how another tool spelled the one before it', async () => {
    await open({ packages: [{ tracking: '1Z 999-AA', carrier: 'Kurier/Süd (24h)' }] })

    expect(await confirm(aPackage(ID, [A, B], { trackingNumber: 'SECOND2' }))).toMatchObject([{ status: 'accepted' }])

    expect(bookOf(world, ID).packages.map(({ tracking, carrier }) => [tracking, carrier])).toEqual([
      ['1Z999AA', 'Kurier S d 24h'],
      ['SECOND2', 'UPS'],
    ])
  })

  it('keeps every digit of a number, of those that are there and of its own', async () => {
    const [there, own] = ['9400100000000000000001', '00340434161094042557']
    await open({ packages: [{ tracking: there, carrier: 'USPS' }] })

    await confirm(aPackage(ID, [A, B], { trackingNumber: own }))

    expect(packages().map(([tracking]) => tracking)).toEqual([there, own])
    expect(bookOf(world, ID).complete_sale_calls).toBe(1)
  })

  it('together with the other packages of the order is one call', async () => {
    await open()

    const outcomes = await confirm(
      aPackage(ID, [A, B], { trackingNumber: 'ONE1' }),
      aPackage(ID, [A, B], { trackingNumber: 'TWO2' }),
    )

    expect(outcomes.map(({ status }) => status)).toEqual(['accepted', 'accepted'])
    expect(packages().map(([tracking]) => tracking)).toEqual(['ONE1', 'TWO2'])
    expect(sent('CompleteSale')).toHaveLength(1)
    expect(sent('GetOrders')).toHaveLength(1)
  })

  it('of which eBay tells nothing yet is sent along with the next one, in the next run too', async () => {
    await open({}, { settings: { tracking_lag_ms: 5 * 60_000 } })

    await confirm(aPackage(ID, [A, B], { trackingNumber: 'ONE1' }))
    expect(await world.connector.lookUpConfirmations([aPackage(ID, [A, B], { trackingNumber: 'ONE1' })], signal)).toEqual([
      'absent',
    ])
    const next = createEbayConnector(world.gate, settingsFor(world.sandbox.origins.ebay))
    await next.confirmShipments([aPackage(ID, [B], { trackingNumber: 'TWO2' })], signal)
    expect(await confirm(aPackage(ID, [A, B], { trackingNumber: 'ONE1' }))).toEqual([
      { status: 'accepted', note: 'already confirmed' },
    ])

    expect(packages()).toEqual([
      ['ONE1', { [A]: 1 }],
      ['ONE1', { [B]: 2 }],
      ['TWO2', { [B]: 2 }],
    ])
    expect(sent('CompleteSale').map(({ requestBody }) => requestBody.includes('<ShippedTime>'))).toEqual([true, false])
  })

  it('is remembered though another process tells of another order at the same time', async () => {
    const other = '11-00001-00002'
    const C = '256000000003-2900000000003'
    const its = { item_id: '256000000003', transaction_id: '2900000000003', line_item_id: '10000000000003', sku: 'C' }
    const orders = [
      { order_id: ID, lines: LINES },
      { order_id: other, lines: [its] },
    ]
    await open({}, { settings: { tracking_lag_ms: 5 * 60_000 }, orders })
    const second = createEbayConnector(world.gate, settingsFor(world.sandbox.origins.ebay))
    await Promise.all([
      confirm(aPackage(ID, [A], { trackingNumber: 'ONE1' })),
      second.confirmShipments([aPackage(other, [C], { trackingNumber: 'OTHER1' })], signal),
    ])

    await confirm(aPackage(ID, [A], { trackingNumber: 'TWO2' }))
    await confirm(aPackage(other, [C], { trackingNumber: 'OTHER2' }))

    expect(packages().map(([tracking]) => tracking)).toEqual(['ONE1', 'TWO2'])
    expect(bookOf(world, other).packages.map(({ tracking }) => tracking)).toEqual(['OTHER1', 'OTHER2'])
  })

  it('after another of another line touches only its own line', async () => {
    await open()

    await confirm(aPackage(ID, [A], { trackingNumber: 'ONE1' }))
    await confirm(aPackage(ID, [B], { trackingNumber: 'TWO2' }))

    expect(packages()).toEqual([
      ['ONE1', { [A]: 1 }],
      ['TWO2', { [B]: 2 }],
    ])
  })

  it('that eBay has already is accepted without a call', async () => {
    await open({ packages: [{ tracking: '1Z1' }] })

    expect(await confirm(aPackage(ID, [A, B], { trackingNumber: '1z-1' }))).toEqual([
      { status: 'accepted', note: 'already confirmed' },
    ])
    expect(sent('CompleteSale')).toEqual([])
  })

  it('whose answer was lost is found, and a repeat does no harm', async () => {
    await open()
    const one = aPackage(ID, [A, B])
    spoil(world, TRADING, 'cut-after', { match: { path: TRADING.source, body: 'CompleteSaleRequest' } })

    const error = await failureOf(confirm(one))

    expect(error).toBeInstanceOf(RetryableError)
    expect(error).toMatchObject({ outcomeUnknown: true, operation: 'CompleteSale' })
    expect(await world.connector.lookUpConfirmations([one, aPackage(ID, [A], { trackingNumber: 'OTHER' })], signal)).toEqual([
      'confirmed',
      'absent',
    ])
    expect(await confirm(one)).toEqual([{ status: 'accepted', note: 'already confirmed' }])
    expect(packages()).toHaveLength(1)
  })

  it.each<[string, (good: Confirmation) => Confirmation, RegExp]>([
    ['without a number', (good) => ({ ...good, trackingNumber: ' - ' }), /only letters and digits/],
    ['without a line', (good) => ({ ...good, lines: [] }), /names no line/],
    [
      'of a line that the order does not have',
      (good) => ({ ...good, lines: [{ externalLineId: '1-1', quantity: 1 }] }),
      /no line 1-1/,
    ],
    [
      "of an order that is not this account's",
      (good) => ({ ...good, externalOrderId: '99-99999-99999' }),
      /does not show this order/,
    ],
  ])('%s fails alone', async (_, spoilt, reason) => {
    await open()
    const good = aPackage(ID, [A, B])

    const [bad, fine] = await confirm(spoilt(aPackage(ID, [A, B], { trackingNumber: 'BAD1' })), good)

    expect(bad).toMatchObject({ status: 'failed', error: { kind: 'permanent', message: expect.stringMatching(reason) } })
    expect(fine?.status).toBe('accepted')
  })

  it('whose number belongs to another buyer is refused for good', async () => {
    await open({}, {})
    world.sandbox.seed('ebay', { orders: [{ order_id: '11-00001-00002', packages: [{ tracking: 'TAKEN1' }] }] })

    const [outcome] = await confirm(aPackage(ID, [A, B], { trackingNumber: 'TAKEN1' }))

    expect(outcome).toMatchObject({ status: 'failed', error: { kind: 'permanent' } })
  })

  it("is in doubt when the answer is another message's", async () => {
    await open()
    const body = '<CompleteSaleResponse><Ack>Success</Ack><CorrelationID>isync-other</CorrelationID></CompleteSaleResponse>'
    spoil(world, TRADING, 'status', { match: { path: TRADING.source, body: 'CompleteSaleRequest' }, status: 200, body })

    expect(await failureOf(confirm(aPackage(ID, [A, B])))).toMatchObject({ kind: 'retryable', outcomeUnknown: true })
  })

  it('in a dry run is planned and not sent', async () => {
    await open()
    const dry = world.again({}, { dryRun: true })

    const error = await failureOf(
      dry.connector.confirmShipments(
        [aPackage(ID, [A], { trackingNumber: 'ONE1' }), aPackage(ID, [B], { trackingNumber: 'TWO2' })],
        signal,
      ),
    )

    expect(error).toBeInstanceOf(RefusedByDryRun)
    expect(dry.planned.map(({ target, detail }) => [target, detail])).toEqual([
      [ID, `UPS ONE1 for ${A}`],
      [ID, `UPS TWO2 for ${B}`],
    ])
    expect(packages()).toEqual([])
  })

  it.each<[Confirmation['carrier'], Record<string, string>, string]>([
    [{ code: 'stamps_com', name: 'USPS', family: 'usps' }, {}, 'USPS'],
    [{ code: 'dhl_global_mail', name: 'DHL', family: 'dhl_ecommerce' }, {}, 'DHLGlobalMail'],
    [{ code: 'ontrac', name: 'OnTrac', family: 'ontrac' }, {}, 'ONTRACK'],
    [{ code: 'courier-x', name: 'Courier X', family: 'other' }, {}, 'Other'],
    [{ code: 'Courier-X', name: 'Courier X', family: 'other' }, { 'courier-x': 'Yodel' }, 'Yodel'],
  ])('by %j goes as eBay spells it', async (carrier, carriers, spelling) => {
    await open()

    await world.again({ carriers }).connector.confirmShipments([aPackage(ID, [A, B], { carrier })], signal)

    expect(bookOf(world, ID).packages[0]?.carrier).toBe(spelling)
  })
})

describe('a package told to the Fulfillment API', () => {
  const [FIRST, SECOND] = ['10000000000001', '10000000000002']

  it('goes line by line in the Global Shipping Program, which takes no two at once; what was told is not told again', async () => {
    await open({ hub: { program: 'GSP' } })
    const one = aPackage(ID, [FIRST, SECOND], { trackingNumber: 'ONE1' })
    await confirm(aPackage(ID, [FIRST], { trackingNumber: 'ONE1' }))
    expect(await world.connector.lookUpConfirmations([one], signal)).toEqual(['absent'])

    expect(await confirm(one)).toEqual([{ status: 'accepted' }])
    const other = aPackage(ID, [FIRST, SECOND], { trackingNumber: 'TWO2' })
    expect(await confirm(other)).toEqual([{ status: 'accepted', note: 'told line by line' }])
    expect(await confirm(other)).toEqual([{ status: 'accepted', note: 'already confirmed' }])

    expect(packages()).toEqual([
      ['ONE1', { [A]: 1 }],
      ['ONE1', { [B]: 1 }],
      ['TWO2', { [A]: 1 }],
      ['TWO2', { [B]: 1 }],
    ])
  })

  it('names its lines and units, and later ones add to it', async () => {
    await open()

    await confirm(aPackage(ID, [FIRST], { trackingNumber: '00-0111' }))
    await confirm(aPackage(ID, [SECOND], { trackingNumber: 'TWO2' }))

    expect(packages()).toEqual([
      ['000111', { [A]: 1 }],
      ['TWO2', { [B]: 1 }],
    ])
  })

  it('whose answer was lost is looked up before it is told again', async () => {
    await open()
    const one = aPackage(ID, [FIRST])
    spoil(world, /shipping_fulfillment$/, 'timeout-after', { match: { method: 'POST', path: 'shipping_fulfillment$' } })

    const error = await failureOf(world.again({ timeoutMs: 300 }).connector.confirmShipments([one], signal))

    expect(error).toMatchObject({ kind: 'retryable', outcomeUnknown: true })
    expect(await world.connector.lookUpConfirmations([one, aPackage('99-99999-99999', [FIRST])], signal)).toEqual([
      'confirmed',
      'unknowable',
    ])
  })

  it('that eBay calls a conflict is accepted when its number is there', async () => {
    await open({}, { settings: { repeat_fulfillment: 'conflict' } })
    const one = aPackage(ID, [FIRST])

    await confirm(one)

    expect(await confirm(one)).toEqual([{ status: 'accepted', note: 'already confirmed' }])
    expect(packages()).toHaveLength(1)
  })

  it('of a line that is not there is refused for good, and the next one goes on', async () => {
    await open()

    const [bad, good] = await confirm(
      aPackage(ID, ['999'], { trackingNumber: 'BAD1' }),
      aPackage(ID, [SECOND], { trackingNumber: 'TWO2' }),
    )

    expect(bad).toMatchObject({ status: 'failed', error: expect.any(PermanentError) })
    expect(good).toEqual({ status: 'accepted' })
  })

  it('goes in one batch with one of the other API, each where it belongs', async () => {
    await open()

    const outcomes = await confirm(
      aPackage(ID, [A], { trackingNumber: 'ONE1' }),
      aPackage(ID, [SECOND], { trackingNumber: 'TWO2', shippedAt: NOW + 1 }),
    )

    expect(outcomes.map(({ status }) => status)).toEqual(['accepted', 'accepted'])
    expect(packages().map(([tracking]) => tracking)).toEqual(['ONE1', 'TWO2'])
  })
})
