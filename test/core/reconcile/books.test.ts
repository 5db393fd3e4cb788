import { describe, expect, it } from 'vitest'
import { RetryableError } from '../../../src/core/errors.ts'
import type { NormalizedOrder } from '../../../src/core/model/order.ts'
import { DAY, MINUTE, noon } from '../../world/a-clock.ts'
import { aFoundOrder } from '../../world/a-shipping.ts'
import { aLine, anAddress, anOrder } from '../../world/an-order.ts'
import { orderRow } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'
import { Desk } from './desk.ts'

describe.each(databases)('a reconciliation of the books, on $name,', (database) => {
  const desk = new Desk(database)

  it('finds what our own books show to be late', async () => {
    await desk.given()
    await desk.stored(anOrder('A-1'), anOrder('A-2', { status: 'on_hold' }))
    await desk.run.db.run(
      `insert into shipments (id, number, source, order_number, tracking_number, carrier_code, created_at, shipped_at, state, seen_at)
       values ('se-9', 9, 'shipment', 'X-1', '1Z9', 'ups', ?, ?, 'orphan', ?)`,
      [noon, noon, noon],
    )
    await desk.reconciled({}, 119 * MINUTE)
    expect(await desk.findings()).toEqual(['open warning orphan shipstation X-1'])
    await desk.reconciled({}, 2 * MINUTE)
    expect(await desk.findings()).toEqual(['open warning orphan shipstation X-1', 'open warning stuck amazon-us A-1'])
    await desk.reconciled({}, DAY)
    expect(await desk.findings()).toContain('open warning stuck amazon-us A-2')
  })

  it('finds a package that its channel was not told of, whether or not somebody was asked to tell it', async () => {
    await desk.given()
    await desk.pushed(anOrder('A-1'), anOrder('A-2'))
    for (const [number, id] of [
      [1, 'A-1'],
      [2, 'A-2'],
    ] as const) {
      const { id: orderId } = await orderRow(desk.run.db, id)
      await desk.run.db.run(
        `insert into shipments (id, number, source, order_number, tracking_number, carrier_code, created_at, shipped_at, state, seen_at)
         values (?, ?, 'shipment', ?, ?, 'ups', ?, ?, 'matched', ?)`,
        [`se-${number}`, number, id, `1Z${number}`, noon, noon, noon],
      )
      await desk.run.db.run(
        `insert into shipment_lines (shipment_id, order_id, external_line_id, quantity) values (?, ?, 'L1', 1)`,
        [`se-${number}`, orderId],
      )
      if (number === 1)
        await desk.run.db.run(
          `insert into tasks (id, kind, key, channel, order_id, shipment_id, state, next_attempt_at, created_at, updated_at)
           values ('t-1', 'confirm', 'amazon-us:A-1:1Z1', 'amazon-us', ?, 'se-1', 'waiting', ?, ?, ?)`,
          [orderId, noon, noon, noon],
        )
    }
    await desk.reconciled({}, 61 * MINUTE)
    const told = (await desk.rows()).filter(({ kind }) => kind === 'unconfirmed')
    expect(told.map(({ external_order_id, next }) => `${external_order_id}: ${next}`).sort()).toEqual([
      'A-1: isync retry --order A-1 --kind confirm',
      'A-2: isync orders:show A-2',
    ])
  })

  describe('with what ShipStation has,', () => {
    it('finds orders in our stores that we do not know, and no others', async () => {
      await desk.given()
      await desk.pushed(anOrder('A-1'))
      const ours = (await orderRow(desk.run.db, 'A-1')).shipstation_order_id ?? 0
      desk.shipping.holds(
        aFoundOrder(6001, { orderNumber: 'HAND-1', storeId: 20002, orderStatus: 'awaiting_shipment' }),
        aFoundOrder(6002, { orderNumber: 'SHOP-1', storeId: 99999 }),
        aFoundOrder(6003, { orderNumber: 'A-1-split', parentId: ours }),
        aFoundOrder(6004, { orderNumber: 'MERGED', mergedIds: [ours] }),
        aFoundOrder(6005, { orderNumber: 'OFF', orderStatus: 'cancelled' }),
      )
      await desk.reconciled()
      expect(await desk.findings()).toEqual(['open warning unknown-order amazon-us HAND-1'])
    })

    it('finds an order that is there twice: ours, and one made by hand', async () => {
      await desk.given()
      await desk.pushed(anOrder('A-1'))
      desk.shipping.holds(aFoundOrder(6001, { orderNumber: 'A-1', orderStatus: 'awaiting_shipment' }))
      await desk.reconciled()
      expect(await desk.findings()).toEqual(['open critical doubled amazon-us A-1'])
    })

    it('finds an order of ours that is not there any more, after asking for it by its id', async () => {
      await desk.given()
      await desk.pushed(anOrder('A-1'))
      desk.shipping.answer = desk.loses
      await desk.pushed(anOrder('A-2'))
      await desk.reconciled()
      expect(await desk.findings()).toEqual(['open critical gone amazon-us A-2'])
      const { shipstation_order_id: id } = await orderRow(desk.run.db, 'A-2')
      expect(desk.shipping.calls.filter((call) => call.startsWith('getOrder'))).toEqual([`getOrder ${id}`])
    })

    it('closes nothing of it while ShipStation cannot be read', async () => {
      await desk.given()
      desk.shipping.answer = desk.loses
      await desk.pushed(anOrder('A-1'))
      await desk.reconciled()
      expect(await desk.findings()).toEqual(['open critical gone amazon-us A-1'])
      desk.shipping.fail = new RetryableError('down', { account: 'shipstation', operation: 'orders' })
      const { verdict } = await desk.reconciled()
      expect(verdict).toBe('partly')
      expect(await desk.findings()).toEqual(['open critical gone amazon-us A-1'])
    })
  })

  describe('of two orders of one sale', () => {
    const one = anOrder('A-1')
    const other = { channel: 'mirakl-macys', shipTo: { ...anAddress, name: 'ADA  LOVELACE' } } as const

    async function bothThere(change: Partial<NormalizedOrder> = {}): Promise<readonly string[]> {
      await desk.given()
      await desk.pushed(one, anOrder('M-1', { ...other, ...change }))
      await desk.reconciled()
      return desk.findings()
    }

    it('finds the same goods for the same address on the same day over two channels', async () => {
      expect(await bothThere({ createdAt: one.createdAt + MINUTE })).toEqual(['open warning doubled mirakl-macys M-1'])
      const { detail = '', next } = (await desk.about('doubled')) ?? {}
      expect(detail).toContain('amazon-us/A-1')
      expect(JSON.stringify({ detail, next })).not.toMatch(/ada|lovelace|analytical|97201/i)
    })

    it.each([
      ['other goods', { lines: [aLine('L1', { sku: 'OTHER' })] }],
      ['another address', { shipTo: { ...anAddress, address1: '13 Analytical Way' } }],
      ['another day', { createdAt: one.createdAt - 2 * DAY }],
      ['the same channel', { channel: 'amazon-us' }],
    ])('finds nothing with %s', async (_, change) => {
      expect(await bothThere(change)).toEqual([])
    })
  })
})
