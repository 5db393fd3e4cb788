import { afterEach, describe, it } from 'vitest'
import { databases } from '../world/databases.ts'
import { openStockWorld, type StockWorld } from '../world/stock-world.ts'
import { COUNT, togetherStories } from './stock-together-stories.ts'

let world: StockWorld

afterEach(async () => {
  await world.close()
})

for (const database of databases) {
  describe(`with ${database.name}, of several processes at once,`, { timeout: 90_000 }, () => {
    for (const { title, config, tell } of togetherStories.filter(({ fast }) => fast === database.name)) {
      it(title, async () => {
        world = await openStockWorld(database, { count: COUNT }, { config: { top: config } })
        await tell(world)
      })
    }
  })
}
