import { describe, expect, it } from 'vitest'
import { readCursor } from '../../../src/core/db/cursors.ts'
import { RetryableError, ThrottledError } from '../../../src/core/errors.ts'
import { intakeBatch } from '../../../src/core/tracking/intake-batch.ts'
import { aHeldLease, aRunOn } from '../../world/a-run.ts'
import { aShipment } from '../../world/a-shipment.ts'
import { anOrder } from '../../world/an-order.ts'
import { alertRules, everything, taskList } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'
import { aShelf } from './shelf.ts'

const onlyConfirms = (tasks: readonly string[]) => tasks.filter((task) => task.startsWith('confirm'))
const facts = { account: 'shipstation', operation: 'listShipments' }

describe.each(databases)('a batch of labels that a webhook names, on $name', (database) => {
  it('is stored as a poll stores it, and no cursor moves', async () => {
    const { run, place, packed, shipping } = await aShelf(database)
    await place(anOrder('A-1'), anOrder('A-2'))
    const other = { shipStationOrderId: 5002 }
    shipping.holdsBatch('100301', [aShipment(1), aShipment(2, other)], [aShipment(3, { isReturn: true })])

    expect(await intakeBatch(run, shipping, '100301')).toEqual({
      channel: 'shipstation',
      counts: { seen: 3, new: 3, matched: 2, orphan: 0, ignored: 1, voided: 0, to_confirm: 2 },
      errors: [],
      outcome: 'done',
    })

    expect(await packed()).toEqual(['shipment:1 A-1/L1 x1', 'shipment:2 A-2/L1 x1'])
    expect(onlyConfirms(await taskList(run.db))).toEqual([
      'confirm amazon-us:A-1:1Z1 pending',
      'confirm amazon-us:A-2:1Z2 pending',
    ])
    for (const stream of ['shipments', 'fulfillments', 'voids'] as const)
      expect(await readCursor(run.db, 'shipstation', stream)).toBeUndefined()
  })

  it('is left as the poll stored it, and the poll leaves it as it was', async () => {
    const { run, place, take, shipping } = await aShelf(database)
    await place(anOrder('A-1'))
    shipping.holdsBatch('100301', [aShipment(1)])
    await intakeBatch(run, shipping, '100301')
    const cursor = () => readCursor(run.db, 'shipstation', 'shipments')

    expect(await take(aShipment(1))).toMatchObject({ seen: 1, new: 0, to_confirm: 0 })
    const [before, at] = [await everything(run.db), await cursor()]

    expect(await intakeBatch(run, shipping, '100301')).toMatchObject({ counts: { seen: 1, new: 0, to_confirm: 0 } })
    expect(at).toBeDefined()
    expect(await cursor()).toEqual(at)
    expect(await everything(run.db)).toBe(before)
  })

  it('that shows nothing yet is told as such', async () => {
    const { run, shipping } = await aShelf(database)
    expect(await intakeBatch(run, shipping, '1')).toMatchObject({ counts: { seen: 0 }, outcome: 'done' })
  })

  it('waits while tracking:sync is at work', async () => {
    const { run, shipping } = await aShelf(database)
    await aHeldLease(aRunOn(run.db, { name: 'other' }), 'tracking:sync shipstation')
    expect(await intakeBatch(run, shipping, '100301')).toMatchObject({
      outcome: 'held elsewhere',
      heldBy: { pid: expect.any(Number) },
    })
    expect(shipping.calls).toEqual([])
  })

  it('that cannot be read raises the alert of the lists; being told to wait raises none', async () => {
    const { run, shipping } = await aShelf(database)
    shipping.fail = new ThrottledError('wait', { ...facts, waitMs: 1000 })
    expect(await intakeBatch(run, shipping, '100301')).toMatchObject({ outcome: 'partly' })
    expect(await alertRules(run.db)).toEqual([])

    shipping.fail = new RetryableError('answered 503', facts)
    expect(await intakeBatch(run, shipping, '100301')).toMatchObject({
      outcome: 'down',
      errors: [{ why: expect.stringContaining('503') }],
    })
    expect(await alertRules(run.db)).toEqual(['shipments-unread'])

    // Only the lists themselves can end it.
    await intakeBatch(run, shipping, '100301')
    expect(await alertRules(run.db)).toEqual(['shipments-unread'])
  })
})
