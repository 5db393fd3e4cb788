import { afterEach, describe, expect, it } from 'vitest'
import { sweep, untilDone, withoutLimits } from '../world/crash.ts'
import { databases } from '../world/databases.ts'
import { startWorld, type World } from '../world/loop.ts'
import { crashStories } from './crash-stories.ts'

let world: World

afterEach(async () => {
  await world.close()
})

// The databases take turns; the long story takes every boundary, and tells everything, on both.
for (const database of databases) {
  describe(`on ${database.name}, an order`, { timeout: 240_000 }, () => {
    if (database.name === 'sqlite')
      it('is neither lost nor doubled by a kill -9 at boundaries of pull, push and tracking', async () => {
        world = await startWorld(database)
        withoutLimits(world)

        const { kills, places } = await sweep(world, { from: 1, step: 35 })

        const found = await untilDone(world)
        expect(found.lost).toEqual([])
        expect(found.doubled).toEqual([])
        expect(kills).toBeGreaterThan(3)
        expect(places.size).toBeGreaterThan(1)
        expect(found.channels.map(({ shippable, inShipStation }) => shippable - inShipStation)).toEqual([0, 0])
        expect(found.channels.every(({ packages, confirmed }) => packages > 5 && packages === confirmed)).toBe(true)
      })
    else
      for (const { title, config, tell } of crashStories.slice(0, 2))
        it(title, async () => {
          world = await startWorld(database, config === undefined ? {} : { config: { top: config } })
          await tell(world)
        })
  })
}
