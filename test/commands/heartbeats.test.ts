import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aMonitor, type TestMonitor } from '../world/a-monitor.ts'
import { databases } from '../world/databases.ts'
import { startWorld, type World } from '../world/loop.ts'

let world: World
let monitor: TestMonitor
let env: Readonly<Record<string, string>>

beforeAll(async () => {
  const [sqlite] = databases
  if (sqlite === undefined) throw new Error('there is no database to test with')
  monitor = await aMonitor()
  const top = `heartbeats: { url: '\${HEARTBEAT}', commands: { 'tracking:sync': '\${OWN}' } }`
  env = { HEARTBEAT: `${monitor.origin}/canary-key/{command}?create=1`, OWN: `${monitor.origin}/own` }
  world = await startWorld(sqlite, { scale: 20, config: { top } })
  world.sandbox.seed('amazon', { rate_limits: 'off' })
  world.sandbox.seed('mirakl', { rate_limits: false, orders: [{ order_id: 'M-CANARY', state: 'SHIPPING' }] })
  world.sandbox.seed('shipstation', { rate_limit: 0 })
})
afterAll(async () => {
  await world.close()
  await monitor.close()
})

/** What the monitor was told while this ran. */
async function toldBy(args: readonly string[], given = env) {
  monitor.told.length = 0
  const ran = await world.isync(args, given)
  return { ran, told: [...monitor.told], paths: monitor.told.map(({ path }) => path) }
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe('a monitor', () => {
  it('hears that a command began and how it ended, as one run, without a word about an order', async () => {
    const { ran, told, paths } = await toldBy(['orders:pull', '--json'])

    expect([ran.code, paths]).toEqual([0, ['/canary-key/orders-pull/start?create=1', '/canary-key/orders-pull/0?create=1']])
    const [begun, ended] = told
    expect(begun?.rid).toMatch(uuid)
    expect(ended?.rid).toBe(begun?.rid)
    expect(ended?.text).toContain(`run: ${ran.json<{ run_id: string }>().run_id}\nverdict: done (exit code 0)\ncounts: {`)
    expect(ended?.text).toContain('"mirakl-macys"')
    expect(JSON.stringify(told)).not.toMatch(/M-CANARY|sandbox-key/)
  })

  it('hears of another run as of another, of a command with an address of its own there, of a dry run and of a reader nothing', async () => {
    const first = await toldBy(['tracking:sync'])
    const second = await toldBy(['tracking:sync'])

    expect([first.paths, second.paths]).toEqual([
      ['/own/start', '/own/0'],
      ['/own/start', '/own/0'],
    ])
    expect(first.told[0]?.rid).not.toBe(second.told[0]?.rid)
    expect((await toldBy(['tracking:sync', '--dry-run'])).paths).toEqual([])
    expect((await toldBy(['status'])).paths).toEqual([])
  })

  it('hears the exit code of a run that failed, how many problems it had, and none of their words', async () => {
    for (const vendor of ['amazon', 'mirakl'] as const)
      world.sandbox.addFault({ vendor, kind: 'status', status: 500, times: 1000 })
    const { ran, paths, told } = await toldBy(['orders:pull'])
    world.sandbox.clearFaults()

    expect([ran.code, paths.at(-1)]).toEqual([4, '/canary-key/orders-pull/4?create=1'])
    expect(told.at(-1)?.text).toMatch(/verdict: vendor-down \(exit code 4\)\ncounts: .*\nproblems: 2; isync runs show \S+$/)
    // The failures' own words carry the status as a word; a run's id may hold the same digits by chance.
    expect(`${ran.stdout}${ran.stderr}`).toMatch(/\b500\b/)
    expect(told.at(-1)?.text).not.toMatch(/\b500\b/)
  })

  it('hears of a run that could not even begin, by its exit code', async () => {
    const { ran, paths, told } = await toldBy(['orders:pull'], {
      ...env,
      ISYNC_KEYS: `k9:${Buffer.alloc(32, 9).toString('base64')}`,
    })

    expect(ran.code).toBe(2)
    expect(paths).toEqual(['/canary-key/orders-pull/start?create=1', '/canary-key/orders-pull/2?create=1'])
    expect(told.at(-1)?.text).toContain('verdict: failed (exit code 2)')
  })

  it('never hears the end of a run that was killed, and isync runs says so', async () => {
    world.sandbox.addFault({ vendor: 'amazon', kind: 'timeout', times: 1 })
    monitor.told.length = 0

    const run = world.start(['orders:pull'], env)
    while (monitor.told.length === 0) await new Promise((settle) => setTimeout(settle, 5))
    run.kill('SIGKILL')
    await run.ended

    expect(monitor.told.map(({ path }) => path)).toEqual(['/canary-key/orders-pull/start?create=1'])
    const { runs } = (await world.isync(['runs', '--command', 'orders:pull', '--limit', '1', '--json'], env)).json<{
      runs: object[]
    }>()
    expect(runs).toMatchObject([{ verdict: 'killed', ended: null, pid: run.pid }])
  })

  it('that is down fails no run: it is logged, without its address', async () => {
    const gone = await aMonitor()
    await gone.close()
    const { ran } = await toldBy(['retry', '--yes'], { ...env, HEARTBEAT: `${gone.origin}/canary-key` })

    expect(ran.code).toBe(0)
    expect(ran.stderr.match(/"step":"heartbeat".*ECONNREFUSED.*the monitor was not reached/g)).toHaveLength(2)
    expect(ran.stderr).not.toContain('canary-key')
  })

  it('has an address that never shows, and that is refused where it would travel in the clear', async () => {
    const shown = await world.isync(['config:check', '--json'], env)
    expect(shown.stdout).toContain('heartbeats')
    expect(shown.stdout).not.toContain('canary-key')

    const { code, stderr } = await world.isync(['config:check'], { ...env, HEARTBEAT: 'http://monitor.example/canary-key' })
    expect(code).toBe(2)
    expect(stderr).toMatch(/heartbeats\.url: must be .*https:\/\//)
    expect(stderr).not.toContain('canary-key')
  })
})
