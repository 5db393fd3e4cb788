import { afterEach, describe, expect, it } from 'vitest'
import { PermanentError, RetryableError } from '../../src/core/errors.ts'
import type { ItemOutcome } from '../../src/core/ports/marketplace.ts'
import {
  ACKNOWLEDGE,
  aPackage,
  bookOf,
  type DscoWorld,
  HOUR,
  heard,
  later,
  MINUTE,
  ORDER_LOG,
  openDsco,
  SHIP,
  signal,
  spoil,
} from './dsco-world.ts'

let world: DscoWorld
afterEach(() => world.close())

const failureIn = (outcome: ItemOutcome | undefined) => (outcome?.status === 'failed' ? outcome.error : undefined)
const parcels = (id: string) => bookOf(world, id).packages.map(({ tracking }) => tracking)

describe('a parcel', () => {
  it('that is there already is not told again, however its number is written', async () => {
    world = await openDsco({ orders: [{ id: '1', packages: [{ tracking: '1Z 99-x' }] }] })

    expect(await world.connector.confirmShipments([aPackage('1', { trackingNumber: '1z99X' })], signal)).toEqual([
      { status: 'accepted', note: 'already confirmed' },
    ])
    expect(heard(world, SHIP)).toEqual([])
  })

  it('whose label is of tomorrow left today at the latest', async () => {
    world = await openDsco({ orders: [{ id: '1' }] })
    const shipDate = new Date(world.sandbox.clock.now()).toISOString()
    await world.connector.confirmShipments([aPackage('1', { shippedAt: world.sandbox.clock.now() + 20 * HOUR })], signal)

    expect(JSON.parse(heard(world, SHIP)[0]?.requestBody ?? '')).toMatchObject([{ shipments: [{ shipDate }] }])
  })

  it('whose answer was lost is found by the look-up, and never becomes two', async () => {
    world = await openDsco({ orders: [{ id: '1' }] })
    spoil(world, SHIP, 'cut-after')
    const parcel = aPackage('1')
    await expect(world.connector.confirmShipments([parcel], signal)).rejects.toMatchObject({ outcomeUnknown: true })

    const { connector } = world.again({}, { shared: world.account })
    later(world, connector.settleMs)

    expect(await connector.lookUpConfirmations([parcel], signal)).toEqual(['confirmed'])
    expect(await connector.confirmShipments([parcel], signal)).toMatchObject([{ status: 'accepted' }])
    expect(parcels('1')).toEqual([parcel.trackingNumber])
    expect(heard(world, SHIP)).toHaveLength(1)
  })

  it('whose answer was lost while the work is held is left alone: the log of that time knows it is under way', async () => {
    world = await openDsco({ orders: [{ id: '1' }] })
    world.sandbox.act('dsco', 'hold-work', {})
    spoil(world, SHIP, 'cut-after')
    const parcel = aPackage('1')
    await expect(world.connector.confirmShipments([parcel], signal)).rejects.toMatchObject({ outcomeUnknown: true })
    const { connector } = world.again({}, { shared: world.account })
    later(world, connector.settleMs)

    expect(await connector.lookUpConfirmations([parcel], signal)).toEqual(['unknowable'])
    const [outcome] = await connector.confirmShipments([parcel], signal)
    expect(failureIn(outcome)).toMatchObject({ kind: 'retryable', outcomeUnknown: true })
    expect(heard(world, SHIP)).toHaveLength(1)

    world.sandbox.act('dsco', 'hold-work', { on: false })
    later(world, MINUTE)
    expect(await connector.confirmShipments([parcel], signal)).toMatchObject([{ status: 'accepted' }])
    expect(parcels('1')).toEqual([parcel.trackingNumber])
  })

  it('that never arrived is sent again', async () => {
    world = await openDsco({ orders: [{ id: '1' }] })
    spoil(world, SHIP, 'cut')
    const parcel = aPackage('1')
    await expect(world.connector.confirmShipments([parcel], signal)).rejects.toBeInstanceOf(RetryableError)
    const { connector } = world.again({}, { shared: world.account })
    later(world, connector.settleMs)

    expect(await connector.lookUpConfirmations([parcel], signal)).toEqual(['absent'])
    expect(await connector.confirmShipments([parcel], signal)).toEqual([{ status: 'accepted' }])
    expect(parcels('1')).toEqual([parcel.trackingNumber])
  })

  it('that the log does not decide within half a minute waits for the log, by whichever process', async () => {
    world = await openDsco({ orders: [{ id: '1' }] })
    world.sandbox.act('dsco', 'slow-log', { ms: HOUR })
    const parcel = aPackage('1')
    const began = world.sandbox.clock.now()

    const [outcome] = await world.connector.confirmShipments([parcel], signal)
    expect(failureIn(outcome)).toMatchObject({ kind: 'retryable', outcomeUnknown: true })
    expect(world.sandbox.clock.now() - began).toBeLessThan(45_000)

    const { connector } = world.again({}, { shared: world.account })
    expect(await connector.lookUpConfirmations([parcel], signal)).toEqual(['unknowable'])
    await connector.confirmShipments([parcel], signal)
    later(world, 2 * HOUR)
    expect(await connector.lookUpConfirmations([parcel], signal)).toEqual(['confirmed'])
    expect(heard(world, SHIP)).toHaveLength(1)
    expect(parcels('1')).toEqual([parcel.trackingNumber])
  })

  it('that the log never tells of is found in the order', async () => {
    world = await openDsco({ orders: [{ id: '1' }] })
    world.sandbox.act('dsco', 'lose-log', {})
    const parcel = aPackage('1')

    const [outcome] = await world.connector.confirmShipments([parcel], signal)
    expect(failureIn(outcome)).toMatchObject({ kind: 'retryable', outcomeUnknown: true })
    later(world, world.connector.settleMs)
    expect(await world.connector.lookUpConfirmations([parcel], signal)).toEqual(['confirmed'])
    expect(await world.connector.confirmShipments([parcel], signal)).toEqual([{ status: 'accepted', note: 'already confirmed' }])
    expect(parcels('1')).toHaveLength(1)
  })

  it('that the log has and the order does not show yet is not told again', async () => {
    world = await openDsco({ orders: [{ id: '1' }] })
    world.sandbox.act('dsco', 'slow-spread', { ms: HOUR })
    spoil(world, SHIP, 'cut-after')
    const parcel = aPackage('1')
    await expect(world.connector.confirmShipments([parcel], signal)).rejects.toMatchObject({ outcomeUnknown: true })
    later(world, world.connector.settleMs)

    expect(await world.connector.lookUpConfirmations([parcel], signal)).toEqual(['confirmed'])
    expect(await world.connector.confirmShipments([parcel], signal)).toMatchObject([{ status: 'accepted' }])
    expect(parcels('1')).toHaveLength(1)
  })

  it('that the log refuses fails with its words, and may be tried anew', async () => {
    world = await openDsco({ orders: [{ id: '1' }, { id: '2' }] })
    world.sandbox.act('dsco', 'fail-order', { order_id: '1', code: 'bad_day', description: 'Not on a Saturday.' })
    const [bad, good] = [aPackage('1'), aPackage('2')]

    const outcomes = await world.connector.confirmShipments([bad, good], signal)
    expect(failureIn(outcomes[0])).toBeInstanceOf(PermanentError)
    expect(failureIn(outcomes[0])?.message).toBe('rithum order/shipment/batch/small: refused: bad_day: Not on a Saturday.')
    expect(outcomes[1]).toEqual({ status: 'accepted' })

    later(world, MINUTE)
    expect(await world.connector.confirmShipments([bad], signal)).toEqual([{ status: 'accepted' }])
    expect(parcels('1')).toHaveLength(1)
  })

  it('of an order that Dsco does not know, or without a tracking number, fails alone', async () => {
    world = await openDsco({ orders: [{ id: '1' }] })

    const outcomes = await world.connector.confirmShipments(
      [
        aPackage('404'),
        aPackage('1', { trackingNumber: ' - ' }),
        aPackage('1', { lines: [{ externalLineId: '9', quantity: 1 }] }),
        aPackage('1'),
      ],
      signal,
    )

    expect(outcomes.map((outcome) => failureIn(outcome)?.message)).toEqual([
      'rithum order: not sent: Dsco does not know the order',
      'rithum order/shipment/batch/small: not sent: the package has no tracking number',
      'rithum order/shipment/batch/small: not sent: the order no longer has a line of the package',
      undefined,
    ])
  })

  it('names line and article, so that an article on two lines is told apart', async () => {
    world = await openDsco({ orders: [{ id: '1', lines: [{ sku: 'MUG' }, { sku: 'MUG', quantity: 2 }] }] })

    await world.connector.confirmShipments([aPackage('1', { lines: [{ externalLineId: '2', quantity: 2 }] })], signal)

    expect(bookOf(world, '1').lines.map(({ shipped }) => shipped)).toEqual([0, 2])
  })

  it('of an order whose lines have no numbers is told by the article', async () => {
    world = await openDsco({
      orders: [
        {
          id: '1',
          lines: [
            { sku: 'MUG', item_id: '55', line_number: null },
            { sku: 'HAT', line_number: null },
          ],
        },
      ],
    })

    const outcomes = await world.connector.confirmShipments(
      [aPackage('1', { lines: [{ externalLineId: 'item-55', quantity: 1 }] })],
      signal,
    )

    expect(outcomes).toEqual([{ status: 'accepted' }])
    expect(bookOf(world, '1').lines.map(({ shipped }) => shipped)).toEqual([1, 0])
  })
})

