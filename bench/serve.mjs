import { join } from 'node:path'
import pg from 'pg'
import { stopServer } from './support/databases.mjs'
import { interleaved, processTime } from './support/measure.mjs'
import { seedOrders } from './support/orders.mjs'
import { acceptedPerSecond, heldMb, passed, serveWorld, startBare, startServe, usedMs } from './support/serving.mjs'
import { isync } from './support/world.mjs'

export const name = 'serve'

const REST_MS = 10_000
const IDLE_MS = 30_000
const LOAD_MS = 5_000
const LABELS = 30
const BETWEEN_LABELS_MS = 1_000
/** The longest gap between two polls of the crontab. */
const POLL_S = 180

/** `isync serve` with a sender of every kind: how soon it listens, what it costs while nothing comes, how much it takes at the most. */
export async function run() {
  const world = await serveWorld()
  try {
    return [...(await start(world)), ...(await idle(world)), await statements(), await most(world), ...(await labels())]
  } finally {
    await world.close()
    await stopServer()
  }
}

async function start(world) {
  const took = await interleaved(
    {
      node: () => processTime(process.execPath, ['-e', '0']),
      status: () => processTime(isync, ['status'], { cwd: world.folder }),
      async serve() {
        const { readyMs, stop } = await startServe(world)
        await stop()
        return readyMs
      },
    },
    11,
  )
  const row = (against, baseline, most) => ({
    what: `start to ready, against ${against}`,
    measured: took.serve,
    baseline,
    unit: 'ms',
    most,
  })
  return [row('isync status', took.status, 3), row('a bare node', took.node)]
}

async function idle(world) {
  const [serve, bare] = [await startServe(world), await startBare()]
  try {
    await passed(REST_MS)
    const held = [heldMb(serve.child.pid), heldMb(bare.child.pid)]
    const before = usedMs(serve.child.pid)
    await passed(IDLE_MS)
    const perSecond = ((usedMs(serve.child.pid) - before) / IDLE_MS) * 1000
    return [
      { what: 'memory at rest, against a bare node server', measured: held[0], baseline: held[1], unit: 'MB', most: 2 },
      { what: 'processor at rest, against one core', measured: perSecond, baseline: 1000, unit: 'ms/s', most: 0.03 },
    ]
  } finally {
    await bare.stop()
    await serve.stop()
  }
}

/** Of a database of its own, by PostgreSQL's own count: at rest each statement is a transaction. */
async function statements() {
  const world = await serveWorld({ database: 'postgres' })
  const client = new pg.Client({ connectionString: world.databaseUrl })
  await client.connect()
  const { stop } = await startServe(world)
  try {
    await passed(REST_MS)
    const before = await transactions(client)
    await passed(IDLE_MS)
    const perSecond = (((await transactions(client)) - before) / IDLE_MS) * 1000
    return { what: 'statements at rest, against one look a second', measured: perSecond, baseline: 1, unit: '/s', most: 12 }
  } finally {
    await stop()
    await client.end()
    await world.close()
  }
}

async function transactions(client) {
  // What sessions did is told to the server with a delay of up to a second, and this session reads what it has read before.
  await client.query('select pg_stat_clear_snapshot()')
  const { rows } = await client.query(
    'select xact_commit + xact_rollback as n from pg_stat_database where datname = current_database()',
  )
  return Number(rows[0].n)
}

/** From a label to what Amazon has accepted of it, by ShipStation's webhook and nothing else, a label a second. */
async function labels() {
  const world = await serveWorld()
  try {
    await seedOrders(world, 'amazon', LABELS)
    await world.seed('shipstation', { hook_origin: 'own' })
    for (const command of ['orders:pull', 'orders:push-shipstation', 'tracking:sync']) await world.isync([command])
    await world.clock({ advance_ms: 3_600_000 })
    const { stop } = await startServe(world)
    await world.isync(['webhooks:subscribe'])
    const { orders } = await world.books('shipstation')
    const made = new Map()
    for (const { order_id, order_number } of orders) {
      made.set(order_number, await world.now())
      const label = { tracking: `1Z${order_number.replaceAll('-', '')}`, carrier_code: 'ups' }
      await world.act('shipstation', 'ship', { order_id, packages: [label] })
      await passed(BETWEEN_LABELS_MS)
    }
    const took = await confirmed(world, made)
    await stop()
    return [0.5, 0.95].map((share) => ({
      what: `label to confirmation, p${share * 100}, against the gap of the polls`,
      measured: took[Math.ceil(took.length * share) - 1] / 1000,
      baseline: POLL_S,
      unit: 's',
      most: 0.1,
    }))
  } finally {
    await world.close()
  }
}

/** Order number -> when its label was made; the milliseconds to each one's confirmation, the shortest first. */
async function confirmed(world, made) {
  for (let look = 0; look < 120; look += 1) {
    const calls = (await world.journal()).filter(({ path, status }) => path.endsWith('/shipmentConfirmation') && status < 300)
    const took = [...made].flatMap(([number, at]) => {
      const call = calls.find(({ path }) => path.includes(`/${number}/`))
      return call === undefined ? [] : [call.at - at]
    })
    if (took.length === LABELS) return took.toSorted((a, b) => a - b)
    await passed(500)
  }
  throw new Error('not every label was confirmed within a minute')
}

/**
 * Thirty-two senders that never pause. Each request is on disk before it is answered, on both sides. The other side checks no signature, seals
 * no body, counts no sender and rests for nobody; it has a commit for each, where we have one for many, so that the disk decides who is ahead.
 */
async function most(world) {
  const [serve, bare] = [await startServe(world), await startBare(join(world.folder, 'bare.db'))]
  try {
    const perSecond = await interleaved(
      { serve: () => acceptedPerSecond(world.port, LOAD_MS), bare: () => acceptedPerSecond(bare.port, LOAD_MS) },
      3,
    )
    const what = 'accepted a second, against a bare node server that inserts, sqlite'
    return { what, measured: perSecond.serve, baseline: perSecond.bare, unit: '/s', least: 0.5 }
  } finally {
    await bare.stop()
    await serve.stop()
  }
}
