import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fromFulfillmentRow, fromShipmentRow } from '../../src/connectors/shipstation/shipments.ts'
import { fulfillmentRow, shipmentRow } from '../../src/connectors/shipstation/wire.ts'
import type { ShipmentPage } from '../../src/core/ports/shipping.ts'
import type { Fault } from '../../src/sandbox/stand-in.ts'
import { errorFrom, never, pushes, START, shipStationWorld, type World } from './shipstation-world.ts'

const NOW = Date.UTC(2026, 10, 21)
const HOUR = 3_600_000
let world: World
beforeEach(async () => {
  world = await shipStationWorld()
})
afterEach(() => world.sandbox.close())

const fault = (given: Omit<Fault, 'vendor'>) => world.sandbox.addFault({ vendor: 'shipstation', ...given })

async function all(pages: AsyncIterable<ShipmentPage>): Promise<readonly ShipmentPage[]> {
  const read: ShipmentPage[] = []
  for await (const page of pages) read.push(page)
  return read
}
const trackings = (pages: readonly ShipmentPage[]) => pages.flatMap((page) => page.shipments.map((one) => one.trackingNumber))
const labels = (since = START) => all(world.connector.listShipments({ at: since }, never))

/** `count` labels T1, T2, ... one second apart, on one order. */
async function withLabels(count: number): Promise<void> {
  await world.connector.upsertOrders(pushes(1), never)
  for (let i = 1; i <= count; i += 1) {
    world.sandbox.clock.advance(1000)
    world.act('label-without-order', { tracking: `T${i}` })
  }
}

describe('a row of labels', () => {
  const bare = { shipmentId: 31, trackingNumber: '1Z', voided: false }
  const read = (row: object) => fromShipmentRow(shipmentRow.parse({ ...bare, ...row }), NOW)

  it('becomes a shipment with all it says', () => {
    const row = {
      orderId: 9,
      orderKey: 'isync:amazon-us:A',
      orderNumber: 'A-1',
      createDate: '2026-07-01T08:46:27.1230000',
      shipDate: '2026-07-02',
      carrierCode: 'ups_walleted',
      serviceCode: 'ups_ground',
      isReturnLabel: false,
      shipmentItems: [
        { lineItemKey: 'L1', sku: 'MUG', quantity: 2, adjustment: false },
        { lineItemKey: null, sku: 'CUP', quantity: 1 },
        { lineItemKey: 'isync:discount', sku: null, quantity: 1 },
        { lineItemKey: null, sku: null, quantity: 1, adjustment: true },
      ],
      labelData: null,
      somethingNew: 1,
    }
    expect(read(row)).toEqual({
      id: 'shipment:31',
      number: 31,
      source: 'shipment',
      shipStationOrderId: 9,
      orderKey: 'isync:amazon-us:A',
      orderNumber: 'A-1',
      trackingNumber: '1Z',
      carrierCode: 'ups_walleted',
      serviceCode: 'ups_ground',
      createdAt: Date.UTC(2026, 6, 1, 15, 46, 27, 123),
      shippedAt: Date.UTC(2026, 6, 2, 7),
      isReturn: false,
      items: [
        { externalLineId: 'L1', sku: 'MUG', quantity: 2 },
        { sku: 'CUP', quantity: 1 },
      ],
    })
  })

  it('may lack everything but its id', () => {
    const nothing = { orderId: null, orderKey: null, orderNumber: null, createDate: null, shipDate: null, trackingNumber: null }
    expect(read({ ...nothing, carrierCode: null, voided: null, shipmentItems: null })).toEqual({
      id: 'shipment:31',
      number: 31,
      source: 'shipment',
      trackingNumber: '',
      carrierCode: '',
      createdAt: NOW,
      shippedAt: NOW,
      isReturn: false,
      items: null,
    })
  })

  it('that lists no goods holds everything the order had left', () => {
    expect(read({ shipmentItems: [] }).items).toBeNull()
    expect(read({ shipmentItems: [{ quantity: 1, adjustment: true }] }).items).toBeNull()
  })

  it('is void when it says so, with or without a date', () => {
    expect(read({ voided: true, voidDate: '2026-07-02T00:00:00' }).voidedAt).toBe(Date.UTC(2026, 6, 2, 7))
    expect(read({ voided: true, voidDate: null, createDate: '2026-07-01T00:00:00' }).voidedAt).toBe(Date.UTC(2026, 6, 1, 7))
    expect(read({ voided: false, voidDate: '2026-07-02T00:00:00' }).voidedAt).toBeUndefined()
  })

  it('of a return label says so', () => {
    expect(read({ isReturnLabel: true }).isReturn).toBe(true)
  })
})

