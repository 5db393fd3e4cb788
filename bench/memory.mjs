import { stopServer } from './support/databases.mjs'
import { seedOrders } from './support/orders.mjs'
import { startWorld } from './support/world.mjs'

export const name = 'memory'

/** The most memory `orders:pull` and `orders:push-shipstation` ever hold: ten times the orders may not need more of it. */
export async function run() {
  try {
    const rows = []
    for (const database of ['sqlite', 'postgres']) {
      const few = await peaks(database, 1_000)
      const many = await peaks(database, 10_000)
      for (const step of ['pull', 'push']) {
        const what = `peak memory of ${step}, 10,000 orders against 1,000, ${database}`
        rows.push({ what, measured: many[step], baseline: few[step], unit: 'MB', most: 1.25 })
      }
    }
    return rows
  } finally {
    await stopServer()
  }
}

async function peaks(database, count) {
  const world = await startWorld({ database, channels: ['amazon'] })
  try {
    await seedOrders(world, 'amazon', count)
    await world.seed('amazon', { rate_limits: 'off' })
    await world.seed('shipstation', { rate_limit: 0 })
    // Buckets of the program's own fill in no time.
    await world.clock({ scale: 1000 })
    const pull = (await world.isync(['orders:pull'])).peakMb
    const push = (await world.isync(['orders:push-shipstation'])).peakMb
    return { pull, push }
  } finally {
    await world.close()
  }
}
