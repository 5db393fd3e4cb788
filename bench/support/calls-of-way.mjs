import { costs, MOST_HEALTH_READS, shared, TOLERATED } from './minimum.ts'
import { seedOrders } from './orders.mjs'
import { listed, spent, sum, withoutTokens } from './spent.mjs'
import { changeStock, seedStock } from './stock.mjs'
import { startWorld } from './world.mjs'

const ORDERS = 1000
const ACCEPTED = 100
const EXPORTED = 2100
const PACKAGES = 200
/** Packages whose answer is lost. */
const LOST = 20
/** Few enough that Amazon is told them one by one. */
const SKUS = 400
const CHANGED = 100
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** Done, done in part, a vendor that does not answer; the doctor's, where something is to be mended. */
const ANY_END = [0, 1, 3, 4]

/**
 * By which stand-in a way is served, how much time its longest waits within a pull take, and which calls are the pull's own; others are made
 * beside it, to be done sooner. `telling`: by which request packages are told, and how many of them by one.
 */
const served = {
  amazon: {
    vendor: 'amazon',
    waitMs: 3 * MINUTE_MS,
    pull: /^GET \/orders\/[^/]*\/orders$/,
    telling: { path: '/shipmentConfirmation$', packages: 1 },
  },
  // Each order is a call of its own, two seconds apart.
  'amazon-v0': { vendor: 'amazon', waitMs: MINUTE_MS, orders: 300, telling: { path: '/shipmentConfirmation$', packages: 1 } },
  // As many as are read page by page; each page but the first has 99 new ones.
  mirakl: { vendor: 'mirakl', waitMs: 1000, orders: 2000, telling: { path: '^/api/shipments$', packages: LOST } },
  ebay: { vendor: 'ebay', waitMs: 1000, telling: { path: '.', body: 'CompleteSaleRequest', packages: 1 } },
  'ebay-fulfillment': { vendor: 'ebay', waitMs: 1000, telling: { path: '/shipping_fulfillment$', packages: 1 } },
  // A search dies after five minutes, which must not pass while a page is stored.
  dsco: { vendor: 'dsco', waitMs: 200, scale: 5, telling: { path: '/order/shipment/batch/small$', packages: LOST } },
  channeladvisor: { vendor: 'channeladvisor', waitMs: 1000, telling: { path: '/Ship$', packages: 1 } },
}

/** A batch is done by the time that somebody asks; how long a vendor works on one is its own affair. */
const atOnce = {
  mirakl: { settings: { stock_imports: { waiting_ms: 0, running_ms: 0 }, order_exports: { base_ms: 0, per_thousand_ms: 0 } } },
  dsco: { settings: { log_ms: 0, log_only_ms: 0, propagation_ms: 0 } },
}

/** Orders in, told, shipped and confirmed, stock out, and then nothing: what one channel and ShipStation are asked for it. */
export async function callsOfWay(way) {
  const { vendor, waitMs, scale = 30, orders = ORDERS, pull = /./ } = served[way]
  const world = await startWorld({ channels: [way], stock: true })
  const rows = []
  // Fewer than the fewest: something was left out, or the reckoning is wrong.
  const add = (what, measured, { least, most, source, why, atLeast = 1 }, detail) => {
    const ratio = why === undefined ? TOLERATED : Math.max(TOLERATED, most / least)
    const isMore = measured > TOLERATED * least
    const extra = [source, ...(isMore && why !== undefined ? [why] : []), ...(isMore && detail ? [detail] : [])].join('; ')
    // Nothing against nothing is a ratio of one.
    const [plus, note] = least === 0 ? [1, '; both plus one'] : [0, '']
    rows.push({
      ...{ what: `${way}: ${what}`, measured: measured + plus, baseline: least + plus },
      ...{ unit: 'calls', most: ratio, least: atLeast, extra: `${extra}${note}` },
    })
  }
  const judge = (job, count, calls, what = `${job} ${count}`) => add(what, sum(calls), costs[way][job](count), listed(calls))
  const ran = async (stepMs, command, codes) => {
    const parts = await partsOfBatches(world, vendor)
    const calls = await spent(world, stepMs, command, codes)
    const more = (await partsOfBatches(world, vendor)) - parts
    const own = { ...withoutTokens(calls[vendor]), ...(more > 0 ? { 'part of a batch': more } : {}) }
    return { own, shipstation: sum(calls.shipstation) }
  }
  try {
    // Waits for a turn of less than a second are too many to be stepped over one by one.
    await world.clock({ scale })
    if (vendor in atOnce) await world.seed(vendor, atOnce[vendor])
    await seedOrders(world, vendor, orders)
    const { own: pulled } = await ran(waitMs, 'orders:pull')
    const [search, beside] = [only(pulled, (shape) => pull.test(shape)), only(pulled, (shape) => !pull.test(shape))]
    judge('pull', orders, search)
    if (sum(beside) > 0) rows.at(-1).extra += `; beside it, to be done sooner: ${listed(beside)}`

    const pushed = await ran(10_000, 'orders:push-shipstation')
    add(`push ${orders} orders`, pushed.shipstation, shared.push(orders))
    if (way === 'mirakl') await acceptOrders(world, orders, ran, judge)
    else if (costs[way].acknowledge !== undefined) judge('acknowledge', orders, pushed.own)

    const keys = (await world.books('shipstation')).orders.map((order) => order.order_key)
    await ship(world, keys, 0, PACKAGES)
    await world.clock({ advance_ms: HOUR_MS })
    const told = await ran(4000, 'tracking:sync')
    add(`read ${PACKAGES} packages`, told.shipstation, shared.read(PACKAGES))
    judge('confirm', PACKAGES, told.own)
    await loseAnswers(world, way, keys, ran, add)

    await stockOut(world, way, ran, judge)
    await idle(world, way, keys, ran, add)
    await doctor(ran, add)
    if (way === 'mirakl') await exported(world, orders + ACCEPTED, ran, judge)
    return rows
  } finally {
    await world.close()
  }
}

