import type { Connected } from './bench.ts'
import { aPackage, confirm, DAY, placeOne, since, updatesOf, type World, waysOf } from './world.ts'

export type Verb = readonly [name: string, work: (near: Connected, stop: AbortSignal) => Promise<unknown>]

/** Every member of the port that talks to the vendor, with something to do. */
export async function verbsOf(world: World): Promise<readonly Verb[]> {
  const near = world.connect()
  const order = await placeOne(world, near)
  const parcel = aPackage(world, order)
  world.channel.list([{ sku: 'A', quantity: 5 }])
  const from = since(world)
  const ways = [...waysOf(near).keys()]
  return [
    ['listOrders', async ({ connector }, stop) => connector.listOrders(from, stop)[Symbol.asyncIterator]().next()],
    [
      'listOpenOrders',
      async ({ connector }, stop) =>
        connector
          .listOpenOrders({ from: from.at, until: from.at + DAY }, stop)
          [Symbol.asyncIterator]()
          .next(),
    ],
    ['getOrders', ({ connector }, stop) => connector.getOrders([order.externalOrderId], stop)],
    ['confirmShipments', (one, stop) => confirm(one, [parcel], stop)],
    ['lookUpConfirmations', ({ connector }, stop) => connector.lookUpConfirmations([parcel], stop)],
    ...ways.map(
      (way): Verb => [
        `updateQuantities ${way}`,
        ({ connector }, stop) => connector.updateQuantities(updatesOf(world, { A: 9 }), way, stop),
      ],
    ),
    ['describeListings', async ({ connector }, stop) => connector.describeListings?.(['A'], stop)],
    [
      'acknowledgeOrders',
      async ({ connector }, stop) =>
        connector.acknowledgeOrders?.(
          [{ externalOrderId: order.externalOrderId, externalLineIds: order.lines.map((line) => line.externalLineId) }],
          stop,
        ),
    ],
  ]
}

export const isThere = ({ connector }: Connected, name: string) =>
  !(
    (name === 'describeListings' && connector.describeListings === undefined) ||
    (name === 'acknowledgeOrders' && connector.acknowledgeOrders === undefined)
  )
