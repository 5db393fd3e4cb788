import { interleaved, processTime } from './support/measure.mjs'
import { seedOrders } from './support/orders.mjs'
import { startWorld } from './support/world.mjs'

export const name = 'idle'

/** What cron pays every few minutes when nothing has happened: the whole process, with its calls to vendors in another process. */
export async function run() {
  const world = await startWorld()
  try {
    for (const vendor of ['amazon', 'mirakl']) await seedOrders(world, vendor, 200)
    // The story is about start-up and database, not about limits.
    await world.seed('amazon', { rate_limits: 'off' })
    await world.seed('mirakl', { rate_limits: false })
    await world.seed('shipstation', { rate_limit: 0 })
    for (const command of ['orders:pull', 'orders:push-shipstation', 'tracking:sync']) await world.isync([command])
    const aDayLater = async (command) => {
      // Time passes between two runs of cron, so that buckets are full again.
      await world.clock({ advance_ms: 86_400_000 })
      return (await world.isync([command])).tookMs
    }
    const took = await interleaved(
      {
        node: () => processTime(process.execPath, ['-e', '0']),
        pull: () => aDayLater('orders:pull'),
        push: () => aDayLater('orders:push-shipstation'),
        tracking: () => aDayLater('tracking:sync'),
      },
      9,
    )
    return [
      ['pull of two channels, nothing new', took.pull],
      ['push, nothing due', took.push],
      ['tracking poll, nothing shipped', took.tracking],
    ].map(([what, measured]) => ({
      what,
      measured,
      baseline: took.node,
      unit: 'ms',
      extra: `${(measured - took.node).toFixed(0)} ms more than a bare node`,
    }))
  } finally {
    await world.close()
  }
}
