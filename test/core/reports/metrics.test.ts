import { mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exposition } from '../../../src/commands/shell/exposition.ts'
import { leaveFigures } from '../../../src/commands/shell/metrics-file.ts'
import { raiseAlert } from '../../../src/core/db/alerts.ts'
import { writeCursor } from '../../../src/core/db/cursors.ts'
import { beginRun, endRun } from '../../../src/core/db/runs.ts'
import { addTasks } from '../../../src/core/db/tasks.ts'
import { metrics } from '../../../src/core/reports/metrics.ts'
import { MINUTE, SECOND } from '../../world/a-clock.ts'
import { aRun, type TestRun } from '../../world/a-run.ts'
import { databases } from '../../world/databases.ts'
import { figureOf, parseExposition } from '../../world/exposition.ts'

/** A database with something of everything in it. */
async function aBusyHouse(run: TestRun): Promise<void> {
  const now = run.clock.now()
  await beginRun(run.db, { id: 'r1', command: 'orders:pull', host: 'host-a', pid: 7 }, now - 90 * SECOND)
  const counts = { 'amazon-us': { pages: 2, stored: 5 }, deep: { er: { still: 1 } } }
  const calls = { 'amazon-us': { searchOrders: 2, getOrder: 1 }, shipstation: {} }
  await endRun(run.db, 'r1', { verdict: 'partly', counts, calls }, now - 30 * SECOND)
  await beginRun(run.db, { id: 'r2', command: 'purge', host: 'host-a', pid: 8 }, now)
  const task = { kind: 'push', channel: 'amazon-us', orderId: null, shipmentId: null } as const
  await addTasks(
    run.db,
    [1, 2, 3].map((n) => ({ ...task, id: `t${n}`, key: `amazon-us:${n}` })),
    now - 5 * MINUTE,
  )
  await run.db.run(`update tasks set state = 'dead' where id = 't3'`)
  await writeCursor(run.db, 'amazon-us', 'pulled', { at: now }, now - MINUTE)
  const alert = { rule: 'poison', channel: 'amazon-us', message: 'Anna "Canary"\n\\', next: 'isync alerts' } as const
  await raiseAlert(run.db, { ...alert, id: 'a1', severity: 'critical' }, now)
}

describe.each(databases)('the figures, with $name', (database) => {
  it('are the whole picture, in a form that a strict reader takes', async () => {
    const run = await aRun(database)
    await aBusyHouse(run)
    const now = run.clock.now()

    const text = await exposition(await metrics(run.db, now))
    const samples = parseExposition(text)
    const value = (name: string, labels: Readonly<Record<string, string>> = {}) => figureOf(samples, name, labels)

    expect(value('isync_command_last_start_timestamp_seconds', { command: 'orders:pull' })).toBe((now - 90 * SECOND) / 1000)
    expect(value('isync_command_last_success_timestamp_seconds', { command: 'orders:pull' })).toBe((now - 30 * SECOND) / 1000)
    expect(value('isync_command_last_success_timestamp_seconds', { command: 'purge' })).toBe(undefined)
    expect(value('isync_command_last_duration_seconds', { command: 'orders:pull' })).toBe(60)
    expect(value('isync_command_last_verdict', { command: 'orders:pull', verdict: 'partly' })).toBe(1)
    expect(value('isync_command_last_verdict', { command: 'orders:pull', verdict: 'done' })).toBe(0)
    expect(value('isync_command_last_verdict', { command: 'purge', verdict: 'none' })).toBe(1)
    expect(value('isync_command_last_count', { command: 'orders:pull', channel: 'amazon-us', count: 'stored' })).toBe(5)
    expect(value('isync_command_last_calls', { command: 'orders:pull', account: 'amazon-us' })).toBe(3)
    expect(value('isync_tasks', { kind: 'push', channel: 'amazon-us', state: 'pending' })).toBe(2)
    expect(value('isync_tasks', { kind: 'push', channel: 'amazon-us', state: 'dead' })).toBe(1)
    expect(value('isync_tasks_oldest_age_seconds', { kind: 'push', channel: 'amazon-us', state: 'pending' })).toBe(300)
    expect(value('isync_alerts_open', { severity: 'critical' })).toBe(1)
    expect(value('isync_alerts_open', { severity: 'warning' })).toBe(0)
    expect(value('isync_stream_last_read_timestamp_seconds', { channel: 'amazon-us', stream: 'pulled' })).toBe(
      (now - MINUTE) / 1000,
    )
    expect(value('isync_written_timestamp_seconds')).toBe(now / 1000)
    expect(text).not.toMatch(/Anna|Canary/)
  })

  it('of an empty database are figures too', async () => {
    const run = await aRun(database)
    const samples = parseExposition(await exposition(await metrics(run.db, run.clock.now())))
    expect(figureOf(samples, 'isync_alerts_open', { severity: 'critical' })).toBe(0)
    expect(figureOf(samples, 'isync_written_timestamp_seconds', {})).toBe(run.clock.now() / 1000)
  })
})

describe('the file of figures', () => {
  const [database] = databases

  it('lies beside the configuration, is replaced whole, readable for the collector, and leaves no draft', async () => {
    const run = await aRun(database!)
    const folder = mkdtempSync(join(tmpdir(), 'isync-figures-'))
    const config = { metrics_file: 'isync.prom', source: { file: join(folder, 'isync.config.yaml') } }

    await leaveFigures(config, run)
    const before = statSync(join(folder, 'isync.prom')).ino
    await aBusyHouse(run)
    await leaveFigures(config, run)

    const after = statSync(join(folder, 'isync.prom'))
    expect(after.ino).not.toBe(before)
    expect(after.mode & 0o777).toBe(0o644)
    expect(readdirSync(folder)).toEqual(['isync.prom'])
    expect(parseExposition(readFileSync(join(folder, 'isync.prom'), 'utf8')).length).toBeGreaterThan(15)
  })

  it('that cannot be written is a line in the log and no failure', async () => {
    const run = await aRun(database!)
    await leaveFigures({ metrics_file: '/no/such/folder/isync.prom', source: { file: '/tmp/isync.config.yaml' } }, run)
    expect(run.logged).toMatchObject([{ level: 'warn', fields: { step: 'metrics', error: 'ENOENT' } }])
  })
})

describe('the strict reader', () => {
  it.each([
    ['a sample before its type', 'x 1\n# TYPE x gauge\n'],
    ['a family in two places', '# TYPE x gauge\nx 1\n# TYPE y gauge\ny 1\nx{a="1"} 1\n'],
    ['a sample that is there twice', '# TYPE x gauge\nx{a="1",b="2"} 1\nx{b="2",a="1"} 2\n'],
    ['a label that is not quoted', '# TYPE x gauge\nx{a=1} 1\n'],
    ['a line break in a label', '# TYPE x gauge\nx{a="1\n2"} 1\n'],
    ['no line break at the end', '# TYPE x gauge\nx 1'],
    ['a value that is none', '# TYPE x gauge\nx one\n'],
  ])('refuses %s', (_, text) => {
    expect(() => parseExposition(text)).toThrow()
  })
})