describe('a row of orders marked as shipped', () => {
  it('names the carrier in words, the ship date with a time, and no lines', () => {
    const row = {
      fulfillmentId: 45,
      orderId: 9,
      orderNumber: 'A',
      trackingNumber: ' 9400 ',
      createDate: '2026-07-01T08:00:00.0000000',
      shipDate: '2026-07-01T10:00:00.0000000',
      carrierCode: 'FedEx',
      voided: false,
    }
    expect(fromFulfillmentRow(fulfillmentRow.parse(row), NOW)).toEqual({
      id: 'fulfillment:45',
      number: 45,
      source: 'fulfillment',
      shipStationOrderId: 9,
      orderNumber: 'A',
      trackingNumber: '9400',
      carrierCode: 'FedEx',
      createdAt: Date.UTC(2026, 6, 1, 15),
      shippedAt: Date.UTC(2026, 6, 1, 17),
      isReturn: false,
      items: null,
    })
  })
})

describe('the three lists', () => {
  it('give labels, marks and voids since the cursor, and move it to the newest', async () => {
    await world.connector.upsertOrders(pushes(3), never)
    world.sandbox.clock.advance(HOUR)
    world.act('ship', { order_number: 'N1', packages: [{ tracking: 'L-1', items: [{ line_item_key: 'L1', quantity: 1 }] }] })
    world.act('mark-as-shipped', { order_number: 'N2', carrier_name: 'UPS', tracking: '' })
    world.act('ship', { order_number: 'N3', packages: [{ tracking: 'L-3' }] })
    world.sandbox.clock.advance(HOUR)
    world.act('void', { tracking: 'L-3' })

    const [shipped] = await labels()
    expect(shipped?.shipments).toMatchObject([
      { trackingNumber: 'L-1', orderKey: 'isync:amazon-us:N1', items: [{ externalLineId: 'L1', quantity: 1 }] },
      { trackingNumber: 'L-3', voidedAt: START + 2 * HOUR },
    ])
    expect(shipped?.next).toEqual({ at: START + HOUR })
    const [marked] = await all(world.connector.listFulfillments({ at: START }, never))
    expect(marked?.shipments).toMatchObject([
      { source: 'fulfillment', orderNumber: 'N2', carrierCode: 'UPS', trackingNumber: '' },
    ])
    expect(marked?.next).toEqual({ at: START + HOUR })
    const [voided] = await all(world.connector.listVoids({ at: START + HOUR + 1 }, never))
    expect(voided).toEqual({ shipments: [expect.objectContaining({ trackingNumber: 'L-3' })], next: { at: START + 2 * HOUR } })

    expect(await labels(START + HOUR + 1000)).toEqual([{ shipments: [], next: { at: START + HOUR + 1000 } }])
  })

  it("ask for the largest page, the items, and the vendor's local time", async () => {
    await labels(Date.UTC(2026, 6, 1, 15, 46, 27))
    expect(decodeURIComponent(world.asked()[0] ?? '').replaceAll('+', ' ')).toBe(
      'GET /shipments?createDateStart=2026-07-01 08:46:27&includeShipmentItems=true&sortBy=CreateDate&sortDir=ASC&page=1&pageSize=500',
    )
  })

  it('never move the cursor past now', async () => {
    fault({
      kind: 'status',
      status: 200,
      body: { shipments: [{ shipmentId: 1, createDate: '2031-01-01T00:00:00', voided: false }] },
    })
    expect((await labels())[0]?.next).toEqual({ at: START })
  })

  it('miss nothing in the night in which an hour comes twice', async () => {
    const doubled = Date.UTC(2026, 10, 1, 8)
    world.sandbox.clock.set(doubled - HOUR)
    await world.connector.upsertOrders(pushes(1), never)
    const seen = new Set<string>()
    let at = doubled - HOUR
    for (let minute = 0; minute <= 180; minute += 10) {
      world.sandbox.clock.set(doubled + minute * 60_000)
      world.act('label-without-order', { tracking: `M${minute}` })
      const pages = await labels(at)
      at = pages.at(-1)?.next.at ?? at
      for (const tracking of trackings(pages)) seen.add(tracking)
    }
    expect(seen.size).toBe(19)
  })
})

