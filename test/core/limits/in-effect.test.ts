import { describe, expect, it } from 'vitest'
import { evaluateAlerts } from '../../../src/core/alerts/evaluate.ts'
import { openAlerts } from '../../../src/core/db/alerts.ts'
import { addEvents } from '../../../src/core/db/events.ts'
import { addSetting, settingsChangedSince } from '../../../src/core/db/settings.ts'
import { addTasks } from '../../../src/core/db/tasks.ts'
import { OperatorError } from '../../../src/core/errors.ts'
import { setSetting, unsetSetting } from '../../../src/core/inventory/settings-change.ts'
import { listSettings } from '../../../src/core/inventory/settings-list.ts'
import { limitFields } from '../../../src/core/limits/fields.ts'
import { withLimitsInEffect } from '../../../src/core/limits/in-effect.ts'
import { type LimitName, limitNames } from '../../../src/core/limits/names.ts'
import { aPage } from '../../world/a-channel.ts'
import { DAY, HOUR, MINUTE, noon } from '../../world/a-clock.ts'
import { aRun, settings, type TestRun } from '../../world/a-run.ts'
import { anOrder } from '../../world/an-order.ts'
import { databases } from '../../world/databases.ts'
import { Desk, open } from '../reconcile/desk.ts'

/** A value for each limit, no two of a kind alike and none the default. */
function another(name: LimitName): string {
  const place = limitNames.indexOf(name)
  if (name === 'reconcile.auto_remedy') return 'false'
  return /_count|_pct|max_repairs|down_after|warning$|critical$/.test(name) ? String(60 + place) : `${1 + place}h`
}

