import { describe, expect, it } from 'vitest'
import { replay } from '../../../src/core/inbox/deliveries.ts'
import type { Trigger } from '../../../src/core/model/trigger.ts'
import { aChannel } from '../../world/a-channel.ts'
import { MINUTE } from '../../world/a-clock.ts'
import { aRun, type TestRun } from '../../world/a-run.ts'
import { aShipment } from '../../world/a-shipment.ts'
import { alertRules } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'
import { aDelivery, box, keep, someHands, type TestHands, work } from './a-post.ts'

const batch: Trigger = { kind: 'packages', stream: 'shipments', batchId: '4711' }

/** The message comes, and is looked into until nobody does any more. */
async function toldTooEarly(run: TestRun, hands: TestHands): Promise<void> {
  await keep(run, 'shipstation', aDelivery('batch-4711', batch))
  for (let looks = 0; looks < 5; looks += 1) {
    await work(run, hands, 'shipstation')
    await run.clock.advance(MINUTE)
  }
}

describe.each(databases)('a message that says more than is so, on $name,', (database) => {
  it('about a batch of labels that is not there yet does not use up the message that comes when it is', async () => {
    const run = await aRun(database)
    const hands = someHands(run)
    await toldTooEarly(run, hands)
    expect(await box(run)).toMatchObject([{ state: 'done', outcome: 'batch 4711: nothing was shown; the poll looks on' }])

    hands.shipping.holdsBatch('4711', [aShipment(1)])
    expect(await keep(run, 'shipstation', aDelivery('batch-4711', batch))).toEqual(['new'])
    expect(await work(run, hands, 'shipstation')).toEqual({ done: 1, later: 0, dead: 0 })
    expect(await keep(run, 'shipstation', aDelivery('batch-4711', batch))).toEqual(['repeat'])
  })

  it('and led to nothing can be worked on again all the same', async () => {
    const run = await aRun(database)
    const hands = someHands(run)
    await toldTooEarly(run, hands)
    const [row] = await box(run)
    hands.shipping.holdsBatch('4711', [aShipment(1)])
    await replay(run, [row?.id ?? ''])
    expect(await work(run, hands, 'shipstation')).toEqual({ done: 1, later: 0, dead: 0 })
  })

  it('about a consent that still holds alarms nobody', async () => {
    const run = await aRun(database)
    const revoked: Trigger = { kind: 'consent-revoked', channels: ['amazon-us'] }
    await keep(run, 'ebay', aDelivery('k1', revoked))
    expect(await work(run, someHands(run), 'ebay')).toEqual({ done: 1, later: 0, dead: 0 })
    expect(await alertRules(run.db)).toEqual([])

    const refused = {
      ...aChannel(),
      health: async () => ({ ok: false, checks: [{ check: 'login', ok: false, detail: 'refused' }] }),
    }
    await keep(run, 'ebay', aDelivery('k2', revoked))
    expect(await work(run, someHands(run, refused), 'ebay')).toEqual({ done: 1, later: 0, dead: 0 })
    // The rule of pulls: the first pull that works again ends it.
    expect(await alertRules(run.db)).toEqual(['pull-failed'])
  })

  it('and was forgotten as it asked for is no riddle when somebody has it worked on again', async () => {
    const run = await aRun(database)
    const hands = someHands(run)
    await keep(run, 'ebay', aDelivery('k1', { kind: 'erase-buyer', channels: ['amazon-us'], buyer: { username: 'somebody' } }))
    expect(await work(run, hands, 'ebay')).toEqual({ done: 1, later: 0, dead: 0 })
    const [row] = await box(run)
    await replay(run, [row?.id ?? ''])
    expect(await work(run, hands, 'ebay')).toEqual({ done: 1, later: 0, dead: 0 })
    expect(await box(run)).toMatchObject([{ outcome: 'what it said was erased when it had been done' }])
    expect(await alertRules(run.db)).toEqual([])
  })
})
