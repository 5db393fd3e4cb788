import { afterEach, describe, it } from 'vitest'
import { toldOn } from '../world/databases.ts'
import { startWorld, type World } from '../world/loop.ts'
import { manyAtOnce } from '../world/many.ts'

// On both databases, with four times the orders: the long story of the same name.
let world: World

afterEach(async () => {
  await world.close()
})

describe.each(toldOn('postgres'))('four pushes, two tracking:sync and a retry at once on one account, on $name,', (database) => {
  it('stay under 40 calls a minute, fetch one token, and neither lose nor double an order', { timeout: 120_000 }, async () => {
    // A minute of the vendor's is two seconds of ours; leases are long enough not to run out while this machine is busy.
    world = await startWorld(database, { scale: 30, config: { top: 'lease: 30m' } })

    await manyAtOnce(world, 250)
  })
})
