import { describe, expect, it } from 'vitest'
import { writeCursor } from '../../../src/core/db/cursors.ts'
import { startWorkLoop } from '../../../src/core/inbox/work-loop.ts'
import type { QuantityUpdate } from '../../../src/core/model/stock.ts'
import type { QuantityOutcome } from '../../../src/core/ports/marketplace.ts'
import { aChannel } from '../../world/a-channel.ts'
import { DAY, MINUTE, noon, SECOND } from '../../world/a-clock.ts'
import { aRun } from '../../world/a-run.ts'
import { toldOn } from '../../world/databases.ts'
import { aDelivery, anOrderHint, keep, someHands } from './a-post.ts'

describe.each(toldOn('sqlite'))('nobody waits for others: the work loop on $name', (database) => {
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

  it('tells a channel what it is to show while another one keeps it waiting', async () => {
    const run = await aRun(database)
    const [quick, slow] = [aChannel(), aChannel({ channel: 'mirakl-macys' })]
    const hands = { ...someHands(run, quick), marketplaces: [quick, slow] }
    let handedOver = 0
    // As one file of stock a minute keeps it: whoever comes with the next one waits for his turn.
    Object.assign(slow, {
      updateQuantities: async (
        batch: readonly QuantityUpdate[],
        _way: string,
        signal: AbortSignal,
      ): Promise<readonly QuantityOutcome[]> => {
        handedOver += 1
        if (handedOver > 1) await run.clock.sleep(MINUTE, signal)
        return batch.map(() => ({ status: 'accepted' }))
      },
    })
    for (const { channel } of hands.marketplaces) await writeCursor(run.db, channel, 'pulled', { at: noon + DAY }, noon)
    const loop = startWorkLoop(run, hands, { tickMs: SECOND, onBacklog: () => undefined })
    const waited: number[] = []
    for (let n = 0; n < 6; n += 1) {
      const sku = `S-${n}`
      const said = run.clock.now()
      hands.shelf.shelf.set(sku, 9)
      await keep(run, 'zoho', aDelivery(sku, { kind: 'stock', items: [{ sku }] }))
      loop.wake()
      let at: number | undefined
      for (let step = 0; step < 100; step += 1) {
        await run.clock.advance(SECOND / 20)
        if (quick.told.some(({ batch }) => batch.some((one) => one.sku === sku))) at ??= run.clock.now()
      }
      waited.push((at ?? Number.POSITIVE_INFINITY) - said)
    }
    run.stop()
    await run.clock.advance(MINUTE)
    await loop.ended

    expect(handedOver).toBe(2)
    expect(Math.max(...waited)).toBeLessThanOrEqual(4 * SECOND)
  })
})
