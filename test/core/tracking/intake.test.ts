import { describe, expect, it } from 'vitest'
import { readCursor } from '../../../src/core/db/cursors.ts'
import { PermanentError, StoppedError } from '../../../src/core/errors.ts'
import { storePage } from '../../../src/core/orders/store-order.ts'
import { intakeStream } from '../../../src/core/tracking/intake.ts'
import { DAY, HOUR, MINUTE, noon } from '../../world/a-clock.ts'
import { aHeldLease, amazonUs } from '../../world/a-run.ts'
import { aLabelWithoutOrder, aShipment } from '../../world/a-shipment.ts'
import { aFoundOrder } from '../../world/a-shipping.ts'
import { aLine, anOrder } from '../../world/an-order.ts'
import { alertRules, everything, historyOf, taskList } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'
import { aShelf } from './shelf.ts'

const three = anOrder('A-1', { lines: [aLine('L1', { qty: 2 }), aLine('L2')] })
const onlyConfirms = (tasks: readonly string[]) => tasks.filter((task) => task.startsWith('confirm'))

describe.each(databases)('taking in packages on $name', (database) => {
  it('makes one confirmation of each package', async () => {
    const { run, place, take, packed } = await aShelf(database)
    await place(three)

    const counts = await take(
      aShipment(1, { items: [{ externalLineId: 'L1', quantity: 2 }] }),
      aShipment(2, { items: [{ externalLineId: 'L2', quantity: 1 }] }),
    )

    expect(counts).toEqual({ seen: 2, new: 2, matched: 2, orphan: 0, ignored: 0, voided: 0, to_confirm: 2 })
    expect(await packed()).toEqual(['shipment:1 A-1/L1 x2', 'shipment:2 A-1/L2 x1'])
    expect(onlyConfirms(await taskList(run.db))).toEqual([
      'confirm amazon-us:A-1:1Z1 pending',
      'confirm amazon-us:A-1:1Z2 pending',
    ])
    expect(await historyOf(run.db, 'A-1')).toEqual(['pulled', 'shipped at ShipStation', 'shipped at ShipStation'])
  })

  it('writes nothing when a poll repeats them, and asks ShipStation nothing', async () => {
    const { run, place, take, shipping } = await aShelf(database)
    await place(three)
    const page = [aShipment(1, { items: null }), aLabelWithoutOrder(2), aShipment(3, { isReturn: true })]
    await take(...page)
    const before = await everything(run.db)
    shipping.calls.length = 0

    expect(await take(...page)).toMatchObject({ seen: 3, new: 0, to_confirm: 0 })

    expect(await everything(run.db)).toBe(before)
    expect(shipping.calls).toEqual(['shipments'])
  })

  it('takes a package once that a page holds twice', async () => {
    const { run, place, take, packed } = await aShelf(database)
    await place(anOrder('A-1'))

    await take(aShipment(1), aShipment(1))

    expect(await packed()).toEqual(['shipment:1 A-1/L1 x1'])
    expect(await alertRules(run.db)).toEqual([])
  })

  it('gives a package that says nothing of what it holds all that is left', async () => {
    const { place, take, packed, shipping } = await aShelf(database)
    await place(three)
    shipping.holds(aFoundOrder(5001))

    await take(aShipment(1), aShipment(2, { items: null }))

    expect(await packed()).toEqual(['shipment:1 A-1/L1 x1', 'shipment:2 A-1/L1 x1', 'shipment:2 A-1/L2 x1'])
  })

  it('says of a further package that every unit is in one already', async () => {
    const { run, place, take } = await aShelf(database)
    await place(anOrder('A-1'))

    expect(await take(aShipment(1), aShipment(2))).toMatchObject({ matched: 2, to_confirm: 1 })
    expect(await alertRules(run.db)).toEqual(['extra-package'])
  })

  it('says of an order marked as shipped without a tracking number that a person must confirm it', async () => {
    const { run, place, takeFrom } = await aShelf(database)
    await place(anOrder('A-1'))

    const counts = await takeFrom('fulfillments', aShipment(1, { source: 'fulfillment', trackingNumber: '', items: null }))

    expect(counts).toMatchObject({ matched: 1, to_confirm: 0 })
    expect(await alertRules(run.db)).toEqual(['no-tracking'])
  })

  it('ignores return labels and labels without an order', async () => {
    const { run, place, take, states } = await aShelf(database)
    await place(anOrder('A-1'))

    expect(await take(aShipment(1, { isReturn: true }), aLabelWithoutOrder(2))).toMatchObject({
      ignored: 2,
    })
    expect(await states()).toEqual(['shipment:1 ignored: return label', 'shipment:2 ignored: label without an order'])
    expect(onlyConfirms(await taskList(run.db))).toEqual([])
  })

  it('keeps a package of an unknown order as an orphan until its order is there', async () => {
    const { run, take, states, shipping } = await aShelf(database)
    const found = aFoundOrder(777, { orderNumber: 'A-7', customField1: 'A-7' })
    shipping.holds(found)
    const label = aShipment(1, { shipStationOrderId: 777 })
    expect(await take(label)).toMatchObject({ orphan: 1, to_confirm: 0 })
    expect(await states()).toEqual(['shipment:1 orphan: order unknown'])

    await run.db.transaction((tx) => storePage(tx, run, amazonUs, { orders: [anOrder('A-7')], poison: [], skipped: 0 }))
    expect(await take(label)).toMatchObject({ new: 0, matched: 1, to_confirm: 1 })

    expect(await states()).toEqual(['shipment:1 matched'])
    expect(onlyConfirms(await taskList(run.db))).toEqual(['confirm amazon-us:A-7:1Z1 pending'])
  })

  it('splits a package that ShipStation made of merged orders, and tells each channel of its own part', async () => {
    const { run, place, take, packed, shipping } = await aShelf(database)
    await place(anOrder('A-1'), anOrder('A-2', { lines: [aLine('L9')] }), anOrder('A-3', { lines: [aLine('L8')] }))
    shipping.holds(aFoundOrder(5001, { mergedIds: [5002] }))
    const items = [
      { externalLineId: 'L1', quantity: 1 },
      { externalLineId: 'L9', quantity: 1 },
    ]

    expect(await take(aShipment(1, { items }))).toMatchObject({ matched: 1, to_confirm: 2 })

    expect(await packed()).toEqual(['shipment:1 A-1/L1 x1', 'shipment:1 A-2/L9 x1'])
    expect(onlyConfirms(await taskList(run.db))).toEqual([
      'confirm amazon-us:A-1:1Z1 pending',
      'confirm amazon-us:A-2:1Z1 pending',
    ])
  })

  it('confirms both when two packages of one order bear the same tracking number', async () => {
    const { run, place, takeFrom } = await aShelf(database)
    await place(three)
    const same = { source: 'fulfillment', trackingNumber: 'TRUCK-1' } as const

    await takeFrom(
      'fulfillments',
      aShipment(1, { ...same, items: [{ externalLineId: 'L1', quantity: 2 }] }),
      aShipment(2, { ...same, items: [{ externalLineId: 'L2', quantity: 1 }] }),
    )

    const told = await run.db.rows(
      `select l.external_line_id from tasks t join shipment_lines l on l.shipment_id = t.shipment_id where t.kind = 'confirm' order by 1`,
    )
    expect(told).toHaveLength(2)
  })

  describe('of a label that was voided', () => {
    const voided = (number: number) => aShipment(number, { voidedAt: noon })

    it('before its confirmation: nothing is told, and the units may go into another package', async () => {
      const { run, place, take, takeFrom, packed, states } = await aShelf(database)
      await place(anOrder('A-1'))
      await take(aShipment(1))

      expect(await takeFrom('voids', voided(1))).toMatchObject({ voided: 1 })
      await take(aShipment(2))

      expect(await states()).toEqual(['shipment:1 voided: voided in time', 'shipment:2 matched'])
      expect(await packed()).toEqual(['shipment:2 A-1/L1 x1'])
      expect(onlyConfirms(await taskList(run.db))).toEqual([
        'confirm amazon-us:A-1:1Z1 done',
        'confirm amazon-us:A-1:1Z2 pending',
      ])
      expect(await alertRules(run.db)).toEqual([])
    })

    it('after its confirmation: an alert says so, once', async () => {
      const { run, place, take, takeFrom, states, confirmAll } = await aShelf(database)
      await place(anOrder('A-1'))
      await take(aShipment(1))
      await confirmAll()

      await takeFrom('voids', voided(1))
      const before = await everything(run.db)
      await takeFrom('voids', voided(1))

      expect(await everything(run.db)).toBe(before)
      expect(await states()).toEqual(['shipment:1 voided: voided after confirmation'])
      expect(await alertRules(run.db)).toEqual(['voided-after-confirm'])
    })

    it('before it was seen: it is only noted', async () => {
      const { run, place, take, takeFrom, states } = await aShelf(database)
      await place(anOrder('A-1'))
      await takeFrom('voids', voided(1))

      expect(await take(voided(1), aShipment(1))).toMatchObject({ voided: 0, to_confirm: 0 })
      expect(await states()).toEqual(['shipment:1 voided: voided before we saw it'])
      expect(onlyConfirms(await taskList(run.db))).toEqual([])
    })
  })

  describe('page by page', () => {
    it('commits each page with its place, and goes on an hour and a quarter before it', async () => {
      const { run, place, take, shipping } = await aShelf(database)
      await place(anOrder('A-1'))
      const asked: number[] = []
      shipping.listShipments = async function* (since) {
        asked.push(since.at)
        yield { shipments: [], next: { at: run.clock.now() } }
      }

      await take()
      await run.clock.advance(HOUR)
      await take()

      expect(asked).toEqual([noon - 7 * DAY, noon - 75 * MINUTE])
    })

    it('keeps the pages before one that fails', async () => {
      const { run, place, packed, shipping } = await aShelf(database)
      await place(three)
      const lease = await aHeldLease(run, 'another lease')
      shipping.listShipments = async function* () {
        yield { shipments: [aShipment(1)], next: { at: 42 } }
        throw new PermanentError('500', { account: 'shipstation', operation: 'shipments' })
      }

      await expect(intakeStream(run, shipping, 'shipments', lease)).rejects.toThrow('500')

      expect(await packed()).toEqual(['shipment:1 A-1/L1 x1'])
      expect(await readCursor(run.db, 'shipstation', 'shipments')).toEqual({ at: 42 })
    })

    it('writes nothing once another run has taken over', async () => {
      const { run, place, shipping } = await aShelf(database)
      await place(anOrder('A-1'))
      const before = await everything(run.db)
      shipping.lists('shipments', [aShipment(1)])

      const lost = intakeStream(run, shipping, 'shipments', { name: 'test lease', owner: 'somebody else' })

      await expect(lost).rejects.toThrow(StoppedError)
      expect(await everything(run.db)).toBe(before)
      expect(await readCursor(run.db, 'shipstation', 'shipments')).toBeUndefined()
    })
  })
})
