import { describe, expect, it } from 'vitest'
import type { Shipment } from '../../../src/core/model/shipment.ts'
import { orderKeyOf } from '../../../src/core/orders/order-key.ts'
import type { FoundOrder } from '../../../src/core/ports/shipping.ts'
import { matchOrders } from '../../../src/core/tracking/match-order.ts'
import { aShipment } from '../../world/a-shipment.ts'
import { aFoundOrder } from '../../world/a-shipping.ts'
import { aLine, anOrder } from '../../world/an-order.ts'
import { databases } from '../../world/databases.ts'
import { aShelf } from './shelf.ts'

const key = orderKeyOf('amazon-us', 'A-1')

describe.each(databases)('finding the order of a package on $name', (database) => {
  /** Orders A-1 (5001) and A-2 (5002) are ours; whose package is this? */
  async function ownersOf(shipments: readonly Shipment[], there: readonly FoundOrder[] = []) {
    const { run, shipping, place } = await aShelf(database)
    await place(anOrder('A-1'), anOrder('A-2', { lines: [aLine('L2')] }))
    shipping.holds(...there)
    const matches = await matchOrders(run.db, shipping, shipments, run.signal)
    const owners = shipments.map(({ id }) => (matches.get(id) ?? []).map(({ row }) => row.external_order_id).sort())
    return { owners, calls: shipping.calls }
  }

  it('trusts our own mapping, and asks nobody', async () => {
    const { owners, calls } = await ownersOf([aShipment(1), aShipment(2, { shipStationOrderId: 5002, items: [] })])
    expect(owners).toEqual([['A-1'], ['A-2']])
    expect(calls).toEqual([])
  })

  it('knows the children of a split order by the key they share', async () => {
    const { owners, calls } = await ownersOf([aShipment(1, { shipStationOrderId: 900, orderKey: key })])
    expect(owners).toEqual([['A-1']])
    expect(calls).toEqual([])
  })

  it('finds a child without our key by its parent', async () => {
    const { owners } = await ownersOf([aShipment(1, { shipStationOrderId: 900 })], [aFoundOrder(900, { parentId: 5002 })])
    expect(owners).toEqual([['A-2']])
  })

  it('finds all orders of a merge, also where the package says nothing of what it holds', async () => {
    const merged = aFoundOrder(5001, { mergedIds: [5002] })
    const foreign = [{ externalLineId: 'L2', quantity: 1 }]
    expect((await ownersOf([aShipment(1, { items: foreign })], [merged])).owners).toEqual([['A-1', 'A-2']])
    expect((await ownersOf([aShipment(1, { items: null })], [merged])).owners).toEqual([['A-1', 'A-2']])
  })

  it.each([
    ['other goods', { sku: 'SKU-L2', quantity: 1 }],
    ['more units', { sku: 'SKU-L1', quantity: 2 }],
  ])('finds all orders of a merge whose lines bear the same name, by %s than were ordered', async (_, item) => {
    const merged = aFoundOrder(5001, { mergedIds: [5002] })
    const items = [{ externalLineId: 'L1', ...item }]
    expect((await ownersOf([aShipment(1, { items })], [merged])).owners).toEqual([['A-1', 'A-2']])
  })

  it('finds an order that a clerk made anew by customField1, where the number says the same', async () => {
    const made = { shipStationOrderId: 900 }
    const same = aFoundOrder(900, { orderNumber: 'A-1', customField1: 'A-1' })
    expect((await ownersOf([aShipment(1, made)], [same])).owners).toEqual([['A-1']])
    expect((await ownersOf([aShipment(1, made)], [{ ...same, orderNumber: 'A-1-2' }])).owners).toEqual([['A-1']])
  })

  it('does not trust a number that customField1 does not confirm, or another store', async () => {
    const made = aShipment(1, { shipStationOrderId: 900 })
    const { customField1: _none, ...number } = aFoundOrder(900, { orderNumber: 'A-1', customField1: '' })
    expect((await ownersOf([made], [number])).owners).toEqual([[]])
    expect((await ownersOf([made], [{ ...number, customField1: 'A-2' }])).owners).toEqual([[]])
    expect((await ownersOf([made], [{ ...number, customField1: 'A-1', storeId: 1 }])).owners).toEqual([[]])
  })

  it('does not take a key that is not ours, nor an order it knows nothing of', async () => {
    const { owners, calls } = await ownersOf([aShipment(1, { shipStationOrderId: 900, orderKey: 'someone-elses' })])
    expect(owners).toEqual([[]])
    expect(calls).toEqual(['getOrder 900'])
  })

  it('asks for each of two unknown orders, and for the list when there are more', async () => {
    const unknown = [901, 902, 903].map((id) => aShipment(id, { shipStationOrderId: id }))
    expect((await ownersOf(unknown.slice(0, 2))).calls).toEqual(['getOrder 901', 'getOrder 902'])
    const { owners, calls } = await ownersOf(unknown, [aFoundOrder(903, { parentId: 5001 })])
    expect(calls).toEqual(['findOrdersChangedSince'])
    expect(owners).toEqual([[], [], ['A-1']])
  })
})
