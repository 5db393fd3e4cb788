import { afterEach, describe, expect, it } from 'vitest'
import { sweep, untilDone, withoutLimits } from '../world/crash.ts'
import { databases } from '../world/databases.ts'
import { startWorld, type World } from '../world/loop.ts'
import { crashStories } from './crash-stories.ts'

let world: World

afterEach(async () => {
  await world.close()
})

describe.each(databases)('on $name, an order', { timeout: 90_000 }, (database) => {
  // Each database takes other boundaries, as many as there is time for; the long story takes them all.
  it('is neither lost nor doubled by a kill -9 at any boundary of pull, push and tracking', { timeout: 240_000 }, async () => {
    world = await startWorld(database)
    withoutLimits(world)

    const { kills, places } = await sweep(world, database.name === 'sqlite' ? { from: 1, step: 40 } : { from: 5, step: 54 })

    const found = await untilDone(world)
    expect(found.lost).toEqual([])
    expect(found.doubled).toEqual([])
    expect(kills).toBeGreaterThan(1)
    expect(places.size).toBeGreaterThan(1)
    expect(found.channels.map(({ shippable, inShipStation }) => shippable - inShipStation)).toEqual([0, 0])
    expect(found.channels.every(({ packages, confirmed }) => packages > 5 && packages === confirmed)).toBe(true)
  })

  // One of the five each.
  const turn = databases.indexOf(database)
  for (const { title, config, tell } of crashStories.slice(turn, turn + 1)) {
    it(title, async () => {
      world = await startWorld(database, config === undefined ? {} : { config: { top: config } })
      await tell(world)
    })
  }
})
