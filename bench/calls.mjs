import { callsOfStock } from './support/calls-of-stock.mjs'
import { seedOrders } from './support/orders.mjs'
import { spent, sum, TOKEN } from './support/spent.mjs'
import { startWorld } from './support/world.mjs'

export const name = 'calls'

const ORDERS = 10_000
const PACKAGES = 1_000
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/**
 * Calls that the stand-ins count, against the fewest that the vendors' own page and batch sizes allow. Limits are the vendors' defaults;
 * virtual time makes their waits short.
 */
export async function run() {
  return [...(await wholeWay('amazon')), ...(await wholeWay('mirakl')), ...(await callsOfStock())]
}

async function wholeWay(vendor) {
  const world = await startWorld({ channels: [vendor] })
  const rows = []
  await world.clock({ scale: 0 })
  const add = (what, measured, baseline, extra, most = 1.05) =>
    rows.push({ what: `${vendor}: ${what}`, measured, baseline, unit: 'calls', most: most ?? undefined, extra })
  try {
    await seedOrders(world, vendor, ORDERS)
    const pulled = await spent(world, vendor === 'amazon' ? 3 * MINUTE_MS : 1000, 'orders:pull')
    const tokens = pulled[vendor][TOKEN] ?? 0
    add(
      `pull ${ORDERS} orders`,
      sum(pulled[vendor]) - tokens,
      ORDERS / 100,
      tokens > 0 ? `and ${tokens} tokens, one an hour` : '',
    )
    add(`push ${ORDERS} orders`, sum((await spent(world, 10_000, 'orders:push-shipstation')).shipstation), ORDERS / 100)

    const keys = (await world.books('shipstation')).orders.map((order) => order.order_key)
    await ship(world, keys, 0, PACKAGES)
    await world.clock({ advance_ms: HOUR_MS })
    const told = await spent(world, 4000, 'tracking:sync')
    // 500 rows a page; the end shows in the row count, or in one page more. Voids and fulfillments are two lists of their own.
    add(`read ${PACKAGES} packages`, sum(told.shipstation), PACKAGES / 500 + 1 + 2)
    const own = sum(told[vendor]) - (told[vendor][TOKEN] ?? 0)
    if (vendor === 'amazon') add(`confirm ${PACKAGES} packages`, own, PACKAGES)
    else add(`confirm ${PACKAGES} packages`, own, 1 + 1, 'the list of carriers, once a day, and one ST01')

    await world.clock({ advance_ms: HOUR_MS })
    add(
      'idle tracking poll after them',
      sum((await spent(world, 10_000, 'tracking:sync')).shipstation),
      3,
      'the newest 75 minutes of labels are read again',
      null,
    )
    await ship(world, keys, PACKAGES, 1)
    await world.clock({ advance_ms: 3 * HOUR_MS })
    await spent(world, 10_000, 'tracking:sync')
    await spent(world, MINUTE_MS, 'orders:pull')
    await world.clock({ advance_ms: 24 * HOUR_MS })
    const idle = await spent(world, 10_000, 'orders:pull')
    add('idle pull', sum(idle[vendor]) - (idle[vendor][TOKEN] ?? 0), 1)
    add('idle tracking poll', sum((await spent(world, 10_000, 'tracking:sync')).shipstation), 3)
    // Nothing against nothing is a ratio of one.
    add('idle push', 1 + sum((await spent(world, 10_000, 'orders:push-shipstation')).shipstation), 1, 'no call; both plus one')
    return rows
  } finally {
    await world.close()
  }
}

async function ship(world, keys, from, count) {
  for (let n = from; n < from + count; n += 1) {
    await world.act('shipstation', 'ship', {
      order_key: keys[n],
      packages: [{ tracking: `9400100000000000${String(n).padStart(6, '0')}` }],
    })
  }
}
