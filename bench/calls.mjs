import { seedOrders } from './support/orders.mjs'
import { startWorld } from './support/world.mjs'

export const name = 'calls'

const ORDERS = 10_000
const PACKAGES = 1_000
/** How the stand-in counts a token exchange: another host, and no part of any limit here. */
const TOKEN = 'POST /auth/{id}/token'
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/**
 * Calls that the stand-ins count, against the fewest that the vendors' own page and batch sizes allow. Limits are the vendors' defaults;
 * virtual time makes their waits short.
 */
export async function run() {
  return [...(await wholeWay('amazon')), ...(await wholeWay('mirakl'))]
}

async function wholeWay(vendor) {
  const world = await startWorld({ channels: [vendor] })
  const rows = []
  await world.clock({ scale: 0 })
  /** Time stands still but while nobody does anything: then it moves on by `stepMs`, so that a wait of hours takes a moment. */
  async function spent(stepMs, command) {
    const before = await world.counts()
    let running = true
    const ended = world.isync([command]).finally(() => {
      running = false
    })
    let last = total(before)
    let idle = 0
    while (running) {
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50))])
      const now = total(await world.counts())
      idle = now === last ? idle + 1 : 0
      last = now
      if (idle >= 4) await world.clock({ advance_ms: stepMs })
    }
    await ended
    return difference(before, await world.counts())
  }
  const add = (what, measured, baseline, extra, most = 1.05) =>
    rows.push({ what: `${vendor}: ${what}`, measured, baseline, unit: 'calls', most: most ?? undefined, extra })
  try {
    await seedOrders(world, vendor, ORDERS)
    const pulled = await spent(vendor === 'amazon' ? 3 * MINUTE_MS : 1000, 'orders:pull')
    const tokens = pulled[vendor][TOKEN] ?? 0
    add(
      `pull ${ORDERS} orders`,
      sum(pulled[vendor]) - tokens,
      ORDERS / 100,
      tokens > 0 ? `and ${tokens} tokens, one an hour` : '',
    )
    add(`push ${ORDERS} orders`, sum((await spent(10_000, 'orders:push-shipstation')).shipstation), ORDERS / 100)

    const keys = (await world.books('shipstation')).orders.map((order) => order.order_key)
    await ship(world, keys, 0, PACKAGES)
    await world.clock({ advance_ms: HOUR_MS })
    const told = await spent(4000, 'tracking:sync')
    // 500 rows a page; the end shows in the row count, or in one page more. Voids and fulfillments are two lists of their own.
    add(`read ${PACKAGES} packages`, sum(told.shipstation), PACKAGES / 500 + 1 + 2)
    const own = sum(told[vendor]) - (told[vendor][TOKEN] ?? 0)
    if (vendor === 'amazon') add(`confirm ${PACKAGES} packages`, own, PACKAGES)
    else add(`confirm ${PACKAGES} packages`, own, 1 + 1, 'the list of carriers, once a day, and one ST01')

    await world.clock({ advance_ms: HOUR_MS })
    add(
      'idle tracking poll after them',
      sum((await spent(10_000, 'tracking:sync')).shipstation),
      3,
      'the newest 75 minutes of labels are read again',
      null,
    )
    await ship(world, keys, PACKAGES, 1)
    await world.clock({ advance_ms: 3 * HOUR_MS })
    await spent(10_000, 'tracking:sync')
    await spent(MINUTE_MS, 'orders:pull')
    await world.clock({ advance_ms: 24 * HOUR_MS })
    const idle = await spent(10_000, 'orders:pull')
    add('idle pull', sum(idle[vendor]) - (idle[vendor][TOKEN] ?? 0), 1)
    add('idle tracking poll', sum((await spent(10_000, 'tracking:sync')).shipstation), 3)
    // Nothing against nothing is a ratio of one.
    add('idle push', 1 + sum((await spent(10_000, 'orders:push-shipstation')).shipstation), 1, 'no call; both plus one')
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

function difference(before, after) {
  const vendors = Object.keys(after)
  const rest = (vendor) => Object.entries(after[vendor]).map(([shape, count]) => [shape, count - (before[vendor][shape] ?? 0)])
  return Object.fromEntries(vendors.map((vendor) => [vendor, Object.fromEntries(rest(vendor))]))
}

function total(counts) {
  return Object.values(counts).reduce((all, one) => all + sum(one), 0)
}

function sum(counts) {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
