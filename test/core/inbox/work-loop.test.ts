import { describe, expect, it } from 'vitest'
import { startWorkLoop } from '../../../src/core/inbox/work-loop.ts'
import { SECOND } from '../../world/a-clock.ts'
import { aRun } from '../../world/a-run.ts'
import { toldOn } from '../../world/databases.ts'
import { aDelivery, anOrderHint, keep, someHands } from './a-post.ts'

describe.each(toldOn('sqlite'))('the work loop, on $name,', (database) => {
  it('asks for an order at once, however many were told of before that are not shown yet', async () => {
    const run = await aRun(database)
    const hands = someHands(run)
    const asked: { readonly id: string; readonly at: number }[] = []
    const { getOrders } = hands.channel
    Object.assign(hands.channel, {
      getOrders: (ids: readonly string[], signal: AbortSignal) => {
        asked.push(...ids.map((id) => ({ id, at: run.clock.now() })))
        return getOrders(ids, signal)
      },
    })
    const loop = startWorkLoop(run, hands, { tickMs: SECOND, onBacklog: () => undefined })
    const told = new Map<string, number>()
    for (let n = 0; n < 8; n += 1) {
      const id = `A-${n}`
      told.set(id, run.clock.now())
      await keep(run, 'amazon', aDelivery(id, anOrderHint('amazon-us', id), { channel: 'amazon-us' }))
      loop.wake()
      // Less than the second look at it, so that none is ever shown.
      for (let step = 0; step < 50; step += 1) await run.clock.advance(SECOND / 20)
    }
    run.stop()
    await run.clock.advance(SECOND)
    await loop.ended

    const waited = [...told].map(([id, at]) => (asked.find((one) => one.id === id)?.at ?? Number.NaN) - at)
    expect(Math.max(...waited)).toBeLessThanOrEqual(SECOND)
  })
})
