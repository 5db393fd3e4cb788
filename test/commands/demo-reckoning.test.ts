import { describe, expect, it } from 'vitest'
import type { Books, ShipStationOrder } from '../../src/commands/demo/books.ts'
import type { ChannelOrder } from '../../src/commands/demo/channels/channel.ts'
import { isEven, reckon } from '../../src/commands/demo/reckoning.ts'

const ID = '111-1'
const CHANNEL = 'amazon-us'
const channels = [{ code: CHANNEL, storeId: 20002 }]

const waiting: ChannelOrder = {
  id: ID,
  mayShip: true,
  holdsStock: true,
  lines: [{ sku: 'MUG', ordered: 2, shipped: 0 }],
  packedUnits: 0,
  tracking: [],
  isToldAgain: false,
}
const told: ChannelOrder = {
  ...waiting,
  lines: [{ sku: 'MUG', ordered: 2, shipped: 2 }],
  packedUnits: 2,
  tracking: ['T1'],
}

/** One order of two units that went well: once in ShipStation, one label, told once. */
function wellDone(): { before: Books; after: Books } {
  return {
    before: { channels: new Map([[CHANNEL, [waiting]]]), shipstation: { orders: [], shipments: [], fulfillments: [] } },
    after: {
      channels: new Map([[CHANNEL, [told]]]),
      shipstation: {
        orders: [shipStationOrder(1, ID)],
        shipments: [{ order_id: 1, tracking: 'T1', voided: false, is_return: false }],
        fulfillments: [],
      },
    },
  }
}

function shipStationOrder(order_id: number, order_number: string, more: Partial<ShipStationOrder> = {}): ShipStationOrder {
  const rest = { ship_to: null, items: [], parent_id: null, merged_into: null, deleted: false }
  return { order_id, order_number, store_id: 20002, status: 'shipped', ...rest, ...more }
}

type Changed = (after: Books) => Partial<Books>

function reckonAfter(change: Changed) {
  const { before, after } = wellDone()
  const [channel] = reckon(channels, before, { ...after, ...change(after) })
  return channel!
}

const withOrders = (after: Books, orders: readonly ShipStationOrder[]) => ({ shipstation: { ...after.shipstation, orders } })
const withOrder = (change: Partial<ChannelOrder>) => ({ channels: new Map([[CHANNEL, [{ ...told, ...change }]]]) })

describe('the reckoning', () => {
  it('is even when an order is once in ShipStation and its package once at the channel', () => {
    const channel = reckonAfter(() => ({}))

    expect(channel).toMatchObject({
      seeded: 1,
      shippable: 1,
      in_shipstation: 1,
      confirmed: 1,
      lost: 0,
      duplicated: 0,
      unwanted: 0,
    })
    expect(isEven(channel)).toBe(true)
  })

  it.each<[string, Changed, object]>([
    ['is missing in ShipStation', (after) => withOrders(after, []), { in_shipstation: 0, lost: 1 }],
    [
      'is in another store',
      (after) => withOrders(after, [shipStationOrder(1, ID, { store_id: 1 })]),
      { in_shipstation: 0, lost: 1 },
    ],
    ['is held though it must ship', (after) => withOrders(after, [shipStationOrder(1, ID, { status: 'on_hold' })]), { lost: 1 }],
    [
      'is twice in ShipStation',
      (after) => withOrders(after, [shipStationOrder(1, ID), shipStationOrder(2, ID)]),
      { duplicated: 1 },
    ],
    [
      'is twice in ShipStation, once cancelled',
      (after) => withOrders(after, [shipStationOrder(1, ID), shipStationOrder(2, ID, { status: 'cancelled' })]),
      { duplicated: 1 },
    ],
    ['was never confirmed', () => withOrder({ packedUnits: 0, tracking: [] }), { confirmed: 0, lost: 1 }],
    ['was confirmed in part', () => withOrder({ packedUnits: 1 }), { confirmed: 0, lost: 1 }],
    ['was confirmed with the number of another label', () => withOrder({ tracking: ['T9'] }), { confirmed: 0, lost: 1 }],
    ['was confirmed by a repeated call', () => withOrder({ isToldAgain: true }), { duplicated: 1 }],
    ['was confirmed twice', () => withOrder({ tracking: ['T1', 'T1'] }), { duplicated: 1 }],
    ['was confirmed with more units than it has', () => withOrder({ packedUnits: 3 }), { duplicated: 1 }],
    [
      'stands beside one that nobody ordered',
      (after) => withOrders(after, [shipStationOrder(1, ID), shipStationOrder(2, '111-2')]),
      { unwanted: 1 },
    ],
  ])('is not even when an order %s', (_, change, expected) => {
    const channel = reckonAfter(change)

    expect(channel).toMatchObject(expected)
    expect(isEven(channel)).toBe(false)
  })

  it('counts the children of a split as their parent, and what was shipped before as not ours', () => {
    const { before, after } = wellDone()
    const lines = (shipped: number) => [{ sku: 'MUG', ordered: 3, shipped }]
    const started = { ...waiting, lines: lines(1), packedUnits: 1, tracking: ['T0'] }
    // The earlier package need not stand first.
    const ended = { ...told, lines: lines(3), packedUnits: 3, tracking: ['T1', 'T0', 'T2'] }
    const shipments = [
      { order_id: 1, tracking: 'T1', voided: false, is_return: false },
      { order_id: 2, tracking: 'T2', voided: false, is_return: false },
      { order_id: 1, tracking: 'VOIDED', voided: true, is_return: false },
    ]
    const orders = [shipStationOrder(1, ID), shipStationOrder(2, `${ID}-1`, { parent_id: 1 })]
    const shipstation = { ...after.shipstation, orders, shipments }

    const of = (order: ChannelOrder) => new Map([[CHANNEL, [order]]])
    const [channel] = reckon(channels, { ...before, channels: of(started) }, { channels: of(ended), shipstation })

    expect(channel).toMatchObject({ shippable: 1, in_shipstation: 1, confirmed: 1, lost: 0, duplicated: 0, unwanted: 0 })
  })

  it('leaves out what is not the seller’s to ship', () => {
    const { before, after } = wellDone()
    const other = { ...waiting, id: '111-3', mayShip: false }
    const shippedBefore = { ...told, id: '111-4', tracking: ['OLD'] }
    const withOthers = (order: ChannelOrder) => new Map([[CHANNEL, [order, other, shippedBefore]]])

    const [channel] = reckon(channels, { ...before, channels: withOthers(waiting) }, { ...after, channels: withOthers(told) })

    expect(channel).toMatchObject({ seeded: 3, shippable: 1, lost: 0, duplicated: 0 })
    expect(isEven(channel!)).toBe(true)
  })
})
