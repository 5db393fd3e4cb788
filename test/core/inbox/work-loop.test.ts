import { setTimeout as breath } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { startWorkLoop, type WorkLoop } from '../../../src/core/inbox/work-loop.ts'
import { aChannel, aPage, type TestChannel } from '../../world/a-channel.ts'
import { noon, SECOND } from '../../world/a-clock.ts'
import { aRun, type TestRun } from '../../world/a-run.ts'
import { aShipment } from '../../world/a-shipment.ts'
import { anOrder } from '../../world/an-order.ts'
import { databases } from '../../world/databases.ts'
import { aDelivery, anOrderHint, keep, nothing, someHands, states, type TestHands } from './a-post.ts'

describe.each(databases)('the work between requests, on $name,', (database) => {
  let loop: WorkLoop | undefined
  let run: TestRun

  afterEach(async () => {
    run.stop()
    await loop?.ended
    loop = undefined
  })

  function begin(hands: TestHands): number[] {
    const backlogs: number[] = []
    loop = startWorkLoop(run, hands, {
      tickMs: SECOND,
      onBacklog: (rows) => void backlogs.push(rows.reduce((sum, { count }) => sum + count, 0)),
    })
    return backlogs
  }

  /** Lets time pass until it is so. The database takes time of its own. */
  async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
    for (const end = performance.now() + 20 * SECOND; performance.now() < end; ) {
      if (await isSo()) return
      await run.clock.advance(SECOND / 10)
      await breath(1)
    }
    throw new Error(`still not so after ${(run.clock.now() - noon) / SECOND} s`)
  }

  const done = async (...keys: readonly string[]) => {
    const all = await states(run)
    return keys.every((key) => all.includes(`${key} done`))
  }

  it('works what comes, and says how much waits', async () => {
    run = await aRun(database)
    await keep(run, 'orders', aDelivery('k1', nothing), aDelivery('k2', nothing))
    const backlogs = begin(someHands(run))
    await until(() => done('k1', 'k2'))
    await until(() => backlogs.at(-1) === 0)
    expect(backlogs[0]).toBe(2)
    await keep(run, 'zoho', aDelivery('k3', nothing))
    loop?.wake()
    await until(() => done('k3'))
  })

  it('lets a channel that hangs hold up neither another channel nor ShipStation', async () => {
    run = await aRun(database)
    const hanging = aChannel()
    let letGo = () => {}
    Object.assign(hanging, {
      getOrders: () => new Promise((resolve) => (letGo = () => resolve({ orders: [], poison: [], skipped: 0 }))),
    })
    const macys: TestChannel = aChannel({ channel: 'mirakl-macys' })
    macys.pages = [aPage([anOrder('M-1', { channel: 'mirakl-macys' })], { at: noon })]
    const hands = { ...someHands(run, hanging), marketplaces: [hanging, macys] }
    hands.shipping.lists('shipments', [aShipment(1)])
    await keep(run, 'orders', aDelivery('hung', anOrderHint('amazon-us', 'A-1'), { channel: 'amazon-us' }))
    begin(hands)
    await until(() => run.clock.now() > noon + SECOND)
    await keep(run, 'orders', aDelivery('m', anOrderHint('mirakl-macys', 'M-1'), { channel: 'mirakl-macys' }))
    await keep(run, 'shipstation', aDelivery('s', { kind: 'packages', stream: 'shipments' }))
    loop?.wake()
    await until(() => done('m', 's'))
    expect(run.clock.now() - noon).toBeLessThan(15 * SECOND)
    expect(await states(run)).toContain('hung running')
    letGo()
  })

  it('goes on after an error of the database', async () => {
    run = await aRun(database)
    let failures = 3
    const rows: typeof run.db.rows = async (sql, values) => {
      if (failures-- > 0) throw new Error('database is gone')
      return run.db.rows(sql, values)
    }
    await keep(run, 'orders', aDelivery('k1', nothing))
    const hands = someHands(run)
    loop = startWorkLoop({ ...run, db: { ...run.db, rows } }, hands, { tickMs: SECOND, onBacklog: () => undefined })
    await until(() => done('k1'))
    expect(run.logged.some(({ message }) => message === 'a job failed')).toBe(true)
  })

  it('ends when it is told to, with nothing in its hands', async () => {
    run = await aRun(database)
    await keep(run, 'orders', ...Array.from({ length: 20 }, (_, n) => aDelivery(`k${n}`, nothing)))
    begin(someHands(run))
    run.stop()
    await loop?.ended
    expect(await run.db.rows(`select 1 as one from inbox where state = 'running'`)).toEqual([])
  })
})