describe('a batch', () => {
  it('of a hundred is one call, and two parcels of one order are told apart', async () => {
    world = await openDsco({ orders: Array.from({ length: 99 }, (_, i) => ({ id: `${i}`, lines: [{ quantity: 2 }] })) })
    const batch = [...Array.from({ length: 99 }, (_, i) => aPackage(`${i}`)), aPackage('5')]

    const outcomes = await world.connector.confirmShipments(batch, signal)

    expect(outcomes.every(({ status }) => status === 'accepted')).toBe(true)
    expect(heard(world, SHIP)).toHaveLength(1)
    expect(parcels('5')).toHaveLength(2)
  })

  it('of one parcel for two orders has an outcome for each', async () => {
    world = await openDsco({ orders: [{ id: '1' }, { id: '2' }] })
    world.sandbox.act('dsco', 'fail-order', { order_id: '2' })
    const batch = ['1', '2'].map((id) => aPackage(id, { trackingNumber: '1ZBOTH' }))

    const outcomes = await world.connector.confirmShipments(batch, signal)

    expect(outcomes.map(({ status }) => status)).toEqual(['accepted', 'failed'])
    expect([parcels('1'), parcels('2')]).toEqual([['1ZBOTH'], []])
  })

  it('that is refused as a whole is halved until the bad one stands alone', async () => {
    world = await openDsco({ orders: ['1', '2', '3', '4', '5'].map((id) => ({ id })) })
    const refusal = {
      status: 400,
      body: { status: 'failure', messages: [{ code: 'validation_error', severity: 'error', description: 'No.' }] },
    }
    const batch = ['1', '2', '3', '4', '5'].map((id) => aPackage(id))
    world.sandbox.addFault({
      vendor: 'dsco',
      kind: 'status',
      match: { path: SHIP.source, body: batch[2]?.trackingNumber ?? '' },
      times: 99,
      ...refusal,
    })

    const outcomes = await world.connector.confirmShipments(batch, signal)

    expect(outcomes.map(({ status }) => status)).toEqual(['accepted', 'accepted', 'failed', 'accepted', 'accepted'])
    expect(failureIn(outcomes[2])?.message).toContain('answered 400: validation_error: No.')
    expect(['1', '2', '3', '4', '5'].map((id) => parcels(id).length)).toEqual([1, 1, 0, 1, 1])
  })
})

