import { afterEach, describe, it } from 'vitest'
import { databases } from '../world/databases.ts'
import { startWorld, type World } from '../world/loop.ts'
import { manyAtOnce } from '../world/many.ts'

let world: World

afterEach(async () => {
  await world.close()
})

describe.each(databases)('four pushes, two tracking:sync and a retry at once on one account, on $name,', (database) => {
  it('stay under the limit with 1,000 orders', async () => {
    world = await startWorld(database, { scale: 30, config: { top: 'lease: 30m' } })

    await manyAtOnce(world, 1000)
  })
})
