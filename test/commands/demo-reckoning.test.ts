import { describe, expect, it } from 'vitest'
import type { AmazonOrder, Books, ShipStationOrder } from '../../src/commands/demo/books.ts'
import { isEven, reckon } from '../../src/commands/demo/reckoning.ts'

const ID = '111-1'

/** One Amazon order of two units that went well: once in ShipStation, one label, told once. */
function wellDone(): { before: Books; after: Books } {
  const item = { quantity: 2, shipped: 0, cancelled: 0 }
  const order: AmazonOrder = { order_id: ID, status: 'UNSHIPPED', fulfilled_by: 'MERCHANT', items: [item], packages: [] }
  const told: AmazonOrder = {
    ...order,
    status: 'SHIPPED',
    items: [{ ...item, shipped: 2 }],
    packages: [{ tracking: 'T1', items: [{ quantity: 2 }], confirm_calls: 1 }],
  }
  const nothing = { orders: [], shipments: [], fulfillments: [] }
  return {
    before: { amazon: [order], mirakl: [], shipstation: nothing },
    after: {
      amazon: [told],
      mirakl: [],
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
  const [amazon] = reckon(before, { ...after, ...change(after) })
  return amazon!
}

const withOrders = (after: Books, orders: readonly ShipStationOrder[]) => ({ shipstation: { ...after.shipstation, orders } })
const withPackages = (after: Books, packages: AmazonOrder['packages']) => ({ amazon: [{ ...after.amazon[0]!, packages }] })

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
    ['was never confirmed', (after) => withPackages(after, []), { confirmed: 0, lost: 1 }],
    [
      'was confirmed in part',
      (after) => withPackages(after, [{ tracking: 'T1', items: [{ quantity: 1 }], confirm_calls: 1 }]),
      { confirmed: 0, lost: 1 },
    ],
    [
      'was confirmed with the number of another label',
      (after) => withPackages(after, [{ tracking: 'T9', items: [{ quantity: 2 }], confirm_calls: 1 }]),
      { confirmed: 0, lost: 1 },
    ],
    [
      'was confirmed by a repeated call',
      (after) => withPackages(after, [{ tracking: 'T1', items: [{ quantity: 2 }], confirm_calls: 2 }]),
      { duplicated: 1 },
    ],
    [
      'was confirmed twice',
      (after) =>
        withPackages(
          after,
          [1, 2].map(() => ({ tracking: 'T1', items: [{ quantity: 1 }], confirm_calls: 1 })),
        ),
      { duplicated: 1 },
    ],
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
    const [order] = before.amazon
    const earlier = { tracking: 'T0', items: [{ quantity: 1 }], confirm_calls: 0 }
    const started = { ...order!, items: [{ quantity: 3, shipped: 1, cancelled: 0 }], packages: [earlier] }
    const ended = {
      ...started,
      status: 'SHIPPED',
      packages: [earlier, ...['T1', 'T2'].map((tracking) => ({ tracking, items: [{ quantity: 1 }], confirm_calls: 1 }))],
    }
    const shipments = [
      { order_id: 1, tracking: 'T1', voided: false, is_return: false },
      { order_id: 2, tracking: 'T2', voided: false, is_return: false },
      { order_id: 1, tracking: 'VOIDED', voided: true, is_return: false },
    ]
    const orders = [shipStationOrder(1, ID), shipStationOrder(2, `${ID}-1`, { parent_id: 1 })]
    const shipstation = { ...after.shipstation, orders, shipments }

    const [channel] = reckon({ ...before, amazon: [started] }, { ...after, amazon: [ended], shipstation })

    expect(channel).toMatchObject({ shippable: 1, in_shipstation: 1, confirmed: 1, lost: 0, duplicated: 0, unwanted: 0 })
  })

  it('leaves out what is not the seller’s to ship', () => {
    const { before, after } = wellDone()
    const [order] = before.amazon
    const others: AmazonOrder[] = [
      { ...order!, order_id: '111-3', status: 'PENDING' },
      { ...order!, order_id: '111-4', status: 'CANCELLED' },
      { ...order!, order_id: '111-5', fulfilled_by: 'AMAZON' },
    ]

    const [channel] = reckon(
      { ...before, amazon: [...before.amazon, ...others] },
      { ...after, amazon: [...after.amazon, ...others] },
    )

    expect(channel).toMatchObject({ seeded: 4, shippable: 1 })
    expect(isEven(channel!)).toBe(true)
  })
})