/** ChannelAdvisor counts each request of a batch as one more (contract section 8). */
async function partsOfBatches(world, vendor) {
  if (vendor !== 'channeladvisor') return 0
  const { calls } = await world.books(vendor)
  const heard = only((await world.counts())[vendor], (shape) => shape.endsWith('/UpdateQuantity'))
  return (calls.UpdateQuantity ?? 0) - sum(heard)
}

/** Mirakl asks for a yes before anything else, and it is said within the pull. */
async function acceptOrders(world, orders, ran, judge) {
  const now = await world.now()
  const change = { state: 'WAITING_ACCEPTANCE', created_at: now, updated_at: now }
  await seedOrders(world, 'mirakl', ACCEPTED, { from: orders, change })
  await world.clock({ advance_ms: HOUR_MS })
  const { own } = await ran(10_000, 'orders:pull')
  judge(
    'acknowledge',
    ACCEPTED,
    only(own, (shape) => shape.endsWith('/accept')),
  )
}

/** So many that they come as a file. */
async function exported(world, from, ran, judge) {
  await world.clock({ advance_ms: DAY_MS })
  const now = await world.now()
  await seedOrders(world, 'mirakl', EXPORTED, { from, change: { created_at: now, updated_at: now } })
  await world.clock({ advance_ms: HOUR_MS })
  judge('pull by export', EXPORTED, (await ran(10_000, 'orders:pull')).own)
}

/**
 * The vendor takes packages and nobody hears of it: later each is looked up before it would be told again. A run gives up soon when answers
 * are lost; what it did not come to is told by the next one.
 */
async function loseAnswers(world, way, keys, ran, add) {
  const { vendor, telling } = served[way]
  await ship(world, keys, PACKAGES, LOST)
  await world.clock({ advance_ms: HOUR_MS })
  const { packages, ...match } = telling
  await world.faults([{ vendor, kind: 'cut-after', match: { method: 'POST', ...match }, times: LOST }])
  await ran(4000, 'tracking:sync', ANY_END)
  const lost = packages * (await world.heal(vendor))
  await world.clock({ advance_ms: HOUR_MS })
  const { own } = await ran(4000, 'tracking:sync')
  const rest = LOST - lost
  const known = costs[way]['look up'](lost)
  const told = rest > 0 ? costs[way].confirm(rest) : { least: 0, most: 0 }
  const most = costs[way]['look up'](LOST).most + told.most
  const why = 'what was to follow in the same hand-over is noted as sent, and looked up too'
  const cost = { ...known, least: known.least + told.least, most, why }
  add(`look up ${lost}${rest > 0 ? `, confirm ${rest}` : ''}`, sum(own), cost, listed(own))
}

async function stockOut(world, way, ran, judge) {
  await seedStock(world, SKUS, [way])
  await world.clock({ advance_ms: HOUR_MS })
  await ran(served[way].waitMs, 'orders:pull')
  await world.clock({ advance_ms: HOUR_MS })
  // Orders are pulled before, which is a call where there are none.
  const published = async () => ({ ...(await ran(20_000, 'inventory:full')).own, 'orders before': -1 })
  judge('publish first', SKUS, await published())
  await world.clock({ advance_ms: HOUR_MS })
  await changeStock(world, SKUS, CHANGED, 60)
  judge('publish', CHANGED, await published(), `publish ${CHANGED} of ${SKUS}`)
}

async function idle(world, way, keys, ran, add) {
  const from = PACKAGES + LOST
  await world.clock({ advance_ms: HOUR_MS })
  const again = await ran(10_000, 'tracking:sync')
  add('idle tracking poll after them', again.shipstation, shared['idle read']())
  await ship(world, keys, from, 1)
  await world.clock({ advance_ms: 3 * HOUR_MS })
  await ran(10_000, 'tracking:sync')
  // What these changed is no news any more.
  await world.clock({ advance_ms: HOUR_MS })
  await ran(served[way].waitMs, 'orders:pull')
  await ran(10_000, 'orders:push-shipstation')
  await world.clock({ advance_ms: DAY_MS })
  const pulled = sum((await ran(10_000, 'orders:pull')).own)
  add('idle pull', pulled, { least: 1, source: 'one page' })
  add('idle tracking poll', (await ran(10_000, 'tracking:sync')).shipstation, shared['idle read']())
  const pushed = await ran(10_000, 'orders:push-shipstation')
  add('idle push', pushed.shipstation + sum(pushed.own), { least: 0, source: 'no call' })
}

/** It reads a little of everything and changes nothing. */
async function doctor(ran, add) {
  const { own } = await ran(10_000, 'doctor', ANY_END)
  const writes = sum(only(own, (shape) => !isRead(shape)))
  add('doctor, writes', writes, { least: 0, source: 'no call' }, listed(own))
  add('doctor, reads', sum(own), {
    least: MOST_HEALTH_READS,
    atLeast: 0,
    source: `a few: at most ${MOST_HEALTH_READS}; ${listed(own)}`,
  })
}

/** eBay's Trading API reads with POST too, and Amazon's preview of a change is a question. */
function isRead(shape) {
  return shape.startsWith('GET ') || shape.endsWith('/ws/api.dll')
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
