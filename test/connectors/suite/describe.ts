import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Channel, ChannelBench, Connected } from './bench.ts'
import { listenTo } from './ear.ts'
import { type Sentence, sentences } from './sentences.ts'
import { tellManners } from './tell-manners.ts'
import { tellOpen } from './tell-open.ts'
import { tellOrders } from './tell-orders.ts'
import { tellPackages } from './tell-packages.ts'
import { tellQuantities } from './tell-quantities.ts'
import { tellTroubles } from './tell-troubles.ts'
import { tellWords } from './tell-words.ts'
import { CANARY, type Say, type World } from './world.ts'

/** Every sentence of the marketplace port, told about this channel. What it cannot be asked is skipped by name, with the reason. */
export function describeMarketplace(bench: ChannelBench): void {
  describe(bench.name, () => {
    const told: Sentence[] = []
    /** Everything that connectors said, but for orders: those are full of people. */
    const heard: string[] = []
    const near: Connected[] = []
    let channel: Channel
    let rowsAtFirst: string

    beforeAll(async () => {
      channel = await bench.open()
      rowsAtFirst = await channel.rows()
    })
    afterAll(() => channel.close())
    beforeEach(() => channel.reset())
    afterEach(async () => {
      heard.push(await channel.notes(), ...near.splice(0).flatMap(({ logged, planned }) => [...logged, JSON.stringify(planned)]))
    })

    const world: World = {
      get channel() {
        return channel
      },
      connect(options) {
        const connected = channel.connect(options)
        near.push(connected)
        return { ...connected, connector: listenTo(connected.connector, heard) }
      },
    }

    const say: Say = (sentence, story) => {
      told.push(sentence)
      const why = bench.cannot[sentence]
      if (why === undefined) it(sentences[sentence], () => story(world))
      else it.skip(`${sentences[sentence]} (${why})`)
    }

    tellOrders(say)
    tellOpen(say)
    tellPackages(say)
    tellQuantities(say)
    tellWords(say)
    tellManners(say)
    tellTroubles(say)

    say('no rows', async () => {
      expect(rowsAtFirst).toContain('orders')
      expect(await channel.rows()).toBe(rowsAtFirst)
    })

    say('no personal data', async () => {
      expect(heard.length).toBeGreaterThan(100)
      expect(heard.filter((words) => CANARY.test(words))).toEqual([])
    })

    it('has been asked for every sentence', () => {
      expect([...told].sort()).toEqual(Object.keys(sentences).sort())
    })
  })
}
