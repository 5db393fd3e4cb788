import { describe, expect, it } from 'vitest'
import { readCursor, writeCursor } from '../../../src/core/db/cursors.ts'
import { RetryableError, StoppedError } from '../../../src/core/errors.ts'
import { pullOrders } from '../../../src/core/orders/pull-orders.ts'
import { aChannel, aPage } from '../../world/a-channel.ts'
import { DAY, HOUR, MINUTE, noon } from '../../world/a-clock.ts'
import { aHeldLease, amazonUs, aRun } from '../../world/a-run.ts'
import { anOrder, aPoisonOrder } from '../../world/an-order.ts'
import { alertRules, everything, taskList } from '../../world/books.ts'
import { databases } from '../../world/databases.ts'

describe.each(databases)('pulling orders on $name', (database) => {
  async function aDesk() {
    const run = await aRun(database)
    const connector = aChannel()
    const lease = await aHeldLease(run)
    return {
      run,
      connector,
      pull: (request: { since?: number; orderIds?: readonly string[] } = {}) =>
        pullOrders(run, { channel: amazonUs, connector, lease, ...request }),
      place: () => readCursor(run.db, 'amazon-us', 'orders'),
      placeAt: (at: number, resume?: string) =>
        writeCursor(run.db, 'amazon-us', 'orders', resume === undefined ? { at } : { at, resume }, noon),
    }
  }

  it('begins a week back the first time, then ten minutes before its place', async () => {
    const { run, connector, pull } = await aDesk()
    connector.pages = [aPage([], { at: noon })]
    await pull()
    await run.clock.advance(HOUR)
    await pull()
    expect(connector.listedFrom).toEqual([{ at: noon - 7 * DAY }, { at: noon - 10 * MINUTE }])
  })

  it('commits each page with its place: what came before a failure stays', async () => {
    const { run, connector, pull, place } = await aDesk()
    const failure = new RetryableError('503', { account: 'amazon-us', operation: 'searchOrders' })
    const cut = { at: noon - 6 * DAY, resume: 'page 2' }
    connector.pages = [aPage([anOrder('A-1')], cut), failure]

    await expect(pull()).rejects.toBe(failure)

    expect(await taskList(run.db)).toEqual(['push amazon-us:A-1 pending'])
    expect((await place())?.resume).toBe('page 2')
  })

  it('goes on in the middle of a search that was cut off, and forgets that when the search ends', async () => {
    const { connector, pull, place, placeAt } = await aDesk()
    await placeAt(noon - HOUR, 'page 2')
    connector.pages = [aPage([anOrder('A-2')], { at: noon })]

    await pull()

    expect(connector.listedFrom).toEqual([{ at: noon - HOUR - 10 * MINUTE, resume: 'page 2' }])
    expect(await place()).toEqual({ at: noon })
  })

  it('does not move its place before a search has ended', async () => {
    const { connector, pull, place, placeAt } = await aDesk()
    await placeAt(noon - HOUR)
    connector.pages = [aPage([anOrder('A-1')], { at: noon, resume: 'page 2' }), new StoppedError('SIGTERM')]
    await expect(pull()).rejects.toThrow(StoppedError)
    expect(await place()).toEqual({ at: noon - HOUR, resume: 'page 2' })
  })

  it('counts as pulled only when the whole search was read, though no page carries a note', async () => {
    const { run, connector, pull, place, placeAt } = await aDesk()
    await placeAt(noon - HOUR)
    const early = aPage([anOrder('A-1')], { at: noon - HOUR - 10 * MINUTE })
    const failure = new RetryableError('503', { account: 'amazon-us', operation: 'GetOrders' })
    const pulled = () => readCursor(run.db, 'amazon-us', 'pulled')

    connector.pages = [early, failure]
    await expect(pull()).rejects.toBe(failure)
    expect(await pulled()).toBeUndefined()
    expect(await place()).toEqual({ at: noon - HOUR })

    connector.pages = [early, aPage([], { at: noon })]
    await pull()
    expect(await pulled()).toEqual({ at: noon })
    expect(await place()).toEqual({ at: noon })
  })

  it('never begins in the future, and never moves its place back', async () => {
    const { connector, pull, place, placeAt } = await aDesk()
    await placeAt(noon + DAY)
    connector.pages = [aPage([], { at: noon })]
    await pull()
    expect(connector.listedFrom).toEqual([{ at: noon - 10 * MINUTE }])
    expect(await place()).toEqual({ at: noon + DAY })
  })

  it('leaves its place alone when it reads from a later time: what lies between is still unread', async () => {
    const { connector, pull, place, placeAt } = await aDesk()
    await placeAt(noon - DAY)
    connector.pages = [aPage([anOrder('A-1')], { at: noon })]

    await pull({ since: noon - HOUR })
    expect(await place()).toEqual({ at: noon - DAY })

    await pull({ since: noon - 2 * DAY })
    expect(await place()).toEqual({ at: noon })
    expect(connector.listedFrom).toEqual([{ at: noon - HOUR }, { at: noon - 2 * DAY }])
  })

  it('reads single orders without touching its place', async () => {
    const { run, connector, pull, place } = await aDesk()
    connector.pages = [aPage([anOrder('A-1'), anOrder('A-2')], { at: noon })]
    expect(await pull({ orderIds: ['A-2', 'A-9'] })).toMatchObject({ seen: 1, new: 1 })
    expect(await place()).toBeUndefined()
    expect(await taskList(run.db)).toEqual(['push amazon-us:A-2 pending'])
  })

  it('writes nothing once another run has taken over', async () => {
    const { run, connector, place } = await aDesk()
    connector.pages = [aPage([anOrder('A-1')], { at: noon })]
    const before = await everything(run.db)
    const lost = { name: 'test lease', owner: 'somebody else' }

    await expect(pullOrders(run, { channel: amazonUs, connector, lease: lost })).rejects.toThrow(StoppedError)

    expect(await everything(run.db)).toBe(before)
    expect(await place()).toBeUndefined()
  })

  it('raises one alert for all orders that cannot be read, until each of them can be', async () => {
    const { run, connector, pull } = await aDesk()
    const poison = [aPoisonOrder('A-1'), aPoisonOrder('A-2')]
    connector.pages = [{ ...aPage([], { at: noon }), poison }]
    await pull()
    expect(await alertRules(run.db)).toEqual(['poison'])

    connector.pages = [aPage([anOrder('A-1')], { at: noon })]
    await pull()
    expect(await alertRules(run.db)).toEqual(['poison'])

    connector.pages = [aPage([anOrder('A-2')], { at: noon })]
    await pull()
    expect(await alertRules(run.db)).toEqual([])
  })

  it('adds up what its pages brought', async () => {
    const { connector, pull } = await aDesk()
    connector.pages = [
      aPage([anOrder('A-1')], { at: noon, resume: '2' }),
      { ...aPage([anOrder('A-1'), anOrder('A-2')], { at: noon }), skipped: 3 },
    ]
    expect(await pull()).toMatchObject({ seen: 6, new: 2, unchanged: 1, skipped: 3, to_push: 2 })
  })
})
