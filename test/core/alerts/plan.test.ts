import { describe, expect, it } from 'vitest'
import { mediaFor, type PlanSettings, planNotices } from '../../../src/core/alerts/plan.ts'
import type { AlertState } from '../../../src/core/db/notices.ts'
import { HOUR, MINUTE, noon } from '../../world/a-clock.ts'
import { anAlert } from '../../world/an-alert.ts'

const settings: PlanSettings = { renotifyMs: 4 * HOUR, resolveAfterMs: 10 * MINUTE, downAfter: 3 }

const told = { notified_at: noon, notified_severity: 'warning' } as const

/** `opened missing-orders`, `over pull-failed` ... */
function said(alerts: readonly AlertState[], now = noon): readonly string[] {
  const { tell, over } = planNotices(alerts, settings, now)
  return [...tell.map(({ kind, alert }) => `${kind} ${alert.rule}`), ...over.map(({ rule }) => `over ${rule}`)]
}

describe('what is told of an alert', () => {
  const later = noon + 4 * HOUR
  it.each<[string, Partial<AlertState>, number, readonly string[]]>([
    ['new', {}, noon, ['opened missing-orders']],
    ['told a moment ago', { ...told, last_seen_at: noon + 1 }, later - 1, []],
    ['seen again after the interval', { ...told, last_seen_at: noon + 1 }, later, ['repeated missing-orders']],
    ['not seen again since', told, later, []],
    ['worse than when it was told', { ...told, severity: 'critical' }, noon + 1, ['escalated missing-orders']],
    ['acknowledged', { ...told, last_seen_at: noon + 1, acknowledged_at: noon }, later, []],
    ['acknowledged, and worse', { ...told, severity: 'critical', acknowledged_at: noon }, later, ['escalated missing-orders']],
    ['asleep', { snoozed_until: later }, later - 1, []],
    ['awake again', { snoozed_until: later }, later, ['opened missing-orders']],
    ['asleep, and worse', { ...told, severity: 'critical', snoozed_until: later }, noon, ['escalated missing-orders']],
    ['over for a moment', { ...told, resolved_at: noon }, noon + 10 * MINUTE - 1, []],
    ['over for long enough', { ...told, resolved_at: noon }, noon + 10 * MINUTE, ['over missing-orders']],
    ['over before anybody was told', { resolved_at: noon }, later, []],
    ['one failed run', { rule: 'pull-failed' }, noon, []],
    ['three failed runs', { rule: 'pull-failed', count: 3 }, noon, ['opened pull-failed']],
    ['refused credentials', { rule: 'pull-failed', severity: 'critical' }, noon, ['opened pull-failed']],
  ])('%s', (_, change, now, expected) => {
    expect(said([anAlert(change)], now)).toEqual(expected)
  })
})

describe('an outage', () => {
  const down = anAlert({ rule: 'pull-failed', severity: 'critical' })

  it.each<[string, Partial<AlertState>, readonly string[]]>([
    ['hides what follows from it', { rule: 'missing-orders' }, []],
    ['hides what is as grave', { rule: 'missing-orders', severity: 'critical' }, []],
    ['hides the same outage seen by another command', { rule: 'confirm-failed', severity: 'critical' }, []],
    ['hides nothing of other channels', { channel: 'ebay-main' }, ['opened missing-orders']],
  ])('%s', (_, change, more) => {
    expect(said([down, anAlert(change)])).toEqual(['opened pull-failed', ...more])
  })

  it('that is only a warning does not hide what is critical', () => {
    const warning = anAlert({ rule: 'pull-failed', count: 3 })
    expect(said([warning, anAlert({ severity: 'critical' })])).toEqual(['opened pull-failed', 'opened missing-orders'])
  })

  it('of ShipStation hides what it does to every channel', () => {
    const shipstation = anAlert({ rule: 'push-failed', channel: 'shipstation', severity: 'critical' })
    const children = ['dead-push', 'orders-failing', 'missing-orders'].map((rule) => anAlert({ rule }))
    expect(said([shipstation, ...children, anAlert({ rule: 'poison' })])).toEqual(['opened push-failed', 'opened poison'])
  })

  it('that has just ended gives what follows from it the time to end as well', () => {
    const ended = { ...down, ...told, resolved_at: noon }
    const child = anAlert({ rule: 'confirm-failed', severity: 'critical' })
    expect(said([ended, child], noon + 10 * MINUTE - 1)).toEqual([])
    expect(said([ended, child], noon + 10 * MINUTE)).toEqual(['opened confirm-failed', 'over pull-failed'])
  })
})

describe('an alert that comes and goes', () => {
  it('is one for people as long as it comes back in time', () => {
    const before = anAlert({ ...told, resolved_at: noon, acknowledged_at: noon })
    const again = anAlert({ opened_at: noon + MINUTE, last_seen_at: noon + MINUTE })
    const plan = planNotices([before, again], settings, noon + MINUTE)
    expect([plan.tell, plan.over]).toEqual([[], []])
    expect(plan.inherit).toMatchObject([{ alert: { id: again.id }, from: { id: before.id } }])
    expect(plan.forget.map(({ id }) => id)).toEqual([before.id])
  })

  it('is told when it comes back worse', () => {
    const before = anAlert({ ...told, resolved_at: noon })
    expect(said([before, anAlert({ severity: 'critical' })], noon + MINUTE)).toEqual(['escalated missing-orders'])
  })
})

describe('by what people are told', () => {
  const routes = { warning: ['email'], critical: ['email', 'sms'] } as const
  it('is as the configuration says for the severity', () => {
    expect(mediaFor(anAlert(), 'warning', routes)).toEqual(['email'])
    expect(mediaFor(anAlert(), 'critical', routes)).toEqual(['email', 'sms'])
  })

  it('is any other medium where one of them is the trouble', () => {
    expect(mediaFor(anAlert({ rule: 'notify-failed', channel: 'email' }), 'warning', routes)).toEqual(['sms'])
    expect(mediaFor(anAlert({ rule: 'dead-notify', channel: 'sms' }), 'warning', routes)).toEqual(['email'])
  })
})

describe('so many failures that a rate is alerted', () => {
  const rate = anAlert({ rule: 'orders-failing', severity: 'critical' })

  it.each<[string, Partial<AlertState>, Partial<AlertState>, readonly string[]]>([
    ['tell of those that were given up', {}, {}, []],
    ['tell of them on every channel, where all are counted together', { channel: 'all' }, {}, []],
    ['tell nothing of another channel', { channel: 'ebay-main' }, {}, ['opened dead-push']],
    ['tell nothing of another kind of work', {}, { rule: 'dead-confirm' }, ['opened dead-confirm']],
    ['as a warning tell nothing of what is critical', { severity: 'warning' }, { severity: 'critical' }, ['opened dead-push']],
  ])('%s', (_, change, given, more) => {
    expect(said([{ ...rate, ...change }, anAlert({ rule: 'dead-push', ...given })])).toEqual(['opened orders-failing', ...more])
  })

  it('no longer tell of what stays given up when the hour is over', () => {
    const ended = { ...rate, ...told, resolved_at: noon }
    const left = anAlert({ rule: 'dead-push' })
    expect(said([ended, left], noon + 10 * MINUTE - 1)).toEqual([])
    expect(said([ended, left], noon + 10 * MINUTE)).toEqual(['opened dead-push', 'over orders-failing'])
  })
})
