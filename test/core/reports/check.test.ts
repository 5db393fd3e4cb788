import { describe, expect, it } from 'vitest'
import { raiseAlert } from '../../../src/core/db/alerts.ts'
import { writeCursor } from '../../../src/core/db/cursors.ts'
import { beginRun, endRun } from '../../../src/core/db/runs.ts'
import { checkReport } from '../../../src/core/reports/check.ts'
import { runReport, runsReport } from '../../../src/core/reports/runs.ts'
import { MINUTE, SECOND } from '../../world/a-clock.ts'
import { aRun, settings, type TestRun } from '../../world/a-run.ts'
import { databases } from '../../world/databases.ts'

const channels = ['amazon-us', 'mirakl-macys']
let runs = 0

/** A run of this command that ended so, just now. */
async function ran(run: TestRun, command: string, verdict: string): Promise<string> {
  const id = `ran-${++runs}`
  await beginRun(run.db, { id, command, host: 'host-a', pid: 7 }, run.clock.now() - SECOND)
  const problems = verdict === 'done' ? [] : [{ channel: 'amazon-us', what: 'pull', why: 'status 500', next: 'isync doctor' }]
  const calls = { 'amazon-us': { searchOrders: 2 } }
  await endRun(run.db, id, { verdict, counts: { 'amazon-us': { pages: 2 } }, calls, problems }, run.clock.now())
  return id
}

/** Everything is watched and fresh. */
async function aFreshHouse(run: TestRun): Promise<void> {
  for (const command of settings.watch.intervals.keys()) await ran(run, command, 'done')
  for (const channel of channels) await pulled(run, channel)
}

async function pulled(run: TestRun, channel: string): Promise<void> {
  await writeCursor(run.db, channel, 'pulled', { at: run.clock.now() }, run.clock.now())
}

function check(run: TestRun) {
  return checkReport(run.db, settings.watch, channels, run.clock.now())
}

describe.each(databases)('status --check, with $name', (database) => {
  it('is OK in one line while everything is fresh', async () => {
    const run = await aRun(database)
    await aFreshHouse(run)
    run.clock.advance(15 * MINUTE)

    expect(await check(run)).toEqual({
      status: 'ok',
      line: 'OK: 2 commands and 2 channels are within their intervals',
      findings: [],
    })
  })

  it('tells of the one channel that is not read while the command succeeds for the others', async () => {
    const run = await aRun(database)
    await aFreshHouse(run)
    for (let i = 0; i < 7; i++) {
      run.clock.advance(10 * MINUTE)
      await ran(run, 'orders:pull', 'partly')
      await ran(run, 'orders:push-shipstation', 'done')
      await pulled(run, 'mirakl-macys')
    }

    const { status, line, findings } = await check(run)

    expect(status).toBe('critical')
    expect(line).toBe(
      'CRITICAL: amazon-us: orders not read completely for 70 min; orders:pull is meant to every 10 min; next: isync doctor --channel amazon-us',
    )
    expect(findings).toMatchObject([
      { about: 'channel', channel: 'amazon-us', command: 'orders:pull', age_s: 4200, interval_s: 600 },
    ])
  })

  it('does not take failed or held runs for successes, and names what is worst first', async () => {
    const run = await aRun(database)
    await aFreshHouse(run)
    run.clock.advance(31 * MINUTE)
    await ran(run, 'orders:push-shipstation', 'vendor-down')
    await ran(run, 'orders:push-shipstation', 'failed')
    await ran(run, 'orders:push-shipstation', 'held')
    for (const channel of channels) await pulled(run, channel)

    const { findings, line } = await check(run)

    expect(findings.map(({ command, severity }) => [command, severity])).toEqual([
      ['orders:push-shipstation', 'critical'],
      ['orders:pull', 'warning'],
    ])
    expect(line).toMatch(/^CRITICAL: orders:push-shipstation has not succeeded for 31 min; .*; next: isync runs --command /)
    expect(line).not.toContain('\n')
  })

  it('leaves out a channel whose orders are paused, and one that is not asked for', async () => {
    const run = await aRun(database)
    await aFreshHouse(run)
    await pulled(run, 'old-channel')
    await run.db.run(
      `insert into settings (key, value, changed_by, changed_at) values ('channels.amazon-us.paused', 'orders', 'kim', 1)`,
    )
    run.clock.advance(25 * MINUTE)
    for (const command of settings.watch.intervals.keys()) await ran(run, command, 'done')
    run.clock.advance(14 * MINUTE)
    await pulled(run, 'mirakl-macys')

    expect((await check(run)).status).toBe('ok')
  })

  it('warns of a channel that was never read, and is critical where credentials are refused or an alert is', async () => {
    const run = await aRun(database)
    await ran(run, 'orders:pull', 'done')
    await ran(run, 'orders:push-shipstation', 'done')
    await pulled(run, 'amazon-us')
    expect(await check(run)).toMatchObject({
      status: 'warning',
      line: expect.stringContaining('mirakl-macys: orders never read'),
    })

    const now = run.clock.now()
    await run.db.run(
      `insert into circuits (account, fingerprint, opened_at, probe_at, reason) values ('amazon-us', 'f', ?, ?, 'no')`,
      [now - 5 * MINUTE, now],
    )
    const alert = { id: 'a1', rule: 'poison', channel: 'mirakl-macys', severity: 'warning', next: 'isync alerts' } as const
    await raiseAlert(run.db, { ...alert, message: 'two | three' }, now)
    const { status, line } = await check(run)
    expect(status).toBe('critical')
    expect(line).toMatch(/^CRITICAL: amazon-us: credentials refused for 5 min; /)
    expect(line).not.toContain('|')
  })
})

