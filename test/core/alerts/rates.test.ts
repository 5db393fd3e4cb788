import { beforeEach, describe, expect, it } from 'vitest'
import { alertRates, tooMany } from '../../../src/core/alerts/rates.ts'
import { openAlerts, raiseAlert, resolveAlert } from '../../../src/core/db/alerts.ts'
import { addEvents } from '../../../src/core/db/events.ts'
import { logPublications } from '../../../src/core/db/publication-log.ts'
import { addTasks } from '../../../src/core/db/tasks.ts'
import { aClock, HOUR, MINUTE } from '../../world/a-clock.ts'
import { aRun, type TestRun } from '../../world/a-run.ts'
import { databases } from '../../world/databases.ts'

describe('too many failures in an hour', () => {
  const limits = { warning: 10, critical: 50 }
  it.each([
    [10, []],
    [11, ['amazon-us warning']],
    [50, ['amazon-us warning']],
    [51, ['amazon-us critical']],
  ])('%s of one channel', (count, expected) => {
    const found = tooMany([{ channel: 'amazon-us', count, first: 0 }], limits)
    expect(found.map(({ channel, severity }) => `${channel} ${severity}`)).toEqual(expected)
  })

  it.each([
    [[6, 5], ['all warning']],
    [[6, 4], []],
    [
      [40, 11],
      ['a warning', 'b warning', 'all critical'],
    ],
    [
      [51, 11],
      ['a critical', 'b warning'],
    ],
  ])('of several channels: %s', (counts, expected) => {
    const found = tooMany(
      counts.map((count, i) => ({ channel: i === 0 ? 'a' : 'b', count, first: 0 })),
      limits,
    )
    expect(found.map(({ channel, severity }) => `${channel} ${severity}`)).toEqual(expected)
  })
})

describe.each(databases)('the rates of failure, on $name', (database) => {
  let run: TestRun

  beforeEach(async () => {
    run = await aRun(database, { clock: aClock() })
  })

  async function failures(
    kind: 'push' | 'confirm',
    count: number,
    channel = 'amazon-us',
    errorClass = 'permanent',
  ): Promise<void> {
    const now = run.clock.now()
    const keys = Array.from({ length: count }, (_, i) => `${channel}/${i}`)
    const tasks = keys.map((key) => ({ id: run.ids.next(), kind, key, channel, orderId: null, shipmentId: null }))
    await addTasks(run.db, tasks, now)
    const event = { at: now, runId: run.id, actor: 'cron', entity: 'task', what: `${kind} failed` } as const
    const detail = (task: string) => ({ task, class: errorClass, error: 'refused', attempts: 0 })
    // Each is tried twice and counts once.
    const events = [...keys, ...keys].map((key) => ({ ...event, id: run.ids.next(), entityId: key, detail: detail(key) }))
    await addEvents(run.db, events)
  }

  async function open(): Promise<readonly string[]> {
    await alertRates(run)
    return (await openAlerts(run.db)).map(({ rule, channel, severity }) => `${rule} ${channel} ${severity}`).toSorted()
  }

  it('of pushes and confirmations have limits of their own, and end by themselves', async () => {
    await failures('push', 11)
    await failures('confirm', 20)
    expect(await open()).toEqual(['orders-failing amazon-us warning'])
    await failures('confirm', 21, 'ebay-main')
    expect(await open()).toEqual(['confirmations-failing ebay-main warning', 'orders-failing amazon-us warning'])
    run.clock.advance(HOUR + 1)
    expect(await open()).toEqual([])
  })

  it('say how many, since when, and what to run', async () => {
    await failures('push', 52)
    await alertRates(run)
    expect(await openAlerts(run.db)).toMatchObject([
      {
        severity: 'critical',
        message: expect.stringMatching(/^52 orders could not be created in ShipStation in the last hour \(the first at 12:00Z\)/),
        next: 'isync retry --kind push --channel amazon-us',
      },
    ])
  })

  it('of published quantities are counted by SKU', async () => {
    const row = { at: run.clock.now(), channel: 'amazon-us', quantity: 1, previous: null, outcome: 'failed', why: '{}' } as const
    const skus = Array.from({ length: 22 }, (_, i) => `SKU-${i % 11}`)
    await logPublications(
      run.db,
      skus.map((sku) => ({ ...row, id: run.ids.next(), sku, detail: 'refused', report: null, run_id: run.id })),
    )
    await alertRates(run)
    expect(await openAlerts(run.db)).toMatchObject([
      { rule: 'publications-failing', message: expect.stringMatching(/^11 SKUs .* such as SKU-.*: refused$/) },
    ])
  })

  it('leave out what had to wait, and what an outage of the account explains, also after its end', async () => {
    await failures('push', 60, 'amazon-us', 'throttled')
    await failures('push', 60, 'mirakl-macys')
    const outage = {
      id: 'outage',
      rule: 'push-failed',
      channel: 'shipstation',
      severity: 'critical',
      message: '',
      next: '',
    } as const
    await raiseAlert(run.db, outage, run.clock.now())
    expect(await open()).toEqual(['push-failed shipstation critical'])
    run.clock.advance(MINUTE)
    await resolveAlert(run.db, 'push-failed', 'shipstation', run.clock.now())
    expect(await open()).toEqual([])
    run.clock.advance(MINUTE)
    await failures('push', 60, 'ebay-main')
    expect(await open()).toEqual(['orders-failing ebay-main critical'])
  })
})