describe.each(databases)('limits that operators set, on $name,', (database) => {
  const desk = new Desk(database)

  it('hold for the next reconciliation, and the file after them again', async () => {
    await desk.given()
    desk.amazon.open = [[open('A-1'), open('A-2')]]
    const severity = async () => (await desk.reconciled({ remedy: false })).summary[0]?.severity
    expect(await severity()).toBe('critical')

    await setSetting(desk.run, 'reconcile.critical_pct', '100')
    expect(await severity()).toBe('warning')
    await setSetting(desk.run, 'reconcile.warning_pct', '100')
    expect(await severity()).toBe('none')
    await setSetting(desk.run, 'reconcile.warning_count', '1')
    expect(await severity()).toBe('warning')

    for (const name of ['critical_pct', 'warning_pct', 'warning_count']) await unsetSetting(desk.run, `reconcile.${name}`)
    expect(await severity()).toBe('critical')
  })

  it('decide which orders are looked at, where the command does not', async () => {
    await desk.given()
    await setSetting(desk.run, 'reconcile.window', '2d')
    await setSetting(desk.run, 'reconcile.min_age', '1h')
    await desk.reconciled()
    const now = desk.run.clock.now()
    await desk.reconciled({ windowMs: 3 * DAY })
    const later = desk.run.clock.now()
    expect(desk.amazon.windows).toEqual([
      { from: now - 2 * DAY, until: now - HOUR },
      { from: later - 3 * DAY, until: later - HOUR },
    ])
  })

  it('decide whether and how much is repaired; --no-remedy repairs nothing whatever they say', async () => {
    await desk.given({ settings: { reconcile: { ...settings.reconcile, autoRemedy: false } } })
    desk.amazon.open = [[open('A-1'), open('A-2')]]
    desk.amazon.pages = [aPage([anOrder('A-1'), anOrder('A-2')], { at: noon })]
    const sent = () => desk.shipping.sent.map(({ order }) => order.externalOrderId)
    await desk.reconciled()
    expect(sent()).toEqual([])

    await setSetting(desk.run, 'reconcile.auto_remedy', 'true')
    await desk.reconciled({ remedy: false })
    expect(sent()).toEqual([])

    await setSetting(desk.run, 'reconcile.max_repairs', '1')
    await desk.reconciled()
    expect(sent()).toEqual(['A-1'])

    await unsetSetting(desk.run, 'reconcile.auto_remedy')
    await desk.reconciled()
    expect(sent()).toEqual(['A-1'])
  })

  it('hold for the next look at the rates of failure, and the file after them again', async () => {
    const run = await aRun(database)
    await pushesFailed(run, 12)
    const severities = async () => {
      await evaluateAlerts(run)
      return (await openAlerts(run.db)).map(({ rule, severity }) => `${rule} ${severity}`)
    }
    expect(await severities()).toEqual(['orders-failing warning'])
    await setSetting(run, 'alerts.orders.critical', '11')
    expect(await severities()).toEqual(['orders-failing critical'])
    await setSetting(run, 'alerts.orders.critical', '50')
    await setSetting(run, 'alerts.orders.warning', '12')
    expect(await severities()).toEqual([])
    await unsetSetting(run, 'alerts.orders.warning')
    expect(await severities()).toEqual(['orders-failing warning'])
  })

  it('each changes what it is called after, and is listed with who set it and what would hold otherwise', async () => {
    const run = await aRun(database)
    for (const name of limitNames) await setSetting(run, name, another(name))
    const reconcile = await withLimitsInEffect(run, 'reconcile')
    const alerts = await withLimitsInEffect(run, 'alerts')
    expect(reconcile.settings.alerts).toEqual(settings.alerts)
    expect(alerts.settings.reconcile).toEqual(settings.reconcile)
    expect(reconcile.settings.reconcile).toEqual({
      windowMs: HOUR,
      autoRemedy: false,
      minAgeMs: 2 * HOUR,
      limits: { warningCount: 64, warningPct: 65, criticalCount: 66, criticalPct: 67 },
      maxRepairs: 63,
      unconfirmedAfterMs: 9 * HOUR,
      stuckAfterMs: 10 * HOUR,
      waitingAfterMs: 11 * HOUR,
    })
    expect(alerts.settings.alerts).toEqual({
      ...settings.alerts,
      renotifyMs: 12 * HOUR,
      resolveAfterMs: 13 * HOUR,
      downAfter: 73,
      rates: {
        orders: { warning: 74, critical: 75 },
        confirmations: { warning: 76, critical: 77 },
        publications: { warning: 78, critical: 79 },
      },
    })
    const listed = (await listSettings(run)).filter(({ key }) => /^(reconcile|alerts)\./.test(key))
    expect(listed).toEqual(
      limitNames.map((name) => ({
        key: name,
        value: another(name),
        origin: 'set',
        setBy: 'cron',
        setAt: noon,
        otherwise: limitFields[name].byDefault,
      })),
    )
  })

  it('are listed as the file has them where nobody set them', async () => {
    const file = { ...settings, reconcile: { ...settings.reconcile, minAgeMs: 30 * MINUTE } }
    const run = await aRun(database, { settings: file })
    const listed = new Map((await listSettings(run)).map((setting) => [setting.key, setting]))
    expect(listed.get('reconcile.min_age')).toEqual({ key: 'reconcile.min_age', value: '30m', origin: 'file' })
    expect(listed.get('reconcile.auto_remedy')).toEqual({ key: 'reconcile.auto_remedy', value: 'true', origin: 'default' })
    expect(listed.get('alerts.orders.warning')).toEqual({ key: 'alerts.orders.warning', value: '10', origin: 'default' })
    expect((await listSettings(run, { channel: 'amazon-us' })).every(({ key }) => key.startsWith('channels.'))).toBe(true)
  })

  it.each([
    ['reconcile.auto_remedy', 'yes', /must be true or false, got 'yes'/],
    ['reconcile.warning_pct', '101', /must be a whole number 0\.\.100, got '101'/],
    ['reconcile.max_repairs', '0', /must be a whole number 1\.\.1000000/],
    ['reconcile.window', '10m', /must be a duration 1h\.\.90d/],
    ['alerts.orders.warning', '-1', /must be a whole number 0\.\.1000000, got '-1'/],
    ['alerts.renotify', 'soon', /must be a duration 5m\.\.30d/],
    ['alerts.order.warning', '5', /did you mean 'alerts\.orders\.warning'/],
    ['alerts.email.password', 'hunter2', /is not a setting/],
  ])('%s %s is refused with what is allowed, and nothing is changed', async (key, value, why) => {
    const run = await aRun(database)
    const error = await setSetting(run, key, value).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(OperatorError)
    expect(error).toMatchObject({ message: expect.stringMatching(why), exitCode: 2 })
    expect(await run.db.rows(`select key from settings where key = ?`, [key])).toEqual([])
    expect(await run.db.rows(`select id from events where entity = 'setting'`)).toEqual([])
  })

  it('are changes with who, when, old and new, and have no stock recomputed', async () => {
    const run = await aRun(database)
    await setSetting(run, 'reconcile.stuck_after', '3h')
    expect(await setSetting(run, 'reconcile.stuck_after', '180m')).toMatchObject({ now: '3h', changed: false })
    await unsetSetting(run, 'reconcile.stuck_after')
    const events = await run.db.rows<{ detail: string }>(
      `select what, actor, at, entity_id, detail from events where entity = 'setting' order by id`,
    )
    expect(events).toMatchObject([
      { what: 'set', actor: 'cron', at: noon, entity_id: 'reconcile.stuck_after' },
      { what: 'unset', actor: 'cron', at: noon, entity_id: 'reconcile.stuck_after' },
    ])
    expect(events.map(({ detail }) => JSON.parse(detail))).toMatchObject([
      { old: null, new: '3h' },
      { old: '3h', new: null },
    ])
    await setSetting(run, 'alerts.down_after', '5')
    expect(await settingsChangedSince(run.db, noon)).toBe(false)
    await setSetting(run, 'inventory.safety_stock', '5')
    expect(await settingsChangedSince(run.db, noon)).toBe(true)
    await unsetSetting(run, 'inventory.safety_stock')
    expect(await settingsChangedSince(run.db, noon)).toBe(true)
  })

  it('that this version does not understand are as if they were not there, and can be taken away', async () => {
    const run = await aRun(database)
    await addSetting(run.db, 'reconcile.warning_count', 'many', noon)
    await addSetting(run.db, 'reconcile.older', '1', noon)
    expect((await withLimitsInEffect(run, 'reconcile')).settings).toEqual(settings)
    const ignored = (await listSettings(run)).flatMap(({ key, value, ignored: why }) =>
      why === undefined ? [] : [[key, value, why]],
    )
    expect(ignored).toEqual([
      ['reconcile.warning_count', '10', expect.stringMatching(/must be a whole number/)],
      ['reconcile.older', '1', 'this version has no such setting'],
    ])
    for (const [key] of ignored) expect(await unsetSetting(run, key ?? '')).toMatchObject({ changed: true })
  })
})

async function pushesFailed(run: TestRun, count: number): Promise<void> {
  const now = run.clock.now()
  const keys = Array.from({ length: count }, (_, index) => `amazon-us/${index}`)
  const task = { kind: 'push', channel: 'amazon-us', orderId: null, shipmentId: null } as const
  await addTasks(
    run.db,
    keys.map((key) => ({ ...task, id: run.ids.next(), key })),
    now,
  )
  const event = { at: now, runId: run.id, actor: 'cron', entity: 'task', what: 'push failed' } as const
  const detail = (key: string) => ({ task: key, class: 'permanent', error: 'refused', attempts: 0 })
  await addEvents(
    run.db,
    keys.map((key) => ({ ...event, id: run.ids.next(), entityId: key, detail: detail(key) })),
  )
}
