import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { demoChannels } from '../../src/commands/demo/channels/all.ts'
import type { Cast, ChannelOrder, DemoChannel } from '../../src/commands/demo/channels/channel.ts'
import { directSites } from '../../src/commands/init/answers.ts'
import { createClock } from '../../src/sandbox/clock.ts'
import { directSites as seeded } from '../../src/sandbox/scenario/channeladvisor-orders.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'

const NOON = Date.UTC(2026, 10, 21, 12)

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await startSandbox({ clock: createClock({ start: NOON, scale: 0 }) })
})
afterEach(() => sandbox.close())

const roles: readonly (keyof Cast)[] = [
  ...(['paidLater', 'neverPaid', 'waitForPerson', 'notOurs'] as const),
  ...(['cancelledBeforePush', 'cancelledAfterPush', 'addressChanged'] as const),
  ...(['twoPackages', 'inTwoParts', 'split', 'voided', 'markedAsShipped'] as const),
]
const all = (cast: Cast): readonly string[] => roles.flatMap((role) => cast[role])

describe.each(demoChannels.map((channel) => [channel.name, channel] as const))('the rehearsal on %s', (_, channel) => {
  const orders = () => new Map(channel.readOrders(sandbox).map((order) => [order.id, order]))
  const order = (id: string): ChannelOrder => {
    const found = orders().get(id)
    if (found === undefined) throw new Error(`no order ${id}`)
    return found
  }
  beforeEach(() => {
    channel.seedOrders(sandbox, NOON)
    channel.seedStock(sandbox, { prefix: 'SHELF-', count: 3, title: 'Shelf', quantity: 9 })
  })

  it('has everybody of the cast once', () => {
    const { cast } = channel
    expect(new Set(all(cast)).size).toBe(all(cast).length)
    expect(all(cast).filter((id) => !orders().has(id))).toEqual([])
    expect(orders().size).toBe(channel.readOrders(sandbox).length)
  })

  it('tells what may ship from what may not', () => {
    const { cast } = channel
    const shippable = [cast.twoPackages, cast.inTwoParts, cast.split, cast.voided, cast.markedAsShipped, cast.addressChanged]
    for (const id of shippable) expect(order(id), id).toMatchObject({ mayShip: true, packedUnits: 0, isToldAgain: false })
    for (const id of [...cast.neverPaid, ...cast.paidLater, ...cast.waitForPerson, ...cast.notOurs])
      expect(order(id).mayShip, id).toBe(false)
    expect(order(cast.inTwoParts).lines).toMatchObject([{ ordered: 3, shipped: 0 }])
    expect(order(cast.twoPackages).lines).toHaveLength(2)
    expect(
      order(cast.split)
        .lines.map(({ ordered }) => ordered)
        .sort(),
    ).toEqual([1, 2])
  })

  it('lets a buyer pay, cancel and take what is on show', () => {
    const { cast } = channel
    const [waiting = ''] = cast.paidLater
    channel.pay(sandbox, waiting)
    channel.cancel(sandbox, cast.cancelledAfterPush)
    channel.changeStreet(sandbox, cast.addressChanged, '500 Corrected Avenue')
    channel.buy(sandbox, 'SHELF-000002', 4)

    expect(order(cast.cancelledAfterPush)).toMatchObject({ mayShip: false, holdsStock: false })
    expect(order(waiting).mayShip).toBe(true)
    const { offered, underWay } = channel.readStock(sandbox)
    expect(offered.find(({ sku }) => sku === 'SHELF-000002')).toMatchObject({ isOurs: true, shown: 5, alsoWritten: [] })
    expect(underWay).toBe(0)
    expect(() => channel.buy(sandbox, 'SHELF-000002', 6)).toThrow()
  })
})

describe('what was told twice', () => {
  it('is seen on eBay, where a package stands on each of its lines', () => {
    const channel = named('ebay-us')
    const shipped = { sku: 'MUG', quantity: 2, price: '5.00' }
    const parcels = (more: readonly object[]) => [{ tracking: 'T1', carrier: 'USPS' }, ...more]
    const twoLines = [shipped, shipped]
    sandbox.seed('ebay', {
      orders: [
        {
          order_id: '21-00000-00001',
          lines: twoLines,
          packages: parcels([{ tracking: 'T2', carrier: 'USPS', lines: { 2: 1 } }]),
        },
        {
          order_id: '21-00000-00002',
          lines: twoLines,
          packages: parcels([{ tracking: 'T1', carrier: 'USPS', lines: { 2: 1 } }]),
        },
      ],
    })

    const [once, twice] = channel.readOrders(sandbox)

    expect(once).toMatchObject({ packedUnits: 4, tracking: ['T1', 'T2'], isToldAgain: false })
    expect(twice).toMatchObject({ tracking: ['T1'], isToldAgain: true })
  })

  it('is seen on ChannelAdvisor, where only what has left is a package', () => {
    const channel = named('rithum-ca')
    const order = { order_id: 1, site_name: 'Walmart US', lines: [{ sku: 'MUG', quantity: 3 }] }
    sandbox.seed('channeladvisor', { orders: [{ ...order, fulfillments: [{ tracking: 'T1', lines: { 1: 1 } }] }] })
    expect(channel.readOrders(sandbox)).toMatchObject([{ mayShip: true, packedUnits: 1, tracking: ['T1'], isTaken: false }])

    sandbox.act('channeladvisor', 'ship-elsewhere', { order_id: 1, fulfillments: [{ tracking: 'T1', lines: { 1: 3 } }] })

    expect(channel.readOrders(sandbox)).toMatchObject([{ packedUnits: 4, tracking: ['T1', 'T1'] }])
  })
})

it('the sites that init leaves to direct channels have those of the invented orders among them', () => {
  for (const family of ['amazon', 'ebay'] as const) expect(seeded[family].startsWith(directSites[family])).toBe(true)
})

function named(code: string): DemoChannel {
  const found = demoChannels.find((channel) => channel.code === code)
  if (found === undefined) throw new Error(`no channel ${code}`)
  return found
}
