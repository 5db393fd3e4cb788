import { costs, TOLERATED } from './minimum.ts'
import { seedOrders } from './orders.mjs'
import { listed, spent, sum, withoutTokens } from './spent.mjs'
import { changeStock, seedStock } from './stock.mjs'
import { startWorld } from './world.mjs'

const ORDERS = 1000
const ACCEPTED = 100
const PACKAGES = 200
/** Few enough that Amazon is told them one by one. */
const SKUS = 400
const CHANGED = 100
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/**
 * By which stand-in a way is served, how much time its longest waits within a pull take, and which calls are the pull's own; others are made
 * beside it, to be done sooner.
 */
const served = {
  amazon: { vendor: 'amazon', waitMs: 3 * MINUTE_MS, pull: /^GET \/orders\/[^/]*\/orders$/ },
  'amazon-v0': { vendor: 'amazon', waitMs: 3 * MINUTE_MS },
  mirakl: { vendor: 'mirakl', waitMs: 1000 },
  ebay: { vendor: 'ebay', waitMs: 1000 },
  'ebay-fulfillment': { vendor: 'ebay', waitMs: 1000 },
  // A search dies after five minutes.
  dsco: { vendor: 'dsco', waitMs: 1000 },
  channeladvisor: { vendor: 'channeladvisor', waitMs: 1000 },
}

/** Orders in, told, shipped and confirmed, stock out, and then nothing: what one channel and ShipStation are asked for it. */
export async function callsOfWay(way) {
  const { vendor, waitMs, pull = /./ } = served[way]
  const world = await startWorld({ channels: [way], stock: true })
  const rows = []
  const add = (what, measured, baseline, extra, most = TOLERATED) =>
    rows.push({ what: `${way}: ${what}`, measured, baseline, unit: 'calls', most: most ?? undefined, extra })
  function judge(job, count, calls, what = `${job} ${count}`) {
    const { least, most, why } = costs[way][job](count)
    add(what, sum(calls), least, why ?? '', why === undefined ? TOLERATED : most / least)
  }
  const ran = async (stepMs, command) => {
    const calls = await spent(world, stepMs, command)
    return { own: withoutTokens(calls[vendor]), shipstation: sum(calls.shipstation) }
  }
  try {
    // Waits for a turn of less than a second are too many to be stepped over one by one.
    await world.clock({ scale: 30 })
    await seedOrders(world, vendor, ORDERS)
    const { own: pulled } = await ran(waitMs, 'orders:pull')
    const [search, beside] = [only(pulled, (shape) => pull.test(shape)), only(pulled, (shape) => !pull.test(shape))]
    judge('pull', ORDERS, search)
    if (sum(beside) > 0) rows.at(-1).extra = `beside it, to be done sooner: ${listed(beside)}`

    const pushed = await ran(10_000, 'orders:push-shipstation')
    add(`push ${ORDERS} orders`, pushed.shipstation, ORDERS / 100)
    if (way === 'mirakl') await acceptOrders(world, ran, judge)
    else if (costs[way].acknowledge !== undefined) judge('acknowledge', ORDERS, pushed.own)

    const keys = (await world.books('shipstation')).orders.map((order) => order.order_key)
    await ship(world, keys, 0, PACKAGES)
    await world.clock({ advance_ms: HOUR_MS })
    const told = await ran(4000, 'tracking:sync')
    // 500 rows a page, and one page more where the last one is full. Voids and fulfillments are two lists of their own.
    add(`read ${PACKAGES} packages`, told.shipstation, Math.floor(PACKAGES / 500) + 1 + 2)
    judge('confirm', PACKAGES, told.own)

    await stockOut(world, way, ran, judge)
    await idle(world, keys, ran, add)
    return rows
  } finally {
    await world.close()
  }
}

/** Mirakl asks for a yes before anything else, and it is said within the pull. */
async function acceptOrders(world, ran, judge) {
  const now = await world.now()
  const change = { state: 'WAITING_ACCEPTANCE', created_at: now, updated_at: now }
  await seedOrders(world, 'mirakl', ACCEPTED, { from: ORDERS, change })
  await world.clock({ advance_ms: HOUR_MS })
  const { own } = await ran(10_000, 'orders:pull')
  judge(
    'acknowledge',
    ACCEPTED,
    only(own, (shape) => shape.endsWith('/accept')),
  )
}

async function stockOut(world, way, ran, judge) {
  await seedStock(world, SKUS, [way])
  await world.clock({ advance_ms: HOUR_MS })
  await ran(MINUTE_MS, 'orders:pull')
  await world.clock({ advance_ms: HOUR_MS })
  // Orders are pulled before, which is a call where there are none.
  const published = async () => ({ ...(await ran(20_000, 'inventory:full')).own, 'orders before': -1 })
  judge('publish first', SKUS, await published())
  await world.clock({ advance_ms: HOUR_MS })
  await changeStock(world, SKUS, CHANGED, 60)
  judge('publish', CHANGED, await published(), `publish ${CHANGED} of ${SKUS}`)
}

async function idle(world, keys, ran, add) {
  await world.clock({ advance_ms: HOUR_MS })
  const again = await ran(10_000, 'tracking:sync')
  add('idle tracking poll after them', again.shipstation, 3, 'the newest 75 minutes of labels are read again', null)
  await ship(world, keys, PACKAGES, 1)
  await world.clock({ advance_ms: 3 * HOUR_MS })
  await ran(10_000, 'tracking:sync')
  // What these changed is no news any more.
  await world.clock({ advance_ms: HOUR_MS })
  await ran(MINUTE_MS, 'orders:pull')
  await ran(10_000, 'orders:push-shipstation')
  await world.clock({ advance_ms: DAY_MS })
  add('idle pull', sum((await ran(10_000, 'orders:pull')).own), 1)
  add('idle tracking poll', (await ran(10_000, 'tracking:sync')).shipstation, 3)
  // Nothing against nothing is a ratio of one.
  const pushed = await ran(10_000, 'orders:push-shipstation')
  add('idle push', 1 + pushed.shipstation + sum(pushed.own), 1, 'no call; both plus one')
}

function only(counts, wanted) {
  return Object.fromEntries(Object.entries(counts).filter(([shape]) => wanted(shape)))
}

async function ship(world, keys, from, count) {
  for (let n = from; n < from + count; n += 1) {
    await world.act('shipstation', 'ship', {
      order_key: keys[n],
      packages: [{ tracking: `9400100000000000${String(n).padStart(6, '0')}` }],
    })
  }
}
