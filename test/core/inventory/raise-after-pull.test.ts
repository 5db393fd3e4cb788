import { describe, expect, it } from 'vitest'
import type { PublishReport } from '../../../src/core/inventory/publish.ts'
import { pullChannels } from '../../../src/core/orders/pull-channels.ts'
import { aPage } from '../../world/a-channel.ts'
import { MINUTE } from '../../world/a-clock.ts'
import { aLine, anOrder } from '../../world/an-order.ts'
import { databases } from '../../world/databases.ts'
import { aHouse, type House, told } from './a-house.ts'

const heldOn = (channel: string, report: { readonly published?: PublishReport }) =>
  report.published?.channels.find((one) => one.channel === channel)?.counts.held

const sixMugs = anOrder('111-1', { lines: [aLine('L1', { sku: 'MUG', qty: 6 })] })

// The random schedules of the oversell race found these, or would have.
describe.each(databases)('a raise that had to wait, on $name', (database) => {
  /** Ten mugs, of which nine are on show everywhere; a minute later Zoho has twenty, and nobody has read the orders since. */
  async function waitingRaise(): Promise<House> {
    const house = await aHouse(database, { MUG: 10 })
    await house.full()
    await house.run.clock.advance(MINUTE)
    house.stock.shelf.set('MUG', 20)
    told(house.amazon)
    told(house.macys)
    return house
  }

  it('is worked out anew once the orders are there: what they took does not go up with it', async () => {
    const { run, amazon, macys, delta, pull } = await waitingRaise()
    expect(heldOn('amazon-us', await delta(['MUG']))).toBe(1)
    await run.clock.advance(MINUTE)

    await pull([sixMugs])

    expect(told(amazon)).toEqual(['MUG 9 -> 13'])
    expect(told(macys)).toEqual(['MUG 9 -> 13'])
  })

  it('also where another command publishes first', async () => {
    const { run, amazon, delta, pull, rebalance } = await waitingRaise()
    await delta(['MUG'])
    await run.clock.advance(MINUTE)
    amazon.quantityPlan = () => {
      throw new Error('killed before anything is sent')
    }
    await expect(pull([sixMugs])).rejects.toThrow('killed')
    await run.clock.advance(3 * MINUTE)
    amazon.quantityPlan = () => ({ way: 'patch', batch: 20 })

    await rebalance()

    expect(told(amazon)).toEqual(['MUG 9 -> 13'])
  })

  it('waits too when a run was killed while it sent the number before', async () => {
    const { run, amazon, stock, full, fullWithoutPull } = await waitingRaise()
    const send = amazon.updateQuantities
    amazon.updateQuantities = async () => {
      throw new Error('killed while sending')
    }
    await expect(full()).rejects.toThrow('killed')
    await run.clock.advance(5 * MINUTE)
    amazon.updateQuantities = send
    stock.shelf.set('MUG', 30)

    const report = await fullWithoutPull()

    expect(told(amazon)).toEqual([])
    expect(heldOn('amazon-us', report)).toBe(1)
  })

  it('does not go because another process has read the orders after the number was worked out', async () => {
    const { run, amazon, delta, fullWithoutPull, pull } = await waitingRaise()
    await delta(['MUG'])
    // The listing is looked at between the recomputation and the sending: at that moment the orders come in by another run.
    await run.db.run(`delete from listings where channel = 'amazon-us'`)
    const look = amazon.describeListings
    let pulled = 0
    amazon.describeListings = async (skus, signal) => {
      pulled += 1
      await run.clock.advance(MINUTE)
      amazon.pages = [aPage([sixMugs], { at: run.clock.now() })]
      await pullChannels(run, { connectors: [amazon] })
      return look?.(skus, signal) ?? []
    }

    await fullWithoutPull()

    expect(pulled).toBe(1)
    expect(told(amazon)).toEqual([])
    await pull()
    expect(told(amazon)).toEqual(['MUG 9 -> 13'])
  })

  describe('what the channel shows at most', () => {
    /** Nine mugs are on show at Amazon since noon; an order of five, placed so long after, is read; then Zoho has eight, and nobody reads orders. */
    async function lowered(afterMs: number): Promise<{ readonly house: House; readonly held: number | undefined }> {
      const house = await aHouse(database, { MUG: 10 })
      await house.full()
      const placed = house.run.clock.now() + afterMs
      await house.run.clock.advance(afterMs + MINUTE)
      await house.pull([anOrder('111-1', { createdAt: placed, lines: [aLine('L1', { sku: 'MUG', qty: 5 })] })])
      await house.run.clock.advance(MINUTE)
      told(house.amazon)
      house.stock.shelf.set('MUG', 8)
      const report = await house.delta(['MUG'])
      return { house, held: heldOn('amazon-us', report) }
    }

    it('is less by what its own buyers took since: seven are a raise over the four that are left', async () => {
      const { house, held } = await lowered(10 * MINUTE)
      expect(told(house.amazon)).toEqual([])
      expect(held).toBe(1)
    })

    it('is not less by an order that the last number may have overwritten: seven go down from nine at once', async () => {
      const { house } = await lowered(MINUTE)
      expect(told(house.amazon)).toEqual(['MUG 9 -> 7'])
    })
  })
})