describe.each(databases)('isync runs, with $name', (database) => {
  it('lists runs newest first, narrowed to a command and to those that did not end well', async () => {
    const run = await aRun(database)
    const first = await ran(run, 'orders:pull', 'done')
    run.clock.advance(MINUTE)
    const second = await ran(run, 'retry', 'partly')
    run.clock.advance(MINUTE)
    await beginRun(run.db, { id: 'killed', command: 'orders:pull', host: 'host-a', pid: 9 }, run.clock.now())
    const ids = async (filter: { command?: string; failed?: boolean }, limit = 10) =>
      (await runsReport(run.db, { ...filter, limit }, () => false, run.clock.now())).map(({ id }) => id)

    expect(await ids({})).toEqual(['killed', second, first])
    expect(await ids({}, 1)).toEqual(['killed'])
    expect(await ids({ command: 'orders:pull' })).toEqual(['killed', first])
    expect(await ids({ failed: true })).toEqual(['killed', second])
    expect(await ids({ failed: true, command: 'retry' })).toEqual([second])
  })

  it('tells a run that was killed from one that goes on: by its process here, by its lease and its age elsewhere', async () => {
    const run = await aRun(database)
    const now = run.clock.now()
    await beginRun(run.db, { id: 'one', command: 'retry', host: 'host-b', pid: 9 }, now)
    const verdict = async (alive: boolean | undefined, at = now) =>
      (await runsReport(run.db, { limit: 1 }, () => alive, at))[0]?.verdict

    expect([await verdict(true), await verdict(false), await verdict(undefined)]).toEqual(['running', 'killed', 'unknown'])
    expect(await verdict(undefined, now + 61 * MINUTE)).toBe('killed')
    await run.db.run(`insert into leases (name, owner, host, pid, taken_at, lease_until) values ('l', 'o', 'host-b', 9, ?, ?)`, [
      now,
      now + 90 * MINUTE,
    ])
    expect(await verdict(undefined, now + 61 * MINUTE)).toBe('running')
  })

  it('shows all of one: counts, calls, what went wrong, and its events', async () => {
    const run = await aRun(database)
    const id = await ran(run, 'orders:pull', 'partly')
    const event = `insert into events (id, at, run_id, actor, entity, entity_id, what, detail) values (?, ?, ?, 'cron', 'order', 'amazon-us/1', 'stored', ?)`
    for (const n of [1, 2, 3]) await run.db.run(event, [`e${n}`, run.clock.now() - 4 + n, id, `{"lines":${n}}`])
    await run.db.run(event, ['e4', run.clock.now(), 'another', null])

    const report = await runReport(run.db, id, 2, () => false, run.clock.now())

    expect(report?.run).toMatchObject({
      id,
      verdict: 'partly',
      duration_s: 1,
      counts: { 'amazon-us': { pages: 2 } },
      calls: { 'amazon-us': { searchOrders: 2 } },
      problems: [{ channel: 'amazon-us', what: 'pull', why: 'status 500', next: 'isync doctor' }],
    })
    expect(report?.events.map(({ entity_id, detail }) => [entity_id, detail])).toEqual([
      ['amazon-us/1', { lines: 1 }],
      ['amazon-us/1', { lines: 2 }],
    ])
    expect(report?.more).toBe(true)
    expect(await runReport(run.db, 'no-such', 2, () => false, run.clock.now())).toBe(undefined)
  })
})
