import { join } from 'node:path'
import pg from 'pg'
import { stopServer } from './support/databases.mjs'
import { interleaved, processTime } from './support/measure.mjs'
import { acceptedPerSecond, heldMb, passed, serveWorld, startBare, startServe, usedMs } from './support/serving.mjs'
import { isync } from './support/world.mjs'

export const name = 'serve'

const REST_MS = 10_000
const IDLE_MS = 30_000
const LOAD_MS = 5_000

/** `isync serve` with a sender of every kind: how soon it listens, what it costs while nothing comes, how much it takes at the most. */
export async function run() {
  const world = await serveWorld()
  try {
    return [...(await start(world)), ...(await idle(world)), await statements(), await most(world)]
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
  const row = (against, baseline) => ({ what: `start to ready, against ${against}`, measured: took.serve, baseline, unit: 'ms' })
  return [row('isync status', took.status), row('a bare node', took.node)]
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
      { what: 'memory at rest, against a bare node server', measured: held[0], baseline: held[1], unit: 'MB' },
      { what: 'processor at rest, against one core', measured: perSecond, baseline: 1000, unit: 'ms/s' },
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
    return { what: 'statements at rest, against one look a second', measured: perSecond, baseline: 1, unit: '/s' }
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

/** Thirty-two senders that never pause. Each request is on disk before it is answered, on both sides. */
async function most(world) {
  const [serve, bare] = [await startServe(world), await startBare(join(world.folder, 'bare.db'))]
  try {
    const perSecond = await interleaved(
      { serve: () => acceptedPerSecond(world.port, LOAD_MS), bare: () => acceptedPerSecond(bare.port, LOAD_MS) },
      3,
    )
    const what = 'accepted a second, against a bare node server that inserts, sqlite'
    return { what, measured: perSecond.serve, baseline: perSecond.bare, unit: '/s' }
  } finally {
    await bare.stop()
    await serve.stop()
  }
}
