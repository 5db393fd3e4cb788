import { describe, expect, it } from 'vitest'
import { AuthError, PermanentError, RetryableError, StoppedError, ThrottledError } from '../../../src/core/errors.ts'
import { confirmShipments } from '../../../src/core/tracking/confirm.ts'
import { aChannel } from '../../world/a-channel.ts'
import { HOUR, MINUTE, noon, SECOND } from '../../world/a-clock.ts'
import { aShipment } from '../../world/a-shipment.ts'
import { aLine, anOrder } from '../../world/an-order.ts'
import { alertRules, historyOf, orderRow, taskList, tasksOf } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'
import { aShelf, type Shelf } from './shelf.ts'

const facts = { account: 'amazon-us', operation: 'confirmShipment' }
const two = anOrder('A-1', { lines: [aLine('L1', { qty: 2 }), aLine('L2')] })

describe.each(databases)('confirming packages on $name', (database) => {
  /** An order with one package of one unit, due to be told. */
  async function onePackage(): Promise<Shelf> {
    const shelf = await aShelf(database)
    await shelf.place(anOrder('A-1'))
    await shelf.take(aShipment(1))
    return shelf
  }

  async function confirmState({ run }: Shelf): Promise<Record<string, unknown>> {
    const [task] = (await tasksOf(run.db)).filter(({ kind }) => kind === 'confirm')
    return { state: task?.state, attempts: task?.attempts, due: (task?.next_attempt_at ?? 0) - run.clock.now() }
  }

  it('tells the channel the lines and units of each package, and whether it is all of the order', async () => {
    const { run, place, take } = await aShelf(database)
    const channel = aChannel()
    await place(two, anOrder('A-2', { marketplaceId: 'ATVPDKIKX0DER' }))
    await take(
      aShipment(1, { items: [{ externalLineId: 'L1', quantity: 2 }] }),
      aShipment(2, {
        items: [{ externalLineId: 'L2', quantity: 1 }],
        carrierCode: 'stamps_com',
        serviceCode: 'usps_priority_mail',
      }),
      aShipment(3, { shipStationOrderId: 5002 }),
    )

    expect(await confirmShipments(run, channel)).toMatchObject({ done: 3, waiting: 0, dead: 0, problems: [] })

    expect(channel.confirmed).toMatchObject([
      {
        externalOrderId: 'A-1',
        reference: 1,
        trackingNumber: '1Z1',
        wholeOrder: false,
        lines: [{ externalLineId: 'L1', quantity: 2 }],
      },
      { externalOrderId: 'A-1', reference: 2, service: 'usps_priority_mail', wholeOrder: false, carrier: { family: 'usps' } },
      { externalOrderId: 'A-2', reference: 3, marketplaceId: 'ATVPDKIKX0DER', wholeOrder: true, carrier: { family: 'ups' } },
    ])
    expect((await orderRow(run.db, 'A-1')).status).toBe('shipped')
  })

  it('counts an order as partly shipped until every unit has been told', async () => {
    const { run, place, take } = await aShelf(database)
    await place(two)
    await take(aShipment(1))
    await confirmShipments(run, aChannel())
    expect((await orderRow(run.db, 'A-1')).status).toBe('partially_shipped')

    await take(aShipment(2), aShipment(3, { items: [{ externalLineId: 'L2', quantity: 1 }] }))
    await confirmShipments(run, aChannel())

    expect(await orderRow(run.db, 'A-1')).toMatchObject({ status: 'shipped', shipped_at: noon })
    expect((await historyOf(run.db, 'A-1')).filter((what) => what === 'confirmed')).toHaveLength(3)
  })

  it('tells each package once', async () => {
    const { run } = await onePackage()
    const channel = aChannel()
    await confirmShipments(run, channel)
    await confirmShipments(run, channel)
    expect(channel.confirmed).toHaveLength(1)
  })

  it('never says that a package left before its order was made', async () => {
    const { run, place, take } = await aShelf(database)
    const channel = aChannel()
    await place(anOrder('A-1', { createdAt: noon }))
    await take(aShipment(1, { shippedAt: noon - 5 * HOUR }))
    await confirmShipments(run, channel)
    expect(channel.confirmed[0]?.shippedAt).toBe(noon)
  })

  it('tells nothing of a label that was voided meanwhile', async () => {
    const { run } = await onePackage()
    await run.db.run(`update shipments set state = 'voided'`)
    const channel = aChannel()
    expect(await confirmShipments(run, channel)).toMatchObject({ done: 1 })
    expect(channel.confirmed).toEqual([])
  })

  it('lets one bad package fail alone', async () => {
    const { run, place, take } = await aShelf(database)
    await place(anOrder('A-1'), anOrder('A-2'))
    await take(aShipment(1), aShipment(2, { shipStationOrderId: 5002 }))
    const channel = aChannel()
    const error = new PermanentError('no such order', { ...facts, status: 400 })
    channel.answer = ({ reference }) => (reference === 1 ? { status: 'failed', error } : { status: 'accepted' })

    expect(await confirmShipments(run, channel)).toMatchObject({ done: 1, dead: 1 })

    expect((await orderRow(run.db, 'A-2')).status).toBe('shipped')
    expect((await orderRow(run.db, 'A-1')).status).toBe('open')
    expect(await alertRules(run.db)).toEqual(['dead-confirm'])
  })

  it.each([
    [
      'throttled',
      new ThrottledError('429', { ...facts, waitMs: 7 * SECOND }),
      { state: 'waiting', attempts: 0, due: 7 * SECOND },
    ],
    ['refused', new AuthError('401', facts), { state: 'waiting', attempts: 0, due: 5 * MINUTE }],
    ['in trouble', new RetryableError('503', facts), { state: 'waiting', attempts: 1, due: 30 * SECOND }],
  ])('waits and stops when the account is %s', async (_, error, expected) => {
    const shelf = await onePackage()
    const channel = aChannel()
    channel.fail = error

    expect(await confirmShipments(shelf.run, channel)).toMatchObject({ done: 0, waiting: 1, stoppedBy: error })
    expect(await confirmState(shelf)).toEqual(expected)
  })

  it('gives its tasks back untouched when it is told to stop', async () => {
    const shelf = await onePackage()
    const channel = aChannel()
    channel.fail = new StoppedError('SIGTERM')

    expect(await confirmShipments(shelf.run, channel)).toMatchObject({ done: 0, waiting: 0, dead: 0 })
    expect(await confirmState(shelf)).toMatchObject({ state: 'waiting', attempts: 0, due: 0 })
  })

  describe('after an answer that was lost', () => {
    const lost = new RetryableError('timed out', { ...facts, outcomeUnknown: true })

    async function withLostAnswer(): Promise<Shelf & { channel: ReturnType<typeof aChannel> }> {
      const shelf = await onePackage()
      const channel = aChannel()
      channel.fail = lost
      await confirmShipments(shelf.run, channel)
      channel.confirmed.length = 0
      return { ...shelf, channel }
    }

    it('waits until a look-up can be trusted', async () => {
      const { channel, ...shelf } = await withLostAnswer()
      expect(await confirmState(shelf)).toEqual({ state: 'waiting', attempts: 1, due: 2 * MINUTE })
    })

    it('does not tell again what the channel has', async () => {
      const { run, channel } = await withLostAnswer()
      channel.knows = () => 'confirmed'
      await run.clock.advance(2 * MINUTE)

      expect(await confirmShipments(run, channel)).toMatchObject({ done: 1 })
      expect(channel.confirmed).toEqual([])
      expect(await historyOf(run.db, 'A-1')).toContain('found confirmed at the channel')
    })

    it('tells again what the channel has not', async () => {
      const { run, channel } = await withLostAnswer()
      await run.clock.advance(2 * MINUTE)

      expect(await confirmShipments(run, channel)).toMatchObject({ done: 1 })
      expect(channel.confirmed).toHaveLength(1)
    })

    it('still looks first when the look-up itself was throttled, or failed', async () => {
      const { run, channel } = await withLostAnswer()
      const failures = [new ThrottledError('429', { ...facts, waitMs: SECOND }), new RetryableError('503', facts)]
      for (const error of failures) {
        await run.clock.advance(5 * MINUTE)
        channel.fail = error
        await confirmShipments(run, channel)
      }
      channel.knows = () => 'confirmed'
      await run.clock.advance(5 * MINUTE)

      expect(await confirmShipments(run, channel)).toMatchObject({ done: 1 })
      expect(channel.lookedUp).toHaveLength(3)
      expect(channel.confirmed).toEqual([])
    })

    it('still looks first when an operator wakes it after it was given up', async () => {
      const { run, channel } = await withLostAnswer()
      for (let tries = 0; tries < 5; tries += 1) {
        await run.clock.advance(10 * MINUTE)
        channel.fail = new RetryableError('503', facts)
        await confirmShipments(run, channel)
      }
      expect((await taskList(run.db)).filter((task) => task.startsWith('confirm'))).toEqual(['confirm amazon-us:A-1:1Z1 dead'])
      channel.knows = () => 'confirmed'
      await run.db.run(`update tasks set state = 'pending', attempts = 0 where kind = 'confirm'`)
      await run.clock.advance(MINUTE)

      expect(await confirmShipments(run, channel)).toMatchObject({ done: 1 })
      expect(channel.confirmed).toEqual([])
    })
  })
})
