import { describe, expect, it } from 'vitest'
import { type ConnectorError, PermanentError, RetryableError } from '../../../src/core/errors.ts'
import type { LookUp } from '../../../src/core/ports/marketplace.ts'
import { confirmShipments } from '../../../src/core/tracking/confirm.ts'
import { syncTracking } from '../../../src/core/tracking/sync-tracking.ts'
import { aChannel, type TestChannel } from '../../world/a-channel.ts'
import { MINUTE, noon } from '../../world/a-clock.ts'
import { aShipment } from '../../world/a-shipment.ts'
import { aLine, anOrder } from '../../world/an-order.ts'
import { alertRules, taskList } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'
import { aShelf, type Shelf } from './shelf.ts'

const facts = { account: 'amazon-us', operation: 'confirmShipment' }
const lost = new RetryableError('timed out', { ...facts, outcomeUnknown: true })
const voided = aShipment(1, { voidedAt: noon })

describe.each(databases)('a label that is voided while its confirmation is under way, on $name', (database) => {
  /** One order of one unit in package 1; `meanwhile` happens while the channel is being told of it. */
  async function given(
    answer: 'accepted' | ConnectorError,
    meanwhile: (shelf: Shelf) => Promise<unknown>,
  ): Promise<Shelf & { readonly channel: TestChannel }> {
    const shelf = await aShelf(database)
    const channel = aChannel()
    await shelf.place(anOrder('A-1'))
    await shelf.take(aShipment(1))
    const plain = channel.confirmShipments
    channel.confirmShipments = async (batch, signal) => {
      channel.confirmShipments = plain
      await meanwhile(shelf)
      channel.answer = () => (answer === 'accepted' ? { status: 'accepted' } : { status: 'failed', error: answer })
      const outcomes = await plain(batch, signal)
      channel.answer = () => ({ status: 'accepted' })
      return outcomes
    }
    await confirmShipments(shelf.run, channel)
    return { ...shelf, channel }
  }

  const voidAndReplace = async ({ take, takeFrom }: Shelf) => {
    await takeFrom('voids', voided)
    await take(aShipment(2))
  }
  const confirmations = async ({ run }: Shelf) => (await taskList(run.db)).filter((task) => task.startsWith('confirm'))

  it('is not called one package too many while nobody knows', async () => {
    let rules: readonly string[] = ['not asked']
    const shelf = await given('accepted', async (at) => {
      await voidAndReplace(at)
      rules = await alertRules(at.run.db)
      expect(await at.states()).toEqual(['shipment:1 voided: voided while its confirmation was under way', 'shipment:2 matched'])
    })
    expect(rules).toEqual([])
    expect(await shelf.packed()).toEqual(['shipment:1 A-1/L1 x1'])
  })

  it('and was told: a person must correct it, and the replacement with it', async () => {
    const shelf = await given('accepted', voidAndReplace)
    expect(await alertRules(shelf.run.db)).toEqual(['extra-package', 'voided-after-confirm'])
    expect(await shelf.states()).toEqual(['shipment:1 voided: voided after confirmation', 'shipment:2 matched'])
    expect(await shelf.packed()).toEqual(['shipment:1 A-1/L1 x1'])
  })

  it.each([
    ['for good', new PermanentError('no such line', facts)],
    ['for now', new RetryableError('503', facts)],
  ])('and was refused %s: its goods are in the replacement, and the channel is told of that', async (_, error) => {
    const shelf = await given(error, voidAndReplace)

    expect(await shelf.packed()).toEqual(['shipment:2 A-1/L1 x1'])
    expect(await shelf.states()).toEqual(['shipment:1 voided: voided in time', 'shipment:2 matched'])
    await shelf.run.clock.advance(5 * MINUTE)
    await confirmShipments(shelf.run, shelf.channel)
    expect(shelf.channel.confirmed.map(({ trackingNumber }) => trackingNumber)).toEqual(['1Z1', '1Z2'])
    expect((await alertRules(shelf.run.db)).filter((rule) => !rule.startsWith('dead'))).toEqual([])
  })

  it.each<[LookUp, string[], string[], string[]]>([
    ['absent', ['shipment:2 A-1/L1 x1'], ['1Z2'], []],
    ['confirmed', ['shipment:1 A-1/L1 x1'], [], ['extra-package', 'voided-after-confirm']],
    ['unknowable', ['shipment:1 A-1/L1 x1'], [], ['extra-package', 'voided-after-confirm']],
  ])('and its answer was lost: looked up, it is %s', async (answer, packed, told, rules) => {
    const shelf = await given(lost, async () => {})
    await voidAndReplace(shelf)
    expect(await alertRules(shelf.run.db)).toEqual([])
    shelf.channel.confirmed.length = 0
    shelf.channel.knows = ({ trackingNumber }) => (trackingNumber === '1Z1' ? answer : 'absent')
    await shelf.run.clock.advance(5 * MINUTE)

    await confirmShipments(shelf.run, shelf.channel)
    await confirmShipments(shelf.run, shelf.channel)

    expect(await shelf.packed()).toEqual(packed)
    expect(shelf.channel.confirmed.map(({ trackingNumber }) => trackingNumber)).toEqual(told)
    expect(await alertRules(shelf.run.db)).toEqual(rules)
    expect((await confirmations(shelf)).filter((task) => !task.endsWith('done'))).toEqual([])
  })

  it('keeps what other orders of a merged package were told, and frees the rest', async () => {
    const shelf = await aShelf(database)
    const { run, place, take, takeFrom, packed, shipping } = shelf
    await place(anOrder('A-1'), anOrder('A-2', { lines: [aLine('L9')] }))
    const items = [aShipment(1).items?.[0] ?? { quantity: 0 }, { externalLineId: 'L9', quantity: 1 }]
    shipping.holds({ ...aMerged(), mergedIds: [5002] })
    await take(aShipment(1, { items }))
    const channel = aChannel()
    const refused = new PermanentError('no', facts)
    channel.answer = ({ externalOrderId: id }) => (id === 'A-1' ? { status: 'accepted' } : { status: 'failed', error: refused })
    await confirmShipments(run, channel)

    await takeFrom('voids', voided)

    expect(await packed()).toEqual(['shipment:1 A-1/L1 x1'])
    expect(await alertRules(run.db)).toContain('voided-after-confirm')
  })

  it('is free for its replacement when both are seen in one run, and when the replacement is seen first', async () => {
    const shelf = await aShelf(database)
    const { run, place, take, shipping, packed } = shelf
    await place(anOrder('A-1'), anOrder('A-2'))
    await take(aShipment(1), aShipment(3, { shipStationOrderId: 5002 }), aShipment(4, { shipStationOrderId: 5002 }))
    expect(await alertRules(run.db)).toEqual(['extra-package'])
    shipping.lists('shipments', [aShipment(2)])
    shipping.lists('voids', [voided, aShipment(3, { shipStationOrderId: 5002, voidedAt: noon })])

    const channel = aChannel()
    await syncTracking(run, shipping, [channel])

    expect(await packed()).toEqual(['shipment:2 A-1/L1 x1', 'shipment:4 A-2/L1 x1'])
    expect(channel.confirmed.map(({ trackingNumber }) => trackingNumber).sort()).toEqual(['1Z2', '1Z4'])
    expect(await alertRules(run.db)).toEqual([])
    // Only the package that was there before its twin was voided was ever called one too many.
    expect(await run.db.rows(`select count from alerts where rule = 'extra-package'`)).toEqual([{ count: 1 }])
  })
})

function aMerged() {
  return { shipStationOrderId: 5001, orderKey: 'k', orderNumber: 'A-1', orderStatus: 'shipped', storeId: 20002 }
}