describe('the carrier', () => {
  it.each<[string, object, object, object]>([
    [
      "the order's own words when the parcel went that way",
      { carrier: 'UPS®', method: 'UPS Ground' },
      {},
      { carrier: 'UPS®', method: 'UPS Ground', service_level: null },
    ],
    [
      "the order's level too",
      { carrier: 'UPS', method: 'Ground', service_level: 'UPSG' },
      {},
      { carrier: 'UPS', method: 'Ground', service_level: 'UPSG' },
    ],
    ["the order's level alone", { service_level: 'UPSG' }, {}, { carrier: null, method: null, service_level: 'UPSG' }],
    [
      "the retailer's spelling with another service",
      { carrier: 'UPS®', method: 'Ground' },
      { service: 'ups_2nd_day_air' },
      { carrier: 'UPS®', method: '2nd Day Air' },
    ],
    [
      'another carrier than asked for',
      { carrier: 'UPS', method: 'Ground' },
      { carrier: { code: 'stamps_com', name: 'USPS', family: 'usps' }, service: 'usps_priority_mail' },
      { carrier: 'USPS', method: 'Priority Mail', service_level: null },
    ],
    [
      'one that nobody knows, without a service',
      { carrier: 'UPS', method: 'Ground' },
      { carrier: { code: 'van', name: 'Our own van', family: 'other' }, service: undefined },
      { carrier: 'Our own van', method: 'Standard' },
    ],
  ])('is told as %s', async (_, order, parcel, expected) => {
    world = await openDsco({
      orders: [{ id: '1', ...order }],
      carriers: {
        UPS: ['Ground'],
        'UPS®': ['UPS Ground', 'Ground', '2nd Day Air'],
        USPS: ['Priority Mail'],
        'Our own van': ['Standard'],
      },
      service_levels: ['UPSG'],
    })

    expect(await world.connector.confirmShipments([aPackage('1', parcel)], signal)).toEqual([{ status: 'accepted' }])
    expect(bookOf(world, '1').packages).toMatchObject([expected])
  })

  it.each([
    ['the carrier alone', { UPS_WALLETED: 'United Parcel' }, 'United Parcel', 'Ground'],
    ['carrier and method', { ups_walleted: 'United Parcel/Economy' }, 'United Parcel', 'Economy'],
    [
      'a single service',
      { ups_walleted: 'Nobody', 'ups_walleted/ups_ground': 'United Parcel/Economy' },
      'United Parcel',
      'Economy',
    ],
  ])('of the settings wins over all: %s', async (_, carriers, carrier, method) => {
    world = await openDsco({ orders: [{ id: '1' }], carriers: { 'United Parcel': ['Ground', 'Economy'] } }, { carriers })

    await world.connector.confirmShipments([aPackage('1')], signal)
    expect(bookOf(world, '1').packages).toMatchObject([{ carrier, method }])
  })
})

