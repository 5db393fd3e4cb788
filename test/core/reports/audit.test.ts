import { describe, expect, it } from 'vitest'
import { setSetting } from '../../../src/core/inventory/settings-change.ts'
import { storePage } from '../../../src/core/orders/store-order.ts'
import { auditReport } from '../../../src/core/reports/audit.ts'
import { HOUR, noon } from '../../world/a-clock.ts'
import { amazonUs, aRun, aRunOn, macys, type TestRun } from '../../world/a-run.ts'
import { aLine, anOrder } from '../../world/an-order.ts'
import { databases } from '../../world/databases.ts'

describe.each(databases)('the audit on $name', (database) => {
  /** Two channels have an order of the same number; kim changes settings an hour later. */
  async function aDay(): Promise<TestRun> {
    const run = await aRun(database)
    const mug = [aLine('L1', { sku: 'MUG_1' })]
    await run.db.transaction((tx) =>
      storePage(tx, run, amazonUs, { orders: [anOrder('1', { lines: mug }), anOrder('2')], poison: [], skipped: 0 }),
    )
    await run.db.transaction((tx) =>
      storePage(tx, run, macys, { orders: [anOrder('1', { channel: 'mirakl-macys' })], poison: [], skipped: 0 }),
    )
    await run.clock.advance(HOUR)
    const kim = { ...aRunOn(run.db, { clock: run.clock, name: 'kim' }), actor: 'kim', command: 'settings' }
    await run.db.run(`insert into runs (id, command, host, pid, started_at) values ('kim-1', 'settings', 'host-a', 1, ?)`, [
      run.clock.now(),
    ])
    await setSetting(kim, 'channels.amazon-us.ratio', '0.9')
    await run.db.run(
      `insert into events (id, at, actor, entity, entity_id, what, detail) values ('s1', ?, 'kim', 'setting', 'skus.mug_1.safety_stock', 'set', '{"new":"5"}'),
         ('s2', ?, 'kim', 'setting', 'skus.mugx1.safety_stock', 'set', null),
         ('t1', ?, 'cron', 'task', 'amazon-us:2', 'push failed', null), ('t2', ?, 'cron', 'task', 'amazon-us:22', 'push failed', null)`,
      [run.clock.now() + 1, run.clock.now() + 2, run.clock.now() + 3, run.clock.now() + 4],
    )
    return run
  }

  async function told(run: TestRun, filter: Parameters<typeof auditReport>[1], limit = 100): Promise<string[]> {
    return (await auditReport(run.db, filter, limit)).events.map(({ actor, entity_id: id, what }) => `${actor}: ${id} ${what}`)
  }

  it('tells of an order what happened on every channel that has its number, and of its tasks', async () => {
    const run = await aDay()
    expect(await told(run, { about: { kind: 'order', externalOrderId: '1' } })).toEqual([
      'cron: amazon-us/1 pulled',
      'cron: mirakl-macys/1 pulled',
    ])
    expect(await told(run, { about: { kind: 'order', externalOrderId: '2' } })).toEqual([
      'cron: amazon-us/2 pulled',
      'cron: amazon-us:2 push failed',
    ])
  })

  it('tells of a SKU which orders hold it and which settings are for it, and of no other that looks like it', async () => {
    const run = await aDay()
    expect(await told(run, { about: { kind: 'sku', sku: 'MUG_1', key: 'mug_1' } })).toEqual([
      'cron: amazon-us/1 pulled',
      'kim: skus.mug_1.safety_stock set',
    ])
  })

  it('tells of a setting and of a person, with old and new value and the command, newest last', async () => {
    const run = await aDay()
    expect(await told(run, { about: { kind: 'setting', text: 'amazon-us.RATIO' } })).toEqual([
      'kim: channels.amazon-us.ratio set',
    ])
    const { events } = await auditReport(run.db, { actor: 'kim' }, 100)
    expect(events).toHaveLength(3)
    expect(events[0]).toMatchObject({
      at: new Date(noon + HOUR).toISOString(),
      command: 'settings',
      run_id: 'kim-1',
      detail: { key: 'channels.amazon-us.ratio', old: null, new: '0.9' },
    })
  })

  it('tells the newest only, says that there are more, and none from before the time that was asked for', async () => {
    const run = await aDay()
    expect(await told(run, {}, 1)).toEqual(['cron: amazon-us:22 push failed'])
    expect((await auditReport(run.db, {}, 1)).more).toBe(true)
    expect((await auditReport(run.db, {}, 8)).more).toBe(false)
    expect(await told(run, { since: noon + 1, actor: 'cron' })).toEqual([
      'cron: amazon-us:2 push failed',
      'cron: amazon-us:22 push failed',
    ])
  })
})