describe('paging', () => {
  it('goes on until a page is short, gives each row once, and moves the cursor with the last page only', async () => {
    world.seed({ pages_zero: true })
    await withLabels(1200)
    const pages = await labels()

    expect(pages.map((page) => page.shipments.length)).toEqual([500, 500, 200])
    expect(new Set(trackings(pages)).size).toBe(1200)
    expect(pages.map((page) => page.next.at)).toEqual([START, START, START + 1_200_000])
  })

  it('looks behind a last page that is exactly full', async () => {
    await withLabels(500)
    const pages = await labels()
    expect(pages.map((page) => page.shipments.length)).toEqual([500, 0])
    expect(pages.at(-1)?.next.at).toBe(START + 500_000)
  })

  it('goes on behind a short page when the vendor announces more', async () => {
    const row = (shipmentId: number) => ({ shipmentId, createDate: '2026-11-21T12:00:00', voided: false })
    fault({ kind: 'status', status: 200, body: { shipments: [row(1)], total: 2, pages: 0 } })
    fault({ kind: 'status', status: 200, body: { shipments: [row(2)], total: 2, pages: 0 } })
    expect((await labels()).map((page) => page.shipments.length)).toEqual([1, 1])
  })

  it('gives a row that moved to the next page once', async () => {
    await withLabels(600)
    const pages: ShipmentPage[] = []
    for await (const page of world.connector.listVoids({ at: START }, never)) pages.push(page)
    expect(trackings(pages)).toEqual([])
    const seen: string[] = []
    for await (const page of world.connector.listShipments({ at: START }, never)) {
      // A label that sorts before those on the first page pushes one of them to the second.
      if (seen.length === 0) {
        const now = world.sandbox.clock.now()
        world.sandbox.clock.set(START)
        world.act('label-without-order', { tracking: 'EARLY' })
        world.sandbox.clock.set(now)
      }
      seen.push(...page.shipments.map((one) => one.trackingNumber))
    }
    expect(seen).toHaveLength(600)
    expect(new Set(seen).size).toBe(600)
  })

  it('that gets the same full page twice stops, and the cursor stays', async () => {
    await withLabels(1100)
    fault({ kind: 'repeat-page', match: { path: 'page=2' } })
    const pages: ShipmentPage[] = []
    const listing = (async () => {
      for await (const page of world.connector.listShipments({ at: START }, never)) pages.push(page)
    })()
    expect(await errorFrom(listing)).toMatchObject({ kind: 'retryable' })
    expect(pages.map((page) => page.next.at)).toEqual([START])
  })

  it('keeps the cursor of voids when the vendor gave fewer than it announced', async () => {
    const row = { shipmentId: 1, createDate: '2026-11-21T12:00:00', voided: true, voidDate: '2026-11-21T12:00:00' }
    fault({ kind: 'status', status: 200, body: { shipments: [row], total: 3 } })
    fault({ kind: 'status', status: 200, body: { shipments: [], total: 3 } })
    const pages = await all(world.connector.listVoids({ at: START - HOUR }, never))
    expect(pages.at(-1)?.next.at).toBe(START - HOUR)
  })

  it('reads no page before it is asked for', async () => {
    await withLabels(600)
    for await (const page of world.connector.listShipments({ at: START }, never)) {
      expect(page.shipments).toHaveLength(500)
      break
    }
    expect(world.asked().filter((one) => one.startsWith('GET'))).toHaveLength(1)
  })
})

describe('a row that breaks its page', () => {
  const broken = (row: number, times = 999) => {
    for (const size of [500, 250, 125, 25, 5, 1]) {
      const path = `[?&]page=${Math.floor((row - 1) / size) + 1}&pageSize=${size}$`
      fault({ kind: 'status', status: 500, match: { path }, times })
    }
  }

  it('is left out alone, with a warning', async () => {
    await withLabels(620)
    broken(238)
    const pages = await labels()

    expect(trackings(pages)).toHaveLength(619)
    expect(trackings(pages)).not.toContain('T238')
    expect(world.logged.filter((line) => line.level === 'warn')).toEqual([
      { level: 'warn', message: 'row left out: the vendor cannot read it', fields: expect.objectContaining({ row: 238 }) },
    ])
    expect(world.asked().length).toBeLessThan(30)
  })

  it('only for a moment is not left out', async () => {
    await withLabels(20)
    broken(7, 1)
    expect(new Set(trackings(await labels())).size).toBe(20)
  })

  it('is no such row when every row breaks: the vendor is in trouble', async () => {
    await withLabels(20)
    fault({ kind: 'status', status: 500, times: 999 })
    expect(await errorFrom(labels())).toMatchObject({ kind: 'retryable', status: 500 })
    expect(world.asked().length).toBeLessThan(12)
  })

  it('is not looked for when the vendor speaks of a timeout or is away', async () => {
    fault({ kind: 'status', status: 500, body: { ExceptionMessage: 'Execution Timeout Expired.' } })
    expect(await errorFrom(labels())).toMatchObject({ kind: 'retryable' })
    fault({ kind: 'status', status: 503 })
    expect(await errorFrom(labels())).toMatchObject({ kind: 'retryable', status: 503 })
    expect(world.asked()).toHaveLength(2)
  })

  it('without an id is left out, and its page goes on', async () => {
    const rows = [{ shipmentId: null }, { shipmentId: 2, voided: false }]
    fault({ kind: 'status', status: 200, body: { shipments: rows, total: 2 } })
    expect((await labels())[0]?.shipments.map((one) => one.number)).toEqual([2])
    expect(world.logged.find((line) => line.level === 'warn')?.fields).toMatchObject({ field: 'shipmentId' })
  })
})