describe('an acknowledgement', () => {
  const yes = (id: string) => ({ externalOrderId: id, externalLineIds: ['1'], reference: `isync:rithum:${id}` })

  it('is one call for many, and a repeat is harmless although the log refuses it', async () => {
    world = await openDsco({ orders: [{ id: '9007199254740993' }, { id: '9007199254740995' }] })
    const batch = [yes('9007199254740993'), yes('9007199254740995')]

    expect(await world.connector.acknowledgeOrders?.(batch, signal)).toEqual([{ status: 'accepted' }, { status: 'accepted' }])
    expect(heard(world, ACKNOWLEDGE)).toHaveLength(1)
    later(world, MINUTE)
    expect(await world.connector.acknowledgeOrders?.(batch, signal)).toEqual([
      { status: 'accepted', note: 'already acknowledged' },
      { status: 'accepted', note: 'already acknowledged' },
    ])
    expect(bookOf(world, '9007199254740995').supplier_order_number).toBe('isync:rithum:9007199254740995')
  })

  it('that the log refuses fails its order alone', async () => {
    world = await openDsco({ orders: [{ id: '1' }, { id: '2' }] })
    world.sandbox.act('dsco', 'fail-order', { order_id: '2', code: 'on_hold', description: 'The retailer is on hold.' })

    const outcomes = (await world.connector.acknowledgeOrders?.([yes('1'), yes('2'), yes('404')], signal)) ?? []

    expect(outcomes[0]).toEqual({ status: 'accepted' })
    expect(failureIn(outcomes[1])?.message).toBe('rithum order/acknowledge: refused: on_hold: The retailer is on hold.')
    expect(failureIn(outcomes[2])?.kind).toBe('permanent')
  })

  it('counts as given only when the log or the order says so', async () => {
    world = await openDsco({ orders: [{ id: '1' }] })
    world.sandbox.act('dsco', 'hold-work', {})

    const [outcome] = (await world.connector.acknowledgeOrders?.([yes('1')], signal)) ?? []

    expect(failureIn(outcome)).toMatchObject({ kind: 'retryable', outcomeUnknown: false })
    expect(bookOf(world, '1').acknowledgements).toEqual([])
    expect(heard(world, ORDER_LOG).length).toBeGreaterThan(2)
  })
})
