import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases } from '../world/databases.ts'
import { figureOf, parseExposition } from '../world/exposition.ts'
import { startWorld, type World } from '../world/loop.ts'

let world: World

const HOUR = 3_600_000

beforeAll(async () => {
  const [sqlite] = databases
  if (sqlite === undefined) throw new Error('there is no database to test with')
  const only = ['orders:push-shipstation', 'tracking:sync', 'retry', 'inventory:rebalance', 'inventory:delta', 'inventory:full']
  const off = [...only, 'reconcile', 'alerts:check', 'purge'].map((command) => `'${command}': off`)
  const top = `metrics_file: isync.prom\nwatch: { commands: { ${off.join(', ')} } }`
  world = await startWorld(sqlite, { scale: 20, config: { top } })
  world.sandbox.seed('amazon', { rate_limits: 'off' })
  world.sandbox.seed('mirakl', { rate_limits: false, orders: [{ order_id: 'M-CANARY', state: 'SHIPPING' }] })
})
afterAll(() => world.close())

function figures() {
  return parseExposition(readFileSync(join(world.folder, 'isync.prom'), 'utf8'))
}

describe('a command that cron stops running', () => {
  it('is a warning while it never ran, OK once it did, then a warning, then critical', async () => {
    const before = await world.isync(['status', '--check'])
    expect([before.code, before.stdout]).toEqual([3, expect.stringMatching(/^WARNING: orders:pull never ran; .*\n$/)])

    expect((await world.isync(['orders:pull'])).code).toBe(0)
    const fresh = await world.isync(['status', '--check'])
    expect([fresh.code, fresh.stdout]).toEqual([0, 'OK: 1 commands and 2 channels are within their intervals\n'])

    world.clock.advance(0.6 * HOUR)
    const late = await world.isync(['status', '--check', '--json'])
    expect(late.code).toBe(3)
    expect(late.json()).toMatchObject({
      schema_version: 1,
      status: 'warning',
      line: expect.stringMatching(/^WARNING: orders:pull has not succeeded for (3[6-9]|4\d) min; /),
      findings: [{ about: 'command', command: 'orders:pull' }, { channel: 'amazon-us' }, { channel: 'mirakl-macys' }],
    })

    world.clock.advance(HOUR)
    const gone = await world.isync(['status', '--check'])
    expect([gone.code, gone.stdout]).toEqual([
      4,
      expect.stringMatching(/^CRITICAL: orders:pull has not succeeded for (9[6-9]|1[01]\d) min; /),
    ])
  })
})

describe('the file of figures', () => {
  it('is written after a run that may write, not after a dry one or one that only reads, and holds no order', async () => {
    rmSync(join(world.folder, 'isync.prom'), { force: true })
    await world.isync(['orders:pull', '--dry-run'])
    await world.isync(['status'])
    expect(existsSync(join(world.folder, 'isync.prom'))).toBe(false)

    await world.isync(['orders:pull'])

    expect(figureOf(figures(), 'isync_command_last_verdict', { command: 'orders:pull', verdict: 'done' })).toBe(1)
    expect(figureOf(figures(), 'isync_orders', { channel: 'mirakl-macys', status: 'open' })).toBe(1)
    expect(figureOf(figures(), 'isync_tasks', { kind: 'push', channel: 'mirakl-macys', state: 'pending' })).toBe(1)
    expect(readFileSync(join(world.folder, 'isync.prom'), 'utf8')).not.toContain('M-CANARY')
  })
})

describe('isync runs', () => {
  it('tells what a failed run said when nobody read it', async () => {
    world.sandbox.addFault({ vendor: 'amazon', kind: 'status', status: 500, times: 1000 })
    world.clock.advance(60_000)
    const failed = await world.isync(['orders:pull', '--json'])
    world.sandbox.clearFaults()
    expect(failed.code).toBe(3)
    const { run_id: id } = failed.json<{ run_id: string }>()

    const { runs } = (await world.isync(['runs', '--failed', '--command', 'orders:pull', '--json'])).json<{ runs: object[] }>()
    expect(runs).toMatchObject([{ id, verdict: 'partly', calls: { 'amazon-us': expect.anything() } }])

    const shown = await world.isync(['runs', 'show', id])
    expect(shown.stdout).toMatch(new RegExp(`^orders:pull, run ${id}, on `))
    expect(shown.stdout).toMatch(/! amazon-us: .*\n {4}why: {2}.*500.*\n {4}next: /)
  })

  it('says so where there is no such run, and how it is written', async () => {
    expect(await world.isync(['runs', 'show', 'no-such'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no run no-such'),
    })
    expect((await world.isync(['runs', 'show'])).stderr).toContain('the id of a run is missing')
    expect((await world.isync(['runs', '--command', 'sandbox'])).stdout).toBe('No run fits.\n')
  })
})
